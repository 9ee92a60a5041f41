//! Holds what is shared by the functions of one module: what was asked for, what is built, what is queued.

use super::util::Util;
use super::{LowerError, Settings};
use crate::hir::{
    Callee, Contract, ContractId, ErrorId, EventId, Function, FunctionId, Hir, Modifier, ModifierId, Ty, Var,
    VarId, VarKind,
    yul::{Assembly, YulFunction},
};
use crate::ir::{FuncId, ImmutableId, Module, SymbolId};
use crate::layout::{self, Position};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Is the result of lowering something.
pub(crate) type Res<T> = Result<T, LowerError>;

/// Says which code of a contract is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Creation,
    Runtime,
}

/// Names an IR function by what it is for, so that it is built once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A function of the program, as the most derived contract sees it.
    User(FunctionId),
    /// A function of an inline assembly block, by the address of its definition.
    Yul(usize),
    /// The dispatcher of internal function pointers of one shape: parameter and result words.
    Pointers(usize, usize),
    /// A routine of the compiler.
    Util(Util),
}

/// Lists what the code of a contract raises, for its interface.
#[derive(Debug, Clone, Default)]
pub(crate) struct Raised {
    pub(crate) events: BTreeSet<EventId>,
    pub(crate) errors: BTreeSet<ErrorId>,
}

/// Numbers internal functions used as values. Shared by both modules of a contract, so that a pointer stored by
/// the constructor is valid at run time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pointers {
    pub(crate) ids: BTreeMap<FunctionId, u64>,
}

/// Is the state of building one module.
pub(crate) struct Cx<'h> {
    pub(crate) hir: &'h Hir,
    pub(crate) contract: ContractId,
    pub(crate) phase: Phase,
    pub(crate) settings: Settings,
    pub(crate) module: Module,
    pub(crate) positions: BTreeMap<VarId, Position>,
    /// Immutables with the number of their first word in the creation code's reserved memory.
    pub(crate) immutables: BTreeMap<VarId, u64>,
    pub(crate) pointers: Pointers,
    pub(crate) queue: Vec<(Key, FuncId)>,
    /// Functions of assembly blocks by the address of their definition, with their block.
    pub(crate) yul: HashMap<usize, (&'h YulFunction, &'h Assembly)>,
    /// Contracts whose creation code this module holds.
    pub(crate) objects: BTreeSet<String>,
    /// Events that the module emits, and errors it reverts with.
    pub(crate) raised: Raised,
    funcs: HashMap<Key, FuncId>,
    pub(crate) shapes: BTreeSet<(usize, usize)>,
    data_count: usize,
    /// The start of the memory that a Yul object sets aside.
    pub(crate) guard: Option<u64>,
}

impl<'h> Cx<'h> {
    pub(crate) fn new(
        hir: &'h Hir,
        contract: ContractId,
        phase: Phase,
        name: String,
        pointers: Pointers,
        settings: Settings,
    ) -> Self {
        let mut immutables = BTreeMap::new();
        let mut word = 0;
        for base in lineage(hir, contract).iter().rev() {
            for id in hir.contracts.get(base.index()).map_or(&[][..], |c| &c.vars) {
                if let Some(var) = hir.vars.get(id.index()).filter(|v| v.kind == VarKind::Immutable) {
                    immutables.insert(*id, word);
                    word += words(&var.ty) as u64;
                }
            }
        }
        Self {
            hir,
            contract,
            phase,
            settings,
            module: Module::new(name),
            positions: layout::positions(hir, contract),
            immutables,
            pointers,
            queue: Vec::new(),
            yul: HashMap::new(),
            objects: BTreeSet::new(),
            raised: Raised::default(),
            funcs: HashMap::new(),
            shapes: BTreeSet::new(),
            data_count: 0,
            guard: None,
        }
    }

    /// Returns the IR function for a key, and queues its body when it is new.
    pub(crate) fn function(&mut self, key: Key, name: &str, params: usize, returns: usize) -> FuncId {
        if let Some(id) = self.funcs.get(&key) {
            return *id;
        }
        let unique = format!("{name}_{}", self.module.functions.len());
        let id = self.module.declare(unique, params, returns);
        self.funcs.insert(key.clone(), id);
        if !matches!(key, Key::Pointers(..)) {
            self.queue.push((key, id));
        }
        id
    }

    /// Returns the IR function of a function of the program.
    pub(crate) fn user(&mut self, id: FunctionId) -> Res<FuncId> {
        let f = self.hir_function(id)?;
        let params = f.params.iter().map(|p| local_words(f, *p)).sum();
        let returns = f.returns.iter().map(|p| local_words(f, *p)).sum();
        let name = if f.name.is_empty() { "special" } else { &f.name };
        Ok(self.function(Key::User(id), name, params, returns))
    }

    /// Returns the number of an internal function used as a value, never 0.
    pub(crate) fn pointer(&mut self, id: FunctionId) -> u64 {
        let next = self.pointers.ids.len() as u64 + 1;
        *self.pointers.ids.entry(id).or_insert(next)
    }

    /// Adds a data segment.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> SymbolId {
        self.data_count += 1;
        let name = format!("data_{}", alloy_primitives::hex::encode(alloy_primitives::keccak256(bytes)));
        self.module.data(name, bytes.to_vec())
    }

    /// Returns the immutable's word `part` (external functions have two).
    pub(crate) fn immutable(&mut self, id: VarId, part: usize) -> Res<ImmutableId> {
        let var = self.var(id)?;
        let name = format!("{}.{}.{part}", id.0, var.name);
        Ok(self.module.immutable(&name))
    }

    pub(crate) fn this(&self) -> Res<&'h Contract> {
        self.contract(self.contract)
    }
    pub(crate) fn contract(&self, id: ContractId) -> Res<&'h Contract> {
        self.hir.contracts.get(id.index()).ok_or_else(|| broken("contract"))
    }
    pub(crate) fn hir_function(&self, id: FunctionId) -> Res<&'h Function> {
        self.hir.functions.get(id.index()).ok_or_else(|| broken("function"))
    }
    pub(crate) fn modifier(&self, id: ModifierId) -> Res<&'h Modifier> {
        self.hir.modifiers.get(id.index()).ok_or_else(|| broken("modifier"))
    }
    pub(crate) fn var(&self, id: VarId) -> Res<&'h Var> {
        self.hir.vars.get(id.index()).ok_or_else(|| broken("variable"))
    }
    pub(crate) fn fields(&self, ty: &Ty) -> Res<Vec<Ty>> {
        let Ty::Struct(id, loc) = ty else { return Err(broken("struct type")) };
        let def = self.hir.structs.get(id.index()).ok_or_else(|| broken("struct"))?;
        Ok(def.fields.iter().map(|(_, ty)| ty.with_loc(*loc)).collect())
    }
    pub(crate) fn position(&self, id: VarId) -> Res<Position> {
        self.positions.get(&id).copied().ok_or_else(|| broken("position of a variable"))
    }

    /// Finds the function that a call reaches in the most derived contract.
    pub(crate) fn resolve(&self, callee: Callee) -> Res<FunctionId> {
        match callee {
            Callee::Exact(id) => Ok(id),
            Callee::Virtual(id) => Ok(self.override_in_force(id)),
            Callee::Super { from, function } => self.next_after(from, function),
        }
    }

    fn override_in_force(&self, id: FunctionId) -> FunctionId {
        for contract in lineage(self.hir, self.contract) {
            for f in self.hir.contracts.get(contract.index()).map_or(&[][..], |c| &c.functions) {
                if *f == id || self.overrides(*f, id) {
                    return *f;
                }
            }
        }
        id
    }

    fn overrides(&self, f: FunctionId, base: FunctionId) -> bool {
        let direct = self.hir.functions.get(f.index()).map_or(&[][..], |f| &f.overrides);
        direct.iter().any(|o| *o == base || self.overrides(*o, base))
    }

    fn next_after(&self, from: ContractId, function: FunctionId) -> Res<FunctionId> {
        let wanted = self.hir_function(function)?;
        let line = lineage(self.hir, self.contract);
        let after = line.iter().skip_while(|c| **c != from).skip(1);
        for contract in after {
            for id in &self.contract(*contract)?.functions {
                let f = self.hir_function(*id)?;
                if f.kind == wanted.kind && f.body.is_some() && same_interface(f, wanted) {
                    return Ok(*id);
                }
            }
        }
        Ok(function)
    }

    /// Finds the modifier in force in the most derived contract.
    pub(crate) fn modifier_in_force(&self, id: ModifierId) -> ModifierId {
        for contract in lineage(self.hir, self.contract) {
            for m in self.hir.contracts.get(contract.index()).map_or(&[][..], |c| &c.modifiers) {
                if *m == id || self.modifier_overrides(*m, id) {
                    return *m;
                }
            }
        }
        id
    }

    fn modifier_overrides(&self, m: ModifierId, base: ModifierId) -> bool {
        let direct = self.hir.modifiers.get(m.index()).map_or(&[][..], |m| &m.overrides);
        direct.iter().any(|o| *o == base || self.modifier_overrides(*o, base))
    }
}

fn same_interface(a: &Function, b: &Function) -> bool {
    let types = |f: &Function| -> Vec<Ty> {
        let ty = |id: &crate::hir::LocalId| {
            f.locals.get(id.index()).map(|l| l.ty.with_loc(crate::hir::Loc::Memory))
        };
        f.params.iter().filter_map(ty).collect()
    };
    a.name == b.name && types(a) == types(b)
}

fn lineage(hir: &Hir, contract: ContractId) -> &[ContractId] {
    hir.contracts.get(contract.index()).map_or(&[], |c| &c.linearisation)
}

/// Makes the error for a broken guarantee of the HIR.
pub(crate) fn broken(what: &str) -> LowerError {
    LowerError {
        code: crate::diag::codes::INTERNAL,
        message: format!("internal: {what} is missing in the HIR"),
        span: Span::default(),
    }
}

fn local_words(f: &Function, id: crate::hir::LocalId) -> usize {
    f.locals.get(id.index()).map_or(0, |l| words(&l.ty))
}

/// Returns the number of words that hold a value of a type.
pub(crate) fn words(ty: &Ty) -> usize {
    use crate::hir::Loc;
    match ty {
        Ty::Tuple(items) => items.iter().map(words).sum(),
        Ty::Function(f) if f.external => 2,
        Ty::Bytes(Loc::Calldata) | Ty::String(Loc::Calldata) => 2,
        Ty::Array { len: None, loc: Loc::Calldata, .. } => 2,
        _ => 1,
    }
}
