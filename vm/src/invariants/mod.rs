//! Checks that sums of assets and rights are conserved (design 3).
//!
//! [`check`] looks at the whole of some assets; property tests call it after every step. [`check_transaction`]
//! looks at what one transaction changed, without knowing who holds what; [`crate::evm::FusorEvm`] calls it after
//! each transaction of a debug build.

mod transaction;

pub use transaction::check_transaction;

use crate::{
    account::LEDGER,
    fault::Fault,
    ledger::{self, NATIVE},
    store::Store,
    usufruct,
};
use alloy_primitives::{Address, I256, U256};
use thiserror::Error;

/// Says where to look. The check is sound only when `accounts` holds every account that owns or uses one of
/// `assets`.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Assets to check, the native coin (0) among them if wanted.
    pub assets: &'a [U256],
    /// All accounts that may hold them, system accounts included.
    pub accounts: &'a [Address],
    /// The native coin in existence, where the caller accounts for it: genesis plus rewards, less fees burnt
    /// and coin destroyed.
    pub native_supply: Option<U256>,
}

/// Names the invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Violation {
    /// Holdings do not add up to the supply.
    #[error("asset {id:#x}: holdings add up to {sum}, the supply is {supply}")]
    Supply {
        /// The asset.
        id: U256,
        /// The sum of what accounts own.
        sum: U256,
        /// What should be.
        supply: U256,
    },
    /// Usable amounts do not add up to what is owned.
    #[error("asset {id:#x} at second {at}: usable amounts add up to {sum}, holdings to {owned}")]
    Usable {
        /// The asset.
        id: U256,
        /// The instant, in seconds since 1970.
        at: u64,
        /// The sum of what accounts may use.
        sum: U256,
        /// The sum of what accounts own.
        owned: U256,
    },
    /// The free amount is not the holding less the largest encumbrance from now on.
    #[error("asset {id:#x} of {who}: free is {free}, expected {expected:?}")]
    Free {
        /// The asset.
        id: U256,
        /// The account.
        who: Address,
        /// What the ledger says.
        free: U256,
        /// What the grants say; `None` where they exceed the holding.
        expected: Option<U256>,
    },
    /// The ledger account's balance does not cover the native coin that it keeps.
    #[error("the ledger account holds {balance} wei and keeps {locked} for owners")]
    Locked {
        /// The balance.
        balance: U256,
        /// The sum of what it keeps.
        locked: U256,
    },
    /// A grant breaks a rule.
    #[error("grant {gid:#x}: {rule}")]
    Grant {
        /// The grant.
        gid: U256,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// A transaction changed holdings by another amount than supplies and the native coin kept for owners.
    #[error("holdings changed by {holdings}, supplies and the ledger account's balance by {backing}")]
    Conservation {
        /// The sum of changes of all holdings of all assets.
        holdings: I256,
        /// The sum of changes of all supplies, and of the ledger account's balance.
        backing: I256,
    },
    /// A transaction changed deposits by more than the balance that backs them.
    #[error("deposits changed by {deposits} wei, the usufruct account's balance by {balance}")]
    Deposits {
        /// The sum of changes of all deposits.
        deposits: I256,
        /// The change of the balance.
        balance: I256,
    },
    /// A list of grants is longer than it may be.
    #[error("a list of {length} grants")]
    List {
        /// Its length.
        length: U256,
    },
    /// An operation failed while checking.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Checks every invariant within `scope`; writes nothing.
pub fn check(store: &mut dyn Store, scope: &Scope<'_>) -> Result<(), Violation> {
    for id in scope.assets {
        let owned = check_supply(store, scope, *id)?;
        let mut instants = vec![store.now()];
        for who in scope.accounts {
            instants.extend(usufruct::audit::check_rights(store, *id, *who)?);
            check_free(store, *id, *who)?;
        }
        instants.sort_unstable();
        instants.dedup();
        for at in instants {
            check_usable(store, scope, *id, at, owned)?;
        }
    }
    match scope.assets.contains(&NATIVE) {
        true => check_locked(store, scope),
        false => Ok(()),
    }
}

/// Returns the sum of holdings after comparing it with the supply.
fn check_supply(store: &mut dyn Store, scope: &Scope<'_>, id: U256) -> Result<U256, Violation> {
    let mut sum = U256::ZERO;
    for who in scope.accounts {
        sum = sum.saturating_add(ledger::owned(store, id, *who)?);
    }
    let supply = match id == NATIVE {
        true => scope.native_supply.unwrap_or(sum),
        false => ledger::supply(store, id)?,
    };
    if sum == supply { Ok(sum) } else { Err(Violation::Supply { id, sum, supply }) }
}

fn check_usable(
    store: &mut dyn Store,
    scope: &Scope<'_>,
    id: U256,
    at: u64,
    owned: U256,
) -> Result<(), Violation> {
    let mut sum = U256::ZERO;
    for who in scope.accounts {
        sum = sum.saturating_add(usufruct::usable(store, id, *who, U256::from(at))?);
    }
    if sum == owned { Ok(()) } else { Err(Violation::Usable { id, at, sum, owned }) }
}

fn check_free(store: &mut dyn Store, id: U256, who: Address) -> Result<(), Violation> {
    let free = ledger::free(store, id, who)?;
    let granted = usufruct::audit::largest_granted(store, id, who)?;
    let expected = ledger::owned(store, id, who)?.checked_sub(granted);
    match expected == Some(free) {
        true => Ok(()),
        false => Err(Violation::Free { id, who, free, expected }),
    }
}

fn check_locked(store: &mut dyn Store, scope: &Scope<'_>) -> Result<(), Violation> {
    let mut locked = U256::ZERO;
    for who in scope.accounts {
        locked = locked.saturating_add(ledger::locked(store, *who)?);
    }
    // SELFDESTRUCT can force more coin on it than it keeps.
    let balance = store.balance(LEDGER)?;
    if balance >= locked { Ok(()) } else { Err(Violation::Locked { balance, locked }) }
}
