//! Lowers statements.

use super::LowerError;
use super::cx::{Res, broken, words};
use super::fx::Fx;
use crate::hir::{Block, Expr, LocalId, Stmt, StmtKind, Ty};

impl<'h> Fx<'_, 'h, '_> {
    pub(crate) fn stmts(&mut self, block: &'h Block) -> Res<()> {
        for stmt in &block.stmts {
            self.stmt(stmt)?;
        }
        Ok(())
    }

    fn stmt(&mut self, stmt: &'h Stmt) -> Res<()> {
        self.set_span(stmt.span);
        match &stmt.kind {
            StmtKind::Block(block) => self.stmts(block),
            StmtKind::Expr(e) => self.expr(e).map(drop),
            StmtKind::Let { vars, init } => self.declare(vars, init.as_ref()),
            StmtKind::If { cond, then, otherwise } => self.if_stmt(cond, then, otherwise.as_deref()),
            StmtKind::While { cond, body } => self.for_loop(Some(cond), None, body),
            StmtKind::DoWhile { body, cond } => self.do_while(body, cond),
            StmtKind::For { init, cond, step, body } => {
                if let Some(init) = init {
                    self.stmt(init)?;
                }
                self.for_loop(cond.as_ref(), step.as_ref(), body)
            }
            StmtKind::Break => self.leave_loop(stmt, false),
            StmtKind::Continue => self.leave_loop(stmt, true),
            StmtKind::Return(value) => self.return_stmt(value.as_ref()),
            StmtKind::Emit { event, args } => self.emit(*event, args),
            StmtKind::RevertError { error, args } => {
                let typed = self.typed_args(args)?;
                self.set_span(stmt.span);
                self.revert_error(*error, &typed)
            }
            StmtKind::Placeholder => self.placeholder(),
            StmtKind::Assembly(assembly) => self.assembly(assembly),
            StmtKind::Try { call, returns, success, catches } => {
                self.try_stmt(call, returns, success, catches)
            }
        }
    }

    fn declare(&mut self, vars: &'h [Option<LocalId>], init: Option<&'h Expr>) -> Res<()> {
        let Some(init) = init else {
            for id in vars.iter().flatten() {
                self.zero_local(*id)?;
            }
            return Ok(());
        };
        let vals = if self.frame()?.raw { self.raw_expr(init)? } else { self.expr(init)? };
        let types = match (&init.ty, vars.len()) {
            (Ty::Tuple(types), n) if types.len() == n => types.clone(),
            (ty, _) => vec![ty.clone()],
        };
        for (var, (from, vals)) in vars.iter().zip(self.split(&types, &vals)) {
            if let Some(id) = var {
                let to = self.local_ty(*id)?;
                let vals = self.coerce(vals, &from, to)?;
                self.set_local(*id, &vals)?;
            }
        }
        Ok(())
    }

    fn if_stmt(&mut self, cond: &'h Expr, then: &'h Stmt, otherwise: Option<&'h Stmt>) -> Res<()> {
        let cond = self.expr1(cond)?;
        let (yes, no, end) = (self.block(), self.block(), self.block());
        self.b.branch(cond, yes, no);
        self.enter(yes);
        self.stmt(then)?;
        self.jump(end);
        self.enter(no);
        if let Some(stmt) = otherwise {
            self.stmt(stmt)?;
        }
        self.jump(end);
        self.enter(end);
        Ok(())
    }

    fn for_loop(&mut self, cond: Option<&'h Expr>, step: Option<&'h Expr>, body: &'h Stmt) -> Res<()> {
        let (head, inside, next, end) = (self.block(), self.block(), self.block(), self.block());
        self.jump(head);
        self.b.switch_to(head);
        match cond {
            Some(cond) => {
                let cond = self.expr1(cond)?;
                self.b.branch(cond, inside, end);
            }
            None => self.jump(inside),
        }
        self.enter(inside);
        self.loops.push((next, end));
        self.stmt(body)?;
        self.loops.pop();
        self.jump(next);
        self.enter(next);
        if let Some(step) = step {
            self.expr(step)?;
        }
        self.jump(head);
        self.b.seal_block(head);
        self.enter(end);
        Ok(())
    }

    fn do_while(&mut self, body: &'h Stmt, cond: &'h Expr) -> Res<()> {
        let (inside, test, end) = (self.block(), self.block(), self.block());
        self.jump(inside);
        self.b.switch_to(inside);
        self.loops.push((test, end));
        self.stmt(body)?;
        self.loops.pop();
        self.jump(test);
        self.enter(test);
        let cond = self.expr1(cond)?;
        self.b.branch(cond, inside, end);
        self.b.seal_block(inside);
        self.enter(end);
        Ok(())
    }

    fn leave_loop(&mut self, stmt: &Stmt, again: bool) -> Res<()> {
        let Some((next, end)) = self.loops.last().copied() else {
            return Err(LowerError::unsupported("leaving a loop from outside one", stmt.span));
        };
        self.jump(if again { next } else { end });
        Ok(())
    }

    fn return_stmt(&mut self, value: Option<&'h Expr>) -> Res<()> {
        if let Some(e) = value {
            let vals = if self.frame()?.raw { self.raw_expr(e)? } else { self.expr(e)? };
            let returns = self.frame()?.returns;
            let types = match &e.ty {
                Ty::Tuple(types) => types.clone(),
                other => vec![other.clone()],
            };
            for (id, (from, vals)) in returns.iter().zip(self.split(&types, &vals)) {
                let to = self.local_ty(*id)?;
                let vals = self.coerce(vals, &from, to)?;
                debug_assert_eq!(vals.len(), words(to));
                self.set_local(*id, &vals)?;
            }
        }
        let exit = self.frame()?.exit.ok_or_else(|| broken("exit of a function"))?;
        self.jump(exit);
        Ok(())
    }
}
