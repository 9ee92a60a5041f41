//! Checks which contract gives a base's constructor its arguments: exactly one does, in its list of bases or in the
//! header of its constructor.

use super::scope::{Decl, Scope};
use super::{Checker, Owned};
use crate::ast;
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;
use std::collections::BTreeMap;

impl Checker {
    /// Checks one contract; what is given is read from the syntax, so that wrong arguments count as given.
    pub(super) fn check_base_arguments(&mut self, id: ContractId) {
        let Some(contract) = self.contract(id).cloned() else { return };
        let whole = self.whole_or_default(Decl::Contract(id));
        let mut given: BTreeMap<ContractId, Span> = BTreeMap::new();
        for giver in &contract.linearisation {
            for (base, place) in self.arguments_given_by(*giver) {
                match given.get(&base) {
                    Some(first) => self.report_second(whole, *first, place),
                    None => {
                        given.insert(base, place);
                    }
                }
            }
        }
        if contract.kind != ContractKind::Contract {
            return;
        }
        for base in contract.linearisation.iter().skip(1).filter(|b| !given.contains_key(b)) {
            let Some(constructor) = self.contract(*base).and_then(|c| c.constructor) else { continue };
            if self.param_types(constructor).is_empty() {
                continue;
            }
            let name = self.contract(*base).map_or(String::new(), |c| c.name.clone());
            let help = format!("write `is {name}(...)`, or call `{name}(...)` in the constructor's header");
            let message = format!("the constructor of `{name}` gets no arguments");
            self.fail_help::<()>(codes::BASE_ARGUMENTS.solc(3415), whole, message, help);
        }
    }

    fn report_second(&mut self, whole: Span, first: Span, second: Span) {
        let within = |s: Span| s.file == whole.file && whole.start <= s.start && s.end <= whole.end;
        let (place, other) = if within(first) || within(second) { (first, second) } else { (whole, first) };
        let message = "the constructor of a base gets arguments twice";
        let error = Diagnostic::error(codes::BASE_ARGUMENTS.solc(3364), place, message);
        self.diags.push(error.at(other, "the other arguments"));
    }

    /// Lists the bases with a constructor that a contract itself gives arguments, constructor's header first.
    fn arguments_given_by(&self, id: ContractId) -> Vec<(ContractId, Span)> {
        let Some(info) = self.contracts.get(id.index()) else { return Vec::new() };
        let constructor = self.contract(id).and_then(|c| c.constructor);
        let header = constructor.and_then(|f| self.functions.get(f.index()));
        let inside = Scope { file: info.file, contract: Some(id) };
        let outside = Scope { file: info.file, contract: None };
        let in_header = header.into_iter().flat_map(|Owned { ast, .. }| &ast.modifiers);
        let called = in_header.filter(|m| m.args.is_some()).map(|m| (inside, m));
        let listed = info.ast.bases.iter().filter(|b| has_arguments(b)).map(|b| (outside, b));
        let found = called.chain(listed).filter_map(|(scope, base)| {
            match self.lookup_path_quietly(scope, &base.path)? {
                Decl::Contract(target) => Some((target, base.span)),
                _ => None,
            }
        });
        found.filter(|(base, _)| self.contract(*base).is_some_and(|c| c.constructor.is_some())).collect()
    }
}

fn has_arguments(base: &ast::Base) -> bool {
    base.args.as_ref().is_some_and(|args| match &args.kind {
        ast::ArgsKind::Positional(list) => !list.is_empty(),
        ast::ArgsKind::Named(list) => !list.is_empty(),
    })
}
