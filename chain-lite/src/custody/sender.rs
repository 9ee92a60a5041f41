//! Sends a custodian's transactions: each call once, again if it got lost, and never one that would fail.

use super::{
    chain::{Chain, ChainError},
    keys::CustodyKeys,
};
use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_sol_types::SolCall;
use fusor_vm::account::DCRM;
use std::collections::BTreeMap;

/// Blocks after which a call whose effect does not show is tried again.
const AGAIN: u64 = 8;
/// Blocks after which a transaction that is not in a block is sent again.
const RESEND: u64 = 5;
/// Calls that are remembered; the oldest of more are forgotten.
const KNOWN_MAX: usize = 4_096;

/// Is a transaction that was sent.
struct Sent {
    raw: Vec<u8>,
    height: u64,
}

/// Keeps what was sent.
#[derive(Default)]
pub(super) struct Sender {
    /// Transactions that are not in a final block, by nonce.
    waiting: BTreeMap<u64, Sent>,
    /// When each call was made last, by the hash of its data.
    made: BTreeMap<B256, u64>,
}

impl Sender {
    /// Makes a call of the custody account unless it was made lately or would fail; says whether it was sent. A call that
    /// would fail is no error: others may have done the same before.
    pub(super) fn call(
        &mut self,
        chain: &dyn Chain,
        keys: &CustodyKeys,
        value: U256,
        call: &impl SolCall,
    ) -> Result<bool, ChainError> {
        let data: Bytes = call.abi_encode().into();
        let (name, height) = (keccak256(&data), chain.height()?);
        let lately = self.made.get(&name).is_some_and(|at| height.saturating_sub(*at) < AGAIN);
        if lately {
            return Ok(false);
        }
        let me = keys.operator();
        let gas = match chain.estimate(me, value, &data) {
            Ok(gas) => gas,
            Err(reason) => {
                tracing::debug!(%reason, "a call of the custodian would fail");
                return Ok(false);
            }
        };
        let (nonce, _) = chain.account(me)?;
        let next = self.waiting.keys().next_back().map_or(nonce, |last| nonce.max(last.saturating_add(1)));
        let price = chain.gas_price()?;
        let tx = TxEip1559 {
            chain_id: chain.id(),
            nonce: next,
            gas_limit: gas.saturating_add(gas / 2).saturating_add(50_000).min(16_000_000),
            max_fee_per_gas: price.saturating_mul(2),
            max_priority_fee_per_gas: price.min(1_000_000_000),
            to: TxKind::Call(DCRM),
            value,
            input: data,
            ..TxEip1559::default()
        };
        let raw = sign(tx, keys)?;
        chain.submit(&raw)?;
        self.waiting.insert(next, Sent { raw, height });
        self.remember(name, height);
        Ok(true)
    }

    fn remember(&mut self, name: B256, height: u64) {
        self.made.insert(name, height);
        if self.made.len() > KNOWN_MAX {
            self.made.retain(|_, at| height.saturating_sub(*at) < AGAIN);
        }
    }

    /// Forgets what is in a final block, and sends again what got lost.
    pub(super) fn follow(&mut self, chain: &dyn Chain, keys: &CustodyKeys) -> Result<(), ChainError> {
        let (nonce, _) = chain.account(keys.operator())?;
        self.waiting = self.waiting.split_off(&nonce);
        let height = chain.height()?;
        for sent in self.waiting.values_mut().filter(|sent| height.saturating_sub(sent.height) >= RESEND) {
            sent.height = height;
            if let Err(reason) = chain.submit(&sent.raw) {
                tracing::debug!(%reason, "a transaction of the custodian was sent again");
            }
        }
        Ok(())
    }
}

/// Says whether it is `me`'s turn, at a tick of the chain, to do what anyone of some may do once.
pub(super) fn is_turn(some: &[Address], me: Address, tick: u64) -> bool {
    let turn = tick.checked_rem(some.len() as u64).and_then(|turn| usize::try_from(turn).ok());
    turn.and_then(|turn| some.get(turn)) == Some(&me)
}

fn sign(tx: TxEip1559, keys: &CustodyKeys) -> Result<Vec<u8>, ChainError> {
    let signature = keys.sign(tx.signature_hash()).map_err(|error| ChainError(error.to_string()))?;
    Ok(tx.into_signed(signature).encoded_2718())
}
