//! Answers calls to the system accounts and to ERC-20 views: the opcodes' operations behind Solidity
//! interfaces, so that contracts compiled by stock solc can use all of them. The caller acts.
//!
//! A misuse that would halt an opcode reverts here with `Error(string)`; so do unknown functions, bad ABI,
//! value sent to a function that takes none, and DELEGATECALL or CALLCODE.

mod dcrm;
mod divert;
mod erc20;
mod hhcm;
mod ledger;
mod nested;
mod triggers;
mod usufruct;

pub use dcrm::ICustody;
pub use erc20::IERC20View;
pub use hhcm::IConsensus;
pub use ledger::ILedger;
pub use nested::INested;
pub use triggers::ITriggers;
pub use usufruct::IUsufruct;

pub(crate) use divert::{Diverted, divert};

use crate::{
    account,
    evm::{FusorContext, JournalStore},
    fault::Fault,
    instruction::note_database_error,
    store::Store,
};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{Revert, SolError, SolInterface};
use revm::{
    Database,
    interpreter::{CallInputs, CallScheme, Gas, InstructionResult, InterpreterResult},
};

/// Gas of a system precompile's call beside its storage and logs, as the opcodes' static gas.
const BASE_GAS: u64 = 100;
/// Gas for each word of call data, as EVM's copying.
const DATA_GAS_PER_WORD: u64 = 3;

/// Is a call as an operation sees it.
#[derive(Debug, Clone, Copy)]
struct Message {
    /// The acting account.
    caller: Address,
    /// Wei that already arrived at the precompile's account.
    value: U256,
}

/// Says why a call is refused.
#[derive(Debug)]
enum Refusal {
    /// Reverts with this data.
    Revert(Bytes),
    /// Ends as the fault says.
    Fault(Fault),
}

impl Refusal {
    fn text(message: &str) -> Self {
        Self::Revert(Revert::from(message).abi_encode().into())
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Misuse(message) => Self::text(message),
            fault => Self::Fault(fault),
        }
    }
}

type Answer = Result<Vec<u8>, Refusal>;

/// Answers nothing once something is done.
fn nothing(done: Result<(), Fault>) -> Answer {
    done.map(|()| Vec::new()).map_err(Refusal::from)
}

/// Reads an amount of wei. Errors: more than 2^128 - 1.
fn wei(value: U256) -> Result<u128, Refusal> {
    u128::try_from(value).map_err(|_| Refusal::text("amount above 2^128 - 1"))
}
type Handler = fn(&mut dyn Store, Message, &[u8]) -> Answer;

/// Runs the system precompile or ERC-20 view at the called address; `None` if there is none.
pub(crate) fn run<DB: Database>(
    ctx: &mut FusorContext<DB>,
    inputs: &CallInputs,
) -> Option<InterpreterResult> {
    let mut gas = Gas::new_with_regular_gas_and_reservoir(inputs.gas_limit, inputs.reservoir);
    let handler = match system(inputs.bytecode_address) {
        Some(handler) => handler,
        None => return erc20::run(ctx, inputs, gas),
    };
    let answer = answer(ctx, inputs, &mut gas, |store, message, data| handler(store, message, data));
    Some(result(ctx, answer, gas))
}

fn system(address: Address) -> Option<Handler> {
    Some(match address {
        account::LEDGER => ledger::handle,
        account::USUFRUCT => usufruct::handle,
        account::TRIGGERS => triggers::handle,
        account::NESTED => nested::handle,
        account::HHCM => hhcm::handle,
        account::DCRM => dcrm::handle,
        account::DATA => |_, _, _| Err(Refusal::text("reserved for off-chain data")),
        _ => return None,
    })
}

/// Pays for the call and hands it to `handle`.
fn answer<DB: Database>(
    ctx: &mut FusorContext<DB>,
    inputs: &CallInputs,
    gas: &mut Gas,
    handle: impl FnOnce(&mut dyn Store, Message, &[u8]) -> Answer,
) -> Answer {
    ctx.chain.met = true;
    let data = inputs.input.bytes(ctx);
    charge_call(gas, data.len())?;
    if matches!(inputs.scheme, CallScheme::DelegateCall | CallScheme::CallCode) {
        return Err(Refusal::text("system precompile called by DELEGATECALL or CALLCODE"));
    }
    let message = Message { caller: inputs.caller, value: inputs.value.get() };
    handle(&mut JournalStore::new(ctx, gas, inputs.is_static), message, &data)
}

fn charge_call(gas: &mut Gas, data_len: usize) -> Result<(), Fault> {
    let words = (data_len as u64).div_ceil(32);
    let cost = BASE_GAS.saturating_add(DATA_GAS_PER_WORD.saturating_mul(words));
    if gas.record_regular_cost(cost) { Ok(()) } else { Err(Fault::OutOfGas) }
}

/// Turns an answer into the frame's result.
fn result<DB: Database>(ctx: &mut FusorContext<DB>, answer: Answer, mut gas: Gas) -> InterpreterResult {
    let (result, output) = match answer {
        Ok(output) => (InstructionResult::Return, output.into()),
        Err(Refusal::Revert(output)) => (InstructionResult::Revert, output),
        Err(Refusal::Fault(fault)) => (halt(ctx, fault), Bytes::new()),
    };
    if result.is_halt() {
        gas.spend_all();
    }
    InterpreterResult::new(result, output, gas)
}

fn halt<DB: Database>(ctx: &mut FusorContext<DB>, fault: Fault) -> InstructionResult {
    match fault {
        Fault::OutOfGas => InstructionResult::PrecompileOOG,
        Fault::StaticWrite => InstructionResult::StateChangeDuringStaticCall,
        Fault::Misuse(_) => InstructionResult::PrecompileError,
        Fault::Database(message) => {
            note_database_error(ctx, message);
            InstructionResult::FatalExternalError
        }
    }
}

/// Reads a call by its interface. Nothing but `payable` functions takes value.
fn decode<I: SolInterface>(data: &[u8], message: Message, payable: &[[u8; 4]]) -> Result<I, Refusal> {
    let Some(selector) = data.first_chunk::<4>() else {
        return Err(Refusal::text("call data shorter than a selector"));
    };
    if !I::valid_selector(*selector) {
        return Err(Refusal::text("unknown function of a system precompile"));
    }
    if !message.value.is_zero() && !payable.contains(selector) {
        return Err(Refusal::text("function takes no value"));
    }
    I::abi_decode_validate(data).map_err(|error| Refusal::text(&format!("bad ABI encoding: {error}")))
}
