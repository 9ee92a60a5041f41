//! Spends: lock-outs, sweeps with gas funding, replacement, failures, and every way a plan can be wrong.

use crate::common::{Key, high_s};
use crate::node::{CONFIRMATIONS, GWEI, Node, call, keys, units};
use alloy_primitives::{Address, U256, hex};
use fusor_outer::{
    Asset, Broadcast, EthereumPlan, Failure, FeeFrom, Plan, PlanError, Refusal, Request, SignError, Status,
    Vault,
};
use serde_json::json;

const TO: Address = Address::new([0x77; 20]);
/// 0.1 coin.
const MAIN: u64 = 100_000_000 * GWEI;

/// Starts a node whose main account holds coin and 1,000 of each token.
fn funded() -> Option<(Node, Vec<Key>, Vault)> {
    let node = Node::start()?;
    let (keys, vault) = keys();
    node.send(node.account(&keys[0]), MAIN, &[]);
    node.mint(node.token, &keys[0], 1_000);
    node.mint(node.old, &keys[0], 1_000);
    node.mine(CONFIRMATIONS);
    Some((node, keys, vault))
}

fn lock_out(asset: Asset, to: Address, amount: u64, fee_from: FeeFrom) -> Request {
    Request::LockOut { asset, to: to.to_checksum(None), amount: units(amount), fee_from }
}

fn inner(plan: &Plan) -> EthereumPlan {
    match plan {
        Plan::Ethereum(plan) => plan.clone(),
        Plan::Bitcoin(_) => panic!("a plan of Ethereum"),
    }
}

#[test]
fn pays_coin_and_tokens_out() {
    let Some((node, keys, vault)) = funded() else { return };
    let view = node.chain.view(&vault).unwrap();
    let exact = node.carry_out(&lock_out(Asset::Native, TO, 5_000, FeeFrom::Vault), &view, &keys);
    assert_eq!(node.held(Asset::Native, TO), units(5_000));
    assert_eq!(Plan::decode(&exact.plan.encode()), Ok(exact.plan.clone()));
    assert_eq!(node.chain.broadcast(&exact).unwrap(), Broadcast::AlreadyKnown);
    let height = node.chain.height().unwrap();
    let status = node.chain.status(&exact.txid, &exact.plan).unwrap();
    assert_eq!(status, Status::Included { height, confirmations: 1 });
    for token in [node.token, node.old] {
        let view = node.chain.view(&vault).unwrap();
        let signed = node.carry_out(&lock_out(Asset::Token(token), TO, 300, FeeFrom::Vault), &view, &keys);
        assert_eq!(node.held(Asset::Token(token), TO), units(300));
        let status = node.chain.status(&signed.txid, &signed.plan).unwrap();
        assert!(matches!(status, Status::Included { .. }), "{status:?}");
    }
    let view = node.chain.view(&vault).unwrap();
    let amount = 10_000_000 * GWEI;
    let less = node.carry_out(&lock_out(Asset::Native, TO, amount, FeeFrom::Amount), &view, &keys);
    let plan = inner(&less.plan);
    assert_eq!(plan.value + plan.fee_max(), units(amount));
    assert_eq!(node.held(Asset::Native, TO), units(5_000) + plan.value);
}

#[test]
fn sweeps_a_token_after_funding_its_gas() {
    let Some((node, keys, vault)) = funded() else { return };
    node.mint(node.token, &keys[1], 400);
    node.mine(CONFIRMATIONS);
    let path = keys[1].lock.path;
    let sweep = Request::Sweep { asset: Asset::Token(node.token), from: path };
    let view = node.chain.view(&vault).unwrap();
    let Err(PlanError::NeedsGas { path: needs, missing }) = node.chain.plan(&sweep, &view) else {
        panic!("there is no gas at the deposit address");
    };
    assert_eq!(needs, path);
    node.carry_out(&Request::Fund { to: path, amount: missing }, &view, &keys);
    node.mine(CONFIRMATIONS);
    let view = node.chain.view(&vault).unwrap();
    let signed = node.carry_out(&sweep, &view, &keys);
    let status = node.chain.status(&signed.txid, &signed.plan).unwrap();
    assert!(matches!(status, Status::Included { .. }), "{status:?}");
    assert_eq!(node.held(Asset::Token(node.token), node.account(&keys[0])), units(1_400));
    let moving = node.chain.view(&vault).unwrap();
    assert_eq!(moving.custody(&[])[&Asset::Token(node.token)], units(1_400), "a sweep is no shortfall");
    assert_eq!(
        moving.held(&vault.main.path, Asset::Token(node.token)),
        units(1_000),
        "and not spendable yet"
    );
    node.mine(CONFIRMATIONS);
    // What is left of the gas money goes back.
    node.send(node.account(&keys[1]), 20_000_000 * GWEI, &[]);
    node.mine(CONFIRMATIONS);
    let view = node.chain.view(&vault).unwrap();
    let back = Request::Sweep { asset: Asset::Native, from: path };
    node.automine(false);
    let first = node.carry_out(&back, &view, &keys).plan;
    let higher = node.chain.replace(&first, &back, &view, None).unwrap();
    node.chain.check(&higher, &back, &view, std::slice::from_ref(&first)).unwrap();
    assert!(inner(&higher).value < inner(&first).value, "a sweep pays its own fee");
    node.broadcast(&node.sign(&higher, &keys));
    node.mine(1);
    assert!(node.held(Asset::Native, node.account(&keys[1])) < units(20_000_000 * GWEI));
    node.automine(true);
    let too_much = Request::Fund { to: path, amount: units(50_000_001 * GWEI) };
    assert!(matches!(node.chain.plan(&too_much, &view), Err(PlanError::FeeCap { .. })));
}

#[test]
fn outbids_a_stuck_transaction_and_finds_the_replacement() {
    let Some((node, keys, vault)) = funded() else { return };
    node.automine(false);
    let request = lock_out(Asset::Native, TO, 5_000, FeeFrom::Vault);
    let view = node.chain.view(&vault).unwrap();
    let stuck = node.carry_out(&request, &view, &keys);
    assert_eq!(node.chain.status(&stuck.txid, &stuck.plan).unwrap(), Status::Mempool);
    let old = inner(&stuck.plan);
    let low = node.chain.replace(&stuck.plan, &request, &view, Some(old.max_fee + 1));
    assert!(matches!(low, Err(PlanError::NotHigher { .. })), "{low:?}");
    let high = node.chain.replace(&stuck.plan, &request, &view, Some(u128::from(201 * GWEI)));
    assert!(matches!(high, Err(PlanError::FeeCap { .. })), "{high:?}");
    let own = node.chain.view_for(&vault, &stuck.plan).unwrap();
    let plan = node.chain.replace(&stuck.plan, &request, &own, None).unwrap();
    assert_eq!(inner(&plan).nonce, old.nonce);
    let approved = std::slice::from_ref(&stuck.plan);
    node.chain.check(&plan, &request, &own, approved).unwrap();
    assert_eq!(
        node.chain.check(&stuck.plan, &request, &own, std::slice::from_ref(&plan)),
        Err(Refusal::NotHigher)
    );
    let mut weak = inner(&plan);
    weak.max_priority = old.max_priority;
    assert_eq!(node.chain.check(&Plan::Ethereum(weak), &request, &own, approved), Err(Refusal::NotHigher));
    let mut beside = inner(&plan);
    beside.nonce += 1;
    assert_eq!(node.chain.check(&Plan::Ethereum(beside), &request, &own, approved), Err(Refusal::NoConflict));
    let replacement = node.sign(&plan, &keys);
    assert_eq!(node.chain.broadcast(&replacement).unwrap(), Broadcast::Accepted);
    let outbid = node.chain.broadcast(&stuck).unwrap();
    assert!(matches!(outbid, Broadcast::FeeTooLow(_)), "{outbid:?}");
    node.mine(1);
    let replaced = Status::Replaced { by: Some(replacement.txid) };
    assert_eq!(node.chain.status(&stuck.txid, &stuck.plan).unwrap(), replaced);
    let status = node.chain.status(&replacement.txid, &plan).unwrap();
    assert!(matches!(status, Status::Included { .. }), "{status:?}");
    assert_eq!(node.chain.broadcast(&stuck).unwrap(), Broadcast::Conflicting);
    assert_eq!(node.held(Asset::Native, TO), units(5_000), "paid once");
    let now = node.chain.view(&vault).unwrap();
    let late = node.chain.check(&plan, &request, &now, std::slice::from_ref(&plan));
    assert!(matches!(late, Err(Refusal::Nonce { .. })), "{late:?}");
}

#[test]
fn waits_over_a_gap_of_nonces() {
    let Some((node, keys, vault)) = funded() else { return };
    let view = node.chain.view(&vault).unwrap();
    let request = |amount| lock_out(Asset::Native, TO, amount, FeeFrom::Vault);
    let first = node.chain.plan(&request(1_000), &view).unwrap();
    let rest = view.clone().without(&first);
    let second = node.chain.plan(&request(2_000), &rest).unwrap();
    assert_eq!(inner(&second).nonce, inner(&first).nonce + 1);
    let wrong = node.chain.check(&second, &request(2_000), &view, &[]);
    assert!(matches!(wrong, Err(Refusal::Nonce { .. })), "{wrong:?}");
    node.chain.check(&second, &request(2_000), &rest, &[]).unwrap();
    let (first, second) = (node.sign(&first, &keys), node.sign(&second, &keys));
    assert_eq!(node.chain.broadcast(&second).unwrap(), Broadcast::Accepted);
    node.mine(1);
    assert_eq!(node.chain.status(&second.txid, &second.plan).unwrap(), Status::Mempool);
    assert_eq!(node.chain.status(&first.txid, &first.plan).unwrap(), Status::Unknown);
    assert_eq!(node.chain.broadcast(&first).unwrap(), Broadcast::Accepted);
    node.mine(1);
    for signed in [&first, &second] {
        let status = node.chain.status(&signed.txid, &signed.plan).unwrap();
        assert!(matches!(status, Status::Included { .. }), "{status:?}");
    }
    assert_eq!(node.held(Asset::Native, TO), units(3_000));
}

#[test]
fn says_that_a_transaction_failed() {
    let Some((node, keys, vault)) = funded() else { return };
    // A contract that closes after the plan was made.
    let view = node.chain.view(&vault).unwrap();
    let to_moody = lock_out(Asset::Native, node.moody, 5_000, FeeFrom::Vault);
    let plan = node.chain.plan(&to_moody, &view).unwrap();
    assert!(inner(&plan).gas_limit > 21_000);
    node.send(node.moody, 0, &call("setClosed(bool)", &[units(1)]));
    let signed = node.sign(&plan, &keys);
    node.broadcast(&signed);
    node.settle(&hex::encode_prefixed(signed.txid));
    let status = node.chain.status(&signed.txid, &plan).unwrap();
    assert!(matches!(status, Status::Failed { failure: Failure::Reverted, .. }), "{status:?}");
    let would = node.chain.plan(&to_moody, &node.chain.view(&vault).unwrap());
    assert!(matches!(would, Err(PlanError::WouldFail(_))), "{would:?}");
    // A token that claims success and moves nothing.
    node.send(node.token, 0, &call("setPretends(bool)", &[units(1)]));
    let request = lock_out(Asset::Token(node.token), TO, 300, FeeFrom::Vault);
    let signed = node.carry_out(&request, &node.chain.view(&vault).unwrap(), &keys);
    let status = node.chain.status(&signed.txid, &signed.plan).unwrap();
    assert!(matches!(status, Status::Failed { failure: Failure::NotMoved, .. }), "{status:?}");
    // A token that returns false.
    node.send(node.token, 0, &call("setRefuses(bool)", &[units(1)]));
    let would = node.chain.plan(&request, &node.chain.view(&vault).unwrap());
    assert!(matches!(would, Err(PlanError::WouldFail(_))), "{would:?}");
}

#[test]
fn sees_that_a_reorganisation_took_a_transaction_back() {
    let Some((node, keys, vault)) = funded() else { return };
    let request = lock_out(Asset::Native, TO, 5_000, FeeFrom::Vault);
    let signed = node.carry_out(&request, &node.chain.view(&vault).unwrap(), &keys);
    node.mine(1);
    let status = node.chain.status(&signed.txid, &signed.plan).unwrap();
    assert!(matches!(status, Status::Included { confirmations: 2, .. }), "{status:?}");
    node.rpc("anvil_reorg", json!([2, []]));
    let status = node.chain.status(&signed.txid, &signed.plan).unwrap();
    assert!(matches!(status, Status::Unknown | Status::Mempool), "{status:?}");
    let again = node.chain.broadcast(&signed).unwrap();
    assert!(matches!(again, Broadcast::Accepted | Broadcast::AlreadyKnown), "{again:?}");
    node.mine(1);
    let status = node.chain.status(&signed.txid, &signed.plan).unwrap();
    assert!(matches!(status, Status::Included { .. }), "{status:?}");
}

#[test]
fn takes_the_lower_s_and_refuses_a_wrong_signature() {
    let Some((node, keys, vault)) = funded() else { return };
    let request = lock_out(Asset::Native, TO, 5_000, FeeFrom::Vault);
    let plan = node.chain.plan(&request, &node.chain.view(&vault).unwrap()).unwrap();
    let hash = node.chain.sighashes(&plan).unwrap()[0].hash;
    let signature = keys[0].sign(&hash);
    let good = node.chain.assemble(&plan, &[signature]).unwrap();
    assert_eq!(node.chain.assemble(&plan, &[high_s(&signature)]), Ok(good.clone()));
    assert_eq!(node.chain.assemble(&plan, &[keys[1].sign(&hash)]), Err(SignError::Invalid(0)));
    assert_eq!(node.chain.assemble(&plan, &[[0; 64]]), Err(SignError::Invalid(0)));
    assert_eq!(node.chain.assemble(&plan, &[]), Err(SignError::Count { have: 0, want: 1 }));
    assert_eq!(node.chain.broadcast(&good).unwrap(), Broadcast::Accepted);
}

type Change = fn(&mut EthereumPlan);

#[test]
fn refuses_every_change_of_a_good_plan() {
    let Some((node, keys, vault)) = funded() else { return };
    let view = node.chain.view(&vault).unwrap();
    let coin = lock_out(Asset::Native, TO, 5_000, FeeFrom::Vault);
    let token = lock_out(Asset::Token(node.token), TO, 300, FeeFrom::Vault);
    let cheats: [(&str, Change); 13] = [
        ("chain", |plan| plan.chain_id += 1),
        ("destination", |plan| plan.to = Address::new([0x66; 20])),
        ("value", |plan| plan.value += U256::from(1)),
        ("data", |plan| plan.data.push(0)),
        ("nonce", |plan| plan.nonce += 1),
        ("spent nonce", |plan| plan.nonce = plan.nonce.wrapping_sub(1)),
        ("foreign key", |plan| plan.from.key = crate::common::point(7)),
        ("foreign path", |plan| plan.from.path[0] ^= 1),
        ("gas", |plan| plan.gas_limit = 300_000),
        ("little gas", |plan| plan.gas_limit = 20_999),
        ("fee", |plan| plan.max_fee = u128::from(201 * GWEI)),
        ("no fee", |plan| (plan.max_fee, plan.max_priority) = (0, 0)),
        ("tip", |plan| plan.max_priority = plan.max_fee + 1),
    ];
    for request in [&coin, &token] {
        let good = inner(&node.chain.plan(request, &view).unwrap());
        node.chain.check(&Plan::Ethereum(good.clone()), request, &view, &[]).unwrap();
        for (name, cheat) in &cheats {
            let mut plan = good.clone();
            cheat(&mut plan);
            assert!(node.chain.check(&Plan::Ethereum(plan), request, &view, &[]).is_err(), "{name}");
        }
    }
    let mut good = inner(&node.chain.plan(&token, &view).unwrap());
    for place in [0, 10, 20, 67] {
        good.data[place] ^= 1;
        assert!(node.chain.check(&Plan::Ethereum(good.clone()), &token, &view, &[]).is_err(), "byte {place}");
        good.data[place] ^= 1;
    }
    let other = lock_out(Asset::Token(node.old), TO, 300, FeeFrom::Vault);
    assert!(node.chain.check(&Plan::Ethereum(good), &other, &view, &[]).is_err(), "another token");
    let mut fresh = inner(&node.chain.plan(&coin, &view).unwrap());
    fresh.from = keys[1].lock;
    assert_eq!(node.chain.check(&Plan::Ethereum(fresh), &coin, &view, &[]), Err(Refusal::ForeignInput));
}

#[test]
fn refuses_requests_that_cannot_be_met() {
    let Some((node, _, vault)) = funded() else { return };
    let view = node.chain.view(&vault).unwrap();
    let plan = |request: &Request| node.chain.plan(request, &view).unwrap_err();
    let short = plan(&lock_out(Asset::Native, TO, MAIN, FeeFrom::Vault));
    assert!(matches!(short, PlanError::Short { .. }), "{short}");
    let eaten = plan(&lock_out(Asset::Native, TO, 1_000, FeeFrom::Amount));
    assert!(matches!(eaten, PlanError::Short { .. }), "{eaten}");
    let short = plan(&lock_out(Asset::Token(node.token), TO, 1_001, FeeFrom::Vault));
    assert!(matches!(short, PlanError::Short { .. }), "{short}");
    assert_eq!(plan(&lock_out(Asset::Token(node.token), TO, 1, FeeFrom::Amount)), PlanError::TokenFee);
    assert_eq!(plan(&lock_out(Asset::Token(TO), node.old, 1, FeeFrom::Vault)), PlanError::UnknownAsset);
    let lost = plan(&lock_out(Asset::Token(node.token), node.token, 1, FeeFrom::Vault));
    assert!(matches!(lost, PlanError::Destination(_)), "{lost}");
    assert_eq!(plan(&Request::Sweep { asset: Asset::Native, from: [9; 32] }), PlanError::UnknownLock);
}
