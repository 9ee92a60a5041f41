//! Checks what one transaction changed, from the raw words of system accounts: their tags tell what each is,
//! though not whose.

use super::Violation;
use crate::{
    account::{LEDGER, USUFRUCT},
    ledger::AMOUNT_MAX,
    slot::{Record, Table},
    usufruct::LIST_MAX,
};
use alloy_primitives::{Address, I256, U256};
use revm::state::{EvmState, EvmStorageSlot};

const LISTS: [u8; 4] =
    [Table::OwnerIndex as u8, Table::UserIndex as u8, Table::SubletIndex as u8, Table::GrantChildren as u8];

/// Checks that a transaction's changes of state conserve every sum that raw words can tell: holdings against
/// supplies and the native coin that the ledger account keeps, deposits against the usufruct account's balance;
/// and that no list of grants outgrows its bound.
///
/// Coin may be forced on a system account (SELFDESTRUCT, a fee), so a balance that rose may have risen by more;
/// one that did not change allows no difference.
pub fn check_transaction(state: &EvmState) -> Result<(), Violation> {
    check_conservation(state)?;
    check_deposits(state)?;
    match longest_list(state) {
        length if length > U256::from(LIST_MAX) => Err(Violation::List { length }),
        _ => Ok(()),
    }
}

fn check_conservation(state: &EvmState) -> Result<(), Violation> {
    let holdings = sum(state, LEDGER, |record, _, value| match record.tag() == Table::Holding as u8 {
        true => value & AMOUNT_MAX,
        false => U256::ZERO,
    });
    let supplies =
        sum(state, LEDGER, |record, word, value| match record.tag() == Table::Asset as u8 && word == 1 {
            true => value,
            false => U256::ZERO,
        });
    let coin = balance_change(state, LEDGER);
    let backing = supplies.wrapping_add(coin);
    match is_backed(holdings, backing, coin) {
        true => Ok(()),
        false => Err(Violation::Conservation { holdings, backing }),
    }
}

fn check_deposits(state: &EvmState) -> Result<(), Violation> {
    let deposits =
        sum(state, USUFRUCT, |record, word, value| match record.tag() == Table::Grant as u8 && word == 1 {
            true => value >> 160,
            false => U256::ZERO,
        });
    let balance = balance_change(state, USUFRUCT);
    match is_backed(deposits, balance, balance) {
        true => Ok(()),
        false => Err(Violation::Deposits { deposits, balance }),
    }
}

fn is_backed(claims: I256, backing: I256, coin: I256) -> bool {
    if coin.is_zero() { claims == backing } else { claims <= backing }
}

/// Adds up the changes of what `part` picks of an account's words, modulo 2^256.
fn sum(state: &EvmState, account: Address, part: impl Fn(Record, u8, U256) -> U256) -> I256 {
    let change = |(key, slot): (&U256, &EvmStorageSlot)| {
        let (record, word) = (Record::of_slot(*key), key.byte(0));
        part(record, word, slot.present_value).wrapping_sub(part(record, word, slot.original_value))
    };
    let words = state.get(&account).into_iter().flat_map(|account| &account.storage);
    I256::from_raw(words.map(change).fold(U256::ZERO, U256::wrapping_add))
}

fn balance_change(state: &EvmState, account: Address) -> I256 {
    state.get(&account).map_or(I256::ZERO, |account| {
        I256::from_raw(account.info.balance.wrapping_sub(account.original_info().balance))
    })
}

fn longest_list(state: &EvmState) -> U256 {
    let words = state.get(&USUFRUCT).into_iter().flat_map(|account| &account.storage);
    let lengths = words.filter(|(key, _)| LISTS.contains(&Record::of_slot(**key).tag()) && key.byte(0) == 0);
    lengths.map(|(_, slot)| slot.present_value).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use revm::state::Account;

    const ID: U256 = U256::from_limbs([7, 0, 0, 0]);

    /// Makes a change of some words of an account and of its balance.
    fn changed(who: Address, balance: (u64, u64), words: &[(U256, u64, u64)]) -> EvmState {
        let mut account = Account::default();
        account.info.balance = U256::from(balance.0);
        let mut account = Account::from(account.info);
        account.info.balance = U256::from(balance.1);
        for (key, before, after) in words {
            let mut slot = EvmStorageSlot::new(U256::from(*before), Default::default());
            slot.present_value = U256::from(*after);
            account.storage.insert(*key, slot);
        }
        [(who, account)].into_iter().collect()
    }

    fn holding(who: u64) -> U256 {
        Record::new(Table::Holding, &[ID, U256::from(who)]).word(0)
    }

    #[test]
    fn a_transfer_is_conserved_and_half_of_one_is_not() {
        let whole = changed(LEDGER, (0, 0), &[(holding(1), 9, 4), (holding(2), 0, 5)]);
        assert_eq!(check_transaction(&whole), Ok(()));
        let credit = changed(LEDGER, (0, 0), &[(holding(1), 9, 9), (holding(2), 0, 5)]);
        assert!(matches!(check_transaction(&credit), Err(Violation::Conservation { .. })));
        let debit = changed(LEDGER, (0, 0), &[(holding(1), 9, 4)]);
        assert!(matches!(check_transaction(&debit), Err(Violation::Conservation { .. })));
    }

    #[test]
    fn a_mint_needs_its_supply_and_a_lock_its_coin() {
        let supply = Record::new(Table::Asset, &[ID]).word(1);
        assert_eq!(
            check_transaction(&changed(LEDGER, (0, 0), &[(supply, 0, 5), (holding(1), 0, 5)])),
            Ok(())
        );
        assert!(check_transaction(&changed(LEDGER, (0, 0), &[(supply, 0, 6), (holding(1), 0, 5)])).is_err());
        assert_eq!(check_transaction(&changed(LEDGER, (2, 7), &[(holding(1), 0, 5)])), Ok(()));
        assert_eq!(check_transaction(&changed(LEDGER, (2, 8), &[(holding(1), 0, 5)])), Ok(()), "forced");
        assert!(check_transaction(&changed(LEDGER, (2, 6), &[(holding(1), 0, 5)])).is_err());
    }

    #[test]
    fn deposits_and_lists_are_bounded() {
        let deposit = Record::new(Table::Grant, &[ID]).word(1);
        let mut state = changed(USUFRUCT, (0, 5), &[(deposit, 0, 0)]);
        assert_eq!(check_transaction(&state), Ok(()));
        let slot = state.get_mut(&USUFRUCT).unwrap().storage.get_mut(&deposit).unwrap();
        slot.present_value = U256::from(6) << 160;
        assert!(matches!(check_transaction(&state), Err(Violation::Deposits { .. })));
        let list = Record::new(Table::UserIndex, &[ID, ID]).word(0);
        assert!(check_transaction(&changed(USUFRUCT, (0, 0), &[(list, 0, 64)])).is_ok());
        assert!(check_transaction(&changed(USUFRUCT, (0, 0), &[(list, 0, 65)])).is_err());
    }
}
