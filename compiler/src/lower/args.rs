//! Evaluates arguments in the order in which they are written.

use super::cx::{Res, broken};
use super::fx::Fx;
use crate::hir::{Expr, ExprKind};

impl<'h> Fx<'_, 'h, '_> {
    /// Runs `each` on every argument, by its number among the parameters, in the order as written; the results
    /// come in the order of the parameters.
    pub(crate) fn each_argument<X>(
        &mut self,
        args: &'h [Expr],
        mut each: impl FnMut(&mut Self, usize, &'h Expr) -> Res<X>,
    ) -> Res<Vec<X>> {
        let mut order: Vec<usize> = (0..args.len()).collect();
        order.sort_by_key(|i| args.get(*i).map(|arg| position(*i, arg)));
        let mut results: Vec<Option<X>> = args.iter().map(|_| None).collect();
        for i in order {
            let arg = args.get(i).map(argument).ok_or_else(|| broken("argument"))?;
            let result = each(self, i, arg)?;
            if let Some(slot) = results.get_mut(i) {
                *slot = Some(result);
            }
        }
        results.into_iter().collect::<Option<_>>().ok_or_else(|| broken("argument"))
    }
}

/// Returns the place of an argument as written; `declared` where that is also its place among the parameters.
pub(crate) fn position(declared: usize, arg: &Expr) -> usize {
    match &arg.kind {
        ExprKind::Written { position, .. } => *position as usize,
        _ => declared,
    }
}

/// Returns the argument itself, whatever its place.
fn argument(arg: &Expr) -> &Expr {
    match &arg.kind {
        ExprKind::Written { value, .. } => value,
        _ => arg,
    }
}
