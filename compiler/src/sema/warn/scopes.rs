//! Keeps the scopes of a function with everything that they declare, and finds names that hide others.

use super::super::Checker;
use super::super::scope::Decl;
use super::warning;
use crate::ast::Name;
use crate::diag::{Diagnostic, codes};
use crate::hir::{ContractId, Visibility};
use crate::source::{FileId, Span};

/// Lists the names that the language declares around every file.
const BUILTIN: [&str; 22] = [
    "abi",
    "addmod",
    "assert",
    "blobhash",
    "block",
    "blockhash",
    "ecrecover",
    "erc7201",
    "gasleft",
    "keccak256",
    "msg",
    "mulmod",
    "now",
    "require",
    "revert",
    "ripemd160",
    "selfdestruct",
    "sha256",
    "sha3",
    "suicide",
    "tx",
    "type",
];

/// Is one declared name.
pub(super) struct Declared {
    pub(super) name: Name,
    pub(super) span: Span,
    pub(super) used: bool,
    scope: usize,
}

/// Holds the scopes of one function, outermost first, and what they declare.
pub(super) struct Scopes {
    parents: Vec<Option<usize>>,
    current: usize,
    pub(super) declared: Vec<Declared>,
}

impl Scopes {
    pub(super) fn new() -> Self {
        Self { parents: vec![None], current: 0, declared: Vec::new() }
    }

    pub(super) fn open(&mut self) {
        self.parents.push(Some(self.current));
        self.current = self.parents.len() - 1;
    }

    pub(super) fn close(&mut self) {
        self.current = self.parents.get(self.current).copied().flatten().unwrap_or(0);
    }

    /// Declares a name in the current scope and returns its number.
    pub(super) fn declare(&mut self, name: &Name, span: Span) -> usize {
        self.declared.push(Declared { name: name.clone(), span, used: false, scope: self.current });
        self.declared.len() - 1
    }

    /// Notes a use of a name, if it is one of the function's own.
    pub(super) fn use_name(&mut self, name: &str) {
        let mut scope = Some(self.current);
        while let Some(at) = scope {
            if let Some(d) = self.declared.iter_mut().rev().find(|d| d.scope == at && *d.name == *name) {
                d.used = true;
                return;
            }
            scope = self.parents.get(at).copied().flatten();
        }
    }

    /// Finds names that hide others: of the scopes around, the contract, the file or the language.
    pub(super) fn hidden(&self, outside: Outside<'_>, found: &mut Vec<Diagnostic>) {
        for d in &self.declared {
            let around = self.around(d);
            if around.is_empty() {
                found.extend(outside.hides(&d.name, d.span));
            } else {
                found.push(shadows(&d.name, d.span, around.first().copied()));
            }
        }
    }

    fn around(&self, d: &Declared) -> Vec<Span> {
        let mut scope = self.parents.get(d.scope).copied().flatten();
        while let Some(at) = scope {
            let same = self.declared.iter().filter(|o| o.scope == at && o.name == d.name);
            let spans: Vec<Span> = same.map(|o| o.span).collect();
            if !spans.is_empty() {
                return spans;
            }
            scope = self.parents.get(at).copied().flatten();
        }
        Vec::new()
    }
}

fn shadows(name: &str, span: Span, other: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` hides another declaration of that name");
    let diagnostic = warning(codes::SHADOWING, 2519, span, message, "rename one of them");
    match other {
        Some(other) => diagnostic.at(other, "the other one"),
        None => diagnostic,
    }
}

/// Is what lies around a function: its contract, its file, the language.
#[derive(Clone, Copy)]
pub(super) struct Outside<'a> {
    pub(super) checker: &'a Checker,
    pub(super) file: FileId,
    pub(super) contract: Option<ContractId>,
}

impl Outside<'_> {
    /// Returns the warnings for a name declared inside.
    pub(super) fn hides(&self, name: &str, span: Span) -> Vec<Diagnostic> {
        let own = self.contract.and_then(|c| self.checker.contracts.get(c.index())).map(|c| &c.names);
        let file = self.checker.files.get(self.file as usize).map(|f| &f.names);
        let nearest =
            [own, file].into_iter().flatten().filter_map(|names| names.get(name)).find(|l| !l.is_empty());
        match nearest {
            Some(list) => self.of_declarations(name, span, list),
            None if BUILTIN.contains(&name) => {
                let message = format!("`{name}` hides what the language means by it");
                vec![warning(codes::SHADOWED_BUILTIN, 2319, span, message, "choose another name")]
            }
            None => Vec::new(),
        }
    }

    fn of_declarations(&self, name: &str, span: Span, list: &[(Decl, Span)]) -> Vec<Diagnostic> {
        let external = |decl: &Decl| match decl {
            Decl::Function(f) => {
                self.checker.function(*f).is_some_and(|f| f.visibility == Visibility::External)
            }
            _ => false,
        };
        let mut out = Vec::new();
        if let Some((_, other)) = list.iter().find(|(d, _)| external(d)) {
            let message = format!("`{name}` is also the name of an external function");
            let help = "rename one of them";
            out.push(warning(codes::SAME_NAME, 8760, span, message, help).at(*other, "the function"));
        }
        if let Some((_, other)) = list.iter().find(|(d, _)| !external(d)) {
            out.push(shadows(name, span, Some(*other)));
        }
        out
    }
}
