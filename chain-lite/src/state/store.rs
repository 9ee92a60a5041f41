//! Lets operations of the extension work on the state outside of transactions, without gas.

use super::{Head, State};
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use fusor_vm::{fault::Fault, store::Store};
use revm::bytecode::Bytecode;

/// Is the state as the scheduler's own operations see it.
#[derive(Debug)]
pub struct BlockStore<'a> {
    state: &'a mut State,
    now: u64,
    height: u64,
    logs: Vec<Log>,
}

impl<'a> BlockStore<'a> {
    /// Opens the state for operations in a block.
    pub fn new(state: &'a mut State, now: u64, height: u64) -> Self {
        Self { state, now, height, logs: Vec::new() }
    }

    /// Returns the logs that operations emitted.
    pub fn into_logs(self) -> Vec<Log> {
        self.logs
    }
}

impl Store for BlockStore<'_> {
    fn get(&mut self, account: Address, key: U256) -> Result<U256, Fault> {
        Ok(self.state.word(account, key))
    }

    fn set(&mut self, account: Address, key: U256, value: U256) -> Result<(), Fault> {
        self.state.set_word(account, key, value);
        Ok(())
    }

    fn balance(&mut self, account: Address) -> Result<U256, Fault> {
        Ok(self.state.head(account).unwrap_or_default().balance)
    }

    fn move_native(&mut self, from: Address, to: Address, amount: U256) -> Result<bool, Fault> {
        let payer = self.state.head(from).unwrap_or_default();
        let Some(rest) = payer.balance.checked_sub(amount) else { return Ok(false) };
        if from == to || amount.is_zero() {
            return Ok(true);
        }
        let receiver = self.state.head(to).unwrap_or_default();
        let Some(sum) = receiver.balance.checked_add(amount) else { return Ok(false) };
        self.state.set_head(from, Head { balance: rest, ..payer });
        self.state.set_head(to, Head { balance: sum, ..receiver });
        Ok(true)
    }

    fn set_code_once(&mut self, address: Address, code: Bytes) -> Result<(), Fault> {
        let head = self.state.head(address).unwrap_or_default();
        if self.state.code(address).is_empty() {
            let code_hash = self.state.add_code(Bytecode::new_legacy(code));
            self.state.set_head(address, Head { code_hash, nonce: head.nonce.max(1), ..head });
        }
        Ok(())
    }

    fn log(&mut self, address: Address, topics: &[B256], data: Bytes) -> Result<(), Fault> {
        let log = Log::new(address, topics.to_vec(), data).ok_or(Fault::Misuse("more than four topics"))?;
        self.logs.push(log);
        Ok(())
    }

    fn charge(&mut self, _: u64) -> Result<(), Fault> {
        Ok(())
    }

    fn now(&self) -> u64 {
        self.now
    }

    fn height(&self) -> u64 {
        self.height
    }

    fn is_static(&self) -> bool {
        false
    }
}
