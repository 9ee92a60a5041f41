//! Evaluates the constants of a description: numbers with units and arithmetic on them.

use crate::ast::{BinaryOp, Expr, ExprKind, Literal, Unit};
use alloy_primitives::U256;

/// Returns the value of a constant expression; none when it is not constant, not whole or does not fit.
pub(super) fn fold(expr: &Expr) -> Option<U256> {
    match &expr.kind {
        ExprKind::Literal(Literal::Number { text, unit }) => decimal(text, factor(*unit)?),
        ExprKind::Literal(Literal::HexNumber { text, unit: None }) => {
            U256::from_str_radix(&text.get(2..)?.replace('_', ""), 16).ok()
        }
        ExprKind::Tuple(parts) => match parts.as_slice() {
            [Some(inner)] => fold(inner),
            _ => None,
        },
        ExprKind::Binary { op, left, right, .. } => binary(*op, fold(left)?, fold(right)?),
        _ => None,
    }
}

/// Returns the truth value of a constant condition.
pub(super) fn fold_bool(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Literal(Literal::Bool(value)) => Some(*value),
        ExprKind::Tuple(parts) => match parts.as_slice() {
            [Some(inner)] => fold_bool(inner),
            _ => None,
        },
        ExprKind::Binary { op: BinaryOp::And, left, right, .. } => both(fold_bool(left), fold_bool(right)),
        ExprKind::Binary { op: BinaryOp::Or, left, right, .. } => {
            both(fold_bool(left).map(|b| !b), fold_bool(right).map(|b| !b)).map(|b| !b)
        }
        ExprKind::Binary { op, left, right, .. } => compare(*op, fold(left)?, fold(right)?),
        _ => None,
    }
}

/// Is false when either side is, true when both are.
fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn compare(op: BinaryOp, a: U256, b: U256) -> Option<bool> {
    Some(match op {
        BinaryOp::Eq => a == b,
        BinaryOp::Ne => a != b,
        BinaryOp::Lt => a < b,
        BinaryOp::Le => a <= b,
        BinaryOp::Gt => a > b,
        BinaryOp::Ge => a >= b,
        _ => return None,
    })
}

fn binary(op: BinaryOp, a: U256, b: U256) -> Option<U256> {
    match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Exp => a.checked_pow(b),
        BinaryOp::Div => a.checked_div(b).filter(|q| *q * b == a),
        BinaryOp::Mod => a.checked_rem(b),
        _ => None,
    }
}

fn factor(unit: Option<Unit>) -> Option<U256> {
    let value: u64 = match unit {
        None | Some(Unit::Wei | Unit::Seconds) => 1,
        Some(Unit::Gwei) => 1_000_000_000,
        Some(Unit::Ether) => 1_000_000_000_000_000_000,
        Some(Unit::Minutes) => 60,
        Some(Unit::Hours) => 3_600,
        Some(Unit::Days) => 86_400,
        Some(Unit::Weeks) => 604_800,
        Some(Unit::Years | Unit::BasisPoints | Unit::Percent) => return None,
    };
    Some(U256::from(value))
}

/// Reads `digits[.digits][e[-]digits]` times `factor`; the result must be whole.
fn decimal(text: &str, factor: U256) -> Option<U256> {
    let text = text.replace('_', "");
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = U256::from_str_radix(&format!("{whole}{fraction}"), 10).ok()?;
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = U256::from(10).checked_pow(U256::from(shift.unsigned_abs()))?;
    let scaled = digits.checked_mul(factor)?;
    if shift >= 0 {
        scaled.checked_mul(power)
    } else {
        scaled.checked_div(power).filter(|q| *q * power == scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_scale_exactly() {
        let ether = U256::from(10).pow(U256::from(18));
        assert_eq!(decimal("0.2", ether), Some(ether / U256::from(5)));
        assert_eq!(decimal("300_000", U256::ONE), Some(U256::from(300_000)));
        assert_eq!(decimal("1.5e3", U256::ONE), Some(U256::from(1_500)));
        assert_eq!(decimal("1.5", U256::ONE), None);
        assert_eq!(decimal("1e99", U256::ONE), None);
        assert_eq!(decimal("1e-2000000000", U256::ONE), None);
    }
}
