//! Resolves `using ... for ...` and finds the functions and operators it attaches to types.

use super::{Checker, Scope, scope::Decl, ty};
use crate::ast::{self, Member, Name, Operator, UsingFunctions};
use crate::diag::codes;
use crate::hir::*;
use std::sync::Arc;

/// Is one attachment: functions to a type, or to every type.
#[derive(Debug, Clone)]
pub(crate) struct UsingEntry {
    /// The type, data location left out; none for `*`.
    pub(crate) target: Option<Ty>,
    pub(crate) what: Attached,
}

/// Is an operator, the function and place that define it, the type and the scope of the directive.
pub(crate) type OperatorCheck = (Operator, FunctionId, crate::source::Span, Option<ast::Type>, Scope);

/// Is what a directive attaches.
#[derive(Debug, Clone)]
pub(crate) enum Attached {
    Library(ContractId),
    Function(Name, Vec<FunctionId>),
    Operator(Operator, FunctionId),
}

impl Checker {
    /// Resolves the directives of files and contracts.
    pub(super) fn resolve_usings(&mut self) {
        for file in 0..self.files.len() {
            let asts = self.files.get(file).map_or(Vec::new(), |f| f.using_asts.clone());
            let scope = Scope { file: file as u32, contract: None };
            let entries: Vec<_> = asts.iter().flat_map(|u| self.resolve_using(scope, u)).collect();
            if let Some(info) = self.files.get_mut(file) {
                info.usings = entries;
            }
        }
        for i in 0..self.contracts.len() {
            let Some(info) = self.contracts.get(i) else { continue };
            let scope = Scope { file: info.file, contract: Some(ContractId(i as u32)) };
            let asts: Vec<Arc<ast::Using>> = info
                .ast
                .members
                .iter()
                .filter_map(|m| if let Member::Using(u) = m { Some(u.clone()) } else { None })
                .collect();
            let entries: Vec<_> = asts.iter().flat_map(|u| self.resolve_using(scope, u)).collect();
            if let Some(info) = self.contracts.get_mut(i) {
                info.usings = entries;
            }
        }
    }

    fn resolve_using(&mut self, scope: Scope, using: &ast::Using) -> Vec<UsingEntry> {
        let target = match &using.target {
            Some(ty) => match self.using_target(scope, ty) {
                Some(ty) => Some(ty.with_loc(Loc::Memory)),
                None => return Vec::new(),
            },
            None => None,
        };
        self.check_using_rules(scope, using, target.as_ref());
        let attached = match &using.functions {
            UsingFunctions::Library(path) => match self.resolve_contract(9589, 4357, scope, path) {
                Some(id) if self.is_library(id) => vec![Attached::Library(id)],
                Some(_) => {
                    let help = "name functions in braces: `using {f} for T`";
                    self.fail_help::<()>(
                        codes::USING_FOR.solc(4357),
                        path.span,
                        "this is not a library",
                        help,
                    );
                    Vec::new()
                }
                None => Vec::new(),
            },
            UsingFunctions::List(list) => {
                list.iter().flat_map(|item| self.attach(scope, item, using)).collect()
            }
        };
        let entries: Vec<_> =
            attached.into_iter().map(|what| UsingEntry { target: target.clone(), what }).collect();
        if using.global.is_some() {
            self.global_usings.extend(entries.iter().cloned());
        }
        entries
    }

    fn using_target(&mut self, scope: Scope, ty: &ast::Type) -> Option<Ty> {
        if let ast::TypeKind::Path(path) = &ty.kind
            && let Some(Decl::Contract(id)) = self.lookup(scope, &path.segments.first()?.name).first()
            && path.segments.len() == 1
            && self.is_library(*id)
        {
            return self.fail(
                codes::USING_FOR.solc(1130),
                ty.span,
                "functions cannot be attached to a library",
            );
        }
        self.resolve_type(scope, ty, Loc::Memory)
    }

    fn check_using_rules(&mut self, scope: Scope, using: &ast::Using, target: Option<&Ty>) {
        let code = codes::USING_FOR;
        if target.is_none() && scope.contract.is_none() {
            self.fail::<()>(code.solc(8118), using.span, "`using ... for *` stands inside a contract");
        }
        if target.is_none() && scope.contract.is_some() && matches!(using.functions, UsingFunctions::List(_))
        {
            self.fail::<()>(code.solc(3349), using.span, "functions in braces are attached to one type");
        }
        if using.global.is_none() {
            return;
        }
        let own = match target {
            Some(Ty::Struct(id, _)) => self.structs.get(id.index()).map(|o| o.scope),
            Some(Ty::Enum(id)) => self.enums.get(id.index()).map(|o| o.scope),
            Some(Ty::Udvt(id)) => self.udvts.get(id.index()).map(|o| o.scope),
            _ => None,
        };
        let number = match own {
            _ if scope.contract.is_some() => 3367,
            None => 8841,
            Some(own) if own.contract.is_some() || own.file != scope.file => 4117,
            Some(_) => return,
        };
        let message = "`global` is for a struct, enum or user type of the same file, outside contracts";
        self.fail::<()>(code.solc(number), using.span, message);
    }

    fn attach(
        &mut self,
        scope: Scope,
        item: &(ast::Path, Option<(Operator, crate::source::Span)>),
        using: &ast::Using,
    ) -> Option<Attached> {
        let (path, operator) = item;
        let decls = self.resolve_path_as(9589, scope, path)?;
        let functions: Vec<FunctionId> =
            decls.iter().filter_map(|d| if let Decl::Function(f) = d { Some(*f) } else { None }).collect();
        let Some(first) = functions.first() else {
            return self.fail(codes::USING_FOR.solc(8187), path.span, "this is not a function");
        };
        if functions.len() > 1 {
            let message = "this name means several functions";
            return self.fail(codes::USING_FOR.solc(9589), path.span, message);
        }
        let contract = self.function(*first).and_then(|f| f.contract);
        if contract.is_some_and(|c| !self.is_library(c)) {
            return self.fail(
                codes::USING_FOR.solc(4167),
                path.span,
                "only free and library functions can be attached",
            );
        }
        let private = self.functions.get(first.index()).is_some_and(|f| {
            matches!(f.ast.visibility, Some((ast::Visibility::Private, _)))
                && f.scope.contract != scope.contract
        });
        if private {
            let message = "a private library function is attached inside its library only";
            return self.fail(codes::USING_FOR.solc(6772), path.span, message);
        }
        if functions.iter().all(|f| self.no_parameters(*f)) {
            return self.fail(
                codes::USING_FOR.solc(4731),
                path.span,
                "a function without parameters cannot be attached",
            );
        }
        match operator {
            None => {
                self.attached_to_check.push((*first, path.span, using.target.clone(), scope));
                Some(Attached::Function(path.segments.last()?.name.clone(), functions))
            }
            Some((operator, _)) => {
                self.usings_to_check.push((*operator, *first, path.span, using.target.clone(), scope));
                if using.global.is_none() {
                    let message = "an operator is defined for the whole program";
                    let finding = codes::USING_FOR.solc(3320);
                    return self.fail_help(finding, path.span, message, "write `global`");
                }
                Some(Attached::Operator(*operator, *first))
            }
        }
    }

    /// Signatures are not resolved yet, so the syntax is asked.
    fn no_parameters(&self, id: FunctionId) -> bool {
        self.functions.get(id.index()).is_some_and(|f| f.ast.params.is_empty())
    }

    /// Checks the functions that define operators, once signatures are known.
    pub(super) fn check_operators(&mut self) {
        self.check_attached();
        let mut seen: Vec<(Operator, Ty, usize, FunctionId, crate::source::Span)> = Vec::new();
        for (operator, f, span, target, scope) in std::mem::take(&mut self.usings_to_check) {
            let Some(ty) = target.and_then(|t| self.resolve_type(scope, &t, Loc::Memory)) else { continue };
            let Some(function) = self.function(f).cloned() else { continue };
            let (params, returns) = (self.param_types(f), self.return_types(f));
            let comparison = matches!(
                operator,
                Operator::Binary(
                    ast::BinaryOp::Eq
                        | ast::BinaryOp::Ne
                        | ast::BinaryOp::Lt
                        | ast::BinaryOp::Le
                        | ast::BinaryOp::Gt
                        | ast::BinaryOp::Ge
                )
            );
            let wanted = if comparison { Ty::Bool } else { ty.clone() };
            let count = match operator {
                Operator::BitNot => params.len() == 1,
                Operator::Binary(ast::BinaryOp::Sub) => matches!(params.len(), 1 | 2),
                Operator::Binary(_) => params.len() == 2,
            };
            let whole = self.functions.get(f.index()).map(|f| (f.ast.params_span, f.ast.returns_span));
            let (params_span, returns_span) = whole.unwrap_or_default();
            let pure_free = function.kind == FunctionKind::Free && function.mutability == Mutability::Pure;
            let twin = seen
                .iter()
                .find(|(o, t, n, g, _)| *o == operator && *t == ty && *n == params.len() && *g != f)
                .map(|t| t.4);
            let mut faults = Vec::new();
            if !matches!(ty, Ty::Udvt(_)) {
                faults.push((5332, span, "operators are defined for user-defined value types"));
            } else if !pure_free {
                faults.push((7775, span, "an operator is defined by a pure free function"));
            } else {
                if !count || params.iter().any(|p| *p != ty) {
                    faults.push((1884, params_span, "the parameters are not those of the operator"));
                }
                if returns != [wanted] {
                    faults.push((7743, returns_span, "the result is not that of the operator"));
                }
                if let Some(first) = twin {
                    faults.push((4705, first, "this operator is defined twice"));
                    faults.push((4705, span, "this operator is defined twice"));
                }
            }
            for (number, place, message) in faults {
                self.fail::<()>(codes::USING_FOR.solc(number), place, message);
            }
            seen.push((operator, ty, params.len(), f, span));
        }
    }

    /// Checks that attached functions take the type that they are attached to.
    fn check_attached(&mut self) {
        for (f, span, target, scope) in std::mem::take(&mut self.attached_to_check) {
            let Some(ty) = target.and_then(|t| self.resolve_type(scope, &t, Loc::Memory)) else { continue };
            let Some(first) = self.param_types(f).first().map(|p| p.with_loc(Loc::Memory)) else { continue };
            if !ty::is_poison(&first) && !self.converts_implicitly(&ty.with_loc(Loc::Memory), &first) {
                let message = format!("this function does not take a `{}` first", self.bare_name_of(&ty));
                self.fail::<()>(codes::USING_FOR.solc(3100), span, message);
            }
        }
    }

    /// Lists the directives in force in a scope.
    fn usings(&self, scope: Scope) -> impl Iterator<Item = &UsingEntry> {
        let contract =
            scope.contract.and_then(|c| self.contracts.get(c.index())).map(|c| c.usings.as_slice());
        let file = self.files.get(scope.file as usize).map(|f| f.usings.as_slice());
        contract.into_iter().chain(file).chain([self.global_usings.as_slice()]).flatten()
    }

    /// Finds the functions named `name` that are attached to values of type `ty`.
    pub(super) fn attached(&self, scope: Scope, ty: &Ty, name: &str) -> Vec<FunctionId> {
        let mut out: Vec<FunctionId> = Vec::new();
        for entry in self.usings(scope) {
            if entry.target.as_ref().is_some_and(|t| !ty::same_but_location(t, ty) && !payable_kin(t, ty)) {
                continue;
            }
            let candidates = match &entry.what {
                Attached::Library(id) => self.library_functions(*id, name, scope),
                Attached::Function(n, list) if &**n == name => list.clone(),
                _ => continue,
            };
            for f in candidates {
                let takes = self.param_types(f).first().is_some_and(|p| self.converts_implicitly(ty, p));
                if takes && !out.contains(&f) {
                    out.push(f);
                }
            }
        }
        out
    }

    fn library_functions(&self, id: ContractId, name: &str, scope: Scope) -> Vec<FunctionId> {
        let decls = self.lookup_in_contract(id, name, false);
        let functions =
            decls.into_iter().filter_map(|d| if let Decl::Function(f) = d { Some(f) } else { None });
        functions
            .filter(|f| {
                let private = self.function(*f).is_some_and(|f| f.visibility == Visibility::Private);
                !private || scope.contract == Some(id)
            })
            .collect()
    }

    /// Finds the function that defines an operator on a user type with this many operands.
    pub(super) fn user_operator(&self, operator: Operator, ty: &Ty, operands: usize) -> Option<FunctionId> {
        self.global_usings.iter().find_map(|entry| match entry.what {
            Attached::Operator(op, f) if op == operator && entry.target.as_ref() == Some(ty) => {
                (self.param_types(f).len() == operands).then_some(f)
            }
            _ => None,
        })
    }
}

fn payable_kin(target: &Ty, ty: &Ty) -> bool {
    matches!((target, ty), (Ty::Address { payable: false }, Ty::Address { .. }))
}
