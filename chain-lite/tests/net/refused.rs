//! Refuses to start, with nothing written.

use crate::rig::{Folder, configs, free};
use fusor_chain_lite::{
    Genesis,
    net::{NodeConfig, prepare},
};
use std::{
    net::TcpListener,
    time::{SystemTime, UNIX_EPOCH},
};

/// Checks that a node is refused with words, and that nothing was written.
#[track_caller]
fn refused(config: NodeConfig, words: &str) {
    let datadir = config.datadir.clone();
    let error = prepare(vec![config]).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert!(!datadir.exists(), "{} was made", datadir.display());
}

fn config(folder: &Folder) -> NodeConfig {
    configs(folder, 1).pop().unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn ports_in_use_are_named_with_their_option() {
    let folder = Folder::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = taken.local_addr().unwrap();
    refused(NodeConfig { listen: address, ..config(&folder) }, "--listen");
    refused(NodeConfig { rpc: Some(address), ..config(&folder) }, "--rpc");
    refused(NodeConfig { metrics: Some(address), ..config(&folder) }, &format!("cannot listen on {address}"));
    assert!(free().port() > 0);
}

#[test]
fn a_clock_before_the_chains_beginning_is_refused() {
    let folder = Folder::new();
    let mut config = config(&folder);
    config.genesis.time = now() + 1_000;
    refused(config, "begins in ");
}

#[test]
fn a_genesis_without_validators_is_refused() {
    let folder = Folder::new();
    let config = config(&folder);
    refused(
        NodeConfig { genesis: Genesis { consensus: None, ..config.genesis.clone() }, ..config },
        "no consensus",
    );
}

#[test]
fn a_folder_that_is_a_file_is_refused() {
    let folder = Folder::new();
    let mut config = config(&folder);
    std::fs::write(folder.path().join("file"), b"x").unwrap();
    config.datadir = folder.path().join("file/data");
    refused(config, "cannot use the data folder");
}

#[test]
fn a_folder_of_another_chain_is_refused_and_left_as_it_was() {
    let folder = Folder::new();
    let mut config = config(&folder);
    let first = prepare(vec![config.clone()]).unwrap();
    assert!(first[0].is_validator());
    drop(first);
    let file = fusor_chain_lite::store::Store::file(&config.datadir);
    let before = std::fs::read(&file).unwrap();
    config.genesis.block_gas_limit -= 1;
    let error = prepare(vec![config]).unwrap_err().to_string();
    assert!(error.contains("of another chain"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = Folder::new();
    let config = config(&folder);
    let _first = prepare(vec![config.clone()]).unwrap();
    let error = prepare(vec![config]).unwrap_err().to_string();
    assert!(error.contains("open in another process"), "{error}");
}

#[test]
fn a_node_that_is_no_validator_is_told_so() {
    let folder = Folder::new();
    let mut config = config(&folder);
    config.keys = fusor_chain_lite::node::NodeKeys::from_seed(99);
    let prepared = prepare(vec![config]).unwrap();
    assert!(!prepared[0].is_validator());
}
