//! Lowers `require`, `assert`, `revert` and custom errors.

use super::abi_encode::Typed;
use super::cx::{Res, broken};
use super::expr::left_aligned;
use super::fault::RevertStrings;
use super::fx::{Fx, Val};
use super::util::Util;
use crate::hir::{ErrorId, Expr, ExprKind, Loc};
use crate::ir::Terminator;
use alloy_primitives::U256;

/// The selector of `Error(string)`, in the high bytes of a word.
fn error_selector() -> U256 {
    U256::from(0x08c3_79a0_u64) << 224
}

/// Is a message with its literal text, if it is one.
pub(crate) enum Message<'h> {
    Literal(&'h [u8]),
    /// A string in memory.
    Value(Val),
}

impl<'h> Fx<'_, 'h, '_> {
    /// Evaluates a message of `require` or `revert`.
    pub(crate) fn message(&mut self, e: &'h Expr) -> Res<Message<'h>> {
        let inner = match &e.kind {
            ExprKind::Convert(inner) => inner,
            _ => e,
        };
        if let ExprKind::Literal(bytes) = &inner.kind {
            return Ok(Message::Literal(bytes));
        }
        let vals = self.expr_as(e, &e.ty.with_loc(crate::hir::Loc::Memory))?;
        Ok(Message::Value(self.first(&vals)))
    }

    /// Reverts with `Error(string)` now.
    pub(crate) fn revert_message(&mut self, message: &Message<'h>) -> Res<()> {
        match message {
            _ if self.cx.settings.revert_strings == RevertStrings::Strip => self.revert_now(),
            Message::Literal(bytes) => self.revert_literal(bytes),
            Message::Value(ptr) => {
                self.util(Util::RevertString, &[*ptr], 0);
                self.revert_now();
            }
        }
        Ok(())
    }

    /// Reverts with `Error(string)` of a literal now.
    pub(crate) fn revert_literal(&mut self, bytes: &[u8]) {
        // memory is given up, so that the data may stand at 0
        let (zero, selector) = (self.int(0), self.big(error_selector()));
        self.mstore(zero, selector);
        let (at, offset) = (self.int(4), self.int(32));
        self.mstore(at, offset);
        let (at, len) = (self.int(36), self.int(bytes.len() as u64));
        self.mstore(at, len);
        if bytes.len() > 96 {
            let to = self.int(68);
            self.write_literal(bytes, to);
        } else {
            for (i, chunk) in bytes.chunks(32).enumerate() {
                let (at, word) = (self.int(68 + 32 * i as u64), self.big(left_aligned(chunk)));
                self.mstore(at, word);
            }
        }
        let size = self.int(68 + 32 * bytes.len().div_ceil(32) as u64);
        self.b.terminate(Terminator::Revert(zero, size));
    }

    /// Builds [`Util::RevertString`].
    pub(crate) fn build_revert_string(&mut self) -> Res<()> {
        let ptr = self.param(0);
        let selector = self.big(error_selector());
        let ty = crate::hir::Ty::String(crate::hir::Loc::Memory);
        let (start, len) = self.encode_scratch(Some(selector), &[(ty, vec![ptr])])?;
        self.b.terminate(Terminator::Revert(start, len));
        Ok(())
    }

    /// Evaluates the arguments of a custom error or event.
    pub(crate) fn typed_args(&mut self, args: &'h [Expr]) -> Res<Vec<Typed>> {
        self.each_argument(args, |fx, _, arg| {
            let arg = unmoved(arg);
            Ok((arg.ty.clone(), fx.expr(arg)?))
        })
    }

    /// Reverts with a custom error now.
    pub(crate) fn revert_error(&mut self, error: ErrorId, args: &[Typed]) -> Res<()> {
        self.cx.raised.errors.insert(error);
        let def = self.cx.hir.errors.get(error.index()).ok_or_else(|| broken("error"))?;
        let selector = self.big(left_aligned(&def.selector));
        if args.iter().all(|(ty, _)| ty.loc().is_none()) {
            let zero = self.int(0);
            self.mstore(zero, selector);
            let data = self.int(4);
            let end = self.encode(args, data)?;
            self.b.terminate(Terminator::Revert(zero, end));
            return Ok(());
        }
        let (start, len) = self.encode_scratch(Some(selector), args)?;
        self.b.terminate(Terminator::Revert(start, len));
        Ok(())
    }

    /// Builds what happens when a condition does not hold.
    pub(crate) fn unless(&mut self, cond: Val, body: impl FnOnce(&mut Self) -> Res<()>) -> Res<()> {
        let (bad, next) = (self.block(), self.block());
        self.b.branch(cond, next, bad);
        self.enter(bad);
        body(self)?;
        self.enter(next);
        Ok(())
    }
}

/// Returns the expression below a mere change of data location: what is encoded needs no copy in memory first.
pub(crate) fn unmoved(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Convert(inner)
            if matches!(inner.ty.loc(), Some(Loc::Calldata | Loc::Storage))
                && inner.ty.with_loc(Loc::Memory) == e.ty.with_loc(Loc::Memory) =>
        {
            inner
        }
        _ => e,
    }
}
