//! Answers at the account of nested calls.

use super::{Answer, Message, decode, ledger::no_frame};
use crate::{
    fault::Fault,
    store::Store,
    triggers::{self, Watch},
};
use alloy_primitives::U256;
use alloy_sol_types::{SolCall, sol};

sol! {
    /// Is the interface of nested calls; functions bear the opcodes' names.
    #[allow(missing_docs)]
    interface INested {
        struct Guard {
            uint256 kind;
            uint256 target;
            uint256 key;
            uint256 aux;
            uint256 comparison;
            uint256 operand;
            bytes callData;
        }
        function ncall(Guard guard, address to, bytes data, uint64 gas_, uint256 value) external returns (uint256 result, bytes output);
        function nwatch(Guard guard, address to, bytes data, uint64 gas_, uint256 deadline, bytes4 elseSelector) external returns (uint256 tid);
    }
}

use INested::*;

pub(super) fn handle(store: &mut dyn Store, message: Message, data: &[u8]) -> Answer {
    match decode(data, message, &[])? {
        INestedCalls::ncall(_) => Err(no_frame(store)),
        INestedCalls::nwatch(c) => {
            let watch = Watch {
                guard: guard(c.guard)?,
                to: c.to,
                input: c.data,
                gas: U256::from(c.gas_),
                deadline: c.deadline,
                else_selector: c.elseSelector.0,
            };
            Ok(nwatchCall::abi_encode_returns(&triggers::watch(store, message.caller, &watch)?))
        }
    }
}

/// Reads a guard with the same checks as one in memory.
pub(super) fn guard(guard: Guard) -> Result<triggers::Guard, Fault> {
    let Guard { kind, target, key, aux, comparison, operand, callData } = guard;
    triggers::Guard::decode([kind, target, key, aux, comparison, operand], callData)
}
