//! Tells what gas costs.

use super::{Answer, Context, block};
use crate::{
    block::Block,
    genesis::BaseFee,
    receipt::Receipt,
    rpc::{
        args::{Args, kind},
        backend::ChainView,
        error::RpcError,
        shape::print,
    },
};
use alloy_eips::BlockNumberOrTag;
use alloy_primitives::{U64, U128};
use alloy_rpc_types_eth::FeeHistory;

/// Most blocks of one fee history.
const BLOCKS_MAX: u64 = 1_024;
/// Most percentiles of one fee history.
const PERCENTILES_MAX: usize = 100;
/// Blocks whose tips the suggested one is the median of.
const TIP_BLOCKS: u64 = 20;
/// Wei per gas suggested where nobody has paid a tip and gas has a market.
const TIP_DEFAULT: u128 = 1_000_000_000;

/// Returns a price per gas with which a transaction gets into the next block.
pub(super) fn gas_price(context: &Context, _: Args) -> Answer {
    let chain = context.chain()?;
    Ok(print(U128::from(next_base_fee(&*chain).saturating_add(tip(&*chain)))))
}

/// Returns a tip that others paid lately.
pub(super) fn max_priority_fee(context: &Context, _: Args) -> Answer {
    Ok(print(U128::from(tip(&*context.chain()?))))
}

fn next_base_fee(chain: &dyn ChainView) -> u128 {
    let head = chain.header(chain.height());
    chain.genesis().base_fee.after(head.as_deref()).into()
}

fn tip(chain: &dyn ChainView) -> u128 {
    let head = chain.height();
    let blocks = (head.saturating_sub(TIP_BLOCKS - 1)..=head).filter_map(|number| chain.block(number));
    let mut tips: Vec<u128> = blocks.flat_map(|block| tips(&block)).collect();
    tips.sort_unstable();
    let none = match chain.genesis().base_fee {
        BaseFee::Fixed(_) => 0,
        BaseFee::Market(_) => TIP_DEFAULT,
    };
    tips.get(tips.len() / 2).copied().unwrap_or(none)
}

/// Lists what each user's transaction of a block paid its author per gas.
fn tips(block: &Block) -> Vec<u128> {
    let base_fee = block.header.base_fee_per_gas.unwrap_or_default();
    let users = block.transactions.iter().filter(|tx| tx.fee_max().is_some());
    users.map(|tx| tx.price(base_fee).saturating_sub(base_fee.into())).collect()
}

/// Returns base fees, use of gas and percentiles of tips of a range of blocks that ends at the given one.
pub(super) fn history(context: &Context, mut args: Args) -> Answer {
    let count: U64 = args.required(kind::QUANTITY)?;
    let newest: BlockNumberOrTag = args.required(kind::NUMBER)?;
    let percentiles: Option<Vec<f64>> = args.optional("a list of percentiles from 0 to 100")?;
    check_percentiles(percentiles.as_deref().unwrap_or_default())?;
    let chain = context.chain()?;
    let newest = block::height_of(&*chain, newest);
    if newest > chain.height() {
        return Err(RpcError::UnknownBlock);
    }
    let count = count.to::<u64>().min(BLOCKS_MAX).min(newest.saturating_add(1));
    let oldest = (newest + 1).saturating_sub(count);
    let mut history = FeeHistory { oldest_block: oldest, ..FeeHistory::default() };
    for number in oldest..=newest {
        let block = chain.block(number).ok_or(RpcError::UnknownBlock)?;
        push(&mut history, &block);
        if let Some(percentiles) = percentiles.as_deref().filter(|list| !list.is_empty()) {
            let rewards = rewards(&block, &chain.receipts(number), percentiles);
            history.reward.get_or_insert_default().push(rewards);
        }
        if number == newest {
            history.base_fee_per_gas.push(chain.genesis().base_fee.after(Some(&block.header)).into());
            history.base_fee_per_blob_gas.push(BLOB_FEE_MIN);
        }
    }
    Ok(print(history))
}

/// Wei per blob gas where no blobs are.
const BLOB_FEE_MIN: u128 = 1;

fn push(history: &mut FeeHistory, block: &Block) {
    let header = &block.header;
    history.base_fee_per_gas.push(header.base_fee_per_gas.unwrap_or_default().into());
    history.gas_used_ratio.push(header.gas_used as f64 / header.gas_limit as f64);
    history.base_fee_per_blob_gas.push(BLOB_FEE_MIN);
    history.blob_gas_used_ratio.push(0.0);
}

fn check_percentiles(percentiles: &[f64]) -> Result<(), RpcError> {
    let refuse = |message: String| Err(RpcError::Params(format!("parameter 3: {message}")));
    if percentiles.len() > PERCENTILES_MAX {
        return refuse(format!("expected at most {PERCENTILES_MAX} percentiles"));
    }
    if let Some(bad) = percentiles.iter().find(|percentile| !(0.0..=100.0).contains(*percentile)) {
        return refuse(format!("expected percentiles from 0 to 100, not {bad}"));
    }
    match percentiles.is_sorted() {
        true => Ok(()),
        false => refuse("expected percentiles that rise".into()),
    }
}

/// Returns the tips below which those parts of a block's users' gas were paid.
fn rewards(block: &Block, receipts: &[Receipt], percentiles: &[f64]) -> Vec<u128> {
    let base_fee = block.header.base_fee_per_gas.unwrap_or_default();
    let users = block.transactions.iter().zip(receipts).filter(|(tx, _)| tx.fee_max().is_some());
    let paid =
        users.map(|(tx, receipt)| (tx.price(base_fee).saturating_sub(base_fee.into()), receipt.gas_used));
    let mut paid: Vec<(u128, u64)> = paid.collect();
    paid.sort_unstable();
    let gas: u64 = paid.iter().map(|(_, gas)| gas).sum();
    let reward = |percentile: &f64| {
        let threshold = gas as f64 * percentile / 100.0;
        let mut sum = 0;
        let reached = paid.iter().find(|(_, gas)| {
            sum += gas;
            sum as f64 >= threshold
        });
        reached.or(paid.last()).map_or(0, |(tip, _)| *tip)
    };
    percentiles.iter().map(reward).collect()
}
