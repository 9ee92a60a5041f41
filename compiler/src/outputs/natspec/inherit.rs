//! Says what documents a function or variable: its own tags, and those that it inherits.

use super::tags::{Tags, parse};
use crate::hir::{ContractId, Function, FunctionId, Hir, LocalId, Var, VarId};

/// Is what documents a function or a public variable.
#[derive(Debug, Clone, Default)]
pub(super) struct Docs {
    pub(super) tags: Tags,
    /// Descriptions of results by position, names left out.
    pub(super) returns: Vec<String>,
    /// Whether each result lacks a name.
    unnamed: Vec<bool>,
    /// The first `@return` as written.
    pub(super) raw_return: String,
}

/// How many levels of inherited documentation are followed; inheritance cannot be deeper.
const DEPTH_MAX: usize = 512;

/// Returns what documents a function.
pub(super) fn of_function(hir: &Hir, id: FunctionId) -> Docs {
    function(hir, id, 0)
}

fn function(hir: &Hir, id: FunctionId, depth: usize) -> Docs {
    let Some(f) = hir.functions.get(id.index()).filter(|_| depth < DEPTH_MAX) else { return Docs::default() };
    let names = names(f, &f.returns);
    let mut docs = own(&f.doc, &names);
    let base = match (f.inherits_doc, f.overrides.as_slice()) {
        (Some(contract), bases) => base_in(hir, bases, contract, 0),
        (None, [only]) if docs.tags.0.is_empty() && same_parameters(hir, f, *only) => Some(*only),
        _ => None,
    };
    if let Some(base) = base {
        docs.complete(function(hir, base, depth + 1), &names);
    }
    docs
}

/// Returns what documents a variable. `names` are those of its getter's results.
pub(super) fn of_var(hir: &Hir, id: VarId, names: &[String]) -> Docs {
    let Some(var) = hir.vars.get(id.index()) else { return Docs::default() };
    let mut docs = own(&var.doc, names);
    if let Some(base) = base_of_var(hir, var, &docs) {
        docs.complete(function(hir, base, 1), names);
    }
    docs
}

fn base_of_var(hir: &Hir, var: &Var, docs: &Docs) -> Option<FunctionId> {
    match (var.inherits_doc, var.overrides.as_slice()) {
        (Some(contract), bases) => base_in(hir, bases, contract, 0),
        (None, [only]) if docs.tags.0.is_empty() => Some(*only),
        _ => None,
    }
}

/// Finds the function of `contract` among the overridden functions, near ones first.
pub(crate) fn base_in(
    hir: &Hir,
    bases: &[FunctionId],
    contract: ContractId,
    depth: usize,
) -> Option<FunctionId> {
    if depth >= DEPTH_MAX {
        return None;
    }
    bases.iter().find_map(|id| {
        let base = hir.functions.get(id.index())?;
        if base.contract == Some(contract) {
            return Some(*id);
        }
        base_in(hir, &base.overrides, contract, depth + 1)
    })
}

fn names(f: &Function, ids: &[LocalId]) -> Vec<String> {
    ids.iter().map(|id| f.locals.get(id.index()).map_or_else(String::new, |l| l.name.clone())).collect()
}

fn same_parameters(hir: &Hir, f: &Function, base: FunctionId) -> bool {
    let Some(base) = hir.functions.get(base.index()) else { return false };
    names(f, &f.params) == names(base, &base.params)
}

fn own(doc: &str, names: &[String]) -> Docs {
    let (tags, _) = parse(doc);
    let returns = tags.all("return").zip(names).map(|(text, name)| without_name(text, name)).collect();
    let raw_return = tags.all("return").next().unwrap_or_default().to_owned();
    let unnamed = names.iter().map(String::is_empty).collect();
    Docs { tags, returns, unnamed, raw_return }
}

/// Takes over what describes a result. Where the base has no name for it, a first word that is its name here is one.
fn inherited(text: &str, name: &str, base_unnamed: bool) -> String {
    let first = text.split([' ', '\t']).next();
    if base_unnamed && first == Some(name) { without_name(text, name) } else { text.to_owned() }
}

/// Leaves out the name of a result in front of its description.
fn without_name(text: &str, name: &str) -> String {
    if name.is_empty() {
        return text.to_owned();
    }
    text.split_once([' ', '\t']).map_or(text, |(_, rest)| rest).to_owned()
}

impl Docs {
    /// Takes over from a base what is missing, tag by tag; tags of tools stay with the base.
    fn complete(&mut self, base: Docs, names: &[String]) {
        let missing =
            |name: &str| matches!(name, "notice" | "dev" | "param" | "return") && !self.tags.has(name);
        let added: Vec<_> = base.tags.0.iter().filter(|t| missing(&t.name)).cloned().collect();
        if missing("return") {
            let results = base.returns.iter().zip(&base.unnamed).enumerate();
            let name = |i: usize| names.get(i).map_or("", String::as_str);
            self.returns = results.map(|(i, (text, unnamed))| inherited(text, name(i), *unnamed)).collect();
            self.raw_return = match (self.returns.first(), names.first()) {
                (Some(text), Some(name)) if !name.is_empty() => format!("{name} {text}"),
                (Some(text), _) => text.clone(),
                _ => String::new(),
            };
        }
        self.tags.0.extend(added);
    }
}
