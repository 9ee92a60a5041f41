//! Reports what is wrong with a program: stable codes, places, notes and a way to fix it.

use crate::source::{SourceMap, Span};
use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, sources};
use std::collections::BTreeMap;

pub mod codes;
pub mod pages;

pub use codes::{Code, Finding};

/// Says how bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is produced.
    Error,
    /// The program compiles but looks wrong.
    Warning,
}

/// Is one finding about a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// The number that solc gives to the same finding, where it has one; standard JSON reports it as `errorCode`.
    pub solc: Option<u16>,
    /// How bad it is.
    pub severity: Severity,
    /// The primary place.
    pub span: Span,
    /// One short sentence.
    pub message: String,
    /// Other places or facts that explain it.
    pub notes: Vec<Note>,
    /// How to fix it.
    pub help: Option<String>,
}

/// Explains a diagnostic further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The place the note speaks of, if any.
    pub span: Option<Span>,
    /// The text.
    pub text: String,
}

impl Diagnostic {
    /// Makes an error; `finding` is a code of ours, with solc's number by [`Code::solc`] where there is one.
    pub fn error(finding: impl Into<Finding>, span: Span, message: impl Into<String>) -> Self {
        let (Finding { code, solc }, message) = (finding.into(), message.into());
        Self { code, solc, severity: Severity::Error, span, message, notes: Vec::new(), help: None }
    }

    /// Makes a warning.
    pub fn warning(finding: impl Into<Finding>, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(finding, span, message) }
    }

    /// Names the number that solc gives to the same finding.
    #[must_use]
    pub fn solc(mut self, number: u16) -> Self {
        self.solc = Some(number);
        self
    }

    /// Says how to fix it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note { span: None, text: text.into() });
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.notes.push(Note { span: Some(span), text: text.into() });
        self
    }
}

/// Collects the diagnostics of a run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds several.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(diagnostics);
    }

    /// Lists them in the order of [`Diagnostics::sort`] once sorted, else in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Is true when nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Is true when at least one is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Leaves only the errors: warnings about a program that does not compile would be guesses.
    pub fn drop_warnings(&mut self) {
        self.list.retain(|d| d.severity == Severity::Error);
    }

    /// Orders by file and place and drops exact repetitions.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            (a.span, a.severity, a.code.id, &a.message).cmp(&(b.span, b.severity, b.code.id, &b.message))
        });
        self.list.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
    }

    /// Renders all of them for a terminal.
    pub fn render(&self, map: &SourceMap, color: bool) -> String {
        self.list.iter().map(|d| render(d, map, color)).collect()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

type Place = (String, std::ops::Range<usize>);

/// Renders one diagnostic with its source lines. Falls back to one plain line when its file is unknown.
pub fn render(diagnostic: &Diagnostic, map: &SourceMap, color: bool) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => ReportKind::Error,
        Severity::Warning => ReportKind::Warning,
    };
    let tint = if diagnostic.severity == Severity::Error { Color::Red } else { Color::Yellow };
    let place = place(diagnostic.span, map);
    let mut report = Report::build(kind, place.clone())
        .with_config(Config::default().with_color(color).with_index_type(IndexType::Byte))
        .with_code(diagnostic.code.id)
        .with_message(&diagnostic.message)
        .with_label(Label::new(place).with_message(diagnostic.code.title).with_color(tint));
    for note in &diagnostic.notes {
        match note.span {
            Some(span) => {
                let label = Label::new(self::place(span, map)).with_message(&note.text);
                report = report.with_label(label.with_color(Color::Cyan));
            }
            None => report = report.with_note(&note.text),
        }
    }
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    let mut out = Vec::new();
    match report.finish().write(sources(texts(diagnostic, map)), &mut out) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(_) => plain(diagnostic, map),
    }
}

/// Renders one diagnostic as `file:line:column: error[CODE]: message`.
pub fn plain(diagnostic: &Diagnostic, map: &SourceMap) -> String {
    let name = map.file(diagnostic.span.file).map_or("<unknown>", |f| f.name());
    let at = map.line_col(diagnostic.span).map_or(String::new(), |p| format!(":{}:{}", p.line, p.column));
    let kind = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
    format!("{name}{at}: {kind}[{}]: {}\n", diagnostic.code.id, diagnostic.message)
}

fn place(span: Span, map: &SourceMap) -> Place {
    let Some(file) = map.file(span.file) else {
        return ("<unknown>".to_owned(), span.start as usize..span.end as usize);
    };
    // A place may end within a character where solc, which counts bytes, stops there.
    let text = file.text();
    let within = |at: u32| (0..=(at as usize).min(text.len())).rev().find(|i| text.is_char_boundary(*i));
    let start = within(span.start).unwrap_or(0);
    let end = (span.end as usize..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
    (file.name().to_owned(), start..end.max(start))
}

fn texts(diagnostic: &Diagnostic, map: &SourceMap) -> Vec<(String, String)> {
    let spans = std::iter::once(diagnostic.span).chain(diagnostic.notes.iter().filter_map(|n| n.span));
    let files: BTreeMap<_, _> = spans.filter_map(|s| Some((s.file, map.file(s.file)?))).collect();
    files.into_values().map(|f| (f.name().to_owned(), f.text().to_owned())).collect()
}
