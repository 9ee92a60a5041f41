//! Finds what compiles but looks wrong. It runs once a program has no errors; one file per kind of finding. Where a
//! finding needs what only the checker knows (types of expressions, effects), the checker notes it on the way.

mod assembly;
mod declarations;
mod expressions;
mod flow;
mod graph;
mod header;
mod locals;
mod mutability;
mod names;
mod scopes;
mod storage;
mod walk;

use super::Checker;
use crate::compilation::Unit;
use crate::diag::{Code, Diagnostic};
use crate::hir::{FunctionId, ModifierId, Mutability};
use crate::source::{SourceMap, Span};
use std::collections::BTreeMap;

/// Holds what the checker notes for warnings.
#[derive(Default)]
pub(crate) struct Notes {
    /// Warnings that the checker itself finds.
    found: Vec<Diagnostic>,
    /// The most that a function's own code does to state.
    functions: BTreeMap<FunctionId, Mutability>,
    /// The modifiers that a function applies.
    modifiers: BTreeMap<FunctionId, Vec<ModifierId>>,
    /// The first use of transient storage.
    transient: Option<Span>,
}

impl Checker {
    /// Finds everything that looks wrong in a program without errors.
    pub(super) fn warn(&mut self, units: &[Unit], map: &SourceMap) -> Vec<Diagnostic> {
        let mut found = std::mem::take(&mut self.notes.found);
        for unit in units.iter().filter(|u| is_users(map, u)) {
            header::check(unit, map, &mut found);
            names::check(&unit.ast, &mut found);
            declarations::check(&unit.ast, &mut found);
            assembly::check(&unit.ast, map, &mut found);
            locals::check(self, &unit.ast, &mut found);
        }
        found.extend(self.notes.transient.map(assembly::transient));
        self.warn_mutability(&mut found);
        self.warn_contracts(&mut found);
        self.warn_storage(map, &mut found);
        flow::check(self, map, &mut found);
        found.retain(|d| map.file(d.span.file).is_some_and(|f| !is_embedded(f.name())));
        found
    }
}

/// Is true for files of the standard library, which the user cannot change.
fn is_embedded(name: &str) -> bool {
    name.starts_with("fusor/")
}

fn is_users(map: &SourceMap, unit: &Unit) -> bool {
    map.file(unit.ast.file).is_some_and(|f| !is_embedded(f.name()))
}

/// Makes a warning with solc's number and a way to mend it.
fn warning(code: Code, number: u16, span: Span, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::warning(code, span, message).solc(number).help(help)
}
