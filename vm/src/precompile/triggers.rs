//! Answers at the account of the calling list.

use super::{Answer, Message, Refusal, decode};
use crate::{
    fault::Fault,
    store::Store,
    triggers::{self, At, Bound, Callback, Event, Every, Filter, MAX_BOUNDS, MAX_TOPICS},
};
use alloy_primitives::U256;
use alloy_sol_types::{SolCall, sol};

sol! {
    /// Is the calling list's interface; functions bear the opcodes' names.
    #[allow(missing_docs)]
    interface ITriggers {
        struct Constraint {
            uint256 index;
            uint256 comparison;
            uint256 operand;
        }
        function tat(uint64 t, bytes4 selector, bytes args, uint64 gas_, uint256 policy) external returns (uint256 tid);
        function tevery(uint64 start, uint64 period, uint64 count, bytes4 selector, bytes args, uint64 gas_, uint256 policy) external returns (uint256 tid);
        function tevent(address emitter, Constraint[] topics, Constraint[] data, bytes4 selector, uint64 gas_, uint64 max, uint256 policy) external returns (uint256 tid);
        function tcancel(uint256 tid) external returns (uint256 refund);
        function tresume(uint256 tid) external returns (bool ok);
        function tinfo(uint256 tid) external view returns (uint256 state, uint64 next, uint64 fired, uint256 escrow);
        function tquote(uint64 t, uint64 gas_) external view returns (uint256 price);
        function fund(address who) external payable;
        function withdraw(uint256 amount) external;
        function potOf(address who) external view returns (uint256 amount);
        function firing() external view returns (uint256 tid, uint64 due, uint64 attempt);
    }
}

use ITriggers::*;

pub(super) fn handle(store: &mut dyn Store, message: Message, data: &[u8]) -> Answer {
    let me = message.caller;
    Ok(match decode(data, message, &[fundCall::SELECTOR])? {
        ITriggersCalls::tat(c) => tatCall::abi_encode_returns(&triggers::at(store, me, &at(c))?),
        ITriggersCalls::tevery(c) => teveryCall::abi_encode_returns(&triggers::every(store, me, &every(c))?),
        ITriggersCalls::tevent(c) => teventCall::abi_encode_returns(&triggers::event(store, me, &event(c)?)?),
        ITriggersCalls::tcancel(c) => tcancelCall::abi_encode_returns(&triggers::cancel(store, me, c.tid)?),
        ITriggersCalls::tresume(c) => tresumeCall::abi_encode_returns(&triggers::resume(store, me, c.tid)?),
        ITriggersCalls::tinfo(c) => {
            let info = triggers::info(store, c.tid)?;
            let (state, escrow) = (U256::from(info.state), U256::from(info.escrow));
            tinfoCall::abi_encode_returns(&tinfoReturn { state, next: info.next, fired: info.fired, escrow })
        }
        ITriggersCalls::tquote(c) => {
            let price = triggers::quote(store, U256::from(c.t), U256::from(c.gas_))?;
            tquoteCall::abi_encode_returns(&price)
        }
        ITriggersCalls::fund(c) => return fund(store, message, &c),
        ITriggersCalls::withdraw(c) => return withdraw(store, message, &c),
        ITriggersCalls::potOf(c) => potOfCall::abi_encode_returns(&triggers::pot(store, c.who)?),
        ITriggersCalls::firing(_) => {
            let (tid, due, attempt) = triggers::current(store)?
                .map_or((U256::ZERO, 0, 0), |firing| (firing.tid, firing.due, firing.attempt.into()));
            firingCall::abi_encode_returns(&firingReturn { tid, due, attempt })
        }
    })
}

fn at(call: tatCall) -> At {
    let gas = U256::from(call.gas_);
    let callback = Callback { selector: call.selector.0, args: call.args, gas };
    At { time: U256::from(call.t), call: callback, policy: call.policy }
}

fn every(call: teveryCall) -> Every {
    let gas = U256::from(call.gas_);
    Every {
        start: U256::from(call.start),
        period: U256::from(call.period),
        count: U256::from(call.count),
        call: Callback { selector: call.selector.0, args: call.args, gas },
        policy: call.policy,
    }
}

fn event(call: teventCall) -> Result<Event, Refusal> {
    if call.topics.len() > MAX_TOPICS || call.data.len() > MAX_BOUNDS {
        return Err(Refusal::text("filter has too many constraints"));
    }
    let filter =
        Filter { emitter: call.emitter, topics: bounds(&call.topics, 4)?, data: bounds(&call.data, 256)? };
    Ok(Event {
        filter,
        selector: call.selector.0,
        gas: U256::from(call.gas_),
        max: U256::from(call.max),
        policy: call.policy,
    })
}

fn bounds(constraints: &[Constraint], limit: u64) -> Result<Vec<Bound>, Fault> {
    constraints.iter().map(|c| Bound::decode([c.index, c.comparison, c.operand], limit)).collect()
}

fn fund(store: &mut dyn Store, message: Message, call: &fundCall) -> Answer {
    if store.is_static() {
        return Err(Fault::StaticWrite.into());
    }
    triggers::fund(store, call.who, message.value)?;
    Ok(Vec::new())
}

fn withdraw(store: &mut dyn Store, message: Message, call: &withdrawCall) -> Answer {
    match triggers::withdraw(store, message.caller, call.amount)? {
        true => Ok(Vec::new()),
        false => Err(Refusal::text("pot holds less than the amount")),
    }
}
