//! Answers at the account of rights of use.

use super::{Answer, Message, decode};
use crate::{
    store::Store,
    usufruct::{self, Action, Terms},
};
use alloy_primitives::U256;
use alloy_sol_types::{SolCall, sol};

sol! {
    /// Is the interface of rights of use; functions bear the opcodes' names.
    #[allow(missing_docs)]
    interface IUsufruct {
        function ugrant(uint256 id, address user, uint256 amount, uint64 start, uint64 end, uint256 flags) external returns (uint256 gid);
        function usub(uint256 gid, address user, uint256 amount, uint64 start, uint64 end, uint256 flags) external returns (uint256 subGid);
        function uset(uint256 gid, uint256 action) external returns (bool ok);
        function umove(uint256 gid, address owner) external returns (bool ok);
        function ubal(uint256 id, address who, uint64 t) external view returns (uint256 amount);
        function uinfo(uint256 gid) external view returns (address owner, address user, uint256 amount, uint64 start, uint64 end, uint256 state);
        function uclean(uint256 gid) external returns (bool ok);
        function urelease(address who) external returns (uint256 amount);
    }
}

use IUsufruct::*;

pub(super) fn handle(store: &mut dyn Store, message: Message, data: &[u8]) -> Answer {
    let me = message.caller;
    Ok(match decode(data, message, &[])? {
        IUsufructCalls::ugrant(c) => {
            let terms = terms(c.user, c.amount, c.start, c.end, c.flags);
            ugrantCall::abi_encode_returns(&usufruct::grant(store, me, c.id, &terms)?)
        }
        IUsufructCalls::usub(c) => {
            let terms = terms(c.user, c.amount, c.start, c.end, c.flags);
            usubCall::abi_encode_returns(&usufruct::sub_grant(store, me, c.gid, &terms)?)
        }
        IUsufructCalls::uset(c) => {
            usetCall::abi_encode_returns(&usufruct::set(store, me, c.gid, Action::try_from(c.action)?)?)
        }
        IUsufructCalls::umove(c) => {
            umoveCall::abi_encode_returns(&usufruct::move_ownership(store, me, c.gid, c.owner)?)
        }
        IUsufructCalls::ubal(c) => {
            ubalCall::abi_encode_returns(&usufruct::usable(store, c.id, c.who, U256::from(c.t))?)
        }
        IUsufructCalls::uinfo(c) => uinfoCall::abi_encode_returns(&info(store, c.gid)?),
        IUsufructCalls::uclean(c) => ucleanCall::abi_encode_returns(&usufruct::clean(store, me, c.gid)?),
        IUsufructCalls::urelease(c) => ureleaseCall::abi_encode_returns(&usufruct::release(store, c.who)?),
    })
}

fn terms(user: alloy_primitives::Address, amount: U256, start: u64, end: u64, flags: U256) -> Terms {
    Terms { user, amount, start: U256::from(start), end: U256::from(end), flags }
}

fn info(store: &mut dyn Store, gid: U256) -> Result<uinfoReturn, super::Refusal> {
    let info = usufruct::info(store, gid)?;
    Ok(uinfoReturn {
        owner: info.owner,
        user: info.user,
        amount: info.amount,
        start: info.start,
        end: info.end,
        state: U256::from(info.state as u8),
    })
}
