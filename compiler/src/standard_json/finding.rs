//! Writes what is wrong in solc's form.

use crate::diag::{Code, Diagnostic, Severity};
use crate::source::{SourceMap, Span};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Is one entry of `errors`.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    kind: &'static str,
    is_error: bool,
    solc: Option<u16>,
    code: Option<Code>,
    message: String,
    formatted: String,
    place: Option<Place>,
    others: Vec<(Place, String)>,
}

/// Is a place in a source, in bytes.
#[derive(Debug, Clone)]
struct Place {
    file: String,
    start: u32,
    end: u32,
}

impl Place {
    fn of(span: Span, map: &SourceMap) -> Option<Self> {
        let file = map.file(span.file)?.name().to_owned();
        Some(Self { file, start: span.start, end: span.end })
    }

    fn to_json(&self) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("file".into(), json!(self.file));
        out.insert("start".into(), json!(self.start));
        out.insert("end".into(), json!(self.end));
        out
    }
}

impl Finding {
    /// Makes an error that has no place in a source.
    pub(super) fn general(kind: &'static str, message: &str) -> Self {
        Self {
            kind,
            is_error: true,
            solc: None,
            code: None,
            message: message.to_owned(),
            formatted: format!("{kind}: {message}\n\n"),
            place: None,
            others: Vec::new(),
        }
    }
    /// Takes over what the compiler found.
    pub(super) fn from_diagnostic(found: &Diagnostic, map: &SourceMap) -> Self {
        let others =
            found.notes.iter().filter_map(|n| Some((Place::of(n.span?, map)?, n.text.clone()))).collect();
        Self {
            kind: kind(found),
            is_error: found.severity == Severity::Error,
            solc: found.solc,
            code: Some(found.code),
            message: found.message.clone(),
            formatted: formatted(found, map),
            place: Place::of(found.span, map),
            others,
        }
    }

    /// Is true when the request has no result because of it.
    pub(super) fn is_error(&self) -> bool {
        self.is_error
    }

    /// Writes the entry. Tools read `errorCode` as a number, so it is there only where solc has one; our own code
    /// stands beside it.
    pub(super) fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("component".into(), json!("general"));
        out.insert("type".into(), json!(self.kind));
        out.insert("severity".into(), json!(if self.is_error { "error" } else { "warning" }));
        out.insert("message".into(), json!(self.message));
        out.insert("formattedMessage".into(), json!(self.formatted));
        if let Some(number) = self.solc {
            out.insert("errorCode".into(), json!(number.to_string()));
        }
        if let Some(code) = self.code {
            out.insert("fusorCode".into(), json!(code.id));
        }
        if let Some(place) = &self.place {
            out.insert("sourceLocation".into(), Value::Object(place.to_json()));
        }
        if !self.others.is_empty() {
            let others = self.others.iter().map(|(place, text)| {
                let mut other = place.to_json();
                other.insert("message".into(), json!(text));
                Value::Object(other)
            });
            out.insert("secondarySourceLocations".into(), others.collect());
        }
        Value::Object(out)
    }
}

/// Returns solc's class of a finding, by the group of our code.
fn kind(found: &Diagnostic) -> &'static str {
    if found.severity == Severity::Warning {
        return "Warning";
    }
    match found.code.id.get(..3) {
        Some("E01" | "E02" | "D01") => "ParserError",
        Some("E03") => "DeclarationError",
        Some("E09") => "UnimplementedFeatureError",
        _ => "TypeError",
    }
}

fn formatted(found: &Diagnostic, map: &SourceMap) -> String {
    let mut text = format!("{}: {}\n{}", kind(found), found.message, excerpt(found.span, map));
    // Writing to a String cannot fail.
    for note in &found.notes {
        let _ = writeln!(text, "Note: {}", note.text);
        if let Some(span) = note.span {
            text.push_str(&excerpt(span, map));
        }
    }
    if let Some(help) = &found.help {
        let _ = writeln!(text, "Help: {help}");
    }
    let _ = writeln!(text, "Code: {}\n", found.code.id);
    text
}

/// Shows the line of a place with the place underlined.
fn excerpt(span: Span, map: &SourceMap) -> String {
    let (Some(file), Some(at)) = (map.file(span.file), map.line_col(span)) else { return String::new() };
    let line = file.text().lines().nth((at.line as usize).saturating_sub(1)).unwrap_or("");
    let before = (at.column as usize).saturating_sub(1);
    let room = line.chars().count().saturating_sub(before);
    let length = map.text(span).lines().next().map_or(0, |text| text.chars().count());
    let number = at.line.to_string();
    let margin = " ".repeat(number.len());
    let indent: String = line.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!(
        "{margin}--> {}:{}:{}:\n{margin} |\n{number} | {line}\n{margin} | {indent}{}\n",
        file.name(),
        at.line,
        at.column,
        "^".repeat(length.min(room).max(1)),
    )
}
