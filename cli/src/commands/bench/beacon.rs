//! Measures what grinding and withholding gain, by where seeds come from.

use super::tenths;
use crate::{
    error::Outcome,
    output,
    table::{Side, Table},
};
use fusor_chain_lite::bench::{Attack, Source, capture};

/// Source of seeds, seeds that an author can try, whether it withholds.
const CASES: [(Source, u32, bool, &str); 7] = [
    (Source::PreviousHash, 1, false, "previous hash, honest"),
    (Source::PreviousHash, 64, false, "previous hash, 64 tries"),
    (Source::Author, 1, false, "author signs, honest"),
    (Source::Author, 64, false, "author signs, 64 tries"),
    (Source::Author, 1, true, "author signs, withholding"),
    (Source::Committee, 1, false, "committee signs, honest"),
    (Source::Committee, 64, true, "committee signs, 64 tries, withholding"),
];

/// Runs elections over so many heights for each case.
pub(super) fn run(heights: u64) -> Outcome {
    let mut table = Table::new(&[
        ("seed", Side::Left),
        ("wanted group held (%)", Side::Right),
        ("of all groups (%)", Side::Right),
        ("blocks made (%)", Side::Right),
        ("blocks given up (%)", Side::Right),
        ("seeds thrown away", Side::Right),
    ]);
    let attack = |source, tries, withholds| Attack {
        source,
        nodes: 160,
        hostile: 32,
        groups: 8,
        tries,
        withholds,
        heights,
    };
    for (source, tries, withholds, name) in CASES {
        let attack = attack(source, tries, withholds);
        let captured = capture(attack);
        let percent = |some: u64, all: u64| tenths(u128::from(some) * 100, u128::from(all.max(1)));
        table.row([
            name.to_owned(),
            percent(captured.wanted, heights),
            percent(captured.groups, heights * u64::from(attack.groups)),
            percent(captured.blocks, heights),
            percent(captured.given_up, heights),
            captured.thrown_away.to_string(),
        ]);
    }
    table.note(format!("160 nodes, 32 of them hostile, 8 groups, {heights} heights"));
    output::print(&format!("{}\n", table.text()))
}
