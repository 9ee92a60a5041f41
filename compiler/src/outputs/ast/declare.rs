//! Knows what the sources declare and which names reach it.

use super::builtin::BUILTINS;
use super::types::T;
use crate::ast::{self, Contract, Expr, Item, Member, Param, Path, SourceUnit};
use crate::source::{FileId, Span};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Is one file of the program.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Its name as imports and messages spell it.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Its tree as parsed.
    pub ast: &'a SourceUnit,
    /// The file of each import directive, in order.
    pub imports: &'a [Option<FileId>],
}

/// Names a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DeclId(pub u32);

/// Says what a variable that is no state variable is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Param,
    Return,
    Field,
    Event,
    Error,
    Local,
}

/// Is what is declared.
#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    Contract(&'a Contract),
    Function(&'a ast::Function),
    Modifier(&'a ast::Modifier),
    Variable(&'a ast::Variable),
    Param(&'a Param, Role),
    Struct(&'a ast::Struct),
    Enum(&'a ast::Enum),
    EnumValue(DeclId),
    Udvt(&'a ast::Udvt),
    Event(&'a ast::Event),
    Error(&'a ast::ErrorDef),
    Module(FileId),
    /// A global, by its row in [`BUILTINS`].
    Builtin(usize),
}

pub(super) struct Row<'a> {
    pub kind: Kind<'a>,
    pub name: &'a str,
    /// The contract it is a member of.
    pub owner: Option<DeclId>,
    pub file: FileId,
    pub span: Span,
}

/// Is where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope {
    pub file: FileId,
    pub contract: Option<DeclId>,
}

type Names<'a> = HashMap<&'a str, Vec<DeclId>>;

/// Holds every declaration of the program.
#[derive(Default)]
pub(super) struct World<'a> {
    pub sources: Vec<Source<'a>>,
    pub rows: Vec<Row<'a>>,
    by_span: HashMap<Span, DeclId>,
    files: Vec<Names<'a>>,
    own: HashMap<DeclId, Names<'a>>,
    all: HashMap<DeclId, Names<'a>>,
    lines: HashMap<DeclId, Vec<DeclId>>,
    builtins: HashMap<&'static str, Vec<DeclId>>,
    /// The numbers of nodes, by the place of what they declare.
    pub numbers: HashMap<Span, u32>,
    pub unit_numbers: Vec<u32>,
    pub(super) types: RefCell<HashMap<DeclId, Option<T>>>,
    pub(super) evaluating: RefCell<BTreeSet<DeclId>>,
}

impl<'a> World<'a> {
    /// Collects the declarations of all files.
    pub(super) fn new(sources: Vec<Source<'a>>) -> Self {
        let mut world = World { sources, ..World::default() };
        world.declare_builtins();
        for file in 0..world.sources.len() {
            world.declare_file(file as FileId);
        }
        world.import_until_stable();
        world.inherit();
        world
    }

    fn declare_builtins(&mut self) {
        for (i, row) in BUILTINS.iter().enumerate() {
            let id = self.add(Kind::Builtin(i), row.name, None, FileId::MAX, Span::default());
            self.builtins.entry(row.name).or_default().push(id);
        }
    }

    /// Adds a declaration.
    pub(super) fn add(
        &mut self,
        kind: Kind<'a>,
        name: &'a str,
        owner: Option<DeclId>,
        file: FileId,
        span: Span,
    ) -> DeclId {
        let id = DeclId(self.rows.len() as u32);
        self.rows.push(Row { kind, name, owner, file, span });
        if file != FileId::MAX {
            self.by_span.insert(span, id);
        }
        id
    }

    fn declare_file(&mut self, file: FileId) {
        let Some(unit) = self.sources.get(file as usize).map(|s| s.ast) else { return };
        let mut names = Names::default();
        for item in &unit.items {
            let found = match item {
                Item::Contract(c) => Some(self.declare_contract(file, c)),
                Item::Struct(x) => Some(self.declare_struct(file, None, x)),
                Item::Enum(x) => Some(self.declare_enum(file, None, x)),
                Item::Udvt(x) => Some(self.add(Kind::Udvt(x), &x.name.name, None, file, x.span)),
                Item::Event(x) => Some(self.declare_event(file, None, x)),
                Item::Error(x) => Some(self.declare_error(file, None, x)),
                Item::Function(x) => Some(self.declare_function(file, None, x)),
                Item::Variable(x) => Some(self.add(Kind::Variable(x), &x.name.name, None, file, x.span)),
                Item::Pragma(_) | Item::Import(_) | Item::Using(_) => None,
            };
            if let Some(id) = found {
                names.entry(self.name(id)).or_default().push(id);
            }
        }
        self.files.push(names);
    }

    fn declare_contract(&mut self, file: FileId, c: &'a Contract) -> DeclId {
        let id = self.add(Kind::Contract(c), &c.name.name, None, file, c.span);
        let mut names = Names::default();
        let owner = Some(id);
        for member in &c.members {
            let found = match member {
                Member::Struct(x) => self.declare_struct(file, owner, x),
                Member::Enum(x) => self.declare_enum(file, owner, x),
                Member::Udvt(x) => self.add(Kind::Udvt(x), &x.name.name, owner, file, x.span),
                Member::Event(x) => self.declare_event(file, owner, x),
                Member::Error(x) => self.declare_error(file, owner, x),
                Member::Function(x) => self.declare_function(file, owner, x),
                Member::Modifier(x) => {
                    let id = self.add(Kind::Modifier(x), &x.name.name, owner, file, x.span);
                    self.declare_params(file, &x.params, Role::Param);
                    id
                }
                Member::Variable(x) => self.add(Kind::Variable(x), &x.name.name, owner, file, x.span),
                Member::Using(_) => continue,
            };
            names.entry(self.name(found)).or_default().push(found);
        }
        self.own.insert(id, names);
        id
    }

    fn declare_params(&mut self, file: FileId, list: &'a [Param], role: Role) {
        for p in list {
            self.declare_param(file, p, role);
        }
    }

    /// Adds a parameter or local variable; the types inside a function type are declared too.
    pub(super) fn declare_param(&mut self, file: FileId, p: &'a Param, role: Role) -> DeclId {
        let name = p.name.as_ref().map_or("", |n| &n.name);
        self.add(Kind::Param(p, role), name, None, file, p.span)
    }

    fn declare_struct(&mut self, file: FileId, owner: Option<DeclId>, x: &'a ast::Struct) -> DeclId {
        self.declare_params(file, &x.fields, Role::Field);
        self.add(Kind::Struct(x), &x.name.name, owner, file, x.span)
    }

    fn declare_enum(&mut self, file: FileId, owner: Option<DeclId>, x: &'a ast::Enum) -> DeclId {
        let id = self.add(Kind::Enum(x), &x.name.name, owner, file, x.span);
        for value in &x.values {
            self.add(Kind::EnumValue(id), &value.name, None, file, value.span);
        }
        id
    }

    fn declare_event(&mut self, file: FileId, owner: Option<DeclId>, x: &'a ast::Event) -> DeclId {
        self.declare_params(file, &x.params, Role::Event);
        self.add(Kind::Event(x), &x.name.name, owner, file, x.span)
    }

    fn declare_error(&mut self, file: FileId, owner: Option<DeclId>, x: &'a ast::ErrorDef) -> DeclId {
        self.declare_params(file, &x.params, Role::Error);
        self.add(Kind::Error(x), &x.name.name, owner, file, x.span)
    }

    fn declare_function(&mut self, file: FileId, owner: Option<DeclId>, x: &'a ast::Function) -> DeclId {
        self.declare_params(file, &x.params, Role::Param);
        self.declare_params(file, &x.returns, Role::Return);
        let name = x.name.as_ref().map_or("", |n| &n.name);
        self.add(Kind::Function(x), name, owner, file, x.span)
    }

    /// Brings imported names in; files may import each other, so this goes on until nothing is new.
    fn import_until_stable(&mut self) {
        let mut fresh = true;
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        for file in 0..self.sources.len() {
            self.import_order(file as FileId, &mut seen, &mut order);
        }
        while fresh {
            fresh = false;
            for file in &order {
                fresh |= self.import_into(*file);
            }
        }
    }

    /// Lists what a file imports before the file.
    fn import_order(&self, start: FileId, seen: &mut BTreeSet<FileId>, order: &mut Vec<FileId>) {
        let mut open = vec![(start, 0)];
        if !seen.insert(start) {
            return;
        }
        while let Some((file, at)) = open.last_mut() {
            let next = self.sources.get(*file as usize).and_then(|s| s.imports.get(*at));
            *at += 1;
            match next {
                Some(Some(next)) if seen.insert(*next) => open.push((*next, 0)),
                Some(_) => {}
                None => {
                    order.push(*file);
                    open.pop();
                }
            }
        }
    }

    fn import_into(&mut self, file: FileId) -> bool {
        let Some(source) = self.sources.get(file as usize).copied() else { return false };
        let imports = source.ast.items.iter().filter_map(|i| match i {
            Item::Import(i) => Some(i),
            _ => None,
        });
        let mut fresh = false;
        for (import, target) in imports.zip(source.imports) {
            let Some(target) = *target else { continue };
            for (name, id) in self.imported(file, import, target) {
                let Some(names) = self.files.get_mut(file as usize) else { continue };
                let list = names.entry(name).or_default();
                if !list.contains(&id) {
                    list.push(id);
                    fresh = true;
                }
            }
        }
        fresh
    }

    fn imported(&mut self, file: FileId, import: &'a ast::Import, target: FileId) -> Vec<(&'a str, DeclId)> {
        match &import.kind {
            ast::ImportKind::All => {
                let Some(names) = self.files.get(target as usize) else { return Vec::new() };
                let mut all: Vec<_> =
                    names.iter().flat_map(|(n, list)| list.iter().map(move |id| (*n, *id))).collect();
                all.sort_unstable();
                all
            }
            ast::ImportKind::Module(alias) => {
                let known = self.by_span.get(&import.span).copied();
                let id = known
                    .unwrap_or_else(|| self.add(Kind::Module(target), &alias.name, None, file, import.span));
                vec![(&*alias.name, id)]
            }
            ast::ImportKind::Names(list) => list
                .iter()
                .flat_map(|(name, alias)| {
                    let local: &'a str = &alias.as_ref().unwrap_or(name).name;
                    self.in_file(target, &name.name).iter().map(move |id| (local, *id))
                })
                .collect(),
        }
    }

    /// Orders the bases of every contract and lets it see what they declare.
    fn inherit(&mut self) {
        let contracts: Vec<DeclId> = (0..self.rows.len() as u32)
            .map(DeclId)
            .filter(|id| matches!(self.kind(*id), Some(Kind::Contract(_))))
            .collect();
        for id in &contracts {
            self.linearise(*id, 0);
        }
        for id in contracts {
            let mut names = self.own_visible(id);
            for base in self.line(id).iter().skip(1) {
                self.inherit_from(*base, &mut names);
            }
            self.all.insert(id, names);
        }
    }

    fn own_visible(&self, id: DeclId) -> Names<'a> {
        let mut names = Names::default();
        for (name, list) in self.own.get(&id).into_iter().flatten() {
            let seen = list.iter().copied().filter(|d| self.is_visible_inside(*d)).collect::<Vec<_>>();
            if !seen.is_empty() {
                names.insert(*name, seen);
            }
        }
        names
    }

    fn inherit_from(&self, base: DeclId, names: &mut Names<'a>) {
        let Some(own) = self.own.get(&base) else { return };
        for (name, list) in own {
            for id in list.iter().filter(|d| self.is_visible_inside(**d) && !self.is_private(**d)) {
                let known = names.entry(*name).or_default();
                let Some(first) = known.first().and_then(|d| self.kind(*d)) else {
                    known.push(*id);
                    continue;
                };
                let overloads = matches!(
                    (first, self.kind(*id)),
                    (Kind::Function(_), Some(Kind::Function(_))) | (Kind::Event(_), Some(Kind::Event(_)))
                );
                if overloads {
                    known.push(*id);
                }
            }
        }
        names.retain(|_, list| !list.is_empty());
    }

    fn is_visible_inside(&self, id: DeclId) -> bool {
        match self.kind(id) {
            Some(Kind::Function(f)) => {
                f.kind == ast::FunctionKind::Function
                    && self.function_visibility(id) != ast::Visibility::External
            }
            _ => true,
        }
    }

    fn is_private(&self, id: DeclId) -> bool {
        let given = match self.kind(id) {
            Some(Kind::Function(f)) => f.visibility,
            Some(Kind::Variable(v)) => v.visibility,
            _ => None,
        };
        given.is_some_and(|(v, _)| v == ast::Visibility::Private)
    }

    /// Orders a contract's bases most derived first (C3); wrong hierarchies give what can be ordered.
    fn linearise(&mut self, id: DeclId, depth: u32) -> Vec<DeclId> {
        if let Some(line) = self.lines.get(&id) {
            return line.clone();
        }
        let mut line = vec![id];
        let bases = self.direct_bases(id);
        if depth < 1000 && !bases.contains(&id) {
            self.lines.insert(id, vec![id]);
            let mut lists: Vec<Vec<DeclId>> =
                bases.iter().rev().map(|b| self.linearise(*b, depth + 1)).collect();
            lists.push(bases.into_iter().rev().collect());
            line.extend(merge(lists));
        }
        self.lines.insert(id, line.clone());
        line
    }

    /// Lists the contracts after `is`, as written.
    pub(super) fn direct_bases(&self, id: DeclId) -> Vec<DeclId> {
        let Some(Kind::Contract(c)) = self.kind(id) else { return Vec::new() };
        let scope = Scope { file: self.file(id), contract: None };
        c.bases
            .iter()
            .filter_map(|b| self.path(scope, &b.path))
            .filter(|d| matches!(self.kind(*d), Some(Kind::Contract(_))))
            .collect()
    }

    pub(super) fn kind(&self, id: DeclId) -> Option<Kind<'a>> {
        self.rows.get(id.0 as usize).map(|r| r.kind)
    }

    pub(super) fn name(&self, id: DeclId) -> &'a str {
        self.rows.get(id.0 as usize).map_or("", |r| r.name)
    }

    pub(super) fn owner(&self, id: DeclId) -> Option<DeclId> {
        self.rows.get(id.0 as usize).and_then(|r| r.owner)
    }

    pub(super) fn file(&self, id: DeclId) -> FileId {
        self.rows.get(id.0 as usize).map_or(0, |r| r.file)
    }

    /// Returns the scope that a declaration's own types are resolved in.
    pub(super) fn scope_of(&self, id: DeclId) -> Scope {
        match self.kind(id) {
            Some(Kind::Contract(_)) => Scope { file: self.file(id), contract: Some(id) },
            _ => Scope { file: self.file(id), contract: self.owner(id) },
        }
    }

    pub(super) fn at(&self, span: Span) -> Option<DeclId> {
        self.by_span.get(&span).copied()
    }

    pub(super) fn file_name(&self, file: FileId) -> &'a str {
        self.sources.get(file as usize).map_or("", |s| s.name)
    }

    /// Returns the number that the tree gives a declaration; 0 before nodes are numbered.
    pub(super) fn json_id(&self, id: DeclId) -> i64 {
        match self.rows.get(id.0 as usize) {
            Some(Row { kind: Kind::Builtin(i), .. }) => BUILTINS.get(*i).map_or(0, |b| b.id),
            Some(row) => self.numbers.get(&row.span).copied().map_or(0, i64::from),
            None => 0,
        }
    }

    pub(super) fn unit_id(&self, file: FileId) -> u32 {
        self.unit_numbers.get(file as usize).copied().unwrap_or(0)
    }

    pub(super) fn is_library(&self, id: DeclId) -> bool {
        matches!(self.kind(id), Some(Kind::Contract(c)) if c.kind == ast::ContractKind::Library)
    }

    /// Returns a contract and its bases, itself first.
    pub(super) fn line(&self, id: DeclId) -> &[DeclId] {
        self.lines.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn derives(&self, from: DeclId, base: DeclId) -> bool {
        self.line(from).contains(&base)
    }

    /// Returns who may call a function.
    pub(super) fn function_visibility(&self, id: DeclId) -> ast::Visibility {
        let Some(Kind::Function(f)) = self.kind(id) else { return ast::Visibility::Internal };
        match (f.visibility, f.kind) {
            (Some((v, _)), _) => v,
            (None, ast::FunctionKind::Constructor) => match self.owner(id).and_then(|c| self.kind(c)) {
                Some(Kind::Contract(c)) if c.is_abstract => ast::Visibility::Internal,
                _ => ast::Visibility::Public,
            },
            (None, _) if self.owner(id).is_none() => ast::Visibility::Internal,
            (None, ast::FunctionKind::Function) => ast::Visibility::Public,
            (None, _) => ast::Visibility::External,
        }
    }

    /// Lists a contract's own declarations of a name.
    pub(super) fn own(&self, contract: DeclId, name: &str) -> &[DeclId] {
        self.own.get(&contract).and_then(|n| n.get(name)).map_or(&[], Vec::as_slice)
    }

    /// Lists what a name stands for at the top of a file.
    pub(super) fn in_file(&self, file: FileId, name: &str) -> &[DeclId] {
        self.files.get(file as usize).and_then(|n| n.get(name)).map_or(&[], Vec::as_slice)
    }

    /// Lists what a file exports, by name.
    pub(super) fn exports(&self, file: FileId) -> Vec<(&'a str, &[DeclId])> {
        let names = self.files.get(file as usize).into_iter().flatten();
        let mut all: Vec<_> = names.map(|(n, list)| (*n, list.as_slice())).collect();
        all.sort_unstable();
        all
    }

    /// Lists what a name stands for inside a contract or file, locals left out.
    pub(super) fn lookup(&self, scope: Scope, name: &str) -> &[DeclId] {
        let inside = scope.contract.and_then(|c| self.all.get(&c)).and_then(|n| n.get(name));
        if let Some(list) = inside {
            return list;
        }
        match self.in_file(scope.file, name) {
            [] => self.builtins.get(name).map_or(&[], Vec::as_slice),
            list => list,
        }
    }

    /// Lists what `base.name` stands for where `base` is a module or contract.
    pub(super) fn within(&self, base: DeclId, name: &str) -> &[DeclId] {
        match self.kind(base) {
            Some(Kind::Module(file)) => self.in_file(file, name),
            Some(Kind::Contract(_)) => {
                let all = self.all.get(&base).and_then(|n| n.get(name)).map_or(&[][..], Vec::as_slice);
                if all.is_empty() { self.own(base, name) } else { all }
            }
            _ => &[],
        }
    }

    /// Resolves a dotted name, and the declarations of each of its parts.
    pub(super) fn path_parts(&self, scope: Scope, path: &Path) -> Vec<DeclId> {
        let mut parts = Vec::new();
        for segment in &path.segments {
            let found = match parts.last() {
                None => self.lookup(scope, &segment.name).first(),
                Some(base) => self.within(*base, &segment.name).first(),
            };
            match found {
                Some(id) => parts.push(*id),
                None => break,
            }
        }
        parts
    }

    /// Resolves a dotted name.
    pub(super) fn path(&self, scope: Scope, path: &Path) -> Option<DeclId> {
        let parts = self.path_parts(scope, path);
        parts.last().copied().filter(|_| parts.len() == path.segments.len())
    }

    /// Returns the initialiser of a constant.
    pub(super) fn constant_value(&self, id: DeclId) -> Option<&'a Expr> {
        match self.kind(id)? {
            Kind::Variable(v) if v.constant.is_some() => v.value.as_ref(),
            _ => None,
        }
    }
}

fn merge(mut lists: Vec<Vec<DeclId>>) -> Vec<DeclId> {
    let mut out = Vec::new();
    loop {
        lists.retain(|l| !l.is_empty());
        let heads = lists.iter().filter_map(|l| l.first().copied());
        let free = |id: &DeclId| !lists.iter().any(|l| l.iter().skip(1).any(|x| x == id));
        let Some(next) = heads.clone().find(free).or_else(|| heads.clone().next()) else { return out };
        out.push(next);
        for list in &mut lists {
            list.retain(|id| *id != next);
        }
    }
}
