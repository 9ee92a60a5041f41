//! Shows an asset as an ERC-20 token at an address of its own. `balanceOf` is the free amount; `Transfer` logs
//! follow ownership, the sale of bare ownership included. Allowances exist only here.

use super::{NATIVE, asset, guard_write, transfer};
use crate::{
    account::{self, LEDGER},
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word,
};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolEvent, sol};

sol! {
    /// Is ERC-20's log of a transfer; the zero address stands for a mint or a burn.
    #[derive(Debug, PartialEq, Eq)]
    event Transfer(address indexed from, address indexed to, uint256 value);
    /// Is ERC-20's log of an approval.
    #[derive(Debug, PartialEq, Eq)]
    event Approval(address indexed owner, address indexed spender, uint256 value);
}

/// Is the code at a view's address, for contracts that look at EXTCODESIZE: INVALID, so that code that is
/// run past the precompile halts.
pub const VIEW_CODE: Bytes = Bytes::from_static(&[0xfe]);

fn claim_key(view: Address) -> U256 {
    Record::new(Table::Erc20Claim, &[word::from_address(view)]).word(0)
}

fn allowance_key(id: U256, owner: Address, spender: Address) -> U256 {
    let parts = [id, word::from_address(owner), word::from_address(spender)];
    Record::new(Table::Erc20Allowance, &parts).word(0)
}

/// Returns the asset that answers at `view`, if any.
pub fn asset_at(store: &mut dyn Store, view: Address) -> Result<Option<U256>, Fault> {
    if !view.starts_with(&account::ERC20_PREFIX) {
        return Ok(None);
    }
    let id = store.get(LEDGER, claim_key(view))?;
    Ok((!id.is_zero()).then_some(id))
}

/// Registers the view of `id`; false when another asset with the same shortened id has it.
pub(super) fn claim(store: &mut dyn Store, id: U256) -> Result<bool, Fault> {
    let view = account::erc20_address(id);
    match asset_at(store, view)? {
        Some(holder) => Ok(holder == id),
        None => {
            store.set(LEDGER, claim_key(view), id)?;
            store.set_code_once(view, VIEW_CODE)?;
            Ok(true)
        }
    }
}

/// Returns what `spender` may still take from `owner`.
pub fn allowance(store: &mut dyn Store, id: U256, owner: Address, spender: Address) -> Result<U256, Fault> {
    store.get(LEDGER, allowance_key(id, owner, spender))
}

/// Lets `spender` take `amount` from `owner`, in place of what it might before; false for the native coin, an
/// asset never minted and the zero address.
pub fn approve(
    store: &mut dyn Store,
    id: U256,
    owner: Address,
    spender: Address,
    amount: U256,
) -> Result<bool, Fault> {
    guard_write(store)?;
    if id == NATIVE || spender.is_zero() || !asset::exists(store, id)? {
        return Ok(false);
    }
    store.set(LEDGER, allowance_key(id, owner, spender), amount)?;
    let log = Approval { owner, spender, value: amount }.encode_log_data();
    store.log(account::erc20_address(id), log.topics(), log.data.clone())?;
    Ok(true)
}

/// Sends `amount` from `from` to `to` out of `spender`'s allowance; false when the allowance or the free units
/// fall short. An allowance of `U256::MAX` is not used up, as OpenZeppelin has it.
pub fn transfer_from(
    store: &mut dyn Store,
    id: U256,
    spender: Address,
    from: Address,
    to: Address,
    amount: U256,
) -> Result<bool, Fault> {
    guard_write(store)?;
    if id == NATIVE {
        return Ok(false);
    }
    let allowed = allowance(store, id, from, spender)?;
    let Some(rest) = allowed.checked_sub(amount) else { return Ok(false) };
    if !transfer::send(store, from, id, to, amount)? {
        return Ok(false);
    }
    if allowed != U256::MAX {
        store.set(LEDGER, allowance_key(id, from, spender), rest)?;
    }
    Ok(true)
}
