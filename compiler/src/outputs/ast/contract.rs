//! Finds out about whole contracts: what their code can reach, and what they leave open.

use super::declare::{DeclId, Kind};
use super::typer::{Edge, Typer};
use super::types::T;
use crate::ast::{self, FunctionKind, Visibility};
use crate::hir::Hir;
use crate::source::Span;
use alloy_primitives::{hex, keccak256};
use std::collections::{BTreeSet, HashMap};

/// Is what trees say of contracts and of their interfaces.
#[derive(Default)]
pub(super) struct Facts {
    pub contracts: HashMap<DeclId, ContractFacts>,
    /// Selectors by the place of the name that they belong to.
    pub selectors: HashMap<Span, String>,
    /// What is overridden, by the places of the names.
    pub overrides: HashMap<Span, Vec<Span>>,
    pub by_name: HashMap<Span, DeclId>,
}

/// Is what is known of one contract.
#[derive(Default)]
pub(super) struct ContractFacts {
    pub implemented: bool,
    pub errors: Vec<DeclId>,
    pub events: Vec<DeclId>,
    /// Contracts whose code this one contains.
    pub code: Vec<DeclId>,
    /// Functions that are called through values.
    pub pointers: Vec<DeclId>,
}

/// Is what code reaches.
#[derive(Default)]
struct Reach {
    seen: BTreeSet<DeclId>,
    open: Vec<DeclId>,
    errors: BTreeSet<DeclId>,
    events: BTreeSet<DeclId>,
    code: BTreeSet<DeclId>,
    pointers: BTreeSet<DeclId>,
}

impl Facts {
    /// Collects them from the walked program.
    pub(super) fn collect(typer: &Typer<'_>, hir: &Hir) -> Self {
        let mut facts = Facts::default();
        facts.take_hir(hir);
        for (i, row) in typer.w.rows.iter().enumerate() {
            let id = DeclId(i as u32);
            if let Some(name) = name_span(row.kind) {
                facts.by_name.insert(name, id);
            }
            if let Kind::Contract(_) = row.kind {
                facts.contracts.insert(id, typer.contract_facts(id));
            }
        }
        facts
    }

    fn take_hir(&mut self, hir: &Hir) {
        for f in &hir.functions {
            if let Some(selector) = f.selector {
                self.selectors.insert(f.span, hex::encode(selector));
            }
            let bases = f.overrides.iter().filter_map(|id| hir.functions.get(id.index())).map(|f| f.span);
            self.overrides.insert(f.span, bases.collect());
        }
        for v in &hir.vars {
            if let Some(selector) = v.selector {
                self.selectors.insert(v.span, hex::encode(selector));
            }
            let bases = v.overrides.iter().filter_map(|id| hir.functions.get(id.index())).map(|f| f.span);
            self.overrides.insert(v.span, bases.collect());
        }
        for m in &hir.modifiers {
            let bases = m.overrides.iter().filter_map(|id| hir.modifiers.get(id.index())).map(|m| m.span);
            self.overrides.insert(m.span, bases.collect());
        }
        for e in &hir.events {
            self.selectors.insert(e.span, hex::encode(keccak256(&e.signature)));
        }
        for e in &hir.errors {
            self.selectors.insert(e.span, hex::encode(e.selector));
        }
    }
}

fn name_span(kind: Kind<'_>) -> Option<Span> {
    Some(match kind {
        Kind::Function(f) => f.name.as_ref().map_or(f.header, |n| n.span),
        Kind::Modifier(m) => m.name.span,
        Kind::Variable(v) => v.name.span,
        _ => return None,
    })
}

impl Typer<'_> {
    fn contract_facts(&self, id: DeclId) -> ContractFacts {
        let mut reach = Reach::default();
        let (creation, runtime) = self.entries(id);
        reach.open.push(id);
        reach.open.extend(creation);
        self.follow(id, &mut reach);
        let mut pointers: Vec<DeclId> = reach.pointers.iter().copied().collect();
        reach.open.extend(runtime);
        self.follow(id, &mut reach);
        let known: BTreeSet<DeclId> = pointers.iter().copied().collect();
        pointers.extend(reach.pointers.difference(&known));
        for base in self.w.line(id) {
            self.declared_by(*base, &mut reach);
        }
        ContractFacts {
            implemented: self.is_implemented(id),
            errors: reach.errors.into_iter().collect(),
            events: reach.events.into_iter().collect(),
            code: reach.code.into_iter().collect(),
            pointers,
        }
    }

    fn declared_by(&self, base: DeclId, reach: &mut Reach) {
        for (i, row) in self.w.rows.iter().enumerate() {
            if row.owner != Some(base) {
                continue;
            }
            match row.kind {
                Kind::Event(_) => reach.events.insert(DeclId(i as u32)),
                Kind::Error(_) => reach.errors.insert(DeclId(i as u32)),
                _ => continue,
            };
        }
    }

    /// Lists where creation and calls enter a contract.
    fn entries(&self, id: DeclId) -> (Vec<DeclId>, Vec<DeclId>) {
        let (mut creation, mut runtime) = (Vec::new(), Vec::new());
        let Some(Kind::Contract(c)) = self.w.kind(id) else { return (creation, runtime) };
        let library = c.kind == ast::ContractKind::Library;
        for base in self.w.line(id) {
            creation.push(*base);
            for (at, row) in self.w.rows.iter().enumerate().filter(|(_, r)| r.owner == Some(*base)) {
                let at = DeclId(at as u32);
                match row.kind {
                    Kind::Variable(v) if v.constant.is_none() => creation.push(at),
                    Kind::Function(f) if f.kind == FunctionKind::Constructor => creation.push(at),
                    Kind::Function(f) => {
                        let outside = self.w.function_visibility(at) <= Visibility::Public;
                        if outside && (f.kind != FunctionKind::Function || library) {
                            runtime.push(at);
                        } else if outside {
                            runtime.extend(self.resolved(at, id));
                        }
                    }
                    _ => {}
                }
            }
        }
        let special = |kind: FunctionKind| {
            let is = |d: &&DeclId| matches!(self.w.kind(**d), Some(Kind::Function(f)) if f.kind == kind);
            runtime.iter().filter(is).skip(1).copied().collect::<Vec<_>>()
        };
        let hidden: Vec<DeclId> = [special(FunctionKind::Receive), special(FunctionKind::Fallback)].concat();
        runtime.retain(|d| !hidden.contains(d));
        (creation, runtime)
    }

    /// Finds the function that answers in the most derived contract.
    fn resolved(&self, id: DeclId, most_derived: DeclId) -> Option<DeclId> {
        let line = self.w.line(most_derived).to_vec();
        self.first_of(id, &line).or(Some(id))
    }

    fn first_of(&self, id: DeclId, line: &[DeclId]) -> Option<DeclId> {
        let wanted = self.outside_params(id);
        let same = |d: &&DeclId| {
            **d == id
                || matches!(self.w.kind(**d), Some(Kind::Function(_))) && self.outside_params(**d) == wanted
        };
        line.iter().find_map(|c| self.w.own(*c, self.w.name(id)).iter().find(same).copied())
    }

    fn outside_params(&self, id: DeclId) -> Vec<T> {
        match self.w.decl_type(id) {
            Some(T::Function(f)) => self.w.called_from_outside(&f, super::types::FunKind::External).params,
            _ => Vec::new(),
        }
    }

    fn follow(&self, contract: DeclId, reach: &mut Reach) {
        while let Some(id) = reach.open.pop() {
            if !reach.seen.insert(id) {
                continue;
            }
            for edge in self.edges.get(&id).into_iter().flatten() {
                self.take(*edge, contract, reach);
            }
        }
    }

    fn take(&self, edge: Edge, contract: DeclId, reach: &mut Reach) {
        match edge {
            Edge::Exact(id) => reach.open.push(id),
            Edge::Virtual(id) => reach.open.extend(self.called(id, contract)),
            Edge::Super(id, from) => {
                let line = self.w.line(contract);
                let after = line.iter().position(|c| *c == from).map_or(0, |i| i + 1);
                let rest = line.get(after..).unwrap_or_default().to_vec();
                reach.open.extend(self.first_of(id, &rest).or(Some(id)));
            }
            Edge::Value(id, is_virtual) => {
                let target = if is_virtual { self.called(id, contract) } else { Some(id) };
                reach.open.extend(target);
                reach.pointers.extend(target);
            }
            Edge::Modifier(id, is_virtual) => {
                let line = self.w.line(contract);
                let found = line.iter().find_map(|c| {
                    let own = self.w.own(*c, self.w.name(id)).first().copied();
                    own.filter(|d| matches!(self.w.kind(*d), Some(Kind::Modifier(_))))
                });
                reach.open.extend(found.filter(|_| is_virtual).or(Some(id)));
            }
            Edge::Error(id) => {
                reach.errors.insert(id);
            }
            Edge::Event(id) => {
                reach.events.insert(id);
            }
            Edge::Code(id) => {
                reach.code.insert(id);
            }
        }
    }

    fn called(&self, id: DeclId, contract: DeclId) -> Option<DeclId> {
        match self.w.owner(id) {
            Some(owner) if !self.w.is_library(owner) => self.resolved(id, contract),
            _ => Some(id),
        }
    }

    /// Is true when nothing is left for derived contracts to implement.
    fn is_implemented(&self, id: DeclId) -> bool {
        let line = self.w.line(id);
        line.iter().all(|base| {
            let rows = self.w.rows.iter().enumerate().filter(|(_, r)| r.owner == Some(*base));
            rows.into_iter().all(|(at, row)| {
                let at = DeclId(at as u32);
                match row.kind {
                    Kind::Function(f) if f.body.is_none() && f.kind == FunctionKind::Function => {
                        self.first_of_all(at, line).is_some_and(|d| d != at && self.has_body(d))
                    }
                    Kind::Modifier(m) if m.body.is_none() => line
                        .iter()
                        .find_map(|c| self.w.own(*c, row.name).first().copied())
                        .is_some_and(|d| self.has_body(d)),
                    _ => true,
                }
            })
        })
    }

    /// Finds the first declaration that implements a function: a function or a public variable.
    fn first_of_all(&self, id: DeclId, line: &[DeclId]) -> Option<DeclId> {
        let wanted = self.outside_params(id);
        let same = |d: &&DeclId| match self.w.kind(**d) {
            Some(Kind::Function(_)) => self.outside_params(**d) == wanted,
            Some(Kind::Variable(_)) => self.w.getter(**d).is_some_and(|g| g.params == wanted),
            _ => false,
        };
        line.iter().find_map(|c| self.w.own(*c, self.w.name(id)).iter().find(same).copied())
    }

    fn has_body(&self, id: DeclId) -> bool {
        match self.w.kind(id) {
            Some(Kind::Function(f)) => f.body.is_some(),
            Some(Kind::Modifier(m)) => m.body.is_some(),
            _ => true,
        }
    }

    /// Returns the constructor of a contract.
    pub(super) fn constructor(&self, id: DeclId) -> Option<DeclId> {
        let is = |d: &&DeclId| matches!(self.w.kind(**d), Some(Kind::Function(f)) if f.kind == FunctionKind::Constructor);
        self.w.own(id, "").iter().find(is).copied()
    }
}
