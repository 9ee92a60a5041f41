//! Walks code with what is known of stack and memory, and adds up the dearest way.

use super::price::{self, price};
use crate::artifact::Code;
use alloy_primitives::U256;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Says what call is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// The creation of a contract.
    Creation,
    /// A call of the function with this selector.
    Function(u32),
    /// A call of no function: with this selector, which none has, or with less data.
    Other(u32),
}

/// Is what is known of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Word {
    Known(U256),
    /// The first word of the call data, which holds the selector.
    First,
    /// The length of call data that holds a selector: at least 4.
    Length,
    Unknown,
}

/// Is what is known at an instruction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    at: usize,
    stack: Vec<Word>,
    /// Words of memory by the address they were written to.
    memory: BTreeMap<u64, Word>,
    /// Words of memory paid for.
    words: u64,
}

/// Goes on, or ends.
enum Next {
    On,
    Fork(usize),
    End,
}

/// The most jumps on one way, and the most stretches of code walked; beyond there is no estimate.
const DEPTH_MAX: usize = 800;
const STRETCHES_MAX: usize = 1_000;

/// Walks one code.
pub(super) struct Walk<'c> {
    bytes: &'c [u8],
    /// Pushes that are filled in later.
    open: BTreeSet<usize>,
    call: Call,
    /// What each known state takes; none while it is being walked, and for what has no bound.
    seen: HashMap<State, Option<u64>>,
}

impl<'c> Walk<'c> {
    pub(super) fn new(code: &'c Code, call: Call) -> Self {
        let immutables = code.immutable_references.iter().map(|r| r.offset);
        let links = code.link_references.iter().map(|r| r.offset);
        let open = immutables.chain(links).collect();
        Self { bytes: &code.bytes, open, call, seen: HashMap::new() }
    }

    pub(super) fn run(mut self) -> Option<u64> {
        self.stretch(State { at: 0, stack: Vec::new(), memory: BTreeMap::new(), words: 0 }, 0)
    }

    /// Walks until ways part; returns the gas of the dearest way from here.
    fn stretch(&mut self, mut state: State, depth: usize) -> Option<u64> {
        if depth > DEPTH_MAX || self.seen.len() > STRETCHES_MAX {
            return None;
        }
        if let Some(known) = self.seen.get(&state) {
            return *known;
        }
        let key = state.clone();
        self.seen.insert(key.clone(), None);
        let gas = self.follow(&mut state, depth);
        self.seen.insert(key, gas);
        gas
    }

    fn follow(&mut self, state: &mut State, depth: usize) -> Option<u64> {
        let mut gas = 0_u64;
        loop {
            let byte = self.bytes.get(state.at).copied().unwrap_or(0);
            let (cost, next) = self.step(state, byte)?;
            gas = gas.checked_add(cost)?;
            match next {
                // a jump back may be a loop, which only known states end
                Next::On if matches!(byte, 0x56 | 0x57) => {
                    return gas.checked_add(self.stretch(state.clone(), depth + 1)?);
                }
                Next::On => {}
                Next::End => return Some(gas),
                Next::Fork(target) => {
                    let there = State { at: target, ..state.clone() };
                    let taken = self.stretch(there, depth + 1)?;
                    let other = self.stretch(state.clone(), depth + 1)?;
                    return gas.checked_add(taken.max(other));
                }
            }
        }
    }

    /// Executes one instruction on what is known; none when its cost has no bound.
    fn step(&self, state: &mut State, byte: u8) -> Option<(u64, Next)> {
        if let 0x80..=0x9f = byte {
            state.exchange(byte)?;
            state.at += 1;
            return Some((3, Next::On));
        }
        let price = price(byte)?;
        let base = state.stack.len().checked_sub(price.inputs)?;
        let mut args: Vec<Word> = state.stack.split_off(base);
        args.reverse();
        let extra = state.touch(byte, &args)?;
        let gas = price.gas.checked_add(extra)?;
        state.at += 1;
        match byte {
            0x00 | 0xf3 | 0xfd..=0xff => return Some((gas, Next::End)),
            0x56 => {
                state.at = number(args.first())? as usize;
                return Some((gas, Next::On));
            }
            0x57 => return Some((gas, state.branch(&args)?)),
            _ => {}
        }
        if price.outputs == 1 {
            let result = match byte {
                0x5f..=0x7f => self.pushed(state, byte),
                _ => self.result(state, byte, &args),
            };
            state.stack.push(result);
        }
        Some((gas, Next::On))
    }

    fn pushed(&self, state: &mut State, byte: u8) -> Word {
        let length = usize::from(byte - 0x5f);
        let from = state.at;
        state.at += length;
        if self.open.contains(&from) {
            return Word::Unknown;
        }
        let bytes = self.bytes.get(from..from + length).unwrap_or_default();
        Word::Known(U256::try_from_be_slice(bytes).unwrap_or_default())
    }

    fn result(&self, state: &State, byte: u8, args: &[Word]) -> Word {
        match (byte, args) {
            (0x35, [Word::Known(U256::ZERO)]) => Word::First,
            (0x1c, [Word::Known(by), Word::First]) if *by == U256::from(224) => match self.call {
                Call::Function(selector) | Call::Other(selector) => Word::Known(U256::from(selector)),
                Call::Creation => Word::Unknown,
            },
            (0x51, [Word::Known(at)]) => {
                let at = u64::try_from(*at).ok();
                at.and_then(|at| state.memory.get(&at).copied()).unwrap_or(Word::Unknown)
            }
            (0x36, _) if matches!(self.call, Call::Function(_)) => Word::Length,
            (0x10, [Word::Length, Word::Known(n)]) | (0x11, [Word::Known(n), Word::Length])
                if *n <= U256::from(4) =>
            {
                Word::Known(U256::ZERO)
            }
            (0x15, [Word::Length]) => Word::Known(U256::ZERO),
            (0x58, _) => Word::Known(U256::from(state.at - 1)),
            (_, [Word::Known(a)]) => one(byte, *a).map_or(Word::Unknown, Word::Known),
            (_, [Word::Known(a), Word::Known(b)]) => two(byte, *a, *b).map_or(Word::Unknown, Word::Known),
            _ => Word::Unknown,
        }
    }
}

impl State {
    /// Duplicates or exchanges words of the stack.
    fn exchange(&mut self, byte: u8) -> Option<()> {
        let top = self.stack.len().checked_sub(1)?;
        if byte < 0x90 {
            let word = *self.stack.get(top.checked_sub(usize::from(byte - 0x80))?)?;
            self.stack.push(word);
        } else {
            let other = top.checked_sub(usize::from(byte - 0x8f))?;
            self.stack.swap(top, other);
        }
        Some(())
    }

    fn branch(&mut self, args: &[Word]) -> Option<Next> {
        let target = number(args.first())? as usize;
        match args.get(1)? {
            Word::Known(cond) if cond.is_zero() => Some(Next::On),
            Word::Known(_) | Word::Length => {
                self.at = target;
                Some(Next::On)
            }
            _ => Some(Next::Fork(target)),
        }
    }

    /// Pays for memory and lengths, and notes what is written.
    fn touch(&mut self, byte: u8, args: &[Word]) -> Option<u64> {
        let arg = |i: usize| args.get(i).copied();
        let word = || Some(Word::Known(U256::from(32)));
        match byte {
            0x51 => self.expand(arg(0), word()),
            0x52 => {
                let gas = self.expand(arg(0), word())?;
                let at = number(args.first())?;
                self.forget(at, 32);
                self.memory.insert(at, arg(1)?);
                Some(gas)
            }
            0x53 => {
                let gas = self.expand(arg(0), Some(Word::Known(U256::from(1))))?;
                self.forget(number(args.first())?, 1);
                Some(gas)
            }
            0x20 => Some(self.expand(arg(0), arg(1))? + 6 * self::words(arg(1))?),
            0x37 | 0x39 | 0x3e => self.copied(arg(0), arg(2)),
            0x3c => self.copied(arg(1), arg(3)),
            0x5e => Some(self.expand(arg(1), arg(2))? + self.copied(arg(0), arg(2))?),
            0xa0..=0xa4 => Some(self.expand(arg(0), arg(1))? + 8 * number(arg(1).as_ref())?),
            0xf3 | 0xfd => self.expand(arg(0), arg(1)),
            _ => Some(0),
        }
    }

    fn copied(&mut self, to: Option<Word>, length: Option<Word>) -> Option<u64> {
        let gas = self.expand(to, length)? + 3 * words(length)?;
        let bytes = number(length.as_ref())?;
        if bytes > 0 {
            self.forget(number(to.as_ref())?, bytes);
        }
        Some(gas)
    }

    /// Returns what it costs that memory reaches over `length` bytes from `at`.
    fn expand(&mut self, at: Option<Word>, length: Option<Word>) -> Option<u64> {
        let length = number(length.as_ref())?;
        if length == 0 {
            return Some(0);
        }
        let end = number(at.as_ref())?.checked_add(length)?.div_ceil(32);
        let before = price::memory(self.words)?;
        self.words = self.words.max(end);
        price::memory(self.words)?.checked_sub(before)
    }

    /// Forgets words of memory that a write changes.
    fn forget(&mut self, at: u64, bytes: u64) {
        let (first, end) = (at.saturating_sub(31), at.saturating_add(bytes));
        let stale: Vec<u64> = self.memory.range(first..end).map(|(at, _)| *at).collect();
        for at in stale {
            self.memory.remove(&at);
        }
    }
}

/// Returns a known small number; none for what is unknown or too large to be a place in code or memory.
fn number(word: Option<&Word>) -> Option<u64> {
    match word? {
        Word::Known(n) => u32::try_from(*n).ok().map(u64::from),
        _ => None,
    }
}

fn words(length: Option<Word>) -> Option<u64> {
    Some(number(length.as_ref())?.div_ceil(32))
}

fn one(byte: u8, a: U256) -> Option<U256> {
    match byte {
        0x15 => Some(U256::from(a.is_zero())),
        0x19 => Some(!a),
        _ => None,
    }
}

fn two(byte: u8, a: U256, b: U256) -> Option<U256> {
    let shift = |by: U256| usize::try_from(by).ok().filter(|by| *by < 256);
    Some(match byte {
        0x01 => a.wrapping_add(b),
        0x02 => a.wrapping_mul(b),
        0x03 => a.wrapping_sub(b),
        0x10 => U256::from(a < b),
        0x11 => U256::from(a > b),
        0x14 => U256::from(a == b),
        0x16 => a & b,
        0x17 => a | b,
        0x18 => a ^ b,
        0x1b => shift(a).map_or(U256::ZERO, |by| b << by),
        0x1c => shift(a).map_or(U256::ZERO, |by| b >> by),
        _ => return None,
    })
}
