//! Runs calls that change nothing.

use super::{Answer, Context, account::check_head};
use crate::rpc::{
    args::{Args, kind},
    backend::ChainView,
    error::RpcError,
    shape::{print, quantity},
    simulate,
};
use alloy_eips::BlockId;
use alloy_rpc_types_eth::TransactionRequest;
use serde_json::Value;

/// Returns what a call returns at the head.
pub(super) fn call(context: &Context, mut args: Args) -> Answer {
    let chain = context.chain()?;
    let request = request(&*chain, &mut args)?;
    simulate::call(&*chain, &request).map(print)
}

/// Returns the least gas limit with which a transaction succeeds at the head.
pub(super) fn estimate_gas(context: &Context, mut args: Args) -> Answer {
    let chain = context.chain()?;
    let request = request(&*chain, &mut args)?;
    simulate::estimate_gas(&*chain, &request).map(quantity)
}

fn request(chain: &dyn ChainView, args: &mut Args) -> Result<TransactionRequest, RpcError> {
    let request = args.required(kind::CALL)?;
    let id: Option<BlockId> = args.optional(kind::BLOCK)?;
    for what in ["state overrides", "block overrides"] {
        let given: Option<Value> = args.optional(what)?;
        if given.is_some_and(|given| given.as_object().is_none_or(|fields| !fields.is_empty())) {
            return Err(RpcError::Params(format!("{what} are not supported")));
        }
    }
    check_head(chain, id)?;
    Ok(request)
}
