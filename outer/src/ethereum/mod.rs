//! Serves Ethereum and chains like it: coin and ERC-20 tokens by transactions of EIP-1559.
//!
//! What is credited is what arrived: the difference of an account's balance across a block, plus what transactions of
//! one's own took from it in that block. Events are not believed.

mod address;
mod assemble;
mod build;
mod check;
mod node;
mod outflow;
mod scan;
mod send;
mod token;
mod view;

use crate::{
    chain::OuterChain,
    config::{ConfigError, EthereumConfig},
    cursor::Cursor,
    custody::{Lock, Vault, View},
    deposit::{Asset, Observation},
    error::{AddressError, OuterError, PlanError, Refusal, SignError},
    plan::{EthereumPlan, Plan},
    request::{Destination, Request},
    rpc::Rpc,
    scan::{self as blocks, Bounds, Watched},
    sign::{Scheme, Sighash, Signature, Signed},
    status::{Broadcast, Status},
};
use alloy_primitives::{Address, U256};
use node::Quantity;
use serde_json::json;

/// Is Ethereum, or a chain like it, behind a node's RPC.
#[derive(Debug)]
pub struct Ethereum {
    config: EthereumConfig,
    /// Tokens with their dust limits.
    tokens: Vec<(Address, U256)>,
    rpc: Rpc,
}

impl Ethereum {
    /// Opens the chain; nothing is sent yet.
    pub fn new(config: EthereumConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let token = |token: &crate::TokenConfig| {
            let address = address::parse_account(&token.address);
            let address = address.map_err(|_| ConfigError::Token(token.address.clone()))?;
            Ok((address, U256::from(token.deposit_min)))
        };
        let tokens = config.tokens.iter().map(token).collect::<Result<_, ConfigError>>()?;
        let rpc = Rpc::new(config.node.clone())?;
        Ok(Self { config, tokens, rpc })
    }

    /// Lists the assets with their dust limits.
    fn assets(&self) -> impl Iterator<Item = (Asset, U256)> + '_ {
        let tokens = self.tokens.iter().map(|(token, least)| (Asset::Token(*token), *least));
        std::iter::once((Asset::Native, U256::from(self.config.deposit_min))).chain(tokens)
    }

    /// Returns the plan if it is one of this chain.
    fn own<'a>(&self, plan: &'a Plan) -> Option<&'a EthereumPlan> {
        match plan {
            Plan::Ethereum(plan) if plan.chain_id == self.config.chain_id => Some(plan),
            _ => None,
        }
    }
}

/// Returns the account of a lock.
fn account(lock: &Lock) -> Result<Address, AddressError> {
    address::account(&lock.key, lock.scheme)
}

impl OuterChain for Ethereum {
    fn identity(&self) -> [u8; 32] {
        U256::from(self.config.chain_id).to_be_bytes()
    }

    fn check_network(&self) -> Result<(), OuterError> {
        let have: Quantity = self.rpc.call("eth_chainId", json!([]))?;
        match have.0 == U256::from(self.config.chain_id) {
            true => Ok(()),
            false => Err(OuterError::WrongNetwork {
                url: self.rpc.url().to_string(),
                have: format!("chain id {}", have.0),
                want: format!("chain id {}", self.config.chain_id),
            }),
        }
    }

    fn address(&self, key: &[u8; 33], scheme: Scheme) -> Result<String, AddressError> {
        Ok(address::account(key, scheme)?.to_checksum(None))
    }

    fn parse_destination(&self, text: &str) -> Result<Destination, AddressError> {
        address::parse(text)
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
        self.view_of(vault)
    }

    fn view_for(&self, vault: &Vault, plan: &Plan) -> Result<View, OuterError> {
        let plan = self.own(plan).ok_or(OuterError::Foreign)?;
        let deposits = vault.lock(&plan.from.path).into_iter().collect();
        let mut view = self.view_of(&Vault { main: vault.main, deposits })?;
        view.vault = vault.clone();
        Ok(view)
    }

    fn plan(&self, request: &Request, view: &View) -> Result<Plan, PlanError> {
        self.build(request, view).map(Plan::Ethereum)
    }

    fn replace(
        &self,
        earlier: &Plan,
        request: &Request,
        view: &View,
        fee: Option<u128>,
    ) -> Result<Plan, PlanError> {
        self.rebuild(self.own(earlier).ok_or(PlanError::Foreign)?, request, view, fee).map(Plan::Ethereum)
    }

    fn check(&self, plan: &Plan, request: &Request, view: &View, approved: &[Plan]) -> Result<(), Refusal> {
        self.judge(self.own(plan).ok_or(Refusal::WrongChain)?, request, view, approved)
    }

    fn sighashes(&self, plan: &Plan) -> Result<Vec<Sighash>, SignError> {
        Ok(vec![assemble::sighash(self.own(plan).ok_or(SignError::WrongChain)?)?])
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

    fn outflow(
        &self,
        txid: &[u8; 32],
        plan: &Plan,
        vault: &Vault,
    ) -> Result<Option<Vec<(Asset, U256)>>, OuterError> {
        Ethereum::outflow(self, txid, self.own(plan).ok_or(OuterError::Foreign)?, vault)
    }
}
