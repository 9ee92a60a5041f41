//! Is a proof that a node cheated: two messages, signed by it, that no honest node signs both. A block's author puts
//! proofs into its seal and is paid as their reporter; every node verifies them when the block closes.
//!
//! ```text
//! votes     rlp [0, key, message, signature, message, signature]
//! packages  rlp [1, header, signature, header, signature]
//! ```

use super::codec::{end, fixed, list};
use alloy_primitives::{Address, B256, Bytes};
use alloy_rlp::{Decodable, Encodable, Error as RlpError, Header};
use fusor_vm::{
    fault::Fault,
    hhcm::{self, PackageHeader, Penalty, Signed},
    store::Store,
};

/// Most bytes of a proof.
pub const EVIDENCE_LEN_MAX: usize = 1_024;
/// Most proofs of a block.
pub const EVIDENCE_MAX: usize = 4;

/// Is a proof that a node cheated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "proofs are few")]
pub enum Evidence {
    /// Two conflicting votes of consensus, as they were signed.
    Votes {
        /// Who signed both.
        key: B256,
        /// Signed bytes and signatures.
        votes: [(Bytes, [u8; 64]); 2],
    },
    /// Two packages for one place.
    Packages(Box<[(PackageHeader, [u8; 64]); 2]>),
}

impl Evidence {
    /// Returns the node that cheated.
    pub fn author(&self) -> B256 {
        match self {
            Self::Votes { key, .. } => *key,
            Self::Packages(packages) => {
                let [(first, _), _] = packages.as_ref();
                first.author
            }
        }
    }

    /// Encodes the proof.
    pub fn encode(&self) -> Bytes {
        let mut fields = Vec::new();
        match self {
            Self::Votes { key, votes } => {
                0u8.encode(&mut fields);
                key.encode(&mut fields);
                for (message, signature) in votes {
                    message.encode(&mut fields);
                    signature.as_slice().encode(&mut fields);
                }
            }
            Self::Packages(packages) => {
                1u8.encode(&mut fields);
                for (header, signature) in packages.iter() {
                    Encodable::encode(header, &mut fields);
                    signature.as_slice().encode(&mut fields);
                }
            }
        }
        let mut out = Vec::new();
        Header { list: true, payload_length: fields.len() }.encode(&mut out);
        out.extend(fields);
        out.into()
    }

    /// Reads a proof; whether it proves anything is decided by [`Self::punish`].
    pub fn decode(mut buf: &[u8]) -> Result<Self, RlpError> {
        if buf.len() > EVIDENCE_LEN_MAX {
            return Err(RlpError::Custom("proof is too long"));
        }
        let mut fields = list(&mut buf)?;
        end(buf)?;
        let buf = &mut fields;
        let proof = match u8::decode(buf)? {
            0 => Self::Votes { key: B256::decode(buf)?, votes: [vote(buf)?, vote(buf)?] },
            1 => Self::Packages(Box::new([package(buf)?, package(buf)?])),
            _ => return Err(RlpError::Custom("unknown kind of proof")),
        };
        end(buf)?;
        Ok(proof)
    }

    /// Takes the cheat's stake and pays the reporter. Misuse, with nothing changed, if nothing is proved that was
    /// not punished before.
    pub fn punish(&self, store: &mut dyn Store, reporter: Address) -> Result<Penalty, Fault> {
        match self {
            Self::Votes { key, votes: [a, b] } => {
                let signed = |(message, signature): &(Bytes, [u8; 64])| (message.clone(), *signature);
                let ((first, one), (second, two)) = (signed(a), signed(b));
                let votes =
                    [Signed { message: &first, signature: one }, Signed { message: &second, signature: two }];
                hhcm::report_votes(store, reporter, *key, votes)
            }
            Self::Packages(packages) => {
                let [(a, one), (b, two)] = packages.as_ref();
                hhcm::report_packages(store, reporter, [(a, *one), (b, *two)])
            }
        }
    }
}

fn vote(buf: &mut &[u8]) -> Result<(Bytes, [u8; 64]), RlpError> {
    Ok((Bytes::decode(buf)?, fixed(buf)?))
}

fn package(buf: &mut &[u8]) -> Result<(PackageHeader, [u8; 64]), RlpError> {
    Ok((<PackageHeader as Decodable>::decode(buf)?, fixed(buf)?))
}
