//! Opens and closes a block: the executor's two calls.

use super::{
    adapt::next_x,
    committee::{committee, renew, reweigh},
    group::{Guerrilla, representatives},
    pack::amount,
    params::{GROUPS_LIMIT, Params},
    reward::{collect, split},
    ring::Remembered,
    state::{Chain, Global, Totals, global},
    validator::Validator,
};
use crate::{account::HHCM, fault::Fault, store::Store, word::small};
use alloy_primitives::{Address, B256, U256};

/// Bits of a representative's place in a word.
const PLACE_BITS: usize = 16;
/// Representatives in a word.
const PLACES: usize = 16;

/// Is what a block begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The seed that elects its nodes.
    pub seed: B256,
    /// Its height.
    pub height: u64,
}

/// Is what a block ends with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closing {
    /// The node that made it; none where nobody earns.
    pub author: Option<B256>,
    /// Whether the author showed work and earns the block's reward.
    pub worked: bool,
    /// The group that the author, as a guerrilla, has chosen for the block two heights later.
    pub guerrilla: Option<u32>,
    /// The digest of each group's package; none for a group whose transactions roll over.
    pub packages: Vec<Option<B256>>,
    /// The fees in wei that wait at [`crate::account::COLLECTOR`].
    pub fees: U256,
    /// Gas that the block used.
    pub gas_used: u64,
    /// Gas that the block allowed.
    pub gas_limit: u64,
}

/// Is what closing a block did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closed {
    /// Who was paid at once, and how many wei; delegators claim theirs.
    pub author_payout: Vec<(Address, U256)>,
    /// The epoch that starts with the next block, if one does.
    pub epoch: Option<u64>,
}

/// Opens a block, before anything else in it: keeps its seed, X and representatives for whoever asks. Heights must
/// rise; the store's height is not looked at.
pub fn open(store: &mut dyn Store, opening: &Opening) -> Result<(), Fault> {
    let params = Params::load(store)?;
    let Opening { seed, height } = *opening;
    let x = Chain::load(store)?.x;
    let guerrilla = guerrilla_for(store, height)?;
    let elected = representatives(&committee(store)?, seed, x, &params, guerrilla);
    Remembered { height, seed, x, ..Remembered::default() }.save(store)?;
    save_elected(store, height, &elected)
}

/// Returns the guerrilla node of the block at `height`: the author of the block two heights before, where it chose a
/// group. The author of the block just before knows the seed that its own signature gives, so it may not choose.
pub fn guerrilla_for(store: &mut dyn Store, height: u64) -> Result<Option<Guerrilla>, Fault> {
    let Some(before) = height.checked_sub(2) else { return Ok(None) };
    Ok(Remembered::load(store, before)?.and_then(|block| block.author.zip(block.guerrilla)))
}

fn save_elected(store: &mut dyn Store, height: u64, elected: &[Option<usize>]) -> Result<(), Fault> {
    let record = global(Global::Elected);
    store.set(HHCM, record.word(0), U256::from(height) | U256::from(elected.len()) << 64)?;
    for (places, word) in elected.chunks(PLACES).zip(1u8..) {
        let packed = places.iter().enumerate().fold(U256::ZERO, |packed, (i, place)| {
            packed | U256::from(place.map_or(0, |place| place.saturating_add(1))) << (i * PLACE_BITS)
        });
        store.set(HHCM, record.word(word), packed)?;
    }
    Ok(())
}

/// Returns the places in the committee of the representatives of the last block that was opened, by group; none
/// for a group without one. Empty once an epoch's last block is closed, as the committee is another one then.
pub fn elected(store: &mut dyn Store) -> Result<Vec<Option<usize>>, Fault> {
    let record = global(Global::Elected);
    let groups = small(store.get(HHCM, record.word(0))?, 64, 32).min(GROUPS_LIMIT.into()) as usize;
    let mut places = Vec::with_capacity(groups);
    for word in (1u8..).take(groups.div_ceil(PLACES)) {
        let packed = store.get(HHCM, record.word(word))?;
        let one = |i| small(packed, i * PLACE_BITS, PLACE_BITS).checked_sub(1).map(|place| place as usize);
        places.extend((0..PLACES).map(one));
    }
    places.truncate(groups);
    Ok(places)
}

/// Closes the block at the store's height, after everything else in it: pays reward and fees, resets the author's
/// holding time, remembers author, guerrilla choice and packages; an epoch's last block adapts X and writes the
/// next committee.
pub fn close(store: &mut dyn Store, closing: &Closing) -> Result<Closed, Fault> {
    let params = Params::load(store)?;
    let height = store.height();
    let Some(block) = Remembered::load(store, height)? else {
        return Err(Fault::Misuse("this block was not opened"));
    };
    remember(store, block, closing)?;
    let author_payout = settle(store, &params, closing)?;
    let mut chain = Chain::load(store)?;
    chain.used = chain.used.saturating_add(closing.gas_used.into());
    chain.capacity = chain.capacity.saturating_add(closing.gas_limit.into());
    let epoch = end_epoch(store, &params, &mut chain, height)?;
    chain.save(store)?;
    Ok(Closed { author_payout, epoch })
}

fn remember(store: &mut dyn Store, block: Remembered, closing: &Closing) -> Result<(), Fault> {
    let packages = u32::try_from(closing.packages.len()).unwrap_or(u32::MAX);
    if packages > block.x {
        return Err(Fault::Misuse("more packages than groups"));
    }
    let (author, worked, guerrilla) = (closing.author, closing.worked, closing.guerrilla);
    let block = Remembered { author, worked, guerrilla, packages, ..block };
    block.save(store)?;
    block.save_packages(store, &closing.packages)
}

/// Pays the author, if there is one, and the pool.
fn settle(store: &mut dyn Store, params: &Params, closing: &Closing) -> Result<Vec<(Address, U256)>, Fault> {
    let mut totals = Totals::load(store)?;
    let fees = amount(closing.fees)?;
    let paid = match closing.author {
        Some(key) => {
            let mut author = Validator::load(store, key)?.ok_or(Fault::Misuse("author is no validator"))?;
            let income = collect(store, &mut totals, params, fees, closing.worked)?;
            let paid = split(store, &mut totals, &mut author, income)?;
            author.since = store.now();
            author.save(store)?;
            let weight = author.weight(author.since, params);
            reweigh(store, key, weight)?;
            paid
        }
        None => {
            let nobody = Params { fee_author_bps: 0, ..*params };
            collect(store, &mut totals, &nobody, fees, false)?;
            Vec::new()
        }
    };
    totals.save(store)?;
    Ok(paid)
}

fn end_epoch(
    store: &mut dyn Store,
    params: &Params,
    chain: &mut Chain,
    height: u64,
) -> Result<Option<u64>, Fault> {
    let next = height.saturating_add(1);
    if next.checked_rem(params.epoch_length) != Some(0) {
        return Ok(None);
    }
    chain.x = next_x(chain.x, chain.used, chain.capacity, params);
    (chain.used, chain.capacity) = (0, 0);
    chain.epoch = next.checked_div(params.epoch_length).unwrap_or_default();
    renew(store, chain, params)?;
    // A group without a node has no representative and carries nothing, so that more of them would carry less.
    chain.x = chain.x.min(chain.members.max(1));
    save_elected(store, height, &[])?;
    Ok(Some(chain.epoch))
}
