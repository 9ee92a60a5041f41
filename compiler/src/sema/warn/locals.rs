//! Finds names that nothing uses, and names that hide others.

use super::super::Checker;
use super::scopes::{Outside, Scopes};
use super::{walk, warning};
use crate::ast::yul::{Assembly, YulExprKind, YulPath, YulStmtKind};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::hir::ContractId;

/// Says what a name of a function is.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Parameter,
    Clause,
    Local,
}

/// Walks one function or modifier.
struct Walk {
    scopes: Scopes,
    roles: Vec<Role>,
    /// The numbers of the named results.
    results: Vec<usize>,
}

/// Checks the names of one file.
pub(super) fn check(checker: &Checker, ast: &SourceUnit, found: &mut Vec<Diagnostic>) {
    let file = Outside { checker, file: ast.file, contract: None };
    let language = Outside { file: u32::MAX, ..file };
    for item in &ast.items {
        if let Some((name, span)) = item_name(item) {
            found.extend(language.hides(&name.name, span));
        }
        match item {
            Item::Import(import) => aliases(import, language, found),
            Item::Function(f) => function(f, file, found),
            Item::Contract(c) => contract(c, file, found),
            _ => {}
        }
    }
}

fn aliases(import: &Import, outside: Outside<'_>, found: &mut Vec<Diagnostic>) {
    match &import.kind {
        ImportKind::All => {}
        ImportKind::Module(name) => found.extend(outside.hides(&name.name, import.span)),
        ImportKind::Names(list) => {
            for alias in list.iter().filter_map(|(_, alias)| alias.as_ref()) {
                found.extend(outside.hides(&alias.name, alias.span));
            }
        }
    }
}

fn contract(contract: &Contract, outside: Outside<'_>, found: &mut Vec<Diagnostic>) {
    let infos = &outside.checker.contracts;
    let id = infos.iter().position(|i| i.file == outside.file && i.ast.id == contract.id);
    let inside = Outside { contract: id.map(|at| ContractId(at as u32)), ..outside };
    for member in &contract.members {
        if let Some((name, span)) = member_name(member) {
            found.extend(outside.hides(&name.name, span));
        }
        match member {
            Member::Function(f) => function(f, inside, found),
            Member::Modifier(m) => modifier(m, inside, found),
            _ => {}
        }
    }
}

fn item_name(item: &Item) -> Option<(&Ident, crate::source::Span)> {
    match item {
        Item::Contract(x) => Some((&x.name, x.span)),
        Item::Struct(x) => Some((&x.name, x.span)),
        Item::Enum(x) => Some((&x.name, x.span)),
        Item::Udvt(x) => Some((&x.name, x.span)),
        Item::Event(x) => Some((&x.name, x.span)),
        Item::Error(x) => Some((&x.name, x.span)),
        Item::Function(x) => Some((x.name.as_ref()?, x.span)),
        Item::Variable(x) => Some((&x.name, walk::variable_span(x))),
        Item::Pragma(_) | Item::Import(_) | Item::Using(_) => None,
    }
}

fn member_name(member: &Member) -> Option<(&Ident, crate::source::Span)> {
    match member {
        Member::Struct(x) => Some((&x.name, x.span)),
        Member::Enum(x) => Some((&x.name, x.span)),
        Member::Udvt(x) => Some((&x.name, x.span)),
        Member::Event(x) => Some((&x.name, x.span)),
        Member::Error(x) => Some((&x.name, x.span)),
        Member::Function(x) => Some((x.name.as_ref()?, x.span)),
        Member::Modifier(x) => Some((&x.name, x.span)),
        Member::Variable(x) => Some((&x.name, walk::variable_span(x))),
        Member::Using(_) => None,
    }
}

fn function(f: &Function, outside: Outside<'_>, found: &mut Vec<Diagnostic>) {
    let Some(body) = &f.body else { return };
    let mut walk = Walk { scopes: Scopes::new(), roles: Vec::new(), results: Vec::new() };
    walk.params(&f.params, Role::Parameter);
    let first = walk.roles.len();
    walk.params(&f.returns, Role::Parameter);
    walk.results = (first..walk.roles.len()).collect();
    for modifier in &f.modifiers {
        modifier.args.iter().for_each(|args| walk.arguments(args));
    }
    walk.block(body);
    // A body without statements is a hook for derived contracts, whose names only document it.
    if !body.stmts.is_empty() {
        walk.unused(found);
    }
    walk.scopes.hidden(outside, found);
}

fn modifier(m: &Modifier, outside: Outside<'_>, found: &mut Vec<Diagnostic>) {
    let Some(body) = &m.body else { return };
    let mut walk = Walk { scopes: Scopes::new(), roles: Vec::new(), results: Vec::new() };
    walk.params(&m.params, Role::Parameter);
    walk.block(body);
    walk.scopes.hidden(outside, found);
}

impl Walk {
    fn params(&mut self, list: &[Param], role: Role) {
        list.iter().for_each(|p| self.param(p, role));
    }

    fn param(&mut self, param: &Param, role: Role) {
        if let Some(name) = &param.name {
            self.scopes.declare(&name.name, param.span);
            self.roles.push(role);
        }
    }

    fn scoped(&mut self, run: impl FnOnce(&mut Self)) {
        self.scopes.open();
        run(self);
        self.scopes.close();
    }

    fn block(&mut self, block: &Block) {
        self.scoped(|w| block.stmts.iter().for_each(|s| w.statement(s)));
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Block(b) | StmtKind::Unchecked(b) => self.block(b),
            StmtKind::If { cond, then, otherwise } => {
                self.expr(cond);
                self.statement(then);
                otherwise.iter().for_each(|s| self.statement(s));
            }
            StmtKind::While { cond, body } => {
                self.expr(cond);
                self.statement(body);
            }
            StmtKind::DoWhile { body, cond } => {
                self.statement(body);
                self.expr(cond);
            }
            StmtKind::For { init, cond, post, body } => self.scoped(|w| {
                init.iter().for_each(|s| w.statement(s));
                cond.iter().for_each(|e| w.expr(e));
                post.iter().for_each(|e| w.expr(e));
                w.statement(body);
            }),
            StmtKind::Return(value) => self.give_back(value.as_ref()),
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Declare { vars, value, .. } => {
                value.iter().for_each(|e| self.expr(e));
                vars.iter().flatten().for_each(|p| self.param(p, Role::Local));
            }
            StmtKind::Emit { args, .. } | StmtKind::Revert { args, .. } => self.arguments(args),
            StmtKind::Try(t) => self.try_statement(t),
            StmtKind::Assembly(assembly) => self.assembly(assembly),
            StmtKind::Continue | StmtKind::Break | StmtKind::Placeholder | StmtKind::Error => {}
        }
    }

    /// A returned value stands for all results.
    fn give_back(&mut self, value: Option<&Expr>) {
        let Some(value) = value else { return };
        self.expr(value);
        for at in &self.results {
            if let Some(d) = self.scopes.declared.get_mut(*at) {
                d.used = true;
            }
        }
    }

    fn try_statement(&mut self, t: &Try) {
        self.expr(&t.call);
        self.scoped(|w| {
            w.params(&t.returns, Role::Clause);
            w.block(&t.body);
        });
        for clause in &t.catches {
            self.scoped(|w| {
                w.params(&clause.params, Role::Clause);
                w.block(&clause.body);
            });
        }
    }

    fn arguments(&mut self, args: &Args) {
        walk::arguments(args, &mut |e| self.expr(e));
    }

    fn expr(&mut self, e: &Expr) {
        if let ExprKind::Ident(name) = &e.kind {
            self.scopes.use_name(name);
        }
        walk::parts(e, &mut |e| self.expr(e));
    }

    fn assembly(&mut self, assembly: &Assembly) {
        walk::yul_statements(&assembly.body, &mut |stmt| {
            if let YulStmtKind::Assign { targets, .. } = &stmt.kind {
                targets.iter().for_each(|t| self.yul_path(t));
            }
            let Some(e) = walk::yul_expressions(stmt) else { return };
            walk::yul_expression(e, &mut |e| {
                if let YulExprKind::Path(path) = &e.kind {
                    self.yul_path(path);
                }
            });
        });
    }

    fn yul_path(&mut self, path: &YulPath) {
        if let Some(first) = path.segments.first() {
            let name = first.name.split('.').next().unwrap_or("");
            self.scopes.use_name(name);
        }
    }

    fn unused(&self, found: &mut Vec<Diagnostic>) {
        for (declared, role) in self.scopes.declared.iter().zip(&self.roles).filter(|(d, _)| !d.used) {
            let name = &declared.name;
            let span = declared.span;
            found.push(match role {
                Role::Local => {
                    let message = format!("nothing uses the variable `{name}`");
                    warning(codes::UNUSED_LOCAL, 2072, span, message, "remove it")
                }
                Role::Parameter | Role::Clause => {
                    let message = format!("nothing uses the parameter `{name}`");
                    warning(codes::UNUSED_PARAMETER, 5667, span, message, "leave out its name")
                }
            });
        }
    }
}
