//! Is what ledger, usufruct, triggers and nested calls see of the world: words of system accounts, native
//! balances, logs and the block's time. In the EVM it is revm's journal with gas metering.

use crate::fault::Fault;
use alloy_primitives::{Address, B256, Bytes, U256};

/// Reads and writes state for an operation of the extension. Every access is metered by the implementor on
/// EVM's own scale (EIP-2929, EIP-2200, EIP-3529) and undone with the frame.
pub trait Store {
    /// Reads a storage word of `account`.
    fn get(&mut self, account: Address, key: U256) -> Result<U256, Fault>;
    /// Writes a storage word of `account`. [`Fault::StaticWrite`] under STATICCALL.
    fn set(&mut self, account: Address, key: U256, value: U256) -> Result<(), Fault>;
    /// Returns the native balance of `account` in wei.
    fn balance(&mut self, account: Address) -> Result<U256, Fault>;
    /// Moves native coin without running code; false when `from` holds too little or `to` would overflow.
    fn move_native(&mut self, from: Address, to: Address, amount: U256) -> Result<bool, Fault>;
    /// Makes sure that code stands at `address` (the ERC-20 view's stub) and that its nonce is at least 1.
    fn set_code_once(&mut self, address: Address, code: Bytes) -> Result<(), Fault>;
    /// Emits a log; charged as LOGn.
    fn log(&mut self, address: Address, topics: &[B256], data: Bytes) -> Result<(), Fault>;
    /// Charges extra gas for work that is not storage, for example a step of a bounded loop.
    fn charge(&mut self, gas: u64) -> Result<(), Fault>;
    /// Returns the block's timestamp in seconds.
    fn now(&self) -> u64;
    /// Returns the block's height.
    fn height(&self) -> u64;
    /// Is true under STATICCALL.
    fn is_static(&self) -> bool;
}
