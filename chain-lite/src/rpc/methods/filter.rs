//! Installs filters and answers what is new for them.

use super::{Answer, Context, logs};
use crate::rpc::{
    args::{Args, kind},
    backend::ChainView,
    error::RpcError,
    filters::{Watch, drain},
    shape::{print, quantity},
};
use alloy_primitives::{B256, U64};
use serde_json::json;

/// Most blocks that one answer is about; the next one goes on.
const BLOCKS_MAX: u64 = 10_000;

/// Installs a filter for logs.
pub(super) fn new_logs(context: &Context, mut args: Args) -> Answer {
    let filter = logs::read_filter(&mut args)?;
    if filter.block_option.is_block_hash() {
        return Err(RpcError::Params("a filter for one block finds nothing new; use eth_getLogs".into()));
    }
    let seen = context.chain()?.height();
    install(context, Watch::Logs { filter: Box::new(filter), seen })
}

/// Installs a filter for blocks.
pub(super) fn new_blocks(context: &Context, _: Args) -> Answer {
    let seen = context.chain()?.height();
    install(context, Watch::Blocks { seen })
}

/// Installs a filter for transactions that come into the pool; it tells their hashes.
pub(super) fn new_pending(context: &Context, mut args: Args) -> Answer {
    if args.optional(kind::BOOL)?.unwrap_or(false) {
        return Err(RpcError::Params("whole transactions are not supported; ask for hashes".into()));
    }
    install(context, Watch::Pending(context.backend.changes()))
}

fn install(context: &Context, watch: Watch) -> Answer {
    context.filters.install(watch).map(quantity)
}

/// Removes a filter; false if there is none.
pub(super) fn uninstall(context: &Context, mut args: Args) -> Answer {
    Ok(json!(context.filters.uninstall(id(&mut args)?)))
}

/// Returns what is new since the last time.
pub(super) fn changes(context: &Context, mut args: Args) -> Answer {
    let id = id(&mut args)?;
    context.filters.with(id, |watch| match watch {
        Watch::Pending(changes) => Ok(print(drain(changes))),
        Watch::Blocks { seen } => Ok(print(new_hashes(&*context.chain()?, seen))),
        Watch::Logs { filter, seen } => {
            let chain = context.chain()?;
            let (from, to) = news(&*chain, *seen);
            let mut numbers = (from..=to).filter(|number| filter.matches_block_range(*number));
            let found = match numbers.next() {
                Some(first) => logs::matching(&*chain, filter, first..=numbers.last().unwrap_or(first))?,
                None => Vec::new(),
            };
            *seen = to;
            Ok(print(found))
        }
    })
}

/// Returns all logs that match an installed filter.
pub(super) fn logs(context: &Context, mut args: Args) -> Answer {
    let id = id(&mut args)?;
    let filter = context.filters.with(id, |watch| match watch {
        Watch::Logs { filter, .. } => Ok(filter.clone()),
        Watch::Blocks { .. } | Watch::Pending(_) => Err(RpcError::UnknownFilter),
    })?;
    logs::of_filter(&*context.chain()?, &filter)
}

fn id(args: &mut Args) -> Result<u64, RpcError> {
    let id: U64 = args.required("the id of a filter")?;
    Ok(id.to())
}

/// Returns the first and last height that are new, bounded; a chain that has gone back starts at its head.
fn news(chain: &dyn ChainView, seen: u64) -> (u64, u64) {
    let head = chain.height();
    let from = if seen > head { head } else { seen.saturating_add(1) };
    (from, head.min(from.saturating_add(BLOCKS_MAX - 1)))
}

fn new_hashes(chain: &dyn ChainView, seen: &mut u64) -> Vec<B256> {
    let (from, to) = news(chain, *seen);
    *seen = to;
    (from..=to).filter_map(|number| chain.block(number).map(|block| block.hash)).collect()
}
