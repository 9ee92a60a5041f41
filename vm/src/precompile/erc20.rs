//! Answers ERC-20 at the addresses of assets.

use super::{Answer, Message, Refusal, answer, decode, result};
use crate::{
    account,
    evm::{FusorContext, JournalStore},
    ledger,
    store::Store,
};
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError, sol};
use revm::{
    Database,
    interpreter::{CallInputs, Gas, InterpreterResult},
};

sol! {
    /// Is ERC-20 as every asset answers it; errors are those of ERC-6093.
    #[allow(missing_docs)]
    interface IERC20View {
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InvalidReceiver(address receiver);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
        error ERC20InvalidSpender(address spender);

        function name() external view returns (string name);
        function symbol() external view returns (string symbol);
        function decimals() external view returns (uint8 decimals);
        function totalSupply() external view returns (uint256 supply);
        function balanceOf(address account) external view returns (uint256 amount);
        function transfer(address to, uint256 value) external returns (bool ok);
        function allowance(address owner, address spender) external view returns (uint256 amount);
        function approve(address spender, uint256 value) external returns (bool ok);
        function transferFrom(address from, address to, uint256 value) external returns (bool ok);
    }
}

use IERC20View::*;

/// Answers if the ledger has registered an asset at the called address.
pub(super) fn run<DB: Database>(
    ctx: &mut FusorContext<DB>,
    inputs: &CallInputs,
    mut gas: Gas,
) -> Option<InterpreterResult> {
    if !inputs.bytecode_address.starts_with(&account::ERC20_PREFIX) {
        return None;
    }
    // An ordinary account that bears the prefix by chance must not pay for the look-up.
    let mut lookup = Gas::new(u64::MAX);
    let found = ledger::asset_at(&mut JournalStore::new(ctx, &mut lookup, true), inputs.bytecode_address);
    let id = match found {
        Ok(None) => return None,
        Ok(Some(id)) => id,
        Err(fault) => return Some(result(ctx, Err(fault.into()), gas)),
    };
    let answer = match gas.record_regular_cost(lookup.total_gas_spent()) {
        true => answer(ctx, inputs, &mut gas, |store, message, data| handle(store, message, id, data)),
        false => Err(crate::fault::Fault::OutOfGas.into()),
    };
    Some(result(ctx, answer, gas))
}

fn handle(store: &mut dyn Store, message: Message, id: U256, data: &[u8]) -> Answer {
    let me = message.caller;
    Ok(match decode(data, message, &[])? {
        IERC20ViewCalls::name(_) => nameCall::abi_encode_returns(&ledger::name(store, id)?),
        IERC20ViewCalls::symbol(_) => symbolCall::abi_encode_returns(&ledger::symbol(store, id)?),
        IERC20ViewCalls::decimals(_) => decimalsCall::abi_encode_returns(&ledger::info(store, id)?.decimals),
        IERC20ViewCalls::totalSupply(_) => totalSupplyCall::abi_encode_returns(&ledger::supply(store, id)?),
        IERC20ViewCalls::balanceOf(c) => {
            balanceOfCall::abi_encode_returns(&ledger::free(store, id, c.account)?)
        }
        IERC20ViewCalls::transfer(c) => {
            let sent = ledger::send(store, me, id, c.to, c.value)?;
            transferCall::abi_encode_returns(&sent_or_revert(store, id, sent, me, c.to, c.value)?)
        }
        IERC20ViewCalls::allowance(c) => {
            allowanceCall::abi_encode_returns(&ledger::allowance(store, id, c.owner, c.spender)?)
        }
        IERC20ViewCalls::approve(c) => match ledger::approve(store, id, me, c.spender, c.value)? {
            true => approveCall::abi_encode_returns(&true),
            false => return Err(revert(&ERC20InvalidSpender { spender: c.spender })),
        },
        IERC20ViewCalls::transferFrom(c) => return transfer_from(store, id, me, &c),
    })
}

fn transfer_from(store: &mut dyn Store, id: U256, spender: Address, call: &transferFromCall) -> Answer {
    let allowance = ledger::allowance(store, id, call.from, spender)?;
    if allowance < call.value {
        return Err(revert(&ERC20InsufficientAllowance { spender, allowance, needed: call.value }));
    }
    let sent = ledger::transfer_from(store, id, spender, call.from, call.to, call.value)?;
    let ok = sent_or_revert(store, id, sent, call.from, call.to, call.value)?;
    Ok(transferFromCall::abi_encode_returns(&ok))
}

/// Turns a failed send into the error that ERC-6093 has for it.
fn sent_or_revert(
    store: &mut dyn Store,
    id: U256,
    sent: bool,
    sender: Address,
    receiver: Address,
    needed: U256,
) -> Result<bool, Refusal> {
    if sent {
        return Ok(true);
    }
    if receiver.is_zero() {
        return Err(revert(&ERC20InvalidReceiver { receiver }));
    }
    let balance = ledger::free(store, id, sender)?;
    Err(revert(&ERC20InsufficientBalance { sender, balance, needed }))
}

fn revert(error: &impl SolError) -> Refusal {
    Refusal::Revert(error.abi_encode().into())
}
