//! Compares roots and undo with a model.

use super::*;
use alloy_trie::root::{state_root_unhashed, storage_root_unhashed};
use proptest::prelude::*;

type Model = BTreeMap<Address, (Head, BTreeMap<U256, U256>)>;

#[derive(Debug, Clone)]
enum Step {
    Head(u8, u64),
    Word(u8, u64, u64),
    Remove(u8),
    Root,
    Mark,
    Undo(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u8..4, 0u64..3).prop_map(|(who, nonce)| Step::Head(who, nonce)),
        8 => (0u8..4, 0u64..40, 0u64..3).prop_map(|(who, key, value)| Step::Word(who, key, value)),
        1 => (0u8..4).prop_map(Step::Remove),
        2 => Just(Step::Root),
        1 => Just(Step::Mark),
        1 => any::<usize>().prop_map(Step::Undo),
    ]
}

fn expected(model: &Model) -> B256 {
    state_root_unhashed(model.iter().map(|(address, (head, words))| {
        let storage = words.iter().map(|(key, value)| (B256::from(*key), *value));
        let Head { balance, nonce, code_hash } = *head;
        let storage_root = storage_root_unhashed(storage);
        (*address, TrieAccount { nonce, balance, storage_root, code_hash })
    }))
}

fn apply(state: &mut State, model: &mut Model, step: &Step) {
    match *step {
        Step::Head(who, nonce) => {
            let head = Head { nonce, balance: U256::from(nonce * 7), ..Head::default() };
            state.set_head(Address::with_last_byte(who), head);
            model.entry(Address::with_last_byte(who)).or_default().0 = head;
        }
        Step::Word(who, key, value) => {
            let (address, key, value) = (Address::with_last_byte(who), U256::from(key), U256::from(value));
            let known = model.get(&address).is_some_and(|(_, words)| words.contains_key(&key));
            state.set_word(address, key, value);
            if !value.is_zero() {
                model.entry(address).or_default().1.insert(key, value);
            } else if known {
                model.entry(address).or_default().1.remove(&key);
            }
        }
        Step::Remove(who) => {
            state.remove(Address::with_last_byte(who));
            model.remove(&Address::with_last_byte(who));
        }
        Step::Root | Step::Mark | Step::Undo(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn roots_follow_changes_and_undo(steps in prop::collection::vec(step(), 1..80)) {
        let (mut state, mut model) = (State::default(), Model::default());
        let mut marks = vec![(state.mark(), model.clone())];
        for step in &steps {
            apply(&mut state, &mut model, step);
            match step {
                Step::Root => prop_assert_eq!(state.root(), expected(&model)),
                Step::Mark => marks.push((state.mark(), model.clone())),
                Step::Undo(pick) => {
                    marks.truncate(pick % marks.len() + 1);
                    let (mark, then) = marks[marks.len() - 1].clone();
                    state.undo_to(mark);
                    model = then;
                }
                _ => {}
            }
        }
        prop_assert_eq!(state.root(), expected(&model));
        state.undo_to(Mark::default());
        prop_assert_eq!(state.root(), expected(&Model::default()));
    }
}
