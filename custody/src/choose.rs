//! Chooses who signs an attempt, so that a silent or cheating member is replaced within the same request.
//!
//! Every member computes the same choice from what the attempt's history says: who accused whom, and which sets failed
//! without anyone being named. Two members with a quarrel never sign together in the request; a set that failed is not
//! chosen again. Honest members never quarrel with each other, so the set of all honest members always stays possible,
//! and every failed attempt adds a quarrel or a failed set: a request ends with a signature as long as `t` honest
//! members are there.

use std::collections::BTreeSet;

use crate::hash::tagged;

/// How many combinations are tried before giving up; far more than 11 of 21 has.
const STEPS_MAX: u32 = 1_000_000;

/// What earlier attempts at a request, and standing bans, have shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    quarrels: BTreeSet<(u16, u16)>,
    failed: BTreeSet<Vec<u16>>,
}

impl History {
    /// Records that `accuser` names `accused`, be it for cheating, silence or a standing ban.
    pub fn accuse(&mut self, accuser: u16, accused: u16) {
        if accuser != accused {
            self.quarrels.insert((accuser.min(accused), accuser.max(accused)));
        }
    }

    /// Records that a set in rising order failed and nobody was named.
    pub fn fail(&mut self, set: &[u16]) {
        self.failed.insert(set.to_vec());
    }

    fn quarrel(&self, one: u16, other: u16) -> bool {
        self.quarrels.contains(&(one.min(other), one.max(other)))
    }

    /// How often a member was part of something that went wrong.
    fn weight(&self, member: u16) -> usize {
        let quarrels = self.quarrels.iter().filter(|(one, other)| *one == member || *other == member);
        let failed = self.failed.iter().filter(|set| set.contains(&member));
        quarrels.count() + failed.count()
    }
}

/// Chooses `threshold` of the members `present` for an attempt, in rising order; `None` if no set is left.
///
/// Members with a clean history come first; among equals a hash of request and attempt decides, so that the work is
/// spread and nobody can choose to be chosen.
#[must_use]
pub fn choose(
    present: &[u16],
    threshold: u16,
    history: &History,
    attempt: u32,
    request: [u8; 32],
) -> Option<Vec<u16>> {
    let members: BTreeSet<u16> = present.iter().copied().collect();
    let mut ranked: Vec<_> = members
        .into_iter()
        .map(|member| {
            let lot =
                tagged("fusor/custody/choose", &[&request, &attempt.to_be_bytes(), &member.to_be_bytes()]);
            (history.weight(member), lot, member)
        })
        .collect();
    ranked.sort_unstable();
    let ranked: Vec<u16> = ranked.into_iter().map(|(_, _, member)| member).collect();
    let mut steps = 0;
    let mut chosen = Vec::new();
    search(&ranked, usize::from(threshold), history, &mut chosen, &mut steps)
}

/// Takes the first member or leaves it, depth first.
fn search(
    ranked: &[u16],
    threshold: usize,
    history: &History,
    chosen: &mut Vec<u16>,
    steps: &mut u32,
) -> Option<Vec<u16>> {
    *steps += 1;
    if *steps > STEPS_MAX || chosen.len() + ranked.len() < threshold {
        return None;
    }
    if chosen.len() == threshold {
        let mut set = chosen.clone();
        set.sort_unstable();
        return (!history.failed.contains(&set)).then_some(set);
    }
    let (first, rest) = ranked.split_first()?;
    if chosen.iter().all(|other| !history.quarrel(*first, *other)) {
        chosen.push(*first);
        if let Some(set) = search(rest, threshold, history, chosen, steps) {
            return Some(set);
        }
        chosen.pop();
    }
    search(rest, threshold, history, chosen, steps)
}
