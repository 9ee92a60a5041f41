//! Runs custody in simulated worlds: a fixed few, with what must hold, and with rules broken on purpose.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use fusor_chain_lite::custody::sim::{Mischief, Outcome, Sabotage, Setting, run};
use fusor_vm::dcrm::Scheme;

/// Runs seeds and tells what did not hold in any of them.
fn runs(seeds: std::ops::Range<u64>, setting: Setting) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut failed = Vec::new();
    for seed in seeds {
        let began = std::time::Instant::now();
        let outcome = run(Setting { seed, ..setting });
        println!("seed {seed}, {} ms: {outcome:?}", began.elapsed().as_millis());
        failed.extend(outcome.violations.iter().map(|violation| format!("seed {seed}: {violation}")));
        outcomes.push(outcome);
    }
    assert!(failed.is_empty(), "{setting:?}\n{}", failed.join("\n"));
    outcomes
}

fn first_seed() -> u64 {
    std::env::var("FUSOR_SEED").map_or(1, |text| text.parse().unwrap())
}

#[test]
fn custody_holds_whatever_goes_wrong() {
    let from = first_seed();
    let outcomes = runs(from..from + 12, Setting::default());
    assert!(outcomes.iter().map(|outcome| outcome.paid).sum::<usize>() > 0);
    assert!(outcomes.iter().map(|outcome| outcome.proved).sum::<usize>() > 0);
    assert!(outcomes.iter().map(|outcome| outcome.reshared).sum::<u32>() > 0);
}

#[test]
fn what_operators_refuse_by_hand_is_not_paid() {
    let decide = |agrees| run(Setting { seed: 3, by_hand: Some(agrees), ..Setting::default() });
    let (agreed, refused) = (decide(true), decide(false));
    assert!(agreed.violations.is_empty() && agreed.paid > 0 && agreed.decided > 0, "{agreed:?}");
    assert!(refused.paid == 0 && refused.decided > 0, "{refused:?}");
    assert!(refused.violations.iter().all(|open| open.ends_with("is Asked")), "{refused:?}");
}

#[test]
fn who_calls_attempts_far_ahead_uses_up_nothing() {
    let outcomes = runs(1..5, Setting { mischief: Some(Mischief::FarAttempts), ..Setting::default() });
    assert!(outcomes.iter().map(|outcome| outcome.paid).sum::<usize>() > 0);
}

#[test]
fn what_is_signed_is_sent_after_a_crash_before_it_was() {
    for seed in 1..4 {
        let outcome = run(Setting { seed, crash_before_broadcast: true, ..Setting::default() });
        assert!(outcome.violations.is_empty() && outcome.unsent > 1 && outcome.paid > 0, "{outcome:?}");
    }
}

#[test]
fn no_byte_that_is_sent_or_kept_holds_a_share_or_the_key() {
    for outcome in runs(1..3, Setting { secrets: true, ..Setting::default() }) {
        assert!(outcome.searched.0 > 10_000 && outcome.searched.1 > 2, "{outcome:?}");
    }
}

#[test]
fn vaults_that_sign_by_ecdsa_hold_too() {
    runs(1..3, Setting { scheme: Scheme::Ecdsa, ..Setting::default() });
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let setting = Setting { seed: 7, ..Setting::default() };
    assert_eq!(run(setting), run(setting));
}

/// Says whether any of some seeds notices a broken rule.
fn notices(sabotage: Sabotage, mischief: Option<Mischief>, what: &str) -> bool {
    let broken = |seed| Setting { seed, sabotage: Some(sabotage), mischief, ..Setting::default() };
    let outcomes: Vec<Outcome> = (1..6).map(|seed| run(broken(seed))).collect();
    let found = |outcome: &Outcome| outcome.violations.iter().any(|violation| violation.contains(what));
    println!("{sabotage:?}: {:?}", outcomes.iter().map(|outcome| &outcome.violations).collect::<Vec<_>>());
    outcomes.iter().any(found)
}

#[test]
fn plans_approved_unchecked_are_noticed() {
    assert!(notices(Sabotage::ApproveUnchecked, Some(Mischief::ForeignPlans), "to nobody who asked"));
}

#[test]
fn settling_without_confirmations_is_noticed() {
    assert!(notices(Sabotage::SettleUnconfirmed, None, "is settled with"));
}

#[test]
fn crediting_twice_is_noticed() {
    assert!(notices(Sabotage::CreditTwice, None, "credited"));
}
