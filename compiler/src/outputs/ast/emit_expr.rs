//! Writes expressions.

use super::emit::{Emitter, Fields};
use super::typer::CallKind;
use crate::ast::{
    Args, ArgsKind, BinaryOp, Expr, ExprKind as E, Ident, Literal, Path, Type, TypeKind, UnaryOp, Unit,
};
use crate::source::Span;
use alloy_primitives::hex;
use serde_json::{Value, json};

impl<'a> Emitter<'_, 'a> {
    /// Writes an expression.
    pub(super) fn expr(&mut self, e: &'a Expr) -> Value {
        match &e.kind {
            E::Ident(name) => self.identifier(name, e.span),
            E::Literal(literal) => self.literal(literal, e.span),
            E::Type(ty) => self.type_expression(ty),
            E::Tuple(list) => {
                let parts: Vec<Value> =
                    list.iter().map(|p| p.as_ref().map_or(Value::Null, |p| self.expr(p))).collect();
                self.tuple(parts, false, e.span)
            }
            E::Array(list) => {
                let parts: Vec<Value> = list.iter().map(|p| self.expr(p)).collect();
                self.tuple(parts, true, e.span)
            }
            E::Member { base, name } => {
                let base = self.expr(base);
                self.member_access(base, name, e.span)
            }
            E::Index { base, index } => {
                let base = self.expr(base);
                let index = index.as_ref().map_or(Value::Null, |i| self.expr(i));
                self.expression(
                    "IndexAccess",
                    e.span,
                    vec![("baseExpression", base), ("indexExpression", index)],
                )
            }
            E::Slice { base, start, end } => {
                let base = self.expr(base);
                let start = start.as_ref().map_or(Value::Null, |i| self.expr(i));
                let end = end.as_ref().map_or(Value::Null, |i| self.expr(i));
                let fields =
                    vec![("baseExpression", base), ("startExpression", start), ("endExpression", end)];
                self.expression("IndexRangeAccess", e.span, fields)
            }
            E::Call { callee, args } => {
                let callee = self.expr(callee);
                self.call_node(callee, args, e.span, Some(e.span))
            }
            E::Options { callee, options } => self.options(callee, options, e.span),
            E::New(ty) => {
                let name = self.type_name(ty);
                self.expression("NewExpression", e.span, vec![("typeName", name)])
            }
            E::TypeOf(ty) => self.type_of(ty, e.span),
            E::Unary { op, operand } => self.unary(*op, operand, e.span),
            E::Binary { op, left, right, .. } => self.binary(*op, left, right, e.span),
            E::Assign { op, left, right } => {
                let operator = op.map_or("=".to_owned(), |op| format!("{}=", op.text()));
                let (left, right) = (self.expr(left), self.expr(right));
                let fields =
                    vec![("leftHandSide", left), ("operator", operator.into()), ("rightHandSide", right)];
                self.expression("Assignment", e.span, fields)
            }
            E::Ternary { cond, then, otherwise } => {
                let fields = vec![
                    ("condition", self.expr(cond)),
                    ("trueExpression", self.expr(then)),
                    ("falseExpression", self.expr(otherwise)),
                ];
                self.expression("Conditional", e.span, fields)
            }
            E::Error => Value::Null,
        }
    }

    /// Makes the node of an expression with what every expression says.
    fn expression(&mut self, kind: &str, span: Span, fields: Fields) -> Value {
        self.expression_at(kind, span, span, fields)
    }

    fn expression_at(&mut self, kind: &str, key: Span, span: Span, mut fields: Fields) -> Value {
        match self.note(key) {
            Some(note) => {
                fields.push(("argumentTypes", self.argument_types(key)));
                fields.push(("isConstant", note.constant.into()));
                fields.push(("isLValue", note.lvalue.into()));
                fields.push(("isPure", note.pure.into()));
                fields.push(("lValueRequested", note.requested.into()));
                fields.push(("typeDescriptions", self.describe(note.ty.as_ref(), false)));
            }
            None => fields.push(("typeDescriptions", json!({}))),
        }
        self.node(kind, span, fields)
    }

    fn argument_types(&self, span: Span) -> Value {
        let Some(args) = self.note(span).and_then(|n| n.args.as_ref()) else { return Value::Null };
        args.types.iter().map(|t| self.describe(t.as_ref(), false)).collect::<Vec<_>>().into()
    }

    fn identifier(&mut self, name: &str, span: Span) -> Value {
        let note = self.note(span);
        let reference = note.and_then(|n| n.reference);
        let overloads = note.map_or(json!([]), |n| self.ids(&n.overloads));
        let fields = vec![
            ("argumentTypes", self.argument_types(span)),
            ("name", name.into()),
            ("overloadedDeclarations", overloads),
            ("referencedDeclaration", reference.map_or(Value::Null, |id| self.w.json_id(id).into())),
            ("typeDescriptions", self.describe(note.and_then(|n| n.ty.as_ref()), false)),
        ];
        self.node("Identifier", span, fields)
    }

    fn member_access(&mut self, base: Value, name: &Ident, span: Span) -> Value {
        let reference = self.note(span).and_then(|n| n.reference);
        let fields = vec![
            ("expression", base),
            ("memberLocation", self.src(name.span).into()),
            ("memberName", name.name.as_ref().into()),
            ("referencedDeclaration", reference.map_or(Value::Null, |id| self.w.json_id(id).into())),
        ];
        self.expression("MemberAccess", span, fields)
    }

    /// Writes a dotted name as an expression.
    pub(super) fn path_expression(&mut self, path: &'a Path) -> Value {
        let mut out = Value::Null;
        let mut span = Span::default();
        for (i, segment) in path.segments.iter().enumerate() {
            if i == 0 {
                span = segment.span;
                out = self.identifier(&segment.name, span);
            } else {
                span = span.to(segment.span);
                out = self.member_access(out, segment, span);
            }
        }
        out
    }

    fn tuple(&mut self, parts: Vec<Value>, inline: bool, span: Span) -> Value {
        let fields = vec![("components", parts.into()), ("isInlineArray", inline.into())];
        self.expression("TupleExpression", span, fields)
    }

    fn type_expression(&mut self, ty: &'a Type) -> Value {
        let name = self.elementary(ty, false);
        let span = self.elementary_span(ty);
        self.expression_at("ElementaryTypeNameExpression", ty.span, span, vec![("typeName", name)])
    }

    /// Writes the arguments of a call, a base or a modifier.
    pub(super) fn arguments(&mut self, args: &'a Args) -> Value {
        let list: Vec<Value> = match &args.kind {
            ArgsKind::Positional(list) => list.iter().map(|e| self.expr(e)).collect(),
            ArgsKind::Named(list) => list.iter().map(|(_, e)| self.expr(e)).collect(),
        };
        list.into()
    }

    /// Writes a call; `emit` and `revert` have one that is no expression of the source's tree.
    pub(super) fn call_node(
        &mut self,
        callee: Value,
        args: &'a Args,
        span: Span,
        key: Option<Span>,
    ) -> Value {
        let (names, places) = match &args.kind {
            ArgsKind::Positional(_) => (Vec::new(), Vec::new()),
            ArgsKind::Named(list) => (
                list.iter().map(|(n, _)| n.name.to_string()).collect(),
                list.iter().map(|(n, _)| self.src(n.span)).collect(),
            ),
        };
        let arguments = self.arguments(args);
        let mut fields = vec![
            ("arguments", arguments),
            ("expression", callee),
            ("nameLocations", places.into()),
            ("names", names.into()),
        ];
        if self.known.is_some() {
            let kind = key.and_then(|k| self.note(k)).map_or(CallKind::Function, |n| n.call);
            fields.push(("kind", kind.text().into()));
        }
        fields.push(("tryCall", false.into()));
        if key.is_none() {
            self.flags(&mut fields, span);
            return self.node("FunctionCall", span, fields);
        }
        self.expression("FunctionCall", span, fields)
    }

    /// States what is true of every call of an event or error.
    fn flags(&mut self, fields: &mut Fields, span: Span) {
        if self.known.is_none() {
            fields.push(("typeDescriptions", json!({})));
            return;
        }
        let result = self.note(span).and_then(|n| n.ty.clone());
        for key in ["isConstant", "isLValue", "isPure", "lValueRequested"] {
            fields.push((key, false.into()));
        }
        fields.push(("typeDescriptions", self.describe(result.as_ref(), false)));
    }

    fn options(&mut self, callee: &'a Expr, options: &'a [(Ident, Expr)], span: Span) -> Value {
        let callee = self.expr(callee);
        let values: Vec<Value> = options.iter().map(|(_, e)| self.expr(e)).collect();
        let names: Vec<&str> = options.iter().map(|(n, _)| &*n.name).collect();
        let fields = vec![("expression", callee), ("names", names.into()), ("options", values.into())];
        self.expression("FunctionCallOptions", span, fields)
    }

    /// Writes `type(T)`, a call of the global `type`.
    fn type_of(&mut self, ty: &'a Type, span: Span) -> Value {
        let word = self.token_from(span.start);
        let argument_type = self.note(self.type_argument(ty)).and_then(|n| n.ty.as_ref());
        let callee_type = self.known.as_ref().map(|_| {
            json!({ "typeIdentifier": "t_function_metatype_pure$__$returns$__$", "typeString": "function () pure" })
        });
        let known = self.known.is_some();
        let given = if known { vec![self.describe(argument_type, false)].into() } else { Value::Null };
        let fields = vec![
            ("argumentTypes", given),
            ("name", "type".into()),
            ("overloadedDeclarations", json!([])),
            ("referencedDeclaration", if known { (-27).into() } else { Value::Null }),
            ("typeDescriptions", callee_type.unwrap_or(json!({}))),
        ];
        let callee = self.node("Identifier", word, fields);
        let argument = match &ty.kind {
            TypeKind::Path(path) => self.path_expression(path),
            _ => self.type_expression(ty),
        };
        let mut fields = vec![
            ("arguments", vec![argument].into()),
            ("expression", callee),
            ("nameLocations", json!([])),
            ("names", json!([])),
            ("tryCall", false.into()),
        ];
        if known {
            fields.push(("kind", CallKind::Function.text().into()));
        }
        self.expression("FunctionCall", span, fields)
    }

    fn type_argument(&self, ty: &Type) -> Span {
        match &ty.kind {
            TypeKind::Path(path) => path.span,
            _ => ty.span,
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &'a Expr, span: Span) -> Value {
        let operand = self.expr(operand);
        let (text, prefix) = match op {
            UnaryOp::Not => ("!", true),
            UnaryOp::BitNot => ("~", true),
            UnaryOp::Neg => ("-", true),
            UnaryOp::Delete => ("delete", true),
            UnaryOp::PreInc => ("++", true),
            UnaryOp::PreDec => ("--", true),
            UnaryOp::PostInc => ("++", false),
            UnaryOp::PostDec => ("--", false),
        };
        let fields = vec![
            ("function", self.operator_function(span)),
            ("operator", text.into()),
            ("prefix", prefix.into()),
            ("subExpression", operand),
        ];
        self.expression("UnaryOperation", span, fields)
    }

    fn operator_function(&self, span: Span) -> Value {
        let found = self.note(span).and_then(|n| n.function);
        found.map_or(Value::Null, |id| self.w.json_id(id).into())
    }

    fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr, span: Span) -> Value {
        let (left, right) = (self.expr(left), self.expr(right));
        let common = self.note(span).map(|n| self.describe(n.common.as_ref(), false));
        let fields = vec![
            ("commonType", common.unwrap_or(Value::Null)),
            ("function", self.operator_function(span)),
            ("leftExpression", left),
            ("operator", op.text().into()),
            ("rightExpression", right),
        ];
        self.expression("BinaryOperation", span, fields)
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> Value {
        let first = self.token_from(span.start);
        let (kind, bytes, value, unit) = match literal {
            Literal::Bool(b) => {
                let text = if *b { "true" } else { "false" };
                ("bool", text.as_bytes().to_vec(), Some(text.to_owned()), None)
            }
            Literal::Number { unit, .. } | Literal::HexNumber { unit, .. } => {
                let text = self.text(first);
                ("number", text.as_bytes().to_vec(), Some(text.to_owned()), *unit)
            }
            Literal::Str(bytes) => ("string", bytes.clone(), text_of(bytes), None),
            Literal::UnicodeStr(bytes) => ("unicodeString", bytes.clone(), text_of(bytes), None),
            Literal::HexStr(bytes) => ("hexString", bytes.clone(), text_of(bytes), None),
        };
        let fields = vec![
            ("hexValue", hex::encode(bytes).into()),
            ("kind", kind.into()),
            ("subdenomination", unit.map_or(Value::Null, |u| unit_text(u).into())),
            ("value", value.map_or(Value::Null, Into::into)),
        ];
        self.expression("Literal", span, fields)
    }
}

fn text_of(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

fn unit_text(unit: Unit) -> &'static str {
    match unit {
        Unit::Wei => "wei",
        Unit::Gwei => "gwei",
        Unit::Ether => "ether",
        Unit::Seconds => "seconds",
        Unit::Minutes => "minutes",
        Unit::Hours => "hours",
        Unit::Days => "days",
        Unit::Weeks => "weeks",
        Unit::Years => "years",
        Unit::BasisPoints => "bp",
        Unit::Percent => "%",
    }
}
