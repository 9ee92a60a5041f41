//! Applies what a block changed.

use super::{Changeset, State};

impl State {
    /// Makes the changes of a block that was executed before on this same state.
    pub fn apply(&mut self, changes: &Changeset) {
        for (hash, code) in &changes.codes {
            self.put_code(*hash, code.clone());
        }
        for (address, head) in &changes.accounts {
            if let Some(head) = head {
                self.set_head(*address, *head);
            }
        }
        for (address, key, value) in &changes.words {
            self.set_word(*address, *key, *value);
        }
        for (address, head) in &changes.accounts {
            if head.is_none() {
                self.remove(*address);
            }
        }
    }
}
