//! Finds logs.

use super::{Answer, Context, block};
use crate::rpc::{
    args::{Args, kind},
    backend::ChainView,
    error::RpcError,
    shape::{self, Place, print},
};
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use std::ops::RangeInclusive;

/// Most blocks of one query.
const BLOCKS_MAX: u64 = 10_000;
/// Most logs of one answer.
const LOGS_MAX: usize = 20_000;
/// Most addresses, or topics at one position, of a filter.
const CHOICES_MAX: usize = 1_000;

/// Returns the logs of a range of blocks that match a filter.
pub(super) fn get(context: &Context, mut args: Args) -> Answer {
    let filter = read_filter(&mut args)?;
    of_filter(&*context.chain()?, &filter)
}

/// Reads a filter of bounded size.
pub(super) fn read_filter(args: &mut Args) -> Result<Filter, RpcError> {
    let filter: Filter = args.required(kind::FILTER)?;
    check(&filter)?;
    Ok(filter)
}

/// Refuses a filter with very many choices.
pub(in crate::rpc) fn check(filter: &Filter) -> Result<(), RpcError> {
    let most = filter.topics.iter().map(|topic| topic.len()).max().unwrap_or_default();
    match most.max(filter.address.len()) > CHOICES_MAX {
        true => Err(RpcError::Params(format!(
            "expected at most {CHOICES_MAX} addresses, and as many topics at one position"
        ))),
        false => Ok(()),
    }
}

/// Returns the logs that match a filter in its own range.
pub(super) fn of_filter(chain: &dyn ChainView, filter: &Filter) -> Answer {
    let range = match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let number = chain.number_of(hash).ok_or(RpcError::UnknownBlock)?;
            number..=number
        }
        FilterBlockOption::Range { from_block, to_block } => {
            let height = |tag: Option<_>| tag.map_or(chain.height(), |tag| block::height_of(chain, tag));
            let (from, to) = (height(from_block), height(to_block));
            if from > to {
                return Err(RpcError::Params(format!("expected fromBlock {from} not above toBlock {to}")));
            }
            from..=to
        }
    };
    matching(chain, filter, range).map(print)
}

/// Lists the logs of a range of blocks that match. Errors: the range or the answer is too large.
pub(super) fn matching(
    chain: &dyn ChainView,
    filter: &Filter,
    range: RangeInclusive<u64>,
) -> Result<Vec<Log>, RpcError> {
    let (from, to) = (*range.start(), (*range.end()).min(chain.height()));
    let count = to.saturating_add(1).saturating_sub(from);
    if count > BLOCKS_MAX {
        return Err(RpcError::TooMuch(format!("query spans {count} blocks, more than {BLOCKS_MAX}")));
    }
    let mut found = Vec::new();
    for number in from..=to {
        let bloom = chain.header(number).map(|header| header.logs_bloom).unwrap_or_default();
        if filter.matches_bloom(bloom) {
            found.extend(of_block(chain, filter, number));
        }
        if found.len() > LOGS_MAX {
            return Err(RpcError::TooMuch(format!("query returned more than {LOGS_MAX} logs")));
        }
    }
    Ok(found)
}

/// Lists the logs of a block that match.
pub(in crate::rpc) fn of_block(chain: &dyn ChainView, filter: &Filter, number: u64) -> Vec<Log> {
    let Some(block) = chain.block(number) else { return Vec::new() };
    let (mut found, mut in_block) = (Vec::new(), 0);
    for (receipt, index) in chain.receipts(number).iter().zip(0..) {
        for log in &receipt.logs {
            if filter.matches(log) {
                found.push(shape::log(log, Place::new(&block, index), receipt.tx_hash, in_block));
            }
            in_block += 1;
        }
    }
    found
}
