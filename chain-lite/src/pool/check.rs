//! Checks what can be said of a transaction without looking at any account.

use super::{entry::Entry, error::PoolError};
use crate::tx::Transaction;
use revm::{
    context_interface::cfg::gas::calculate_initial_tx_gas_for_tx,
    primitives::{eip3860::MAX_INITCODE_SIZE, eip7825::TX_GAS_LIMIT_CAP, hardfork::SpecId},
};

/// Says what the chain takes from users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolRules {
    /// The chain's id.
    pub chain_id: u64,
    /// Gas limit of a block.
    pub block_gas_limit: u64,
    /// Whether unsigned transactions are taken.
    pub dev: bool,
}

impl PoolRules {
    /// Refuses what no block may hold, or more than `bytes_max`.
    pub(super) fn check(&self, entry: &Entry, bytes_max: usize) -> Result<(), PoolError> {
        self.check_kind(&entry.tx)?;
        check_size(entry, bytes_max)?;
        self.check_gas(&entry.tx)?;
        match entry.bid {
            bid if bid.tip > bid.fee => Err(PoolError::TipAboveFee { tip: bid.tip, fee: bid.fee }),
            _ => Ok(()),
        }
    }

    fn check_kind(&self, tx: &Transaction) -> Result<(), PoolError> {
        match tx {
            Transaction::System(_) => return Err(PoolError::Unsupported("system transactions from users")),
            Transaction::Dev(_) if !self.dev => return Err(PoolError::Unsigned),
            Transaction::Signed { envelope, .. } if envelope.is_eip4844() => {
                return Err(PoolError::Unsupported("blob transactions (EIP-4844)"));
            }
            Transaction::Signed { envelope, .. } if is_bare_delegation(envelope) => {
                return Err(PoolError::Unsupported("EIP-7702 without authorization"));
            }
            _ => {}
        }
        match tx.chain_id() {
            Some(have) if have != self.chain_id => Err(PoolError::ChainId { have, want: self.chain_id }),
            _ => Ok(()),
        }
    }

    fn check_gas(&self, tx: &Transaction) -> Result<(), PoolError> {
        let (gas, most) = (tx.gas(), self.block_gas_limit.min(TX_GAS_LIMIT_CAP));
        if gas > most {
            return Err(PoolError::GasLimit { gas, most });
        }
        let Some(env) = tx.env(0) else { return Ok(()) };
        let needed = calculate_initial_tx_gas_for_tx(&env, SpecId::OSAKA, None);
        let least = needed.initial_total_gas().max(needed.floor_gas());
        match gas < least {
            true => Err(PoolError::IntrinsicGas { gas, least }),
            false => Ok(()),
        }
    }
}

fn is_bare_delegation(envelope: &alloy_consensus::TxEnvelope) -> bool {
    envelope.as_eip7702().is_some_and(|signed| signed.tx().authorization_list.is_empty())
}

fn check_size(entry: &Entry, most: usize) -> Result<(), PoolError> {
    let (bytes, input) = (entry.bytes, entry.tx.input().len());
    if bytes > most {
        return Err(PoolError::Oversized { bytes, most });
    }
    match entry.tx.to() {
        None if input > MAX_INITCODE_SIZE => {
            Err(PoolError::InitCode { bytes: input, most: MAX_INITCODE_SIZE })
        }
        _ => Ok(()),
    }
}
