//! Encodes a receipt with everything that it tells, for the store; the network's form leaves most of it out.
//!
//! ```text
//! receipt   rlp [transaction hash, type, block, index, from, to or empty, success, gas used, cumulative gas,
//!                logs, created or empty, output, halt, firing]
//! halt      [] or [reason]
//! firing    [] or the fields of the network's form, then flags: 1 success, 2 has skipped occurrences
//! ```

use super::{FiringReceipt, Receipt, outcome_code};
use crate::tx::decode_cause;
use alloy_primitives::{Address, Bytes, TxKind};
use alloy_rlp::{BufMut, Decodable, Encodable, Error, Header};
use fusor_vm::triggers::{Outcome, Skipped, State};

const SUCCESS: u8 = 1;
const SKIPPED: u8 = 2;

impl Receipt {
    /// Encodes everything for the store.
    pub(crate) fn encode_stored(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        let out = &mut fields;
        self.tx_hash.encode(out);
        self.tx_type.encode(out);
        self.block.encode(out);
        self.index.encode(out);
        self.from.encode(out);
        kind(self.to).encode(out);
        self.success.encode(out);
        self.gas_used.encode(out);
        self.cumulative_gas_used.encode(out);
        self.logs.encode(out);
        kind(self.created).encode(out);
        self.output.encode(out);
        self.halt.iter().cloned().collect::<Vec<String>>().encode(out);
        list(&self.firing.as_deref().map(FiringReceipt::stored_fields).unwrap_or_default(), out);
        let mut out = Vec::new();
        list(&fields, &mut out);
        out
    }

    /// Decodes what [`Self::encode_stored`] made. Errors: anything else.
    pub(crate) fn decode_stored(mut raw: &[u8]) -> Result<Self, Error> {
        let mut fields = Header::decode_bytes(&mut raw, true)?;
        finish(raw)?;
        let buf = &mut fields;
        let receipt = Self {
            tx_hash: Decodable::decode(buf)?,
            tx_type: Decodable::decode(buf)?,
            block: Decodable::decode(buf)?,
            index: Decodable::decode(buf)?,
            from: Decodable::decode(buf)?,
            to: address(buf)?,
            success: Decodable::decode(buf)?,
            gas_used: Decodable::decode(buf)?,
            cumulative_gas_used: Decodable::decode(buf)?,
            logs: Decodable::decode(buf)?,
            created: address(buf)?,
            output: Decodable::decode(buf)?,
            halt: halt(buf)?,
            firing: FiringReceipt::decode_stored(Header::decode_bytes(buf, true)?)?.map(Box::new),
        };
        finish(fields).map(|()| receipt)
    }
}

impl FiringReceipt {
    fn stored_fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        self.encode_fields(&mut fields);
        let skipped = if self.skipped.is_some() { SKIPPED } else { 0 };
        (u8::from(self.success) | skipped).encode(&mut fields);
        fields
    }

    fn decode_stored(mut fields: &[u8]) -> Result<Option<Self>, Error> {
        if fields.is_empty() {
            return Ok(None);
        }
        let buf = &mut fields;
        let mut firing = Self {
            tid: Decodable::decode(buf)?,
            contract: Decodable::decode(buf)?,
            number: Decodable::decode(buf)?,
            cause: decode_cause(buf)?,
            due: Decodable::decode(buf)?,
            ran_at: Decodable::decode(buf)?,
            attempt: Decodable::decode(buf)?,
            outcome: outcome(u8::decode(buf)?)?,
            success: false,
            gas_used: Decodable::decode(buf)?,
            cost: Decodable::decode(buf)?,
            refund: Decodable::decode(buf)?,
            state: state(u8::decode(buf)?)?,
            next: next(&Bytes::decode(buf)?)?,
            skipped: None,
        };
        let skipped = Skipped { first_due: Decodable::decode(buf)?, count: Decodable::decode(buf)? };
        let flags = u8::decode(buf)?;
        let nothing = Skipped { first_due: 0, count: 0 };
        if flags > SUCCESS | SKIPPED || (flags & SKIPPED == 0 && skipped != nothing) {
            return Err(Error::Custom("flags of a firing"));
        }
        firing.success = flags & SUCCESS != 0;
        firing.skipped = (flags & SKIPPED != 0).then_some(skipped);
        finish(fields).map(|()| Some(firing))
    }
}

fn list(fields: &[u8], out: &mut dyn BufMut) {
    Header { list: true, payload_length: fields.len() }.encode(out);
    out.put_slice(fields);
}

fn finish(rest: &[u8]) -> Result<(), Error> {
    if rest.is_empty() { Ok(()) } else { Err(Error::UnexpectedLength) }
}

fn kind(address: Option<Address>) -> TxKind {
    address.map_or(TxKind::Create, TxKind::Call)
}

fn address(buf: &mut &[u8]) -> Result<Option<Address>, Error> {
    Ok(TxKind::decode(buf)?.to().copied())
}

fn halt(buf: &mut &[u8]) -> Result<Option<String>, Error> {
    let mut reasons = Vec::<String>::decode(buf)?;
    let first = reasons.pop();
    if reasons.is_empty() { Ok(first) } else { Err(Error::ListLengthMismatch { expected: 1, got: 2 }) }
}

fn next(raw: &[u8]) -> Result<Option<u64>, Error> {
    if raw.is_empty() { Ok(None) } else { alloy_rlp::decode_exact(raw).map(Some) }
}

fn outcome(code: u8) -> Result<Outcome, Error> {
    use Outcome::{Executed, Expired, Failed, Polled, Retrying, Skipped};
    let all = [Executed, Failed, Skipped, Expired, Retrying, Polled];
    let found = all.into_iter().find(|outcome| outcome_code(*outcome) == code);
    found.ok_or(Error::Custom("unknown outcome"))
}

fn state(code: u8) -> Result<State, Error> {
    use State::{Cancelled, Done, Paused, Unfunded, Waiting};
    let all = [Waiting, Paused, Done, Cancelled, Unfunded];
    all.into_iter().find(|state| state.code() == code).ok_or(Error::Custom("unknown state"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::tx::decode_tests::{address, bytes, cause, word};
    use alloy_primitives::{B256, Log};
    use proptest::prelude::*;

    fn log() -> impl Strategy<Value = Log> {
        (address(), prop::collection::vec(any::<[u8; 32]>(), 0..5), bytes(70)).prop_map(
            |(address, topics, data)| {
                Log::new_unchecked(address, topics.into_iter().map(B256::from).collect(), data)
            },
        )
    }

    fn firing() -> impl Strategy<Value = FiringReceipt> {
        let who = (word(), address(), any::<u64>(), cause());
        let when = (any::<u64>(), any::<u64>(), any::<u8>(), prop::option::of(0u64..3));
        let what = (0u8..6, any::<bool>(), any::<u64>(), any::<u128>(), any::<u128>(), 1u8..6);
        let skipped = prop::option::of((0u64..2, 0u64..2));
        (who, when, what, skipped).prop_map(|(who, when, what, skipped)| FiringReceipt {
            tid: who.0,
            contract: who.1,
            number: who.2,
            cause: who.3,
            due: when.0,
            ran_at: when.1,
            attempt: when.2,
            outcome: outcome(what.0).unwrap(),
            success: what.1,
            gas_used: what.2,
            cost: what.3,
            refund: what.4,
            state: state(what.5).unwrap(),
            next: when.3,
            skipped: skipped.map(|(first_due, count)| Skipped { first_due, count }),
        })
    }

    /// Makes receipts of every shape.
    pub(crate) fn receipt() -> impl Strategy<Value = Receipt> {
        let place = (any::<[u8; 32]>(), any::<u8>(), any::<u64>(), any::<u64>());
        let parties = (address(), prop::option::of(address()), prop::option::of(address()));
        let cost = (any::<bool>(), any::<u64>(), any::<u64>());
        let logs = prop::collection::vec(log(), 0..4);
        let end = (logs, bytes(70), prop::option::of("[a-zA-Z]{0,12}"), prop::option::of(firing()));
        (place, parties, cost, end).prop_map(|(place, parties, cost, end)| Receipt {
            tx_hash: B256::from(place.0),
            tx_type: place.1,
            block: place.2,
            index: place.3,
            from: parties.0,
            to: parties.1,
            created: parties.2,
            success: cost.0,
            gas_used: cost.1,
            cumulative_gas_used: cost.2,
            logs: end.0,
            output: end.1,
            halt: end.2,
            firing: end.3.map(Box::new),
        })
    }

    proptest! {
        #[test]
        fn receipts_come_back(receipt in receipt()) {
            let raw = receipt.encode_stored();
            prop_assert_eq!(&Receipt::decode_stored(&raw).unwrap(), &receipt);
            prop_assert!(Receipt::decode_stored(&[raw.as_slice(), &[0]].concat()).is_err());
            prop_assert!(Receipt::decode_stored(&raw[..raw.len() - 1]).is_err());
        }

        #[test]
        fn changed_bytes_are_refused_or_canonical(receipt in receipt(), at in any::<usize>(), with in 1u8..) {
            let mut raw = receipt.encode_stored();
            let at = at % raw.len();
            raw[at] ^= with;
            if let Ok(receipt) = Receipt::decode_stored(&raw) {
                prop_assert_eq!(receipt.encode_stored(), raw);
            }
        }

        #[test]
        fn any_bytes_are_refused_or_canonical(raw in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(receipt) = Receipt::decode_stored(&raw) {
                prop_assert_eq!(receipt.encode_stored(), raw);
            }
        }
    }
}
