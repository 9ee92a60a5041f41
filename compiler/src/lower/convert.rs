//! Lowers conversions between types.

use super::LowerError;
use super::cx::{Res, words};
use super::expr::left_aligned;
use super::fx::{Fx, Val, Vals};
use crate::hir::{Expr, ExprKind, Loc, Ty};
use crate::ir::Evm;

impl<'h> Fx<'_, 'h, '_> {
    /// Evaluates what is assigned, with its own type: a copy to storage takes any location.
    pub(crate) fn assigned_value(&mut self, value: &'h Expr) -> Res<(Vals, Ty)> {
        let source = match &value.kind {
            ExprKind::Convert(inner)
                if value.ty.loc() == Some(Loc::Storage)
                    && inner.ty.loc().is_some_and(|l| l != Loc::Storage) =>
            {
                inner
            }
            _ => value,
        };
        Ok((self.expr(source)?, source.ty.clone()))
    }

    pub(crate) fn convert_expr(&mut self, inner: &'h Expr, to: &Ty) -> Res<Vals> {
        if let (ExprKind::Literal(bytes), Ty::FixedBytes(_)) = (&inner.kind, self.base_ty(to)) {
            return Ok(vec![self.big(left_aligned(bytes))]);
        }
        let vals = self.expr(inner)?;
        self.convert(vals, &inner.ty, to).map_err(|e| LowerError { span: inner.span, ..e })
    }

    /// Converts a value between types.
    pub(crate) fn convert(&mut self, vals: Vals, from: &Ty, to: &Ty) -> Res<Vals> {
        if let (Ty::Tuple(sources), Ty::Tuple(targets)) = (from, to) {
            let mut all = Vec::new();
            for ((from, vals), to) in self.split(sources, &vals).into_iter().zip(targets) {
                all.extend(self.convert(vals, &from, to)?);
            }
            return Ok(all);
        }
        let (source, target) = (self.base_ty(from), self.base_ty(to));
        if source.loc().is_some() {
            return self.convert_reference(vals, &source, &target);
        }
        if matches!(source, Ty::Function(_)) || source == target {
            return Ok(vals);
        }
        let v = self.first(&vals);
        Ok(vec![self.convert_word(v, &source, &target)])
    }

    fn convert_word(&mut self, v: Val, from: &Ty, to: &Ty) -> Val {
        match (from, to) {
            (Ty::FixedBytes(a), Ty::FixedBytes(b)) => {
                if b < a {
                    self.keep_high(v, u32::from(*b))
                } else {
                    v
                }
            }
            (Ty::FixedBytes(n), _) => {
                let number = self.shr(256 - 8 * u64::from(*n), v);
                let as_int = Ty::Int { signed: false, bits: 8 * u16::from(*n) };
                self.convert_word(number, &as_int, to)
            }
            (_, Ty::FixedBytes(n)) => self.shl(256 - 8 * u64::from(*n), v),
            (_, Ty::Enum(_)) => {
                self.check_member(v, to);
                v
            }
            (Ty::Int { signed: a, bits: x }, Ty::Int { signed: b, bits: y }) => {
                let widens = y > x && (a == b || *b) || (a == b && x == y);
                if widens { v } else { self.clean(v, to) }
            }
            (Ty::Int { .. }, Ty::Address { .. } | Ty::Contract(_)) => self.clean(v, to),
            (Ty::Address { .. } | Ty::Contract(_), Ty::Int { bits, .. }) if *bits < 160 => self.clean(v, to),
            _ => v,
        }
    }

    fn convert_reference(&mut self, vals: Vals, from: &Ty, to: &Ty) -> Res<Vals> {
        match (from, to) {
            (Ty::Bytes(_) | Ty::String(_), Ty::FixedBytes(n)) => {
                Ok(vec![self.bytes_prefix(&vals, from, *n)?])
            }
            (Ty::Array { .. }, Ty::Array { .. }) if self.elements_differ(from, to) => {
                Err(LowerError::unsupported(
                    "conversion between arrays of different elements",
                    Default::default(),
                ))
            }
            _ if from.loc() == to.loc() => Ok(vals),
            _ => self.move_to(vals, from, to),
        }
    }

    fn elements_differ(&self, from: &Ty, to: &Ty) -> bool {
        to.loc() == Some(Loc::Memory) && from.with_loc(Loc::Memory) != to.with_loc(Loc::Memory)
    }

    fn move_to(&mut self, vals: Vals, from: &Ty, to: &Ty) -> Res<Vals> {
        match to.loc() {
            Some(Loc::Memory) => Ok(vec![self.to_memory(from, &vals)]),
            _ if from.loc() == Some(Loc::Calldata) && words(from) == words(to) => Ok(vals),
            _ => Err(LowerError::unsupported("this change of data location", Default::default())),
        }
    }

    /// Returns the first `n` bytes, zeros where there are fewer.
    fn bytes_prefix(&mut self, vals: &[Val], ty: &Ty, n: u8) -> Res<Val> {
        let at = self.first(vals);
        let (word, len) = match ty.loc() {
            Some(Loc::Calldata) => (self.evm(Evm::Calldataload, &[at]), self.at(vals, 1)),
            Some(Loc::Memory) => {
                let data = self.add_int(at, 32);
                (self.mload(data), self.mload(at))
            }
            _ => {
                let ptr = self.to_memory(ty, vals);
                let data = self.add_int(ptr, 32);
                (self.mload(data), self.mload(ptr))
            }
        };
        let high = self.keep_high(word, u32::from(n));
        let limit = self.int(32);
        let short = self.lt(len, limit);
        let kept = self.choose(short, 1, |fx| Ok(vec![fx.keep_bytes(high, len)]), |_| Ok(vec![high]))?;
        Ok(self.first(&kept))
    }
}
