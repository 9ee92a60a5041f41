//! Chooses the ticks of the amount axis and maps amounts to heights.

use alloy_primitives::{I256, U256};

/// Maps amounts to tenths of a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axis {
    /// The amount at the bottom.
    pub(crate) low: I256,
    /// The amount at the top.
    pub(crate) high: I256,
    /// The distance between ticks.
    pub(crate) step: U256,
    /// The height in tenths of a pixel.
    height: u64,
}

impl Axis {
    /// Spans `low..=high` (zero included) with at most about eight ticks at 1, 2 or 5 times a power of ten.
    pub(crate) fn new(low: I256, high: I256, height: u64) -> Self {
        let (down, up) = (low.min(I256::ZERO).unsigned_abs(), high.max(I256::ZERO).unsigned_abs());
        let step = step(down.saturating_add(up));
        let signed = |magnitude: U256| I256::try_from(magnitude).unwrap_or(I256::MAX);
        Self { low: -signed(round_up(down, step)), high: signed(round_up(up, step)), step, height }
    }

    /// Returns how far below the top an amount lies, in tenths of a pixel.
    pub(crate) fn offset(&self, amount: I256) -> u64 {
        let from_top = self.high.saturating_sub(amount).max(I256::ZERO).unsigned_abs();
        let span = self.high.saturating_sub(self.low).unsigned_abs();
        // Keep the product within 256 bits: amounts may be as large as the type.
        let shift = span.bit_len().saturating_sub(192);
        let scaled = (from_top >> shift) * U256::from(self.height);
        let offset = scaled.checked_div(span >> shift).unwrap_or_default();
        u64::try_from(offset).unwrap_or(self.height).min(self.height)
    }

    /// Lists the ticks from bottom to top.
    pub(crate) fn ticks(&self) -> Vec<I256> {
        let step = I256::try_from(self.step).unwrap_or(I256::MAX);
        let mut ticks = vec![self.low];
        while let Some(next) = ticks.last().and_then(|last| last.checked_add(step)) {
            if next > self.high || ticks.len() > 20 {
                break;
            }
            ticks.push(next);
        }
        ticks
    }
}

/// Rounds up to a multiple of `step`, or keeps a value that cannot be rounded within 255 bits.
fn round_up(value: U256, step: U256) -> U256 {
    let multiple = value.div_ceil(step).checked_mul(step);
    multiple.filter(|rounded| rounded.bit_len() < 255).unwrap_or(value)
}

fn step(span: U256) -> U256 {
    let least = span.div_ceil(U256::from(8)).max(U256::from(1));
    let ten = U256::from(10);
    let mut power = U256::from(1);
    while let Some(next) = power.checked_mul(ten).filter(|next| *next <= least) {
        power = next;
    }
    let factors = [1u64, 2, 5, 10].into_iter().map(|factor| power.saturating_mul(U256::from(factor)));
    factors.into_iter().find(|step| *step >= least).unwrap_or(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: i64) -> I256 {
        I256::try_from(n).unwrap()
    }

    #[test]
    fn chooses_round_ticks_around_zero() {
        let axis = Axis::new(number(-1000), number(2310), 1000);
        assert_eq!((axis.low, axis.high, axis.step), (number(-1000), number(2500), U256::from(500)));
        assert_eq!(axis.ticks().len(), 8);
        assert_eq!(axis.offset(number(2500)), 0);
        assert_eq!(axis.offset(number(-1000)), 1000);
        assert_eq!(axis.offset(number(750)), 500);
    }

    #[test]
    fn survives_extremes() {
        for (low, high) in [(I256::MIN, I256::MAX), (I256::ZERO, I256::ZERO), (I256::ZERO, I256::MAX)] {
            let axis = Axis::new(low, high, 1000);
            assert!(axis.ticks().len() <= 21);
            assert!(axis.offset(I256::ZERO) <= 1000);
        }
    }
}
