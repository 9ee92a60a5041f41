//! Talks to the server over a socket: batches, limits, and bytes that are no requests.

use crate::rig::{Rig, raw, transfer};
use alloy_primitives::{Address, hex};
use fusor_chain_lite::rpc::{RpcServer, ServerLimits, answer, serve};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};
use tokio::runtime::Runtime;

/// Is a server that runs until it is dropped.
pub struct Served {
    pub rig: Rig,
    pub server: RpcServer,
    _runtime: Runtime,
}

impl Served {
    pub fn new(rig: Rig, limits: ServerLimits) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = runtime.block_on(serve(rig.single.clone(), any, limits)).unwrap();
        Self { rig, server, _runtime: runtime }
    }

    /// Posts a body; returns the status line and the answer's body.
    fn post(&self, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // The server may refuse before it has read all.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let body = answer.get(end + 4..).unwrap_or_default().to_vec();
        (head.lines().next().unwrap_or_default().to_owned(), body)
    }

    fn ask(&self, request: &Value) -> Value {
        let (_, body) = self.post(request.to_string().as_bytes());
        serde_json::from_slice(&body).unwrap()
    }

    fn alive(&self) -> bool {
        self.ask(&request("eth_chainId", json!([])))["result"] == "0x539"
    }
}

fn request(method: &str, parameters: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters })
}

fn limits() -> ServerLimits {
    ServerLimits { request_bytes: 200_000, batch: 10, ..ServerLimits::default() }
}

#[test]
fn answers_batches_and_keeps_limits() {
    let served = Served::new(Rig::new(), limits());
    let code = |answer: &Value| answer["error"]["code"].as_i64();
    let one = |id: u32, method: &str| json!({ "jsonrpc": "2.0", "id": id, "method": method });
    let batch = served.ask(&json!([one(1, "eth_chainId"), one(2, "eth_mine"), one(3, "net_version")]));
    assert_eq!(
        (&batch[0]["result"], code(&batch[1]), &batch[2]["id"]),
        (&json!("0x539"), Some(-32_601), &json!(3))
    );
    let many = json!(vec![one(1, "eth_chainId"); 11]);
    assert_eq!(code(&served.ask(&many)), Some(-32_010), "more than 10 in a batch");
    assert_eq!(code(&served.ask(&json!([]))), Some(-32_600));
    assert_eq!(code(&served.ask(&request("eth_getBalance", json!(["0x12"])))), Some(-32_602));
    let reverts = served.ask(&request("eth_call", json!([{ "to": crate::rig::REFUSER }])));
    assert_eq!(code(&reverts), Some(3));
    assert!(reverts["error"]["data"].as_str().unwrap().starts_with("0x08c379a0"));
    let (status, _) = served.post(&vec![b' '; 200_001]);
    assert!(status.contains("413"), "{status}");
    let big = format!("0x{}", "ab".repeat(99_000));
    assert!(code(&served.ask(&request("eth_sendRawTransaction", json!([big])))).is_some());
    let hash = served.ask(&request("eth_sendRawTransaction", json!([raw(transfer(0, Address::ZERO))])));
    let receipt = served.ask(&request("eth_getTransactionReceipt", json!([hash["result"]])));
    assert_eq!(receipt["result"]["status"], "0x1");
    assert!(served.alive());
    served.server.stop();
}

#[test]
fn a_port_in_use_is_an_error() {
    let served = Served::new(Rig::new(), limits());
    let again = served._runtime.block_on(serve(served.rig.single.clone(), served.server.address(), limits()));
    assert_eq!(again.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn reads_and_submissions_at_once_agree() {
    let served = Served::new(Rig::new(), limits());
    let context = &served.rig.context;
    std::thread::scope(|scope| {
        for worker in 0..4u64 {
            scope.spawn(move || {
                for nonce in (worker..40).step_by(4) {
                    let parameters = json!([raw(transfer(nonce, Address::ZERO))]).to_string();
                    answer(context, "eth_sendRawTransaction", Some(&parameters)).unwrap();
                    answer(context, "eth_getBlockByNumber", Some(r#"["latest", true]"#)).unwrap();
                }
            });
        }
    });
    assert_eq!(served.rig.single.read().nonce(crate::rig::address()), 40);
}

fn parameter() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|raw| json!(hex::encode_prefixed(raw))),
        any::<u64>().prop_map(|value| json!(format!("{value:#x}"))),
        "[ -~]{0,20}".prop_map(|text| json!(text)),
        prop::sample::select(vec!["latest", "pending", "earliest", "newHeads", "logs"])
            .prop_map(|tag| json!(tag)),
        prop::sample::select(vec![crate::rig::PROBE, crate::rig::MIRROR, crate::rig::address()])
            .prop_map(|who| json!(who)),
    ];
    let names = vec![
        "from",
        "to",
        "gas",
        "value",
        "data",
        "input",
        "gasPrice",
        "maxFeePerGas",
        "nonce",
        "type",
        "chainId",
        "accessList",
        "authorizationList",
        "fromBlock",
        "toBlock",
        "blockHash",
        "address",
        "topics",
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        let name = prop::sample::select(names.clone());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

#[test]
fn no_bytes_break_the_server() {
    let served = Served::new(Rig::new(), limits());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
    let bodies = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        "[\\[\\]{}\":,0-9a-z ]{0,200}".prop_map(String::into_bytes),
        (1usize..5_000).prop_map(|depth| b"[".repeat(depth)),
        (0usize..100).prop_map(|cut| {
            let mut body = request("eth_getBalance", json!([Address::ZERO, "latest"])).to_string();
            body.truncate(cut);
            body.into_bytes()
        }),
    ];
    runner
        .run(&bodies, |body| {
            served.post(&body);
            Ok(())
        })
        .unwrap();
    assert!(served.alive());
}

proptest! {
    #[test]
    fn no_parameters_panic(
        method in prop::sample::select(fusor_chain_lite::rpc::METHODS),
        parameters in prop::collection::vec(parameter(), 0..4),
    ) {
        thread_local!(static RIG: Rig = Rig::new());
        RIG.with(|rig| {
            // Every answer can be printed.
            let _ = answer(&rig.context, method.name, Some(&json!(parameters).to_string())).map(|value| value.to_string());
        });
    }

    #[test]
    fn no_transaction_bytes_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        ty in 0u8..6,
        cut in 0usize..300,
        flip in any::<usize>(),
    ) {
        thread_local!(static RIG: Rig = Rig::new());
        RIG.with(|rig| {
            let good = hex::decode(raw(transfer(0, Address::ZERO))).unwrap();
            let mut bad = good.clone();
            let at = flip % bad.len();
            bad[at] ^= 1;
            bytes.insert(0, ty);
            for sent in [&bytes[..], &good[..cut.min(good.len() - 1)], &bad[..]] {
                let parameters = json!([hex::encode_prefixed(sent)]).to_string();
                let _ = answer(&rig.context, "eth_sendRawTransaction", Some(&parameters));
            }
        });
    }
}
