//! Decodes the ABI with solc's checks: offsets and lengths in bounds, no dirty bits.

use super::copy::is_full_word;
use super::cx::{Res, broken, words};
use super::fault::Fault;
use super::fx::{Fx, Val, Vals, panics};
use super::util::{Source, Util};
use crate::abi::{head_bytes, heads_bytes, is_dynamic, static_bytes};
use crate::hir::{Loc, Ty};
use crate::ir::Evm;
use alloy_primitives::U256;

impl Fx<'_, '_, '_> {
    /// Decodes values whose heads start at `start`; data ends at `end`.
    pub(crate) fn decode(&mut self, types: &[Ty], start: Val, end: Val, source: Source) -> Res<Vec<Vals>> {
        let heads = heads_bytes(self.cx.hir, types);
        if heads > U256::ZERO {
            let available = self.sub(end, start);
            let needed = self.big(heads);
            let short = self.evm(Evm::Slt, &[available, needed]);
            self.refuse_if(short, Fault::TupleShort);
        }
        let mut offset = U256::ZERO;
        let mut values = Vec::new();
        for ty in types {
            let distance = self.big(offset);
            let head = self.add(start, distance);
            values.push(self.decode_member(ty, (start, head, end), source, Fault::TupleOffset)?);
            offset += head_bytes(self.cx.hir, ty);
        }
        Ok(values)
    }

    pub(crate) fn read(&mut self, at: Val, source: Source) -> Val {
        match source {
            Source::Calldata => self.evm(Evm::Calldataload, &[at]),
            Source::Memory => self.mload(at),
        }
    }

    /// Decodes what `head` holds or refers to from `start`; `fault` says what an offset out of bounds is.
    fn decode_member(
        &mut self,
        ty: &Ty,
        (start, head, end): (Val, Val, Val),
        source: Source,
        fault: Fault,
    ) -> Res<Vals> {
        if matches!(ty.loc(), Some(Loc::Storage)) {
            return Ok(vec![self.read(head, source)]);
        }
        if is_dynamic(self.cx.hir, ty) {
            let offset = self.read(head, source);
            let limit = self.int(u64::MAX);
            let far = self.gt(offset, limit);
            self.refuse_if(far, fault);
            let at = self.add(start, offset);
            return Ok(self.util(Util::Decode(ty.clone(), source), &[at, end], words(ty)));
        }
        if ty.loc() == Some(Loc::Calldata) {
            return Ok(vec![head]);
        }
        if ty.loc().is_some() {
            return Ok(self.util(Util::Decode(ty.clone(), source), &[head, end], words(ty)));
        }
        let word = self.read(head, source);
        Ok(self.from_outside(word, ty))
    }

    /// Builds [`Util::Decode`]: (pointer, end) -> words.
    pub(crate) fn build_decode(&mut self, ty: &Ty, source: Source) -> Res<()> {
        let (at, end) = (self.param(0), self.param(1));
        let vals = match ty.loc() {
            Some(Loc::Calldata) => self.decode_calldata(ty, at, end)?,
            Some(Loc::Memory) => vec![self.decode_memory(ty, at, end, source)?],
            _ => return Err(broken("location of a decoded type")),
        };
        self.b.ret(&vals);
        Ok(())
    }

    /// Reverts unless a length word at `at` is inside the data.
    fn require_length_word(&mut self, at: Val, end: Val) {
        let last = self.add_int(at, 31);
        let inside = self.evm(Evm::Slt, &[last, end]);
        self.refuse_unless(inside, Fault::ArrayOffset);
    }

    fn decode_calldata(&mut self, ty: &Ty, at: Val, end: Val) -> Res<Vals> {
        let stride = match ty {
            Ty::Bytes(_) | Ty::String(_) => U256::from(1),
            Ty::Array { elem, len: None, .. } => head_bytes(self.cx.hir, elem),
            Ty::Struct(..) => {
                let size = static_bytes(self.cx.hir, ty);
                let (room, size) = (self.sub(end, at), self.big(size));
                let short = self.evm(Evm::Slt, &[room, size]);
                self.refuse_if(short, Fault::StructCalldataShort);
                return Ok(vec![at]);
            }
            _ => {
                let size = static_bytes(self.cx.hir, ty);
                let size = self.big(size);
                let last = self.add(at, size);
                let beyond = self.gt(last, end);
                self.refuse_if(beyond, Fault::ArrayStride);
                return Ok(vec![at]);
            }
        };
        self.require_length_word(at, end);
        let len = self.evm(Evm::Calldataload, &[at]);
        let limit = self.int(u64::MAX);
        let long = self.gt(len, limit);
        self.refuse_if(long, Fault::ArrayLength);
        let data = self.add_int(at, 32);
        let bytes = self.scale(len, stride);
        let last = self.add(data, bytes);
        let beyond = self.gt(last, end);
        self.refuse_if(beyond, Fault::ArrayStride);
        Ok(vec![data, len])
    }

    fn decode_memory(&mut self, ty: &Ty, at: Val, end: Val, source: Source) -> Res<Val> {
        match ty {
            Ty::Bytes(_) | Ty::String(_) => {
                self.require_length_word(at, end);
                let len = self.read(at, source);
                let data = self.add_int(at, 32);
                self.bytes_from(data, len, end, source)
            }
            Ty::Struct(..) => self.decode_struct(ty, at, end, source),
            Ty::Array { .. } => self.decode_array(ty, at, end, source),
            _ => Err(broken("reference type")),
        }
    }

    fn bytes_from(&mut self, data: Val, len: Val, end: Val, source: Source) -> Res<Val> {
        let limit = self.int(u64::MAX);
        let long = self.gt(len, limit);
        self.panic_if(long, panics::MEMORY);
        let rounded = self.round_up(len);
        let size = self.add_int(rounded, 32);
        let ptr = self.alloc(size);
        self.mstore(ptr, len);
        let last = self.add(data, len);
        let beyond = self.gt(last, end);
        self.refuse_if(beyond, Fault::BytesLength);
        let to = self.add_int(ptr, 32);
        self.copy_from(to, data, len, source);
        let tail = self.add(to, len);
        let zero = self.int(0);
        self.mstore(tail, zero);
        Ok(ptr)
    }

    fn copy_from(&mut self, to: Val, from: Val, bytes: Val, source: Source) {
        match source {
            Source::Calldata => self.effect(Evm::Calldatacopy, &[to, from, bytes]),
            Source::Memory => self.copy_memory(to, from, bytes),
        }
    }

    fn decode_struct(&mut self, ty: &Ty, at: Val, end: Val, source: Source) -> Res<Val> {
        let size = static_bytes(self.cx.hir, ty);
        let (room, size) = (self.sub(end, at), self.big(size));
        let short = self.evm(Evm::Slt, &[room, size]);
        self.refuse_if(short, Fault::StructShort);
        let bytes = self.fixed_memory_bytes(ty)?;
        let ptr = self.alloc_fixed(bytes);
        let mut offset = U256::ZERO;
        for (i, field) in self.cx.fields(ty)?.iter().enumerate() {
            let distance = self.big(offset);
            let head = self.add(at, distance);
            let vals = self.decode_member(field, (at, head, end), source, Fault::StructOffset)?;
            let word = self.to_word(&vals, field);
            let to = self.add_int(ptr, 32 * i as u64);
            self.mstore(to, word);
            offset += head_bytes(self.cx.hir, field);
        }
        Ok(ptr)
    }

    fn decode_array(&mut self, ty: &Ty, at: Val, end: Val, source: Source) -> Res<Val> {
        let Ty::Array { elem, len: fixed, .. } = ty else { return Err(broken("array")) };
        if fixed.is_none() || is_dynamic(self.cx.hir, elem) {
            self.require_length_word(at, end);
        }
        let (len, data) = match fixed {
            Some(len) => (self.big(*len), at),
            None => (self.read(at, source), self.add_int(at, 32)),
        };
        self.decode_elements(elem, (len, fixed.is_some()), data, end, source)
    }

    /// Decodes the elements at `data` to a new array in memory.
    fn decode_elements(
        &mut self,
        elem: &Ty,
        (len, fixed): (Val, bool),
        data: Val,
        end: Val,
        source: Source,
    ) -> Res<Val> {
        let (ptr, to) = self.alloc_array(len, fixed);
        let stride = head_bytes(self.cx.hir, elem);
        let bytes = self.scale(len, stride);
        let last = self.add(data, bytes);
        let beyond = self.gt(last, end);
        self.refuse_if(beyond, Fault::ArrayStride);
        if is_full_word(elem) {
            self.copy_from(to, data, bytes, source);
            return Ok(ptr);
        }
        self.count_up(len, |fx, i| {
            let offset = fx.scale(i, stride);
            let head = fx.add(data, offset);
            let vals = fx.decode_member(elem, (data, head, end), source, Fault::ArrayOffset)?;
            let word = fx.to_word(&vals, elem);
            let offset = fx.shl(5, i);
            let slot = fx.add(to, offset);
            fx.mstore(slot, word);
            Ok(())
        })?;
        Ok(ptr)
    }

    /// Copies an array or struct in calldata to memory, with the checks of decoding.
    pub(crate) fn decode_from_calldata(&mut self, ty: &Ty, vals: &[Val]) -> Res<Val> {
        let at = self.first(vals);
        let end = self.evm(Evm::Calldatasize, &[]);
        if let Ty::Array { elem, len: None, .. } = ty {
            let len = self.at(vals, 1);
            return self.decode_elements(
                &elem.with_loc(Loc::Memory),
                (len, false),
                at,
                end,
                Source::Calldata,
            );
        }
        Ok(self.util1(Util::Decode(ty.with_loc(Loc::Memory), Source::Calldata), &[at, end]))
    }

    /// Allocates an array of `len` words; returns it and where its elements start.
    fn alloc_array(&mut self, len: Val, fixed: bool) -> (Val, Val) {
        let bytes = self.shl(5, len);
        if fixed {
            let ptr = self.alloc(bytes);
            return (ptr, ptr);
        }
        let limit = self.int(u64::MAX);
        let long = self.gt(len, limit);
        self.panic_if(long, panics::MEMORY);
        let size = self.add_int(bytes, 32);
        let ptr = self.alloc(size);
        self.mstore(ptr, len);
        (ptr, self.add_int(ptr, 32))
    }
}
