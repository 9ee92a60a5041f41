//! Writes nodes as JSON. Numbers are given as solc gives them: a node's parts come before the node.

use super::contract::Facts;
use super::declare::{DeclId, World};
use super::typer::{Note, Typer};
use super::types::T;
use crate::ast::{Ident, Path};
use crate::lexer::{Tokens, lex};
use crate::source::{FileId, Span};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Holds what is known of the program once it is checked.
pub(super) struct Known<'t, 'a> {
    pub typer: &'t Typer<'a>,
    pub facts: &'t Facts,
}

/// Writes the trees of a program.
pub(super) struct Emitter<'t, 'a> {
    pub w: &'t World<'a>,
    /// Absent where the program was only parsed.
    pub known: Option<Known<'t, 'a>>,
    pub evm_version: &'t str,
    /// The number of each file in `src`.
    pub index: &'t [u32],
    /// What tells blocks, lists and directives apart by place, as an earlier pass numbered them.
    pub scopes: &'t HashMap<(Part, Span), u32>,
    pub next: u32,
    pub numbers: HashMap<Span, u32>,
    pub units: Vec<u32>,
    pub parts: HashMap<(Part, Span), u32>,
    pub tokens: Tokens,
    pub file: FileId,
    /// The number of what declares the names that come next.
    pub scope: u32,
    pub returns: Option<u32>,
}

/// Says which node of several with one place is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Block,
    Loop,
    Clause,
    FunctionType,
    Returns,
}

pub(super) type Fields = Vec<(&'static str, Value)>;

impl<'t, 'a> Emitter<'t, 'a> {
    /// Reads a file's tokens, which places between names and brackets are taken from.
    pub(super) fn open(&mut self, file: FileId) {
        self.file = file;
        let text = self.w.sources.get(file as usize).map_or("", |s| s.text);
        self.tokens = lex(file, text).0;
    }

    /// Returns the text of the file at hand.
    pub(super) fn text(&self, span: Span) -> &'a str {
        let text = self.w.sources.get(span.file as usize).map_or("", |s| s.text);
        text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Finds the first token at or behind a place.
    pub(super) fn token_from(&self, at: u32) -> Span {
        let list = &self.tokens.list;
        let i = list.partition_point(|t| t.start < at);
        list.get(i).map_or(Span::new(self.file, at, at), |t| Span::new(self.file, t.start, t.end))
    }

    /// Finds the last token before a place.
    pub(super) fn token_before(&self, at: u32) -> Span {
        let list = &self.tokens.list;
        let i = list.partition_point(|t| t.end <= at);
        let token = i.checked_sub(1).and_then(|i| list.get(i));
        token.map_or(Span::new(self.file, at, at), |t| Span::new(self.file, t.start, t.end))
    }

    /// Leaves a closing semicolon out.
    pub(super) fn without_semicolon(&self, span: Span) -> Span {
        if !self.text(span).ends_with(';') {
            return span;
        }
        let last = self.token_before(span.end.saturating_sub(1));
        Span { end: last.end.max(span.start), ..span }
    }

    /// Spells a place.
    pub(super) fn src(&self, span: Span) -> String {
        let index = self.index.get(span.file as usize).copied().unwrap_or(span.file);
        format!("{}:{}:{index}", span.start, span.len())
    }

    pub(super) fn place(&self, name: Option<&Ident>) -> Value {
        name.map_or_else(|| "-1:-1:-1".into(), |n| self.src(n.span).into())
    }

    /// Makes a node and gives it the next number. Fields without a value are left out.
    pub(super) fn node(&mut self, kind: &str, span: Span, fields: Fields) -> Value {
        self.numbered(kind, span, fields).1
    }

    pub(super) fn numbered(&mut self, kind: &str, span: Span, fields: Fields) -> (u32, Value) {
        let id = self.next;
        self.next += 1;
        let mut map = Map::new();
        for (key, value) in fields {
            if !value.is_null() {
                map.insert(key.to_owned(), value);
            }
        }
        map.insert("id".into(), id.into());
        map.insert("nodeType".into(), kind.into());
        map.insert("src".into(), self.src(span).into());
        (id, Value::Object(map))
    }

    /// Makes the node of a declaration, whose number others refer to.
    pub(super) fn declaration(&mut self, kind: &str, key: Span, span: Span, fields: Fields) -> Value {
        let (id, value) = self.numbered(kind, span, fields);
        self.numbers.insert(key, id);
        value
    }

    /// Makes the node of something that is referred to as a scope or list.
    pub(super) fn part(&mut self, part: Part, key: Span, kind: &str, span: Span, fields: Fields) -> Value {
        let (id, value) = self.numbered(kind, span, fields);
        self.parts.insert((part, key), id);
        value
    }

    /// Returns the number that a scope has.
    pub(super) fn scope_id(&self, part: Part, key: Span) -> u32 {
        self.scopes.get(&(part, key)).copied().unwrap_or(0)
    }

    pub(super) fn decl_number(&self, span: Span) -> u32 {
        self.w.numbers.get(&span).copied().unwrap_or(0)
    }

    /// Returns what the walk found for an expression.
    pub(super) fn note(&self, span: Span) -> Option<&'t Note> {
        self.known.as_ref().and_then(|k| k.typer.notes.get(&span))
    }

    /// Spells a type; `bare` leaves data locations out of its readable form.
    pub(super) fn describe(&self, ty: Option<&T>, bare: bool) -> Value {
        match (ty, &self.known) {
            (Some(ty), Some(_)) => json!({
                "typeIdentifier": self.w.identifier(ty),
                "typeString": self.w.spell(ty, bare),
            }),
            _ => json!({}),
        }
    }

    /// Runs `work` with another scope for what is declared there.
    pub(super) fn within<X>(&mut self, scope: u32, work: impl FnOnce(&mut Self) -> X) -> X {
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = work(self);
        self.scope = outer;
        result
    }

    /// Writes a dotted name that is no expression.
    pub(super) fn identifier_path(&mut self, path: &Path) -> Value {
        let names: Vec<&str> = path.segments.iter().map(|s| &*s.name).collect();
        let places: Vec<String> = path.segments.iter().map(|s| self.src(s.span)).collect();
        let reference = self.path_reference(path.span);
        let fields = vec![
            ("name", names.join(".").into()),
            ("nameLocations", places.into()),
            ("referencedDeclaration", reference),
        ];
        self.node("IdentifierPath", path.span, fields)
    }

    /// Returns the number of what a dotted name stands for.
    pub(super) fn path_reference(&self, span: Span) -> Value {
        let found = self.known.as_ref().and_then(|k| k.typer.paths.get(&span)).and_then(|p| p.last());
        found.map_or(Value::Null, |id| self.w.json_id(*id).into())
    }

    pub(super) fn ids(&self, list: &[DeclId]) -> Value {
        list.iter().map(|id| self.w.json_id(*id)).collect::<Vec<_>>().into()
    }

    /// Reads the documentation comment right before a token, as solc does.
    pub(super) fn doc_before(&self, at: u32) -> Option<(Span, String)> {
        let index = self.tokens.list.partition_point(|t| t.start < at) as u32;
        let docs = &self.tokens.docs;
        let start = docs.partition_point(|(i, _)| *i < index);
        let spans: Vec<Span> =
            docs.iter().skip(start).take_while(|(i, _)| *i == index).map(|d| d.1).collect();
        let last = *spans.last()?;
        if self.text(last).starts_with("/*") {
            return Some((last, block_text(self.text(last))));
        }
        let mut first = spans.len() - 1;
        while let Some(before) = first.checked_sub(1).and_then(|i| spans.get(i)) {
            let here = spans.get(first).copied().unwrap_or(last);
            let between = self.text(Span { start: before.end, end: here.start, ..last });
            let joined = self.text(*before).starts_with("///")
                && between.bytes().all(|b| b.is_ascii_whitespace())
                && between.bytes().filter(|b| *b == b'\n').count() <= 1;
            if !joined {
                break;
            }
            first -= 1;
        }
        let lines: Vec<&str> = spans.iter().skip(first).map(|s| self.text(*s)).collect();
        // The scanner looks past the end of the line for another comment, and stays there if no blank follows.
        let behind = self.text(Span { start: last.end, end: last.end + 2, ..last });
        let passed = behind.starts_with('\n') && !behind.ends_with([' ', '\t']);
        let last = Span { end: last.end + u32::from(passed), ..last };
        let span = spans.get(first).copied().unwrap_or(last).to(last);
        Some((span, line_text(&lines)))
    }

    /// Writes the documentation of a declaration that starts at `at`.
    pub(super) fn documentation(&mut self, at: u32) -> Value {
        match self.doc_before(at) {
            Some((span, text)) => self.node("StructuredDocumentation", span, vec![("text", text.into())]),
            None => Value::Null,
        }
    }
}

/// Joins `///` lines; only the first loses its leading blanks, and empty ones are dropped.
fn line_text(lines: &[&str]) -> String {
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let body = line.strip_prefix("///").unwrap_or(line).trim_end_matches(['\n', '\r']);
        if i == 0 {
            out.push_str(body.trim_start_matches([' ', '\t']));
        } else if !body.is_empty() {
            out.push('\n');
            out.push_str(body);
        }
    }
    out
}

/// Reads the text between `/**` and `*/`; each line may start with one `*`.
fn block_text(comment: &str) -> String {
    let body = comment.strip_prefix("/**").unwrap_or(comment);
    let body = body.strip_suffix("*/").unwrap_or(body);
    let mut out = String::new();
    let mut lines = body.split('\n');
    if let Some(first) = lines.next() {
        out.push_str(first.trim_start_matches([' ', '\t', '\r']).trim_end_matches('\r'));
    }
    let rest: Vec<&str> = lines.collect();
    for (i, line) in rest.iter().enumerate() {
        let is_last = i + 1 == rest.len();
        let line = line.trim_start().trim_end_matches('\r');
        let content = match line.strip_prefix('*') {
            Some(content) => content,
            None => line,
        };
        if is_last && line == "*" && !out.is_empty() {
            // A comment that ends in `**/` keeps one star.
            out.push('*');
        }
        if content.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(content);
    }
    out
}
