//! Refuses types that no memory and no storage can hold.

use super::Checker;
use crate::diag::codes;
use crate::hir::*;
use crate::source::Span;
use alloy_primitives::U256;

/// Is the largest value in memory or calldata, in bytes, as in solc.
const MEMORY_BYTES_MAX: u64 = u32::MAX as u64;

impl Checker {
    /// Reports a type whose values do not fit memory.
    pub(super) fn check_memory_size(&mut self, ty: &Ty, span: Span) {
        if self.memory_bytes(ty).is_none_or(|n| n > MEMORY_BYTES_MAX) {
            let message = format!("`{}` is too large for memory", self.bare_name_of(ty));
            self.fail::<()>(codes::CODE_TOO_LARGE.solc(1534), span, message);
        }
    }

    fn memory_bytes(&self, ty: &Ty) -> Option<u64> {
        match ty {
            Ty::Array { elem, len: Some(len), .. } => {
                u64::try_from(*len).ok()?.checked_mul(self.memory_bytes(elem)?)
            }
            Ty::Struct(id, _) => {
                let fields = &self.hir.structs.get(id.index())?.fields;
                // A recursive struct goes through a dynamic array, which is one word here.
                fields.iter().try_fold(0u64, |sum, (_, t)| sum.checked_add(self.memory_bytes(t)?))
            }
            _ => Some(32),
        }
    }

    /// Reports contracts whose variables do not fit the 2**256 slots.
    pub(super) fn check_storage_size(&mut self, id: ContractId) {
        let line = self.line(id);
        let vars = line.iter().rev().filter_map(|c| self.contract(*c)).flat_map(|c| c.vars.iter());
        let stored = vars.filter_map(|v| self.hir.vars.get(v.index())).filter(|v| v.kind == VarKind::Storage);
        let types: Vec<&Ty> = stored.map(|v| &v.ty).collect();
        let base = self.contract(id).map_or(U256::ZERO, |c| c.layout_base);
        if self.slots_in_order(&types).and_then(|slots| base.checked_add(slots)).is_none() {
            let span = self.whole_or_default(super::scope::Decl::Contract(id));
            self.fail::<()>(
                codes::CODE_TOO_LARGE.solc(7676),
                span,
                "the contract's variables need more than 2**256 slots",
            );
        }
    }

    /// Returns how many slots values take that follow each other, values that fit sharing one.
    fn slots_in_order(&self, types: &[&Ty]) -> Option<U256> {
        let (mut slots, mut free) = (U256::ZERO, 0u64);
        for ty in types {
            match self.packed_bytes(ty) {
                Some(bytes) if bytes <= free => free -= bytes,
                Some(bytes) => {
                    slots = slots.checked_add(U256::from(1))?;
                    free = 32 - bytes.min(32);
                }
                None => {
                    slots = slots.checked_add(self.storage_slots(ty)?)?;
                    free = 0;
                }
            }
        }
        Some(slots)
    }

    /// Returns how many slots a variable takes at least, as if nothing shared its slots.
    fn storage_slots(&self, ty: &Ty) -> Option<U256> {
        match ty {
            Ty::Array { elem, len: Some(len), .. } => match self.packed_bytes(elem) {
                Some(bytes) => Some(len.div_ceil(U256::from(32 / bytes.clamp(1, 32)))),
                None => len.checked_mul(self.storage_slots(elem)?),
            },
            Ty::Struct(id, _) => {
                let fields = &self.hir.structs.get(id.index())?.fields;
                self.slots_in_order(&fields.iter().map(|(_, t)| t).collect::<Vec<_>>())
            }
            _ => Some(U256::from(1)),
        }
    }

    /// Returns the bytes of a value that shares its slot; none for types that start a slot.
    fn packed_bytes(&self, ty: &Ty) -> Option<u64> {
        Some(match ty {
            Ty::Bool | Ty::Enum(_) => 1,
            Ty::Int { bits, .. } | Ty::Fixed { bits, .. } => u64::from(*bits) / 8,
            Ty::Address { .. } | Ty::Contract(_) => 20,
            Ty::FixedBytes(n) => u64::from(*n),
            Ty::Function(f) => {
                if f.external {
                    24
                } else {
                    8
                }
            }
            Ty::Udvt(id) => self.packed_bytes(&self.hir.udvts.get(id.index())?.underlying)?,
            _ => return None,
        })
    }
}
