//! Finds code that never runs and results that may never get a value.

use super::super::Checker;
use super::graph::{Builder, Code, ENTRY, EXIT, Node, REVERT, STOP};
use super::warning;
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::{SourceMap, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Says whether a function can come back to its caller.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Unknown,
    Returns,
    Reverts,
}

/// Holds the graphs of all functions: one per function and choice of modifiers.
type Graphs = BTreeMap<(FunctionId, Vec<ModifierId>), Vec<Node>>;

struct Flow<'a> {
    checker: &'a Checker,
    map: &'a SourceMap,
    graphs: Graphs,
    /// What is known of functions that no contract overrides: free ones and those of libraries.
    fixed: BTreeMap<FunctionId, Fate>,
    /// What has been judged already: a graph with the calls in it that never come back.
    judged: BTreeSet<(FunctionId, Vec<ModifierId>, Vec<usize>)>,
    unreachable: BTreeSet<Span>,
    unassigned: BTreeSet<Span>,
}

/// Is one function as a contract has it, with the modifiers in force.
type Instance = (FunctionId, Vec<ModifierId>);

/// Checks every function of every contract, inherited ones as the contract has them.
pub(super) fn check(checker: &Checker, map: &SourceMap, found: &mut Vec<Diagnostic>) {
    let mut flow = Flow {
        checker,
        map,
        graphs: BTreeMap::new(),
        fixed: BTreeMap::new(),
        judged: BTreeSet::new(),
        unreachable: BTreeSet::new(),
        unassigned: BTreeSet::new(),
    };
    flow.check_fixed();
    for id in 0..checker.hir.contracts.len() {
        flow.check_contract(ContractId(id as u32));
    }
    let dead = |span: &Span| {
        let help = "remove it, or mend the condition before it";
        warning(codes::UNREACHABLE, 5740, *span, "this code never runs", help)
    };
    found.extend(flow.unreachable.iter().map(dead));
    let open = |span: &Span| {
        let message = "this result is zero on a path that returns nothing";
        let help = "return a value on every path, or name the result";
        warning(codes::UNASSIGNED_RESULT, 6321, *span, message, help)
    };
    found.extend(flow.unassigned.iter().map(open));
}

/// Marks the nodes that can be reached from the entry; `passes` says whether a node has a way on.
pub(super) fn reach(nodes: &[Node], passes: impl Fn(&Node) -> bool) -> Vec<bool> {
    let mut seen = vec![false; nodes.len()];
    let mut open = vec![ENTRY];
    while let Some(at) = open.pop() {
        let Some(mark) = seen.get_mut(at).filter(|m| !**m) else { continue };
        *mark = true;
        if let Some(node) = nodes.get(at).filter(|n| passes(n)) {
            open.extend(&node.next);
        }
    }
    seen
}

impl Flow<'_> {
    fn check_fixed(&mut self) {
        let hir = &self.checker.hir;
        let library = |f: &Function| {
            f.contract
                .is_none_or(|c| self.checker.contract(c).is_some_and(|c| c.kind == ContractKind::Library))
        };
        let all: Vec<FunctionId> = hir
            .functions
            .iter()
            .enumerate()
            .filter(|(_, f)| library(f))
            .map(|(i, _)| FunctionId(i as u32))
            .collect();
        let instances: Vec<Instance> = all.into_iter().filter_map(|f| self.instance(f, None)).collect();
        self.fixed = self.fates(&instances, None);
        self.judge_all(&instances, None, &BTreeMap::new());
    }

    fn check_contract(&mut self, id: ContractId) {
        let Some(contract) = self.checker.contract(id) else { return };
        if contract.kind == ContractKind::Library {
            return;
        }
        let line = contract.linearisation.iter().filter_map(|c| self.checker.contract(*c));
        let all: Vec<FunctionId> =
            line.flat_map(|c| c.functions.iter().chain(&c.constructor).copied()).collect();
        let instances: Vec<Instance> = all.into_iter().filter_map(|f| self.instance(f, Some(id))).collect();
        let fates = self.fates(&instances, Some(id));
        self.judge_all(&instances, Some(id), &fates);
    }

    /// Finds the modifiers in force and makes the graph, unless it is there already.
    fn instance(&mut self, id: FunctionId, contract: Option<ContractId>) -> Option<Instance> {
        let function = self.checker.function(id)?;
        let body = function.body.as_ref()?;
        let in_force = |m: &ModifierCall| {
            if m.exact { m.modifier } else { self.modifier_in_force(m.modifier, contract) }
        };
        let modifiers: Vec<ModifierId> = function.modifiers.iter().map(in_force).collect();
        let key = (id, modifiers);
        if !self.graphs.contains_key(&key) {
            let args: Vec<&Expr> = function.modifiers.iter().flat_map(|m| &m.args).collect();
            let span =
                self.checker.functions.get(id.index()).and_then(|o| o.ast.body.as_ref()).map(|b| b.span);
            let layers: Vec<Code<'_>> = key.1.iter().filter_map(|m| self.layer(*m)).collect();
            let graph = Builder::build(self.map, &args, &layers, Code { body, span });
            self.graphs.insert(key.clone(), graph);
        }
        Some(key)
    }

    fn layer(&self, id: ModifierId) -> Option<Code<'_>> {
        let body = self.checker.hir.modifiers.get(id.index())?.body.as_ref()?;
        let span = self.checker.modifiers.get(id.index()).and_then(|o| o.ast.body.as_ref()).map(|b| b.span);
        Some(Code { body, span })
    }

    fn modifier_in_force(&self, id: ModifierId, contract: Option<ContractId>) -> ModifierId {
        let line = contract.map_or(Vec::new(), |c| self.checker.line(c));
        let own =
            line.iter().filter_map(|c| self.checker.contract(*c)).flat_map(|c| c.modifiers.iter().copied());
        let mut fitting = own.filter(|m| *m == id || self.overrides_modifier(*m, id));
        fitting.next().unwrap_or(id)
    }

    fn overrides_modifier(&self, id: ModifierId, base: ModifierId) -> bool {
        let direct = self.checker.hir.modifiers.get(id.index()).map_or(&[][..], |m| &m.overrides);
        direct.iter().any(|o| *o == base || self.overrides_modifier(*o, base))
    }

    /// Finds which functions always revert. What hangs on itself alone stays unknown: it never comes back either.
    fn fates(&self, instances: &[Instance], contract: Option<ContractId>) -> BTreeMap<FunctionId, Fate> {
        let mut fates: BTreeMap<FunctionId, Fate> = instances.iter().map(|i| (i.0, Fate::Unknown)).collect();
        loop {
            let mut changed = false;
            for instance in instances {
                if fates.get(&instance.0) != Some(&Fate::Unknown) {
                    continue;
                }
                let Some(nodes) = self.graphs.get(instance) else { continue };
                let fate = self.fate(nodes, contract, &fates);
                if fate != Fate::Unknown {
                    fates.insert(instance.0, fate);
                    changed = true;
                }
            }
            if !changed {
                return fates;
            }
        }
    }

    fn fate(&self, nodes: &[Node], contract: Option<ContractId>, fates: &BTreeMap<FunctionId, Fate>) -> Fate {
        let of = |node: &Node| node.call.map_or(Fate::Returns, |c| self.fate_of(c, contract, fates));
        let sure = reach(nodes, |n| of(n) == Fate::Returns);
        if sure.get(EXIT) == Some(&true) || sure.get(STOP) == Some(&true) {
            return Fate::Returns;
        }
        let waits = nodes.iter().zip(&sure).any(|(n, s)| *s && of(n) == Fate::Unknown);
        if waits { Fate::Unknown } else { Fate::Reverts }
    }

    fn fate_of(
        &self,
        callee: Callee,
        contract: Option<ContractId>,
        fates: &BTreeMap<FunctionId, Fate>,
    ) -> Fate {
        let Some(id) = self.resolve(callee, contract) else { return Fate::Returns };
        if self.checker.function(id).is_none_or(|f| f.body.is_none()) {
            return Fate::Returns;
        }
        fates.get(&id).or_else(|| self.fixed.get(&id)).copied().unwrap_or(Fate::Returns)
    }

    fn resolve(&self, callee: Callee, contract: Option<ContractId>) -> Option<FunctionId> {
        let in_line = |id: FunctionId, line: Vec<ContractId>| {
            let all =
                line.into_iter().filter_map(|c| self.checker.contract(c)).flat_map(|c| c.functions.iter());
            all.copied().find(|f| *f == id || self.overrides(*f, id))
        };
        match callee {
            Callee::Exact(id) => Some(id),
            Callee::Virtual(id) => in_line(id, self.checker.line(contract?)).or(Some(id)),
            Callee::Super { from, function } => {
                let line = self.checker.line(contract?);
                let rest = line.into_iter().skip_while(|c| *c != from).skip(1).collect::<Vec<_>>();
                let wanted = self.checker.function(function)?;
                let same = |f: &FunctionId| {
                    self.checker.function(*f).is_some_and(|f| {
                        f.name == wanted.name && f.signature == wanted.signature && f.body.is_some()
                    })
                };
                let all = rest.iter().filter_map(|c| self.checker.contract(*c)).flat_map(|c| &c.functions);
                all.copied().find(same).or(Some(function))
            }
        }
    }

    fn overrides(&self, id: FunctionId, base: FunctionId) -> bool {
        let direct = self.checker.function(id).map_or(&[][..], |f| &f.overrides);
        direct.iter().any(|o| *o == base || self.overrides(*o, base))
    }

    fn judge_all(
        &mut self,
        instances: &[Instance],
        contract: Option<ContractId>,
        fates: &BTreeMap<FunctionId, Fate>,
    ) {
        for instance in instances {
            let Some(nodes) = self.graphs.get(instance) else { continue };
            let dead = |n: &Node| n.call.is_some_and(|c| self.fate_of(c, contract, fates) != Fate::Returns);
            let reverting: Vec<usize> =
                nodes.iter().enumerate().filter(|(_, n)| dead(n)).map(|(at, _)| at).collect();
            if self.judged.contains(&(instance.0, instance.1.clone(), reverting.clone())) {
                continue;
            }
            let (spans, open) = judge(nodes, &reverting);
            self.unreachable.extend(spans);
            if open {
                self.open_results(instance.0);
            }
            self.judged.insert((instance.0, instance.1.clone(), reverting));
        }
    }

    /// Notes the unnamed results of a function that can end without giving them a value.
    fn open_results(&mut self, id: FunctionId) {
        let Some(function) = self.checker.function(id) else { return };
        let Some(owned) = self.checker.functions.get(id.index()) else { return };
        if owned.ast.body.as_ref().is_none_or(|b| b.stmts.is_empty()) {
            return;
        }
        for (result, local) in owned.ast.returns.iter().zip(&function.returns) {
            let ty = function.locals.get(local.index()).map(|l| &l.ty);
            let pointer = ty.is_some_and(|t| matches!(t.loc(), Some(Loc::Storage | Loc::Calldata)));
            if result.name.is_none() && !pointer {
                self.unassigned.insert(result.span);
            }
        }
    }
}

/// Returns the places of code that never runs, and whether the function can end without `return value`. Calls in
/// the nodes `reverting` never come back.
fn judge(nodes: &[Node], reverting: &[usize]) -> (Vec<Span>, bool) {
    let next: Vec<&[usize]> = nodes
        .iter()
        .enumerate()
        .map(|(at, n)| if reverting.contains(&at) { &[REVERT][..] } else { n.next.as_slice() })
        .collect();
    let reached = walk(&next, &[ENTRY], |_| true);
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (at, targets) in next.iter().enumerate() {
        for target in *targets {
            before.get_mut(*target).into_iter().for_each(|b| b.push(at));
        }
    }
    let before: Vec<&[usize]> = before.iter().map(Vec::as_slice).collect();
    // Code that neither begins nor ends anywhere is not spoken of.
    let ends = walk(&before, &[EXIT, REVERT, STOP], |_| true);
    let dead = nodes.iter().zip(reached.iter().zip(&ends)).filter(|(_, (r, e))| !**r && **e);
    let mut spans: Vec<Span> = dead.filter_map(|(n, _)| n.span).collect();
    spans.sort();
    let open = walk(&next, &[ENTRY], |at| nodes.get(at).is_some_and(|n| !n.returns));
    (joined(spans), open.get(EXIT) == Some(&true))
}

fn walk(next: &[&[usize]], from: &[usize], passes: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut seen = vec![false; next.len()];
    let mut open = from.to_vec();
    while let Some(at) = open.pop() {
        let Some(mark) = seen.get_mut(at).filter(|m| !**m) else { continue };
        *mark = true;
        if passes(at) {
            open.extend(next.get(at).copied().unwrap_or_default());
        }
    }
    seen
}

/// Joins spans that touch or overlap; they come in order.
fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last) if last.file == span.file && span.start <= last.end => {
                last.end = last.end.max(span.end)
            }
            _ => out.push(span),
        }
    }
    out
}
