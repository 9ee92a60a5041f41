//! Runs one group's transactions, and all groups on threads.

use super::{
    attempts::{Attempts, Done, Ran},
    changes::Change,
    threads::each,
    view::View,
};
use crate::{
    error::InvalidTx,
    executor::{Ending, refusal},
    state::State,
    tx::Transaction,
};
use fusor_vm::evm::{FusorEvm, Rules};
use revm::context::{BlockEnv, TxEnv};

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

/// Runs every group on the state; the outcome does not depend on the number of threads.
pub(crate) fn run(
    base: &State,
    ground: &Ground,
    groups: Vec<Vec<Transaction>>,
    threads: usize,
) -> Vec<Attempts> {
    let share = ground.gas / groups.len().max(1) as u64;
    each(threads, groups, |group| run_group(base, ground, share, group))
}

/// Runs one group; `gas` is its share of the block. What does not fit any more is left to the tail.
fn run_group(base: &State, ground: &Ground, gas: u64, group: Vec<Transaction>) -> Attempts {
    let view = View::new(base, group.len());
    let mut evm = FusorEvm::new(view, ground.rules.rules, ground.rules.block.clone());
    evm.defer_fees();
    let mut left = gas;
    let (mut ran, mut steps) = (Vec::with_capacity(group.len()), Vec::with_capacity(4 * group.len()));
    for tx in &group {
        let (reads_before, steps_before) = (evm.db_mut().reads().len(), steps.len());
        let done = match tx.gas() <= left {
            true => attempt(&mut evm, &ground.rules, tx, &mut steps).ok(),
            false => None,
        };
        left = left.saturating_sub(done.as_ref().map_or(0, |done| done.gas_used));
        let reads = evm.db_mut().reads().len() - reads_before;
        ran.push(Ran { done, reads, steps: steps.len() - steps_before });
    }
    Attempts { transactions: group, ran, reads: evm.into_db().into_reads(), steps }
}

fn attempt(
    evm: &mut FusorEvm<View<'_>>,
    rules: &BlockRules,
    tx: &Transaction,
    steps: &mut Vec<Change>,
) -> Result<Done, InvalidTx> {
    let outcome = evm.transact(rules.env(tx)?).map_err(refusal)?;
    evm.db_mut().keep(outcome.state, steps);
    let (gas_used, ending) = (outcome.result.tx_gas_used(), Ending::of(outcome.result));
    Ok(Done { ending, gas_used, hash: tx.hash(), fee: evm.take_fees() })
}
