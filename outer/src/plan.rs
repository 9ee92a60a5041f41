//! Is everything that determines an outer transaction, in canonical bytes.

use crate::{
    codec::{CodecError, PLAN_BYTES_MAX, Reader, Writer},
    custody::Lock,
    deposit::OutPoint,
    sign::Scheme,
};
use alloy_primitives::{Address, U256};

/// Determines an outer transaction exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Spends outputs of the Bitcoin family.
    Bitcoin(BitcoinPlan),
    /// Is a transaction of EIP-1559.
    Ethereum(EthereumPlan),
}

/// Spends outputs of ours; version 2, no script but the locks'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitcoinPlan {
    /// Genesis hash of the chain in the order of its bytes.
    pub chain: [u8; 32],
    /// What is spent, in order. The first input stays first in every replacement.
    pub inputs: Vec<Input>,
    /// What is paid, in order: the payment first, then change.
    pub outputs: Vec<Output>,
    /// Sequence of every input (BIP-125: below 0xfffffffe means replaceable).
    pub sequence: u32,
    /// The height below which no block may hold it: that of the view it was planned in.
    pub lock_time: u32,
}

/// Is an output that is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub outpoint: OutPoint,
    /// Its worth in the smallest unit; signatures commit to it.
    pub amount: u64,
    /// The key that spends it.
    pub lock: Lock,
}

/// Is an output that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its script.
    pub script: Vec<u8>,
    /// Its worth in the smallest unit.
    pub amount: u64,
}

/// Is a transaction of EIP-1559 without its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EthereumPlan {
    /// Chain id (EIP-155).
    pub chain_id: u64,
    /// The key of the sender.
    pub from: Lock,
    /// The sender's nonce.
    pub nonce: u64,
    /// Who is called or paid.
    pub to: Address,
    /// Wei that go along.
    pub value: U256,
    /// Input of the call.
    pub data: Vec<u8>,
    /// The most gas it may use.
    pub gas_limit: u64,
    /// The most wei per gas in all.
    pub max_fee: u128,
    /// The most wei per gas for the block's author.
    pub max_priority: u128,
}

const VERSION: u8 = 1;

impl Plan {
    /// Writes the canonical bytes: equal plans have equal bytes and the other way round.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION);
        match self {
            Self::Bitcoin(plan) => plan.encode(out.u8(0)),
            Self::Ethereum(plan) => plan.encode(out.u8(1)),
        }
        out.0
    }

    /// Reads canonical bytes of at most [`PLAN_BYTES_MAX`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut from = Reader::new(bytes, PLAN_BYTES_MAX)?;
        let plan = match (from.u8()?, from.u8()?) {
            (VERSION, 0) => Self::Bitcoin(BitcoinPlan::decode(&mut from)?),
            (VERSION, 1) => Self::Ethereum(EthereumPlan::decode(&mut from)?),
            _ => return Err(CodecError::Tag),
        };
        from.end()?;
        Ok(plan)
    }
}

impl BitcoinPlan {
    /// Returns inputs less outputs in the smallest unit; none if the outputs exceed the inputs.
    pub fn fee(&self) -> Option<u64> {
        let spent = sum(self.inputs.iter().map(|input| input.amount))?;
        spent.checked_sub(sum(self.outputs.iter().map(|output| output.amount))?)
    }

    fn encode(&self, out: &mut Writer) {
        out.raw(&self.chain).u32(self.sequence).u32(self.lock_time).count(self.inputs.len());
        for input in &self.inputs {
            out.raw(&input.outpoint.txid).u32(input.outpoint.vout).u64(input.amount);
            encode_lock(&input.lock, out);
        }
        out.count(self.outputs.len());
        for output in &self.outputs {
            out.u64(output.amount).bytes(&output.script);
        }
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (chain, sequence, lock_time) = (from.array()?, from.u32()?, from.u32()?);
        let inputs = (0..from.count(110)?)
            .map(|_| {
                let outpoint = OutPoint { txid: from.array()?, vout: from.u32()? };
                Ok(Input { outpoint, amount: from.u64()?, lock: decode_lock(from)? })
            })
            .collect::<Result<_, CodecError>>()?;
        let outputs = (0..from.count(12)?)
            .map(|_| Ok(Output { amount: from.u64()?, script: from.bytes()?.to_vec() }))
            .collect::<Result<_, CodecError>>()?;
        Ok(Self { chain, inputs, outputs, sequence, lock_time })
    }
}

impl EthereumPlan {
    /// Returns the most that gas may cost, in wei.
    pub fn fee_max(&self) -> U256 {
        U256::from(self.gas_limit).saturating_mul(U256::from(self.max_fee))
    }

    fn encode(&self, out: &mut Writer) {
        out.u64(self.chain_id);
        encode_lock(&self.from, out);
        out.u64(self.nonce).raw(self.to.as_slice()).u256(self.value).bytes(&self.data);
        out.u64(self.gas_limit).u128(self.max_fee).u128(self.max_priority);
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            chain_id: from.u64()?,
            from: decode_lock(from)?,
            nonce: from.u64()?,
            to: Address::from(from.array::<20>()?),
            value: from.u256()?,
            data: from.bytes()?.to_vec(),
            gas_limit: from.u64()?,
            max_fee: from.u128()?,
            max_priority: from.u128()?,
        })
    }
}

fn sum(mut amounts: impl Iterator<Item = u64>) -> Option<u64> {
    amounts.try_fold(0, u64::checked_add)
}

fn encode_lock(lock: &Lock, out: &mut Writer) {
    let scheme = match lock.scheme {
        Scheme::Ecdsa => 0,
        Scheme::Schnorr => 1,
    };
    out.raw(&lock.path).u8(scheme).raw(&lock.key);
}

fn decode_lock(from: &mut Reader<'_>) -> Result<Lock, CodecError> {
    let path = from.array()?;
    let scheme = match from.u8()? {
        0 => Scheme::Ecdsa,
        1 => Scheme::Schnorr,
        _ => return Err(CodecError::Tag),
    };
    Ok(Lock { path, scheme, key: from.array()? })
}
