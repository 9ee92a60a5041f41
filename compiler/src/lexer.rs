//! Cuts source text into tokens. One lexer serves Solidity, Yul and description sections.

use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};
use logos::Logos;

/// Says what a token is. Words are told apart in [`classify`], so that the automaton stays small.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[logos(skip r"[ \t\r\n\f\u{feff}]+")]
#[allow(missing_docs)]
pub enum T {
    #[regex(r"[a-zA-Z_$][a-zA-Z0-9_$]*", |lex| classify(lex.slice()))]
    WordClass(Word),
    Ident,
    Elementary,
    Keyword(Kw),
    Reserved,
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE]-?[0-9][0-9_]*)?")]
    #[regex(r"\.[0-9][0-9_]*([eE]-?[0-9][0-9_]*)?")]
    Number,
    #[regex(r"0[xX][0-9a-fA-F_]*")]
    HexNumber,
    #[regex(r#""([^"\\\n\r]|\\[^\r]|\\\r\n?)*""#)]
    #[regex(r#"'([^'\\\n\r]|\\[^\r]|\\\r\n?)*'"#)]
    Str,
    #[regex(r#"hex"[^"\n\r]*""#)]
    #[regex(r#"hex'[^'\n\r]*'"#)]
    HexStr,
    #[regex(r#"unicode"([^"\\\n\r]|\\[^\r]|\\\r\n?)*""#)]
    #[regex(r#"unicode'([^'\\\n\r]|\\[^\r]|\\\r\n?)*'"#)]
    UnicodeStr,
    #[regex(r"//[^\n\r]*", allow_greedy = true)]
    LineComment,
    #[token("/*", block_comment)]
    BlockComment,
    UnclosedComment,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token(",")]
    Comma,
    #[token(";")]
    Semi,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("?")]
    Question,
    #[token("=>")]
    FatArrow,
    #[token("->")]
    Arrow,
    #[token(":=")]
    ColonEq,
    #[token("=")]
    Eq,
    #[token("|=")]
    OrEq,
    #[token("^=")]
    XorEq,
    #[token("&=")]
    AndEq,
    #[token("<<=")]
    ShlEq,
    #[token(">>=")]
    ShrEq,
    #[token(">>>=")]
    SarEq,
    #[token("+=")]
    PlusEq,
    #[token("-=")]
    MinusEq,
    #[token("*=")]
    StarEq,
    #[token("/=")]
    SlashEq,
    #[token("%=")]
    PercentEq,
    #[token("||")]
    OrOr,
    #[token("&&")]
    AndAnd,
    #[token("==")]
    EqEq,
    #[token("!=")]
    NotEq,
    #[token("<")]
    Lt,
    #[token(">")]
    Gt,
    #[token("<=")]
    LtEq,
    #[token(">=")]
    GtEq,
    #[token("|")]
    Or,
    #[token("^")]
    Xor,
    #[token("&")]
    And,
    #[token("<<")]
    Shl,
    #[token(">>")]
    Shr,
    #[token(">>>")]
    Sar,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("**")]
    StarStar,
    #[token("!")]
    Not,
    #[token("~")]
    Tilde,
    #[token("++")]
    PlusPlus,
    #[token("--")]
    MinusMinus,
    /// Ends every token list.
    Eof,
}

/// Is what [`classify`] makes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Word {
    Ident,
    Elementary,
    Reserved,
    Keyword(Kw),
}

macro_rules! keywords {
    ($($name:ident $text:literal,)*) => {
        /// Is a keyword of Solidity 0.8. Words that are keywords in one place only (`from`, `error`, `layout`,
        /// `transient`, ...) are identifiers to the lexer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Kw { $($name),* }

        impl Kw {
            /// Returns the keyword's spelling.
            pub fn text(self) -> &'static str {
                match self { $(Kw::$name => $text),* }
            }
        }

        fn keyword(word: &str) -> Option<Kw> {
            Some(match word { $($text => Kw::$name,)* _ => return None })
        }
    };
}

keywords! {
    Abstract "abstract", Address "address", Anonymous "anonymous", As "as", Assembly "assembly", Bool "bool",
    Break "break", Bytes "bytes", Calldata "calldata", Catch "catch", Constant "constant",
    Constructor "constructor", Continue "continue", Contract "contract", Delete "delete", Do "do", Else "else",
    Emit "emit", Enum "enum", Event "event", External "external", False "false", For "for",
    Function "function", Hex "hex", If "if", Immutable "immutable", Import "import", Indexed "indexed",
    Interface "interface", Internal "internal", Is "is", Library "library", Mapping "mapping", Memory "memory",
    Modifier "modifier", New "new", Override "override", Payable "payable", Pragma "pragma",
    Private "private", Public "public", Pure "pure", Return "return", Returns "returns", Storage "storage",
    String "string", Struct "struct", True "true", Try "try", Type "type", Unchecked "unchecked",
    Unicode "unicode", Using "using", View "view", Virtual "virtual", While "while",
    Wei "wei", Gwei "gwei", Ether "ether", Seconds "seconds", Minutes "minutes", Hours "hours", Days "days",
    Weeks "weeks", Years "years",
}

const RESERVED: &[&str] = &[
    "after",
    "alias",
    "apply",
    "auto",
    "byte",
    "case",
    "copyof",
    "default",
    "define",
    "final",
    "implements",
    "in",
    "inline",
    "let",
    "macro",
    "match",
    "mutable",
    "null",
    "of",
    "partial",
    "promise",
    "reference",
    "relocatable",
    "sealed",
    "sizeof",
    "static",
    "supports",
    "switch",
    "typedef",
    "typeof",
    "var",
];

/// Tells what a word is.
pub fn classify(word: &str) -> Word {
    if let Some(kw) = keyword(word) {
        return Word::Keyword(kw);
    }
    if is_sized_elementary(word) {
        return Word::Elementary;
    }
    if RESERVED.binary_search(&word).is_ok() { Word::Reserved } else { Word::Ident }
}

/// Is true for `uint`, `int8`, `bytes32`, `fixed128x18` and their kin; `bytes`, `string`, `bool` and `address`
/// are keywords.
fn is_sized_elementary(word: &str) -> bool {
    if let Some(rest) = word.strip_prefix("bytes") {
        return decimal(rest).is_some_and(|n| (1..=32).contains(&n));
    }
    let unsigned = word.strip_prefix('u').unwrap_or(word);
    if let Some(bits) = unsigned.strip_prefix("int") {
        return bits.is_empty() || decimal(bits).is_some_and(is_bit_width);
    }
    let Some(rest) = unsigned.strip_prefix("fixed") else { return false };
    rest.is_empty()
        || rest.split_once('x').is_some_and(|(bits, digits)| {
            decimal(bits).is_some_and(is_bit_width) && decimal(digits).is_some_and(|n| n <= 80)
        })
}

fn is_bit_width(bits: u32) -> bool {
    bits.is_multiple_of(8) && (8..=256).contains(&bits)
}

fn decimal(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 3 || (text.starts_with('0') && text != "0") {
        return None;
    }
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn block_comment(lex: &mut logos::Lexer<T>) -> bool {
    match lex.remainder().find("*/") {
        Some(end) => lex.bump(end + 2),
        None => {
            lex.bump(lex.remainder().len());
            return false;
        }
    }
    true
}

/// Is one token with its byte range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: T,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Is a token list that ends with [`T::Eof`], and the NatSpec comments between the tokens.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    /// The tokens.
    pub list: Vec<Token>,
    /// NatSpec comments: the index of the token that follows, and the comment's span.
    pub docs: Vec<(u32, Span)>,
}

/// Cuts `text` into tokens. Bytes that start no token become diagnostics and are skipped.
pub fn lex(file: FileId, text: &str) -> (Tokens, Vec<Diagnostic>) {
    let mut out = Tokens::default();
    let mut diags = Vec::new();
    for (result, range) in T::lexer(text).spanned() {
        let span = Span::new(file, range.start as u32, range.end as u32);
        let slice = text.get(range).unwrap_or("");
        match result {
            Ok(kind) => {
                diags.extend(direction_fault(span, slice));
                push(&mut out, settle(kind), span, slice);
            }
            Err(()) => diags.push(bad_text(span, slice)),
        }
    }
    let end = text.len() as u32;
    out.list.push(Token { kind: T::Eof, start: end, end });
    (out, diags)
}

/// Replaces the automaton's word class by the token it stands for.
fn settle(kind: T) -> T {
    match kind {
        T::WordClass(Word::Ident) => T::Ident,
        T::WordClass(Word::Elementary) => T::Elementary,
        T::WordClass(Word::Reserved) => T::Reserved,
        T::WordClass(Word::Keyword(kw)) => T::Keyword(kw),
        other => other,
    }
}

fn push(out: &mut Tokens, kind: T, span: Span, slice: &str) {
    match kind {
        T::LineComment | T::BlockComment => {
            if is_doc(slice) {
                out.docs.push((out.list.len() as u32, span));
            }
        }
        kind => out.list.push(Token { kind, start: span.start, end: span.end }),
    }
}

fn is_doc(comment: &str) -> bool {
    (comment.starts_with("///") && !comment.starts_with("////"))
        || (comment.starts_with("/**") && comment.len() > 4 && !comment.starts_with("/***"))
}

/// Reports direction marks that are not closed within their comment or string: the code would look other than it is.
fn direction_fault(span: Span, slice: &str) -> Option<Diagnostic> {
    if slice.is_ascii() {
        return None;
    }
    let mut depth = 0i32;
    // As in solc, the place ends in front of a mark that closes nothing, or of the last character.
    let mut end = slice.len() - usize::from(slice.ends_with(['"', '\'']) || slice.starts_with("/*"));
    for (at, c) in slice.char_indices() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => depth += 1,
            '\u{202c}' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            end = at;
            break;
        }
    }
    let message = "marks that change the direction of text are not paired within this comment or string";
    (depth != 0).then(|| {
        let span = Span { end: span.start + end as u32, ..span };
        Diagnostic::error(codes::TEXT_DIRECTION.solc(8936), span, message)
            .help("remove the invisible characters")
    })
}

fn bad_text(span: Span, slice: &str) -> Diagnostic {
    if slice.starts_with("/*") {
        return Diagnostic::error(codes::UNCLOSED_COMMENT.solc(8936), span, "comment is never closed")
            .help("end it with `*/`");
    }
    if slice.starts_with(['"', '\'']) || slice.starts_with("hex") || slice.starts_with("unicode") {
        return Diagnostic::error(
            codes::UNCLOSED_STRING.solc(8936),
            span,
            "string literal is not closed on its line",
        )
        .help("close the quote, or write a line break as `\\n`");
    }
    let shown: String = slice.chars().take(8).flat_map(char::escape_default).collect();
    Diagnostic::error(codes::UNKNOWN_CHARACTER.solc(8936), span, format!("`{shown}` starts no token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<T> {
        let (tokens, diags) = lex(0, text);
        assert!(diags.is_empty(), "{diags:?}");
        tokens.list.iter().map(|t| t.kind).collect()
    }

    #[test]
    fn reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn words_are_told_apart() {
        assert_eq!(
            kinds("uint256 uint7 bytes33 bytes4 contract from byte fixed128x18"),
            [
                T::Elementary,
                T::Ident,
                T::Ident,
                T::Elementary,
                T::Keyword(Kw::Contract),
                T::Ident,
                T::Reserved,
                T::Elementary,
                T::Eof
            ]
        );
    }

    #[test]
    fn numbers_stop_before_members_and_units() {
        assert_eq!(kinds("1.5e-3"), [T::Number, T::Eof]);
        assert_eq!(kinds("8h"), [T::Number, T::Ident, T::Eof]);
        assert_eq!(kinds("0xfF_00"), [T::HexNumber, T::Eof]);
        assert_eq!(kinds("x.f"), [T::Ident, T::Dot, T::Ident, T::Eof]);
        assert_eq!(kinds(".5"), [T::Number, T::Eof]);
    }

    #[test]
    fn long_operators_win() {
        assert_eq!(kinds(">>>="), [T::SarEq, T::Eof]);
        assert_eq!(kinds("**"), [T::StarStar, T::Eof]);
        assert_eq!(kinds("=> ->"), [T::FatArrow, T::Arrow, T::Eof]);
    }

    #[test]
    fn strings_and_comments() {
        assert_eq!(
            kinds(r#""a\"b" 'x' hex"00" unicode"ü""#),
            [T::Str, T::Str, T::HexStr, T::UnicodeStr, T::Eof]
        );
        assert_eq!(kinds("/* a */ x // y"), [T::Ident, T::Eof]);
        let (tokens, _) = lex(0, "/// doc\nx /**/ /** more */ y");
        assert_eq!(tokens.docs.iter().map(|d| d.0).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn broken_text_is_reported_and_skipped() {
        for text in [
            "// \u{202e}",
            "/* \u{202c} */ x",
            "unicode\"\u{202d}\"",
            "\u{200e}x",
            "\"abc",
            "/* abc",
            "\u{1}",
            "#",
            "'a\nb'",
            "é",
        ] {
            let (tokens, diags) = lex(0, text);
            assert!(!diags.is_empty(), "{text:?}");
            assert_eq!(tokens.list.last().unwrap().kind, T::Eof);
        }
    }
}
