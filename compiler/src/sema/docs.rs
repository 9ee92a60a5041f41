//! Checks documentation comments: which tags stand where, the parameters and results that they name, the bases
//! that they inherit from.

use super::{Checker, Scope, scope::Decl};
use crate::ast::Doc;
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::outputs::natspec::{Problem, Tags, base_in, comment, parse, result_names};
use crate::source::{SourceMap, Span};

/// Says what a comment documents: how it is called, its tags apart from `custom:*`, names of its parameters and
/// results.
struct Subject {
    what: &'static str,
    allowed: &'static [&'static str],
    params: Vec<String>,
    returns: Vec<String>,
    scope: Scope,
    /// Functions of bases that it overrides.
    bases: Vec<FunctionId>,
}

const CONTRACT: (&str, &[&str]) = ("contracts", &["title", "author", "notice", "dev"]);
const FUNCTION: (&str, &[&str]) = ("functions", &["notice", "dev", "param", "return", "inheritdoc"]);
const CONSTRUCTOR: (&str, &[&str]) = ("constructors", &["author", "notice", "dev", "param"]);
const MODIFIER: (&str, &[&str]) = ("modifiers", &["notice", "dev", "param", "inheritdoc"]);
const EVENT: (&str, &[&str]) = ("events", &["notice", "dev", "param"]);
const ERROR: (&str, &[&str]) = ("errors", &["notice", "dev", "param"]);
const PUBLIC_VARIABLE: (&str, &[&str]) =
    ("public state variables", &["notice", "dev", "return", "inheritdoc"]);
const VARIABLE: (&str, &[&str]) = ("state variables that are not public", &["notice", "dev", "inheritdoc"]);
const CONSTANT: (&str, &[&str]) = ("variables outside contracts", &["dev"]);

impl Checker {
    /// Checks every documentation comment.
    pub(super) fn check_docs(&mut self, map: &SourceMap) {
        for i in 0..self.contracts.len() {
            let Some(info) = self.contracts.get(i) else { continue };
            let scope = Scope { file: info.file, contract: Some(ContractId(i as u32)) };
            let doc = info.ast.doc.clone();
            self.check_doc(doc.as_ref(), map, || Subject::new(CONTRACT, scope));
        }
        for i in 0..self.functions.len() {
            self.check_function_doc(FunctionId(i as u32), map);
        }
        for i in 0..self.modifiers.len() {
            self.check_modifier_doc(i, map);
        }
        for i in 0..self.vars.len() {
            self.check_var_doc(VarId(i as u32), map);
        }
        self.check_event_docs(map);
    }

    fn check_function_doc(&mut self, id: FunctionId, map: &SourceMap) {
        let Some(owned) = self.functions.get(id.index()).filter(|f| f.ast.doc.is_some()).cloned() else {
            return;
        };
        let Some(f) = self.function(id) else { return };
        let kind = if f.kind == FunctionKind::Constructor { CONSTRUCTOR } else { FUNCTION };
        let subject = Subject {
            params: names(&f.locals, &f.params),
            returns: names(&f.locals, &f.returns),
            bases: f.overrides.clone(),
            ..Subject::new(kind, owned.scope)
        };
        let base = self.check_doc(owned.ast.doc.as_ref(), map, || subject);
        if let Some(row) = self.hir.functions.get_mut(id.index()) {
            row.inherits_doc = base;
        }
    }

    fn check_modifier_doc(&mut self, at: usize, map: &SourceMap) {
        let Some(owned) = self.modifiers.get(at).cloned() else { return };
        let Some(row) = self.hir.modifiers.get(at) else { return };
        let subject =
            Subject { params: names(&row.locals, &row.params), ..Subject::new(MODIFIER, owned.scope) };
        self.check_doc(owned.ast.doc.as_ref(), map, || subject);
    }

    fn check_var_doc(&mut self, id: VarId, map: &SourceMap) {
        let Some(owned) = self.vars.get(id.index()).filter(|v| v.ast.doc.is_some()).cloned() else { return };
        let Some(var) = self.hir.vars.get(id.index()) else { return };
        let kind = match (owned.scope.contract, var.visibility) {
            (None, _) => CONSTANT,
            (_, Visibility::Public) => PUBLIC_VARIABLE,
            _ => VARIABLE,
        };
        let returns = if kind.0 == PUBLIC_VARIABLE.0 { result_names(&self.hir, id) } else { Vec::new() };
        let subject = Subject { returns, bases: var.overrides.clone(), ..Subject::new(kind, owned.scope) };
        let base = self.check_doc(owned.ast.doc.as_ref(), map, || subject);
        if let Some(row) = self.hir.vars.get_mut(id.index()) {
            row.inherits_doc = base;
        }
    }

    fn check_event_docs(&mut self, map: &SourceMap) {
        for i in 0..self.events.len() {
            let (Some(owned), Some(row)) = (self.events.get(i).cloned(), self.hir.events.get(i)) else {
                continue;
            };
            let params = row.params.iter().map(|p| p.0.clone()).collect();
            let subject = Subject { params, ..Subject::new(EVENT, owned.scope) };
            self.check_doc(owned.ast.doc.as_ref(), map, || subject);
        }
        for i in 0..self.errors.len() {
            let (Some(owned), Some(row)) = (self.errors.get(i).cloned(), self.hir.errors.get(i)) else {
                continue;
            };
            let params = row.params.iter().map(|p| p.0.clone()).collect();
            let subject = Subject { params, ..Subject::new(ERROR, owned.scope) };
            self.check_doc(owned.ast.doc.as_ref(), map, || subject);
        }
    }

    /// Checks one comment; returns the contract whose documentation it takes over.
    fn check_doc(
        &mut self,
        doc: Option<&Doc>,
        map: &SourceMap,
        subject: impl FnOnce() -> Subject,
    ) -> Option<ContractId> {
        let (text, span) = comment(doc?, map)?;
        let subject = subject();
        let (tags, problem) = parse(&text);
        match problem {
            Some(Problem::NoParam) => self.bad_doc(span, 3335, "`@param` names no parameter"),
            Some(Problem::NoDescription(name)) => {
                self.bad_doc(span, 9942, format!("`@param {name}` describes nothing"));
            }
            None => {}
        }
        self.check_tags(&tags, span, &subject);
        self.check_documented_params(&tags, span, &subject);
        self.check_documented_returns(&tags, span, &subject);
        self.check_inheritdoc(&tags, span, &subject)
    }

    fn bad_doc(&mut self, span: Span, number: u16, message: impl Into<String>) {
        self.diags.push(Diagnostic::error(codes::BAD_DOC, span, message).solc(number));
    }

    fn check_tags(&mut self, tags: &Tags, span: Span, subject: &Subject) {
        for tag in &tags.0 {
            match tag.name.strip_prefix("custom") {
                Some("" | ":") => self.bad_doc(span, 6564, "a custom tag has a name: `@custom:name`"),
                Some(rest) if rest.starts_with(':') => {
                    let plain = |c: char| c.is_ascii_lowercase() || c == '-' || c == ':';
                    if !rest.chars().all(plain) || rest.matches(':').count() > 1 {
                        let message = format!("`@{}`: only a to z and `-` make a tag", tag.name);
                        self.bad_doc(span, 2968, message);
                    }
                }
                _ if subject.allowed.contains(&tag.name.as_str()) => {}
                _ => {
                    let message = format!("`@{}` does not document {}", tag.name, subject.what);
                    self.bad_doc(span, 6546, message);
                }
            }
        }
    }

    fn check_documented_params(&mut self, tags: &Tags, span: Span, subject: &Subject) {
        if !subject.allowed.contains(&"param") {
            return;
        }
        for tag in tags.0.iter().filter(|t| t.name == "param") {
            if !subject.params.contains(&tag.param) || tag.param.is_empty() {
                self.bad_doc(span, 3881, format!("there is no parameter `{}`", tag.param));
            }
        }
    }

    fn check_documented_returns(&mut self, tags: &Tags, span: Span, subject: &Subject) {
        if !subject.allowed.contains(&"return") {
            return;
        }
        for (i, text) in tags.all("return").enumerate() {
            let Some(name) = subject.returns.get(i) else {
                self.bad_doc(span, 2604, format!("`@return {text}` is one more than there are results"));
                continue;
            };
            let word = text.split([' ', '\t']).next().unwrap_or_default();
            if !name.is_empty() && word != name {
                let message = format!("`@return {text}` does not begin with the result's name `{name}`");
                self.bad_doc(span, 5856, message);
            }
        }
    }

    fn check_inheritdoc(&mut self, tags: &Tags, span: Span, subject: &Subject) -> Option<ContractId> {
        if !subject.allowed.contains(&"inheritdoc") {
            return None;
        }
        let mut given = tags.all("inheritdoc");
        let path = given.next()?;
        if given.next().is_some() {
            self.bad_doc(span, 5142, "`@inheritdoc` is given twice");
            return None;
        }
        if path.is_empty() {
            self.bad_doc(span, 1933, "`@inheritdoc` names no contract");
            return None;
        }
        let contract = match self.named_in_doc(subject.scope, path) {
            Some(Decl::Contract(id)) => id,
            Some(_) => {
                self.bad_doc(span, 1430, format!("`{path}` is not a contract"));
                return None;
            }
            None => {
                self.bad_doc(span, 9397, format!("there is no contract `{path}`"));
                return None;
            }
        };
        // modifiers inherit nothing that is written anywhere
        let found = subject.what == MODIFIER.0 || base_in(&self.hir, &subject.bases, contract, 0).is_some();
        if !found {
            self.bad_doc(span, 4682, format!("this overrides nothing of `{path}`"));
            return None;
        }
        Some(contract)
    }

    fn named_in_doc(&self, scope: Scope, path: &str) -> Option<Decl> {
        let mut segments = path.split('.');
        let mut found = self.lookup(scope, segments.next()?);
        for segment in segments {
            found = match found.first()? {
                Decl::Module(file) => self.lookup_in_file(*file, segment),
                Decl::Contract(id) => self.lookup_in_contract(*id, segment, true),
                _ => Vec::new(),
            };
        }
        found.first().copied()
    }
}

impl Subject {
    fn new((what, allowed): (&'static str, &'static [&'static str]), scope: Scope) -> Self {
        Self { what, allowed, params: Vec::new(), returns: Vec::new(), scope, bases: Vec::new() }
    }
}

fn names(locals: &[Local], ids: &[LocalId]) -> Vec<String> {
    ids.iter().filter_map(|id| locals.get(id.index())).map(|l| l.name.clone()).collect()
}
