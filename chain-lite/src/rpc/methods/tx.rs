//! Finds transactions and receipts.

use super::{Answer, Context, block};
use crate::rpc::{
    args::{Args, kind},
    shape::{self, Place, print},
};
use alloy_eips::{BlockId, BlockNumberOrTag, eip2718::Encodable2718};
use alloy_primitives::{B256, Bytes, U64};
use serde_json::Value;

/// Returns a transaction of a block or of the pool; null if it is unknown.
pub(super) fn by_hash(context: &Context, mut args: Args) -> Answer {
    let hash: B256 = args.required(kind::HASH)?;
    let waiting = context.backend.pool().get(&hash).cloned();
    let chain = context.chain()?;
    if let Some((number, index)) = chain.place_of(hash) {
        let block = chain.block(number);
        let found = block.and_then(|block| {
            let tx = block.transactions.get(index)?;
            Some(shape::transaction(tx, Some(Place::new(&block, index))))
        });
        return Ok(found.unwrap_or_default());
    }
    Ok(waiting.map(|tx| shape::transaction(&tx, None)).unwrap_or_default())
}

/// Returns the encoding of a transaction; null if it is unknown.
pub(super) fn raw_by_hash(context: &Context, mut args: Args) -> Answer {
    let hash: B256 = args.required(kind::HASH)?;
    let waiting = context.backend.pool().get(&hash).map(Encodable2718::encoded_2718);
    let chain = context.chain()?;
    let raw = match chain.place_of(hash) {
        Some((number, index)) => chain
            .block(number)
            .and_then(|block| block.transactions.get(index).map(Encodable2718::encoded_2718)),
        None => waiting,
    };
    Ok(raw.map(|raw| print(Bytes::from(raw))).unwrap_or_default())
}

/// Returns a transaction by its block's height or tag and its index there; null if there is none.
pub(super) fn by_number_and_index(context: &Context, mut args: Args) -> Answer {
    let number: BlockNumberOrTag = args.required(kind::NUMBER)?;
    by_index(context, number.into(), args)
}

/// Returns a transaction by its block's hash and its index there; null if there is none.
pub(super) fn by_block_and_index(context: &Context, mut args: Args) -> Answer {
    let hash: B256 = args.required(kind::HASH)?;
    by_index(context, hash.into(), args)
}

fn by_index(context: &Context, id: BlockId, mut args: Args) -> Answer {
    let index: U64 = args.required(kind::QUANTITY)?;
    let index = usize::try_from(index.to::<u64>()).unwrap_or(usize::MAX);
    let chain = context.chain()?;
    let block = block::find(&*chain, id).and_then(|number| chain.block(number));
    let found = block.and_then(|block| {
        let tx = block.transactions.get(index)?;
        Some(shape::transaction(tx, Some(Place::new(&block, index))))
    });
    Ok(found.unwrap_or_default())
}

/// Returns the receipt of a transaction; null if no block holds it.
pub(super) fn receipt(context: &Context, mut args: Args) -> Answer {
    let hash: B256 = args.required(kind::HASH)?;
    let chain = context.chain()?;
    let Some((number, index)) = chain.place_of(hash) else { return Ok(Value::Null) };
    let (block, receipts) = (chain.block(number), chain.receipts(number));
    let found = block.and_then(|block| {
        let (tx, receipt) = (block.transactions.get(index)?, receipts.get(index)?);
        let first_log = receipts.iter().take(index).map(|receipt| receipt.logs.len()).sum();
        Some(shape::receipt(tx, receipt, Place::new(&block, index), first_log))
    });
    Ok(found.unwrap_or_default())
}
