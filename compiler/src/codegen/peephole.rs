//! Improves assembly: threads jumps, merges equal tails, drops what cannot run, lays blocks out so that jumps
//! fall through, and simplifies short sequences.

use super::asm::{AsmInst, Item, Label, byte};
use crate::ir::Evm;
use alloy_primitives::U256;
use std::collections::{HashMap, HashSet};

/// Is a run of items that control enters at the first and leaves at the last only.
#[derive(Debug, Clone, Default)]
struct Block {
    labels: Vec<Label>,
    items: Vec<AsmInst>,
}

impl Block {
    fn ends_flow(&self) -> bool {
        self.items.last().is_some_and(|inst| inst.item.ends_flow())
    }
    /// Returns where the block jumps at its end, if it does nothing else there.
    fn jump_target(&self) -> Option<Label> {
        match self.items.as_slice() {
            [.., push, jump] if jump.item == Item::Op(byte::JUMP) => match push.item {
                Item::PushLabel(label) => Some(label),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Improves code.
pub(super) fn optimize(code: Vec<AsmInst>) -> Vec<AsmInst> {
    let mut blocks = split(code);
    for _ in 0..4 {
        let before = size(&blocks);
        alias_labels(&mut blocks);
        drop_unreferenced(&mut blocks);
        for block in &mut blocks {
            simplify(&mut block.items);
        }
        inline_short_ends(&mut blocks);
        skip_less(&mut blocks);
        blocks = chain(blocks);
        if size(&blocks) == before {
            break;
        }
    }
    join(blocks)
}

fn size(blocks: &[Block]) -> (usize, usize) {
    (blocks.len(), blocks.iter().map(|block| block.items.len()).sum())
}

fn split(code: Vec<AsmInst>) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    let mut dead = false;
    for inst in code {
        let Some(block) = blocks.last_mut() else { break };
        match inst.item {
            Item::Label(label) if block.items.is_empty() && !dead => block.labels.push(label),
            Item::Label(label) => {
                dead = false;
                blocks.push(Block { labels: vec![label], items: Vec::new() });
            }
            _ if dead => {}
            item => {
                block.items.push(inst);
                if item.ends_flow() {
                    dead = true;
                } else if item == Item::Op(byte::JUMPI) {
                    blocks.push(Block::default());
                }
            }
        }
    }
    blocks
}

fn join(blocks: Vec<Block>) -> Vec<AsmInst> {
    let referenced = references(&blocks);
    let mut code: Vec<AsmInst> = Vec::new();
    for block in blocks {
        let span = block.items.first().map(|inst| (inst.span, inst.jump)).unwrap_or_default();
        for label in block.labels.into_iter().filter(|label| referenced.contains(label)) {
            code.push(AsmInst { item: Item::Label(label), span: span.0, jump: Default::default() });
        }
        code.extend(block.items);
    }
    code
}

fn references(blocks: &[Block]) -> HashSet<Label> {
    let items = blocks.iter().flat_map(|block| &block.items);
    items
        .filter_map(|inst| match inst.item {
            Item::PushLabel(label) => Some(label),
            _ => None,
        })
        .collect()
}

/// Gives each block one label, sends jumps to jumps straight on, and merges blocks with equal contents.
fn alias_labels(blocks: &mut [Block]) {
    let mut alias: HashMap<Label, Label> = HashMap::new();
    for block in blocks.iter_mut() {
        let mut labels = std::mem::take(&mut block.labels).into_iter();
        if let Some(first) = labels.next() {
            alias.extend(labels.map(|label| (label, first)));
            block.labels.push(first);
        }
    }
    for at in 0..blocks.len() {
        let (Some(block), Some(next)) = (blocks.get(at), blocks.get(at + 1)) else { break };
        if block.items.is_empty()
            && let (Some(&from), Some(&to)) = (block.labels.first(), next.labels.first())
        {
            alias.insert(from, to);
        }
    }
    for block in blocks.iter() {
        if block.items.len() == 2
            && let (Some(&from), Some(to)) = (block.labels.first(), block.jump_target())
            && from != to
        {
            alias.insert(from, to);
        }
    }
    rename(blocks, &alias);
    let mut seen: HashMap<Vec<Item>, Label> = HashMap::new();
    let mut equal: HashMap<Label, Label> = HashMap::new();
    for block in blocks.iter().filter(|block| block.ends_flow()) {
        let Some(&label) = block.labels.first() else { continue };
        let items: Vec<Item> = block.items.iter().map(|inst| inst.item).collect();
        let first = *seen.entry(items).or_insert(label);
        if first != label {
            equal.insert(label, first);
        }
    }
    rename(blocks, &equal);
}

fn rename(blocks: &mut [Block], alias: &HashMap<Label, Label>) {
    let resolve = |label: Label| {
        let mut at = label;
        // Empty loops jump to themselves through others: give up after as many steps as there are aliases.
        for _ in 0..=alias.len() {
            match alias.get(&at) {
                Some(&next) => at = next,
                None => return at,
            }
        }
        label
    };
    for inst in blocks.iter_mut().flat_map(|block| &mut block.items) {
        if let Item::PushLabel(label) = &mut inst.item {
            *label = resolve(*label);
        }
    }
}

/// Drops blocks that nothing falls or jumps into, and labels that nothing jumps to.
fn drop_unreferenced(blocks: &mut Vec<Block>) {
    let reached = reachable(blocks);
    let referenced = references(blocks);
    let mut at = 0;
    blocks.retain_mut(|block| {
        block.labels.retain(|label| referenced.contains(label));
        at += 1;
        reached.get(at - 1).copied().unwrap_or(false)
    });
    // A block without label after one that goes on is one block with it.
    let mut merged: Vec<Block> = Vec::new();
    for block in std::mem::take(blocks) {
        match merged.last_mut() {
            Some(last)
                if block.labels.is_empty()
                    && !last.ends_flow()
                    && last.items.last().is_none_or(|inst| inst.item != Item::Op(byte::JUMPI)) =>
            {
                last.items.extend(block.items);
            }
            _ => merged.push(block),
        }
    }
    *blocks = merged;
}

fn reachable(blocks: &[Block]) -> Vec<bool> {
    let mut home: HashMap<Label, usize> = HashMap::new();
    for (at, block) in blocks.iter().enumerate() {
        home.extend(block.labels.iter().map(|label| (*label, at)));
    }
    let mut reached = vec![false; blocks.len()];
    let mut work = vec![0];
    while let Some(at) = work.pop() {
        let (Some(block), Some(seen)) = (blocks.get(at), reached.get_mut(at)) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        for inst in &block.items {
            if let Item::PushLabel(label) = inst.item {
                work.extend(home.get(&label));
            }
        }
        if !block.ends_flow() {
            work.push(at + 1);
        }
    }
    reached
}

/// Replaces a jump to a block that is no longer than the jump by that block.
fn inline_short_ends(blocks: &mut [Block]) {
    let is_short = |block: &Block| {
        block.items.len() <= 3
            && block.ends_flow()
            && block.items.iter().all(|inst| match inst.item {
                Item::Op(byte) => byte != byte::JUMP,
                Item::Push(constant) => constant.is_zero(),
                _ => false,
            })
    };
    let short: HashMap<Label, Vec<AsmInst>> = blocks
        .iter()
        .filter(|block| is_short(block))
        .flat_map(|block| block.labels.iter().map(|label| (*label, block.items.clone())))
        .collect();
    for block in blocks {
        if let Some(end) = block.jump_target().and_then(|target| short.get(&target)) {
            block.items.truncate(block.items.len() - 2);
            block.items.extend_from_slice(end);
        }
    }
}

/// Turns a jump over a jump into one jump on the contrary condition.
fn skip_less(blocks: &mut [Block]) {
    for at in 2..blocks.len() {
        let next = blocks.get(at).and_then(|block| block.labels.first().copied());
        let over = blocks.get(at - 1).filter(|block| block.labels.is_empty() && block.items.len() == 2);
        let Some(target) = over.and_then(Block::jump_target) else { continue };
        let Some(block) = blocks.get_mut(at - 2) else { continue };
        let [.., test, push, jump] = block.items.as_mut_slice() else { continue };
        let skips =
            jump.item == Item::Op(byte::JUMPI) && next.is_some_and(|next| push.item == Item::PushLabel(next));
        if !skips {
            continue;
        }
        push.item = Item::PushLabel(target);
        if test.item == Item::Op(byte::EQ) {
            test.item = Item::Op(byte::SUB);
        } else {
            let negation = AsmInst { item: Item::Op(byte::ISZERO), ..*push };
            let position = block.items.len() - 2;
            block.items.insert(position, negation);
        }
        if let Some(over) = blocks.get_mut(at - 1) {
            over.items.clear();
        }
    }
}

/// Orders blocks so that a block follows one that jumps to it, and drops that jump.
fn chain(blocks: Vec<Block>) -> Vec<Block> {
    let mut home: HashMap<Label, usize> = HashMap::new();
    for (at, block) in blocks.iter().enumerate() {
        home.extend(block.labels.iter().map(|label| (*label, at)));
    }
    let fallen_into: Vec<bool> = std::iter::once(true)
        .chain(blocks.iter().map(|block| !block.ends_flow()))
        .take(blocks.len())
        .collect();
    let mut slots: Vec<Option<Block>> = blocks.into_iter().map(Some).collect();
    let mut ordered: Vec<Block> = Vec::new();
    for start in 0..slots.len() {
        // A block that is fallen into comes with its predecessor.
        if start > 0 && fallen_into.get(start).copied().unwrap_or(false) {
            continue;
        }
        let mut at = start;
        while let Some(mut block) = slots.get_mut(at).and_then(Option::take) {
            let next = if block.ends_flow() {
                let target = block.jump_target().and_then(|label| home.get(&label).copied());
                target.filter(|&to| {
                    slots.get(to).is_some_and(Option::is_some)
                        && !fallen_into.get(to).copied().unwrap_or(true)
                })
            } else {
                Some(at + 1)
            };
            if block.ends_flow() && next.is_some() {
                block.items.truncate(block.items.len() - 2);
            }
            ordered.push(block);
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
    }
    drop_jumps_to_next(&mut ordered);
    ordered
}

fn drop_jumps_to_next(blocks: &mut [Block]) {
    for at in 1..blocks.len() {
        let next = blocks.get(at).map(|block| block.labels.clone()).unwrap_or_default();
        if let Some(block) = blocks.get_mut(at - 1)
            && block.jump_target().is_some_and(|target| next.contains(&target))
        {
            block.items.truncate(block.items.len() - 2);
        }
    }
}

/// Simplifies sequences within a block.
fn simplify(items: &mut Vec<AsmInst>) {
    let mut out: Vec<AsmInst> = Vec::with_capacity(items.len());
    for &inst in items.iter() {
        out.push(inst);
        while shorten(&mut out) {}
    }
    *items = out;
}

fn is_push(item: Item) -> bool {
    matches!(
        item,
        Item::Push(_)
            | Item::PushLabel(_)
            | Item::SymbolOffset(_)
            | Item::SymbolSize(_)
            | Item::Immutable(_)
            | Item::Library(_)
            | Item::MemStart
            | Item::Slot(..)
    )
}

fn is_dup(byte: u8) -> bool {
    (byte::DUP1..byte::DUP1 + 16).contains(&byte)
}

fn is_swap(byte: u8) -> bool {
    (byte::SWAP1..byte::SWAP1 + 16).contains(&byte)
}

fn evm(byte: u8) -> Option<Evm> {
    crate::ir::EVM.iter().find(|info| info.byte == byte).map(|info| info.op)
}

/// Returns the number of operands of an operation that need not be done when its result is dropped.
fn unused_inputs(op: u8) -> Option<usize> {
    let info = evm(op)?.info();
    (info.effects.is_pure() && info.outputs == 1 && info.inputs <= 2).then_some(info.inputs as usize)
}

/// Rewrites the end of `out` once; returns whether it did.
fn shorten(out: &mut Vec<AsmInst>) -> bool {
    let len = out.len();
    let items: Vec<Item> = out.iter().skip(len.saturating_sub(3)).map(|inst| inst.item).collect();
    match *items.as_slice() {
        [.., Item::Op(dup), Item::Op(byte::POP)] if is_dup(dup) => out.truncate(len - 2),
        [.., push, Item::Op(byte::POP)] if is_push(push) => out.truncate(len - 2),
        [.., Item::Op(op), Item::Op(byte::POP)] if unused_inputs(op).is_some() => {
            let pop = out.pop();
            out.pop();
            let pops = std::iter::repeat_n(pop, unused_inputs(op).unwrap_or(0));
            out.extend(pops.flatten());
            return false;
        }
        [.., Item::Op(first), Item::Op(second)] if is_swap(first) && first == second => out.truncate(len - 2),
        [.., Item::Op(byte::DUP1), Item::Op(byte::SWAP1)] => out.truncate(len - 1),
        [.., Item::Op(byte::SWAP1), Item::Op(op)]
            if op != byte::SWAP1 && evm(op).and_then(Evm::exchanged).is_some() =>
        {
            let exchanged = evm(op).and_then(Evm::exchanged);
            out.remove(len - 2);
            if let (Some(last), Some(op)) = (out.last_mut(), exchanged) {
                last.item = Item::Op(op as u8);
            }
        }
        [Item::Op(byte::SWAP1), Item::Op(byte::POP), Item::Op(byte::POP)] => {
            out.remove(len - 3);
        }
        [Item::Op(byte::ISZERO), Item::Op(byte::ISZERO), Item::Op(byte::ISZERO)] => out.truncate(len - 2),
        [Item::Push(a), Item::Push(b), Item::Op(byte::ADD)] => {
            out.truncate(len - 2);
            if let Some(last) = out.last_mut() {
                last.item = Item::Push(a.wrapping_add(b));
            }
        }
        [.., Item::Push(zero), Item::Op(byte::ADD)] if zero == U256::ZERO => out.truncate(len - 2),
        _ => return jump_on_double_negation(out),
    }
    true
}

/// A jump that tests a negated negation tests the value itself.
fn jump_on_double_negation(out: &mut Vec<AsmInst>) -> bool {
    let len = out.len();
    let items: Vec<Item> = out.iter().skip(len.saturating_sub(4)).map(|inst| inst.item).collect();
    if let [Item::Op(byte::ISZERO), Item::Op(byte::ISZERO), Item::PushLabel(_), Item::Op(byte::JUMPI)] =
        *items.as_slice()
    {
        out.drain(len - 4..len - 2);
        return true;
    }
    false
}
