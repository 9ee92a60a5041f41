//! Serves the Bitcoin family: segwit version 0 and taproot by the key path, on any network of [`NETWORKS`].

mod address;
mod assemble;
mod build;
mod check;
mod node;
mod outflow;
mod params;
mod prove;
mod replace;
mod scan;
mod script;
mod send;
mod transaction;
mod view;

pub use params::{NETWORKS, Network};
pub use prove::{merkle_root, proof};
pub use transaction::double_sha256;

use crate::{
    chain::OuterChain,
    config::{BitcoinConfig, ConfigError},
    cursor::Cursor,
    custody::{Vault, View},
    deposit::{Asset, Observation, OutPoint},
    error::{AddressError, OuterError, PlanError, Refusal, SignError},
    plan::{BitcoinPlan, Plan},
    request::{Destination, Request},
    rpc::Rpc,
    scan::{self as blocks, Bounds, Watched},
    sign::{Scheme, Sighash, Signature, Signed},
    status::{Broadcast, Status},
};
use alloy_primitives::{U256, hex};

/// Is a chain of the Bitcoin family behind a node's RPC. The node needs neither wallet nor transaction index.
#[derive(Debug)]
pub struct Bitcoin {
    config: BitcoinConfig,
    network: &'static Network,
    rpc: Rpc,
}

impl Bitcoin {
    /// Opens the chain; nothing is sent yet.
    pub fn new(config: BitcoinConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let network = Network::by_name(&config.network).ok_or_else(|| {
            let known: Vec<_> = NETWORKS.iter().map(|network| network.name).collect();
            ConfigError::Network(config.network.clone(), known.join(", "))
        })?;
        let rpc = Rpc::new(config.node.clone())?;
        Ok(Self { config, network, rpc })
    }

    /// Returns the plan if it is one of this chain.
    fn own<'a>(&self, plan: &'a Plan) -> Option<&'a BitcoinPlan> {
        match plan {
            Plan::Bitcoin(plan) if plan.chain == self.identity() => Some(plan),
            _ => None,
        }
    }
}

impl OuterChain for Bitcoin {
    fn identity(&self) -> [u8; 32] {
        self.network.identity()
    }

    fn check_network(&self) -> Result<(), OuterError> {
        let have = self.block_hash(0)?;
        match have == self.identity() {
            true => Ok(()),
            false => Err(OuterError::WrongNetwork {
                url: self.rpc.url().to_string(),
                have: hash_to_hex(&have),
                want: format!("{} ({})", self.network.name, self.network.genesis),
            }),
        }
    }

    fn address(&self, key: &[u8; 33], scheme: Scheme) -> Result<String, AddressError> {
        address::of_key(self.network, key, scheme)
    }

    fn parse_destination(&self, text: &str) -> Result<Destination, AddressError> {
        address::parse(self.network, text)
    }

    fn begin(&self, height: u64) -> Cursor {
        Cursor::begin(self.identity(), height)
    }

    fn height(&self) -> Result<u64, OuterError> {
        blocks::Blocks::tip(self)
    }

    fn observe(&self, vault: &Vault, cursor: &Cursor) -> Result<Observation, OuterError> {
        let bounds = Bounds {
            chain: self.identity(),
            confirmations: self.config.confirmations,
            blocks: self.config.blocks_per_step,
        };
        let watched = Watched::new(vault, |lock| self.address(&lock.key, lock.scheme))?;
        blocks::observe(self, watched, cursor, &bounds)
    }

    fn view(&self, vault: &Vault) -> Result<View, OuterError> {
        self.full_view(vault)
    }

    fn view_for(&self, vault: &Vault, plan: &Plan) -> Result<View, OuterError> {
        self.narrow_view(vault, self.own(plan).ok_or(OuterError::Foreign)?)
    }

    fn plan(&self, request: &Request, view: &View) -> Result<Plan, PlanError> {
        self.build(request, view).map(Plan::Bitcoin)
    }

    fn replace(
        &self,
        earlier: &Plan,
        request: &Request,
        view: &View,
        fee: Option<u128>,
    ) -> Result<Plan, PlanError> {
        self.rebuild(self.own(earlier).ok_or(PlanError::Foreign)?, request, view, fee).map(Plan::Bitcoin)
    }

    fn check(&self, plan: &Plan, request: &Request, view: &View, approved: &[Plan]) -> Result<(), Refusal> {
        self.judge(self.own(plan).ok_or(Refusal::WrongChain)?, request, view, approved)
    }

    fn sighashes(&self, plan: &Plan) -> Result<Vec<Sighash>, SignError> {
        assemble::sighashes(self.own(plan).ok_or(SignError::WrongChain)?)
    }

    fn assemble(&self, plan: &Plan, signatures: &[Signature]) -> Result<Signed, SignError> {
        assemble::assemble(self.own(plan).ok_or(SignError::WrongChain)?, signatures)
    }

    fn broadcast(&self, signed: &Signed) -> Result<Broadcast, OuterError> {
        self.send(signed)
    }

    fn status(&self, txid: &[u8; 32], plan: &Plan) -> Result<Status, OuterError> {
        self.trace(txid, self.own(plan).ok_or(OuterError::Foreign)?)
    }

    fn prove(
        &self,
        outpoint: &OutPoint,
        height: u64,
        confirmations: u32,
    ) -> Result<Option<Vec<u8>>, OuterError> {
        self.proof(outpoint, height, confirmations)
    }

    fn outflow(
        &self,
        _: &[u8; 32],
        plan: &Plan,
        vault: &Vault,
    ) -> Result<Option<Vec<(Asset, U256)>>, OuterError> {
        let plan = self.own(plan).ok_or(OuterError::Foreign)?;
        Ok(Some(vec![(Asset::Native, outflow::outflow(plan, vault))]))
    }
}

/// Shows a hash as explorers do: in hexadecimal, reversed.
pub fn hash_to_hex(hash: &[u8; 32]) -> String {
    hex::encode(hash.iter().rev().copied().collect::<Vec<u8>>())
}

/// Reads a hash as explorers show it.
pub fn hash_from_hex(text: &str) -> Option<[u8; 32]> {
    let mut hash: [u8; 32] = hex::decode_to_array(text).ok()?;
    hash.reverse();
    Some(hash)
}
