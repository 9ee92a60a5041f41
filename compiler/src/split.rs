//! Finds description sections over a whole file and takes them out byte for byte, so that offsets stay true.

use crate::diag::{Diagnostic, codes};
use crate::lexer::{T, Token, Tokens};
use crate::source::{FileId, Span};

/// Is a file cut into its Solidity part and its description sections.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// The tokens outside descriptions.
    pub solidity: Tokens,
    /// The tokens of each description, from the word `description` to the closing brace, and its span.
    pub descriptions: Vec<(Tokens, Span)>,
}

/// Cuts the tokens of `file`. A description starts at the file's top level with `description Name {`.
pub fn split(file: FileId, text: &str, tokens: &Tokens) -> (Split, Vec<Diagnostic>) {
    let mut out = Split::default();
    let mut diags = Vec::new();
    let mut level = 0usize;
    let mut at = 0;
    let mut kept = Vec::new();
    while let Some(token) = tokens.list.get(at) {
        if level == 0 && starts_description(text, tokens, at) {
            let end = section_end(tokens, at);
            out.descriptions.push(section(file, tokens, at, end, &mut diags));
            at = end;
            continue;
        }
        match token.kind {
            T::LBrace => level += 1,
            T::RBrace => level = level.saturating_sub(1),
            _ => {}
        }
        kept.push(at);
        at += 1;
    }
    out.solidity = pick(tokens, &kept);
    (out, diags)
}

/// Replaces every byte of the given spans by a space, line breaks left in place.
pub fn blank(text: &str, spans: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        let range = span.start as usize..(span.end as usize).min(bytes.len());
        for byte in bytes.get_mut(range).into_iter().flatten() {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| " ".repeat(text.len()))
}

fn starts_description(text: &str, tokens: &Tokens, at: usize) -> bool {
    let token = |ahead: usize| tokens.list.get(at + ahead);
    let kind = |ahead: usize| token(ahead).map_or(T::Eof, |t| t.kind);
    let word = token(0).and_then(|t| text.get(t.start as usize..t.end as usize)).unwrap_or("");
    word == "description" && kind(1) == T::Ident && kind(2) == T::LBrace
}

/// Returns the index behind the section that starts at `at`.
fn section_end(tokens: &Tokens, at: usize) -> usize {
    let mut level = 0usize;
    for (i, token) in tokens.list.iter().enumerate().skip(at) {
        match token.kind {
            T::LBrace => level += 1,
            T::RBrace => {
                level = level.saturating_sub(1);
                if level == 0 {
                    return i + 1;
                }
            }
            T::Eof => return i,
            _ => {}
        }
    }
    tokens.list.len()
}

fn section(
    file: FileId,
    tokens: &Tokens,
    at: usize,
    end: usize,
    diags: &mut Vec<Diagnostic>,
) -> (Tokens, Span) {
    let mut list: Vec<Token> = tokens.list.get(at..end).unwrap_or_default().to_vec();
    let start = list.first().map_or(0, |t| t.start);
    let stop = list.last().map_or(start, |t| t.end);
    let span = Span::new(file, start, stop);
    if list.last().is_none_or(|t| t.kind != T::RBrace) {
        let head = Span::new(file, start, list.get(1).map_or(stop, |t| t.end));
        diags.push(
            Diagnostic::error(codes::DESC_SYNTAX, head, "this description is never closed")
                .help("end it with `}`"),
        );
    }
    list.push(Token { kind: T::Eof, start: stop, end: stop });
    (Tokens { list, docs: Vec::new() }, span)
}

/// Keeps the tokens at `kept` and the comments before them.
fn pick(tokens: &Tokens, kept: &[usize]) -> Tokens {
    let list = kept.iter().filter_map(|i| tokens.list.get(*i)).copied().collect();
    let docs = tokens
        .docs
        .iter()
        .filter_map(|(before, span)| {
            let new = kept.binary_search(&(*before as usize)).ok()?;
            Some((new as u32, *span))
        })
        .collect();
    Tokens { list, docs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::lex;

    #[test]
    fn sections_are_blanked_byte_for_byte() {
        let text = "contract C { uint description; }\ndescription C {\n on at 1 do ü(); }\ncontract D {}";
        let (tokens, _) = lex(0, text);
        let (parts, diags) = split(0, text, &tokens);
        assert!(diags.is_empty());
        assert_eq!(parts.descriptions.len(), 1);
        let blanked = blank(text, &[parts.descriptions[0].1]);
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.find("contract D"), text.find("contract D"));
        assert!(!blanked.contains("on at"));
        assert!(blanked.contains("uint description;"));
        assert_eq!(parts.solidity.list.len() + parts.descriptions[0].0.list.len(), tokens.list.len() + 1);
    }

    #[test]
    fn an_open_section_is_reported() {
        let text = "description C { on at 1";
        let (tokens, _) = lex(0, text);
        let (parts, diags) = split(0, text, &tokens);
        assert_eq!(diags[0].code, codes::DESC_SYNTAX);
        assert_eq!(parts.solidity.list.len(), 1);
    }
}
