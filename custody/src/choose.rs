//! Chooses who signs an attempt, so that a silent or cheating member is replaced within the same request.
//!
//! Every member computes the same choice from what is posted about earlier attempts ([`History`]): who accused whom, and
//! which sets failed without anyone being named. Two members with a quarrel never sign together again in the request, so
//! accuser and accused both leave where others can stand in; a set that failed is not chosen again.
//!
//! Honest members do not quarrel with each other: whoever stops because of a fault posts it, and silence counts only
//! against those who post nothing. So the set of all honest members stays possible, every failed attempt adds a quarrel
//! or a failed set, and a request ends with a signature as long as `t` honest members are there. Should messages be lost
//! between honest members all the same, [`History::forgive`] lets the request begin anew.

use std::collections::BTreeSet;

use crate::hash::tagged;
use crate::message::{Fault, FaultKind};

/// How many combinations are tried before giving up; far more than 11 of 21 has.
const STEPS_MAX: u32 = 1_000_000;

/// What a member posts about an attempt that gave it no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// It names a member that cheated.
    Accuse(u16),
    /// It stopped, or came to a result that does not verify, and can name nobody.
    Failed,
    /// The deadline passed while it waited for these ([`Session::awaited`](crate::Session::awaited)).
    Silent(Vec<u16>),
}

impl From<Fault> for Report {
    /// A member of another view may only lag behind, so it is not accused.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault { kind: FaultKind::OtherView, .. } | Fault { accused: None, .. } => Self::Failed,
            Fault { accused: Some(accused), .. } => Self::Accuse(accused),
        }
    }
}

/// What earlier attempts at a request, and standing bans, have shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    bans: BTreeSet<(u16, u16)>,
    quarrels: BTreeSet<(u16, u16)>,
    failed: BTreeSet<Vec<u16>>,
}

impl History {
    /// Records a standing ban between two members; it outlasts [`forgive`](Self::forgive).
    pub fn ban(&mut self, accuser: u16, accused: u16) {
        self.bans.insert(pair(accuser, accused));
    }

    /// Takes in what the members of `set` (in rising order) have posted about its attempt; reports of others, and
    /// accusations against others, count for nothing.
    pub fn settle(&mut self, set: &[u16], reports: &[(u16, Report)]) {
        let stopped = |member: u16| {
            let explains = |report: &Report| !matches!(report, Report::Silent(_));
            reports.iter().any(|(by, report)| *by == member && explains(report))
        };
        let mut named = false;
        for (by, report) in reports.iter().filter(|(by, _)| set.contains(by)) {
            let accused: Vec<u16> = match report {
                Report::Accuse(accused) => vec![*accused],
                Report::Silent(awaited) => {
                    awaited.iter().copied().filter(|member| !stopped(*member)).collect()
                }
                Report::Failed => Vec::new(),
            };
            for accused in accused.into_iter().filter(|accused| accused != by && set.contains(accused)) {
                self.quarrels.insert(pair(*by, accused));
                named = true;
            }
        }
        if !named {
            self.failed.insert(set.to_vec());
        }
    }

    /// Forgets all but the bans.
    pub fn forgive(&mut self) {
        self.quarrels.clear();
        self.failed.clear();
    }

    fn quarrel(&self, one: u16, other: u16) -> bool {
        let both = pair(one, other);
        self.quarrels.contains(&both) || self.bans.contains(&both)
    }

    /// How often a member was part of something that went wrong.
    fn weight(&self, member: u16) -> usize {
        let quarrels =
            self.quarrels.union(&self.bans).filter(|(one, other)| *one == member || *other == member);
        let failed = self.failed.iter().filter(|set| set.contains(&member));
        quarrels.count() + failed.count()
    }
}

fn pair(one: u16, other: u16) -> (u16, u16) {
    (one.min(other), one.max(other))
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
