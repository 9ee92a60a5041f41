//! Builds the getters of public state variables.

use super::abi_encode::Typed;
use super::cx::{Res, broken};
use super::fx::{Fx, Val};
use super::place::Place;
use super::util::Source;
use crate::abi::getter_types;
use crate::hir::{Loc, Ty, VarId, VarKind};
use crate::ir::Evm;

impl Fx<'_, '_, '_> {
    /// Answers a call of a getter.
    pub(crate) fn getter(&mut self, id: VarId) -> Res<()> {
        let var = self.cx.var(id)?;
        self.set_span(var.span);
        let (inputs, _) = getter_types(self.cx.hir, &var.ty);
        let types: Vec<Ty> = inputs.into_iter().map(|(_, ty)| ty).collect();
        let (start, end) = (self.int(4), self.evm(Evm::Calldatasize, &[]));
        let keys = self.decode(&types, start, end, Source::Calldata)?;
        let (mut place, mut ty) = (self.start_place(id)?, var.ty.clone());
        for (key, key_ty) in keys.iter().zip(&types) {
            (place, ty) = self.step(&place, &ty, key, key_ty)?;
        }
        let results = self.getter_values(&place, &ty)?;
        self.return_encoded(&results)
    }

    fn start_place(&mut self, id: VarId) -> Res<Place> {
        let var = self.cx.var(id)?;
        match (&var.kind, &var.init) {
            (VarKind::Constant, Some(init)) => {
                let vals = self.expr_as(init, &var.ty.with_loc(Loc::Memory))?;
                Ok(Place::Value(vals))
            }
            (VarKind::Constant, None) => Err(broken("value of a constant")),
            (VarKind::Immutable, _) => Ok(Place::Immutable(id)),
            _ => {
                let at = self.cx.position(id)?;
                let slot = self.big(at.slot);
                let byte = super::place::Byte::Const(at.byte);
                Ok(Place::Storage { slot, byte, transient: var.kind == VarKind::Transient })
            }
        }
    }

    /// Follows one key; an index out of bounds reverts without data.
    fn step(&mut self, place: &Place, ty: &Ty, key: &[Val], key_ty: &Ty) -> Res<(Place, Ty)> {
        let object = self.load(place, ty)?;
        match ty {
            Ty::Mapping { value, .. } => {
                let slot = self.first(&object);
                Ok((Place::slot(self.mapping_slot(slot, key, key_ty)?), (**value).clone()))
            }
            Ty::Array { elem, .. } => {
                let i = self.first(key);
                let len = self.length(ty, &object)?;
                let inside = self.lt(i, len);
                self.revert_unless(inside);
                Ok((self.element_unchecked(ty, &object, i)?, (**elem).clone()))
            }
            _ => Err(broken("type of a getter")),
        }
    }

    fn getter_values(&mut self, place: &Place, ty: &Ty) -> Res<Vec<Typed>> {
        if !matches!(ty, Ty::Struct(..)) {
            let ty = if matches!(place, Place::Value(_)) { ty.with_loc(Loc::Memory) } else { ty.clone() };
            let vals = self.load(place, &ty)?;
            return Ok(vec![(ty, vals)]);
        }
        let object = self.load(place, ty)?;
        let at = self.first(&object);
        let mut values = Vec::new();
        for (i, field) in self.cx.fields(ty)?.iter().enumerate() {
            if !matches!(field, Ty::Array { .. } | Ty::Mapping { .. }) {
                let place = self.field_of(ty, at, i)?;
                let vals = self.load(&place, field)?;
                values.push((field.clone(), vals));
            }
        }
        Ok(values)
    }
}
