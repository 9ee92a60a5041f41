//! Makes blocks, and lets a node with an empty disk join.

use crate::rig::{Folder, configs, free, transfer};
use commonware_runtime::{Clock, Runner, tokio};
use fusor_chain_lite::{
    net::{NodeConfig, Running, launch, prepare},
    rpc::{Context, NodeBackend, answer},
    store::Store,
};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

pub fn prepared(config: NodeConfig) -> fusor_chain_lite::net::Prepared {
    prepare(vec![config]).unwrap().pop().unwrap()
}

pub fn runner(folder: &Folder) -> tokio::Runner {
    let files = folder.path().join("consensus");
    std::fs::create_dir_all(&files).unwrap();
    tokio::Runner::new(tokio::Config::new().with_worker_threads(3).with_storage_directory(files))
}

pub fn height(running: &Running) -> u64 {
    running.node.ledger(|ledger| ledger.height())
}

/// Waits until `done`, or fails after `seconds`.
pub async fn until(context: &tokio::Context, seconds: u64, what: &str, mut done: impl FnMut() -> bool) {
    let over = Instant::now() + Duration::from_secs(seconds);
    while !done() {
        assert!(Instant::now() < over, "{what}: not after {seconds} s");
        context.sleep(Duration::from_millis(50)).await;
    }
}

fn post(address: SocketAddr, method: &str, params: &Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (_, body) = http(address, &(head + &body));
    serde_json::from_str(&body).unwrap()
}

fn http(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[test]
fn a_node_with_an_empty_disk_reaches_the_head() {
    let folder = Folder::new();
    let mut configs = configs(&folder, 4);
    configs[0].rpc = Some(free());
    configs[0].metrics = Some(free());
    let late = configs.pop().unwrap();
    runner(&folder).start(|context| async move {
        let mut running = Vec::new();
        for config in configs {
            running.push(launch(&context, prepared(config)).await.unwrap());
        }
        let rpc = running[0].rpc.as_ref().unwrap().address();
        let mut hashes = Vec::new();
        for nonce in 0..8 {
            hashes.push(running[nonce as usize % 3].node.submit_raw(&transfer(nonce)).unwrap().hash);
        }
        until(&context, 60, "12 blocks of 3 of 4 nodes", || height(&running[0]) >= 12).await;
        for hash in &hashes {
            let receipt = post(rpc, "eth_getTransactionReceipt", &json!([hash]));
            assert_eq!(receipt["result"]["status"], "0x1", "{receipt}");
        }
        sees_the_network(rpc, running[0].metrics.unwrap());

        let joined = launch(&context, prepared(late)).await.unwrap();
        let goal = height(&running[0]) + 3;
        until(&context, 60, "the fourth node at the head", || height(&joined) >= goal).await;
        let (one, other) = (height(&running[0]), height(&joined));
        let same = one.min(other);
        let hash = |running: &Running| {
            running.node.ledger(|ledger| ledger.chain().block(same).map(|block| block.hash))
        };
        assert!(hash(&joined).is_some());
        assert_eq!(hash(&joined), hash(&running[0]));
        println!("heights {one} and {other}, peers {}", joined.vitals.peers());
    });
}

fn sees_the_network(rpc: SocketAddr, metrics: SocketAddr) {
    let status = post(rpc, "fusor_status", &json!([]));
    println!("{status:#}");
    assert_eq!(status["result"]["peers"], "0x2");
    assert_ne!(status["result"]["packagesHeard"], "0x0");
    let validators = post(rpc, "fusor_validators", &json!([]));
    assert_eq!(validators["result"].as_array().unwrap().len(), 4);
    assert_eq!(validators["result"][0]["weight"], "0x64");
    let groups = post(rpc, "fusor_groups", &json!([]));
    let members =
        groups["result"].as_array().unwrap().iter().map(|group| group["members"].as_array().unwrap().len());
    assert_eq!(members.sum::<usize>(), 4, "{groups:#}");

    let (head, text) = http(metrics, "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(text.contains("fusor_peers{node=\"node-0\"} 2\n"), "{text}");
    assert!(text.ends_with("# EOF\n"));
    let (head, _) = http(metrics, "GET /other HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
}

#[test]
fn one_node_restarts_and_serves_what_is_only_on_disk() {
    let folder = Folder::new();
    let config = configs(&folder, 1).pop().unwrap();
    let hash = run_to(&folder, config.clone(), 4, Some(transfer(0)));
    run_to(&folder, config.clone(), 8, None);
    let prepared = prepared(config.clone());
    assert!(prepared.height() >= 8);
    let genesis = prepared.genesis();
    drop(prepared);
    let store = Store::open(&config.datadir, genesis).unwrap();
    let (height, _) = store.place(hash.unwrap()).unwrap().unwrap();
    assert!(height >= 1);
    assert!(store.own().unwrap().is_empty(), "a final transaction is forgotten");
}

pub fn run_to(
    folder: &Folder,
    config: NodeConfig,
    goal: u64,
    raw: Option<Vec<u8>>,
) -> Option<alloy_primitives::B256> {
    runner(folder).start(|context| async move {
        let running = launch(&context, prepared(config)).await.unwrap();
        let hash = raw.map(|raw| running.node.submit_raw(&raw).unwrap().hash);
        until(&context, 30, "blocks of one node", || height(&running) >= goal).await;
        hash
    })
}

#[test]
fn what_left_the_memory_is_served_from_the_store() {
    let folder = Folder::new();
    let config = configs(&folder, 1).pop().unwrap();
    let hash = run_to(&folder, config.clone(), 3, Some(transfer(0))).unwrap();
    runner(&folder).start(|context| async move {
        let running = launch(&context, prepared(config)).await.unwrap();
        running.node.ledger(|ledger| ledger.chain_mut().forget(1));
        let backend = NodeBackend::new(running.node.clone(), running.store.clone(), running.vitals.clone());
        let context = Context::new(Arc::new(backend));
        let ask = |method: &str, params: Value| answer(&context, method, Some(&params.to_string())).unwrap();
        let receipt = ask("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        let block = ask("eth_getBlockByHash", json!([receipt["blockHash"], false]));
        assert_eq!(block["number"], receipt["blockNumber"]);
        assert_eq!(ask("eth_getTransactionByHash", json!([hash]))["hash"], json!(hash));
        assert_eq!(ask("eth_getBlockByNumber", json!(["0x0", false]))["number"], "0x0");
        assert_eq!(ask("eth_getBlockByNumber", json!(["0xffff", false])), Value::Null);
    });
}
