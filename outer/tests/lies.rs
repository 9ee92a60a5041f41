//! Sets nodes before both chains that are down, slow, too talkative or lie. Nothing panics, and every error says what
//! to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use alloy_primitives::U256;
use common::Key;
use fusor_outer::{
    Asset, ChainConfig, ConfigError, FeeFrom, OuterChain, OuterError, Request, Scheme, Vault, connect,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

type Answer = Arc<dyn Fn(&str) -> Vec<u8> + Send + Sync>;

/// Answers every request on a port of its own with what a function makes of the body.
fn serve(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || respond(stream, &answer));
        }
    });
    url
}

fn respond(mut stream: TcpStream, answer: &Answer) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let _ = stream.write_all(&answer(body));
                return;
            }
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
}

fn http(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

fn bitcoin(url: &str) -> Box<dyn OuterChain> {
    let node = json!({"url": url, "timeout_ms": 400, "response_bytes_max": 4096});
    open(
        json!({"kind": "bitcoin", "network": "bitcoin", "node": node, "confirmations": 2, "fee_rate_min": 1000,
        "fee_rate_max": 100_000, "fee_max": 1_000_000, "deposit_min": 1000}),
    )
}

fn ethereum(url: &str) -> Box<dyn OuterChain> {
    let node = json!({"url": url, "timeout_ms": 400, "response_bytes_max": 4096});
    open(json!({"kind": "ethereum", "chain_id": 1, "node": node, "confirmations": 2, "max_fee_cap": 1000,
        "priority_fee": 1, "coin_gas_max": 60_000, "token_gas_max": 200_000, "fund_max": 1, "deposit_min": 1}))
}

fn open(config: Value) -> Box<dyn OuterChain> {
    connect(ChainConfig::from_json(&config.to_string()).unwrap()).unwrap()
}

fn vault() -> Vault {
    let lock = |name| Key::new(name, Scheme::Ecdsa).lock;
    Vault { main: lock("main"), deposits: vec![lock("first")] }
}

/// Calls everything that asks the node; returns the errors.
fn ask(chain: &dyn OuterChain) -> Vec<OuterError> {
    let errors = [
        chain.check_network().err(),
        chain.height().err(),
        chain.observe(&vault(), &chain.begin(1)).err(),
        chain.view(&vault()).err(),
    ];
    errors.into_iter().flatten().collect()
}

fn both(url: &str) -> Vec<OuterError> {
    [bitcoin(url), ethereum(url)].iter().flat_map(|chain| ask(chain.as_ref())).collect()
}

#[test]
fn says_that_a_node_is_down() {
    let errors = both(&format!("http://127.0.0.1:{}", common::free_port()));
    assert_eq!(errors.len(), 8);
    for error in errors {
        assert!(matches!(error, OuterError::Down { .. }), "{error}");
        assert!(error.to_string().contains("start the node"));
    }
}

#[test]
fn says_that_a_node_is_slow() {
    let url = serve(Arc::new(|_| {
        std::thread::sleep(Duration::from_secs(3));
        Vec::new()
    }));
    let error = bitcoin(&url).height().unwrap_err();
    assert!(matches!(error, OuterError::Slow { millis: 400, .. }), "{error}");
}

#[test]
fn bounds_what_a_node_answers() {
    let url = serve(Arc::new(|_| http(&format!(r#"{{"id":0,"result":"{}"}}"#, "0".repeat(10_000)))));
    for error in both(&url) {
        assert!(matches!(error, OuterError::Oversized { most: 4096, .. }), "{error}");
    }
}

#[test]
fn refuses_nonsense() {
    let answers = [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "<html>",
        r#"{"result":null}"#,
        r#"{"id":0,"result":[]}"#,
        r#"{"id":0,"result":{"blocks":-1,"bestblockhash":"00"}}"#,
        r#"{"id":0,"result":"0xzz"}"#,
        r#"{"id":0,"result":{"number":"0xffffffffffffffffffffffff","hash":"0x00"}}"#,
        "[[[[[[[[",
    ];
    for answer in answers {
        let url = serve(Arc::new(move |_| http(answer)));
        let errors = both(&url);
        assert_eq!(errors.len(), 8, "{answer}");
        for error in errors {
            assert!(matches!(error, OuterError::Nonsense { .. }), "{answer}: {error}");
        }
    }
    let url = serve(Arc::new(|_| b"SSH-2.0-OpenSSH\r\n".to_vec()));
    assert_eq!(both(&url).len(), 8);
}

#[test]
fn passes_on_what_a_node_complains_about() {
    let url =
        serve(Arc::new(|_| http(r#"{"id":0,"error":{"code":-28,"message":"Loading block index..."}}"#)));
    let error = bitcoin(&url).height().unwrap_err();
    assert!(
        matches!(&error, OuterError::Node { code: -28, message, .. } if message.starts_with("Loading")),
        "{error}"
    );
}

/// A node that claims heights beyond all sense.
#[test]
fn refuses_heights_that_no_chain_has() {
    let hash = "00".repeat(32);
    let info = format!(r#"{{"id":0,"result":{{"blocks":18446744073709551615,"bestblockhash":"{hash}"}}}}"#);
    let url = serve(Arc::new(move |_| http(&info)));
    assert!(matches!(bitcoin(&url).height(), Err(OuterError::Nonsense { .. })));
    let head = format!(r#"{{"id":0,"result":{{"number":"0xffffffffffffffff","hash":"0x{hash}"}}}}"#);
    let url = serve(Arc::new(move |_| http(&head)));
    assert!(matches!(ethereum(&url).height(), Err(OuterError::Nonsense { .. })));
}

/// A node that serves another block than was asked for.
#[test]
fn refuses_a_block_that_was_not_asked_for() {
    let (a, b) = ("11".repeat(32), "22".repeat(32));
    let url = serve(Arc::new(move |body| {
        http(&match body {
            body if body.contains("getblockchaininfo") => {
                format!(r#"{{"id":0,"result":{{"blocks":10,"bestblockhash":"{a}"}}}}"#)
            }
            body if body.contains("getblockhash") => format!(r#"{{"id":0,"result":"{a}"}}"#),
            _ => format!(r#"{{"id":0,"result":{{"hash":"{b}","height":1,"tx":[]}}}}"#),
        })
    }));
    let chain = bitcoin(&url);
    let error = chain.observe(&vault(), &chain.begin(1)).unwrap_err();
    assert!(matches!(error, OuterError::Nonsense { .. }), "{error}");
}

#[test]
fn refuses_configurations_that_cannot_work() {
    let text = |node: Value, rate: u64| {
        json!({"kind": "bitcoin", "network": "bitcoin", "node": node, "confirmations": 2, "fee_rate_min": rate,
            "fee_rate_max": 100, "fee_max": 1, "deposit_min": 1})
        .to_string()
    };
    let error = |text: String| match ChainConfig::from_json(&text) {
        Err(error) => error,
        Ok(config) => connect(config).err().unwrap(),
    };
    let http = json!({"url": "http://127.0.0.1:1"});
    assert!(matches!(error(text(json!({"url": "https://node.example"}), 1)), ConfigError::Url(_)));
    assert!(matches!(error(text(json!({"url": "http://a:b@node"}), 1)), ConfigError::Url(_)));
    assert_eq!(error(text(json!({"url": "http://node", "user": "x"}), 1)), ConfigError::Credentials);
    assert!(matches!(error(text(http.clone(), 101)), ConfigError::Range { name: "fee_rate_min", .. }));
    let unknown = text(http.clone(), 1).replace("\"network\":\"bitcoin\"", "\"network\":\"dogecoin\"");
    assert!(matches!(error(unknown), ConfigError::Network(..)));
    let spare = text(http, 1).replace("\"fee_max\"", "\"fee_maximum\"");
    assert!(matches!(error(spare), ConfigError::Json(_)));
}

/// Makes JSON of the shapes that answers have, mostly wrong.
fn answer() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "[0-9a-f]{0,70}".prop_map(Value::from),
        any::<u64>().prop_map(|number| Value::from(format!("{number:#x}"))),
        any::<[u8; 32]>().prop_map(|hash| Value::from(format!("0x{}", alloy_primitives::hex::encode(hash)))),
        any::<[u8; 32]>().prop_map(|hash| Value::from(alloy_primitives::hex::encode(hash))),
    ];
    let names = "hash|number|height|blocks|bestblockhash|tx|vin|vout|value|parentHash|transactions|unspents|success\
                 |bestblock|amount|feerate|baseFeePerGas|txid|scriptPubKey|hex";
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..8).prop_map(Value::from_iter),
        ]
    })
}

/// Answers each method in the right shape with numbers that no honest node would give.
fn extreme(body: &str, height: u64, amount: &str, hash: &str) -> String {
    let script = format!("0014{}", "00".repeat(20));
    let vault = bitcoin("http://127.0.0.1:1");
    let address = vault.address(&vault_lock("first"), Scheme::Ecdsa).unwrap();
    let ours = alloy_primitives::hex::encode(vault.parse_destination(&address).unwrap().script);
    let out =
        |script: &str| format!(r#"{{"n":4294967295,"value":{amount},"scriptPubKey":{{"hex":"{script}"}}}}"#);
    let unspent = format!(
        r#"{{"txid":"{hash}","vout":1,"scriptPubKey":"{ours}","amount":{amount},"height":{height}}}"#
    );
    let result = match body {
        body if body.contains("getblockchaininfo") => {
            format!(r#"{{"blocks":499999999,"bestblockhash":"{hash}"}}"#)
        }
        body if body.contains("getblockhash") => format!(r#""{hash}""#),
        body if body.contains("getblock") => {
            let outs = [out(&script), out(&ours), out(&ours), out("zz")].join(",");
            format!(
                r#"{{"hash":"{hash}","height":1,"tx":[{{"txid":"{hash}","vin":[{{"coinbase":"00"}}],"vout":[{outs}]}}]}}"#
            )
        }
        body if body.contains("scantxoutset") => format!(
            r#"{{"success":true,"height":{height},"bestblock":"{hash}","unspents":[{unspent},{unspent}]}}"#
        ),
        body if body.contains("estimatesmartfee") => format!(r#"{{"feerate":{amount}}}"#),
        _ => "null".to_string(),
    };
    format!(r#"{{"id":0,"result":{result}}}"#)
}

fn vault_lock(name: &str) -> [u8; 33] {
    Key::new(name, Scheme::Ecdsa).lock.key
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_answer_panics(result in answer()) {
        let text = json!({"id": 0, "result": result}).to_string();
        let url = serve(Arc::new(move |body| match body.starts_with('[') {
            true => http(&format!("[{text}]")),
            false => http(&text),
        }));
        let _ = both(&url);
    }

    #[test]
    fn no_extreme_number_panics(
        height in prop_oneof![Just(0), Just(u64::MAX), Just(u64::MAX - 1), any::<u64>()],
        amount in prop_oneof![
            Just("184467440737.09551615".to_string()),
            Just("0.00000000".to_string()),
            "[0-9]{1,12}\\.[0-9]{8}",
        ],
        hash in "[0-9a-f]{64}",
    ) {
        let url = serve(Arc::new(move |body| {
            let answer = extreme(body, height, &amount, &hash);
            http(&if body.starts_with('[') { format!("[{answer}]") } else { answer })
        }));
        let chain = bitcoin(&url);
        let _ = chain.observe(&vault(), &chain.begin(1));
        let to = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_string();
        if let Ok(view) = chain.view(&vault()) {
            for fee_from in [FeeFrom::Vault, FeeFrom::Amount] {
                for amount in [0, 1, 1_000_000, u64::MAX] {
                    let (to, amount) = (to.clone(), U256::from(amount));
                    let _ = chain.plan(&Request::LockOut { asset: Asset::Native, to, amount, fee_from }, &view);
                }
            }
            let _ = chain.plan(&Request::Sweep { asset: Asset::Native, from: vault().deposits[0].path }, &view);
        }
    }
}
