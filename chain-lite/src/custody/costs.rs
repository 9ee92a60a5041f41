//! Measures what the protocols of custody cost one party.

use std::time::{Duration, Instant};

/// Is what one protocol costs one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The protocol.
    pub protocol: &'static str,
    /// Time that it computes.
    pub cpu: Duration,
    /// Bytes that it sends.
    pub bytes: u64,
    /// Rounds of messages, if nobody cheats.
    pub rounds: u32,
}

/// Measures a group of `threshold` of `members`. Errors: no such group.
pub fn measure(threshold: u16, members: u16) -> Result<Vec<Line>, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let nanoseconds = || u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let shared = fusor_dcrm::measure(threshold, members, &nanoseconds)?;
    let signed = fusor_custody::measure::measure(threshold, members)?;
    let party = |protocol, cost: fusor_dcrm::PartyCost| Line {
        protocol,
        cpu: Duration::from_nanos(cost.time),
        bytes: cost.bytes as u64,
        rounds: cost.rounds,
    };
    let signer = |protocol, cost: fusor_custody::measure::Cost| Line {
        protocol,
        cpu: cost.cpu,
        bytes: cost.bytes,
        rounds: cost.rounds.into(),
    };
    Ok(vec![
        party("key generation (GJKR)", shared.generation),
        party("re-sharing", shared.resharing),
        signer("setup (DKLs23, once)", signed.setup),
        signer("signature (DKLs23)", signed.ecdsa),
        signer("signature (FROST)", signed.schnorr),
    ])
}
