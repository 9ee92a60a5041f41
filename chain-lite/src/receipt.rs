//! Types the receipts of a block; a firing's receipt says why, when and at what cost it ran.
//!
//! ```text
//! any type    type byte (none for legacy) rlp [status, cumulative gas, bloom, logs]
//! 0x46        0x46 rlp [status, cumulative gas, bloom, logs, firing]
//! firing      [tid, contract, number, cause, due, ran at, attempt, outcome, gas used, cost, refund, state,
//!              next or empty, first skipped due, skipped count]
//! outcome     0 executed, 1 failed, 2 skipped, 3 expired; 4 retrying and 5 polled are no ends
//! ```

mod stored;
#[cfg(test)]
pub(crate) use stored::tests as stored_tests;

use crate::tx::{SYSTEM_TYPE, encode_cause};
use alloy_eips::{Encodable2718, Typed2718, eip2718::IsTyped2718};
use alloy_primitives::{Address, B256, Bloom, Bytes, Log, U256};
use alloy_rlp::{BufMut, Encodable, Header};
use fusor_vm::triggers::{Begun, Cause, Outcome, Settled, Skipped, State};

/// Tells what happened at one firing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiringReceipt {
    /// The trigger.
    pub tid: U256,
    /// Its contract.
    pub contract: Address,
    /// The contract's own registration number of it.
    pub number: u64,
    /// Why it fired.
    pub cause: Cause,
    /// When the occurrence was due, in seconds.
    pub due: u64,
    /// When it ran: the block's time.
    pub ran_at: u64,
    /// Failed attempts before this one.
    pub attempt: u8,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the call succeeded; true where there was none.
    pub success: bool,
    /// Gas charged.
    pub gas_used: u64,
    /// Wei charged, polls and rent included.
    pub cost: u128,
    /// Wei given back to the contract's pot.
    pub refund: u128,
    /// Where the trigger stands afterwards.
    pub state: State,
    /// When it runs or is polled next.
    pub next: Option<u64>,
    /// Earlier occurrences that ended here without running.
    pub skipped: Option<Skipped>,
}

impl FiringReceipt {
    pub(crate) fn new(begun: &Begun, settled: &Settled, success: bool, ran_at: u64) -> Self {
        let Begun { tid, contract, number, cause, due, attempt, skipped, .. } = *begun;
        let Settled { outcome, gas_used, cost, refund, state, next } = *settled;
        Self {
            tid,
            contract,
            number,
            cause,
            due,
            ran_at,
            attempt,
            outcome,
            success,
            gas_used,
            cost,
            refund,
            state,
            next,
            skipped,
        }
    }

    fn encode_fields(&self, out: &mut dyn BufMut) {
        self.tid.encode(out);
        self.contract.encode(out);
        self.number.encode(out);
        encode_cause(self.cause, out);
        self.due.encode(out);
        self.ran_at.encode(out);
        self.attempt.encode(out);
        outcome_code(self.outcome).encode(out);
        self.gas_used.encode(out);
        self.cost.encode(out);
        self.refund.encode(out);
        self.state.code().encode(out);
        self.next.map(alloy_rlp::encode).unwrap_or_default().as_slice().encode(out);
        self.skipped.map_or(0, |skipped| skipped.first_due).encode(out);
        self.skipped.map_or(0, |skipped| skipped.count).encode(out);
    }
}

fn outcome_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Executed => 0,
        Outcome::Failed => 1,
        Outcome::Skipped => 2,
        Outcome::Expired => 3,
        Outcome::Retrying => 4,
        Outcome::Polled => 5,
    }
}

/// Tells what a transaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Hash of the transaction.
    pub tx_hash: B256,
    /// Type byte of the transaction.
    pub tx_type: u8,
    /// Height of the block.
    pub block: u64,
    /// Position in the block.
    pub index: u64,
    /// Who sent it.
    pub from: Address,
    /// Whom it called; none for a creation.
    pub to: Option<Address>,
    /// Whether it ended without revert or halt.
    pub success: bool,
    /// Gas used by this transaction.
    pub gas_used: u64,
    /// Gas used in the block up to and with this transaction.
    pub cumulative_gas_used: u64,
    /// Logs in order.
    pub logs: Vec<Log>,
    /// The contract that a creation made.
    pub created: Option<Address>,
    /// What the call returned or reverted with; not part of the receipts root.
    pub output: Bytes,
    /// Why a call halted, if it neither returned nor reverted; not part of the receipts root.
    pub halt: Option<String>,
    /// What a firing adds.
    pub firing: Option<Box<FiringReceipt>>,
}

impl Receipt {
    /// Returns the bloom filter of the logs.
    pub fn bloom(&self) -> Bloom {
        self.logs.iter().collect()
    }

    fn encode_fields(&self, out: &mut dyn BufMut) {
        self.success.encode(out);
        self.cumulative_gas_used.encode(out);
        self.bloom().encode(out);
        self.logs.encode(out);
        if let Some(firing) = &self.firing {
            let mut fields = Vec::new();
            firing.encode_fields(&mut fields);
            Header { list: true, payload_length: fields.len() }.encode(out);
            out.put_slice(&fields);
        }
    }
}

impl Typed2718 for Receipt {
    fn ty(&self) -> u8 {
        self.tx_type
    }
}

impl IsTyped2718 for Receipt {
    fn is_type(type_id: u8) -> bool {
        type_id <= SYSTEM_TYPE + 1
    }
}

impl Encodable2718 for Receipt {
    fn encode_2718_len(&self) -> usize {
        self.encoded_2718().len()
    }

    fn encode_2718(&self, out: &mut dyn BufMut) {
        let mut fields = Vec::new();
        self.encode_fields(&mut fields);
        if self.tx_type != 0 {
            out.put_u8(self.tx_type);
        }
        Header { list: true, payload_length: fields.len() }.encode(out);
        out.put_slice(&fields);
    }

    fn encoded_2718(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_2718(&mut out);
        out
    }
}
