//! Asks peers for packages by digest, and serves them. Blocks name packages only; who missed one in the gossip, or
//! catches up, asks for it.

use super::shared::Node;
use crate::hhcm::Package;
use alloy_primitives::{B256, keccak256};
use bytes::Bytes;
use commonware_cryptography::keccak256::Digest;
use commonware_resolver::{Consumer, Delivery, Resolver, p2p::Producer};
use commonware_utils::channel::{fallible::OneshotExt, mpsc, oneshot};
use std::sync::Arc;

/// Answers peers and takes their answers.
#[derive(Clone)]
pub(super) struct Fetched(pub(super) Node);

impl Consumer for Fetched {
    type Key = Digest;
    type Value = Bytes;
    type Subscriber = ();
    type Outcome = bool;

    fn deliver(&mut self, delivery: Delivery<Digest, ()>, value: Bytes) -> oneshot::Receiver<bool> {
        let (verdict, receiver) = oneshot::channel();
        verdict.send_lossy(self.take(B256::from(delivery.key.0), &value));
        receiver
    }
}

impl Fetched {
    fn take(&self, digest: B256, bytes: &[u8]) -> bool {
        if keccak256(bytes) != digest {
            return false;
        }
        // What hashes to the digest is what the block names, whoever sent it; if it is no package, no block that
        // names it is valid.
        match self.0.read_package(bytes) {
            Ok(package) => {
                self.0.book(|book| book.keep_package(Arc::new(package)));
                self.0.notify();
            }
            Err(error) => {
                tracing::warn!(%digest, %error, "a block names what is no package");
                self.0.book(|book| book.condemn(digest));
                self.0.notify();
            }
        }
        true
    }
}

impl Producer for Fetched {
    type Key = Digest;

    fn produce(&mut self, key: Digest) -> oneshot::Receiver<Bytes> {
        let (answer, receiver) = oneshot::channel();
        if let Some(bytes) = self.0.package_bytes(B256::from(key.0)) {
            answer.send_lossy(bytes.into());
        }
        receiver
    }
}

/// Asks peers for what tasks want, until the node ends.
pub(super) async fn ask<R: Resolver<Key = Digest, Subscriber = ()>>(
    mut wanted: mpsc::UnboundedReceiver<B256>,
    mut resolver: R,
) {
    while let Some(digest) = wanted.recv().await {
        resolver.fetch(Digest(digest.0));
    }
}

impl Node {
    /// Returns a package, asking peers until one has it; none if the digest is of something else.
    pub(super) async fn package(&self, digest: B256) -> Option<Arc<Package>> {
        if let Some(package) = self.package_here(digest) {
            return Some(package);
        }
        self.want(digest);
        self.wait(|node| match node.book(|book| (book.package(digest), book.is_bad(digest))) {
            (Some(package), _) => Some(Some(package)),
            (None, true) => Some(None),
            (None, false) => None,
        })
        .await
    }

    /// Returns a package from memory or the store.
    fn package_here(&self, digest: B256) -> Option<Arc<Package>> {
        self.book(|book| book.package(digest)).or_else(|| {
            let bytes = self.observer().package(digest)?;
            self.read_package(&bytes).ok().map(Arc::new)
        })
    }

    fn package_bytes(&self, digest: B256) -> Option<Vec<u8>> {
        let package = self.book(|book| book.package(digest));
        package.map(|package| package.encoded()).or_else(|| self.observer().package(digest))
    }
}
