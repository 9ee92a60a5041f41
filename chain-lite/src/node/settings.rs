//! Names deadlines and sizes of a node.

use std::time::Duration;

/// Is how a node times and bounds its work. Deadlines count from the later of two moments: when the parent was
/// certified, and the block's own time.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// When a representative stops to wait for packages.
    pub packages_by: Duration,
    /// When offers are due.
    pub offers_by: Duration,
    /// What a leader waits beyond that; more than the network's delay.
    pub margin: Duration,
    /// How far a block's time may be ahead of the node's clock.
    pub drift: Duration,
    /// Views of a height in which a validator leaves a worse offer unanswered.
    pub patient_views: u64,
    /// How long consensus waits for a leader, beyond the deadlines above.
    pub leader_slack: Duration,
    /// How long consensus waits for a view to end, beyond the leader's time.
    pub view_slack: Duration,
    /// Most packages and offers kept for one height and author.
    pub heard_max: usize,
    /// Bytes of the largest message.
    pub message_len_max: u32,
    /// Whether the chain's time is simulated: it leaps to the next due trigger when nothing else waits, and no node
    /// holds it against its clock; heights follow each other at the chain's rate. All nodes of a network agree on it;
    /// for development.
    pub warp: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            packages_by: Duration::from_millis(300),
            offers_by: Duration::from_millis(700),
            margin: Duration::from_millis(300),
            drift: Duration::from_secs(15),
            patient_views: 2,
            leader_slack: Duration::from_millis(1_500),
            view_slack: Duration::from_millis(1_500),
            heard_max: 2,
            message_len_max: 6 * 1024 * 1024,
            warp: false,
        }
    }
}

impl Settings {
    /// Returns how long consensus waits for a leader after a view began. `ahead` is how far a block's time may lie
    /// behind its parent's certification.
    pub fn leader_timeout(&self, ahead: Duration) -> Duration {
        ahead + self.offers_by + self.margin + self.leader_slack
    }

    /// Returns how long consensus waits for a view to end.
    pub fn view_timeout(&self, ahead: Duration) -> Duration {
        self.leader_timeout(ahead) + self.view_slack
    }
}
