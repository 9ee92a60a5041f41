//! Spreads work over threads; what comes out does not depend on how many there are.

use commonware_utils::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does `work` to each item on at most `threads` threads, this one among them, and returns the results in the items'
/// order.
pub(crate) fn each<T, R, F>(threads: usize, items: Vec<T>, work: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    if threads < 2 || items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    let places: Vec<_> = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            let item = place.lock().0.take();
            let result = item.map(&work);
            place.lock().1 = result;
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(places.len()) {
            scope.spawn(run);
        }
        run();
    });
    places.into_iter().filter_map(|place| place.into_inner().1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for threads in [0, 1, 2, 5] {
            let squares = each(threads, (0..100u64).collect(), |item| item * item);
            assert_eq!(squares, (0..100).map(|item| item * item).collect::<Vec<_>>());
            assert!(each(threads, Vec::<u8>::new(), |item| item).is_empty());
        }
    }
}
