//! Answers questions about the head of the chain without changing it.

use super::Chain;
use crate::{
    block::env_of,
    error::ChainError,
    state::{BlockStore, Proof},
};
use alloy_primitives::{Address, Bytes, U256};
use fusor_vm::{
    account::TRIGGERS,
    evm::{FusorEvm, SystemCall},
    fault::Fault,
    ledger,
    slot::{Record, Table},
    triggers::{self, Info, Trigger},
    usufruct,
};
use revm::context::BlockEnv;

/// Is a call that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Who calls.
    pub from: Address,
    /// Who is called.
    pub to: Address,
    /// Call data.
    pub input: Bytes,
    /// Wei sent along.
    pub value: U256,
    /// Gas limit.
    pub gas: u64,
}

impl Chain {
    /// Calls a contract on the head's state and returns its output; nothing is kept. Errors: the call fails.
    pub fn call(&mut self, from: Address, to: Address, input: Bytes) -> Result<Bytes, ChainError> {
        let gas = self.genesis.block_gas_limit;
        self.simulate(Call { from, to, input, value: U256::ZERO, gas })
    }

    /// Runs a call on the head's state as the next transaction would see it at the head's time; nothing is
    /// kept. Errors: the call fails.
    pub fn simulate(&mut self, call: Call) -> Result<Bytes, ChainError> {
        let (rules, block) = (self.rules(), self.head_env());
        let mut evm = FusorEvm::new(&mut self.state, rules, block);
        let Call { from: caller, to, input: data, value, gas } = call;
        let outcome = evm.system_call(SystemCall { caller, to, data, gas, value });
        let result = outcome.map_err(|error| ChainError::Internal(error.to_string()))?.result;
        if result.is_success() {
            return Ok(result.into_output().unwrap_or_default());
        }
        let reason = match &result {
            revm::context::result::ExecutionResult::Halt { reason, .. } => format!("{reason:?}"),
            _ => "reverted".into(),
        };
        Err(ChainError::Call { to, reason, output: result.into_output().unwrap_or_default() })
    }

    /// Returns the native balance in wei.
    pub fn balance(&self, who: Address) -> U256 {
        self.state.head(who).unwrap_or_default().balance
    }

    /// Returns the nonce.
    pub fn nonce(&self, who: Address) -> u64 {
        self.state.head(who).unwrap_or_default().nonce
    }

    /// Returns the code.
    pub fn code(&self, who: Address) -> Bytes {
        self.state.code(who).original_bytes()
    }

    /// Returns a storage word.
    pub fn storage(&self, who: Address, key: U256) -> U256 {
        self.state.word(who, key)
    }

    /// Proves an account and words of its storage against the head's state root; costs by what was written and undone
    /// since the head.
    pub(crate) fn prove(&mut self, address: Address, keys: &[U256]) -> Option<Proof> {
        self.state.root();
        self.state.prove(address, keys)
    }

    /// Returns what `who` owns of asset `id`, units under grants included; id 0 is the native coin.
    pub fn asset_balance(&mut self, id: U256, who: Address) -> Result<U256, ChainError> {
        self.ask(|store| ledger::owned(store, id, who))
    }

    /// Returns what `who` may send of asset `id` now.
    pub fn asset_free(&mut self, id: U256, who: Address) -> Result<U256, ChainError> {
        self.ask(|store| ledger::free(store, id, who))
    }

    /// Returns the units of asset `id` in existence.
    pub fn asset_supply(&mut self, id: U256) -> Result<U256, ChainError> {
        self.ask(|store| ledger::supply(store, id))
    }

    /// Describes asset `id`.
    pub fn asset_info(&mut self, id: U256) -> Result<ledger::AssetInfo, ChainError> {
        self.ask(|store| ledger::info(store, id))
    }

    /// Returns what `who` may use of asset `id` at time `t`; 0 means now.
    pub fn usable(&mut self, id: U256, who: Address, t: u64) -> Result<U256, ChainError> {
        self.ask(|store| usufruct::usable(store, id, who, U256::from(t)))
    }

    /// Describes grant `gid`.
    pub fn grant(&mut self, gid: U256) -> Result<usufruct::Info, ChainError> {
        self.ask(|store| usufruct::info(store, gid))
    }

    /// Describes trigger `tid` as TINFO does.
    pub fn trigger_info(&mut self, tid: U256) -> Result<Info, ChainError> {
        self.ask(|store| triggers::info(store, tid))
    }

    /// Returns the row of trigger `tid` on the calling list.
    pub fn trigger(&mut self, tid: U256) -> Result<Option<Trigger>, ChainError> {
        self.ask(|store| Trigger::load(store, tid))
    }

    /// Lists all rows of the calling list that `contract` registered, in the order of registration.
    pub fn triggers_of(&mut self, contract: Address) -> Result<Vec<Trigger>, ChainError> {
        let nonce = Record::new(Table::TriggerNonce, &[contract.into_word().into()]).word(0);
        let count: u64 = self.state.word(TRIGGERS, nonce).saturating_to();
        let mut found = Vec::new();
        for number in 1..=count {
            found.extend(self.trigger(triggers::tid_of(contract, number))?);
        }
        Ok(found)
    }

    /// Returns the price of one firing with `gas` at time `t`, as TQUOTE does.
    pub fn quote(&mut self, t: u64, gas: u64) -> Result<U256, ChainError> {
        self.ask(|store| triggers::quote(store, U256::from(t), U256::from(gas)))
    }

    /// Returns the pot from which a contract's triggers are paid, in wei.
    pub fn pot(&mut self, contract: Address) -> Result<U256, ChainError> {
        self.ask(|store| triggers::pot(store, contract))
    }

    pub(crate) fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut BlockStore<'_>) -> Result<T, Fault>,
    ) -> Result<T, ChainError> {
        let (now, height) = (self.time(), self.height());
        let mut store = BlockStore::new(&mut self.state, now, height);
        question(&mut store).map_err(|fault| ChainError::Internal(fault.to_string()))
    }

    fn head_env(&self) -> BlockEnv {
        env_of(&self.head().header)
    }
}
