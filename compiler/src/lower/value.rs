//! Knows values held in words: cleaning, validation, zero values, and their packed form in storage.

use super::cx::Res;
use super::fx::{Fx, Val, Vals, low_mask, panics};
use super::util::Util;
use crate::hir::{Loc, Ty};
use crate::ir::Evm;
use crate::layout::packed_bytes;
use alloy_primitives::U256;

/// Says what an invalid value leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Invalid {
    Revert,
    Panic,
}

impl Fx<'_, '_, '_> {
    /// Returns the type below user-defined value types.
    pub(crate) fn base_ty(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Udvt(id) => {
                self.cx.hir.udvts.get(id.index()).map_or_else(|| ty.clone(), |u| self.base_ty(&u.underlying))
            }
            other => other.clone(),
        }
    }

    /// Forces a word into the range of its type; an enum out of range panics.
    pub(crate) fn clean(&mut self, v: Val, ty: &Ty) -> Val {
        match self.base_ty(ty) {
            Ty::Bool => {
                let not = self.iszero(v);
                self.iszero(not)
            }
            Ty::Int { signed: true, bits } => self.sign_extend(v, bits),
            Ty::Int { signed: false, bits } => self.and_mask(v, u32::from(bits)),
            Ty::Address { .. } | Ty::Contract(_) => self.and_mask(v, 160),
            Ty::FixedBytes(n) => self.keep_high(v, u32::from(n)),
            Ty::Enum(_) => {
                self.check_enum(v, ty, Invalid::Panic);
                v
            }
            _ => v,
        }
    }

    pub(crate) fn sign_extend(&mut self, v: Val, bits: u16) -> Val {
        if bits >= 256 {
            return v;
        }
        let top = self.int(u64::from(bits / 8).saturating_sub(1));
        self.evm(Evm::Signextend, &[top, v])
    }

    pub(crate) fn keep_high(&mut self, v: Val, bytes: u32) -> Val {
        if bytes >= 32 {
            return v;
        }
        let mask = self.big(!low_mask(256 - 8 * bytes));
        self.and(v, mask)
    }

    fn check_enum(&mut self, v: Val, ty: &Ty, invalid: Invalid) {
        let Ty::Enum(id) = self.base_ty(ty) else { return };
        let members = self.cx.hir.enums.get(id.index()).map_or(0, |e| e.members.len());
        let last = self.int((members as u64).saturating_sub(1));
        let beyond = self.gt(v, last);
        match invalid {
            Invalid::Revert => self.revert_if(beyond),
            Invalid::Panic => self.panic_if(beyond, panics::ENUM),
        }
    }

    /// Panics unless a word is a member of an enum.
    pub(crate) fn check_member(&mut self, v: Val, ty: &Ty) {
        self.check_enum(v, ty, Invalid::Panic);
    }

    /// Reverts unless a word from outside is in the range of its type.
    pub(crate) fn validate(&mut self, v: Val, ty: &Ty) {
        match self.base_ty(ty) {
            Ty::Bool => {
                let one = self.int(1);
                let bad = self.gt(v, one);
                self.revert_if(bad);
            }
            Ty::Int { signed: true, bits } if bits < 256 => {
                let clean = self.sign_extend(v, bits);
                let same = self.eq(v, clean);
                self.revert_unless(same);
            }
            Ty::Int { signed: false, bits } if bits < 256 => {
                let bad = self.shr(u64::from(bits), v);
                self.revert_if(bad);
            }
            Ty::Address { .. } | Ty::Contract(_) => {
                let bad = self.shr(160, v);
                self.revert_if(bad);
            }
            Ty::FixedBytes(n) if n < 32 => {
                let bad = self.shl(8 * u64::from(n), v);
                self.revert_if(bad);
            }
            Ty::Enum(_) => self.check_enum(v, ty, Invalid::Revert),
            _ => {}
        }
    }

    /// Returns the value that a declaration without initialiser gives.
    pub(crate) fn default_value(&mut self, ty: &Ty) -> Res<Vals> {
        Ok(match ty {
            Ty::Tuple(items) => {
                let mut all = Vec::new();
                for item in items {
                    all.extend(self.default_value(item)?);
                }
                all
            }
            Ty::Bytes(Loc::Memory)
            | Ty::String(Loc::Memory)
            | Ty::Array { len: None, loc: Loc::Memory, .. } => {
                vec![self.int(0x60)]
            }
            Ty::Struct(_, Loc::Memory) | Ty::Array { loc: Loc::Memory, .. } => {
                self.util(Util::AllocZero(ty.clone()), &[], 1)
            }
            Ty::Bytes(Loc::Calldata)
            | Ty::String(Loc::Calldata)
            | Ty::Array { len: None, loc: Loc::Calldata, .. } => {
                vec![self.evm(Evm::Calldatasize, &[]), self.int(0)]
            }
            other => vec![self.int(0); super::cx::words(other)],
        })
    }

    /// Joins address and selector of an external function to 24 bytes at the low end.
    pub(crate) fn join_function(&mut self, vals: &[Val]) -> Val {
        let (address, selector) = (self.at(vals, 0), self.at(vals, 1));
        let high = self.shl(32, address);
        self.or(high, selector)
    }
    /// Splits 24 bytes at the low end to address and selector.
    pub(crate) fn split_function(&mut self, v: Val) -> Vals {
        let address = self.shr(32, v);
        let address = self.and_mask(address, 160);
        vec![address, self.and_mask(v, 32)]
    }

    /// Returns the word that stands for a value in memory and in the ABI.
    pub(crate) fn to_word(&mut self, vals: &[Val], ty: &Ty) -> Val {
        match ty {
            Ty::Function(f) if f.external => {
                let joined = self.join_function(vals);
                self.shl(64, joined)
            }
            _ => self.first(vals),
        }
    }
    /// Returns the value that a word of memory stands for.
    pub(crate) fn from_word(&mut self, word: Val, ty: &Ty) -> Vals {
        match ty {
            Ty::Function(f) if f.external => {
                let low = self.shr(64, word);
                self.split_function(low)
            }
            Ty::Enum(_) => {
                self.check_member(word, ty);
                vec![word]
            }
            _ if ty.is_value() => vec![self.clean(word, ty)],
            _ => vec![word],
        }
    }

    /// Returns a value as the low bytes of a word, other bits 0.
    pub(crate) fn to_packed(&mut self, vals: &[Val], ty: &Ty) -> Val {
        let v = self.first(vals);
        match self.base_ty(ty) {
            Ty::Function(f) if f.external => self.join_function(vals),
            Ty::FixedBytes(n) => self.shr(256 - 8 * u64::from(n), v),
            Ty::Int { signed: true, bits } => self.and_mask(v, u32::from(bits)),
            _ => v,
        }
    }
    /// Returns the value whose packed form is in the low bytes of a word; other bits may be set.
    pub(crate) fn from_packed(&mut self, v: Val, ty: &Ty) -> Vals {
        match self.base_ty(ty) {
            Ty::Function(f) if f.external => self.split_function(v),
            Ty::FixedBytes(n) => vec![self.shl(256 - 8 * u64::from(n), v)],
            Ty::Int { signed: true, bits } => vec![self.sign_extend(v, bits)],
            Ty::Bool => {
                let low = self.and_mask(v, 8);
                let not = self.iszero(low);
                vec![self.iszero(not)]
            }
            Ty::Enum(_) => {
                let low = self.and_mask(v, 8);
                self.check_member(low, ty);
                vec![low]
            }
            other => {
                let bits = 8 * packed_bytes(self.cx.hir, &other);
                vec![self.and_mask(v, bits)]
            }
        }
    }

    /// Returns the bytes of a memory object without dynamic length.
    pub(crate) fn fixed_memory_bytes(&self, ty: &Ty) -> Res<U256> {
        Ok(match ty {
            Ty::Struct(..) => U256::from(32 * self.cx.fields(ty)?.len()),
            Ty::Array { len: Some(len), .. } => len.saturating_mul(U256::from(32)),
            _ => U256::from(32),
        })
    }
}
