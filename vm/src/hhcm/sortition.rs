//! Elects by stake in exact integers: how many seats a weight wins, and which one of several weights is chosen.
//!
//! A member of weight w among W wins a Binomial(w, tau / W) number of seats, as in Algorand's sortition. A
//! binomial adds up over the parts of a split stake, so splitting gains nothing. No float is involved: the
//! distribution is walked with 640 bits of precision and a bound on the error, and where the bound does not
//! decide, it is computed as a fraction.

use alloy_primitives::{B256, U256};
use num_bigint::BigUint;

/// Is the largest weight of one member, which bounds the work of [`seats`].
pub const WEIGHT_MAX: u64 = 65_536;

/// Significant bits of a probability.
const PRECISION: u64 = 640;
/// Bits behind the point of a cumulative probability.
const FRACTION: u64 = 512;
/// More than the error of a cumulative probability in its last place: each of at most 65,537 terms is cut off
/// by less than 1, and their relative errors of 2^-620 add less than 1 in all.
const SLACK: u32 = 1 << 17;

/// Returns the seats that `weight` (at most [`WEIGHT_MAX`] counts) wins of an expected `tau` among `total`: the
/// smallest j at which the cumulative probability of Binomial(weight, tau / total) exceeds `u / (2^256 - 1)`.
/// The largest `u` wins them all; without weight, total or tau there is nothing to win.
pub fn seats(weight: u64, total: u64, tau: u64, u: B256) -> u64 {
    let weight = weight.min(WEIGHT_MAX);
    if weight == 0 || total == 0 || tau == 0 {
        return 0;
    }
    if tau >= total || u == B256::repeat_byte(0xff) {
        return weight;
    }
    let odds = Odds { weight, total, tau };
    odds.walk(&BigUint::from_bytes_be(u.as_slice()))
}

/// Returns the index that `u` chooses among `weights`, each with its share of the sum as probability; none if
/// all are zero.
pub fn pick(weights: &[u64], u: B256) -> Option<usize> {
    let total: u128 = weights.iter().copied().map(u128::from).sum();
    let target = fraction_of(total, u);
    let mut sum = 0u128;
    weights.iter().position(|weight| {
        sum = sum.saturating_add(u128::from(*weight));
        sum > target
    })
}

/// Returns `total * u / 2^256`, rounded down.
fn fraction_of(total: u128, u: B256) -> u128 {
    let (u, total) = (U256::from_be_bytes(u.0), U256::from(total));
    let high: U256 = (u >> 128) * total;
    let low: U256 = (u & U256::from(u128::MAX)) * total;
    let product: U256 = (high + (low >> 128)) >> 128;
    product.saturating_to()
}

/// Is a binomial distribution with 0 < tau < total and 0 < weight.
struct Odds {
    weight: u64,
    total: u64,
    tau: u64,
}

impl Odds {
    fn walk(&self, u: &BigUint) -> u64 {
        let threshold = (u << FRACTION) / whole();
        let mut term = Term::power(self.total - self.tau, self.total, self.weight);
        let mut sum = BigUint::ZERO;
        for j in 0..self.weight {
            sum += term.fixed();
            let over = sum > threshold || &sum + SLACK > threshold && self.exceeds(j, u);
            if over {
                return j;
            }
            let num = u128::from(self.weight - j) * u128::from(self.tau);
            let den = u128::from(j + 1) * u128::from(self.total - self.tau);
            term = term.scale(num, den);
        }
        self.weight
    }

    /// Says whether the cumulative probability at `j` exceeds `u / (2^256 - 1)`, as a fraction.
    fn exceeds(&self, j: u64, u: &BigUint) -> bool {
        let (p, q) = (BigUint::from(self.tau), BigUint::from(self.total - self.tau));
        let (mut sum, mut ways) = (BigUint::ZERO, BigUint::from(1u8));
        let (mut hits, mut misses) = (BigUint::from(1u8), power(&q, self.weight));
        for k in 0..=j {
            sum += &ways * &hits * &misses;
            ways = ways * (self.weight - k) / (k + 1);
            hits *= &p;
            misses /= &q;
        }
        sum * whole() > u * power(&BigUint::from(self.total), self.weight)
    }
}

/// Returns 2^256 - 1.
fn whole() -> BigUint {
    (BigUint::from(1u8) << 256u32) - 1u8
}

fn power(base: &BigUint, exponent: u64) -> BigUint {
    base.pow(u32::try_from(exponent).unwrap_or(u32::MAX))
}

/// Is a probability `mantissa / 2^places`, cut off to [`PRECISION`] significant bits.
struct Term {
    mantissa: BigUint,
    places: u64,
}

impl Term {
    fn new(mantissa: BigUint, places: u64) -> Self {
        let cut = mantissa.bits().saturating_sub(PRECISION).min(places);
        Self { mantissa: mantissa >> cut, places: places - cut }
    }

    /// Makes `(num / den) ^ exponent`.
    fn power(num: u64, den: u64, mut exponent: u64) -> Self {
        let places = PRECISION + 64;
        let mut base = Self::new((BigUint::from(num) << places) / den, places);
        let mut result = Self::new(BigUint::from(1u8), 0);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = Self::new(result.mantissa * &base.mantissa, result.places + base.places);
            }
            base = Self::new(&base.mantissa * &base.mantissa, base.places * 2);
            exponent >>= 1;
        }
        result
    }

    fn scale(self, num: u128, den: u128) -> Self {
        Self::new(((self.mantissa * num) << PRECISION) / den, self.places + PRECISION)
    }

    /// Returns it with [`FRACTION`] bits behind the point.
    fn fixed(&self) -> BigUint {
        match self.places.checked_sub(FRACTION) {
            Some(cut) => &self.mantissa >> cut,
            None => &self.mantissa << (FRACTION - self.places),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::keccak256;
    use proptest::prelude::*;

    const HALF: B256 = {
        let mut bytes = [0u8; 32];
        bytes[0] = 0x80;
        B256::new(bytes)
    };
    const ONE: B256 = B256::repeat_byte(0xff);

    #[test]
    fn the_design_s_vectors_hold() {
        let vectors = [
            (10, 100, [0, 2, 10]),
            (100, 200, [0, 10, 100]),
            (1, 1000, [0, 0, 1]),
            (50, 1000, [0, 1, 50]),
            (500, 1000, [0, 10, 500]),
        ];
        for (weight, total, expected) in vectors {
            assert_eq!(
                [B256::ZERO, HALF, ONE].map(|u| seats(weight, total, 20, u)),
                expected,
                "{weight} of {total}"
            );
        }
    }

    #[test]
    fn borders_are_defined() {
        assert_eq!(seats(0, 10, 5, ONE), 0);
        assert_eq!(seats(5, 0, 5, ONE), 0);
        assert_eq!(seats(5, 10, 0, ONE), 0);
        assert_eq!(seats(5, 10, 10, B256::ZERO), 5);
        assert_eq!(seats(u64::MAX, u64::MAX, u64::MAX - 1, B256::ZERO), 0);
        assert_eq!(pick(&[], HALF), None);
        assert_eq!(pick(&[0, 0], HALF), None);
        assert_eq!(pick(&[0, u64::MAX, u64::MAX, 0], B256::ZERO), Some(1));
        assert_eq!(pick(&[0, u64::MAX, u64::MAX, 0], HALF), Some(2));
        assert_eq!(pick(&[0, u64::MAX, u64::MAX, 0], ONE), Some(2));
    }

    /// A third is a fraction of 2^256 - 1, so `u` can hit the step exactly: only the fraction decides there.
    #[test]
    fn an_exact_tie_does_not_exceed() {
        let third = U256::MAX / U256::from(3);
        let at = |u: U256| seats(1, 3, 2, u.into());
        assert_eq!([at(third - U256::ONE), at(third), at(third + U256::ONE)], [0, 1, 1]);
    }

    /// Walks the distribution in fractions, with nothing cut off.
    fn direct(weight: u64, total: u64, tau: u64, u: B256) -> u64 {
        let odds = Odds { weight, total, tau };
        let u = BigUint::from_bytes_be(u.as_slice());
        (0..weight).find(|j| odds.exceeds(*j, &u)).unwrap_or(weight)
    }

    /// An independent reading of `exceeds`: binomials by Pascal's triangle, each power on its own.
    fn cumulative(weight: u64, total: u64, tau: u64, j: u64) -> (BigUint, BigUint) {
        let mut row = vec![BigUint::from(1u8)];
        for _ in 0..weight {
            let mut next = vec![BigUint::from(1u8)];
            next.extend(row.windows(2).map(|pair| &pair[0] + &pair[1]));
            next.push(BigUint::from(1u8));
            row = next;
        }
        let term =
            |k: u64| &row[k as usize] * power(&tau.into(), k) * power(&(total - tau).into(), weight - k);
        ((0..=j).map(term).sum(), power(&total.into(), weight))
    }

    fn u256() -> impl Strategy<Value = B256> {
        any::<[u8; 32]>().prop_map(B256::new)
    }

    proptest! {
        #[test]
        fn equals_the_fractions(weight in 1u64..60, total in 2u64..500, tau in 1u64..500, u in u256()) {
            prop_assume!(tau < total);
            let won = seats(weight, total, tau, u);
            prop_assert_eq!(won, direct(weight, total, tau, u));
            let u = BigUint::from_bytes_be(u.as_slice());
            let over = |j| {
                let (num, den) = cumulative(weight, total, tau, j);
                num * whole() > &u * den
            };
            prop_assert!(won == weight || over(won));
            prop_assert!(won == 0 || !over(won - 1));
        }

        #[test]
        fn grows_with_chance_and_weight(
            weight in 1u64..WEIGHT_MAX, more in 0u64..1000, total in 1u64..1_000_000, tau in 1u64..100, (a, b) in (u256(), u256())
        ) {
            let total = total.max(weight);
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            prop_assert!(seats(weight, total, tau, low) <= seats(weight, total, tau, high));
            prop_assert!(seats(weight, total, tau, low) <= seats(weight + more, total, tau, low));
        }

        #[test]
        fn picks_by_share(weights in prop::collection::vec(0u64..1000, 1..20), u in u256()) {
            let total: u64 = weights.iter().sum();
            let chosen = pick(&weights, u);
            prop_assert_eq!(chosen.is_none(), total == 0);
            if let Some(index) = chosen {
                let before: u64 = weights.iter().take(index).sum();
                let wide = BigUint::from_bytes_be(u.as_slice()) * total;
                prop_assert!(BigUint::from(before) << 256u32 <= wide);
                prop_assert!(wide < BigUint::from(before + weights[index]) << 256u32);
            }
        }
    }

    /// Splitting a stake of 600 into 1, 4 or 60 parts wins the same number of seats, to within 4 standard
    /// deviations of the mean of 4,000 draws.
    #[test]
    fn splitting_a_stake_gains_nothing() {
        const DRAWS: u64 = 4_000;
        for parts in [1u64, 4, 60] {
            let won: u64 =
                (0..DRAWS * parts).map(|i| seats(600 / parts, 6_000, 40, keccak256(i.to_be_bytes()))).sum();
            // Mean 4 seats a draw, variance 600 * p * (1 - p) = 3.97; 4 deviations of the sum are 504.
            assert!(won.abs_diff(4 * DRAWS) < 504, "{parts} parts won {won} of {} expected", 4 * DRAWS);
        }
    }
}
