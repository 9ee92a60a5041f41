//! Follows values that assembly may have left with dirty bits.
//!
//! Locals of functions that contain assembly hold words as assembly left them; Solidity code that reads one cleans
//! it. Calls of such functions pass and return words as they are, so that assembly at the other side sees them.

use super::cx::{Cx, Res, words};
use super::fx::{Fx, Vals};
use crate::hir::{Block, Callee, Expr, ExprKind, FunctionId, Stmt, StmtKind, Ty};

/// Is true when a block contains inline assembly.
pub(crate) fn has_assembly(block: &Block) -> bool {
    block.stmts.iter().any(stmt_has_assembly)
}

fn stmt_has_assembly(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Assembly(_) => true,
        StmtKind::Block(block) => has_assembly(block),
        StmtKind::If { then, otherwise, .. } => {
            stmt_has_assembly(then) || otherwise.as_deref().is_some_and(stmt_has_assembly)
        }
        StmtKind::While { body, .. } | StmtKind::DoWhile { body, .. } | StmtKind::For { body, .. } => {
            stmt_has_assembly(body)
        }
        StmtKind::Try { success, catches, .. } => {
            has_assembly(success) || catches.iter().any(|catch| has_assembly(&catch.body))
        }
        _ => false,
    }
}

impl Cx<'_> {
    /// Is true when a function may be given, and may return, words with dirty bits.
    pub(crate) fn is_raw(&self, id: FunctionId) -> bool {
        self.hir.functions.get(id.index()).and_then(|f| f.body.as_ref()).is_some_and(has_assembly)
    }
}

impl<'h> Fx<'_, 'h, '_> {
    /// Evaluates an expression for a target that takes words with dirty bits.
    pub(crate) fn raw_expr(&mut self, e: &'h Expr) -> Res<Vals> {
        match &e.kind {
            ExprKind::Local(id) => self.get_local(*id),
            ExprKind::InternalCall { callee, args } => {
                self.set_span(e.span);
                self.internal_call(*callee, args)
            }
            _ => self.expr(e),
        }
    }

    /// Evaluates a local as Solidity code sees it.
    pub(crate) fn read_local(&mut self, id: crate::hir::LocalId, ty: &Ty) -> Res<Vals> {
        let vals = self.get_local(id)?;
        if self.frame()?.raw { Ok(self.clean_all(vals, ty)) } else { Ok(vals) }
    }

    /// Calls an internal function and cleans what it returns where that is needed.
    pub(crate) fn clean_call(&mut self, callee: Callee, args: &'h [Expr], ty: &Ty) -> Res<Vals> {
        let vals = self.internal_call(callee, args)?;
        let id = self.cx.resolve(callee)?;
        if self.cx.is_raw(id) { Ok(self.clean_all(vals, ty)) } else { Ok(vals) }
    }

    /// Cleans the words of values; references stay as they are.
    pub(crate) fn clean_all(&mut self, vals: Vals, ty: &Ty) -> Vals {
        let types = match ty {
            Ty::Tuple(types) => types.clone(),
            other => vec![other.clone()],
        };
        let mut clean = Vals::new();
        for (ty, part) in self.split(&types, &vals) {
            match part.as_slice() {
                [v] if ty.is_value() => clean.push(self.clean(*v, &ty)),
                _ => {
                    debug_assert_eq!(part.len(), words(&ty));
                    clean.extend(part);
                }
            }
        }
        clean
    }
}
