//! Keeps the final chain and the blocks above it that are executed and not final; builds and judges blocks of HHCM.
//!
//! The state always rests at the last final block. To run on another parent the changes of the blocks between are
//! applied, and undone afterwards; when a block becomes final its changes are applied for good. Nothing here does
//! I/O, waits, or reads a clock.
//!
//! ```text
//! build    packages, and offers over packages
//! check    offers of others
//! sabotage rules broken on purpose, for tests
//! settle   making a block final
//! beacon   committees' keys and signatures
//! keep     final blocks in the store, and a ledger from the store
//! ```

mod beacon;
mod build;
mod check;
mod error;
mod keep;
mod sabotage;
mod settle;

pub use build::Draft;
pub use error::LedgerError;
pub use keep::{KeepError, forget_packages, keep, kept_block, reopen};
pub use sabotage::Sabotage;
pub use settle::Final;

use crate::{
    chain::Chain,
    error::ChainError,
    executor::Executed,
    genesis::{Consensus, Genesis},
    hhcm::{Offer, Package, REVEAL_LEN, Round, RoundError, Seal},
    state::{BlockStore, Changeset, Proof, State},
    tx::Transaction,
};
use alloy_primitives::{Address, B256, U256};
use fusor_vm::{fault::Fault, hhcm};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Is a group's package, or none.
pub type Packages = Vec<Option<Arc<Package>>>;

/// Keeps the final chain and what is executed above it.
#[derive(Debug)]
pub struct Ledger {
    chain: Chain,
    consensus: Consensus,
    pending: BTreeMap<B256, Pending>,
    /// What follows the last final block.
    round: Arc<Round>,
    /// Seals of offers that fit their rounds, by height and hash: checking one costs signatures.
    fit: BTreeMap<(u64, B256), Seal>,
    /// Committees' signatures over seeds that are known, by height and parent.
    reveals: BTreeMap<(u64, B256), [u8; REVEAL_LEN]>,
    genesis: Offer,
    threads: usize,
    merging: Option<bool>,
    sabotage: Option<Sabotage>,
}

/// Is a block that is executed and not final.
#[derive(Debug)]
struct Pending {
    offer: Offer,
    executed: Executed,
    changes: Changeset,
    packages: Packages,
    /// What follows it.
    round: Arc<Round>,
}

impl Ledger {
    /// Starts at block 0 of a chain with consensus. `threads` run groups in parallel. Errors: a genesis that no chain
    /// can run with, or one without consensus.
    pub fn new(genesis: Genesis, threads: usize) -> Result<Self, LedgerError> {
        Self::over(Chain::new(genesis)?, threads)
    }

    /// Goes on from the head of a chain.
    pub fn over(mut chain: Chain, threads: usize) -> Result<Self, LedgerError> {
        let genesis = Offer::genesis(genesis_header(chain.genesis())?);
        let consensus = chain.genesis().consensus.clone().ok_or(LedgerError::NoConsensus)?;
        let round = Arc::new(chain.aside(|state, _, chain| round_after(state, chain, chain.head_header()))??);
        Ok(Self {
            chain,
            consensus,
            pending: BTreeMap::new(),
            fit: BTreeMap::new(),
            reveals: BTreeMap::new(),
            round,
            genesis,
            threads,
            merging: None,
            sabotage: None,
        })
    }

    /// Returns the final chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Returns the final chain, for queries that need it mutable.
    pub fn chain_mut(&mut self) -> &mut Chain {
        &mut self.chain
    }

    /// Returns block 0 as consensus sees it.
    pub fn genesis(&self) -> &Offer {
        &self.genesis
    }

    /// Returns the settings of consensus.
    pub fn consensus(&self) -> &Consensus {
        &self.consensus
    }

    /// Returns the hash of the last final block.
    pub fn head(&self) -> B256 {
        self.chain.head().hash
    }

    /// Returns the height of the last final block.
    pub fn height(&self) -> u64 {
        self.chain.height()
    }

    /// Returns the hash of a final block; none if it is not known here any more, or not yet.
    pub fn hash_at(&self, height: u64) -> Option<B256> {
        let kept = self.chain.block(height).map(|block| block.hash);
        kept.or_else(|| Some(self.chain.state().block_hash_at(height)).filter(|hash| !hash.is_zero()))
    }

    /// Says whether a block is final at the head, or executed above it.
    pub fn knows(&self, hash: B256) -> bool {
        hash == self.head() || self.pending.contains_key(&hash)
    }

    /// Returns the offer of a block that is executed and not final.
    pub fn pending(&self, hash: B256) -> Option<&Offer> {
        self.pending.get(&hash).map(|pending| &pending.offer)
    }

    /// Returns what follows a block. Errors: the block is not known.
    pub fn round(&self, parent: B256) -> Result<Arc<Round>, LedgerError> {
        if parent == self.head() {
            return Ok(self.round.clone());
        }
        let pending = self.pending.get(&parent).ok_or(LedgerError::Unknown(parent))?;
        Ok(pending.round.clone())
    }

    /// Checks all of an offer that needs no execution; returns its seal.
    pub fn fits(&mut self, round: &Round, offer: &Offer) -> Result<Seal, RoundError> {
        let place = (round.height, offer.hash());
        if let Some(seal) = self.fit.get(&place) {
            return Ok(seal.clone());
        }
        let known = self.reveals.get(&(round.height, round.parent));
        let seal = round.check_offer(self.chain.genesis().chain_id, offer, known)?;
        self.learn_reveal(round, seal.reveal);
        self.fit.insert(place, seal.clone());
        Ok(seal)
    }

    /// Says when the block after `parent` or a later one has a trigger to run. Errors: the parent is not known.
    pub fn next_due(&mut self, parent: B256) -> Result<Option<u64>, LedgerError> {
        self.at(parent, |_, index, _| index.next_due())
    }

    /// Says whether `parent` and the blocks before it, `count` in all, hold no transaction of a user.
    pub fn quiet(&self, parent: B256, count: u64) -> bool {
        let mut hash = parent;
        (0..count).all(|_| {
            let pending = self.pending.get(&hash).map(|pending| &pending.executed.block);
            let block = pending.or_else(|| self.chain.block(self.chain.number_of(hash)?));
            block.is_some_and(|block| {
                hash = block.header.parent_hash;
                block.transactions.iter().all(|tx| matches!(tx, Transaction::System(_)))
            })
        })
    }

    /// Returns the committee of the next block's epoch.
    pub fn members(&self) -> &[hhcm::Member] {
        &self.round.members
    }

    /// Returns the least time between blocks.
    pub fn block_time(&self) -> Duration {
        Duration::from_secs(self.chain.genesis().block_time)
    }

    /// Returns what a group's package may use, in gas, and the base fee of the round's block in wei per gas.
    pub fn room(&self, round: &Round) -> Result<(u64, u64), LedgerError> {
        let header = self.frame(round)?;
        Ok((header.gas_limit / u64::from(round.x.max(1)), header.base_fee_per_gas.unwrap_or_default()))
    }

    /// Says whether a node was punished for a cheat.
    pub fn is_jailed(&mut self, key: B256) -> bool {
        let validator = self.ask(|store| hhcm::Validator::load(store, key));
        validator.ok().flatten().is_some_and(|validator| validator.jailed)
    }

    /// Asks the state after the last final block.
    pub fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut BlockStore<'_>) -> Result<T, Fault>,
    ) -> Result<T, LedgerError> {
        Ok(self.chain.ask(question)?)
    }

    /// Proves an account and words of its storage after the last final block.
    pub fn prove(&mut self, address: Address, keys: &[U256]) -> Option<Proof> {
        self.chain.prove(address, keys)
    }

    /// Runs `act` on the state after `parent` and returns to the last final block.
    fn at<T>(
        &mut self,
        parent: B256,
        act: impl FnOnce(&mut State, &mut crate::schedule::Index, &Chain) -> T,
    ) -> Result<T, LedgerError> {
        let mut path = Vec::new();
        let mut hash = parent;
        while hash != self.head() {
            let pending = self.pending.get(&hash).ok_or(LedgerError::Unknown(parent))?;
            path.push((&pending.executed.block, &pending.changes));
            hash = pending.executed.block.header.parent_hash;
        }
        path.reverse();
        Ok(self.chain.after(&path, act)?)
    }

    /// Returns the header of a block at or above the last final one.
    fn header(&self, hash: B256) -> Result<&alloy_consensus::Header, LedgerError> {
        if hash == self.head() {
            return Ok(self.chain.head_header());
        }
        let pending = self.pending.get(&hash).ok_or(LedgerError::Unknown(hash))?;
        Ok(&pending.executed.block.header)
    }
}

/// Returns block 0's header.
fn genesis_header(genesis: &Genesis) -> Result<alloy_consensus::Header, LedgerError> {
    Ok(Chain::new(genesis.clone())?.head_header().clone())
}

/// Computes what follows a block from the state after it.
fn round_after(
    state: &mut State,
    chain: &Chain,
    parent: &alloy_consensus::Header,
) -> Result<Round, LedgerError> {
    let genesis = chain.genesis();
    let consensus = genesis.consensus.as_ref().ok_or(LedgerError::NoConsensus)?;
    let hash = parent.hash_slow();
    let height = parent.number.saturating_add(1);
    let (time, seed) = match parent.number {
        0 => {
            (parent.timestamp.saturating_add(genesis.block_time), consensus.randomness.next(hash, &[], hash))
        }
        _ => {
            let seal = Seal::decode(&parent.extra_data).map_err(crate::hhcm::OfferError::from)?;
            (seal.next_time, consensus.randomness.next(parent.mix_hash, &seal.reveal, hash))
        }
    };
    let round = Round {
        height,
        parent: hash,
        time,
        seed,
        x: 0,
        members: Vec::new(),
        representatives: Vec::new(),
        tries_max: 0,
        randomness: consensus.randomness,
        beacon: hhcm::Beacon::default(),
        time_step_max: genesis.time_step_max.unwrap_or(u64::MAX),
    };
    let mut store = BlockStore::new(state, parent.timestamp, parent.number);
    draw(&mut store, round).map_err(internal)
}

/// Fills in who takes part: the committee, the groups and their representatives.
fn draw(store: &mut BlockStore<'_>, round: Round) -> Result<Round, Fault> {
    let params = hhcm::Params::load(store)?;
    let (x, members) = (hhcm::groups(store)?, hhcm::committee(store)?);
    let guerrilla = hhcm::guerrilla_for(store, round.height)?;
    let representatives = hhcm::representatives(&members, round.seed, x, &params, guerrilla);
    let beacon = hhcm::Beacon::load(store)?;
    Ok(Round { x, members, representatives, tries_max: params.tries_max, beacon, ..round })
}

fn internal(fault: Fault) -> LedgerError {
    LedgerError::Chain(ChainError::Internal(fault.to_string()))
}
