//! Evaluates expressions that must be known at compile time: array lengths, `layout at`.

use super::{Checker, Scope, rational, rational::Rational, scope::Decl};
use crate::ast::{self, BinaryOp, Expr, ExprKind, Literal, UnaryOp};
use crate::diag::codes;
use crate::hir::{VarId, VarKind};
use crate::source::Span;
use alloy_primitives::{U256, keccak256};
use num_bigint::BigInt;
use num_rational::BigRational;

/// Is the longest chain of constants defined through each other.
const CHAIN_MAX: usize = 1000;

impl Checker {
    /// Evaluates a constant number. Reports and returns none when it is not one.
    pub(super) fn constant(&mut self, scope: Scope, expr: &Expr) -> Option<Rational> {
        match &expr.kind {
            ExprKind::Literal(Literal::Number { text, unit }) => {
                self.literal(rational::parse_decimal(text, *unit), expr.span)
            }
            ExprKind::Literal(Literal::HexNumber { text, .. }) if rational::is_address(text) => {
                self.not_constant(expr.span)
            }
            ExprKind::Literal(Literal::HexNumber { text, unit }) => {
                self.literal(rational::parse_hex(text, *unit), expr.span)
            }
            ExprKind::Tuple(list) => match list.as_slice() {
                [Some(inner)] => self.constant(scope, inner),
                _ => self.not_constant(expr.span),
            },
            ExprKind::Unary { op, operand } => {
                let value = self.constant(scope, operand)?.value;
                let result = match op {
                    UnaryOp::Neg => Ok(-value),
                    UnaryOp::BitNot => rational::bit_not(&value),
                    _ => return self.not_constant(expr.span),
                };
                self.folded(result, 6020, expr.span)
            }
            ExprKind::Binary { op, left, right, .. } => {
                let (a, b) = (self.constant(scope, left)?, self.constant(scope, right)?);
                let integer = self.names_variable(left) || self.names_variable(right);
                let result = rational::binary(*op, &a.value, &b.value);
                // Typed constants divide as integers do.
                let result = match op {
                    BinaryOp::Div if integer => result.map(|v| v.trunc()),
                    _ => result,
                };
                self.folded(result, 6020, expr.span)
            }
            ExprKind::Ident(name) => {
                let decl = self.lookup(scope, name).first().copied();
                self.constant_variable(decl, expr.span)
            }
            ExprKind::Call { callee, args } => self.constant_call(scope, callee, args, expr.span),
            _ => self.not_constant(expr.span),
        }
    }

    /// Evaluates `erc7201("...")`, the one call that is a number at compile time.
    fn constant_call(
        &mut self,
        scope: Scope,
        callee: &Expr,
        args: &ast::Args,
        span: Span,
    ) -> Option<Rational> {
        let known = matches!(&callee.kind, ExprKind::Ident(name) if &**name == "erc7201")
            && self.lookup(scope, "erc7201").is_empty();
        let text = match &args.kind {
            ast::ArgsKind::Positional(list) if known => match list.as_slice() {
                [id] => self.constant_text(scope, id, 0),
                _ => None,
            },
            _ => None,
        };
        let Some(text) = text else { return self.not_constant(span) };
        let word = BigInt::from_bytes_be(num_bigint::Sign::Plus, &erc7201(&text).to_be_bytes::<32>());
        Some(Rational::new(BigRational::from(word)))
    }

    /// Is true for a constant whose value is a literal, or another such constant: assembly can read it.
    pub(super) fn is_direct_constant(&self, id: VarId) -> bool {
        let mut id = id;
        for _ in 0..CHAIN_MAX {
            let Some(owned) = self.vars.get(id.index()) else { return false };
            let Some(mut value) = owned.ast.value.as_ref() else { return false };
            while let ExprKind::Tuple(list) = &value.kind
                && let [Some(inner)] = list.as_slice()
            {
                value = inner;
            }
            let decl = match &value.kind {
                ExprKind::Literal(_) => return true,
                ExprKind::Unary { .. } | ExprKind::Binary { .. } => return is_of_literals(value),
                ExprKind::Ident(name) => self.lookup(owned.scope, name).first().copied(),
                ExprKind::Member { base, name } => self.constant_member(owned.scope, base, &name.name),
                _ => None,
            };
            match decl {
                Some(Decl::Var(next))
                    if self.hir.vars.get(next.index()).is_some_and(|v| v.kind == VarKind::Constant) =>
                {
                    id = next;
                }
                _ => return false,
            }
        }
        false
    }

    /// Reads a string literal or the value of a string constant.
    fn constant_text(&mut self, scope: Scope, expr: &Expr, depth: usize) -> Option<Vec<u8>> {
        let decl = match &expr.kind {
            ExprKind::Literal(Literal::Str(b) | Literal::HexStr(b) | Literal::UnicodeStr(b)) => {
                return Some(b.clone());
            }
            ExprKind::Tuple(list) => match list.as_slice() {
                [Some(inner)] => return self.constant_text(scope, inner, depth),
                _ => return None,
            },
            ExprKind::Ident(name) => self.lookup(scope, name).first().copied(),
            ExprKind::Member { base, name } => self.constant_member(scope, base, &name.name),
            _ => None,
        };
        let Some(Decl::Var(id)) = decl else { return None };
        let constant = self.hir.vars.get(id.index()).is_some_and(|v| v.kind == VarKind::Constant);
        let owned = self.vars.get(id.index()).filter(|_| constant && depth < CHAIN_MAX)?.clone();
        self.constant_text(owned.scope, owned.ast.value.as_ref()?, depth + 1)
    }

    fn names_variable(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Ident(_) | ExprKind::Member { .. } => true,
            ExprKind::Tuple(list) => list.iter().flatten().any(|e| self.names_variable(e)),
            ExprKind::Binary { left, right, .. } => self.names_variable(left) || self.names_variable(right),
            ExprKind::Unary { operand, .. } => self.names_variable(operand),
            _ => false,
        }
    }

    fn constant_member(&self, scope: Scope, base: &Expr, name: &str) -> Option<Decl> {
        let ExprKind::Ident(first) = &base.kind else { return None };
        match self.lookup(scope, first).first()? {
            Decl::Contract(id) => self.lookup_in_contract(*id, name, true).first().copied(),
            Decl::Module(file) => self.lookup_in_file(*file, name).first().copied(),
            _ => None,
        }
    }

    fn constant_variable(&mut self, decl: Option<Decl>, span: Span) -> Option<Rational> {
        let Some(Decl::Var(id)) = decl else { return self.not_constant(span) };
        let owned = self.vars.get(id.index())?.clone();
        let is_constant = self.hir.vars.get(id.index()).is_some_and(|v| v.kind == VarKind::Constant);
        let Some(value) = owned.ast.value.as_ref().filter(|_| is_constant) else {
            return self.not_constant(span);
        };
        if let Some(known) = self.evaluated.get(&id) {
            return known.clone();
        }
        if self.evaluating.contains(&id) {
            let whole = owned.ast.span;
            return self.fail(codes::CYCLE.solc(5210), whole, "this constant is defined through itself");
        }
        if self.evaluating.len() > CHAIN_MAX {
            return self.fail(
                codes::NESTED_TOO_DEEPLY,
                span,
                "too many constants defined through each other",
            );
        }
        self.evaluating.push(id);
        let value_span = value.span;
        let result = self.constant(owned.scope, value);
        self.evaluating.pop();
        let value = result.map(|r| Rational::new(r.value));
        if let Some(n) = value.as_ref().and_then(Rational::integer) {
            let fits = match owned.ast.ty.kind {
                ast::TypeKind::Uint(bits) => rational::fits(&n, false, bits),
                ast::TypeKind::Int(bits) => rational::fits(&n, true, bits),
                _ => true,
            };
            if !fits {
                self.evaluated.insert(id, None);
                return self.fail(
                    codes::LITERAL_OUT_OF_RANGE.solc(2643),
                    value_span,
                    "the constant's value does not fit its type",
                );
            }
        }
        self.evaluated.insert(id, value.clone());
        value
    }

    /// Reports constants that are defined through themselves, each cycle once.
    pub(super) fn check_constant_cycles(&mut self) {
        // 0 not seen, 1 on the path, 2 done
        let mut state = vec![0u8; self.hir.vars.len()];
        for start in 0..self.hir.vars.len() {
            let mut path: Vec<(usize, Vec<VarId>)> = Vec::new();
            self.enter_constant(start, &mut state, &mut path);
            while let Some((at, open)) = path.last_mut() {
                match open.pop() {
                    None => {
                        if let Some(s) = state.get_mut(*at) {
                            *s = 2;
                        }
                        path.pop();
                    }
                    Some(next) if state.get(next.index()) == Some(&1) => {
                        let span = self.whole_or_default(Decl::Var(next));
                        self.fail::<()>(
                            codes::CYCLE.solc(6161),
                            span,
                            "this constant is defined through itself",
                        );
                    }
                    Some(next) => self.enter_constant(next.index(), &mut state, &mut path),
                }
            }
        }
    }

    fn enter_constant(&self, at: usize, state: &mut [u8], path: &mut Vec<(usize, Vec<VarId>)>) {
        let Some(var) = self.hir.vars.get(at).filter(|v| v.kind == VarKind::Constant) else { return };
        let Some(s) = state.get_mut(at).filter(|s| **s == 0) else { return };
        *s = 1;
        let mut used = Vec::new();
        if let Some(init) = &var.init {
            collect_vars(init, &mut used);
        }
        path.push((at, used));
    }

    fn literal(&mut self, value: Option<Rational>, span: Span) -> Option<Rational> {
        match value {
            Some(value) => Some(value),
            None => self.fail(codes::LITERAL_OUT_OF_RANGE, span, "this number is out of every range"),
        }
    }

    pub(super) fn folded(
        &mut self,
        result: Result<BigRational, rational::Fault>,
        number: u16,
        span: Span,
    ) -> Option<Rational> {
        match result {
            Ok(value) => Some(Rational::new(value)),
            Err(rational::Fault::DivisionByZero) => {
                self.fail(codes::DIVISION_BY_ZERO.solc(number), span, "division by zero")
            }
            Err(rational::Fault::TooLarge) => {
                self.fail(codes::LITERAL_OUT_OF_RANGE.solc(number), span, "the result is out of every range")
            }
            Err(rational::Fault::Operator) => self.fail(
                codes::BAD_OPERATOR.solc(number),
                span,
                "the operator does not apply to these literals",
            ),
        }
    }

    fn not_constant<X>(&mut self, span: Span) -> Option<X> {
        let place = self.constant_root.unwrap_or(span);
        let (number, place) = if self.constant_root.is_some() { (5462, place) } else { (1505, span) };
        self.fail(codes::NOT_CONSTANT.solc(number), place, "a number known at compile time is needed here")
    }
}

fn is_of_literals(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Unary { operand, .. } => is_of_literals(operand),
        ExprKind::Binary { left, right, .. } => is_of_literals(left) && is_of_literals(right),
        ExprKind::Tuple(list) => list.iter().flatten().all(is_of_literals),
        _ => false,
    }
}

/// Returns the first storage slot of a namespace (ERC-7201).
pub(super) fn erc7201(id: &[u8]) -> U256 {
    let inner = U256::from_be_bytes(keccak256(id).0).wrapping_sub(U256::from(1));
    U256::from_be_bytes(keccak256(inner.to_be_bytes::<32>()).0) & !U256::from(0xff)
}

fn collect_vars(expr: &crate::hir::Expr, out: &mut Vec<VarId>) {
    use crate::hir::ExprKind::*;
    let mut each = |list: &[&crate::hir::Expr]| list.iter().for_each(|e| collect_vars(e, out));
    match &expr.kind {
        StateVar(v) => out.push(*v),
        Unary { expr, .. } | Convert(expr) | Length(expr) | Written { value: expr, .. } => each(&[expr]),
        Binary { lhs, rhs, .. } | And(lhs, rhs) | Or(lhs, rhs) => each(&[lhs, rhs]),
        Index { base, index } => each(&[base, index]),
        Conditional { cond, then, otherwise } => each(&[cond, then, otherwise]),
        InternalCall { args, .. } | Builtin { args, .. } => args.iter().for_each(|e| collect_vars(e, out)),
        _ => {}
    }
}
