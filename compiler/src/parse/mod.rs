//! Turns tokens into the syntax tree: recursive descent, one function per production, each named after it.
//!
//! Parsing never fails. Errors are kept beside the tree; after one the parser goes on at the next statement,
//! member or item. Nesting is bounded, so no input can exhaust the stack.

mod assembly;
mod contract;
mod expr;
mod function;
mod item;
pub(crate) mod literal;
mod object;
mod stmt;
mod types;

pub(crate) use object::parse_object;

use crate::ast::{Doc, Expr, Ident, Name, NodeId, Path, SourceUnit};
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T, Token, Tokens};
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// Is the deepest nesting of expressions, types, statements and blocks that is accepted.
pub const NESTING_MAX: u32 = 256;
/// Is the largest height of an expression tree that is accepted; bounds chains such as `a + a + ...`.
pub const HEIGHT_MAX: u16 = 1024;

/// Parses the Solidity part of a file.
pub fn parse(file: FileId, text: &str, tokens: &Tokens) -> (SourceUnit, Vec<Diagnostic>) {
    let mut parser = Parser::new(file, text, tokens);
    let items = parser.source_unit();
    let node_count = parser.next_id;
    (SourceUnit { file, items, node_count }, parser.diags)
}

/// Says that an error was reported and the caller should resynchronise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reported;

/// Is the result of a production.
pub(crate) type P<X> = Result<X, Reported>;

/// Walks over the tokens of one file or of one description section.
pub(crate) struct Parser<'a> {
    pub(crate) file: FileId,
    pub(crate) text: &'a str,
    tokens: &'a Tokens,
    pos: usize,
    pub(crate) diags: Vec<Diagnostic>,
    pub(crate) next_id: u32,
    depth: u32,
    /// How many blocks of statements are open.
    pub(crate) blocks: u32,
    /// True in a description: number suffixes such as `8h` are units.
    pub(crate) short_units: bool,
    /// Set for synthesised text: every node gets this span, that of the clause it was made from.
    pub(crate) fixed_span: Option<Span>,
    /// True in standalone Yul: dots are part of names.
    pub(crate) dotted: bool,
    /// Expressions that stand for names of synthesised text.
    pub(crate) holes: BTreeMap<Name, Expr>,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(file: FileId, text: &'a str, tokens: &'a Tokens) -> Self {
        Self {
            file,
            text,
            tokens,
            pos: 0,
            diags: Vec::new(),
            next_id: 0,
            depth: 0,
            blocks: 0,
            short_units: false,
            fixed_span: None,
            dotted: false,
            holes: BTreeMap::new(),
        }
    }

    pub(crate) fn id(&mut self) -> NodeId {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        id
    }

    fn token_at(&self, pos: usize) -> Token {
        let list = &self.tokens.list;
        let end = self.text.len() as u32;
        list.get(pos).or(list.last()).copied().unwrap_or(Token { kind: T::Eof, start: end, end })
    }

    pub(crate) fn token(&self) -> Token {
        self.token_at(self.pos)
    }

    pub(crate) fn peek(&self) -> T {
        self.token().kind
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> T {
        self.token_at(self.pos.saturating_add(ahead)).kind
    }

    pub(crate) fn word_at(&self, ahead: usize) -> &'a str {
        self.token_text(self.token_at(self.pos.saturating_add(ahead)))
    }

    pub(crate) fn token_text(&self, token: Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    pub(crate) fn span(&self) -> Span {
        let token = self.token();
        self.fixed_span.unwrap_or(Span::new(self.file, token.start, token.end))
    }

    /// Returns the span of the token before the current one.
    pub(crate) fn previous_span(&self) -> Span {
        let token = self.token_at(self.pos.saturating_sub(1));
        self.fixed_span.unwrap_or(Span::new(self.file, token.start, token.end))
    }

    /// Returns the span from `start` to the last consumed token.
    pub(crate) fn since(&self, start: Span) -> Span {
        if self.previous_span().start < start.start { start } else { start.to(self.previous_span()) }
    }

    pub(crate) fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != T::Eof {
            self.pos += 1;
        }
        token
    }

    pub(crate) fn at(&self, kind: T) -> bool {
        self.peek() == kind
    }

    pub(crate) fn at_kw(&self, kw: Kw) -> bool {
        self.peek() == T::Keyword(kw)
    }

    /// Is true at an identifier spelled `word`: a keyword of this place only.
    pub(crate) fn at_word(&self, word: &str) -> bool {
        self.word_is(0, word)
    }

    pub(crate) fn word_is(&self, ahead: usize, word: &str) -> bool {
        self.peek_at(ahead) == T::Ident && self.word_at(ahead) == word
    }

    pub(crate) fn eat(&mut self, kind: T) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn eat_kw(&mut self, kw: Kw) -> bool {
        self.eat(T::Keyword(kw))
    }

    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn expect(&mut self, kind: T, what: &str) -> P<Span> {
        if self.at(kind) {
            let span = self.span();
            self.bump();
            return Ok(span);
        }
        Err(self.unexpected(what))
    }

    pub(crate) fn expect_kw(&mut self, kw: Kw) -> P<Span> {
        self.expect(T::Keyword(kw), &format!("`{}`", kw.text()))
    }

    /// Expects `;`; when it is missing, says also where it belongs.
    pub(crate) fn semicolon(&mut self) -> P<()> {
        if self.eat(T::Semi) {
            return Ok(());
        }
        let found = self.describe();
        let place = self.previous_span().after();
        let message = format!("expected `;`, found {found}");
        self.diags.push(
            Diagnostic::error(codes::UNEXPECTED_TOKEN.solc(2314), self.span(), message)
                .at(place, "the line ends here")
                .help("end it with `;`"),
        );
        if self.at_new_line() && !matches!(self.peek(), T::Eof | T::RParen | T::RBracket) {
            return Ok(());
        }
        Err(Reported)
    }

    /// Is true when a line ends between the last token and the current one.
    fn at_new_line(&self) -> bool {
        let from = self.token_at(self.pos.saturating_sub(1)).end as usize;
        self.text.get(from..self.token().start as usize).is_some_and(|gap| gap.contains('\n'))
    }

    pub(crate) fn error<X>(&mut self, diagnostic: Diagnostic) -> P<X> {
        self.diags.push(diagnostic);
        Err(Reported)
    }

    /// Reports the current token as not being `what`.
    pub(crate) fn unexpected(&mut self, what: &str) -> Reported {
        self.unexpected_as(2314, what)
    }

    /// Reports the current token as not being `what`, under a number that solc has for this place.
    pub(crate) fn unexpected_as(&mut self, number: u16, what: &str) -> Reported {
        let found = self.describe();
        let mut diagnostic = Diagnostic::error(
            codes::UNEXPECTED_TOKEN.solc(number),
            self.span(),
            format!("expected {what}, found {found}"),
        );
        if self.peek() == T::Reserved {
            let message = format!("`{}` is a reserved word", self.word_at(0));
            diagnostic = Diagnostic::error(codes::RESERVED_WORD.solc(number), self.span(), message)
                .help("choose another name");
        }
        self.diags.push(diagnostic);
        Reported
    }

    fn describe(&self) -> String {
        match self.peek() {
            T::Eof => "the end of the file".into(),
            _ => format!("`{}`", self.word_at(0).chars().take(40).collect::<String>()),
        }
    }

    /// Runs a production one level deeper; reports and stops at [`NESTING_MAX`].
    pub(crate) fn deeper<X>(&mut self, run: impl FnOnce(&mut Self) -> P<X>) -> P<X> {
        if self.depth >= NESTING_MAX {
            let message = format!("more than {NESTING_MAX} levels of nesting");
            return self.error(
                Diagnostic::error(codes::NESTED_TOO_DEEPLY.solc(7319), self.span(), message)
                    .help("split the expression or block into named parts"),
            );
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// Is true at `receive` and `fallback`, which name no declaration.
    pub(crate) fn at_special_name(&self) -> bool {
        self.at_word("receive") || self.at_word("fallback")
    }

    pub(crate) fn ident(&mut self) -> P<Ident> {
        if !self.at(T::Ident) || self.at_special_name() {
            return Err(self.unexpected("a name"));
        }
        Ok(self.any_word())
    }

    /// Takes the current word as a name, whatever its class.
    pub(crate) fn any_word(&mut self) -> Ident {
        let span = self.span();
        let name = self.word_at(0).into();
        self.bump();
        Ident { name, span }
    }

    /// path: ident { "." ident }
    pub(crate) fn path(&mut self) -> P<Path> {
        let mut segments = vec![self.ident()?];
        while self.at(T::Dot) && matches!(self.peek_at(1), T::Ident | T::Keyword(Kw::Address)) {
            self.bump();
            segments.push(self.any_word());
        }
        let span = segments.iter().skip(1).fold(first_span(&segments), |all, s| all.to(s.span));
        Ok(Path { segments, span })
    }

    /// Collects the NatSpec comments right before the current token.
    pub(crate) fn doc(&self) -> Option<Doc> {
        let docs = &self.tokens.docs;
        let at = self.pos as u32;
        let start = docs.partition_point(|(index, _)| *index < at);
        let spans: Vec<Span> =
            docs.iter().skip(start).take_while(|(index, _)| *index == at).map(|d| d.1).collect();
        (!spans.is_empty()).then_some(Doc { spans })
    }

    /// Parses `open item, item close`; a trailing comma is an error.
    pub(crate) fn comma_list<X>(
        &mut self,
        open: T,
        close: T,
        mut item: impl FnMut(&mut Self) -> P<X>,
    ) -> P<(Vec<X>, Span)> {
        let start = self.span();
        self.expect(open, symbol(open))?;
        let mut list = Vec::new();
        if !self.at(close) {
            list.push(item(self)?);
            while self.eat(T::Comma) {
                list.push(item(self)?);
            }
        }
        self.expect(close, &format!("`,` or {}", symbol(close)))?;
        Ok((list, self.since(start)))
    }

    /// Returns where the parser stands, for [`Parser::skip_from`].
    pub(crate) fn position(&self) -> usize {
        self.pos
    }

    /// Skips the rest of a statement that began at `start`: to behind its `;` or its closed block, or to the `}` of
    /// the block around it. Brackets that the statement has opened so far are counted.
    pub(crate) fn skip_from(&mut self, start: usize) {
        let header = self.token_at(start).kind == T::Keyword(Kw::For);
        let error = self.pos;
        let mut open: Vec<T> = Vec::new();
        self.pos = start;
        loop {
            let kind = self.peek();
            match kind {
                T::Eof => break,
                T::LParen | T::LBracket | T::LBrace => open.push(kind),
                T::RParen | T::RBracket if open.last() != Some(&T::LBrace) => {
                    open.pop();
                }
                T::RBrace => {
                    let Some(at) = open.iter().rposition(|k| *k == T::LBrace) else { break };
                    open.truncate(at);
                    let goes_on = matches!(self.peek_at(1), T::RParen | T::Comma | T::Semi | T::LParen);
                    if self.pos >= error && !goes_on && !open.contains(&T::LBrace) {
                        self.bump();
                        return;
                    }
                }
                T::Semi
                    if self.pos >= error
                        && !open.contains(&T::LBrace)
                        && (!(header && open.len() == 1) || self.starts_anew()) =>
                {
                    self.bump();
                    return;
                }
                _ => {}
            }
            self.bump();
        }
        if self.pos < error {
            self.pos = error;
        }
        if self.pos == start && !self.at(T::RBrace) {
            self.bump();
        }
    }

    /// Skips to behind the next `;`, or to a `}` of this level, or behind a balanced `{...}`.
    pub(crate) fn skip_statement(&mut self) {
        let start = self.pos;
        let mut level = 0u32;
        loop {
            match self.peek() {
                T::Eof => break,
                T::RBrace if level == 0 => break,
                T::LBrace | T::LParen | T::LBracket => level += 1,
                T::RBrace => {
                    level -= 1;
                    if level == 0 {
                        self.bump();
                        break;
                    }
                }
                T::RParen | T::RBracket => level = level.saturating_sub(1),
                T::Semi if level == 0 => {
                    self.bump();
                    break;
                }
                // A statement keyword after an unclosed bracket starts anew.
                T::Semi if self.starts_anew() => {
                    self.bump();
                    break;
                }
                _ => {}
            }
            self.bump();
        }
        if self.pos == start && !self.at(T::RBrace) {
            self.bump();
        }
    }

    fn starts_anew(&self) -> bool {
        use Kw::*;
        matches!(
            self.peek_at(1),
            T::Keyword(
                Function
                    | Contract
                    | Library
                    | Interface
                    | Struct
                    | Enum
                    | Event
                    | Modifier
                    | Import
                    | Pragma
                    | Return
                    | If
                    | For
                    | While
                    | Emit
            )
        )
    }
}

fn first_span(segments: &[Ident]) -> Span {
    segments.first().map(|s| s.span).unwrap_or_default()
}

fn symbol(kind: T) -> &'static str {
    match kind {
        T::LParen => "`(`",
        T::RParen => "`)`",
        T::LBracket => "`[`",
        T::RBracket => "`]`",
        T::LBrace => "`{`",
        T::RBrace => "`}`",
        _ => "another token",
    }
}
