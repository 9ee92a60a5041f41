//! Writes the state of a stopped node into a file, and starts a node from one.
//!
//! A certificate proves that a committee made a block final. Who the committee is says the state, and the state is
//! proved by the block: only the first epoch's committee is known from elsewhere, the genesis. After it, whoever starts
//! from a snapshot has to know the block's hash from somebody whom they trust.

use super::NetError;
use crate::{
    chain::Chain,
    genesis::Genesis,
    hhcm::{Offer, public_key},
    ledger::Ledger,
    node::{Finality, vote_namespace},
    state::{BlockStore, State},
    store::{Judge, SnapshotHead, Store},
};
use alloy_primitives::B256;
use commonware_codec::Decode;
use commonware_consensus::{Epochable, simplex::scheme::ed25519::Scheme};
use commonware_cryptography::{certificate::Verifier, ed25519::PublicKey};
use commonware_parallel::Sequential;
use commonware_utils::ordered::Set;
use fusor_vm::hhcm;
use redb::backends::InMemoryBackend;
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// Says which snapshot a node starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSource {
    /// The file.
    pub file: PathBuf,
    /// Hash of its block, if it is known from elsewhere.
    pub trust: Option<B256>,
}

/// Says what was found right in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// What the file says.
    pub head: SnapshotHead,
    /// Epoch of its block.
    pub epoch: u64,
    /// Members of the epoch's committee.
    pub committee: usize,
    /// Time of the block in seconds.
    pub time: u64,
}

/// Writes a snapshot of the head that a stopped node has. Errors: the node runs, or its folder is of another chain; a
/// head that a snapshot cannot stand at.
pub fn export(datadir: &Path, genesis: &Genesis, out: impl Write) -> Result<SnapshotHead, NetError> {
    let fail = |source| NetError::Store { path: datadir.to_owned(), source };
    if !Store::file(datadir).is_file() {
        return Err(NetError::NoChain(datadir.to_owned()));
    }
    let store = Store::open(datadir, block_zero(genesis)?).map_err(fail)?;
    let head = store.read().and_then(|reading| reading.head()).map_err(fail)?;
    let height = head.map_or(0, |head| head.height);
    let length = epoch_length(genesis)?;
    if height.saturating_add(1).is_multiple_of(length) || height == 0 {
        return Err(NetError::EpochEnds(height));
    }
    let head = store.export(out).map_err(fail)?;
    match head.certificate.is_empty() {
        true => Err(NetError::NoCertificate(head.height)),
        false => Ok(head),
    }
}

/// Makes the store in `datadir` from a snapshot. Errors: there is a chain already; the snapshot is damaged, of another
/// chain, not final, or not the one that is trusted. Nothing is left then.
pub fn import(
    datadir: &Path,
    genesis: &Genesis,
    input: impl Read,
    trust: Option<B256>,
) -> Result<SnapshotInfo, NetError> {
    let fail = |source| NetError::Store { path: datadir.to_owned(), source };
    let mut trial = Trial::new(genesis, Trust::Required(trust))?;
    Store::import(datadir, input, block_zero(genesis)?, &mut trial).map_err(fail)?;
    trial.found()
}

/// Reads a snapshot and checks all that can be checked without trust. Errors: as [`import`].
pub fn inspect(genesis: &Genesis, input: impl Read, trust: Option<B256>) -> Result<SnapshotInfo, NetError> {
    let trust = trust.map_or(Trust::Open, |hash| Trust::Required(Some(hash)));
    let mut trial = Trial::new(genesis, trust)?;
    Store::import_on(InMemoryBackend::new(), input, block_zero(genesis)?, &mut trial)?;
    trial.found()
}

/// Returns the certificate of the block that a store's chain begins with, and the block; none for block 0.
pub(super) fn beginning(store: &Store) -> Result<Option<(Finality, Offer)>, NetError> {
    let reading = store.read()?;
    let Some(first) = reading.first_block()?.filter(|first| *first > 0) else { return Ok(None) };
    let certificate = reading.certificate(first)?.unwrap_or_default();
    let certificate = finality(&certificate).map_err(|_| NetError::NoCertificate(first))?;
    let offer = reading.block(first)?.and_then(|raw| Offer::decoded(&raw).ok());
    Ok(Some((certificate, offer.ok_or(NetError::NoCertificate(first))?)))
}

/// Says whether a block's hash has to be known from elsewhere.
#[derive(Debug, Clone, Copy)]
enum Trust {
    Open,
    Required(Option<B256>),
}

/// Judges a snapshot.
struct Trial {
    chain_id: u64,
    length: u64,
    /// The first epoch's committee.
    founders: Vec<B256>,
    trust: Trust,
    found: Option<SnapshotInfo>,
}

impl Trial {
    fn new(genesis: &Genesis, trust: Trust) -> Result<Self, NetError> {
        let ledger = Ledger::new(genesis.clone(), 1).map_err(crate::ledger::KeepError::from)?;
        Ok(Self {
            chain_id: genesis.chain_id,
            length: epoch_length(genesis)?,
            founders: ledger.members().iter().map(|member| member.key).collect(),
            trust,
            found: None,
        })
    }

    fn found(self) -> Result<SnapshotInfo, NetError> {
        self.found.ok_or(NetError::NoCertificate(0))
    }

    fn check_trust(&self, head: &SnapshotHead, epoch: u64) -> Result<(), String> {
        let SnapshotHead { height, hash, .. } = head;
        match self.trust {
            Trust::Required(Some(known)) if known != *hash => {
                Err(format!("block {height} is {hash}, not the trusted {known}"))
            }
            Trust::Required(None) if epoch > 0 => Err(format!(
                "the committee of epoch {epoch} is known from the snapshot alone: ask somebody you trust for the hash \
                 of block {height} and give it with --trust; here it is {hash}"
            )),
            _ => Ok(()),
        }
    }
}

impl Judge for &mut Trial {
    fn head(&mut self, head: &SnapshotHead) -> Result<(), String> {
        let offer = Offer::decoded(&head.block).map_err(|error| format!("no block: {error}"))?;
        if (offer.hash(), offer.number()) != (head.hash, head.height) {
            return Err("the head names another block than it holds".into());
        }
        if offer.header.state_root != head.state_root {
            return Err("the block has another state root".into());
        }
        let certificate = finality(&head.certificate)?;
        let epoch = head.height / self.length;
        if certificate.proposal.payload.0 != head.hash.0 || certificate.epoch().get() != epoch {
            return Err("the certificate is of another block".into());
        }
        self.check_trust(head, epoch)?;
        let time = offer.header.timestamp;
        self.found = Some(SnapshotInfo { head: head.clone(), epoch, committee: 0, time });
        Ok(())
    }

    fn state(&mut self, head: &SnapshotHead, state: &mut State) -> Result<(), String> {
        let Some(found) = &mut self.found else { return Err("no block".into()) };
        if head.height.saturating_add(1).is_multiple_of(self.length) {
            return Err("the block ends an epoch: its committee is not in its state".into());
        }
        let keys = match found.epoch {
            0 => self.founders.clone(),
            _ => committee(state, found.time, head.height)?,
        };
        found.committee = keys.len();
        verify(self.chain_id, &keys, &finality(&head.certificate)?)
    }
}

fn committee(state: &mut State, time: u64, height: u64) -> Result<Vec<B256>, String> {
    let members = hhcm::committee(&mut BlockStore::new(state, time, height));
    Ok(members.map_err(|fault| fault.to_string())?.iter().map(|member| member.key).collect())
}

fn verify(chain_id: u64, committee: &[B256], certificate: &Finality) -> Result<(), String> {
    let keys: Set<PublicKey> = Set::from_iter_dedup(committee.iter().copied().filter_map(public_key));
    let scheme = Scheme::verifier(&vote_namespace(chain_id), keys);
    match certificate.verify(&mut rand::rng(), &scheme, &Sequential) {
        true => Ok(()),
        false => Err("the certificate is not signed by the epoch's committee".into()),
    }
}

fn finality(raw: &[u8]) -> Result<Finality, String> {
    Finality::decode_cfg(raw.to_vec(), &Scheme::certificate_codec_config_unbounded())
        .map_err(|error| format!("no certificate: {error}"))
}

fn block_zero(genesis: &Genesis) -> Result<B256, NetError> {
    Ok(Chain::new(genesis.clone())?.head().hash)
}

fn epoch_length(genesis: &Genesis) -> Result<u64, NetError> {
    let consensus = genesis.consensus.as_ref().ok_or(NetError::NoConsensus)?;
    Ok(consensus.params.epoch_length.max(2))
}
