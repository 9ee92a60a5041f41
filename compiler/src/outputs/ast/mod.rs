//! Writes syntax trees in solc's compact JSON form, which tools read.
//!
//! The tree says more than the HIR keeps: solc's own types with data locations, overloads, what is assignable
//! and what is known at compile time. So a walk of its own over the parsed files finds these ([`typer`]),
//! only when trees are asked for; interfaces and selectors come from the HIR.

mod body;
mod builtin;
mod contract;
mod convert;
mod counter;
mod declare;
mod emit;
mod emit_expr;
mod emit_item;
mod emit_stmt;
mod emit_type;
mod emit_yul;
mod expr;
mod member;
mod operator;
mod resolve;
mod typer;
mod types;
mod using;

pub use declare::Source;

use crate::hir::Hir;
use crate::source::{FileId, Span};
use contract::Facts;
use declare::World;
use emit::{Emitter, Known, Part};
use serde_json::Value;
use std::collections::HashMap;
use typer::Typer;

/// Says what trees shall hold.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// The name of the rules that assembly is for.
    pub evm_version: &'a str,
    /// The number of each file in `src`.
    pub index: Vec<u32>,
}

/// Is the trees of a program with the numbers of what it declares.
#[derive(Debug, Clone)]
pub struct Trees {
    /// A tree for each file, in the order of the files.
    pub units: Vec<Value>,
    numbers: HashMap<Span, u32>,
}

impl Trees {
    /// Returns the number of the declaration whose whole text is at a place.
    pub fn number(&self, span: Span) -> Option<u32> {
        self.numbers.get(&span).copied()
    }
}

/// Writes the trees of all files. With `hir`, the program was checked without an error and the trees carry
/// types and references; without, they say what the text says.
pub fn source_units(sources: &[Source<'_>], hir: Option<&Hir>, options: &Options<'_>) -> Trees {
    crate::stack::with_big_stack(|| write(sources, hir, options))
}

fn write(sources: &[Source<'_>], hir: Option<&Hir>, options: &Options<'_>) -> Trees {
    let mut world = World::new(sources.to_vec());
    let none = HashMap::new();
    let (plain, numbers, units, parts) = run(&world, None, &none, options);
    (world.numbers, world.unit_numbers) = (numbers.clone(), units);
    let Some(hir) = hir else {
        let (units, ..) = run(&world, None, &parts, options);
        drop(plain);
        return Trees { units, numbers };
    };
    let mut typer = Typer::new(world);
    typer.collect_usings();
    typer.walk();
    let facts = Facts::collect(&typer, hir);
    let known = Known { typer: &typer, facts: &facts };
    let (units, ..) = run(&typer.w, Some(known), &parts, options);
    Trees { units, numbers }
}

type Run = (Vec<Value>, HashMap<Span, u32>, Vec<u32>, HashMap<(Part, Span), u32>);

/// Walks over all files once; the first walk is for the numbers.
fn run<'a>(
    world: &World<'a>,
    known: Option<Known<'_, 'a>>,
    scopes: &HashMap<(Part, Span), u32>,
    options: &Options<'_>,
) -> Run {
    let count = world.sources.len();
    let mut emitter = Emitter {
        w: world,
        known,
        evm_version: options.evm_version,
        index: &options.index,
        scopes,
        next: 1,
        numbers: HashMap::new(),
        units: vec![0; count],
        parts: HashMap::new(),
        tokens: crate::lexer::Tokens::default(),
        file: 0,
        scope: 0,
        returns: None,
    };
    let units = (0..count as FileId).map(|file| emitter.unit(file)).collect();
    (units, emitter.numbers, emitter.units, emitter.parts)
}
