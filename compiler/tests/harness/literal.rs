//! Reads the literals of directives by type.

use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::{Address, B256, I256, U256, hex};

/// Parses the types of a signature `name(t1,t2)`.
pub fn types(signature: &str) -> Vec<DynSolType> {
    let open = signature.find('(').expect("a signature has parameters");
    let tuple = signature.get(open..).unwrap_or_default();
    match DynSolType::parse(tuple) {
        Ok(DynSolType::Tuple(types)) => types,
        Ok(other) => vec![other],
        Err(e) => panic!("types {tuple}: {e}"),
    }
}

/// Parses comma-separated literals, one per type.
pub fn values(types: &[DynSolType], text: &str) -> Vec<DynSolValue> {
    let items = split(text);
    assert_eq!(items.len(), types.len(), "as many literals as types in {text:?}");
    items.iter().zip(types).map(|(item, ty)| value(ty, item)).collect()
}

/// Encodes values as arguments or results.
pub fn encode(values: Vec<DynSolValue>) -> Vec<u8> {
    if values.is_empty() { Vec::new() } else { DynSolValue::Tuple(values).abi_encode_params() }
}

/// Splits at commas outside brackets and quotes.
pub fn split(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    let mut item = String::new();
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                items.push(std::mem::take(&mut item).trim().to_owned());
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    if !item.trim().is_empty() || !items.is_empty() {
        items.push(item.trim().to_owned());
    }
    items
}

fn value(ty: &DynSolType, text: &str) -> DynSolValue {
    match ty {
        DynSolType::Bool => DynSolValue::Bool(text == "true"),
        DynSolType::Uint(bits) => DynSolValue::Uint(number(text), *bits),
        DynSolType::Int(bits) => DynSolValue::Int(I256::from_raw(number(text)), *bits),
        DynSolType::Address => DynSolValue::Address(Address::from_word(number(text).into())),
        DynSolType::FixedBytes(n) => {
            let bytes = hex::decode(text).expect("hex of fixed bytes");
            assert_eq!(bytes.len(), *n, "bytes{n} in {text}");
            DynSolValue::FixedBytes(B256::right_padding_from(&bytes), *n)
        }
        DynSolType::Bytes if text.starts_with('"') => DynSolValue::Bytes(unquote(text)),
        DynSolType::Bytes => DynSolValue::Bytes(hex::decode(text).expect("hex of bytes")),
        DynSolType::String => {
            DynSolValue::String(String::from_utf8(unquote(text)).expect("text of a string in UTF-8"))
        }
        DynSolType::Array(elem) => {
            DynSolValue::Array(split(inner(text)).iter().map(|item| value(elem, item)).collect())
        }
        DynSolType::FixedArray(elem, n) => {
            let items = split(inner(text));
            assert_eq!(items.len(), *n, "elements in {text}");
            DynSolValue::FixedArray(items.iter().map(|item| value(elem, item)).collect())
        }
        DynSolType::Tuple(types) => DynSolValue::Tuple(values(types, inner(text))),
        DynSolType::Function => panic!("no literals of function type"),
    }
}

fn inner(text: &str) -> &str {
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default()
}

fn number(text: &str) -> U256 {
    match text.strip_prefix('-') {
        Some(positive) => U256::ZERO.wrapping_sub(number(positive)),
        None => text.parse().unwrap_or_else(|e| panic!("number {text:?}: {e}")),
    }
}

fn unquote(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = inner(text);
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if c != '\\' {
            bytes.extend(c.to_string().as_bytes());
            continue;
        }
        let kind = rest.chars().next().expect("an escape");
        rest = rest.get(1..).unwrap_or_default();
        match kind {
            'n' => bytes.push(b'\n'),
            't' => bytes.push(b'\t'),
            'x' => {
                bytes.extend(hex::decode(rest.get(..2).expect("two digits")).expect("hex digits"));
                rest = rest.get(2..).unwrap_or_default();
            }
            other => bytes.extend(other.to_string().as_bytes()),
        }
    }
    bytes
}
