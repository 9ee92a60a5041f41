//! Measures signatures beside those of custody, 3 of 5, in one run: of `dkls23-core` by itself, which custody builds on, and
//! of `cggmp21`, whose keys are Paillier's.

mod cggmp;
mod dkls;

use fusor_custody::measure;
use std::time::Duration;

const THRESHOLD: u8 = 3;
const MEMBERS: u8 = 5;
const RUNS: u32 = 10;

/// Returns the processor time that `work` takes this thread.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = cpu_time::ThreadTime::now();
    let made = work();
    (start.elapsed(), made)
}

/// Returns the time of one party for one signature.
fn each(mut sign: impl FnMut(u32)) -> Duration {
    timed(|| (0..RUNS).for_each(&mut sign)).0 / RUNS / u32::from(THRESHOLD)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn main() {
    let ours = measure::measure(THRESHOLD.into(), MEMBERS.into()).expect("custody signs");
    let parties = dkls::deal();
    let plain = each(|message| dkls::sign(&parties, message));
    eprintln!("cggmp21 looks for safe primes, which takes minutes");
    let (primes, shares) = cggmp::deal();
    let paillier = each(|message| cggmp::sign(&shares, message));
    let ours_each = ours.ecdsa.cpu;
    println!("{THRESHOLD} of {MEMBERS}: processor time of one party, mean of {RUNS} signatures");
    println!("custody      setup {:>9.1} ms once, signature {:>7.2} ms", ms(ours.setup.cpu), ms(ours_each));
    for (name, setup, time) in [("dkls23-core", None, plain), ("cggmp21", Some(primes), paillier)] {
        let setup = setup.map_or("     not timed ".into(), |time| format!("{:>9.1} ms once", ms(time)));
        let ratio = time.as_secs_f64() / ours_each.as_secs_f64();
        println!("{name:<12} setup {setup}, signature {:>7.2} ms, {ratio:.2} times custody's", ms(time));
    }
}
