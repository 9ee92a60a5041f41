//! Reaches elements of arrays, mappings and bytes in every data location.

use super::cx::{Res, broken, words};
use super::fault::Fault;
use super::fx::{Fx, Val, Vals, panics};
use super::place::{Byte, Place};
use super::util::Util;
use crate::abi::{head_bytes, is_dynamic, static_bytes};
use crate::hir::{Expr, Loc, Ty};
use crate::ir::Evm;
use crate::layout::{elements_per_slot, packed_bytes, slots};
use alloy_primitives::U256;

impl<'h> Fx<'_, 'h, '_> {
    pub(crate) fn index_place(&mut self, base: &'h Expr, index: &'h Expr, whole: &Expr) -> Res<Place> {
        let object = self.expr(base)?;
        let key = self.expr(index)?;
        self.set_span(whole.span);
        if let Ty::Mapping { .. } = &base.ty {
            let slot = self.first(&object);
            return Ok(Place::slot(self.mapping_slot(slot, &key, &index.ty)?));
        }
        let i = self.first(&key);
        self.element(&base.ty, &object, i)
    }

    /// Returns the slot of a mapping's value.
    pub(crate) fn mapping_slot(&mut self, slot: Val, key: &[Val], key_ty: &Ty) -> Res<Val> {
        if matches!(key_ty, Ty::Bytes(_) | Ty::String(_)) {
            let start = self.free_pointer();
            let end = self.append_bytes(key, key_ty, start)?;
            self.mstore(end, slot);
            let end = self.add_int(end, 32);
            let len = self.sub(end, start);
            return Ok(self.keccak(start, len));
        }
        let word = self.to_word(key, key_ty);
        let (zero, second, len) = (self.int(0), self.int(32), self.int(64));
        self.mstore(zero, word);
        self.mstore(second, slot);
        Ok(self.keccak(zero, len))
    }

    /// Returns the number of elements of an array or `bytes`.
    pub(crate) fn length(&mut self, ty: &Ty, object: &[Val]) -> Res<Val> {
        let at = self.first(object);
        Ok(match ty {
            Ty::Array { len: Some(len), .. } => self.big(*len),
            Ty::Bytes(loc) | Ty::String(loc) => match loc {
                Loc::Memory => self.mload(at),
                Loc::Calldata => self.at(object, 1),
                _ => {
                    let word = self.evm(Evm::Sload, &[at]);
                    self.util1(Util::BytesLength, &[word])
                }
            },
            Ty::Array { loc, .. } => match loc {
                Loc::Memory => self.mload(at),
                Loc::Calldata => self.at(object, 1),
                _ => self.evm(Evm::Sload, &[at]),
            },
            _ => return Err(broken("length")),
        })
    }

    /// Returns the place of an element after checking the index.
    pub(crate) fn element(&mut self, ty: &Ty, object: &[Val], i: Val) -> Res<Place> {
        if let Ty::FixedBytes(n) = self.base_ty(ty) {
            return Ok(self.fixed_byte(self_first(object), u64::from(n), i));
        }
        if let (Ty::Bytes(Loc::Storage) | Ty::String(Loc::Storage), Some(slot)) = (ty, object.first()) {
            return self.storage_byte(*slot, i);
        }
        let len = self.length(ty, object)?;
        let known = match (self.constant_of(i), self.constant_of(len)) {
            (Some(i), Some(len)) => i < len,
            _ => false,
        };
        if !known {
            let inside = self.lt(i, len);
            self.panic_unless(inside, panics::INDEX);
        }
        self.element_unchecked(ty, object, i)
    }

    fn fixed_byte(&mut self, v: Option<Val>, n: u64, i: Val) -> Place {
        let v = v.unwrap_or(i);
        let len = self.int(n);
        let inside = self.lt(i, len);
        self.panic_unless(inside, panics::INDEX);
        let byte = self.evm(Evm::Byte, &[i, v]);
        Place::Value(vec![self.shl(248, byte)])
    }

    /// Returns the place of a byte of `bytes` in storage, after checking the index.
    fn storage_byte(&mut self, slot: Val, i: Val) -> Res<Place> {
        let word = self.evm(Evm::Sload, &[slot]);
        let len = self.util1(Util::BytesLength, &[word]);
        let inside = self.lt(i, len);
        self.panic_unless(inside, panics::INDEX);
        let at = self.util(Util::BytesAt, &[slot, word, i], 2);
        let (slot, byte) = (self.at(&at, 0), self.at(&at, 1));
        Ok(Place::Storage { slot, byte: Byte::Value(byte), transient: false })
    }

    /// Returns the place of an element that exists.
    pub(crate) fn element_unchecked(&mut self, ty: &Ty, object: &[Val], i: Val) -> Res<Place> {
        let at = self.first(object);
        match ty {
            Ty::Bytes(Loc::Memory) | Ty::String(Loc::Memory) => {
                let start = self.add_int(at, 32);
                Ok(Place::MemoryByte(self.add(start, i)))
            }
            Ty::Bytes(Loc::Calldata) | Ty::String(Loc::Calldata) => {
                let ptr = self.add(at, i);
                let word = self.evm(Evm::Calldataload, &[ptr]);
                Ok(Place::Value(vec![self.keep_high(word, 1)]))
            }
            Ty::Array { elem, len, loc } => match loc {
                Loc::Memory => {
                    let start = if len.is_none() { self.add_int(at, 32) } else { at };
                    let offset = self.scale(i, U256::from(32));
                    Ok(Place::Memory(self.add(start, offset)))
                }
                Loc::Calldata => {
                    let stride = head_bytes(self.cx.hir, elem);
                    let offset = self.scale(i, stride);
                    let ptr = self.add(at, offset);
                    Ok(Place::Value(self.calldata_at(elem, at, ptr)?))
                }
                Loc::Storage | Loc::Transient => {
                    let start = if len.is_none() { self.data_slot(at) } else { at };
                    Ok(self.storage_element(elem, start, i))
                }
            },
            _ => Err(broken("array")),
        }
    }

    /// Returns `i * n`.
    pub(crate) fn scale(&mut self, i: Val, n: U256) -> Val {
        if n.count_ones() == 1 && self.constant_of(i).is_none() {
            return self.shl(n.trailing_zeros() as u64, i);
        }
        let n = self.big(n);
        self.mul(i, n)
    }

    /// Returns the place of element `i` of elements laid out from slot `start`.
    pub(crate) fn storage_element(&mut self, elem: &Ty, start: Val, i: Val) -> Place {
        let per_slot = elements_per_slot(self.cx.hir, elem);
        if per_slot <= 1 {
            let stride = slots(self.cx.hir, elem);
            let offset = self.scale(i, stride);
            return Place::slot(self.add(start, offset));
        }
        let size = u64::from(packed_bytes(self.cx.hir, elem));
        let per = self.int(u64::from(per_slot));
        if let Some(i) = self.constant_of(i) {
            let whole = self.big(i / U256::from(per_slot));
            let slot = self.add(start, whole);
            let byte = (i % U256::from(per_slot)).saturating_to::<u32>() * size as u32;
            return Place::Storage { slot, byte: Byte::Const(byte), transient: false };
        }
        let whole = self.evm(Evm::Div, &[i, per]);
        let rest = self.evm(Evm::Mod, &[i, per]);
        let slot = self.add(start, whole);
        let byte = self.scale(rest, U256::from(size));
        Place::Storage { slot, byte: Byte::Value(byte), transient: false }
    }

    /// Returns the place of a field of a struct in calldata.
    pub(crate) fn calldata_field(&mut self, ty: &Ty, at: Val, field: usize) -> Res<Place> {
        let fields = self.cx.fields(ty)?;
        let before =
            fields.iter().take(field).map(|f| head_bytes(self.cx.hir, f)).fold(U256::ZERO, |a, b| a + b);
        let elem = fields.get(field).ok_or_else(|| broken("field"))?;
        let offset = self.big(before);
        let ptr = self.add(at, offset);
        Ok(Place::Value(self.calldata_at(elem, at, ptr)?))
    }

    /// Reads what the head at `ptr` holds, offsets counted from `base`; values are validated.
    pub(crate) fn calldata_at(&mut self, ty: &Ty, base: Val, ptr: Val) -> Res<Vals> {
        if is_dynamic(self.cx.hir, ty) {
            let encoding = self.encoding && self.speaks();
            return Ok(self.util(Util::CalldataTail(ty.clone(), encoding), &[base, ptr], words(ty)));
        }
        if ty.loc().is_some() {
            return Ok(vec![ptr]);
        }
        let word = self.evm(Evm::Calldataload, &[ptr]);
        Ok(self.from_outside(word, ty))
    }

    /// Validates a word from calldata or return data.
    pub(crate) fn from_outside(&mut self, word: Val, ty: &Ty) -> Vals {
        if let Ty::Function(f) = ty
            && f.external
        {
            let dirty = self.shl(192, word);
            self.revert_if(dirty);
            let low = self.shr(64, word);
            return self.split_function(low);
        }
        self.validate(word, ty);
        vec![word]
    }

    /// Builds [`Util::CalldataTail`]: (base, head pointer) -> the words of the reference.
    pub(crate) fn build_calldata_tail(&mut self, ty: &Ty, encoding: bool) -> Res<()> {
        let (bad_offset, bad_length, short) = if encoding {
            (Fault::AccessOffset, Fault::AccessLength, Fault::AccessStride)
        } else {
            (Fault::TailOffset, Fault::TailLength, Fault::TailShort)
        };
        let (base, ptr) = (self.param(0), self.param(1));
        let rel = self.evm(Evm::Calldataload, &[ptr]);
        let size = self.evm(Evm::Calldatasize, &[]);
        let room = self.sub(size, base);
        let needed = if words(ty) == 2 { U256::from(32) } else { static_bytes(self.cx.hir, ty) };
        let last = self.big(needed - U256::from(1));
        let room = self.sub(room, last);
        let fits = self.evm(Evm::Slt, &[rel, room]);
        self.refuse_unless(fits, bad_offset);
        let at = self.add(base, rel);
        if words(ty) == 1 {
            self.b.ret(&[at]);
            return Ok(());
        }
        let len = self.evm(Evm::Calldataload, &[at]);
        let limit = self.int(u64::MAX);
        let long = self.gt(len, limit);
        self.refuse_if(long, bad_length);
        let start = self.add_int(at, 32);
        let stride = match ty {
            Ty::Array { elem, .. } => head_bytes(self.cx.hir, elem),
            _ => U256::from(1),
        };
        let bytes = self.scale(len, stride);
        let latest = self.sub(size, bytes);
        let beyond = self.evm(Evm::Sgt, &[start, latest]);
        self.refuse_if(beyond, short);
        self.b.ret(&[start, len]);
        Ok(())
    }
}

fn self_first(object: &[Val]) -> Option<Val> {
    object.first().copied()
}
