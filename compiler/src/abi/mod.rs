//! Knows the ABI: which types are dynamic, how long heads are, and the interface as JSON.

mod json;

pub(crate) use json::{abi_json, getter_types};

use crate::hir::{Hir, Ty};
use alloy_primitives::U256;

/// Is true for types whose encoding has a tail.
pub fn is_dynamic(hir: &Hir, ty: &Ty) -> bool {
    match ty {
        Ty::Bytes(_) | Ty::String(_) | Ty::Array { len: None, .. } => true,
        Ty::Array { elem, .. } => is_dynamic(hir, elem),
        Ty::Struct(id, _) => {
            hir.structs.get(id.index()).is_some_and(|s| s.fields.iter().any(|(_, ty)| is_dynamic(hir, ty)))
        }
        _ => false,
    }
}

/// Returns the bytes a type takes in a head: its whole encoding when static, else 32.
pub fn head_bytes(hir: &Hir, ty: &Ty) -> U256 {
    if is_dynamic(hir, ty) { U256::from(32) } else { static_bytes(hir, ty) }
}

/// Returns the bytes of the head of a list of types.
pub fn heads_bytes<'a>(hir: &Hir, types: impl IntoIterator<Item = &'a Ty>) -> U256 {
    types.into_iter().fold(U256::ZERO, |sum, ty| sum.saturating_add(head_bytes(hir, ty)))
}

/// Returns the bytes of the encoding of the parts of a type without its tails (for dynamic structs and arrays:
/// their own head).
pub fn static_bytes(hir: &Hir, ty: &Ty) -> U256 {
    match ty {
        Ty::Array { elem, len: Some(len), .. } => head_bytes(hir, elem).saturating_mul(*len),
        Ty::Struct(id, _) => hir.structs.get(id.index()).map_or(U256::ZERO, |s| {
            s.fields.iter().fold(U256::ZERO, |sum, (_, ty)| sum.saturating_add(head_bytes(hir, ty)))
        }),
        _ => U256::from(32),
    }
}

/// Returns the canonical signature of a public variable's getter.
pub(crate) fn getter_signature(hir: &Hir, id: crate::hir::VarId) -> Option<String> {
    let var = hir.vars.get(id.index())?;
    let (inputs, _) = getter_types(hir, &var.ty);
    let types: Vec<String> = inputs.iter().map(|(_, ty)| json::abi_type(hir, ty)).collect();
    Some(format!("{}({})", var.name, types.join(",")))
}
