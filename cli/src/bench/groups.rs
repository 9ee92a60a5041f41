//! Measures blocks run one by one and in groups.

use super::BenchError;
use fusor_chain_lite::{
    bench::{Shape, Speed, Way, groups},
    group::Grouping,
};
use std::time::Instant;

/// Numbers of groups that are measured.
pub(crate) const GROUPS: [u32; 4] = [1, 2, 4, 8];
/// Rounds of which the best counts.
const ROUNDS: u32 = 4;
/// How often all ways take their turn, so that what else the machine does strikes them alike.
const TURNS: u32 = 4;

/// Is one kind of block, sequential, by number of groups, and as a chain chooses with the most groups.
pub(crate) struct Row {
    pub(crate) shape: Shape,
    pub(crate) sequential: Speed,
    pub(crate) grouped: Vec<Speed>,
    pub(crate) chosen: Speed,
}

/// Runs a block of `count` transactions in every way on `threads` threads, the best of sixteen rounds each.
pub(crate) fn measure(shape: Shape, count: u64, threads: usize) -> Result<Row, BenchError> {
    let start = Instant::now();
    let clock = || start.elapsed();
    let speed = |way| groups(shape, count, way, ROUNDS, &clock);
    let grouping = |groups| Grouping { groups, threads };
    let most = GROUPS.iter().copied().max().unwrap_or(1);
    let mut best: Option<Row> = None;
    for _ in 0..TURNS {
        let row = Row {
            shape,
            sequential: speed(Way::Plain)?,
            chosen: speed(Way::Chosen(grouping(most)))?,
            grouped: GROUPS
                .map(|groups| speed(Way::Groups(grouping(groups))))
                .into_iter()
                .collect::<Result<_, _>>()?,
        };
        best = Some(match best {
            None => row,
            Some(best) => best.better(row),
        });
    }
    best.ok_or(BenchError::Empty)
}

impl Row {
    /// Takes the shorter time of each way.
    fn better(self, other: Self) -> Self {
        let grouped = self.grouped.into_iter().zip(other.grouped).map(|(a, b)| shorter(a, b));
        Self {
            shape: self.shape,
            sequential: shorter(self.sequential, other.sequential),
            grouped: grouped.collect(),
            chosen: shorter(self.chosen, other.chosen),
        }
    }
}

fn shorter(a: Speed, b: Speed) -> Speed {
    if b.elapsed < a.elapsed { b } else { a }
}
