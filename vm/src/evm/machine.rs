//! Closes revm's generic parameters in one file and hooks calls with assets and nested calls into its frames.

use super::{
    EvmError, Rules,
    context::{Extension, FrameRecord, FusorContext, Staged},
    follow::Then,
    inspect,
    precompiles::FusorPrecompiles,
    store::JournalStore,
};
use crate::{
    fault::Fault,
    instruction, nested,
    precompile::{self, Diverted},
    store::Store,
};
use alloy_primitives::U256;
use revm::{
    Context, Database, Inspector, Journal,
    context::{
        BlockEnv, CfgEnv, Evm, TxEnv,
        journaled_state::JournalCheckpoint,
        result::{ExecutionResult, HaltReason},
    },
    context_interface::{
        Cfg, ContextTr, JournalTr, LocalContextTr, Transaction, context::ContextError, local::FrameStack,
    },
    handler::{
        EthFrame, EvmTr, FrameInitOrResult, FrameResult, Handler, ItemOrResult, evm::FrameInitResult,
        instructions::EthInstructions, post_execution,
    },
    inspector::{InspectorEvmTr, InspectorHandler},
    interpreter::{
        CallScheme, FrameInput, Gas, GasTracker, InitialAndFloorGas, SharedMemory,
        interpreter::EthInterpreter, interpreter_action::FrameInit,
    },
    primitives::hardfork::SpecId,
    state::EvmState,
};

type Inner<DB, I> = Evm<
    FusorContext<DB>,
    I,
    EthInstructions<EthInterpreter, FusorContext<DB>>,
    FusorPrecompiles,
    EthFrame<EthInterpreter>,
>;
pub(super) type DbResult<T, DB> = Result<T, ContextError<<DB as Database>::Error>>;

/// Is revm's EVM with the extension's hooks around its frames.
#[derive(Debug)]
pub(crate) struct Machine<DB: Database, I> {
    pub(super) inner: Inner<DB, I>,
}

impl<DB: Database, I> Machine<DB, I> {
    pub(crate) fn new(db: DB, rules: Rules, block: BlockEnv, inspector: I) -> Self {
        let mut cfg = CfgEnv::new_with_spec(rules.spec).with_chain_id(rules.chain_id);
        cfg.set_max_blobs_per_tx(max_blobs(rules.spec));
        let chain = Extension { on: rules.extensions, ..Extension::default() };
        let ctx: FusorContext<DB> =
            Context::<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, Extension>::new(db, rules.spec)
                .with_cfg(cfg)
                .with_block(block)
                .with_chain(chain);
        let mut instructions = EthInstructions::new_mainnet_with_spec(rules.spec);
        if rules.extensions {
            instruction::install(&mut instructions);
        }
        let precompiles = FusorPrecompiles::new(rules.spec, rules.extensions);
        Self { inner: Evm::new_with_inspector(ctx, inspector, instructions, precompiles) }
    }

    pub(crate) fn with_inspector<J>(self, inspector: J) -> Machine<DB, J> {
        Machine { inner: self.inner.with_inspector(inspector) }
    }

    pub(crate) fn inspector(&mut self) -> &mut I {
        &mut self.inner.inspector
    }

    pub(crate) fn context(&mut self) -> &mut FusorContext<DB> {
        &mut self.inner.ctx
    }

    pub(crate) fn into_db(self) -> DB {
        self.inner.ctx.journaled_state.database
    }

    pub(crate) fn begin(&mut self, tx: TxEnv, top_static: bool) {
        self.inner.ctx.tx = tx;
        self.inner.ctx.chain.reset(top_static);
    }

    pub(crate) fn finalize(&mut self) -> EvmState {
        self.inner.ctx.journaled_state.finalize()
    }

    /// Runs an operation on the journal outside any transaction. Returns the gas it used.
    pub(crate) fn with_store<T>(
        &mut self,
        gas_limit: u64,
        operation: impl FnOnce(&mut dyn Store) -> Result<T, Fault>,
    ) -> (Result<T, Fault>, u64) {
        let mut gas = Gas::new(gas_limit);
        // The same accounts are warm as in a transaction, whatever ran before: gas must not depend on it.
        self.begin(TxEnv::default(), false);
        if let Err(error) = FusorHandler::default().load_accounts(self) {
            return (Err(Fault::Database(error.to_string())), 0);
        }
        let checkpoint = self.inner.ctx.journaled_state.checkpoint();
        let result = operation(&mut JournalStore::new(&mut self.inner.ctx, &mut gas, false));
        match &result {
            Ok(_) => self.inner.ctx.journaled_state.checkpoint_commit(),
            Err(_) => self.inner.ctx.journaled_state.checkpoint_revert(checkpoint),
        }
        (self.database_message(result), gas.total_gas_spent())
    }

    /// Puts the database's own message into a fault that says only that it failed.
    fn database_message<T>(&mut self, result: Result<T, Fault>) -> Result<T, Fault> {
        match std::mem::replace(&mut self.inner.ctx.error, Ok(())) {
            Err(error) if matches!(result, Err(Fault::Database(_))) => Err(Fault::Database(describe(error))),
            _ => result,
        }
    }

    pub(crate) fn run(&mut self) -> Result<ExecutionResult<HaltReason>, EvmError<DB>> {
        FusorHandler::default().run(self)
    }

    pub(crate) fn run_system(&mut self) -> Result<ExecutionResult<HaltReason>, EvmError<DB>> {
        FusorHandler::default().run_system(self)
    }
}

/// Returns the most blobs that one transaction may carry: EIP-4844, EIP-7691, then EIP-7594.
fn max_blobs(spec: SpecId) -> u64 {
    match spec {
        SpecId::PRAGUE => 9,
        _ => 6,
    }
}

fn describe<E: std::fmt::Display>(error: ContextError<E>) -> String {
    match error {
        ContextError::Db(error) => error.to_string(),
        ContextError::Custom(message) => message,
    }
}

impl<DB: Database, I: Inspector<FusorContext<DB>, EthInterpreter>> Machine<DB, I> {
    pub(crate) fn inspect(&mut self) -> Result<ExecutionResult<HaltReason>, EvmError<DB>> {
        FusorHandler::default().inspect_run(self)
    }
}

impl<DB: Database, I> EvmTr for Machine<DB, I> {
    type Context = FusorContext<DB>;
    type Instructions = EthInstructions<EthInterpreter, FusorContext<DB>>;
    type Precompiles = FusorPrecompiles;
    type Frame = EthFrame<EthInterpreter>;

    fn all(&self) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>) {
        self.inner.all()
    }

    fn all_mut(
        &mut self,
    ) -> (&mut Self::Context, &mut Self::Instructions, &mut Self::Precompiles, &mut FrameStack<Self::Frame>)
    {
        self.inner.all_mut()
    }

    fn frame_init(&mut self, init: FrameInit) -> DbResult<FrameInitResult<'_, Self::Frame>, DB> {
        let blocked = self.block(&init)?;
        let result = match self.inner.ctx.chain.on {
            true => self.open(init)?,
            false => match self.inner.frame_init(init)? {
                ItemOrResult::Item(_) => None,
                ItemOrResult::Result(result) => Some(result),
            },
        };
        self.unblock(blocked)?;
        Ok(match result {
            Some(result) => ItemOrResult::Result(result),
            None => ItemOrResult::Item(self.inner.frame_stack.get()),
        })
    }

    fn frame_run(&mut self) -> DbResult<FrameInitOrResult<Self::Frame>, DB> {
        self.inner.frame_run()
    }

    fn frame_return_result(&mut self, result: FrameResult) -> DbResult<Option<FrameResult>, DB> {
        if !self.inner.ctx.chain.on {
            return self.inner.frame_return_result(result);
        }
        self.close(result)
    }
}

impl<DB: Database, I> Machine<DB, I> {
    /// Opens the frame of a call and those that follow from it at once. Returns `None` when a frame was
    /// pushed, else the result for the caller.
    pub(super) fn open(&mut self, init: FrameInit) -> DbResult<Option<FrameResult>, DB> {
        let staged = self.inner.ctx.chain.staged.take();
        let mut init = init;
        let staged = match self.divert(&mut init, staged) {
            ItemOrResult::Item(staged) => staged,
            ItemOrResult::Result(result) => return Ok(Some(result)),
        };
        let inherits = inherits_assets(&init.frame_input);
        match self.inner.frame_init(init)? {
            ItemOrResult::Item(_) => {
                self.record(staged, inherits);
                Ok(None)
            }
            ItemOrResult::Result(result) => {
                self.settle_moves(staged.checkpoint, result.instruction_result().is_ok());
                self.follow(staged.then, result)
            }
        }
    }

    /// Exchanges a call to a precompile that asks for a frame for the call of that frame. A call that carries
    /// assets or answers for a precompile already is left to the precompile, which refuses.
    fn divert(&mut self, init: &mut FrameInit, staged: Option<Staged>) -> ItemOrResult<Staged, FrameResult> {
        if let Some(staged) = staged.filter(Staged::is_taken) {
            return ItemOrResult::Item(staged);
        }
        let FrameInput::Call(call) = &mut init.frame_input else {
            return ItemOrResult::Item(Staged::default());
        };
        match precompile::divert(&mut self.inner.ctx, call) {
            Diverted::No => ItemOrResult::Item(Staged::default()),
            Diverted::Frame(inputs, staged) => {
                **call = inputs;
                ItemOrResult::Item(staged)
            }
            Diverted::Result(result) => ItemOrResult::Result(result),
        }
    }

    /// Remembers what belongs to the frame that was just pushed.
    fn record(&mut self, staged: Staged, inherits: bool) {
        let ctx = &mut self.inner.ctx;
        if let Some(checkpoint) = staged.checkpoint {
            // One frame, one checkpoint: the earlier one also undoes the moves of the assets.
            self.inner.frame_stack.get().checkpoint = checkpoint;
            ctx.journaled_state.checkpoint_commit();
        }
        let attached = if inherits { ctx.chain.attached().to_vec() } else { staged.attached };
        ctx.chain.frames.push(FrameRecord { attached, then: staged.then });
    }

    /// Keeps or undoes the moves of assets for a call that ended without a frame.
    fn settle_moves(&mut self, checkpoint: Option<JournalCheckpoint>, success: bool) {
        let journal = &mut self.inner.ctx.journaled_state;
        match checkpoint {
            Some(_) if success => journal.checkpoint_commit(),
            Some(checkpoint) => journal.checkpoint_revert(checkpoint),
            None => {}
        }
    }

    /// Settles what was staged for a frame that an inspector answered in place of opening it.
    fn unopened(&mut self, result: &FrameResult) -> Then {
        let Some(staged) = self.inner.ctx.chain.staged.take() else { return Then::default() };
        self.settle_moves(staged.checkpoint, result.instruction_result().is_ok());
        staged.then
    }

    /// Hands a frame's result to its caller, or opens the frame that must run before.
    fn close(&mut self, result: FrameResult) -> DbResult<Option<FrameResult>, DB> {
        let then = match self.inner.frame_stack.get().is_finished() {
            true => {
                self.inner.frame_stack.pop();
                self.inner.ctx.chain.frames.pop().map(|record| record.then).unwrap_or_default()
            }
            false => self.unopened(&result),
        };
        let Some(result) = self.follow(then, result)? else { return Ok(None) };
        if self.inner.frame_stack.index().is_none() {
            return Ok(Some(result));
        }
        let guard_was_false = std::mem::take(&mut self.inner.ctx.chain.guard_was_false);
        let frame = self.inner.frame_stack.get();
        frame.return_result::<_, ContextError<DB::Error>>(&mut self.inner.ctx, result)?;
        if guard_was_false && let Some(top) = frame.interpreter.stack.top() {
            *top = nested::GUARD_FALSE;
        }
        Ok(None)
    }
}

/// Is true for the one kind of call that keeps the caller's list of assets.
fn inherits_assets(input: &FrameInput) -> bool {
    matches!(input, FrameInput::Call(call) if call.scheme == CallScheme::DelegateCall)
}

impl<DB: Database, I: Inspector<FusorContext<DB>, EthInterpreter>> InspectorEvmTr for Machine<DB, I> {
    type Inspector = I;

    fn all_inspector(
        &self,
    ) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>, &Self::Inspector)
    {
        self.inner.all_inspector()
    }

    fn all_mut_inspector(
        &mut self,
    ) -> (
        &mut Self::Context,
        &mut Self::Instructions,
        &mut Self::Precompiles,
        &mut FrameStack<Self::Frame>,
        &mut Self::Inspector,
    ) {
        self.inner.all_mut_inspector()
    }

    fn inspect_frame_init(&mut self, init: FrameInit) -> DbResult<FrameInitResult<'_, Self::Frame>, DB> {
        inspect::frame_init(self, init)
    }
}

/// Is mainnet's handler with a static first frame on demand and system calls that count refunds.
#[derive(Debug)]
struct FusorHandler<DB: Database, I>(std::marker::PhantomData<(DB, I)>);

impl<DB: Database, I> Default for FusorHandler<DB, I> {
    fn default() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<DB: Database, I> Handler for FusorHandler<DB, I> {
    type Evm = Machine<DB, I>;
    type Error = EvmError<DB>;
    type HaltReason = HaltReason;

    /// Credits the beneficiary, or adds to the fees of the block where they are credited at its end.
    fn reward_beneficiary(&self, evm: &mut Self::Evm, result: &mut FrameResult) -> Result<(), Self::Error> {
        let context = evm.ctx();
        let Some(fees) = context.chain.fees else {
            return post_execution::reward_beneficiary(context, result.gas()).map_err(From::from);
        };
        let base_fee = u128::from(context.block.basefee);
        let price = context.tx.effective_gas_price(base_fee).saturating_sub(base_fee);
        let gas = result.gas().used().saturating_sub(result.gas().reservoir());
        context.chain.fees = Some(fees.saturating_add(U256::from(price).saturating_mul(U256::from(gas))));
        Ok(())
    }

    fn first_frame_input(
        &mut self,
        evm: &mut Self::Evm,
        gas: &mut GasTracker,
    ) -> Result<Option<FrameInit>, Self::Error> {
        let is_static = evm.inner.ctx.chain.top_static;
        let memory = evm.first_memory();
        let input = revm::handler::execution::create_init_frame(evm.ctx_mut(), gas)?;
        Ok(input.map(|mut frame_input| {
            if let FrameInput::Call(call) = &mut frame_input {
                call.is_static |= is_static;
            }
            FrameInit { depth: 0, memory, frame_input }
        }))
    }
}

impl<DB: Database, I> Machine<DB, I> {
    /// Makes the memory of a frame that has no caller.
    pub(super) fn first_memory(&mut self) -> SharedMemory {
        let ctx = &self.inner.ctx;
        let mut memory = SharedMemory::new_with_buffer(ctx.local().shared_memory_buffer().clone());
        memory.set_memory_limit(ctx.cfg().memory_limit());
        memory
    }
}

impl<DB: Database, I> FusorHandler<DB, I> {
    fn run_system(&mut self, evm: &mut Machine<DB, I>) -> Result<ExecutionResult<HaltReason>, EvmError<DB>> {
        self.run_system_inner(evm).or_else(|error| self.catch_error(evm, error))
    }

    fn run_system_inner(
        &mut self,
        evm: &mut Machine<DB, I>,
    ) -> Result<ExecutionResult<HaltReason>, EvmError<DB>> {
        self.load_accounts(evm)?;
        let caller = evm.inner.ctx.tx.caller;
        evm.ctx().journal_mut().load_account(caller)?;
        let intrinsic = InitialAndFloorGas::new(0, 0);
        let mut gas = self.tx_gas(evm, &intrinsic);
        let checkpoint = evm.ctx().journal_mut().checkpoint();
        let mut result = match self.execution(evm, checkpoint, &mut gas)? {
            Some(result) => result,
            None => self.runtime_oog_result(evm, &intrinsic, &mut gas)?,
        };
        self.refund(evm, &mut result, 0)?;
        let used = post_execution::build_result_gas(false, result.gas(), intrinsic);
        self.execution_result(evm, result, used)
    }
}

impl<DB: Database, I: Inspector<FusorContext<DB>, EthInterpreter>> InspectorHandler for FusorHandler<DB, I> {
    type IT = EthInterpreter;
}
