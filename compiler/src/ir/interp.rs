//! Runs IR directly, without any code generation: the reference that compiled code is compared with.
//!
//! It knows everything that happens within one frame: arithmetic, memory, storage, transient storage, call
//! data, logs, internal calls. Other accounts, code and the extension's opcodes are out of its reach and
//! reported as [`InterpError::Unsupported`].

use super::function::{Edge, Inst, Terminator, ValueDef};
use super::id::{FuncId, Id, ValueId};
use super::module::Module;
use super::op::{Evm, Op};
use alloy_primitives::{I256, U256, U512, keccak256};
use std::collections::{BTreeMap, HashMap};
use thiserror::Error;

/// Says why a run was given up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InterpError {
    /// The program does something that needs more than one frame.
    #[error("the interpreter does not know {0:?}")]
    Unsupported(Op),
    /// The program ran for too many steps or used too much memory.
    #[error("out of steps or memory")]
    Exhausted,
    /// The module is malformed.
    #[error("malformed module")]
    Malformed,
}

/// Says how a frame ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// STOP or RETURN, with the data returned.
    Return(Vec<u8>),
    /// REVERT, with its data.
    Revert(Vec<u8>),
    /// INVALID.
    Invalid,
}

/// Is the world of one frame.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The call data.
    pub calldata: Vec<u8>,
    /// The storage.
    pub storage: BTreeMap<U256, U256>,
    /// The transient storage.
    pub transient: BTreeMap<U256, U256>,
    /// The logs: topics and data.
    pub logs: Vec<(Vec<U256>, Vec<u8>)>,
}

/// Bounds memory in bytes.
const MEMORY_MAX: usize = 1 << 20;

/// Runs a module's entry for at most `steps` instructions. Writes to `world` stay even if the end is a revert.
pub fn run(module: &Module, world: &mut World, steps: u64) -> Result<End, InterpError> {
    let entry = module.entry.ok_or(InterpError::Malformed)?;
    let mut machine = Machine { module, world, memory: Vec::new(), steps, frames: Vec::new() };
    machine.enter(entry, &[], Vec::new())?;
    loop {
        if let Some(end) = machine.step()? {
            return Ok(end);
        }
    }
}

/// Is one internal call.
struct Frame {
    function: FuncId,
    block: super::id::BlockId,
    at: usize,
    values: HashMap<ValueId, U256>,
    results: Vec<ValueId>,
}

struct Machine<'a> {
    module: &'a Module,
    world: &'a mut World,
    memory: Vec<u8>,
    steps: u64,
    frames: Vec<Frame>,
}

type Run<T> = Result<T, InterpError>;

impl Machine<'_> {
    fn enter(&mut self, id: FuncId, args: &[U256], results: Vec<ValueId>) -> Run<()> {
        let function = self.module.functions.get(id).ok_or(InterpError::Malformed)?;
        if function.params().len() != args.len() || self.frames.len() > 300 {
            return Err(InterpError::Exhausted);
        }
        let values = function.params().iter().copied().zip(args.iter().copied()).collect();
        self.frames.push(Frame { function: id, block: function.entry, at: 0, values, results });
        Ok(())
    }

    fn frame(&mut self) -> Run<&mut Frame> {
        self.frames.last_mut().ok_or(InterpError::Malformed)
    }

    fn value(&self, value: ValueId) -> Run<U256> {
        let frame = self.frames.last().ok_or(InterpError::Malformed)?;
        match self.module.functions[frame.function].values.get(value) {
            Some(ValueDef::Const(constant)) => Ok(*constant),
            _ => frame.values.get(&value).copied().ok_or(InterpError::Malformed),
        }
    }

    fn values(&self, values: &[ValueId]) -> Run<Vec<U256>> {
        values.iter().map(|value| self.value(*value)).collect()
    }

    fn step(&mut self) -> Run<Option<End>> {
        self.steps = self.steps.checked_sub(1).ok_or(InterpError::Exhausted)?;
        let module = self.module;
        let frame = self.frame()?;
        let function = &module.functions[frame.function];
        let block = &function.blocks[frame.block];
        match block.insts.get(frame.at) {
            Some(&inst) => {
                frame.at += 1;
                self.inst(&function.insts[inst])?;
                Ok(None)
            }
            None => self.terminator(&block.term),
        }
    }

    fn inst(&mut self, inst: &Inst) -> Run<()> {
        let args = self.values(&inst.args)?;
        let result = match inst.op {
            Op::Evm(op) => self.evm(op, &args)?,
            Op::Call(callee) => return self.enter(callee, &args, inst.results.to_vec()),
            Op::CallIndirect => {
                let (address, args) = args.split_first().ok_or(InterpError::Malformed)?;
                let callee = FuncId::new(address.saturating_to::<usize>().wrapping_sub(1));
                return self.enter(callee, args, inst.results.to_vec());
            }
            Op::FuncAddr(callee) => Some(U256::from(callee.index() + 1)),
            Op::MemStart => Some(U256::from(0x80)),
            op => return Err(InterpError::Unsupported(op)),
        };
        if let (Some(result), Some(&value)) = (result, inst.results.first()) {
            self.frame()?.values.insert(value, result);
        }
        Ok(())
    }

    fn follow(&mut self, edge: &Edge) -> Run<Option<End>> {
        let args = self.values(&edge.args)?;
        let module = self.module;
        let frame = self.frame()?;
        let params = &module.functions[frame.function].blocks[edge.block].params;
        frame.values.extend(params.iter().copied().zip(args));
        frame.block = edge.block;
        frame.at = 0;
        Ok(None)
    }

    fn terminator(&mut self, term: &Terminator) -> Run<Option<End>> {
        match term {
            Terminator::Jump(edge) => self.follow(edge),
            Terminator::Branch(value, yes, no) => {
                let taken = if self.value(*value)?.is_zero() { no } else { yes };
                self.follow(taken)
            }
            Terminator::Switch(value, cases, default) => {
                let value = self.value(*value)?;
                let case = cases.iter().find(|(constant, _)| *constant == value);
                self.follow(case.map_or(default, |(_, edge)| edge))
            }
            Terminator::Ret(values) => {
                let values = self.values(values)?;
                let done = self.frames.pop().ok_or(InterpError::Malformed)?;
                self.frame()?.values.extend(done.results.into_iter().zip(values));
                Ok(None)
            }
            Terminator::Stop => Ok(Some(End::Return(Vec::new()))),
            Terminator::Return(ptr, len) => Ok(Some(End::Return(self.range(*ptr, *len)?))),
            Terminator::Revert(ptr, len) => Ok(Some(End::Revert(self.range(*ptr, *len)?))),
            Terminator::Invalid => Ok(Some(End::Invalid)),
            Terminator::SelfDestruct(_) | Terminator::Open => Err(InterpError::Malformed),
        }
    }

    fn range(&mut self, ptr: ValueId, len: ValueId) -> Run<Vec<u8>> {
        let (ptr, len) = (self.value(ptr)?, self.value(len)?);
        Ok(self.slice(ptr, len)?.to_vec())
    }

    fn slice(&mut self, ptr: U256, len: U256) -> Run<&mut [u8]> {
        let (ptr, len) =
            if len.is_zero() { (0, 0) } else { (ptr.saturating_to::<usize>(), len.saturating_to::<usize>()) };
        let end = ptr.checked_add(len).filter(|end| *end <= MEMORY_MAX).ok_or(InterpError::Exhausted)?;
        if self.memory.len() < end {
            self.memory.resize(end.next_multiple_of(32), 0);
        }
        self.memory.get_mut(ptr..end).ok_or(InterpError::Malformed)
    }

    fn calldata(&self, offset: U256, len: usize) -> Vec<u8> {
        let offset = offset.saturating_to::<usize>();
        let data = self.world.calldata.get(offset..).unwrap_or(&[]);
        data.iter().copied().chain(std::iter::repeat(0)).take(len).collect()
    }

    fn evm(&mut self, op: Evm, args: &[U256]) -> Run<Option<U256>> {
        let arg = |position: usize| args.get(position).copied().unwrap_or_default();
        let (a, b, c) = (arg(0), arg(1), arg(2));
        if let Some(result) = pure(op, a, b, c) {
            return Ok(Some(result));
        }
        match op {
            Evm::Mload => {
                let word = self.slice(a, U256::from(32))?;
                return Ok(Some(U256::from_be_slice(word)));
            }
            Evm::Mstore => self.slice(a, U256::from(32))?.copy_from_slice(&b.to_be_bytes::<32>()),
            Evm::Mstore8 => self.slice(a, U256::from(1))?.fill(b.byte(0)),
            Evm::Mcopy => {
                let bytes = self.slice(b, c)?.to_vec();
                self.slice(a, c)?.copy_from_slice(&bytes);
            }
            Evm::Keccak256 => return Ok(Some(keccak256(self.slice(a, b)?).into())),
            Evm::Sload => return Ok(Some(self.world.storage.get(&a).copied().unwrap_or_default())),
            Evm::Sstore => {
                self.world.storage.insert(a, b);
            }
            Evm::Tload => return Ok(Some(self.world.transient.get(&a).copied().unwrap_or_default())),
            Evm::Tstore => {
                self.world.transient.insert(a, b);
            }
            Evm::Calldatasize => return Ok(Some(U256::from(self.world.calldata.len()))),
            Evm::Calldataload => return Ok(Some(U256::from_be_slice(&self.calldata(a, 32)))),
            Evm::Calldatacopy => {
                let len = c.saturating_to::<usize>();
                let bytes = self.calldata(b, len.min(MEMORY_MAX));
                self.slice(a, c)?.copy_from_slice(&bytes);
            }
            Evm::Log0 | Evm::Log1 | Evm::Log2 | Evm::Log3 | Evm::Log4 => {
                let data = self.slice(a, b)?.to_vec();
                self.world.logs.push((args.get(2..).unwrap_or(&[]).to_vec(), data));
            }
            op => return Err(InterpError::Unsupported(Op::Evm(op))),
        }
        Ok(None)
    }
}

fn flag(holds: bool) -> U256 {
    U256::from(u8::from(holds))
}

fn signed(value: U256) -> I256 {
    I256::from_raw(value)
}

/// Computes an operation that depends on its operands only; `None` for all others.
pub fn pure(op: Evm, a: U256, b: U256, c: U256) -> Option<U256> {
    Some(match op {
        Evm::Add => a.wrapping_add(b),
        Evm::Mul => a.wrapping_mul(b),
        Evm::Sub => a.wrapping_sub(b),
        Evm::Div => a.checked_div(b).unwrap_or_default(),
        Evm::Sdiv => sdiv(a, b),
        Evm::Mod => a.checked_rem(b).unwrap_or_default(),
        Evm::Smod => smod(a, b),
        Evm::Addmod => reduce(U512::from(a) + U512::from(b), c),
        Evm::Mulmod => reduce(U512::from(a) * U512::from(b), c),
        Evm::Exp => a.wrapping_pow(b),
        Evm::Signextend => signextend(a, b),
        Evm::Lt => flag(a < b),
        Evm::Gt => flag(a > b),
        Evm::Slt => flag(signed(a) < signed(b)),
        Evm::Sgt => flag(signed(a) > signed(b)),
        Evm::Eq => flag(a == b),
        Evm::Iszero => flag(a.is_zero()),
        Evm::And => a & b,
        Evm::Or => a | b,
        Evm::Xor => a ^ b,
        Evm::Not => !a,
        Evm::Byte => {
            if a < U256::from(32) {
                U256::from(b.byte(31 - a.saturating_to::<usize>()))
            } else {
                U256::ZERO
            }
        }
        Evm::Shl => shift(a).map_or(U256::ZERO, |by| b << by),
        Evm::Shr => shift(a).map_or(U256::ZERO, |by| b >> by),
        Evm::Sar => sar(a, b),
        Evm::Clz => U256::from(a.leading_zeros()),
        _ => return None,
    })
}

fn shift(by: U256) -> Option<usize> {
    (by < U256::from(256)).then(|| by.saturating_to())
}

fn sar(by: U256, value: U256) -> U256 {
    let negative = value.bit(255);
    match shift(by) {
        Some(by) if negative => !(!value >> by),
        Some(by) => value >> by,
        None if negative => U256::MAX,
        None => U256::ZERO,
    }
}

fn magnitude(value: U256) -> (U256, bool) {
    if value.bit(255) { (value.wrapping_neg(), true) } else { (value, false) }
}

fn sdiv(a: U256, b: U256) -> U256 {
    let ((a, minus_a), (b, minus_b)) = (magnitude(a), magnitude(b));
    let quotient = a.checked_div(b).unwrap_or_default();
    if minus_a != minus_b { quotient.wrapping_neg() } else { quotient }
}

fn smod(a: U256, b: U256) -> U256 {
    let ((a, minus), (b, _)) = (magnitude(a), magnitude(b));
    let rest = a.checked_rem(b).unwrap_or_default();
    if minus { rest.wrapping_neg() } else { rest }
}

fn reduce(value: U512, modulus: U256) -> U256 {
    let rest = value.checked_rem(U512::from(modulus)).unwrap_or_default();
    rest.saturating_to()
}

fn signextend(index: U256, value: U256) -> U256 {
    if index >= U256::from(31) {
        return value;
    }
    let bit = index.saturating_to::<usize>() * 8 + 7;
    let mask = (U256::from(1) << (bit + 1)).wrapping_sub(U256::from(1));
    if value.bit(bit) { value | !mask } else { value & mask }
}
