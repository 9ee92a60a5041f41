//! Takes the text out of documentation comments as solc does.

use crate::ast::Doc;
use crate::source::{SourceMap, Span};

/// Returns the text of the comment that documents what follows it, and its place: of several comments the last
/// one counts, where `///` lines without a gap are one comment.
pub fn comment(doc: &Doc, map: &SourceMap) -> Option<(String, Span)> {
    let last = *doc.spans.last()?;
    let source = map.text(last);
    if let Some(inner) = source.strip_prefix("/**") {
        let text = block(inner.strip_suffix("*/").unwrap_or(inner));
        return (!text.is_empty()).then_some((text, last));
    }
    let mut first = last;
    let mut lines = vec![line(source)];
    for span in doc.spans.iter().rev().skip(1) {
        let gap = Span::new(span.file, span.end, first.start);
        if !map.text(*span).starts_with("///") || !is_next_line(map.text(gap)) {
            break;
        }
        first = *span;
        lines.push(line(map.text(*span)));
    }
    let mut rest = lines.into_iter().rev();
    let mut text = rest.next().unwrap_or("").trim_start_matches([' ', '\t']).to_owned();
    for line in rest.filter(|line| !line.is_empty()) {
        text.push('\n');
        text.push_str(line);
    }
    (!text.is_empty()).then(|| (text, first.to(last)))
}

fn line(comment: &str) -> &str {
    comment.strip_prefix("///").unwrap_or(comment)
}

/// Is true for the end of one line and the indentation of the next.
fn is_next_line(gap: &str) -> bool {
    let gap = gap.trim_end_matches([' ', '\t']);
    matches!(gap, "\n" | "\r\n" | "\r")
}

/// Returns the text between the marks of a block: each line loses its indentation and one star in front,
/// empty lines go.
fn block(inner: &str) -> String {
    let unified = inner.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = unified.split('\n').peekable();
    let mut out = lines.next().unwrap_or("").trim_start_matches([' ', '\t']).to_owned();
    while let Some(line) = lines.next() {
        let text = line.trim_start_matches([' ', '\t']);
        let is_last = lines.peek().is_none();
        match text.strip_prefix('*') {
            // two stars stand for text, which goes on in the line before
            Some(rest) if rest.starts_with('*') || is_last && rest.is_empty() => out.push_str(text),
            Some("") => {}
            Some(rest) => push_line(&mut out, rest),
            None if text.is_empty() => {}
            None => push_line(&mut out, text),
        }
    }
    out
}

fn push_line(out: &mut String, line: &str) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn lines_of_a_block_lose_indentation_and_one_star() {
        assert_eq!(block(" hello "), "hello ");
        assert_eq!(block("\n * a\n *\n *  b\n "), " a\n  b");
        assert_eq!(block("\n a\n\n b\n "), "a\nb");
        assert_eq!(block("\n *\n * a\n *"), " a*");
        assert_eq!(block(" @dev a\n   * b\n   "), "@dev a\n b");
        assert_eq!(block("\n **x\n *** y\n "), "**x*** y");
        assert_eq!(block("\r\n * a\r\n "), " a");
    }
}
