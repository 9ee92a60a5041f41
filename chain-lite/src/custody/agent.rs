//! Is a custodian: one step at a time it does what the chain and its fellow members expect of it.
//!
//! It is a state machine without tasks or a clock: whoever runs it calls [`Custodian::step`] often, hands it what members
//! send, and sends what it returns. What it must not forget is in notes and shard stores; all else is made anew from
//! the chain.

use super::{
    chain::{Chain, Reader},
    config::{ConfigError, CustodyConfig},
    decide::{ByHand, Decision},
    early::Early,
    error::CustodyError,
    jobs::Desk,
    keys::CustodyKeys,
    link::{Link, Locks},
    notes::{Notes, NotesError},
    record,
    sender::Sender,
    shards::Shards,
    signing::Signing,
    solvency,
};
use alloy_primitives::{Address, B256};
use fusor_custody::store::Files;
use fusor_outer::OuterChain;
use fusor_vm::dcrm::{self, Group, Vault};
use std::collections::{BTreeMap, btree_map::Entry};

/// Opens the files of a vault's shards.
pub type OpenFiles<F> = Box<dyn FnMut(u64) -> std::io::Result<F> + Send>;

/// Is a message to a node of the network.
pub type Post = (B256, Vec<u8>);

/// Is what a custodian knows of one vault.
pub(super) struct Seat<F> {
    pub(super) shards: Shards<F>,
    pub(super) locks: Locks,
    pub(super) desk: Desk,
    pub(super) signings: BTreeMap<B256, Signing>,
    /// When each member was heard last, and with whom it is paired.
    pub(super) heard: BTreeMap<u16, (u64, u64)>,
    pub(super) watch: solvency::Watch,
    pub(super) wanted: u64,
}

impl<F> Seat<F> {
    fn new(shards: Shards<F>) -> Self {
        Self {
            shards,
            locks: Locks::default(),
            desk: Desk::default(),
            signings: BTreeMap::new(),
            heard: BTreeMap::new(),
            watch: solvency::Watch::default(),
            wanted: 0,
        }
    }
}

/// Is a custodian.
pub struct Custodian<F> {
    pub(super) keys: CustodyKeys,
    pub(super) node: B256,
    pub(super) config: CustodyConfig,
    pub(super) by_hand: ByHand,
    pub(super) notes: Box<dyn Notes + Send>,
    pub(super) open: OpenFiles<F>,
    pub(super) links: BTreeMap<B256, Link>,
    pub(super) sender: Sender,
    pub(super) seats: BTreeMap<u64, Seat<F>>,
    /// The node of each operator, as of the last block.
    pub(super) nodes: BTreeMap<Address, B256>,
    pub(super) boot: u64,
    /// The height of the last block whose calls were answered.
    pub(super) followed: Option<u64>,
    pub(super) greeted: u64,
    /// Messages of plans that are not binding here yet: when they came, of which plan.
    pub(super) early: Early<B256, (u64, B256, Vec<u8>)>,
}

impl<F> std::fmt::Debug for Custodian<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Custodian").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Is what a custodian is made of.
pub struct Parts<F> {
    /// Its secret.
    pub keys: CustodyKeys,
    /// Its node's ed25519 key.
    pub node: B256,
    /// What it is told.
    pub config: CustodyConfig,
    /// Its notes.
    pub notes: Box<dyn Notes + Send>,
    /// Opens its shard stores.
    pub open: OpenFiles<F>,
    /// A number that differs at each start.
    pub boot: u64,
}

impl<F: Files> Custodian<F> {
    /// Makes a custodian and opens its outer chains.
    pub fn new(parts: Parts<F>) -> Result<Self, ConfigError> {
        let mut outer = BTreeMap::new();
        for (name, text, chain) in parts.config.chains() {
            let connected = fusor_outer::connect(chain.clone());
            let reason = |reason: fusor_outer::ConfigError| ConfigError::Chain {
                chain: text.clone(),
                reason: reason.to_string(),
            };
            outer.insert(name, connected.map_err(reason)?);
        }
        Ok(Self::over(parts, outer))
    }

    /// Makes a custodian over outer chains that are given; for simulations.
    pub fn over(parts: Parts<F>, outer: BTreeMap<B256, Box<dyn OuterChain>>) -> Self {
        let Parts { keys, node, config, notes, open, boot } = parts;
        let links = outer.into_iter().map(|(name, chain)| (name, Link::new(chain))).collect();
        Self {
            keys,
            node,
            by_hand: config.by_hand(),
            config,
            notes,
            open,
            links,
            sender: Sender::default(),
            seats: BTreeMap::new(),
            nodes: BTreeMap::new(),
            boot,
            followed: None,
            greeted: 0,
            early: Early::default(),
        }
    }

    /// Returns the account that acts for it.
    pub fn operator(&self) -> Address {
        self.keys.operator()
    }

    /// Says what each lock-out waits for, as far as this custodian knows.
    pub fn waits(&self) -> BTreeMap<u64, String> {
        let all = self.seats.values().flat_map(|seat| &seat.desk.waits);
        all.filter(|((request, _), _)| *request != 0)
            .map(|((request, _), what)| (*request, what.clone()))
            .collect()
    }

    /// Lists the open lock-outs that the operator decides about, with what was decided.
    pub fn asks(&self) -> BTreeMap<u64, Option<bool>> {
        self.seats
            .values()
            .flat_map(|seat| &seat.desk.asks)
            .map(|(request, said)| (*request, *said))
            .collect()
    }

    /// Takes what the operator decides about a lock-out.
    pub fn decide(&mut self, decision: Decision) -> Result<(), NotesError> {
        decision.keep(self.notes.as_mut())
    }

    /// Says what is wrong with an outer node.
    pub fn troubles(&self) -> BTreeMap<String, String> {
        let trouble = |(name, link): (&B256, &Link)| Some((dcrm::text(*name), link.trouble.clone()?));
        self.links.iter().filter_map(trouble).collect()
    }

    /// Does what is due at `now`, in milliseconds of any clock that does not run backwards; returns what is to be sent.
    pub fn step(&mut self, chain: &dyn Chain, now: u64) -> Result<Vec<Post>, CustodyError> {
        let mut reader = Reader::new(chain)?;
        if !dcrm::founded(&mut reader)? || !record::read_on(self.notes.as_mut(), chain)? {
            return Ok(Vec::new());
        }
        let height = chain.height()?;
        let news = self.followed != Some(height);
        if news {
            self.follow(chain)?;
        }
        let mut posts = Vec::new();
        for number in 1..=dcrm::Counts::load(&mut reader)?.vaults {
            let Some(vault) = Vault::load(&mut reader, number)? else { continue };
            match self.serve(chain, &vault, news, now) {
                Ok(found) => posts.extend(found),
                Err(error) => tracing::warn!(vault = number, %error, "custody of a vault"),
            }
        }
        self.followed = Some(height);
        posts.extend(self.greet(chain, now)?);
        Ok(posts)
    }

    /// Does what is due for one vault; what only a new block can call for is done at `news` alone.
    fn serve(
        &mut self,
        chain: &dyn Chain,
        vault: &Vault,
        news: bool,
        now: u64,
    ) -> Result<Vec<Post>, CustodyError> {
        let me = self.keys.operator();
        let group = Group::load(&mut Reader::new(chain)?, vault.group)?;
        let group = group.filter(|group| group.index_of(me).is_some());
        if news {
            self.follow_vault(chain, vault, group.as_ref())?;
        }
        let Some(group) = group else { return Ok(Vec::new()) };
        let boot = self.boot;
        let mut letters = self.seat(vault.number)?.shards.set_up(vault, boot, now);
        letters.extend(self.work(chain, vault, &group, now)?);
        Ok(self.address(&group, letters))
    }

    pub(super) fn seat(&mut self, vault: u64) -> Result<&mut Seat<F>, CustodyError> {
        match self.seats.entry(vault) {
            Entry::Occupied(seat) => Ok(seat.into_mut()),
            Entry::Vacant(free) => {
                let shards = Shards::open((self.open)(vault)?, &self.keys, vault)?;
                Ok(free.insert(Seat::new(shards)))
            }
        }
    }
}
