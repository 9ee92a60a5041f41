//! Reads a genesis file and remembers where everything stood, so that a problem names its line.

mod values;

use super::{
    Broken, Problem,
    check::{self, Stage},
    fields,
    file::GenesisFile,
};
use crate::json::{self, Kind, Place, Value};
use std::collections::{BTreeMap, BTreeSet};

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
