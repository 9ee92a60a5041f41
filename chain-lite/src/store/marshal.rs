//! Stores the engine's finalised blocks and certificates for its `marshal`, in the chain's database.
//!
//! A `put` is kept in memory until `sync` writes it; what is there is never overwritten. Heights may come in any
//! order; the gaps are known without reading.

mod archive;

use super::{
    Store, StoreError,
    table::{ENGINE_BLOCKS, ENGINE_HEIGHTS, FINAL_CERTS, FINAL_HEIGHTS},
};
use archive::Archive;
use commonware_codec::{Codec, Decode, Encode, Read};
use commonware_consensus::{
    Block,
    marshal::store::{Blocks, Certificates},
    simplex::types::Finalization,
    types::Height,
};
use commonware_cryptography::{Digest, Digestible, certificate::Scheme};
use commonware_storage::archive::Identifier;
use std::{fmt, marker::PhantomData};

/// Stores finalised blocks.
pub struct BlockArchive<B: Block + Codec> {
    archive: Archive,
    config: B::Cfg,
}

/// Stores finality certificates: `S` signs, `D` is a block's digest, `C` what the certificate commits to.
pub struct CertificateArchive<S: Scheme, D: Digest, C: Digest> {
    archive: Archive,
    config: <S::Certificate as Read>::Cfg,
    digests: PhantomData<fn() -> (D, C)>,
}

impl<B: Block + Codec> BlockArchive<B> {
    /// Opens the archive in `store`; blocks are decoded with `config`. Errors: a damaged database.
    pub fn open(store: Store, config: B::Cfg) -> Result<Self, StoreError> {
        Ok(Self { archive: Archive::open(store, ENGINE_BLOCKS, ENGINE_HEIGHTS)?, config })
    }
}

impl<S: Scheme, D: Digest, C: Digest> CertificateArchive<S, D, C> {
    /// Opens the archive in `store`; certificates are decoded with `config`. Errors: a damaged database.
    pub fn open(store: Store, config: <S::Certificate as Read>::Cfg) -> Result<Self, StoreError> {
        Ok(Self { archive: Archive::open(store, FINAL_CERTS, FINAL_HEIGHTS)?, config, digests: PhantomData })
    }
}

impl<B: Block + Codec> fmt::Debug for BlockArchive<B> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("BlockArchive").field("archive", &self.archive).finish_non_exhaustive()
    }
}

impl<S: Scheme, D: Digest, C: Digest> fmt::Debug for CertificateArchive<S, D, C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CertificateArchive").field("archive", &self.archive).finish_non_exhaustive()
    }
}

impl<B: Block + Codec> Blocks for BlockArchive<B> {
    type Block = B;
    type Error = StoreError;

    async fn put(mut self, digest: B::Digest, block: &B) -> Result<Self, StoreError> {
        self.archive.put(block.height().get(), digest.as_ref(), || block.encode().to_vec())?;
        Ok(self)
    }

    async fn sync(mut self) -> Result<Self, StoreError> {
        self.archive.sync()?;
        Ok(self)
    }

    async fn get(
        &self,
        id: Identifier<'_, <B as Digestible>::Digest>,
    ) -> Result<Option<Self::Block>, StoreError> {
        decode(find(&self.archive, &id)?, &self.config)
    }

    async fn prune(mut self, min: Height) -> Result<Self, StoreError> {
        self.archive.prune(min.get())?;
        Ok(self)
    }

    fn missing_items(&self, start: Height, max: usize) -> Vec<Height> {
        self.archive.missing(start.get(), max).into_iter().map(Height::new).collect()
    }

    fn next_gap(&self, value: Height) -> (Option<Height>, Option<Height>) {
        let (end, start) = self.archive.ranges().next_gap(value.get());
        (end.map(Height::new), start.map(Height::new))
    }

    fn last_index(&self) -> Option<Height> {
        self.archive.ranges().last_index().map(Height::new)
    }
}

impl<S: Scheme, D: Digest, C: Digest> Certificates for CertificateArchive<S, D, C> {
    type BlockDigest = D;
    type Commitment = C;
    type Scheme = S;
    type Error = StoreError;

    async fn put(
        mut self,
        height: Height,
        digest: D,
        finalization: &Finalization<S, C>,
    ) -> Result<Self, StoreError> {
        self.archive.put(height.get(), digest.as_ref(), || finalization.encode().to_vec())?;
        Ok(self)
    }

    async fn sync(mut self) -> Result<Self, StoreError> {
        self.archive.sync()?;
        Ok(self)
    }

    async fn get(&self, id: Identifier<'_, D>) -> Result<Option<Finalization<S, C>>, StoreError> {
        decode(find(&self.archive, &id)?, &self.config)
    }

    async fn has(&self, height: Height) -> Result<bool, StoreError> {
        Ok(self.archive.has(height.get()))
    }

    async fn prune(mut self, min: Height) -> Result<Self, StoreError> {
        self.archive.prune(min.get())?;
        Ok(self)
    }

    fn last_index(&self) -> Option<Height> {
        self.archive.ranges().last_index().map(Height::new)
    }

    fn ranges_from(&self, from: Height) -> impl Iterator<Item = (Height, Height)> {
        let ranges = self.archive.ranges().iter_from(from.get());
        ranges.map(|(start, end)| (Height::new(*start), Height::new(*end)))
    }
}

fn find<D: Digest>(archive: &Archive, id: &Identifier<'_, D>) -> Result<Option<Vec<u8>>, StoreError> {
    match id {
        Identifier::Index(height) => archive.get(*height),
        Identifier::Key(digest) => archive.get_by_digest(digest.as_ref()),
    }
}

fn decode<T: Decode>(raw: Option<Vec<u8>>, config: &T::Cfg) -> Result<Option<T>, StoreError> {
    let decode = |raw: Vec<u8>| T::decode_cfg(raw, config);
    raw.map(decode).transpose().map_err(|error| StoreError::damaged(format!("an engine's record: {error}")))
}

#[cfg(test)]
mod tests;
