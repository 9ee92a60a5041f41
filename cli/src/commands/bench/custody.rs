//! Measures what custody costs each party: key generation, re-sharing, the setup of signers, signatures.

use super::tenths;
use crate::{
    error::{CliError, Outcome},
    output,
    table::{Side, Table},
};
use fusor_chain_lite::custody::costs::{self, Line};
use std::time::Duration;

/// Thresholds and sizes of the measured groups.
const SIZES: [(u16, u16); 4] = [(2, 3), (3, 5), (5, 9), (11, 21)];

/// Measures groups of the sizes above with at most `most` members.
pub(super) fn run(most: u16) -> Outcome {
    let mut table = Table::new(&[
        ("t of m", Side::Left),
        ("protocol", Side::Left),
        ("CPU each (ms)", Side::Right),
        ("bytes sent each", Side::Right),
        ("rounds", Side::Right),
    ]);
    let milliseconds = |time: Duration| tenths(time.as_micros(), 1_000);
    for (threshold, members) in SIZES.into_iter().filter(|(_, members)| *members <= most) {
        let lines = costs::measure(threshold, members)
            .map_err(|error| CliError::Usage(format!("{threshold} of {members}: {error}")))?;
        for Line { protocol, cpu, bytes, rounds } in lines {
            table.row([
                format!("{threshold} of {members}"),
                protocol.to_owned(),
                milliseconds(cpu),
                bytes.to_string(),
                rounds.to_string(),
            ]);
        }
    }
    table
        .note("all parties in one process, one after another; setups are made once for each pair".to_owned());
    output::print(&format!("{}\n", table.text()))
}
