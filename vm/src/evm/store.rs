//! Implements [`Store`] over revm's journal and meters it on EVM's own scale.

use super::context::FusorContext;
use crate::{fault::Fault, store::Store};
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use revm::{
    Database,
    bytecode::Bytecode,
    context_interface::{
        Block, ContextTr, Host, JournalTr,
        context::{SStoreResult, StateLoad},
        host::LoadError,
        journaled_state::account::JournaledAccountTr,
    },
    interpreter::Gas,
    primitives::hardfork::SpecId,
};

/// Gas of LOG0 before topics and data, which revm charges by its table of opcodes.
const LOG_GAS: u64 = 375;

/// Gives one operation access to the journal. Gas is taken from `gas`, refunds are recorded there.
pub(crate) struct JournalStore<'a, DB: Database> {
    ctx: &'a mut FusorContext<DB>,
    gas: &'a mut Gas,
    is_static: bool,
}

impl<'a, DB: Database> JournalStore<'a, DB> {
    pub(crate) fn new(ctx: &'a mut FusorContext<DB>, gas: &'a mut Gas, is_static: bool) -> Self {
        Self { ctx, gas, is_static }
    }

    fn guard_write(&self) -> Result<(), Fault> {
        if self.is_static { Err(Fault::StaticWrite) } else { Ok(()) }
    }

    fn since(&self, spec: SpecId) -> bool {
        self.ctx.cfg().spec().is_enabled_in(spec)
    }

    /// Loads an account and charges its access (EIP-2929). Returns (balance, whether it is empty).
    fn access(&mut self, account: Address) -> Result<(U256, bool), Fault> {
        let cold = self.ctx.gas_params().cold_account_additional_cost();
        self.charge(self.ctx.gas_params().warm_storage_read_cost())?;
        let skip = self.gas.remaining() < cold;
        let load = self.ctx.load_account_info_skip_cold_load(account, false, skip).map_err(load_fault)?;
        let (balance, empty, is_cold) = (load.balance, load.is_empty, load.is_cold);
        self.charge(if is_cold { cold } else { 0 })?;
        Ok((balance, empty))
    }

    /// Puts an account into the journal without charge, as revm wants before its storage is touched. System
    /// accounts are warm from the start, like precompiles.
    fn present(&mut self, account: Address) -> Result<(), Fault> {
        self.ctx.load_account_info_skip_cold_load(account, false, false).map(drop).map_err(load_fault)
    }

    fn charge_state(&mut self, gas: u64) -> Result<(), Fault> {
        if self.gas.record_state_cost(gas) { Ok(()) } else { Err(Fault::OutOfGas) }
    }

    fn charge_sstore(&mut self, load: &StateLoad<SStoreResult>) -> Result<(), Fault> {
        let istanbul = self.since(SpecId::ISTANBUL);
        let params = self.ctx.gas_params();
        let dynamic = params.sstore_dynamic_gas(istanbul, &load.data, load.is_cold);
        let refund = params.sstore_refund(istanbul, &load.data);
        let state = params.sstore_state_gas(&load.data);
        let refill = params.sstore_state_gas_refill(&load.data);
        self.charge(dynamic)?;
        if self.ctx.is_amsterdam_eip8037_enabled() {
            self.charge_state(state)?;
            if refill > 0 {
                self.gas.refill_reservoir(refill);
            }
        }
        self.gas.record_refund(refund);
        Ok(())
    }

    fn database(&self) -> Fault {
        Fault::Database("account could not be loaded".into())
    }
}

/// Turns revm's load error into a fault; the database's own message waits in the context for the handler.
fn load_fault(error: LoadError) -> Fault {
    match error {
        LoadError::ColdLoadSkipped => Fault::OutOfGas,
        LoadError::DBError => Fault::Database("see the context's error".into()),
    }
}

impl<DB: Database> Store for JournalStore<'_, DB> {
    fn get(&mut self, account: Address, key: U256) -> Result<U256, Fault> {
        let cold = self.ctx.gas_params().cold_storage_additional_cost();
        self.charge(self.ctx.gas_params().warm_storage_read_cost())?;
        self.present(account)?;
        let skip = self.gas.remaining() < cold;
        let load = self.ctx.sload_skip_cold_load(account, key, skip).map_err(load_fault)?;
        self.charge(if load.is_cold { cold } else { 0 })?;
        Ok(load.data)
    }

    fn set(&mut self, account: Address, key: U256, value: U256) -> Result<(), Fault> {
        self.guard_write()?;
        // EIP-2200: a call stipend must not pay for a write.
        if self.gas.remaining() <= self.ctx.gas_params().call_stipend() {
            return Err(Fault::OutOfGas);
        }
        self.charge(self.ctx.gas_params().sstore_static_gas())?;
        self.present(account)?;
        let skip = self.gas.remaining() < self.ctx.gas_params().cold_storage_cost();
        let load = self.ctx.sstore_skip_cold_load(account, key, value, skip).map_err(load_fault)?;
        self.charge_sstore(&load)
    }

    fn balance(&mut self, account: Address) -> Result<U256, Fault> {
        Ok(self.access(account)?.0)
    }

    fn move_native(&mut self, from: Address, to: Address, amount: U256) -> Result<bool, Fault> {
        self.guard_write()?;
        let (have, _) = self.access(from)?;
        if have < amount {
            return Ok(false);
        }
        let (receiver, empty) = self.access(to)?;
        if amount.is_zero() || from == to {
            return Ok(true);
        }
        if receiver.checked_add(amount).is_none() {
            return Ok(false);
        }
        let params = self.ctx.gas_params();
        let transfer = params.transfer_value_cost().saturating_sub(params.call_stipend());
        let creation = if empty { params.new_account_cost(true, true) } else { 0 };
        let creation_state = if empty { params.new_account_state_gas() } else { 0 };
        self.charge(transfer.saturating_add(creation))?;
        if self.ctx.is_amsterdam_eip8037_enabled() {
            self.charge_state(creation_state)?;
        }
        Ok(self.ctx.journal_mut().transfer_loaded(from, to, amount).is_none())
    }

    fn set_code_once(&mut self, address: Address, code: Bytes) -> Result<(), Fault> {
        self.guard_write()?;
        let (_, empty) = self.access(address)?;
        let (has_code, nonce) = {
            let load = self.ctx.load_account_info_skip_cold_load(address, true, false).map_err(load_fault)?;
            (!load.is_empty_code_hash(), load.nonce)
        };
        if has_code {
            return Ok(());
        }
        let params = self.ctx.gas_params();
        let creation = if empty { params.new_account_cost(true, true) } else { 0 };
        self.charge(params.code_deposit_cost(code.len()).saturating_add(creation))?;
        let fault = self.database();
        let Ok(mut account) = self.ctx.journal_mut().load_account_mut(address) else { return Err(fault) };
        account.set_code_and_hash_slow(Bytecode::new_legacy(code));
        account.set_nonce(nonce.max(1));
        Ok(())
    }

    fn log(&mut self, address: Address, topics: &[B256], data: Bytes) -> Result<(), Fault> {
        self.guard_write()?;
        let count = u8::try_from(topics.len()).unwrap_or(u8::MAX);
        let cost = self.ctx.gas_params().log_cost(count, data.len() as u64);
        self.charge(cost.saturating_add(LOG_GAS))?;
        let log = Log::new(address, topics.to_vec(), data).ok_or(Fault::Misuse("more than four topics"))?;
        self.ctx.journal_mut().log(log);
        Ok(())
    }

    fn charge(&mut self, gas: u64) -> Result<(), Fault> {
        if self.gas.record_regular_cost(gas) { Ok(()) } else { Err(Fault::OutOfGas) }
    }

    fn now(&self) -> u64 {
        self.ctx.block().timestamp().saturating_to()
    }

    fn height(&self) -> u64 {
        self.ctx.block().number().saturating_to()
    }

    fn is_static(&self) -> bool {
        self.is_static
    }
}
