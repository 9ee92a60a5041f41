//! Reads literals: digits are checked, escapes are resolved.

use super::{P, Parser};
use crate::ast::{ExprKind, Literal, Unit};
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T, Token};
use crate::source::Span;

impl Parser<'_> {
    /// literal: "true" | "false" | number [ unit ] | string { string } | hex-string { .. } | unicode-string { .. }
    pub(super) fn literal(&mut self) -> P<ExprKind> {
        let literal = match self.peek() {
            T::Keyword(Kw::True) => self.bool_literal(true),
            T::Keyword(Kw::False) => self.bool_literal(false),
            T::Number | T::HexNumber => self.number()?,
            T::Str => Literal::Str(self.joined(T::Str)),
            T::HexStr => Literal::HexStr(self.joined(T::HexStr)),
            T::UnicodeStr => Literal::UnicodeStr(self.joined(T::UnicodeStr)),
            _ => return Err(self.unexpected_as(6933, "an expression")),
        };
        Ok(ExprKind::Literal(literal))
    }

    fn bool_literal(&mut self, value: bool) -> Literal {
        self.bump();
        Literal::Bool(value)
    }

    /// number: digits [ unit ]
    fn number(&mut self) -> P<Literal> {
        let span = self.span();
        let is_hex = self.at(T::HexNumber);
        let text = self.word_at(0);
        self.bump();
        let fault = if is_hex { hex_fault(text) } else { decimal_fault(text) };
        if let Some((number, length, fault)) = fault {
            let place = Span { end: length.map_or(span.end, |n| span.start + n), ..span };
            return self.error(Diagnostic::error(codes::BAD_NUMBER.solc(number), place, fault));
        }
        let unit = self.unit(span)?;
        Ok(if is_hex {
            Literal::HexNumber { text: text.into(), unit }
        } else {
            Literal::Number { text: text.into(), unit }
        })
    }

    fn unit(&mut self, number: Span) -> P<Option<Unit>> {
        let token = self.token();
        let unit = match token.kind {
            T::Keyword(kw) => keyword_unit(kw),
            T::Ident if self.short_units => short_unit(self.word_at(0)),
            _ => None,
        };
        let is_word = matches!(
            token.kind,
            T::Ident | T::Keyword(_) | T::Elementary | T::Reserved | T::Number | T::HexNumber
        );
        if token.start == number.end && is_word && !(self.short_units && unit.is_some()) {
            let exponent = self.word_at(0) == "e" || self.word_at(0) == "E";
            let span = Span { end: number.end + u32::from(exponent), ..number };
            let digits = matches!(token.kind, T::Number | T::HexNumber);
            let finding = codes::BAD_NUMBER.solc(if digits { 2314 } else { 8936 });
            let span = if digits { self.span() } else { span };
            return self.error(
                Diagnostic::error(finding, span, "a number runs into what stands behind it")
                    .help("put a space between them"),
            );
        }
        if unit.is_some() {
            self.bump();
        }
        Ok(unit)
    }

    fn joined(&mut self, kind: T) -> Vec<u8> {
        let mut bytes = Vec::new();
        while self.at(kind) {
            let token = self.bump();
            match kind {
                T::HexStr => bytes.extend(self.hex_string(token, 8936)),
                kind => bytes.extend(self.unescape(token, kind == T::UnicodeStr)),
            }
        }
        bytes
    }

    /// Returns the bytes of `hex"..."`; underscores may stand between bytes. `number` is solc's for a faulty one here.
    pub(super) fn hex_string(&mut self, token: Token, number: u16) -> Vec<u8> {
        let text = self.token_text(token);
        let body = text.get(4..text.len().saturating_sub(1)).unwrap_or("");
        match hex_bytes(body) {
            Some(bytes) => bytes,
            None => {
                let span = Span::new(self.file, token.start, token.start + 4 + hex_fault_at(body));
                self.diags.push(
                    Diagnostic::error(
                        codes::BAD_HEX_STRING.solc(number),
                        span,
                        "a hex string holds pairs of hex digits",
                    )
                    .help("write two digits per byte, with `_` only between bytes"),
                );
                Vec::new()
            }
        }
    }

    /// Returns the bytes of a quoted string with escapes resolved; faults become diagnostics.
    pub(crate) fn unescape(&mut self, token: Token, unicode: bool) -> Vec<u8> {
        let text = self.token_text(token);
        let open = if unicode { 8 } else { 1 };
        let body = text.get(open..text.len().saturating_sub(1)).unwrap_or("");
        let mut out = Vec::with_capacity(body.len());
        let mut chars = body.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let place = token.start + (open + at) as u32;
            if c == '\\' {
                self.escape(&mut chars, token.start, place, &mut out);
            } else if unicode || (' '..='~').contains(&c) {
                out.extend(c.encode_utf8(&mut [0; 4]).bytes());
            } else {
                self.bad_character(token.start, place, c);
            }
        }
        if unicode && std::str::from_utf8(&out).is_err() {
            let span = Span::new(self.file, token.start, token.end);
            self.diags.push(Diagnostic::error(
                codes::BAD_ESCAPE.solc(8452),
                span,
                "the escapes do not form valid UTF-8",
            ));
        }
        out
    }

    fn bad_character(&mut self, start: u32, place: u32, c: char) {
        let span = Span::new(self.file, start, place + 1);
        let shown = c.escape_default();
        self.diags.push(
            Diagnostic::error(
                codes::NON_ASCII_STRING.solc(8936),
                span,
                format!("`{shown}` is not allowed in a plain string"),
            )
            .help("write unicode\"...\" or an escape"),
        );
    }

    fn escape(
        &mut self,
        chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
        start: u32,
        place: u32,
        out: &mut Vec<u8>,
    ) {
        let next = chars.next().map(|(_, c)| c);
        let mut digits = |n: usize| -> Option<u32> {
            (0..n).try_fold(0u32, |value, _| {
                let digit = chars.peek().and_then(|(_, c)| c.to_digit(16))?;
                chars.next();
                Some(value * 16 + digit)
            })
        };
        let ok = match next {
            Some('n') => push(out, b'\n'),
            Some('r') => push(out, b'\r'),
            Some('t') => push(out, b'\t'),
            Some(c @ ('\\' | '\'' | '"')) => push(out, c as u8),
            Some('\n') => true,
            Some('\r') => {
                if chars.peek().is_some_and(|(_, c)| *c == '\n') {
                    chars.next();
                }
                true
            }
            Some('x') => digits(2).is_some_and(|byte| push(out, byte as u8)),
            Some('u') => digits(4).is_some_and(|code| push_code_point(out, code)),
            _ => false,
        };
        if !ok {
            let span = Span::new(self.file, start, place + 2);
            self.diags.push(
                Diagnostic::error(codes::BAD_ESCAPE.solc(8936), span, "unknown or incomplete escape")
                    .help("known are \\n \\r \\t \\\\ \\' \\\" \\xNN \\uNNNN"),
            );
        }
    }
}

fn push(out: &mut Vec<u8>, byte: u8) -> bool {
    out.push(byte);
    true
}

/// Appends a code point below 0x10000 as UTF-8, surrogates included as solc does.
fn push_code_point(out: &mut Vec<u8>, code: u32) -> bool {
    let low = |shift: u32| 0x80 | ((code >> shift) & 0x3f) as u8;
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend([0xc0 | (code >> 6) as u8, low(0)]),
        _ => out.extend([0xe0 | (code >> 12) as u8, low(6), low(0)]),
    }
    true
}

fn keyword_unit(kw: Kw) -> Option<Unit> {
    Some(match kw {
        Kw::Wei => Unit::Wei,
        Kw::Gwei => Unit::Gwei,
        Kw::Ether => Unit::Ether,
        Kw::Seconds => Unit::Seconds,
        Kw::Minutes => Unit::Minutes,
        Kw::Hours => Unit::Hours,
        Kw::Days => Unit::Days,
        Kw::Weeks => Unit::Weeks,
        Kw::Years => Unit::Years,
        _ => return None,
    })
}

fn short_unit(word: &str) -> Option<Unit> {
    Some(match word {
        "s" => Unit::Seconds,
        "m" => Unit::Minutes,
        "h" => Unit::Hours,
        "d" => Unit::Days,
        "w" => Unit::Weeks,
        "bps" => Unit::BasisPoints,
        "percent" => Unit::Percent,
        _ => return None,
    })
}

fn hex_bytes(body: &str) -> Option<Vec<u8>> {
    if body.is_empty() {
        return Some(Vec::new());
    }
    let mut out = Vec::with_capacity(body.len() / 2);
    for group in body.split('_') {
        if group.is_empty() || group.len() % 2 != 0 {
            return None;
        }
        let digits: Vec<u8> =
            group.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
        out.extend(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d)));
    }
    Some(out)
}

/// Returns how much of a faulty hex string is well formed, the character in the way of more included if it is `_`.
fn hex_fault_at(body: &str) -> u32 {
    let bytes = body.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut at = 0;
    let mut behind_pair = false;
    while at < bytes.len() {
        if bytes.get(at) == Some(&b'_') {
            if !behind_pair || at + 1 == bytes.len() {
                return at as u32 + 1;
            }
            (at, behind_pair) = (at + 1, false);
        } else if digit(at) && digit(at + 1) {
            (at, behind_pair) = (at + 2, true);
        } else {
            break;
        }
    }
    at as u32
}

/// Is what is wrong with a number: solc's number for it, how much of the text it covers (none: all), and the message.
type Fault = (u16, Option<u32>, &'static str);

fn hex_fault(text: &str) -> Option<Fault> {
    if text.starts_with("0X") {
        return Some((8936, Some(1), "a hex number starts with `0x`"));
    }
    let digits = text.get(2..).unwrap_or("");
    if digits.is_empty() || digits.starts_with('_') {
        return Some((8936, Some(2), "a hex number needs digits behind `0x`"));
    }
    underscore_fault(digits)
}

/// Finds what is wrong with the digits of a decimal number.
pub(super) fn decimal_fault(text: &str) -> Option<Fault> {
    let lead = text.as_bytes().first() == Some(&b'0')
        && text.as_bytes().get(1).is_some_and(|b| b.is_ascii_digit() || *b == b'_');
    if lead {
        return Some((8936, Some(1), "a decimal number has no leading zeros"));
    }
    if let Some(fault) = underscore_fault(text) {
        return Some(fault);
    }
    let beside = [("._", 3891), ("_.", 1023), ("_e", 6415), ("_E", 6415), ("e_", 6165), ("E_", 6165)];
    let found = beside.into_iter().find(|(pattern, _)| text.contains(pattern));
    found.map(|(_, number)| (number, None, "an underscore stands between two digits"))
}

fn underscore_fault(digits: &str) -> Option<Fault> {
    let message = "an underscore stands between two digits";
    match () {
        () if digits.ends_with('_') => Some((2090, None, message)),
        () if digits.contains("__") => Some((2990, None, message)),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_strings_take_underscores_between_bytes() {
        assert_eq!(hex_bytes("00_ff"), Some(vec![0, 255]));
        assert_eq!(hex_bytes("0_0"), None);
        assert_eq!(hex_bytes("_00"), None);
        assert_eq!(hex_bytes("0g"), None);
    }

    #[test]
    fn digits_are_checked() {
        assert!(decimal_fault("1__0").is_some());
        assert!(decimal_fault("01").is_some());
        assert!(decimal_fault("1_0.5e-1_0").is_none());
        assert!(hex_fault("0x").is_some());
        assert!(hex_fault("0x_1").is_some());
    }
}
