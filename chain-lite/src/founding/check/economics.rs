//! Checks that every coin is accounted for (whitepaper 6.3.2): amounts make the total, the total keeps the cap, and
//! what is drawn from an allocation leaves its rest.

use crate::founding::{Allocation, Broken, CAP, GenesisFile, Target, amount::show, economics::sum_of};
use alloy_primitives::U256;
use std::collections::BTreeSet;

/// Is the allocation whose share is bounded.
const TEAM: &str = "team";
/// Is the least part of the total that stays for others than the team, as 1 in so many.
const TEAM_PART: u64 = 10;
/// Bounds the allocations, and so the work of checking them.
const ALLOCATIONS_MAX: usize = 64;

pub(super) fn check(file: &GenesisFile) -> Vec<Broken> {
    let (path, count) = ("economics.allocations", file.allocations.len());
    if count > ALLOCATIONS_MAX {
        let message = format!("expected at most {ALLOCATIONS_MAX} allocations, found {count}");
        return vec![Broken::new(path, message, "put several purposes into one allocation")];
    }
    let mut broken = totals(file);
    let mut names = BTreeSet::new();
    for (part, i) in file.allocations.iter().zip(0usize..) {
        let path = |key: &str| format!("economics.allocations[{i}].{key}");
        if part.name.trim().is_empty() || !names.insert(part.name.as_str()) {
            let message = format!("expected a name of its own, found {:?}", part.name);
            broken.push(Broken::new(path("name"), message, "give each allocation another name"));
        }
        broken.extend(sum(file, part, path("rest")));
        broken.extend(team(file, part, path("amount")));
        broken.extend(target(file, part, path("to")));
    }
    broken
}

fn totals(file: &GenesisFile) -> Vec<Broken> {
    let mut broken = Vec::new();
    let sum = sum_of(file.allocations.iter().map(|part| part.amount));
    let total = "economics.total";
    if sum != file.total {
        let message =
            format!("expected {}, the sum of all allocations, found {}", show(sum), show(file.total));
        broken.push(Broken::new(total, message, "set it to the sum, or change the amount of an allocation"));
    }
    if file.total > CAP {
        let message = format!("expected at most {}, found {}", show(CAP), show(file.total));
        broken.push(Broken::new(total, message, "no chain has more coins than the cap; allocate less"));
    }
    broken
}

/// Holds an allocation to its amount.
fn sum(file: &GenesisFile, part: &Allocation, path: String) -> Option<Broken> {
    let drawn = file.drawn(&part.name).all();
    let made = drawn.saturating_add(part.rest);
    if made == part.amount {
        return None;
    }
    let (all, taken) = (show(part.amount), show(drawn));
    Some(match part.amount.checked_sub(drawn) {
        Some(rest) => Broken::new(
            path,
            format!(
                "expected {} ({all} less the {taken} of stakes and accounts), found {}",
                show(rest),
                show(part.rest)
            ),
            "set it so that rest, stakes and accounts make the amount",
        ),
        None => Broken::new(
            path,
            format!("expected stakes and accounts from `{}` of at most {all}, found {taken}", part.name),
            "raise the allocation's amount, or take stakes and balances from another one",
        ),
    })
}

fn team(file: &GenesisFile, part: &Allocation, path: String) -> Option<Broken> {
    let most = file.total / U256::from(TEAM_PART);
    (part.name == TEAM && part.amount > most).then(|| {
        let message =
            format!("expected at most {}, a tenth of the total, found {}", show(most), show(part.amount));
        Broken::new(path, message, "allocate less to the team")
    })
}

fn target(file: &GenesisFile, part: &Allocation, path: String) -> Option<Broken> {
    match part.to {
        Target::Account(to) => super::somebody(path, to),
        Target::Pool if file.consensus.is_some() || part.rest.is_zero() => None,
        Target::Pool => Some(Broken::new(
            path,
            "expected an address, as a chain without `consensus` has no pool of rewards",
            "give the rest to an address, or describe `consensus`",
        )),
    }
}
