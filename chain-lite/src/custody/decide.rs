//! Takes what a custodian's operator decides by hand about lock-outs, where its file asks for that.

use super::{
    chain::Reader,
    jobs::{Open, Working},
    keys::CustodyKeys,
    notes::{Notes, NotesError},
    record::RecordError,
};
use alloy_primitives::{Address, B256, Signature, U256, keccak256};
use fusor_vm::dcrm::{JobId, Request};
use std::collections::BTreeMap;

/// Is what an operator decides about a lock-out. The first decision counts: a later one could be an old one that somebody
/// sends again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The lock-out.
    pub request: u64,
    /// Whether it is to be paid, as far as this custodian is asked.
    pub agrees: bool,
}

impl Decision {
    /// Returns what the operator signs: the chain, the request and the decision.
    fn hash(self, chain_id: u64) -> B256 {
        let numbers = [chain_id, self.request].map(u64::to_be_bytes).concat();
        keccak256([b"fusor custody decision".as_slice(), &numbers, &[self.agrees.into()]].concat())
    }

    /// Signs it. Errors: the key cannot sign.
    pub fn sign(self, chain_id: u64, keys: &CustodyKeys) -> Result<Signature, k256::ecdsa::Error> {
        keys.sign(self.hash(chain_id))
    }

    /// Says whether the signature is `operator`'s.
    pub fn is_by(self, chain_id: u64, operator: Address, signature: &Signature) -> bool {
        signature.recover_address_from_prehash(&self.hash(chain_id)).is_ok_and(|signer| signer == operator)
    }

    /// Keeps it, unless there is one.
    pub(super) fn keep(self, notes: &mut dyn Notes) -> Result<(), NotesError> {
        match decided(notes, self.request)? {
            Some(_) => Ok(()),
            None => notes.put(vec![(name(self.request), Some(vec![self.agrees.into()]))]),
        }
    }
}

fn name(request: u64) -> String {
    format!("decision/{request:020}")
}

/// Reads what was decided about a lock-out.
fn decided(notes: &dyn Notes, request: u64) -> Result<Option<bool>, NotesError> {
    Ok(notes.get(&name(request))?.map(|bytes| bytes == [1]))
}

impl Working<'_> {
    /// Lists the open lock-outs that the operator decides about, with what was decided.
    pub(super) fn asks(&self, open: &[Open]) -> Result<BTreeMap<u64, Option<bool>>, RecordError> {
        let mut asks = BTreeMap::new();
        for job in open {
            if self.asks_for(&job.id)? {
                asks.insert(job.id.request, decided(self.notes, job.id.request)?);
            }
        }
        Ok(asks)
    }

    /// Says whether a job is a lock-out that its operator decides about.
    fn asks_for(&self, id: &JobId) -> Result<bool, RecordError> {
        if id.request == 0 || self.by_hand.is_empty() {
            return Ok(false);
        }
        let request = Request::load(&mut Reader::new(self.chain)?, id.request)?;
        let large =
            |request: Request| self.by_hand.get(&request.coin).is_some_and(|most| request.amount > *most);
        Ok(request.is_some_and(large))
    }

    /// Says whether the operator lets a job be planned and signed; if not, that is what it waits for.
    pub(super) fn agrees(&mut self, id: &JobId) -> Result<bool, RecordError> {
        if !self.asks_for(id)? {
            return Ok(true);
        }
        match decided(self.notes, id.request)? {
            Some(true) => return Ok(true),
            Some(false) => self.wait(id, "other custodians: the operator of this one refused it"),
            None => self.wait(id, "the operator of this custodian, who decides about it by hand"),
        }
        Ok(false)
    }
}

/// Is the most of each coin, in smallest units, that is paid without asking the operator.
pub(super) type ByHand = BTreeMap<B256, U256>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custody::MemoryNotes;

    #[test]
    fn a_decision_is_its_operators_for_one_chain_and_request() {
        let (keys, other) = (CustodyKeys::new([1; 32]).unwrap(), CustodyKeys::new([2; 32]).unwrap());
        let decision = Decision { request: 5, agrees: true };
        let signature = decision.sign(7, &keys).unwrap();
        assert!(decision.is_by(7, keys.operator(), &signature));
        assert!(!decision.is_by(7, other.operator(), &signature));
        assert!(!decision.is_by(8, keys.operator(), &signature));
        assert!(!Decision { request: 6, ..decision }.is_by(7, keys.operator(), &signature));
        assert!(!Decision { agrees: false, ..decision }.is_by(7, keys.operator(), &signature));
    }

    #[test]
    fn the_first_decision_counts() {
        let mut notes = MemoryNotes::default();
        assert_eq!(decided(&notes, 5), Ok(None));
        Decision { request: 5, agrees: false }.keep(&mut notes).unwrap();
        Decision { request: 5, agrees: true }.keep(&mut notes).unwrap();
        assert_eq!((decided(&notes, 5), decided(&notes, 6)), (Ok(Some(false)), Ok(None)));
    }
}
