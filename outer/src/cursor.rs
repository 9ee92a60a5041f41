//! Is how far an outer chain was read, as plain data that the caller keeps.

use crate::{
    codec::{CodecError, Reader, Writer},
    deposit::{Asset, Deposit, OutPoint},
};
use alloy_primitives::Address;

/// Blocks that a cursor remembers: a reorganisation deeper than that is reported from the oldest of them.
pub(crate) const RECENT_MAX: usize = 256;
/// Reported deposits that a cursor remembers; older blocks are forgotten first.
const IDS_MAX: usize = 65_536;
/// Immature deposits that a cursor holds back; the oldest of more are forgotten, as no honest miner pays thousands.
const PENDING_MAX: usize = 4_096;
/// Bounds the encoded cursor, in bytes.
const BYTES_MAX: usize = 8 * 1024 * 1024;
const VERSION: u8 = 1;

/// Is a block that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Its height.
    pub height: u64,
    /// Its hash in the order of its bytes.
    pub hash: [u8; 32],
    /// Ids of the deposits in it that were reported.
    pub deposits: Vec<[u8; 32]>,
}

/// Says where observing goes on. Its size is bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) chain: [u8; 32],
    pub(crate) next: u64,
    pub(crate) recent: Vec<Scanned>,
    pub(crate) pending: Vec<Deposit>,
}

impl Cursor {
    pub(crate) fn begin(chain: [u8; 32], next: u64) -> Self {
        Self { chain, next, recent: Vec::new(), pending: Vec::new() }
    }

    /// Returns the height of the next block to read.
    pub fn next_height(&self) -> u64 {
        self.next
    }

    /// Returns the newest block that was read.
    pub fn tip(&self) -> Option<&Scanned> {
        self.recent.last()
    }

    /// Lists the blocks it remembers, oldest first.
    pub fn recent(&self) -> &[Scanned] {
        &self.recent
    }

    /// Counts deposits that were seen and cannot be spent yet.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Appends a block and forgets what exceeds the bounds.
    pub(crate) fn push(&mut self, block: Scanned) {
        self.next = block.height.saturating_add(1);
        self.recent.push(block);
        let mut ids: usize = self.recent.iter().map(|block| block.deposits.len()).sum();
        while self.recent.len() > RECENT_MAX || (ids > IDS_MAX && self.recent.len() > 1) {
            ids -= self.recent.remove(0).deposits.len();
        }
    }

    /// Notes that a held back deposit is reported now: it can vanish with its block.
    pub(crate) fn reported(&mut self, deposit: &Deposit) {
        if let Some(block) = self.recent.iter_mut().find(|block| block.hash == deposit.block_hash) {
            block.deposits.push(deposit.id);
        }
    }

    /// Holds a deposit back until it is mature.
    pub(crate) fn hold(&mut self, deposit: Deposit) {
        if self.pending.len() >= PENDING_MAX {
            self.pending.remove(0);
        }
        self.pending.push(deposit);
    }

    /// Drops all from a height on and returns the ids that were reported there.
    pub(crate) fn rewind(&mut self, height: u64) -> Vec<[u8; 32]> {
        let keep = self.recent.partition_point(|block| block.height < height);
        let vanished = self.recent.split_off(keep).into_iter().flat_map(|block| block.deposits).collect();
        self.pending.retain(|deposit| deposit.height < height);
        self.next = height;
        vanished
    }

    /// Writes the canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(&self.chain).u64(self.next).count(self.recent.len());
        for block in &self.recent {
            out.u64(block.height).raw(&block.hash).count(block.deposits.len());
            for id in &block.deposits {
                out.raw(id);
            }
        }
        out.count(self.pending.len());
        for deposit in &self.pending {
            encode_deposit(deposit, &mut out);
        }
        out.0
    }

    /// Reads canonical bytes; heights must rise.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut from = Reader::new(bytes, BYTES_MAX)?;
        if from.u8()? != VERSION {
            return Err(CodecError::Tag);
        }
        let (chain, next) = (from.array()?, from.u64()?);
        let recent = (0..from.count(44)?)
            .map(|_| {
                let (height, hash) = (from.u64()?, from.array()?);
                let deposits = (0..from.count(32)?).map(|_| from.array()).collect::<Result<_, _>>()?;
                Ok(Scanned { height, hash, deposits })
            })
            .collect::<Result<Vec<_>, CodecError>>()?;
        let pending =
            (0..from.count(140)?).map(|_| decode_deposit(&mut from)).collect::<Result<Vec<_>, _>>()?;
        from.end()?;
        let rising = recent.is_sorted_by(|a, b| a.height.checked_add(1) == Some(b.height));
        let ends = recent.last().is_none_or(|block| block.height.checked_add(1) == Some(next));
        match rising && ends && recent.len() <= RECENT_MAX && pending.len() <= PENDING_MAX {
            true => Ok(Self { chain, next, recent, pending }),
            false => Err(CodecError::Long),
        }
    }
}

fn encode_deposit(deposit: &Deposit, out: &mut Writer) {
    out.raw(&deposit.id).raw(&deposit.path).bytes(deposit.address.as_bytes()).u256(deposit.amount);
    match deposit.asset {
        Asset::Native => out.u8(0),
        Asset::Token(token) => out.u8(1).raw(token.as_slice()),
    };
    out.u64(deposit.height).raw(&deposit.block_hash).u8(deposit.coinbase.into()).u8(deposit.dust.into());
    match deposit.outpoint {
        None => out.u8(0),
        Some(outpoint) => out.u8(1).raw(&outpoint.txid).u32(outpoint.vout),
    };
}

fn decode_deposit(from: &mut Reader<'_>) -> Result<Deposit, CodecError> {
    let (id, path, address, amount) = (from.array()?, from.array()?, from.text()?, from.u256()?);
    let asset = match from.flag()? {
        false => Asset::Native,
        true => Asset::Token(Address::from(from.array::<20>()?)),
    };
    let (height, block_hash, coinbase, dust) = (from.u64()?, from.array()?, from.flag()?, from.flag()?);
    let outpoint = match from.flag()? {
        false => None,
        true => Some(OutPoint { txid: from.array()?, vout: from.u32()? }),
    };
    Ok(Deposit { id, asset, path, address, amount, height, block_hash, coinbase, dust, outpoint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;
    use proptest::prelude::*;

    fn deposit(height: u64, name: u8) -> Deposit {
        Deposit {
            id: [name; 32],
            asset: Asset::Token(Address::repeat_byte(name)),
            path: [name; 32],
            address: "somewhere".to_string(),
            amount: U256::from(height),
            height,
            block_hash: hash(height),
            coinbase: true,
            dust: false,
            outpoint: Some(OutPoint { txid: [name; 32], vout: name.into() }),
        }
    }

    fn hash(height: u64) -> [u8; 32] {
        U256::from(height).to_be_bytes()
    }

    fn block(height: u64, deposits: usize) -> Scanned {
        Scanned { height, hash: hash(height), deposits: vec![hash(height); deposits] }
    }

    proptest! {
        #[test]
        fn stays_bounded_and_rewinds(
            counts in proptest::collection::vec(0usize..3, 1..600),
            back in 0u64..700,
            held in 0u8..20,
        ) {
            let mut cursor = Cursor::begin([7; 32], 1000);
            for (height, count) in (1000..).zip(&counts) {
                cursor.push(block(height, *count));
            }
            (0..held).for_each(|name| cursor.hold(deposit(cursor.next - 1, name)));
            prop_assert!(cursor.recent.len() <= RECENT_MAX);
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor.clone()));
            let to = cursor.next.saturating_sub(back);
            let first = cursor.recent.first().map_or(cursor.next, |block| block.height);
            let gone = counts.iter().zip(1000..).filter(|(_, height)| *height >= to.max(first));
            let gone: usize = gone.map(|(count, _)| *count).sum();
            prop_assert_eq!(cursor.rewind(to).len(), gone);
            prop_assert!(cursor.recent.iter().all(|block| block.height < to));
            prop_assert!(back == 0 || cursor.pending.is_empty());
            prop_assert_eq!(cursor.next, to);
        }
    }

    #[test]
    fn forgets_the_oldest_of_too_many() {
        let mut cursor = Cursor::begin([7; 32], 0);
        (0..10).for_each(|height| cursor.push(block(height, IDS_MAX / 4)));
        assert_eq!(cursor.recent.len(), 4);
        (0..PENDING_MAX + 5).for_each(|_| cursor.hold(deposit(9, 1)));
        assert_eq!(cursor.pending(), PENDING_MAX);
        let bytes = cursor.encode();
        assert!(bytes.len() < BYTES_MAX);
        assert_eq!(Cursor::decode(&bytes), Ok(cursor));
    }

    #[test]
    fn refuses_heights_that_do_not_rise() {
        let mut cursor = Cursor::begin([7; 32], 5);
        cursor.push(block(5, 0));
        cursor.push(block(7, 0));
        assert_eq!(Cursor::decode(&cursor.encode()), Err(CodecError::Long));
    }
}
