//! Reads each kind of value.

use super::{NAME_MAX, Reader};
use crate::{
    founding::{Broken, amount, fields::Visitor, file::Target},
    json::Kind,
};
use alloy_primitives::{Address, Bytes, U256, hex};
use std::{collections::BTreeMap, ops::RangeInclusive};

impl Visitor for Reader<'_> {
    fn require(&mut self, keys: &[&'static str]) {
        for key in keys {
            if !self.entries.iter().any(|(name, _)| name == key) {
                let message = format!("expected the key `{key}`, found none");
                self.problem(self.place, Broken::new(self.path.clone(), message, format!("add `{key}`")));
            }
        }
    }

    fn number(&mut self, key: &'static str, value: &mut u64, range: RangeInclusive<u64>) {
        let mut read = Some(*value);
        self.maybe_number(key, &mut read, range.clone());
        match (read, self.take(key)) {
            (Some(read), _) => *value = read,
            (None, Some((path, found))) => {
                self.wrong(&path, found, &whole(&range), "write a number, or leave it out for the default");
            }
            (None, None) => {}
        }
    }

    fn maybe_number(&mut self, key: &'static str, value: &mut Option<u64>, range: RangeInclusive<u64>) {
        let Some((path, found)) = self.take(key) else { return };
        let read = match &found.kind {
            Kind::Null => return *value = None,
            Kind::Number(text) => text.parse().ok().filter(|number| range.contains(number)),
            _ => None,
        };
        match read {
            Some(read) => *value = Some(read),
            None => self.wrong(&path, found, &whole(&range), "write a whole number without quotes"),
        }
    }

    fn flag(&mut self, key: &'static str, value: &mut bool) {
        let Some((path, found)) = self.take(key) else { return };
        match found.kind {
            Kind::Bool(read) => *value = read,
            _ => self.wrong(&path, found, "true or false", "write one of them without quotes"),
        }
    }

    fn word<T: Copy + PartialEq>(&mut self, key: &'static str, value: &mut T, words: &[(&'static str, T)]) {
        let list: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        let expected = list.join(" or ");
        self.parsed(key, value, (&expected, "write one of these words"), |text| {
            words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
        });
    }

    fn name(&mut self, key: &'static str, value: &mut String) {
        self.parsed(key, value, ("a name of at most 64 bytes", "write a name in quotes"), |text| {
            (text.len() <= NAME_MAX).then(|| text.to_string())
        });
    }

    fn amount(&mut self, key: &'static str, value: &mut U256, most: U256) {
        let Some((path, found)) = self.take(key) else { return };
        const HELP: &str =
            "write it in quotes with its unit, such as \"12.5 coins\", \"3 gwei\" or \"7 wei\"";
        let Kind::String(text) = &found.kind else {
            return self.wrong(&path, found, "an amount in quotes", HELP);
        };
        match amount::parse(text) {
            Ok(wei) if wei <= most => *value = wei,
            Ok(_) => self.wrong(&path, found, &format!("at most {}", amount::show(most)), HELP),
            Err(why) => {
                let expected = why.to_string();
                self.wrong(&path, found, expected.trim_start_matches("expected "), HELP);
            }
        }
    }

    fn address(&mut self, key: &'static str, value: &mut Address) {
        self.parsed(key, value, ADDRESS, address);
    }

    fn target(&mut self, key: &'static str, value: &mut Target) {
        let expected = ("an address or \"pool\"", "write 40 hexadecimal digits after `0x`, or \"pool\"");
        self.parsed(key, value, expected, |text| match text {
            "pool" => Some(Target::Pool),
            text => address(text).map(Target::Account),
        });
    }

    fn bytes<const N: usize>(&mut self, key: &'static str, value: &mut [u8; N]) {
        let expected = format!("{} hexadecimal digits after `0x`", 2 * N);
        self.parsed(key, value, (&expected, "copy it from the `node.pub.json` of the node"), |text| {
            let mut out = [0; N];
            hex::decode_to_slice(text.strip_prefix("0x")?, &mut out).ok().map(|()| out)
        });
    }

    fn data(&mut self, key: &'static str, value: &mut Bytes) {
        let expected = ("pairs of hexadecimal digits after `0x`", "write \"0x\" for none");
        self.parsed(key, value, expected, |text| hex::decode(text.strip_prefix("0x")?).ok().map(Bytes::from));
    }

    fn storage(&mut self, key: &'static str, value: &mut BTreeMap<U256, U256>) {
        let Some((path, found)) = self.take(key) else { return };
        let Kind::Object(entries) = &found.kind else {
            return self.wrong(&path, found, "an object of words", "write {\"0x0\": \"0x1\"}");
        };
        for (slot, word) in entries {
            let read = match &word.kind {
                Kind::String(text) => storage_word(slot).zip(storage_word(text)),
                _ => None,
            };
            // Twice the same slot, or a zero, which is what every other slot holds.
            let fresh =
                read.is_some_and(|(slot, word)| !word.is_zero() && value.insert(slot, word).is_none());
            if !fresh {
                let expected = "each slot once, with a word that is not zero, both in hexadecimal after `0x`";
                self.wrong(&format!("{path}.{slot}"), word, expected, "write {\"0x0\": \"0x1\"}");
            }
        }
    }

    fn object<T>(&mut self, key: &'static str, value: &mut T, each: fn(&mut Self, &mut T)) {
        if let Some((path, found)) = self.take(key) {
            self.within(path, found, value, each);
        }
    }

    fn maybe<T: Default>(&mut self, key: &'static str, value: &mut Option<T>, each: fn(&mut Self, &mut T)) {
        let Some((path, found)) = self.take(key) else { return };
        if found.kind != Kind::Null {
            self.within(path, found, value.insert(T::default()), each);
        }
    }

    fn list<T: Default>(&mut self, key: &'static str, value: &mut Vec<T>, each: fn(&mut Self, &mut T)) {
        let Some((path, found)) = self.take(key) else { return };
        let Kind::Array(items) = &found.kind else {
            return self.wrong(&path, found, "a list", "write `[` … `]` here");
        };
        for (item, i) in items.iter().zip(0usize..) {
            let mut read = T::default();
            self.within(format!("{path}[{i}]"), item, &mut read, each);
            value.push(read);
        }
    }

    fn map<T: Default>(
        &mut self,
        key: &'static str,
        value: &mut BTreeMap<Address, T>,
        each: fn(&mut Self, &mut T),
    ) {
        let Some((path, found)) = self.take(key) else { return };
        let Kind::Object(entries) = &found.kind else {
            return self.wrong(&path, found, "an object of accounts by address", "write `{` … `}` here");
        };
        for (name, item) in entries {
            let fresh = address(name).filter(|address| !value.contains_key(address));
            let Some(address) = fresh else {
                let message = format!("expected each address once, found {name:?}");
                self.problem(item.place, Broken::new(path.clone(), message, ADDRESS.1));
                continue;
            };
            let mut read = T::default();
            self.within(format!("{path}.{address}"), item, &mut read, each);
            value.insert(address, read);
        }
    }
}

const ADDRESS: (&str, &str) = ("an address", "write 40 hexadecimal digits after `0x`");

fn address(text: &str) -> Option<Address> {
    let mut out = [0; 20];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut out).ok().map(|()| Address::from(out))
}

fn storage_word(text: &str) -> Option<U256> {
    let digits = text.strip_prefix("0x").filter(|digits| (1..=64).contains(&digits.len()))?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if plain { U256::from_str_radix(digits, 16).ok() } else { None }
}

fn whole(range: &RangeInclusive<u64>) -> String {
    match range.start() == range.end() {
        true => format!("the number {}", range.start()),
        false => format!("a whole number from {} to {}", range.start(), range.end()),
    }
}
