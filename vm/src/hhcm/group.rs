//! Divides nodes and senders into groups, and elects bookkeeping nodes and the groups' representatives
//! (whitepaper 5.4 and 5.5; design 10). Nothing here depends on more than its arguments.

use super::{
    committee::Member,
    params::Params,
    sortition::{pick, seats},
};
use alloy_primitives::{Address, B256, U256, keccak256};

/// Is a former block's author who has committed to a group before the seed was known: (node key, group).
pub type Guerrilla = (B256, u32);

/// Returns the group of a sender's transactions among `groups`: `keccak256(sender) mod groups`. All of a sender's
/// transactions are in one group, so that nonces follow each other. 0 groups count as 1.
pub fn group_of_sender(sender: Address, groups: u32) -> u32 {
    remainder(keccak256(sender), groups)
}

/// Returns the group of a node among `groups`: `keccak256(seed ‖ node key) mod groups`.
pub fn group_of_node(seed: B256, key: B256, groups: u32) -> u32 {
    remainder(tagged(b"", &[seed.as_slice(), key.as_slice()]), groups)
}

/// Elects the bookkeeping nodes of a block by stake: those of `members` that win seats, as (index, seats) in
/// the order of the members. A node's chance is `keccak256("bookkeeper" ‖ seed ‖ key)`.
pub fn bookkeepers(members: &[Member], seed: B256, params: &Params) -> Vec<(usize, u64)> {
    let total = members.iter().fold(0u64, |sum, member| sum.saturating_add(member.weight));
    let won = members.iter().enumerate().map(|(index, member)| {
        let u = tagged(b"bookkeeper", &[seed.as_slice(), member.key.as_slice()]);
        (index, seats(member.weight, total, params.tau, u))
    });
    won.filter(|(_, seats)| *seats > 0).collect()
}

/// Chooses each group's representative among its bookkeeping nodes, by their seats; the chance of group g is
/// `keccak256("representative" ‖ seed ‖ g)`, g as 4 bytes, most significant first. A group without an elected
/// node has none. A guerrilla node counts in the group that it chose; a group out of range is no choice.
pub fn representatives(
    members: &[Member],
    seed: B256,
    groups: u32,
    params: &Params,
    guerrilla: Option<Guerrilla>,
) -> Vec<Option<usize>> {
    let mut elected: Vec<(Vec<usize>, Vec<u64>)> = Vec::new();
    elected.resize_with(groups.max(1) as usize, Default::default);
    for (index, seats) in bookkeepers(members, seed, params) {
        let Some(member) = members.get(index) else { continue };
        let group = group_of_member(member.key, seed, groups, guerrilla);
        if let Some((indexes, weights)) = elected.get_mut(group as usize) {
            indexes.push(index);
            weights.push(seats);
        }
    }
    elected
        .iter()
        .zip(0u32..)
        .map(|((indexes, weights), group)| {
            let u = tagged(b"representative", &[seed.as_slice(), &group.to_be_bytes()]);
            pick(weights, u).and_then(|chosen| indexes.get(chosen).copied())
        })
        .collect()
}

/// Returns the group in which the node `key` counts: the one it chose as a guerrilla, else the one it drew.
pub fn group_of_member(key: B256, seed: B256, groups: u32, guerrilla: Option<Guerrilla>) -> u32 {
    match guerrilla {
        Some((who, group)) if who == key && group < groups.max(1) => group,
        _ => group_of_node(seed, key, groups),
    }
}

fn tagged(tag: &[u8], parts: &[&[u8]]) -> B256 {
    let mut input = tag.to_vec();
    parts.iter().for_each(|part| input.extend_from_slice(part));
    keccak256(input)
}

fn remainder(hash: B256, groups: u32) -> u32 {
    let rest = U256::from_be_bytes(hash.0).checked_rem(U256::from(groups.max(1))).unwrap_or_default();
    u32::try_from(rest).unwrap_or_default()
}
