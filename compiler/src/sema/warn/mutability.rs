//! Finds functions that do less to state than they say.

use super::super::Checker;
use super::warning;
use crate::ast;
use crate::diag::{Diagnostic, codes};
use crate::hir::{FunctionId, FunctionKind, ModifierId, Mutability};

impl Checker {
    /// Notes that a function's code needs a state mutability.
    pub(crate) fn note_effect(&mut self, function: FunctionId, needed: Mutability) {
        let most = self.notes.functions.entry(function).or_insert(Mutability::Pure);
        *most = needed.max(*most);
    }

    /// Notes that a function applies a modifier.
    pub(crate) fn note_modifier(&mut self, function: FunctionId, modifier: ModifierId) {
        self.notes.modifiers.entry(function).or_default().push(modifier);
    }

    /// Finds functions whose mutability can be restricted.
    pub(super) fn warn_mutability(&self, found: &mut Vec<Diagnostic>) {
        for at in 0..self.functions.len() {
            found.extend(self.looser_than_needed(FunctionId(at as u32)));
        }
    }

    fn looser_than_needed(&self, id: FunctionId) -> Option<Diagnostic> {
        let (row, owned) = (self.function(id)?, self.functions.get(id.index())?);
        let body = owned.ast.body.as_ref()?;
        let special = !matches!(row.kind, FunctionKind::Function | FunctionKind::Free);
        let interface = owned.scope.contract.and_then(|c| self.contracts.get(c.index()));
        let open = row.is_virtual || interface.is_some_and(|c| c.ast.kind == ast::ContractKind::Interface);
        if body.stmts.is_empty() || special || open || row.mutability == Mutability::Payable {
            return None;
        }
        let needed = self.needed(id);
        if needed >= row.mutability {
            return None;
        }
        let word = if needed == Mutability::Pure { "pure" } else { "view" };
        let message = format!("`{}` could be `{word}`", row.name);
        let help = format!("declare it `{word}`");
        Some(
            warning(codes::LOOSE_MUTABILITY, 2018, owned.ast.span, message, &help)
                .at(row.span, "this function"),
        )
    }

    fn needed(&self, id: FunctionId) -> Mutability {
        let own = self.notes.functions.get(&id).copied().unwrap_or(Mutability::Pure);
        let modifiers = self.notes.modifiers.get(&id).into_iter().flatten();
        let effects = modifiers.filter_map(|m| self.modifier_effects.get(m)).flatten().map(|(m, _)| *m);
        effects.fold(own, Mutability::max)
    }
}
