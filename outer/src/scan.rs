//! Reads an outer chain block by block, one rule for all chains: only what is deep enough, in order, and linked.

use crate::{
    cursor::{Cursor, Scanned},
    custody::{Lock, Vault},
    deposit::{Deposit, Observation},
    error::{AddressError, OuterError},
};

/// Confirmations after which a newly mined coin can be spent (Bitcoin's COINBASE_MATURITY, validation of spends).
pub(crate) const COINBASE_MATURITY: u64 = 100;

/// Is a block as far as watching needs it.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its hash in the order of its bytes.
    pub hash: [u8; 32],
    /// The hash of the block before it.
    pub parent: [u8; 32],
    /// What arrived in it.
    pub deposits: Vec<Deposit>,
}

/// Is a vault's locks with their addresses. Only deposits are reported; the main lock tells moves of one's own.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The main lock.
    pub main: (Lock, String),
    /// The locks at which deposits arrive.
    pub deposits: Vec<(Lock, String)>,
}

impl Watched {
    /// Pairs the locks of a vault with their addresses.
    pub fn new(
        vault: &Vault,
        address: impl Fn(&Lock) -> Result<String, AddressError>,
    ) -> Result<Self, AddressError> {
        let mut pairs = vault
            .locks()
            .into_iter()
            .map(|lock| Ok((lock, address(&lock)?)))
            .collect::<Result<Vec<_>, AddressError>>()?;
        let main = pairs.remove(0);
        Ok(Self { main, deposits: pairs })
    }
}

/// Shows the main chain of a node.
pub trait Blocks {
    /// Is what is looked for in blocks, prepared once for many of them.
    type Wanted;
    /// Prepares what is looked for.
    fn prepare(&self, watched: Watched) -> Result<Self::Wanted, OuterError>;
    /// Returns the height of the tip.
    fn tip(&self) -> Result<u64, OuterError>;
    /// Returns the hash of the main chain's block at a height up to the tip.
    fn hash_at(&self, height: u64) -> Result<[u8; 32], OuterError>;
    /// Returns the main chain's block at a height with what arrived in it.
    fn read(&self, height: u64, wanted: &Self::Wanted) -> Result<Block, OuterError>;
}

/// Bounds one step.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The chain, as in [`crate::OuterChain::identity`].
    pub chain: [u8; 32],
    /// Blocks from a deposit's to the tip, both counted, before it counts.
    pub confirmations: u64,
    /// Blocks read in one step.
    pub blocks: u64,
}

/// Takes one step from a cursor. Errors: the cursor is of another chain, or the node fails, lags or moved meanwhile.
pub fn observe(
    blocks: &impl Blocks,
    watched: Watched,
    cursor: &Cursor,
    bounds: &Bounds,
) -> Result<Observation, OuterError> {
    if cursor.chain != bounds.chain {
        return Err(OuterError::Foreign);
    }
    let tip = blocks.tip()?;
    match fork(blocks, cursor, tip)? {
        Some(from_height) => {
            let mut cursor = cursor.clone();
            let vanished = cursor.rewind(from_height);
            Ok(Observation::Reorg { cursor, from_height, vanished })
        }
        None => read_on(blocks, &blocks.prepare(watched)?, cursor.clone(), tip, bounds),
    }
}

/// Returns the first remembered height whose block is no longer in the chain.
///
/// A node that only has fewer blocks has not seen a reorganisation: that is an error, not an alarm.
fn fork(blocks: &impl Blocks, cursor: &Cursor, tip: u64) -> Result<Option<u64>, OuterError> {
    let mut first_gone = None;
    for known in cursor.recent.iter().rev().filter(|known| known.height <= tip) {
        if blocks.hash_at(known.height)? == known.hash {
            break;
        }
        first_gone = Some(known.height);
    }
    match (first_gone, cursor.tip()) {
        (None, Some(seen)) if tip < seen.height => Err(OuterError::Behind { have: tip, seen: seen.height }),
        (first_gone, _) => Ok(first_gone),
    }
}

fn read_on<B: Blocks>(
    blocks: &B,
    wanted: &B::Wanted,
    mut cursor: Cursor,
    tip: u64,
    bounds: &Bounds,
) -> Result<Observation, OuterError> {
    let deep_end = tip.saturating_add(2).saturating_sub(bounds.confirmations.max(1));
    let end = deep_end.min(cursor.next.saturating_add(bounds.blocks));
    let mut deposits = Vec::new();
    release(&mut cursor, tip, &mut deposits);
    for height in cursor.next..end {
        let block = blocks.read(height, wanted)?;
        if cursor.tip().is_some_and(|parent| parent.hash != block.parent) {
            return Err(OuterError::Moved { height });
        }
        cursor.push(Scanned { height, hash: block.hash, deposits: Vec::new() });
        for deposit in block.deposits {
            match (is_ripe(&deposit, tip), deposit.dust) {
                (true, _) => report(&mut cursor, deposit, &mut deposits),
                (false, true) => {}
                (false, false) => cursor.hold(deposit),
            }
        }
    }
    let behind = deep_end.saturating_sub(cursor.next);
    Ok(Observation::Progress { cursor, deposits, behind })
}

/// Reports what was held back and is mature by now.
fn release(cursor: &mut Cursor, tip: u64, deposits: &mut Vec<Deposit>) {
    let (ripe, held): (Vec<_>, Vec<_>) =
        std::mem::take(&mut cursor.pending).into_iter().partition(|deposit| is_ripe(deposit, tip));
    cursor.pending = held;
    ripe.into_iter().for_each(|deposit| report(cursor, deposit, deposits));
}

fn report(cursor: &mut Cursor, deposit: Deposit, deposits: &mut Vec<Deposit>) {
    cursor.reported(&deposit);
    deposits.push(deposit);
}

fn is_ripe(deposit: &Deposit, tip: u64) -> bool {
    !deposit.coinbase || tip.saturating_add(1) >= deposit.height.saturating_add(COINBASE_MATURITY)
}
