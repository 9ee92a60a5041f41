//! Measures blocks run one by one and in groups.

use super::BenchError;
use fusor_chain_lite::{
    bench::{Shape, Speed, groups},
    group::Grouping,
};
use std::time::Instant;

/// Numbers of groups that are measured.
pub(crate) const GROUPS: [u32; 4] = [1, 2, 4, 8];

/// Is one kind of block, sequential and by number of groups.
pub(crate) struct Row {
    pub(crate) shape: Shape,
    pub(crate) sequential: Speed,
    pub(crate) grouped: Vec<Speed>,
}

/// Runs a block of `count` transactions in every way on `threads` threads, the best of twelve rounds each.
pub(crate) fn measure(shape: Shape, count: u64, threads: usize) -> Result<Row, BenchError> {
    let start = Instant::now();
    let clock = || start.elapsed();
    let speed = |grouping| groups(shape, count, grouping, 12, &clock);
    let sequential = speed(None)?;
    let grouped = GROUPS.map(|groups| speed(Some(Grouping { groups, threads })));
    Ok(Row { shape, sequential, grouped: grouped.into_iter().collect::<Result<_, _>>()? })
}
