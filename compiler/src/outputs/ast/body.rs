//! Walks over items, members and statements with the names in scope.

use super::declare::{DeclId, Kind, Role, Scope};
use super::typer::{Args, Edge, Note, Typer};
use super::types::T;
use crate::ast::yul::{Assembly, YulBlock, YulExpr, YulExprKind, YulPath, YulStmtKind};
use crate::ast::{
    self, Base, Block, Contract, FunctionKind, Item, Member, Override, Param, Stmt, StmtKind, Using,
    UsingFunctions,
};
use std::collections::HashMap;
use std::rc::Rc;

impl<'a> Typer<'a> {
    /// Notes everything in every file.
    pub(super) fn walk(&mut self) {
        for file in 0..self.w.sources.len() as u32 {
            let items = self.w.sources.get(file as usize).map_or(&[][..], |s| s.ast.items.as_slice());
            for item in items {
                self.scope = Scope { file, contract: None };
                self.item(item);
            }
        }
    }

    fn item(&mut self, item: &'a Item) {
        match item {
            Item::Contract(c) => self.contract(c),
            Item::Struct(x) => self.note_params(&x.fields),
            Item::Udvt(x) => {
                self.note_type(&x.underlying);
            }
            Item::Event(x) => self.note_params(&x.params),
            Item::Error(x) => self.note_params(&x.params),
            Item::Function(x) => self.function(x),
            Item::Variable(x) => self.variable(x),
            Item::Using(x) => self.using(x),
            Item::Enum(_) | Item::Pragma(_) | Item::Import(_) => {}
        }
    }

    fn contract(&mut self, c: &'a Contract) {
        let Some(id) = self.w.at(c.span) else { return };
        // Bases and their arguments are resolved outside: members are not in scope there.
        self.inside = Some(id);
        for base in &c.bases {
            self.note_path(&base.path);
        }
        self.scope.contract = Some(id);
        for base in &c.bases {
            if let Some(args) = &base.args {
                self.arguments(args);
            }
        }
        if let Some(layout) = &c.layout {
            self.read(layout);
        }
        self.inside = None;
        for member in &c.members {
            self.member(member);
        }
        self.scope.contract = None;
    }

    fn member(&mut self, member: &'a Member) {
        match member {
            Member::Struct(x) => self.note_params(&x.fields),
            Member::Udvt(x) => {
                self.note_type(&x.underlying);
            }
            Member::Event(x) => self.note_params(&x.params),
            Member::Error(x) => self.note_params(&x.params),
            Member::Function(x) => self.function(x),
            Member::Modifier(x) => self.modifier(x),
            Member::Variable(x) => self.variable(x),
            Member::Using(x) => self.using(x),
            Member::Enum(_) => {}
        }
    }

    fn note_params(&mut self, list: &'a [Param]) {
        for p in list {
            self.note_type(&p.ty);
        }
    }

    fn using(&mut self, using: &'a Using) {
        match &using.functions {
            UsingFunctions::Library(path) => self.note_path(path),
            UsingFunctions::List(list) => list.iter().for_each(|(path, _)| self.note_path(path)),
        }
        if let Some(ty) = &using.target {
            self.note_type(ty);
        }
    }

    fn overrides(&mut self, given: Option<&Override>) {
        for path in given.into_iter().flat_map(|o| &o.paths) {
            self.note_path(path);
        }
    }

    fn variable(&mut self, v: &'a ast::Variable) {
        self.inside = self.w.at(v.span);
        self.note_type(&v.ty);
        self.overrides(v.overrides.as_ref());
        if let Some(value) = &v.value {
            self.read(value);
        }
        self.inside = None;
    }

    fn function(&mut self, f: &'a ast::Function) {
        self.inside = self.w.at(f.span);
        self.note_params(&f.params);
        self.note_params(&f.returns);
        self.overrides(f.overrides.as_ref());
        self.locals.push(HashMap::new());
        self.bring(&f.params);
        self.bring(&f.returns);
        for m in &f.modifiers {
            self.invocation(m, f.kind);
        }
        if let Some(body) = &f.body {
            self.block(body);
        }
        self.locals.pop();
        self.inside = None;
    }

    fn invocation(&mut self, m: &'a Base, kind: FunctionKind) {
        let _ = kind;
        self.note_path(&m.path);
        if let Some(args) = &m.args {
            self.arguments(args);
        }
        let named = self.paths.get(&m.path.span).and_then(|p| p.last()).copied();
        if let Some(id) = named
            && let Some(Kind::Modifier(_)) = self.w.kind(id)
        {
            self.edge(Edge::Modifier(id, m.path.segments.len() == 1));
        }
    }

    fn modifier(&mut self, m: &'a ast::Modifier) {
        self.inside = self.w.at(m.span);
        self.note_params(&m.params);
        self.overrides(m.overrides.as_ref());
        self.locals.push(HashMap::new());
        self.bring(&m.params);
        if let Some(body) = &m.body {
            self.block(body);
        }
        self.locals.pop();
        self.inside = None;
    }

    /// Puts declared parameters in scope.
    fn bring(&mut self, list: &'a [Param]) {
        for p in list {
            let known = self.w.at(p.span);
            let id = known.unwrap_or_else(|| self.w.declare_param(self.scope.file, p, Role::Local));
            self.name(p, id);
        }
    }

    fn name(&mut self, p: &'a Param, id: DeclId) {
        if let (Some(name), Some(scope)) = (&p.name, self.locals.last_mut()) {
            scope.insert(&name.name, id);
        }
    }

    fn block(&mut self, block: &'a Block) {
        self.locals.push(HashMap::new());
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        self.locals.pop();
    }

    /// Walks over a statement that is a scope of its own, such as the body of a loop.
    fn scoped(&mut self, stmt: &'a Stmt) {
        self.locals.push(HashMap::new());
        self.stmt(stmt);
        self.locals.pop();
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Block(block) | StmtKind::Unchecked(block) => self.block(block),
            StmtKind::If { cond, then, otherwise } => {
                self.read(cond);
                self.scoped(then);
                if let Some(otherwise) = otherwise {
                    self.scoped(otherwise);
                }
            }
            StmtKind::While { cond, body } => {
                self.read(cond);
                self.scoped(body);
            }
            StmtKind::DoWhile { body, cond } => {
                self.scoped(body);
                self.read(cond);
            }
            StmtKind::For { init, cond, post, body } => {
                self.locals.push(HashMap::new());
                if let Some(init) = init {
                    self.stmt(init);
                }
                for e in [cond.as_ref(), post.as_deref()].into_iter().flatten() {
                    self.read(e);
                }
                self.scoped(body);
                self.locals.pop();
            }
            StmtKind::Return(Some(e)) | StmtKind::Expr(e) => {
                self.read(e);
            }
            StmtKind::Declare { vars, value, .. } => self.declare(vars, value.as_ref()),
            StmtKind::Emit { path, args } | StmtKind::Revert { path, args } => {
                let (given, _): (Rc<Args>, bool) = self.arguments(args);
                self.notice(path, args, given);
            }
            StmtKind::Try(t) => self.try_statement(t),
            StmtKind::Assembly(a) => self.assembly(a),
            StmtKind::Continue
            | StmtKind::Break
            | StmtKind::Return(None)
            | StmtKind::Placeholder
            | StmtKind::Error => {}
        }
    }

    /// Notes the call that `emit` and `revert` hold.
    fn notice(&mut self, path: &'a ast::Path, args: &'a ast::Args, given: Rc<Args>) {
        let ty = match self.visit_path(path, given) {
            Some(T::Function(f)) => Some(f.returns.first().cloned().unwrap_or_else(T::unit)),
            _ => None,
        };
        self.notes.insert(path.span.to(args.span), Note { ty, ..Note::default() });
    }

    fn declare(&mut self, vars: &'a [Option<Param>], value: Option<&'a ast::Expr>) {
        for p in vars.iter().flatten() {
            self.note_type(&p.ty);
        }
        if let Some(value) = value {
            self.read(value);
        }
        for p in vars.iter().flatten() {
            self.bring(std::slice::from_ref(p));
        }
    }

    fn try_statement(&mut self, t: &'a ast::Try) {
        self.read(&t.call);
        self.clause(&t.returns, &t.body);
        for catch in &t.catches {
            self.clause(&catch.params, &catch.body);
        }
    }

    fn clause(&mut self, params: &'a [Param], body: &'a Block) {
        self.note_params(params);
        self.locals.push(HashMap::new());
        self.bring(params);
        self.block(body);
        self.locals.pop();
    }

    fn assembly(&mut self, a: &'a Assembly) {
        let mut hidden = Vec::new();
        self.yul_block(&a.body, &mut hidden);
    }

    fn yul_block(&mut self, block: &'a YulBlock, hidden: &mut Vec<&'a str>) {
        let depth = hidden.len();
        for stmt in &block.stmts {
            self.yul_stmt(&stmt.kind, hidden);
        }
        hidden.truncate(depth);
    }

    fn yul_stmt(&mut self, stmt: &'a YulStmtKind, hidden: &mut Vec<&'a str>) {
        match stmt {
            YulStmtKind::Block(block) => self.yul_block(block, hidden),
            YulStmtKind::Function { params, returns, body, .. } => {
                let mut inner: Vec<&'a str> = params.iter().chain(returns).map(|n| &*n.name).collect();
                self.yul_block(body, &mut inner);
            }
            YulStmtKind::Let { names, value } => {
                if let Some(value) = value {
                    self.yul_expr(value, hidden);
                }
                hidden.extend(names.iter().map(|n| &*n.name));
            }
            YulStmtKind::Assign { targets, value } => {
                for target in targets {
                    self.yul_path(target, hidden);
                }
                self.yul_expr(value, hidden);
            }
            YulStmtKind::If { cond, body } => {
                self.yul_expr(cond, hidden);
                self.yul_block(body, hidden);
            }
            YulStmtKind::Switch { value, cases, default } => {
                self.yul_expr(value, hidden);
                for case in cases {
                    self.yul_block(&case.body, hidden);
                }
                if let Some(default) = default {
                    self.yul_block(default, hidden);
                }
            }
            YulStmtKind::For { init, cond, post, body } => {
                let depth = hidden.len();
                for stmt in &init.stmts {
                    self.yul_stmt(&stmt.kind, hidden);
                }
                self.yul_expr(cond, hidden);
                self.yul_block(body, hidden);
                self.yul_block(post, hidden);
                hidden.truncate(depth);
            }
            YulStmtKind::Expr(e) => self.yul_expr(e, hidden),
            YulStmtKind::Break | YulStmtKind::Continue | YulStmtKind::Leave | YulStmtKind::Error => {}
        }
    }

    fn yul_expr(&mut self, e: &'a YulExpr, hidden: &mut Vec<&'a str>) {
        match &e.kind {
            YulExprKind::Path(path) => self.yul_path(path, hidden),
            YulExprKind::Call { args, .. } => args.iter().for_each(|a| self.yul_expr(a, hidden)),
            YulExprKind::Literal(_) | YulExprKind::Error => {}
        }
    }

    /// Notes the Solidity variable that a name in assembly stands for.
    fn yul_path(&mut self, path: &'a YulPath, hidden: &[&'a str]) {
        let Some(first) = path.segments.first() else { return };
        if hidden.contains(&&*first.name) {
            return;
        }
        let mut found = self.candidates(&first.name).first().copied();
        for segment in path.segments.iter().skip(1) {
            let inner = found.and_then(|id| self.w.within(id, &segment.name).first().copied());
            match inner {
                Some(id) => found = Some(id),
                None => break,
            }
        }
        if let Some(id) = found
            && !matches!(self.w.kind(id), Some(Kind::Builtin(_)))
        {
            self.paths.insert(path.span, vec![id]);
        }
    }
}
