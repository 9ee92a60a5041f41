//! Bounds what one peer may send on each channel of a node, over sockets as in simulation.

use commonware_runtime::Quota;
use commonware_utils::NZU32;
use std::num::NonZeroU32;

/// The channel of gossip; each transaction that a user submits is a message on it.
pub(crate) const GOSSIP: u64 = 5;

/// Messages a second on a channel of consensus.
const RATE: NonZeroU32 = NZU32!(512);
/// Messages a second of gossip.
const GOSSIP_RATE: NonZeroU32 = NZU32!(2_048);
/// Messages at once on a channel of consensus. Engines hold room for as many of each peer that there may ever be.
const BURST: NonZeroU32 = NZU32!(64);
/// Messages at once of gossip, or of custodians.
const GOSSIP_BURST: NonZeroU32 = NZU32!(256);

/// Returns what one peer may send on a channel.
pub(crate) fn quota(channel: u64) -> Quota {
    match channel {
        GOSSIP => Quota::per_second(GOSSIP_RATE).allow_burst(GOSSIP_BURST),
        _ => Quota::per_second(RATE).allow_burst(BURST),
    }
}

/// Returns what one peer may send on the channel of custodians.
pub(crate) fn letters_quota() -> Quota {
    Quota::per_second(RATE).allow_burst(GOSSIP_BURST)
}
