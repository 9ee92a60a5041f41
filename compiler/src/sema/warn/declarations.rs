//! Looks at declarations: special functions, modifiers, functions of interfaces.

use super::super::Checker;
use super::warning;
use crate::ast::{self, Item, Member, SourceUnit};
use crate::diag::{Diagnostic, codes};
use crate::hir::{self, Mutability};

/// Checks the declarations of one file.
pub(super) fn check(ast: &SourceUnit, found: &mut Vec<Diagnostic>) {
    for item in &ast.items {
        match item {
            Item::Function(f) => function(f, found),
            Item::Contract(c) => contract(c, found),
            _ => {}
        }
    }
}

fn contract(contract: &ast::Contract, found: &mut Vec<Diagnostic>) {
    for member in &contract.members {
        match member {
            Member::Function(f) => {
                function(f, found);
                if contract.kind == ast::ContractKind::Interface && f.is_virtual.is_some() {
                    let message = "functions of an interface are virtual without saying so";
                    found.push(warning(codes::NEEDLESS_WORD, 5815, f.span, message, "remove `virtual`"));
                }
            }
            Member::Modifier(m) if m.is_virtual.is_some() => {
                let message = "virtual modifiers are deprecated";
                let help = "let the modifier call a virtual function, and override that";
                found.push(warning(codes::VIRTUAL_MODIFIER, 8429, m.span, message, help));
            }
            _ => {}
        }
    }
}

fn function(f: &ast::Function, found: &mut Vec<Diagnostic>) {
    if let Some(name) = f.name.as_ref().filter(|n| matches!(&*n.name, "fallback" | "receive")) {
        let message = format!("this is an ordinary function with the name `{}`", name.name);
        let help = "leave out the word `function` if the special function is meant, else choose another name";
        found.push(warning(codes::SPECIAL_NAME, 3445, name.span, message, help));
    }
    if f.kind == ast::FunctionKind::Constructor && f.visibility.is_some() {
        let message = "the visibility of a constructor means nothing";
        let help = "remove it; a contract that is not to be created is `abstract`";
        found.push(warning(codes::NEEDLESS_WORD, 2462, f.span, message, help));
    }
}

impl Checker {
    /// Finds contracts that take plain transfers by their fallback alone.
    pub(super) fn warn_contracts(&self, found: &mut Vec<Diagnostic>) {
        for (info, row) in self.contracts.iter().zip(&self.hir.contracts) {
            let payable =
                |id: hir::FunctionId| self.function(id).is_some_and(|f| f.mutability == Mutability::Payable);
            let open = row.fallback.is_some_and(payable) && row.receive.is_none();
            if open && !row.interface.is_empty() && info.ast.kind == ast::ContractKind::Contract {
                let message = "this contract's fallback takes payments, and it has no receive function";
                let help = "add `receive() external payable {}` to say what plain payments do";
                found.push(warning(codes::NO_RECEIVE, 3628, info.ast.span, message, help));
            }
        }
    }
}
