//! Resolves names, checks types and builds the HIR.
//!
//! Phases, each over all files: declare, import, linearise, resolve types and signatures, check contracts, check
//! bodies, fill in interfaces. Everything found is reported; a definition with an error
//! keeps a place in the tables so that the rest can be checked.

mod assembly;
mod bases;
mod body;
mod builtin;
mod call;
mod constant;
mod contract;
mod convert;
mod created;
mod declare;
mod docs;
mod expr;
mod fixed;
mod flow;
mod member;
mod object;
mod old_coder;
mod operator;
mod pragma;
pub(crate) mod rational;
mod scope;
mod signature;
mod size;
mod ty;
mod using;
mod value;
pub(crate) mod warn;

use crate::ast;
use crate::compilation::Unit;
use crate::diag::{Diagnostic, Diagnostics, Finding, Severity, codes};
use crate::evm_version::EvmVersion;
use crate::hir::*;
use crate::source::{FileId, SourceMap, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use object::check_object;
pub(crate) use scope::Scope;

/// Lists what descriptions were attached to which contract.
pub(crate) type Records = [(FileId, ast::NodeId, Vec<DescriptionRecord>)];

/// Checks all units and returns what was found and the program. The program is complete only without errors.
pub(crate) fn check(
    units: &[Unit],
    map: &SourceMap,
    records: &Records,
    evm_version: EvmVersion,
) -> (Diagnostics, Hir) {
    let mut checker = Checker { evm_version, ..Checker::default() };
    checker.declare(units, map);
    checker.link_imports(units);
    checker.linearise();
    checker.resolve_types();
    checker.resolve_usings();
    checker.resolve_signatures();
    checker.check_operators();
    checker.check_contracts();
    checker.check_docs(map);
    checker.check_bodies();
    if !checker.diags.iter().any(is_fatal) {
        checker.check_creations();
        checker.check_error_selectors();
    }
    checker.check_flow();
    checker.take_descriptions(records);
    if !checker.diags.has_errors() {
        let found = checker.warn(units, map);
        checker.diags.extend(found);
    }
    (checker.diags, checker.hir)
}

/// Is true for errors after which code is not followed any more: all but those of state mutability.
fn is_fatal(found: &Diagnostic) -> bool {
    let late = [codes::MUTABILITY_VIEW, codes::MUTABILITY_WRITE, codes::MUTABILITY_VALUE];
    found.severity == Severity::Error && !late.contains(&found.code)
}

/// Holds all that the phases share.
#[derive(Default)]
pub(crate) struct Checker {
    pub(crate) hir: Hir,
    pub(crate) diags: Diagnostics,
    /// The rules that the program is checked for.
    pub(crate) evm_version: EvmVersion,
    pub(crate) files: Vec<FileInfo>,
    pub(crate) contracts: Vec<ContractInfo>,
    pub(crate) functions: Vec<Owned<ast::Function>>,
    modifiers: Vec<Owned<ast::Modifier>>,
    vars: Vec<Owned<ast::Variable>>,
    structs: Vec<Owned<ast::Struct>>,
    enums: Vec<Owned<ast::Enum>>,
    udvts: Vec<Owned<ast::Udvt>>,
    events: Vec<Owned<ast::Event>>,
    errors: Vec<Owned<ast::ErrorDef>>,
    /// Constants that are being evaluated, against cycles.
    evaluating: Vec<VarId>,
    /// The expression that a constant is evaluated for, if it is an array's length.
    pub(crate) constant_root: Option<Span>,
    /// Constants evaluated so far.
    evaluated: BTreeMap<VarId, Option<rational::Rational>>,
    /// What each modifier's body does to state, and where.
    modifier_effects: BTreeMap<ModifierId, Vec<(Mutability, Span)>>,
    /// `using` directives marked global, in force wherever their type is.
    global_usings: Vec<using::UsingEntry>,
    /// Operators whose functions are judged once signatures are known.
    usings_to_check: Vec<using::OperatorCheck>,
    /// Attached functions with their places, the types they are attached to, and scopes.
    attached_to_check: Vec<(FunctionId, Span, Option<ast::Type>, Scope)>,
    /// What each piece of code calls and contains.
    uses: BTreeMap<created::Origin, created::Uses>,
    /// What is noted for warnings while bodies are checked.
    pub(crate) notes: warn::Notes,
}

/// Is a syntax node with the scope it stands in.
#[derive(Clone)]
pub(crate) struct Owned<X> {
    pub(crate) ast: Arc<X>,
    pub(crate) scope: Scope,
}

/// Knows what a file declares and imports.
#[derive(Default)]
pub(crate) struct FileInfo {
    pub(crate) name: String,
    names: scope::Names,
    /// The coder and the experimental features that pragmas choose.
    pragmas: Vec<String>,
    using_asts: Vec<Arc<ast::Using>>,
    usings: Vec<using::UsingEntry>,
}

/// Knows what a contract declares.
pub(crate) struct ContractInfo {
    pub(crate) ast: Arc<ast::Contract>,
    pub(crate) file: FileId,
    pub(crate) names: scope::Names,
    bases: Vec<ContractId>,
    usings: Vec<using::UsingEntry>,
}

impl Checker {
    /// Reports an error and returns none.
    pub(crate) fn fail<X>(
        &mut self,
        code: impl Into<Finding>,
        span: Span,
        message: impl Into<String>,
    ) -> Option<X> {
        self.diags.push(Diagnostic::error(code, span, message));
        None
    }

    /// Reports an error with a way to fix it and returns none.
    pub(crate) fn fail_help<X>(
        &mut self,
        code: impl Into<Finding>,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<X> {
        self.diags.push(Diagnostic::error(code, span, message).help(help));
        None
    }

    /// Reports that a construct is not compiled yet.
    pub(crate) fn unsupported<X>(&mut self, span: Span, what: &str) -> Option<X> {
        self.fail(codes::UNSUPPORTED, span, format!("{what}: not supported yet"))
    }

    /// Hands each contract its own and its bases' description records and the functions that book their triggers.
    fn take_descriptions(&mut self, records: &Records) {
        let of = |info: &ContractInfo| {
            let own = records.iter().filter(|(file, node, _)| info.file == *file && info.ast.id == *node);
            own.flat_map(|(_, _, list)| list.iter().cloned()).collect::<Vec<_>>()
        };
        let own: Vec<Vec<DescriptionRecord>> = self.contracts.iter().map(of).collect();
        for at in 0..self.contracts.len() {
            let line = self.line(ContractId(at as u32));
            let base_first = line.iter().rev().filter_map(|c| self.contract(*c));
            let register: Vec<FunctionId> = base_first
                .flat_map(|c| c.functions.iter().copied())
                .filter(|f| self.function(*f).is_some_and(|f| f.name.starts_with("__fusor_register_")))
                .collect();
            let list = line.iter().rev().filter_map(|c| own.get(c.index())).flatten().cloned().collect();
            if let Some(row) = self.hir.contracts.get_mut(at) {
                (row.descriptions, row.post_construction) = (list, register);
            }
        }
    }

    pub(crate) fn contract(&self, id: ContractId) -> Option<&Contract> {
        self.hir.contracts.get(id.index())
    }

    pub(crate) fn function(&self, id: FunctionId) -> Option<&Function> {
        self.hir.functions.get(id.index())
    }

    /// Returns the linearisation of a contract, itself first.
    pub(crate) fn line(&self, id: ContractId) -> Vec<ContractId> {
        self.contract(id).map_or(Vec::new(), |c| c.linearisation.clone())
    }

    /// Returns the parameter types of a function.
    pub(crate) fn param_types(&self, id: FunctionId) -> Vec<Ty> {
        self.function(id).map_or(Vec::new(), |f| local_types(&f.locals, &f.params))
    }

    /// Returns the result types of a function.
    pub(crate) fn return_types(&self, id: FunctionId) -> Vec<Ty> {
        self.function(id).map_or(Vec::new(), |f| local_types(&f.locals, &f.returns))
    }
}

pub(crate) fn local_types(locals: &[Local], ids: &[LocalId]) -> Vec<Ty> {
    ids.iter().filter_map(|id| locals.get(id.index())).map(|l| l.ty.clone()).collect()
}
