//! Writes inline assembly.

use super::emit::{Emitter, Fields};
use crate::ast::Ident;
use crate::ast::yul::{
    Assembly, YulBlock, YulCase, YulExpr, YulExprKind, YulLiteral, YulLiteralKind, YulPath, YulStmt,
    YulStmtKind,
};
use crate::source::Span;
use alloy_primitives::hex;
use serde_json::{Map, Value, json};

impl<'a> Emitter<'_, 'a> {
    /// Writes an assembly statement.
    pub(super) fn inline_assembly(&mut self, a: &'a Assembly, span: Span, mut fields: Fields) -> Value {
        fields.push(("AST", self.yul_block(&a.body)));
        fields.push(("evmVersion", self.evm_version.into()));
        if !a.flags.is_empty() {
            let flags: Vec<_> = a.flags.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect();
            fields.push(("flags", flags.into()));
        }
        let mut found = Vec::new();
        self.references(&a.body, &mut found);
        found.sort();
        let list: Vec<Value> = found.into_iter().map(|r| self.reference(r)).collect();
        fields.push(("externalReferences", list.into()));
        self.node("InlineAssembly", span, fields)
    }

    fn reference(&self, (name, declaration, src): (String, i64, String)) -> Value {
        let suffix = name.split_once('.').map(|(_, s)| s).filter(|s| SUFFIXES.contains(s));
        let mut map = Map::new();
        map.insert("declaration".into(), declaration.into());
        map.insert("isOffset".into(), (suffix == Some("offset")).into());
        map.insert("isSlot".into(), (suffix == Some("slot")).into());
        map.insert("src".into(), src.into());
        if let Some(suffix) = suffix {
            map.insert("suffix".into(), suffix.into());
        }
        map.insert("valueSize".into(), 1.into());
        Value::Object(map)
    }

    fn references(&self, block: &YulBlock, out: &mut Vec<(String, i64, String)>) {
        for stmt in &block.stmts {
            self.statement_references(&stmt.kind, out);
        }
    }

    fn statement_references(&self, stmt: &YulStmtKind, out: &mut Vec<(String, i64, String)>) {
        match stmt {
            YulStmtKind::Block(b) | YulStmtKind::Function { body: b, .. } => self.references(b, out),
            YulStmtKind::Let { value, .. } => {
                value.iter().for_each(|v| self.expression_references(v, out));
            }
            YulStmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.path_references(t, out));
                self.expression_references(value, out);
            }
            YulStmtKind::If { cond, body } => {
                self.expression_references(cond, out);
                self.references(body, out);
            }
            YulStmtKind::Switch { value, cases, default } => {
                self.expression_references(value, out);
                cases.iter().map(|c| &c.body).chain(default).for_each(|b| self.references(b, out));
            }
            YulStmtKind::For { init, cond, post, body } => {
                self.references(init, out);
                self.expression_references(cond, out);
                self.references(post, out);
                self.references(body, out);
            }
            YulStmtKind::Expr(e) => self.expression_references(e, out),
            YulStmtKind::Break | YulStmtKind::Continue | YulStmtKind::Leave | YulStmtKind::Error => {}
        }
    }

    fn expression_references(&self, e: &YulExpr, out: &mut Vec<(String, i64, String)>) {
        match &e.kind {
            YulExprKind::Path(path) => self.path_references(path, out),
            YulExprKind::Call { args, .. } => args.iter().for_each(|a| self.expression_references(a, out)),
            YulExprKind::Literal(_) | YulExprKind::Error => {}
        }
    }

    fn path_references(&self, path: &YulPath, out: &mut Vec<(String, i64, String)>) {
        let found = self.known.as_ref().and_then(|k| k.typer.paths.get(&path.span)).and_then(|p| p.last());
        if let Some(id) = found {
            out.push((self.text(path.span).to_owned(), self.w.json_id(*id), self.src(path.span)));
        }
    }

    fn yul_node(&self, kind: &str, span: Span, fields: Fields) -> Value {
        let mut map = Map::new();
        for (key, value) in fields {
            if !value.is_null() {
                map.insert(key.to_owned(), value);
            }
        }
        map.insert("nodeType".into(), kind.into());
        map.insert("src".into(), self.src(span).into());
        map.insert("nativeSrc".into(), self.src(span).into());
        Value::Object(map)
    }

    fn yul_block(&self, block: &YulBlock) -> Value {
        let list: Vec<Value> = block.stmts.iter().map(|s| self.yul_stmt(s)).collect();
        self.yul_node("YulBlock", block.span, vec![("statements", list.into())])
    }

    fn yul_stmt(&self, stmt: &YulStmt) -> Value {
        let span = stmt.span;
        match &stmt.kind {
            YulStmtKind::Block(block) => self.yul_block(block),
            YulStmtKind::Function { name, params, returns, body } => {
                let list = |names: &[Ident]| {
                    if names.is_empty() { Value::Null } else { self.typed_names(names) }
                };
                let fields = vec![
                    ("body", self.yul_block(body)),
                    ("name", name.name.as_ref().into()),
                    ("parameters", list(params)),
                    ("returnVariables", list(returns)),
                ];
                self.yul_node("YulFunctionDefinition", span, fields)
            }
            YulStmtKind::Let { names, value } => {
                let value = value.as_ref().map_or(Value::Null, |v| self.yul_expr(v));
                let fields = vec![("value", value), ("variables", self.typed_names(names))];
                self.yul_node("YulVariableDeclaration", span, fields)
            }
            YulStmtKind::Assign { targets, value } => {
                let names: Vec<Value> = targets.iter().map(|t| self.yul_path(t)).collect();
                let fields = vec![("value", self.yul_expr(value)), ("variableNames", names.into())];
                self.yul_node("YulAssignment", span, fields)
            }
            YulStmtKind::If { cond, body } => {
                let fields = vec![("condition", self.yul_expr(cond)), ("body", self.yul_block(body))];
                self.yul_node("YulIf", span, fields)
            }
            YulStmtKind::Switch { value, cases, default } => {
                self.yul_switch(value, cases, default.as_ref(), span)
            }
            YulStmtKind::For { init, cond, post, body } => {
                let fields = vec![
                    ("pre", self.yul_block(init)),
                    ("condition", self.yul_expr(cond)),
                    ("post", self.yul_block(post)),
                    ("body", self.yul_block(body)),
                ];
                self.yul_node("YulForLoop", span, fields)
            }
            YulStmtKind::Expr(e) => {
                self.yul_node("YulExpressionStatement", span, vec![("expression", self.yul_expr(e))])
            }
            YulStmtKind::Break => self.yul_node("YulBreak", span, Vec::new()),
            YulStmtKind::Continue => self.yul_node("YulContinue", span, Vec::new()),
            YulStmtKind::Leave => self.yul_node("YulLeave", span, Vec::new()),
            YulStmtKind::Error => Value::Null,
        }
    }

    fn yul_switch(
        &self,
        value: &YulExpr,
        cases: &[YulCase],
        default: Option<&YulBlock>,
        span: Span,
    ) -> Value {
        let mut list: Vec<Value> = cases
            .iter()
            .map(|c| {
                let fields = vec![("body", self.yul_block(&c.body)), ("value", self.yul_literal(&c.value))];
                self.yul_node("YulCase", c.span, fields)
            })
            .collect();
        if let Some(block) = default {
            let keyword = self.token_before(block.span.start);
            let fields = vec![("body", self.yul_block(block)), ("value", "default".into())];
            list.push(self.yul_node("YulCase", keyword.to(block.span), fields));
        }
        let fields = vec![("cases", list.into()), ("expression", self.yul_expr(value))];
        self.yul_node("YulSwitch", span, fields)
    }

    fn typed_names(&self, names: &[Ident]) -> Value {
        let each = names.iter().map(|n| {
            let fields = vec![("name", n.name.as_ref().into()), ("type", "".into())];
            self.yul_node("YulTypedName", n.span, fields)
        });
        each.collect::<Vec<_>>().into()
    }

    fn yul_path(&self, path: &YulPath) -> Value {
        let names: Vec<&str> = path.segments.iter().map(|s| &*s.name).collect();
        self.yul_node("YulIdentifier", path.span, vec![("name", names.join(".").into())])
    }

    fn yul_expr(&self, e: &YulExpr) -> Value {
        match &e.kind {
            YulExprKind::Path(path) => self.yul_path(path),
            YulExprKind::Literal(literal) => self.yul_literal(literal),
            YulExprKind::Call { name, args } => {
                let args: Vec<Value> = args.iter().map(|a| self.yul_expr(a)).collect();
                let callee =
                    self.yul_node("YulIdentifier", name.span, vec![("name", name.name.as_ref().into())]);
                let fields = vec![("arguments", args.into()), ("functionName", callee)];
                self.yul_node("YulFunctionCall", e.span, fields)
            }
            YulExprKind::Error => Value::Null,
        }
    }

    fn yul_literal(&self, literal: &YulLiteral) -> Value {
        let (kind, value, bytes) = match &literal.kind {
            YulLiteralKind::Number(text) | YulLiteralKind::HexNumber(text) => {
                ("number", Some(text.to_string()), None)
            }
            YulLiteralKind::Bool(b) => ("bool", Some(b.to_string()), None),
            YulLiteralKind::Str(bytes) | YulLiteralKind::HexStr(bytes) => {
                ("string", String::from_utf8(bytes.clone()).ok(), Some(hex::encode(bytes)))
            }
        };
        let fields = vec![
            ("hexValue", bytes.map_or(Value::Null, Into::into)),
            ("kind", kind.into()),
            ("type", json!("")),
            ("value", value.map_or(Value::Null, Into::into)),
        ];
        self.yul_node("YulLiteral", literal.span, fields)
    }
}

const SUFFIXES: [&str; 5] = ["slot", "offset", "length", "selector", "address"];
