//! Lowers operators with Solidity's checks.

use super::cx::Res;
use super::fx::{Fx, Val, low_mask, panics};
use super::util::Util;
use crate::hir::{BinaryOp, Ty};
use crate::ir::Evm;
use alloy_primitives::U256;

/// Is how an operand's type does arithmetic.
#[derive(Debug, Clone, Copy)]
struct Kind {
    signed: bool,
    bits: u16,
}

impl Kind {
    fn min(self) -> U256 {
        // two's complement of -2^(bits-1)
        U256::ZERO.wrapping_sub(U256::from(1) << usize::from(self.bits.saturating_sub(1)))
    }
}

impl Fx<'_, '_, '_> {
    fn kind(&self, ty: &Ty) -> Kind {
        match self.base_ty(ty) {
            Ty::Int { signed, bits } => Kind { signed, bits },
            _ => Kind { signed: false, bits: 256 },
        }
    }

    /// Applies an operator to clean operands of type `ty`; the result is clean.
    pub(crate) fn binary(&mut self, op: BinaryOp, a: Val, b: Val, ty: &Ty, checked: bool) -> Val {
        let kind = self.kind(ty);
        match op {
            BinaryOp::Add => self.add_checked(a, b, ty, kind, checked),
            BinaryOp::Sub => self.sub_checked(a, b, ty, kind, checked),
            BinaryOp::Mul => self.mul_checked(a, b, ty, kind, checked),
            BinaryOp::Div => self.div_checked(a, b, ty, kind, checked),
            BinaryOp::Mod => {
                let zero = self.iszero(b);
                self.panic_if(zero, panics::DIVISION);
                self.evm(if kind.signed { Evm::Smod } else { Evm::Mod }, &[a, b])
            }
            BinaryOp::Exp if checked => self.util1(Util::CheckedPow(kind.signed, kind.bits), &[a, b]),
            BinaryOp::Exp => {
                let power = self.evm(Evm::Exp, &[a, b]);
                self.clean(power, ty)
            }
            BinaryOp::Shl => {
                let moved = self.evm(Evm::Shl, &[b, a]);
                self.clean(moved, ty)
            }
            BinaryOp::Shr if kind.signed => self.evm(Evm::Sar, &[b, a]),
            BinaryOp::Shr => {
                let moved = self.evm(Evm::Shr, &[b, a]);
                match self.base_ty(ty) {
                    Ty::FixedBytes(_) => self.clean(moved, ty),
                    _ => moved,
                }
            }
            BinaryOp::BitAnd => self.and(a, b),
            BinaryOp::BitOr => self.or(a, b),
            BinaryOp::BitXor => self.evm(Evm::Xor, &[a, b]),
            _ => self.compare(op, a, b, kind.signed),
        }
    }

    fn compare(&mut self, op: BinaryOp, a: Val, b: Val, signed: bool) -> Val {
        let (less, greater) = if signed { (Evm::Slt, Evm::Sgt) } else { (Evm::Lt, Evm::Gt) };
        match op {
            BinaryOp::Eq => self.eq(a, b),
            BinaryOp::Lt => self.evm(less, &[a, b]),
            BinaryOp::Gt => self.evm(greater, &[a, b]),
            BinaryOp::Le => {
                let not = self.evm(greater, &[a, b]);
                self.iszero(not)
            }
            BinaryOp::Ge => {
                let not = self.evm(less, &[a, b]);
                self.iszero(not)
            }
            _ => {
                let same = self.eq(a, b);
                self.iszero(same)
            }
        }
    }

    /// Panics unless a result is in the range of a type smaller than the word.
    fn require_range(&mut self, v: Val, kind: Kind) {
        if kind.signed {
            let clean = self.sign_extend(v, kind.bits);
            let same = self.eq(clean, v);
            self.panic_unless(same, panics::OVERFLOW);
        } else {
            let max = self.big(low_mask(u32::from(kind.bits)));
            let over = self.gt(v, max);
            self.panic_if(over, panics::OVERFLOW);
        }
    }

    fn add_checked(&mut self, a: Val, b: Val, ty: &Ty, kind: Kind, checked: bool) -> Val {
        let sum = self.evm(Evm::Add, &[a, b]);
        if !checked {
            return self.clean(sum, ty);
        }
        match (kind.signed, kind.bits) {
            (false, 256) => {
                let over = self.gt(a, sum);
                self.panic_if(over, panics::OVERFLOW);
            }
            (true, 256) => {
                let zero = self.int(0);
                let fell = self.evm(Evm::Slt, &[sum, a]);
                let negative = self.evm(Evm::Slt, &[b, zero]);
                let over = self.evm(Evm::Xor, &[fell, negative]);
                self.panic_if(over, panics::OVERFLOW);
            }
            _ => self.require_range(sum, kind),
        }
        sum
    }

    fn sub_checked(&mut self, a: Val, b: Val, ty: &Ty, kind: Kind, checked: bool) -> Val {
        let difference = self.evm(Evm::Sub, &[a, b]);
        if !checked {
            return self.clean(difference, ty);
        }
        match (kind.signed, kind.bits) {
            (false, _) => {
                let under = self.gt(b, a);
                self.panic_if(under, panics::OVERFLOW);
            }
            (true, 256) => {
                let zero = self.int(0);
                let rose = self.evm(Evm::Sgt, &[difference, a]);
                let negative = self.evm(Evm::Slt, &[b, zero]);
                let over = self.evm(Evm::Xor, &[rose, negative]);
                self.panic_if(over, panics::OVERFLOW);
            }
            _ => self.require_range(difference, kind),
        }
        difference
    }

    fn mul_checked(&mut self, a: Val, b: Val, ty: &Ty, kind: Kind, checked: bool) -> Val {
        let product = self.evm(Evm::Mul, &[a, b]);
        if !checked {
            return self.clean(product, ty);
        }
        if kind.bits > 128 {
            self.require_quotient(a, b, product, kind);
        }
        if kind.bits < 256 {
            self.require_range(product, kind);
        }
        product
    }

    /// Panics unless a product divided by `a` is `b`.
    fn require_quotient(&mut self, a: Val, b: Val, product: Val, kind: Kind) {
        let divide = if kind.signed { Evm::Sdiv } else { Evm::Div };
        let quotient = self.evm(divide, &[product, a]);
        let same = self.eq(b, quotient);
        let zero = self.iszero(a);
        let fine = self.or(zero, same);
        self.panic_unless(fine, panics::OVERFLOW);
        if kind.signed && kind.bits == 256 {
            let zero = self.int(0);
            let min = self.big(kind.min());
            let negative = self.evm(Evm::Slt, &[a, zero]);
            let lowest = self.eq(b, min);
            let over = self.and(negative, lowest);
            self.panic_if(over, panics::OVERFLOW);
        }
    }

    fn div_checked(&mut self, a: Val, b: Val, ty: &Ty, kind: Kind, checked: bool) -> Val {
        let zero = self.iszero(b);
        self.panic_if(zero, panics::DIVISION);
        if !kind.signed {
            return self.evm(Evm::Div, &[a, b]);
        }
        if checked {
            let (min, minus_one) = (self.big(kind.min()), self.big(U256::MAX));
            let (lowest, negates) = (self.eq(a, min), self.eq(b, minus_one));
            let over = self.and(lowest, negates);
            self.panic_if(over, panics::OVERFLOW);
        }
        let quotient = self.evm(Evm::Sdiv, &[a, b]);
        if checked { quotient } else { self.clean(quotient, ty) }
    }

    /// Builds [`Util::CheckedPow`] by squaring.
    pub(crate) fn build_checked_pow(&mut self, signed: bool, bits: u16) -> Res<()> {
        let kind = Kind { signed, bits };
        let ty = Ty::Int { signed, bits };
        let (base, exp, power) = (self.b.declare_var(), self.b.declare_var(), self.b.declare_var());
        let (first, count, one) = (self.param(0), self.param(1), self.int(1));
        self.set_all(&[base, exp, power], &[first, count, one]);
        let (head, inside, end) = (self.block(), self.block(), self.block());
        self.jump(head);
        self.b.switch_to(head);
        let left = self.b.use_var(exp);
        self.b.branch(left, inside, end);
        self.enter(inside);
        let odd = self.and(left, one);
        self.when(odd, |fx| {
            let (now, factor) = (fx.b.use_var(power), fx.b.use_var(base));
            let product = fx.mul_checked(now, factor, &ty, kind, true);
            fx.b.def_var(power, product);
            Ok(())
        })?;
        let half = self.shr(1, left);
        self.b.def_var(exp, half);
        self.when(half, |fx| {
            let factor = fx.b.use_var(base);
            let square = fx.mul_checked(factor, factor, &ty, kind, true);
            fx.b.def_var(base, square);
            Ok(())
        })?;
        self.jump(head);
        self.b.seal_block(head);
        self.enter(end);
        let result = self.b.use_var(power);
        self.b.ret(&[result]);
        Ok(())
    }
}
