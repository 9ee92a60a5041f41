//! Remembers the last 256 blocks by height: seed, author, guerrilla choice, package digests.

use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::{at, small},
};
use alloy_primitives::{B256, U256};

/// Blocks that are remembered.
pub const REMEMBERED: u64 = 256;
/// The first word of package digests.
const PACKAGES: u8 = 3;

/// Is what the chain remembers of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remembered {
    /// Its height.
    pub height: u64,
    /// Its seed.
    pub seed: B256,
    /// Its number of groups.
    pub x: u32,
    /// Who made it; none before it is closed, and for a block without an author.
    pub author: Option<B256>,
    /// Whether its author showed work.
    pub worked: bool,
    /// The group that its author has chosen for the next block.
    pub guerrilla: Option<u32>,
    /// Groups whose package may be asked for.
    pub packages: u32,
}

impl Remembered {
    fn record(height: u64) -> Record {
        Record::new(Table::HhcmRing, &[U256::from(height % REMEMBERED)])
    }

    /// Reads what is remembered of the block at `height`; none if it is too old, or yet to come.
    pub fn load(store: &mut dyn Store, height: u64) -> Result<Option<Self>, Fault> {
        let record = Self::record(height);
        let head = store.get(HHCM, record.word(0))?;
        if small(head, 0, 64) != height || small(head, 64, 8) == 0 {
            return Ok(None);
        }
        let author = B256::from(store.get(HHCM, record.word(2))?);
        let count = |low| small(head, low, 32) as u32;
        Ok(Some(Self {
            height,
            seed: store.get(HHCM, record.word(1))?.into(),
            x: count(80),
            author: (!author.is_zero()).then_some(author),
            worked: small(head, 72, 8) == 1,
            guerrilla: count(112).checked_sub(1),
            packages: count(144),
        }))
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let record = Self::record(self.height);
        let head = at(self.height, 0)
            | at(1, 64)
            | at(self.worked.into(), 72)
            | at(self.x.into(), 80)
            | at(self.guerrilla.map_or(0, |group| group.saturating_add(1)).into(), 112)
            | at(self.packages.into(), 144);
        store.set(HHCM, record.word(0), head)?;
        store.set(HHCM, record.word(1), self.seed.into())?;
        store.set(HHCM, record.word(2), self.author.unwrap_or_default().into())
    }

    pub(super) fn save_packages(&self, store: &mut dyn Store, digests: &[Option<B256>]) -> Result<(), Fault> {
        for (digest, word) in digests.iter().zip(PACKAGES..) {
            store.set(HHCM, Self::record(self.height).word(word), digest.unwrap_or_default().into())?;
        }
        Ok(())
    }

    /// Returns the digest of the package of `group` in this block; none if the group had none.
    pub fn package(&self, store: &mut dyn Store, group: u32) -> Result<Option<B256>, Fault> {
        let word = u8::try_from(group).ok().and_then(|group| group.checked_add(PACKAGES));
        let Some(word) = word.filter(|_| group < self.packages) else { return Ok(None) };
        let digest = B256::from(store.get(HHCM, Self::record(self.height).word(word))?);
        Ok((!digest.is_zero()).then_some(digest))
    }
}
