//! Spends: several inputs, change, fees, replacement, and every way a plan can be wrong.

use crate::common::{Key, high_s};
use crate::node::{COIN, CONFIRMATIONS, Node, coins, keys};
use fusor_outer::{
    Asset, BitcoinPlan, Broadcast, FeeFrom, Plan, PlanError, Refusal, Request, SignError, Status, Vault,
    View, bitcoin::hash_to_hex,
};

/// Starts a node that has paid 2, 3 and 4 coins to the three deposit locks.
fn funded() -> Option<(Node, Vec<Key>, Vault)> {
    let node = Node::start()?;
    let (keys, vault) = keys();
    for (key, amount) in keys[1..].iter().zip(2..) {
        node.pay(key, amount * COIN);
    }
    node.mine(CONFIRMATIONS);
    Some((node, keys, vault))
}

fn lock_out(to: &str, amount: u64, fee_from: FeeFrom) -> Request {
    Request::LockOut { asset: Asset::Native, to: to.to_string(), amount: coins(amount), fee_from }
}

fn inner(plan: &Plan) -> BitcoinPlan {
    match plan {
        Plan::Bitcoin(plan) => plan.clone(),
        Plan::Ethereum(_) => panic!("a plan of the Bitcoin family"),
    }
}

fn received(node: &Node, address: &str) -> String {
    node.cli(&["getreceivedbyaddress", address, "1"])
}

#[test]
fn spends_several_locks_with_change_to_the_main_one() {
    let Some((node, keys, vault)) = funded() else { return };
    let to = node.cli(&["getnewaddress", "", "legacy"]);
    let request = lock_out(&to, 6 * COIN, FeeFrom::Vault);
    let view = node.chain.view(&vault).unwrap();
    let plan = node.chain.plan(&request, &view).unwrap();
    assert_eq!(plan, node.chain.plan(&request, &view).unwrap(), "the same view gives the same plan");
    assert_eq!(Plan::decode(&plan.encode()), Ok(plan.clone()));
    let body = inner(&plan);
    assert_eq!(body.inputs.iter().map(|input| input.amount).collect::<Vec<_>>(), [4 * COIN, 3 * COIN]);
    assert_eq!(body.outputs.len(), 2);
    let own = node.chain.view_for(&vault, &plan).unwrap();
    node.chain.check(&plan, &request, &own, &[]).unwrap();
    let signed = node.sign(&plan, &keys);
    assert_eq!(node.chain.status(&signed.txid, &plan).unwrap(), Status::Unknown);
    assert_eq!(node.chain.broadcast(&signed).unwrap(), Broadcast::Accepted);
    assert_eq!(node.chain.broadcast(&signed).unwrap(), Broadcast::AlreadyKnown);
    assert_eq!(node.chain.status(&signed.txid, &plan).unwrap(), Status::Mempool);
    node.mine(2);
    let fresh = node.chain.view(&vault).unwrap();
    assert_eq!(fresh.confirmed[&Asset::Native], coins(2 * COIN), "change is not deep yet");
    let custody = fresh.custody(&[signed.txid]);
    assert_eq!(custody[&Asset::Native], coins(3 * COIN - body.fee().unwrap()), "and is in custody");
    let height = node.tip() - 1;
    let included = Status::Included { height, confirmations: 2 };
    assert_eq!(node.chain.status(&signed.txid, &plan).unwrap(), included);
    assert_eq!(node.chain.broadcast(&signed).unwrap(), Broadcast::AlreadyKnown);
    assert_eq!(received(&node, &to), "6.00000000");
    node.mine(1);
    let after = node.chain.view(&vault).unwrap();
    assert_eq!(after.confirmed[&Asset::Native], coins(3 * COIN - body.fee().unwrap()));
    assert_eq!(after.held(&vault.main.path, Asset::Native), coins(COIN - body.fee().unwrap()));
    let refused = node.chain.check(&plan, &request, &after, &[]);
    assert!(matches!(refused, Err(Refusal::MissingInput(_))), "spent once: {refused:?}");
}

#[test]
fn pays_from_ecdsa_and_schnorr_together_and_takes_the_fee_from_the_amount() {
    let Some((node, keys, vault)) = funded() else { return };
    let to = node.cli(&["getnewaddress", "", "bech32"]);
    let request = lock_out(&to, 9 * COIN, FeeFrom::Amount);
    let view = node.chain.view(&vault).unwrap();
    let plan = node.chain.plan(&request, &view).unwrap();
    let body = inner(&plan);
    assert_eq!((body.inputs.len(), body.outputs.len()), (3, 1));
    node.chain.check(&plan, &request, &view, &[]).unwrap();
    let hashes = node.chain.sighashes(&plan).unwrap();
    let mut signatures: Vec<_> = hashes
        .iter()
        .map(|hash| keys.iter().find(|key| key.lock.path == hash.path).unwrap().sign(&hash.hash))
        .collect();
    let good = node.chain.assemble(&plan, &signatures).unwrap();
    let ecdsa = hashes.iter().position(|hash| hash.path == keys[1].lock.path).unwrap();
    signatures[ecdsa] = high_s(&signatures[ecdsa]);
    assert_eq!(node.chain.assemble(&plan, &signatures).unwrap(), good, "the lower s is taken");
    signatures[ecdsa][40] ^= 1;
    assert_eq!(node.chain.assemble(&plan, &signatures), Err(SignError::Invalid(ecdsa)));
    assert_eq!(node.chain.assemble(&plan, &signatures[1..]), Err(SignError::Count { have: 2, want: 3 }));
    crate::node::verify(&good, node.chain.as_ref());
    assert_eq!(node.chain.broadcast(&good).unwrap(), Broadcast::Accepted);
    node.mine(1);
    let paid = 9 * COIN - body.fee().unwrap();
    assert_eq!(received(&node, &to), format!("{}.{:08}", paid / COIN, paid % COIN));
}

#[test]
fn sweeps_a_lock_to_the_main_one() {
    let Some((node, keys, vault)) = funded() else { return };
    node.pay(&keys[2], COIN);
    node.mine(CONFIRMATIONS);
    let request = Request::Sweep { asset: Asset::Native, from: keys[2].lock.path };
    let view = node.chain.view(&vault).unwrap();
    let plan = node.chain.plan(&request, &view).unwrap();
    assert_eq!((inner(&plan).inputs.len(), inner(&plan).outputs.len()), (2, 1));
    node.chain.check(&plan, &request, &view, &[]).unwrap();
    let other = Request::Sweep { asset: Asset::Native, from: keys[1].lock.path };
    assert!(node.chain.check(&plan, &other, &view, &[]).is_err());
    let signed = node.sign(&plan, &keys);
    assert_eq!(node.chain.broadcast(&signed).unwrap(), Broadcast::Accepted);
    node.mine(CONFIRMATIONS);
    let after = node.chain.view(&vault).unwrap();
    let moved = coins(4 * COIN - inner(&plan).fee().unwrap());
    assert_eq!(after.held(&vault.main.path, Asset::Native), moved);
    assert_eq!(after.held(&keys[2].lock.path, Asset::Native), coins(0));
    let fund = Request::Fund { to: keys[1].lock.path, amount: coins(1) };
    assert_eq!(node.chain.plan(&fund, &after), Err(PlanError::NoGas));
}

#[test]
fn replaces_a_stuck_transaction_and_finds_the_replacement() {
    let Some((node, keys, vault)) = funded() else { return };
    let to = node.cli(&["getnewaddress", "", "p2sh-segwit"]);
    let request = lock_out(&to, 5 * COIN / 2, FeeFrom::Vault);
    let view = node.chain.view(&vault).unwrap();
    let first = node.chain.plan(&request, &view).unwrap();
    let stuck = node.sign(&first, &keys);
    assert_eq!(node.chain.broadcast(&stuck).unwrap(), Broadcast::Accepted);
    let too_low = node.chain.replace(&first, &request, &view, Some(2_001));
    assert!(matches!(too_low, Err(PlanError::NotHigher { .. })), "{too_low:?}");
    let too_high = node.chain.replace(&first, &request, &view, Some(300_000));
    assert!(matches!(too_high, Err(PlanError::FeeCap { .. })), "{too_high:?}");
    let own = node.chain.view_for(&vault, &first).unwrap();
    let second = node.chain.replace(&first, &request, &own, None).unwrap();
    assert!(inner(&second).fee() > inner(&first).fee());
    assert_eq!(inner(&second).inputs[0], inner(&first).inputs[0]);
    node.chain.check(&second, &request, &own, std::slice::from_ref(&first)).unwrap();
    let backwards = node.chain.check(&first, &request, &own, std::slice::from_ref(&second));
    assert_eq!(backwards, Err(Refusal::NotHigher));
    let elsewhere = view.clone().without(&first);
    let beside = node.chain.plan(&request, &elsewhere).unwrap();
    let both = node.chain.check(&beside, &request, &elsewhere, std::slice::from_ref(&first));
    assert_eq!(both, Err(Refusal::NoConflict), "two payments for one request");
    let replacement = node.sign(&second, &keys);
    assert_eq!(node.chain.broadcast(&replacement).unwrap(), Broadcast::Accepted);
    let outbid = node.chain.broadcast(&stuck).unwrap();
    assert!(matches!(outbid, Broadcast::FeeTooLow(_) | Broadcast::Conflicting), "{outbid:?}");
    node.mine(1);
    let replaced = Status::Replaced { by: Some(replacement.txid) };
    assert_eq!(node.chain.status(&stuck.txid, &first).unwrap(), replaced);
    let included = node.chain.status(&replacement.txid, &second).unwrap();
    assert!(matches!(included, Status::Included { confirmations: 1, .. }), "{included:?}");
    assert_eq!(node.chain.broadcast(&stuck).unwrap(), Broadcast::Conflicting);
    // The chain is reorganised after the confirmation: the transaction waits again.
    node.invalidate(1);
    assert_eq!(node.chain.status(&replacement.txid, &second).unwrap(), Status::Mempool);
    node.mine(1);
    let again = node.chain.status(&replacement.txid, &second).unwrap();
    assert!(matches!(again, Status::Included { .. }), "{again:?}");
}

#[test]
fn finds_a_transaction_whose_outputs_are_all_spent() {
    let Some((node, keys, vault)) = funded() else { return };
    let to = node.cli(&["getnewaddress", "", "bech32"]);
    let request = lock_out(&to, 9 * COIN, FeeFrom::Amount);
    let plan = node.chain.plan(&request, &node.chain.view(&vault).unwrap()).unwrap();
    let signed = node.sign(&plan, &keys);
    node.chain.broadcast(&signed).unwrap();
    node.mine(1);
    let height = node.tip();
    let input = format!(r#"[{{"txid":"{}","vout":0}}]"#, hash_to_hex(&signed.txid));
    let raw = node.cli(&["createrawtransaction", &input, &format!(r#"{{"{to}":8.9}}"#)]);
    let spent = node.json(&["signrawtransactionwithwallet", &raw]);
    node.cli(&["sendrawtransaction", spent["hex"].as_str().unwrap(), "0"]);
    node.mine(1);
    let status = node.chain.status(&signed.txid, &plan).unwrap();
    assert_eq!(status, Status::Included { height, confirmations: 2 });
}

#[test]
fn refuses_requests_that_cannot_be_met() {
    let Some((node, _, vault)) = funded() else { return };
    let to = node.cli(&["getnewaddress", "", "bech32"]);
    let view = node.chain.view(&vault).unwrap();
    let plan = |request: &Request| node.chain.plan(request, &view).unwrap_err();
    let short = plan(&lock_out(&to, 9 * COIN, FeeFrom::Vault));
    assert!(matches!(short, PlanError::Short { .. }), "{short}");
    let dust = plan(&lock_out(&to, 2_900, FeeFrom::Vault));
    assert!(matches!(dust, PlanError::Dust { .. }), "{dust}");
    let eaten = plan(&lock_out(&to, 3_000, FeeFrom::Amount));
    assert!(matches!(eaten, PlanError::Dust { .. }), "{eaten}");
    let wrong = plan(&lock_out("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", COIN, FeeFrom::Vault));
    assert!(matches!(wrong, PlanError::Destination(_)), "{wrong}");
    let unknown = plan(&Request::Sweep { asset: Asset::Native, from: [9; 32] });
    assert_eq!(unknown, PlanError::UnknownLock);
}

/// The least that a plan pays is what the node relays.
#[test]
fn agrees_with_the_node_on_dust() {
    let Some((node, keys, vault)) = funded() else { return };
    for kind in ["bech32", "legacy", "p2sh-segwit"] {
        let to = node.cli(&["getnewaddress", "", kind]);
        let view = node.chain.view(&vault).unwrap();
        let Err(PlanError::Dust { least, .. }) = node.chain.plan(&lock_out(&to, 1, FeeFrom::Vault), &view)
        else {
            panic!("one unit is dust");
        };
        let least: u64 = least.to();
        let plan = node.chain.plan(&lock_out(&to, least, FeeFrom::Vault), &view).unwrap();
        let accepts = |plan: &Plan| {
            let raw = alloy_primitives::hex::encode(node.sign(plan, &keys).raw);
            node.json(&["testmempoolaccept", &format!(r#"["{raw}"]"#)])[0].clone()
        };
        assert_eq!(accepts(&plan)["allowed"], true, "{kind} {least}: {}", accepts(&plan));
        let mut less = inner(&plan);
        less.outputs[0].amount -= 1;
        let less = Plan::Bitcoin(less);
        assert_eq!(accepts(&less)["reject-reason"], "dust", "{kind}");
    }
}

type Change = fn(&mut BitcoinPlan);

#[test]
fn refuses_every_change_of_a_good_plan() {
    let Some((node, keys, vault)) = funded() else { return };
    let to = node.cli(&["getnewaddress", "", "bech32"]);
    let request = lock_out(&to, 5 * COIN, FeeFrom::Vault);
    let view: View = node.chain.view(&vault).unwrap();
    let good = inner(&node.chain.plan(&request, &view).unwrap());
    let verdict = |change: Change| {
        let mut plan = good.clone();
        change(&mut plan);
        node.chain.check(&Plan::Bitcoin(plan), &request, &view, &[])
    };
    assert_eq!(verdict(|_| ()), Ok(()));
    let cheats: [(&str, Change); 16] = [
        ("chain", |plan| plan.chain[0] ^= 1),
        ("less paid", |plan| plan.outputs[0].amount -= 1),
        ("more paid", |plan| plan.outputs[0].amount += 1),
        ("destination", |plan| plan.outputs[0].script[5] ^= 1),
        ("foreign change", |plan| plan.outputs[1].script[5] ^= 1),
        ("change to fee", |plan| drop(plan.outputs.pop())),
        ("change too small", |plan| plan.outputs[1].amount = 1),
        ("third output", |plan| plan.outputs.push(plan.outputs[0].clone())),
        ("no outputs", |plan| plan.outputs.clear()),
        ("no inputs", |plan| plan.inputs.clear()),
        ("doubled input", |plan| plan.inputs[1] = plan.inputs[0]),
        ("input amount", |plan| plan.inputs[0].amount += 1),
        ("unknown input", |plan| plan.inputs[0].outpoint.vout += 9),
        ("foreign key", |plan| plan.inputs[0].lock.key = crate::common::point(7)),
        ("final sequence", |plan| plan.sequence = u32::MAX),
        ("locked", |plan| plan.lock_time += 1_000),
    ];
    for (name, cheat) in cheats {
        assert!(verdict(cheat).is_err(), "{name}");
    }
    let fresh = node.pay(&keys[1], 8 * COIN);
    node.mine(CONFIRMATIONS - 1);
    let mut early = good.clone();
    early.inputs[0].outpoint.txid = fresh;
    let own = node.chain.view_for(&vault, &Plan::Bitcoin(early.clone())).unwrap();
    let refused = node.chain.check(&Plan::Bitcoin(early), &request, &own, &[]);
    assert!(matches!(refused, Err(Refusal::MissingInput(_))), "{refused:?}");
}
