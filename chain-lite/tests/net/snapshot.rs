//! Starts nodes from snapshots of others, and tidies what is not needed any more.

use crate::{
    rig::{Folder, configs, genesis, transfer},
    running::{height, prepared, run_to, runner, until},
};
use alloy_primitives::{Address, B256, U256};
use commonware_runtime::Runner;
use fusor_chain_lite::{
    net::{NetError, NodeConfig, SnapshotInfo, SnapshotSource, export, import, inspect, launch, prepare},
    store::Store,
};
use std::path::Path;

/// Runs one node until a snapshot can be taken in its second epoch, and takes it.
fn taken(folder: &Folder, config: &NodeConfig) -> (Vec<u8>, u64) {
    let mut goal = 12;
    run_to(folder, config.clone(), 3, Some(transfer(0)));
    loop {
        run_to(folder, config.clone(), goal, None);
        let mut file = Vec::new();
        match export(&config.datadir, &config.genesis, &mut file) {
            Ok(head) => return (file, head.height),
            Err(NetError::EpochEnds(height)) => goal = height + 1,
            Err(error) => panic!("{error}"),
        }
    }
}

fn begun(folder: &Path, file: &[u8], trust: Option<B256>) -> Result<SnapshotInfo, String> {
    import(folder, &genesis(1), file, trust).map_err(|error| error.to_string())
}

#[test]
fn a_node_goes_on_from_a_snapshot_and_lies_are_refused() {
    let (folder, other) = (Folder::new(), Folder::new());
    let mut config = configs(&folder, 1).pop().unwrap();
    let (file, at) = taken(&folder, &config);
    let info = inspect(&config.genesis, file.as_slice(), None).unwrap();
    assert_eq!((info.head.height, info.epoch, info.committee), (at, at / 10, 1));

    // Nothing is believed that is not known from elsewhere, and nothing is left.
    let data = other.path().join("data");
    let error = begun(&data, &file, None).unwrap_err();
    assert!(error.contains("--trust") && error.contains(&info.head.hash.to_string()), "{error}");
    let error = begun(&data, &file, Some(B256::repeat_byte(1))).unwrap_err();
    assert!(error.contains("not the trusted"), "{error}");
    let error = import(&data, &genesis(2), file.as_slice(), Some(info.head.hash)).unwrap_err().to_string();
    assert!(error.contains("of another chain"), "{error}");
    let error = begun(&data, &file[..file.len() - 1], Some(info.head.hash)).unwrap_err();
    assert!(error.contains("it ends at byte"), "{error}");
    assert!(std::fs::read_dir(&data).map_or(0, Iterator::count) == 0, "something is left");

    // The same command line starts the node: it votes, and enters the next epoch.
    let source = other.path().join("snapshot");
    std::fs::write(&source, &file).unwrap();
    config.datadir = data.clone();
    config.snapshot = Some(SnapshotSource { file: source, trust: Some(info.head.hash) });
    run_to(&other, config.clone(), at + 12, Some(transfer(1)));
    let again = prepare(vec![config.clone()]).unwrap_err().to_string();
    assert!(again.contains("is not empty") || again.contains("is there already"), "{again}");
    config.snapshot = None;
    // It starts again from its own disk.
    run_to(&other, config.clone(), at + 24, None);
    let ready = prepared(config);
    assert!(ready.height() >= at + 24);
    let genesis = ready.genesis();
    drop(ready);
    let store = Store::open(&data, genesis).unwrap();
    let (reading, receiver) = (store.read().unwrap(), Address::repeat_byte(0x77));
    assert_eq!(reading.first_block().unwrap(), Some(at));
    assert_eq!(reading.account(receiver).unwrap().unwrap().balance, U256::from(2));
    assert_eq!(store.block(1).unwrap(), None);
}

#[test]
fn a_certificate_of_others_is_refused() {
    let folder = Folder::new();
    let config = configs(&folder, 1).pop().unwrap();
    run_to(&folder, config.clone(), 3, None);
    let mut file = Vec::new();
    let head = export(&config.datadir, &config.genesis, &mut file).unwrap();
    assert!(inspect(&config.genesis, file.as_slice(), None).is_ok());
    // The signature is changed, and all checksums of the frame are made right again.
    let store = Store::import_on(
        fusor_chain_lite::store::fault::Disk::new().backend(),
        file.as_slice(),
        prepared(config.clone()).genesis(),
        |_: &fusor_chain_lite::store::SnapshotHead| Ok(()),
    )
    .unwrap();
    let mut forged = head.certificate.clone();
    *forged.last_mut().unwrap() ^= 1;
    store.put_certificate(head.height, &forged).unwrap();
    let mut file = Vec::new();
    store.export(&mut file).unwrap();
    let error = inspect(&config.genesis, file.as_slice(), None).unwrap_err().to_string();
    assert!(error.contains("not signed by") || error.contains("no certificate"), "{error}");
}

#[test]
fn journals_of_epochs_that_are_over_are_removed() {
    let folder = Folder::new();
    let config = configs(&folder, 1).pop().unwrap();
    run_to(&folder, config.clone(), 23, None);
    let engines = || {
        let names = std::fs::read_dir(folder.path().join("consensus")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.contains("-engine-")).collect();
        names.sort();
        names
    };
    let left = engines();
    assert!(left.iter().all(|name| !name.ends_with("-0") && !name.ends_with("-1")), "{left:?}");
    assert!(!left.is_empty());
    // What a crash left is removed at the next start.
    std::fs::create_dir_all(folder.path().join("consensus/node-0-engine-1")).unwrap();
    runner(&folder).start(|context| async move {
        let running = launch(&context, prepared(config)).await.unwrap();
        let goal = height(&running) + 1;
        until(&context, 30, "a block", || height(&running) >= goal).await;
    });
    let left = engines();
    assert!(left.iter().all(|name| !name.ends_with("-1")), "{left:?}");
}
