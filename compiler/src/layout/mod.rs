//! Assigns storage: sizes of types, packing of variables and fields, and the layout as JSON, all as solc does.

mod json;
mod names;

pub use json::{storage_layout_json, transient_layout_json};
pub(crate) use names::{internal_type, type_label};

use crate::hir::{ContractId, Hir, StructId, Ty, VarId, VarKind};
use alloy_primitives::U256;
use std::collections::BTreeMap;

/// Is a place in storage: a slot, and a byte counted from the low end of the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The slot, relative to the start of what is laid out.
    pub slot: U256,
    /// The byte, 0 to 31.
    pub byte: u32,
}

/// Returns the bytes that a type takes when it is packed with others; 32 for types that fill whole slots.
pub fn packed_bytes(hir: &Hir, ty: &Ty) -> u32 {
    match ty {
        Ty::Bool => 1,
        Ty::Int { bits, .. } | Ty::Fixed { bits, .. } => u32::from(*bits) / 8,
        Ty::Address { .. } | Ty::Contract(_) => 20,
        Ty::FixedBytes(n) => u32::from(*n),
        Ty::Enum(_) => 1,
        Ty::Udvt(id) => hir.udvts.get(id.index()).map_or(32, |u| packed_bytes(hir, &u.underlying)),
        Ty::Function(f) => {
            if f.external {
                24
            } else {
                8
            }
        }
        _ => 32,
    }
}

/// Is true for types that share slots with their neighbours.
pub fn is_packable(ty: &Ty) -> bool {
    ty.is_value() || matches!(ty, Ty::Function(_))
}

/// Returns the whole slots that a type takes; 1 for packed ones.
pub fn slots(hir: &Hir, ty: &Ty) -> U256 {
    match ty {
        Ty::Struct(id, _) => struct_slots(hir, *id),
        Ty::Array { elem, len: Some(len), .. } => array_slots(hir, elem, *len),
        _ => U256::from(1),
    }
}

fn array_slots(hir: &Hir, elem: &Ty, len: U256) -> U256 {
    let total = if is_packable(elem) {
        let per_slot = U256::from(elements_per_slot(hir, elem));
        let whole = len / per_slot;
        if len % per_slot == U256::ZERO { whole } else { whole.saturating_add(U256::from(1)) }
    } else {
        slots(hir, elem).saturating_mul(len)
    };
    total.max(U256::from(1))
}

/// Returns how many elements of an array share one slot; 0 is never returned.
pub fn elements_per_slot(hir: &Hir, elem: &Ty) -> u32 {
    if is_packable(elem) { 32 / packed_bytes(hir, elem).clamp(1, 32) } else { 1 }
}

/// Places items one after the other, as solc packs them.
#[derive(Debug, Clone)]
struct Packer {
    slot: U256,
    byte: u32,
}

impl Packer {
    fn place(&mut self, hir: &Hir, ty: &Ty) -> Position {
        let size = packed_bytes(hir, ty);
        if is_packable(ty) {
            if self.byte + size > 32 {
                self.next_slot();
            }
            let at = Position { slot: self.slot, byte: self.byte };
            self.byte += size;
            return at;
        }
        self.close();
        let at = Position { slot: self.slot, byte: 0 };
        self.slot = self.slot.saturating_add(slots(hir, ty));
        at
    }

    fn next_slot(&mut self) {
        self.slot = self.slot.saturating_add(U256::from(1));
        self.byte = 0;
    }

    fn close(&mut self) {
        if self.byte > 0 {
            self.next_slot();
        }
    }
}

/// Returns the position of each field of a struct, relative to its start.
pub fn struct_fields(hir: &Hir, id: StructId) -> Vec<Position> {
    let mut packer = Packer { slot: U256::ZERO, byte: 0 };
    let Some(def) = hir.structs.get(id.index()) else { return Vec::new() };
    def.fields.iter().map(|(_, ty)| packer.place(hir, ty)).collect()
}

/// Returns the slots that a struct takes, at least 1.
pub fn struct_slots(hir: &Hir, id: StructId) -> U256 {
    let mut packer = Packer { slot: U256::ZERO, byte: 0 };
    if let Some(def) = hir.structs.get(id.index()) {
        for (_, ty) in &def.fields {
            packer.place(hir, ty);
        }
    }
    packer.close();
    packer.slot.max(U256::from(1))
}

/// Returns the positions of a contract's variables of one kind, its bases' first, in the order of layout.
pub fn variables(hir: &Hir, contract: ContractId, kind: VarKind) -> Vec<(VarId, Position)> {
    let Some(def) = hir.contracts.get(contract.index()) else { return Vec::new() };
    let start = if kind == VarKind::Storage { def.layout_base } else { U256::ZERO };
    let mut packer = Packer { slot: start, byte: 0 };
    let mut placed = Vec::new();
    for base in def.linearisation.iter().rev() {
        let vars = hir.contracts.get(base.index()).map_or(&[][..], |c| c.vars.as_slice());
        for id in vars {
            if let Some(var) = hir.vars.get(id.index()).filter(|var| var.kind == kind) {
                placed.push((*id, packer.place(hir, &var.ty)));
            }
        }
    }
    placed
}

/// Returns where each storage and transient variable of a contract is.
pub fn positions(hir: &Hir, contract: ContractId) -> BTreeMap<VarId, Position> {
    let storage = variables(hir, contract, VarKind::Storage);
    let transient = variables(hir, contract, VarKind::Transient);
    storage.into_iter().chain(transient).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hir::{Loc, Struct};
    use crate::source::Span;

    fn uint(bits: u16) -> Ty {
        Ty::Int { signed: false, bits }
    }
    fn array(elem: Ty, len: u64) -> Ty {
        Ty::Array { elem: Box::new(elem), len: Some(U256::from(len)), loc: Loc::Storage }
    }
    fn with_struct(fields: Vec<Ty>) -> Hir {
        let fields = fields.into_iter().map(|ty| (String::new(), ty)).collect();
        let def = Struct { name: "S".into(), fields, span: Span::default() };
        Hir { structs: vec![def], ..Hir::default() }
    }
    fn check(fields: Vec<Ty>, expect: &[(u64, u32)], total: u64) {
        let hir = with_struct(fields);
        let got: Vec<_> = struct_fields(&hir, StructId(0)).iter().map(|p| (p.slot, p.byte)).collect();
        let expect: Vec<_> = expect.iter().map(|(slot, byte)| (U256::from(*slot), *byte)).collect();
        assert_eq!(got, expect);
        assert_eq!(struct_slots(&hir, StructId(0)), U256::from(total));
    }

    #[test]
    fn small_fields_share_a_slot_until_it_is_full() {
        check(vec![uint(128), uint(64), uint(64), uint(8)], &[(0, 0), (0, 16), (0, 24), (1, 0)], 2);
        check(vec![uint(8), Ty::UINT, Ty::Bool], &[(0, 0), (1, 0), (2, 0)], 3);
    }

    #[test]
    fn arrays_start_and_end_on_slot_borders() {
        check(vec![uint(8), array(uint(8), 33), uint(8)], &[(0, 0), (1, 0), (3, 0)], 4);
        check(vec![array(uint(96), 3), uint(8)], &[(0, 0), (2, 0)], 3);
    }

    #[test]
    fn nested_arrays_do_not_pack_across_elements() {
        let hir = Hir::default();
        assert_eq!(slots(&hir, &array(array(uint(8), 3), 5)), U256::from(5));
        assert_eq!(slots(&hir, &array(Ty::Bytes(Loc::Storage), 4)), U256::from(4));
    }
}
