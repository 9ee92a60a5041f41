//! Adds up amounts over windows of time.

use alloy_primitives::U256;

/// Is an amount within `[start, end)`, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) amount: U256,
}

impl Window {
    fn covers(&self, t: u64) -> bool {
        self.start <= t && t < self.end
    }
}

/// Returns the sum of amounts at instant `t`.
pub(super) fn level(windows: &[Window], t: u64) -> U256 {
    let covering = windows.iter().filter(|window| window.covers(t));
    covering.fold(U256::ZERO, |sum, window| sum.saturating_add(window.amount))
}

/// Returns the largest sum of amounts at any instant within `[from, to)`.
pub(super) fn peak(windows: &[Window], from: u64, to: u64) -> U256 {
    let mut edges = Vec::with_capacity(windows.len() * 2);
    for window in windows {
        let (start, end) = (window.start.max(from), window.end.min(to));
        if start < end {
            edges.push((start, true, window.amount));
            edges.push((end, false, window.amount));
        }
    }
    // An end sorts before a start at the same instant: windows are half-open.
    edges.sort_unstable();
    let mut sum = U256::ZERO;
    let mut largest = U256::ZERO;
    for (_, opens, amount) in edges {
        sum = if opens { sum.saturating_add(amount) } else { sum.saturating_sub(amount) };
        largest = largest.max(sum);
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: u64, end: u64, amount: u64) -> Window {
        Window { start, end, amount: U256::from(amount) }
    }

    #[test]
    fn windows_that_touch_do_not_add_up() {
        let windows = [window(10, 20, 5), window(20, 30, 7), window(15, 16, 1)];
        assert_eq!(peak(&windows, 0, u64::MAX), U256::from(7));
        assert_eq!(peak(&windows, 10, 20), U256::from(6));
        assert_eq!(peak(&windows, 30, u64::MAX), U256::ZERO);
        assert_eq!(peak(&windows, 16, 20), U256::from(5));
        assert_eq!(level(&windows, 20), U256::from(7));
        assert_eq!(level(&windows, 15), U256::from(6));
        assert_eq!(level(&windows, 9), U256::ZERO);
    }
}
