//! Sends transactions and seals them at once.

use super::Chain;
use crate::{
    error::{ChainError, InvalidTx},
    receipt::Receipt,
    tx::{DevTx, Transaction},
};
use alloy_primitives::{Address, Bytes, U256};

/// Is a contract that was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Where it stands.
    pub address: Address,
    /// The receipt of its creation.
    pub receipt: Receipt,
}

impl Chain {
    /// Seals a block with what is in the pool and `tx` and returns its receipt. Errors: the transaction is
    /// refused; then the state is as if it had not been sent.
    pub fn transact(&mut self, tx: Transaction) -> Result<Receipt, ChainError> {
        let hash = tx.hash();
        let snapshot = self.snapshot();
        self.submit(tx);
        let sealed = self.seal()?;
        if let Some(left) = sealed.left_out.into_iter().find(|left| left.hash == hash) {
            self.revert(&snapshot)?;
            return Err(left.reason.into());
        }
        self.receipt(hash).cloned().ok_or(ChainError::Unknown { what: "receipt" })
    }

    /// Takes a signed transaction as RPC delivers it, and seals it. Errors: as [`Chain::transact`], and bytes
    /// that are no signed transaction.
    pub fn transact_raw(&mut self, raw: &[u8]) -> Result<Receipt, ChainError> {
        self.transact(Transaction::decode_signed(raw)?)
    }

    /// Makes an unsigned transaction of `from` with its next nonce and all the gas that users may have.
    pub fn dev_tx(&self, from: Address, to: Option<Address>, value: U256, input: Bytes) -> Transaction {
        let pooled = self.pooled.get(&from).copied().unwrap_or_default();
        let nonce = self.nonce(from).saturating_add(pooled);
        // Osaka caps a transaction's gas (EIP-7825).
        let gas = (self.genesis.block_gas_limit / 2).min(TX_GAS_MAX);
        Transaction::Dev(DevTx { from, to, value, gas, input, nonce, chain_id: self.genesis.chain_id })
    }

    /// Sends an unsigned transaction and seals it. A call that reverts is no error here: its receipt says so.
    pub fn send_from(
        &mut self,
        from: Address,
        to: Address,
        value: U256,
        input: Bytes,
    ) -> Result<Receipt, ChainError> {
        let tx = self.dev_tx(from, Some(to), value, input);
        self.transact(tx)
    }

    /// Releases a contract from `from`. Errors: the constructor fails, for example because its triggers'
    /// escrow is not covered; then nothing has changed, not even a block.
    pub fn deploy(&mut self, from: Address, init_code: Bytes, value: U256) -> Result<Deployed, ChainError> {
        let tx = self.dev_tx(from, None, value, init_code);
        self.deploy_with(tx)
    }

    /// Releases a contract by any transaction. Errors: as [`Chain::deploy`], and a transaction that creates
    /// no contract.
    pub fn deploy_with(&mut self, tx: Transaction) -> Result<Deployed, ChainError> {
        if tx.to().is_some() {
            return Err(InvalidTx::Unsupported("a release that calls an account").into());
        }
        let snapshot = self.snapshot();
        let receipt = self.transact(tx)?;
        match receipt.created {
            Some(address) if receipt.success => Ok(Deployed { address, receipt }),
            _ => {
                self.revert(&snapshot)?;
                let reason = receipt.halt.unwrap_or_else(|| "constructor reverted".into());
                Err(ChainError::Release { reason, output: receipt.output })
            }
        }
    }
}

/// Most gas of one transaction since Osaka (EIP-7825).
const TX_GAS_MAX: u64 = 1 << 24;
