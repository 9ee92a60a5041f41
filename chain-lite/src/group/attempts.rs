//! Is what a group's transactions did, in the order in which they ran.

use super::{access::Key, changes::Change};
use crate::{executor::Ending, tx::Transaction};
use alloy_primitives::{B256, U256};

/// Is a group's transactions as it ran them: one list of each kind, for thousands of small ones would cost more than
/// the transactions themselves.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) ran: Vec<Ran>,
    /// What all of them read, whatever came of them.
    pub(super) reads: Vec<Key>,
    /// What those changed that were not refused.
    pub(crate) steps: Vec<Change>,
}

/// Is how one transaction ran.
#[derive(Debug)]
pub(crate) struct Ran {
    /// None if it was refused; it may be valid after what other groups do.
    pub(crate) done: Option<Done>,
    /// How many reads are its own.
    pub(super) reads: usize,
    /// How many steps are its own.
    pub(crate) steps: usize,
}

/// Is what a transaction did, beside its changes.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) ending: Ending,
    pub(crate) gas_used: u64,
    pub(crate) hash: B256,
    /// Priority fee in wei.
    pub(crate) fee: U256,
}

/// Shows one transaction as its group ran it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) tx: &'a Transaction,
    pub(crate) done: Option<&'a Done>,
    pub(crate) reads: &'a [Key],
    pub(crate) steps: &'a [Change],
}

impl Attempts {
    /// Lists the transactions, each with what it read and changed.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Attempt<'_>> {
        let (mut reads, mut steps) = (self.reads.as_slice(), self.steps.as_slice());
        self.transactions.iter().zip(&self.ran).map(move |(tx, ran)| Attempt {
            tx,
            done: ran.done.as_ref(),
            reads: first(&mut reads, ran.reads),
            steps: first(&mut steps, ran.steps),
        })
    }
}

/// Takes the first `count` of a list away.
fn first<'a, T>(list: &mut &'a [T], count: usize) -> &'a [T] {
    let (first, rest) = list.split_at_checked(count).unwrap_or((list, &[]));
    *list = rest;
    first
}
