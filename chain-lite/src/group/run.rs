//! Runs one group's transactions, and all groups on threads.

use super::{access::Key, changes::Changes, view::View};
use crate::{error::InvalidTx, executor::refusal, state::State, tx::Transaction};
use alloy_primitives::{B256, U256};
use fusor_vm::evm::{FusorEvm, Rules};
use revm::context::{BlockEnv, TxEnv, result::ExecutionResult};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// Is what every transaction of a block runs under.
#[derive(Debug, Clone)]
pub(crate) struct BlockRules {
    pub(crate) rules: Rules,
    pub(crate) block: BlockEnv,
    pub(crate) dev: bool,
}

impl BlockRules {
    /// Returns what revm runs. Errors: a transaction that only the chain itself may make, or one without
    /// signature where none is allowed.
    pub(crate) fn env(&self, tx: &Transaction) -> Result<TxEnv, InvalidTx> {
        if matches!(tx, Transaction::Dev(_)) && !self.dev {
            return Err(InvalidTx::Unsigned);
        }
        tx.env(self.block.basefee).ok_or(InvalidTx::Unsupported("system transactions from users"))
    }
}

/// Is what all groups start from.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) rules: BlockRules,
    /// Gas that the groups may use together.
    pub(crate) gas: u64,
}

/// Is a transaction as its group ran it.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) tx: Transaction,
    /// None if it was refused; it may be valid after what other groups do.
    pub(crate) done: Option<Done>,
    pub(crate) reads: Vec<Key>,
}

/// Is what a transaction did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) result: ExecutionResult,
    pub(crate) changes: Changes,
    pub(crate) hash: B256,
    /// Priority fee in wei.
    pub(crate) fee: U256,
}

/// Runs every group on the state; the outcome does not depend on the number of threads.
pub(crate) fn run(
    base: &State,
    ground: &Ground,
    groups: Vec<Vec<Transaction>>,
    threads: usize,
) -> Vec<Vec<Attempt>> {
    let share = ground.gas / groups.len().max(1) as u64;
    let waiting: Vec<_> = groups.into_iter().map(|group| Mutex::new(Some(group))).collect();
    let ended: Vec<_> = waiting.iter().map(|_| Mutex::new(Vec::new())).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((group, place)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            waiting.get(index).zip(ended.get(index))
        } {
            let group = group.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
            *place.lock().unwrap_or_else(PoisonError::into_inner) = run_group(base, ground, share, group);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(waiting.len()) {
            scope.spawn(work);
        }
        work();
    });
    ended.into_iter().map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// Runs one group; `gas` is its share of the block. What does not fit any more is left to the tail.
fn run_group(base: &State, ground: &Ground, gas: u64, group: Vec<Transaction>) -> Vec<Attempt> {
    let mut evm = FusorEvm::new(View::new(base), ground.rules.rules, ground.rules.block.clone());
    evm.defer_fees();
    let mut left = gas;
    let mut attempts = Vec::with_capacity(group.len());
    for tx in group {
        let done = match tx.gas() <= left {
            true => attempt(&mut evm, &ground.rules, &tx).ok(),
            false => None,
        };
        left = left.saturating_sub(done.as_ref().map_or(0, |done| done.result.tx_gas_used()));
        let reads = evm.db_mut().take_reads();
        attempts.push(Attempt { tx, done, reads });
    }
    attempts
}

fn attempt(evm: &mut FusorEvm<View<'_>>, rules: &BlockRules, tx: &Transaction) -> Result<Done, InvalidTx> {
    let outcome = evm.transact(rules.env(tx)?).map_err(refusal)?;
    let changes = evm.db_mut().keep(outcome.state);
    Ok(Done { result: outcome.result, changes, hash: tx.hash(), fee: evm.take_fees() })
}
