//! Describes operators.

use super::typer::{Edge, Note, Typer, Use};
use super::types::T;
use crate::ast::{BinaryOp, Expr, Operator, UnaryOp};
use crate::sema::rational;

impl<'a> Typer<'a> {
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &'a Expr) -> Note {
        use UnaryOp::*;
        let writes = matches!(op, PreInc | PreDec | PostInc | PostDec | Delete);
        let ty = self.visit(operand, Use { args: None, assigned: writes });
        let pure = !writes && self.is_pure(operand);
        let Some(ty) = ty else { return Note::default() };
        let wanted = match op {
            Neg => Some(Operator::Binary(BinaryOp::Sub)),
            BitNot => Some(Operator::BitNot),
            _ => None,
        };
        if let Some(function) = wanted.and_then(|op| self.operator_function(&ty, op, 1)) {
            self.edge(Edge::Exact(function));
            return self.operator_note(function);
        }
        let result = match (op, &ty) {
            (Delete, _) => Some(T::unit()),
            (Neg, T::Rational(value, _)) => Some(T::rational(-(**value).clone())),
            (BitNot, T::Rational(value, _)) => rational::bit_not(value).ok().map(T::rational),
            _ => Some(ty),
        };
        Note { ty: result, pure, ..Note::default() }
    }

    fn operator_note(&self, function: super::declare::DeclId) -> Note {
        let ty = match self.w.decl_type(function) {
            Some(T::Function(f)) => f.returns.first().cloned(),
            _ => None,
        };
        Note { ty, function: Some(function), ..Note::default() }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Note {
        let (a, b) = (self.read(left), self.read(right));
        let pure = self.is_pure(left) && self.is_pure(right);
        let (Some(a), Some(b)) = (a, b) else { return Note::default() };
        if let Some(function) = self.binary_function(&a, op) {
            self.edge(Edge::Exact(function));
            let common = Some(a);
            return Note { common, ..self.operator_note(function) };
        }
        let common = self.operand_type(op, &a, &b);
        let ty = if is_comparison(op) { Some(T::Bool) } else { common.clone() };
        Note { ty, common, pure, ..Note::default() }
    }

    /// Returns the type that an operator works in.
    fn operand_type(&self, op: BinaryOp, a: &T, b: &T) -> Option<T> {
        use BinaryOp::*;
        if let (T::Rational(x, _), T::Rational(y, _)) = (a, b) {
            if is_comparison(op) {
                return self.w.common(a, b);
            }
            return rational::binary(op, x, y).ok().map(T::rational);
        }
        match (op, a) {
            // A literal grows to the widest type when it is raised or shifted by what is not known.
            (Exp | Shl | Shr | Sar, T::Rational(value, _)) => {
                let signed = **value < num_rational::BigRational::from(num_bigint::BigInt::from(0));
                Some(T::Int { signed, bits: 256 })
            }
            (Exp | Shl | Shr | Sar, _) => self.w.mobile(a),
            (And | Or, _) => Some(T::Bool),
            _ => self.w.common(a, b),
        }
    }
}

pub(super) fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::*;
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge)
}
