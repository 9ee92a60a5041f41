//! Keeps messages that came before what they belong to; each sender has room of its own, so that none takes another's.

/// Bytes that are kept of one sender.
const ROOM: usize = 4 << 20;

/// Is messages of senders, in the order in which they came.
#[derive(Debug)]
pub(super) struct Early<S, T>(Vec<(S, usize, T)>);

impl<S, T> Default for Early<S, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: PartialEq, T> Early<S, T> {
    /// Keeps a message of `size` bytes, if its sender has room left.
    pub(super) fn push(&mut self, sender: S, size: usize, message: T) {
        // What keeps even an empty message costs memory.
        let size = size.saturating_add(size_of::<(S, usize, T)>());
        let kept = self.0.iter().filter(|(by, ..)| *by == sender).map(|(_, size, _)| size);
        if kept.sum::<usize>().saturating_add(size) <= ROOM {
            self.0.push((sender, size, message));
        }
    }

    /// Hands over all that is kept.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (S, T)> + use<S, T> {
        std::mem::take(&mut self.0).into_iter().map(|(sender, _, message)| (sender, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_fills_its_own_room_alone() {
        let mut early = Early::default();
        for size in [ROOM / 2, ROOM / 3, ROOM / 3, 0] {
            early.push(1, size, size);
        }
        early.push(2, ROOM / 2, 7);
        let kept: Vec<_> = early.take().collect();
        assert_eq!(kept, [(1, ROOM / 2), (1, ROOM / 3), (1, 0), (2, 7)]);
        assert_eq!(early.take().count(), 0);
    }

    #[test]
    fn empty_messages_have_a_bound_too() {
        let mut early = Early::default();
        (0..ROOM / 100).for_each(|_| early.push(1, 0, [0u8; 200]));
        assert!(early.take().count() * 200 <= ROOM);
    }
}
