//! Copies, clears and creates objects: storage, memory and calldata, deeply.

use super::cx::{Res, broken, words};
use super::fx::{Fx, Val, Vals, panics};
use super::place::{Byte, Place};
use super::util::Util;
use crate::hir::{Expr, Loc, Ty};
use crate::ir::Evm;
use crate::layout::{elements_per_slot, is_packable, packed_bytes, slots, struct_fields};
use alloy_primitives::U256;

impl<'h> Fx<'_, 'h, '_> {
    /// Returns a reference in memory to a copy of an object elsewhere.
    pub(crate) fn to_memory(&mut self, ty: &Ty, vals: &[Val]) -> Val {
        self.util1(Util::ToMemory(ty.clone()), vals)
    }

    /// Builds [`Util::ToMemory`].
    pub(crate) fn build_to_memory(&mut self, ty: &Ty) -> Res<()> {
        let vals = self.params(0, words(ty));
        let ptr = match ty {
            Ty::Struct(_, Loc::Calldata) | Ty::Array { loc: Loc::Calldata, .. } => {
                self.decode_from_calldata(ty, &vals)?
            }
            Ty::Bytes(_) | Ty::String(_) => self.bytes_to_memory(ty, &vals)?,
            Ty::Struct(..) => self.struct_to_memory(ty, &vals)?,
            Ty::Array { .. } => self.array_to_memory(ty, &vals)?,
            _ => return Err(broken("reference type")),
        };
        self.b.ret(&[ptr]);
        Ok(())
    }

    fn bytes_to_memory(&mut self, ty: &Ty, vals: &[Val]) -> Res<Val> {
        if ty.loc() == Some(Loc::Calldata) {
            let (from, len) = (self.at(vals, 0), self.at(vals, 1));
            let size = self.add_int(len, 32);
            let ptr = self.alloc(size);
            self.mstore(ptr, len);
            let data = self.add_int(ptr, 32);
            self.effect(Evm::Calldatacopy, &[data, from, len]);
            let end = self.add(data, len);
            let zero = self.int(0);
            self.mstore(end, zero);
            return Ok(ptr);
        }
        let slot = self.first(vals);
        let word = self.evm(Evm::Sload, &[slot]);
        let len = self.util1(Util::BytesLength, &[word]);
        let size = self.add_int(len, 32);
        let ptr = self.alloc(size);
        self.mstore(ptr, len);
        let data = self.add_int(ptr, 32);
        self.util(Util::CopyStorageBytes, &[slot, word, len, data], 0);
        Ok(ptr)
    }

    fn struct_to_memory(&mut self, ty: &Ty, vals: &[Val]) -> Res<Val> {
        let bytes = self.fixed_memory_bytes(ty)?;
        let ptr = self.alloc_fixed(bytes);
        let at = self.first(vals);
        for (i, field) in self.cx.fields(ty)?.iter().enumerate() {
            let place = self.field_of(ty, at, i)?;
            let word = self.memory_word(&place, field)?;
            let to = self.add_int(ptr, 32 * i as u64);
            self.mstore(to, word);
        }
        Ok(ptr)
    }

    /// Reads a place elsewhere as the word that memory holds for it, copying what it refers to.
    fn memory_word(&mut self, place: &Place, ty: &Ty) -> Res<Val> {
        let vals = self.load(place, ty)?;
        if ty.loc().is_some_and(|loc| loc != Loc::Memory) {
            return Ok(self.to_memory(ty, &vals));
        }
        Ok(self.to_word(&vals, ty))
    }

    fn array_to_memory(&mut self, ty: &Ty, vals: &[Val]) -> Res<Val> {
        let Ty::Array { elem, len: fixed, .. } = ty else { return Err(broken("array")) };
        let len = self.length(ty, vals)?;
        let limit = self.int(u64::MAX);
        if fixed.is_none() {
            let too_long = self.gt(len, limit);
            self.panic_if(too_long, panics::MEMORY);
        }
        let bytes = self.shl(5, len);
        let (ptr, data) = if fixed.is_none() {
            let size = self.add_int(bytes, 32);
            let ptr = self.alloc(size);
            self.mstore(ptr, len);
            (ptr, self.add_int(ptr, 32))
        } else {
            let ptr = self.alloc(bytes);
            (ptr, ptr)
        };
        let source = self.direct_source(ty, vals);
        self.count_up(len, |fx, i| {
            let place = fx.source_element(ty, vals, source, i)?;
            let word = fx.memory_word(&place, elem)?;
            let offset = fx.shl(5, i);
            let to = fx.add(data, offset);
            fx.mstore(to, word);
            Ok(())
        })?;
        Ok(ptr)
    }

    /// Returns the first slot of the elements of a storage array, found once before a loop.
    pub(crate) fn direct_source(&mut self, ty: &Ty, vals: &[Val]) -> Option<Val> {
        match ty {
            Ty::Array { loc: Loc::Storage, len, .. } => {
                let slot = self.first(vals);
                Some(if len.is_none() { self.data_slot(slot) } else { slot })
            }
            _ => None,
        }
    }

    /// Returns the place of an existing element; `source` comes from [`Self::direct_source`].
    pub(crate) fn source_element(
        &mut self,
        ty: &Ty,
        vals: &[Val],
        source: Option<Val>,
        i: Val,
    ) -> Res<Place> {
        match (ty, source) {
            (Ty::Array { elem, .. }, Some(start)) => Ok(self.storage_element(elem, start, i)),
            _ => self.element_unchecked(ty, vals, i),
        }
    }

    /// Builds [`Util::AllocZero`].
    pub(crate) fn build_alloc_zero(&mut self, ty: &Ty) -> Res<()> {
        let bytes = self.fixed_memory_bytes(ty)?;
        let ptr = self.alloc_fixed(bytes);
        match ty {
            Ty::Struct(..) => {
                for (i, field) in self.cx.fields(ty)?.iter().enumerate() {
                    let zero = self.default_value(field)?;
                    let word = self.to_word(&zero, field);
                    let at = self.add_int(ptr, 32 * i as u64);
                    self.mstore(at, word);
                }
            }
            Ty::Array { elem, len: Some(len), .. } => {
                let (n, size) = (self.big(*len), self.big(bytes));
                self.fill(elem, ptr, n, size)?;
            }
            _ => return Err(broken("fixed type")),
        }
        self.b.ret(&[ptr]);
        Ok(())
    }

    /// Writes the zero value of `elem` to each of `n` words at `ptr`.
    fn fill(&mut self, elem: &Ty, ptr: Val, n: Val, bytes: Val) -> Res<()> {
        if elem.loc().is_none() {
            self.zero_memory(ptr, bytes);
            return Ok(());
        }
        self.count_up(n, |fx, i| {
            let zero = fx.default_value(elem)?;
            let word = fx.to_word(&zero, elem);
            let offset = fx.shl(5, i);
            let at = fx.add(ptr, offset);
            fx.mstore(at, word);
            Ok(())
        })
    }

    /// Builds [`Util::NewArray`].
    pub(crate) fn build_new_array(&mut self, ty: &Ty) -> Res<()> {
        let len = self.param(0);
        let limit = self.int(u64::MAX);
        let too_long = self.gt(len, limit);
        self.panic_if(too_long, panics::MEMORY);
        let bytes = match ty {
            Ty::Array { .. } => self.shl(5, len),
            _ => self.round_up(len),
        };
        let size = self.add_int(bytes, 32);
        let ptr = self.alloc(size);
        self.mstore(ptr, len);
        let data = self.add_int(ptr, 32);
        match ty {
            Ty::Array { elem, .. } => self.fill(elem, data, len, bytes)?,
            _ => self.zero_memory(data, bytes),
        }
        self.b.ret(&[ptr]);
        Ok(())
    }

    /// Builds `[a, b, c]`.
    pub(crate) fn array_literal(&mut self, items: &'h [Expr], elem: &Ty) -> Res<Vals> {
        let mut words = Vec::new();
        for item in items {
            let vals = self.expr_as(item, elem)?;
            words.push(self.to_word(&vals, elem));
        }
        let ptr = self.alloc_fixed(U256::from(32 * words.len()));
        for (i, word) in words.into_iter().enumerate() {
            let at = self.add_int(ptr, 32 * i as u64);
            self.mstore(at, word);
        }
        Ok(vec![ptr])
    }

    /// Builds [`Util::Store`].
    pub(crate) fn build_store(&mut self, from: &Ty, to: &Ty) -> Res<()> {
        match (from, to) {
            (Ty::Bytes(_) | Ty::String(_), _) => self.build_store_bytes(from),
            (Ty::Struct(..), Ty::Struct(..)) => self.build_store_struct(from, to),
            (Ty::Array { .. }, Ty::Array { .. }) => self.build_store_array(from, to),
            _ => Err(broken("copy to storage between these types")),
        }
    }

    fn stop_if_same(&mut self, from: &Ty, source: &[Val], slot: Val) -> Res<()> {
        if from.loc() != Some(Loc::Storage) {
            return Ok(());
        }
        let other = self.first(source);
        let same = self.eq(other, slot);
        self.when(same, |fx| {
            fx.b.ret(&[]);
            Ok(())
        })
    }

    fn build_store_struct(&mut self, from: &Ty, to: &Ty) -> Res<()> {
        let n = words(from);
        let (source, slot) = (self.params(0, n), self.param(n));
        self.stop_if_same(from, &source, slot)?;
        let at = self.first(&source);
        let (sources, targets) = (self.cx.fields(from)?, self.cx.fields(to)?);
        for (i, (from_ty, to_ty)) in sources.iter().zip(&targets).enumerate() {
            if matches!(to_ty, Ty::Mapping { .. }) {
                continue;
            }
            let place = self.field_of(from, at, i)?;
            let vals = self.load(&place, from_ty)?;
            let target = self.field_of(to, slot, i)?;
            self.store(&target, to_ty, &vals, from_ty)?;
        }
        self.b.ret(&[]);
        Ok(())
    }

    fn build_store_array(&mut self, from: &Ty, to: &Ty) -> Res<()> {
        let n = words(from);
        let (source, slot) = (self.params(0, n), self.param(n));
        let (Ty::Array { elem: from_elem, .. }, Ty::Array { elem: to_elem, len: to_len, .. }) = (from, to)
        else {
            return Err(broken("array"));
        };
        self.stop_if_same(from, &source, slot)?;
        let len = self.length(from, &source)?;
        if to_len.is_none() {
            let limit = self.int(u64::MAX);
            let too_long = self.gt(len, limit);
            self.panic_if(too_long, panics::MEMORY);
            self.util(Util::Resize(to.clone()), &[slot, len], 0);
        }
        let start = if to_len.is_none() { self.data_slot(slot) } else { slot };
        let direct = self.direct_source(from, &source);
        if elements_per_slot(self.cx.hir, to_elem) > 1 {
            self.store_packed(from, &source, direct, len, to_elem, start)?;
        } else {
            self.count_up(len, |fx, i| {
                let place = fx.source_element(from, &source, direct, i)?;
                let vals = fx.load(&place, from_elem)?;
                let (vals, ty) = fx.element_value(vals, from_elem, to_elem)?;
                let target = fx.storage_element(to_elem, start, i);
                fx.store(&target, to_elem, &vals, &ty)
            })?;
        }
        if let Some(total) = to_len {
            self.clear_rest(to_elem, start, len, *total)?;
        }
        self.b.ret(&[]);
        Ok(())
    }

    /// Converts an element to the target's element type where both are values.
    fn element_value(&mut self, vals: Vals, from: &Ty, to: &Ty) -> Res<(Vals, Ty)> {
        if from.loc().is_some() || from == to {
            return Ok((vals, from.clone()));
        }
        Ok((self.convert(vals, from, to)?, to.clone()))
    }

    /// Zeroes the elements of a static array past a shorter source.
    fn clear_rest(&mut self, elem: &Ty, start: Val, len: Val, total: U256) -> Res<()> {
        if self.constant_of(len).is_some_and(|n| n >= total) {
            return Ok(());
        }
        let per = elements_per_slot(self.cx.hir, elem);
        let all = self.big(total);
        if is_packable(elem) {
            let first = self.slots_of(len, per);
            let last = self.slots_of(all, per);
            let (from, to) = (self.add(start, first), self.add(start, last));
            self.util(Util::ClearSlots, &[from, to], 0);
            return Ok(());
        }
        let rest = self.sub(all, len);
        let stride = slots(self.cx.hir, elem);
        self.count_up(rest, |fx, i| {
            let i = fx.add(len, i);
            let offset = fx.scale(i, stride);
            let at = fx.add(start, offset);
            fx.util(Util::Clear(elem.clone()), &[at], 0);
            Ok(())
        })
    }

    fn slots_of(&mut self, len: Val, per: u32) -> Val {
        let up = self.add_int(len, u64::from(per) - 1);
        let per = self.int(u64::from(per));
        self.evm(Evm::Div, &[up, per])
    }

    /// Copies elements that share slots, one write per slot.
    fn store_packed(
        &mut self,
        from: &Ty,
        source: &[Val],
        direct: Option<Val>,
        len: Val,
        elem: &Ty,
        start: Val,
    ) -> Res<()> {
        let Ty::Array { elem: from_elem, .. } = from else { return Err(broken("array")) };
        let per = elements_per_slot(self.cx.hir, elem);
        let bits = u64::from(8 * packed_bytes(self.cx.hir, elem));
        let count = self.slots_of(len, per);
        self.count_up(count, |fx, s| {
            let word = fx.b.declare_var();
            let zero = fx.int(0);
            fx.b.def_var(word, zero);
            let first = fx.scale(s, U256::from(per));
            let per_slot = fx.int(u64::from(per));
            let left = fx.sub(len, first);
            let full = fx.lt(per_slot, left);
            let here = fx.choose(full, 1, |_| Ok(vec![per_slot]), |_| Ok(vec![left]))?;
            let here = fx.first(&here);
            fx.count_up(here, |fx, j| {
                let i = fx.add(first, j);
                let place = fx.source_element(from, source, direct, i)?;
                let vals = fx.load(&place, from_elem)?;
                let (vals, ty) = fx.element_value(vals, from_elem, elem)?;
                let packed = fx.to_packed(&vals, &ty);
                let shift = fx.scale(j, U256::from(bits));
                let moved = fx.evm(Evm::Shl, &[shift, packed]);
                let now = fx.b.use_var(word);
                let new = fx.or(now, moved);
                fx.b.def_var(word, new);
                Ok(())
            })?;
            let slot = fx.add(start, s);
            let value = fx.b.use_var(word);
            fx.effect(Evm::Sstore, &[slot, value]);
            Ok(())
        })
    }

    /// Builds [`Util::Resize`].
    pub(crate) fn build_resize(&mut self, ty: &Ty) -> Res<()> {
        let Ty::Array { elem, .. } = ty else { return Err(broken("array")) };
        let (slot, len) = (self.param(0), self.param(1));
        let old = self.evm(Evm::Sload, &[slot]);
        self.effect(Evm::Sstore, &[slot, len]);
        let shrinks = self.lt(len, old);
        self.when(shrinks, |fx| {
            let data = fx.data_slot(slot);
            if is_packable(elem) {
                let per = elements_per_slot(fx.cx.hir, elem);
                let (first, last) = (fx.slots_of(len, per), fx.slots_of(old, per));
                let (from, to) = (fx.add(data, first), fx.add(data, last));
                fx.util(Util::ClearSlots, &[from, to], 0);
                return Ok(());
            }
            let n = fx.sub(old, len);
            let stride = slots(fx.cx.hir, elem);
            fx.count_up(n, |fx, i| {
                let i = fx.add(len, i);
                let offset = fx.scale(i, stride);
                let at = fx.add(data, offset);
                fx.clear_at(elem, at);
                Ok(())
            })
        })?;
        self.b.ret(&[]);
        Ok(())
    }

    fn clear_at(&mut self, ty: &Ty, slot: Val) {
        if !matches!(ty, Ty::Mapping { .. }) {
            self.util(Util::Clear(ty.clone()), &[slot], 0);
        }
    }

    /// Builds [`Util::Clear`].
    pub(crate) fn build_clear(&mut self, ty: &Ty) -> Res<()> {
        let slot = self.param(0);
        match ty {
            Ty::Bytes(_) | Ty::String(_) => {
                let word = self.evm(Evm::Sload, &[slot]);
                let len = self.util1(Util::BytesLength, &[word]);
                let zero = self.int(0);
                self.util(Util::ClearBytesTail, &[slot, len, zero], 0);
                self.effect(Evm::Sstore, &[slot, zero]);
            }
            Ty::Array { len: None, .. } => {
                let zero = self.int(0);
                self.util(Util::Resize(ty.clone()), &[slot, zero], 0);
            }
            Ty::Array { elem, len: Some(len), .. } => {
                let zero = self.int(0);
                if !matches!(**elem, Ty::Mapping { .. }) {
                    self.clear_rest(elem, slot, zero, *len)?;
                }
            }
            Ty::Struct(id, _) => {
                let fields = self.cx.fields(ty)?;
                let mut cleared = None;
                for (field, at) in fields.iter().zip(struct_fields(self.cx.hir, *id)) {
                    let offset = self.big(at.slot);
                    let place = self.add(slot, offset);
                    if !is_packable(field) {
                        self.clear_at(field, place);
                    } else if cleared.replace(at.slot) != Some(at.slot) {
                        let zero = self.int(0);
                        self.effect(Evm::Sstore, &[place, zero]);
                    }
                }
            }
            _ if is_packable(ty) => {
                let zero = self.int(0);
                self.effect(Evm::Sstore, &[slot, zero]);
            }
            _ => return Err(broken("type to clear")),
        }
        self.b.ret(&[]);
        Ok(())
    }

    /// Appends a zero element to an array in storage and returns its place.
    pub(crate) fn push_place(&mut self, array: &'h Expr) -> Res<Place> {
        let slot = self.expr1(array)?;
        self.grow(&array.ty, slot)
    }

    pub(crate) fn grow(&mut self, ty: &Ty, slot: Val) -> Res<Place> {
        match ty {
            Ty::Bytes(_) | Ty::String(_) => {
                let at = self.util(Util::BytesPush, &[slot], 2);
                let (slot, byte) = (self.at(&at, 0), self.at(&at, 1));
                Ok(Place::Storage { slot, byte: Byte::Value(byte), transient: false })
            }
            Ty::Array { elem, .. } => {
                let len = self.evm(Evm::Sload, &[slot]);
                let limit = self.int(u64::MAX);
                let full = self.evm(Evm::Gt, &[len, limit]);
                self.panic_if(full, panics::MEMORY);
                let more = self.add_int(len, 1);
                self.effect(Evm::Sstore, &[slot, more]);
                let data = self.data_slot(slot);
                Ok(self.storage_element(elem, data, len))
            }
            _ => Err(broken("array of push")),
        }
    }

    /// Removes the last element of an array in storage.
    pub(crate) fn pop(&mut self, ty: &Ty, slot: Val) -> Res<()> {
        let Ty::Array { elem, .. } = ty else {
            self.util(Util::BytesPop, &[slot], 0);
            return Ok(());
        };
        let len = self.evm(Evm::Sload, &[slot]);
        let empty = self.iszero(len);
        self.panic_if(empty, panics::POP);
        let one = self.int(1);
        let last = self.sub(len, one);
        let data = self.data_slot(slot);
        let place = self.storage_element(elem, data, last);
        self.delete(&place, elem)?;
        self.effect(Evm::Sstore, &[slot, last]);
        Ok(())
    }
}

/// Is true for values whose every 256-bit pattern is valid.
pub(crate) fn is_full_word(ty: &Ty) -> bool {
    matches!(ty, Ty::Int { bits: 256, .. } | Ty::FixedBytes(32))
}
