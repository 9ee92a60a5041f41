//! Measures what the scheduler and the state root cost. No clock is read here: the caller passes one.

mod beacon;
mod groups;

pub use beacon::{Attack, Captured, Source, capture};
pub use groups::{Shape, Speed, Way, groups};

use crate::{
    chain::Chain,
    error::ChainError,
    genesis::Genesis,
    state::{BlockStore, State},
};
use alloy_primitives::{Address, Bytes, U256};
use fusor_vm::{
    account::LEDGER,
    fault::Fault,
    slot::{Record, Table},
    triggers::{self, At, Callback, Outcome},
};
use std::time::Duration;

/// Is what a run of triggers due in the same second cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriggersCost {
    /// How many triggers were due.
    pub triggers: u64,
    /// How many ran well.
    pub executed: u64,
    /// Blocks until all had run.
    pub blocks: u64,
    /// Seconds between the due time and the last firing, by the chain's own time.
    pub late_max: u64,
    /// Time taken until all had run, sealing and roots included.
    pub elapsed: Duration,
}

/// Is what one state root cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootCost {
    /// Holders in the ledger.
    pub holders: u64,
    /// Storage words that the block changed.
    pub changed: u64,
    /// Time taken by the root after the change.
    pub elapsed: Duration,
}

/// Adds one to storage word 0: `PUSH0 SLOAD PUSH1 1 ADD PUSH0 SSTORE STOP`.
const COUNTER: [u8; 8] = [0x5f, 0x54, 0x60, 0x01, 0x01, 0x5f, 0x55, 0x00];
/// Gas that the counter's trigger is given.
const COUNTER_GAS: u64 = 30_000;
/// Triggers that one contract registers.
const PER_CONTRACT: u64 = 1_000;

/// Registers `count` timing triggers due in the same second, on contracts of a thousand each, and runs the
/// chain until all have run. `block_gas_limit` decides over how many blocks the quarter rule spreads them.
/// `clock` returns the time since some fixed moment.
pub fn same_second(
    count: u64,
    block_gas_limit: u64,
    clock: impl Fn() -> Duration,
) -> Result<TriggersCost, ChainError> {
    let mut genesis = Genesis { block_gas_limit, ..Genesis::default() };
    let contracts = count.div_ceil(PER_CONTRACT);
    for i in 0..contracts {
        let account = genesis.accounts.entry(contract(i)).or_default();
        account.balance = U256::from(u128::MAX);
        account.code = Bytes::from_static(&COUNTER);
    }
    let due = genesis.time + 86_400;
    let mut chain = Chain::new(genesis)?;
    chain.alter(|store| book(store, count, due))?;
    let began = clock();
    let fired = chain.run_until_quiet(u64::MAX)?;
    let elapsed = clock().saturating_sub(began);
    Ok(TriggersCost {
        triggers: count,
        executed: fired.iter().filter(|f| f.outcome == Outcome::Executed).count() as u64,
        blocks: chain.height(),
        late_max: fired.iter().map(|f| f.ran_at.saturating_sub(f.due)).max().unwrap_or_default(),
        elapsed,
    })
}

fn contract(i: u64) -> Address {
    Address::from_word(U256::from(0xbe00_0000_0000u64 + i).into())
}

fn book(store: &mut BlockStore<'_>, count: u64, due: u64) -> Result<(), Fault> {
    for i in 0..count {
        let call = Callback { selector: [0; 4], args: Bytes::new(), gas: U256::from(COUNTER_GAS) };
        let at = At { time: U256::from(due), call, policy: U256::ZERO };
        let tid = triggers::at(store, contract(i / PER_CONTRACT), &at)?;
        if tid.is_zero() {
            return Err(Fault::Misuse("booking of the benchmark was refused"));
        }
    }
    Ok(())
}

/// Measures the root after `changed` words have changed in a ledger of `holders` holders.
pub fn root_cost(holders: u64, changed: u64, clock: impl Fn() -> Duration) -> RootCost {
    let mut state = State::default();
    for i in 0..holders {
        state.set_word(LEDGER, holding(i), U256::from(i + 1));
    }
    state.root();
    let stride = (holders / changed.max(1)).max(1);
    for i in 0..changed {
        state.set_word(LEDGER, holding(i * stride % holders.max(1)), U256::from(u128::MAX - u128::from(i)));
    }
    let began = clock();
    state.root();
    RootCost { holders, changed, elapsed: clock().saturating_sub(began) }
}

fn holding(i: u64) -> U256 {
    Record::new(Table::Holding, &[U256::from(1), U256::from(i)]).word(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_triggers_of_the_benchmark_run() {
        let cost = same_second(1_500, 60_000_000, Duration::default).unwrap();
        assert_eq!((cost.triggers, cost.executed), (1_500, 1_500));
        let per_block = 15_000_000 / (COUNTER_GAS + triggers::FIRING_GAS);
        assert_eq!(cost.blocks, 1_500u64.div_ceil(per_block));
        assert_eq!(cost.late_max, (cost.blocks - 1) * 12);
    }
}
