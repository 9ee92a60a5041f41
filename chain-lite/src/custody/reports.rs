//! Keeps what members tell of attempts to sign a plan, and chooses from it who signs next.

use alloy_primitives::B256;
use fusor_custody::choose::{History, Report, choose};
use fusor_vm::dcrm::bit;
use std::collections::BTreeMap;

/// Attempts of which one member's reports are kept.
const REPORTS_MAX: usize = 256;

/// Lists the members that bits name.
pub(super) fn members_of(mask: u64) -> Vec<u16> {
    (1..=64).filter(|member| mask & bit(*member) != 0).collect()
}

/// Names members by bits.
pub(super) fn mask_of(members: &[u16]) -> u64 {
    members.iter().fold(0, |mask, member| mask | bit(*member))
}

/// Tells who is there.
pub(super) struct Presence<'a> {
    /// Members that were heard lately, this one included.
    pub(super) present: &'a [u16],
    /// With whom each member is paired, as bits; matters to ECDSA alone.
    pub(super) paired: &'a BTreeMap<u16, u64>,
}

impl Presence<'_> {
    /// Names every two members that cannot sign together by ECDSA.
    fn unpaired(&self, members: u16) -> impl Iterator<Item = (u16, u16)> {
        let apart = move |(one, with): (&u16, &u64)| {
            let (one, with) = (*one, *with);
            (1..=members).filter(move |other| with & bit(*other) == 0).map(move |other| (one, other))
        };
        self.paired.iter().flat_map(apart)
    }
}

/// Is an attempt that a set is chosen for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    pub(super) plan: B256,
    pub(super) attempt: u32,
    pub(super) threshold: u16,
    pub(super) members: u16,
    /// Whether only members that are paired can sign together.
    pub(super) pairs: bool,
}

/// Is what members told of each attempt and the set that was to sign, as bits.
#[derive(Debug, Default)]
pub(super) struct Reports(BTreeMap<(u32, u64), BTreeMap<u16, Report>>);

impl Reports {
    /// Keeps what one member tells; the first word counts.
    pub(super) fn note(&mut self, by: u16, about: (u32, u64), report: Report) {
        let told = self.0.values().filter(|reports| reports.contains_key(&by)).count();
        if told < REPORTS_MAX {
            self.0.entry(about).or_default().entry(by).or_insert(report);
        }
    }

    /// Takes another member's report of a set that it was to sign with: accuser and accused both leave the retry, neither
    /// is believed.
    pub(super) fn hear(&mut self, by: u16, (attempt, set): (u32, u64), (kind, named): (u8, u64)) {
        let report = match (kind, members_of(named)) {
            (1, named) => named.first().map_or(Report::Failed, |accused| Report::Accuse(*accused)),
            (3, named) => Report::Silent(named),
            _ => Report::Failed,
        };
        if set & bit(by) != 0 {
            self.note(by, (attempt, set), report);
        }
    }

    /// Chooses who is to sign. Where what was told leaves no set, messages were lost among honest members: then all is
    /// forgiven but bans, and the choice begins anew.
    pub(super) fn choose(&mut self, presence: &Presence<'_>, draw: Draw) -> Option<Vec<u16>> {
        let Draw { plan, attempt, threshold, members, pairs } = draw;
        let mut history = self.history();
        for (one, other) in presence.unpaired(members).filter(|_| pairs) {
            history.ban(one, other);
        }
        let among = |history: &History| choose(presence.present, threshold, history, attempt, plan.0);
        if let Some(set) = among(&history) {
            return Some(set);
        }
        history.forgive();
        let set = among(&history)?;
        self.0.clear();
        Some(set)
    }

    fn history(&self) -> History {
        let mut history = History::default();
        for ((_, set), reports) in &self.0 {
            let reports: Vec<_> = reports.iter().map(|(by, report)| (*by, report.clone())).collect();
            history.settle(&members_of(*set), &reports);
        }
        history
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(reports: &mut Reports, present: &[u16], attempt: u32) -> Option<Vec<u16>> {
        let draw = Draw { plan: B256::ZERO, attempt, threshold: 2, members: 3, pairs: false };
        reports.choose(&Presence { present, paired: &BTreeMap::new() }, draw)
    }

    #[test]
    fn where_all_members_missed_each_other_they_begin_anew() {
        let mut reports = Reports::default();
        for (attempt, set) in [(1, [1, 2]), (2, [2, 3]), (3, [1, 3])] {
            reports.note(set[0], (attempt, mask_of(&set)), Report::Silent(vec![set[1]]));
        }
        assert_eq!(chosen(&mut reports, &[1], 4), None);
        assert_eq!(reports.0.len(), 3, "who is alone forgives nobody");
        assert!(chosen(&mut reports, &[1, 2, 3], 5).is_some());
        assert!(reports.0.is_empty());
    }

    #[test]
    fn a_member_spoils_only_sets_that_it_is_in() {
        let mut reports = Reports::default();
        for (attempt, set) in [(1, [1, 2]), (2, [1, 3]), (3, [2, 3])] {
            reports.hear(3, (attempt, mask_of(&set)), (2, 0));
        }
        for attempt in 4..40 {
            assert_eq!(chosen(&mut reports, &[1, 2, 3], attempt), Some(vec![1, 2]));
        }
    }

    #[test]
    fn a_member_that_talks_much_silences_nobody() {
        let mut reports = Reports::default();
        let set = mask_of(&[1, 2]);
        (0..10_000).for_each(|attempt| reports.hear(1, (attempt, set), (2, 0)));
        assert_eq!(reports.0.len(), REPORTS_MAX);
        reports.hear(2, (20_000, set), (1, bit(1)));
        assert_eq!(reports.0.len(), REPORTS_MAX + 1);
    }

    #[test]
    fn who_is_not_paired_does_not_sign_together() {
        let paired = BTreeMap::from([(1, mask_of(&[1, 3])), (2, mask_of(&[2, 3])), (3, mask_of(&[1, 2, 3]))]);
        for attempt in 0..20 {
            let draw = Draw { plan: B256::ZERO, attempt, threshold: 2, members: 3, pairs: true };
            let presence = Presence { present: &[1, 2, 3], paired: &paired };
            let set = Reports::default().choose(&presence, draw);
            assert!(set.is_some_and(|set| set.contains(&3)));
        }
    }
}
