//! Describes guards of nested calls and evaluates those that need no code (design 4).

use alloy_primitives::{Address, I256, U256};

/// Compares two words. Codes 0 to 5 are `== != < <= > >=` unsigned, 8 to 13 the same signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison(u8);

impl Comparison {
    /// Reads a comparison code; `None` for an unknown one.
    pub fn from_code(code: U256) -> Option<Self> {
        let code = u8::try_from(code).ok()?;
        matches!(code, 0..=5 | 8..=13).then_some(Self(code))
    }

    /// Returns the code.
    pub fn code(self) -> u8 {
        self.0
    }

    /// Is true if `left` compares to `right` as the code says.
    pub fn holds(self, left: U256, right: U256) -> bool {
        match self.0 >= 8 {
            true => Self::decide(self.0 - 8, I256::from_raw(left).cmp(&I256::from_raw(right))),
            false => Self::decide(self.0, left.cmp(&right)),
        }
    }

    fn decide(code: u8, order: std::cmp::Ordering) -> bool {
        match code {
            0 => order.is_eq(),
            1 => order.is_ne(),
            2 => order.is_lt(),
            3 => order.is_le(),
            4 => order.is_gt(),
            _ => order.is_ge(),
        }
    }
}

/// Names what a guard looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Holds always.
    Always = 0,
    /// The storage word `key` of the contract itself.
    OwnWord = 1,
    /// What `key` may send of asset `target`.
    Free = 2,
    /// What `key` owns of asset `target`.
    Owned = 3,
    /// What `key` may use of asset `target` at time `aux`; 0 means now.
    Usable = 4,
    /// The state of grant `target`.
    GrantState = 5,
    /// The state of trigger `target`.
    TriggerState = 6,
    /// How often trigger `target` has fired.
    TriggerFired = 7,
    /// The first word that a STATICCALL to `target` returns.
    StaticCall = 8,
}

impl Kind {
    fn from_word(word: U256) -> Option<Self> {
        Some(match u8::try_from(word).ok()? {
            0 => Self::Always,
            1 => Self::OwnWord,
            2 => Self::Free,
            3 => Self::Owned,
            4 => Self::Usable,
            5 => Self::GrantState,
            6 => Self::TriggerState,
            7 => Self::TriggerFired,
            8 => Self::StaticCall,
            _ => return None,
        })
    }
}

/// Is a guard as its six words in memory give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// What is looked at.
    pub kind: Kind,
    /// The asset, grant, trigger or address looked at.
    pub target: U256,
    /// The storage key, the account, or for a STATICCALL the pointer to its call data.
    pub key: U256,
    /// The time for [`Kind::Usable`], for a STATICCALL the length of its call data.
    pub aux: U256,
    /// How the value found compares to `operand`.
    pub comparison: Comparison,
    /// The right side of the comparison.
    pub operand: U256,
}

/// Is the size of a guard in memory, in bytes.
pub const GUARD_SIZE: usize = 192;

/// Bounds the gas of a guard's STATICCALL, so that a poll has a known price.
pub const GUARD_GAS: u64 = 100_000;

impl Guard {
    /// Reads a guard from its words `kind, target, key, aux, comparison, operand`; `None` for an unknown kind
    /// or comparison. Addresses lose their upper 12 bytes, as in CALL.
    pub fn from_words(words: [U256; 6]) -> Option<Self> {
        let [kind, target, key, aux, comparison, operand] = words;
        Some(Self {
            kind: Kind::from_word(kind)?,
            target,
            key,
            aux,
            comparison: Comparison::from_code(comparison)?,
            operand,
        })
    }

    /// Returns the words that [`Guard::from_words`] reads.
    pub fn to_words(self) -> [U256; 6] {
        let kind = U256::from(self.kind as u8);
        [kind, self.target, self.key, self.aux, U256::from(self.comparison.code()), self.operand]
    }

    /// Is true if `value` passes the comparison.
    pub fn accepts(&self, value: U256) -> bool {
        self.comparison.holds(value, self.operand)
    }

    /// Is true if the output of the guard's STATICCALL passes; less than one word never does.
    pub fn accepts_output(&self, success: bool, output: &[u8]) -> bool {
        match output.first_chunk::<32>() {
            Some(word) if success => self.accepts(U256::from_be_bytes(*word)),
            _ => false,
        }
    }
}

/// Reads an address operand as CALL does: the upper 12 bytes are ignored.
pub fn to_address(word: U256) -> Address {
    Address::from_word(word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_follow_their_codes() {
        let minus = U256::MAX;
        let one = U256::from(1);
        let holds = |code: u8, a, b| Comparison::from_code(U256::from(code)).unwrap().holds(a, b);
        let table = [(0, false), (1, true), (2, false), (3, false), (4, true), (5, true)];
        for (code, unsigned) in table {
            assert_eq!(holds(code, minus, one), unsigned, "unsigned {code}");
            let signed = if code >= 2 { !unsigned } else { unsigned };
            assert_eq!(holds(code + 8, minus, one), signed, "signed {code}");
        }
        for code in [3, 5, 0, 11, 13, 8] {
            assert!(holds(code, minus, minus));
        }
        for code in [6u8, 7, 14, 255] {
            assert!(Comparison::from_code(U256::from(code)).is_none());
        }
    }

    #[test]
    fn guards_survive_their_words_and_refuse_nonsense() {
        let words = [8u64, 0x1234, 64, 4, 13, 7].map(U256::from);
        assert_eq!(Guard::from_words(words).unwrap().to_words(), words);
        assert!(Guard::from_words([9u64, 0, 0, 0, 0, 0].map(U256::from)).is_none());
        assert!(Guard::from_words([0u64, 0, 0, 0, 6, 0].map(U256::from)).is_none());
    }

    #[test]
    fn a_short_output_never_passes() {
        let guard = Guard::from_words([8u64, 1, 0, 0, 0, 0].map(U256::from)).unwrap();
        assert!(!guard.accepts_output(true, &[0; 31]));
        assert!(guard.accepts_output(true, &[0; 32]));
        assert!(!guard.accepts_output(false, &[0; 32]));
    }
}
