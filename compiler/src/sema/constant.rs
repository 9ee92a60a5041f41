//! Evaluates expressions that must be known at compile time: array lengths, `layout at`.

use super::rational::{IntTy, Rational};
use super::{Checker, Scope, rational, scope::Decl};
use crate::ast::{self, BinaryOp, Expr, ExprKind, Literal, UnaryOp};
use crate::diag::codes;
use crate::hir::{VarId, VarKind};
use crate::source::Span;
use alloy_primitives::{U256, keccak256};
use num_bigint::BigInt;
use num_rational::BigRational;
use std::collections::BTreeMap;

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
                let Rational { value, ty, .. } = self.constant(scope, operand)?;
                let result = match (op, ty) {
                    (UnaryOp::Neg, Some((false, _))) => return self.not_constant(expr.span),
                    (UnaryOp::Neg, _) => Ok(-value),
                    (UnaryOp::BitNot, _) => rational::bit_not(&value),
                    _ => return self.not_constant(expr.span),
                };
                let value = self.folded(result, 6020, expr.span)?;
                self.typed(value, ty, 3667, expr.span)
            }
            ExprKind::Binary { op, left, right, .. } => {
                let (a, b) = (self.constant(scope, left)?, self.constant(scope, right)?);
                let Ok(ty) = result_type(*op, &a, &b) else {
                    let message = "the operator does not apply to the types of these constants";
                    return self.fail(codes::BAD_OPERATOR.solc(6020), expr.span, message);
                };
                let value = self.folded(rational::binary(*op, &a.value, &b.value), 6020, expr.span)?;
                self.typed(value, ty, 2643, expr.span)
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
            match self.constant_value(id) {
                Some(value) if is_of_literals(value) => return true,
                _ => {}
            }
            let Some(next) = self.next_constant(id) else { return false };
            id = next;
        }
        false
    }

    /// Is true for a constant whose value names a constant, and so on, until one comes again.
    pub(super) fn is_circular_constant(&self, id: VarId) -> bool {
        let mut seen = std::collections::BTreeSet::from([id]);
        let mut at = id;
        while let Some(next) = self.next_constant(at) {
            if !seen.insert(next) {
                return true;
            }
            at = next;
        }
        false
    }

    /// Returns the value of a constant without the parentheses around it.
    fn constant_value(&self, id: VarId) -> Option<&Expr> {
        let mut value = self.vars.get(id.index())?.ast.value.as_ref()?;
        while let ExprKind::Tuple(list) = &value.kind
            && let [Some(inner)] = list.as_slice()
        {
            value = inner;
        }
        Some(value)
    }

    /// Returns the constant that a constant's value names.
    fn next_constant(&self, id: VarId) -> Option<VarId> {
        let scope = self.vars.get(id.index())?.scope;
        let decl = match &self.constant_value(id)?.kind {
            ExprKind::Ident(name) => self.lookup(scope, name).first().copied(),
            ExprKind::Member { base, name } => self.constant_member(scope, base, &name.name),
            _ => None,
        };
        let Some(Decl::Var(next)) = decl else { return None };
        let constant = self.hir.vars.get(next.index()).is_some_and(|v| v.kind == VarKind::Constant);
        constant.then_some(next)
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

    /// Gives a result its type: it is cut to a whole number and must fit. `number` is solc's for one that does not.
    fn typed(&mut self, value: Rational, ty: Option<IntTy>, number: u16, span: Span) -> Option<Rational> {
        let Some((signed, bits)) = ty else { return Some(value) };
        let value = value.value.trunc();
        if !rational::fits(&value.to_integer(), signed, bits) {
            let finding = codes::LITERAL_OUT_OF_RANGE.solc(number);
            return self.fail(finding, span, "the constant's value does not fit its type");
        }
        Some(Rational { ty, ..Rational::new(value) })
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
            return self.fail(codes::CYCLE.solc(5210), whole, "this length depends on itself");
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
        let ty = match owned.ast.ty.kind {
            ast::TypeKind::Uint(bits) => Some((false, bits)),
            ast::TypeKind::Int(bits) => Some((true, bits)),
            _ => None,
        };
        let value = match result {
            // Values of other types are no numbers.
            Some(_) if ty.is_none() => self.not_constant(span),
            Some(value) => self.typed(value, ty, 2643, value_span),
            None => None,
        };
        self.evaluated.insert(id, value.clone());
        value
    }

    /// Reports constants that are defined through themselves, or through one that is.
    pub(super) fn check_constant_cycles(&mut self) {
        let used: Vec<Vec<VarId>> = self.hir.vars.iter().map(constants_in).collect();
        // How many constants a constant still waits for; those of a cycle and in front of one wait for ever.
        let mut waits: Vec<usize> = used.iter().map(Vec::len).collect();
        let mut users: BTreeMap<VarId, Vec<usize>> = BTreeMap::new();
        for (at, list) in used.iter().enumerate() {
            list.iter().for_each(|v| users.entry(*v).or_default().push(at));
        }
        let mut known: Vec<usize> = (0..waits.len()).filter(|at| waits.get(*at) == Some(&0)).collect();
        while let Some(at) = known.pop() {
            for user in users.get(&VarId(at as u32)).into_iter().flatten() {
                let Some(left) = waits.get_mut(*user) else { continue };
                *left -= 1;
                if *left == 0 {
                    known.push(*user);
                }
            }
        }
        for (at, _) in waits.iter().enumerate().filter(|(_, left)| **left > 0) {
            let span = self.whole_or_default(Decl::Var(VarId(at as u32)));
            self.fail::<()>(codes::CYCLE.solc(6161), span, "this constant is defined through itself");
        }
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

/// Returns the type of an operation: none for two literals.
fn result_type(op: BinaryOp, a: &Rational, b: &Rational) -> Result<Option<IntTy>, rational::Fault> {
    let own = |r: &Rational| r.ty.or_else(|| rational::smallest_type(&r.integer()?));
    if a.ty.is_none() && b.ty.is_none() {
        return Ok(None);
    }
    let (x, y) = (own(a).ok_or(rational::Fault::Operator)?, own(b).ok_or(rational::Fault::Operator)?);
    if matches!(op, BinaryOp::Shl | BinaryOp::Shr | BinaryOp::Exp) {
        // The right side is unsigned; a literal on the left has 256 bits.
        let left = if a.ty.is_some() { x } else { (x.0, 256) };
        return if y.0 { Err(rational::Fault::Operator) } else { Ok(Some(left)) };
    }
    let holds = |r: &Rational, ty: IntTy| match r.ty {
        Some((signed, bits)) => signed == ty.0 && bits <= ty.1,
        None => r.integer().is_some_and(|n| rational::fits(&n, ty.0, ty.1)),
    };
    match () {
        () if holds(b, x) => Ok(Some(x)),
        () if holds(a, y) => Ok(Some(y)),
        () => Err(rational::Fault::Operator),
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

/// Lists what the value of a constant names, each time that it does.
fn constants_in(var: &crate::hir::Var) -> Vec<VarId> {
    let mut used = Vec::new();
    if let (VarKind::Constant, Some(init)) = (var.kind, &var.init) {
        collect_vars(init, &mut used);
    }
    used
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
