//! Types the transactions of a block: Ethereum's own, the scheduler's, and unsigned ones of a simulation.
//!
//! ```text
//! 0x46 system   rlp [tid, due, attempt, cause, from, to, gas, input]
//!               cause: [0] time, [1] retry, [2, block, log index] event, [3] poll, [4] deadline, [5] report
//!               an action that is no call has from = to = 0, gas = 0 and no input
//! 0x47 dev      rlp [chain id, from, nonce, to or empty, value, gas limit, input]
//! ```
//!
//! Both bytes are unclaimed by any EIP. A dev transaction has no signature, so only a chain whose genesis
//! allows it accepts one; it pays the base fee.

mod decode;

pub(crate) use decode::decode_cause;
#[cfg(test)]
pub(crate) use decode::tests as decode_tests;

use crate::error::InvalidTx;
use alloy_consensus::{Transaction as _, TxEnvelope, transaction::SignerRecoverable};
use alloy_eips::{Decodable2718, Encodable2718, Typed2718, eip2718::IsTyped2718};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_rlp::{BufMut, Encodable, Header, RlpEncodable};
use fusor_vm::triggers::{Action, Begun, Cause};
use revm::context::{TxEnv, either::Either};

/// Type byte of a system transaction.
pub const SYSTEM_TYPE: u8 = 0x46;
/// Type byte of an unsigned transaction of a simulation.
pub const DEV_TYPE: u8 = 0x47;

/// Is one firing, as it stands in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemTx {
    /// The trigger.
    pub tid: U256,
    /// When the occurrence was due.
    pub due: u64,
    /// Failed attempts before this one.
    pub attempt: u8,
    /// Why it fires.
    pub cause: Cause,
    /// The caller that the callee sees.
    pub from: Address,
    /// The callee.
    pub to: Address,
    /// Gas limit of the call.
    pub gas: u64,
    /// Call data.
    pub input: Bytes,
}

impl SystemTx {
    /// Makes the transaction of a firing once its action is known.
    pub fn new(begun: &Begun) -> Self {
        let Begun { tid, due, attempt, cause, .. } = *begun;
        let bare = Self {
            tid,
            due,
            attempt,
            cause,
            from: Address::ZERO,
            to: Address::ZERO,
            gas: 0,
            input: Bytes::new(),
        };
        match &begun.action {
            Action::Call { from, to, input, gas } => {
                Self { from: *from, to: *to, gas: *gas, input: input.clone(), ..bare }
            }
            Action::Poll(_) | Action::None => bare,
        }
    }

    fn encode_fields(&self, out: &mut dyn BufMut) {
        self.tid.encode(out);
        self.due.encode(out);
        self.attempt.encode(out);
        encode_cause(self.cause, out);
        self.from.encode(out);
        self.to.encode(out);
        self.gas.encode(out);
        self.input.encode(out);
    }
}

/// Encodes why a trigger fired as a list of its code and, for an event, block and log index.
pub(crate) fn encode_cause(cause: Cause, out: &mut dyn BufMut) {
    let (code, log): (u8, Option<(u64, u32)>) = match cause {
        Cause::Time => (0, None),
        Cause::Retry => (1, None),
        Cause::Event { block, log } => (2, Some((block, log))),
        Cause::Poll => (3, None),
        Cause::Deadline => (4, None),
        Cause::Report => (5, None),
    };
    let mut fields = Vec::new();
    code.encode(&mut fields);
    if let Some((block, log)) = log {
        block.encode(&mut fields);
        log.encode(&mut fields);
    }
    Header { list: true, payload_length: fields.len() }.encode(out);
    out.put_slice(&fields);
}

/// Is a transaction without signature, for simulations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevTx {
    /// The sender.
    pub from: Address,
    /// The callee; none creates a contract.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Gas limit.
    pub gas: u64,
    /// Call data or init code.
    pub input: Bytes,
    /// The sender's nonce.
    pub nonce: u64,
    /// The chain's id.
    pub chain_id: u64,
}

#[derive(RlpEncodable)]
struct DevFields<'a> {
    chain_id: u64,
    from: Address,
    nonce: u64,
    to: TxKind,
    value: U256,
    gas: u64,
    input: &'a Bytes,
}

impl DevTx {
    fn kind(&self) -> TxKind {
        self.to.map_or(TxKind::Create, TxKind::Call)
    }

    fn fields(&self) -> DevFields<'_> {
        let Self { from, value, gas, nonce, chain_id, ref input, .. } = *self;
        DevFields { chain_id, from, nonce, to: self.kind(), value, gas, input }
    }
}

/// Is a transaction of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transaction {
    /// A firing.
    System(SystemTx),
    /// An Ethereum transaction and the sender recovered from its signature.
    Signed {
        /// The signed envelope.
        envelope: Box<TxEnvelope>,
        /// Who signed it.
        sender: Address,
    },
    /// An unsigned transaction.
    Dev(DevTx),
}

impl Transaction {
    /// Decodes a signed transaction and recovers its sender. Errors: bytes that are no transaction, a bad
    /// signature, or a type that is not supported (blobs).
    pub fn decode_signed(mut raw: &[u8]) -> Result<Self, InvalidTx> {
        let envelope =
            TxEnvelope::decode_2718(&mut raw).map_err(|error| InvalidTx::Encoding(error.to_string()))?;
        if !raw.is_empty() {
            return Err(InvalidTx::Encoding("bytes left over".into()));
        }
        Self::recover(envelope)
    }

    /// Recovers the sender of a signed transaction. Errors: a bad signature or an unsupported type.
    pub fn recover(envelope: TxEnvelope) -> Result<Self, InvalidTx> {
        if envelope.is_eip4844() {
            return Err(InvalidTx::Unsupported("blob transactions (EIP-4844)"));
        }
        let sender = envelope.recover_signer().map_err(|_| InvalidTx::Signature)?;
        Ok(Self::Signed { envelope: Box::new(envelope), sender })
    }

    /// Returns the transaction's hash.
    pub fn hash(&self) -> B256 {
        match self {
            Self::Signed { envelope, .. } => *envelope.tx_hash(),
            _ => keccak256(self.encoded_2718()),
        }
    }

    /// Returns the sender.
    pub fn sender(&self) -> Address {
        match self {
            Self::System(tx) => tx.from,
            Self::Signed { sender, .. } => *sender,
            Self::Dev(tx) => tx.from,
        }
    }

    /// Returns the callee; none for a creation.
    pub fn to(&self) -> Option<Address> {
        match self {
            Self::System(tx) => Some(tx.to),
            Self::Signed { envelope, .. } => envelope.to(),
            Self::Dev(tx) => tx.to,
        }
    }

    /// Returns the gas limit.
    pub fn gas(&self) -> u64 {
        match self {
            Self::System(tx) => tx.gas,
            Self::Signed { envelope, .. } => envelope.gas_limit(),
            Self::Dev(tx) => tx.gas,
        }
    }

    /// Returns the sender's nonce; 0 for a system transaction, which uses none.
    pub fn nonce(&self) -> u64 {
        match self {
            Self::System(_) => 0,
            Self::Signed { envelope, .. } => envelope.nonce(),
            Self::Dev(tx) => tx.nonce,
        }
    }

    /// Returns the wei sent along.
    pub fn value(&self) -> U256 {
        match self {
            Self::System(_) => U256::ZERO,
            Self::Signed { envelope, .. } => envelope.value(),
            Self::Dev(tx) => tx.value,
        }
    }

    /// Returns the call data or init code.
    pub fn input(&self) -> &Bytes {
        match self {
            Self::System(tx) => &tx.input,
            Self::Signed { envelope, .. } => envelope.input(),
            Self::Dev(tx) => &tx.input,
        }
    }

    /// Returns the chain that a user's transaction is for; none if it is for any.
    pub fn chain_id(&self) -> Option<u64> {
        match self {
            Self::System(_) => None,
            Self::Signed { envelope, .. } => envelope.chain_id(),
            Self::Dev(tx) => Some(tx.chain_id),
        }
    }

    /// Returns the most wei per gas that the sender pays; none where it pays the base fee, whatever that is.
    pub fn fee_max(&self) -> Option<u128> {
        match self {
            Self::Signed { envelope, .. } => Some(envelope.max_fee_per_gas()),
            Self::System(_) | Self::Dev(_) => None,
        }
    }

    /// Returns the most wei per gas that the author gets.
    pub fn tip_max(&self) -> u128 {
        match self {
            Self::Signed { envelope, .. } => envelope.priority_fee_or_price(),
            Self::System(_) | Self::Dev(_) => 0,
        }
    }

    /// Returns the wei per gas paid in a block with that base fee.
    pub fn price(&self, base_fee: u64) -> u128 {
        match self {
            Self::System(_) => 0,
            Self::Signed { envelope, .. } => envelope.effective_gas_price(Some(base_fee)),
            Self::Dev(_) => base_fee.into(),
        }
    }

    /// Returns what revm runs for a user's transaction; none for a system transaction.
    pub(crate) fn env(&self, base_fee: u64) -> Option<TxEnv> {
        match self {
            Self::System(_) => None,
            Self::Signed { envelope, sender } => Some(signed_env(envelope, *sender)),
            Self::Dev(tx) => Some(dev_env(tx, base_fee)),
        }
    }
}

fn dev_env(tx: &DevTx, base_fee: u64) -> TxEnv {
    TxEnv {
        tx_type: 2,
        caller: tx.from,
        gas_limit: tx.gas,
        gas_price: base_fee.into(),
        gas_priority_fee: Some(0),
        kind: tx.kind(),
        value: tx.value,
        data: tx.input.clone(),
        nonce: tx.nonce,
        chain_id: Some(tx.chain_id),
        ..TxEnv::default()
    }
}

fn signed_env(tx: &TxEnvelope, sender: Address) -> TxEnv {
    let authorizations = tx.authorization_list().unwrap_or_default();
    TxEnv {
        tx_type: tx.ty(),
        caller: sender,
        gas_limit: tx.gas_limit(),
        gas_price: tx.max_fee_per_gas(),
        gas_priority_fee: tx.max_priority_fee_per_gas(),
        kind: tx.kind(),
        value: tx.value(),
        data: tx.input().clone(),
        nonce: tx.nonce(),
        chain_id: tx.chain_id(),
        access_list: tx.access_list().cloned().unwrap_or_default(),
        authorization_list: authorizations.iter().cloned().map(Either::Left).collect(),
        ..TxEnv::default()
    }
}

impl Typed2718 for Transaction {
    fn ty(&self) -> u8 {
        match self {
            Self::System(_) => SYSTEM_TYPE,
            Self::Signed { envelope, .. } => envelope.ty(),
            Self::Dev(_) => DEV_TYPE,
        }
    }
}

impl IsTyped2718 for Transaction {
    fn is_type(type_id: u8) -> bool {
        type_id == SYSTEM_TYPE || type_id == DEV_TYPE || <TxEnvelope as IsTyped2718>::is_type(type_id)
    }
}

impl Encodable2718 for Transaction {
    fn encode_2718_len(&self) -> usize {
        self.encoded_2718().len()
    }

    fn encode_2718(&self, out: &mut dyn BufMut) {
        match self {
            Self::Signed { envelope, .. } => envelope.encode_2718(out),
            Self::System(tx) => {
                let mut fields = Vec::new();
                tx.encode_fields(&mut fields);
                out.put_u8(SYSTEM_TYPE);
                Header { list: true, payload_length: fields.len() }.encode(out);
                out.put_slice(&fields);
            }
            Self::Dev(tx) => {
                out.put_u8(DEV_TYPE);
                tx.fields().encode(out);
            }
        }
    }

    fn encoded_2718(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_2718(&mut out);
        out
    }
}
