//! Checks that a module is well formed: arities, edges, dominance of definitions over uses.

use super::cfg::Dominators;
use super::function::{Function, Terminator, ValueDef};
use super::id::{BlockId, FuncId, IndexVec, InstId, ValueId};
use super::module::Module;
use super::op::Op;
use std::collections::HashSet;
use thiserror::Error;

/// Says what is wrong with a module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The module has no entry function, or one with parameters or results.
    #[error("module {0:?} has no entry function without parameters and results")]
    Entry(String),
    /// Something within a function is wrong.
    #[error("module {module:?}, function @{function}, block {block}: {message}")]
    Function {
        /// The module.
        module: String,
        /// The function.
        function: String,
        /// The block, by its number in memory.
        block: usize,
        /// What is wrong.
        message: String,
    },
}

/// Checks a module. Blocks that nothing reaches are not looked at.
pub fn verify(module: &Module) -> Result<(), VerifyError> {
    let entry = module.entry.and_then(|entry| module.functions.get(entry));
    if !entry.is_some_and(|entry| entry.params().is_empty() && entry.returns == 0) {
        return Err(VerifyError::Entry(module.name.clone()));
    }
    for id in module.functions.ids() {
        verify_function(module, id)?;
    }
    Ok(())
}

/// Checks one function of a module.
pub fn verify_function(module: &Module, id: FuncId) -> Result<(), VerifyError> {
    let function = &module.functions[id];
    let dominators = Dominators::new(function);
    let homes = homes(function, &dominators);
    let defined = IndexVec::filled(false, function.values.len());
    let is_entry = module.entry == Some(id);
    let mut checker = Checker { module, function, dominators, homes, defined, is_entry };
    for block in checker.dominators.order.clone() {
        checker.block(block).map_err(|message| VerifyError::Function {
            module: module.name.clone(),
            function: function.name.clone(),
            block: super::id::Id::index(block),
            message,
        })?;
    }
    Ok(())
}

fn homes(function: &Function, dominators: &Dominators) -> IndexVec<InstId, Option<BlockId>> {
    let mut homes = IndexVec::filled(None, function.insts.len());
    for &block in &dominators.order {
        for &inst in &function.blocks[block].insts {
            if let Some(home) = homes.get_mut(inst) {
                *home = Some(block);
            }
        }
    }
    homes
}

struct Checker<'m> {
    module: &'m Module,
    function: &'m Function,
    dominators: Dominators,
    homes: IndexVec<InstId, Option<BlockId>>,
    /// The values whose definitions the walk has passed.
    defined: IndexVec<ValueId, bool>,
    is_entry: bool,
}

type Check = Result<(), String>;

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(message()) }
}

impl Checker<'_> {
    fn block(&mut self, id: BlockId) -> Check {
        let block = &self.function.blocks[id];
        for (position, &param) in block.params.iter().enumerate() {
            let def = self.function.values.get(param).copied();
            ensure(def == Some(ValueDef::Param(id, position as u32)), || {
                format!("parameter {position} is misnumbered")
            })?;
            self.defined[param] = true;
        }
        for &inst in &block.insts {
            self.inst(id, inst)?;
        }
        self.terminator(id)
    }

    fn inst(&mut self, block: BlockId, id: InstId) -> Check {
        let inst = self.function.insts.get(id).ok_or("unknown instruction")?;
        for &arg in &inst.args {
            self.usable(block, arg)?;
        }
        self.arity(id)?;
        for (position, &result) in inst.results.iter().enumerate() {
            let def = self.function.values.get(result).copied();
            ensure(def == Some(ValueDef::Result(id, position as u32)), || {
                format!("result {position} of {:?} is misnumbered", inst.op)
            })?;
            let twice = std::mem::replace(&mut self.defined[result], true);
            ensure(!twice, || format!("{result} is defined twice"))?;
        }
        Ok(())
    }

    fn arity(&self, id: InstId) -> Check {
        let inst = &self.function.insts[id];
        let found = (inst.args.len(), inst.results.len());
        let expected = match inst.op {
            Op::Call(callee) => {
                ensure(self.module.entry != Some(callee), || "call of the entry".to_owned())?;
                let callee = self.module.functions.get(callee).ok_or("call of an unknown function")?;
                Some((callee.params().len(), callee.returns))
            }
            Op::CallIndirect => {
                ensure(found.0 > 0, || "indirect call without address".to_owned())?;
                None
            }
            Op::Ext(byte) => Some(inst.op.arity().ok_or_else(|| format!("unknown opcode {byte:#x}"))?),
            op => op.arity(),
        };
        self.references(inst.op)?;
        ensure(expected.is_none_or(|expected| expected == found), || {
            format!("{:?} has {found:?} operands and results, expected {expected:?}", inst.op)
        })
    }

    fn references(&self, op: Op) -> Check {
        let known = match op {
            Op::FuncAddr(id) => {
                ensure(self.module.entry != Some(id), || "address of the entry".to_owned())?;
                self.module.functions.get(id).is_some()
            }
            Op::DataOffset(id) | Op::DataSize(id) => self.module.symbols.get(id).is_some(),
            Op::LoadImmutable(id) | Op::SetImmutable(id) => self.module.immutables.get(id).is_some(),
            Op::Verbatim(id) => self.module.verbatims.get(id).is_some(),
            Op::LinkerSymbol(id) => self.module.libraries.get(id).is_some(),
            _ => true,
        };
        ensure(known, || format!("{op:?} refers to nothing"))
    }

    fn usable(&self, block: BlockId, value: ValueId) -> Check {
        let def = self.function.values.get(value).ok_or_else(|| format!("unknown value {value}"))?;
        let home = match *def {
            ValueDef::Const(_) => return Ok(()),
            ValueDef::Param(home, position) => {
                let listed = self.function.blocks.get(home).and_then(|b| b.params.get(position as usize));
                ensure(listed == Some(&value), || format!("{value} is no parameter any more"))?;
                home
            }
            ValueDef::Result(inst, _) => {
                self.homes.get(inst).copied().flatten().ok_or_else(|| format!("{value} is never defined"))?
            }
        };
        let fine = if home == block {
            self.defined[value]
        } else {
            self.dominators.is_reachable(home) && self.dominators.dominates(home, block)
        };
        ensure(fine, || format!("{value} is used where it is not defined"))
    }

    fn terminator(&self, id: BlockId) -> Check {
        let term = &self.function.blocks[id].term;
        let mut uses = Vec::new();
        term.for_each_use(|value| uses.push(value));
        for value in uses {
            self.usable(id, value)?;
        }
        for edge in term.edges() {
            let target = self.function.blocks.get(edge.block).ok_or("edge to an unknown block")?;
            ensure(edge.block != self.function.entry, || "edge to the entry".to_owned())?;
            ensure(edge.args.len() == target.params.len(), || {
                format!("edge gives {} values for {} parameters", edge.args.len(), target.params.len())
            })?;
        }
        match term {
            Terminator::Open => Err("block has no end".to_owned()),
            Terminator::Ret(_) if self.is_entry => Err("the entry returns".to_owned()),
            Terminator::Ret(values) => ensure(values.len() == self.function.returns, || {
                format!("{} results, expected {}", values.len(), self.function.returns)
            }),
            Terminator::Switch(_, cases, _) => {
                let distinct: HashSet<_> = cases.iter().map(|(constant, _)| constant).collect();
                ensure(distinct.len() == cases.len(), || "switch has equal cases".to_owned())
            }
            _ => Ok(()),
        }
    }
}
