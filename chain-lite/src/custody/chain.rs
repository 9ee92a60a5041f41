//! Is what a custodian needs of the chain it serves.

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use fusor_vm::{fault::Fault, store::Store};
use thiserror::Error;

/// Says why the chain cannot be read or written now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("chain: {0}")]
pub struct ChainError(pub String);

/// Is a final state that can be read.
pub trait State {
    /// Returns the height of the last final block.
    fn height(&self) -> Result<u64, ChainError>;
    /// Returns the time of the last final block, in seconds.
    fn time(&self) -> Result<u64, ChainError>;
    /// Returns the nonce and the balance of an account.
    fn account(&self, who: Address) -> Result<(u64, U256), ChainError>;
    /// Returns a word of an account's storage.
    fn word(&self, account: Address, key: U256) -> Result<U256, ChainError>;
}

/// Is the final chain as a custodian's own node has it.
pub trait Chain: State {
    /// Says whether the node has caught up with its network.
    fn synced(&self) -> bool;
    /// Returns the logs of the custody account in the block at `height`.
    fn logs(&self, height: u64) -> Result<Vec<Log>, ChainError>;
    /// Returns the gas that a call by `from` needs on the last final state, or why it would fail.
    fn estimate(&self, from: Address, value: U256, data: &Bytes) -> Result<u64, ChainError>;
    /// Returns the price that a transaction must offer to be taken, in wei per gas.
    fn gas_price(&self) -> Result<u128, ChainError>;
    /// Returns the chain's id.
    fn id(&self) -> u64;
    /// Submits a transaction in EIP-2718's form.
    fn submit(&self, raw: &[u8]) -> Result<B256, ChainError>;
}

/// Reads the state of a chain as operations of the extension do; it takes no writes.
pub(crate) struct Reader<'a> {
    chain: &'a dyn State,
    height: u64,
    time: u64,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(chain: &'a dyn State) -> Result<Self, ChainError> {
        Ok(Self { chain, height: chain.height()?, time: chain.time()? })
    }
}

fn fault(error: ChainError) -> Fault {
    Fault::Database(error.0)
}

impl From<Fault> for ChainError {
    fn from(fault: Fault) -> Self {
        Self(fault.to_string())
    }
}

impl Store for Reader<'_> {
    fn get(&mut self, account: Address, key: U256) -> Result<U256, Fault> {
        self.chain.word(account, key).map_err(fault)
    }

    fn set(&mut self, _: Address, _: U256, _: U256) -> Result<(), Fault> {
        Err(Fault::StaticWrite)
    }

    fn balance(&mut self, account: Address) -> Result<U256, Fault> {
        Ok(self.chain.account(account).map_err(fault)?.1)
    }

    fn move_native(&mut self, _: Address, _: Address, _: U256) -> Result<bool, Fault> {
        Err(Fault::StaticWrite)
    }

    fn set_code_once(&mut self, _: Address, _: Bytes) -> Result<(), Fault> {
        Err(Fault::StaticWrite)
    }

    fn log(&mut self, _: Address, _: &[B256], _: Bytes) -> Result<(), Fault> {
        Err(Fault::StaticWrite)
    }

    fn charge(&mut self, _: u64) -> Result<(), Fault> {
        Ok(())
    }

    fn now(&self) -> u64 {
        self.time
    }

    fn height(&self) -> u64 {
        self.height
    }

    fn is_static(&self) -> bool {
        true
    }
}
