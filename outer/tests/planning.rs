//! Holds planning and judging of the Bitcoin family to each other over random vaults: what is planned is approved, adds
//! up, depends on nothing but request and view, and can be outbid.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use alloy_primitives::U256;
use common::Key;
use fusor_outer::{
    Asset, BitcoinPlan, ChainConfig, Coin, FeeFrom, FeeQuote, OutPoint, OuterChain, Plan, PlanError, Refusal,
    Request, Scheme, Signed, Vault, View, connect,
};
use proptest::prelude::*;

const TO: &str = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";

fn chain() -> Box<dyn OuterChain> {
    let text = r#"{"kind":"bitcoin","network":"bitcoin","node":{"url":"http://127.0.0.1:1"},"confirmations":6,
        "fee_rate_min":1000,"fee_rate_max":100000,"fee_max":1000000,"deposit_min":1000}"#;
    connect(ChainConfig::from_json(text).unwrap()).unwrap()
}

fn keys() -> Vec<Key> {
    [Scheme::Ecdsa, Scheme::Schnorr, Scheme::Ecdsa, Scheme::Schnorr]
        .into_iter()
        .zip(["main", "a", "b", "c"])
        .map(|(scheme, name)| Key::new(name, scheme))
        .collect()
}

fn view(amounts: &[(u64, usize)], rate: u64) -> View {
    let locks: Vec<_> = keys().iter().map(|key| key.lock).collect();
    let coins = amounts.iter().zip(1u32..).map(|((amount, owner), vout)| Coin {
        outpoint: OutPoint { txid: [vout as u8; 32], vout },
        path: locks[owner % locks.len()].path,
        amount: *amount,
    });
    View {
        chain: chain().identity(),
        height: 800_000,
        block_hash: [0; 32],
        vault: Vault { main: locks[0], deposits: locks[1..].to_vec() },
        holdings: Vec::new(),
        confirmed: Default::default(),
        coins: coins.collect(),
        fresh: Vec::new(),
        nonces: Vec::new(),
        fee: FeeQuote::PerKilobyte(rate),
    }
}

fn inner(plan: &Plan) -> &BitcoinPlan {
    match plan {
        Plan::Bitcoin(plan) => plan,
        Plan::Ethereum(_) => panic!("a plan of the Bitcoin family"),
    }
}

/// Reckons the virtual size of what is sent (BIP-141): three parts without witness, one with it.
fn virtual_size(signed: &Signed) -> u64 {
    let plan = inner(&signed.plan);
    let paid: usize = plan.outputs.iter().map(|output| 9 + output.script.len()).sum();
    let stripped = 10 + 41 * plan.inputs.len() + paid;
    u64::try_from((3 * stripped + signed.raw.len()).div_ceil(4)).unwrap()
}

fn request(amount: u64, fee_from: FeeFrom) -> Request {
    Request::LockOut { asset: Asset::Native, to: TO.to_string(), amount: U256::from(amount), fee_from }
}

fn requests() -> impl Strategy<Value = Request> {
    prop_oneof![
        (1u64..3_000_000).prop_map(|amount| request(amount, FeeFrom::Vault)),
        (1u64..3_000_000).prop_map(|amount| request(amount, FeeFrom::Amount)),
        (0usize..4).prop_map(|owner| Request::Sweep { asset: Asset::Native, from: keys()[owner].lock.path }),
    ]
}

proptest! {
    #[test]
    fn what_is_planned_is_approved(
        amounts in proptest::collection::vec((1_000u64..1_000_000, 0usize..4), 0..20),
        rate in 1_000u64..=100_000,
        request in requests(),
        wished in proptest::option::of(1_000u128..120_000),
    ) {
        let (chain, view) = (chain(), view(&amounts, rate));
        let Ok(plan) = chain.plan(&request, &view) else { return Ok(()) };
        prop_assert_eq!(chain.check(&plan, &request, &view, &[]), Ok(()));
        let mut shuffled = view.clone();
        shuffled.coins.reverse();
        prop_assert_eq!(&chain.plan(&request, &shuffled).unwrap(), &plan);
        if let Request::LockOut { amount, fee_from, .. } = &request {
            let paid = U256::from(inner(&plan).outputs[0].amount);
            prop_assert_eq!(paid == *amount, *fee_from == FeeFrom::Vault);
        }
        let signed = common::sign(chain.as_ref(), &plan, &keys());
        prop_assert!(inner(&plan).fee().unwrap() * 1_000 >= rate * virtual_size(&signed), "the rate is paid");
        match chain.replace(&plan, &request, &view, wished) {
            Ok(higher) => {
                let approved = std::slice::from_ref(&plan);
                prop_assert_eq!(chain.check(&higher, &request, &view, approved), Ok(()));
                prop_assert!(inner(&higher).fee() > inner(&plan).fee());
                let back = chain.check(&plan, &request, &view, std::slice::from_ref(&higher));
                prop_assert_eq!(back, Err(Refusal::NotHigher));
            }
            Err(error) => prop_assert!(!matches!(error, PlanError::Foreign | PlanError::Outer(_)), "{}", error),
        }
    }

    /// Two requests never share a coin once the first one's plan is taken out of the view.
    #[test]
    fn plans_for_two_requests_are_disjoint(
        amounts in proptest::collection::vec((1_000u64..1_000_000, 0usize..4), 0..20),
        requests in (requests(), requests()),
    ) {
        let (chain, view) = (chain(), view(&amounts, 2_000));
        let Ok(first) = chain.plan(&requests.0, &view) else { return Ok(()) };
        let rest = view.without(&first);
        let Ok(second) = chain.plan(&requests.1, &rest) else { return Ok(()) };
        let taken: Vec<_> = inner(&first).inputs.iter().map(|input| input.outpoint).collect();
        prop_assert!(inner(&second).inputs.iter().all(|input| !taken.contains(&input.outpoint)));
        prop_assert!(matches!(chain.check(&first, &requests.0, &rest, &[]), Err(Refusal::MissingInput(_))));
    }
}

#[test]
fn bounds_the_inputs() {
    let (chain, view) = (chain(), view(&[(2_000, 1); 250], 1_000));
    let error = chain.plan(&request(450_000, FeeFrom::Amount), &view).unwrap_err();
    assert_eq!(error, PlanError::TooManyInputs(200));
    let sweep = Request::Sweep { asset: Asset::Native, from: keys()[1].lock.path };
    let plan = chain.plan(&sweep, &view).unwrap();
    assert_eq!(inner(&plan).inputs.len(), 200, "the rest is for the next sweep");
    chain.check(&plan, &sweep, &view, &[]).unwrap();
}

#[test]
fn holds_the_caps() {
    let chain = chain();
    let view = view(&[(60_000, 0); 190], 100_000);
    let capped = chain.plan(&request(9_000_000, FeeFrom::Amount), &view);
    assert!(matches!(capped, Err(PlanError::FeeCap { .. })), "{:?}", capped.err());
    let mut foreign = view;
    foreign.chain[0] ^= 1;
    assert_eq!(chain.plan(&request(5_000, FeeFrom::Vault), &foreign), Err(PlanError::Foreign));
}
