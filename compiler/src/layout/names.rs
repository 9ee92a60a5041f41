//! Spells types as solc does in the ABI and in the storage layout.

use crate::hir::{FnTy, Hir, Loc, Mutability, Ty};

/// Returns the `internalType` of the JSON ABI.
pub(crate) fn internal_type(hir: &Hir, ty: &Ty) -> String {
    match ty {
        Ty::Contract(id) => format!("contract {}", hir.contracts.get(id.index()).map_or("", |c| &c.name)),
        Ty::Struct(id, _) => format!("struct {}", hir.structs.get(id.index()).map_or("", |s| &s.name)),
        Ty::Enum(id) => format!("enum {}", hir.enums.get(id.index()).map_or("", |e| &e.name)),
        Ty::Udvt(id) => hir.udvts.get(id.index()).map_or_else(String::new, |u| u.name.clone()),
        Ty::Address { payable: true } => "address payable".into(),
        Ty::Array { elem, len, .. } => format!("{}{}", internal_type(hir, elem), dimension(*len)),
        Ty::Function(f) => function_type(hir, f),
        other => type_label(hir, other),
    }
}

fn dimension(len: Option<alloy_primitives::U256>) -> String {
    len.map_or_else(|| "[]".into(), |n| format!("[{n}]"))
}

fn function_type(hir: &Hir, f: &FnTy) -> String {
    let list = |types: &[Ty]| types.iter().map(|ty| located(hir, ty)).collect::<Vec<_>>().join(",");
    let mut text = format!("function ({})", list(&f.params));
    text.push_str(match f.mutability {
        Mutability::Pure => " pure",
        Mutability::View => " view",
        Mutability::NonPayable => "",
        Mutability::Payable => " payable",
    });
    if f.external {
        text.push_str(" external");
    }
    if !f.returns.is_empty() {
        text.push_str(&format!(" returns ({})", list(&f.returns)));
    }
    text
}

fn located(hir: &Hir, ty: &Ty) -> String {
    let name = type_label(hir, ty);
    match ty.loc() {
        Some(Loc::Memory) => format!("{name} memory"),
        Some(Loc::Calldata) => format!("{name} calldata"),
        Some(Loc::Storage) if !matches!(ty, Ty::Mapping { .. }) => format!("{name} storage"),
        _ => name,
    }
}

/// Returns the label of a type in the storage layout.
pub(crate) fn type_label(hir: &Hir, ty: &Ty) -> String {
    match ty {
        Ty::Bool => "bool".into(),
        Ty::Int { signed, bits } => format!("{}int{bits}", if *signed { "" } else { "u" }),
        Ty::Fixed { signed, bits, decimals } => {
            format!("{}fixed{bits}x{decimals}", if *signed { "" } else { "u" })
        }
        Ty::Address { payable: true } => "address payable".into(),
        Ty::Address { payable: false } => "address".into(),
        Ty::FixedBytes(n) => format!("bytes{n}"),
        Ty::Bytes(_) => "bytes".into(),
        Ty::String(_) => "string".into(),
        Ty::Mapping { key, value } => {
            format!("mapping({} => {})", type_label(hir, key), type_label(hir, value))
        }
        Ty::Array { elem, len, .. } => format!("{}{}", type_label(hir, elem), dimension(*len)),
        Ty::Tuple(items) => {
            format!("tuple({})", items.iter().map(|ty| type_label(hir, ty)).collect::<Vec<_>>().join(","))
        }
        Ty::Contract(_) | Ty::Struct(..) | Ty::Enum(_) | Ty::Udvt(_) | Ty::Function(_) => {
            internal_type(hir, ty)
        }
    }
}
