//! Plays random sequences on the pool and on a plain list that follows the same rules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip4844, TxEip7702, TxEnvelope, TxLegacy};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use fusor_chain_lite::{
    DevTx, Transaction,
    group::group_of_sender,
    pool::{AccountView, Choice, Group, Limits, Pool, PoolError, PoolRules},
};
use proptest::prelude::*;
use std::{cmp::Reverse, collections::BTreeMap};

const RULES: PoolRules = PoolRules { chain_id: 1_337, block_gas_limit: 30_000_000, dev: true };
const SENDERS: u8 = 5;
const BASE_FEE: u64 = 10;

#[derive(Debug, Clone, Default)]
struct Accounts(BTreeMap<Address, (u64, U256)>);

impl AccountView for Accounts {
    fn nonce(&self, who: Address) -> u64 {
        self.0.get(&who).map_or(0, |account| account.0)
    }

    fn balance(&self, who: Address) -> U256 {
        self.0.get(&who).map_or(U256::ZERO, |account| account.1)
    }
}

fn rich() -> Accounts {
    Accounts((0..SENDERS).map(|n| (who(n), (0, U256::MAX))).collect())
}

fn who(n: u8) -> Address {
    Address::with_last_byte(n + 1)
}

/// The pool does not look at signatures, `Transaction::decode_signed` has.
fn signed<T: SignableTransaction<Signature>>(sender: Address, tx: T) -> Transaction
where
    TxEnvelope: From<alloy_consensus::Signed<T>>,
{
    let signature = Signature::new(U256::from(1), U256::from(1), false);
    Transaction::Signed { envelope: Box::new(tx.into_signed(signature).into()), sender }
}

fn tx(sender: u8, nonce: u64, fee: u128, tip: u128, value: u64) -> TxEip1559 {
    let to = TxKind::Call(Address::with_last_byte(0xf0 + sender));
    TxEip1559 {
        chain_id: 1_337,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: fee,
        max_priority_fee_per_gas: tip,
        to,
        value: U256::from(value),
        ..TxEip1559::default()
    }
}

fn plain(sender: u8, nonce: u64, fee: u128, tip: u128) -> Transaction {
    signed(who(sender), tx(sender, nonce, fee, tip, 0))
}

fn pool() -> Pool {
    Pool::new(RULES, Limits::default())
}

#[test]
fn every_reason_to_refuse() {
    let limits = Limits { tx_bytes: 60_000, sender_bytes: 100_000, sender_count: 8, ..Limits::default() };
    let mut pool = Pool::new(PoolRules { dev: false, ..RULES }, limits);
    let mut accounts = rich();
    accounts.0.insert(who(1), (3, U256::from(21_000 * 20 * 2 - 1)));
    let mut add = |tx: Transaction| {
        let before = pool.clone();
        let result = pool.add(tx, &accounts, BASE_FEE);
        if result.is_err() {
            assert_eq!(pool.content(), before.content());
        }
        result.map(|added| added.pending)
    };
    let first = plain(0, 0, 20, 2);
    assert_eq!(add(first.clone()), Ok(true));
    assert_eq!(add(first), Err(PoolError::AlreadyKnown));
    assert_eq!(add(plain(0, 2, 20, 2)), Ok(false), "waits for nonce 1");
    assert_eq!(add(plain(1, 2, 20, 2)), Err(PoolError::NonceTooLow { nonce: 2, next: 3 }));
    let ahead_max = 8;
    assert_eq!(add(plain(1, 11, 20, 2)), Err(PoolError::NonceTooHigh { nonce: 11, next: 3, ahead_max }));
    assert!(matches!(add(plain(1, u64::MAX, 20, 2)), Err(PoolError::NonceTooHigh { .. })));
    assert_eq!(add(plain(0, 0, 21, 3)), Err(PoolError::ReplacementUnderpriced), "22 would be a tenth more");
    assert_eq!(add(plain(0, 0, 22, 2)), Err(PoolError::ReplacementUnderpriced), "the tip counts too");
    assert_eq!(add(plain(0, 0, 22, 3)), Ok(true));
    assert_eq!(add(plain(1, 3, 20, 2)), Ok(true));
    assert!(matches!(add(plain(1, 4, 20, 2)), Err(PoolError::InsufficientFunds { .. })), "both together");
    let whole = signed(who(1), TxEip1559 { value: U256::MAX, ..tx(1, 4, 20, 2, 0) });
    assert!(matches!(add(whole), Err(PoolError::InsufficientFunds { .. })), "a cost above 256 bits");
    let gas = |gas_limit| signed(who(0), TxEip1559 { gas_limit, ..tx(0, 1, 20, 2, 0) });
    assert_eq!(add(gas(16_777_217)), Err(PoolError::GasLimit { gas: 16_777_217, most: 16_777_216 }));
    assert_eq!(add(gas(20_999)), Err(PoolError::IntrinsicGas { gas: 20_999, least: 21_000 }));
    let data = |to, len| {
        signed(
            who(0),
            TxEip1559 { to, input: vec![1; len].into(), gas_limit: 5_000_000, ..tx(0, 1, 20, 2, 0) },
        )
    };
    let call = TxKind::Call(who(9));
    assert!(matches!(add(data(call, 70_000)), Err(PoolError::Oversized { most: 60_000, .. })));
    assert!(matches!(add(data(TxKind::Create, 49_153)), Err(PoolError::InitCode { most: 49_152, .. })));
    assert_eq!(add(data(call, 55_000)), Ok(true));
    let second = signed(
        who(0),
        TxEip1559 { input: vec![1; 55_000].into(), gas_limit: 5_000_000, ..tx(0, 3, 20, 2, 0) },
    );
    assert!(matches!(add(second), Err(PoolError::SenderFull { most: 100_000, .. })));
    let foreign = signed(who(0), TxEip1559 { chain_id: 1, ..tx(0, 1, 20, 2, 0) });
    assert_eq!(add(foreign), Err(PoolError::ChainId { have: 1, want: 1_337 }));
    assert_eq!(add(plain(0, 1, 20, 21)), Err(PoolError::TipAboveFee { tip: 21, fee: 20 }));
    let blob = TxEip4844 { chain_id: 1_337, blob_versioned_hashes: vec![B256::ZERO], ..TxEip4844::default() };
    assert!(matches!(add(signed(who(0), blob)), Err(PoolError::Unsupported(_))));
    let bare = TxEip7702 { chain_id: 1_337, gas_limit: 100_000, ..TxEip7702::default() };
    assert!(matches!(add(signed(who(0), bare)), Err(PoolError::Unsupported(_))));
    let dev = DevTx {
        from: who(0),
        to: None,
        value: U256::ZERO,
        gas: 100_000,
        input: Bytes::new(),
        nonce: 0,
        chain_id: 1_337,
    };
    assert_eq!(add(Transaction::Dev(dev)), Err(PoolError::Unsigned));
}

#[test]
fn legacy_transactions_without_chain_id_are_taken() {
    let legacy = TxLegacy { gas_price: 20, gas_limit: 21_000, to: who(4).into(), ..TxLegacy::default() };
    assert!(pool().add(signed(who(0), legacy), &rich(), BASE_FEE).unwrap().pending);
}

#[test]
fn a_gap_that_closes_lets_all_behind_it_run() {
    let (mut pool, accounts) = (pool(), rich());
    for nonce in [2, 1, 4] {
        assert!(!pool.add(plain(0, nonce, 20, 2), &accounts, BASE_FEE).unwrap().pending);
    }
    assert_eq!((pool.status(), pool.pending_nonce(who(0), &accounts)), ((0, 3), 0));
    pool.add(plain(0, 0, 20, 2), &accounts, BASE_FEE).unwrap();
    assert_eq!((pool.status(), pool.pending_nonce(who(0), &accounts)), ((3, 1), 3));
    let mut after = accounts;
    after.0.insert(who(0), (3, U256::MAX));
    assert_eq!(pool.advance(&after, [who(0)]).len(), 3);
    assert_eq!((pool.status(), pool.pending_nonce(who(0), &after)), ((0, 1), 3));
}

#[test]
fn what_the_balance_just_pays_for_stays() {
    let (mut pool, mut accounts) = (pool(), Accounts::default());
    accounts.0.insert(who(0), (0, U256::from(21_000 * 20 * 2)));
    for nonce in 0..2 {
        assert!(pool.add(plain(0, nonce, 20, 2), &accounts, BASE_FEE).unwrap().pending);
    }
    assert!(pool.advance(&accounts, [who(0)]).is_empty());
    accounts.0.insert(who(0), (0, U256::from(21_000 * 20 * 2 - 1)));
    assert_eq!(pool.advance(&accounts, [who(0)]), [plain(0, 1, 20, 2).hash()]);
    assert_eq!(pool.status(), (1, 0));
}

#[test]
fn a_full_pool_gives_up_the_cheapest_and_refuses_what_pays_no_more() {
    let limits = Limits { count: 3, ..Limits::default() };
    let (mut pool, accounts) = (Pool::new(RULES, limits), rich());
    let cheap = plain(0, 1, 12, 1);
    for tx in [plain(0, 0, 12, 1), cheap.clone(), plain(1, 0, 200, 50)] {
        pool.add(tx, &accounts, BASE_FEE).unwrap();
    }
    assert_eq!(pool.add(plain(2, 0, 12, 1), &accounts, BASE_FEE), Err(PoolError::Full));
    assert_eq!(
        pool.add(plain(0, 2, 90, 9), &accounts, BASE_FEE).map(|added| added.evicted),
        Err(PoolError::Full),
        "a sender's own row is not cut below the newcomer"
    );
    let added = pool.add(plain(2, 0, 13, 2), &accounts, BASE_FEE).unwrap();
    assert_eq!(added.evicted, vec![cheap.hash()]);
    assert_eq!(pool.len(), 3);
}

/// One transaction in the model.
#[derive(Debug, Clone)]
struct Row {
    tx: Transaction,
    sender: u8,
    nonce: u64,
    fee: u128,
    tip: u128,
    cost: U256,
    arrival: u64,
}

impl Row {
    fn rank(&self) -> (Option<u128>, u128) {
        (self.fee.checked_sub(BASE_FEE.into()).map(|left| left.min(self.tip)), self.fee)
    }
}

/// Is the pool as a plain list.
#[derive(Debug, Clone)]
struct Model {
    rows: Vec<Row>,
    limits: Limits,
    arrivals: u64,
}

impl Model {
    fn of(&self, sender: u8) -> Vec<&Row> {
        let mut own: Vec<&Row> = self.rows.iter().filter(|row| row.sender == sender).collect();
        own.sort_by_key(|row| row.nonce);
        own
    }

    fn bytes(&self) -> usize {
        self.rows.iter().map(|row| row.tx.encoded_2718().len()).sum()
    }

    fn pending(&self, sender: u8, next: u64) -> Vec<&Row> {
        let own = self.of(sender);
        (next..).zip(own).take_while(|(nonce, row)| *nonce == row.nonce).map(|(_, row)| row).collect()
    }

    fn drop_stale(&mut self, sender: u8, accounts: &Accounts) {
        let (next, balance) = accounts.0[&who(sender)];
        self.rows.retain(|row| row.sender != sender || row.nonce >= next);
        let affordable = |rows: &[&Row]| rows.iter().map(|row| row.cost).sum::<U256>() <= balance;
        while !affordable(&self.of(sender)) {
            let last = self.of(sender).last().unwrap().nonce;
            self.rows.retain(|row| row.sender != sender || row.nonce != last);
        }
    }

    /// Adds a row; false if it is refused.
    fn add(&mut self, row: Row, accounts: &Accounts) -> bool {
        let (next, balance) = accounts.0[&who(row.sender)];
        if self.rows.iter().any(|old| old.tx == row.tx)
            || row.nonce < next
            || row.nonce >= next + self.limits.sender_count
        {
            return false;
        }
        let mut trial = self.clone();
        if let Some(at) = trial.rows.iter().position(|old| (old.sender, old.nonce) == (row.sender, row.nonce))
        {
            let old = trial.rows.remove(at);
            let more = |new: u128, old: u128| new > old && new * 100 >= old * 110;
            if !more(row.fee, old.fee) || !more(row.tip, old.tip) {
                return false;
            }
        }
        let others: U256 =
            trial.of(row.sender).iter().filter(|old| old.nonce >= next).map(|old| old.cost).sum();
        if others + row.cost > balance {
            return false;
        }
        let size = row.tx.encoded_2718().len();
        while trial.rows.len() + 1 > self.limits.count || trial.bytes() + size > self.limits.bytes {
            let tails = (0..SENDERS).filter_map(|sender| trial.of(sender).last().copied().cloned());
            let tails = tails.filter(|tail| tail.sender != row.sender || tail.nonce > row.nonce);
            match tails.min_by_key(|tail| (tail.rank(), Reverse(tail.arrival))) {
                Some(tail) if tail.rank() < row.rank() => {
                    trial.rows.retain(|old| (old.sender, old.nonce) != (tail.sender, tail.nonce));
                }
                _ => return false,
            }
        }
        let sender = row.sender;
        trial.rows.push(Row { arrival: trial.arrivals, ..row });
        trial.arrivals += 1;
        *self = trial;
        self.drop_stale(sender, accounts);
        true
    }

    fn ready(&self, choice: Choice, accounts: &Accounts, admits: impl Fn(u8) -> bool) -> Vec<Transaction> {
        let mut rows: BTreeMap<u8, Vec<&Row>> = BTreeMap::new();
        for sender in (0..SENDERS).filter(|sender| admits(*sender)) {
            rows.insert(sender, self.pending(sender, accounts.0[&who(sender)].0));
        }
        let (mut chosen, mut gas) = (Vec::new(), choice.gas);
        while chosen.len() < choice.count {
            let heads = rows.values().filter_map(|row| row.first().copied());
            let heads = heads.filter(|row| row.rank().0.is_some());
            let Some(best) = heads.max_by_key(|row| (row.rank().0, Reverse(row.arrival))) else { break };
            let row = rows.get_mut(&best.sender).unwrap();
            if best.tx.gas() > gas {
                row.clear();
                continue;
            }
            gas -= best.tx.gas();
            chosen.push(row.remove(0).tx.clone());
        }
        chosen
    }
}

#[derive(Debug, Clone)]
enum Step {
    Add {
        sender: u8,
        ahead: i8,
        fee: u128,
        tip: u128,
        value: u64,
    },
    /// A block: the account used so many nonces and has that balance.
    Block {
        sender: u8,
        used: u64,
        balance: u64,
    },
    Remove(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let add = (0..SENDERS, -1i8..6, 5u128..30, 0u128..8, 0u64..1_000_000).prop_map(
        |(sender, ahead, fee, tip, value)| Step::Add { sender, ahead, fee, tip: tip.min(fee), value },
    );
    let block = (0..SENDERS, 0u64..3, 0u64..6_000_000).prop_map(|(sender, used, balance)| Step::Block {
        sender,
        used,
        balance,
    });
    prop_oneof![8 => add, 2 => block, 1 => (0usize..20).prop_map(Step::Remove)]
}

fn play(steps: &[Step], limits: Limits, groups: u32) -> Result<(), TestCaseError> {
    let mut accounts = rich();
    accounts.0.values_mut().for_each(|account| account.1 = U256::from(4_000_000u64));
    let mut pool = Pool::new(RULES, limits);
    let mut model = Model { rows: Vec::new(), limits, arrivals: 0 };
    for step in steps {
        match *step {
            Step::Add { sender, ahead, fee, tip, value } => {
                let nonce = accounts.nonce(who(sender)).saturating_add_signed(ahead.into());
                let cost = U256::from(21_000 * fee + u128::from(value));
                let tx = signed(who(sender), tx(sender, nonce, fee, tip, value));
                let row = Row { tx: tx.clone(), sender, nonce, fee, tip, cost, arrival: 0 };
                let taken = pool.add(tx, &accounts, BASE_FEE);
                prop_assert_eq!(taken.is_ok(), model.add(row, &accounts), "{:?}", taken);
            }
            Step::Block { sender, used, balance } => {
                let account = accounts.0.get_mut(&who(sender)).unwrap();
                *account = (account.0 + used, U256::from(balance));
                pool.advance(&accounts, [who(sender)]);
                model.drop_stale(sender, &accounts);
            }
            Step::Remove(at) if at < model.rows.len() => {
                let row = model.rows.remove(at);
                prop_assert_eq!(pool.remove(&row.tx.hash()), Some(row.tx));
            }
            Step::Remove(_) => {}
        }
        compare(&pool, &model, &accounts, groups)?;
    }
    Ok(())
}

fn compare(pool: &Pool, model: &Model, accounts: &Accounts, groups: u32) -> Result<(), TestCaseError> {
    prop_assert_eq!((pool.len(), pool.bytes()), (model.rows.len(), model.bytes()));
    prop_assert!(pool.len() <= model.limits.count && pool.bytes() <= model.limits.bytes);
    let content = pool.content();
    for sender in 0..SENDERS {
        let next = accounts.nonce(who(sender));
        let pending: Vec<_> = model.pending(sender, next).into_iter().map(|row| row.tx.clone()).collect();
        let all: Vec<_> = model.of(sender).into_iter().map(|row| row.tx.clone()).collect();
        let ours = content.get(&who(sender)).cloned().unwrap_or_default();
        prop_assert_eq!(pool.pending_nonce(who(sender), accounts), next + pending.len() as u64);
        prop_assert_eq!([&ours.pending[..], &ours.queued[..]].concat(), all);
        prop_assert_eq!(ours.pending, pending);
    }
    for gas in [50_000, u64::MAX] {
        let choice = Choice { gas, base_fee: BASE_FEE, count: 7 };
        prop_assert_eq!(pool.ready(choice), model.ready(choice, accounts, |_| true));
        for group in 0..groups {
            let admits = |sender| group_of_sender(who(sender), groups) == group;
            let chosen = pool.ready_of_group(choice, Group { group, groups });
            prop_assert_eq!(chosen, model.ready(choice, accounts, admits));
        }
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("FUSOR_PROPERTY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]
    #[test]
    fn the_pool_is_the_plain_list(
        steps in prop::collection::vec(step(), 1..60),
        count in 3usize..14,
        bytes in 500usize..2_000,
        groups in 1u32..4,
    ) {
        let limits = Limits { count, bytes, sender_count: 5, ..Limits::default() };
        play(&steps, limits, groups)?;
    }
}
