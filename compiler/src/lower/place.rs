//! Finds the places that expressions name, and reads and writes them.

use super::LowerError;
use super::cx::{Phase, Res, broken};
use super::fx::{Fx, Val, Vals};
use super::util::Util;
use crate::hir::{Builtin, Expr, ExprKind, Loc, LocalId, Ty, VarId, VarKind};
use crate::ir::Evm;
use crate::layout::{is_packable, packed_bytes};
use alloy_primitives::U256;

/// Is a byte within a slot, counted from the low end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Byte {
    Const(u32),
    Value(Val),
}

/// Is where a value is kept.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Local(LocalId),
    Immutable(VarId),
    Storage {
        slot: Val,
        byte: Byte,
        transient: bool,
    },
    /// The word at a pointer.
    Memory(Val),
    /// One byte of `bytes` in memory.
    MemoryByte(Val),
    /// Something that cannot be written: calldata, constants, results.
    Value(Vals),
    Tuple(Vec<Option<(Place, Ty)>>),
}

impl Place {
    pub(crate) fn slot(slot: Val) -> Self {
        Self::Storage { slot, byte: Byte::Const(0), transient: false }
    }
}

impl<'h> Fx<'_, 'h, '_> {
    /// Evaluates the parts of an expression that name a place.
    pub(crate) fn place(&mut self, e: &'h Expr) -> Res<Place> {
        match &e.kind {
            ExprKind::Local(id) => Ok(Place::Local(*id)),
            ExprKind::StateVar(id) => self.var_place(*id),
            ExprKind::Index { base, index } => self.index_place(base, index, e),
            ExprKind::Field { base, field } => self.field_place(base, *field as usize),
            ExprKind::Tuple(items) => {
                let mut places = Vec::new();
                for item in items {
                    places.push(match item {
                        Some(item) => Some((self.place(item)?, item.ty.clone())),
                        None => None,
                    });
                }
                Ok(Place::Tuple(places))
            }
            ExprKind::Builtin { builtin: Builtin::ArrayPush, args } if args.len() == 1 => {
                match args.first() {
                    Some(array) => self.push_place(array),
                    None => Err(broken("array of push")),
                }
            }
            _ => Ok(Place::Value(self.expr(e)?)),
        }
    }

    fn var_place(&mut self, id: VarId) -> Res<Place> {
        let var = self.cx.var(id)?;
        match var.kind {
            VarKind::Storage | VarKind::Transient => {
                let at = self.cx.position(id)?;
                let slot = self.big(at.slot);
                Ok(Place::Storage {
                    slot,
                    byte: Byte::Const(at.byte),
                    transient: var.kind == VarKind::Transient,
                })
            }
            VarKind::Immutable => Ok(Place::Immutable(id)),
            VarKind::Constant => {
                let init = var.init.as_ref().ok_or_else(|| broken("value of a constant"))?;
                Ok(Place::Value(self.expr(init)?))
            }
        }
    }

    fn field_place(&mut self, base: &'h Expr, field: usize) -> Res<Place> {
        let at = self.expr1(base)?;
        self.field_of(&base.ty, at, field)
    }

    /// Returns the place of a field of the struct at `at`.
    pub(crate) fn field_of(&mut self, ty: &Ty, at: Val, field: usize) -> Res<Place> {
        let Ty::Struct(id, loc) = ty else { return Err(broken("struct of a field")) };
        match loc {
            Loc::Memory => Ok(Place::Memory(self.add_int(at, 32 * field as u64))),
            Loc::Calldata => self.calldata_field(ty, at, field),
            Loc::Storage | Loc::Transient => {
                let positions = crate::layout::struct_fields(self.cx.hir, *id);
                let position = positions.get(field).ok_or_else(|| broken("field"))?;
                let offset = self.big(position.slot);
                let slot = self.add(at, offset);
                Ok(Place::Storage {
                    slot,
                    byte: Byte::Const(position.byte),
                    transient: *loc == Loc::Transient,
                })
            }
        }
    }

    /// Reads a place.
    pub(crate) fn load(&mut self, place: &Place, ty: &Ty) -> Res<Vals> {
        match place {
            Place::Local(id) => self.read_local(*id, ty),
            Place::Value(values) => Ok(values.clone()),
            Place::Immutable(id) => self.load_immutable(*id, ty),
            Place::Storage { slot, byte, transient } => Ok(self.load_slot(*slot, *byte, *transient, ty)),
            Place::Memory(ptr) => {
                let word = self.mload(*ptr);
                Ok(self.from_word(word, ty))
            }
            Place::MemoryByte(ptr) => {
                let word = self.mload(*ptr);
                Ok(vec![self.keep_high(word, 1)])
            }
            Place::Tuple(items) => {
                let mut all = Vec::new();
                for (place, ty) in items.iter().flatten() {
                    all.extend(self.load(place, ty)?);
                }
                Ok(all)
            }
        }
    }

    fn load_immutable(&mut self, id: VarId, ty: &Ty) -> Res<Vals> {
        let n = super::cx::words(ty);
        let mut vals = Vec::new();
        for part in 0..n {
            vals.push(if self.cx.phase == Phase::Creation {
                let at = self.immutable_slot(id, part)?;
                self.mload(at)
            } else {
                let immutable = self.cx.immutable(id, part)?;
                self.b.load_immutable(immutable)
            });
        }
        Ok(vals)
    }

    /// Returns where the creation code keeps a word of an immutable until the end.
    pub(crate) fn immutable_slot(&mut self, id: VarId, part: usize) -> Res<Val> {
        let word = *self.cx.immutables.get(&id).ok_or_else(|| broken("immutable"))?;
        let start = self.b.mem_start();
        Ok(self.add_int(start, 32 * (word + part as u64)))
    }

    pub(crate) fn load_slot(&mut self, slot: Val, byte: Byte, transient: bool, ty: &Ty) -> Vals {
        if !is_packable(ty) {
            return vec![slot];
        }
        let op = if transient { Evm::Tload } else { Evm::Sload };
        let word = self.evm(op, &[slot]);
        let low = match byte {
            Byte::Const(n) => self.shr(8 * u64::from(n), word),
            Byte::Value(n) => {
                let bits = self.shl(3, n);
                self.evm(Evm::Shr, &[bits, word])
            }
        };
        self.from_packed(low, ty)
    }

    /// Writes a place; `from` is the type of the value, equal to `ty` up to location and, for copies to storage,
    /// element types.
    pub(crate) fn store(&mut self, place: &Place, ty: &Ty, vals: &[Val], from: &Ty) -> Res<()> {
        match place {
            Place::Local(id) => {
                let vals = self.coerce(vals.to_vec(), from, ty)?;
                self.set_local(*id, &vals)
            }
            Place::Immutable(id) => self.store_immutable(*id, vals),
            Place::Storage { slot, byte, transient } => {
                if is_packable(ty) {
                    self.store_slot(*slot, *byte, *transient, ty, vals);
                    return Ok(());
                }
                let mut args = vals.to_vec();
                args.push(*slot);
                self.util(Util::Store(from.clone(), ty.clone()), &args, 0);
                Ok(())
            }
            Place::Memory(ptr) => {
                let vals = self.coerce(vals.to_vec(), from, ty)?;
                let word = self.to_word(&vals, ty);
                self.mstore(*ptr, word);
                Ok(())
            }
            Place::MemoryByte(ptr) => {
                let v = self.first(vals);
                let zero = self.int(0);
                let byte = self.evm(Evm::Byte, &[zero, v]);
                self.effect(Evm::Mstore8, &[*ptr, byte]);
                Ok(())
            }
            Place::Tuple(items) => self.store_tuple(items, vals, from),
            Place::Value(_) => Err(broken("assignable place")),
        }
    }

    fn store_tuple(&mut self, items: &[Option<(Place, Ty)>], vals: &[Val], from: &Ty) -> Res<()> {
        let types = component_types(from, items.len());
        let mut parts = Vec::new();
        let mut rest = vals;
        for ty in &types {
            let (mine, others) = rest.split_at(super::cx::words(ty).min(rest.len()));
            parts.push(mine);
            rest = others;
        }
        for ((item, part), from) in items.iter().zip(parts).zip(&types).rev() {
            if let Some((place, ty)) = item {
                self.store(place, ty, part, from)?;
            }
        }
        Ok(())
    }

    fn store_immutable(&mut self, id: VarId, vals: &[Val]) -> Res<()> {
        if self.cx.phase != Phase::Creation {
            return Err(LowerError::unsupported(
                "writing an immutable after construction",
                self.cx.var(id)?.span,
            ));
        }
        for (part, v) in vals.iter().enumerate() {
            let at = self.immutable_slot(id, part)?;
            self.mstore(at, *v);
        }
        Ok(())
    }

    pub(crate) fn store_slot(&mut self, slot: Val, byte: Byte, transient: bool, ty: &Ty, vals: &[Val]) {
        let (load, store) = if transient { (Evm::Tload, Evm::Tstore) } else { (Evm::Sload, Evm::Sstore) };
        let size = packed_bytes(self.cx.hir, ty);
        let packed = self.to_packed(vals, ty);
        if size == 32 {
            self.effect(store, &[slot, packed]);
            return;
        }
        let mask = super::fx::low_mask(8 * size);
        let (moved, hole) = match byte {
            Byte::Const(n) => {
                let hole = self.big(!(mask << (8 * n as usize)));
                (self.shl(8 * u64::from(n), packed), hole)
            }
            Byte::Value(n) => {
                let bits = self.shl(3, n);
                let ones = self.big(mask);
                let field = self.evm(Evm::Shl, &[bits, ones]);
                (self.evm(Evm::Shl, &[bits, packed]), self.not(field))
            }
        };
        let old = self.evm(load, &[slot]);
        let kept = self.and(old, hole);
        let new = self.or(kept, moved);
        self.effect(store, &[slot, new]);
    }

    /// Gives a place its zero value.
    pub(crate) fn delete(&mut self, place: &Place, ty: &Ty) -> Res<()> {
        match (place, ty) {
            (Place::Storage { .. }, Ty::Mapping { .. }) => Ok(()),
            (Place::Storage { slot, .. }, _) if !is_packable(ty) => {
                self.util(Util::Clear(ty.clone()), &[*slot], 0);
                Ok(())
            }
            (Place::Tuple(items), _) => {
                for (place, ty) in items.iter().flatten() {
                    self.delete(place, ty)?;
                }
                Ok(())
            }
            _ => {
                let zero = self.default_value(ty)?;
                self.store(place, ty, &zero, ty)
            }
        }
    }

    /// Returns what an assignment expression gives.
    pub(crate) fn assigned(&mut self, place: &Place, ty: &Ty, vals: Vals) -> Vals {
        match place {
            Place::Storage { slot, .. } if !is_packable(ty) => vec![*slot],
            _ => vals,
        }
    }

    /// Returns the slot where the data of a dynamic array or long `bytes` starts.
    pub(crate) fn data_slot(&mut self, slot: Val) -> Val {
        if let Some(slot) = self.constant_of(slot) {
            let hash = alloy_primitives::keccak256(slot.to_be_bytes::<32>());
            return self.big(U256::from_be_bytes(hash.0));
        }
        let (zero, len) = (self.int(0), self.int(32));
        self.mstore(zero, slot);
        self.keccak(zero, len)
    }
}

/// Returns the types of the components of a value assigned to `n` places.
fn component_types(ty: &Ty, n: usize) -> Vec<Ty> {
    match ty {
        Ty::Tuple(items) if items.len() == n => items.clone(),
        other => vec![other.clone()],
    }
}
