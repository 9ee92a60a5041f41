//! Encodes values: the ABI's head and tail form, the flat form of indexed arguments, and the packed form.

use super::copy::is_full_word;
use super::cx::{Res, broken, words};
use super::fx::{Fx, Val, Vals};
use super::util::Util;
use crate::abi::{head_bytes, heads_bytes, is_dynamic};
use crate::hir::{Loc, Ty};
use crate::ir::Evm;
use crate::layout::packed_bytes;
use alloy_primitives::U256;

/// Is a value with its type.
pub(crate) type Typed = (Ty, Vals);

impl Fx<'_, '_, '_> {
    /// Encodes values at `pos` and returns the end.
    pub(crate) fn encode(&mut self, args: &[Typed], pos: Val) -> Res<Val> {
        let heads = heads_bytes(self.cx.hir, args.iter().map(|(ty, _)| ty));
        let heads = self.big(heads);
        let mut end = self.add(pos, heads);
        let mut offset = U256::ZERO;
        for (ty, vals) in args {
            let distance = self.big(offset);
            let head = self.add(pos, distance);
            end = self.encode_member(ty, vals, pos, head, end)?;
            offset += head_bytes(self.cx.hir, ty);
        }
        Ok(end)
    }

    /// Encodes a member: in place at `head` when static, else its offset from `start` there and its tail at `end`.
    /// Returns the new end.
    fn encode_member(&mut self, ty: &Ty, vals: &[Val], start: Val, head: Val, end: Val) -> Res<Val> {
        if is_dynamic(self.cx.hir, ty) {
            let offset = self.sub(end, start);
            self.mstore(head, offset);
            return self.encode_tail(ty, vals, end);
        }
        if is_slot_reference(ty) || ty.loc().is_none() {
            let word = self.to_word(vals, ty);
            self.mstore(head, word);
        } else {
            self.encode_tail(ty, vals, head)?;
        }
        Ok(end)
    }

    /// Encodes a reference type at `pos` by its routine; returns the end.
    fn encode_tail(&mut self, ty: &Ty, vals: &[Val], pos: Val) -> Res<Val> {
        let mut args = vals.to_vec();
        args.push(pos);
        Ok(self.util1(Util::Encode(ty.clone()), &args))
    }

    /// Is the body of [`Util::Encode`].
    pub(crate) fn encode_reference(&mut self, ty: &Ty, vals: &[Val], pos: Val) -> Res<Val> {
        match ty {
            Ty::Bytes(_) | Ty::String(_) => {
                let len = self.length(ty, vals)?;
                self.mstore(pos, len);
                let data = self.add_int(pos, 32);
                let end = self.append_bytes(vals, ty, data)?;
                let size = self.sub(end, data);
                let rounded = self.round_up(size);
                Ok(self.add(data, rounded))
            }
            Ty::Struct(..) => self.encode_struct(ty, vals, pos),
            Ty::Array { .. } => self.encode_array(ty, vals, pos),
            _ => Err(broken("reference type")),
        }
    }

    /// Copies the contents of `bytes` to `to` with a zero word behind; returns the end.
    pub(crate) fn append_bytes(&mut self, vals: &[Val], ty: &Ty, to: Val) -> Res<Val> {
        let at = self.first(vals);
        let zero = self.int(0);
        match ty.loc() {
            Some(Loc::Memory) => {
                let len = self.mload(at);
                let data = self.add_int(at, 32);
                self.copy_memory(to, data, len);
                let end = self.add(to, len);
                self.mstore(end, zero);
                Ok(end)
            }
            Some(Loc::Calldata) => {
                let len = self.at(vals, 1);
                self.effect(Evm::Calldatacopy, &[to, at, len]);
                let end = self.add(to, len);
                self.mstore(end, zero);
                Ok(end)
            }
            Some(_) => {
                let len = self.copy_storage_bytes(at, to)?;
                Ok(self.add(to, len))
            }
            None => Err(broken("location of bytes")),
        }
    }

    fn encode_struct(&mut self, ty: &Ty, vals: &[Val], pos: Val) -> Res<Val> {
        let at = self.first(vals);
        let mut fields = Vec::new();
        for (i, field) in self.cx.fields(ty)?.iter().enumerate() {
            let place = self.field_of(ty, at, i)?;
            let vals = self.load(&place, field)?;
            fields.push((field.clone(), vals));
        }
        self.encode(&fields, pos)
    }

    fn encode_array(&mut self, ty: &Ty, vals: &[Val], pos: Val) -> Res<Val> {
        let Ty::Array { elem, len: fixed, loc } = ty else { return Err(broken("array")) };
        let len = self.length(ty, vals)?;
        let start = if fixed.is_none() {
            self.mstore(pos, len);
            self.add_int(pos, 32)
        } else {
            pos
        };
        if let Some(from) = self.bulk_source(elem, fixed.is_none(), *loc, vals) {
            let bytes = self.shl(5, len);
            if *loc == Loc::Calldata {
                self.effect(Evm::Calldatacopy, &[start, from, bytes]);
            } else {
                self.copy_memory(start, from, bytes);
            }
            return Ok(self.add(start, bytes));
        }
        let stride = head_bytes(self.cx.hir, elem);
        let heads = self.scale(len, stride);
        let first_end = self.add(start, heads);
        let end = self.b.declare_var();
        self.b.def_var(end, first_end);
        let source = self.direct_source(ty, vals);
        self.count_up(len, |fx, i| {
            let place = fx.source_element(ty, vals, source, i)?;
            let value = fx.load(&place, elem)?;
            let offset = fx.scale(i, stride);
            let head = fx.add(start, offset);
            let now = fx.b.use_var(end);
            let next = fx.encode_member(elem, &value, start, head, now)?;
            fx.b.def_var(end, next);
            Ok(())
        })?;
        Ok(self.b.use_var(end))
    }

    /// Returns where elements that need no change can be copied from in one go.
    fn bulk_source(&mut self, elem: &Ty, dynamic: bool, loc: Loc, vals: &[Val]) -> Option<Val> {
        if !is_full_word(elem) {
            return None;
        }
        let at = self.first(vals);
        match loc {
            Loc::Calldata => Some(at),
            Loc::Memory if dynamic => Some(self.add_int(at, 32)),
            Loc::Memory => Some(at),
            _ => None,
        }
    }

    /// Appends the packed form of a value (`abi.encodePacked`); returns the end.
    pub(crate) fn encode_packed(&mut self, ty: &Ty, vals: &[Val], pos: Val) -> Res<Val> {
        match ty {
            Ty::Bytes(_) | Ty::String(_) => self.append_bytes(vals, ty, pos),
            Ty::Array { .. } | Ty::Struct(..) => self.encode_flat(ty, vals, pos),
            _ => {
                let size = packed_bytes(self.cx.hir, ty);
                let packed = self.to_packed(vals, ty);
                let high = self.shl(256 - 8 * u64::from(size), packed);
                self.mstore(pos, high);
                Ok(self.add_int(pos, u64::from(size)))
            }
        }
    }

    /// Appends values padded to words, without lengths and offsets; returns the end.
    pub(crate) fn encode_flat(&mut self, ty: &Ty, vals: &[Val], pos: Val) -> Res<Val> {
        if ty.loc().is_none() {
            let word = self.to_word(vals, ty);
            self.mstore(pos, word);
            return Ok(self.add_int(pos, 32));
        }
        let mut args = vals.to_vec();
        args.push(pos);
        Ok(self.util1(Util::EncodeFlat(ty.clone()), &args))
    }

    /// Is the body of [`Util::EncodeFlat`].
    pub(crate) fn encode_flat_reference(&mut self, ty: &Ty, vals: &[Val], pos: Val) -> Res<Val> {
        match ty {
            Ty::Bytes(_) | Ty::String(_) => {
                let end = self.append_bytes(vals, ty, pos)?;
                let size = self.sub(end, pos);
                let rounded = self.round_up(size);
                Ok(self.add(pos, rounded))
            }
            Ty::Struct(..) => {
                let at = self.first(vals);
                let mut end = pos;
                for (i, field) in self.cx.fields(ty)?.iter().enumerate() {
                    let place = self.field_of(ty, at, i)?;
                    let value = self.load(&place, field)?;
                    end = self.encode_flat(field, &value, end)?;
                }
                Ok(end)
            }
            Ty::Array { elem, .. } => {
                let len = self.length(ty, vals)?;
                let end = self.b.declare_var();
                self.b.def_var(end, pos);
                let source = self.direct_source(ty, vals);
                self.count_up(len, |fx, i| {
                    let place = fx.source_element(ty, vals, source, i)?;
                    let value = fx.load(&place, elem)?;
                    let now = fx.b.use_var(end);
                    let next = fx.encode_flat(elem, &value, now)?;
                    fx.b.def_var(end, next);
                    Ok(())
                })?;
                Ok(self.b.use_var(end))
            }
            _ => Err(broken("reference type")),
        }
    }

    /// Encodes to fresh memory at the free pointer without claiming it; returns start and length.
    pub(crate) fn encode_scratch(&mut self, selector: Option<Val>, args: &[Typed]) -> Res<(Val, Val)> {
        let start = self.free_pointer();
        let data = match selector {
            Some(selector) => {
                self.mstore(start, selector);
                self.add_int(start, 4)
            }
            None => start,
        };
        let end = self.encode(args, data)?;
        let len = self.sub(end, start);
        Ok((start, len))
    }

    /// Turns what stands between `ptr + 32` and `end`, `ptr` being the free pointer, into `bytes` in memory.
    pub(crate) fn seal_bytes(&mut self, ptr: Val, end: Val) -> Vals {
        let data = self.add_int(ptr, 32);
        let len = self.sub(end, data);
        self.mstore(ptr, len);
        let size = self.sub(end, ptr);
        self.finish_alloc(ptr, size);
        vec![ptr]
    }

    /// Splits the words of a tuple by its types.
    pub(crate) fn split(&mut self, types: &[Ty], vals: &[Val]) -> Vec<Typed> {
        let mut rest = vals;
        let mut parts = Vec::new();
        for ty in types {
            let (mine, others) = rest.split_at(words(ty).min(rest.len()));
            parts.push((ty.clone(), mine.to_vec()));
            rest = others;
        }
        parts
    }
}

/// Is true for references passed to library functions as slots; such a static type takes one word.
fn is_slot_reference(ty: &Ty) -> bool {
    matches!(ty, Ty::Mapping { .. })
}
