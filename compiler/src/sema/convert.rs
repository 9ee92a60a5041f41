//! Converts values to types, implicitly and explicitly, and says why when it cannot.

use super::body::Body;
use super::fixed;
use super::rational::{self, Rational};
use super::value::{Reach, Val, ValKind, expr};
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;
use alloy_primitives::U256;
use num_bigint::BigInt;
use num_traits::{Signed, Zero};

impl Body<'_> {
    /// Is true when a value may stand where `to` is wanted.
    pub(super) fn can_convert(&self, val: &Val, to: &Ty) -> bool {
        match &val.kind {
            ValKind::Expr(e) => self.c.converts_implicitly(&e.ty, to),
            ValKind::Number(n) => number_fits(n, to),
            ValKind::Text(bytes) => text_fits(bytes, to),
            ValKind::Tuple(list) => match to {
                Ty::Tuple(types) => {
                    list.len() == types.len()
                        && list
                            .iter()
                            .zip(types)
                            .all(|(v, t)| v.as_ref().is_some_and(|v| self.can_convert(v, t)))
                }
                _ => false,
            },
            ValKind::Functions(list) => list
                .iter()
                .any(|c| self.candidate_type(c).is_some_and(|ty| self.c.converts_implicitly(&ty, to))),
            _ => false,
        }
    }

    /// Converts a value to the type wanted at its place, or reports why not.
    pub(super) fn convert(&mut self, val: Val, to: &Ty) -> Option<Expr> {
        if let ValKind::Functions(list) = &val.kind
            && list.len() > 1
        {
            return self.several_functions(val.span);
        }
        if !self.can_convert(&val, to) {
            return self.mismatch(&val, to);
        }
        match val.kind {
            ValKind::Expr(e) => Some(coerce(e, to)),
            ValKind::Number(n) => Some(number(&units(&n, to)?, to, val.span)),
            ValKind::Text(bytes) => Some(text(bytes, to, val.span)),
            ValKind::Tuple(list) => {
                let Ty::Tuple(types) = to else { return None };
                let mut out = Vec::new();
                for (v, t) in list.into_iter().zip(types) {
                    out.push(Some(self.convert(v?, t)?));
                }
                Some(expr(ExprKind::Tuple(out), to.clone(), val.span))
            }
            ValKind::Functions(_) => self.mobile(val).map(|e| coerce(e, to)),
            _ => None,
        }
    }

    /// Converts a value; `number` and `place` are solc's for one that does not fit (without a place: its own).
    pub(super) fn convert_as(&mut self, number: u16, place: Option<Span>, val: Val, to: &Ty) -> Option<Expr> {
        let outer = std::mem::replace(&mut self.mismatch_as, (number, place));
        let converted = self.convert(val, to);
        self.mismatch_as = outer;
        converted
    }

    fn mismatch<X>(&mut self, val: &Val, to: &Ty) -> Option<X> {
        if super::ty::is_poison(to) || val.ty().is_some_and(super::ty::is_poison) {
            return None;
        }
        let wanted = self.c.name_of(to);
        let (number, place) = self.mismatch_as;
        let span = place.unwrap_or(val.span);
        if let ValKind::Number(n) = &val.kind
            && (matches!(to, Ty::Int { .. }) || !n.value.is_integer())
        {
            let message = match () {
                () if n.value.is_integer() => format!("the number does not fit `{wanted}`"),
                () if matches!(to, Ty::Int { .. }) => format!("the number is not whole, `{wanted}` is"),
                () => format!("expected `{wanted}`, found a number that is not whole"),
            };
            let number = match number {
                _ if n.value.is_integer() => number,
                9574 if fixed::smallest_type(n).as_ref() == Some(to) => 5107,
                9574 => 4486,
                7407 if fixed::smallest_type(n).as_ref() == Some(to) => 4426,
                7407 => 2326,
                _ => number,
            };
            let diagnostic = Diagnostic::error(codes::LITERAL_OUT_OF_RANGE.solc(number), span, message);
            self.c.diags.push(if span == val.span {
                diagnostic
            } else {
                diagnostic.at(val.span, "this one")
            });
            return None;
        }
        let found = self.describe(val);
        let mut diagnostic = Diagnostic::error(
            codes::TYPE_MISMATCH.solc(number),
            span,
            format!("expected `{wanted}`, found {found}"),
        );
        if span != val.span {
            diagnostic = diagnostic.at(val.span, format!("this is {found}"));
        }
        if let Some(from) = val.ty()
            && self.c.converts_explicitly(from, to)
        {
            diagnostic =
                diagnostic.help(format!("convert it explicitly: `{}(...)`", self.c.bare_name_of(to)));
        }
        self.c.diags.push(diagnostic);
        None
    }

    /// Spells what a value is, for messages.
    pub(super) fn describe(&self, val: &Val) -> String {
        match &val.kind {
            ValKind::Expr(e) => format!("`{}`", self.c.name_of(&e.ty)),
            ValKind::Number(_) => "a number".into(),
            ValKind::Text(_) => "a string literal".into(),
            ValKind::Type(_) => "a type".into(),
            ValKind::Functions(_) | ValKind::Builtin(..) => "a function".into(),
            ValKind::Tuple(list) => format!("a tuple of {}", list.len()),
            ValKind::Events(_) => "an event".into(),
            ValKind::Error(_) => "an error".into(),
            ValKind::Module(_) => "a module".into(),
            _ => "something that is not a value".into(),
        }
    }

    /// Gives a value its own type: literals take the smallest that fits.
    pub(super) fn mobile(&mut self, val: Val) -> Option<Expr> {
        let span = val.span;
        match val.kind {
            ValKind::Expr(e) => Some(e),
            ValKind::Number(n) if !n.value.is_integer() => {
                let Some(ty) = fixed::smallest_type(&n) else {
                    let finding = codes::LITERAL_OUT_OF_RANGE.solc(9563);
                    return self.c.fail(finding, span, "no type holds this number");
                };
                self.c.hir.fixed_point.get_or_insert(span);
                Some(number(&n.value.to_integer(), &ty, span))
            }
            ValKind::Number(n) => {
                let fitting = n.integer().and_then(|i| Some((rational::smallest_type(&i)?, i)));
                let Some(((signed, bits), value)) = fitting else {
                    return self.c.fail(
                        codes::LITERAL_OUT_OF_RANGE.solc(9563),
                        span,
                        "no integer type holds this number",
                    );
                };
                Some(number(&value, &Ty::Int { signed, bits }, span))
            }
            ValKind::Text(bytes) => {
                let ty = if std::str::from_utf8(&bytes).is_ok() {
                    Ty::String(Loc::Memory)
                } else {
                    Ty::Bytes(Loc::Memory)
                };
                Some(text(bytes, &ty, span))
            }
            ValKind::Functions(list) => match list.as_slice() {
                [one] => self.function_value(one.clone(), span),
                _ => self.several_functions(span),
            },
            ValKind::Tuple(list) => {
                let mut out = Vec::new();
                let mut types = Vec::new();
                for item in list {
                    let Some(item) = item else {
                        return self.c.fail(
                            codes::BAD_TUPLE.solc(8381),
                            span,
                            "a tuple's component is missing",
                        );
                    };
                    let item = self.mobile(item)?;
                    types.push(item.ty.clone());
                    out.push(Some(item));
                }
                Some(expr(ExprKind::Tuple(out), Ty::Tuple(types), span))
            }
            other => {
                let found = self.describe(&Val { kind: other, span });
                self.c.fail(codes::TYPE_MISMATCH.solc(9563), span, format!("expected a value, found {found}"))
            }
        }
    }

    /// Reports an overloaded name that is not called.
    pub(super) fn several_functions<X>(&mut self, span: Span) -> Option<X> {
        self.c.fail(codes::AMBIGUOUS.solc(2144), span, "this name means several functions")
    }

    /// Returns the type a function has as a value.
    pub(super) fn candidate_type(&self, c: &super::value::Candidate) -> Option<Ty> {
        let external = match &c.reach {
            Reach::Internal(_) if c.bound.is_none() => false,
            Reach::External(..) => true,
            _ => return None,
        };
        let memory = |list: &[Ty]| {
            list.iter().map(|t| if external { t.with_loc(Loc::Memory) } else { t.clone() }).collect()
        };
        let mutability = if external || c.mutability != Mutability::Payable {
            c.mutability
        } else {
            Mutability::NonPayable
        };
        Some(Ty::Function(Box::new(FnTy {
            params: memory(&c.params),
            returns: memory(&c.returns),
            mutability,
            external,
        })))
    }

    fn function_value(&mut self, c: super::value::Candidate, span: Span) -> Option<Expr> {
        let Some(ty) = self.candidate_type(&c) else {
            return self.c.fail(
                codes::TYPE_MISMATCH.solc(9563),
                span,
                "this function can be called but not kept as a value",
            );
        };
        let kind = match c.reach {
            Reach::Internal(callee) => {
                self.note_callee(callee);
                ExprKind::FunctionPointer(callee)
            }
            Reach::External(base, selector) => ExprKind::ExternalFunction { base, selector },
            _ => return None,
        };
        Some(expr(kind, ty, span))
    }

    /// Converts by `T(x)`.
    pub(super) fn convert_explicitly(&mut self, val: Val, to: &Ty, span: Span) -> Option<Expr> {
        if let ValKind::Number(n) = &val.kind {
            return self.convert_number(n.clone(), val.span, to, span);
        }
        if let ValKind::Text(bytes) = &val.kind {
            if text_fits(bytes, to) {
                return Some(text(bytes.clone(), to, span));
            }
            return self.bad_conversion(&val, to, span);
        }
        if let (ValKind::Type(Ty::Contract(id)), Ty::Address { .. }) = (&val.kind, to)
            && self.c.is_library(*id)
        {
            return Some(expr(ExprKind::LibraryAddress(*id), to.clone(), span));
        }
        if let ValKind::Functions(_) = &val.kind
            && self.can_convert(&val, to)
        {
            return self.convert(val, to);
        }
        let ValKind::Expr(_) = &val.kind else { return self.bad_conversion(&val, to, span) };
        let from = val.ty()?.clone();
        // `bytes` and `string` change only their name: the data stays where it is.
        let to = match (&from, to) {
            (Ty::Bytes(loc), Ty::String(_)) => Ty::String(*loc),
            (Ty::String(loc), Ty::Bytes(_)) => Ty::Bytes(*loc),
            (Ty::Bytes(loc), Ty::Bytes(_)) => Ty::Bytes(*loc),
            (Ty::String(loc), Ty::String(_)) => Ty::String(*loc),
            (Ty::Array { loc, .. }, Ty::Array { .. }) => to.with_loc(*loc),
            _ => to.clone(),
        };
        if !self.c.converts_explicitly(&from, &to) {
            return self.bad_conversion(&val, &to, span);
        }
        let e = self.mobile(val)?;
        Some(Expr { span, ..coerce(e, &to) })
    }

    fn bad_conversion<X>(&mut self, val: &Val, to: &Ty, span: Span) -> Option<X> {
        let message = format!("{} cannot be converted to `{}`", self.describe(val), self.c.bare_name_of(to));
        let number = match (val.ty(), to) {
            (Some(Ty::Address { payable: false }), Ty::Contract(_)) => 7398,
            (_, Ty::Address { .. }) if self.quiet_type(val).is_some_and(|t| is_external(&t)) => 5030,
            _ => 9640,
        };
        let mut diagnostic = Diagnostic::error(codes::BAD_CONVERSION.solc(number), span, message);
        if let (Some(Ty::Int { .. }), Ty::Address { .. }) = (val.ty(), to) {
            diagnostic = diagnostic.help("go through `uint160`");
        }
        if let (Some(Ty::Address { payable: false }), Ty::Contract(_)) = (val.ty(), to) {
            diagnostic = diagnostic.help("the contract takes value: go through `payable(...)`");
        }
        self.c.diags.push(diagnostic);
        None
    }

    fn convert_number(&mut self, n: Rational, at: Span, to: &Ty, span: Span) -> Option<Expr> {
        let val = Val { kind: ValKind::Number(n.clone()), span: at };
        if number_fits(&n, to) {
            return self.convert(val, to).map(|e| Expr { span, ..e });
        }
        let whole = n.integer();
        match (to, whole) {
            (Ty::Address { payable }, Some(value))
                if !value.is_negative() && rational::fits(&value, false, 160) =>
            {
                if *payable && !value.is_zero() {
                    // `payable(1)` goes through address as in solc.
                    return Some(number(&value, to, span));
                }
                Some(number(&value, to, span))
            }
            (Ty::Enum(id), Some(value)) => {
                let count = self.c.hir.enums.get(id.index()).map_or(0, |e| e.members.len());
                if value.is_negative() || value >= BigInt::from(count) {
                    return self.c.fail(
                        codes::LITERAL_OUT_OF_RANGE.solc(9640),
                        span,
                        format!("the enum has {count} members"),
                    );
                }
                Some(number(&value, to, span))
            }
            (Ty::Int { .. }, _) => {
                let outer = std::mem::replace(&mut self.mismatch_as, (9640, Some(span)));
                let refused = self.mismatch(&val, to);
                self.mismatch_as = outer;
                refused
            }
            _ => self.bad_conversion(&val, to, span),
        }
    }
}

fn is_external(ty: &Ty) -> bool {
    matches!(ty, Ty::Function(f) if f.external)
}

/// Wraps an expression in a conversion unless it has the type already.
pub(super) fn coerce(e: Expr, to: &Ty) -> Expr {
    if e.ty == *to {
        return e;
    }
    // A tuple is converted by its components.
    if let (ExprKind::Tuple(list), Ty::Tuple(types)) = (&e.kind, to)
        && list.len() == types.len()
    {
        let list = list.iter().cloned().zip(types).map(|(item, t)| item.map(|e| coerce(e, t))).collect();
        return expr(ExprKind::Tuple(list), to.clone(), e.span);
    }
    let span = e.span;
    expr(ExprKind::Convert(Box::new(e)), to.clone(), span)
}

/// Returns a literal number in units of a type that it fits.
fn units(n: &Rational, to: &Ty) -> Option<BigInt> {
    match to {
        Ty::Fixed { .. } => fixed::scaled(n, to),
        _ => n.integer(),
    }
}

/// Is true when a literal number may stand for a value of type `to`.
pub(super) fn number_fits(n: &Rational, to: &Ty) -> bool {
    if let Ty::Fixed { .. } = to {
        return fixed::scaled(n, to).is_some();
    }
    let Some(value) = n.integer() else { return false };
    match to {
        Ty::Int { signed, bits } => rational::fits(&value, *signed, *bits),
        Ty::FixedBytes(size) => {
            (value.is_zero() && n.hex_bytes.is_none_or(|b| b == usize::from(*size) || value.is_zero()))
                || n.hex_bytes == Some(usize::from(*size))
        }
        _ => false,
    }
}

/// Is true when a string literal may stand for a value of type `to`.
pub(super) fn text_fits(bytes: &[u8], to: &Ty) -> bool {
    match to {
        Ty::FixedBytes(n) => bytes.len() <= usize::from(*n),
        Ty::String(Loc::Memory) => std::str::from_utf8(bytes).is_ok(),
        Ty::Bytes(Loc::Memory) => true,
        _ => false,
    }
}

/// Makes the word of a whole number for a type that it fits.
pub(super) fn number(value: &BigInt, ty: &Ty, span: Span) -> Expr {
    let word = rational::to_word(value);
    let word = match ty {
        Ty::FixedBytes(n) => word << (256 - 8 * usize::from(*n)),
        _ => word,
    };
    expr(ExprKind::Number(word), ty.clone(), span)
}

/// Makes a string literal of type `ty`.
pub(super) fn text(bytes: Vec<u8>, ty: &Ty, span: Span) -> Expr {
    match ty {
        Ty::FixedBytes(_) => {
            let mut word = [0u8; 32];
            for (to, from) in word.iter_mut().zip(&bytes) {
                *to = *from;
            }
            expr(ExprKind::Number(U256::from_be_bytes(word)), ty.clone(), span)
        }
        _ => expr(ExprKind::Literal(bytes), ty.with_loc(Loc::Memory), span),
    }
}
