//! Holds a vault's shard on this node, and the setups by which it signs with others.

use super::{
    chain::{Chain, ChainError, Reader},
    keys::CustodyKeys,
    wire::Wire,
};
use alloy_primitives::{B256, U256};
use fusor_custody::{
    Holding, KeyError, Message, Terms,
    ecdsa::{Setup, SetupStep},
    store::{Files, Store, StoreError},
};
use fusor_dcrm::Share;
use fusor_vm::dcrm::{Group, Scheme, Vault, bit};
use std::{collections::BTreeMap, sync::Arc};
use thiserror::Error;

/// Says why a shard cannot be kept or used.
#[derive(Debug, Error)]
pub enum ShardError {
    /// The chain cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The store does not take or give it.
    #[error("shard store: {0}")]
    Store(#[from] StoreError),
    /// The chain's public shares are not those of a key.
    #[error("terms of the group: {0}")]
    Key(#[from] KeyError),
}

/// Is a message to a member, by its number.
pub(super) type Letter = (u16, Wire);

/// Holds a vault's shards on this node.
pub(super) struct Shards<F> {
    store: Store<F>,
    holding: Option<Holding>,
    setup: Option<Setup>,
    /// The start of each member that is known.
    boots: BTreeMap<u16, u64>,
    /// When the setup's messages were sent last, in milliseconds.
    told: u64,
    turns: BTreeMap<u16, Turn>,
}

/// Milliseconds between messages of a setup that are sent once more.
const AGAIN_MS: u64 = 2_000;
/// Milliseconds between the first two answers to one member that repeat a run or begin it anew, and how often the pause
/// doubles. Answers to answers would never end, and each new run costs much work.
const TURN_MS: u64 = 1_000;
const DOUBLINGS: u32 = 5;

/// Is what was answered to a member out of a run's order since the last run came to its end.
#[derive(Debug, Clone, Copy, Default)]
struct Turn {
    /// When it was answered last, in milliseconds.
    at: u64,
    count: u32,
}

impl Turn {
    fn may(self, now: u64) -> bool {
        let pause = TURN_MS << self.count.saturating_sub(1).min(DOUBLINGS);
        self.count == 0 || now.saturating_sub(self.at) >= pause
    }

    fn take(&mut self, now: u64) {
        *self = Self { at: now, count: self.count.saturating_add(1) };
    }
}

/// Names a vault to its store.
pub(super) fn vault_name(number: u64) -> [u8; 32] {
    B256::from(U256::from(number)).0
}

/// Returns the terms under which a finished group signs; its number is the epoch of its shards.
pub(super) fn terms(chain: &dyn Chain, group: &Group) -> Result<Terms, ShardError> {
    let mut reader = Reader::new(chain)?;
    let shares = group.indices().map(|index| group.share(&mut reader, index));
    let shares: Vec<_> = shares.collect::<Result<_, _>>().map_err(ChainError::from)?;
    Ok(Terms::new(vault_name(group.vault), group.number, group.threshold, group.key, shares)?)
}

impl<F: Files> Shards<F> {
    /// Opens the store of a vault's shards.
    pub(super) fn open(files: F, keys: &CustodyKeys, vault: u64) -> Result<Self, ShardError> {
        let store = Store::open(files, &keys.shards(), vault_name(vault))?;
        let (boots, turns) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { store, holding: None, setup: None, boots, told: 0, turns })
    }

    /// Writes the share of a group that is to take over.
    pub(super) fn put(&mut self, chain: &dyn Chain, group: &Group, share: &Share) -> Result<(), ShardError> {
        let terms = Arc::new(terms(chain, group)?);
        let holding = Holding::new(terms, share.index(), *share.to_bytes())?;
        Ok(self.store.put_pending(&holding)?)
    }

    /// Follows the chain: makes the shard of the group that holds the vault the active one, erases older ones.
    pub(super) fn follow(&mut self, chain: &dyn Chain, group: &Group) -> Result<(), ShardError> {
        if self.holds(group.number) {
            return Ok(());
        }
        self.leave();
        let digest = terms(chain, group)?.digest();
        self.store.activate(group.number, digest)?;
        self.holding = Some(self.store.load(group.number, digest)?);
        self.store.erase_before(group.number)?;
        Ok(())
    }

    /// Says whether the active shard is that of group `number`.
    pub(super) fn holds(&self, number: u64) -> bool {
        self.holding.as_ref().is_some_and(|held| held.terms().epoch() == number)
    }

    /// Lays the shard down when a later group holds the key; the store keeps it until it is erased.
    pub(super) fn leave(&mut self) {
        self.holding = None;
        self.setup = None;
        // Numbers of members are the group's.
        self.boots.clear();
        self.turns.clear();
    }

    pub(super) fn holding(&self) -> Option<&Holding> {
        self.holding.as_ref()
    }

    pub(super) fn store(&mut self) -> &mut Store<F> {
        &mut self.store
    }

    /// Bans a member's transfer state for good.
    pub(super) fn ban(&mut self, member: u16) -> Result<(), ShardError> {
        match &mut self.holding {
            Some(holding) => Ok(self.store.ban(holding, member)?),
            None => Ok(()),
        }
    }

    /// Returns this node's share, for handing it over.
    pub(super) fn share(&self) -> Option<Share> {
        let holding = self.holding.as_ref()?;
        Share::from_bytes(holding.me(), holding.share()).ok()
    }

    /// Returns the members with whom this one can sign, as bits.
    pub(super) fn paired(&self) -> u64 {
        let holding = self.holding.iter().flat_map(Holding::paired);
        holding.fold(0, |mask, peer| mask | bit(peer))
    }

    /// Begins, or goes on with, the setups of an ECDSA vault; returns what is to be sent.
    pub(super) fn set_up(&mut self, vault: &Vault, boot: u64, now: u64) -> Vec<Letter> {
        let Some(holding) = self.holding.as_ref().filter(|_| vault.scheme == Scheme::Ecdsa) else {
            return Vec::new();
        };
        let banned: Vec<u16> = self.store.banned(vault.group).collect();
        let paired: Vec<u16> = holding.paired().collect();
        let missing: Vec<u16> = (1..=holding.terms().members())
            .filter(|peer| *peer != holding.me() && !paired.contains(peer) && !banned.contains(peer))
            .collect();
        if missing.is_empty() || (self.setup.is_some() && now.saturating_sub(self.told) < AGAIN_MS) {
            return Vec::new();
        }
        if self.setup.is_none() {
            self.setup = Setup::new(holding.terms(), holding.me(), &missing).ok();
        }
        self.told = now;
        let setup = self.setup.iter();
        let again = setup.flat_map(|setup| missing.iter().flat_map(|peer| setup.again(*peer)));
        again.map(|message| letter(vault.group, boot, message)).collect()
    }

    /// Takes a message of a setup from a member that says with whom it is paired, as bits; returns what is to be sent.
    pub(super) fn hear_setup(
        &mut self,
        vault: &Vault,
        boot: u64,
        (from, with): (u16, u64),
        (their_boot, round, bytes): (u64, u8, Vec<u8>),
        now: u64,
    ) -> Result<Vec<Letter>, ShardError> {
        let Some(holding) = &mut self.holding else { return Ok(Vec::new()) };
        if self.store.banned(vault.group).any(|banned| banned == from) {
            return Ok(Vec::new());
        }
        if self.setup.is_none() {
            self.setup = Setup::new(holding.terms(), holding.me(), &[]).ok();
        }
        let Some(setup) = &mut self.setup else { return Ok(Vec::new()) };
        let renewed = self.boots.get(&from).is_some_and(|known| *known != their_boot);
        let (run, paired) = (setup.again(from), holding.paired().any(|peer| peer == from));
        let turn = self.turns.entry(from).or_default();
        let may = turn.may(now);
        let anew = run.is_empty() || renewed;
        let both = paired && with & bit(holding.me()) != 0;
        if !anew && both || (anew || paired) && !may {
            return Ok(Vec::new());
        }
        if anew || paired {
            turn.take(now);
        }
        self.boots.insert(from, their_boot);
        let mut out = Vec::new();
        if paired && !anew {
            // The peer did not hear the end of the run.
            return Ok(run.into_iter().map(|message| letter(vault.group, boot, message)).collect());
        }
        if anew {
            // One of both began anew and lost its side of the run.
            out.extend(setup.restart(holding.terms(), from).unwrap_or_default());
        }
        let to = holding.me();
        match setup.receive(Message { from, to, round, bytes }) {
            Ok(SetupStep::Wait) => {}
            Ok(SetupStep::Send(messages)) => out.extend(messages),
            Ok(SetupStep::Paired(pair, messages)) => {
                *turn = Turn::default();
                holding.add_pair(*pair);
                self.store.update(holding)?;
                out.extend(messages);
            }
            Err(fault) if fault.kind.is_refusal() => {}
            Err(fault) if may => {
                tracing::warn!(%fault, "setup with a member failed and begins anew");
                turn.take(now);
                out.extend(setup.restart(holding.terms(), from).unwrap_or_default());
            }
            Err(fault) => tracing::warn!(%fault, "setup with a member failed"),
        }
        Ok(out.into_iter().map(|message| letter(vault.group, boot, message)).collect())
    }
}

fn letter(group: u64, boot: u64, message: Message) -> Letter {
    (message.to, Wire::Setup { group, boot, round: message.round, bytes: message.bytes })
}
