//! Turns IR modules into EVM code.
#![allow(clippy::indexing_slicing, reason = "ids index the arenas that made them; the verifier checks them")]

pub mod asm;
mod assemble;
mod constants;
mod emit;
mod frames;
mod listing;
mod liveness;
mod peephole;
mod schedule;
mod source_map;
mod stack;
mod tail;
mod terminator;

pub use assemble::{FunctionPlace, Reference};
pub use frames::{CallGraph, FRAMES_START};

use crate::ir::{self, FuncId, IndexVec, Module, Symbol};
use alloy_primitives::U256;
use asm::{AsmInst, Item, Label};
use assemble::Code;
use emit::ModuleContext;
use std::collections::{BTreeMap, HashMap};
use thiserror::Error;

/// The most bytes of code that a contract may have (EIP-170).
pub const RUNTIME_LIMIT: usize = 24_576;
/// The most bytes of creation code, constructor arguments included (EIP-3860).
pub const CREATION_LIMIT: usize = 49_152;

/// Says how to generate code.
#[derive(Debug, Clone)]
pub struct Options {
    /// True to run the optimiser's passes on the IR.
    pub optimize: bool,
    /// True to refuse code above the limits of EIP-170 and EIP-3860.
    pub enforce_limits: bool,
    /// True when the target knows CLZ (Osaka).
    pub clz: bool,
    /// True when the target knows PUSH0 (Shanghai).
    pub push0: bool,
    /// How many times each function is expected to run over the contract's life; weighs size against gas.
    pub runs: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { optimize: true, enforce_limits: true, clz: true, push0: true, runs: 200 }
    }
}

/// Is the code of a contract.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// The creation code.
    pub creation: Vec<u8>,
    /// The runtime code; empty if the creation module names none. Immutables are 0.
    pub runtime: Vec<u8>,
    /// The source map of the creation code.
    pub creation_source_map: String,
    /// The source map of the runtime code.
    pub runtime_source_map: String,
    /// The internal functions of the creation code.
    pub creation_functions: Vec<FunctionPlace>,
    /// The internal functions of the runtime code.
    pub runtime_functions: Vec<FunctionPlace>,
    /// Where library addresses are missing in the creation code, by library.
    pub creation_link_refs: BTreeMap<String, Vec<Reference>>,
    /// Where library addresses are missing in the runtime code, by library.
    pub runtime_link_refs: BTreeMap<String, Vec<Reference>>,
    /// Where immutables stand in the runtime code, by name.
    pub immutable_refs: BTreeMap<String, Vec<Reference>>,
    /// The assembly of both as text.
    pub asm_text: String,
}

/// Says why no code was generated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodegenError {
    /// A module is malformed; a fault of the compiler.
    #[error("E-CODEGEN-IR: {0}")]
    Malformed(#[from] ir::VerifyError),
    /// A module refers to one that is not there.
    #[error("E-CODEGEN-OBJECT: module {0:?} is missing")]
    MissingModule(String),
    /// Modules contain each other.
    #[error("E-CODEGEN-CYCLE: the code of {0:?} would contain itself")]
    Cycle(String),
    /// The code exceeds a limit of the EVM.
    #[error("E-CODEGEN-SIZE: {what} code of {module} has {size} bytes, {over} above the limit of {limit}")]
    TooLarge {
        /// The module.
        module: String,
        /// "creation" or "runtime".
        what: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
        /// How far over the limit.
        over: usize,
    },
    /// The target lacks an instruction.
    #[error("E-CODEGEN-TARGET: {module} uses `{instruction}`, which the target does not have")]
    Target {
        /// The module.
        module: String,
        /// The instruction.
        instruction: &'static str,
    },
    /// A program that manages memory itself has more values than the stack holds.
    #[error(
        "E-CODEGEN-MEMORY: the values of @{function} in {module} do not fit the stack, and no `memoryguard` sets memory aside for them"
    )]
    NoMemory {
        /// The module.
        module: String,
        /// The function.
        function: String,
    },
    /// No stack layout was found though everything was spilled; a fault of the compiler.
    #[error("E-CODEGEN-STACK: no stack layout for function @{function} of {module}")]
    Stack {
        /// The module.
        module: String,
        /// The function.
        function: String,
    },
}

/// Generates the code of a contract from its creation module. `modules` holds everything it contains: its
/// runtime module and the modules of contracts that it creates, in any order.
///
/// # Errors
/// See [`CodegenError`]. No code is returned then.
pub fn compile(creation: &Module, modules: &[Module], options: &Options) -> Result<Output, CodegenError> {
    let mut compiler = Compiler::new(modules, options);
    compiler.contract(creation)
}

/// Generates code for several contracts of one compilation; each module is compiled once.
#[derive(Debug)]
pub struct Compiler<'m> {
    modules: HashMap<&'m str, &'m Module>,
    options: &'m Options,
    done: HashMap<String, (Code, String)>,
}

impl<'m> Compiler<'m> {
    /// Starts with the modules that others may contain.
    pub fn new(modules: &'m [Module], options: &'m Options) -> Self {
        let modules = modules.iter().map(|module| (module.name.as_str(), module)).collect();
        Self { modules, options, done: HashMap::new() }
    }

    /// Generates the code of a contract from its creation module.
    ///
    /// # Errors
    /// See [`CodegenError`].
    pub fn contract(&mut self, creation: &'m Module) -> Result<Output, CodegenError> {
        self.ensure(creation)?;
        let mut output = Output::default();
        if let Some(name) = &creation.runtime {
            let (code, text) = self.finished(name)?;
            self.check_size(name, "runtime", code.bytes.len(), RUNTIME_LIMIT)?;
            output.runtime = code.bytes.clone();
            output.runtime_source_map = source_map::source_map(&code.placed);
            output.runtime_functions = code.functions.clone();
            output.runtime_link_refs = code.links.clone();
            output.immutable_refs = code.immutables.clone();
            output.asm_text = text.clone();
        }
        let (code, text) = self.finished(&creation.name)?;
        self.check_size(&creation.name, "creation", code.bytes.len(), CREATION_LIMIT)?;
        output.creation = code.bytes.clone();
        output.creation_source_map = source_map::source_map(&code.placed);
        output.creation_functions = code.functions.clone();
        output.creation_link_refs = code.links.clone();
        output.asm_text = format!("{text}\n{}", output.asm_text);
        Ok(output)
    }

    fn check_size(
        &self,
        module: &str,
        what: &'static str,
        size: usize,
        limit: usize,
    ) -> Result<(), CodegenError> {
        if !self.options.enforce_limits || size <= limit {
            return Ok(());
        }
        Err(CodegenError::TooLarge { module: module.to_owned(), what, size, limit, over: size - limit })
    }

    /// Compiles modules on all cores, those first that others contain. What fails here fails again, and is
    /// reported, when a contract asks for it.
    pub fn prepare(&mut self, modules: &'m [Module], stack_bytes: usize) {
        let mut open: Vec<&Module> = modules.iter().collect();
        while !open.is_empty() {
            let is_ready =
                |module: &&Module| contained(module).iter().all(|name| self.done.contains_key(*name));
            let (ready, rest): (Vec<&Module>, Vec<&Module>) = open.into_iter().partition(is_ready);
            let made = crate::parallel::map(&ready, stack_bytes, |module| self.module(module));
            let before = self.done.len();
            for (module, made) in ready.into_iter().zip(made) {
                self.done.extend(made.ok().map(|code| (module.name.clone(), code)));
            }
            if self.done.len() == before {
                break;
            }
            open = rest;
        }
    }

    fn finished(&self, name: &str) -> Result<&(Code, String), CodegenError> {
        self.done.get(name).ok_or_else(|| CodegenError::MissingModule(name.to_owned()))
    }

    /// Compiles a module after everything that it contains, without recursion.
    fn ensure(&mut self, module: &'m Module) -> Result<(), CodegenError> {
        let mut path: Vec<(&'m Module, Vec<&'m str>)> = vec![(module, contained(module))];
        while let Some((module, open)) = path.last_mut() {
            let module = *module;
            let Some(name) = open.pop() else {
                path.pop();
                if !self.done.contains_key(&module.name) {
                    let code = self.module(module)?;
                    self.done.insert(module.name.clone(), code);
                }
                continue;
            };
            if self.done.contains_key(name) {
                continue;
            }
            if path.iter().any(|(outer, _)| outer.name == name) {
                return Err(CodegenError::Cycle(name.to_owned()));
            }
            let inner = self.modules.get(name).copied();
            let inner = inner.ok_or_else(|| CodegenError::MissingModule(name.to_owned()))?;
            path.push((inner, contained(inner)));
        }
        Ok(())
    }

    fn module(&self, module: &Module) -> Result<(Code, String), CodegenError> {
        ir::verify(module)?;
        self.check_target(module)?;
        let optimized = crate::opt::run(module, self.options)?;
        let code = self.assembly(&optimized)?;
        let object = |name: &str| self.done.get(name).map(|(code, _)| code);
        let text = listing::listing(&optimized, &code);
        Ok((assemble::assemble(&optimized, &code, self.options.push0, object), text))
    }

    fn check_target(&self, module: &Module) -> Result<(), CodegenError> {
        let clz = ir::Op::Evm(ir::Evm::Clz);
        let uses = module.functions.iter().any(|function| function.insts.iter().any(|inst| inst.op == clz));
        if uses && !self.options.clz {
            return Err(CodegenError::Target { module: module.name.clone(), instruction: "clz" });
        }
        Ok(())
    }

    fn assembly(&self, module: &Module) -> Result<Vec<AsmInst>, CodegenError> {
        let calls = CallGraph::new(module);
        let labels: IndexVec<FuncId, Label> =
            module.functions.ids().map(|id| Label(ir::Id::index(id) as u32)).collect();
        let immutable_offsets = self.immutable_offsets(module)?;
        let context =
            ModuleContext { module, calls: &calls, labels: &labels, immutable_offsets: &immutable_offsets };
        let mut next_label = labels.len() as u32;
        let mut code = Vec::new();
        let mut slots = IndexVec::filled(0, module.functions.len());
        for &id in &calls.order {
            let emitted =
                emit::emit_function(&context, id, &mut next_label).map_err(|_| CodegenError::Stack {
                    module: module.name.clone(),
                    function: module.functions[id].name.clone(),
                })?;
            slots[id] = emitted.slots;
            code.extend(emitted.code);
        }
        let first = match module.frames {
            ir::Frames::Standard => FRAMES_START,
            ir::Frames::From(first) => first.max(FRAMES_START),
            ir::Frames::Nowhere => {
                if let Some((function, _)) = slots.enumerated().find(|(_, slots)| **slots > 0) {
                    let function = module.functions[function].name.clone();
                    return Err(CodegenError::NoMemory { module: module.name.clone(), function });
                }
                FRAMES_START
            }
        };
        let (frames, top) = calls.layout(&slots, first);
        for inst in &mut code {
            inst.item = match inst.item {
                Item::MemStart => Item::Push(U256::from(top)),
                Item::Slot(function, slot) => Item::Push(U256::from(frames[function] + u64::from(slot) * 32)),
                item => item,
            };
        }
        let code = peephole::optimize(code);
        Ok(if self.options.optimize { constants::shorten(code, self.options) } else { code })
    }

    /// Finds where the runtime code reads each immutable.
    fn immutable_offsets(&self, module: &Module) -> Result<BTreeMap<String, Vec<usize>>, CodegenError> {
        let Some(runtime) = &module.runtime else { return Ok(BTreeMap::new()) };
        let (code, _) = self.finished(runtime)?;
        let offsets = |places: &Vec<Reference>| places.iter().map(|place| place.start).collect();
        Ok(code.immutables.iter().map(|(name, places)| (name.clone(), offsets(places))).collect())
    }
}

/// Lists the modules whose code a module contains or refers to.
fn contained(module: &Module) -> Vec<&str> {
    let objects = module.symbols.iter().filter_map(|symbol| match symbol {
        Symbol::Object(name) => Some(name.as_str()),
        _ => None,
    });
    objects.chain(module.runtime.as_deref()).collect()
}

#[cfg(test)]
mod tests;
