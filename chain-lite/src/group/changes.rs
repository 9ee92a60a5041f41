//! Is what a transaction changed, in the least form: made on the group's thread, applied on the block's.

use super::access::Key;
use crate::state::{Head, State};
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256};
use revm::{
    bytecode::Bytecode,
    state::{Account, AccountInfo, EvmState},
};

/// Is one step; steps apply in order.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The account goes, with its storage.
    Remove(Address),
    /// The account's storage goes.
    Wipe(Address),
    /// Balance, nonce or code are now these.
    Head(Address, Head),
    /// A word is now this.
    Word(Address, U256, U256),
    /// Code comes into being.
    Code(B256, Bytecode),
}

/// Appends what differs from `before`, which returns an account as the transaction found it.
pub(super) fn append(steps: &mut Vec<Change>, state: EvmState, before: impl Fn(Address) -> Option<Head>) {
    for (address, account) in state {
        append_account(steps, address, account, before(address));
    }
}

/// Returns what a step wrote.
pub(super) fn written(change: &Change) -> Option<Key> {
    match *change {
        Change::Remove(address) | Change::Wipe(address) | Change::Head(address, _) => {
            Some(Key::Account(address))
        }
        Change::Word(address, key, _) => Some(Key::Word(address, key)),
        Change::Code(..) => None,
    }
}

impl Change {
    /// Changes the state.
    pub(crate) fn apply(self, state: &mut State) {
        match self {
            Self::Remove(address) => state.remove(address),
            Self::Wipe(address) => state.wipe(address),
            Self::Head(address, head) => state.set_head(address, head),
            Self::Word(address, key, value) => state.set_word(address, key, value),
            Self::Code(hash, code) => state.put_code(hash, code),
        }
    }
}

fn append_account(steps: &mut Vec<Change>, address: Address, account: Account, before: Option<Head>) {
    let touched = account.is_touched();
    if touched && (account.is_selfdestructed() || account.is_empty()) {
        if before.is_some() {
            steps.push(Change::Remove(address));
        }
        return;
    }
    if touched && account.is_created() {
        steps.push(Change::Wipe(address));
    }
    let AccountInfo { balance, nonce, code_hash, code, .. } = account.info;
    let head = Head { balance, nonce, code_hash };
    let written = account.storage.values().any(|slot| slot.is_changed());
    if (touched || written) && before != Some(head) {
        let known = before.is_some_and(|before| before.code_hash == code_hash);
        if let Some(code) = code.filter(|_| !known && code_hash != KECCAK256_EMPTY) {
            steps.push(Change::Code(code_hash, code));
        }
        steps.push(Change::Head(address, head));
    }
    for (key, slot) in account.storage.into_iter().filter(|(_, slot)| slot.is_changed()) {
        steps.push(Change::Word(address, key, slot.present_value));
    }
}
