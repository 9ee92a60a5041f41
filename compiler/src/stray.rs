//! Gives characters that start no token the number that solc has for them at their place.

use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T, Token, Tokens};

/// Returns a fault of the lexer with solc's number for where it stands: in a pragma, where a value may begin, or
/// anywhere else, where solc says what it expected instead.
pub(crate) fn placed(mut fault: Diagnostic, text: &str, tokens: &Tokens) -> Diagnostic {
    if fault.code != codes::UNKNOWN_CHARACTER {
        return fault;
    }
    let before = tokens.list.partition_point(|t| t.start < fault.span.start && t.kind != T::Eof);
    let before = tokens.list.get(..before).unwrap_or_default();
    fault.solc = Some(match before.last() {
        _ if in_pragma(before, text) => 6281,
        Some(last) if ends_value(last.kind) => 2314,
        _ => 8936,
    });
    fault
}

fn in_pragma(before: &[Token], text: &str) -> bool {
    let word = |t: &Token| text.get(t.start as usize..t.end as usize) == Some(Kw::Pragma.text());
    before.iter().rev().take_while(|t| !matches!(t.kind, T::Semi | T::LBrace | T::RBrace)).any(word)
}

/// Is true for a token that no value follows.
fn ends_value(kind: T) -> bool {
    matches!(
        kind,
        T::Ident
            | T::Elementary
            | T::Number
            | T::HexNumber
            | T::Str
            | T::HexStr
            | T::UnicodeStr
            | T::RParen
            | T::RBracket
            | T::Keyword(
                Kw::If | Kw::While | Kw::For | Kw::Function | Kw::Contract | Kw::Is | Kw::True | Kw::False
            )
    )
}
