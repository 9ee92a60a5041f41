//! Compares what a vault holds outside with what it owes here, and raises the alarm.

use super::{
    chain::Reader,
    jobs::{Open, Working},
    link::asset_of,
    record::RecordError,
};
use alloy_primitives::{B256, U256};
use fusor_vm::{
    dcrm::{self, Books, State},
    precompile::ICustody,
};
use std::collections::BTreeMap;

/// Looks in a row that must show the same lack before it is reported: nodes see new blocks at different times.
const LOOKS: u32 = 3;

/// Remembers what was seen of one vault.
#[derive(Debug, Default)]
pub(super) struct Watch {
    looked: u64,
    lacking: BTreeMap<B256, u32>,
}

impl Watch {
    pub(super) fn is_due(&self, now: u64, every: u64) -> bool {
        now.saturating_sub(self.looked) >= every
    }
}

/// Looks what the vault holds, change of its own transactions included.
pub(super) fn look(watch: &mut Watch, working: &mut Working<'_>, open: &[Open]) -> Result<(), RecordError> {
    watch.looked = working.now;
    let Some(vault) = working.locks.outer() else { return Ok(()) };
    let Some(view) = working.link.ask(working.now, |outer| outer.view(&vault)) else { return Ok(()) };
    let held = view.custody(&own_transactions(working, open)?);
    for coin in working.coins.iter().copied() {
        let seen = held.get(&asset_of(&coin)).copied().unwrap_or_default();
        let mut reader = Reader::new(working.chain)?;
        let books = Books::load(&mut reader, working.vault.number, coin.id)?;
        let count = watch.lacking.entry(coin.id).or_default();
        *count = if seen < books.owed() { count.saturating_add(1) } else { 0 };
        let me = working.keys.operator();
        let reported = dcrm::reported(&mut reader, working.vault.number, coin.id, me)?;
        let lack = books.owed().saturating_sub(seen);
        let lacks = *count >= LOOKS && working.vault.state == State::Active && reported != lack;
        let mended = *count == 0 && !reported.is_zero();
        if lacks || mended {
            let call = ICustody::observeCall { vault: working.vault.number, coin: coin.id, amount: seen };
            working.sender.call(working.chain, working.keys, U256::ZERO, &call)?;
        }
    }
    Ok(())
}

/// Lists the ids of transactions of jobs that are not settled; their change counts before it is deep.
fn own_transactions(working: &Working<'_>, open: &[Open]) -> Result<Vec<[u8; 32]>, RecordError> {
    let mut own = Vec::new();
    for binding in open.iter().flat_map(|job| &job.bindings) {
        own.extend(working.signed(binding.plan)?.map(|signed| signed.txid));
    }
    Ok(own)
}
