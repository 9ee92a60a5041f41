//! Checks the validators of the first epoch.

use super::{Stage, somebody, unknown_allocation};
use crate::{
    founding::{Broken, Founding, GenesisFile, Member, amount::show},
    hhcm::public_key,
};
use alloy_primitives::U256;
use fusor_vm::hhcm::VALIDATORS_LIMIT;
use std::collections::BTreeMap;

pub(super) fn check(file: &GenesisFile, stage: Stage) -> Vec<Broken> {
    let Some(founding) = &file.consensus else { return Vec::new() };
    let mut broken: Vec<_> = count(founding, stage).into_iter().collect();
    broken.extend(twins(founding));
    // More than can be listed are refused as a whole; their signatures are not worth the time.
    for (member, i) in founding.validators.iter().zip(0usize..).take(VALIDATORS_LIMIT as usize) {
        let path = |key: &str| format!("consensus.validators[{i}].{key}");
        broken.extend(keys(member, &path));
        broken.extend(somebody(path("owner"), member.owner));
        broken.extend(somebody(path("payout"), member.payout));
        broken.extend(stake(founding, member, path("stake")));
        if !file.allocations.iter().any(|part| part.name == member.from) {
            broken.push(unknown_allocation(&path("from"), &member.from, &file.allocations));
        }
    }
    broken
}

fn count(founding: &Founding, stage: Stage) -> Option<Broken> {
    let (count, most) = (founding.validators.len(), founding.params.validators_max);
    let path = "consensus.validators";
    if count == 0 && stage == Stage::Whole {
        let help = "make keys with `fusor genesis keys` and add them with `fusor genesis add`";
        return Some(Broken::new(path, "expected at least one validator, found none", help));
    }
    let over = u32::try_from(count).map_or(true, |count| count > most);
    over.then(|| {
        let message = format!("expected at most {most} validators, found {count}");
        Broken::new(path, message, "raise `consensus.params.validators_max`, or leave some out")
    })
}

/// Finds keys that two validators have.
fn twins(founding: &Founding) -> Vec<Broken> {
    let mut nodes = BTreeMap::new();
    let mut beacons = BTreeMap::new();
    let mut broken = Vec::new();
    for (member, i) in founding.validators.iter().zip(0usize..) {
        let mut twin = |key: &str, first: Option<usize>| {
            let Some(first) = first else { return };
            let path = format!("consensus.validators[{i}].{key}");
            let message = format!("expected a key of its own, found that of validators[{first}]");
            broken.push(Broken::new(path, message, "make keys for each node with `fusor genesis keys`"));
        };
        twin("node_key", nodes.get(&member.keys.node).copied());
        twin("beacon_key", beacons.get(&member.keys.beacon).copied());
        nodes.entry(member.keys.node).or_insert(i);
        beacons.entry(member.keys.beacon).or_insert(i);
    }
    broken
}

fn keys(member: &Member, path: &impl Fn(&str) -> String) -> Vec<Broken> {
    const HELP: &str = "copy all three keys from the `node.pub.json` that `fusor genesis keys` wrote";
    let mut broken = Vec::new();
    if public_key(member.keys.node).is_none() {
        broken.push(Broken::new(path("node_key"), "expected an ed25519 public key", HELP));
    }
    if !member.keys.holds() {
        let message =
            "expected the beacon key's signature on the node key; this one does not fit the two keys";
        broken.push(Broken::new(path("proof"), message, HELP));
    }
    broken
}

fn stake(founding: &Founding, member: &Member, path: String) -> Option<Broken> {
    let least = U256::from(founding.params.min_stake);
    (member.stake < least).then(|| {
        let message = format!("expected at least {}, found {}", show(least), show(member.stake));
        Broken::new(path, message, "stake more, or lower `consensus.params.min_stake`")
    })
}
