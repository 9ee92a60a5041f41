//! Is what custodians of one group tell each other beside the chain.
//!
//! ```text
//! 0x01 hello   count 2 | count * (group 8 | members this one is paired with, as bits 8)
//! 0x02 setup   group 8 | boot 8 | round 1 | bytes
//! 0x03 invite  plan 32 | attempt 4 | members of the set, as bits 8
//! 0x04 sign    plan 32 | attempt 4 | input 2 | round 1 | bytes
//! 0x05 report  plan 32 | attempt 4 | members of the set, as bits 8 | kind 1 | members it names, as bits 8
//! 0x06 signed  plan 32 | signatures 64 each
//! 0x07 want    plan 32
//! ```

use alloy_primitives::B256;
use thiserror::Error;

/// Bytes of the longest message.
pub const WIRE_MAX: usize = 1 << 20;
/// Groups in one greeting.
const GROUPS_MAX: usize = 256;
/// Signatures of one transaction.
const SIGNATURES_MAX: usize = 512;

/// Is a message from one custodian to another; the network proves who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// Says that the sender is there, and with whom it can sign.
    Hello {
        /// Members that it is paired with, as bits, by group.
        paired: Vec<(u64, u64)>,
    },
    /// Is a step of the setup of a pair.
    Setup {
        /// The group.
        group: u64,
        /// The sender's start.
        boot: u64,
        /// The round.
        round: u8,
        /// The content.
        bytes: Vec<u8>,
    },
    /// Calls a set of members to sign.
    Invite {
        /// The plan's hash.
        plan: B256,
        /// The attempt.
        attempt: u32,
        /// The members, as bits.
        set: u64,
    },
    /// Is a step of a signature.
    Sign {
        /// The plan's hash.
        plan: B256,
        /// The attempt.
        attempt: u32,
        /// Which of the plan's hashes.
        input: u16,
        /// The round.
        round: u8,
        /// The content.
        bytes: Vec<u8>,
    },
    /// Tells why an attempt gave the sender no signature.
    Report {
        /// The plan's hash.
        plan: B256,
        /// The attempt.
        attempt: u32,
        /// The members that were to sign, as bits.
        set: u64,
        /// 1 names cheats, 2 nobody, 3 those that were silent.
        kind: u8,
        /// The members it names, as bits.
        named: u64,
    },
    /// Hands over finished signatures, one for each of the plan's hashes.
    Signed {
        /// The plan's hash.
        plan: B256,
        /// The signatures.
        signatures: Vec<[u8; 64]>,
    },
    /// Asks for finished signatures.
    Want {
        /// The plan's hash.
        plan: B256,
    },
}

/// Says that bytes are no message of a custodian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a message of a custodian")]
pub struct WireError;

impl Wire {
    /// Returns the plan that the message helps to sign, if it does.
    pub(super) fn signs(&self) -> Option<B256> {
        match self {
            Self::Invite { plan, .. } | Self::Sign { plan, .. } => Some(*plan),
            _ => None,
        }
    }

    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello { paired } => {
                let mut out = [&[1][..], &(paired.len() as u16).to_be_bytes()].concat();
                for (group, with) in paired {
                    out.extend([group.to_be_bytes(), with.to_be_bytes()].concat());
                }
                out
            }
            Self::Setup { group, boot, round, bytes } => {
                [&[2][..], &group.to_be_bytes(), &boot.to_be_bytes(), &[*round], bytes].concat()
            }
            Self::Invite { plan, attempt, set } => {
                [&[3][..], plan.as_slice(), &attempt.to_be_bytes(), &set.to_be_bytes()].concat()
            }
            Self::Sign { plan, attempt, input, round, bytes } => {
                let head = [&attempt.to_be_bytes()[..], &input.to_be_bytes(), &[*round]].concat();
                [&[4][..], plan.as_slice(), &head, bytes].concat()
            }
            Self::Report { plan, attempt, set, kind, named } => {
                let head = [&attempt.to_be_bytes()[..], &set.to_be_bytes(), &[*kind]].concat();
                [&[5][..], plan.as_slice(), &head, &named.to_be_bytes()].concat()
            }
            Self::Signed { plan, signatures } => {
                [&[6][..], plan.as_slice(), signatures.as_flattened()].concat()
            }
            Self::Want { plan } => [&[7][..], plan.as_slice()].concat(),
        }
    }

    /// Reads a message.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > WIRE_MAX {
            return Err(WireError);
        }
        let mut from = Reader(bytes);
        let [kind] = from.take()?;
        let message = match kind {
            1 => hello(&mut from)?,
            2 => {
                let (group, boot, [round]) = (from.u64()?, from.u64()?, from.take()?);
                Self::Setup { group, boot, round, bytes: from.rest() }
            }
            3 => Self::Invite { plan: from.hash()?, attempt: from.u32()?, set: from.u64()? },
            4 => {
                let (plan, attempt, input, [round]) = (from.hash()?, from.u32()?, from.u16()?, from.take()?);
                Self::Sign { plan, attempt, input, round, bytes: from.rest() }
            }
            5 => {
                let (plan, attempt, set, [kind]) = (from.hash()?, from.u32()?, from.u64()?, from.take()?);
                if !(1..=3).contains(&kind) {
                    return Err(WireError);
                }
                Self::Report { plan, attempt, set, kind, named: from.u64()? }
            }
            6 => signed(&mut from)?,
            7 => Self::Want { plan: from.hash()? },
            _ => return Err(WireError),
        };
        if from.0.is_empty() { Ok(message) } else { Err(WireError) }
    }
}

fn hello(from: &mut Reader<'_>) -> Result<Wire, WireError> {
    let count = usize::from(from.u16()?);
    if count > GROUPS_MAX {
        return Err(WireError);
    }
    let paired = (0..count).map(|_| Ok((from.u64()?, from.u64()?))).collect::<Result<_, WireError>>()?;
    Ok(Wire::Hello { paired })
}

fn signed(from: &mut Reader<'_>) -> Result<Wire, WireError> {
    let plan = from.hash()?;
    let rest = from.rest();
    let (signatures, left) = rest.as_chunks::<64>();
    match left.is_empty() && !signatures.is_empty() && signatures.len() <= SIGNATURES_MAX {
        true => Ok(Wire::Signed { plan, signatures: signatures.to_vec() }),
        false => Err(WireError),
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (found, rest) = self.0.split_first_chunk::<N>().ok_or(WireError)?;
        self.0 = rest;
        Ok(*found)
    }

    fn u16(&mut self) -> Result<u16, WireError> {
        self.take().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, WireError> {
        self.take().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, WireError> {
        self.take().map(u64::from_be_bytes)
    }

    fn hash(&mut self) -> Result<B256, WireError> {
        self.take().map(B256::from)
    }

    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn messages() -> Vec<Wire> {
        let plan = B256::repeat_byte(7);
        vec![
            Wire::Hello { paired: vec![(1, 6), (2, u64::MAX)] },
            Wire::Setup { group: 3, boot: 5, round: 2, bytes: vec![1, 2, 3] },
            Wire::Invite { plan, attempt: 4, set: 0b111 },
            Wire::Sign { plan, attempt: 4, input: 1, round: 3, bytes: vec![9; 70] },
            Wire::Report { plan, attempt: 4, set: 7, kind: 3, named: 2 },
            Wire::Signed { plan, signatures: vec![[3; 64], [4; 64]] },
            Wire::Want { plan },
        ]
    }

    #[test]
    fn messages_read_as_they_were_written() {
        for message in messages() {
            assert_eq!(Wire::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn cut_and_lengthened_messages_are_refused_or_read_as_others() {
        for message in messages() {
            let bytes = message.encode();
            for cut in 0..bytes.len() {
                assert_ne!(Wire::decode(&bytes[..cut]), Ok(message.clone()));
            }
        }
        assert_eq!(Wire::decode(&[]), Err(WireError));
        assert_eq!(Wire::decode(&vec![2; WIRE_MAX + 1]), Err(WireError));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(message) = Wire::decode(&bytes) {
                prop_assert_eq!(message.encode(), bytes);
            }
        }
    }
}
