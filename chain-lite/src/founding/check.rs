//! Holds a genesis file to its rules: what a chain can run with, and that every coin is accounted for.

mod accounts;
mod economics;
mod settings;
mod validators;

use super::{Allocation, Broken, GenesisFile, Member, amount};
use alloy_primitives::Address;
use fusor_vm::account::{COLLECTOR, SCHEDULER, SYSTEM};

/// Says how far a file must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Validators may still be missing.
    Draft,
    /// A chain can start from it.
    Whole,
}

/// Lists every rule that the file breaks.
pub(super) fn check(file: &GenesisFile, stage: Stage) -> Result<(), Vec<Broken>> {
    let mut broken = settings::check(file);
    broken.extend(economics::check(file));
    broken.extend(validators::check(file, stage));
    broken.extend(accounts::check(file));
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// Complains about an allocation that is not there.
pub(super) fn unknown_allocation(path: &str, name: &str, known: &[Allocation]) -> Broken {
    let names: Vec<_> = known.iter().map(|part| format!("`{}`", part.name)).collect();
    Broken::new(
        path,
        format!("expected the name of an allocation, found `{name}`"),
        match names.is_empty() {
            true => "add an allocation to `economics.allocations`".to_string(),
            false => format!("use one of {}", names.join(", ")),
        },
    )
}

/// Complains about a stake that an allocation does not have.
pub(super) fn overdrawn(member: &Member, part: &Allocation) -> Broken {
    let (stake, rest) = (amount::show(member.stake), amount::show(part.rest));
    Broken::new(
        "stake",
        format!("expected at most the {rest} that are left of `{}`, found {stake}", part.name),
        "stake less, or take it from another allocation",
    )
}

/// Complains unless coin at `who` is somebody's.
fn somebody(path: String, who: Address) -> Option<Broken> {
    let help = "use the address of a key that somebody holds, or of a contract";
    if who.is_zero() {
        return Some(Broken::new(path, "expected an address that is not zero", help));
    }
    reserved(who)
        .then(|| Broken::new(path, format!("expected an address of a user, found the reserved {who}"), help))
}

fn reserved(who: Address) -> bool {
    who == COLLECTOR || who == SCHEDULER || SYSTEM.contains(&who)
}
