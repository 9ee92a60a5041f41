//! Is a custodian: one step at a time it does what the chain and its fellow members expect of it.
//!
//! It is a state machine without tasks or a clock: whoever runs it calls [`Custodian::step`] often, hands it what members
//! send, and sends what it returns. What it must not forget is in notes and shard stores; all else is made anew from
//! the chain.

use super::{
    chain::{Chain, ChainError, Reader},
    config::{ConfigError, CustodyConfig},
    deposits::Watching,
    jobs::{self, Desk, Working},
    keys::CustodyKeys,
    link::{Link, Locks},
    notes::{Notes, NotesError},
    protocol::Play,
    record::{self, RecordError},
    sender::Sender,
    shards::{Letter, ShardError, Shards, bit},
    signing::{Item, Presence, Signing},
    solvency,
    wire::Wire,
};
use alloy_primitives::{B256, U256};
use fusor_custody::{Message, store};
use fusor_outer::{OuterChain, Plan, Scheme};
use fusor_vm::{
    dcrm::{self, Group, JobId, State, Vault},
    fault::Fault,
    precompile::ICustody,
};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Milliseconds between greetings.
const HELLO_MS: u64 = 1_000;
/// Milliseconds for which a member that was heard counts as present.
const PRESENT_MS: u64 = 5_000;
/// Milliseconds between looks at what a vault holds.
const SOLVENCY_MS: u64 = 5_000;
/// Milliseconds after which signatures are asked for that others should have made.
const WANT_MS: u64 = 3_000;

/// Opens the files of a vault's shards.
pub type OpenFiles<F> = Box<dyn FnMut(u64) -> std::io::Result<F> + Send>;

/// Is a message to a node of the network.
pub type Post = (B256, Vec<u8>);

/// Says why a custodian cannot do something now; it tries again at the next step.
#[derive(Debug, Error)]
pub enum CustodyError {
    /// What the chain shows cannot be read or kept.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A shard cannot be kept or used.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// A folder of shards cannot be opened.
    #[error("folder of shards: {0}")]
    Folder(#[from] std::io::Error),
}

impl From<ChainError> for CustodyError {
    fn from(error: ChainError) -> Self {
        Self::Record(error.into())
    }
}

impl From<NotesError> for CustodyError {
    fn from(error: NotesError) -> Self {
        Self::Record(error.into())
    }
}

impl From<Fault> for CustodyError {
    fn from(fault: Fault) -> Self {
        ChainError::from(fault).into()
    }
}

impl From<store::StoreError> for CustodyError {
    fn from(error: store::StoreError) -> Self {
        Self::Shard(error.into())
    }
}

/// Is what a custodian knows of one vault.
struct Seat<F> {
    shards: Shards<F>,
    locks: Locks,
    desk: Desk,
    signings: BTreeMap<B256, Signing>,
    /// When each member was heard last, and with whom it is paired.
    heard: BTreeMap<u16, (u64, u64)>,
    watch: solvency::Watch,
    wanted: u64,
}

/// Is a custodian.
pub struct Custodian<F> {
    keys: CustodyKeys,
    node: B256,
    config: CustodyConfig,
    notes: Box<dyn Notes + Send>,
    open: OpenFiles<F>,
    links: BTreeMap<B256, Link>,
    sender: Sender,
    seats: BTreeMap<u64, Seat<F>>,
    /// The node of each operator, and the other way round.
    nodes: BTreeMap<alloy_primitives::Address, B256>,
    boot: u64,
    greeted: u64,
    early: Vec<(B256, Wire)>,
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

impl<F: store::Files> Custodian<F> {
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
            config,
            notes,
            open,
            links,
            sender: Sender::default(),
            seats: BTreeMap::new(),
            nodes: BTreeMap::new(),
            boot,
            greeted: 0,
            early: Vec::new(),
        }
    }

    /// Returns the account that acts for it.
    pub fn operator(&self) -> alloy_primitives::Address {
        self.keys.operator()
    }

    /// Says what each lock-out waits for, as far as this custodian knows.
    pub fn waits(&self) -> BTreeMap<u64, String> {
        let all = self.seats.values().flat_map(|seat| &seat.desk.waits);
        all.filter(|((request, _), _)| *request != 0)
            .map(|((request, _), what)| (*request, what.clone()))
            .collect()
    }

    /// Says what is wrong with an outer node.
    pub fn troubles(&self) -> BTreeMap<String, String> {
        let trouble = |(name, link): (&B256, &Link)| Some((dcrm::text(*name), link.trouble.clone()?));
        self.links.iter().filter_map(trouble).collect()
    }

    /// Does what is due at `now`, in milliseconds of any clock that does not run backwards; returns what is to be sent.
    pub fn step(&mut self, chain: &dyn Chain, now: u64) -> Result<Vec<Post>, CustodyError> {
        if !dcrm::founded(&mut Reader::new(chain)?)? || !record::read_on(self.notes.as_mut(), chain)? {
            return Ok(Vec::new());
        }
        self.sender.follow(chain, &self.keys)?;
        self.register(chain)?;
        self.learn_nodes(chain)?;
        let mut posts = Vec::new();
        let count = dcrm::Counts::load(&mut Reader::new(chain)?)?.vaults;
        for number in 1..=count {
            let Some(vault) = Vault::load(&mut Reader::new(chain)?, number)? else { continue };
            match self.serve(chain, &vault, now) {
                Ok(found) => posts.extend(found),
                Err(error) => tracing::warn!(vault = number, %error, "custody of a vault"),
            }
        }
        posts.extend(self.greet(chain, now)?);
        Ok(posts)
    }

    /// Takes a message of a node of the network; returns what is to be sent. What does not decode, or comes from a node
    /// that is no fellow member, is dropped.
    pub fn hear(
        &mut self,
        chain: &dyn Chain,
        from: B256,
        bytes: &[u8],
        now: u64,
    ) -> Result<Vec<Post>, CustodyError> {
        let Ok(wire) = Wire::decode(bytes) else {
            tracing::debug!(%from, "not a message of a custodian");
            return Ok(Vec::new());
        };
        let mut posts = Vec::new();
        let vaults: Vec<u64> = self.seats.keys().copied().collect();
        for number in vaults {
            let Some(vault) = Vault::load(&mut Reader::new(chain)?, number)? else { continue };
            let Some(group) = Group::load(&mut Reader::new(chain)?, vault.group)? else { continue };
            let Some(member) = self.member_at(&group, from) else { continue };
            let letters = self.hear_member(&vault, &group, (member, &wire), now)?;
            posts.extend(self.address(&group, letters));
        }
        Ok(posts)
    }

    /// Registers the custodian once its account holds the bond.
    fn register(&mut self, chain: &dyn Chain) -> Result<(), CustodyError> {
        let me = self.keys.operator();
        let known = dcrm::Custodian::load(&mut Reader::new(chain)?, me)?.is_some();
        let (_, balance) = chain.account(me)?;
        let Some(encryption) = self.keys.encryption() else { return Ok(()) };
        if known || self.config.bond.is_zero() || balance <= self.config.bond {
            return Ok(());
        }
        let call = ICustody::registerCall {
            node: self.node,
            encryption: encryption.to_vec().into(),
            owner: dcrm::name(&self.config.owner),
            provider: dcrm::name(&self.config.provider),
            region: dcrm::name(&self.config.region),
        };
        self.sender.call(chain, &self.keys, self.config.bond, &call)?;
        Ok(())
    }

    fn learn_nodes(&mut self, chain: &dyn Chain) -> Result<(), CustodyError> {
        let mut reader = Reader::new(chain)?;
        if dcrm::Counts::load(&mut reader)?.custodians as usize == self.nodes.len() {
            return Ok(());
        }
        for operator in dcrm::operators(&mut reader)? {
            if let Some(one) = dcrm::Custodian::load(&mut reader, operator)? {
                self.nodes.insert(operator, one.node);
            }
        }
        Ok(())
    }

    fn member_at(&self, group: &Group, node: B256) -> Option<u16> {
        let at = |operator: &alloy_primitives::Address| self.nodes.get(operator) == Some(&node);
        let place = group.members.iter().position(at)?;
        u16::try_from(place.saturating_add(1)).ok()
    }

    fn address(&self, group: &Group, letters: Vec<Letter>) -> Vec<Post> {
        let me = group.index_of(self.keys.operator());
        let others = letters.into_iter().filter(|(member, _)| Some(*member) != me);
        let post = |(member, wire): Letter| Some((*self.nodes.get(&group.operator(member)?)?, wire.encode()));
        others.filter_map(post).collect()
    }

    fn seat(&mut self, vault: u64) -> Result<&mut Seat<F>, CustodyError> {
        if !self.seats.contains_key(&vault) {
            let files = (self.open)(vault)?;
            let shards = Shards::open(files, &self.keys, vault)?;
            let seat = Seat {
                shards,
                locks: Locks::default(),
                desk: Desk::default(),
                signings: BTreeMap::new(),
                heard: BTreeMap::new(),
                watch: solvency::Watch::default(),
                wanted: 0,
            };
            self.seats.insert(vault, seat);
        }
        self.seats.get_mut(&vault).ok_or_else(|| NotesError("seat".into()).into())
    }

    /// Does what is due for one vault.
    fn serve(&mut self, chain: &dyn Chain, vault: &Vault, now: u64) -> Result<Vec<Post>, CustodyError> {
        let me = self.keys.operator();
        let mut reader = Reader::new(chain)?;
        let holding = Group::load(&mut reader, vault.group)?.filter(|group| group.index_of(me).is_some());
        if let Some(group) = &holding {
            self.hold(chain, vault, group)?;
        } else if let Some(seat) = self.seats.get_mut(&vault.number) {
            seat.shards.leave();
        }
        if !vault.keyed() && vault.next == 0 {
            self.begin_anew(chain, vault)?;
        }
        if let Some(next) = Group::load(&mut reader, vault.next)? {
            self.make(chain, vault, &next)?;
        }
        let Some(group) = holding else { return Ok(Vec::new()) };
        self.say_ready(chain, vault, &group)?;
        self.renew(chain, vault, &group)?;
        let boot = self.boot;
        let seat = self.seat(vault.number)?;
        let mut letters = seat.shards.set_up(vault, boot, now);
        letters.extend(self.work(chain, vault, &group, now)?);
        Ok(self.address(&group, letters))
    }

    /// Uses the shard of the group that holds a vault. A member that was away when the group took over makes its share
    /// now, from what was posted.
    fn hold(&mut self, chain: &dyn Chain, vault: &Vault, group: &Group) -> Result<(), CustodyError> {
        match self.seat(vault.number)?.shards.follow(chain, group) {
            Err(ShardError::Store(store::StoreError::Missing(_))) => {}
            followed => return Ok(followed?),
        }
        let (notes, keys, sender) = (self.notes.as_ref(), &self.keys, &mut self.sender);
        let play = Play { chain, notes, keys, sender, group };
        let Some(share) = play.share()? else {
            tracing::warn!(group = group.number, "no share of this group can be made");
            return Ok(());
        };
        let seat = self.seat(vault.number)?;
        seat.shards.put(chain, group, &share)?;
        Ok(seat.shards.follow(chain, group)?)
    }

    /// Plays the making of a group's key.
    fn make(&mut self, chain: &dyn Chain, vault: &Vault, next: &Group) -> Result<(), CustodyError> {
        let share = self.seats.get(&vault.number).and_then(|seat| seat.shards.share());
        let (notes, keys, sender) = (self.notes.as_ref(), &self.keys, &mut self.sender);
        let mut play = Play { chain, notes, keys, sender, group: next };
        match (next.state, next.previous) {
            (dcrm::GroupState::Making, 0) => play.generate()?,
            (dcrm::GroupState::Making, _) => play.take_over(share.as_ref())?,
            (dcrm::GroupState::Made, _) => return self.say_ready(chain, vault, next),
            _ => {}
        }
        Ok(())
    }

    /// Stores the share of a finished group, then says that it is held.
    fn say_ready(&mut self, chain: &dyn Chain, vault: &Vault, group: &Group) -> Result<(), CustodyError> {
        let (notes, keys, sender) = (self.notes.as_ref(), &self.keys, &mut self.sender);
        let play = Play { chain, notes, keys, sender, group };
        if !play.owes_ready() {
            return Ok(());
        }
        let active = group.number == vault.group;
        if !active {
            let Some(share) = play.share()? else {
                tracing::warn!(group = group.number, "no share of this group: the node was away");
                return Ok(());
            };
            self.seat(vault.number)?.shards.put(chain, group, &share)?;
        }
        let call = ICustody::readyCall { group: group.number };
        self.sender.call(chain, &self.keys, U256::ZERO, &call)?;
        Ok(())
    }

    /// Asks for another group where a vault's first one did not come about, each custodian in turn.
    fn begin_anew(&mut self, chain: &dyn Chain, vault: &Vault) -> Result<(), CustodyError> {
        let operators = dcrm::operators(&mut Reader::new(chain)?)?;
        let turn = (chain.height()? / 2).checked_rem(operators.len() as u64).unwrap_or_default();
        let mine = operators.get(turn as usize) == Some(&self.keys.operator());
        if mine {
            let call = ICustody::regroupCall { vault: vault.number };
            self.sender.call(chain, &self.keys, U256::ZERO, &call)?;
        }
        Ok(())
    }

    /// Asks for new shares when they are due, each member in turn.
    fn renew(&mut self, chain: &dyn Chain, vault: &Vault, group: &Group) -> Result<(), CustodyError> {
        let mut reader = Reader::new(chain)?;
        let (rules, height) = (dcrm::Rules::load(&mut reader)?, chain.height()?);
        let due = height.saturating_sub(vault.renewed) >= u64::from(rules.renew);
        let wanted =
            vault.next == 0 && vault.state != State::Retiring && (due || dcrm::bereft(&mut reader, vault)?);
        let members = group.members.len() as u64;
        let turn = (height / 2).checked_rem(members).unwrap_or_default().saturating_add(1);
        let mine = group.index_of(self.keys.operator()).is_some_and(|index| u64::from(index) == turn);
        if wanted && mine {
            let call = ICustody::regroupCall { vault: vault.number };
            self.sender.call(chain, &self.keys, U256::ZERO, &call)?;
        }
        Ok(())
    }

    /// Watches the outer chain, carries jobs on and signs.
    fn work(
        &mut self,
        chain: &dyn Chain,
        vault: &Vault,
        group: &Group,
        now: u64,
    ) -> Result<Vec<Letter>, CustodyError> {
        let Self { keys, notes, links, sender, seats, .. } = self;
        let (Some(seat), Some(link)) = (seats.get_mut(&vault.number), links.get_mut(&vault.chain)) else {
            return Ok(Vec::new());
        };
        let Some(index) = group.index_of(keys.operator()) else { return Ok(Vec::new()) };
        let coins = dcrm::vault_coins(&mut Reader::new(chain)?, vault)?;
        seat.locks.follow(chain, vault)?;
        let (locks, notes, coins) = (&seat.locks, notes.as_mut(), &coins[..]);
        let alarm = {
            let (notes, sender, link) = (&mut *notes, &mut *sender, &mut *link);
            Watching { chain, notes, keys, sender, link, locks, vault, coins, now }.step()?
        };
        let me = (index, group.members.len() as u16);
        let may_pay = matches!(vault.state, State::Active | State::Retiring);
        let (open, plans) = {
            let (link, desk) = (&mut *link, &mut seat.desk);
            let mut working =
                Working { chain, notes, keys, sender, link, locks, vault, coins, desk, me, now };
            if may_pay {
                working.step()?;
            }
            let open = working.open()?;
            if alarm || seat.watch.is_due(now, SOLVENCY_MS) {
                solvency::look(&mut seat.watch, &mut working, &open)?;
            }
            let plans = match may_pay {
                true => binding_plans(&mut working, &open, &seat.signings)?,
                false => Vec::new(),
            };
            (open, plans)
        };
        let mut letters = sign(seat, vault, plans, chain, link.outer.as_ref(), now)?;
        letters.extend(self.gather(vault, group, &open, now)?);
        Ok(letters)
    }

    /// Keeps finished signatures and tells them to all; asks for those that others should have made.
    fn gather(
        &mut self,
        vault: &Vault,
        group: &Group,
        open: &[jobs::Open],
        now: u64,
    ) -> Result<Vec<Letter>, CustodyError> {
        let Self { notes, seats, .. } = self;
        let Some(seat) = seats.get_mut(&vault.number) else { return Ok(Vec::new()) };
        let binding: BTreeSet<B256> = open.iter().flat_map(|job| &job.bindings).map(|b| b.plan).collect();
        seat.signings.retain(|plan, _| binding.contains(plan));
        let mut letters = Vec::new();
        for plan in &binding {
            if jobs::signatures(notes.as_ref(), *plan)?.is_some() {
                seat.signings.remove(plan);
                continue;
            }
            if let Some(signatures) = seat.signings.get(plan).and_then(Signing::signatures) {
                jobs::keep_signatures(notes.as_mut(), *plan, &signatures)?;
                let told = Wire::Signed { plan: *plan, signatures };
                letters.extend(group.indices().map(|member| (member, told.clone())));
            } else if now.saturating_sub(seat.wanted) >= WANT_MS {
                letters.extend(group.indices().map(|member| (member, Wire::Want { plan: *plan })));
            }
        }
        if now.saturating_sub(seat.wanted) >= WANT_MS {
            seat.wanted = now;
        }
        Ok(letters)
    }

    /// Greets all fellow members.
    fn greet(&mut self, chain: &dyn Chain, now: u64) -> Result<Vec<Post>, CustodyError> {
        if now.saturating_sub(self.greeted) < HELLO_MS {
            return Ok(Vec::new());
        }
        self.greeted = now;
        let mut groups = Vec::new();
        for (number, seat) in &self.seats {
            let Some(vault) = Vault::load(&mut Reader::new(chain)?, *number)? else { continue };
            let Some(group) = Group::load(&mut Reader::new(chain)?, vault.group)? else { continue };
            groups.push((group, seat.shards.paired()));
        }
        let paired: Vec<_> = groups.iter().map(|(group, with)| (group.number, *with)).collect();
        let hello = Wire::Hello { boot: self.boot, paired }.encode();
        let fellows = groups.iter().flat_map(|(group, _)| &group.members);
        let mut nodes: BTreeSet<B256> =
            fellows.filter_map(|operator| self.nodes.get(operator)).copied().collect();
        nodes.remove(&self.node);
        Ok(nodes.into_iter().map(|node| (node, hello.clone())).collect())
    }

    /// Takes what a member of a vault's group says.
    fn hear_member(
        &mut self,
        vault: &Vault,
        group: &Group,
        (member, wire): (u16, &Wire),
        now: u64,
    ) -> Result<Vec<Letter>, CustodyError> {
        let boot = self.boot;
        let Some(seat) = self.seats.get_mut(&vault.number) else { return Ok(Vec::new()) };
        match wire {
            Wire::Hello { paired, .. } => {
                let with = paired.iter().find(|(number, _)| *number == group.number).map(|(_, with)| *with);
                seat.heard.insert(member, (now, with.unwrap_or_default()));
                Ok(Vec::new())
            }
            Wire::Setup { group: number, boot: theirs, round, bytes } if *number == group.number => {
                let said = (*theirs, *round, bytes.clone());
                Ok(seat.shards.hear_setup(vault, boot, member, said)?)
            }
            Wire::Invite { plan, attempt, set } => match seat.signings.get_mut(plan) {
                Some(signing) => Ok(signing.hear_invite(&mut seat.shards, member, (*attempt, *set))?),
                None => Ok(self.hold_early(group, member, wire)),
            },
            Wire::Sign { plan, attempt, input, round, bytes } => match seat.signings.get_mut(plan) {
                Some(signing) => {
                    let to = seat.shards.holding().map_or(0, fusor_custody::Holding::me);
                    let message = Message { from: member, to, round: *round, bytes: bytes.clone() };
                    Ok(signing.hear(&mut seat.shards, member, (*attempt, *input), message)?)
                }
                None => Ok(self.hold_early(group, member, wire)),
            },
            Wire::Report { plan, attempt, set, kind, named } => {
                if let Some(signing) = seat.signings.get_mut(plan) {
                    signing.hear_report(member, *attempt, *set, (*kind, *named));
                }
                Ok(Vec::new())
            }
            Wire::Signed { plan, signatures } => {
                self.hear_signed(vault, *plan, signatures)?;
                Ok(Vec::new())
            }
            Wire::Want { plan } => {
                let found = jobs::signatures(self.notes.as_ref(), *plan)?;
                let told = found.map(|signatures| (member, Wire::Signed { plan: *plan, signatures }));
                Ok(told.into_iter().collect())
            }
            Wire::Setup { .. } => Ok(Vec::new()),
        }
    }

    /// Keeps a message about a plan that is not binding here yet.
    fn hold_early(&mut self, group: &Group, member: u16, wire: &Wire) -> Vec<Letter> {
        let node = group.operator(member).and_then(|operator| self.nodes.get(&operator)).copied();
        if let Some(node) = node.filter(|_| self.early.len() < 1_024) {
            self.early.push((node, wire.clone()));
        }
        Vec::new()
    }

    /// Takes what was kept, once more; called after each step.
    pub fn hear_early(&mut self, chain: &dyn Chain, now: u64) -> Result<Vec<Post>, CustodyError> {
        let mut posts = Vec::new();
        for (node, wire) in std::mem::take(&mut self.early) {
            let plan = match &wire {
                Wire::Invite { plan, .. } | Wire::Sign { plan, .. } => *plan,
                _ => continue,
            };
            let known = self.seats.values().any(|seat| seat.signings.contains_key(&plan));
            let signed = jobs::signatures(self.notes.as_ref(), plan)?.is_some();
            match known {
                true => posts.extend(self.hear(chain, node, &wire.encode(), now)?),
                false if !signed && self.early.len() < 512 => self.early.push((node, wire)),
                false => {}
            }
        }
        Ok(posts)
    }

    /// Keeps signatures that others made, if they are right.
    fn hear_signed(
        &mut self,
        vault: &Vault,
        plan: B256,
        signatures: &[[u8; 64]],
    ) -> Result<(), CustodyError> {
        let (Some(link), false) =
            (self.links.get(&vault.chain), jobs::signatures(self.notes.as_ref(), plan)?.is_some())
        else {
            return Ok(());
        };
        let Some(bytes) = record::plan(self.notes.as_ref(), plan)? else { return Ok(()) };
        let read = Plan::decode(&bytes).ok().filter(|plan| link.outer.sighashes(plan).is_ok());
        // Members share several vaults; the plan may be another one's.
        let Some(read) = read else { return Ok(()) };
        match link.outer.assemble(&read, signatures) {
            Ok(_) => Ok(jobs::keep_signatures(self.notes.as_mut(), plan, signatures)?),
            Err(reason) => {
                tracing::warn!(%reason, "signatures of a plan are wrong");
                Ok(())
            }
        }
    }
}

/// Is a binding plan that this node has checked and that is not signed.
struct Binding {
    hash: B256,
    plan: Plan,
}

/// Lists the last binding plan of each job that is not signed, where this node's own check holds.
fn binding_plans(
    working: &mut Working<'_>,
    open: &[jobs::Open],
    running: &BTreeMap<B256, Signing>,
) -> Result<Vec<Binding>, RecordError> {
    let mut found = Vec::new();
    for job in open {
        let Some(last) = job.bindings.last() else { continue };
        if job.job.plan != last.plan || jobs::signatures(working.notes, last.plan)?.is_some() {
            continue;
        }
        let Some(plan) = record::plan(working.notes, last.plan)?.and_then(|bytes| Plan::decode(&bytes).ok())
        else {
            continue;
        };
        let checked = running.contains_key(&last.plan)
            || working.desk.checked.contains(&last.plan)
            || working.check(&job.id, &plan, open)?;
        if checked {
            working.desk.checked.insert(last.plan);
            let id: JobId = job.id;
            working.desk.waits.insert((id.request, id.upkeep), "the custodians' signature".into());
            found.push(Binding { hash: last.plan, plan });
        }
    }
    Ok(found)
}

/// Begins and goes on with signatures.
fn sign<F: store::Files>(
    seat: &mut Seat<F>,
    vault: &Vault,
    plans: Vec<Binding>,
    chain: &dyn Chain,
    outer: &dyn OuterChain,
    now: u64,
) -> Result<Vec<Letter>, CustodyError> {
    let Some(me) = seat.shards.holding().map(fusor_custody::Holding::me) else { return Ok(Vec::new()) };
    let lately =
        |(member, (at, _)): (&u16, &(u64, u64))| (now.saturating_sub(*at) < PRESENT_MS).then_some(*member);
    let mut present: Vec<u16> = seat.heard.iter().filter_map(lately).collect();
    present.push(me);
    present.sort_unstable();
    present.dedup();
    let mut paired: BTreeMap<u16, u64> =
        seat.heard.iter().map(|(member, (_, with))| (*member, *with)).collect();
    paired.insert(me, seat.shards.paired());
    for (member, with) in &mut paired {
        *with |= bit(*member);
    }
    let mut letters = Vec::new();
    for Binding { hash, plan } in plans {
        if !seat.signings.contains_key(&hash) {
            let Some(items) = items(seat, vault, &plan, chain, outer)? else { continue };
            seat.signings.insert(hash, Signing::new(hash, items, now));
        }
        let presence = Presence { present: &present, paired: &paired };
        if let Some(signing) = seat.signings.get_mut(&hash) {
            letters.extend(signing.step(&mut seat.shards, &presence, now)?);
        }
    }
    Ok(letters)
}

/// Computes what a plan asks to be signed, from the plan itself.
fn items<F: store::Files>(
    seat: &Seat<F>,
    vault: &Vault,
    plan: &Plan,
    chain: &dyn Chain,
    outer: &dyn OuterChain,
) -> Result<Option<Vec<Item>>, CustodyError> {
    let Ok(parent) = fusor_dcrm::Point::from_bytes(&vault.key) else { return Ok(None) };
    let Ok(hashes) = outer.sighashes(plan) else { return Ok(None) };
    let mut items = Vec::with_capacity(hashes.len());
    for sighash in hashes {
        let Some(request) = seat.locks.request(&sighash.path) else { return Ok(None) };
        let context = dcrm::context(chain.id(), vault.number, request);
        let Ok(tweak) = fusor_dcrm::tweak(&parent, &context.0) else { return Ok(None) };
        let scheme = match sighash.scheme {
            Scheme::Ecdsa => store::Scheme::Ecdsa,
            Scheme::Schnorr => store::Scheme::Schnorr,
        };
        items.push(Item { tweak: tweak.to_bytes().into(), hash: sighash.hash, scheme });
    }
    Ok(Some(items))
}
