//! Writes a contract's interface as solc's JSON ABI.

use crate::hir::{
    ContractId, ContractKind, Function, FunctionId, Hir, InterfaceEntry, Loc, Local, LocalId, Mutability, Ty,
    Var,
};
use crate::layout::internal_type;
use crate::lower::Raised;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Returns the JSON ABI of a contract with what its code raises, sorted as solc sorts it: by kind, then by name.
pub(crate) fn abi_json(hir: &Hir, contract: ContractId, raised: &Raised) -> Value {
    let Some(def) = hir.contracts.get(contract.index()) else { return json!([]) };
    let mut entries = Vec::new();
    for (_, entry) in &def.interface {
        match entry {
            InterfaceEntry::Function(id) if def.kind == ContractKind::Library => {
                entries.extend(library_function(hir, *id));
            }
            InterfaceEntry::Function(id) => entries.extend(function(hir, *id)),
            InterfaceEntry::Getter(id) => entries.extend(hir.vars.get(id.index()).map(|v| getter(hir, v))),
        }
    }
    if def.kind == ContractKind::Contract {
        entries.extend(def.constructor.and_then(|id| constructor(hir, id)));
    }
    entries.extend(def.receive.map(|_| json!({ "stateMutability": "payable", "type": "receive" })));
    entries.extend(def.fallback.and_then(|id| fallback(hir, id)));
    // In the order of definition; equal ones of several contracts are all listed.
    let events: BTreeSet<_> = def.events.iter().chain(&raised.events).collect();
    entries.extend(events.into_iter().filter_map(|id| event(hir, id.index())));
    let errors: BTreeSet<_> = def.errors.iter().chain(&raised.errors).collect();
    entries.extend(errors.into_iter().filter_map(|id| error(hir, id.index())));
    entries.sort_by_key(sort_key);
    Value::Array(entries)
}

fn sort_key(entry: &Value) -> (String, String) {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("type"), text("name"))
}

fn mutability(m: Mutability) -> &'static str {
    match m {
        Mutability::Pure => "pure",
        Mutability::View => "view",
        Mutability::NonPayable => "nonpayable",
        Mutability::Payable => "payable",
    }
}

fn function(hir: &Hir, id: FunctionId) -> Option<Value> {
    let f = hir.functions.get(id.index())?;
    Some(json!({
        "inputs": locals(hir, f, &f.params),
        "name": f.name,
        "outputs": locals(hir, f, &f.returns),
        "stateMutability": mutability(f.mutability),
        "type": "function",
    }))
}

/// Returns a library's function. As with solc, those that write state or take storage are left out, since no ABI
/// describes them, and enums and contracts stand under their names.
fn library_function(hir: &Hir, id: FunctionId) -> Option<Value> {
    let f = hir.functions.get(id.index())?;
    let locals = || f.params.iter().chain(&f.returns).filter_map(|l| f.locals.get(l.index()));
    if !matches!(f.mutability, Mutability::Pure | Mutability::View)
        || locals().any(|l| l.ty.loc() == Some(Loc::Storage))
    {
        return None;
    }
    let mut entry = function(hir, id)?;
    for (key, ids) in [("inputs", &f.params), ("outputs", &f.returns)] {
        let types = ids.iter().filter_map(|l| f.locals.get(l.index())).map(|l| &l.ty);
        if let Some(params) = entry.get_mut(key).and_then(Value::as_array_mut) {
            params.iter_mut().zip(types).for_each(|(param, ty)| name_types(hir, param, ty));
        }
    }
    Some(entry)
}

/// Replaces the `type` of enums and contracts in a parameter by their names.
fn name_types(hir: &Hir, param: &mut Value, ty: &Ty) {
    let Some(object) = param.as_object_mut() else { return };
    object.insert("type".into(), library_type(hir, ty).into());
    let mut inner = ty;
    while let Ty::Array { elem, .. } = inner {
        inner = elem;
    }
    let Ty::Struct(id, _) = inner else { return };
    let fields = hir.structs.get(id.index()).map_or(&[][..], |s| s.fields.as_slice());
    let components = object.get_mut("components").and_then(Value::as_array_mut);
    for (component, (_, ty)) in components.into_iter().flatten().zip(fields) {
        name_types(hir, component, ty);
    }
}

fn library_type(hir: &Hir, ty: &Ty) -> String {
    match ty {
        Ty::Contract(id) => hir.contracts.get(id.index()).map_or_else(String::new, |c| c.name.clone()),
        Ty::Enum(id) => hir.enums.get(id.index()).map_or_else(String::new, |e| e.name.clone()),
        Ty::Array { elem, len, .. } => {
            let len = len.map_or_else(String::new, |n| n.to_string());
            format!("{}[{len}]", library_type(hir, elem))
        }
        other => abi_type(hir, other),
    }
}

fn constructor(hir: &Hir, id: FunctionId) -> Option<Value> {
    let f = hir.functions.get(id.index())?;
    Some(json!({
        "inputs": locals(hir, f, &f.params),
        "stateMutability": mutability(f.mutability),
        "type": "constructor",
    }))
}

fn fallback(hir: &Hir, id: FunctionId) -> Option<Value> {
    let f = hir.functions.get(id.index())?;
    Some(json!({ "stateMutability": mutability(f.mutability), "type": "fallback" }))
}

fn locals(hir: &Hir, f: &Function, ids: &[LocalId]) -> Vec<Value> {
    let local = |id: &LocalId| -> Option<&Local> { f.locals.get(id.index()) };
    ids.iter().filter_map(local).map(|l| param(hir, &l.name, &l.ty, None)).collect()
}

fn getter(hir: &Hir, var: &Var) -> Value {
    let (mut inputs, mut outputs) = getter_types(hir, &var.ty);
    if let Some((last, keys)) = var.key_names.split_last() {
        inputs.iter_mut().zip(keys).for_each(|(input, name)| input.0.clone_from(name));
        if let [only] = outputs.as_mut_slice()
            && only.0.is_empty()
            && inputs.len() == keys.len()
        {
            only.0.clone_from(last);
        }
    }
    json!({
        "inputs": inputs.iter().map(|(name, ty)| param(hir, name, ty, None)).collect::<Vec<_>>(),
        "name": var.name,
        "outputs": outputs.iter().map(|(name, ty)| param(hir, name, ty, None)).collect::<Vec<_>>(),
        "stateMutability": "view",
        "type": "function",
    })
}

/// A name (may be empty) and a type.
type Named = (String, Ty);

/// Returns the parameters and results of the getter of a variable of type `ty`.
pub(crate) fn getter_types(hir: &Hir, ty: &Ty) -> (Vec<Named>, Vec<Named>) {
    let mut inputs = Vec::new();
    let mut ty = ty;
    loop {
        match ty {
            Ty::Mapping { key, value } => {
                inputs.push((String::new(), key.with_loc(crate::hir::Loc::Memory)));
                ty = value;
            }
            Ty::Array { elem, .. } => {
                inputs.push((String::new(), Ty::UINT));
                ty = elem;
            }
            _ => break,
        }
    }
    (inputs, getter_results(hir, ty))
}

fn getter_results(hir: &Hir, ty: &Ty) -> Vec<Named> {
    let memory = crate::hir::Loc::Memory;
    let Ty::Struct(id, _) = ty else { return vec![(String::new(), ty.with_loc(memory))] };
    let fields = hir.structs.get(id.index()).map_or(&[][..], |s| s.fields.as_slice());
    let shown = fields.iter().filter(|(_, ty)| !matches!(ty, Ty::Array { .. } | Ty::Mapping { .. }));
    shown.map(|(name, ty)| (name.clone(), ty.with_loc(memory))).collect()
}

fn event(hir: &Hir, index: usize) -> Option<Value> {
    let e = hir.events.get(index)?;
    let inputs: Vec<Value> =
        e.params.iter().map(|(name, ty, indexed)| param(hir, name, ty, Some(*indexed))).collect();
    Some(json!({ "anonymous": e.anonymous, "inputs": inputs, "name": e.name, "type": "event" }))
}

fn error(hir: &Hir, index: usize) -> Option<Value> {
    let e = hir.errors.get(index)?;
    let inputs: Vec<Value> = e.params.iter().map(|(name, ty)| param(hir, name, ty, None)).collect();
    Some(json!({ "inputs": inputs, "name": e.name, "type": "error" }))
}

fn param(hir: &Hir, name: &str, ty: &Ty, indexed: Option<bool>) -> Value {
    let mut object = Map::new();
    if let Some(fields) = components(hir, ty) {
        object.insert("components".into(), fields);
    }
    if let Some(indexed) = indexed {
        object.insert("indexed".into(), indexed.into());
    }
    object.insert("internalType".into(), internal_type(hir, ty).into());
    object.insert("name".into(), name.into());
    object.insert("type".into(), abi_type(hir, ty).into());
    Value::Object(object)
}

fn components(hir: &Hir, ty: &Ty) -> Option<Value> {
    match ty {
        Ty::Array { elem, .. } => components(hir, elem),
        Ty::Struct(id, _) => {
            let def = hir.structs.get(id.index())?;
            Some(def.fields.iter().map(|(name, ty)| param(hir, name, ty, None)).collect())
        }
        _ => None,
    }
}

/// Returns the `type` of the JSON ABI: the canonical one, with `tuple` for structs.
pub(crate) fn abi_type(hir: &Hir, ty: &Ty) -> String {
    match ty {
        Ty::Address { .. } | Ty::Contract(_) => "address".into(),
        Ty::Enum(_) => "uint8".into(),
        Ty::Struct(..) => "tuple".into(),
        Ty::Function(_) => "function".into(),
        Ty::Udvt(id) => hir.udvts.get(id.index()).map_or_else(String::new, |u| abi_type(hir, &u.underlying)),
        Ty::Array { elem, len, .. } => {
            let len = len.map_or_else(String::new, |n| n.to_string());
            format!("{}[{len}]", abi_type(hir, elem))
        }
        other => crate::layout::type_label(hir, other),
    }
}
