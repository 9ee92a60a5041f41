//! Adapts the extension's operations to revm's interpreter: one short function per opcode, arity, gas and effect
//! taken from [`opcode::TABLE`].

mod calls;
mod ledger;
mod triggers;
mod usufruct;

use crate::{
    evm::{FusorContext, JournalStore},
    fault::Fault,
    opcode::{self, Effect, Opcode},
    triggers::Guard,
};
use alloy_primitives::{Address, Bytes, U256};
use revm::{
    Database,
    context_interface::{Host, LocalContextTr, context::ContextError},
    handler::instructions::EthInstructions,
    interpreter::{
        CallInputs, FrameInput, Instruction, InstructionContext, InstructionResult, InterpreterAction,
        interpreter::EthInterpreter,
        interpreter_types::{InputsTr, LoopControl, MemoryTr, RuntimeFlag, StackTr},
    },
};
use std::ops::Range;

type Cx<'a, DB> = InstructionContext<'a, FusorContext<DB>, EthInterpreter>;
type Step = Result<(), InstructionResult>;
/// Is an opcode's body that computes its results.
type Body<DB, const IN: usize, const OUT: usize> =
    for<'a, 'b> fn(&'b mut Op<'a, DB>, [U256; IN]) -> Result<[U256; OUT], Fault>;
/// Is an opcode's body that may open a frame.
type CallBody<DB, const IN: usize> = for<'a, 'b> fn(&'b mut Op<'a, DB>, [U256; IN]) -> Result<Called, Fault>;

/// Gives an opcode's body the executing frame.
pub(crate) struct Op<'a, DB: Database> {
    cx: Cx<'a, DB>,
}

/// Says how an opcode that calls goes on.
pub(crate) enum Called {
    /// Without a frame: the result to push.
    Done(U256),
    /// By a frame whose outcome is pushed when it returns.
    Frame(Box<CallInputs>),
}

impl<DB: Database> Op<'_, DB> {
    /// Returns the executing address.
    fn me(&self) -> Address {
        self.cx.interpreter.input.target_address()
    }

    fn store(&mut self) -> JournalStore<'_, DB> {
        let is_static = self.cx.interpreter.runtime_flag.is_static();
        JournalStore::new(self.cx.host, &mut self.cx.interpreter.gas, is_static)
    }

    /// Pays for memory up to the end of a range and returns it. An empty range costs nothing.
    fn range(&mut self, offset: U256, len: U256) -> Result<Range<usize>, Fault> {
        if len.is_zero() {
            return Ok(0..0);
        }
        let (Ok(offset), Ok(len)) = (usize::try_from(offset), usize::try_from(len)) else {
            return Err(Fault::OutOfGas);
        };
        let end = offset.checked_add(len).ok_or(Fault::OutOfGas)?;
        self.cx
            .interpreter
            .resize_memory(self.cx.host.gas_params(), offset, len)
            .map_err(|_| Fault::OutOfGas)?;
        Ok(offset..end)
    }

    /// Copies a range of memory and pays for it as for CALLDATACOPY.
    fn memory(&mut self, offset: U256, len: U256) -> Result<Bytes, Fault> {
        let range = self.range(offset, len)?;
        let cost = self.cx.host.gas_params().copy_cost(range.len());
        if !self.cx.interpreter.gas.record_regular_cost(cost) {
            return Err(Fault::OutOfGas);
        }
        Ok(Bytes::copy_from_slice(&self.cx.interpreter.memory.slice(range)))
    }

    /// Reads a guard and the call data that it points at.
    fn guard(&mut self, offset: U256) -> Result<Guard, Fault> {
        let words = self.words::<6>(offset)?;
        let data = match Guard::memory_data(&words)? {
            Some((offset, len)) => self.memory(offset, U256::from(len))?,
            None => Bytes::new(),
        };
        Guard::decode(words, data)
    }

    /// Reads `N` words of memory.
    fn words<const N: usize>(&mut self, offset: U256) -> Result<[U256; N], Fault> {
        let bytes = self.memory(offset, U256::from(N * 32))?;
        let mut words = [U256::ZERO; N];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(32)) {
            *word = U256::from_be_slice(chunk);
        }
        Ok(words)
    }
}

/// Runs an opcode that computes its results.
fn run<DB: Database, const BYTE: u8, const IN: usize, const OUT: usize>(
    cx: Cx<'_, DB>,
    body: Body<DB, IN, OUT>,
) -> Step {
    const { assert!(entry(BYTE).inputs.len() == IN && entry(BYTE).outputs.len() == OUT) };
    let inputs = enter(const { entry(BYTE) }, cx.interpreter, cx.host)?;
    let mut op = Op { cx };
    match body(&mut op, inputs) {
        Ok(results) => push(&mut op.cx.interpreter.stack, results),
        Err(fault) => Err(halt(op.cx, fault)),
    }
}

/// Runs an opcode that may open a frame.
fn run_call<DB: Database, const BYTE: u8, const IN: usize>(cx: Cx<'_, DB>, body: CallBody<DB, IN>) -> Step {
    const { assert!(entry(BYTE).inputs.len() == IN && entry(BYTE).outputs.len() == 1) };
    let inputs = enter(const { entry(BYTE) }, cx.interpreter, cx.host)?;
    let mut op = Op { cx };
    match body(&mut op, inputs) {
        Ok(Called::Done(result)) => push(&mut op.cx.interpreter.stack, [result]),
        Ok(Called::Frame(call)) => {
            let action = InterpreterAction::NewFrame(FrameInput::Call(call));
            op.cx.interpreter.bytecode.set_action(action);
            Err(InstructionResult::Suspend)
        }
        Err(fault) => Err(halt(op.cx, fault)),
    }
}

/// Notes that an extension was met, charges its static gas (here and not by the interpreter's table, so that
/// the note comes first) and takes the operands.
fn enter<DB: Database, const IN: usize>(
    code: &'static Opcode,
    interpreter: &mut revm::interpreter::Interpreter,
    host: &mut FusorContext<DB>,
) -> Result<[U256; IN], InstructionResult> {
    host.chain.met = true;
    if !interpreter.gas.record_regular_cost(code.gas) {
        return Err(InstructionResult::OutOfGas);
    }
    if code.effect != Effect::Read && interpreter.runtime_flag.is_static() {
        return Err(InstructionResult::StateChangeDuringStaticCall);
    }
    interpreter.stack.popn::<IN>().ok_or(InstructionResult::StackUnderflow)
}

/// Pushes results so that the first ends on top.
fn push<const OUT: usize>(stack: &mut impl StackTr, results: [U256; OUT]) -> Step {
    match results.into_iter().rev().all(|word| stack.push(word)) {
        true => Ok(()),
        false => Err(InstructionResult::StackOverflow),
    }
}

/// Turns a fault into the halt of the frame. The text of a misuse reaches the receipt of a transaction whose
/// first frame it halts.
fn halt<DB: Database>(cx: Cx<'_, DB>, fault: Fault) -> InstructionResult {
    match fault {
        Fault::OutOfGas => InstructionResult::OutOfGas,
        Fault::StaticWrite => InstructionResult::StateChangeDuringStaticCall,
        Fault::Misuse(message) => {
            if cx.interpreter.input.depth() == 0 {
                cx.host.local.set_precompile_error_context(format!("misuse: {message}"));
            }
            InstructionResult::PrecompileError
        }
        Fault::Database(message) => {
            note_database_error(cx.host, message);
            InstructionResult::FatalExternalError
        }
    }
}

/// Makes sure that the transaction fails with an error, also when the database itself reported none.
pub(crate) fn note_database_error<DB: Database>(ctx: &mut FusorContext<DB>, message: String) {
    if ctx.error.is_ok() {
        ctx.error = Err(ContextError::Custom(message));
    }
}

macro_rules! install {
    ($($name:ident $runner:ident($($inferred:tt),*) $body:path;)*) => {
        /// Lists what is installed, to be checked against the table.
        const INSTALLED: &[u8] = &[$(opcode::$name),*];

        /// Puts the extension's opcodes into an instruction table.
        pub(crate) fn install<DB: Database>(
            instructions: &mut EthInstructions<EthInterpreter, FusorContext<DB>>,
        ) {
            $({
                const CODE: &Opcode = entry(opcode::$name);
                fn step<DB: Database>(cx: Cx<'_, DB>) -> Step {
                    $runner::<DB, { opcode::$name } $(, $inferred)*>(cx, $body)
                }
                instructions.insert_instruction(CODE.byte, Instruction::new(step::<DB>), 0);
            })*
        }
    };
}

install! {
    AMINT run(_, _) ledger::amint;
    ABURN run(_, _) ledger::aburn;
    ASEND run(_, _) ledger::asend;
    ABAL run(_, _) ledger::abal;
    AFREE run(_, _) ledger::afree;
    ASUPPLY run(_, _) ledger::asupply;
    AINFO run(_, _) ledger::ainfo;
    ACALL run_call(_) calls::acall;
    ACOUNT run(_, _) calls::acount;
    AIN run(_, _) calls::ain;
    UGRANT run(_, _) usufruct::ugrant;
    USUB run(_, _) usufruct::usub;
    USET run(_, _) usufruct::uset;
    UMOVE run(_, _) usufruct::umove;
    UBAL run(_, _) usufruct::ubal;
    UINFO run(_, _) usufruct::uinfo;
    TAT run(_, _) triggers::tat;
    TEVERY run(_, _) triggers::tevery;
    TEVENT run(_, _) triggers::tevent;
    TCANCEL run(_, _) triggers::tcancel;
    TINFO run(_, _) triggers::tinfo;
    TQUOTE run(_, _) triggers::tquote;
    NCALL run_call(_) calls::ncall;
    NWATCH run(_, _) triggers::nwatch;
}

/// Checks at compile time that every opcode of the table is installed, in the table's order.
#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const _: () = {
    assert!(INSTALLED.len() == opcode::TABLE.len());
    let mut i = 0;
    while i < INSTALLED.len() {
        assert!(INSTALLED[i] == opcode::TABLE[i].byte);
        i += 1;
    }
};

/// Returns the table's entry for a byte; used in constants only.
#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn entry(byte: u8) -> &'static Opcode {
    let mut i = 0;
    while i < opcode::TABLE.len() {
        if opcode::TABLE[i].byte == byte {
            return &opcode::TABLE[i];
        }
        i += 1;
    }
    panic!("opcode is not in the table")
}
