//! Ends the node in order when its disk fails: consensus would panic where its stores return an error, and nobody would
//! be told why.

use super::{observer::Reason, shared::Node};
use commonware_consensus::{
    marshal::store::{Blocks, Certificates},
    simplex::types::Finalization,
    types::Height,
};
use commonware_cryptography::Digestible;
use commonware_storage::archive::Identifier;
use std::{convert::Infallible, fmt::Display, future::pending};

/// Is a store that tells the node why it fails, and then never answers.
pub(super) struct Guard<T> {
    inner: T,
    node: Node,
}

impl<T> Guard<T> {
    pub(super) fn new(inner: T, node: Node) -> Self {
        Self { inner, node }
    }
}

async fn sound<T, E: Display>(node: &Node, result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => {
            node.stop(Reason::Store(error.to_string()));
            pending().await
        }
    }
}

impl<T: Blocks> Blocks for Guard<T> {
    type Block = T::Block;
    type Error = Infallible;

    async fn put(
        self,
        digest: <T::Block as Digestible>::Digest,
        block: &T::Block,
    ) -> Result<Self, Infallible> {
        let Self { inner, node } = self;
        let inner = sound(&node, inner.put(digest, block).await).await;
        Ok(Self { inner, node })
    }

    async fn sync(self) -> Result<Self, Infallible> {
        let Self { inner, node } = self;
        let inner = sound(&node, inner.sync().await).await;
        Ok(Self { inner, node })
    }

    async fn get(
        &self,
        id: Identifier<'_, <T::Block as Digestible>::Digest>,
    ) -> Result<Option<T::Block>, Infallible> {
        Ok(sound(&self.node, self.inner.get(id).await).await)
    }

    async fn prune(self, min: Height) -> Result<Self, Infallible> {
        let Self { inner, node } = self;
        let inner = sound(&node, inner.prune(min).await).await;
        Ok(Self { inner, node })
    }

    fn missing_items(&self, start: Height, max: usize) -> Vec<Height> {
        self.inner.missing_items(start, max)
    }

    fn next_gap(&self, value: Height) -> (Option<Height>, Option<Height>) {
        self.inner.next_gap(value)
    }

    fn last_index(&self) -> Option<Height> {
        self.inner.last_index()
    }
}

impl<T: Certificates> Certificates for Guard<T> {
    type BlockDigest = T::BlockDigest;
    type Commitment = T::Commitment;
    type Scheme = T::Scheme;
    type Error = Infallible;

    async fn put(
        self,
        height: Height,
        digest: T::BlockDigest,
        finalization: &Finalization<T::Scheme, T::Commitment>,
    ) -> Result<Self, Infallible> {
        let Self { inner, node } = self;
        let inner = sound(&node, inner.put(height, digest, finalization).await).await;
        Ok(Self { inner, node })
    }

    async fn sync(self) -> Result<Self, Infallible> {
        let Self { inner, node } = self;
        let inner = sound(&node, inner.sync().await).await;
        Ok(Self { inner, node })
    }

    async fn get(
        &self,
        id: Identifier<'_, T::BlockDigest>,
    ) -> Result<Option<Finalization<T::Scheme, T::Commitment>>, Infallible> {
        Ok(sound(&self.node, self.inner.get(id).await).await)
    }

    async fn has(&self, height: Height) -> Result<bool, Infallible> {
        Ok(sound(&self.node, self.inner.has(height).await).await)
    }

    async fn prune(self, min: Height) -> Result<Self, Infallible> {
        let Self { inner, node } = self;
        let inner = sound(&node, inner.prune(min).await).await;
        Ok(Self { inner, node })
    }

    fn last_index(&self) -> Option<Height> {
        self.inner.last_index()
    }

    fn ranges_from(&self, from: Height) -> impl Iterator<Item = (Height, Height)> {
        self.inner.ranges_from(from)
    }
}
