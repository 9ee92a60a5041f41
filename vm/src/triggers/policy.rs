//! Reads the policy word of a trigger.

use crate::fault::Fault;
use alloy_primitives::U256;

/// Says what happens to ticks of a periodic trigger that passed before they could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// They are skipped.
    Skip,
    /// One run stands for all of them.
    Once,
    /// The latest n run one by one, older ones are skipped.
    All(u8),
}

/// Says what happens when a handler fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The occurrence is lost; the trigger goes on.
    Drop,
    /// The occurrence is tried again up to `times` times, `backoff` seconds after each failure.
    Retry {
        /// How many further attempts.
        times: u8,
        /// Seconds to wait before the next attempt.
        backoff: u32,
    },
    /// The trigger stops until its contract resumes it.
    Pause,
}

/// Holds the fields of a policy word.
///
/// ```text
/// bits 0..8 missed (0 skip, 1 once, 2 all) | 8..16 missed max | 16..24 failure (0 drop, 1 retry, 2 pause)
/// 24..32 retries | 32..64 backoff s | 64..96 late bound s | 96..128 poll interval s | 128..160 late selector
/// 160..224 cap in wei per gas | 224..256 zero
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What happens to missed ticks.
    pub missed: Missed,
    /// What happens when the handler fails.
    pub failure: Failure,
    /// Seconds after the due time past which the occurrence expires; 0 for none.
    pub late: u32,
    /// Seconds between polls.
    pub poll: u32,
    /// Selector called instead when the occurrence has expired; zero for none.
    pub late_selector: [u8; 4],
    /// Most wei per gas that the contract pays; 0 accepts what is quoted at booking.
    pub cap: u64,
}

fn field(word: U256, from: usize, bits: usize) -> u64 {
    let mask = if bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
    (word >> from).as_limbs().first().copied().unwrap_or_default() & mask
}

impl Policy {
    /// Reads a policy word. Errors: misuse for an unknown code or reserved bits that are set.
    pub fn decode(word: U256) -> Result<Self, Fault> {
        let missed = match field(word, 0, 8) {
            0 => Missed::Skip,
            1 => Missed::Once,
            2 => Missed::All(field(word, 8, 8) as u8),
            _ => return Err(Fault::Misuse("unknown policy for missed ticks")),
        };
        let failure = match field(word, 16, 8) {
            0 => Failure::Drop,
            1 => Failure::Retry { times: field(word, 24, 8) as u8, backoff: field(word, 32, 32) as u32 },
            2 => Failure::Pause,
            _ => return Err(Fault::Misuse("unknown policy for failures")),
        };
        if field(word, 224, 32) != 0 {
            return Err(Fault::Misuse("reserved bits of the policy are set"));
        }
        Ok(Self {
            missed,
            failure,
            late: field(word, 64, 32) as u32,
            poll: field(word, 96, 32) as u32,
            late_selector: (field(word, 128, 32) as u32).to_be_bytes(),
            cap: field(word, 160, 64),
        })
    }

    /// Says whether an occurrence due at `due` has expired by `now`.
    pub fn expired(&self, due: u64, now: u64) -> bool {
        self.late != 0 && now.saturating_sub(due) > self.late.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_sit_where_the_table_says() {
        let word = U256::from(2)
            | U256::from(7) << 8
            | U256::from(1) << 16
            | U256::from(3) << 24
            | U256::from(3_600) << 32
            | U256::from(600) << 64
            | U256::from(60) << 96
            | U256::from(0xaabbccddu32) << 128
            | U256::from(5) << 160;
        let policy = Policy::decode(word).unwrap();
        assert_eq!(policy.missed, Missed::All(7));
        assert_eq!(policy.failure, Failure::Retry { times: 3, backoff: 3_600 });
        assert_eq!((policy.late, policy.poll, policy.cap), (600, 60, 5));
        assert_eq!(policy.late_selector, [0xaa, 0xbb, 0xcc, 0xdd]);
        assert!(Policy::decode(U256::from(3)).is_err());
        assert!(Policy::decode(U256::from(3) << 16).is_err());
        assert!(Policy::decode(U256::from(1) << 224).is_err());
    }
}
