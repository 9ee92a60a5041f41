//! Adapts the number of groups X to the load, once an epoch (whitepaper 5.4; design 10).
//!
//! A chain with `x_max` groups is taken to carry full blocks, one with fewer groups its share of them. X doubles
//! where the load reaches `raise_at_bps` of what X groups carry, and halves, rounded up, at `lower_at_bps`. As
//! the lower bound is less than half of the upper one ([`Params::check`]), neither step lands in the reach of
//! the other: under a constant load X moves one way and then stands still.

use super::params::{BPS, Params};

/// Returns the number of groups after an epoch in which blocks used `used` gas of the `capacity` that their
/// limits allowed, with `x` groups. It stays within `x_min` and `x_max`.
pub fn next_x(x: u32, used: u128, capacity: u128, params: &Params) -> u32 {
    let (min, max) = (params.x_min.max(1), params.x_max.max(params.x_min.max(1)));
    let x = x.clamp(min, max);
    match load_bps(x, used, capacity, max) {
        Some(load) if load >= u128::from(params.raise_at_bps) => x.saturating_mul(2).clamp(min, max),
        Some(load) if load <= u128::from(params.lower_at_bps) => x.div_ceil(2).clamp(min, max),
        _ => x,
    }
}

/// Returns the load in ten-thousandths of what `x` of `max` groups carry, rounded down; none without capacity.
fn load_bps(x: u32, used: u128, capacity: u128, max: u32) -> Option<u128> {
    let wanted = used.saturating_mul(BPS.into()).saturating_mul(max.into());
    wanted.checked_div(capacity.saturating_mul(x.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn params() -> impl Strategy<Value = Params> {
        (1u32..=128, 1u32..=128, 1u32..=BPS, 0u32..BPS).prop_map(|(a, b, raise, lower)| Params {
            x_min: a.min(b),
            x_max: a.max(b),
            raise_at_bps: raise,
            lower_at_bps: lower % raise.div_ceil(2),
            ..Params::default()
        })
    }

    proptest! {
        #[test]
        fn stays_within_bounds(params in params(), x: u32, used: u128, capacity: u128) {
            let next = next_x(x, used, capacity, &params);
            prop_assert!((params.x_min..=params.x_max).contains(&next));
        }

        /// Under a constant load X moves one way, at most seven times, and then stands still.
        #[test]
        fn does_not_flap(params in params(), x in 1u32..=128, used in 0u64..=30_000_000) {
            let start = x.clamp(params.x_min, params.x_max);
            let steps: Vec<u32> = std::iter::successors(Some(start), |x| {
                Some(next_x(*x, used.into(), 30_000_000, &params))
            })
            .take(12)
            .collect();
            let rising = steps.windows(2).all(|pair| pair[0] <= pair[1]);
            let falling = steps.windows(2).all(|pair| pair[0] >= pair[1]);
            prop_assert!(rising || falling, "{:?}", steps);
            prop_assert!(steps[8..].windows(2).all(|pair| pair[0] == pair[1]), "{:?}", steps);
        }

        #[test]
        fn more_load_never_means_fewer_groups(params in params(), x in 1u32..=128, a in 0u64..30_000_000, b in 0u64..30_000_000) {
            let next = |used: u64| next_x(x, used.into(), 30_000_000, &params);
            prop_assert!(next(a.min(b)) <= next(a.max(b)));
        }
    }

    #[test]
    fn follows_a_load_that_rises_and_falls() {
        let params = Params::default();
        let mut x = params.x_start;
        let run = [5, 20, 60, 90, 90, 90, 40, 20, 5, 1, 1].map(|percent: u128| {
            x = next_x(x, percent * 300_000, 30_000_000, &params);
            x
        });
        assert_eq!(run, [1, 2, 4, 8, 8, 8, 8, 4, 2, 1, 1]);
        assert_eq!(next_x(4, 0, 0, &params), 4);
    }
}
