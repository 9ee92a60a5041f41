//! Is the table of what instructions cost at most, apart from memory and the lengths of what they touch.

/// Says what an instruction costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Price {
    /// The most gas, apart from memory and lengths.
    pub(super) gas: u64,
    /// Operands.
    pub(super) inputs: usize,
    /// Results.
    pub(super) outputs: usize,
}

/// Returns the price of an instruction; none for those that run other code, whose cost nobody knows, and for those
/// that Ethereum does not have.
pub(super) fn price(byte: u8) -> Option<Price> {
    let (gas, inputs, outputs) = match byte {
        0x00 | 0xfe => (0, 0, 0),
        0x01 | 0x03 => (3, 2, 1),
        0x02 | 0x04..=0x07 | 0x0b => (5, 2, 1),
        0x08 | 0x09 => (8, 3, 1),
        // 32 bytes of exponent
        0x0a => (10 + 32 * 50, 2, 1),
        0x10..=0x14 | 0x16..=0x18 | 0x1a..=0x1d => (3, 2, 1),
        0x15 | 0x19 => (3, 1, 1),
        0x1e => (5, 1, 1),
        0x20 => (30, 2, 1),
        0x30 | 0x32..=0x34 | 0x36 | 0x38 | 0x3a | 0x3d => (2, 0, 1),
        0x31 | 0x3b | 0x3f => (COLD_ACCOUNT, 1, 1),
        0x35 => (3, 1, 1),
        0x37 | 0x39 | 0x3e => (3, 3, 0),
        0x3c => (COLD_ACCOUNT, 4, 0),
        0x40 => (20, 1, 1),
        0x41..=0x46 | 0x48 | 0x4a => (2, 0, 1),
        0x47 => (5, 0, 1),
        0x49 => (3, 1, 1),
        0x50 => (2, 1, 0),
        0x51 => (3, 1, 1),
        0x52 | 0x53 => (3, 2, 0),
        0x54 => (2_100, 1, 1),
        // a cold slot that was zero
        0x55 => (2_100 + 20_000, 2, 0),
        0x56 => (8, 1, 0),
        0x57 => (10, 2, 0),
        0x58..=0x5a => (2, 0, 1),
        0x5b => (1, 0, 0),
        0x5c => (100, 1, 1),
        0x5d => (100, 2, 0),
        0x5e => (3, 3, 0),
        0x5f => (2, 0, 1),
        0x60..=0x7f => (3, 0, 1),
        0xa0..=0xa4 => {
            let topics = u64::from(byte - 0xa0);
            (375 * (1 + topics), 2 + topics as usize, 0)
        }
        0xf3 | 0xfd => (0, 2, 0),
        // a cold heir that did not exist
        0xff => (5_000 + COLD_ACCOUNT + 25_000, 1, 0),
        _ => return None,
    };
    Some(Price { gas, inputs, outputs })
}

const COLD_ACCOUNT: u64 = 2_600;

/// Returns what the memory of so many words costs.
pub(super) fn memory(words: u64) -> Option<u64> {
    words.checked_mul(3)?.checked_add(words.checked_mul(words)? / 512)
}
