//! Finds the functions that `using` attaches to types.

use super::declare::{DeclId, Kind, Scope};
use super::typer::Typer;
use super::types::{Fun, Loc, T};
use crate::ast::{self, BinaryOp, Item, Member, Operator, Using, UsingFunctions};
use std::collections::HashMap;
use std::rc::Rc;

/// Is one directive with what it names.
pub(super) struct Directive<'a> {
    /// Absent for `*`.
    target: Option<T>,
    library: Option<DeclId>,
    functions: Vec<(&'a str, Vec<DeclId>, Option<Operator>)>,
}

/// Holds the directives by where they are in force.
#[derive(Default)]
pub(super) struct Usings<'a> {
    contracts: HashMap<DeclId, Vec<Rc<Directive<'a>>>>,
    files: Vec<Vec<Rc<Directive<'a>>>>,
    global: Vec<Rc<Directive<'a>>>,
}

impl<'a> Typer<'a> {
    /// Reads every directive of the program.
    pub(super) fn collect_usings(&mut self) {
        for file in 0..self.w.sources.len() as u32 {
            let mut own = Vec::new();
            let items = self.w.sources.get(file as usize).map_or(&[][..], |s| s.ast.items.as_slice());
            for item in items {
                match item {
                    Item::Using(using) => {
                        own.extend(self.directive(Scope { file, contract: None }, using));
                    }
                    Item::Contract(c) => {
                        let Some(id) = self.w.at(c.span) else { continue };
                        let scope = Scope { file, contract: Some(id) };
                        let list = c.members.iter().filter_map(|m| match m {
                            Member::Using(using) => self.directive(scope, using),
                            _ => None,
                        });
                        let list = list.collect();
                        self.usings.contracts.insert(id, list);
                    }
                    _ => {}
                }
            }
            self.usings.files.push(own);
        }
        for file in 0..self.w.sources.len() as u32 {
            let items = self.w.sources.get(file as usize).map_or(&[][..], |s| s.ast.items.as_slice());
            for item in items {
                if let Item::Using(using) = item
                    && using.global.is_some()
                {
                    let directive = self.directive(Scope { file, contract: None }, using);
                    self.usings.global.extend(directive);
                }
            }
        }
    }

    fn directive(&self, scope: Scope, using: &'a Using) -> Option<Rc<Directive<'a>>> {
        let target = match &using.target {
            Some(ty) => Some(self.w.type_name(scope, ty)?),
            None => None,
        };
        let (library, functions) = match &using.functions {
            UsingFunctions::Library(path) => (Some(self.w.path(scope, path)?), Vec::new()),
            UsingFunctions::List(list) => {
                let each = list.iter().filter_map(|(path, operator)| {
                    let name: &'a str = &path.segments.last()?.name;
                    Some((name, self.functions_at(scope, path), operator.map(|(o, _)| o)))
                });
                (None, each.collect())
            }
        };
        Some(Rc::new(Directive { target, library, functions }))
    }

    fn functions_at(&self, scope: Scope, path: &ast::Path) -> Vec<DeclId> {
        let parts = self.w.path_parts(scope, path);
        let found = match (path.segments.as_slice(), parts.as_slice()) {
            ([one], _) => self.w.lookup(scope, &one.name),
            ([.., last], [.., base, _]) => self.w.within(*base, &last.name),
            _ => &[],
        };
        found.iter().copied().filter(|d| matches!(self.w.kind(*d), Some(Kind::Function(_)))).collect()
    }

    fn in_force(&self, ty: &T) -> Vec<Rc<Directive<'a>>> {
        let own = self.scope.contract.and_then(|c| self.usings.contracts.get(&c)).into_iter().flatten();
        let file = self.usings.files.get(self.scope.file as usize).into_iter().flatten();
        let plain = ty.with_loc(Loc::Storage, true);
        let fits = |d: &&Rc<Directive<'a>>| {
            d.target.as_ref().is_none_or(|t| t.with_loc(Loc::Storage, true) == plain)
        };
        own.chain(file).chain(&self.usings.global).filter(fits).cloned().collect()
    }

    /// Lists the functions that `value.name` may call by a directive in force.
    pub(super) fn attached(&self, ty: &T, name: &str) -> Vec<(T, Option<DeclId>)> {
        let mut seen = Vec::new();
        let mut out = Vec::new();
        for directive in self.in_force(ty) {
            let named = directive.functions.iter().filter(|(n, _, op)| *n == name && op.is_none());
            let listed = named.flat_map(|(_, list, _)| list.iter().copied());
            let library = directive.library.map_or(&[][..], |l| self.w.own(l, name)).iter().copied();
            for id in listed.chain(library).collect::<Vec<_>>() {
                if seen.contains(&id) {
                    continue;
                }
                if let Some(fun) = self.attached_function(ty, id) {
                    seen.push(id);
                    out.push((T::Function(Rc::new(fun)), Some(id)));
                }
            }
        }
        out
    }

    fn attached_function(&self, ty: &T, id: DeclId) -> Option<Fun> {
        let fun = self.library_function(id)?;
        let first = fun.params.first()?;
        self.w.converts(ty, first).then_some(Fun { attached: true, ..fun })
    }

    /// Returns the type of a free or library function as a call by its name has it.
    pub(super) fn library_function(&self, id: DeclId) -> Option<Fun> {
        let Some(Kind::Function(_)) = self.w.kind(id) else { return None };
        let T::Function(fun) = self.w.decl_type(id)? else { return None };
        let visibility = self.w.function_visibility(id);
        let outside = self.w.owner(id).is_some()
            && matches!(visibility, ast::Visibility::Public | ast::Visibility::External);
        Some(if outside {
            self.w.called_from_outside(&fun, super::types::FunKind::DelegateCall)
        } else {
            (*fun).clone()
        })
    }

    /// Finds the function that defines an operator for a user-defined value type.
    pub(super) fn operator_function(&self, ty: &T, op: Operator, operands: usize) -> Option<DeclId> {
        let T::Udvt(_) = ty else { return None };
        let wanted = |id: &DeclId| match self.w.kind(*id) {
            Some(Kind::Function(f)) => f.params.len() == operands,
            _ => false,
        };
        let directives = self.in_force(ty);
        let named = directives.iter().flat_map(|d| d.functions.iter()).filter(|(_, _, o)| *o == Some(op));
        named.flat_map(|(_, list, _)| list.iter().copied()).find(wanted)
    }

    /// Finds the function for a binary operator.
    pub(super) fn binary_function(&self, ty: &T, op: BinaryOp) -> Option<DeclId> {
        self.operator_function(ty, Operator::Binary(op), 2)
    }
}
