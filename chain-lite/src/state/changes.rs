//! Lists what was changed since a mark, as final values; derived from the undo log, so nothing is missed.

use super::{Head, Mark, State, Undo};
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256};
use revm::bytecode::Bytecode;
use std::collections::BTreeMap;

/// Is what a block changed: final values, each key once, in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changeset {
    /// Accounts and what they are now; none for one that is gone.
    pub accounts: Vec<(Address, Option<Head>)>,
    /// Storage words and what they are now; zero for one that is gone. The words of an account that is gone are
    /// listed one by one.
    pub words: Vec<(Address, U256, U256)>,
    /// Codes that changed accounts have and had not before, by hash.
    pub codes: Vec<(B256, Bytecode)>,
}

impl Changeset {
    /// Says whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.words.is_empty()
    }
}

/// Is what was there at the mark, of all that was written since.
#[derive(Default)]
struct Before {
    heads: BTreeMap<Address, Option<Head>>,
    words: BTreeMap<(Address, U256), U256>,
}

impl Before {
    /// The oldest entry of a key tells what was there at the mark.
    fn of(log: &[Undo]) -> Self {
        let mut before = Self::default();
        for undo in log {
            match undo {
                Undo::Head(address, head) => drop(before.heads.entry(*address).or_insert(*head)),
                Undo::Word(address, key, value) => before.word(*address, *key, *value),
                Undo::Removed(address, entry) => {
                    before.heads.entry(*address).or_insert(Some(entry.head));
                    entry.words.iter().for_each(|(key, value)| before.word(*address, *key, *value));
                }
            }
        }
        before
    }

    fn word(&mut self, address: Address, key: U256, value: U256) {
        self.words.entry((address, key)).or_insert(value);
    }
}

impl State {
    /// Lists what was changed since `mark`; what was changed back is left out. [`Mark::default`] lists the whole
    /// state. None if the mark lies ahead or is forgotten.
    pub fn changes_since(&self, mark: Mark) -> Option<Changeset> {
        if !self.remembers(mark) {
            return None;
        }
        let before = Before::of(self.undo_since(mark));
        let mut codes = BTreeMap::new();
        let mut accounts = Vec::new();
        for (address, then) in before.heads {
            let now = self.head(address);
            let code_then = then.map_or(KECCAK256_EMPTY, |head| head.code_hash);
            if let Some(hash) = now.map(|head| head.code_hash).filter(|hash| *hash != code_then)
                && let Some(code) = self.codes.get(&hash)
            {
                codes.insert(hash, code.clone());
            }
            if now != then {
                accounts.push((address, now));
            }
        }
        let words = before.words.into_iter();
        let words = words.map(|((address, key), then)| (address, key, then, self.word(address, key)));
        let words = words.filter(|(_, _, then, now)| then != now);
        let words = words.map(|(address, key, _, now)| (address, key, now)).collect();
        Some(Changeset { accounts, words, codes: codes.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Bytes;
    use proptest::prelude::*;

    /// Is the content of a state, for comparison.
    type Content = BTreeMap<Address, (Head, BTreeMap<U256, U256>)>;

    fn content(state: &State) -> Content {
        let addresses = state.accounts.keys().copied();
        addresses.map(|a| (a, (state.head(a).unwrap_or_default(), state.words(a)))).collect()
    }

    fn apply(content: &mut Content, changes: &Changeset) {
        for (address, head) in &changes.accounts {
            match head {
                Some(head) => content.entry(*address).or_default().0 = *head,
                None => drop(content.get_mut(address).map(|entry| entry.0 = Head::default())),
            }
        }
        for (address, key, value) in &changes.words {
            let words = &mut content.get_mut(address).unwrap().1;
            match value.is_zero() {
                true => assert!(words.remove(key).is_some(), "a word that was not there goes"),
                false => drop(words.insert(*key, *value)),
            }
        }
        for (address, _) in changes.accounts.iter().filter(|(_, head)| head.is_none()) {
            assert!(content.remove(address).unwrap().1.is_empty(), "words of a lost account are left over");
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Head(u8, u64),
        Word(u8, u8, u8),
        Remove(u8),
        Code(u8, u8),
        Block,
        Undo,
        Forget(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0u8..4, 0u64..3).prop_map(|(who, nonce)| Step::Head(who, nonce)),
            8 => (0u8..4, 0u8..6, 0u8..3).prop_map(|(who, key, value)| Step::Word(who, key, value)),
            2 => (0u8..4).prop_map(Step::Remove),
            1 => (0u8..4, 0u8..3).prop_map(|(who, code)| Step::Code(who, code)),
            3 => Just(Step::Block),
            1 => Just(Step::Undo),
            1 => any::<usize>().prop_map(Step::Forget),
        ]
    }

    fn run(state: &mut State, step: &Step) {
        match *step {
            Step::Head(who, nonce) => {
                let head = state.head(Address::with_last_byte(who)).unwrap_or_default();
                state.set_head(Address::with_last_byte(who), Head { nonce, ..head });
            }
            Step::Word(who, key, value) => {
                state.set_word(Address::with_last_byte(who), U256::from(key), U256::from(value));
            }
            Step::Remove(who) => state.remove(Address::with_last_byte(who)),
            Step::Code(who, code) => {
                let code_hash = state.add_code(Bytecode::new_legacy(Bytes::from(vec![code; 3])));
                let head = state.head(Address::with_last_byte(who)).unwrap_or_default();
                state.set_head(Address::with_last_byte(who), Head { code_hash, ..head });
            }
            Step::Block | Step::Undo | Step::Forget(_) => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        /// Changesets, applied one after the other to a copy, give the state; forgetting history changes nothing.
        #[test]
        fn changesets_follow_the_state(steps in prop::collection::vec(step(), 1..120)) {
            let (mut state, mut copy, mut mark) = (State::default(), Content::new(), Mark::default());
            let mut marks = vec![mark];
            let mut codes = BTreeMap::new();
            for step in steps.iter().chain([&Step::Block]) {
                run(&mut state, step);
                match step {
                    Step::Block => {
                        let changes = state.changes_since(mark).unwrap();
                        apply(&mut copy, &changes);
                        codes.extend(changes.codes);
                        prop_assert_eq!(&copy, &content(&state));
                        mark = state.mark();
                        marks.push(mark);
                    }
                    Step::Undo => {
                        state.undo_to(mark);
                        prop_assert_eq!(&copy, &content(&state));
                        prop_assert!(state.changes_since(mark).unwrap().is_empty());
                    }
                    Step::Forget(pick) => {
                        let old = marks[pick % marks.len()];
                        let known = state.remembers(old);
                        state.forget_before(old);
                        prop_assert!(!known || state.undo.len() == state.mark().0 - old.0);
                    }
                    _ => {}
                }
            }
            for (head, _) in copy.values().filter(|(head, _)| head.code_hash != KECCAK256_EMPTY) {
                prop_assert!(codes.contains_key(&head.code_hash));
            }
        }
    }

    #[test]
    fn forgotten_and_future_marks_are_refused() {
        let (mut state, mut later) = (State::default(), State::default());
        state.set_word(Address::with_last_byte(1), U256::ONE, U256::ONE);
        let mark = state.mark();
        state.forget_before(mark);
        assert_eq!(state.changes_since(Mark::default()), None);
        state.undo_to(Mark::default());
        assert_eq!(state.word(Address::with_last_byte(1), U256::ONE), U256::ONE);
        assert_eq!(later.changes_since(mark), None);
        later.forget_before(mark);
        assert_eq!(later.mark(), Mark::default());
    }
}
