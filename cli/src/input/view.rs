//! Walks a JSON document by key path, so that every complaint names the place, the path and what was expected.

use super::{
    date,
    decimal::{self, Excess},
    json::{Kind, Place, Value},
};
use alloy_primitives::I256;
use std::collections::BTreeSet;
use thiserror::Error;

/// Says what is wrong with a value of a document and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {path}: expected {expected}, found {found}")]
pub(crate) struct ViewError {
    pub(crate) place: Place,
    pub(crate) path: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

/// Is a value together with the path that leads to it (`steps[3].from`).
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) value: &'a Value,
    pub(crate) path: String,
}

impl<'a> View<'a> {
    /// Starts at the document's root.
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// Complains about this value.
    pub(crate) fn error(&self, expected: impl Into<String>) -> ViewError {
        let found = match &self.value.kind {
            Kind::String(text) => format!("{text:?}"),
            Kind::Number(text) => text.clone(),
            Kind::Bool(value) => value.to_string(),
            other => other.name().to_string(),
        };
        self.error_found(expected, found)
    }

    /// Complains about this value in other words than the value itself.
    pub(crate) fn error_found(&self, expected: impl Into<String>, found: impl Into<String>) -> ViewError {
        let path = if self.path.is_empty() { "the document".to_string() } else { self.path.clone() };
        ViewError { place: self.value.place, path, expected: expected.into(), found: found.into() }
    }

    /// Reads an object whose keys are known; see [`Fields::finish`].
    pub(crate) fn fields(&self) -> Result<Fields<'a>, ViewError> {
        let entries = self.entries()?;
        Ok(Fields { owner: self.clone(), entries, asked: BTreeSet::new() })
    }

    /// Reads an object whose keys are names given by the user.
    pub(crate) fn entries(&self) -> Result<Vec<(&'a str, View<'a>)>, ViewError> {
        let Kind::Object(fields) = &self.value.kind else { return Err(self.error("an object")) };
        Ok(fields.iter().map(|(key, value)| (key.as_str(), self.child(key, value))).collect())
    }

    fn child(&self, key: &str, value: &'a Value) -> View<'a> {
        let path = if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) };
        View { value, path }
    }

    /// Reads a list.
    pub(crate) fn list(&self) -> Result<Vec<View<'a>>, ViewError> {
        let Kind::Array(items) = &self.value.kind else { return Err(self.error("a list")) };
        let item = |(i, value)| View { value, path: format!("{}[{i}]", self.path) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Reads a string.
    pub(crate) fn string(&self) -> Result<&'a str, ViewError> {
        match &self.value.kind {
            Kind::String(text) => Ok(text),
            _ => Err(self.error("a string")),
        }
    }

    /// Reads the text of a string or of a number.
    pub(crate) fn text(&self) -> Result<&'a str, ViewError> {
        match &self.value.kind {
            Kind::String(text) | Kind::Number(text) => Ok(text),
            _ => Err(self.error("a string or a number")),
        }
    }

    /// Reads a small count.
    pub(crate) fn count(&self) -> Result<u64, ViewError> {
        let text = self.text()?;
        text.trim().parse().map_err(|_| self.error("a whole number"))
    }

    /// Reads an exact 18-decimal number, given as a number or as a string with blanks around it.
    pub(crate) fn decimal(&self, excess: Excess) -> Result<I256, ViewError> {
        let text = self.text()?;
        decimal::parse(text, excess).map_err(|why| self.error(format!("a decimal number ({why})")))
    }

    /// Reads a point in time as seconds since 1970 in UTC.
    pub(crate) fn date(&self) -> Result<u64, ViewError> {
        let text = self.string()?;
        date::parse(text).map_err(|why| self.error(format!("a date such as 2013-01-31T00:00:00 ({why})")))
    }

    /// Reads one of the listed words.
    pub(crate) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ViewError> {
        let text = self.string()?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let list: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.error(format!("one of {}", list.join(", ")))
        })
    }
}

/// Takes the known keys of an object one by one and refuses the rest.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    owner: View<'a>,
    entries: Vec<(&'a str, View<'a>)>,
    asked: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    /// Takes a key that may be absent; `null` counts as absent.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<View<'a>> {
        self.asked.insert(key);
        let found = self.entries.iter().find(|(name, _)| *name == key)?;
        (found.1.value.kind != Kind::Null).then(|| found.1.clone())
    }

    /// Takes a key that must be there.
    pub(crate) fn need(&mut self, key: &'static str) -> Result<View<'a>, ViewError> {
        self.take(key).ok_or_else(|| self.owner.error_found(format!("the key `{key}`"), "none"))
    }

    /// Says whether the object has this key, without taking it.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| *name == key)
    }

    /// Refuses keys that nothing has asked for, naming the ones it knows.
    pub(crate) fn finish(self) -> Result<(), ViewError> {
        let Some((key, view)) = self.entries.iter().find(|(key, _)| !self.asked.contains(key)) else {
            return Ok(());
        };
        let known: Vec<_> = self.asked.iter().copied().collect();
        Err(view
            .error_found(format!("one of the keys {}", known.join(", ")), format!("the unknown key `{key}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json::parse;

    #[test]
    fn names_path_and_place() {
        let value = parse("{\"a\":[{\"b\":\"x\"}]}").unwrap();
        let root = View::root(&value);
        let mut fields = root.fields().unwrap();
        let list = fields.need("a").unwrap().list().unwrap();
        let error = list[0].fields().unwrap().need("b").unwrap().count().unwrap_err();
        assert_eq!(error.to_string(), "1:12: a[0].b: expected a whole number, found \"x\"");
    }

    #[test]
    fn refuses_unknown_and_missing_keys() {
        let value = parse("{\"a\":1,\"z\":2}").unwrap();
        let mut fields = View::root(&value).fields().unwrap();
        assert!(fields.take("a").is_some());
        let error = fields.need("b").unwrap_err();
        assert_eq!(error.to_string(), "1:1: the document: expected the key `b`, found none");
        let error = fields.finish().unwrap_err();
        assert_eq!(error.to_string(), "1:12: z: expected one of the keys a, b, found the unknown key `z`");
    }

    #[test]
    fn reads_words_dates_and_decimals() {
        let value = parse("[\"on\", \"2013-01-31\", \" 1.5\", 2.5]").unwrap();
        let list = View::root(&value).list().unwrap();
        assert_eq!(list[0].one_of(&[("on", 1), ("off", 2)]), Ok(1));
        assert_eq!(list[1].one_of(&[("on", 1)]).unwrap_err().expected, "one of on");
        assert_eq!(list[1].date(), Ok(1_359_590_400));
        assert_eq!(list[2].decimal(Excess::Refuse).map(decimal::show), Ok("1.5".into()));
        assert_eq!(list[3].decimal(Excess::Refuse).map(decimal::show), Ok("2.5".into()));
        assert!(list[0].decimal(Excess::Refuse).is_err());
    }
}
