//! Measures the state root after a block that changes 1,000 holdings, by the number of holders.

use super::BenchError;
use alloy_primitives::{Address, U256, keccak256};
use fusor_chain_lite::{
    Genesis,
    state::{BlockStore, State},
};
use fusor_vm::ledger;
use std::time::{Duration, Instant};

const ISSUER: Address = Address::repeat_byte(0x11);
/// Slots that the measured block changes: sender and receiver of each payment.
pub(crate) const CHANGED: u64 = 1_000;
const ROUNDS: u64 = 5;

/// Is one measurement.
pub(crate) struct Root {
    pub(crate) holders: u64,
    /// Time for the first root over all holders.
    pub(crate) first: Duration,
    /// Time for the root after the payments, fastest of the rounds.
    pub(crate) next: Duration,
}

/// Mints an asset to `holders` accounts, then measures the root after payments among 1,000 of them.
pub(crate) fn measure(holders: u64) -> Result<Root, BenchError> {
    let mut state = Genesis::default().state()?;
    let id = with_store(&mut state, |store| {
        for holder in 0..holders {
            ledger::mint(store, ISSUER, U256::ONE, account(holder), U256::from(1_000_000))?;
        }
        Ok(ledger::asset_id(ISSUER, U256::ONE))
    })?;
    let (_, first) = timed_root(&mut state);
    let mut next = Duration::MAX;
    for round in 0..ROUNDS {
        let before = state.mark();
        pay(&mut state, id, holders, round)?;
        let changed = state.written_since(before, fusor_vm::account::LEDGER).len();
        if u64::try_from(changed) != Ok(CHANGED) {
            return Err(BenchError::Changed(changed));
        }
        next = next.min(timed_root(&mut state).1);
    }
    Ok(Root { holders, first, next })
}

/// Pays between neighbours spread over all holders, so that each payment changes two holdings.
fn pay(state: &mut State, id: U256, holders: u64, round: u64) -> Result<(), BenchError> {
    let stride = holders / CHANGED;
    with_store(state, |store| {
        for k in 0..CHANGED / 2 {
            let place = 2 * k * stride + round % stride.max(1);
            let (from, to) = (account(place), account(place + stride));
            ledger::send(store, from, id, to, U256::from(round + 1))?;
        }
        Ok(())
    })
}

fn with_store<T>(
    state: &mut State,
    work: impl FnOnce(&mut BlockStore<'_>) -> Result<T, fusor_vm::fault::Fault>,
) -> Result<T, BenchError> {
    let mut store = BlockStore::new(state, 1, 1);
    Ok(work(&mut store)?)
}

fn timed_root(state: &mut State) -> (alloy_primitives::B256, Duration) {
    let start = Instant::now();
    let root = state.root();
    (root, start.elapsed())
}

fn account(number: u64) -> Address {
    Address::from_word(keccak256(number.to_be_bytes()))
}
