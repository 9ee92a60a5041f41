//! Recognises loops that only count up, which solc marks.

use super::declare::{DeclId, Kind};
use super::emit::Emitter;
use super::typer::Typer;
use super::types::T;
use crate::ast::yul::{YulBlock, YulStmtKind};
use crate::ast::{Args, ArgsKind, BinaryOp, Expr, ExprKind as E, Stmt, StmtKind, UnaryOp};

impl Emitter<'_, '_> {
    /// Is true for `i < n; i++` over a local integer that nothing else in the loop writes.
    pub(super) fn is_simple_counter(&self, cond: Option<&Expr>, post: Option<&Expr>, body: &Stmt) -> bool {
        let Some(known) = &self.known else { return false };
        let (Some(cond), Some(post)) = (cond, post) else { return false };
        known.typer.simple_counter(cond, post, body).unwrap_or(false)
    }
}

impl Typer<'_> {
    fn simple_counter(&self, cond: &Expr, post: &Expr, body: &Stmt) -> Option<bool> {
        let E::Unary { op: UnaryOp::PreInc | UnaryOp::PostInc, operand } = &post.kind else { return None };
        let counter = self.named(operand)?;
        let note = self.notes.get(&operand.span)?;
        if !matches!(note.ty, Some(T::Int { .. })) || !matches!(self.w.kind(counter), Some(Kind::Param(..))) {
            return None;
        }
        let E::Binary { op: BinaryOp::Lt, left, right, .. } = &cond.kind else { return None };
        if self.named(left)? != counter {
            return None;
        }
        let common = &self.notes.get(&cond.span)?.common;
        let same = *common == note.ty;
        Some(same && !self.writes(right, counter) && !self.stmt_writes(body, counter))
    }

    fn named(&self, e: &Expr) -> Option<DeclId> {
        match &e.kind {
            E::Ident(_) => self.notes.get(&e.span)?.reference,
            _ => None,
        }
    }

    fn writes(&self, e: &Expr, id: DeclId) -> bool {
        let all = |list: &[&Expr]| list.iter().any(|e| self.writes(e, id));
        match &e.kind {
            E::Ident(_) => {
                let note = self.notes.get(&e.span);
                note.is_some_and(|n| n.requested && n.reference == Some(id))
            }
            E::Tuple(list) => list.iter().flatten().any(|e| self.writes(e, id)),
            E::Array(list) => list.iter().any(|e| self.writes(e, id)),
            E::Member { base, .. } => self.writes(base, id),
            E::Index { base, index } => {
                self.writes(base, id) || index.as_ref().is_some_and(|e| self.writes(e, id))
            }
            E::Slice { base, start, end } => {
                self.writes(base, id) || start.iter().chain(end).any(|e| self.writes(e, id))
            }
            E::Call { callee, args } => self.writes(callee, id) || self.args_write(args, id),
            E::Options { callee, options } => {
                self.writes(callee, id) || options.iter().any(|(_, e)| self.writes(e, id))
            }
            E::Unary { operand, .. } => self.writes(operand, id),
            E::Binary { left, right, .. } | E::Assign { left, right, .. } => all(&[left, right]),
            E::Ternary { cond, then, otherwise } => all(&[cond, then, otherwise]),
            E::Literal(_) | E::Type(_) | E::New(_) | E::TypeOf(_) | E::Error => false,
        }
    }

    fn args_write(&self, args: &Args, id: DeclId) -> bool {
        match &args.kind {
            ArgsKind::Positional(list) => list.iter().any(|e| self.writes(e, id)),
            ArgsKind::Named(list) => list.iter().any(|(_, e)| self.writes(e, id)),
        }
    }

    fn stmt_writes(&self, stmt: &Stmt, id: DeclId) -> bool {
        let block = |b: &crate::ast::Block| b.stmts.iter().any(|s| self.stmt_writes(s, id));
        match &stmt.kind {
            StmtKind::Block(b) | StmtKind::Unchecked(b) => block(b),
            StmtKind::If { cond, then, otherwise } => {
                self.writes(cond, id)
                    || self.stmt_writes(then, id)
                    || otherwise.as_ref().is_some_and(|s| self.stmt_writes(s, id))
            }
            StmtKind::While { cond, body } | StmtKind::DoWhile { body, cond } => {
                self.writes(cond, id) || self.stmt_writes(body, id)
            }
            StmtKind::For { init, cond, post, body } => {
                init.as_ref().is_some_and(|s| self.stmt_writes(s, id))
                    || cond.iter().chain(post.as_deref()).any(|e| self.writes(e, id))
                    || self.stmt_writes(body, id)
            }
            StmtKind::Return(Some(e)) | StmtKind::Expr(e) | StmtKind::Declare { value: Some(e), .. } => {
                self.writes(e, id)
            }
            StmtKind::Emit { args, .. } | StmtKind::Revert { args, .. } => self.args_write(args, id),
            StmtKind::Try(t) => {
                self.writes(&t.call, id) || block(&t.body) || t.catches.iter().any(|c| block(&c.body))
            }
            StmtKind::Assembly(a) => self.yul_writes(&a.body, id),
            _ => false,
        }
    }

    fn yul_writes(&self, block: &YulBlock, id: DeclId) -> bool {
        block.stmts.iter().any(|s| match &s.kind {
            YulStmtKind::Block(b)
            | YulStmtKind::If { body: b, .. }
            | YulStmtKind::Function { body: b, .. } => self.yul_writes(b, id),
            YulStmtKind::Assign { targets, .. } => {
                targets.iter().any(|t| self.paths.get(&t.span).is_some_and(|p| p.contains(&id)))
            }
            YulStmtKind::Switch { cases, default, .. } => {
                cases.iter().map(|c| &c.body).chain(default).any(|b| self.yul_writes(b, id))
            }
            YulStmtKind::For { init, post, body, .. } => {
                [init, post, body].into_iter().any(|b| self.yul_writes(b, id))
            }
            _ => false,
        })
    }
}
