//! Makes random arguments from a seed; small and extreme values are frequent.

use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::{Address, B256, Function, I256, U256};

/// Is a generator of random numbers (xorshift*), the same on every machine.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn word(&mut self) -> U256 {
        match self.below(6) {
            0 => U256::from(self.below(4)),
            1 => U256::from(self.below(300)),
            2 => U256::MAX - U256::from(self.below(3)),
            3 => U256::from(1) << self.below(256),
            4 => (U256::from(1) << self.below(256)).wrapping_sub(U256::from(1)),
            _ => U256::from_limbs([self.next(), self.next(), self.next(), self.next()]),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = [0, 1, 5, 31, 32, 33, 64, 70].get(self.below(8) as usize).copied().unwrap_or(3);
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// Makes a value of a type.
    pub fn value(&mut self, ty: &DynSolType) -> DynSolValue {
        match ty {
            DynSolType::Bool => DynSolValue::Bool(self.below(2) == 1),
            DynSolType::Uint(bits) => {
                let mask = if *bits == 256 { U256::MAX } else { (U256::from(1) << *bits) - U256::from(1) };
                DynSolValue::Uint(self.word() & mask, *bits)
            }
            DynSolType::Int(bits) => {
                let shift = 256 - *bits;
                let v = I256::from_raw(self.word() << shift);
                DynSolValue::Int(v.asr(shift), *bits)
            }
            DynSolType::Address => {
                DynSolValue::Address(Address::from_word(B256::from(U256::from(self.below(6) * 0x800))))
            }
            DynSolType::FixedBytes(n) => {
                let mut word = B256::from(self.word());
                word.0.iter_mut().skip(*n).for_each(|b| *b = 0);
                DynSolValue::FixedBytes(word, *n)
            }
            DynSolType::Function => DynSolValue::Function(Function::ZERO),
            DynSolType::Bytes => DynSolValue::Bytes(self.bytes()),
            DynSolType::String => {
                DynSolValue::String(self.bytes().iter().map(|b| char::from(b'a' + b % 26)).collect())
            }
            DynSolType::Array(elem) => {
                let n = self.below(4);
                DynSolValue::Array((0..n).map(|_| self.value(elem)).collect())
            }
            DynSolType::FixedArray(elem, n) => {
                DynSolValue::FixedArray((0..*n).map(|_| self.value(elem)).collect())
            }
            DynSolType::Tuple(types) => DynSolValue::Tuple(types.iter().map(|ty| self.value(ty)).collect()),
        }
    }
}
