//! Runs custody in simulated worlds: a fixed few, with what must hold, and with rules broken on purpose.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use fusor_chain_lite::custody::sim::{Mischief, Outcome, Sabotage, Setting, run};

fn sound(setting: Setting) -> Outcome {
    let outcome = run(setting);
    assert_eq!(outcome.violations, Vec::<String>::new(), "{setting:?}");
    outcome
}

#[test]
fn custody_holds_whatever_goes_wrong() {
    let from: u64 = std::env::var("FUSOR_SEED").map_or(1, |text| text.parse().unwrap());
    for seed in from..from + 6 {
        let began = std::time::Instant::now();
        let outcome = run(Setting { seed, ..Setting::default() });
        println!("{seed}: {:?} {outcome:?}", began.elapsed());
    }
}
