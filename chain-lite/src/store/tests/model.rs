//! Is a chain of made-up blocks, and a model of what a store of it has to hold.

use crate::{
    receipt::{Receipt, stored_tests},
    state::{Changeset, Head, Mark, State},
    store::{ChainHead, Finalised, Store, StoreError},
    tx::{Transaction, decode_tests},
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use proptest::prelude::*;
use revm::bytecode::Bytecode;
use std::collections::BTreeMap;

pub(super) const GENESIS: B256 = B256::repeat_byte(0x6e);

/// Is a change of the state.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Head(u8, u64),
    Word(u8, u8, u8),
    Remove(u8),
    Code(u8, u8),
    Delegate(u8, u8),
}

/// Is the content of a block.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) steps: Vec<Step>,
    pub(super) transactions: Vec<(Transaction, Receipt)>,
}

pub(super) fn content() -> impl Strategy<Value = Content> {
    let step = prop_oneof![
        3 => (0u8..6, any::<u64>()).prop_map(|(who, nonce)| Step::Head(who, nonce)),
        6 => (0u8..6, 0u8..8, 0u8..3).prop_map(|(who, key, value)| Step::Word(who, key, value)),
        1 => (0u8..6).prop_map(Step::Remove),
        1 => (0u8..6, 0u8..4).prop_map(|(who, code)| Step::Code(who, code)),
        1 => (0u8..6, 0u8..4).prop_map(|(who, to)| Step::Delegate(who, to)),
    ];
    let transaction = (decode_tests::transaction(), stored_tests::receipt());
    (prop::collection::vec(step, 0..12), prop::collection::vec(transaction, 0..3))
        .prop_map(|(steps, transactions)| Content { steps, transactions })
}

pub(super) fn plain(steps: Vec<Step>) -> Content {
    Content { steps, transactions: Vec::new() }
}

type Accounts = BTreeMap<Address, (Head, Bytes, BTreeMap<U256, U256>)>;

/// Is one block as a store has to hold it.
#[derive(Debug, Clone)]
struct Block {
    head: ChainHead,
    encoding: Vec<u8>,
    transactions: Vec<Transaction>,
    receipts: Vec<Receipt>,
    accounts: Accounts,
    mark: Mark,
}

/// Is a chain and what a store has to hold of it.
#[derive(Debug, Default)]
pub(super) struct Model {
    state: State,
    blocks: Vec<Block>,
    /// A block that was committed without success: it may be there as a whole or not at all.
    pending: Option<Block>,
}

impl Model {
    /// Commits a block to `store`.
    pub(super) fn commit(&mut self, store: &Store, content: &Content) -> Result<(), StoreError> {
        let (block, changes) = self.prepare(content);
        let digest = keccak256(&block.encoding);
        let parent = self.blocks.last().map(|block| block.head.hash).unwrap_or_default();
        let result = store.commit(&Finalised {
            height: block.head.height,
            hash: block.head.hash,
            parent,
            state_root: block.head.state_root,
            block: &block.encoding,
            transactions: &block.transactions,
            receipts: &block.receipts,
            changes: &changes,
            certificate: Some(b"certificate"),
            packages: &[(digest, b"package")],
        });
        match result {
            Ok(()) => self.blocks.push(block),
            Err(_) => self.pending = Some(block),
        }
        result
    }

    fn prepare(&mut self, content: &Content) -> (Block, Changeset) {
        let mark = self.state.mark();
        content.steps.iter().for_each(|step| apply(&mut self.state, step));
        let height = self.blocks.len() as u64;
        let changes = self.state.changes_since(mark).unwrap();
        let encoding = format!("block {height} {content:?}").into_bytes();
        let hash = keccak256(&encoding);
        self.state.push_block_hash(hash);
        let head = ChainHead { height, hash, state_root: self.state.root() };
        let (transactions, receipts) = content.transactions.iter().cloned().unzip();
        let accounts = accounts(&self.state, (0..6).map(Address::with_last_byte));
        (Block { head, encoding, transactions, receipts, accounts, mark }, changes)
    }

    /// Checks that the store holds exactly the blocks of the model; a pending block counts if it is there.
    /// Returns whether there was one.
    pub(super) fn check(&mut self, store: &Store) -> bool {
        let head = store.head().unwrap();
        let came = self.pending.take().is_some_and(|block| {
            let there = head == Some(block.head);
            if there {
                self.blocks.push(block);
            } else {
                self.state.undo_to(block.mark);
                self.state.truncate_block_hashes(self.blocks.len());
            }
            there
        });
        assert_eq!(head, self.blocks.last().map(|block| block.head));
        let mut places = BTreeMap::new();
        for block in &self.blocks {
            let height = block.head.height;
            assert_eq!(store.block(height).unwrap().as_ref(), Some(&block.encoding));
            assert_eq!(store.hash(height).unwrap(), Some(block.head.hash));
            assert_eq!(store.height(block.head.hash).unwrap(), Some(height));
            assert_eq!(store.certificate(height).unwrap().as_deref(), Some(&b"certificate"[..]));
            let package = store.package(keccak256(&block.encoding)).unwrap();
            assert_eq!(package.as_deref(), Some(&b"package"[..]));
            assert_eq!(store.transactions(height).unwrap(), block.transactions);
            assert_eq!(store.receipts(height).unwrap(), block.receipts);
            let hashes = block.transactions.iter().map(Transaction::hash).zip(0u32..);
            places.extend(hashes.map(|(hash, index)| (hash, (height, index))));
        }
        let next = self.blocks.len() as u64;
        assert_eq!((store.block(next).unwrap(), store.hash(next).unwrap()), (None, None));
        assert!(store.transactions(next).unwrap().is_empty() && store.receipts(next).unwrap().is_empty());
        for (hash, (height, index)) in places {
            assert_eq!(store.place(hash).unwrap(), Some((height, index)));
            let block = &self.blocks[height as usize];
            assert_eq!(store.transaction(hash).unwrap().as_ref(), block.transactions.get(index as usize));
            assert_eq!(store.receipt(hash).unwrap().as_ref(), block.receipts.get(index as usize));
        }
        self.check_state(store);
        came
    }

    /// Checks the state; the root proves all of it, the content is compared for good measure.
    pub(super) fn check_state(&self, store: &Store) {
        let Some(last) = self.blocks.last() else {
            assert!(matches!(store.load_state(B256::ZERO), Err(StoreError::Empty)));
            return;
        };
        let (state, head) = store.load_state(last.head.state_root).unwrap();
        assert_eq!(head, last.head);
        assert_eq!(accounts(&state, last.accounts.keys().copied()), last.accounts);
        let first = self.blocks.len().saturating_sub(256);
        for block in &self.blocks[first..] {
            assert_eq!(state.block_hash_at(block.head.height), block.head.hash);
        }
        assert_eq!(state.mark(), Mark::default());
    }

    pub(super) fn root(&self) -> B256 {
        self.blocks.last().unwrap().head.state_root
    }

    pub(super) fn hash(&self) -> B256 {
        self.blocks.last().unwrap().head.hash
    }
}

fn accounts(state: &State, addresses: impl Iterator<Item = Address>) -> Accounts {
    let there = addresses.filter_map(|address| state.head(address).map(|head| (address, head)));
    there.map(|(a, head)| (a, (head, state.code(a).original_bytes(), state.words(a)))).collect()
}

fn apply(state: &mut State, step: &Step) {
    let at = Address::with_last_byte;
    let mut head = |who: u8, code: Bytecode| {
        let code_hash = state.add_code(code);
        let head = state.head(at(who)).unwrap_or_default();
        state.set_head(at(who), Head { code_hash, ..head });
    };
    match *step {
        Step::Code(who, code) => head(who, Bytecode::new_legacy(Bytes::from(vec![code; 5]))),
        Step::Delegate(who, to) => head(who, Bytecode::new_eip7702(at(to))),
        Step::Head(who, nonce) => {
            let head = state.head(at(who)).unwrap_or_default();
            state.set_head(at(who), Head { nonce, balance: U256::from(nonce) << 70, ..head });
        }
        Step::Word(who, key, value) => {
            // Short and long words, and keys all over.
            let key = U256::from_be_bytes(keccak256([key]).0);
            let value = [U256::ZERO, U256::from(7), U256::MAX - key][usize::from(value)];
            state.set_word(at(who), key, value);
        }
        Step::Remove(who) => state.remove(at(who)),
    }
}
