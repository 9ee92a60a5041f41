//! Finds what a name stands for outside function bodies.

use super::Checker;
use crate::ast::{Ident, ImportKind, Item, Name, Path, Visibility as Visible};
use crate::compilation::Unit;
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// Is what a name can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Decl {
    Contract(ContractId),
    Function(FunctionId),
    Modifier(ModifierId),
    Var(VarId),
    Struct(StructId),
    Enum(EnumId),
    Udvt(UdvtId),
    Event(EventId),
    Error(ErrorId),
    Module(FileId),
}

/// Maps names to declarations with their places.
pub(crate) type Names = BTreeMap<Name, Vec<(Decl, Span)>>;

/// Says where a name is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) file: FileId,
    pub(crate) contract: Option<ContractId>,
}

impl Checker {
    /// Adds a name to a table; two declarations of one name are an error unless they overload.
    pub(super) fn add_name(&mut self, names: &mut Names, name: &Ident, whole: Span, decl: Decl) {
        // What is reached through the contract cannot be mistaken for the language's own names.
        let reached = match decl {
            Decl::Function(f) => self
                .functions
                .get(f.index())
                .is_some_and(|f| matches!(f.ast.visibility, Some((Visible::Public | Visible::External, _)))),
            Decl::Event(_) => true,
            _ => false,
        };
        if !reached {
            self.check_reserved(name, whole);
        }
        let list = names.entry(name.name.clone()).or_default();
        if list.iter().any(|(d, _)| *d == decl) {
            return;
        }
        if let Some((_, first)) = list.iter().find(|(d, _)| !overload(*d, decl)) {
            self.diags.push(
                Diagnostic::error(
                    codes::ALREADY_DECLARED.solc(2333),
                    whole,
                    format!("`{}` is declared twice", name.name),
                )
                .at(*first, "first declared here")
                .help("rename one of them"),
            );
            return;
        }
        list.push((decl, name.span));
    }

    /// Reports names that the language keeps for itself.
    pub(super) fn check_reserved(&mut self, name: &Ident, whole: Span) {
        if matches!(&*name.name, "this" | "super" | "_") {
            let message = format!("`{}` is the language's own name", name.name);
            self.fail_help::<()>(codes::RESERVED_WORD.solc(3726), whole, message, "choose another name");
        }
    }

    /// Brings imported names into every file, cyclic imports included, and reports names that do not exist.
    pub(super) fn link_imports(&mut self, units: &[Unit]) {
        loop {
            let mut changed = false;
            for (file, unit) in units.iter().enumerate() {
                for (name, decl, span) in self.imported(unit) {
                    changed |= self.take_import(file, name, decl, span);
                }
            }
            if !changed {
                break;
            }
        }
        for unit in units {
            self.report_missing_imports(unit);
        }
    }

    fn take_import(&mut self, file: usize, name: Name, decl: Decl, span: Span) -> bool {
        let Some(info) = self.files.get_mut(file) else { return false };
        let list = info.names.entry(name.clone()).or_default();
        if list.iter().any(|(d, _)| *d == decl) {
            return false;
        }
        let clash = list.iter().find(|(d, _)| !overload(*d, decl)).copied();
        list.push((decl, span));
        if let Some((known, first)) = clash {
            let whole = self.whole(known).filter(|w| w.file == span.file && w.start > span.start);
            let (place, other) = whole.map_or((span, first), |w| (w, span));
            self.diags.push(
                Diagnostic::error(
                    codes::ALREADY_DECLARED.solc(2333),
                    place,
                    format!("the import brings a second `{name}`"),
                )
                .at(other, "the other one")
                .help("import it under another name: `import {a as b} from ...`"),
            );
        }
        true
    }

    fn imported(&self, unit: &Unit) -> Vec<(Name, Decl, Span)> {
        let mut out = Vec::new();
        for (import, file) in imports(unit) {
            let Some(info) = self.files.get(file as usize) else { continue };
            match &import.kind {
                ImportKind::Module(name) => out.push((name.name.clone(), Decl::Module(file), name.span)),
                ImportKind::All => {
                    let all =
                        info.names.iter().flat_map(|(n, list)| list.iter().map(|(d, _)| (n.clone(), *d)));
                    out.extend(all.map(|(n, d)| (n, d, import.span)));
                }
                ImportKind::Names(list) => {
                    for (name, alias) in list {
                        let target = alias.as_ref().unwrap_or(name);
                        let found = info.names.get(&name.name).into_iter().flatten();
                        out.extend(found.map(|(d, _)| (target.name.clone(), *d, target.span)));
                    }
                }
            }
        }
        out
    }

    fn report_missing_imports(&mut self, unit: &Unit) {
        for (import, file) in imports(unit) {
            let ImportKind::Names(list) = &import.kind else { continue };
            for (name, _) in list {
                if self
                    .files
                    .get(file as usize)
                    .is_none_or(|f| f.names.get(&name.name).is_none_or(Vec::is_empty))
                {
                    self.fail::<()>(
                        codes::IMPORT_NAME_NOT_FOUND.solc(2904),
                        import.span,
                        format!("`{}` does not declare `{}`", import.path, name.name),
                    );
                }
            }
        }
    }

    /// Finds the declarations of a name: of the contract and its bases, else of the file.
    pub(crate) fn lookup(&self, scope: Scope, name: &str) -> Vec<Decl> {
        if let Some(contract) = scope.contract {
            let found = self.lookup_in_contract(contract, name, true);
            if !found.is_empty() {
                return found;
            }
        }
        self.lookup_in_file(scope.file, name)
    }

    /// Finds what a name alone means in an expression: external functions are reached through `this` only.
    pub(crate) fn lookup_plain(&self, scope: Scope, name: &str) -> Vec<Decl> {
        let is_external = |decl: &Decl| match decl {
            Decl::Function(f) => self.function(*f).is_some_and(|f| f.visibility == Visibility::External),
            _ => false,
        };
        let near = scope.contract.map(|contract| self.lookup_in_contract(contract, name, true));
        let near: Vec<Decl> = near.into_iter().flatten().filter(|d| !is_external(d)).collect();
        if near.is_empty() { self.lookup_in_file(scope.file, name) } else { near }
    }

    pub(crate) fn lookup_in_file(&self, file: FileId, name: &str) -> Vec<Decl> {
        let names = self.files.get(file as usize).and_then(|f| f.names.get(name));
        names.into_iter().flatten().map(|(d, _)| *d).collect()
    }

    /// Finds a contract's declarations of a name, bases included; functions that are overridden are left out,
    /// and private ones of bases. `all` keeps only the nearest declaration unless functions overload.
    pub(crate) fn lookup_in_contract(&self, id: ContractId, name: &str, inherited: bool) -> Vec<Decl> {
        let line = if inherited { self.line(id) } else { vec![id] };
        let mut found: Vec<Decl> = Vec::new();
        let mut seen: Vec<Vec<Ty>> = Vec::new();
        for base in line {
            let list = self.contracts.get(base.index()).and_then(|c| c.names.get(name)).into_iter().flatten();
            for (decl, _) in list {
                if base != id && self.is_private(*decl) {
                    continue;
                }
                match decl {
                    Decl::Function(f) => {
                        let params: Vec<Ty> =
                            self.param_types(*f).iter().map(|t| t.with_loc(Loc::Memory)).collect();
                        if !seen.contains(&params) && found.iter().all(|d| matches!(d, Decl::Function(_))) {
                            seen.push(params);
                            found.push(*decl);
                        }
                    }
                    Decl::Event(_) if found.iter().all(|d| matches!(d, Decl::Event(_))) => found.push(*decl),
                    other if found.is_empty() => found.push(*other),
                    _ => {}
                }
            }
        }
        found
    }

    fn is_private(&self, decl: Decl) -> bool {
        match decl {
            Decl::Function(f) => self.function(f).is_some_and(|f| f.visibility == Visibility::Private),
            Decl::Var(v) => self.hir.vars.get(v.index()).is_some_and(|v| v.visibility == Visibility::Private),
            _ => false,
        }
    }

    /// Resolves a dotted name outside bodies. Reports and returns none when it does not exist.
    pub(crate) fn resolve_path(&mut self, scope: Scope, path: &Path) -> Option<Vec<Decl>> {
        self.resolve_path_as(7920, scope, path)
    }

    /// Resolves a dotted name; `number` is the one that solc has for an unknown name at this place.
    pub(crate) fn resolve_path_as(&mut self, number: u16, scope: Scope, path: &Path) -> Option<Vec<Decl>> {
        let mut segments = path.segments.iter();
        let first = segments.next()?;
        let mut found = self.lookup(scope, &first.name);
        if found.is_empty() && number == 7920 && is_global(&first.name) {
            let message = format!("`{}` is no type", first.name);
            return self.fail(codes::NOT_A_TYPE.solc(5172), path.span, message);
        }
        if found.is_empty() {
            let diagnostic = self.unknown_name(number, scope, first, path.span);
            self.diags.push(diagnostic);
            return None;
        }
        for segment in segments {
            found = match found.first() {
                Some(Decl::Module(file)) => self.lookup_in_file(*file, &segment.name),
                Some(Decl::Contract(id)) => self.lookup_in_contract(*id, &segment.name, true),
                _ => Vec::new(),
            };
            if found.is_empty() {
                return self.fail(
                    codes::UNDECLARED.solc(number),
                    path.span,
                    format!("`{}` is not declared there", segment.name),
                );
            }
        }
        Some(found)
    }

    pub(crate) fn undeclared<X>(&mut self, scope: Scope, name: &Ident) -> Option<X> {
        let diagnostic = self.unknown_name(7576, scope, name, name.span);
        self.diags.push(diagnostic);
        None
    }

    /// Says that a name is not declared, and which one may be meant or where it could come from.
    fn unknown_name(&self, number: u16, scope: Scope, name: &Ident, span: Span) -> Diagnostic {
        let message = format!("`{}` is not declared", name.name);
        let diagnostic = Diagnostic::error(codes::UNDECLARED.solc(number), span, message);
        if let Some(near) = self.nearest_name(scope, &name.name) {
            return diagnostic.help(format!("did you mean `{near}`?"));
        }
        match self.declaring_file(scope, &name.name) {
            Some(file) => diagnostic.help(format!("import it: `import {{{}}} from \"{file}\";`", name.name)),
            None => diagnostic,
        }
    }

    /// Finds another file of the program that declares a name at its top.
    fn declaring_file(&self, scope: Scope, name: &str) -> Option<&str> {
        let others = self.files.iter().enumerate().filter(|(i, _)| *i != scope.file as usize);
        let mut found = others.filter(|(i, f)| {
            let own = |(d, _): &(Decl, Span)| self.whole(*d).is_some_and(|w| w.file as usize == *i);
            f.names.get(name).is_some_and(|list| list.iter().any(own))
        });
        found.next().map(|(_, f)| f.name.as_str())
    }

    /// Returns the place of a whole declaration, where a name has one.
    pub(crate) fn whole(&self, decl: Decl) -> Option<Span> {
        Some(match decl {
            Decl::Contract(id) => self.contracts.get(id.index())?.ast.span,
            Decl::Function(id) => self.functions.get(id.index())?.ast.span,
            Decl::Modifier(id) => self.modifiers.get(id.index())?.ast.span,
            Decl::Var(id) => self.vars.get(id.index())?.ast.span,
            Decl::Struct(id) => self.structs.get(id.index())?.ast.span,
            Decl::Enum(id) => self.enums.get(id.index())?.ast.span,
            Decl::Udvt(id) => self.udvts.get(id.index())?.ast.span,
            Decl::Event(id) => self.events.get(id.index())?.ast.span,
            Decl::Error(id) => self.errors.get(id.index())?.ast.span,
            Decl::Module(_) => return None,
        })
    }

    /// Returns the place of a whole declaration that exists.
    pub(crate) fn whole_or_default(&self, decl: Decl) -> Span {
        self.whole(decl).unwrap_or_default()
    }

    fn nearest_name(&self, scope: Scope, name: &str) -> Option<Name> {
        let mut tables: Vec<&Names> = Vec::new();
        if let Some(id) = scope.contract {
            tables
                .extend(self.line(id).iter().filter_map(|c| self.contracts.get(c.index())).map(|c| &c.names));
        }
        tables.extend(self.files.get(scope.file as usize).map(|f| &f.names));
        let candidates = tables.into_iter().flat_map(BTreeMap::keys).filter(|n| n.len() < 64);
        candidates
            .map(|n| (distance(n, name), n))
            .filter(|(d, _)| *d <= 1 + name.len() / 4)
            .min()
            .map(|(_, n)| n.clone())
    }

    /// Finds the one contract that a path names.
    /// `unknown` and `wrong` are solc's numbers for names that do not exist and that mean something else.
    pub(crate) fn resolve_contract(
        &mut self,
        unknown: u16,
        wrong: u16,
        scope: Scope,
        path: &Path,
    ) -> Option<ContractId> {
        match self.resolve_path_as(unknown, scope, path)?.first() {
            Some(Decl::Contract(id)) => Some(*id),
            _ => self.fail(codes::NOT_A_TYPE.solc(wrong), path.span, "this is not a contract"),
        }
    }

    /// Returns the selector of a declared function's signature, for clashes and `type(I).interfaceId`.
    pub(crate) fn selector_of(&self, id: FunctionId) -> Option<Selector> {
        self.function(id)?.selector
    }
}

/// Is true for names that the language declares and that are no types.
pub(super) fn is_global(name: &str) -> bool {
    matches!(
        name,
        "abi"
            | "addmod"
            | "assert"
            | "block"
            | "blockhash"
            | "blobhash"
            | "ecrecover"
            | "erc7201"
            | "gasleft"
            | "keccak256"
            | "msg"
            | "mulmod"
            | "ripemd160"
            | "selfdestruct"
            | "sha256"
            | "super"
            | "this"
            | "tx"
    )
}

fn overload(a: Decl, b: Decl) -> bool {
    matches!((a, b), (Decl::Function(_), Decl::Function(_)) | (Decl::Event(_), Decl::Event(_)))
}

fn imports(unit: &Unit) -> impl Iterator<Item = (&crate::ast::Import, FileId)> {
    let items = unit.ast.items.iter().filter_map(|item| match item {
        Item::Import(import) => Some(import),
        _ => None,
    });
    items.zip(&unit.imports).filter_map(|(import, file)| Some((import, (*file)?)))
}

/// Returns the edit distance of two short words.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (up, y) in row.iter().skip(1).zip(&b) {
            let cost = (diagonal + usize::from(x != *y)).min(up + 1).min(left + 1);
            diagonal = *up;
            left = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn distance_counts_edits() {
        assert_eq!(super::distance("balance", "balnce"), 1);
        assert_eq!(super::distance("a", "abc"), 2);
        assert_eq!(super::distance("", ""), 0);
    }
}
