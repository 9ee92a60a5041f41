//! Compares words, for guards and filters.

use crate::fault::Fault;
use alloy_primitives::{I256, U256};

/// Names a comparison by its code: 0 `==`, 1 `!=`, 2 `<`, 3 `<=`, 4 `>`, 5 `>=`; plus 8 for signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison(u8);

impl Comparison {
    /// Checks a code. Errors: misuse when it names no comparison.
    pub fn new(code: U256) -> Result<Self, Fault> {
        match u8::try_from(code) {
            Ok(code) if code & !8 <= 5 => Ok(Self(code)),
            _ => Err(Fault::Misuse("unknown comparison")),
        }
    }

    /// Returns the code.
    pub fn code(self) -> u8 {
        self.0
    }

    /// Says whether `left` compares to `right` so.
    pub fn holds(self, left: U256, right: U256) -> bool {
        let order = match self.0 & 8 {
            0 => left.cmp(&right),
            _ => I256::from_raw(left).cmp(&I256::from_raw(right)),
        };
        match self.0 & 7 {
            0 => order.is_eq(),
            1 => order.is_ne(),
            2 => order.is_lt(),
            3 => order.is_le(),
            4 => order.is_gt(),
            _ => order.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_and_unsigned_order_differ() {
        let minus_one = U256::MAX;
        let one = U256::from(1);
        let holds = |code: u64, a, b| Comparison::new(U256::from(code)).unwrap().holds(a, b);
        assert!(holds(4, minus_one, one) && !holds(2, minus_one, one));
        assert!(holds(10, minus_one, one) && !holds(12, minus_one, one));
        assert!(holds(0, one, one) && holds(3, one, one) && holds(5, one, one) && holds(1, one, minus_one));
        assert!(Comparison::new(U256::from(6)).is_err() && Comparison::new(U256::from(14)).is_err());
        assert!(Comparison::new(U256::from(16)).is_err() && Comparison::new(U256::MAX).is_err());
    }
}
