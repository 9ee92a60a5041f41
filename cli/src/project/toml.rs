//! Reads TOML as far as project files need it, with the line of every value.
//!
//! Strings, booleans, integers, arrays and inline tables are read in full; floats and dates are kept as text.

mod value;

use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Says what is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{line}: {message}")]
pub(crate) struct TomlError {
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Is what a key stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Flag(bool),
    Number(i128),
    List(Vec<Located>),
    Table(Vec<(Vec<String>, Located)>),
    /// A float or a date.
    Other(String),
}

/// Is a value with its line, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Located {
    pub(crate) line: usize,
    pub(crate) value: Value,
}

/// Maps the full path of each key to its value.
pub(crate) type Document = BTreeMap<Vec<String>, Located>;

/// Reads a document.
///
/// # Errors
/// Names the first line that is not TOML.
pub(crate) fn parse(text: &str) -> Result<Document, TomlError> {
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    let (mut document, mut tables) = (Document::new(), BTreeSet::new());
    let mut table = Some(Vec::new());
    loop {
        reader.skip_lines();
        if reader.rest.is_empty() {
            return Ok(document);
        }
        if reader.take("[[") {
            reader.header("]]")?;
            // Elements of a list of tables have no path of their own, and no key of ours.
            table = None;
        } else if reader.take("[") {
            let path = reader.header("]")?;
            if !tables.insert(path.clone()) {
                return Err(reader.error(format!("the table `{}` is there twice", path.join("."))));
            }
            table = Some(path);
        } else {
            let (key, value) = reader.pair(0)?;
            if let Some(table) = &table {
                let path = table.iter().cloned().chain(key).collect();
                record(&mut document, path, value)?;
            }
        }
        reader.end_of_line()?;
    }
}

/// Files a value under its path, and what an inline table holds under the paths of its keys.
fn record(document: &mut Document, path: Vec<String>, value: Located) -> Result<(), TomlError> {
    if let Value::Table(entries) = value.value {
        for (key, value) in entries {
            record(document, path.iter().cloned().chain(key).collect(), value)?;
        }
        return Ok(());
    }
    let line = value.line;
    let name = path.join(".");
    match document.insert(path, value) {
        None => Ok(()),
        Some(_) => Err(TomlError { line, message: format!("the key `{name}` is there twice") }),
    }
}

/// Walks over a text.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn error(&self, message: impl Into<String>) -> TomlError {
        TomlError { line: self.line, message: message.into() }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let found = chars.next()?;
        self.rest = chars.as_str();
        self.line += usize::from(found == '\n');
        Some(found)
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (found, rest) = self.rest.split_at(end);
        self.rest = rest;
        found.to_owned()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Skips blanks, ends of lines and comments.
    fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some('#') => {
                    self.take_while(|c| c != '\n');
                }
                Some('\n' | '\r') => {
                    self.next();
                }
                _ => return,
            }
        }
    }

    fn end_of_line(&mut self) -> Result<(), TomlError> {
        self.skip_blanks();
        match self.peek() {
            None | Some('\n' | '\r' | '#') => Ok(()),
            Some(other) => Err(self.error(format!("`{other}` is too much here; the line should end"))),
        }
    }

    fn header(&mut self, end: &str) -> Result<Vec<String>, TomlError> {
        let path = self.key()?;
        if self.take(end) { Ok(path) } else { Err(self.error(format!("`{end}` is missing"))) }
    }

    /// Reads `key = value`.
    fn pair(&mut self, depth: usize) -> Result<(Vec<String>, Located), TomlError> {
        let key = self.key()?;
        if !self.take("=") {
            return Err(self.error(format!("`=` is missing after `{}`", key.join("."))));
        }
        self.skip_blanks();
        Ok((key, self.value(depth)?))
    }

    /// Reads a key, dotted or not, with the blanks around it.
    fn key(&mut self) -> Result<Vec<String>, TomlError> {
        let mut path = Vec::new();
        loop {
            self.skip_blanks();
            let part = match self.peek() {
                Some('"' | '\'') => self.text()?,
                _ => self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'),
            };
            if part.is_empty() {
                return Err(self.error("a key is missing"));
            }
            path.push(part);
            self.skip_blanks();
            if !self.take(".") {
                return Ok(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, path: &str) -> Option<Value> {
        let path: Vec<_> = path.split('/').map(str::to_owned).collect();
        parse(text).unwrap().get(&path).map(|found| found.value.clone())
    }

    #[test]
    fn values_are_read_by_their_paths() {
        let text = "a = 1_000 # one\r\n[p.\"x y\"]\nb = 'c:\\d'\nc = true\n[[l]]\nb = 2\n[q]\nd.e = \"\\u0041\\n\"\n\
                    f = { g = 0x10, h = [1.5, 'x', [], ] }\nt = \"\"\"\nmore\n\"\"\"\n";
        assert_eq!(get(text, "a"), Some(Value::Number(1000)));
        assert_eq!(get(text, "p/x y/b"), Some(Value::Text("c:\\d".into())));
        assert_eq!(get(text, "p/x y/c"), Some(Value::Flag(true)));
        assert_eq!(get(text, "l/b"), None);
        assert_eq!(get(text, "q/d/e"), Some(Value::Text("A\n".into())));
        assert_eq!(get(text, "q/f/g"), Some(Value::Number(16)));
        assert_eq!(get(text, "q/t"), Some(Value::Text("more\n".into())));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, message) in [
            ("a", "1: `=` is missing after `a`"),
            ("\na = ", "2: a value is missing"),
            ("a = 1\n\na = 2", "3: the key `a` is there twice"),
            ("[a]\n[a]", "2: the table `a` is there twice"),
            ("a = [1,\n2", "2: `,` or `]` is missing"),
            ("a = \"b\nc\"", "1: the string does not end"),
            ("a = 1 2", "1: `2` is too much here; the line should end"),
            ("a = yes", "1: `yes` is no value"),
            ("[a\nb = 1", "1: `]` is missing"),
            ("a = \"\\q\"", "1: `\\q` is no escape"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text}");
        }
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).unwrap_err().message.contains("deep"));
    }
}
