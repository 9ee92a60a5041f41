//! Writes a genesis file: every key, in one order, amounts in the largest fitting unit.

use super::{
    amount,
    fields::{self, Visitor},
    file::{GenesisFile, Target},
};
use alloy_primitives::{Address, Bytes, U256, hex};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, ops::RangeInclusive};

pub(super) fn write(file: &GenesisFile) -> String {
    let mut writer = Writer(Map::new());
    fields::file(&mut writer, &mut file.clone());
    format!("{:#}\n", Value::Object(writer.0))
}

struct Writer(Map<String, Value>);

impl Writer {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_string(), value.into());
    }

    fn inner<T>(value: &mut T, each: fn(&mut Self, &mut T)) -> Value {
        let mut inner = Self(Map::new());
        each(&mut inner, value);
        Value::Object(inner.0)
    }
}

impl Visitor for Writer {
    fn require(&mut self, _: &[&'static str]) {}

    fn number(&mut self, key: &'static str, value: &mut u64, _: RangeInclusive<u64>) {
        self.put(key, *value);
    }

    fn maybe_number(&mut self, key: &'static str, value: &mut Option<u64>, _: RangeInclusive<u64>) {
        self.put(key, value.map_or(Value::Null, Value::from));
    }

    fn flag(&mut self, key: &'static str, value: &mut bool) {
        self.put(key, *value);
    }

    fn word<T: Copy + PartialEq>(&mut self, key: &'static str, value: &mut T, words: &[(&'static str, T)]) {
        if let Some((word, _)) = words.iter().find(|(_, meaning)| meaning == value) {
            self.put(key, *word);
        }
    }

    fn name(&mut self, key: &'static str, value: &mut String) {
        self.put(key, value.as_str());
    }

    fn amount(&mut self, key: &'static str, value: &mut U256, _: U256) {
        self.put(key, amount::show(*value));
    }

    fn address(&mut self, key: &'static str, value: &mut Address) {
        self.put(key, value.to_string());
    }

    fn target(&mut self, key: &'static str, value: &mut Target) {
        match value {
            Target::Pool => self.put(key, "pool"),
            Target::Account(to) => self.put(key, to.to_string()),
        }
    }

    fn bytes<const N: usize>(&mut self, key: &'static str, value: &mut [u8; N]) {
        self.put(key, hex::encode_prefixed(*value));
    }

    fn data(&mut self, key: &'static str, value: &mut Bytes) {
        self.put(key, value.to_string());
    }

    fn storage(&mut self, key: &'static str, value: &mut BTreeMap<U256, U256>) {
        let words =
            value.iter().map(|(slot, word)| (format!("{slot:#x}"), Value::from(format!("{word:#x}"))));
        let words: Map<String, Value> = words.collect();
        self.put(key, words);
    }

    fn object<T>(&mut self, key: &'static str, value: &mut T, each: fn(&mut Self, &mut T)) {
        self.put(key, Self::inner(value, each));
    }

    fn maybe<T: Default>(&mut self, key: &'static str, value: &mut Option<T>, each: fn(&mut Self, &mut T)) {
        self.put(key, value.as_mut().map_or(Value::Null, |value| Self::inner(value, each)));
    }

    fn list<T: Default>(&mut self, key: &'static str, value: &mut Vec<T>, each: fn(&mut Self, &mut T)) {
        let items: Vec<_> = value.iter_mut().map(|item| Self::inner(item, each)).collect();
        self.put(key, items);
    }

    fn map<T: Default>(
        &mut self,
        key: &'static str,
        value: &mut BTreeMap<Address, T>,
        each: fn(&mut Self, &mut T),
    ) {
        let items = value.iter_mut().map(|(address, item)| (address.to_string(), Self::inner(item, each)));
        let items: Map<String, Value> = items.collect();
        self.put(key, items);
    }
}
