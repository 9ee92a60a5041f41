//! Prints a module as text that [`super::parse`] reads back.

use super::cfg;
use super::function::{Edge, Function, Inst, Span, Terminator, ValueDef};
use super::id::{BlockId, FuncId, Id, IndexVec, ValueId};
use super::module::{Module, Symbol};
use super::op::Op;
use alloy_primitives::hex;
use fusor_vm::opcode;
use std::fmt::Write;

/// Prints a module. Values are numbered in the order in which they appear, so equal programs print equally.
pub fn print(module: &Module) -> String {
    let mut out = format!("module {:?} {{\n", module.name);
    for symbol in module.symbols.iter() {
        print_symbol(&mut out, symbol);
    }
    for name in module.immutables.iter() {
        line(&mut out, format_args!("  immutable {name:?}"));
    }
    for name in module.libraries.iter() {
        line(&mut out, format_args!("  library {name:?}"));
    }
    if let Some(name) = &module.runtime {
        line(&mut out, format_args!("  runtime {name:?}"));
    }
    if !module.trailer.is_empty() {
        line(&mut out, format_args!("  trailer {}", hex::encode_prefixed(&module.trailer)));
    }
    if let Some(entry) = module.entry {
        line(&mut out, format_args!("  entry @{}", module.functions[entry].name));
    }
    for function in module.functions.ids() {
        out.push('\n');
        FunctionPrinter::new(module, function).print(&mut out);
    }
    out.push_str("}\n");
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
    out.push('\n');
}

fn print_symbol(out: &mut String, symbol: &Symbol) {
    match symbol {
        Symbol::Data { name, bytes } => {
            line(out, format_args!("  data {name:?} {}", hex::encode_prefixed(bytes)));
        }
        Symbol::Object(name) => line(out, format_args!("  object {name:?}")),
        Symbol::Myself => line(out, format_args!("  this")),
    }
}

struct FunctionPrinter<'m> {
    module: &'m Module,
    function: &'m Function,
    order: Vec<BlockId>,
    blocks: IndexVec<BlockId, usize>,
    values: IndexVec<ValueId, usize>,
}

impl<'m> FunctionPrinter<'m> {
    fn new(module: &'m Module, id: FuncId) -> Self {
        let function = &module.functions[id];
        let order = cfg::reverse_postorder(function);
        let mut blocks = IndexVec::filled(usize::MAX, function.blocks.len());
        let mut values = IndexVec::filled(usize::MAX, function.values.len());
        let mut next = 0;
        for (at, &block) in order.iter().enumerate() {
            blocks[block] = at;
            let body = &function.blocks[block];
            let results = body.insts.iter().flat_map(|&inst| &function.insts[inst].results);
            for &value in body.params.iter().chain(results) {
                values[value] = next;
                next += 1;
            }
        }
        Self { module, function, order, blocks, values }
    }

    fn print(&self, out: &mut String) {
        let function = self.function;
        line(
            out,
            format_args!(
                "  fn @{}({}) -> {}{} {{",
                function.name,
                self.list(function.params()),
                function.returns,
                span(function.span)
            ),
        );
        for &id in &self.order {
            let block = &function.blocks[id];
            let params = if id == function.entry { String::new() } else { self.parenthesised(&block.params) };
            line(out, format_args!("  b{}{params}:", self.blocks[id]));
            for &inst in &block.insts {
                let inst = &function.insts[inst];
                line(out, format_args!("    {}{}", self.inst(inst), span(inst.span)));
            }
            line(out, format_args!("    {}{}", self.terminator(&block.term), span(block.span)));
        }
        out.push_str("  }\n");
    }

    fn value(&self, value: ValueId) -> String {
        match self.function.values.get(value) {
            Some(ValueDef::Const(constant)) => format!("{constant:#x}"),
            Some(_) if self.values[value] != usize::MAX => format!("v{}", self.values[value]),
            _ => format!("undefined{}", value.index()),
        }
    }

    fn list(&self, values: &[ValueId]) -> String {
        values.iter().map(|&value| self.value(value)).collect::<Vec<_>>().join(", ")
    }

    fn parenthesised(&self, values: &[ValueId]) -> String {
        if values.is_empty() { String::new() } else { format!("({})", self.list(values)) }
    }

    fn edge(&self, edge: &Edge) -> String {
        format!("b{}{}", self.blocks[edge.block], self.parenthesised(&edge.args))
    }

    fn inst(&self, inst: &Inst) -> String {
        let args = self.list(&inst.args);
        let operation = match inst.op {
            Op::Evm(op) => format!("{} {args}", op.info().name),
            Op::Ext(byte) => {
                let name = opcode::by_byte(byte).map_or("unknown", |op| op.name).to_lowercase();
                format!("{name} {args}")
            }
            Op::Call(callee) => format!("call @{}({args})", self.module.functions[callee].name),
            Op::CallIndirect => format!("callindirect {args} -> {}", inst.results.len()),
            Op::FuncAddr(callee) => format!("funcaddr @{}", self.module.functions[callee].name),
            Op::DataOffset(symbol) => format!("dataoffset {:?}", self.module.symbols[symbol].name()),
            Op::DataSize(symbol) => format!("datasize {:?}", self.module.symbols[symbol].name()),
            Op::LoadImmutable(id) => format!("loadimmutable {:?}", self.module.immutables[id]),
            Op::SetImmutable(id) => format!("setimmutable {:?}, {args}", self.module.immutables[id]),
            Op::LinkerSymbol(id) => format!("linkersymbol {:?}", self.module.libraries[id]),
            Op::Verbatim(id) => {
                let code = alloy_primitives::hex::encode(&self.module.verbatims[id]);
                format!("verbatim {code:?}, {args} -> {}", inst.results.len())
            }
            Op::MemStart => "memstart".to_owned(),
        };
        let operation = operation.trim_end();
        match inst.results.as_slice() {
            [] => operation.to_owned(),
            results => format!("{} = {operation}", self.list(results)),
        }
    }

    fn terminator(&self, term: &Terminator) -> String {
        match term {
            Terminator::Open => "open".to_owned(),
            Terminator::Jump(edge) => format!("jump {}", self.edge(edge)),
            Terminator::Branch(value, yes, no) => {
                format!("branch {}, {}, {}", self.value(*value), self.edge(yes), self.edge(no))
            }
            Terminator::Switch(value, cases, default) => {
                let cases: String = cases
                    .iter()
                    .map(|(constant, edge)| format!("{constant:#x}: {}, ", self.edge(edge)))
                    .collect();
                format!("switch {}, {cases}default: {}", self.value(*value), self.edge(default))
            }
            Terminator::Ret(values) => format!("ret {}", self.list(values)).trim_end().to_owned(),
            Terminator::Stop => "stop".to_owned(),
            Terminator::Return(ptr, len) => format!("return {}, {}", self.value(*ptr), self.value(*len)),
            Terminator::Revert(ptr, len) => format!("revert {}, {}", self.value(*ptr), self.value(*len)),
            Terminator::Invalid => "invalid".to_owned(),
            Terminator::SelfDestruct(value) => format!("selfdestruct {}", self.value(*value)),
        }
    }
}

fn span(span: Span) -> String {
    if span.is_none() { String::new() } else { format!(" !{}:{}:{}", span.file, span.start, span.len) }
}
