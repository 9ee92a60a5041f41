//! Answers at the ledger account.

use super::{Answer, Message, Refusal, decode};
use crate::{
    account,
    fault::Fault,
    ledger::{self, Metadata},
    store::Store,
};
use alloy_sol_types::{SolCall, sol};

sol! {
    /// Is the multi-asset ledger's interface; functions bear the opcodes' names.
    #[allow(missing_docs)]
    interface ILedger {
        function describe(uint256 sub, string name, string symbol, uint8 decimals, uint64 flags) external returns (uint256 id);
        function amint(uint256 sub, address to, uint256 amount) external returns (uint256 id);
        function aburn(uint256 id, uint256 amount) external returns (bool ok);
        function asend(uint256 id, address to, uint256 amount) external returns (bool ok);
        function abal(uint256 id, address who) external view returns (uint256 amount);
        function afree(uint256 id, address who) external view returns (uint256 amount);
        function asupply(uint256 id) external view returns (uint256 amount);
        function ainfo(uint256 id) external view returns (address issuer, uint64 flags, uint8 decimals);
        function acall(address to, uint256[] ids, uint256[] amounts, bytes data) external returns (bool ok, bytes result);
        function idOf(address issuer, uint256 sub) external pure returns (uint256 id);
        function nameOf(uint256 id) external view returns (string name);
        function symbolOf(uint256 id) external view returns (string symbol);
        function erc20Of(uint256 id) external pure returns (address view_);
    }
}

use ILedger::*;

pub(super) fn handle(store: &mut dyn Store, message: Message, data: &[u8]) -> Answer {
    let me = message.caller;
    Ok(match decode(data, message, &[])? {
        ILedgerCalls::describe(c) => return describe(store, message, &c),
        ILedgerCalls::amint(c) => {
            amintCall::abi_encode_returns(&ledger::mint(store, me, c.sub, c.to, c.amount)?)
        }
        ILedgerCalls::aburn(c) => aburnCall::abi_encode_returns(&ledger::burn(store, me, c.id, c.amount)?),
        ILedgerCalls::asend(c) => {
            asendCall::abi_encode_returns(&ledger::send(store, me, c.id, c.to, c.amount)?)
        }
        ILedgerCalls::abal(c) => abalCall::abi_encode_returns(&ledger::owned(store, c.id, c.who)?),
        ILedgerCalls::afree(c) => afreeCall::abi_encode_returns(&ledger::free(store, c.id, c.who)?),
        ILedgerCalls::asupply(c) => asupplyCall::abi_encode_returns(&ledger::supply(store, c.id)?),
        ILedgerCalls::ainfo(c) => {
            let info = ledger::info(store, c.id)?;
            let (issuer, flags, decimals) = (info.issuer, info.flags.into(), info.decimals);
            ainfoCall::abi_encode_returns(&ainfoReturn { issuer, flags, decimals })
        }
        ILedgerCalls::acall(_) => return Err(no_frame(store)),
        ILedgerCalls::idOf(c) => idOfCall::abi_encode_returns(&ledger::asset_id(c.issuer, c.sub)),
        ILedgerCalls::nameOf(c) => nameOfCall::abi_encode_returns(&ledger::name(store, c.id)?),
        ILedgerCalls::symbolOf(c) => symbolOfCall::abi_encode_returns(&ledger::symbol(store, c.id)?),
        ILedgerCalls::erc20Of(c) => erc20OfCall::abi_encode_returns(&account::erc20_address(c.id)),
    })
}

fn describe(store: &mut dyn Store, message: Message, call: &describeCall) -> Answer {
    let flags = u32::try_from(call.flags).map_err(|_| Refusal::text("asset flags beyond 32 bits"))?;
    let metadata = Metadata { name: &call.name, symbol: &call.symbol, decimals: call.decimals, flags };
    if !ledger::set_metadata(store, message.caller, call.sub, &metadata)? {
        return Err(Refusal::text("asset is minted already: its metadata is fixed"));
    }
    Ok(describeCall::abi_encode_returns(&ledger::asset_id(message.caller, call.sub)))
}

/// Refuses a function that needs a frame where none can be opened in its place (see [`super::divert`]).
pub(super) fn no_frame(store: &dyn Store) -> Refusal {
    match store.is_static() {
        true => Fault::StaticWrite.into(),
        false => Refusal::text("acall and ncall cannot be called by a call with assets or by each other"),
    }
}
