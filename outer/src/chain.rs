//! Is the one face of all outer chains.

use crate::{
    bitcoin::Bitcoin,
    config::{ChainConfig, ConfigError},
    cursor::Cursor,
    custody::{Vault, View},
    deposit::{Asset, Observation, OutPoint},
    error::{AddressError, OuterError, PlanError, Refusal, SignError},
    ethereum::Ethereum,
    plan::Plan,
    request::{Destination, Request},
    sign::{Scheme, Sighash, Signature, Signed},
    status::{Broadcast, Status},
};
use alloy_primitives::U256;

/// Is an outer chain. Calls block; what needs the node says so, all else is pure.
pub trait OuterChain: Send + Sync {
    /// Identifies the chain: genesis hash of the Bitcoin family, chain id of Ethereum.
    fn identity(&self) -> [u8; 32];

    /// Asks the node which network it serves; an error names both if it is not the configured one.
    fn check_network(&self) -> Result<(), OuterError>;

    /// Returns the address of a derived key.
    fn address(&self, key: &[u8; 33], scheme: Scheme) -> Result<String, AddressError>;

    /// Reads an address that is to be paid.
    fn parse_destination(&self, text: &str) -> Result<Destination, AddressError>;

    /// Starts observing at a height: what arrived before it is not reported.
    fn begin(&self, height: u64) -> Cursor;

    /// Asks the node for its height.
    fn height(&self) -> Result<u64, OuterError>;

    /// Asks the node for what arrived at the vault's deposit locks since the cursor, deep enough to count.
    ///
    /// Change and sweeps go to the main lock, which is not reported. Gas that the main lock sends to a deposit lock
    /// is not reported either.
    fn observe(&self, vault: &Vault, cursor: &Cursor) -> Result<Observation, OuterError>;

    /// Asks the node what a vault holds, confirmed, with unspent outputs, nonces and fees.
    fn view(&self, vault: &Vault) -> Result<View, OuterError>;

    /// Asks the node only for what judging this plan needs. Cheaper than [`Self::view`], and not fit for planning.
    fn view_for(&self, vault: &Vault, plan: &Plan) -> Result<View, OuterError>;

    /// Plans the transaction for a request. Take out of the view what plans for other requests will spend
    /// ([`View::without`]).
    fn plan(&self, request: &Request, view: &View) -> Result<Plan, PlanError>;

    /// Plans a transaction that conflicts with an earlier one for the same request and outbids it. `fee` is the
    /// wished rate (per 1,000 virtual bytes, or wei per gas); if none, the least that replaces or the quoted one.
    fn replace(
        &self,
        earlier: &Plan,
        request: &Request,
        view: &View,
        fee: Option<u128>,
    ) -> Result<Plan, PlanError>;

    /// Judges a plan before one signs it, by one's own view and policy. `approved` are all plans that were ever
    /// approved for the same request.
    fn check(&self, plan: &Plan, request: &Request, view: &View, approved: &[Plan]) -> Result<(), Refusal>;

    /// Computes what is to be signed, in order. Never sign a hash that came from elsewhere.
    fn sighashes(&self, plan: &Plan) -> Result<Vec<Sighash>, SignError>;

    /// Verifies the signatures, one for each hash in order, and makes the transaction.
    fn assemble(&self, plan: &Plan, signatures: &[Signature]) -> Result<Signed, SignError>;

    /// Sends a transaction. May be repeated.
    fn broadcast(&self, signed: &Signed) -> Result<Broadcast, OuterError>;

    /// Asks the node what became of a transaction.
    fn status(&self, txid: &[u8; 32], plan: &Plan) -> Result<Status, OuterError>;

    /// Asks the node for the proof that an output is in the main chain's block at a height under so many confirmations, as
    /// the custody account's `proveDeposit` takes it. None if it is not, or where work proves nothing.
    fn prove(
        &self,
        _outpoint: &OutPoint,
        _height: u64,
        _confirmations: u32,
    ) -> Result<Option<Vec<u8>>, OuterError> {
        Ok(None)
    }

    /// Asks the node what an included transaction took out of a vault, fees included; what it moved between the vault's
    /// own locks does not count. None if the node does not know it.
    fn outflow(
        &self,
        txid: &[u8; 32],
        plan: &Plan,
        vault: &Vault,
    ) -> Result<Option<Vec<(Asset, U256)>>, OuterError>;
}

/// Opens a chain by its configuration; nothing is sent yet.
pub fn connect(config: ChainConfig) -> Result<Box<dyn OuterChain>, ConfigError> {
    Ok(match config {
        ChainConfig::Bitcoin(config) => Box::new(Bitcoin::new(config)?),
        ChainConfig::Ethereum(config) => Box::new(Ethereum::new(config)?),
    })
}
