//! Sends users' transactions to nodes, and remembers which of them the nodes took.

use super::clockwork;
use crate::{
    node::{Node, SubmitError},
    pool::PoolError,
};
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use k256::ecdsa::SigningKey;
use rand::{RngExt, rngs::StdRng};

/// Is a user with a key and a balance.
pub(super) struct User {
    key: SigningKey,
    nonce: u64,
    /// What a node neither took nor surely forgot: its disk failed meanwhile. It is sent again, as another transaction
    /// with its nonce might lose against it.
    open: Option<Vec<u8>>,
}

impl User {
    /// Sends a raw transaction; returns its hash if the node says that it took it.
    fn submit(&mut self, node: &Node, raw: Vec<u8>) -> Option<B256> {
        match node.submit_raw(&raw) {
            Ok(added) => {
                self.nonce += 1;
                Some(added.hash)
            }
            Err(SubmitError::Unsafe(_)) => {
                self.open = Some(raw);
                None
            }
            Err(reason) => {
                tracing::debug!(%reason, "transaction refused");
                None
            }
        }
    }

    /// Sends what is open; says whether something was.
    fn settle(&mut self, node: &Node) -> bool {
        let Some(raw) = self.open.take() else { return false };
        match node.submit_raw(&raw) {
            Ok(_) | Err(SubmitError::Pool(PoolError::AlreadyKnown | PoolError::NonceTooLow { .. })) => {
                self.nonce += 1
            }
            Err(_) => self.open = Some(raw),
        }
        true
    }
}

/// Is what users did.
pub(super) struct Traffic {
    users: Vec<User>,
    chain_id: u64,
    /// Hashes of transactions that a node took.
    pub(super) taken: Vec<B256>,
}

const COIN: u128 = 1_000_000_000_000_000_000;

/// Users of a run.
pub(super) const USERS: u8 = 12;

impl Traffic {
    pub(super) fn new(chain_id: u64) -> Self {
        let users =
            (1..=USERS).filter_map(|seed| Some(User { key: key(seed)?, nonce: 0, open: None })).collect();
        Self { users, chain_id, taken: Vec::new() }
    }

    /// Lists the users' addresses.
    pub(super) fn addresses() -> impl Iterator<Item = Address> {
        (1..=USERS).filter_map(address_of)
    }

    /// Has the first user release the clockwork contract; returns where it will stand.
    pub(super) fn release(&mut self, node: &Node) -> Option<Address> {
        let address = address_of(1)?.create(self.users.first()?.nonce);
        self.call(node, 1, TxKind::Create, COIN, clockwork::init_code()?)?;
        Some(address)
    }

    /// Has user `user`, counted from 1, send a call with wei; none if the node refuses it. What stays open is sent again,
    /// so the call is made: a second one could cost more than the user has.
    pub(super) fn call(
        &mut self,
        node: &Node,
        user: u8,
        to: TxKind,
        value: u128,
        input: Bytes,
    ) -> Option<()> {
        let chain_id = self.chain_id;
        let user = self.users.get_mut(usize::from(user.checked_sub(1)?))?;
        if user.settle(node) {
            return None;
        }
        let tx = TxEip1559 {
            chain_id,
            nonce: user.nonce,
            gas_limit: 2_000_000,
            max_fee_per_gas: 10_000_000_000,
            to,
            value: U256::from(value),
            input,
            ..TxEip1559::default()
        };
        let signature = sign(&user.key, tx.signature_hash())?;
        let raw = TxEnvelope::from(tx.into_signed(signature)).encoded_2718();
        match user.submit(node, raw) {
            Some(hash) => self.taken.push(hash),
            None if user.open.is_some() => {}
            None => return None,
        }
        Some(())
    }

    /// Has a user send a transfer to a node. Transfers between users conflict now and then, across groups.
    pub(super) fn send(&mut self, rng: &mut StdRng, node: &Node) {
        let (from, to) = (rng.random_range(0..self.users.len()), rng.random_range(1..=USERS * 2));
        let to = key(to).map(|key| Address::from_public_key(key.verifying_key())).unwrap_or_default();
        let Some(user) = self.users.get_mut(from) else { return };
        if user.settle(node) {
            return;
        }
        let tx = TxEip1559 {
            chain_id: self.chain_id,
            nonce: user.nonce,
            gas_limit: 30_000,
            max_fee_per_gas: 10_000_000_000,
            max_priority_fee_per_gas: u128::from(rng.random_range(0..5u64)),
            to: TxKind::Call(to),
            value: U256::from(rng.random_range(1..1_000u64)),
            ..TxEip1559::default()
        };
        let Some(signature) = sign(&user.key, tx.signature_hash()) else { return };
        let raw = TxEnvelope::from(tx.into_signed(signature)).encoded_2718();
        self.taken.extend(user.submit(node, raw));
    }
}

/// Returns the address of a user, counted from 1.
pub(super) fn address_of(user: u8) -> Option<Address> {
    Some(Address::from_public_key(key(user)?.verifying_key()))
}

fn key(seed: u8) -> Option<SigningKey> {
    SigningKey::from_slice(&[seed; 32]).ok()
}

fn sign(key: &SigningKey, hash: B256) -> Option<Signature> {
    key.sign_prehash_recoverable(hash.as_slice()).ok().map(Into::into)
}
