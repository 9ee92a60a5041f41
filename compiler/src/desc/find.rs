//! Looks declarations up in the trees of a compilation, before names are resolved. What is not found here is
//! left to the checker, which sees more.

use crate::ast::{Contract, Event, ImportKind, Item, Member, Name, Path, SourceUnit, Type, TypeKind};

/// Sees the trees of every file.
#[derive(Clone, Copy)]
pub(super) struct Finder<'a> {
    units: &'a [&'a SourceUnit],
}

impl<'a> Finder<'a> {
    pub(super) fn new(units: &'a [&'a SourceUnit]) -> Self {
        Self { units }
    }

    /// Finds a contract by name in any file.
    pub(super) fn contract(self, name: &str) -> Option<&'a Contract> {
        self.units.iter().flat_map(|unit| contracts(unit)).find(|c| &*c.name.name == name)
    }

    /// Returns a contract and its bases, as far as they are found; the flag is false when one is missing.
    pub(super) fn lineage(self, contract: &'a Contract) -> (Vec<&'a Contract>, bool) {
        let (mut all, mut complete, mut at) = (vec![contract], true, 0);
        while let Some(current) = all.get(at).copied() {
            at += 1;
            for base in &current.bases {
                match last(&base.path).and_then(|name| self.contract(name)) {
                    Some(found) if all.iter().any(|known| std::ptr::eq(*known, found)) => {}
                    Some(found) => all.push(found),
                    None => complete = false,
                }
            }
        }
        (all, complete)
    }

    /// Says whether a contract can be called by a function of this name: its own, inherited or free. True when
    /// that cannot be known.
    pub(super) fn may_have_function(self, contract: &'a Contract, name: &str) -> bool {
        let (lineage, complete) = self.lineage(contract);
        !complete
            || lineage.iter().any(|c| c.members.iter().any(|m| names(m).is_some_and(|n| &**n == name)))
            || self.units.iter().any(|unit| unit.items.iter().any(|item| declares(item, name)))
    }

    /// Finds the event that `emitter` of `contract` declares under `name`.
    pub(super) fn event(self, contract: &'a Contract, emitter: &Path, name: &str) -> Option<&'a Event> {
        let (lineage, _) = self.lineage(contract);
        let head = emitter.segments.first()?;
        let source = if &*head.name == "this" {
            contract
        } else {
            let ty = lineage.iter().find_map(|c| variable_type(c, &head.name))?;
            self.contract(path_of(ty).and_then(last)?)?
        };
        self.lineage(source).0.into_iter().find_map(|c| event_of(c, name))
    }

    /// Returns a type's name in signatures; none when it is not found or cannot stand in one.
    pub(super) fn canonical(self, ty: &Type) -> Option<String> {
        Some(match &ty.kind {
            TypeKind::Bool => "bool".into(),
            TypeKind::Address { .. } => "address".into(),
            TypeKind::String => "string".into(),
            TypeKind::Bytes => "bytes".into(),
            TypeKind::Uint(bits) => format!("uint{bits}"),
            TypeKind::Int(bits) => format!("int{bits}"),
            TypeKind::FixedBytes(size) => format!("bytes{size}"),
            TypeKind::Path(path) => self.canonical_path(path)?,
            TypeKind::Array(elem, None) => format!("{}[]", self.canonical(elem)?),
            TypeKind::Array(elem, Some(len)) => {
                format!("{}[{}]", self.canonical(elem)?, super::fold::fold(len)?)
            }
            _ => return None,
        })
    }

    fn canonical_path(self, path: &Path) -> Option<String> {
        match self.named(last(path)?)? {
            Named::Contract => Some("address".into()),
            Named::Enum => Some("uint8".into()),
            Named::Value(ty) => self.canonical(ty),
            Named::Struct => None,
        }
    }

    /// Says whether a type is passed by reference and so needs a data location.
    pub(super) fn needs_location(self, ty: &Type) -> bool {
        match &ty.kind {
            TypeKind::String | TypeKind::Bytes | TypeKind::Array(..) => true,
            TypeKind::Path(path) => {
                matches!(last(path).and_then(|name| self.named(name)), Some(Named::Struct))
            }
            _ => false,
        }
    }

    fn named(self, name: &str) -> Option<Named<'a>> {
        if self.contract(name).is_some() {
            return Some(Named::Contract);
        }
        self.units.iter().flat_map(|unit| &unit.items).find_map(|item| named_in(item, name))
    }
}

enum Named<'a> {
    Contract,
    Enum,
    Value(&'a Type),
    Struct,
}

fn named_in<'a>(item: &'a Item, name: &str) -> Option<Named<'a>> {
    match item {
        Item::Enum(e) if &*e.name.name == name => Some(Named::Enum),
        Item::Udvt(u) if &*u.name.name == name => Some(Named::Value(&u.underlying)),
        Item::Struct(s) if &*s.name.name == name => Some(Named::Struct),
        Item::Contract(c) => c.members.iter().find_map(|member| match member {
            Member::Enum(e) if &*e.name.name == name => Some(Named::Enum),
            Member::Udvt(u) if &*u.name.name == name => Some(Named::Value(&u.underlying)),
            Member::Struct(s) if &*s.name.name == name => Some(Named::Struct),
            _ => None,
        }),
        _ => None,
    }
}

/// Returns the contracts of a file.
pub(super) fn contracts(unit: &SourceUnit) -> impl Iterator<Item = &Contract> {
    unit.items.iter().filter_map(|item| match item {
        Item::Contract(contract) => Some(&**contract),
        _ => None,
    })
}

/// Returns the last segment of a path.
pub(super) fn last(path: &Path) -> Option<&Name> {
    path.segments.last().map(|segment| &segment.name)
}

fn path_of(ty: &Type) -> Option<&Path> {
    match &ty.kind {
        TypeKind::Path(path) => Some(path),
        _ => None,
    }
}

fn names(member: &Member) -> Option<&Name> {
    match member {
        Member::Function(f) => f.name.as_ref().map(|n| &n.name),
        Member::Variable(v) => Some(&v.name.name),
        _ => None,
    }
}

fn declares(item: &Item, name: &str) -> bool {
    match item {
        Item::Function(f) => f.name.as_ref().is_some_and(|n| &*n.name == name),
        Item::Contract(c) => &*c.name.name == name,
        Item::Import(import) => match &import.kind {
            ImportKind::Names(list) => {
                list.iter().any(|(_, alias)| alias.as_ref().is_some_and(|a| &*a.name == name))
            }
            _ => false,
        },
        _ => false,
    }
}

fn variable_type<'a>(contract: &'a Contract, name: &str) -> Option<&'a Type> {
    contract.members.iter().find_map(|member| match member {
        Member::Variable(v) if &*v.name.name == name => Some(&v.ty),
        _ => None,
    })
}

fn event_of<'a>(contract: &'a Contract, name: &str) -> Option<&'a Event> {
    contract.members.iter().find_map(|member| match member {
        Member::Event(event) if &*event.name.name == name => {
            let event: &Event = event;
            Some(event)
        }
        _ => None,
    })
}
