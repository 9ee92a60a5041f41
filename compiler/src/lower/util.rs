//! Names the compiler's own routines; each is built once per module when first called.

use super::cx::{Res, words};
use super::fault::Fault;
use super::fx::{Fx, Val};
use crate::hir::Ty;

/// Says where encoded data is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    Calldata,
    Memory,
}

/// Is a routine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Util {
    /// (base, head pointer) -> reference to dynamic calldata.
    /// True when the encoder asks, which fails in other words.
    CalldataTail(Ty, bool),
    /// (word of a storage slot) -> length of `bytes`.
    BytesLength,
    /// (slot, its word, index) -> (slot, byte).
    BytesAt,
    /// (slot, its word, length, memory pointer).
    CopyStorageBytes,
    /// (slot, old length, new length).
    ClearBytesTail,
    /// (from, to).
    ClearSlots,
    /// (slot) -> (slot, byte).
    BytesPush,
    /// (slot).
    BytesPop,
    /// (words of the source, slot): deep copy to storage.
    Store(Ty, Ty),
    /// (words of the source) -> pointer: deep copy to memory.
    ToMemory(Ty),
    /// (slot): zeroes what a reference type takes.
    Clear(Ty),
    /// (slot, new length): sets an array's length and zeroes elements past it.
    Resize(Ty),
    /// () -> pointer: zeroed struct or static array.
    AllocZero(Ty),
    /// (length) -> pointer: zeroed dynamic array or bytes.
    NewArray(Ty),
    /// (words, pointer) -> end: the ABI encoding of a dynamic type's tail, or a static one in place.
    Encode(Ty),
    /// (words, pointer) -> end: elements one after the other without lengths and offsets.
    EncodeFlat(Ty),
    /// (pointer, end) -> words.
    Decode(Ty, Source),
    /// (base, exponent) -> power; panics on overflow.
    CheckedPow(bool, u16),
    /// Reverts with the return data.
    Bubble,
    /// () -> pointer to a copy of the return data as `bytes`.
    ReturnData,
    /// (length) of a revert with `Error(string)`: (pointer to string).
    RevertString,
    /// (to, from, length): copies memory word by word.
    CopyMemory,
    /// Reverts with what a fault says.
    Refuse(Fault),
}

impl Util {
    /// Returns the name shown in listings.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::CalldataTail(..) => "calldata_tail",
            Self::BytesLength => "bytes_length",
            Self::BytesAt => "bytes_at",
            Self::CopyStorageBytes => "copy_storage_bytes",
            Self::ClearBytesTail => "clear_bytes_tail",
            Self::ClearSlots => "clear_slots",
            Self::BytesPush => "bytes_push",
            Self::BytesPop => "bytes_pop",
            Self::Store(..) => "store",
            Self::ToMemory(_) => "to_memory",
            Self::Clear(_) => "clear",
            Self::Resize(_) => "resize",
            Self::AllocZero(_) => "alloc_zero",
            Self::NewArray(_) => "new_array",
            Self::Encode(_) => "encode",
            Self::EncodeFlat(_) => "encode_flat",
            Self::Decode(..) => "decode",
            Self::CheckedPow(..) => "checked_pow",
            Self::Bubble => "bubble",
            Self::ReturnData => "return_data",
            Self::RevertString => "revert_string",
            Self::CopyMemory => "copy_memory",
            Self::Refuse(_) => "refuse",
        }
    }
}

impl Fx<'_, '_, '_> {
    /// Builds the body of a routine.
    pub(crate) fn build_util(&mut self, util: &Util) -> Res<()> {
        match util {
            Util::CalldataTail(ty, encoding) => self.build_calldata_tail(ty, *encoding),
            Util::BytesLength => self.build_bytes_length(),
            Util::BytesAt => self.build_bytes_at(),
            Util::CopyStorageBytes => self.build_copy_storage_bytes(),
            Util::ClearBytesTail => self.build_clear_bytes_tail(),
            Util::ClearSlots => self.build_clear_slots(),
            Util::BytesPush => self.build_bytes_push(),
            Util::BytesPop => self.build_bytes_pop(),
            Util::Store(from, to) => self.build_store(from, to),
            Util::ToMemory(ty) => self.build_to_memory(ty),
            Util::Clear(ty) => self.build_clear(ty),
            Util::Resize(ty) => self.build_resize(ty),
            Util::AllocZero(ty) => self.build_alloc_zero(ty),
            Util::NewArray(ty) => self.build_new_array(ty),
            Util::Encode(ty) => {
                self.encoding = true;
                let (vals, pos) = self.source_and_last(ty);
                let end = self.encode_reference(ty, &vals, pos)?;
                self.b.ret(&[end]);
                Ok(())
            }
            Util::EncodeFlat(ty) => {
                self.encoding = true;
                let (vals, pos) = self.source_and_last(ty);
                let end = self.encode_flat_reference(ty, &vals, pos)?;
                self.b.ret(&[end]);
                Ok(())
            }
            Util::Decode(ty, source) => self.build_decode(ty, *source),
            Util::CheckedPow(signed, bits) => self.build_checked_pow(*signed, *bits),
            Util::Bubble => self.build_bubble(),
            Util::ReturnData => self.build_return_data(),
            Util::RevertString => self.build_revert_string(),
            Util::CopyMemory => self.build_copy_memory(),
            Util::Refuse(fault) => self.build_refuse(*fault),
        }
    }

    fn build_copy_memory(&mut self) -> Res<()> {
        let (to, from, bytes) = (self.param(0), self.param(1), self.param(2));
        let rounded = self.add_int(bytes, 31);
        let words = self.shr(5, rounded);
        self.count_up(words, |fx, i| {
            let offset = fx.shl(5, i);
            let (source, target) = (fx.add(from, offset), fx.add(to, offset));
            let word = fx.mload(source);
            fx.mstore(target, word);
            Ok(())
        })?;
        self.b.ret(&[]);
        Ok(())
    }

    fn source_and_last(&mut self, ty: &Ty) -> (Vec<Val>, Val) {
        let n = words(ty);
        (self.params(0, n), self.param(n))
    }
}
