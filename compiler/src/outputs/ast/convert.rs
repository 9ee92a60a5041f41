//! Answers which types convert to which, as far as valid programs ask.

use super::declare::World;
use super::types::{Array, Fun, Loc, Mut, Shape, T};
use crate::sema::rational::{fits, smallest_type};
use num_rational::BigRational;
use num_traits::Zero;
use std::rc::Rc;

impl World<'_> {
    /// Is true when a value of type `from` may stand where `to` is wanted.
    pub(super) fn converts(&self, from: &T, to: &T) -> bool {
        if from == to {
            return true;
        }
        match (from, to) {
            (T::Int { signed: a, bits: n }, T::Int { signed: b, bits: m }) => {
                if a == b {
                    n <= m
                } else {
                    !a && n < m
                }
            }
            (T::Rational(value, hex), to) => rational_converts(value, *hex, to),
            (T::Text(bytes), T::FixedBytes(n)) => bytes.len() <= usize::from(*n),
            (T::Text(bytes), T::Array(a)) => {
                a.loc == Loc::Memory
                    && match a.shape {
                        Shape::String => std::str::from_utf8(bytes).is_ok(),
                        Shape::Bytes => true,
                        Shape::Ordinary => false,
                    }
            }
            (T::FixedBytes(n), T::FixedBytes(m)) => n <= m,
            (T::Address { .. }, T::Address { payable: false }) => true,
            (T::Contract(a), T::Contract(b)) => self.derives(*a, *b),
            (T::Super(_), _) => false,
            (T::Array(a), T::Array(b)) => self.array_converts(a, b),
            (T::Slice(a), T::Slice(b)) => a == b,
            (T::Slice(a), T::Array(b)) => self.array_converts(a, b),
            (T::Struct(a, from, from_ptr), T::Struct(b, to, to_ptr)) => {
                a == b && location_converts(*from, *from_ptr, *to, *to_ptr)
            }
            (T::Function(a), T::Function(b)) => function_converts(a, b),
            (T::Tuple(a), T::Tuple(b)) => self.tuple_converts(a, b),
            _ => false,
        }
    }

    fn tuple_converts(&self, from: &[Option<T>], to: &[Option<T>]) -> bool {
        from.len() == to.len()
            && from.iter().zip(to).all(|(a, b)| match (a, b) {
                (_, None) => true,
                (Some(a), Some(b)) => self.converts(a, b),
                (None, Some(_)) => false,
            })
    }

    fn array_converts(&self, from: &Array, to: &Array) -> bool {
        if from.shape != to.shape || !location_converts(from.loc, from.ptr, to.loc, to.ptr) {
            return false;
        }
        if to.loc == Loc::Storage && !to.ptr && from.shape == Shape::Ordinary {
            // Copying into storage converts element by element, and a shorter array fits a longer one.
            let fits = match (from.len, to.len) {
                (_, None) => true,
                (Some(a), Some(b)) => a <= b,
                (None, Some(_)) => false,
            };
            return fits && self.converts(&from.elem, &to.elem);
        }
        from.len == to.len && from.elem.with_loc(Loc::Memory, true) == to.elem.with_loc(Loc::Memory, true)
    }

    /// Returns the type that a value has when it is kept in a variable.
    pub(super) fn mobile(&self, ty: &T) -> Option<T> {
        Some(match ty {
            T::Rational(value, _) => mobile_number(value)?,
            T::Text(_) => T::string_memory(),
            T::Array(a) => ty.with_loc(a.loc, true),
            T::Slice(a) => T::Array(a.clone()).with_loc(a.loc, true),
            T::Struct(_, loc, _) => ty.with_loc(*loc, true),
            T::Tuple(list) => {
                let parts = list.iter().map(|t| match t {
                    Some(t) => self.mobile(t).map(Some),
                    None => Some(None),
                });
                T::Tuple(parts.collect::<Option<_>>()?)
            }
            T::Function(f) => {
                let plain = Fun { gas: false, value: false, salt: false, ..(**f).clone() };
                T::Function(Rc::new(plain))
            }
            other => other.clone(),
        })
    }

    /// Returns the type that both convert to.
    pub(super) fn common(&self, a: &T, b: &T) -> Option<T> {
        if let Some(mobile) = self.mobile(a)
            && self.converts(b, &mobile)
        {
            return Some(mobile);
        }
        self.mobile(b).filter(|mobile| self.converts(a, mobile))
    }
}

fn rational_converts(value: &BigRational, hex: Option<usize>, to: &T) -> bool {
    match to {
        T::Int { signed, bits } => value.is_integer() && fits(&value.to_integer(), *signed, *bits),
        T::FixedBytes(n) => value.is_zero() || hex == Some(usize::from(*n)),
        _ => false,
    }
}

/// Returns the smallest integer type that holds the number; fractions have none.
pub(super) fn mobile_number(value: &BigRational) -> Option<T> {
    if !value.is_integer() {
        return None;
    }
    let (signed, bits) = smallest_type(&value.to_integer())?;
    Some(T::Int { signed, bits })
}

fn location_converts(from: Loc, from_ptr: bool, to: Loc, to_ptr: bool) -> bool {
    match to {
        Loc::Memory => true,
        Loc::Calldata => from == Loc::Calldata,
        Loc::Storage if to_ptr => from == Loc::Storage,
        Loc::Storage => true,
        Loc::Transient => from == Loc::Transient && from_ptr <= to_ptr,
    }
}

fn function_converts(a: &Fun, b: &Fun) -> bool {
    let mutability = a.mutability == b.mutability
        || matches!(
            (a.mutability, b.mutability),
            (Mut::Pure, Mut::View | Mut::NonPayable)
                | (Mut::View, Mut::NonPayable)
                | (Mut::Payable, Mut::NonPayable)
        );
    a.kind == b.kind && mutability && a.params == b.params && a.returns == b.returns && !a.attached
}
