//! Seals random blocks in groups and imports each into a chain that runs everything one by one: any difference in
//! a root, a receipt, a log or the gas refuses the block.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use alloy_primitives::{Address, Bytes, U256};
use fusor_chain_lite::{
    Account, Chain, DevTx, Genesis, Transaction,
    genesis::Consensus,
    group::{Grouping, split},
    hhcm::Randomness,
    ledger::{Draft, Ledger},
    node::NodeKeys,
};
use fusor_vm::{
    account::COLLECTOR,
    asm::assemble,
    hhcm::{Founder, Params},
};
use proptest::prelude::*;
use std::sync::Arc;

const USERS: u8 = 12;
const START: u64 = 1_000_000;

fn user(n: u8) -> Address {
    Address::with_last_byte(0x20 + n)
}

/// Contracts, each with the way it shares state between transactions.
const CONTRACTS: [&str; 9] = [
    // One slot for all: slot 0 grows.
    "PUSH0 SLOAD PUSH 1 ADD PUSH0 SSTORE STOP",
    // A slot for the caller and one for the argument, as a token has.
    "CALLER SLOAD PUSH 1 ADD CALLER SSTORE PUSH0 CALLDATALOAD SLOAD PUSH 2 ADD PUSH0 CALLDATALOAD SSTORE
     CALLER PUSH0 PUSH0 LOG1 STOP",
    // Remembers the argument's balance in the caller's slot.
    "PUSH0 CALLDATALOAD BALANCE CALLER SSTORE STOP",
    // Sends what came on to the argument.
    "PUSH0 PUSH0 PUSH0 PUSH0 CALLVALUE PUSH0 CALLDATALOAD GAS CALL POP STOP",
    // Creates a contract with code `00` by CREATE2 with the argument as salt, if nobody did before.
    "PUSH 0x6001600081600b8239f3000000000000000000000000000000000000000000 PUSH0 MSTORE
     PUSH0 CALLDATALOAD PUSH 31 PUSH 1 PUSH0 CREATE2 CALLER SSTORE STOP",
    // Mints an asset of its own to the argument and notes the supply.
    "PUSH 3 PUSH0 CALLDATALOAD PUSH 7 AMINT ASUPPLY CALLER SSTORE STOP",
    // Destroys itself in favour of the argument; its code stays, its coin goes (EIP-6780).
    "PUSH0 CALLDATALOAD SELFDESTRUCT",
    // Reverts when the hot counter in its own slot 0 is odd, else counts.
    "PUSH0 SLOAD DUP1 PUSH 1 AND PUSH @odd JUMPI PUSH 1 ADD PUSH0 SSTORE STOP
     odd: JUMPDEST PUSH 1 ADD PUSH0 SSTORE PUSH0 PUSH0 REVERT",
    // Pays the author and remembers what COINBASE holds.
    "PUSH0 PUSH0 PUSH0 PUSH0 CALLVALUE COINBASE GAS CALL POP COINBASE BALANCE CALLER SSTORE
     PUSH 1 NUMBER SUB BLOCKHASH PUSH 1 CALLER ADD SSTORE STOP",
];

fn contract(n: usize) -> Address {
    Address::with_last_byte(0x80 + n as u8)
}

fn genesis() -> Genesis {
    let mut genesis = Genesis { time: START, ..Genesis::default() };
    for n in 0..USERS {
        let balance = U256::from(if n % 3 == 0 { 50u64 } else { 1_000_000 });
        genesis = genesis.with_balance(user(n), balance);
    }
    for (n, text) in CONTRACTS.iter().enumerate() {
        let code: Bytes = assemble(text).unwrap().into();
        let balance = U256::from(9);
        genesis.accounts.insert(contract(n), Account { code, balance, ..Account::default() });
    }
    genesis
}

/// A chain with consensus of one validator.
fn founded(groups: u32, keys: &NodeKeys) -> Genesis {
    let stake = U256::from(10u64).pow(U256::from(22));
    let founder = Founder {
        key: keys.id(),
        beacon: keys.beacon.public(),
        owner: Address::repeat_byte(1),
        payout: Address::repeat_byte(2),
        stake,
    };
    let params = Params { chain_id: 1_337, x_start: groups, x_max: 9, ..Params::default() };
    let randomness = Randomness::PreviousHash;
    let consensus = Consensus { params, randomness, validators: vec![founder], pool: stake };
    Genesis { consensus: Some(consensus), ..genesis() }
}

#[derive(Debug, Clone)]
enum Target {
    User(u8),
    Contract(usize, u8),
    Create,
}

#[derive(Debug, Clone)]
struct Sent {
    from: u8,
    target: Target,
    value: u64,
    gas: u64,
    /// Added to the nonce that fits; not 0 makes the transaction invalid where it stands.
    skip: u64,
}

fn sent() -> impl Strategy<Value = Sent> {
    let target = prop_oneof![
        3 => (0..USERS).prop_map(Target::User),
        6 => (0..CONTRACTS.len(), 0..USERS).prop_map(|(n, arg)| Target::Contract(n, arg)),
        1 => Just(Target::Create),
    ];
    let gas = prop_oneof![9 => Just(200_000u64), 1 => Just(22_000u64), 1 => Just(9_000_000u64)];
    let skip = prop_oneof![12 => Just(0u64), 1 => Just(1u64)];
    (0..USERS, target, 0u64..60, gas, skip).prop_map(|(from, target, value, gas, skip)| Sent {
        from,
        target,
        value,
        gas,
        skip,
    })
}

fn transaction(sent: &Sent, nonces: &mut [u64; USERS as usize]) -> Transaction {
    let nonce = nonces[sent.from as usize] + sent.skip;
    nonces[sent.from as usize] += u64::from(sent.skip == 0);
    let (to, input) = match sent.target {
        Target::User(n) => (Some(user(n)), Bytes::new()),
        Target::Contract(n, arg) => (Some(contract(n)), user(arg).into_word().to_vec().into()),
        Target::Create => (None, assemble("PUSH0 SLOAD PUSH0 SSTORE CALLER SELFDESTRUCT").unwrap().into()),
    };
    let value = U256::from(sent.value);
    Transaction::Dev(DevTx { from: user(sent.from), to, value, gas: sent.gas, input, nonce, chain_id: 1_337 })
}

fn seal(chain: &mut Chain, block: &[Sent]) -> usize {
    let mut nonces = std::array::from_fn(|n| chain.nonce(user(n as u8)));
    // More transactions than the least for which groups are used.
    for sent in block.iter().cycle().take(block.len().max(80)) {
        chain.submit(transaction(sent, &mut nonces));
    }
    chain.seal().unwrap().left_out.len()
}

fn check(groups: u32, threads: usize, blocks: &[Vec<Sent>]) {
    let mut parallel = Chain::new(genesis()).unwrap();
    let mut sequential = Chain::new(genesis()).unwrap();
    for block in blocks {
        parallel.set_grouping(Some(Grouping { groups, threads }));
        seal(&mut parallel, block);
        sequential.import(parallel.head()).unwrap();
        let (ours, theirs) = (parallel.receipts(parallel.height()), sequential.receipts(parallel.height()));
        assert_eq!(ours, theirs);
        assert!(parallel.balance(COLLECTOR).is_zero());
    }
}

fn cases() -> u32 {
    std::env::var("FUSOR_PROPERTY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]
    #[test]
    fn a_block_of_groups_is_an_ordinary_block(
        groups in 1u32..9,
        threads in 2usize..4,
        blocks in prop::collection::vec(prop::collection::vec(sent(), 1..100), 1..4),
    ) {
        check(groups, threads, &blocks);
    }

    #[test]
    fn the_number_of_threads_changes_nothing(
        groups in 2u32..9,
        block in prop::collection::vec(sent(), 80..120),
    ) {
        // A block's author decides whether groups are merged; what comes of it must be the same everywhere.
        let block = |threads| {
            let keys = NodeKeys::from_seed(1);
            let mut ledger = Ledger::new(founded(groups, &keys), threads).unwrap();
            ledger.set_merging(Some(true));
            let mut nonces = [0; USERS as usize];
            let transactions = block.iter().map(|sent| transaction(sent, &mut nonces)).collect();
            let parent = ledger.head();
            let packages = (0..).zip(split(transactions, groups, 2)).map(|(group, transactions)| {
                Some(Arc::new(ledger.package(parent, group, transactions, &keys.node).unwrap()))
            });
            let packages = packages.collect();
            let (key, beacon) = (&keys.node, &keys.beacon);
            let dealings = &Default::default();
            let draft =
                Draft { key, beacon, group: None, guerrilla: None, evidence: &[], dealings, now: START };
            ledger.offer(parent, &packages, draft).unwrap()
        };
        prop_assert_eq!(block(1), block(2));
        prop_assert_eq!(block(2), block(5));
    }
}
