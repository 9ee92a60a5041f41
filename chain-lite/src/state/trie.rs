//! Keeps a Merkle-Patricia trie in memory, so that a new root costs by changed keys, not by size.
//!
//! Keys are hashes, so all have 64 nibbles and a branch never holds a value. Each node remembers its
//! reference (hash, or its RLP if that is shorter than a hash) until something below it changes. Nodes are
//! encoded by `alloy-trie`; the shape is kept here because that crate builds roots from scratch only and
//! `eth_trie` decodes every node again after each commit.

use alloy_primitives::{B256, Bytes, keccak256};
use alloy_trie::{
    EMPTY_ROOT_HASH, Nibbles, TrieMask,
    nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode},
};

/// Is a trie from hashed keys to RLP values.
#[derive(Debug, Default)]
pub struct Trie {
    root: Option<Box<Node>>,
}

#[derive(Debug)]
struct Node {
    shape: Shape,
    cache: Option<RlpNode>,
}

#[derive(Debug)]
enum Shape {
    Leaf {
        key: B256,
        value: Box<[u8]>,
    },
    /// `key` is any key with the same nibbles on the stretch of `len` nibbles that this node skips.
    Extension {
        key: B256,
        len: usize,
        child: Box<Node>,
    },
    Branch(Children),
}

type Children = [Option<Box<Node>>; 16];

impl Node {
    fn new(shape: Shape) -> Box<Self> {
        Box::new(Self { shape, cache: None })
    }
}

impl Trie {
    /// Returns the root hash.
    pub fn root(&mut self) -> B256 {
        let mut buffer = Vec::new();
        match &mut self.root {
            None => EMPTY_ROOT_HASH,
            Some(node) => {
                let reference = reference(node, 0, &mut buffer);
                reference.as_hash().unwrap_or_else(|| keccak256(reference.as_slice()))
            }
        }
    }

    /// Returns the root hash as it was computed last; none if something has changed since.
    pub fn known_root(&self) -> Option<B256> {
        match &self.root {
            None => Some(EMPTY_ROOT_HASH),
            Some(node) => {
                let reference = node.cache.as_ref()?;
                Some(reference.as_hash().unwrap_or_else(|| keccak256(reference.as_slice())))
            }
        }
    }

    /// Returns the nodes on the way to `key`, from the root on, that prove its value or its absence; nodes that
    /// stand inside their parents are not listed. None if something has changed since the root was computed.
    pub fn prove(&self, key: B256) -> Option<Vec<Bytes>> {
        let (mut proof, mut depth, mut next) = (Vec::new(), 0, self.root.as_deref());
        while let Some(node) = next {
            let encoded = encode(node, depth)?;
            if depth == 0 || encoded.len() >= B256::len_bytes() {
                proof.push(encoded.into());
            }
            (next, depth) = match &node.shape {
                Shape::Leaf { .. } => (None, depth),
                Shape::Extension { key: own, len, child } => {
                    let passes = shared(own, &key, depth, *len) == *len;
                    (passes.then_some(&**child), depth + len)
                }
                Shape::Branch(children) => {
                    (children.get(nibble(&key, depth)).and_then(Option::as_deref), depth + 1)
                }
            };
        }
        Some(proof)
    }

    /// Puts `value` at `key`; an empty value removes the key.
    pub fn set(&mut self, key: B256, value: &[u8]) {
        self.root = match (self.root.take(), value.is_empty()) {
            (None, true) => None,
            (None, false) => Some(leaf(key, value)),
            (Some(node), true) => remove(node, 0, &key),
            (Some(node), false) => Some(insert(node, 0, key, value)),
        };
    }
}

fn leaf(key: B256, value: &[u8]) -> Box<Node> {
    Node::new(Shape::Leaf { key, value: value.into() })
}

fn nibble(key: &B256, depth: usize) -> usize {
    let byte = key.get(depth / 2).copied().unwrap_or_default();
    usize::from(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
}

/// Counts the nibbles that two keys share from `depth` on, at most `len`.
fn shared(a: &B256, b: &B256, depth: usize, len: usize) -> usize {
    (depth..depth + len).take_while(|i| nibble(a, *i) == nibble(b, *i)).count()
}

/// Returns the child of a branch that `key` passes through at `depth`.
#[allow(clippy::indexing_slicing, reason = "a nibble is below 16")]
fn slot<'a>(children: &'a mut Children, key: &B256, depth: usize) -> &'a mut Option<Box<Node>> {
    &mut children[nibble(key, depth) & 15]
}

/// Puts an extension of `len` nibbles over `child`, or nothing if it would be empty.
fn extend(key: B256, len: usize, child: Box<Node>) -> Box<Node> {
    if len == 0 { child } else { Node::new(Shape::Extension { key, len, child }) }
}

fn insert(mut node: Box<Node>, depth: usize, key: B256, value: &[u8]) -> Box<Node> {
    node.cache = None;
    match node.shape {
        Shape::Leaf { key: old, value: _ } if old == key => leaf(key, value),
        Shape::Leaf { key: old, .. } => {
            let common = shared(&old, &key, depth, 64 - depth);
            let fork = depth + common;
            let mut children = Children::default();
            *slot(&mut children, &old, fork) = Some(node);
            *slot(&mut children, &key, fork) = Some(leaf(key, value));
            extend(key, common, Node::new(Shape::Branch(children)))
        }
        Shape::Extension { key: old, len, child } => {
            let common = shared(&old, &key, depth, len);
            if common == len {
                return extend(old, len, insert(child, depth + len, key, value));
            }
            let fork = depth + common;
            let mut children = Children::default();
            *slot(&mut children, &old, fork) = Some(extend(old, len - common - 1, child));
            *slot(&mut children, &key, fork) = Some(leaf(key, value));
            extend(key, common, Node::new(Shape::Branch(children)))
        }
        Shape::Branch(ref mut children) => {
            let child = slot(children, &key, depth);
            *child = Some(match child.take() {
                Some(child) => insert(child, depth + 1, key, value),
                None => leaf(key, value),
            });
            node
        }
    }
}

fn remove(mut node: Box<Node>, depth: usize, key: &B256) -> Option<Box<Node>> {
    match node.shape {
        Shape::Leaf { key: old, .. } => (old != *key).then_some(node),
        Shape::Extension { key: old, len, child } => {
            if shared(&old, key, depth, len) < len {
                return Some(Node::new(Shape::Extension { key: old, len, child }));
            }
            remove(child, depth + len, key).map(|child| join(old, len, child))
        }
        Shape::Branch(ref mut children) => {
            node.cache = None;
            let child = slot(children, key, depth);
            *child = child.take().and_then(|child| remove(child, depth + 1, key));
            let mut left = children.iter_mut().filter(|child| child.is_some());
            match (left.next(), left.next()) {
                (Some(only), None) => only.take().map(|child| join(any_key(&child), 1, child)),
                _ => Some(node),
            }
        }
    }
}

/// Puts `len` nibbles of `key` above a node that stood alone below them.
fn join(key: B256, len: usize, mut child: Box<Node>) -> Box<Node> {
    child.cache = None;
    match child.shape {
        Shape::Leaf { .. } => child,
        Shape::Extension { key, len: below, child } => extend(key, len + below, child),
        Shape::Branch(_) => extend(key, len, child),
    }
}

/// Returns some key below a node.
fn any_key(node: &Node) -> B256 {
    match &node.shape {
        Shape::Leaf { key, .. } | Shape::Extension { key, .. } => *key,
        Shape::Branch(children) => children.iter().flatten().next().map(|c| any_key(c)).unwrap_or_default(),
    }
}

fn path(key: &B256, depth: usize, len: usize) -> Nibbles {
    Nibbles::unpack(key).slice(depth..depth + len)
}

/// Returns the node's reference, encoding only what changed.
fn reference(node: &mut Node, depth: usize, buffer: &mut Vec<u8>) -> RlpNode {
    if let Some(known) = &node.cache {
        return known.clone();
    }
    let reference = match &mut node.shape {
        Shape::Leaf { key, value } => {
            let path = path(key, depth, 64 - depth);
            buffer.clear();
            LeafNodeRef::new(&path, value).rlp(buffer)
        }
        Shape::Extension { key, len, child } => {
            let child = reference(child, depth + *len, buffer);
            buffer.clear();
            ExtensionNodeRef::new(&path(key, depth, *len), child.as_slice()).rlp(buffer)
        }
        Shape::Branch(children) => branch_reference(children, depth, buffer),
    };
    node.cache = Some(reference.clone());
    reference
}

/// Encodes a node whose children's references are known.
fn encode(node: &Node, depth: usize) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    match &node.shape {
        Shape::Leaf { key, value } => LeafNodeRef::new(&path(key, depth, 64 - depth), value).rlp(&mut buffer),
        Shape::Extension { key, len, child } => {
            let child = child.cache.as_ref()?;
            ExtensionNodeRef::new(&path(key, depth, *len), child.as_slice()).rlp(&mut buffer)
        }
        Shape::Branch(children) => {
            let (mut stack, mut mask) = (Vec::with_capacity(16), TrieMask::default());
            for (child, i) in children.iter().zip(0u8..) {
                if let Some(child) = child {
                    stack.push(child.cache.clone()?);
                    mask.set_bit(i);
                }
            }
            BranchNodeRef::new(&stack, mask).rlp(&mut buffer)
        }
    };
    Some(buffer)
}

fn branch_reference(children: &mut Children, depth: usize, buffer: &mut Vec<u8>) -> RlpNode {
    let mut stack = Vec::with_capacity(16);
    let mut mask = TrieMask::default();
    for (child, i) in children.iter_mut().zip(0u8..) {
        if let Some(child) = child {
            stack.push(reference(child, depth + 1, buffer));
            mask.set_bit(i);
        }
    }
    buffer.clear();
    BranchNodeRef::new(&stack, mask).rlp(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_trie::{HashBuilder, proof::verify_proof};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn expected(map: &BTreeMap<B256, Vec<u8>>) -> B256 {
        let mut builder = HashBuilder::default();
        for (key, value) in map {
            builder.add_leaf(Nibbles::unpack(key), value);
        }
        builder.root()
    }

    /// Few distinct nibbles and shared heads and tails make long extensions and deep collapses.
    fn key() -> impl Strategy<Value = B256> {
        (0u8..4, 0usize..32, any::<u8>(), any::<bool>()).prop_map(|(fill, at, byte, hashed)| {
            let mut key = B256::repeat_byte(fill * 0x11);
            key[at] = byte;
            if hashed { keccak256(key) } else { key }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn roots_equal_those_of_alloy_trie(steps in prop::collection::vec((key(), 0usize..40, any::<bool>()), 1..120)) {
            let (mut trie, mut map) = (Trie::default(), BTreeMap::new());
            for (i, (key, len, look)) in steps.into_iter().enumerate() {
                let value = vec![i as u8 | 1; if i % 3 == 0 { 0 } else { len }];
                trie.set(key, &value);
                if value.is_empty() { map.remove(&key); } else { map.insert(key, value); }
                prop_assert!(trie.known_root().is_none_or(|root| root == expected(&map)));
                if look {
                    let root = trie.root();
                    prop_assert_eq!(root, expected(&map));
                    prop_assert_eq!(trie.known_root(), Some(root));
                    for at in map.keys().copied().chain([key, keccak256(key)]) {
                        let proof = trie.prove(at).unwrap();
                        let value = map.get(&at).cloned();
                        prop_assert!(verify_proof(root, Nibbles::unpack(at), value, &proof).is_ok());
                    }
                }
            }
            prop_assert_eq!(trie.root(), expected(&map));
            for key in map.keys().copied().collect::<Vec<_>>() {
                trie.set(key, &[]);
                map.remove(&key);
                prop_assert_eq!(trie.root(), expected(&map));
            }
        }
    }
}
