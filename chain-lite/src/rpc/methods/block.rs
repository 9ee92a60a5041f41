//! Finds blocks.

use super::{Answer, Context};
use crate::rpc::{
    args::{Args, kind},
    backend::ChainView,
    error::RpcError,
    shape::{self, print, quantity},
};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::B256;
use serde_json::Value;

/// Returns the height that a number or tag means; it may be above the head.
pub(super) fn height_of(chain: &dyn ChainView, number: BlockNumberOrTag) -> u64 {
    match number {
        BlockNumberOrTag::Number(number) => number,
        BlockNumberOrTag::Earliest => 0,
        _ => chain.height(),
    }
}

/// Finds the height that a parameter means.
pub(super) fn find(chain: &dyn ChainView, id: BlockId) -> Option<u64> {
    match id {
        BlockId::Hash(hash) => chain.number_of(hash.block_hash),
        BlockId::Number(number) => Some(height_of(chain, number)).filter(|number| *number <= chain.height()),
    }
}

/// Returns the height of the head.
pub(super) fn number(context: &Context, _: Args) -> Answer {
    Ok(quantity(context.chain()?.height()))
}

/// Returns a block by height or tag; null if there is none.
pub(super) fn by_number(context: &Context, mut args: Args) -> Answer {
    let number: BlockNumberOrTag = args.required(kind::NUMBER)?;
    get(context, number.into(), args.optional(kind::BOOL)?)
}

/// Returns a block by hash; null if there is none.
pub(super) fn by_hash(context: &Context, mut args: Args) -> Answer {
    let hash: B256 = args.required(kind::HASH)?;
    get(context, hash.into(), args.optional(kind::BOOL)?)
}

fn get(context: &Context, id: BlockId, full: Option<bool>) -> Answer {
    let chain = context.chain()?;
    let block = find(&*chain, id).and_then(|number| chain.block(number));
    Ok(block.map(|block| shape::block(&block, full.unwrap_or(false))).unwrap_or_default())
}

/// Returns the number of transactions in a block by height or tag; null if there is none.
pub(super) fn count_by_number(context: &Context, mut args: Args) -> Answer {
    let number: BlockNumberOrTag = args.required(kind::NUMBER)?;
    count(context, number.into())
}

/// Returns the number of transactions in a block by hash; null if there is none.
pub(super) fn count_by_hash(context: &Context, mut args: Args) -> Answer {
    let hash: B256 = args.required(kind::HASH)?;
    count(context, hash.into())
}

fn count(context: &Context, id: BlockId) -> Answer {
    let chain = context.chain()?;
    let block = find(&*chain, id).and_then(|number| chain.block(number));
    Ok(block.map(|block| quantity(block.transactions.len() as u64)).unwrap_or_default())
}

/// Returns zero for a block by height or tag; null if there is none.
pub(super) fn uncles_by_number(context: &Context, mut args: Args) -> Answer {
    let number: BlockNumberOrTag = args.required(kind::NUMBER)?;
    uncles(context, number.into())
}

/// Returns zero for a block by hash; null if there is none.
pub(super) fn uncles_by_hash(context: &Context, mut args: Args) -> Answer {
    let hash: B256 = args.required(kind::HASH)?;
    uncles(context, hash.into())
}

fn uncles(context: &Context, id: BlockId) -> Answer {
    Ok(find(&*context.chain()?, id).map(|_| quantity(0)).unwrap_or_default())
}

/// Returns the receipts of a block; null if there is none.
pub(super) fn receipts(context: &Context, mut args: Args) -> Answer {
    let id: BlockId = args.required(kind::BLOCK)?;
    let chain = context.chain()?;
    let Some(number) = find(&*chain, id) else { return Ok(Value::Null) };
    let block = chain.block(number).ok_or(RpcError::UnknownBlock)?;
    Ok(print(shape::receipts(&block, &chain.receipts(number))))
}
