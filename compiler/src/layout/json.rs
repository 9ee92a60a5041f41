//! Writes the storage layout as solc's JSON.

use super::{Position, packed_bytes, slots, struct_fields, type_label, variables};
use crate::hir::{ContractId, Hir, Ty, VarKind};
use alloy_primitives::U256;
use serde_json::{Map, Value, json};

/// Returns `storageLayout` of a contract.
pub fn storage_layout_json(hir: &Hir, contract: ContractId) -> Value {
    layout_json(hir, contract, VarKind::Storage)
}

/// Returns `transientStorageLayout` of a contract.
pub fn transient_layout_json(hir: &Hir, contract: ContractId) -> Value {
    layout_json(hir, contract, VarKind::Transient)
}

fn layout_json(hir: &Hir, contract: ContractId, kind: VarKind) -> Value {
    let mut types = Map::new();
    let storage: Vec<Value> = variables(hir, contract, kind)
        .into_iter()
        .filter_map(|(id, at)| {
            let var = hir.vars.get(id.index())?;
            let owner = contract_path(hir, contract);
            Some(entry(hir, &mut types, id.0, &owner, &var.name, &var.ty, at))
        })
        .collect();
    let types = if storage.is_empty() { Value::Null } else { sorted(types) };
    json!({ "storage": storage, "types": types })
}

fn sorted(types: Map<String, Value>) -> Value {
    let mut pairs: Vec<_> = types.into_iter().collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(pairs.into_iter().collect())
}

fn contract_path(hir: &Hir, contract: ContractId) -> String {
    hir.contracts.get(contract.index()).map_or_else(String::new, |c| format!("{}:{}", c.file, c.name))
}

fn entry(
    hir: &Hir,
    types: &mut Map<String, Value>,
    ast: u32,
    owner: &str,
    label: &str,
    ty: &Ty,
    at: Position,
) -> Value {
    let key = add_type(hir, types, owner, ty);
    json!({
        "astId": ast,
        "contract": owner,
        "label": label,
        "offset": at.byte,
        "slot": at.slot.to_string(),
        "type": key,
    })
}

/// Adds a type and those it is made of; returns its key.
fn add_type(hir: &Hir, types: &mut Map<String, Value>, owner: &str, ty: &Ty) -> String {
    let key = type_key(hir, ty);
    if types.contains_key(&key) {
        return key;
    }
    types.insert(key.clone(), Value::Null);
    let value = describe(hir, types, owner, ty);
    types.insert(key.clone(), value);
    key
}

fn describe(hir: &Hir, types: &mut Map<String, Value>, owner: &str, ty: &Ty) -> Value {
    let label = type_label(hir, ty);
    match ty {
        Ty::Mapping { key, value } => {
            let key = add_key(hir, types, owner, key);
            let value = add_type(hir, types, owner, value);
            json!({ "encoding": "mapping", "key": key, "label": label, "numberOfBytes": "32", "value": value })
        }
        Ty::Array { elem, len, .. } => {
            let base = add_type(hir, types, owner, elem);
            let encoding = if len.is_some() { "inplace" } else { "dynamic_array" };
            json!({ "base": base, "encoding": encoding, "label": label, "numberOfBytes": bytes(hir, ty) })
        }
        Ty::Bytes(_) | Ty::String(_) => json!({ "encoding": "bytes", "label": label, "numberOfBytes": "32" }),
        Ty::Struct(id, _) => {
            let fields = hir.structs.get(id.index()).map_or(&[][..], |s| s.fields.as_slice());
            let members: Vec<Value> = fields
                .iter()
                .zip(struct_fields(hir, *id))
                .enumerate()
                .map(|(i, ((name, field), at))| entry(hir, types, i as u32, owner, name, field, at))
                .collect();
            json!({ "encoding": "inplace", "label": label, "members": members, "numberOfBytes": bytes(hir, ty) })
        }
        _ => {
            json!({ "encoding": "inplace", "label": label, "numberOfBytes": packed_bytes(hir, ty).to_string() })
        }
    }
}

fn bytes(hir: &Hir, ty: &Ty) -> String {
    slots(hir, ty).saturating_mul(U256::from(32)).to_string()
}

fn type_key(hir: &Hir, ty: &Ty) -> String {
    match ty {
        Ty::Address { payable: true } => "t_address_payable".into(),
        Ty::Contract(id) => format!("t_contract({}){}", last_name(hir, ty), id.0),
        Ty::Enum(id) => format!("t_enum({}){}", last_name(hir, ty), id.0),
        Ty::Udvt(id) => format!("t_userDefinedValueType({}){}", last_name(hir, ty), id.0),
        Ty::Struct(id, _) => format!("t_struct({}){}_storage", last_name(hir, ty), id.0),
        Ty::Mapping { key, value } => {
            format!("t_mapping({},{})", mapping_key(hir, key), type_key(hir, value))
        }
        Ty::Array { elem, len, .. } => {
            let len = len.map_or_else(|| "dyn".into(), |n| n.to_string());
            format!("t_array({}){len}_storage", type_key(hir, elem))
        }
        Ty::Bytes(_) => "t_bytes_storage".into(),
        Ty::String(_) => "t_string_storage".into(),
        Ty::Function(f) => {
            let keys = |list: &[Ty]| list.iter().map(|ty| type_key(hir, ty)).collect::<Vec<_>>().join(",");
            let place = if f.external { "external" } else { "internal" };
            let mutability = format!("{:?}", f.mutability).to_lowercase();
            format!("t_function_{place}_{mutability}({})returns({})", keys(&f.params), keys(&f.returns))
        }
        other => format!("t_{}", type_label(hir, other)),
    }
}

/// Adds the type of a mapping's key; `bytes` and `string` count as being in memory there.
fn add_key(hir: &Hir, types: &mut Map<String, Value>, owner: &str, ty: &Ty) -> String {
    if !matches!(ty, Ty::Bytes(_) | Ty::String(_)) {
        return add_type(hir, types, owner, ty);
    }
    let key = mapping_key(hir, ty);
    let label = type_label(hir, ty);
    types.insert(key.clone(), json!({ "encoding": "bytes", "label": label, "numberOfBytes": "32" }));
    key
}

fn mapping_key(hir: &Hir, key: &Ty) -> String {
    match key {
        Ty::Bytes(_) => "t_bytes_memory_ptr".into(),
        Ty::String(_) => "t_string_memory_ptr".into(),
        other => type_key(hir, other),
    }
}

fn last_name(hir: &Hir, ty: &Ty) -> String {
    let label = type_label(hir, ty);
    let name = label.rsplit(' ').next().unwrap_or(&label);
    name.rsplit('.').next().unwrap_or(name).to_owned()
}
