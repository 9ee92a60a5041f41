//! Parses JSON into values that remember their line and column and keep every number's text.
//!
//! A general reader would turn `25.4794520547945` into a binary float and forget where it stood; both
//! would show in a comparison or in an error message.

use thiserror::Error;

/// Bounds nesting, so that no input can exhaust the stack.
const DEPTH_MAX: usize = 64;

/// Is a place in a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Is a JSON value at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Where it begins.
    pub place: Place,
    /// What it holds.
    pub kind: Kind,
}

/// Is what a JSON value holds; objects keep the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The number as written.
    Number(String),
    /// A string without its escapes.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// An object; no key stands twice.
    Object(Vec<(String, Value)>),
}

impl Kind {
    /// Names the kind for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// Says where JSON text stops being JSON.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: expected {expected}, found {found}")]
pub struct SyntaxError {
    /// Where.
    pub place: Place,
    /// What could stand there.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

/// Parses one JSON document. A repeated key is an error, since one of its values would be lost. Errors: text that is
/// not JSON, or nested deeper than 64 levels.
pub fn parse(text: &str) -> Result<Value, SyntaxError> {
    let mut parser = Parser { rest: text.chars().peekable(), place: Place { line: 1, column: 1 } };
    let value = parser.value(0)?;
    parser.blanks();
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.expected("the end of the file")),
    }
}

struct Parser<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    place: Place,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.place = Place { line: self.place.line + 1, column: 1 };
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\r' | '\n')) {
            self.next();
        }
    }

    fn expected(&mut self, expected: &'static str) -> SyntaxError {
        let found = self.peek().map_or_else(|| "the end of the file".to_string(), |c| format!("`{c}`"));
        SyntaxError { place: self.place, expected, found }
    }

    fn value(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.blanks();
        let place = self.place;
        if depth > DEPTH_MAX {
            return Err(self.expected("at most 64 levels of nesting"));
        }
        let kind = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"') => Kind::String(self.string()?),
            Some(c) if c == '-' || c.is_ascii_digit() => Kind::Number(self.number()?),
            Some('t' | 'f' | 'n') => self.word(place)?,
            _ => return Err(self.expected("a value")),
        };
        Ok(Value { place, kind })
    }

    fn object(&mut self, depth: usize) -> Result<Kind, SyntaxError> {
        self.next();
        let mut fields: Vec<(String, Value)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        self.blanks();
        if self.peek() == Some('}') {
            self.next();
            return Ok(Kind::Object(fields));
        }
        loop {
            self.blanks();
            let place = self.place;
            if self.peek() != Some('"') {
                return Err(self.expected("a key in quotes"));
            }
            let key = self.string()?;
            if !seen.insert(key.clone()) {
                let found = format!("`{key}` again");
                return Err(SyntaxError { place, expected: "each key once", found });
            }
            self.blanks();
            if self.peek() != Some(':') {
                return Err(self.expected("`:` after a key"));
            }
            self.next();
            fields.push((key, self.value(depth + 1)?));
            if self.ends('}', "`,` or `}`")? {
                return Ok(Kind::Object(fields));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Kind, SyntaxError> {
        self.next();
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == Some(']') {
            self.next();
            return Ok(Kind::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.ends(']', "`,` or `]`")? {
                return Ok(Kind::Array(items));
            }
        }
    }

    /// Takes a comma (false) or the closing bracket (true).
    fn ends(&mut self, close: char, expected: &'static str) -> Result<bool, SyntaxError> {
        self.blanks();
        match self.peek() {
            Some(',') => {
                self.next();
                Ok(false)
            }
            Some(c) if c == close => {
                self.next();
                Ok(true)
            }
            _ => Err(self.expected(expected)),
        }
    }

    fn word(&mut self, place: Place) -> Result<Kind, SyntaxError> {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_alphabetic) {
            word.push(c);
            self.next();
        }
        match word.as_str() {
            "true" => Ok(Kind::Bool(true)),
            "false" => Ok(Kind::Bool(false)),
            "null" => Ok(Kind::Null),
            _ => Err(SyntaxError { place, expected: "a value", found: format!("`{word}`") }),
        }
    }

    fn number(&mut self) -> Result<String, SyntaxError> {
        let mut text = String::new();
        self.take_if(&mut text, |c| c == '-');
        let leading_zero = self.peek() == Some('0');
        let whole = self.digits(&mut text)?;
        if leading_zero && whole > 1 {
            return Err(self.expected("a number without leading zeros"));
        }
        if self.take_if(&mut text, |c| c == '.') {
            self.digits(&mut text)?;
        }
        if self.take_if(&mut text, |c| c == 'e' || c == 'E') {
            self.take_if(&mut text, |c| c == '-' || c == '+');
            self.digits(&mut text)?;
        }
        Ok(text)
    }

    fn take_if(&mut self, text: &mut String, accept: impl Fn(char) -> bool) -> bool {
        let Some(c) = self.peek().filter(|c| accept(*c)) else { return false };
        text.push(c);
        self.next();
        true
    }

    fn digits(&mut self, text: &mut String) -> Result<usize, SyntaxError> {
        let mut count = 0;
        while self.take_if(text, |c| c.is_ascii_digit()) {
            count += 1;
        }
        if count == 0 { Err(self.expected("a digit")) } else { Ok(count) }
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        self.next();
        let mut text = String::new();
        loop {
            match self.peek() {
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => text.push(self.escape()?),
                Some(c) if c >= ' ' => {
                    text.push(c);
                    self.next();
                }
                _ => return Err(self.expected("a closing `\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        self.next();
        let plain = match self.peek() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(),
            _ => return Err(self.expected("an escape such as `\\n`")),
        };
        self.next();
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.hex4()?;
        let code = if (0xd800..0xdc00).contains(&first) && self.peek() == Some('\\') {
            self.next();
            let second = if self.peek() == Some('u') { self.hex4()? } else { 0 };
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.expected("the second half of a surrogate pair"));
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.expected("a Unicode character"))
    }

    /// Takes `u` and four hexadecimal digits.
    fn hex4(&mut self) -> Result<u32, SyntaxError> {
        self.next();
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                return Err(self.expected("a hexadecimal digit"));
            };
            code = code * 16 + digit;
            self.next();
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(text: &str, place: (usize, usize), expected: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!((error.place.line, error.place.column), place, "{error}");
        assert_eq!(error.expected, expected, "{error}");
    }

    #[test]
    fn keeps_numbers_as_written_and_places() {
        let value = parse("{\n  \"a\": [25.4794520547945, -1e-3]\n}").unwrap();
        let Kind::Object(fields) = value.kind else { panic!() };
        assert_eq!(fields[0].1.place, Place { line: 2, column: 8 });
        let Kind::Array(items) = &fields[0].1.kind else { panic!() };
        assert_eq!(items[0].kind, Kind::Number("25.4794520547945".into()));
        assert_eq!(items[1].kind, Kind::Number("-1e-3".into()));
    }

    #[test]
    fn reads_escapes() {
        let value = parse(r#""a\"\\\n\u00e9\ud83d\ude00""#).unwrap();
        assert_eq!(value.kind, Kind::String("a\"\\\né😀".into()));
    }

    #[test]
    fn names_the_place_of_an_error() {
        fails("{\n \"a\" 1}", (2, 6), "`:` after a key");
        fails("[1 2]", (1, 4), "`,` or `]`");
        fails("{\"a\":1,\"a\":2}", (1, 8), "each key once");
        fails("[01]", (1, 4), "a number without leading zeros");
        fails("\"abc", (1, 5), "a closing `\"`");
        fails("1 x", (1, 3), "the end of the file");
        fails("", (1, 1), "a value");
        fails("nul", (1, 1), "a value");
        fails(r#""\ud800x""#, (1, 8), "a Unicode character");
    }

    #[test]
    fn bounds_nesting() {
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
