//! Watches deposits.

use crate::common::Key;
use crate::node::{COIN, CONFIRMATIONS, Node, coins, keys};
use fusor_outer::{Asset, Observation, OuterError, Scheme, Vault, bitcoin::hash_to_hex};

#[test]
fn credits_what_arrived_once_it_is_deep() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.tip() + 1);
    let (a, b) = (node.pay(&keys[1], 3 * COIN), node.pay(&keys[2], COIN / 2));
    node.pay(&keys[0], COIN);
    node.mine(1);
    for _ in 1..CONFIRMATIONS {
        assert!(node.drain(&vault, &mut cursor).is_empty());
        node.mine(1);
    }
    let found = node.drain(&vault, &mut cursor);
    assert_eq!(found.len(), 2, "the main lock is not reported");
    for (txid, key, amount) in [(a, &keys[1], 3 * COIN), (b, &keys[2], COIN / 2)] {
        let deposit = found.iter().find(|deposit| deposit.path == key.lock.path).unwrap();
        assert_eq!(deposit.outpoint.unwrap().txid, txid);
        assert_eq!((deposit.amount, deposit.asset), (coins(amount), Asset::Native));
        assert_eq!(
            (deposit.address.clone(), deposit.height),
            (node.address(key), node.tip() + 1 - CONFIRMATIONS)
        );
        assert!(!deposit.coinbase && !deposit.dust);
    }
    assert!(node.drain(&vault, &mut cursor).is_empty(), "nothing is reported twice");
    let mut again = node.chain.begin(1);
    assert_eq!(node.drain(&vault, &mut again), found, "another scan gives the same ids");
    let view = node.chain.view(&vault).unwrap();
    assert_eq!(view.confirmed[&Asset::Native], coins(9 * COIN / 2));
}

#[test]
fn takes_many_outputs_of_one_transaction_apart_and_marks_dust() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.tip() + 1);
    let (a, b, c) = (node.address(&keys[1]), node.address(&keys[2]), node.address(&keys[3]));
    let outputs = format!(r#"{{"{a}":1,"{b}":2,"{c}":0.00009999}}"#);
    node.cli(&["sendmany", "", &outputs]);
    let raw = node.cli(&["createrawtransaction", "[]", &format!(r#"[{{"{a}":0.1}},{{"data":"00ff"}}]"#)]);
    let funded = node.json(&["fundrawtransaction", &raw]);
    let signed = node.json(&["signrawtransactionwithwallet", funded["hex"].as_str().unwrap()]);
    node.cli(&["sendrawtransaction", signed["hex"].as_str().unwrap()]);
    node.mine(CONFIRMATIONS);
    let found = node.drain(&vault, &mut cursor);
    assert_eq!(found.len(), 4);
    let ids: std::collections::BTreeSet<_> = found.iter().map(|deposit| deposit.id).collect();
    assert_eq!(ids.len(), 4);
    let dust: Vec<_> = found.iter().filter(|deposit| deposit.dust).collect();
    assert_eq!(dust.len(), 1);
    assert_eq!(dust[0].amount, coins(9_999));
    let view = node.chain.view(&vault).unwrap();
    assert_eq!(view.confirmed[&Asset::Native], coins(310_000_000), "dust is not custody");
}

#[test]
fn holds_new_coins_back_until_they_can_be_spent() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.tip() + 1);
    node.mine_to(1, &node.address(&keys[1]));
    let mined_at = node.tip();
    node.mine(98);
    assert!(node.drain(&vault, &mut cursor).is_empty());
    assert_eq!(cursor.pending(), 1);
    assert!(node.chain.view(&vault).unwrap().coins.is_empty());
    node.mine(1);
    let found = node.drain(&vault, &mut cursor);
    assert_eq!(found.len(), 1);
    assert!(found[0].coinbase);
    assert_eq!((found[0].height, cursor.pending()), (mined_at, 0));
    assert_eq!(node.chain.view(&vault).unwrap().coins.len(), 1);
}

#[test]
fn reports_a_reorganisation_and_what_vanished_with_it() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.tip() + 1);
    let paid = node.pay(&keys[1], COIN);
    let raw = node.json(&["gettransaction", &hash_to_hex(&paid)])["hex"].as_str().unwrap().to_string();
    node.mine(1);
    // Before it is deep: nothing was credited, so nothing can vanish.
    node.invalidate(1);
    node.mine(1);
    assert!(node.drain(&vault, &mut cursor).is_empty());
    node.mine(CONFIRMATIONS - 1);
    let found = node.drain(&vault, &mut cursor);
    assert_eq!(found.len(), 1);
    // After it is deep. A node that only has fewer blocks is not yet a reason for alarm.
    node.invalidate(CONFIRMATIONS + 1);
    let behind = node.chain.observe(&vault, &cursor).unwrap_err();
    assert!(matches!(behind, OuterError::Behind { .. }), "{behind}");
    node.mine_empty(CONFIRMATIONS + 2);
    let Observation::Reorg { cursor: back, from_height, vanished } =
        node.chain.observe(&vault, &cursor).unwrap()
    else {
        panic!("no alarm");
    };
    assert_eq!((vanished, from_height), (vec![found[0].id], found[0].height));
    assert_eq!(back.next_height(), from_height);
    // The same output is mined again, and keeps its id.
    cursor = back;
    assert!(node.drain(&vault, &mut cursor).is_empty());
    let _ = node.try_cli(&["sendrawtransaction", &raw]);
    node.mine(CONFIRMATIONS);
    let again = node.drain(&vault, &mut cursor);
    assert_eq!(again.iter().map(|deposit| deposit.id).collect::<Vec<_>>(), vec![found[0].id]);
}

impl Node {
    /// Mines blocks that hold none of the waiting transactions.
    fn mine_empty(&self, count: u64) {
        let to = self.cli(&["getnewaddress", "", "bech32"]);
        for _ in 0..count {
            self.cli(&["generateblock", &to, "[]"]);
        }
    }
}

#[test]
fn reads_blocks_with_an_active_extension() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(400);
    node.mine(431 - node.tip());
    let hidden = node.cli(&["getnewaddress", "", "mweb"]);
    node.cli(&["sendtoaddress", &hidden, "5"]);
    node.mine(3);
    let info = node.json(&["getblockchaininfo"]);
    println!("extension blocks: {}", info["softforks"]["mweb"]);
    node.pay(&keys[2], COIN);
    node.mine(CONFIRMATIONS);
    let active = info["softforks"]["mweb"]["active"] == true;
    assert!(active, "regtest activates extension blocks by height 432");
    assert_eq!(node.drain(&vault, &mut cursor).len(), 1);
    let error = node.chain.parse_destination(&hidden).unwrap_err();
    assert!(error.to_string().contains("extension block"), "{error}");
}

#[test]
fn refuses_another_network_and_credentials() {
    let Some(node) = Node::start() else { return };
    let wrong =
        |text: String| fusor_outer::connect(fusor_outer::ChainConfig::from_json(&text).unwrap()).unwrap();
    let text = |network: &str, node: String| {
        format!(
            r#"{{"kind":"bitcoin","network":"{network}","node":{node},"confirmations":3,"fee_rate_min":1,
                "fee_rate_max":2,"fee_max":3,"deposit_min":4}}"#
        )
    };
    let cookie = node.cookie();
    let other = wrong(text("bitcoin-regtest", format!(r#"{{"url":"{}","cookie":"{cookie}"}}"#, node.url())));
    let error = other.check_network().unwrap_err();
    assert!(
        matches!(&error, OuterError::WrongNetwork { have, want, .. }
        if have.starts_with("530827f3") && want.contains("0f9188f1")),
        "{error}"
    );
    let user = format!(r#"{{"url":"{}","user":"x","password":"y"}}"#, node.url());
    let error = wrong(text("litecoin-regtest", user)).check_network().unwrap_err();
    assert!(matches!(error, OuterError::Credentials { .. }), "{error}");
    let main = Key::new("main", Scheme::Ecdsa).lock;
    let foreign = other.begin(1);
    let error = node.chain.observe(&Vault { main, deposits: Vec::new() }, &foreign).unwrap_err();
    assert_eq!(error, OuterError::Foreign);
}
