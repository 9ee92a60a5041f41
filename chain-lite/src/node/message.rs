//! Is what nodes gossip.
//!
//! ```text
//! 0x01 transactions  rlp [transaction in EIP-2718's form, ...]
//! 0x02 package       a package
//! 0x03 offer         an offer
//! 0x04 deal          rlp [epoch, bytes]: what a dealer sends one member
//! 0x05 ack           rlp [epoch, signature]: what the member answers
//! 0x06 dealing       rlp [epoch, bytes]: what a dealer wants on the chain
//! 0x07 part          rlp [height, parent, signature]: a member's part of the committee's signature over a seed
//! 0x08 ask           rlp [epoch]: a member lost what dealers sent it
//! ```

use crate::{
    hhcm::{DEALINGS_LEN_MAX, Known, Offer, PART_LEN, Package, PackageError},
    tx::Transaction,
};
use alloy_eips::Encodable2718;
use alloy_primitives::{B256, Bytes, FixedBytes, keccak256};
use alloy_rlp::{Decodable, Encodable, Error as RlpError, Header};
use std::sync::Arc;
use thiserror::Error;

/// Most transactions of one message.
const TRANSACTIONS_MAX: usize = 256;
/// Bytes of transactions from which the next ones go into another message.
const TRANSACTIONS_LEN: usize = 1 << 20;

/// Is what nodes gossip.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "messages are few and do not stay")]
pub enum Message {
    /// Users' transactions for the pools.
    Transactions(Vec<Transaction>),
    /// A group's package.
    Package(Arc<Package>),
    /// A representative's block.
    Offer(Offer),
    /// What a dealer sends one member for the committee's key.
    Deal {
        /// The epoch.
        epoch: u64,
        /// See [`crate::hhcm::Received`].
        bytes: Bytes,
    },
    /// What a member answers to a deal.
    Ack {
        /// The epoch.
        epoch: u64,
        /// See [`crate::hhcm::Deal::acknowledged`].
        signature: [u8; 64],
    },
    /// What a dealer wants on the chain.
    Dealing {
        /// The epoch.
        epoch: u64,
        /// See [`crate::hhcm::Ceremony::check`].
        bytes: Bytes,
    },
    /// A member's part of the committee's signature over a height's seed.
    Part {
        /// The height.
        height: u64,
        /// The block before it.
        parent: B256,
        /// See [`crate::hhcm::CommitteeKey::part`].
        signature: [u8; PART_LEN],
    },
    /// A member lost what dealers sent it, and asks for it again.
    Ask {
        /// The epoch.
        epoch: u64,
    },
}

/// Says why a message is refused; who sent it is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MessageError {
    /// No message starts like this.
    #[error("unknown kind of message")]
    Kind,
    /// The bytes do not decode.
    #[error("message does not decode: {0}")]
    Encoding(#[from] RlpError),
    /// A transaction is bad.
    #[error("gossiped transaction: {0}")]
    Transaction(#[from] crate::error::InvalidTx),
    /// A deal or a dealing is longer than any.
    #[error("dealing is too long")]
    Dealing,
    /// A package is bad.
    #[error(transparent)]
    Package(#[from] PackageError),
}

impl Message {
    /// Encodes the message.
    pub fn encoded(&self) -> Vec<u8> {
        match self {
            Self::Transactions(transactions) => {
                let raw: Vec<Bytes> = transactions.iter().map(|tx| tx.encoded_2718().into()).collect();
                let mut out = vec![1];
                raw.encode(&mut out);
                out
            }
            Self::Package(package) => tagged(2, package.encoded()),
            Self::Offer(offer) => tagged(3, offer.encoded()),
            Self::Deal { epoch, bytes } => listed(4, &[epoch, bytes]),
            Self::Ack { epoch, signature } => listed(5, &[epoch, &signature.as_slice()]),
            Self::Dealing { epoch, bytes } => listed(6, &[epoch, bytes]),
            Self::Part { height, parent, signature } => listed(7, &[height, parent, &signature.as_slice()]),
            Self::Ask { epoch } => listed(8, &[epoch]),
        }
    }

    /// Puts transactions into as few messages as may hold them.
    pub(super) fn transactions<'a>(waiting: impl IntoIterator<Item = &'a Transaction>) -> Vec<Self> {
        let (mut messages, mut next, mut len) = (Vec::new(), Vec::new(), 0);
        for tx in waiting {
            let tx_len = tx.encode_2718_len();
            if next.len() == TRANSACTIONS_MAX || (len > 0 && len + tx_len > TRANSACTIONS_LEN) {
                messages.push(Self::Transactions(std::mem::take(&mut next)));
                len = 0;
            }
            len += tx_len;
            next.push(tx.clone());
        }
        if !next.is_empty() {
            messages.push(Self::Transactions(next));
        }
        messages
    }

    /// Reads a message and checks all of it that needs no state. `known` returns transactions that are at hand.
    pub fn decoded(chain_id: u64, bytes: &[u8], known: &Known<'_>) -> Result<Self, MessageError> {
        let Some((kind, mut body)) = bytes.split_first() else { return Err(MessageError::Kind) };
        match kind {
            1 => transactions(&mut body, known).map(Self::Transactions),
            2 => Ok(Self::Package(Package::decoded(chain_id, body, known)?.into())),
            3 => Ok(Self::Offer(Offer::decoded(body)?)),
            4 => dealt(body).map(|(epoch, bytes)| Self::Deal { epoch, bytes }),
            5 => ack(body),
            6 => dealt(body).map(|(epoch, bytes)| Self::Dealing { epoch, bytes }),
            7 => part(body),
            8 => ask(body),
            _ => Err(MessageError::Kind),
        }
    }
}

fn tagged(kind: u8, body: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 1);
    out.push(kind);
    out.extend(body);
    out
}

/// Encodes fields as a list behind the kind.
fn listed(kind: u8, fields: &[&dyn Encodable]) -> Vec<u8> {
    let mut payload = Vec::new();
    fields.iter().for_each(|field| field.encode(&mut payload));
    let mut out = vec![kind];
    Header { list: true, payload_length: payload.len() }.encode(&mut out);
    out.extend(payload);
    out
}

/// Opens the list that is all of a message.
fn fields(mut body: &[u8]) -> Result<&[u8], MessageError> {
    let payload = Header::decode_bytes(&mut body, true)?;
    nothing_behind(body)?;
    Ok(payload)
}

fn nothing_behind(rest: &[u8]) -> Result<(), MessageError> {
    match rest.is_empty() {
        true => Ok(()),
        false => Err(RlpError::Custom("bytes behind the end").into()),
    }
}

fn dealt(body: &[u8]) -> Result<(u64, Bytes), MessageError> {
    if body.len() > DEALINGS_LEN_MAX {
        return Err(MessageError::Dealing);
    }
    let mut fields = fields(body)?;
    let dealt = (u64::decode(&mut fields)?, Bytes::decode(&mut fields)?);
    nothing_behind(fields)?;
    Ok(dealt)
}

fn ack(body: &[u8]) -> Result<Message, MessageError> {
    let mut fields = fields(body)?;
    let epoch = u64::decode(&mut fields)?;
    let signature = FixedBytes::<64>::decode(&mut fields)?.0;
    nothing_behind(fields)?;
    Ok(Message::Ack { epoch, signature })
}

fn ask(body: &[u8]) -> Result<Message, MessageError> {
    let mut fields = fields(body)?;
    let epoch = u64::decode(&mut fields)?;
    nothing_behind(fields)?;
    Ok(Message::Ask { epoch })
}

fn part(body: &[u8]) -> Result<Message, MessageError> {
    let mut fields = fields(body)?;
    let (height, parent) = (u64::decode(&mut fields)?, B256::decode(&mut fields)?);
    let signature = FixedBytes::<PART_LEN>::decode(&mut fields)?.0;
    nothing_behind(fields)?;
    Ok(Message::Part { height, parent, signature })
}

fn transactions(buf: &mut &[u8], known: &Known<'_>) -> Result<Vec<Transaction>, MessageError> {
    let mut payload = Header::decode_bytes(buf, true)?;
    if !buf.is_empty() {
        return Err(RlpError::Custom("bytes behind the end").into());
    }
    let mut read = Vec::new();
    while !payload.is_empty() {
        if read.len() == TRANSACTIONS_MAX {
            return Err(RlpError::Custom("too many transactions").into());
        }
        let raw = Bytes::decode(&mut payload)?;
        read.push(match known(keccak256(&raw)) {
            Some(tx) => tx,
            None => Transaction::decode_signed(&raw)?,
        });
    }
    Ok(read)
}
