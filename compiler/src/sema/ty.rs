//! Answers questions about types: names, conversions, signatures, what they contain.

use super::{Checker, fixed};
use crate::hir::{ContractId, ContractKind, FnTy, Loc, Mutability, StructId, Ty};

impl Checker {
    /// Spells a type as messages do.
    pub(super) fn name_of(&self, ty: &Ty) -> String {
        let at = |loc: &Loc| match loc {
            Loc::Storage => " storage",
            Loc::Transient => " transient",
            Loc::Memory => " memory",
            Loc::Calldata => " calldata",
        };
        match ty {
            Ty::Array { loc, .. } | Ty::Struct(_, loc) | Ty::Bytes(loc) | Ty::String(loc) => {
                format!("{}{}", self.bare_name_of(ty), at(loc))
            }
            _ => self.bare_name_of(ty),
        }
    }

    /// Spells a type without data location.
    pub(super) fn bare_name_of(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => "bool".into(),
            Ty::Int { signed, bits } => format!("{}int{bits}", if *signed { "" } else { "u" }),
            Ty::Fixed { signed, bits, decimals } => {
                format!("{}fixed{bits}x{decimals}", if *signed { "" } else { "u" })
            }
            Ty::Address { payable } => if *payable { "address payable" } else { "address" }.into(),
            Ty::FixedBytes(n) => format!("bytes{n}"),
            Ty::Bytes(_) => "bytes".into(),
            Ty::String(_) => "string".into(),
            Ty::Array { elem, len, .. } => {
                format!("{}[{}]", self.bare_name_of(elem), len.map_or(String::new(), |n| n.to_string()))
            }
            Ty::Mapping { key, value } => {
                format!("mapping({} => {})", self.bare_name_of(key), self.bare_name_of(value))
            }
            Ty::Struct(id, _) => self.hir.structs.get(id.index()).map_or("struct".into(), |s| s.name.clone()),
            Ty::Enum(id) => self.hir.enums.get(id.index()).map_or("enum".into(), |s| s.name.clone()),
            Ty::Udvt(id) => self.hir.udvts.get(id.index()).map_or("type".into(), |s| s.name.clone()),
            Ty::Contract(id) => {
                self.hir.contracts.get(id.index()).map_or("contract".into(), |s| s.name.clone())
            }
            Ty::Function(f) => self.function_type_name(f),
            Ty::Tuple(list) => format!("({})", self.names_of(list)),
        }
    }

    fn function_type_name(&self, f: &FnTy) -> String {
        let kind = if f.external { " external" } else { " internal" };
        let mutability = match f.mutability {
            Mutability::Pure => " pure",
            Mutability::View => " view",
            Mutability::NonPayable => "",
            Mutability::Payable => " payable",
        };
        let returns = if f.returns.is_empty() {
            String::new()
        } else {
            format!(" returns ({})", self.names_of(&f.returns))
        };
        format!("function ({}){mutability}{kind}{returns}", self.names_of(&f.params))
    }

    pub(super) fn names_of(&self, list: &[Ty]) -> String {
        list.iter().map(|t| self.name_of(t)).collect::<Vec<_>>().join(", ")
    }

    /// Is true when a value of type `from` may stand where `to` is wanted without being written as `T(x)`.
    /// `to` in storage means a storage pointer.
    pub(super) fn converts_implicitly(&self, from: &Ty, to: &Ty) -> bool {
        match (from, to) {
            (Ty::Int { signed: a, bits: n }, Ty::Int { signed: b, bits: m }) => a == b && n <= m,
            (Ty::Int { .. } | Ty::Fixed { .. }, Ty::Fixed { .. }) => fixed::holds(to, from),
            (Ty::FixedBytes(n), Ty::FixedBytes(m)) => n <= m,
            (Ty::Address { .. }, Ty::Address { payable: false }) => true,
            (Ty::Contract(a), Ty::Contract(b)) => a == b || self.derives_from(*a, *b),
            (Ty::Function(a), Ty::Function(b)) => function_converts(a, b),
            (Ty::Tuple(a), Ty::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(x, y)| self.converts_implicitly(x, y))
            }
            (Ty::Mapping { .. }, Ty::Mapping { .. }) => from == to,
            _ => match (from.loc(), to.loc()) {
                (Some(a), Some(b)) => {
                    same_but_location(from, to)
                        && location_converts(a, b)
                        && !(b == Loc::Memory && self.contains_mapping(from))
                }
                _ => from == to,
            },
        }
    }

    /// Is true when `T(x)` is allowed from type `from` to `to`.
    pub(super) fn converts_explicitly(&self, from: &Ty, to: &Ty) -> bool {
        if self.converts_implicitly(from, to) {
            return true;
        }
        match (from, to) {
            (Ty::Int { signed: a, bits: n }, Ty::Int { signed: b, bits: m }) => a == b || n == m,
            (Ty::Fixed { .. }, Ty::Fixed { .. } | Ty::Int { .. }) | (Ty::Int { .. }, Ty::Fixed { .. }) => {
                true
            }
            (Ty::Int { .. }, Ty::Enum(_)) | (Ty::Enum(_), Ty::Int { .. }) => true,
            (Ty::Int { signed: false, bits: 160 }, Ty::Address { .. }) => true,
            (Ty::Address { .. }, Ty::Int { signed: false, bits: 160 }) => true,
            (Ty::FixedBytes(20), Ty::Address { .. }) | (Ty::Address { .. }, Ty::FixedBytes(20)) => true,
            (Ty::FixedBytes(n), Ty::Int { signed: false, bits }) => u16::from(*n) * 8 == *bits,
            (Ty::Int { signed: false, bits }, Ty::FixedBytes(n)) => u16::from(*n) * 8 == *bits,
            (Ty::FixedBytes(_), Ty::FixedBytes(_)) => true,
            (Ty::Address { .. }, Ty::Address { .. }) => true,
            (Ty::Address { payable }, Ty::Contract(c)) => *payable || !self.takes_plain_value(*c),
            (Ty::Contract(c), Ty::Address { payable }) => !payable || self.takes_plain_value(*c),
            (Ty::Bytes(a), Ty::String(b)) | (Ty::String(a), Ty::Bytes(b)) => {
                a == b || location_converts(*a, *b)
            }
            (Ty::Bytes(_), Ty::FixedBytes(_)) => true,
            _ => false,
        }
    }

    /// Is true when `a` is below `b` in the inheritance.
    pub(super) fn derives_from(&self, a: ContractId, b: ContractId) -> bool {
        self.hir.contracts.get(a.index()).is_some_and(|c| c.linearisation.contains(&b))
    }

    /// Is true when the contract has `receive` or a payable `fallback`.
    pub(super) fn takes_plain_value(&self, id: ContractId) -> bool {
        let Some(contract) = self.hir.contracts.get(id.index()) else { return false };
        contract.linearisation.iter().filter_map(|c| self.hir.contracts.get(c.index())).any(|c| {
            c.functions.iter().filter_map(|f| self.hir.functions.get(f.index())).any(|f| {
                f.kind == crate::hir::FunctionKind::Receive
                    || (f.kind == crate::hir::FunctionKind::Fallback && f.mutability == Mutability::Payable)
            })
        })
    }

    pub(super) fn is_library(&self, id: ContractId) -> bool {
        self.hir.contracts.get(id.index()).is_some_and(|c| c.kind == ContractKind::Library)
    }

    /// Is true when the type holds a mapping at any depth; such values live in storage only.
    pub(super) fn contains_mapping(&self, ty: &Ty) -> bool {
        self.any_part(ty, &mut Vec::new(), &|t| matches!(t, Ty::Mapping { .. }))
    }

    /// Is true when the type holds a mapping or an internal function; structs are not resolved everywhere yet.
    pub(super) fn contains_internal(&self, ty: &Ty) -> bool {
        self.any_part(ty, &mut Vec::new(), &|t| match t {
            Ty::Mapping { .. } => true,
            Ty::Function(f) => !f.external,
            _ => false,
        })
    }

    /// Is true when the type is or holds an internal function.
    pub(super) fn holds_internal_function(&self, ty: &Ty) -> bool {
        self.any_part(ty, &mut Vec::new(), &|t| matches!(t, Ty::Function(f) if !f.external))
    }

    /// Is true when `test` holds of the type or of a part of it (elements, fields, mapping values).
    pub(super) fn any_part(&self, ty: &Ty, seen: &mut Vec<StructId>, test: &dyn Fn(&Ty) -> bool) -> bool {
        if test(ty) {
            return true;
        }
        match ty {
            Ty::Array { elem, .. } => self.any_part(elem, seen, test),
            Ty::Mapping { value, .. } => self.any_part(value, seen, test),
            Ty::Struct(id, _) => {
                if seen.contains(id) {
                    return false;
                }
                seen.push(*id);
                let fields =
                    self.hir.structs.get(id.index()).map(|s| s.fields.as_slice()).unwrap_or_default();
                fields.iter().any(|(_, t)| self.any_part(t, seen, test))
            }
            _ => false,
        }
    }

    /// Is true when the ABI can carry the type: no mapping, no internal function, no recursion.
    pub(super) fn is_abi_type(&self, ty: &Ty) -> bool {
        self.abi_type(ty, &mut Vec::new())
    }

    fn abi_type(&self, ty: &Ty, path: &mut Vec<StructId>) -> bool {
        match ty {
            Ty::Mapping { .. } | Ty::Tuple(_) => false,
            Ty::Function(f) => f.external,
            Ty::Array { elem, .. } => self.abi_type(elem, path),
            Ty::Struct(id, _) => {
                if path.contains(id) {
                    return false;
                }
                path.push(*id);
                let fields =
                    self.hir.structs.get(id.index()).map(|s| s.fields.as_slice()).unwrap_or_default();
                let ok = fields.iter().all(|(_, t)| self.abi_type(t, path));
                path.pop();
                ok
            }
            _ => true,
        }
    }

    /// Returns the type's canonical name in signatures; library functions name structs, enums and contracts
    /// and mark storage pointers.
    pub(super) fn abi_name(&self, ty: &Ty, library: bool) -> String {
        let storage = if library && ty.loc() == Some(Loc::Storage) { " storage" } else { "" };
        format!("{}{storage}", self.abi_name_inner(ty, library, &mut Vec::new()))
    }

    fn abi_name_inner(&self, ty: &Ty, library: bool, path: &mut Vec<StructId>) -> String {
        match ty {
            Ty::Address { .. } => "address".into(),
            Ty::Contract(_) if !library => "address".into(),
            Ty::Enum(_) if !library => "uint8".into(),
            Ty::Udvt(id) => match self.hir.udvts.get(id.index()) {
                Some(u) => self.abi_name_inner(&u.underlying, library, path),
                None => "?".into(),
            },
            Ty::Function(_) => "function".into(),
            Ty::Array { elem, len, .. } => {
                let len = len.map_or(String::new(), |n| n.to_string());
                format!("{}[{len}]", self.abi_name_inner(elem, library, path))
            }
            Ty::Struct(id, _) if !library => {
                if path.contains(id) {
                    return "?".into();
                }
                path.push(*id);
                let fields =
                    self.hir.structs.get(id.index()).map(|s| s.fields.as_slice()).unwrap_or_default();
                let list: Vec<_> = fields.iter().map(|(_, t)| self.abi_name_inner(t, false, path)).collect();
                path.pop();
                format!("({})", list.join(","))
            }
            Ty::Mapping { key, value } => format!(
                "mapping({} => {})",
                self.abi_name_inner(key, library, path),
                self.abi_name_inner(value, library, path)
            ),
            _ => self.bare_name_of(ty),
        }
    }

    /// Builds a canonical signature.
    pub(super) fn signature(&self, name: &str, params: &[Ty], library: bool) -> String {
        let list: Vec<_> = params.iter().map(|t| self.abi_name(t, library)).collect();
        format!("{name}({})", list.join(","))
    }
}

/// Returns the type of things whose own type is in error; whatever touches them keeps silent.
pub(super) fn poison() -> Ty {
    Ty::Tuple(vec![Ty::Tuple(vec![Ty::unit()])])
}

/// Is true for the type of things in error.
pub(super) fn is_poison(ty: &Ty) -> bool {
    *ty == poison()
}

/// Compares types, data locations left out at every depth.
pub(super) fn same_but_location(a: &Ty, b: &Ty) -> bool {
    a.with_loc(Loc::Memory) == b.with_loc(Loc::Memory)
}

fn location_converts(from: Loc, to: Loc) -> bool {
    from == to || to == Loc::Memory
}

fn function_converts(a: &FnTy, b: &FnTy) -> bool {
    let mutability = a.mutability == b.mutability
        || matches!(
            (a.mutability, b.mutability),
            (Mutability::Pure, Mutability::View | Mutability::NonPayable)
                | (Mutability::View, Mutability::NonPayable)
                | (Mutability::Payable, Mutability::NonPayable)
        );
    a.external == b.external && mutability && a.params == b.params && a.returns == b.returns
}

/// Returns the selector of a signature.
pub(super) fn selector(signature: &str) -> [u8; 4] {
    let hash = alloy_primitives::keccak256(signature.as_bytes());
    let mut out = [0; 4];
    out.copy_from_slice(hash.get(..4).unwrap_or(&[0; 4]));
    out
}
