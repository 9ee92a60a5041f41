//! Runs transactions, system calls and simulations by the extended EVM.
//!
//! ```text
//! let rules = Rules { spec: SpecId::OSAKA, extensions: true, chain_id: 1 };
//! let mut evm = FusorEvm::new(db, rules, block);          // block: revm::context::BlockEnv
//! let outcome = evm.transact(tx)?;                        // tx: revm::context::TxEnv; state not committed
//! let result  = evm.transact_commit(tx)?;                 // committed to a DatabaseCommit
//! let result  = evm.system_call_commit(call)?;            // no fee, no nonce, no block gas limit
//! let outcome = evm.static_call(call)?;                   // STATICCALL rules, nothing kept
//! let paid    = evm.store_commit(|store| triggers::settle(store, tid))?; // outside any transaction
//! let probe   = evm.guard(contract, &guard)?;            // polls a nested call's guard
//! ```
//!
//! Each call starts from the database: a caller that runs several transactions commits between them.
//! All of revm's generic parameters are closed in [`machine`]; other crates name only [`FusorEvm`].

mod collision;
mod context;
mod follow;
mod frames;
mod inspect;
mod machine;
mod precompiles;
mod store;

pub(crate) use context::Staged;
pub use context::{Attached, Extension, FusorContext};
pub(crate) use follow::{Answer, Guarded, Then, Through};
pub(crate) use store::JournalStore;

use crate::{account, fault::Fault, invariants, nested, store::Store, triggers::Guard};
use alloy_primitives::{Address, Bytes, TxKind, U256};
use machine::Machine;
use revm::{
    Database, DatabaseCommit, Inspector,
    bytecode::Bytecode,
    context::{
        BlockEnv, CfgEnv, TxEnv,
        result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction},
    },
    context_interface::JournalTr,
    interpreter::interpreter::EthInterpreter,
    primitives::hardfork::SpecId,
    state::EvmState,
};

/// Fails a transaction before it has run (invalid) or because the database failed.
pub type EvmError<DB> = EVMError<<DB as Database>::Error>;

/// Chooses the rules of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The mainnet hard fork whose rules hold.
    pub spec: SpecId,
    /// Whether the 24 opcodes and the system precompiles are active.
    pub extensions: bool,
    /// The chain id that transactions must name.
    pub chain_id: u64,
}

impl Rules {
    /// Returns the rules of a Fusor chain: Osaka with extensions.
    pub const fn fusor(chain_id: u64) -> Self {
        Self { spec: SpecId::OSAKA, extensions: true, chain_id }
    }
}

/// Makes revm's bytecode from any bytes. Those that begin like an EIP-7702 delegation and are none are plain
/// code; revm's own `new_raw` panics on them.
pub fn bytecode(code: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}

/// Is what one transaction did; nothing of it is in the database yet.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Success, revert or halt, with gas, logs and output.
    pub result: ExecutionResult<HaltReason>,
    /// The accounts touched.
    pub state: EvmState,
    /// Whether one of the 24 bytes or a system precompile was executed.
    pub met_extension: bool,
}

/// Is a call without signature: sent by the scheduler, or a simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemCall {
    /// The sender; [`account::SCHEDULER`] for due triggers.
    pub caller: Address,
    /// The contract called.
    pub to: Address,
    /// Call data.
    pub data: Bytes,
    /// Gas limit in gas; nothing is charged for it here.
    pub gas: u64,
    /// Native coin in wei, taken from the caller's balance.
    pub value: U256,
}

impl SystemCall {
    /// Makes a call from the scheduler without value.
    pub fn scheduled(to: Address, data: Bytes, gas: u64) -> Self {
        Self { caller: account::SCHEDULER, to, data, gas, value: U256::ZERO }
    }

    fn into_tx(self, chain_id: u64) -> TxEnv {
        TxEnv {
            caller: self.caller,
            kind: TxKind::Call(self.to),
            data: self.data,
            gas_limit: self.gas,
            value: self.value,
            chain_id: Some(chain_id),
            ..TxEnv::default()
        }
    }
}

/// Says whether a guard holds and what finding out cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Whether the guard holds.
    pub holds: bool,
    /// Gas that the evaluation used.
    pub gas_used: u64,
}

/// Is the extended EVM over a database.
#[derive(Debug)]
pub struct FusorEvm<DB: Database, I = ()> {
    machine: Machine<DB, I>,
    rules: Rules,
}

impl<DB: Database> FusorEvm<DB> {
    /// Makes an EVM for one block.
    pub fn new(db: DB, rules: Rules, block: BlockEnv) -> Self {
        Self { machine: Machine::new(db, rules, block, ()), rules }
    }

    /// Runs a transaction by all rules of mainnet.
    pub fn transact(&mut self, tx: TxEnv) -> Result<Outcome, EvmError<DB>> {
        check_kind(&tx)?;
        self.machine.begin(tx, false);
        let result = self.machine.run();
        self.finish(result)
    }

    /// Runs a system call: no signature, nonce, fee or block gas limit; refunds count as for a transaction.
    pub fn system_call(&mut self, call: SystemCall) -> Result<Outcome, EvmError<DB>> {
        self.machine.begin(call.into_tx(self.rules.chain_id), false);
        let result = self.machine.run_system();
        self.finish(result)
    }

    /// Runs a call under STATICCALL's rules and without value. The outcome's state holds what was loaded and is not to be kept.
    pub fn static_call(&mut self, call: SystemCall) -> Result<Outcome, EvmError<DB>> {
        let call = SystemCall { value: U256::ZERO, ..call };
        self.machine.begin(call.into_tx(self.rules.chain_id), true);
        let result = self.machine.run_system();
        self.finish(result)
    }

    /// Runs `operation` on the state outside any transaction, with unlimited gas. A fault undoes it.
    pub fn store<T>(
        &mut self,
        operation: impl FnOnce(&mut dyn Store) -> Result<T, Fault>,
    ) -> Result<Change<T>, Fault> {
        let (result, gas_used) = self.machine.with_store(u64::MAX, operation);
        let logs = self.machine.context().journaled_state.take_logs();
        let state = self.machine.finalize();
        let change = result.map(|value| Change { value, state, logs, gas_used })?;
        match self.audit(&change.state) {
            Some(violation) => Err(Fault::Database(violation)),
            None => Ok(change),
        }
    }

    /// Evaluates a guard of `contract` without keeping anything, with at most [`PROBE_GAS`].
    pub fn guard(&mut self, contract: Address, guard: &Guard) -> Result<Probe, EvmError<DB>> {
        match guard.callee() {
            Some(to) => self.guard_by_call(contract, to, guard),
            None => self.guard_by_value(contract, guard),
        }
    }

    fn guard_by_call(&mut self, caller: Address, to: Address, guard: &Guard) -> Result<Probe, EvmError<DB>> {
        let (data, gas) = (guard.data.clone(), guard.call_gas());
        let result = self.static_call(SystemCall { caller, to, data, gas, value: U256::ZERO })?.result;
        let output = result.output().filter(|_| result.is_success());
        let value = output.and_then(|output| nested::first_word(output));
        Ok(Probe { holds: guard.holds(value), gas_used: result.tx_gas_used() })
    }

    fn guard_by_value(&mut self, contract: Address, guard: &Guard) -> Result<Probe, EvmError<DB>> {
        let evaluate = |store: &mut dyn Store| nested::value(store, contract, guard);
        let (value, gas_used) = self.machine.with_store(PROBE_GAS, evaluate);
        self.machine.finalize();
        match value {
            Ok(value) => Ok(Probe { holds: guard.holds(value), gas_used }),
            Err(Fault::Database(message)) => Err(EVMError::Custom(message)),
            Err(_) => Ok(Probe { holds: false, gas_used }),
        }
    }
}

/// Bounds the gas of a guard's evaluation outside a transaction.
pub const PROBE_GAS: u64 = 100_000;

/// Is what an operation outside any transaction did; nothing of it is in the database yet.
#[derive(Debug, Clone)]
pub struct Change<T> {
    /// What the operation returned.
    pub value: T,
    /// The accounts touched.
    pub state: EvmState,
    /// The logs emitted.
    pub logs: Vec<alloy_primitives::Log>,
    /// Gas that the work would have cost in a transaction, before refunds.
    pub gas_used: u64,
}

/// Refuses contract creation by transaction types that have none (EIP-4844, EIP-7702).
fn check_kind(tx: &TxEnv) -> Result<(), InvalidTransaction> {
    match (tx.tx_type, tx.kind) {
        (3, TxKind::Create) => Err(InvalidTransaction::BlobCreateTransaction),
        (4, TxKind::Create) => Err(InvalidTransaction::AuthorizationListInvalidFields),
        _ => Ok(()),
    }
}

impl<DB: Database, I> FusorEvm<DB, I> {
    /// Lists the accounts that have storage but neither code nor nonce, over which nothing may be created
    /// (EIP-7610). Only a chain with a past before EIP-161 has any.
    pub fn set_storage_only(&mut self, accounts: std::collections::BTreeSet<Address>) {
        self.machine.context().chain.storage_only = accounts;
    }

    /// Exchanges the inspector; [`FusorEvm::inspect`] calls it.
    pub fn with_inspector<J>(self, inspector: J) -> FusorEvm<DB, J> {
        FusorEvm { machine: self.machine.with_inspector(inspector), rules: self.rules }
    }

    /// Returns the inspector.
    pub fn inspector(&mut self) -> &mut I {
        self.machine.inspector()
    }

    /// Returns the rules.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Collects priority fees from now on instead of crediting the beneficiary after each transaction, so that
    /// transactions have nothing in common but what they ask for. [`FusorEvm::take_fees`] returns them.
    pub fn defer_fees(&mut self) {
        self.machine.context().chain.fees.get_or_insert_default();
    }

    /// Returns the priority fees in wei collected since the last time; zero where they are not deferred.
    pub fn take_fees(&mut self) -> U256 {
        self.machine.context().chain.fees.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Returns the block's environment for changes between transactions.
    pub fn block_mut(&mut self) -> &mut BlockEnv {
        &mut self.machine.context().block
    }

    /// Returns revm's configuration for changes between transactions, for example a higher code size limit.
    pub fn cfg_mut(&mut self) -> &mut CfgEnv {
        &mut self.machine.context().cfg
    }

    /// Returns the database.
    pub fn db_mut(&mut self) -> &mut DB {
        self.machine.context().journaled_state.db_mut()
    }

    /// Returns the database and drops the EVM.
    pub fn into_db(self) -> DB {
        self.machine.into_db()
    }

    fn finish(
        &mut self,
        result: Result<ExecutionResult<HaltReason>, EvmError<DB>>,
    ) -> Result<Outcome, EvmError<DB>> {
        let met_extension = self.machine.context().chain.met;
        let state = self.machine.finalize();
        let outcome = result.map(|result| Outcome { result, state, met_extension })?;
        match self.audit(&outcome.state) {
            Some(violation) => Err(EVMError::Custom(violation)),
            None => Ok(outcome),
        }
    }

    /// Says in a debug build which invariant of the ledger a change of state breaks.
    fn audit(&self, state: &EvmState) -> Option<String> {
        let checked = cfg!(debug_assertions) && self.rules.extensions;
        checked.then(|| invariants::check_transaction(state).err()).flatten().map(|error| error.to_string())
    }
}

impl<DB: Database, I: Inspector<FusorContext<DB>, EthInterpreter>> FusorEvm<DB, I> {
    /// Runs a transaction like [`FusorEvm::transact`] and shows each step to the inspector.
    pub fn inspect(&mut self, tx: TxEnv) -> Result<Outcome, EvmError<DB>> {
        check_kind(&tx)?;
        self.machine.begin(tx, false);
        let result = self.machine.inspect();
        self.finish(result)
    }
}

impl<DB: Database + DatabaseCommit> FusorEvm<DB> {
    /// Runs a transaction and commits what it did.
    pub fn transact_commit(&mut self, tx: TxEnv) -> Result<ExecutionResult<HaltReason>, EvmError<DB>> {
        let outcome = self.transact(tx)?;
        self.db_mut().commit(outcome.state);
        Ok(outcome.result)
    }

    /// Runs a system call and commits what it did.
    pub fn system_call_commit(
        &mut self,
        call: SystemCall,
    ) -> Result<ExecutionResult<HaltReason>, EvmError<DB>> {
        let outcome = self.system_call(call)?;
        self.db_mut().commit(outcome.state);
        Ok(outcome.result)
    }

    /// Runs an operation on the state outside any transaction and commits what it did. The change returned
    /// has an empty state.
    pub fn store_commit<T>(
        &mut self,
        operation: impl FnOnce(&mut dyn Store) -> Result<T, Fault>,
    ) -> Result<Change<T>, Fault> {
        let mut change = self.store(operation)?;
        self.db_mut().commit(std::mem::take(&mut change.state));
        Ok(change)
    }
}
