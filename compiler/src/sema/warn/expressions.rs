//! Holds what the checker notes about expressions when it meets them.

use super::super::body::{Body, Kind};
use super::super::value::{Val, ValKind};
use super::warning;
use crate::ast;
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;

/// Warns of `selfdestruct`.
pub(super) fn self_destruct(span: Span, number: u16) -> Diagnostic {
    let message = "`selfdestruct` no longer removes a contract, it only sends its coins away";
    let help = "move the coins by a call; only a contract created in the same transaction is still removed";
    warning(codes::DEPRECATED, number, span, message, help)
}

impl Body<'_> {
    pub(crate) fn note(&mut self, diagnostic: Diagnostic) {
        if !self.mute {
            self.c.notes.found.push(diagnostic);
        }
    }

    /// Notes the use of transient storage in assembly.
    pub(crate) fn note_transient(&mut self, span: Span) {
        let first = self.c.notes.transient.get_or_insert(span);
        *first = span.min(*first);
    }

    /// Notes that an immutable is read. Its value is known beforehand only when its initialiser says it.
    pub(crate) fn note_immutable(&mut self, id: VarId) {
        let init = self.c.hir.vars.get(id.index()).and_then(|v| v.init.as_ref());
        let known = init.is_some_and(|e| super::super::body::is_pure(e, &self.c.hir));
        if let Some(function) = self.function.filter(|_| !known && !self.mute) {
            self.c.note_effect(function, Mutability::View);
        }
    }

    /// Looks at a builtin function where it is named.
    pub(crate) fn note_builtin(&mut self, builtin: &Builtin, span: Span) {
        match builtin {
            Builtin::AddressSend | Builtin::AddressTransfer => {
                let word = if *builtin == Builtin::AddressSend { "send" } else { "transfer" };
                let message = format!("`{word}` is deprecated: its fixed gas may no longer suffice");
                let help = "use `call{value: amount}(\"\")` and check its result";
                self.note(warning(codes::DEPRECATED, 9207, span, message, help));
            }
            Builtin::SelfDestruct => self.note(self_destruct(span, 5159)),
            Builtin::BlockPrevRandao => {
                let message = "`block.difficulty` means the random value since the Merge";
                self.note(warning(codes::DEPRECATED, 8417, span, message, "write `block.prevrandao`"));
            }
            _ => {}
        }
    }

    /// Looks at `this`.
    pub(crate) fn note_this(&mut self, span: Span) {
        if self.kind == Kind::Constructor {
            let message = "the contract has no code yet while it is constructed";
            let help = "call the function without `this.`";
            self.note(warning(codes::THIS_IN_CONSTRUCTOR, 5805, span, message, help));
        }
    }

    /// Looks at a statement that is one expression.
    pub(crate) fn note_statement(&mut self, e: &ast::Expr, val: &Val) {
        if self.is_pure_value(val) && !names_inner_type(e, val) {
            let help = "remove it, or use its value";
            self.note(warning(codes::NO_EFFECT, 6133, e.span, "this statement does nothing", help));
        }
        if !matches!(e.kind, ast::ExprKind::Call { .. }) {
            return;
        }
        let ValKind::Expr(value) = &val.kind else { return };
        let help = "check the result: `(bool ok, ) = ...; require(ok);`";
        match &value.kind {
            ExprKind::LowLevelCall { .. } => {
                let message = "nothing looks at whether this call failed";
                self.note(warning(codes::UNUSED_RESULT, 9302, e.span, message, help));
            }
            ExprKind::Builtin { builtin: Builtin::AddressSend, .. } => {
                let message = "nothing looks at whether this transfer failed";
                self.note(warning(codes::UNUSED_RESULT, 5878, e.span, message, help));
            }
            _ => {}
        }
    }

    fn is_pure_value(&self, val: &Val) -> bool {
        match &val.kind {
            ValKind::Number(_)
            | ValKind::Text(_)
            | ValKind::Type(_)
            | ValKind::Meta(_)
            | ValKind::Module(_) => true,
            ValKind::Expr(e) => super::super::body::is_pure(e, &self.c.hir) && !is_function(e),
            ValKind::Tuple(list) => !list.is_empty() && list.iter().flatten().all(|v| self.is_pure_value(v)),
            ValKind::Builtin(_, base) => base.is_none(),
            _ => false,
        }
    }

    /// Looks at `==` and `!=` between values of a type.
    pub(crate) fn note_comparison(&mut self, operands: &Ty, span: Span) {
        match operands {
            Ty::Contract(_) => {
                let message = "comparing contracts is deprecated";
                let help = "compare their addresses: `address(a) == address(b)`";
                self.note(warning(codes::DEPRECATED, 9170, span, message, help));
            }
            Ty::Function(f) if !f.external => {
                let message = "comparing internal function pointers is unreliable";
                let help = "keep a number or an enum beside the pointer, and compare that";
                self.note(warning(codes::DEPRECATED, 3075, span, message, help));
            }
            _ => {}
        }
    }

    /// Looks at a shift or exponentiation whose right operand is wider than the result.
    pub(crate) fn note_width(&mut self, what: &str, left: &Ty, right: &Ty, span: Span) {
        if let (Ty::Int { bits: a, .. }, Ty::Int { bits: b, .. }) = (left, right)
            && b > a
        {
            let message = format!("the {what} is computed in {a} bits, though its right operand has {b}");
            let help = "convert the left operand to the wider type, or the right one to the narrower";
            self.note(warning(codes::NARROW_RESULT, 3149, span, message, help));
        }
    }

    /// Looks at an assignment of several values at once: the places, and the types of the values.
    pub(crate) fn note_tuple_copy(&mut self, places: &[Option<Expr>], values: &[Option<Ty>], span: Span) {
        let stored = |e: &Expr| e.ty.loc() == Some(Loc::Storage) && !matches!(e.kind, ExprKind::Local(_));
        let written: Vec<usize> = places
            .iter()
            .enumerate()
            .filter(|(_, p)| p.as_ref().is_some_and(stored))
            .map(|(at, _)| at)
            .collect();
        let from_storage =
            |at: &usize| matches!(values.get(*at), Some(Some(ty)) if ty.loc() == Some(Loc::Storage));
        if written.len() > 1 && written.iter().any(from_storage) {
            let message =
                "several values are copied within storage, and one may be overwritten before it is read";
            let help = "copy them to memory first";
            self.note(warning(codes::STORAGE_COPIES, 7238, span, message, help));
        }
    }
}

fn is_function(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::FunctionPointer(_) | ExprKind::ExternalFunction { .. })
}

/// Is true when a statement names a type inside a contract, or decodes to one, which solc does not call pure.
fn names_inner_type(e: &ast::Expr, val: &Val) -> bool {
    let is_name =
        |e: &ast::Expr| matches!(e.kind, ast::ExprKind::Member { .. } | ast::ExprKind::Index { .. });
    if let ValKind::Type(_) = val.kind {
        return is_name(e);
    }
    let ValKind::Expr(Expr { kind: ExprKind::Builtin { builtin: Builtin::AbiDecode, .. }, .. }) = &val.kind
    else {
        return false;
    };
    let ast::ExprKind::Call { args: ast::Args { kind: ast::ArgsKind::Positional(list), .. }, .. } = &e.kind
    else {
        return false;
    };
    match list.get(1).map(|e| &e.kind) {
        Some(ast::ExprKind::Tuple(types)) => types.iter().flatten().any(is_name),
        Some(_) => list.get(1).is_some_and(is_name),
        None => false,
    }
}
