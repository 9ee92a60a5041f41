//! Has a node of four lose its disk and come back from a snapshot of its state.

use crate::{
    client::{Client, ask, height},
    common::fusor,
    loopback::places,
    nodes::Nodes,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Exports from a stopped node; a later block is tried where the head cannot be exported.
fn export(nodes: &mut Nodes, index: usize, file: &str) -> String {
    let genesis = nodes.folder.path().join("genesis.json");
    for _ in 0..3 {
        let data = nodes.datadir(index);
        let args = [
            "snapshot",
            "export",
            file,
            "--datadir",
            data.to_str().unwrap(),
            "--genesis",
            genesis.to_str().unwrap(),
        ];
        let ran = fusor(&args);
        if ran.code == 0 {
            return ran.out;
        }
        assert!(ran.err.contains("try again"), "{}", ran.err);
        nodes.start(index);
        let goal = nodes.highest() + 2;
        nodes.reach(&[index], goal, 30);
        nodes.end(index);
    }
    panic!("no snapshot");
}

#[test]
fn a_node_without_a_disk_comes_back_from_a_snapshot_and_votes() {
    let mut nodes = Nodes::new(places(4));
    (0..4).for_each(|index| nodes.start(index));
    nodes.reach(&[0, 1, 2, 3], 3, 60);
    let mut client = Client::default();
    nodes.submit(&mut client, &[0, 1, 2], Duration::from_secs(2));

    let (data, folder) = (nodes.datadir(3), nodes.folder.path().to_path_buf());
    let genesis = folder.join("genesis.json");
    let file = folder.join("state.snapshot");
    let (file, genesis) = (file.to_str().unwrap(), genesis.to_str().unwrap());
    let running = ["snapshot", "export", file, "--datadir", data.to_str().unwrap(), "--genesis", genesis];
    let error = fusor(&running).fails(1);
    assert!(error.contains("open in another process"), "{error}");
    assert!(!folder.join("state.snapshot").exists());
    nodes.end(3);
    let said = export(&mut nodes, 3, file);
    let hash = said.lines().find_map(|line| line.strip_prefix("block ")).unwrap().to_owned();
    let shown = fusor(&["snapshot", "info", file, "--genesis", genesis]).succeeds();
    assert!(shown.contains(&format!("block {hash}\n")) && shown.contains("committee 4"), "{shown}");
    println!("{shown}");

    nodes.wipe(3);
    nodes.start_with(3, &["--snapshot", file, "--trust", &hash]);
    let goal = nodes.highest() + 2;
    nodes.reach(&[0, 1, 2, 3], goal, 60);
    // Without its vote there is no block now.
    nodes.kill(2);
    nodes.submit(&mut client, &[0, 1, 3], Duration::from_secs(2));
    nodes.reach(&[0, 1, 3], goal + 4, 60);
    nodes.start(2);
    nodes.reach(&[0, 1, 2, 3], goal + 6, 60);

    let block = |index: usize, number: u64| {
        ask(nodes.rpc(index), "eth_getBlockByNumber", &json!([format!("{number:#x}"), false]))
    };
    let top = height(nodes.rpc(3)).unwrap();
    for number in goal..=top.min(height(nodes.rpc(0)).unwrap()) {
        assert_eq!(block(0, number), block(3, number), "block {number}");
    }
    assert_eq!(block(3, 1), None::<Value>, "it has no blocks from before the snapshot");
    let error = fusor(&[
        "node",
        "--datadir",
        data.to_str().unwrap(),
        "--genesis",
        genesis,
        "--keys",
        folder.join("keys-3").to_str().unwrap(),
        "--listen",
        "127.0.0.1:1",
        "--snapshot",
        file,
    ]);
    assert_ne!(error.code, 0);
}
