//! Checks operators.

use super::body::Body;
use super::convert::coerce;
use super::rational::{self, Rational};
use super::value::{Val, ValKind, expr};
use crate::ast::{self, BinaryOp as AstOp, Operator, UnaryOp as AstUnary};
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;
use alloy_primitives::U256;
use num_traits::Signed;

impl Body<'_> {
    /// Checks `a op b`.
    pub(super) fn binary(
        &mut self,
        op: AstOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Val> {
        if matches!(op, AstOp::And | AstOp::Or) {
            return self.logic(op, left, right, span);
        }
        let (a, b) = (self.value(left), self.value(right));
        let (a, b) = (a?, b?);
        if let (ValKind::Number(x), ValKind::Number(y)) = (&a.kind, &b.kind) {
            return self.fold(op, x, y, span);
        }
        if let Some(called) = self.user_binary(op, &a, &b, span) {
            return called.map(Val::expr);
        }
        if matches!(op, AstOp::Shl | AstOp::Shr | AstOp::Sar | AstOp::Exp) {
            return self.shift_or_power(op, a, b, span).map(Val::expr);
        }
        let Some(ty) = self.common_type(&a, &b) else { return self.bad_operands(op, &a, &b, span) };
        if !applies(op, &ty) {
            return self.bad_operands(op, &a, &b, span);
        }
        let (lhs, rhs) = (Box::new(self.convert(a, &ty)?), Box::new(self.convert(b, &ty)?));
        if matches!(op, AstOp::Eq | AstOp::Ne) {
            self.note_comparison(&lhs.ty, span);
        }
        let result = if is_comparison(op) { Ty::Bool } else { ty };
        let kind = ExprKind::Binary { op: hir_op(op)?, lhs, rhs, checked: !self.unchecked };
        Some(Val::expr(expr(kind, result, span)))
    }

    fn logic(&mut self, op: AstOp, left: &ast::Expr, right: &ast::Expr, span: Span) -> Option<Val> {
        let (a, b) = (self.value(left), self.value(right));
        let (a, b) = (a?, b?);
        if !self.can_convert(&a, &Ty::Bool) || !self.can_convert(&b, &Ty::Bool) {
            return self.bad_operands(op, &a, &b, span);
        }
        let (a, b) = (Box::new(self.convert(a, &Ty::Bool)?), Box::new(self.convert(b, &Ty::Bool)?));
        let kind = if op == AstOp::And { ExprKind::And(a, b) } else { ExprKind::Or(a, b) };
        Some(Val::expr(expr(kind, Ty::Bool, span)))
    }

    fn fold(&mut self, op: AstOp, x: &Rational, y: &Rational, span: Span) -> Option<Val> {
        use std::cmp::Ordering::*;
        if is_comparison(op) {
            let order = x.value.cmp(&y.value);
            let truth = match op {
                AstOp::Eq => order == Equal,
                AstOp::Ne => order != Equal,
                AstOp::Lt => order == Less,
                AstOp::Le => order != Greater,
                AstOp::Gt => order == Greater,
                _ => order != Less,
            };
            return Some(Val::expr(expr(ExprKind::Bool(truth), Ty::Bool, span)));
        }
        if op == AstOp::Sar {
            return self.c.fail(codes::BAD_OPERATOR.solc(2271), span, "`>>>` does not exist");
        }
        let value = self.c.folded(rational::binary(op, &x.value, &y.value), 2271, span)?;
        Some(Val { kind: ValKind::Number(value), span })
    }

    /// Calls a user-defined operator; none when the operands are of no user type.
    fn user_binary(&mut self, op: AstOp, a: &Val, b: &Val, span: Span) -> Option<Option<Expr>> {
        let ty = [a, b].into_iter().filter_map(Val::ty).find(|t| matches!(t, Ty::Udvt(_)))?.clone();
        let Some(f) = self.c.user_operator(Operator::Binary(op), &ty, 2) else {
            let bad: Option<Val> = self.bad_operands(op, a, b, span);
            return Some(bad.and(None));
        };
        let fits = |v: &Val| v.ty() == Some(&ty);
        if !fits(a) || !fits(b) {
            // Both operands have the type itself; solc tells the sides apart.
            self.operator_number = if fits(a) { 5653 } else { 2271 };
            let bad: Option<Val> = self.bad_operands(op, a, b, span);
            self.operator_number = 2271;
            return Some(bad.and(None));
        }
        let (a, b) = (a.clone(), b.clone());
        Some((|| {
            let args = vec![self.convert(a, &ty)?, self.convert(b, &ty)?];
            self.operator_call(f, args, span)
        })())
    }

    fn operator_call(&mut self, f: FunctionId, args: Vec<Expr>, span: Span) -> Option<Expr> {
        let returns = self.c.return_types(f);
        let ty = returns.first().cloned()?;
        self.note_callee(Callee::Exact(f));
        Some(expr(ExprKind::InternalCall { callee: Callee::Exact(f), args }, ty, span))
    }

    fn shift_or_power(&mut self, op: AstOp, a: Val, b: Val, span: Span) -> Option<Expr> {
        if op == AstOp::Sar {
            let finding = codes::BAD_OPERATOR.solc(self.operator_number);
            return self.c.fail(finding, span, "`>>>` does not exist");
        }
        if self.quiet_type(&a).is_none() || self.quiet_type(&b).is_none() {
            return self.bad_operands(op, &a, &b, span);
        }
        // A literal on the left of a run-time amount is computed in the widest type.
        let left = match (&a.kind, &b.kind) {
            (ValKind::Number(n), ValKind::Expr(_)) => {
                let ty = Ty::Int { signed: n.value.is_negative(), bits: 256 };
                self.convert(a, &ty)?
            }
            _ => self.mobile(a)?,
        };
        let left_ok =
            matches!((&left.ty, op), (Ty::Int { .. }, _) | (Ty::FixedBytes(_), AstOp::Shl | AstOp::Shr));
        let right = match (&b.kind, op) {
            (ValKind::Number(n), _) if n.value.is_negative() => {
                let finding = codes::BAD_OPERATOR.solc(self.operator_number);
                return self.c.fail(finding, span, "the right operand is not negative");
            }
            _ => self.mobile(b)?,
        };
        let right_ok = matches!(right.ty, Ty::Int { signed: false, .. });
        if !left_ok || !right_ok {
            let message = format!(
                "`{}` does not apply to `{}` and `{}`",
                op.text(),
                self.c.name_of(&left.ty),
                self.c.name_of(&right.ty)
            );
            let finding = codes::BAD_OPERATOR.solc(self.operator_number);
            return self.c.fail_help(finding, span, message, "the right operand is unsigned");
        }
        let ty = left.ty.clone();
        self.note_width(if op == AstOp::Exp { "power" } else { "shift" }, &ty, &right.ty, span);
        let kind = ExprKind::Binary {
            op: hir_op(op)?,
            lhs: Box::new(left),
            rhs: Box::new(right),
            checked: !self.unchecked,
        };
        Some(expr(kind, ty, span))
    }

    fn bad_operands<X>(&mut self, op: AstOp, a: &Val, b: &Val, span: Span) -> Option<X> {
        let message =
            format!("`{}` does not apply to {} and {}", op.text(), self.describe(a), self.describe(b));
        let diagnostic = Diagnostic::error(codes::BAD_OPERATOR.solc(self.operator_number), span, message);
        self.c.diags.push(diagnostic);
        None
    }

    /// Finds the type that both operands have or convert to.
    pub(super) fn common_type(&mut self, a: &Val, b: &Val) -> Option<Ty> {
        match (&a.kind, &b.kind) {
            (ValKind::Expr(x), ValKind::Expr(y)) => {
                let (x, y) = (x.ty.clone(), y.ty.clone());
                if self.c.converts_implicitly(&y, &x) {
                    return Some(x);
                }
                self.c.converts_implicitly(&x, &y).then_some(y)
            }
            (ValKind::Expr(x), _) => self.common_with_literal(&x.ty.clone(), b),
            (_, ValKind::Expr(y)) => self.common_with_literal(&y.ty.clone(), a),
            (ValKind::Text(_), ValKind::Text(_)) => Some(Ty::String(Loc::Memory)),
            _ => {
                let (x, y) = (self.quiet_type(a)?, self.quiet_type(b)?);
                if self.c.converts_implicitly(&y, &x) {
                    return Some(x);
                }
                self.c.converts_implicitly(&x, &y).then_some(y)
            }
        }
    }

    fn common_with_literal(&mut self, ty: &Ty, literal: &Val) -> Option<Ty> {
        let ty = ty.clone();
        if self.can_convert(literal, &ty) {
            return Some(ty);
        }
        let own = self.quiet_type(literal)?;
        if self.c.converts_implicitly(&own, &ty) {
            return Some(ty);
        }
        self.c.converts_implicitly(&ty, &own).then_some(own)
    }

    /// Returns the type a value takes by itself, without reporting.
    pub(super) fn quiet_type(&self, val: &Val) -> Option<Ty> {
        match &val.kind {
            ValKind::Expr(e) => Some(e.ty.clone()),
            ValKind::Number(n) if !n.value.is_integer() => super::fixed::smallest_type(n),
            ValKind::Number(n) => {
                let (signed, bits) = rational::smallest_type(&n.integer()?)?;
                Some(Ty::Int { signed, bits })
            }
            ValKind::Text(bytes) if std::str::from_utf8(bytes).is_ok() => Some(Ty::String(Loc::Memory)),
            ValKind::Text(_) => Some(Ty::Bytes(Loc::Memory)),
            ValKind::Functions(list) => match list.as_slice() {
                [one] => self.candidate_type(one),
                _ => None,
            },
            ValKind::Tuple(list) => {
                let types: Option<Vec<_>> = list.iter().map(|v| self.quiet_type(v.as_ref()?)).collect();
                types.map(Ty::Tuple)
            }
            _ => None,
        }
    }

    /// Checks a prefix or postfix operator.
    pub(super) fn unary(&mut self, op: AstUnary, operand: &ast::Expr, span: Span) -> Option<Val> {
        match op {
            AstUnary::PreInc | AstUnary::PreDec | AstUnary::PostInc | AstUnary::PostDec => {
                self.step(op, operand, span).map(Val::expr)
            }
            AstUnary::Delete => self.delete(operand, span).map(Val::expr),
            AstUnary::Not => {
                let val = self.value(operand)?;
                if let Some(Ty::Udvt(_)) = val.ty() {
                    return self.c.fail(
                        codes::BAD_OPERATOR.solc(4907),
                        span,
                        "`!` cannot be defined for a user type",
                    );
                }
                let e = Box::new(self.convert_as(4907, Some(span), val, &Ty::Bool)?);
                Some(Val::expr(expr(
                    ExprKind::Unary { op: UnaryOp::Not, expr: e, checked: true },
                    Ty::Bool,
                    span,
                )))
            }
            AstUnary::BitNot | AstUnary::Neg => self.negate(op, operand, span),
        }
    }

    fn negate(&mut self, op: AstUnary, operand: &ast::Expr, span: Span) -> Option<Val> {
        let val = self.value(operand)?;
        if let ValKind::Number(n) = &val.kind {
            let result = if op == AstUnary::Neg { Ok(-n.value.clone()) } else { rational::bit_not(&n.value) };
            let value = self.c.folded(result, 4907, span)?;
            return Some(Val { kind: ValKind::Number(value), span });
        }
        let (operator, user) = match op {
            AstUnary::Neg => (UnaryOp::Neg, Operator::Binary(AstOp::Sub)),
            _ => (UnaryOp::BitNot, Operator::BitNot),
        };
        if self.quiet_type(&val).is_none() {
            let message = format!("the operator does not apply to {}", self.describe(&val));
            return self.c.fail(codes::BAD_OPERATOR.solc(4907), span, message);
        }
        let e = self.mobile(val)?;
        if matches!(e.ty, Ty::Udvt(_))
            && let Some(f) = self.c.user_operator(user, &e.ty, 1)
        {
            return self.operator_call(f, vec![e], span).map(Val::expr);
        }
        let ok = match (&e.ty, op) {
            (Ty::Int { signed, .. } | Ty::Fixed { signed, .. }, AstUnary::Neg) => *signed,
            (Ty::Int { .. } | Ty::FixedBytes(_), AstUnary::BitNot) => true,
            _ => false,
        };
        if !ok {
            let message = format!("the operator does not apply to `{}`", self.c.name_of(&e.ty));
            return self.c.fail(codes::BAD_OPERATOR.solc(4907), span, message);
        }
        let ty = e.ty.clone();
        let kind = ExprKind::Unary { op: operator, expr: Box::new(e), checked: !self.unchecked };
        Some(Val::expr(expr(kind, ty, span)))
    }

    fn step(&mut self, op: AstUnary, operand: &ast::Expr, span: Span) -> Option<Expr> {
        if matches!(&operand.kind, ast::ExprKind::Tuple(list) if list.len() != 1) {
            let message = "`++` and `--` do not apply to tuples";
            return self.c.fail(codes::BAD_OPERATOR.solc(9767), span, message);
        }
        let place = self.place(operand)?;
        if !matches!(place.ty, Ty::Int { .. } | Ty::Fixed { .. }) {
            let message = format!("`++` and `--` do not apply to `{}`", self.c.name_of(&place.ty));
            return self.c.fail(codes::BAD_OPERATOR.solc(9767), span, message);
        }
        let ty = place.ty.clone();
        let kind = ExprKind::IncDec {
            place: Box::new(place),
            increment: matches!(op, AstUnary::PreInc | AstUnary::PostInc),
            prefix: matches!(op, AstUnary::PreInc | AstUnary::PreDec),
            checked: !self.unchecked,
        };
        Some(expr(kind, ty, span))
    }

    fn delete(&mut self, operand: &ast::Expr, span: Span) -> Option<Expr> {
        let place = self.place(operand)?;
        if matches!(place.ty, Ty::Mapping { .. }) {
            return self.c.fail_help(
                codes::BAD_OPERATOR.solc(9767),
                span,
                "a mapping cannot be deleted",
                "delete single entries",
            );
        }
        if let ExprKind::Local(id) = &place.kind {
            let storage = self.locals.get(id.index()).is_some_and(|l| l.ty.loc() == Some(Loc::Storage));
            if storage {
                return self.c.fail(
                    codes::BAD_OPERATOR.solc(9767),
                    span,
                    "a storage pointer cannot be deleted",
                );
            }
        }
        Some(expr(ExprKind::Delete(Box::new(place)), Ty::unit(), span))
    }

    /// Checks `a = b` and `a op= b`.
    pub(super) fn assign(
        &mut self,
        op: Option<AstOp>,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        if let Some(op) = op {
            return self.assign_op(op, left, right, span);
        }
        let mut left = left;
        while let ast::ExprKind::Tuple(list) = &left.kind
            && let [Some(inner)] = list.as_slice()
        {
            left = inner;
        }
        if let ast::ExprKind::Tuple(list) = &left.kind {
            return self.assign_tuple(list, left.span, right, span);
        }
        let value = self.value(right);
        let place = self.place(left)?;
        let value = self.convert_for_place(value?, &place)?;
        let ty = place.ty.clone();
        Some(expr(ExprKind::Assign { place: Box::new(place), value: Box::new(value) }, ty, span))
    }

    /// Converts the right side of an assignment: to storage anything of the same shape is copied.
    pub(super) fn convert_for_place(&mut self, value: Val, place: &Expr) -> Option<Expr> {
        let pointer = matches!(place.kind, ExprKind::Local(_));
        let target = place.ty.clone();
        if target.loc() != Some(Loc::Storage) && target.loc() != Some(Loc::Transient) || pointer {
            return self.convert(value, &target);
        }
        if self.c.contains_mapping(&target) {
            let message = "a type with a mapping cannot be copied";
            return self.c.fail_help(
                codes::NOT_ASSIGNABLE.solc(9214),
                place.span,
                message,
                "assign its fields one by one",
            );
        }
        let from = match value.ty() {
            Some(ty) => ty.clone(),
            None => return self.convert(value, &target.with_loc(Loc::Memory)),
        };
        if super::ty::same_but_location(&from, &target) {
            return self.mobile(value);
        }
        if let (Ty::Array { elem: a, len: n, .. }, Ty::Array { elem: b, len: m, .. }) = (&from, &target) {
            if fits_length(*n, *m)
                && let ValKind::Expr(Expr { kind: ExprKind::ArrayLiteral(_), .. }) = &value.kind
            {
                return self.retype_literal(value, b);
            }
            if fits_length(*n, *m) && self.copies_to_storage(a, b) {
                return self.mobile(value);
            }
        }
        self.convert(value, &target)
    }

    /// Is true when a copy to storage turns elements of one type into the other: values convert, arrays may be shorter.
    fn copies_to_storage(&self, from: &Ty, to: &Ty) -> bool {
        match (from, to) {
            (Ty::Array { elem: a, len: n, .. }, Ty::Array { elem: b, len: m, .. }) => {
                fits_length(*n, *m) && self.copies_to_storage(a, b)
            }
            _ if from.loc().is_some() => super::ty::same_but_location(from, to),
            _ => self.c.converts_implicitly(from, to),
        }
    }

    /// Gives the elements of an array literal the target's element type.
    fn retype_literal(&mut self, value: Val, elem: &Ty) -> Option<Expr> {
        let ValKind::Expr(Expr { kind: ExprKind::ArrayLiteral(items), ty: Ty::Array { len, .. }, span }) =
            value.kind
        else {
            return None;
        };
        let elem = elem.with_loc(Loc::Memory);
        let mut out = Vec::new();
        for item in items {
            let nested = matches!(item.kind, ExprKind::ArrayLiteral(_));
            out.push(match &elem {
                Ty::Array { elem: inner, .. } if nested => self.retype_literal(Val::expr(item), inner)?,
                _ => self.convert(Val::expr(item), &elem)?,
            });
        }
        let ty = Ty::Array { elem: Box::new(elem), len, loc: Loc::Memory };
        Some(expr(ExprKind::ArrayLiteral(out), ty, span))
    }

    fn assign_op(&mut self, op: AstOp, left: &ast::Expr, right: &ast::Expr, span: Span) -> Option<Expr> {
        if matches!(&left.kind, ast::ExprKind::Tuple(list) if list.len() != 1) {
            let message = "compound assignment does not apply to tuples";
            return self.c.fail(codes::BAD_OPERATOR.solc(4289), span, message);
        }
        let value = self.value(right);
        let place = self.place(left)?;
        let value = value?;
        let ty = place.ty.clone();
        if let Ty::Udvt(_) = ty {
            return self.c.fail_help(
                codes::BAD_OPERATOR.solc(7366),
                span,
                "compound assignment does not apply to user types",
                "write `a = a + b`",
            );
        }
        let value = match op {
            AstOp::Shl | AstOp::Shr | AstOp::Sar | AstOp::Exp => {
                let dummy = Val::expr(place.clone());
                self.operator_number = 7366;
                let checked = self.shift_or_power(op, dummy, value, span);
                self.operator_number = 2271;
                let checked = checked?;
                match checked.kind {
                    ExprKind::Binary { rhs, .. } => *rhs,
                    _ => return None,
                }
            }
            _ => {
                if !applies(op, &ty) || is_comparison(op) {
                    let place = Val::expr(place);
                    self.operator_number = 7366;
                    let refused = self.bad_operands(op, &place, &value, span);
                    self.operator_number = 2271;
                    return refused;
                }
                self.convert_as(7366, Some(span), value, &ty)?
            }
        };
        let kind = ExprKind::AssignOp {
            op: hir_op(op)?,
            place: Box::new(place),
            value: Box::new(value),
            checked: !self.unchecked,
        };
        Some(expr(kind, ty, span))
    }

    fn assign_tuple(
        &mut self,
        list: &[Option<ast::Expr>],
        left: Span,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let value = self.value(right);
        let mut places = Vec::new();
        let mut ok = true;
        for item in list {
            let place = match item {
                Some(item) => {
                    let place = self.place_or_tuple(item);
                    ok &= place.is_some();
                    place
                }
                None => None,
            };
            places.push(place);
        }
        let value = value?;
        if !ok {
            return None;
        }
        let from = value_types(&value);
        self.note_tuple_copy(&places, &from, span);
        let value = self.convert_tuple(value, &places)?;
        let types = places.iter().map(|p| p.as_ref().map_or(Ty::unit(), |p| p.ty.clone())).collect();
        let ty = Ty::Tuple(types);
        let place = expr(ExprKind::Tuple(places), ty, left);
        Some(expr(ExprKind::Assign { place: Box::new(place), value: Box::new(value) }, Ty::unit(), span))
    }

    /// Checks one component of the left side, which may be a tuple itself.
    fn place_or_tuple(&mut self, item: &ast::Expr) -> Option<Expr> {
        let ast::ExprKind::Tuple(list) = &item.kind else { return self.place(item) };
        if let [Some(one)] = list.as_slice() {
            return self.place_or_tuple(one);
        }
        let mut places = Vec::new();
        for inner in list {
            places.push(match inner {
                Some(inner) => Some(self.place_or_tuple(inner)?),
                None => None,
            });
        }
        let types =
            places.iter().map(|p: &Option<Expr>| p.as_ref().map_or(Ty::unit(), |p| p.ty.clone())).collect();
        Some(expr(ExprKind::Tuple(places), Ty::Tuple(types), item.span))
    }

    /// Converts a tuple value component by component to the places; components without a place stay as they are.
    fn convert_tuple(&mut self, value: Val, places: &[Option<Expr>]) -> Option<Expr> {
        let span = value.span;
        if let ValKind::Tuple(items) = value.kind {
            if items.len() != places.len() {
                return self.tuple_length(places.len(), items.len(), span);
            }
            let (mut out, mut types) = (Vec::new(), Vec::new());
            for (item, place) in items.into_iter().zip(places) {
                let Some(item) = item else {
                    return self.c.fail(
                        codes::BAD_TUPLE.solc(8381),
                        span,
                        "a component of the right side is missing",
                    );
                };
                let item = match place {
                    Some(Expr { kind: ExprKind::Tuple(inner), .. }) => self.convert_tuple(item, inner)?,
                    Some(place) => {
                        let outer = std::mem::replace(&mut self.mismatch_as, (7407, Some(span)));
                        let converted = self.convert_for_place(item, place);
                        self.mismatch_as = outer;
                        converted?
                    }
                    None => self.mobile(item)?,
                };
                types.push(item.ty.clone());
                out.push(Some(item));
            }
            return Some(expr(ExprKind::Tuple(out), Ty::Tuple(types), span));
        }
        if matches!(value.kind, ValKind::Number(_)) {
            return self.tuple_length(places.len(), 1, span);
        }
        let value = self.mobile(value)?;
        let Ty::Tuple(types) = &value.ty else {
            return self.tuple_length(places.len(), 1, span);
        };
        if types.len() != places.len() {
            return self.tuple_length(places.len(), types.len(), span);
        }
        let mut wanted = Vec::new();
        for (from, place) in types.iter().zip(places) {
            let Some(place) = place else {
                wanted.push(from.clone());
                continue;
            };
            let storage = !matches!(place.kind, ExprKind::Local(_)) && place.ty.loc() == Some(Loc::Storage);
            let same = storage && super::ty::same_but_location(from, &place.ty);
            if !same && !self.c.converts_implicitly(from, &place.ty) {
                let message =
                    format!("expected `{}`, found `{}`", self.c.name_of(&place.ty), self.c.name_of(from));
                return self.c.fail(codes::TYPE_MISMATCH.solc(7407), span, message);
            }
            wanted.push(if same { from.clone() } else { place.ty.clone() });
        }
        Some(coerce(value, &Ty::Tuple(wanted)))
    }

    pub(super) fn tuple_length<X>(&mut self, wanted: usize, found: usize, span: Span) -> Option<X> {
        let number = if self.mismatch_as.0 == 9574 { 7364 } else { 7407 };
        self.c.fail(
            codes::BAD_TUPLE.solc(number),
            span,
            format!("{wanted} components on the left, {found} on the right"),
        )
    }
}

fn is_comparison(op: AstOp) -> bool {
    matches!(op, AstOp::Eq | AstOp::Ne | AstOp::Lt | AstOp::Le | AstOp::Gt | AstOp::Ge)
}

/// Is true when an operator applies to two operands of a type.
fn applies(op: AstOp, ty: &Ty) -> bool {
    use AstOp::*;
    match ty {
        Ty::Int { .. } => true,
        Ty::Fixed { .. } => is_comparison(op) || matches!(op, Add | Sub | Mul | Div | Mod),
        Ty::FixedBytes(_) => is_comparison(op) || matches!(op, BitAnd | BitOr | BitXor),
        Ty::Address { .. } | Ty::Contract(_) | Ty::Enum(_) => is_comparison(op),
        Ty::Bool | Ty::Function(_) => matches!(op, Eq | Ne),
        _ => false,
    }
}

fn hir_op(op: AstOp) -> Option<BinaryOp> {
    Some(match op {
        AstOp::Add => BinaryOp::Add,
        AstOp::Sub => BinaryOp::Sub,
        AstOp::Mul => BinaryOp::Mul,
        AstOp::Div => BinaryOp::Div,
        AstOp::Mod => BinaryOp::Mod,
        AstOp::Exp => BinaryOp::Exp,
        AstOp::Shl => BinaryOp::Shl,
        AstOp::Shr => BinaryOp::Shr,
        AstOp::BitAnd => BinaryOp::BitAnd,
        AstOp::BitOr => BinaryOp::BitOr,
        AstOp::BitXor => BinaryOp::BitXor,
        AstOp::Eq => BinaryOp::Eq,
        AstOp::Ne => BinaryOp::Ne,
        AstOp::Lt => BinaryOp::Lt,
        AstOp::Le => BinaryOp::Le,
        AstOp::Gt => BinaryOp::Gt,
        AstOp::Ge => BinaryOp::Ge,
        AstOp::Sar | AstOp::And | AstOp::Or => return None,
    })
}

/// Is true when an array of length `from` can be copied to storage of length `to`; none is dynamic.
fn fits_length(from: Option<U256>, to: Option<U256>) -> bool {
    match (from, to) {
        (_, None) => true,
        (Some(from), Some(to)) => from <= to,
        _ => false,
    }
}

/// Returns the types of the values of a tuple, where they have one.
fn value_types(value: &Val) -> Vec<Option<Ty>> {
    match &value.kind {
        ValKind::Tuple(list) => list.iter().map(|v| v.as_ref().and_then(Val::ty).cloned()).collect(),
        ValKind::Expr(Expr { ty: Ty::Tuple(list), .. }) => list.iter().cloned().map(Some).collect(),
        _ => Vec::new(),
    }
}
