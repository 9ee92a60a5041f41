//! Handles `bytes` and `string` in storage: the short form in one slot, the long form in many.

use super::cx::{Res, broken};
use super::fx::{Fx, Val, panics};
use super::place::{Byte, Place};
use super::util::Util;
use crate::hir::{Loc, Ty};
use crate::ir::Evm;
use alloy_primitives::U256;

impl Fx<'_, '_, '_> {
    /// Builds [`Util::BytesLength`]: (word of the slot) -> length; panics on an invalid encoding.
    pub(crate) fn build_bytes_length(&mut self) -> Res<()> {
        let word = self.param(0);
        let one = self.int(1);
        let long = self.and(word, one);
        let half = self.shr(1, word);
        let len = self.choose(long, 1, |_| Ok(vec![half]), |fx| Ok(vec![fx.and_mask(half, 7)]))?;
        let len = self.first(&len);
        let limit = self.int(32);
        let small = self.lt(len, limit);
        let invalid = self.eq(long, small);
        self.panic_if(invalid, panics::STORAGE_BYTES);
        self.b.ret(&[len]);
        Ok(())
    }

    /// Builds [`Util::BytesAt`]: (slot, word, index) -> (slot, byte) of an element that exists.
    pub(crate) fn build_bytes_at(&mut self) -> Res<()> {
        let (slot, word, i) = (self.param(0), self.param(1), self.param(2));
        let one = self.int(1);
        let long = self.and(word, one);
        let at = self.choose(
            long,
            1,
            |fx| {
                let data = fx.data_slot(slot);
                let whole = fx.shr(5, i);
                Ok(vec![fx.add(data, whole)])
            },
            |_| Ok(vec![slot]),
        )?;
        let at = self.first(&at);
        let rest = self.and_mask(i, 5);
        let top = self.int(31);
        let byte = self.sub(top, rest);
        self.b.ret(&[at, byte]);
        Ok(())
    }

    /// Copies `bytes` in storage to memory at `to`, in whole words (bytes past the end are zero). Returns the length.
    pub(crate) fn copy_storage_bytes(&mut self, slot: Val, to: Val) -> Res<Val> {
        let word = self.evm(Evm::Sload, &[slot]);
        let len = self.util1(Util::BytesLength, &[word]);
        self.util(Util::CopyStorageBytes, &[slot, word, len, to], 0);
        Ok(len)
    }

    /// Builds [`Util::CopyStorageBytes`]: (slot, word, length, to).
    pub(crate) fn build_copy_storage_bytes(&mut self) -> Res<()> {
        let (slot, word, len, to) = (self.param(0), self.param(1), self.param(2), self.param(3));
        let one = self.int(1);
        let long = self.and(word, one);
        let (many, short) = (self.block(), self.block());
        self.b.branch(long, many, short);
        self.enter(short);
        let content = self.keep_high(word, 31);
        self.mstore(to, content);
        self.b.ret(&[]);
        self.enter(many);
        let data = self.data_slot(slot);
        let rounded = self.add_int(len, 31);
        let count = self.shr(5, rounded);
        self.count_up(count, |fx, i| {
            let from = fx.add(data, i);
            let word = fx.evm(Evm::Sload, &[from]);
            let offset = fx.shl(5, i);
            let at = fx.add(to, offset);
            fx.mstore(at, word);
            Ok(())
        })?;
        self.b.ret(&[]);
        Ok(())
    }

    /// Builds [`Util::Store`] for bytes: (source words, slot).
    pub(crate) fn build_store_bytes(&mut self, from: &Ty) -> Res<()> {
        let Some(loc) = from.loc() else { return Err(broken("location of bytes")) };
        let n = super::cx::words(from);
        let source = self.params(0, n);
        let slot = self.param(n);
        let (start, len) = match loc {
            Loc::Memory => {
                let ptr = self.first(&source);
                (self.add_int(ptr, 32), self.mload(ptr))
            }
            Loc::Calldata => (self.at(&source, 0), self.at(&source, 1)),
            Loc::Storage | Loc::Transient => {
                let other = self.first(&source);
                let same = self.eq(other, slot);
                self.when(same, |fx| {
                    fx.b.ret(&[]);
                    Ok(())
                })?;
                let ptr = self.free_pointer();
                let len = self.copy_storage_bytes(other, ptr)?;
                (ptr, len)
            }
        };
        let limit = self.int(u64::MAX);
        let too_long = self.gt(len, limit);
        self.panic_if(too_long, panics::MEMORY);
        self.write_bytes(slot, start, len, loc == Loc::Calldata)?;
        self.b.ret(&[]);
        Ok(())
    }

    fn write_bytes(&mut self, slot: Val, start: Val, len: Val, calldata: bool) -> Res<()> {
        let load = if calldata { Evm::Calldataload } else { Evm::Mload };
        let old = self.evm(Evm::Sload, &[slot]);
        let old_len = self.util1(Util::BytesLength, &[old]);
        self.util(Util::ClearBytesTail, &[slot, old_len, len], 0);
        let limit = self.int(31);
        let long = self.gt(len, limit);
        let (many, short, end) = (self.block(), self.block(), self.block());
        self.b.branch(long, many, short);
        self.enter(short);
        let word = self.evm(load, &[start]);
        let content = self.keep_bytes(word, len);
        let twice = self.shl(1, len);
        let packed = self.or(content, twice);
        self.effect(Evm::Sstore, &[slot, packed]);
        self.jump(end);
        self.enter(many);
        self.write_long(slot, start, len, load)?;
        self.jump(end);
        self.enter(end);
        Ok(())
    }

    fn write_long(&mut self, slot: Val, start: Val, len: Val, load: Evm) -> Res<()> {
        let data = self.data_slot(slot);
        let whole = self.shr(5, len);
        self.count_up(whole, |fx, i| {
            let offset = fx.shl(5, i);
            let from = fx.add(start, offset);
            let word = fx.evm(load, &[from]);
            let to = fx.add(data, i);
            fx.effect(Evm::Sstore, &[to, word]);
            Ok(())
        })?;
        let rest = self.and_mask(len, 5);
        self.when(rest, |fx| {
            let offset = fx.shl(5, whole);
            let from = fx.add(start, offset);
            let word = fx.evm(load, &[from]);
            let content = fx.keep_bytes(word, rest);
            let to = fx.add(data, whole);
            fx.effect(Evm::Sstore, &[to, content]);
            Ok(())
        })?;
        let twice = self.shl(1, len);
        let head = self.add_int(twice, 1);
        self.effect(Evm::Sstore, &[slot, head]);
        Ok(())
    }

    /// Keeps the first `n` bytes of a word; `n` is at most 32.
    pub(crate) fn keep_bytes(&mut self, word: Val, n: Val) -> Val {
        let bits = self.shl(3, n);
        let ones = self.big(U256::MAX);
        let rest = self.evm(Evm::Shr, &[bits, ones]);
        let mask = self.not(rest);
        self.and(word, mask)
    }

    /// Builds [`Util::ClearBytesTail`]: (slot, old length, new length) zeroes the data slots no longer needed.
    pub(crate) fn build_clear_bytes_tail(&mut self) -> Res<()> {
        let (slot, old, new) = (self.param(0), self.param(1), self.param(2));
        let limit = self.int(31);
        let was_long = self.gt(old, limit);
        self.when(was_long, |fx| {
            let data = fx.data_slot(slot);
            let old_up = fx.add_int(old, 31);
            let new_up = fx.add_int(new, 31);
            let old_words = fx.shr(5, old_up);
            let short = fx.int(32);
            let stays_long = fx.lt(new, short);
            let new_words = fx.shr(5, new_up);
            let zero = fx.int(0);
            let first = fx.choose(stays_long, 1, |_| Ok(vec![zero]), |_| Ok(vec![new_words]))?;
            let first = fx.first(&first);
            let (from, to) = (fx.add(data, first), fx.add(data, old_words));
            fx.util(Util::ClearSlots, &[from, to], 0);
            Ok(())
        })?;
        self.b.ret(&[]);
        Ok(())
    }

    /// Builds [`Util::ClearSlots`]: (from, to) zeroes slots up to but without `to`.
    pub(crate) fn build_clear_slots(&mut self) -> Res<()> {
        let (from, to) = (self.param(0), self.param(1));
        let shrinks = self.gt(to, from);
        self.when(shrinks, |fx| {
            let n = fx.sub(to, from);
            fx.count_up(n, |fx, i| {
                let slot = fx.add(from, i);
                let zero = fx.int(0);
                fx.effect(Evm::Sstore, &[slot, zero]);
                Ok(())
            })
        })?;
        self.b.ret(&[]);
        Ok(())
    }

    /// Builds [`Util::BytesPush`]: (slot) grows by one zero byte, gives (slot, byte) of the new one.
    pub(crate) fn build_bytes_push(&mut self) -> Res<()> {
        let slot = self.param(0);
        let word = self.evm(Evm::Sload, &[slot]);
        let len = self.util1(Util::BytesLength, &[word]);
        let (short_max, limit) = (self.int(31), self.int(u64::MAX));
        let too_long = self.evm(Evm::Gt, &[len, limit]);
        self.panic_if(too_long, panics::MEMORY);
        let moves = self.eq(len, short_max);
        self.when(moves, |fx| {
            // from the short form to the long one
            let data = fx.data_slot(slot);
            let content = fx.keep_high(word, 31);
            fx.effect(Evm::Sstore, &[data, content]);
            let head = fx.int(65);
            fx.effect(Evm::Sstore, &[slot, head]);
            let (data, byte) = (fx.data_slot(slot), fx.int(0));
            fx.b.ret(&[data, byte]);
            Ok(())
        })?;
        let two = self.int(2);
        let grown = self.add(word, two);
        self.effect(Evm::Sstore, &[slot, grown]);
        let at = self.util(Util::BytesAt, &[slot, word, len], 2);
        self.b.ret(&at);
        Ok(())
    }

    /// Builds [`Util::BytesPop`]: (slot) removes the last byte.
    pub(crate) fn build_bytes_pop(&mut self) -> Res<()> {
        let slot = self.param(0);
        let word = self.evm(Evm::Sload, &[slot]);
        let len = self.util1(Util::BytesLength, &[word]);
        let empty = self.iszero(len);
        self.panic_if(empty, panics::POP);
        let becomes_short = self.int(32);
        let moves = self.eq(len, becomes_short);
        self.when(moves, |fx| {
            let data = fx.data_slot(slot);
            let content = fx.evm(Evm::Sload, &[data]);
            let zero = fx.int(0);
            fx.effect(Evm::Sstore, &[data, zero]);
            let kept = fx.keep_high(content, 31);
            let len = fx.int(62);
            let packed = fx.or(kept, len);
            fx.effect(Evm::Sstore, &[slot, packed]);
            fx.b.ret(&[]);
            Ok(())
        })?;
        let one = self.int(1);
        let last = self.sub(len, one);
        let at = self.util(Util::BytesAt, &[slot, word, last], 2);
        let (at, byte) = (self.at(&at, 0), self.at(&at, 1));
        let zero = self.int(0);
        let place = Place::Storage { slot: at, byte: Byte::Value(byte), transient: false };
        self.store(&place, &Ty::FixedBytes(1), &[zero], &Ty::FixedBytes(1))?;
        let now = self.evm(Evm::Sload, &[slot]);
        let two = self.int(2);
        let shrunk = self.sub(now, two);
        self.effect(Evm::Sstore, &[slot, shrunk]);
        self.b.ret(&[]);
        Ok(())
    }
}
