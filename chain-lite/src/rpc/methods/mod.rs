//! Lists the methods, each a function from its parameters to JSON.
//!
//! ```text
//! node     versions, network, sync
//! block    blocks, and which one a parameter means
//! tx       transactions and receipts
//! account  balances, nonces, code, storage, proofs
//! execute  calls and gas estimates
//! fees     gas price, tip, fee history
//! logs     logs of a range of blocks
//! filter   filters that are polled
//! pool     submission and what waits
//! custody  coins, vaults, custodians, requests
//! fusor    groups, validators, packages and offers of the network
//! ```

mod account;
mod block;
mod custody;
mod execute;
mod fees;
mod filter;
mod fusor;
mod logs;
mod node;
mod pool;
mod tx;

pub(super) use logs::{check as check_filter, of_block as logs_of_block};

use super::{
    args::Args,
    backend::{Backend, ChainView},
    error::RpcError,
    filters::Filters,
};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// Is what methods work with.
pub struct Context {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) filters: Filters,
}

impl Context {
    /// Makes a context over a node.
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, filters: Filters::default() }
    }

    fn chain(&self) -> Result<Box<dyn ChainView + '_>, RpcError> {
        Ok(self.backend.chain()?)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("filters", &self.filters).finish_non_exhaustive()
    }
}

/// Is what a method gives.
pub(super) type Answer = Result<Value, RpcError>;

/// Is a method of the server.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// Most parameters.
    pub parameters_max: usize,
    run: fn(&Context, Args) -> Answer,
}

const fn method(name: &'static str, parameters_max: usize, run: fn(&Context, Args) -> Answer) -> Method {
    Method { name, parameters_max, run }
}

/// Lists every method except subscriptions.
pub const METHODS: &[Method] = &[
    method("web3_clientVersion", 0, node::client_version),
    method("web3_sha3", 1, node::sha3),
    method("net_version", 0, node::net_version),
    method("net_listening", 0, node::listening),
    method("net_peerCount", 0, node::peer_count),
    method("eth_chainId", 0, node::chain_id),
    method("eth_syncing", 0, node::syncing),
    method("eth_accounts", 0, node::accounts),
    method("eth_blockNumber", 0, block::number),
    method("eth_getBlockByNumber", 2, block::by_number),
    method("eth_getBlockByHash", 2, block::by_hash),
    method("eth_getBlockTransactionCountByNumber", 1, block::count_by_number),
    method("eth_getBlockTransactionCountByHash", 1, block::count_by_hash),
    method("eth_getUncleCountByBlockNumber", 1, block::uncles_by_number),
    method("eth_getUncleCountByBlockHash", 1, block::uncles_by_hash),
    method("eth_getBlockReceipts", 1, block::receipts),
    method("eth_getTransactionByHash", 1, tx::by_hash),
    method("eth_getTransactionByBlockNumberAndIndex", 2, tx::by_number_and_index),
    method("eth_getTransactionByBlockHashAndIndex", 2, tx::by_block_and_index),
    method("eth_getRawTransactionByHash", 1, tx::raw_by_hash),
    method("eth_getTransactionReceipt", 1, tx::receipt),
    method("eth_getBalance", 2, account::balance),
    method("eth_getTransactionCount", 2, account::nonce),
    method("eth_getCode", 2, account::code),
    method("eth_getStorageAt", 3, account::storage),
    method("eth_getProof", 3, account::proof),
    method("eth_call", 4, execute::call),
    method("eth_estimateGas", 4, execute::estimate_gas),
    method("eth_gasPrice", 0, fees::gas_price),
    method("eth_maxPriorityFeePerGas", 0, fees::max_priority_fee),
    method("eth_feeHistory", 3, fees::history),
    method("eth_getLogs", 1, logs::get),
    method("eth_newFilter", 1, filter::new_logs),
    method("eth_newBlockFilter", 0, filter::new_blocks),
    method("eth_newPendingTransactionFilter", 1, filter::new_pending),
    method("eth_getFilterChanges", 1, filter::changes),
    method("eth_getFilterLogs", 1, filter::logs),
    method("eth_uninstallFilter", 1, filter::uninstall),
    method("eth_sendRawTransaction", 1, pool::send_raw),
    method("txpool_status", 0, pool::status),
    method("txpool_content", 0, pool::content),
    method("fusor_dcrmApprovals", 0, custody::approvals),
    method("fusor_dcrmCoins", 0, custody::coins),
    method("fusor_dcrmCustodians", 0, custody::custodians),
    method("fusor_dcrmDecide", 3, custody::decide),
    method("fusor_dcrmRequest", 1, custody::request),
    method("fusor_dcrmRequests", 1, custody::requests),
    method("fusor_dcrmVaults", 0, custody::vaults),
    method("fusor_status", 0, fusor::status),
    method("fusor_groups", 0, fusor::groups),
    method("fusor_validators", 0, fusor::validators),
];

/// Answers a request. Errors: no such method, or as the method says.
pub fn answer(context: &Context, name: &str, parameters: Option<&str>) -> Result<Value, RpcError> {
    let method = METHODS.iter().find(|method| method.name == name);
    run(context, method.ok_or_else(|| RpcError::UnknownMethod(name.into()))?, parameters)
}

/// Runs a method.
pub(super) fn run(context: &Context, method: &Method, parameters: Option<&str>) -> Answer {
    (method.run)(context, Args::parse(parameters, method.parameters_max)?)
}
