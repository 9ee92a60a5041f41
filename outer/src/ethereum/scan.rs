//! Finds what arrived at accounts in blocks of Ethereum, by balances and not by events.

use super::{
    Ethereum, account,
    node::{BlockJson, ReceiptJson, TxJson},
};
use crate::{
    chain::OuterChain,
    custody::Lock,
    deposit::{Asset, Deposit},
    error::OuterError,
    scan::{Block, Blocks, Watched},
};
use alloy_primitives::{Address, U256, hex};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Is what transactions of our own did to our balances in a block.
#[derive(Default)]
struct Moves {
    /// What they took from an account.
    took: BTreeMap<(Address, Asset), U256>,
    /// What they brought to an account from another of ours.
    brought: BTreeMap<(Address, Asset), U256>,
}

impl Moves {
    fn add(map: &mut BTreeMap<(Address, Asset), U256>, account: Address, asset: Asset, amount: U256) {
        let sum = map.entry((account, asset)).or_default();
        *sum = sum.saturating_add(amount);
    }
}

/// Is the accounts of a vault.
pub struct Accounts {
    main: Address,
    deposits: BTreeMap<Address, (Lock, String)>,
}

impl Accounts {
    fn is_ours(&self, account: &Address) -> bool {
        *account == self.main || self.deposits.contains_key(account)
    }
}

impl Blocks for Ethereum {
    type Wanted = Accounts;

    fn prepare(&self, watched: Watched) -> Result<Accounts, OuterError> {
        let main = account(&watched.main.0)?;
        let pairs = watched.deposits.into_iter().map(|pair| Ok((account(&pair.0)?, pair)));
        Ok(Accounts { main, deposits: pairs.collect::<Result<_, OuterError>>()? })
    }

    fn tip(&self) -> Result<u64, OuterError> {
        Ok(self.head()?.number.low())
    }

    fn hash_at(&self, height: u64) -> Result<[u8; 32], OuterError> {
        Ok(self.head_at(height)?.hash.0)
    }

    fn read(&self, height: u64, wanted: &Accounts) -> Result<Block, OuterError> {
        let block = self.block(height)?;
        let deposits = match height {
            0 => Vec::new(),
            _ => self.arrivals(&block, wanted)?,
        };
        Ok(Block { hash: block.hash.0, parent: block.parent_hash.0, deposits })
    }
}

impl Ethereum {
    fn arrivals(&self, block: &BlockJson, wanted: &Accounts) -> Result<Vec<Deposit>, OuterError> {
        let held: Vec<_> = wanted
            .deposits
            .keys()
            .flat_map(|account| self.assets().map(|(asset, _)| (*account, asset)))
            .collect();
        let before = self.balances(&held, &block.parent_hash.0)?;
        let after = self.balances(&held, &block.hash.0)?;
        let moves = self.moves(block, wanted)?;
        let mut deposits = Vec::new();
        for ((key, before), after) in held.iter().zip(before).zip(after) {
            let (Some(before), Some(after)) = (before, after) else { continue };
            let amount = credit(before, after, key, &moves);
            if let Some(pair) = wanted.deposits.get(&key.0).filter(|_| !amount.is_zero()) {
                deposits.push(self.deposit(block, pair, key, amount));
            }
        }
        Ok(deposits)
    }

    fn deposit(
        &self,
        block: &BlockJson,
        (lock, address): &(Lock, String),
        (account, asset): &(Address, Asset),
        amount: U256,
    ) -> Deposit {
        let least = self.assets().find(|(known, _)| known == asset).map_or(U256::ZERO, |(_, least)| least);
        Deposit {
            id: deposit_id(&self.identity(), account, asset, &block.hash.0),
            asset: *asset,
            path: lock.path,
            address: address.clone(),
            amount,
            height: block.number.low(),
            block_hash: block.hash.0,
            coinbase: false,
            dust: amount < least,
            outpoint: None,
        }
    }

    /// Reckons what our own transactions in a block moved.
    fn moves(&self, block: &BlockJson, wanted: &Accounts) -> Result<Moves, OuterError> {
        let ours: Vec<_> =
            block.transactions.iter().filter(|tx| wanted.is_ours(&tx.from.account())).collect();
        let params: Vec<_> = ours.iter().map(|tx| json!([hex::encode_prefixed(tx.hash.0)])).collect();
        let receipts: Vec<ReceiptJson> = self.rpc.batch("eth_getTransactionReceipt", &params)?;
        let mut moves = Moves::default();
        for (tx, receipt) in ours.into_iter().zip(&receipts) {
            if receipt.block_hash != block.hash {
                return Err(OuterError::Moved { height: block.number.low() });
            }
            self.note_coin(tx, receipt, &mut moves, wanted);
            self.note_tokens(tx, receipt, &mut moves, wanted);
        }
        Ok(moves)
    }

    fn note_coin(&self, tx: &TxJson, receipt: &ReceiptJson, moves: &mut Moves, wanted: &Accounts) {
        let (from, to) = (tx.from.account(), tx.to.map(|to| to.account()));
        let gas = receipt.gas_used.0.saturating_mul(receipt.effective_gas_price.0);
        Moves::add(&mut moves.took, from, Asset::Native, gas);
        if receipt.succeeded() {
            Moves::add(&mut moves.took, from, Asset::Native, tx.value.0);
            if let Some(to) = to.filter(|to| wanted.is_ours(to)) {
                Moves::add(&mut moves.brought, to, Asset::Native, tx.value.0);
            }
        }
    }

    /// Notes token transfers that our transactions made. Only here an event is read: of a listed token, in a receipt
    /// of our own transaction; and what it says was taken is bounded by what the account had.
    fn note_tokens(&self, tx: &TxJson, receipt: &ReceiptJson, moves: &mut Moves, wanted: &Accounts) {
        let from = tx.from.account();
        for (token, _) in &self.tokens {
            let sent = receipt.logs.iter().filter_map(|log| log.transfer(*token));
            for transfer in sent.filter(|transfer| transfer.from == from) {
                Moves::add(&mut moves.took, from, Asset::Token(*token), transfer.amount);
                if wanted.is_ours(&transfer.to) {
                    Moves::add(&mut moves.brought, transfer.to, Asset::Token(*token), transfer.amount);
                }
            }
        }
    }
}

/// Returns what arrived from others: what is there now and what our transactions took, less what was there before
/// and what our transactions brought.
fn credit(before: U256, after: U256, key: &(Address, Asset), moves: &Moves) -> U256 {
    let took = moves.took.get(key).copied().unwrap_or_default();
    let took = match key.1 {
        Asset::Native => took,
        Asset::Token(_) => took.min(before),
    };
    let brought = moves.brought.get(key).copied().unwrap_or_default();
    after.saturating_add(took).saturating_sub(before).saturating_sub(brought)
}

/// Identifies what arrived at an account in a block.
fn deposit_id(chain: &[u8; 32], account: &Address, asset: &Asset, block: &[u8; 32]) -> [u8; 32] {
    let asset = match asset {
        Asset::Native => Address::ZERO,
        Asset::Token(token) => *token,
    };
    Sha256::new()
        .chain_update(b"fusor deposit at an account")
        .chain_update(chain)
        .chain_update(account)
        .chain_update(asset)
        .chain_update(block)
        .finalize()
        .into()
}
