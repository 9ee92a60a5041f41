//! Reads the values of TOML.

use super::{Located, Reader, TomlError, Value};

/// How deep lists and inline tables may nest.
const DEPTH_MAX: usize = 64;

impl Reader<'_> {
    pub(super) fn value(&mut self, depth: usize) -> Result<Located, TomlError> {
        if depth > DEPTH_MAX {
            return Err(self.error("lists are nested too deep"));
        }
        let line = self.line;
        let value = match self.peek() {
            Some('"' | '\'') => Value::Text(self.text()?),
            Some('[') => self.list(depth)?,
            Some('{') => self.table(depth)?,
            _ => self.word()?,
        };
        Ok(Located { line, value })
    }

    fn list(&mut self, depth: usize) -> Result<Value, TomlError> {
        self.take("[");
        let mut items = Vec::new();
        loop {
            self.skip_lines();
            if self.take("]") {
                return Ok(Value::List(items));
            }
            items.push(self.value(depth + 1)?);
            self.skip_lines();
            if !self.take(",") && self.peek() != Some(']') {
                return Err(self.error("`,` or `]` is missing"));
            }
        }
    }

    fn table(&mut self, depth: usize) -> Result<Value, TomlError> {
        self.take("{");
        let mut entries = Vec::new();
        loop {
            self.skip_lines();
            if self.take("}") {
                return Ok(Value::Table(entries));
            }
            entries.push(self.pair(depth + 1)?);
            self.skip_lines();
            if !self.take(",") && self.peek() != Some('}') {
                return Err(self.error("`,` or `}` is missing"));
            }
        }
    }

    /// Reads what stands without quotes.
    fn word(&mut self) -> Result<Value, TomlError> {
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || "+-_.:".contains(c));
        let number = word.trim_start_matches(['+', '-']);
        match word.as_str() {
            "" => Err(self.error("a value is missing")),
            "true" => Ok(Value::Flag(true)),
            "false" => Ok(Value::Flag(false)),
            _ => match integer(&word) {
                Some(found) => Ok(Value::Number(found)),
                None if number.starts_with(|c: char| c.is_ascii_digit())
                    || ["inf", "nan"].contains(&number) =>
                {
                    Ok(Value::Other(word))
                }
                None => Err(self.error(format!("`{word}` is no value"))),
            },
        }
    }

    /// Reads a string of any of the four kinds.
    pub(super) fn text(&mut self) -> Result<String, TomlError> {
        for quote in ["\"\"\"", "'''"] {
            if self.take(quote) {
                // An end of line right after the quotes is no part of the text.
                self.line += usize::from(self.take("\r\n") || self.take("\n"));
                return self.text_to(quote);
            }
        }
        let quote = if self.take("\"") { "\"" } else { "'" };
        if quote == "'" {
            self.take("'");
        }
        self.text_to(quote)
    }

    fn text_to(&mut self, quote: &str) -> Result<String, TomlError> {
        let mut text = String::new();
        loop {
            if self.take(quote) {
                return Ok(text);
            }
            match self.peek() {
                None => return Err(self.error("the string does not end")),
                Some('\n') if quote.len() == 1 => return Err(self.error("the string does not end")),
                Some('\\') if quote.starts_with('"') => text.extend(self.escape()?),
                Some(c) => {
                    text.push(c);
                    self.next();
                }
            }
        }
    }

    /// Reads an escape; one at the end of a line stands for nothing.
    fn escape(&mut self) -> Result<Option<char>, TomlError> {
        self.take("\\");
        let Some(name) = self.next() else { return Err(self.error("the string does not end")) };
        let found = match name {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            '"' | '\\' => name,
            'u' | 'U' => return self.code_point(if name == 'u' { 4 } else { 8 }).map(Some),
            '\n' | '\r' => {
                while self.peek().is_some_and(char::is_whitespace) {
                    self.next();
                }
                return Ok(None);
            }
            other => return Err(self.error(format!("`\\{other}` is no escape"))),
        };
        Ok(Some(found))
    }

    fn code_point(&mut self, digits: usize) -> Result<char, TomlError> {
        let found = self.rest.get(..digits).filter(|text| text.chars().all(|c| c.is_ascii_hexdigit()));
        let found = found.and_then(|text| char::from_u32(u32::from_str_radix(text, 16).ok()?));
        let Some(found) = found else { return Err(self.error("the escape names no character")) };
        self.rest = self.rest.get(digits..).unwrap_or("");
        Ok(found)
    }
}

fn integer(word: &str) -> Option<i128> {
    if word.starts_with('_') || word.ends_with('_') || word.contains("__") {
        return None;
    }
    let plain = word.replace('_', "");
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            let signed = digits.starts_with(['+', '-']);
            return if signed { None } else { i128::from_str_radix(digits, radix).ok() };
        }
    }
    plain.parse().ok()
}
