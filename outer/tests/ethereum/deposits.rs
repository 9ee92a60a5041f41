//! Watches deposits: what arrived counts, not what is claimed.

use crate::node::{CONFIRMATIONS, GWEI, Node, call, keys, units, word};
use fusor_outer::{Asset, FeeFrom, Observation, OuterError, Request};
use serde_json::json;

#[test]
fn credits_coin_sent_directly_and_by_a_contract() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let (first, second) = (node.account(&keys[1]), node.account(&keys[2]));
    node.send(first, 5_000, &[]);
    node.send(node.forwarder, 7_000, &call("forward(address)", &[word(second)]));
    node.send(second, 999, &[]);
    node.mine(CONFIRMATIONS);
    let mut again = node.chain.begin(1);
    let found = node.drain(&vault, &mut again);
    let seen: Vec<_> = found.iter().map(|deposit| (deposit.path, deposit.amount, deposit.dust)).collect();
    let (a, b) = (keys[1].lock.path, keys[2].lock.path);
    assert_eq!(seen, [(a, units(5_000), false), (b, units(7_000), false), (b, units(999), true)]);
    assert_eq!(found[0].address, first.to_checksum(None));
    assert!(node.drain(&vault, &mut again).is_empty());
    let mut third = node.chain.begin(1);
    assert_eq!(node.drain(&vault, &mut third), found, "another scan gives the same ids");
}

#[test]
fn waits_for_depth() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.chain.height().unwrap() + 1);
    node.send(node.account(&keys[1]), 5_000, &[]);
    for _ in 1..CONFIRMATIONS {
        assert!(node.drain(&vault, &mut cursor).is_empty());
        assert!(node.chain.view(&vault).unwrap().holdings.is_empty());
        node.mine(1);
    }
    assert_eq!(node.drain(&vault, &mut cursor).len(), 1);
    assert_eq!(node.chain.view(&vault).unwrap().confirmed[&Asset::Native], units(5_000));
}

#[test]
fn believes_balances_and_no_events() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.chain.height().unwrap() + 1);
    let (first, second) = (node.account(&keys[1]), node.account(&keys[2]));
    node.send(
        node.token,
        0,
        &call("lie(address,address,uint256)", &[word(second), word(first), units(1_000)]),
    );
    node.mint(node.token, &keys[1], 400);
    node.mint(node.old, &keys[2], 500);
    node.mine(CONFIRMATIONS);
    let found = node.drain(&vault, &mut cursor);
    let seen: Vec<_> = found.iter().map(|deposit| (deposit.path, deposit.asset, deposit.amount)).collect();
    let (a, b) = (keys[1].lock.path, keys[2].lock.path);
    let want = [(a, Asset::Token(node.token), units(400)), (b, Asset::Token(node.old), units(500))];
    assert_eq!(seen, want);
}

#[test]
fn credits_what_is_left_of_a_token_that_takes_a_fee() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.chain.height().unwrap() + 1);
    let rich = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266".parse().unwrap();
    node.send(node.token, 0, &call("mint(address,uint256)", &[word(rich), units(1_000)]));
    node.send(node.token, 0, &call("setFee(uint256)", &[units(10)]));
    let transfer = call("transfer(address,uint256)", &[word(node.account(&keys[1])), units(1_000)]);
    node.send(node.token, 0, &transfer);
    node.mine(CONFIRMATIONS);
    let found = node.drain(&vault, &mut cursor);
    assert_eq!(found.iter().map(|deposit| deposit.amount).collect::<Vec<_>>(), [units(900)]);
}

/// A deposit in the block of a sweep is neither lost nor counted twice, and gas money is no deposit.
#[test]
fn sees_a_deposit_through_a_sweep_of_the_same_block() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    node.send(node.account(&keys[0]), 100_000_000 * GWEI, &[]);
    node.send(node.account(&keys[1]), 90_000_000 * GWEI, &[]);
    node.mint(node.token, &keys[1], 400);
    node.mint(node.old, &keys[2], 600);
    node.mine(CONFIRMATIONS);
    let mut cursor = node.chain.begin(node.chain.height().unwrap() + 1);
    let view = node.chain.view(&vault).unwrap();
    node.automine(false);
    let sweep = Request::Sweep { asset: Asset::Token(node.token), from: keys[1].lock.path };
    let signed = node.carry_out(&sweep, &view, &keys);
    let view = view.without(&signed.plan);
    let fund = Request::Fund { to: keys[2].lock.path, amount: units(40_000_000 * GWEI) };
    node.carry_out(&fund, &view, &keys);
    node.mint(node.token, &keys[1], 77);
    node.send(node.account(&keys[1]), 8_000, &[]);
    node.mine(1);
    node.automine(true);
    node.mine(CONFIRMATIONS);
    let mut found = node.drain(&vault, &mut cursor);
    found.sort_by_key(|deposit| deposit.amount);
    let seen: Vec<_> = found.iter().map(|deposit| (deposit.path, deposit.asset, deposit.amount)).collect();
    let a = keys[1].lock.path;
    let want = [(a, Asset::Token(node.token), units(77)), (a, Asset::Native, units(8_000))];
    assert_eq!(seen, want);
    assert_eq!(node.held(Asset::Token(node.token), node.account(&keys[0])), units(400));
}

#[test]
fn reports_a_reorganisation_and_what_vanished_with_it() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    node.mine(2);
    let mut cursor = node.chain.begin(node.chain.height().unwrap() + 1);
    node.send(node.account(&keys[1]), 5_000, &[]);
    node.mine(CONFIRMATIONS - 1);
    let found = node.drain(&vault, &mut cursor);
    assert_eq!(found.len(), 1);
    node.rpc("anvil_reorg", json!([CONFIRMATIONS, []]));
    let Observation::Reorg { cursor: back, from_height, vanished } =
        node.chain.observe(&vault, &cursor).unwrap()
    else {
        panic!("no alarm");
    };
    assert_eq!((vanished, from_height), (vec![found[0].id], found[0].height));
    cursor = back;
    assert!(node.drain(&vault, &mut cursor).is_empty());
    let gone = node.chain.view(&vault).unwrap();
    assert!(gone.holdings.is_empty(), "custody shrinks with it: {gone:?}");
}

#[test]
fn refuses_another_network() {
    let Some(node) = Node::start() else { return };
    let (_, vault) = keys();
    let other = node.misconfigured();
    let error = other.check_network().unwrap_err();
    assert!(
        matches!(&error, OuterError::WrongNetwork { have, want, .. }
        if have == "chain id 31337" && want == "chain id 1"),
        "{error}"
    );
    assert_eq!(node.chain.observe(&vault, &other.begin(0)).unwrap_err(), OuterError::Foreign);
    let request = Request::LockOut {
        asset: Asset::Native,
        to: node.moody.to_checksum(None),
        amount: units(1),
        fee_from: FeeFrom::Vault,
    };
    assert!(other.plan(&request, &node.chain.view(&vault).unwrap()).is_err());
}
