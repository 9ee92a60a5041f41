//! Kills and restarts nodes on loopback while a user submits.

use crate::{
    client::Client,
    common::{Folder, fusor},
    nodes::{Nodes, Place},
};
use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

/// Returns places on loopback; all ports are held until all are known.
pub fn places(count: usize) -> Vec<Place> {
    let taken: Vec<_> = (0..2 * count).map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap()).collect();
    let addresses: Vec<SocketAddr> = taken.iter().map(|taken| taken.local_addr().unwrap()).collect();
    addresses.chunks(2).map(|pair| Place { peers: pair[0], rpc: pair[1], namespace: None }).collect()
}

#[test]
fn what_was_taken_is_final_once_though_a_node_is_killed_again_and_again() {
    let mut nodes = Nodes::new(places(4));
    (0..4).for_each(|index| nodes.start(index));
    nodes.reach(&[0, 1, 2, 3], 1, 60);
    let mut client = Client::default();
    for _ in 0..3 {
        // The node that dies is among those that say they took something.
        nodes.submit(&mut client, &[3, 0, 1], Duration::from_millis(1_500));
        nodes.kill(3);
        nodes.submit(&mut client, &[0, 1, 2], Duration::from_millis(1_500));
        nodes.start(3);
    }
    nodes.submit(&mut client, &[0, 1, 2], Duration::from_millis(500));
    assert!(client.taken.len() > 30, "{}", client.taken.len());
    nodes.agree(&client, 60);
    (0..4).for_each(|index| nodes.end(index));
}

#[test]
fn what_keeps_a_node_from_starting_is_said_and_nothing_is_written() {
    let nodes = Nodes::new(places(1));
    let folder = nodes.folder.path();
    let genesis = folder.join("genesis.json");
    let keys = folder.join("keys-0");
    let data = folder.join("data");
    let run = |changes: &[&str]| {
        let mut args = vec!["node", "--datadir", data.to_str().unwrap()];
        for (option, value) in [("--genesis", &genesis), ("--keys", &keys)] {
            if !changes.contains(&option) {
                args.extend([option, value.to_str().unwrap()]);
            }
        }
        args.extend(changes);
        let error = fusor(&args).fails(1);
        assert!(!data.exists(), "{error}");
        error
    };
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let holder = TcpListener::bind(taken).unwrap();
    assert!(run(&["--listen", &taken.to_string()]).contains("choose another address with --listen"));
    drop(holder);
    assert!(run(&["--listen", "0.0.0.0:7337"]).contains("--external"));
    assert!(run(&["--bootstrap", "nobody"]).contains("expected KEY@HOST:PORT, found `nobody`"));
    assert!(run(&["--keys", "/no/such/folder"]).contains("cannot read /no/such/folder"));
    let empty = Folder::new();
    let wrong = empty.write("genesis.json", "{}\n");
    let error = run(&["--genesis", wrong.to_str().unwrap()]);
    assert!(error.contains("genesis.json:1:"), "{error}");
}

#[test]
fn the_status_of_nobody_is_an_error() {
    let error = fusor(&["status", "--rpc", "http://127.0.0.1:1"]).fails(1);
    assert!(error.contains("http://127.0.0.1:1: no answer"), "{error}");
    let error = fusor(&["status", "--rpc", "ws://127.0.0.1:1"]).fails(1);
    assert!(error.contains("expected http://HOST:PORT"), "{error}");
}
