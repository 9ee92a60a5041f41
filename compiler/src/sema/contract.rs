//! Checks contracts as a whole: bases, linearisation, overriding, what must be implemented, interfaces.

use super::{Checker, Scope, scope::Decl, ty};
use crate::ast::{self, Member};
use crate::diag::{Diagnostic, Finding, codes};
use crate::hir::*;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Is a function or getter that can override or be overridden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Function(FunctionId),
    Getter(VarId),
    Modifier(ModifierId),
}

/// Identifies what overrides what: kind, name and parameter types.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    name: String,
    params: Vec<Ty>,
    kind: u8,
}

/// Is an external function with its signature and the types of its parameters in memory.
type Row = (InterfaceEntry, String, Vec<Ty>);
type Table = BTreeMap<Selector, Row>;

impl Checker {
    /// Resolves bases and computes every contract's C3 linearisation.
    pub(super) fn linearise(&mut self) {
        for i in 0..self.contracts.len() {
            self.resolve_bases(ContractId(i as u32));
        }
        let mut state = vec![0u8; self.contracts.len()];
        for i in 0..self.contracts.len() {
            self.linearise_one(ContractId(i as u32), &mut state, 0);
        }
    }

    fn resolve_bases(&mut self, id: ContractId) {
        let Some(info) = self.contracts.get(id.index()) else { return };
        let (ast, file) = (info.ast.clone(), info.file);
        let scope = Scope { file, contract: None };
        let mut bases: Vec<ContractId> = Vec::new();
        for base in &ast.bases {
            let Some(target) = self.resolve_contract(7920, 8758, scope, &base.path) else { continue };
            let kind = self.contract(target).map(|c| c.kind);
            let place = base.path.span;
            let wrong = match (ast.kind, kind) {
                (ast::ContractKind::Library, _) => Some((9469, ast.span, "a library has no bases")),
                (_, Some(ContractKind::Library)) => Some((2571, place, "a library cannot be a base")),
                (ast::ContractKind::Interface, Some(k)) if k != ContractKind::Interface => {
                    Some((6536, place, "an interface inherits from interfaces only"))
                }
                _ if target == id => Some((2449, place, "a contract cannot be its own base")),
                _ if target > id && self.contracts.get(target.index()).is_some_and(|c| c.file == file) => {
                    Some((2449, place, "a base is defined before the contracts that inherit from it"))
                }
                _ if bases.contains(&target) => Some((5005, ast.span, "a base is named twice")),
                _ => None,
            };
            match wrong {
                Some((number, place, message)) => {
                    self.fail::<()>(codes::BAD_BASE.solc(number), place, message);
                }
                None => bases.push(target),
            }
        }
        if let Some(info) = self.contracts.get_mut(id.index()) {
            info.bases = bases;
        }
    }

    fn linearise_one(&mut self, id: ContractId, state: &mut [u8], depth: usize) {
        match state.get(id.index()) {
            Some(0) => {}
            Some(1) => return self.break_cycle(id),
            _ => return,
        }
        if depth > 500 {
            return self.break_cycle(id);
        }
        if let Some(s) = state.get_mut(id.index()) {
            *s = 1;
        }
        let bases = self.bases_of(id);
        for base in &bases {
            self.linearise_one(*base, state, depth + 1);
        }
        // A cycle may have cut the bases meanwhile.
        let bases = self.bases_of(id);
        let mut lists: Vec<Vec<ContractId>> = bases.iter().rev().map(|b| self.line(*b)).collect();
        lists.push(std::iter::once(id).chain(bases.iter().rev().copied()).collect());
        let line = merge(lists).unwrap_or_else(|| {
            let span = self.whole_or_default(Decl::Contract(id));
            let help = "list bases from the most general to the most derived";
            self.fail_help::<()>(
                codes::LINEARISATION.solc(5005),
                span,
                "the bases cannot be put into one order",
                help,
            );
            vec![id]
        });
        if let Some(row) = self.hir.contracts.get_mut(id.index()) {
            row.linearisation = line;
        }
        if let Some(s) = state.get_mut(id.index()) {
            *s = 2;
        }
    }

    fn break_cycle(&mut self, id: ContractId) {
        let ast = self.contracts.get(id.index()).map(|c| c.ast.clone());
        let span = ast.and_then(|a| a.bases.first().map(|b| b.path.span)).unwrap_or_default();
        self.fail::<()>(codes::CYCLE.solc(2449), span, "this contract inherits from itself");
        for info in &mut self.contracts {
            info.bases.retain(|b| *b != id);
        }
    }

    pub(super) fn bases_of(&self, id: ContractId) -> Vec<ContractId> {
        self.contracts.get(id.index()).map_or(Vec::new(), |c| c.bases.clone())
    }

    /// Checks the rules of every contract that need no bodies.
    pub(super) fn check_contracts(&mut self) {
        for i in 0..self.contracts.len() {
            let id = ContractId(i as u32);
            self.check_members(id);
            self.check_overrides(id);
            self.check_inherited_names(id);
            self.check_conflicts(id);
            self.check_implemented(id);
            self.resolve_layout(id);
            self.check_storage_size(id);
            self.collect_interface(id);
            self.check_inherited_coder(id);
        }
        self.check_duplicate_events();
        self.check_duplicate_free_functions();
        for i in 0..self.functions.len() {
            self.check_function_rules(FunctionId(i as u32));
        }
    }

    fn check_members(&mut self, id: ContractId) {
        let Some(contract) = self.contract(id).cloned() else { return };
        let Some(ast) = self.contracts.get(id.index()).map(|c| c.ast.clone()) else { return };
        match contract.kind {
            ContractKind::Interface => self.check_interface(&contract, &ast),
            ContractKind::Library => self.check_library(&contract),
            _ => {}
        }
        for kind in [FunctionKind::Receive, FunctionKind::Fallback] {
            let mut own =
                contract.functions.iter().filter(|f| self.function(**f).is_some_and(|f| f.kind == kind));
            if let Some(second) = own.nth(1).copied() {
                let span = self.whole_or_default(Decl::Function(second));
                let number = if kind == FunctionKind::Receive { 4046 } else { 7301 };
                let message = "a contract has one such function";
                self.fail::<()>(codes::SPECIAL_FUNCTION.solc(number), span, message);
            }
        }
        self.check_duplicate_functions(&contract);
    }

    fn check_duplicate_functions(&mut self, contract: &Contract) {
        let mut seen: BTreeMap<String, Vec<(Vec<Ty>, Span)>> = BTreeMap::new();
        for f in &contract.functions {
            let Some(function) = self.function(*f).filter(|f| f.kind == FunctionKind::Function) else {
                continue;
            };
            let name = function.name.clone();
            let span = self.whole_or_default(Decl::Function(*f));
            if name == contract.name {
                let message = format!("`{name}` is the contract's name: a function cannot have it too");
                let error = Diagnostic::error(codes::ALREADY_DECLARED, span, message).solc(5796);
                self.diags.push(error.help("a constructor is written `constructor(...)`"));
            }
            let params: Vec<Ty> = self.param_types(*f).iter().map(|t| t.with_loc(Loc::Memory)).collect();
            for (other, first) in seen.get(&name).into_iter().flatten() {
                let diagnostic = if *other == params {
                    let message = format!("`{name}` with these parameters exists already");
                    Diagnostic::error(codes::ALREADY_DECLARED.solc(1686), *first, message)
                        .at(span, "and here a second time")
                } else {
                    continue;
                };
                self.diags.push(diagnostic);
                break;
            }
            seen.entry(name).or_default().push((params, span));
        }
    }

    /// Reports events of one scope, bases included, that differ in nothing but attributes.
    fn check_duplicate_events(&mut self) {
        let event = |list: &[(Decl, Span)]| -> Vec<EventId> {
            list.iter().filter_map(|(d, _)| if let Decl::Event(e) = d { Some(*e) } else { None }).collect()
        };
        let mut groups: Vec<Vec<EventId>> = Vec::new();
        for i in 0..self.hir.contracts.len() {
            let line = self.line(ContractId(i as u32));
            let rows = line.iter().filter_map(|c| self.contracts.get(c.index()));
            groups.push(rows.flat_map(|c| c.names.values()).flat_map(|list| event(list)).collect());
        }
        groups.extend(self.files.iter().flat_map(|f| f.names.values()).map(|list| event(list)));
        let mut clashes = Vec::new();
        for group in groups {
            let mut seen: BTreeMap<&str, EventId> = BTreeMap::new();
            for id in group {
                let Some(row) = self.hir.events.get(id.index()) else { continue };
                match seen.get(row.signature.as_str()) {
                    Some(first) if *first != id => clashes.push((*first, id, row.name.clone())),
                    Some(_) => {}
                    None => {
                        seen.insert(&row.signature, id);
                    }
                }
            }
        }
        clashes.sort();
        clashes.dedup();
        for (first, second, name) in clashes {
            let (first, second) = (Decl::Event(first), Decl::Event(second));
            let message = format!("event `{name}` with these parameters exists already");
            self.diags.push(
                Diagnostic::error(codes::ALREADY_DECLARED.solc(5883), self.whole_or_default(first), message)
                    .at(self.whole_or_default(second), "and here a second time"),
            );
        }
    }

    fn check_duplicate_free_functions(&mut self) {
        let mut clashes = Vec::new();
        for file in &self.files {
            for list in file.names.values() {
                let functions: Vec<FunctionId> = list
                    .iter()
                    .filter_map(|(d, _)| if let Decl::Function(f) = d { Some(*f) } else { None })
                    .collect();
                for (i, f) in functions.iter().enumerate() {
                    let twin =
                        functions.iter().take(i).find(|g| self.param_types(**g) == self.param_types(*f));
                    if let (Some(g), Some(row)) = (twin, self.function(*f)) {
                        let place = |f: FunctionId| self.whole_or_default(Decl::Function(f));
                        clashes.push((place(*g), place(*f), row.name.clone()));
                    }
                }
            }
        }
        clashes.sort();
        clashes.dedup();
        for (first, second, name) in clashes {
            self.diags.push(
                Diagnostic::error(
                    codes::ALREADY_DECLARED.solc(1686),
                    first,
                    format!("`{name}` with these parameters exists already"),
                )
                .at(second, "and here a second time"),
            );
        }
    }

    fn check_interface(&mut self, contract: &Contract, ast: &ast::Contract) {
        let rule = codes::INTERFACE_RULE;
        if let Some(f) = contract.constructor {
            let span = self.whole_or_default(Decl::Function(f));
            self.fail::<()>(rule.solc(6482), span, "an interface has no constructor");
        }
        for member in &ast.members {
            match member {
                Member::Variable(v) => {
                    self.fail::<()>(rule.solc(8274), v.span, "an interface has no state variables");
                }
                Member::Using(u) => {
                    self.fail::<()>(rule.solc(9088), u.span, "an interface has no `using`");
                }
                Member::Modifier(m) => {
                    self.fail::<()>(rule.solc(6408), m.span, "an interface has no modifiers");
                }
                Member::Function(f) => {
                    if f.body.is_some() {
                        self.fail_help::<()>(
                            rule.solc(4726),
                            f.span,
                            "an interface function has no body",
                            "end it with `;`",
                        );
                    }
                    let external = matches!(f.visibility, Some((ast::Visibility::External, _)));
                    if !external && f.kind == ast::FunctionKind::Function {
                        self.fail_help::<()>(
                            rule.solc(1560),
                            f.span,
                            "an interface function is external",
                            "write `external`",
                        );
                    }
                    if !f.modifiers.is_empty() {
                        self.fail::<()>(rule.solc(5842), f.span, "an interface function has no modifiers");
                    }
                }
                _ => {}
            }
        }
    }

    fn check_library(&mut self, contract: &Contract) {
        let rule = codes::LIBRARY_RULE;
        if let Some(f) = contract.constructor {
            let span = self.whole_or_default(Decl::Function(f));
            self.fail::<()>(rule.solc(7634), span, "a library has no constructor");
        }
        for v in &contract.vars {
            let Some(var) = self.hir.vars.get(v.index()) else { continue };
            if var.kind != VarKind::Constant {
                let span = self.whole_or_default(Decl::Var(*v));
                self.fail::<()>(rule.solc(9957), span, "a library has no state variables but constants");
            }
        }
        for m in &contract.modifiers {
            if !self.hir.modifiers.get(m.index()).is_some_and(|m| m.is_virtual) {
                continue;
            }
            let span = self.whole_or_default(Decl::Modifier(*m));
            self.fail::<()>(rule.solc(3275), span, "a library's modifier cannot be virtual");
        }
        for f in &contract.functions {
            let Some(function) = self.function(*f) else { continue };
            let span = self.whole_or_default(Decl::Function(*f));
            let (number, message) = match () {
                () if function.kind == FunctionKind::Receive => (4549, "a library has no `receive`"),
                () if function.kind == FunctionKind::Fallback => (5982, "a library has no `fallback`"),
                () if function.mutability == Mutability::Payable => {
                    (7708, "a library function cannot be payable")
                }
                () if function.is_virtual => (7801, "a library function cannot be virtual"),
                () => continue,
            };
            self.fail::<()>(rule.solc(number), span, message);
        }
    }

    fn check_function_rules(&mut self, id: FunctionId) {
        let Some(owned) = self.functions.get(id.index()).cloned() else { return };
        let Some(function) = self.function(id).cloned() else { return };
        let ast = &owned.ast;
        let kind = owned.scope.contract.and_then(|c| self.contract(c)).map(|c| c.kind);
        let span = ast.span;
        if ast.body.is_none() {
            match (function.kind, kind) {
                (FunctionKind::Free | FunctionKind::Constructor, _) | (_, Some(ContractKind::Library)) => {
                    let number = match function.kind {
                        FunctionKind::Free => 4668,
                        FunctionKind::Constructor => 5700,
                        _ => 9231,
                    };
                    self.fail::<()>(codes::NOT_IMPLEMENTED.solc(number), span, "this function needs a body");
                }
                (_, Some(ContractKind::Interface)) => {}
                _ if !function.is_virtual => {
                    let help = "add `virtual`, or a body";
                    self.fail_help::<()>(
                        codes::NOT_IMPLEMENTED.solc(5424),
                        span,
                        "a function without a body is virtual",
                        help,
                    );
                }
                _ => {}
            }
            if !ast.modifiers.is_empty() && kind != Some(ContractKind::Interface) {
                self.fail::<()>(
                    codes::BAD_MODIFIER_USE.solc(2668),
                    span,
                    "a function without a body has no modifiers",
                );
            }
        }
        if ast.is_virtual.is_some() {
            let number = match function.kind {
                FunctionKind::Free => Some(4493),
                FunctionKind::Constructor => Some(7001),
                _ => (function.visibility == Visibility::Private).then_some(3942),
            };
            if let Some(number) = number {
                let finding = codes::BAD_FUNCTION_MODIFIER.solc(number);
                self.fail::<()>(finding, span, "this function cannot be virtual");
            }
        }
        if function.kind == FunctionKind::Free && ast.overrides.is_some() {
            self.fail::<()>(codes::OVERRIDE_NOTHING.solc(1750), span, "a free function overrides nothing");
        }
        if let Some((ast::Mutability::Payable, _)) = ast.mutability
            && matches!(function.visibility, Visibility::Internal | Visibility::Private)
        {
            let help = "remove `payable`, or make the function external or public";
            self.fail_help::<()>(
                codes::BAD_FUNCTION_MODIFIER.solc(if function.kind == FunctionKind::Free {
                    9559
                } else {
                    5587
                }),
                span,
                "an internal function is not payable",
                help,
            );
        }
        self.check_special(&function, ast);
    }

    fn check_special(&mut self, f: &Function, ast: &ast::Function) {
        let code = codes::SPECIAL_FUNCTION;
        match f.kind {
            FunctionKind::Receive => {
                if !f.returns.is_empty() {
                    self.fail::<()>(code.solc(6899), ast.returns_span, "`receive` returns nothing");
                }
                if !f.params.is_empty() {
                    self.fail::<()>(code.solc(6857), ast.params_span, "`receive` takes nothing");
                }
                if f.mutability != Mutability::Payable {
                    self.fail_help::<()>(
                        code.solc(7793),
                        ast.span,
                        "`receive` is payable",
                        "write `payable`",
                    );
                }
            }
            FunctionKind::Fallback => {
                let types = super::local_types(&f.locals, &f.params);
                let returns = super::local_types(&f.locals, &f.returns);
                let plain = types.is_empty() && returns.is_empty();
                let data = types == [Ty::Bytes(Loc::Calldata)] && returns == [Ty::Bytes(Loc::Memory)];
                if !plain && !data {
                    let help = "write `fallback()` or `fallback(bytes calldata) ... returns (bytes memory)`";
                    self.fail_help::<()>(
                        code.solc(5570),
                        ast.returns_span,
                        "`fallback` has another form",
                        help,
                    );
                }
                if matches!(f.mutability, Mutability::Pure | Mutability::View) {
                    let message = "`fallback` is payable or not, but never view or pure";
                    self.fail::<()>(code.solc(4575), ast.span, message);
                }
            }
            FunctionKind::Constructor => {
                if !f.returns.is_empty() {
                    self.fail::<()>(code.solc(9712), ast.returns_span, "a constructor returns nothing");
                }
                if ast.mutability.is_some_and(|(m, _)| m != ast::Mutability::Payable) {
                    self.fail::<()>(code.solc(1558), ast.span, "a constructor is payable or nothing");
                }
                if ast.overrides.is_some() {
                    self.fail::<()>(code.solc(1209), ast.span, "a constructor overrides nothing");
                }
            }
            _ => {}
        }
    }

    fn slots(&self, id: ContractId) -> Vec<Slot> {
        let Some(contract) = self.contract(id) else { return Vec::new() };
        let functions = contract.functions.iter().map(|f| Slot::Function(*f));
        let getters = contract
            .vars
            .iter()
            .filter(|v| self.hir.vars.get(v.index()).is_some_and(|v| v.visibility == Visibility::Public));
        let modifiers = contract.modifiers.iter().map(|m| Slot::Modifier(*m));
        functions.chain(getters.map(|v| Slot::Getter(*v))).chain(modifiers).collect()
    }

    fn key(&self, slot: Slot) -> Key {
        let memory = |list: Vec<Ty>| list.iter().map(|t| t.with_loc(Loc::Memory)).collect::<Vec<_>>();
        match slot {
            Slot::Function(f) => {
                let function = self.function(f);
                let kind = match function.map(|f| f.kind) {
                    Some(FunctionKind::Receive) => 1,
                    Some(FunctionKind::Fallback) => 2,
                    _ => 0,
                };
                let params = if kind == 2 { Vec::new() } else { memory(self.param_types(f)) };
                Key { name: function.map_or(String::new(), |f| f.name.clone()), params, kind }
            }
            Slot::Getter(v) => {
                let var = self.hir.vars.get(v.index());
                let params = var.and_then(|v| self.getter_type(&v.ty)).map_or(Vec::new(), |g| g.params);
                Key { name: var.map_or(String::new(), |v| v.name.clone()), params, kind: 0 }
            }
            Slot::Modifier(m) => {
                let name = self.hir.modifiers.get(m.index()).map_or(String::new(), |m| m.name.clone());
                Key { name, params: Vec::new(), kind: 3 }
            }
        }
    }

    /// Finds what a slot with `key` in `id` would override: the nearest definitions through each direct base.
    fn base_slots(&self, id: ContractId, key: &Key) -> BTreeSet<Slot> {
        let (mut out, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open = self.bases_of(id);
        while let Some(base) = open.pop() {
            if !seen.insert(base) {
                continue;
            }
            let named = |s: &Slot| self.slot_name(*s) == key.name && self.key(*s) == *key;
            match self.slots(base).into_iter().find(named) {
                Some(slot) => {
                    out.insert(slot);
                }
                None => open.extend(self.bases_of(base)),
            }
        }
        out
    }

    fn slot_name(&self, slot: Slot) -> &str {
        match slot {
            Slot::Function(f) => self.function(f).map_or("", |f| &f.name),
            Slot::Getter(v) => self.hir.vars.get(v.index()).map_or("", |v| &v.name),
            Slot::Modifier(m) => self.hir.modifiers.get(m.index()).map_or("", |m| &m.name),
        }
    }

    fn slot_contract(&self, slot: Slot) -> Option<ContractId> {
        match slot {
            Slot::Function(f) => self.function(f)?.contract,
            Slot::Getter(v) => self.hir.vars.get(v.index())?.contract,
            Slot::Modifier(m) => Some(self.hir.modifiers.get(m.index())?.contract),
        }
    }

    fn slot_span(&self, slot: Slot) -> Span {
        match slot {
            Slot::Function(f) => self.whole_or_default(Decl::Function(f)),
            Slot::Getter(v) => self.whole_or_default(Decl::Var(v)),
            Slot::Modifier(m) => self.whole_or_default(Decl::Modifier(m)),
        }
    }

    fn slot_is_virtual(&self, slot: Slot) -> bool {
        match slot {
            Slot::Function(f) => self.function(f).is_some_and(|f| f.is_virtual),
            Slot::Getter(_) => false,
            Slot::Modifier(m) => self.hir.modifiers.get(m.index()).is_some_and(|m| m.is_virtual),
        }
    }

    fn slot_override(&self, slot: Slot) -> Option<ast::Override> {
        match slot {
            Slot::Function(f) => self.functions.get(f.index())?.ast.overrides.clone(),
            Slot::Getter(v) => self.vars.get(v.index())?.ast.overrides.clone(),
            Slot::Modifier(m) => self.modifiers.get(m.index())?.ast.overrides.clone(),
        }
    }

    fn check_overrides(&mut self, id: ContractId) {
        for slot in self.slots(id) {
            let key = self.key(slot);
            let bases = self.base_slots(id, &key);
            let given = self.slot_override(slot);
            self.check_override_word(slot, &bases, given.as_ref());
            for base in &bases {
                self.check_override_pair(slot, *base);
            }
            if let Some(given) = &given {
                self.check_override_list(id, &bases, given);
            }
            self.record_overrides(slot, &bases);
        }
    }

    fn check_override_word(&mut self, slot: Slot, bases: &BTreeSet<Slot>, given: Option<&ast::Override>) {
        let span = self.slot_span(slot);
        match (bases.is_empty(), given) {
            (true, Some(word)) => {
                self.fail_help::<()>(
                    codes::OVERRIDE_NOTHING.solc(7792),
                    word.span,
                    "no base has such a function",
                    "remove `override`, or fix the name or parameters",
                );
            }
            (false, None) => {
                let interfaces = bases
                    .iter()
                    .filter_map(|b| self.slot_contract(*b))
                    .all(|c| self.contract(c).is_some_and(|c| c.kind == ContractKind::Interface));
                if !interfaces || bases.len() > 1 {
                    let first = bases.first().map(|b| self.slot_span(*b)).unwrap_or_default();
                    self.diags.push(
                        Diagnostic::error(
                            codes::OVERRIDE_MISSING.solc(if interfaces { 4327 } else { 9456 }),
                            span,
                            "this overrides a base's definition",
                        )
                        .at(first, "the base's definition")
                        .help("write `override`"),
                    );
                }
            }
            _ => {}
        }
    }

    fn check_override_pair(&mut self, slot: Slot, base: Slot) {
        let (span, base_span) = (self.slot_span(slot), self.slot_span(base));
        let fault = |finding: Finding, text: &str| {
            Diagnostic::error(finding, span, text).at(base_span, "the base's definition")
        };
        if !self.slot_is_virtual(base) && !matches!(base, Slot::Getter(_)) {
            self.diags.push(
                Diagnostic::error(
                    codes::OVERRIDE_NOT_VIRTUAL.solc(4334),
                    base_span,
                    "this is overridden, but is not virtual",
                )
                .at(span, "overridden here")
                .help("add `virtual`, or rename the other one"),
            );
        }
        match (slot, base) {
            (Slot::Function(a), Slot::Function(b)) => self.check_function_override(a, b),
            (Slot::Getter(v), Slot::Function(b)) => self.check_getter_override(v, b),
            (Slot::Modifier(a), Slot::Modifier(b)) => {
                let types = |m: ModifierId| {
                    self.hir
                        .modifiers
                        .get(m.index())
                        .map_or(Vec::new(), |m| super::local_types(&m.locals, &m.params))
                };
                if types(a) != types(b) {
                    self.diags.push(fault(
                        codes::OVERRIDE_SIGNATURE.solc(1078),
                        "the parameters differ from the base's",
                    ));
                }
            }
            (Slot::Function(_), Slot::Getter(_)) | (Slot::Getter(_), Slot::Getter(_)) => {
                self.diags.push(
                    Diagnostic::error(
                        codes::OVERRIDE_NOT_VIRTUAL.solc(1452),
                        base_span,
                        "a public variable cannot be overridden",
                    )
                    .at(span, "overridden here"),
                );
            }
            _ => {}
        }
    }

    fn check_function_override(&mut self, a: FunctionId, b: FunctionId) {
        let (Some(f), Some(g)) = (self.function(a).cloned(), self.function(b).cloned()) else { return };
        let visible = f.visibility == g.visibility
            || (g.visibility == Visibility::External && f.visibility == Visibility::Public);
        let mutable = f.mutability == g.mutability
            || matches!(
                (g.mutability, f.mutability),
                (Mutability::NonPayable, Mutability::View | Mutability::Pure)
                    | (Mutability::View, Mutability::Pure)
            );
        let same = |x: Vec<Ty>, y: Vec<Ty>| {
            x.len() == y.len() && x.iter().zip(&y).all(|(p, q)| ty::same_but_location(p, q))
        };
        let returns = f.kind == FunctionKind::Fallback || same(self.return_types(a), self.return_types(b));
        let located = |list: Vec<Ty>| list.iter().map(Ty::loc).collect::<Vec<_>>();
        let external = g.visibility == Visibility::External;
        let same_params = external || located(self.param_types(a)) == located(self.param_types(b));
        let same_returns = external || located(self.return_types(a)) == located(self.return_types(b));
        let list = [
            (!visible, 9098, "the visibility differs from the base's"),
            (!mutable, 6959, "the state mutability is weaker than the base's"),
            (!returns, 4822, "the return types differ from the base's"),
            (!same_params, 7723, "the parameters' data locations differ from the base's"),
            (returns && !same_returns, 1443, "the results' data locations differ from the base's"),
            (self.has_body(b) && !self.has_body(a), 4593, "this removes the base's implementation"),
        ];
        let (place, other) =
            (self.whole_or_default(Decl::Function(a)), self.whole_or_default(Decl::Function(b)));
        for (_, number, message) in list.into_iter().filter(|row| row.0) {
            self.diags.push(
                Diagnostic::error(codes::OVERRIDE_SIGNATURE.solc(number), place, message)
                    .at(other, "the base's definition"),
            );
        }
    }

    fn check_getter_override(&mut self, v: VarId, b: FunctionId) {
        let Some(var) = self.hir.vars.get(v.index()).cloned() else { return };
        let (Some(getter), Some(base)) = (self.getter_type(&var.ty), self.function(b).cloned()) else {
            return;
        };
        let returns = self.return_types(b);
        let same = returns.len() == getter.returns.len()
            && returns.iter().zip(&getter.returns).all(|(x, y)| ty::same_but_location(x, y));
        let strict = match var.kind {
            VarKind::Constant => base.mutability == Mutability::Payable,
            _ => matches!(base.mutability, Mutability::Payable | Mutability::Pure),
        };
        let (number, message) = match () {
            () if base.visibility != Visibility::External => {
                (5225, "a variable overrides external functions only")
            }
            () if !same => (4822, "the getter's return type differs from the base's"),
            () if strict => (6959, "a getter is view, the base's definition is not"),
            () => return,
        };
        let (place, other) = (self.whole_or_default(Decl::Var(v)), self.whole_or_default(Decl::Function(b)));
        self.diags.push(
            Diagnostic::error(codes::OVERRIDE_SIGNATURE.solc(number), place, message)
                .at(other, "the base's definition"),
        );
    }

    fn check_override_list(&mut self, id: ContractId, bases: &BTreeSet<Slot>, given: &ast::Override) {
        let wanted: BTreeSet<ContractId> = bases.iter().filter_map(|b| self.slot_contract(*b)).collect();
        if given.paths.is_empty() && wanted.len() < 2 {
            return;
        }
        let Some(file) = self.contracts.get(id.index()).map(|c| c.file) else { return };
        let scope = Scope { file, contract: Some(id) };
        let mut named = BTreeSet::new();
        for path in &given.paths {
            let Some(contract) = self.resolve_contract(7920, 9301, scope, path) else { return };
            if self.is_library(contract) {
                self.fail::<()>(codes::OVERRIDE_LIST.solc(1130), path.span, "a library is no base");
                return;
            }
            if !named.insert(contract) {
                self.fail::<()>(codes::OVERRIDE_LIST.solc(4520), path.span, "this base is named twice");
            }
        }
        let missing = wanted.iter().any(|c| !named.contains(c)) && wanted.len() > 1;
        if named != wanted {
            let names: Vec<_> =
                wanted.iter().filter_map(|c| self.contract(*c)).map(|c| c.name.clone()).collect();
            let help = format!("write `override({})`", names.join(", "));
            self.fail_help::<()>(
                codes::OVERRIDE_LIST.solc(if missing { 4327 } else { 2353 }),
                given.span,
                "the list does not name the overridden bases",
                help,
            );
        }
    }

    fn record_overrides(&mut self, slot: Slot, bases: &BTreeSet<Slot>) {
        let functions: Vec<FunctionId> =
            bases.iter().filter_map(|b| if let Slot::Function(f) = b { Some(*f) } else { None }).collect();
        match slot {
            Slot::Function(f) => {
                if let Some(row) = self.hir.functions.get_mut(f.index()) {
                    row.overrides = functions;
                }
            }
            Slot::Getter(v) => {
                if let Some(row) = self.hir.vars.get_mut(v.index()) {
                    row.overrides = functions;
                }
            }
            Slot::Modifier(m) => {
                let list =
                    bases.iter().filter_map(|b| if let Slot::Modifier(m) = b { Some(*m) } else { None });
                let list = list.collect();
                if let Some(row) = self.hir.modifiers.get_mut(m.index()) {
                    row.overrides = list;
                }
            }
        }
    }

    /// Reports names of a contract and its bases that clash without overriding each other.
    fn check_inherited_names(&mut self, id: ContractId) {
        let mut known: BTreeMap<ast::Name, Vec<(Decl, Span)>> = BTreeMap::new();
        let mut clashes = Vec::new();
        for base in self.line(id) {
            let Some(names) = self.contracts.get(base.index()).map(|c| &c.names) else { continue };
            for (name, list) in names {
                let known = known.entry(name.clone()).or_default();
                for (decl, span) in list.iter().filter(|(d, _)| base == id || !self.is_hidden(*d)) {
                    match known.iter().find(|(other, _)| self.clashes(*other, *decl)) {
                        Some(other) => clashes.push((name.clone(), *other, (*decl, *span))),
                        None => known.push((*decl, *span)),
                    }
                }
            }
        }
        for (name, one, other) in clashes {
            let place = |(decl, span): (Decl, Span)| self.whole(decl).unwrap_or(span);
            // As in solc, the one that starts behind the other is at fault.
            let (first, second) =
                if place(other).start < place(one).start { (other, one) } else { (one, other) };
            self.diags.push(
                Diagnostic::error(
                    codes::SHADOWED_STATE.solc(9097),
                    place(second),
                    format!("`{name}` is declared twice in the contract and its bases"),
                )
                .at(first.1, "declared here")
                .help("rename one of them"),
            );
        }
    }

    fn clashes(&self, own: Decl, theirs: Decl) -> bool {
        match (own, theirs) {
            (Decl::Function(_), Decl::Function(_)) | (Decl::Event(_), Decl::Event(_)) => false,
            (Decl::Modifier(_), Decl::Modifier(_)) => false,
            (Decl::Var(a), Decl::Function(_)) => {
                // A public variable overrides an external function; check_overrides judges it.
                let public = self.hir.vars.get(a.index()).is_some_and(|v| v.visibility == Visibility::Public);
                !public
            }
            _ => true,
        }
    }

    /// Is true for what derived contracts do not see.
    fn is_hidden(&self, decl: Decl) -> bool {
        let visibility = match decl {
            Decl::Var(v) => self.hir.vars.get(v.index()).map(|v| v.visibility),
            Decl::Function(f) => self.function(f).map(|f| f.visibility),
            _ => None,
        };
        visibility == Some(Visibility::Private)
    }

    /// Reports functions inherited from several bases that the contract must override itself.
    fn check_conflicts(&mut self, id: ContractId) {
        if self.bases_of(id).len() < 2 {
            return;
        }
        let own: HashSet<Key> = self.slots(id).into_iter().map(|s| self.key(s)).collect();
        let mut seen: HashSet<Key> = HashSet::new();
        for base in self.line(id).into_iter().skip(1) {
            for slot in self.slots(base) {
                let key = self.key(slot);
                if own.contains(&key) || seen.contains(&key) {
                    continue;
                }
                let found = self.base_slots(id, &key);
                let open: Vec<Slot> =
                    found.iter().copied().filter(|s| !self.is_settled(*s, &found)).collect();
                if open.len() > 1 {
                    self.report_conflict(id, &key, &open);
                }
                seen.insert(key);
            }
        }
    }

    /// Is true when another candidate overrides `slot`, which is not implemented itself.
    fn is_settled(&self, slot: Slot, all: &BTreeSet<Slot>) -> bool {
        let Slot::Function(f) = slot else { return false };
        if self.has_body(f) {
            return false;
        }
        let Some(home) = self.slot_contract(slot) else { return false };
        all.iter()
            .filter(|s| **s != slot)
            .filter_map(|s| self.slot_contract(*s))
            .any(|c| self.derives_from(c, home))
    }

    fn report_conflict(&mut self, id: ContractId, key: &Key, open: &[Slot]) {
        let span = self.whole_or_default(Decl::Contract(id));
        let names: Vec<String> = open
            .iter()
            .filter_map(|s| self.slot_contract(*s))
            .filter_map(|c| self.contract(c))
            .map(|c| c.name.clone())
            .collect();
        let message = format!("several bases define `{}`; this contract must override it", key.name);
        let help = format!("define it here with `override({})`", names.join(", "));
        self.fail_help::<()>(codes::OVERRIDE_MISSING.solc(6480), span, message, help);
    }

    pub(super) fn has_body(&self, id: FunctionId) -> bool {
        self.functions.get(id.index()).is_some_and(|f| f.ast.body.is_some())
    }

    /// Reports what a contract that is not abstract leaves open.
    fn check_implemented(&mut self, id: ContractId) {
        let Some(contract) = self.contract(id) else { return };
        if contract.kind != ContractKind::Contract {
            return;
        }
        let span = self.whole_or_default(Decl::Contract(id));
        let mut done: HashSet<Key> = HashSet::new();
        for base in self.line(id) {
            for slot in self.slots(base) {
                let key = self.key(slot);
                if done.contains(&key) {
                    continue;
                }
                let open = match slot {
                    Slot::Function(f) => !self.has_body(f),
                    Slot::Modifier(m) => self.modifiers.get(m.index()).is_some_and(|m| m.ast.body.is_none()),
                    Slot::Getter(_) => false,
                };
                if open {
                    let place = self.slot_span(slot);
                    let message = format!("`{}` has no implementation", key.name);
                    self.diags.push(
                        Diagnostic::error(codes::NOT_ABSTRACT.solc(3656), span, message)
                            .at(place, "declared here")
                            .help("implement it, or mark the contract `abstract`"),
                    );
                }
                done.insert(key);
            }
        }
    }

    fn resolve_layout(&mut self, id: ContractId) {
        self.refuse_bases_with_layout(id);
        let Some(info) = self.contracts.get(id.index()) else { return };
        let Some(layout) = info.ast.layout.clone() else { return };
        // The contract's own names are not in scope where its layout stands.
        let scope = Scope { file: info.file, contract: None };
        let kind = self.contract(id).map(|c| c.kind);
        if kind != Some(ContractKind::Contract) {
            self.fail::<()>(
                codes::STORAGE_LAYOUT_AT.solc(7587),
                layout.span,
                "only a contract that is not abstract has a layout",
            );
        }
        let Some(value) = self.constant(scope, &layout) else { return };
        match value.integer().filter(|n| super::rational::fits(n, false, 256)) {
            Some(n) => {
                if let Some(row) = self.hir.contracts.get_mut(id.index()) {
                    row.layout_base = super::rational::to_word(&n);
                }
            }
            None => {
                let number = if value.integer().is_some() { 6753 } else { 1763 };
                self.fail::<()>(
                    codes::STORAGE_LAYOUT_AT.solc(number),
                    layout.span,
                    "the base slot is a uint256",
                );
            }
        }
    }

    fn refuse_bases_with_layout(&mut self, id: ContractId) {
        let Some(info) = self.contracts.get(id.index()) else { return };
        let spans: Vec<Span> = info.ast.bases.iter().map(|b| b.path.span).collect();
        for (base, span) in info.bases.clone().into_iter().zip(spans) {
            let layout = self.contracts.get(base.index()).and_then(|b| b.ast.layout.as_ref()).map(|l| l.span);
            let Some(place) = layout else { continue };
            let message = "a contract with a storage layout of its own cannot be a base";
            self.diags.push(
                Diagnostic::error(codes::STORAGE_LAYOUT_AT, span, message).at(place, "the layout").solc(8894),
            );
        }
    }

    /// Collects the external interface, events, errors, receive and fallback in force.
    fn collect_interface(&mut self, id: ContractId) {
        let line = self.line(id);
        let mut table = Table::new();
        let (mut receive, mut fallback) = (None, None);
        for base in &line {
            for slot in self.slots(*base) {
                let Slot::Function(f) = slot else {
                    if let Slot::Getter(v) = slot {
                        self.add_getter(v, &mut table);
                    }
                    continue;
                };
                let Some(function) = self.function(f) else { continue };
                match function.kind {
                    FunctionKind::Receive => receive = receive.or(Some(f)),
                    FunctionKind::Fallback => fallback = fallback.or(Some(f)),
                    _ => {
                        if let Some(selector) = function.selector {
                            let entry = InterfaceEntry::Function(f);
                            let row = (entry, function.signature.clone(), self.memory_types(f));
                            self.add_entry(selector, row, &mut table);
                        }
                    }
                }
            }
        }
        let events = self.members(&line, |d| if let Decl::Event(e) = d { Some(e) } else { None });
        let errors = self.members(&line, |d| if let Decl::Error(e) = d { Some(e) } else { None });
        if let Some(row) = self.hir.contracts.get_mut(id.index()) {
            row.interface = table.into_iter().map(|(s, (entry, ..))| (s, entry)).collect();
            (row.receive, row.fallback, row.events, row.errors) = (receive, fallback, events, errors);
        }
    }

    fn members<X: Ord>(&self, line: &[ContractId], pick: impl Fn(Decl) -> Option<X>) -> Vec<X> {
        let infos = line.iter().filter_map(|c| self.contracts.get(c.index()));
        let mut list: Vec<X> =
            infos.flat_map(|c| c.names.values().flatten()).filter_map(|(d, _)| pick(*d)).collect();
        list.sort();
        list.dedup();
        list
    }

    fn add_getter(&mut self, v: VarId, table: &mut Table) {
        let Some(var) = self.hir.vars.get(v.index()) else { return };
        let (Some(selector), Some(getter)) = (var.selector, self.getter_type(&var.ty)) else { return };
        let signature = self.signature(&var.name, &getter.params, false);
        self.add_entry(selector, (InterfaceEntry::Getter(v), signature, getter.params), table);
    }

    fn add_entry(&mut self, selector: Selector, row: Row, table: &mut Table) {
        let Some((first, signature, params)) = table.get(&selector) else {
            table.insert(selector, row);
            return;
        };
        let (finding, message, place, other) = if *signature != row.1 {
            let message = format!("`{}` has the selector of `{signature}`", row.1);
            let places = (self.entry_span(row.0), self.entry_span(*first));
            (codes::SELECTOR_CLASH.solc(1860), message, places.0, places.1)
        } else if *params != row.2 {
            let message = format!("`{signature}` stands for another function of the contract too");
            let places = (self.whole_entry(row.0), self.whole_entry(*first));
            (codes::SELECTOR_CLASH.solc(9914), message, places.0, places.1)
        } else {
            return;
        };
        let error = Diagnostic::error(finding, place, message).at(other, "the other function");
        self.diags.push(error.help("rename one of them"));
    }

    fn entry_span(&self, entry: InterfaceEntry) -> Span {
        match entry {
            InterfaceEntry::Function(f) => self.function(f).map(|f| f.span).unwrap_or_default(),
            InterfaceEntry::Getter(v) => self.hir.vars.get(v.index()).map(|v| v.span).unwrap_or_default(),
        }
    }

    fn whole_entry(&self, entry: InterfaceEntry) -> Span {
        self.whole_or_default(match entry {
            InterfaceEntry::Function(f) => Decl::Function(f),
            InterfaceEntry::Getter(v) => Decl::Var(v),
        })
    }

    /// Reports errors of one contract that differ but have the same selector.
    pub(super) fn check_error_selectors(&mut self) {
        let mut clashes: BTreeSet<(ErrorId, ErrorId)> = BTreeSet::new();
        for contract in &self.hir.contracts {
            let mut seen: BTreeMap<Selector, ErrorId> = BTreeMap::new();
            for id in &contract.errors {
                let Some(error) = self.hir.errors.get(id.index()) else { continue };
                let first = *seen.entry(error.selector).or_insert(*id);
                let same = self.hir.errors.get(first.index()).is_some_and(|f| f.signature == error.signature);
                if !same {
                    clashes.insert((first, *id));
                }
            }
        }
        for (first, second) in clashes {
            let place = |id: ErrorId| self.hir.errors.get(id.index()).map(|e| e.span).unwrap_or_default();
            let message = "this error has the selector of another one";
            let error = Diagnostic::error(codes::SELECTOR_CLASH.solc(4883), place(second), message);
            self.diags.push(error.at(place(first), "the other error").help("rename one of them"));
        }
    }
}

/// Merges linearisations (C3): takes the first head that stands in no list's tail.
fn merge(mut lists: Vec<Vec<ContractId>>) -> Option<Vec<ContractId>> {
    let mut out = Vec::new();
    loop {
        lists.retain(|l| !l.is_empty());
        if lists.is_empty() {
            return Some(out);
        }
        let head = lists
            .iter()
            .filter_map(|l| l.first().copied())
            .find(|h| lists.iter().all(|l| !l.iter().skip(1).any(|x| x == h)))?;
        out.push(head);
        for list in &mut lists {
            if list.first() == Some(&head) {
                list.remove(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[u32]) -> Vec<ContractId> {
        list.iter().map(|i| ContractId(*i)).collect()
    }

    #[test]
    fn c3_merges_diamonds_and_refuses_contradictions() {
        // D is B, C; B is A; C is A.
        let line = merge(vec![ids(&[2, 0]), ids(&[1, 0]), ids(&[3, 2, 1])]);
        assert_eq!(line, Some(ids(&[3, 2, 1, 0])));
        assert_eq!(merge(vec![ids(&[0, 1]), ids(&[1, 0])]), None);
    }
}
