//! Keeps what a node has heard: packages, offers, and when each height opened. Everything in it is bounded: by the
//! committee, by a count for each height and author, and by height.

use crate::hhcm::{Offer, PART_LEN, Package, Seal};
use alloy_primitives::B256;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

/// Heights behind the last final one whose packages are still served from memory.
const KEPT_BEHIND: u64 = 16;
/// Heights ahead of the last final one that are listened to.
const HEARD_AHEAD: u64 = 8;
/// Most packages, and most offers, of one author above the last final height: a hostile one may name any parent.
const OF_AUTHOR_MAX: usize = 16;

/// Is a member's part of a signature.
pub(super) type Part = [u8; PART_LEN];

/// Is an offer with the moment it was heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When.
    pub at: SystemTime,
    /// The offer; its signature is checked.
    pub offer: Offer,
    /// Its seal.
    pub seal: Seal,
}

/// Keeps what a node has heard.
#[derive(Debug, Default)]
pub struct Book {
    packages: BTreeMap<B256, Arc<Package>>,
    /// Digests by (height, parent, group, author).
    by_place: BTreeMap<(u64, B256, u32, B256), Vec<B256>>,
    offers: BTreeMap<(u64, B256), Vec<Heard>>,
    opened: BTreeMap<B256, (u64, SystemTime)>,
    /// Members' parts of the committee's signature over a seed, by height and parent, then by member; none for a part
    /// that was not the member's.
    parts: BTreeMap<(u64, B256), BTreeMap<B256, Option<Part>>>,
    bad: BTreeSet<B256>,
    height: u64,
    heard_max: usize,
    counts: Counts,
}

/// Counts what was heard and taken since the node started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packages of groups.
    pub packages: u64,
    /// Offers of representatives.
    pub offers: u64,
}

impl Book {
    /// Makes an empty book. `heard_max` bounds packages and offers of one height and author.
    pub fn new(heard_max: usize) -> Self {
        Self { heard_max, ..Self::default() }
    }

    /// Notes a package. Returns another one of the same author and place where there is one: a proof that the author
    /// cheats.
    pub fn hear_package(&mut self, package: Arc<Package>) -> (bool, Option<Arc<Package>>) {
        let header = &package.header;
        if !self.listens(header.height) || self.packages.contains_key(&package.digest()) {
            return (false, None);
        }
        let author = header.author;
        let above = |((height, .., by), _): &(&(u64, B256, u32, B256), &Vec<B256>)| {
            *height > self.height && *by == author
        };
        let held: usize = self.by_place.iter().filter(above).map(|(_, digests)| digests.len()).sum();
        let place = (header.height, header.parent, header.group, author);
        let heard = self.by_place.entry(place).or_default();
        if heard.len() >= self.heard_max || held >= OF_AUTHOR_MAX {
            return (false, None);
        }
        let other = heard.first().and_then(|digest| self.packages.get(digest)).cloned();
        heard.push(package.digest());
        self.packages.insert(package.digest(), package);
        self.counts.packages += 1;
        (true, other)
    }

    /// Keeps a package that was asked for, whoever its author is.
    pub fn keep_package(&mut self, package: Arc<Package>) {
        let header = &package.header;
        let place = (header.height, header.parent, header.group, header.author);
        let heard = self.by_place.entry(place).or_default();
        if !heard.contains(&package.digest()) {
            heard.push(package.digest());
        }
        self.packages.insert(package.digest(), package);
    }

    /// Notes an offer whose signature was checked; false if it was heard before or is beyond the bounds.
    pub fn hear_offer(&mut self, heard: Heard) -> bool {
        let height = heard.offer.number();
        if !self.listens(height) {
            return false;
        }
        let author = heard.seal.author;
        let held = self.offers.values().flatten().filter(|known| known.seal.author == author).count();
        let offers = self.offers.entry((height, heard.offer.header.parent_hash)).or_default();
        let of_author = offers.iter().filter(|known| known.seal.author == heard.seal.author).count();
        let known = offers.iter().any(|known| known.offer.hash() == heard.offer.hash());
        let fresh = !known && of_author < self.heard_max && held < OF_AUTHOR_MAX;
        if fresh {
            offers.push(heard);
            self.counts.offers += 1;
        }
        fresh
    }

    /// Counts what was heard.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Notes when a height over `parent` opened here; the first time counts.
    pub fn open(&mut self, parent: B256, height: u64, now: SystemTime) -> bool {
        let fresh = !self.opened.contains_key(&parent);
        if fresh {
            self.opened.insert(parent, (height, now));
        }
        fresh
    }

    /// Returns when the height over `parent` opened here.
    pub fn opened(&self, parent: B256) -> Option<SystemTime> {
        self.opened.get(&parent).map(|(_, at)| *at)
    }

    /// Lists the parents above which a height opened here and is not final.
    pub(super) fn open_parents(&self) -> Vec<B256> {
        self.opened.keys().copied().collect()
    }

    /// Returns a package by its digest.
    pub fn package(&self, digest: B256) -> Option<Arc<Package>> {
        self.packages.get(&digest).cloned()
    }

    /// Returns the package of a group's representative, the first heard.
    pub fn package_of(&self, height: u64, parent: B256, group: u32, author: B256) -> Option<Arc<Package>> {
        let digest = self.by_place.get(&(height, parent, group, author))?.first()?;
        self.package(*digest)
    }

    /// Lists the offers over a parent that are not known to be invalid.
    pub fn offers(&self, height: u64, parent: B256) -> Vec<Heard> {
        let heard = self.offers.get(&(height, parent)).into_iter().flatten();
        heard.filter(|heard| !self.bad.contains(&heard.offer.hash())).cloned().collect()
    }

    /// Notes a member's part, the first for each height and parent; false if it is beyond the bounds.
    pub(super) fn hear_part(&mut self, height: u64, parent: B256, member: B256, part: Part) -> bool {
        let held = self.parts.values().filter(|parts| parts.contains_key(&member)).count();
        if !self.listens(height) || held >= OF_AUTHOR_MAX {
            return false;
        }
        let parts = self.parts.entry((height, parent)).or_default();
        match parts.contains_key(&member) {
            true => false,
            false => parts.insert(member, Some(part)).is_none(),
        }
    }

    /// Lists the parts over a parent by member.
    pub(super) fn parts(&self, height: u64, parent: B256) -> BTreeMap<B256, Part> {
        let parts = self.parts.get(&(height, parent)).into_iter().flatten();
        parts.filter_map(|(member, part)| Some((*member, (*part)?))).collect()
    }

    /// Notes that parts are not their members'.
    pub(super) fn spoil(&mut self, height: u64, parent: B256, members: impl Iterator<Item = B256>) {
        let parts = self.parts.entry((height, parent)).or_default();
        parts.extend(members.map(|member| (member, None)));
    }

    /// Notes that an offer is invalid for good.
    pub fn condemn(&mut self, hash: B256) {
        self.bad.insert(hash);
    }

    /// Says whether a hash is of something that is invalid for good.
    pub fn is_bad(&self, hash: B256) -> bool {
        self.bad.contains(&hash)
    }

    /// Forgets what lies far behind a final height.
    pub fn settle(&mut self, height: u64) {
        self.height = height;
        let low = height.saturating_sub(KEPT_BEHIND);
        self.by_place.retain(|(height, ..), digests| {
            let kept = *height >= low;
            if !kept {
                digests.iter().for_each(|digest| drop(self.packages.remove(digest)));
            }
            kept
        });
        let offers = &mut self.offers;
        offers.retain(|(at, _), _| *at > height);
        self.bad.retain(|hash| offers.values().flatten().any(|heard| heard.offer.hash() == *hash));
        self.opened.retain(|_, (at, _)| *at > height);
        self.parts.retain(|(at, _), _| *at > height);
    }

    fn listens(&self, height: u64) -> bool {
        height > self.height && height <= self.height.saturating_add(HEARD_AHEAD)
    }
}
