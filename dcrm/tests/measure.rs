//! Checks the sizes, and prints what runs cost (`cargo test --release -p fusor-dcrm --test measure -- --nocapture`).
#![allow(clippy::unwrap_used, reason = "tests")]

use fusor_dcrm::*;

/// Reads the time this thread has computed, in nanoseconds; 0 where the system does not say. Some systems count in steps
/// of 4 ms, so runs are repeated.
fn computed_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

#[test]
fn honest_runs_post_as_many_bytes_as_the_formats_say() {
    for (t, m) in [(2u16, 3u16), (3, 5), (5, 9), (11, 21)] {
        let repeats = u64::from(100 / m);
        let mut timings = measure(t, m, &computed_ns).unwrap();
        for _ in 1..repeats {
            let more = measure(t, m, &computed_ns).unwrap();
            timings.generation.time += more.generation.time;
            timings.resharing.time += more.resharing.time;
        }
        for (what, cost) in [("generation", timings.generation), ("re-sharing", timings.resharing)] {
            let (rounds, bytes, us) = (cost.rounds, cost.bytes, cost.time / 1000 / repeats);
            println!("{t} of {m} {what}: {us} us of CPU, {bytes} bytes, {rounds} rounds a party");
        }
        let (t, m) = (usize::from(t), usize::from(m));
        let header = 35;
        let dealing = header + (t + 1) * 33 + m * 80 + 64;
        assert_eq!(timings.generation.bytes, dealing + header + t * 33);
        assert_eq!(timings.resharing.bytes, header + (t + 1) * 33 + m * 48 + 64);
    }
    assert!(matches!(measure(3, 4, &computed_ns), Err(MeasureError::Terms(_))));
}
