//! Prints the benchmarks of this crate.

use fusor_chain_lite::bench::{root_cost, same_second};
use std::time::Instant;

fn main() {
    let start = Instant::now();
    for count in [10_000] {
        match same_second(count, 60_000_000, || start.elapsed()) {
            Ok(c) => println!("{c:?} {:.2} us each", c.elapsed.as_secs_f64() * 1e6 / count as f64),
            Err(error) => println!("{error}"),
        }
    }
    for holders in [1_000, 100_000, 10_000] {
        println!("{:?} setup until {:?}", root_cost(holders, 1_000, || start.elapsed()), start.elapsed());
    }
}
