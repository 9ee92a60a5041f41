//! Compares what a vault holds outside with what it owes here, and raises the alarm.

use super::{
    chain::Reader,
    jobs::{Open, Working},
    link::asset_of,
    record::{self, RecordError},
};
use alloy_primitives::{B256, U256};
use fusor_outer::Plan;
use fusor_vm::{
    dcrm::{Books, State},
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
    reported: BTreeMap<B256, U256>,
}

impl Watch {
    pub(super) fn is_due(&self, now: u64, every: u64) -> bool {
        now.saturating_sub(self.looked) >= every
    }
}

/// Looks what the vault holds. What binding plans spend may be in flight and counts as held until they are settled.
pub(super) fn look(watch: &mut Watch, working: &mut Working<'_>, open: &[Open]) -> Result<(), RecordError> {
    watch.looked = working.now;
    let Some(vault) = working.locks.outer() else { return Ok(()) };
    let Some(view) = working.link.ask(working.now, |outer| outer.view(&vault)) else { return Ok(()) };
    let totals = view.totals();
    let flight = in_flight(working, open)?;
    for coin in working.coins.to_vec() {
        let asset = asset_of(&coin);
        let held = totals.get(&asset).copied().unwrap_or_default();
        let seen = held.saturating_add(flight.get(&coin.id).copied().unwrap_or_default());
        let mut reader = Reader::new(working.chain)?;
        let books = Books::load(&mut reader, working.vault.number, coin.id)
            .map_err(|fault| RecordError::Chain(fault.into()))?;
        let count = watch.lacking.entry(coin.id).or_default();
        *count = if seen < books.owed() { count.saturating_add(1) } else { 0 };
        let lacks = *count >= LOOKS && working.vault.state == State::Active;
        let mended = watch.reported.contains_key(&coin.id) && *count == 0;
        if lacks && watch.reported.get(&coin.id) != Some(&seen) || mended {
            let call = ICustody::observeCall { vault: working.vault.number, coin: coin.id, amount: seen };
            if working.sender.call(working.chain, working.keys, U256::ZERO, &call)? {
                match mended {
                    true => drop(watch.reported.remove(&coin.id)),
                    false => drop(watch.reported.insert(coin.id, seen)),
                }
            }
        }
    }
    Ok(())
}

/// Sums what binding plans spend, by coin.
fn in_flight(working: &Working<'_>, open: &[Open]) -> Result<BTreeMap<B256, U256>, RecordError> {
    let mut sums: BTreeMap<B256, U256> = BTreeMap::new();
    for job in open {
        let Some(last) = job.bindings.last() else { continue };
        let Some(plan) = record::plan(working.notes, last.plan)?.and_then(|bytes| Plan::decode(&bytes).ok())
        else {
            continue;
        };
        for coin in working.coins {
            let spent = spends(&plan, coin.token);
            let sum = sums.entry(coin.id).or_default();
            *sum = sum.saturating_add(spent);
        }
    }
    Ok(sums)
}

fn spends(plan: &Plan, token: alloy_primitives::Address) -> U256 {
    match plan {
        Plan::Bitcoin(plan) => plan.inputs.iter().map(|input| U256::from(input.amount)).sum(),
        Plan::Ethereum(plan) if token.is_zero() => {
            let gas = U256::from(plan.gas_limit).saturating_mul(U256::from(plan.max_fee));
            plan.value.saturating_add(gas)
        }
        Plan::Ethereum(plan) if plan.to == token => {
            plan.data.get(36..68).map(U256::from_be_slice).unwrap_or_default()
        }
        Plan::Ethereum(_) => U256::ZERO,
    }
}
