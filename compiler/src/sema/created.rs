//! Finds contracts whose code would contain itself: through `new`, `type(C).creationCode` and `runtimeCode` in the
//! functions that their code can reach.

use super::Checker;
use super::body::Body;
use crate::diag::codes;
use crate::hir::*;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Is a piece of code that is checked on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    Function(FunctionId),
    Modifier(ModifierId),
    /// Initial values and arguments to bases of a contract.
    Contract(ContractId),
    /// The value of a constant outside contracts.
    File,
}

/// Is what a piece of code uses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uses {
    calls: Vec<Callee>,
    modifiers: Vec<(ModifierId, bool)>,
    contains: Vec<(ContractId, Span)>,
}

impl Body<'_> {
    /// Notes that the code carries another contract's code.
    pub(super) fn note_creation(&mut self, id: ContractId, span: Span) {
        self.c.uses.entry(self.origin).or_default().contains.push((id, span));
    }

    /// Notes that the code calls or names a function.
    pub(super) fn note_callee(&mut self, callee: Callee) {
        self.c.uses.entry(self.origin).or_default().calls.push(callee);
    }

    /// Notes that a function applies a modifier; `exact` as in [`ModifierCall`].
    pub(super) fn note_applied(&mut self, id: ModifierId, exact: bool) {
        self.c.uses.entry(self.origin).or_default().modifiers.push((id, exact));
    }
}

impl Checker {
    /// Collects what every contract's code contains and reports cycles, each at the first reference into it.
    pub(super) fn check_creations(&mut self) {
        let mut contained: Vec<BTreeMap<ContractId, Span>> = Vec::new();
        for i in 0..self.hir.contracts.len() {
            contained.push(self.contained_in(ContractId(i as u32)));
        }
        for (row, list) in self.hir.contracts.iter_mut().zip(&contained) {
            row.creates = list.keys().copied().collect();
        }
        let mut places: BTreeSet<Span> = BTreeSet::new();
        for list in &contained {
            let into = list.iter().find(|(next, _)| leads_into_cycle(**next, &contained));
            places.extend(into.map(|(_, span)| *span));
        }
        for place in places {
            let message = "a contract's code would contain itself through this";
            self.fail::<()>(codes::CYCLE.solc(7813), place, message);
        }
    }

    /// Returns the contracts whose code a contract's code contains, each with the first place that says so.
    fn contained_in(&self, id: ContractId) -> BTreeMap<ContractId, Span> {
        let mut found = BTreeMap::new();
        let mut seen: BTreeSet<Origin> = BTreeSet::new();
        let mut open = self.entries(id);
        while let Some(origin) = open.pop() {
            let Some(uses) = self.uses.get(&origin).filter(|_| seen.insert(origin)) else { continue };
            for (contract, span) in &uses.contains {
                let place = found.entry(*contract).or_insert(*span);
                *place = (*place).min(*span);
            }
            open.extend(uses.calls.iter().filter_map(|c| self.reached(id, *c)).map(Origin::Function));
            let applied =
                uses.modifiers.iter().filter_map(|(m, exact)| self.modifier_in_force(id, *m, *exact));
            open.extend(applied.map(Origin::Modifier));
        }
        found
    }

    /// Lists where a contract's code begins: construction, and what can be called from outside.
    fn entries(&self, id: ContractId) -> Vec<Origin> {
        let line = self.line(id);
        let mut out: Vec<Origin> = line.iter().copied().map(Origin::Contract).collect();
        let rows = line.iter().filter_map(|c| self.contract(*c));
        out.extend(rows.filter_map(|c| c.constructor).map(Origin::Function));
        let Some(contract) = self.contract(id) else { return out };
        let called = contract.interface.iter().filter_map(|(_, entry)| match entry {
            InterfaceEntry::Function(f) => Some(*f),
            InterfaceEntry::Getter(_) => None,
        });
        let special = contract.receive.into_iter().chain(contract.fallback);
        out.extend(called.chain(special).chain(contract.post_construction.clone()).map(Origin::Function));
        out
    }

    /// Finds the function that a call reaches in a contract's code.
    fn reached(&self, id: ContractId, callee: Callee) -> Option<FunctionId> {
        let (function, behind) = match callee {
            Callee::Exact(f) => return Some(f),
            Callee::Virtual(f) => (f, None),
            Callee::Super { from, function } => (function, Some(from)),
        };
        let name = &self.function(function)?.name;
        let params = self.memory_types(function);
        let line = self.line(id);
        let start = behind.and_then(|from| line.iter().position(|c| *c == from)).map_or(0, |at| at + 1);
        let rows = line.iter().skip(start).filter_map(|c| self.contract(*c));
        let fits = |f: &FunctionId| {
            let same = self.function(*f).is_some_and(|g| g.name == *name);
            same && self.has_body(*f) && self.memory_types(*f) == params
        };
        rows.flat_map(|c| c.functions.iter().copied()).find(fits)
    }

    /// Returns the types of a function's parameters as they are in memory.
    pub(super) fn memory_types(&self, f: FunctionId) -> Vec<Ty> {
        self.param_types(f).iter().map(|t| t.with_loc(Loc::Memory)).collect()
    }

    fn modifier_in_force(&self, id: ContractId, m: ModifierId, exact: bool) -> Option<ModifierId> {
        if exact {
            return Some(m);
        }
        let name = &self.hir.modifiers.get(m.index())?.name;
        let line = self.line(id);
        let rows = line.iter().filter_map(|c| self.contract(*c));
        let named = |m: &ModifierId| self.hir.modifiers.get(m.index()).is_some_and(|row| row.name == *name);
        rows.flat_map(|c| c.modifiers.iter().copied()).find(named)
    }
}

/// Is true when a contract contains itself, or one that does.
fn leads_into_cycle(start: ContractId, contained: &[BTreeMap<ContractId, Span>]) -> bool {
    let next = |id: ContractId| contained.get(id.index()).into_iter().flat_map(|list| list.keys().copied());
    let reach = |from: ContractId| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            open.extend(next(at).filter(|id| seen.insert(*id)));
        }
        seen
    };
    let reached = reach(start);
    reached.contains(&start) || reached.iter().any(|id| reach(*id).contains(id))
}
