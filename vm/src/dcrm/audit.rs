//! Checks that the books of custody add up.

use super::{
    coin::{Coin, coins},
    custodian::Custodian,
    group::{Group, GroupState},
    request::{Request, Status},
    roll::operators,
    rules::{Counts, Purse},
    vault::{Books, State, Vault},
};
use crate::{account::DCRM, fault::Fault, ledger, store::Store};
use alloy_primitives::{Address, B256, U256};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Names the rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unsound {
    /// The system account does not hold what the sums call for.
    #[error("the account of custody holds {balance} wei, its books call for {sum}")]
    Balance {
        /// The balance.
        balance: U256,
        /// The sum of pool, bonds, escrow and unclaimed rewards.
        sum: U256,
    },
    /// The sums are not those of custodians and requests.
    #[error("custodians and requests hold {found:?}, the sums are {purse:?}")]
    Purse {
        /// What was counted; the pool is taken over.
        found: Box<Purse>,
        /// The sums.
        purse: Box<Purse>,
    },
    /// More of a coin exists here than the vaults' books say.
    #[error("{supply} units of {coin} exist, {circulating} circulate by the books")]
    Supply {
        /// The coin.
        coin: B256,
        /// The supply of its mapping.
        supply: U256,
        /// What circulates by the books.
        circulating: U256,
    },
    /// An active vault owes more than it holds.
    #[error("vault {vault} lacks {shortfall} of {coin}")]
    Shortfall {
        /// The vault.
        vault: u64,
        /// The coin.
        coin: B256,
        /// What it lacks.
        shortfall: U256,
    },
    /// What is in flight is not what open lock-outs gave up.
    #[error("vault {vault} has {in_flight} of {coin} in flight, its lock-outs {open}")]
    Flight {
        /// The vault.
        vault: u64,
        /// The coin.
        coin: B256,
        /// What is in flight by the books.
        in_flight: U256,
        /// The sum of open lock-outs.
        open: U256,
    },
    /// The account holds less of a mapping than lock-outs gave up.
    #[error("{held} units of {coin} are held, {open} were given up for lock-outs")]
    Escrow {
        /// The coin.
        coin: B256,
        /// What the account holds.
        held: U256,
        /// The sum of open lock-outs.
        open: U256,
    },
    /// A custodian counts other groups than those it is in.
    #[error("{operator} counts {counted} groups and is in {groups}")]
    Groups {
        /// The custodian's operator.
        operator: Address,
        /// What it counts.
        counted: u32,
        /// What was found.
        groups: u32,
    },
    /// The list of custodians is broken at a place.
    #[error("place {place} of the list names another custodian, or one that is gone")]
    List {
        /// The place, from 0.
        place: u32,
    },
    /// A vault and its groups do not name one another.
    #[error("vault {vault} and its groups do not name one another")]
    Vault {
        /// The vault.
        vault: u64,
    },
    /// A read failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Checks the invariants of [`super`] over everything ever named. A holder may destroy units of its own, and anyone may
/// send the account coin: supply may be less than what circulates, and balances more than what the books call for.
pub fn audit(store: &mut dyn Store) -> Result<(), Unsound> {
    let requests = requests(store)?;
    check_purse(store, &requests)?;
    check_coins(store, &requests)?;
    check_vaults(store)?;
    check_groups(store)
}

fn requests(store: &mut dyn Store) -> Result<Vec<Request>, Unsound> {
    let mut found = Vec::new();
    for number in 1..=Counts::load(store)?.requests {
        found.extend(Request::load(store, number)?);
    }
    Ok(found)
}

fn check_purse(store: &mut dyn Store, requests: &[Request]) -> Result<(), Unsound> {
    let purse = Purse::load(store)?;
    let (balance, sum) = (store.balance(DCRM)?, purse.sum());
    if balance < sum {
        return Err(Unsound::Balance { balance, sum });
    }
    let mut found = Purse { pool: purse.pool, ..Purse::default() };
    for request in requests {
        found.escrow = found.escrow.saturating_add(request.fee);
    }
    check_list(store)?;
    for operator in everybody(store)? {
        let Some(one) = Custodian::load(store, operator)? else { continue };
        found.bonds = found.bonds.saturating_add(one.bond);
        found.rewards = found.rewards.saturating_add(one.rewards);
    }
    match found == purse {
        true => Ok(()),
        false => Err(Unsound::Purse { found: Box::new(found), purse: Box::new(purse) }),
    }
}

/// Lists whoever may hold a bond or rewards: those on the list, and whoever was a member of a group.
fn everybody(store: &mut dyn Store) -> Result<BTreeSet<Address>, Fault> {
    let mut found: BTreeSet<Address> = operators(store)?.into_iter().collect();
    for number in 1..=Counts::load(store)?.groups {
        found.extend(Group::load(store, number)?.map(|group| group.members).unwrap_or_default());
    }
    Ok(found)
}

fn check_list(store: &mut dyn Store) -> Result<(), Unsound> {
    for (operator, place) in operators(store)?.into_iter().zip(0u32..) {
        match Custodian::load(store, operator)? {
            Some(one) if one.place == place.saturating_add(1) => {}
            _ => return Err(Unsound::List { place }),
        }
    }
    Ok(())
}

/// Sums up what open lock-outs of `coin` gave up, at one vault or at all.
fn given_up(requests: &[Request], coin: B256, vault: Option<u64>) -> U256 {
    let open = |request: &&Request| {
        matches!(request.status, Status::Asked | Status::Planned)
            && request.coin == coin
            && vault.is_none_or(|vault| request.vault == vault)
    };
    requests.iter().filter(open).map(|request| request.amount).fold(U256::ZERO, U256::saturating_add)
}

fn check_coins(store: &mut dyn Store, requests: &[Request]) -> Result<(), Unsound> {
    for id in coins(store)? {
        let Some(coin) = Coin::load(store, id)? else { continue };
        let mut circulating = U256::ZERO;
        for vault in 1..=Counts::load(store)?.vaults {
            let books = Books::load(store, vault, id)?;
            circulating = circulating.saturating_add(books.circulating);
            let open = given_up(requests, id, Some(vault));
            if open != books.in_flight {
                return Err(Unsound::Flight { vault, coin: id, in_flight: books.in_flight, open });
            }
        }
        let supply = ledger::supply(store, coin.asset())?;
        if supply > circulating {
            return Err(Unsound::Supply { coin: id, supply, circulating });
        }
        let (held, open) = (ledger::owned(store, coin.asset(), DCRM)?, given_up(requests, id, None));
        if held < open {
            return Err(Unsound::Escrow { coin: id, held, open });
        }
    }
    Ok(())
}

fn check_vaults(store: &mut dyn Store) -> Result<(), Unsound> {
    for number in 1..=Counts::load(store)?.vaults {
        let vault = Vault::load(store, number)?.ok_or(Unsound::Vault { vault: number })?;
        let holding = Group::load(store, vault.group)?;
        let next = Group::load(store, vault.next)?;
        let held = match &holding {
            Some(group) => group.state == GroupState::Holding && group.vault == number,
            None => vault.group == 0,
        };
        let made = match &next {
            Some(group) => {
                matches!(group.state, GroupState::Making | GroupState::Made)
                    && (group.vault, group.previous) == (number, vault.group)
            }
            None => vault.next == 0,
        };
        if !held || !made {
            return Err(Unsound::Vault { vault: number });
        }
        for coin in coins(store)? {
            let shortfall = Books::load(store, number, coin)?.shortfall();
            if vault.state == State::Active && !shortfall.is_zero() {
                return Err(Unsound::Shortfall { vault: number, coin, shortfall });
            }
        }
    }
    Ok(())
}

fn check_groups(store: &mut dyn Store) -> Result<(), Unsound> {
    let mut places: BTreeMap<Address, u32> = BTreeMap::new();
    for number in 1..=Counts::load(store)?.groups {
        let Some(group) = Group::load(store, number)? else { continue };
        let held = !matches!(group.state, GroupState::Past | GroupState::Failed);
        for operator in group.members {
            let count = places.entry(operator).or_default();
            *count = count.saturating_add(held.into());
        }
    }
    for operator in operators(store)? {
        places.entry(operator).or_default();
    }
    for (operator, groups) in places {
        let counted = Custodian::load(store, operator)?.map_or(0, |one| one.groups);
        if counted != groups {
            return Err(Unsound::Groups { operator, counted, groups });
        }
    }
    Ok(())
}
