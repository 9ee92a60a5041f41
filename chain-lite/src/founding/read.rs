//! Reads a genesis file and remembers where everything stood, so that a problem names its line.

use super::{
    Broken, Problem, amount,
    check::{self, Stage},
    fields::{self, Visitor},
    file::{GenesisFile, Target},
};
use crate::json::{self, Kind, Place, Value};
use alloy_primitives::{Address, Bytes, U256, hex};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

/// Bounds names, in bytes.
const NAME_MAX: usize = 64;

pub(super) fn read(text: &str, stage: Stage) -> Result<GenesisFile, Vec<Problem>> {
    let value = json::parse(text).map_err(|error| vec![syntax(&error)])?;
    let mut file = GenesisFile::default();
    let mut reader = Reader::default();
    reader.within(String::new(), &value, &mut file, fields::file);
    let Reader { mut problems, places, .. } = reader;
    if let Err(broken) = check::check(&file, stage) {
        let sure = broken.into_iter().filter(|broken| is_sure(&broken.path, &problems));
        let found: Vec<_> = sure.map(|broken| Problem::at(find(&places, &broken.path), broken)).collect();
        problems.extend(found);
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

fn syntax(error: &json::SyntaxError) -> Problem {
    let message = format!("expected {}, found {}", error.expected, error.found);
    Problem::at(error.place, Broken::new("", message, "write the file as JSON"))
}

/// Says whether a broken rule would be broken too if what could not be read had been right.
fn is_sure(path: &str, problems: &[Problem]) -> bool {
    let clean = |part: &str| {
        !problems.iter().any(|problem| problem.path.is_empty() || problem.path.starts_with(part))
    };
    match path.split(['.', '[']).next() {
        Some("chain") => clean("chain"),
        Some("consensus") => clean("consensus") && clean("economics"),
        Some("accounts") => clean("accounts") && clean("economics"),
        _ => problems.is_empty(),
    }
}

/// Finds the place of a value, or of the nearest one around it that is written.
fn find(places: &BTreeMap<String, Place>, path: &str) -> Place {
    let mut path = path;
    loop {
        if let Some(place) = places.get(path) {
            return *place;
        }
        path = path.rfind(['.', '[']).and_then(|end| path.get(..end)).unwrap_or("");
        if path.is_empty() {
            return places.get("").copied().unwrap_or(Place { line: 1, column: 1 });
        }
    }
}

/// Reads the keys of one object after the other.
#[derive(Default)]
struct Reader<'a> {
    entries: &'a [(String, Value)],
    place: Place,
    path: String,
    asked: BTreeSet<&'static str>,
    problems: Vec<Problem>,
    places: BTreeMap<String, Place>,
}

impl<'a> Reader<'a> {
    /// Reads an object; what is around it is as before afterwards.
    fn within<T>(&mut self, path: String, value: &'a Value, into: &mut T, each: fn(&mut Self, &mut T)) {
        self.places.insert(path.clone(), value.place);
        let Kind::Object(entries) = &value.kind else {
            return self.wrong(&path, value, "an object", "write `{` … `}` here");
        };
        let outer = (self.entries, self.place, std::mem::take(&mut self.asked));
        let outer_path = std::mem::replace(&mut self.path, path);
        (self.entries, self.place) = (entries, value.place);
        each(self, into);
        self.refuse_unknown();
        (self.entries, self.place, self.asked) = outer;
        self.path = outer_path;
    }

    fn refuse_unknown(&mut self) {
        let known: Vec<_> = self.asked.iter().map(|key| format!("`{key}`")).collect();
        let known = known.join(", ");
        for (key, value) in self.entries {
            if !self.asked.contains(key.as_str()) {
                let path = self.join(key);
                let message = "expected a known key, found one that nothing reads";
                self.problem(
                    value.place,
                    Broken::new(path, message, format!("use one of {known}, or remove it")),
                );
            }
        }
    }

    fn take(&mut self, key: &'static str) -> Option<(String, &'a Value)> {
        self.asked.insert(key);
        let value = self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)?;
        let path = self.join(key);
        self.places.insert(path.clone(), value.place);
        Some((path, value))
    }

    fn join(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    fn problem(&mut self, place: Place, broken: Broken) {
        self.problems.push(Problem::at(place, broken));
    }

    fn wrong(&mut self, path: &str, value: &Value, expected: &str, help: &str) {
        let found = match &value.kind {
            Kind::String(text) if text.len() <= NAME_MAX => format!("{text:?}"),
            Kind::Number(text) if text.len() <= NAME_MAX => text.clone(),
            Kind::Bool(value) => value.to_string(),
            other => other.name().to_string(),
        };
        let message = format!("expected {expected}, found {found}");
        self.problem(value.place, Broken::new(path, message, help));
    }

    /// Reads a string by `parse`.
    fn parsed<T>(
        &mut self,
        key: &'static str,
        value: &mut T,
        (expected, help): (&str, &str),
        parse: impl FnOnce(&str) -> Option<T>,
    ) {
        let Some((path, found)) = self.take(key) else { return };
        let read = match &found.kind {
            Kind::String(text) => parse(text),
            _ => None,
        };
        match read {
            Some(read) => *value = read,
            None => self.wrong(&path, found, expected, help),
        }
    }
}

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
