//! Runs whole blocks over a registry in memory.

use super::*;
use crate::{
    account::{COLLECTOR, HHCM},
    fault::Fault,
    store::Store,
    testing::MemStore,
};
use alloy_primitives::{Address, B256, U256, keccak256};

const COIN: u128 = 1_000_000_000_000_000_000;

fn coins(amount: u128) -> U256 {
    U256::from(amount * COIN)
}

fn founder(number: u8, stake: u128) -> Founder {
    Founder {
        key: B256::repeat_byte(number),
        beacon: [number; 48],
        owner: Address::repeat_byte(number),
        payout: Address::repeat_byte(number + 100),
        stake: coins(stake),
    }
}

fn world(stakes: &[u128], params: &Params) -> MemStore {
    let mut store = MemStore::at(1_000);
    let mut founders: Vec<Founder> = stakes.iter().zip(1u8..).map(|(stake, n)| founder(n, *stake)).collect();
    founders.reverse();
    store.set_balance(HHCM, founding_balance(&founders, coins(100)));
    found(&mut store, params, &founders, coins(100)).unwrap();
    store
}

fn block(store: &mut MemStore, closing: &Closing) -> Result<Closed, Fault> {
    store.height += 1;
    store.now += 10;
    let collected = store.balance(COLLECTOR).unwrap();
    store.set_balance(COLLECTOR, collected + closing.fees);
    let height = store.height;
    let opening = Opening { seed: keccak256(height.to_be_bytes()), height };
    open(store, &opening)?;
    close(store, closing)
}

fn by(author: u8) -> Closing {
    Closing {
        author: Some(B256::repeat_byte(author)),
        worked: true,
        gas_limit: 30_000_000,
        ..Closing::default()
    }
}

#[test]
fn genesis_writes_a_committee_sorted_by_key() {
    let params = Params::default();
    let mut store = world(&[1_000, 3_000, 2_000], &params);
    let members = committee(&mut store).unwrap();
    let keys: Vec<u8> = members.iter().map(|member| member.key[0]).collect();
    assert_eq!(keys, [1, 2, 3]);
    assert_eq!(members.iter().map(|m| m.weight).collect::<Vec<_>>(), [10, 30, 20]);
    assert_eq!(members[1].beacon, [2; 48]);
    assert_eq!(member(&mut store, B256::repeat_byte(3)).unwrap().unwrap().0, 2);
    assert_eq!(member(&mut store, B256::repeat_byte(9)).unwrap(), None);
    assert_eq!(Params::load(&mut store).unwrap(), params);
    assert_eq!((epoch(&mut store).unwrap(), groups(&mut store).unwrap()), (0, params.x_start));
    assert_eq!(Totals::load(&mut store).unwrap().sum(), store.balance(HHCM).unwrap());
}

#[test]
fn a_genesis_that_does_not_add_up_is_refused() {
    let params = Params::default();
    let refused = |params: &Params, founders: &[Founder]| {
        found(&mut MemStore::at(0), params, founders, U256::ZERO).unwrap_err().to_string()
    };
    assert!(refused(&params, &[]).contains("one validator"));
    assert!(refused(&params, &[founder(1, 5_000), founder(1, 5_000)]).contains("same key"));
    assert!(refused(&params, &[founder(1, 999)]).contains("min_stake"));
    assert!(refused(&params, &[Founder { payout: HHCM, ..founder(1, 5_000) }]).contains("paid"));
    let broken = Params { tau: 0, lower_at_bps: 3_500, ..params };
    assert!(refused(&broken, &[founder(1, 5_000)]).contains("parameters"));
    let fields: Vec<&str> = broken.check().unwrap_err().iter().map(|broken| broken.field).collect();
    assert_eq!(fields, ["tau", "lower_at_bps"]);
}

#[test]
fn a_block_pays_its_author_from_pool_and_fees() {
    let params = Params::default();
    let mut store = world(&[1_000, 1_000], &params);
    let closed = block(&mut store, &Closing { fees: coins(10), ..by(2) }).unwrap();
    // The reward of 2 and 80 % of the fees; the rest of the fees is in the pool.
    assert_eq!(closed.author_payout, [(Address::repeat_byte(102), coins(10))]);
    assert_eq!(store.balance(Address::repeat_byte(102)).unwrap(), coins(10));
    let totals = Totals::load(&mut store).unwrap();
    assert_eq!(totals.pool, 100 * COIN);
    assert_eq!(totals.sum(), store.balance(HHCM).unwrap());
    let closed = block(&mut store, &Closing { fees: coins(10), worked: false, ..by(2) }).unwrap();
    assert_eq!(closed.author_payout, [(Address::repeat_byte(102), coins(8))]);
    let closed = block(&mut store, &Closing { fees: coins(10), author: None, ..by(2) }).unwrap();
    assert_eq!(closed.author_payout, []);
    assert_eq!(Totals::load(&mut store).unwrap().pool, 112 * COIN);
}

#[test]
fn rewards_end_with_the_pool() {
    let params = Params { block_reward: 60 * COIN, ..Params::default() };
    let mut store = world(&[1_000], &params);
    let paid: Vec<U256> = (0..3)
        .map(|_| block(&mut store, &by(1)).unwrap().author_payout.iter().map(|(_, wei)| *wei).sum())
        .collect();
    assert_eq!(paid, [coins(60), coins(40), U256::ZERO]);
}

#[test]
fn a_win_resets_the_bonus_for_holding() {
    let params = Params { epoch_length: 2, ..Params::default() };
    let mut store = world(&[1_000, 1_000], &params);
    store.now += params.hold_full;
    block(&mut store, &by(1)).unwrap();
    let weights =
        |store: &mut MemStore| committee(store).unwrap().iter().map(|m| m.weight).collect::<Vec<_>>();
    assert_eq!(weights(&mut store), [10, 15]);
    block(&mut store, &by(2)).unwrap();
    assert_eq!(weights(&mut store), [10, 10]);
}

#[test]
fn epochs_cover_their_heights() {
    let params = Params { epoch_length: 4, ..Params::default() };
    let mut store = world(&[1_000], &params);
    let begun: Vec<Option<u64>> = (0..8).map(|_| block(&mut store, &by(1)).unwrap().epoch).collect();
    assert_eq!(begun, [None, None, Some(1), None, None, None, Some(2), None]);
}

#[test]
fn groups_never_outnumber_nodes() {
    let params = Params { epoch_length: 2, x_min: 1, x_max: 8, x_start: 1, ..Params::default() };
    let mut store = world(&[1_000, 1_000, 1_000], &params);
    let full = Closing { gas_used: 100, gas_limit: 100, ..by(1) };
    let x: Vec<u32> = (0..8)
        .map(|_| {
            block(&mut store, &full).unwrap();
            groups(&mut store).unwrap()
        })
        .collect();
    assert_eq!(x, [2, 2, 3, 3, 3, 3, 3, 3]);
}

#[test]
fn a_guerrilla_counts_in_the_group_it_chose() {
    let params = Params { x_min: 4, x_max: 4, x_start: 4, tau: 4_000, unit: COIN, ..Params::default() };
    let mut store = world(&[1_000, 1_000, 1_000, 1_000], &params);
    let members = committee(&mut store).unwrap();
    block(&mut store, &Closing { guerrilla: Some(3), ..by(2) }).unwrap();
    let seed = keccak256([7]);
    let own = group_of_node(seed, B256::repeat_byte(2), 4);
    // The author of the block just before knows the seed, so its choice counts a block later.
    assert_eq!(guerrilla_for(&mut store, 2).unwrap(), None);
    assert_eq!(guerrilla_for(&mut store, 3).unwrap(), Some((B256::repeat_byte(2), 3)));
    open(&mut store, &Opening { seed, height: 3 }).unwrap();
    let with = representatives(&members, seed, 4, &params, Some((B256::repeat_byte(2), 3)));
    assert_eq!(elected(&mut store).unwrap(), with);
    for group in 0..4u32 {
        let there: Vec<usize> = (0..4)
            .filter(|i| group_of_member(members[*i].key, seed, 4, Some((B256::repeat_byte(2), 3))) == group)
            .collect();
        let chosen = with[group as usize];
        assert_eq!(chosen.is_some(), !there.is_empty());
        assert!(chosen.is_none_or(|place| there.contains(&place)));
    }
    assert_ne!(own, 3, "the example shows nothing if its own group is the chosen one");
    let out_of_range = representatives(&members, seed, 4, &params, Some((B256::repeat_byte(2), 4)));
    assert_eq!(out_of_range, representatives(&members, seed, 4, &params, None));
}

#[test]
fn blocks_are_remembered_for_256_heights() {
    let mut store = world(&[1_000], &Params::default());
    let digest = keccak256([1]);
    block(&mut store, &Closing { packages: vec![None, Some(digest)], ..by(1) }).unwrap();
    let first = Remembered::load(&mut store, 1).unwrap().unwrap();
    assert_eq!(
        (first.seed, first.author, first.worked),
        (keccak256(1u64.to_be_bytes()), Some(B256::repeat_byte(1)), true)
    );
    assert_eq!(first.package(&mut store, 0).unwrap(), None);
    assert_eq!(first.package(&mut store, 1).unwrap(), Some(digest));
    assert_eq!(first.package(&mut store, 2).unwrap(), None);
    assert_eq!(Remembered::load(&mut store, 0).unwrap(), None);
    assert_eq!(Remembered::load(&mut store, 257).unwrap(), None);
    (0..256).for_each(|_| drop(block(&mut store, &by(1)).unwrap()));
    assert_eq!(Remembered::load(&mut store, 1).unwrap(), None);
    let last = Remembered::load(&mut store, 257).unwrap().unwrap();
    assert_eq!(last.package(&mut store, 1).unwrap(), None);
}

#[test]
fn a_block_that_cannot_be_closed_is_refused() {
    let mut store = world(&[1_000], &Params::default());
    store.height = 5;
    assert_eq!(close(&mut store, &by(1)), Err(Fault::Misuse("this block was not opened")));
    assert_eq!(block(&mut store, &by(9)), Err(Fault::Misuse("author is no validator")));
    let many = Closing { packages: vec![None; 3], ..by(1) };
    assert_eq!(block(&mut store, &many), Err(Fault::Misuse("more packages than groups")));
    assert_eq!(
        open(&mut MemStore::at(0), &Opening { seed: B256::ZERO, height: 1 }),
        Err(Fault::Misuse("this chain has no stake"))
    );
}
