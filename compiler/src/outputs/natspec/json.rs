//! Writes `userdoc` and `devdoc` in solc's form.

use super::inherit::{Docs, of_function, of_var};
use super::tags::{Tags, parse};
use crate::abi::{getter_signature, getter_types};
use crate::hir::{Contract, ContractId, ErrorId, EventId, Function, Hir, InterfaceEntry, Var, VarId};
use crate::lower::Raised;
use crate::outputs::sorted;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Returns the documentation for users of a contract; `raised` names events and errors of others that it uses.
pub(crate) fn userdoc(hir: &Hir, id: ContractId, raised: &Raised) -> Value {
    let Some(contract) = hir.contracts.get(id.index()) else { return json!({}) };
    let mut doc = Map::new();
    put(&mut doc, "notice", parse(&contract.doc).0.joined("notice"));
    doc.insert("kind".into(), "user".into());
    doc.insert("version".into(), 1.into());
    doc.insert("methods".into(), user_methods(hir, contract).into());
    raisings(hir, contract, raised, user_entry, &mut doc);
    sorted(Value::Object(doc))
}

/// Returns the documentation for developers of a contract; `raised` names events and errors of others that it uses.
pub(crate) fn devdoc(hir: &Hir, id: ContractId, raised: &Raised) -> Value {
    let Some(contract) = hir.contracts.get(id.index()) else { return json!({}) };
    let tags = parse(&contract.doc).0;
    let mut doc = dev_entry(&tags);
    put(&mut doc, "title", tags.joined("title"));
    doc.insert("kind".into(), "dev".into());
    doc.insert("version".into(), 1.into());
    doc.insert("methods".into(), dev_methods(hir, contract).into());
    let variables = variables(hir, contract);
    if !variables.is_empty() {
        doc.insert("stateVariables".into(), variables.into());
    }
    raisings(hir, contract, raised, dev_entry, &mut doc);
    sorted(Value::Object(doc))
}

fn put(map: &mut Map<String, Value>, key: &str, text: String) {
    if !text.is_empty() {
        map.insert(key.into(), text.into());
    }
}

fn put_entry(map: &mut Map<String, Value>, key: String, entry: Map<String, Value>) {
    if !entry.is_empty() {
        map.insert(key, entry.into());
    }
}

fn user_entry(tags: &Tags) -> Map<String, Value> {
    let mut entry = Map::new();
    put(&mut entry, "notice", tags.joined("notice"));
    entry
}

fn user_methods(hir: &Hir, contract: &Contract) -> Map<String, Value> {
    let mut methods = Map::new();
    for (_, entry) in &contract.interface {
        let (key, docs) = match entry {
            InterfaceEntry::Function(id) => {
                let Some(f) = hir.functions.get(id.index()) else { continue };
                (f.signature.clone(), of_function(hir, *id))
            }
            InterfaceEntry::Getter(id) => {
                let Some(key) = getter_signature(hir, *id) else { continue };
                (key, of_var(hir, *id, &result_names(hir, *id)))
            }
        };
        put_entry(&mut methods, key, user_entry(&docs.tags));
    }
    if let Some(f) = constructor(hir, contract) {
        put_entry(&mut methods, "constructor".into(), user_entry(&parse(&f.doc).0));
    }
    methods
}

fn constructor<'h>(hir: &'h Hir, contract: &Contract) -> Option<&'h Function> {
    hir.functions.get(contract.constructor?.index())
}

/// Writes what all documented things have: details, author, parameters, tags of tools.
fn dev_entry(tags: &Tags) -> Map<String, Value> {
    let mut entry = Map::new();
    put(&mut entry, "details", tags.joined("dev"));
    put(&mut entry, "author", tags.joined("author"));
    let mut params = Map::new();
    for tag in tags.0.iter().filter(|t| t.name == "param") {
        params.insert(tag.param.clone(), tag.content.clone().into());
    }
    put_entry(&mut entry, "params".into(), params);
    for tag in tags.0.iter().filter(|t| t.name.starts_with("custom:")) {
        entry.insert(tag.name.clone(), tags.joined(&tag.name).into());
    }
    entry
}

fn dev_methods(hir: &Hir, contract: &Contract) -> Map<String, Value> {
    let mut methods = Map::new();
    for (_, entry) in &contract.interface {
        let InterfaceEntry::Function(id) = entry else { continue };
        let Some(f) = hir.functions.get(id.index()) else { continue };
        let docs = of_function(hir, *id);
        let name = |local: &crate::hir::LocalId| f.locals.get(local.index()).map(|l| l.name.clone());
        let names: Vec<String> = f.returns.iter().filter_map(name).collect();
        let mut entry = dev_entry(&docs.tags);
        put_entry(&mut entry, "returns".into(), returns(&docs, &names));
        put_entry(&mut methods, f.signature.clone(), entry);
    }
    if let Some(f) = constructor(hir, contract) {
        put_entry(&mut methods, "constructor".into(), dev_entry(&parse(&f.doc).0));
    }
    methods
}

fn returns(docs: &Docs, names: &[String]) -> Map<String, Value> {
    let key = |(i, name): (usize, &String)| if name.is_empty() { format!("_{i}") } else { name.clone() };
    let keys = names.iter().enumerate().map(key);
    keys.zip(&docs.returns).map(|(key, text)| (key, text.clone().into())).collect()
}

fn variables(hir: &Hir, contract: &Contract) -> Map<String, Value> {
    let mut all = Map::new();
    for id in &contract.vars {
        let Some(var) = hir.vars.get(id.index()) else { continue };
        let names = result_names(hir, *id);
        let docs = of_var(hir, *id, &names);
        let mut entry = dev_entry(&docs.tags);
        if docs.returns.len() == 1 {
            entry.insert("return".into(), docs.raw_return.clone().into());
        }
        put_entry(&mut entry, "returns".into(), returns(&docs, &names));
        put_entry(&mut all, var.name.clone(), entry);
    }
    all
}

/// Names the results of a variable's getter.
pub(crate) fn result_names(hir: &Hir, id: VarId) -> Vec<String> {
    let Some(var) = hir.vars.get(id.index()) else { return Vec::new() };
    let (inputs, outputs) = getter_types(hir, &var.ty);
    let named = value_name(var, inputs.len());
    match outputs.as_slice() {
        [(name, _)] if name.is_empty() => vec![named],
        list => list.iter().map(|(name, _)| name.clone()).collect(),
    }
}

/// Returns the name that a mapping gives to its values.
fn value_name(var: &Var, keys: usize) -> String {
    let named = var.key_names.split_last().filter(|(_, inputs)| inputs.len() == keys);
    named.map_or_else(String::new, |(last, _)| last.clone())
}

/// Writes events and errors of the interface, and those of others that the code uses.
fn raisings(
    hir: &Hir,
    contract: &Contract,
    raised: &Raised,
    entry: fn(&Tags) -> Map<String, Value>,
    doc: &mut Map<String, Value>,
) {
    let mut events = Map::new();
    let foreign = raised.events.iter().filter(|id| !contract.events.contains(id));
    let event = |id: &EventId| hir.events.get(id.index());
    let mut seen = BTreeSet::new();
    for e in contract.events.iter().chain(foreign).filter_map(event) {
        // The contract's own stands for its equals, also without documentation.
        if seen.insert(&e.signature) {
            put_entry(&mut events, e.signature.clone(), entry(&parse(&e.doc).0));
        }
    }
    put_entry(doc, "events".into(), events);
    let mut ids: Vec<ErrorId> = contract.errors.iter().chain(&raised.errors).copied().collect();
    ids.sort();
    ids.dedup();
    let mut errors = Map::new();
    for e in ids.iter().filter_map(|id| hir.errors.get(id.index())) {
        let entry = entry(&parse(&e.doc).0);
        let list = errors.entry(e.signature.clone()).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut().filter(|_| !entry.is_empty()) {
            list.push(entry.into());
        }
    }
    errors.retain(|_, list| list.as_array().is_some_and(|l| !l.is_empty()));
    put_entry(doc, "errors".into(), errors);
}
