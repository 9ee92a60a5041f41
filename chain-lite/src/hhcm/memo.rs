//! Remembers the last answers of a function that depends on its question alone, so that it may be forgotten or shared
//! by all nodes of a process and nothing but time tells.

use alloy_primitives::B256;
use commonware_utils::sync::Mutex;
use std::collections::VecDeque;

/// Remembers up to `LEN` answers by the hash of their question.
pub(super) struct Memo<T, const LEN: usize>(Mutex<VecDeque<(B256, T)>>);

impl<T: Clone, const LEN: usize> Memo<T, LEN> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// Returns an answer that is remembered.
    pub(super) fn get(&self, question: B256) -> Option<T> {
        self.0.lock().iter().find(|(known, _)| *known == question).map(|(_, answer)| answer.clone())
    }

    /// Remembers an answer, and forgets the oldest if they are too many.
    pub(super) fn keep(&self, question: B256, answer: T) {
        let mut known = self.0.lock();
        known.push_back((question, answer));
        if known.len() > LEN {
            known.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_answer_is_forgotten_first() {
        let memo: Memo<u32, 2> = Memo::new();
        (1u8..4).for_each(|n| memo.keep(B256::repeat_byte(n), n.into()));
        assert_eq!([1, 2, 3].map(|n| memo.get(B256::repeat_byte(n))), [None, Some(2), Some(3)]);
    }
}
