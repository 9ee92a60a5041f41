//! Is what nodes gossip.
//!
//! ```text
//! 0x01 transactions  rlp [transaction in EIP-2718's form, ...]
//! 0x02 package       a package
//! 0x03 offer         an offer
//! ```

use crate::{
    hhcm::{Known, Offer, Package, PackageError},
    tx::Transaction,
};
use alloy_eips::Encodable2718;
use alloy_primitives::{Bytes, keccak256};
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
