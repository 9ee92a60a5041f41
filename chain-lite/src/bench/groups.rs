//! Measures users' transactions run one by one and in groups.

use crate::{
    chain::Chain,
    error::ChainError,
    executor::GroupsRun,
    genesis::{Account, Genesis},
    group::Grouping,
    tx::{DevTx, Transaction},
};
use alloy_primitives::{Address, Bytes, U256};
use fusor_vm::asm::{AsmError, assemble};
use std::time::Duration;

/// Is a kind of block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Coin from many senders to as many receivers.
    Transfers,
    /// A token's transfer between many holders: two hashed slots, one log.
    Tokens,
    /// A loop of 256-bit arithmetic, about 50,000 gas.
    Compute,
    /// Every transaction adds to one slot.
    HotSlot,
    /// Two parts transfers, one part each of the others.
    Mixed,
}

impl Shape {
    /// Lists all shapes.
    pub const ALL: [Self; 5] = [Self::Transfers, Self::Tokens, Self::Compute, Self::HotSlot, Self::Mixed];
}

/// Is a way to run a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One by one.
    Plain,
    /// In groups.
    Groups(Grouping),
    /// As a chain chooses for the first block that it sees: its first transactions decide.
    Chosen(Grouping),
}

/// Is what one way of running a block took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speed {
    /// Transactions kept from groups, in the tail, and left out.
    pub run: GroupsRun,
    /// Shortest time of all rounds.
    pub elapsed: Duration,
}

const TOKEN: u8 = 0x81;
const LOOP: u8 = 0x82;
const COUNTER: u8 = 0x83;

/// `transfer(to = word 0)` of 1 unit: balances in a mapping, as Solidity lays it out; mints what is missing.
const TOKEN_CODE: &str = "
    CALLER PUSH0 MSTORE PUSH 0 PUSH 32 MSTORE PUSH 64 PUSH0 KECCAK256 DUP1 SLOAD PUSH 1 ADD SWAP1 SSTORE
    PUSH0 CALLDATALOAD PUSH0 MSTORE PUSH 64 PUSH0 KECCAK256 DUP1 SLOAD PUSH 1 ADD SWAP1 SSTORE
    PUSH 1 PUSH0 MSTORE PUSH0 CALLDATALOAD CALLER PUSH 0xddf2 PUSH 32 PUSH0 LOG3 STOP";
const LOOP_CODE: &str = "
    PUSH 700 PUSH 3
    next: JUMPDEST DUP1 MUL PUSH 0xffffffffffffffffffffffffffffff61 SWAP1 MOD PUSH 7 ADD
    SWAP1 PUSH 1 SWAP1 SUB SWAP1 DUP2 PUSH @next JUMPI STOP";
const COUNTER_CODE: &str = "PUSH0 SLOAD PUSH 1 ADD PUSH0 SSTORE STOP";

/// Runs a block of `count` transactions `rounds` times and undoes it each time. `clock` returns the time since some
/// fixed moment. Errors: the contracts of the benchmark do not assemble, or the chain refuses its genesis.
pub fn groups(
    shape: Shape,
    count: u64,
    way: Way,
    rounds: u32,
    clock: &dyn Fn() -> Duration,
) -> Result<Speed, ChainError> {
    let mut chain = Chain::new(genesis(count).map_err(|error| ChainError::Internal(error.to_string()))?)?;
    let transactions: Vec<_> = (0..count).map(|n| transaction(shape, n, count)).collect();
    let mut best: Option<Speed> = None;
    for _ in 0..rounds.max(1) {
        let (run, elapsed) = chain.rehearse(transactions.clone(), way, clock)?;
        if best.as_ref().is_none_or(|best| elapsed < best.elapsed) {
            best = Some(Speed { run, elapsed });
        }
    }
    best.ok_or_else(|| ChainError::Internal("no round ran".into()))
}

fn genesis(count: u64) -> Result<Genesis, AsmError> {
    let mut genesis = Genesis { block_gas_limit: u64::MAX >> 8, ..Genesis::default() };
    for n in 0..count {
        genesis = genesis.with_balance(holder(n), U256::from(1u64 << 40));
    }
    for (place, code) in [(TOKEN, TOKEN_CODE), (LOOP, LOOP_CODE), (COUNTER, COUNTER_CODE)] {
        let code = Bytes::from(assemble(code)?);
        genesis.accounts.insert(contract(place), Account { code, ..Account::default() });
    }
    Ok(genesis)
}

fn contract(place: u8) -> Address {
    Address::with_last_byte(place)
}

fn holder(n: u64) -> Address {
    Address::from_word(U256::from(0xacc0_0000_0000u64 + n).into())
}

/// Makes transaction `n`: its sender is used once, and so is its receiver.
fn transaction(shape: Shape, n: u64, count: u64) -> Transaction {
    let receiver = holder(count + n);
    let to = match (shape, n % 5) {
        (Shape::Transfers, _) | (Shape::Mixed, 0 | 1) => receiver,
        (Shape::Tokens, _) | (Shape::Mixed, 2) => contract(TOKEN),
        (Shape::Compute, _) | (Shape::Mixed, 3) => contract(LOOP),
        (Shape::HotSlot, _) | (Shape::Mixed, _) => contract(COUNTER),
    };
    let (value, input) = match to == receiver {
        true => (U256::ONE, Bytes::new()),
        false => (U256::ZERO, receiver.into_word().into()),
    };
    Transaction::Dev(DevTx {
        from: holder(n),
        to: Some(to),
        value,
        gas: 150_000,
        input,
        nonce: 0,
        chain_id: 1_337,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPING: Grouping = Grouping { groups: 4, threads: 2 };

    fn run(shape: Shape, way: Way) -> GroupsRun {
        let speed = groups(shape, 200, way, 1, &Duration::default).unwrap();
        assert!(speed.run.left_out.is_empty(), "{shape:?}: {:?}", speed.run.left_out.first());
        assert_eq!(speed.run.clean + speed.run.tail, 200);
        speed.run
    }

    #[test]
    fn blocks_of_the_benchmark_run_whole_and_conflict_as_they_should() {
        for shape in Shape::ALL {
            let tail = match shape {
                Shape::Transfers | Shape::Tokens | Shape::Compute => 0..=0,
                // A group's first use of the hot slot after an earlier group's is stale, and all after it.
                Shape::HotSlot => 100..=190,
                Shape::Mixed => 20..=39,
            };
            let run = run(shape, Way::Groups(GROUPING));
            assert!(tail.contains(&run.tail), "{shape:?}: {}", run.tail);
        }
    }

    #[test]
    fn a_chain_chooses_groups_where_they_pay() {
        for shape in Shape::ALL {
            let clean = run(shape, Way::Chosen(GROUPING)).clean;
            match shape {
                // Part of the first 64 stays; the rest runs once.
                Shape::HotSlot => assert!(clean < 40, "{clean}"),
                _ => assert!(clean > 120, "{shape:?}: {clean}"),
            }
        }
    }
}
