//! Lays assembly out as bytes: chooses the width of each symbolic push, appends data and sub-objects, and
//! notes where immutables and library addresses go.

use super::asm::{AsmInst, Item, JumpKind, Label, byte};
use crate::ir::{ImmutableId, IndexVec, LibraryId, Module, Span, Symbol, SymbolId};
use alloy_primitives::U256;
use std::collections::{BTreeMap, HashMap};

/// Is a place in the code that somebody fills in later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The first byte.
    pub start: usize,
    /// The length in bytes: 32 for an immutable, 20 for a library.
    pub length: usize,
}

/// Is an internal function in the finished code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionPlace {
    /// Its name, unique within the code.
    pub name: String,
    /// The offset of its first instruction.
    pub entry: usize,
    /// The number of words that it takes.
    pub params: usize,
    /// The number of words that it gives.
    pub returns: usize,
}

/// Is one instruction of the finished code, for the source map and the listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    /// The offset of the opcode's byte.
    pub offset: usize,
    /// The source.
    pub span: Span,
    /// The kind of jump.
    pub jump: JumpKind,
}

/// Is a module's code.
#[derive(Debug, Clone, Default)]
pub(super) struct Code {
    /// The bytes: instructions, data, sub-objects, trailer.
    pub bytes: Vec<u8>,
    /// The length of the part that holds instructions.
    pub instructions: usize,
    /// The instructions in order.
    pub placed: Vec<Placed>,
    /// The internal functions that have code of their own, in their order.
    pub functions: Vec<FunctionPlace>,
    /// Where immutables are read, by name.
    pub immutables: BTreeMap<String, Vec<Reference>>,
    /// Where library addresses are missing, by name; those of sub-objects included.
    pub links: BTreeMap<String, Vec<Reference>>,
}

/// Lays out code. `push0` says whether zero can be pushed without an immediate; `object` finds the finished code of another module; the caller has made sure that all exist.
pub(super) fn assemble<'c>(
    module: &Module,
    code: &[AsmInst],
    push0: bool,
    object: impl Fn(&str) -> Option<&'c Code>,
) -> Code {
    let layout = Layout::new(module, code, push0, &object);
    let mut out = Writer { code: Code::default(), module, layout: &layout };
    for (inst, &width) in code.iter().zip(&layout.widths) {
        out.item(inst, width);
    }
    let mut done = out.code;
    done.functions = layout.functions(module);
    done.instructions = done.bytes.len();
    if layout.total > done.bytes.len() {
        done.bytes.push(byte::INVALID);
    }
    for symbol in module.symbols.iter() {
        match symbol {
            Symbol::Data { bytes, .. } => done.bytes.extend_from_slice(bytes),
            Symbol::Object(name) => {
                if let Some(inner) = object(name) {
                    append(&mut done, inner);
                }
            }
            Symbol::Myself => {}
        }
    }
    done.bytes.extend_from_slice(&module.trailer);
    done
}

fn append(done: &mut Code, inner: &Code) {
    let base = done.bytes.len();
    done.bytes.extend_from_slice(&inner.bytes);
    for (name, places) in &inner.links {
        let moved = places.iter().map(|place| Reference { start: place.start + base, ..*place });
        done.links.entry(name.clone()).or_default().extend(moved);
    }
}

/// Knows the offset of everything.
struct Layout {
    widths: Vec<usize>,
    labels: HashMap<Label, usize>,
    symbols: IndexVec<SymbolId, (usize, usize)>,
    total: usize,
    /// True when zero can be pushed without an immediate.
    push0: bool,
}

impl Layout {
    fn new<'c>(
        module: &Module,
        code: &[AsmInst],
        push0: bool,
        object: &impl Fn(&str) -> Option<&'c Code>,
    ) -> Self {
        let sizes: Vec<usize> = module
            .symbols
            .iter()
            .map(|symbol| match symbol {
                Symbol::Data { bytes, .. } => bytes.len(),
                Symbol::Object(name) => object(name).map_or(0, |code| code.bytes.len()),
                Symbol::Myself => 0,
            })
            .collect();
        let mut layout = Self {
            widths: code.iter().map(|inst| first_width(module, inst.item, push0)).collect(),
            labels: HashMap::new(),
            symbols: IndexVec::new(),
            total: 0,
            push0,
        };
        // Widths only grow, so this ends.
        loop {
            layout.place(module, code, &sizes);
            if !layout.widen(code) {
                return layout;
            }
        }
    }

    fn place(&mut self, module: &Module, code: &[AsmInst], sizes: &[usize]) {
        let mut at = 0;
        for (inst, width) in code.iter().zip(&self.widths) {
            if let Item::Label(label) = inst.item {
                self.labels.insert(label, at);
            }
            at += width;
        }
        let data: usize = sizes.iter().sum::<usize>() + module.trailer.len();
        if data > 0 || module.symbols.iter().any(|symbol| *symbol != Symbol::Myself) {
            at += 1;
        }
        let total = at + data;
        self.symbols = module
            .symbols
            .iter()
            .zip(sizes)
            .map(|(symbol, &size)| {
                if *symbol == Symbol::Myself {
                    return (0, total);
                }
                at += size;
                (at - size, size)
            })
            .collect();
        self.total = total;
    }

    /// Lists the functions that have code of their own; a function's label has its number.
    fn functions(&self, module: &Module) -> Vec<FunctionPlace> {
        let mut places: Vec<FunctionPlace> = module
            .functions
            .enumerated()
            .filter_map(|(id, function)| {
                let entry = *self.labels.get(&Label(crate::ir::Id::index(id) as u32))?;
                let (params, returns) = (function.params().len(), function.returns);
                Some(FunctionPlace { name: function.name.clone(), entry, params, returns })
            })
            .collect();
        places.sort_by_key(|place| place.entry);
        places
    }

    fn number(&self, item: Item) -> Option<usize> {
        match item {
            Item::PushLabel(label) => self.labels.get(&label).copied(),
            Item::SymbolOffset(symbol) => self.symbols.get(symbol).map(|place| place.0),
            Item::SymbolSize(symbol) => self.symbols.get(symbol).map(|place| place.1),
            _ => None,
        }
    }

    fn widen(&mut self, code: &[AsmInst]) -> bool {
        let mut changed = false;
        for at in 0..code.len() {
            let Some(number) = code.get(at).and_then(|inst| self.number(inst.item)) else { continue };
            let needed = push_width(U256::from(number), self.push0);
            if let Some(width) = self.widths.get_mut(at).filter(|width| **width < needed) {
                *width = needed;
                changed = true;
            }
        }
        changed
    }
}

fn byte_length(constant: U256) -> usize {
    constant.bit_len().div_ceil(8)
}

/// Returns the bytes of the shortest push of a constant.
fn push_width(constant: U256, push0: bool) -> usize {
    1 + byte_length(constant).max(usize::from(!push0))
}

fn first_width(module: &Module, item: Item, push0: bool) -> usize {
    match item {
        Item::Op(_) | Item::Label(_) => 1,
        Item::Push(constant) => push_width(constant, push0),
        Item::PushLabel(_) => 2,
        Item::SymbolOffset(_) | Item::SymbolSize(_) => push_width(U256::ZERO, push0),
        Item::Immutable(_) => 33,
        Item::Library(_) => 21,
        Item::Raw(id) => module.verbatims[id].len(),
        // Both are replaced by constants before.
        Item::MemStart | Item::Slot(..) => 1,
    }
}

struct Writer<'m> {
    code: Code,
    module: &'m Module,
    layout: &'m Layout,
}

impl Writer<'_> {
    fn item(&mut self, inst: &AsmInst, width: usize) {
        let offset = self.code.bytes.len();
        self.code.placed.push(Placed { offset, span: inst.span, jump: inst.jump });
        match inst.item {
            Item::Op(byte) => self.code.bytes.push(byte),
            Item::Label(_) => self.code.bytes.push(byte::JUMPDEST),
            Item::Push(constant) => self.push(constant, width - 1),
            Item::Immutable(id) => self.immutable(id),
            Item::Library(id) => self.library(id),
            Item::Raw(id) => self.code.bytes.extend_from_slice(&self.module.verbatims[id]),
            item => {
                let number = self.layout.number(item).unwrap_or(0);
                self.push(U256::from(number), width - 1);
            }
        }
    }

    fn push(&mut self, constant: U256, width: usize) {
        self.code.bytes.push(byte::PUSH0 + width as u8);
        let bytes = constant.to_be_bytes::<32>();
        self.code.bytes.extend(bytes.iter().skip(32 - width.min(32)));
    }

    fn immutable(&mut self, id: ImmutableId) {
        self.push(U256::ZERO, 32);
        let place = Reference { start: self.code.bytes.len() - 32, length: 32 };
        self.code.immutables.entry(self.module.immutables[id].clone()).or_default().push(place);
    }

    fn library(&mut self, id: LibraryId) {
        self.push(U256::ZERO, 20);
        let place = Reference { start: self.code.bytes.len() - 20, length: 20 };
        self.code.links.entry(self.module.libraries[id].clone()).or_default().push(place);
    }
}
