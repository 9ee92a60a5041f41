//! Walks syntax trees.

use crate::ast::yul::{YulBlock, YulExpr, YulExprKind, YulStmt, YulStmtKind};
use crate::ast::*;
use crate::source::Span;

/// Calls `visit` with every statement of a block, nested ones included, outer before inner.
pub(super) fn statements<'a>(block: &'a Block, visit: &mut impl FnMut(&'a Stmt)) {
    block.stmts.iter().for_each(|s| statement(s, visit));
}

fn statement<'a>(stmt: &'a Stmt, visit: &mut impl FnMut(&'a Stmt)) {
    visit(stmt);
    match &stmt.kind {
        StmtKind::Block(b) | StmtKind::Unchecked(b) => statements(b, visit),
        StmtKind::If { then, otherwise, .. } => {
            statement(then, visit);
            otherwise.iter().for_each(|s| statement(s, visit));
        }
        StmtKind::While { body, .. } | StmtKind::DoWhile { body, .. } => statement(body, visit),
        StmtKind::For { init, body, .. } => {
            init.iter().for_each(|s| statement(s, visit));
            statement(body, visit);
        }
        StmtKind::Try(t) => {
            statements(&t.body, visit);
            t.catches.iter().for_each(|c| statements(&c.body, visit));
        }
        _ => {}
    }
}

/// Calls `visit` with the direct parts of an expression.
pub(super) fn parts<'a>(e: &'a Expr, visit: &mut impl FnMut(&'a Expr)) {
    match &e.kind {
        ExprKind::Ident(_)
        | ExprKind::Literal(_)
        | ExprKind::Type(_)
        | ExprKind::New(_)
        | ExprKind::TypeOf(_)
        | ExprKind::Error => {}
        ExprKind::Tuple(list) => list.iter().flatten().for_each(visit),
        ExprKind::Array(list) => list.iter().for_each(visit),
        ExprKind::Member { base, .. } => visit(base),
        ExprKind::Index { base, index } => {
            visit(base);
            index.iter().for_each(|i| visit(i));
        }
        ExprKind::Slice { base, start, end } => {
            visit(base);
            start.iter().chain(end).for_each(|i| visit(i));
        }
        ExprKind::Call { callee, args } => {
            visit(callee);
            arguments(args, visit);
        }
        ExprKind::Options { callee, options } => {
            visit(callee);
            options.iter().for_each(|(_, value)| visit(value));
        }
        ExprKind::Unary { operand, .. } => visit(operand),
        ExprKind::Binary { left, right, .. } | ExprKind::Assign { left, right, .. } => {
            visit(left);
            visit(right);
        }
        ExprKind::Ternary { cond, then, otherwise } => {
            [cond, then, otherwise].into_iter().for_each(|e| visit(e))
        }
    }
}

/// Calls `visit` with every argument.
pub(super) fn arguments<'a>(args: &'a Args, visit: &mut impl FnMut(&'a Expr)) {
    match &args.kind {
        ArgsKind::Positional(list) => list.iter().for_each(visit),
        ArgsKind::Named(list) => list.iter().for_each(|(_, e)| visit(e)),
    }
}

/// Calls `visit` with every statement of an assembly block, nested ones included.
pub(super) fn yul_statements<'a>(block: &'a YulBlock, visit: &mut impl FnMut(&'a YulStmt)) {
    for stmt in &block.stmts {
        visit(stmt);
        match &stmt.kind {
            YulStmtKind::Block(b)
            | YulStmtKind::If { body: b, .. }
            | YulStmtKind::Function { body: b, .. } => {
                yul_statements(b, visit);
            }
            YulStmtKind::Switch { cases, default, .. } => {
                cases.iter().map(|c| &c.body).chain(default).for_each(|b| yul_statements(b, visit));
            }
            YulStmtKind::For { init, post, body, .. } => {
                [init, post, body].into_iter().for_each(|b| yul_statements(b, visit));
            }
            _ => {}
        }
    }
}

/// Returns the expressions that stand directly in a statement of assembly.
pub(super) fn yul_expressions(stmt: &YulStmt) -> Option<&YulExpr> {
    match &stmt.kind {
        YulStmtKind::Let { value, .. } => value.as_ref(),
        YulStmtKind::Assign { value, .. } | YulStmtKind::Switch { value, .. } => Some(value),
        YulStmtKind::If { cond, .. } | YulStmtKind::For { cond, .. } => Some(cond),
        YulStmtKind::Expr(e) => Some(e),
        _ => None,
    }
}

/// Calls `visit` with an expression of assembly and all its parts.
pub(super) fn yul_expression<'a>(e: &'a YulExpr, visit: &mut impl FnMut(&'a YulExpr)) {
    visit(e);
    if let YulExprKind::Call { args, .. } = &e.kind {
        args.iter().for_each(|a| yul_expression(a, visit));
    }
}

/// Returns the span of a variable's declaration without the semicolon of a state variable.
pub(super) fn variable_span(v: &Variable) -> Span {
    let last = v.value.as_ref().map_or(v.name.span, |e| e.span);
    Span { end: last.end.max(v.name.span.end), ..v.span }
}
