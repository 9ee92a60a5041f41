//! Counts what members of a group say alike, and remembers what each said of a deposit.

use super::{
    group::{Group, bit},
    row::Row,
};
use crate::{fault::Fault, slot::Table, store::Store, word::from_address};
use alloy_primitives::{Address, B256, U256};

fn ballot(group: u64, topic: B256) -> Row {
    Row::new(Table::DcrmBallot, &[U256::from(group), topic.into()])
}

/// Adds the voice of member `index` to a topic; returns how many said it, and whether this voice made the quorum of t:
/// of t members one at least is honest.
pub(super) fn vote(
    store: &mut dyn Store,
    group: &Group,
    topic: B256,
    index: u16,
) -> Result<(u32, bool), Fault> {
    let row = ballot(group.number, topic);
    let mask: u64 = row.get(store, 0)?.saturating_to();
    if mask & bit(index) != 0 {
        return Err(Fault::Misuse("this member said so already"));
    }
    let mask = mask | bit(index);
    row.set(store, 0, U256::from(mask))?;
    let count = mask.count_ones();
    Ok((count, count == u32::from(group.threshold)))
}

/// Lists the members that said `topic`.
pub(super) fn voices(store: &mut dyn Store, group: &Group, topic: B256) -> Result<Vec<Address>, Fault> {
    let mask: u64 = ballot(group.number, topic).get(store, 0)?.saturating_to();
    Ok(group
        .indices()
        .filter(|index| mask & bit(*index) != 0)
        .filter_map(|index| group.operator(index))
        .collect())
}

/// Is what a custodian said of a deposit: the hash of its content.
pub(super) fn said(deposit: B256, operator: Address) -> SaidRow {
    SaidRow(Row::new(Table::DcrmSaid, &[deposit.into(), from_address(operator)]))
}

/// Names the word that [`said`] names.
#[derive(Debug, Clone, Copy)]
pub(super) struct SaidRow(Row);

impl SaidRow {
    pub(super) fn get(self, store: &mut dyn Store) -> Result<Option<B256>, Fault> {
        let word = B256::from(self.0.get(store, 0)?);
        Ok((!word.is_zero()).then_some(word))
    }

    pub(super) fn set(self, store: &mut dyn Store, content: B256) -> Result<(), Fault> {
        self.0.set(store, 0, content.into())
    }
}
