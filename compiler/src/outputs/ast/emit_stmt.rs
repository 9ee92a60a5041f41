//! Writes statements.

use super::emit::{Emitter, Fields, Part};
use super::emit_type::forget_mutability;
use crate::ast::{self, Block, Catch, Expr, Param, Path, Stmt, StmtKind, TypeKind};
use crate::source::Span;
use serde_json::{Value, json};

impl<'a> Emitter<'_, 'a> {
    /// Writes a block.
    pub(super) fn block(&mut self, block: &'a Block) -> Value {
        self.block_node("Block", block, block.span, Vec::new())
    }

    fn block_node(&mut self, kind: &str, block: &'a Block, span: Span, mut fields: Fields) -> Value {
        let number = self.scope_id(Part::Block, span);
        let list: Vec<Value> = self.within(number, |s| block.stmts.iter().map(|x| s.stmt(x)).collect());
        fields.push(("statements", list.into()));
        self.part(Part::Block, span, kind, span, fields)
    }

    /// Writes a statement.
    pub(super) fn stmt(&mut self, stmt: &'a Stmt) -> Value {
        let doc = self.doc_before(stmt.span.start).map_or(Value::Null, |(_, text)| text.into());
        let fields = vec![("documentation", doc)];
        let span = self.without_semicolon(stmt.span);
        match &stmt.kind {
            StmtKind::Block(block) => self.block_node("Block", block, stmt.span, fields),
            StmtKind::Unchecked(block) => self.block_node("UncheckedBlock", block, stmt.span, fields),
            StmtKind::If { cond, then, otherwise } => {
                self.if_statement(stmt, cond, then, otherwise.as_deref(), fields)
            }
            StmtKind::While { cond, body } => {
                let cond = self.expr(cond);
                self.loop_node("WhileStatement", cond, body, stmt.span, fields)
            }
            StmtKind::DoWhile { body, cond } => self.do_while(body, cond, span, fields),
            StmtKind::For { .. } => self.for_statement(stmt, fields),
            StmtKind::Continue => self.node("Continue", span, fields),
            StmtKind::Break => self.node("Break", span, fields),
            StmtKind::Return(None) => self.return_statement(None, stmt.span, fields),
            StmtKind::Return(value) => self.return_statement(value.as_ref(), span, fields),
            StmtKind::Expr(e) => self.expression_statement(e, span, fields),
            StmtKind::Declare { vars, value, .. } => self.declare(vars, value.as_ref(), span, fields),
            StmtKind::Emit { path, args } => {
                self.notice("EmitStatement", "eventCall", path, args, span, fields)
            }
            StmtKind::Revert { path, args } => {
                self.notice("RevertStatement", "errorCall", path, args, span, fields)
            }
            StmtKind::Try(t) => self.try_statement(t, span, fields),
            StmtKind::Assembly(a) => self.inline_assembly(a, span, fields),
            StmtKind::Placeholder => self.node("PlaceholderStatement", span, fields),
            StmtKind::Error => Value::Null,
        }
    }

    /// Returns the place of a statement as its node has it.
    fn stmt_span(&self, stmt: &Stmt) -> Span {
        match &stmt.kind {
            StmtKind::If { then, otherwise, .. } => {
                let last = otherwise.as_ref().unwrap_or(then);
                Span { end: self.stmt_span(last).end, ..stmt.span }
            }
            StmtKind::While { body, .. } | StmtKind::For { body, .. } => {
                Span { end: self.stmt_span(body).end, ..stmt.span }
            }
            StmtKind::DoWhile { .. } | StmtKind::Return(None) => stmt.span,
            _ => self.without_semicolon(stmt.span),
        }
    }

    fn if_statement(
        &mut self,
        stmt: &'a Stmt,
        cond: &'a Expr,
        then: &'a Stmt,
        otherwise: Option<&'a Stmt>,
        mut fields: Fields,
    ) -> Value {
        fields.push(("condition", self.expr(cond)));
        fields.push(("trueBody", self.stmt(then)));
        fields.push(("falseBody", otherwise.map_or(Value::Null, |s| self.stmt(s))));
        self.node("IfStatement", self.stmt_span(stmt), fields)
    }

    fn loop_node(
        &mut self,
        kind: &str,
        cond: Value,
        body: &'a Stmt,
        span: Span,
        mut fields: Fields,
    ) -> Value {
        fields.push(("condition", cond));
        fields.push(("body", self.stmt(body)));
        let span = Span { end: self.stmt_span(body).end, ..span };
        self.node(kind, span, fields)
    }

    fn do_while(&mut self, body: &'a Stmt, cond: &'a Expr, span: Span, mut fields: Fields) -> Value {
        fields.push(("body", self.stmt(body)));
        fields.push(("condition", self.expr(cond)));
        let end = self.token_from(span.end);
        self.node("DoWhileStatement", span.to(end), fields)
    }

    fn for_statement(&mut self, stmt: &'a Stmt, mut fields: Fields) -> Value {
        let StmtKind::For { init, cond, post, body } = &stmt.kind else { return Value::Null };
        let number = self.scope_id(Part::Loop, stmt.span);
        self.within(number, |s| {
            let init = init.as_ref().map_or(Value::Null, |x| s.stmt(x));
            fields.push(("initializationExpression", init));
            fields.push(("condition", cond.as_ref().map_or(Value::Null, |e| s.expr(e))));
            let post = post.as_ref().map_or(Value::Null, |e| s.expression_statement(e, e.span, Vec::new()));
            fields.push(("loopExpression", post));
            fields.push(("body", s.stmt(body)));
        });
        if self.known.is_some() {
            let simple = self.is_simple_counter(cond.as_ref(), post.as_deref(), body);
            fields.push(("isSimpleCounterLoop", simple.into()));
        }
        let span = self.stmt_span(stmt);
        self.part(Part::Loop, stmt.span, "ForStatement", span, fields)
    }

    fn return_statement(&mut self, value: Option<&'a Expr>, span: Span, mut fields: Fields) -> Value {
        fields.push(("expression", value.map_or(Value::Null, |e| self.expr(e))));
        if self.known.is_some() {
            fields.push(("functionReturnParameters", self.returns.map_or(Value::Null, Into::into)));
        }
        self.node("Return", span, fields)
    }

    fn expression_statement(&mut self, e: &'a Expr, span: Span, mut fields: Fields) -> Value {
        fields.push(("expression", self.expr(e)));
        self.node("ExpressionStatement", span, fields)
    }

    fn declare(
        &mut self,
        vars: &'a [Option<Param>],
        value: Option<&'a Expr>,
        span: Span,
        mut fields: Fields,
    ) -> Value {
        let mut list: Vec<Value> =
            vars.iter().map(|p| p.as_ref().map_or(Value::Null, |p| self.param(p, false))).collect();
        self.read_as_expression(vars, &mut list);
        let ids: Vec<Value> = list.iter().map(|d| d.get("id").cloned().unwrap_or(Value::Null)).collect();
        fields.push(("assignments", ids.into()));
        fields.push(("declarations", list.into()));
        fields.push(("initialValue", value.map_or(Value::Null, |e| self.expr(e))));
        self.node("VariableDeclarationStatement", span, fields)
    }

    /// The first type of a statement is read as an expression when it is an array's.
    fn read_as_expression(&self, vars: &[Option<Param>], list: &mut [Value]) {
        let Some(at) = vars.iter().position(Option::is_some) else { return };
        let is_array = matches!(vars.get(at), Some(Some(p)) if matches!(p.ty.kind, TypeKind::Array(..)));
        if let Some(ty) = list.get_mut(at).filter(|_| is_array).and_then(|v| v.get_mut("typeName")) {
            forget_mutability(ty);
        }
    }

    /// Writes `emit` and `revert`, whose call is an expression of its own.
    fn notice(
        &mut self,
        kind: &str,
        field: &'static str,
        path: &'a Path,
        args: &'a ast::Args,
        span: Span,
        mut fields: Fields,
    ) -> Value {
        let callee = self.path_expression(path);
        let call_span = path.span.to(args.span);
        let call = self.call_node(callee, args, call_span, None);
        fields.push((field, call));
        self.node(kind, span, fields)
    }

    fn try_statement(&mut self, t: &'a ast::Try, span: Span, mut fields: Fields) -> Value {
        let mut call = self.expr(&t.call);
        if let (Some(map), true) = (call.as_object_mut(), self.known.is_some()) {
            map.insert("tryCall".into(), true.into());
        }
        let mut clauses = vec![self.success(t)];
        for catch in &t.catches {
            clauses.push(self.catch(catch));
        }
        fields.push(("clauses", clauses.into()));
        fields.push(("externalCall", call));
        self.node("TryStatement", span, fields)
    }

    fn success(&mut self, t: &'a ast::Try) -> Value {
        let after = self.token_from(t.call.span.end);
        let listed = self.text(after) == "returns";
        let start = if listed { after } else { t.body.span };
        let number = self.scope_id(Part::Clause, t.body.span);
        let (params, block) = self.within(number, |s| {
            let params = if listed { s.param_list(&t.returns, after.end, false) } else { Value::Null };
            (params, s.block(&t.body))
        });
        let fields = vec![("block", block), ("errorName", "".into()), ("parameters", params)];
        self.part(Part::Clause, t.body.span, "TryCatchClause", start.to(t.body.span), fields)
    }

    fn catch(&mut self, catch: &'a Catch) -> Value {
        let keyword = self.token_from(catch.span.start);
        let before = catch.name.as_ref().map_or(keyword.end, |n| n.span.end);
        let listed = self.text(self.token_from(before)) == "(";
        let number = self.scope_id(Part::Clause, catch.body.span);
        let (params, block) = self.within(number, |s| {
            let params = if listed { s.param_list(&catch.params, before, false) } else { Value::Null };
            (params, s.block(&catch.body))
        });
        let name = catch.name.as_ref().map_or("", |n| &n.name);
        let fields = vec![("block", block), ("errorName", json!(name)), ("parameters", params)];
        self.part(Part::Clause, catch.body.span, "TryCatchClause", catch.span, fields)
    }
}
