//! One member's shard, its transfer setups and its bans.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use k256_14::ProjectivePoint;
use zeroize::Zeroizing;

use crate::ecdsa::Pair;
use crate::keys::{KeyError, Terms, compress, scalar};

/// One member's shard under [`Terms`], with the transfer setups it has with others. Never printed.
#[derive(Clone)]
pub struct Holding {
    terms: Arc<Terms>,
    me: u16,
    share: Zeroizing<[u8; 32]>,
    pairs: BTreeMap<u16, Pair>,
    bans: Bans,
}

/// The banned members, one list for all copies of a holding and all its open sessions: a ban takes hold at once.
#[derive(Clone, Default)]
pub(crate) struct Bans(Arc<RwLock<BTreeSet<u16>>>);

impl Bans {
    pub(crate) fn add(&self, member: u16) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(member);
    }

    pub(crate) fn contains(&self, member: u16) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&member)
    }

    fn all(&self) -> Vec<u16> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }
}

impl Holding {
    /// Takes the shard of member `me`.
    ///
    /// # Errors
    /// The shard is not a scalar, or not the one behind the member's public point.
    pub fn new(terms: Arc<Terms>, me: u16, share: [u8; 32]) -> Result<Self, KeyError> {
        let share = Zeroizing::new(share);
        let secret = scalar(&share)?;
        if compress(&(ProjectivePoint::GENERATOR * secret)) != terms.point(me)? {
            return Err(KeyError::Share);
        }
        Ok(Self { terms, me, share, pairs: BTreeMap::new(), bans: Bans::default() })
    }

    /// The public terms.
    #[must_use]
    pub fn terms(&self) -> &Arc<Terms> {
        &self.terms
    }

    /// The number of this member.
    #[must_use]
    pub fn me(&self) -> u16 {
        self.me
    }

    /// The shard itself, for re-sharing.
    #[must_use]
    pub fn share(&self) -> &Zeroizing<[u8; 32]> {
        &self.share
    }

    /// The members with which the transfer setup is done.
    pub fn paired(&self) -> impl Iterator<Item = u16> + '_ {
        self.pairs().map(Pair::peer)
    }

    /// Keeps a finished setup, unless its member is banned.
    pub fn add_pair(&mut self, pair: Pair) {
        if !self.bans.contains(pair.peer()) {
            self.pairs.insert(pair.peer(), pair);
        }
    }

    /// Drops the setup with a member, takes none from it again, and stops all open ECDSA sessions with it.
    /// [`Store::ban`](crate::store::Store::ban) makes it last.
    pub fn ban(&mut self, member: u16) {
        self.bans.add(member);
        self.pairs.remove(&member);
    }

    /// The members banned.
    #[must_use]
    pub fn banned(&self) -> Vec<u16> {
        self.bans.all()
    }

    pub(crate) fn bans(&self) -> &Bans {
        &self.bans
    }

    pub(crate) fn pair(&self, peer: u16) -> Option<&Pair> {
        self.pairs.get(&peer).filter(|_| !self.bans.contains(peer))
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.values().filter(|pair| !self.bans.contains(pair.peer()))
    }
}

impl fmt::Debug for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holding").field("me", &self.me).finish_non_exhaustive()
    }
}
