//! Decodes transactions of every type; what is accepted encodes to the same bytes again.

use super::{DEV_TYPE, DevTx, SYSTEM_TYPE, SystemTx, Transaction};
use crate::error::InvalidTx;
use alloy_consensus::TxEnvelope;
use alloy_eips::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, TxKind};
use alloy_rlp::{Decodable, Error, Header};
use fusor_vm::triggers::Cause;

impl Transaction {
    /// Decodes a transaction of any type of a block and recovers its sender. Errors: bytes that are no
    /// transaction, bytes left over, a bad signature, or a type that is not supported (blobs).
    pub fn decode(raw: &[u8]) -> Result<Self, InvalidTx> {
        match Self::decode_unsigned(raw)? {
            Some(tx) => Ok(tx),
            None => Self::decode_signed(raw),
        }
    }

    /// Decodes a transaction whose sender is known, which spares the recovery of the signer. Errors: as
    /// [`Self::decode`], and an unsigned transaction that names another sender.
    pub(crate) fn decode_of(sender: Address, raw: &[u8]) -> Result<Self, InvalidTx> {
        let tx = match Self::decode_unsigned(raw)? {
            Some(tx) => tx,
            None => Self::Signed { envelope: Box::new(envelope(raw)?), sender },
        };
        match tx.sender() == sender {
            true => Ok(tx),
            false => Err(InvalidTx::Encoding("sender differs".into())),
        }
    }

    fn decode_unsigned(raw: &[u8]) -> Result<Option<Self>, InvalidTx> {
        let decoded = match raw.split_first() {
            Some((&SYSTEM_TYPE, fields)) => SystemTx::decode_fields(fields).map(Self::System),
            Some((&DEV_TYPE, fields)) => DevTx::decode_fields(fields).map(Self::Dev),
            _ => return Ok(None),
        };
        decoded.map(Some).map_err(|error| InvalidTx::Encoding(error.to_string()))
    }
}

/// Decodes an Ethereum transaction that encodes to the same bytes again.
fn envelope(raw: &[u8]) -> Result<TxEnvelope, InvalidTx> {
    let refuse = |reason: String| Err(InvalidTx::Encoding(reason));
    match TxEnvelope::decode_2718(&mut &*raw) {
        Ok(envelope) if envelope.is_eip4844() => Err(InvalidTx::Unsupported("blob transactions (EIP-4844)")),
        Ok(envelope) if envelope.encoded_2718() == raw => Ok(envelope),
        Ok(_) => refuse("bytes left over".into()),
        Err(error) => refuse(error.to_string()),
    }
}

/// Returns the content of a list that takes all of `raw`.
fn whole_list(mut raw: &[u8]) -> Result<&[u8], Error> {
    let fields = Header::decode_bytes(&mut raw, true)?;
    finish(raw).map(|()| fields)
}

fn finish(rest: &[u8]) -> Result<(), Error> {
    if rest.is_empty() { Ok(()) } else { Err(Error::UnexpectedLength) }
}

impl SystemTx {
    fn decode_fields(raw: &[u8]) -> Result<Self, Error> {
        let mut fields = whole_list(raw)?;
        let buf = &mut fields;
        let tx = Self {
            tid: Decodable::decode(buf)?,
            due: Decodable::decode(buf)?,
            attempt: Decodable::decode(buf)?,
            cause: decode_cause(buf)?,
            from: Decodable::decode(buf)?,
            to: Decodable::decode(buf)?,
            gas: Decodable::decode(buf)?,
            input: Decodable::decode(buf)?,
        };
        finish(fields).map(|()| tx)
    }
}

impl DevTx {
    fn decode_fields(raw: &[u8]) -> Result<Self, Error> {
        let mut fields = whole_list(raw)?;
        let buf = &mut fields;
        let chain_id = Decodable::decode(buf)?;
        let from = Decodable::decode(buf)?;
        let nonce = Decodable::decode(buf)?;
        let to = match TxKind::decode(buf)? {
            TxKind::Create => None,
            TxKind::Call(to) => Some(to),
        };
        let value = Decodable::decode(buf)?;
        let gas = Decodable::decode(buf)?;
        let input = Decodable::decode(buf)?;
        finish(fields).map(|()| Self { from, to, value, gas, input, nonce, chain_id })
    }
}

/// Decodes why a trigger fired.
pub(crate) fn decode_cause(buf: &mut &[u8]) -> Result<Cause, Error> {
    let mut fields = Header::decode_bytes(buf, true)?;
    let cause = match u8::decode(&mut fields)? {
        0 => Cause::Time,
        1 => Cause::Retry,
        2 => Cause::Event { block: Decodable::decode(&mut fields)?, log: Decodable::decode(&mut fields)? },
        3 => Cause::Poll,
        4 => Cause::Deadline,
        5 => Cause::Report,
        _ => return Err(Error::Custom("unknown cause")),
    };
    finish(fields).map(|()| cause)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use alloy_consensus::{Signed, TxEip1559, TxLegacy};
    use alloy_primitives::{Bytes, Signature, U256};
    use proptest::prelude::*;

    pub(crate) fn address() -> impl Strategy<Value = Address> {
        any::<[u8; 20]>().prop_map(Address::from)
    }

    pub(crate) fn word() -> impl Strategy<Value = U256> {
        prop_oneof![any::<u64>().prop_map(U256::from), any::<[u8; 32]>().prop_map(U256::from_be_bytes)]
    }

    pub(crate) fn bytes(max: usize) -> impl Strategy<Value = Bytes> {
        prop::collection::vec(any::<u8>(), 0..max).prop_map(Bytes::from)
    }

    pub(crate) fn cause() -> impl Strategy<Value = Cause> {
        let event = (any::<u64>(), any::<u32>()).prop_map(|(block, log)| Cause::Event { block, log });
        let plain = [Cause::Time, Cause::Retry, Cause::Poll, Cause::Deadline, Cause::Report];
        prop_oneof![event, prop::sample::select(plain.to_vec())]
    }

    fn system() -> impl Strategy<Value = Transaction> {
        let call = (address(), address(), any::<u64>(), bytes(80));
        (word(), any::<u64>(), any::<u8>(), cause(), call).prop_map(|(tid, due, attempt, cause, call)| {
            let (from, to, gas, input) = call;
            Transaction::System(SystemTx { tid, due, attempt, cause, from, to, gas, input })
        })
    }

    fn dev() -> impl Strategy<Value = Transaction> {
        let call = (address(), prop::option::of(address()), word(), bytes(80));
        (call, any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(call, gas, nonce, chain_id)| {
            let (from, to, value, input) = call;
            Transaction::Dev(DevTx { from, to, value, gas, input, nonce, chain_id })
        })
    }

    /// Signatures here recover to some address or to none; stored transactions carry their sender.
    fn signed() -> impl Strategy<Value = Transaction> {
        (address(), any::<bool>(), any::<u64>(), word(), bytes(80)).prop_map(
            |(sender, legacy, nonce, value, input)| {
                let signature = Signature::new(U256::from(nonce | 1), U256::from(7), nonce % 2 == 0);
                let to = TxKind::Call(sender);
                let envelope = match legacy {
                    true => {
                        let tx =
                            TxLegacy { chain_id: Some(7), nonce, to, value, input, ..TxLegacy::default() };
                        TxEnvelope::from(Signed::new_unhashed(tx, signature))
                    }
                    false => {
                        let tx = TxEip1559 { chain_id: 7, nonce, to, value, input, ..TxEip1559::default() };
                        TxEnvelope::from(Signed::new_unhashed(tx, signature))
                    }
                };
                Transaction::Signed { envelope: Box::new(envelope), sender }
            },
        )
    }

    /// Makes transactions of every type.
    pub(crate) fn transaction() -> impl Strategy<Value = Transaction> {
        prop_oneof![system(), dev(), signed()]
    }

    proptest! {
        #[test]
        fn every_type_comes_back(tx in transaction()) {
            let raw = tx.encoded_2718();
            prop_assert_eq!(&Transaction::decode_of(tx.sender(), &raw).unwrap(), &tx);
            if !matches!(tx, Transaction::Signed { .. }) {
                prop_assert_eq!(&Transaction::decode(&raw).unwrap(), &tx);
                prop_assert!(Transaction::decode_of(tx.sender().create(0), &raw).is_err());
            }
            let longer = [raw.as_slice(), &[0]].concat();
            prop_assert!(Transaction::decode_of(tx.sender(), &longer).is_err());
            let shorter = &raw[..raw.len() - 1];
            prop_assert!(Transaction::decode_of(tx.sender(), shorter).is_err());
        }

        #[test]
        fn any_bytes_are_refused_or_canonical(mut raw in prop::collection::vec(any::<u8>(), 0..120), kind in 0u8..4) {
            if let Some(first) = raw.first_mut() {
                *first = [SYSTEM_TYPE, DEV_TYPE, 2, *first][usize::from(kind)];
            }
            if let Ok(tx) = Transaction::decode(&raw) {
                prop_assert_eq!(tx.encoded_2718(), raw);
            }
        }

        /// One changed byte of a good encoding gives an error or another canonical encoding.
        #[test]
        fn changed_bytes_are_refused_or_canonical(tx in transaction(), at in any::<usize>(), with in 1u8..) {
            let mut raw = tx.encoded_2718();
            let at = at % raw.len();
            raw[at] ^= with;
            if let Ok(tx) = Transaction::decode(&raw) {
                prop_assert_eq!(tx.encoded_2718(), raw);
            }
        }
    }
}
