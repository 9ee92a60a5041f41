//! Looks at assembly blocks: annotations, deprecated opcodes, switches that decide nothing.

use super::{walk, warning};
use crate::ast::yul::{Assembly, YulExprKind, YulStmt, YulStmtKind};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::source::{SourceMap, Span};

/// Checks the assembly of one file.
pub(super) fn check(ast: &SourceUnit, map: &SourceMap, found: &mut Vec<Diagnostic>) {
    for item in &ast.items {
        match item {
            Item::Function(f) => body(f.body.as_ref(), map, found),
            Item::Contract(c) => {
                for member in &c.members {
                    match member {
                        Member::Function(f) => body(f.body.as_ref(), map, found),
                        Member::Modifier(m) => body(m.body.as_ref(), map, found),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

fn body(block: Option<&Block>, map: &SourceMap, found: &mut Vec<Diagnostic>) {
    let Some(block) = block else { return };
    walk::statements(block, &mut |stmt| {
        if let StmtKind::Assembly(assembly) = &stmt.kind {
            flags(assembly, stmt.span, found);
            comment(assembly, stmt.span, map, found);
            walk::yul_statements(&assembly.body, &mut |s| statement(s, found));
        }
    });
}

fn flags(assembly: &Assembly, span: Span, found: &mut Vec<Diagnostic>) {
    for flag in assembly.flags.iter().filter(|f| *f != b"memory-safe") {
        let message = format!("`{}` is no flag of assembly", String::from_utf8_lossy(flag));
        found.push(warning(codes::ASM_ANNOTATION, 4430, span, message, "the only flag is \"memory-safe\""));
    }
}

/// Warns of transient storage; solc does so at the first use only.
pub(super) fn transient(span: Span) -> Diagnostic {
    let message = "transient storage lasts for the whole transaction, not for one call of the contract";
    let help = "clear it at the end of each call, or calls in one transaction see each other's values";
    warning(codes::TRANSIENT_STORAGE, 2394, span, message, help)
}

fn statement(stmt: &YulStmt, found: &mut Vec<Diagnostic>) {
    if let YulStmtKind::Switch { cases, default: Some(_), .. } = &stmt.kind
        && cases.is_empty()
    {
        let help = "write the block alone";
        found.push(warning(codes::NO_EFFECT, 9592, stmt.span, "this switch has a default only", help));
    }
    let Some(e) = walk::yul_expressions(stmt) else { return };
    walk::yul_expression(e, &mut |e| {
        if let YulExprKind::Call { name, .. } = &e.kind
            && &*name.name == "selfdestruct"
        {
            found.push(super::expressions::self_destruct(name.span, 1699));
        }
    });
}

/// Checks the documentation comment before an assembly block.
fn comment(assembly: &Assembly, span: Span, map: &SourceMap, found: &mut Vec<Diagnostic>) {
    let before = map.file(span.file).and_then(|f| f.text().get(..span.start as usize)).unwrap_or("");
    let Some(text) = documentation(before) else { return };
    let mut values: Vec<&str> = Vec::new();
    let tags = tags(&text);
    for (tag, value) in &tags {
        if tag != "solidity" {
            let message = format!("`@{tag}` means nothing before assembly");
            found.push(warning(codes::ASM_ANNOTATION, 6269, span, message, "write it as a plain comment"));
            continue;
        }
        for word in value.split_whitespace() {
            annotation(word, &values, span, found);
            values.push(word);
        }
    }
    if values.contains(&"memory-safe-assembly") {
        if assembly.flags.iter().any(|f| f == b"memory-safe") {
            let message = "the assembly is marked as memory-safe twice";
            found.push(warning(codes::ASM_ANNOTATION, 8544, span, message, "remove the comment"));
        }
        let message = "marking assembly as memory-safe by a comment is deprecated";
        let help = "write `assembly (\"memory-safe\") { ... }`";
        found.push(warning(codes::ASM_COMMENT, 2424, span, message, help));
    }
}

fn annotation(word: &str, known: &[&str], span: Span, found: &mut Vec<Diagnostic>) {
    if known.contains(&word) {
        let message = format!("`{word}` is given twice");
        found.push(warning(codes::ASM_ANNOTATION, 4377, span, message, "give it once"));
    } else if word != "memory-safe-assembly" {
        let message = format!("`@solidity {word}` means nothing before assembly");
        let help = "the only value is `memory-safe-assembly`";
        found.push(warning(codes::ASM_ANNOTATION, 8787, span, message, help));
    }
}

/// Returns the text of the documentation comment that ends `before`, without its markers. Plain comments between
/// it and the end do not cut it off.
fn documentation(before: &str) -> Option<String> {
    let mut rest = before.trim_end();
    let mut lines: Vec<&str> = Vec::new();
    loop {
        if rest.ends_with("*/") {
            if !lines.is_empty() {
                break;
            }
            let start = rest.rfind("/*")?;
            let inner = rest.get(start + 2..rest.len() - 2)?;
            if let Some(doc) = inner.strip_prefix('*') {
                return Some(
                    doc.lines()
                        .map(|l| l.trim_start().trim_start_matches('*'))
                        .collect::<Vec<_>>()
                        .join("\n"),
                );
            }
            rest = rest.get(..start)?.trim_end();
            continue;
        }
        let start = rest.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = rest.get(start..)?.trim_start();
        if let Some(doc) = line.strip_prefix("///").filter(|d| !d.starts_with('/')) {
            lines.push(doc);
        } else if !line.starts_with("//") || !lines.is_empty() {
            break;
        }
        rest = rest.get(..start)?.trim_end();
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Splits documentation into tags with their values; text before the first tag is a notice.
fn tags(text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        match line.strip_prefix('@') {
            Some(rest) => {
                let (tag, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                out.push((tag.to_owned(), value.to_owned()));
            }
            None => match out.last_mut() {
                Some((_, value)) => {
                    value.push(' ');
                    value.push_str(line);
                }
                None => out.push(("notice".to_owned(), line.to_owned())),
            },
        }
    }
    out
}
