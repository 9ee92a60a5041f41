//! Keeps what stands of what groups did. State and receipts have nothing to do with each other, so that each gets a
//! thread of its own where the work is worth one.

use super::Record;
use crate::{
    group::{Attempts, Change, Flags, Ran},
    state::State,
    tx::Transaction,
};
use alloy_primitives::U256;

/// Transactions below which a second thread costs more than it saves.
const TRANSACTIONS_MIN: usize = 256;

/// Is what keeping left over.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) kept: usize,
    /// Transactions that do not stand, in order.
    pub(super) tail: Vec<Transaction>,
    /// Priority fees of those that stand, in wei.
    pub(super) fees: U256,
}

/// Is a group without its changes: transactions and how they ran.
type Outcomes = (Vec<Transaction>, Vec<Ran>);
/// Is a group's changes, and how many of them each transaction made.
type Steps = (Vec<Change>, Vec<usize>);

/// Applies the changes of transactions that stand, and adds them to the block.
pub(super) fn keep(
    state: &mut State,
    record: &mut Record,
    groups: Vec<Attempts>,
    flags: &Flags,
    threads: usize,
) -> Rest {
    let count: usize = flags.iter().map(Vec::len).sum();
    let (outcomes, steps): (Vec<_>, Vec<_>) = groups.into_iter().map(parts).unzip();
    if threads < 2 || count < TRANSACTIONS_MIN {
        apply(state, steps, flags);
        return enter(record, outcomes, flags);
    }
    std::thread::scope(|scope| {
        let applied = scope.spawn(|| apply(state, steps, flags));
        let rest = enter(record, outcomes, flags);
        // A panic over there is one here.
        applied.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        rest
    })
}

fn parts(group: Attempts) -> (Outcomes, Steps) {
    let counts = group.ran.iter().map(|ran| ran.steps).collect();
    ((group.transactions, group.ran), (group.steps, counts))
}

fn apply(state: &mut State, groups: Vec<Steps>, flags: &Flags) {
    state.expect(groups.iter().map(|(steps, _)| steps.len()).sum());
    for ((steps, counts), flags) in groups.into_iter().zip(flags) {
        let mut steps = steps.into_iter();
        for (count, stands) in counts.into_iter().zip(flags) {
            let own = steps.by_ref().take(count);
            match stands {
                true => own.for_each(|step| step.apply(state)),
                false => own.for_each(drop),
            }
        }
    }
}

fn enter(record: &mut Record, groups: Vec<Outcomes>, flags: &Flags) -> Rest {
    let mut rest = Rest::default();
    record.expect(flags.iter().map(Vec::len).sum());
    for ((transactions, ran), flags) in groups.into_iter().zip(flags) {
        for ((tx, ran), stands) in transactions.into_iter().zip(ran).zip(flags) {
            match ran.done.filter(|_| *stands) {
                Some(done) => {
                    rest.kept += 1;
                    rest.fees = rest.fees.saturating_add(done.fee);
                    record.user(tx, done.hash, done.ending, done.gas_used);
                }
                None => rest.tail.push(tx),
            }
        }
    }
    rest
}
