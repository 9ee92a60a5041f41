//! Writes and reads plans and cursors as canonical bytes: big endian, counted, bounded, no spare bytes.

use alloy_primitives::U256;

/// Bounds an encoded plan, in bytes.
pub const PLAN_BYTES_MAX: usize = 256 * 1024;

/// Says why bytes are no plan or cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes end too early.
    #[error("the bytes end too early")]
    Short,
    /// Bytes are left over.
    #[error("bytes are left over")]
    Spare,
    /// The bytes or a list in them are longer than allowed.
    #[error("the bytes or a list in them are longer than allowed")]
    Long,
    /// A tag, version or flag is unknown, or a text is not UTF-8.
    #[error("a tag, version or flag is unknown")]
    Tag,
}

/// Appends canonical bytes.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u128(&mut self, value: u128) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u256(&mut self, value: U256) -> &mut Self {
        self.raw(&value.to_be_bytes::<32>())
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends a length and the bytes. Lists here are far below 2^32, which `usize as u32` keeps.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len()).raw(bytes)
    }

    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

/// Takes canonical bytes off the front.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts on bytes that are no longer than `most`.
    pub(crate) fn new(bytes: &'a [u8], most: usize) -> Result<Self, CodecError> {
        match bytes.len() <= most {
            true => Ok(Self(bytes)),
            false => Err(CodecError::Long),
        }
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(CodecError::Short)?;
        self.0 = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(CodecError::Short)?;
        self.0 = tail;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, CodecError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, CodecError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(CodecError::Tag),
        }
    }

    pub(crate) fn u32(&mut self) -> Result<u32, CodecError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, CodecError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub(crate) fn u128(&mut self) -> Result<u128, CodecError> {
        Ok(u128::from_be_bytes(self.array()?))
    }

    pub(crate) fn u256(&mut self) -> Result<U256, CodecError> {
        Ok(U256::from_be_bytes(self.array::<32>()?))
    }

    /// Reads a count of things that take at least `size` bytes each, so that a lie costs no memory.
    pub(crate) fn count(&mut self, size: usize) -> Result<usize, CodecError> {
        let count = usize::try_from(self.u32()?).map_err(|_| CodecError::Long)?;
        match count.checked_mul(size.max(1)).is_some_and(|bytes| bytes <= self.0.len()) {
            true => Ok(count),
            false => Err(CodecError::Short),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], CodecError> {
        let count = self.count(1)?;
        self.take(count)
    }

    pub(crate) fn text(&mut self) -> Result<String, CodecError> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| CodecError::Tag)
    }

    /// Ends the reading; spare bytes are an error.
    pub(crate) fn end(self) -> Result<(), CodecError> {
        match self.0 {
            [] => Ok(()),
            _ => Err(CodecError::Spare),
        }
    }
}
