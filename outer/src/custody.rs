//! Is what the custodians hold: keys, coins, and how they see them.

use crate::{
    deposit::{Asset, OutPoint},
    plan::Plan,
    sign::Scheme,
};
use alloy_primitives::{Address, U256};
use std::collections::{BTreeMap, BTreeSet};

/// Is a derived public key whose shards the custodians hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lock {
    /// Names the derivation; signers find the tweak by it.
    pub path: [u8; 32],
    /// How it signs, and with that the kind of its address.
    pub scheme: Scheme,
    /// The derived key, compressed (SEC 1); before any taproot tweak.
    pub key: [u8; 33],
}

/// Is the locks of one vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vault {
    /// Pays lock-outs (Ethereum) and takes change and sweeps.
    pub main: Lock,
    /// Deposit addresses, and former main ones.
    pub deposits: Vec<Lock>,
}

impl Vault {
    /// Lists all locks, the main one first, each once.
    pub fn locks(&self) -> Vec<Lock> {
        let mut seen = BTreeSet::new();
        std::iter::once(self.main)
            .chain(self.deposits.iter().copied())
            .filter(|lock| seen.insert(lock.path))
            .collect()
    }

    /// Finds a lock by its path.
    pub fn lock(&self, path: &[u8; 32]) -> Option<Lock> {
        std::iter::once(&self.main).chain(&self.deposits).find(|lock| lock.path == *path).copied()
    }
}

/// Is an unspent output of ours, confirmed and mature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coin {
    /// Where it is.
    pub outpoint: OutPoint,
    /// Path of its lock.
    pub path: [u8; 32],
    /// Its worth in the smallest unit.
    pub amount: u64,
}

/// Is what one lock holds of one asset, confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Path of the lock.
    pub path: [u8; 32],
    /// Of what.
    pub asset: Asset,
    /// How much in the smallest unit.
    pub amount: U256,
}

/// Is the next nonce of an account of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Path of the lock.
    pub path: [u8; 32],
    /// The account.
    pub account: Address,
    /// The nonce of its next transaction.
    pub nonce: u64,
}

/// Is what the network charges now, already within floor and cap of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeQuote {
    /// Smallest units per 1,000 virtual bytes.
    PerKilobyte(u64),
    /// Wei per gas (EIP-1559).
    PerGas {
        /// The most paid in all.
        max_fee: u128,
        /// The most paid to the block's author.
        max_priority: u128,
    },
}

/// Is a vault as one's own node shows it. Plain data: planning and checking look at nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The chain, as in [`crate::OuterChain::identity`].
    pub chain: [u8; 32],
    /// Height it was taken at.
    pub height: u64,
    /// Hash of that block in the order of its bytes.
    pub block_hash: [u8; 32],
    /// The locks.
    pub vault: Vault,
    /// What each lock holds with enough confirmations; dust and immature coins are not in it.
    pub holdings: Vec<Holding>,
    /// What the vault holds in all, confirmed. On Ethereum a sweep between own accounts does not lessen it.
    pub confirmed: BTreeMap<Asset, U256>,
    /// Unspent outputs (Bitcoin family).
    pub coins: Vec<Coin>,
    /// Unspent outputs that are in a block and not deep enough to be spent (Bitcoin family).
    pub fresh: Vec<Coin>,
    /// Next nonces (Ethereum).
    pub nonces: Vec<Next>,
    /// What the network charges.
    pub fee: FeeQuote,
}

impl View {
    /// Returns what is in custody, to be compared with what is mapped: what is confirmed, and fresh change and sweeps
    /// of one's own transactions, whose ids are given. Should the chain drop those, what they spent is back.
    pub fn custody(&self, own: &[[u8; 32]]) -> BTreeMap<Asset, U256> {
        let mut custody = self.confirmed.clone();
        for coin in self.fresh.iter().filter(|coin| own.contains(&coin.outpoint.txid)) {
            let sum = custody.entry(Asset::Native).or_default();
            *sum = sum.saturating_add(U256::from(coin.amount));
        }
        custody
    }

    /// Returns what a lock holds of an asset.
    pub fn held(&self, path: &[u8; 32], asset: Asset) -> U256 {
        self.holdings
            .iter()
            .filter(|held| held.path == *path && held.asset == asset)
            .fold(U256::ZERO, |sum, held| sum.saturating_add(held.amount))
    }

    /// Returns the next nonce of a lock.
    pub fn nonce(&self, path: &[u8; 32]) -> Option<u64> {
        self.nonces.iter().find(|next| next.path == *path).map(|next| next.nonce)
    }

    /// Takes out what a plan for another request will spend: its coins or its nonce.
    pub fn without(mut self, plan: &Plan) -> Self {
        match plan {
            Plan::Bitcoin(plan) => {
                let spent: BTreeSet<_> = plan.inputs.iter().map(|input| input.outpoint).collect();
                self.coins.retain(|coin| !spent.contains(&coin.outpoint));
            }
            Plan::Ethereum(plan) => {
                let used = plan.nonce.saturating_add(1);
                for next in self.nonces.iter_mut().filter(|next| next.path == plan.from.path) {
                    next.nonce = next.nonce.max(used);
                }
            }
        }
        self
    }
}
