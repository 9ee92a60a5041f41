//! Parses inline assembly.

use super::literal::decimal_fault;
use super::{P, Parser};
use crate::ast::yul::*;
use crate::ast::{Ident, StmtKind};
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};
use crate::source::Span;

impl Parser<'_> {
    /// assembly: "assembly" [ string ] [ "(" string { "," string } ")" ] yul-block
    pub(super) fn assembly_statement(&mut self) -> P<StmtKind> {
        self.bump();
        let dialect = if self.at(T::Str) { Some(self.yul_string()) } else { None };
        let flags = if self.at(T::LParen) {
            self.comma_list(T::LParen, T::RParen, Self::assembly_flag)?.0
        } else {
            Vec::new()
        };
        let body = self.yul_block()?;
        Ok(StmtKind::Assembly(Box::new(Assembly { dialect, flags, body })))
    }

    fn assembly_flag(&mut self) -> P<Vec<u8>> {
        if !self.at(T::Str) {
            return Err(self.unexpected("a flag such as \"memory-safe\""));
        }
        Ok(self.yul_string())
    }

    pub(super) fn yul_string(&mut self) -> Vec<u8> {
        let token = self.bump();
        self.unescape(token, false)
    }

    /// yul-block: "{" { yul-statement } "}"
    pub(super) fn yul_block(&mut self) -> P<YulBlock> {
        self.deeper(|p| {
            let start = p.expect(T::LBrace, "`{`")?;
            let mut stmts = Vec::new();
            while !matches!(p.peek(), T::RBrace | T::Eof) {
                stmts.push(p.yul_statement_or_error());
            }
            p.expect(T::RBrace, "`}` to close the block")?;
            Ok(YulBlock { stmts, span: p.since(start) })
        })
    }

    fn yul_statement_or_error(&mut self) -> YulStmt {
        let start = self.span();
        match self.yul_statement() {
            Ok(stmt) => stmt,
            Err(_) => {
                self.skip_yul();
                YulStmt { kind: YulStmtKind::Error, span: self.since(start) }
            }
        }
    }

    /// Skips at least one token, to the next word that can start a statement or to the block's end.
    fn skip_yul(&mut self) {
        let mut level = 0u32;
        loop {
            match self.peek() {
                T::Eof => return,
                T::RBrace if level == 0 => return,
                T::LBrace => level += 1,
                T::RBrace => level -= 1,
                _ => {}
            }
            self.bump();
            if level == 0 && matches!(self.word_at(0), "let" | "if" | "for" | "switch" | "function" | "leave")
            {
                return;
            }
        }
    }

    /// yul-statement: block | function | let | if | switch | for | break | continue | leave | assignment | call
    fn yul_statement(&mut self) -> P<YulStmt> {
        self.deeper(|p| {
            let start = p.span();
            let kind = p.yul_statement_kind()?;
            Ok(YulStmt { kind, span: p.since(start) })
        })
    }

    fn yul_statement_kind(&mut self) -> P<YulStmtKind> {
        if self.at(T::LBrace) {
            return Ok(YulStmtKind::Block(self.yul_block()?));
        }
        match self.word_at(0) {
            "function" => self.yul_function(),
            "let" => self.yul_let(),
            "if" => self.yul_if(),
            "switch" => self.yul_switch(),
            "for" => self.yul_for(),
            "break" => Ok(self.yul_word(YulStmtKind::Break)),
            "continue" => Ok(self.yul_word(YulStmtKind::Continue)),
            "leave" => Ok(self.yul_word(YulStmtKind::Leave)),
            _ => self.yul_assignment_or_call(),
        }
    }

    fn yul_word(&mut self, kind: YulStmtKind) -> YulStmtKind {
        self.bump();
        kind
    }

    /// yul-function: "function" name "(" names ")" [ "->" names ] yul-block
    fn yul_function(&mut self) -> P<YulStmtKind> {
        let start = self.span();
        self.bump();
        let (name, dotted) = self.yul_dotted()?;
        let (params, _) = self.comma_list(T::LParen, T::RParen, Self::yul_plain_name)?;
        let returns = if self.eat(T::Arrow) { self.yul_names()? } else { Vec::new() };
        let body = self.yul_block()?;
        if dotted {
            let whole = self.since(start);
            self.refuse_dots(whole);
        }
        Ok(YulStmtKind::Function { name, params, returns, body })
    }

    fn yul_names(&mut self) -> P<Vec<Ident>> {
        let mut names = vec![self.yul_plain_name()?];
        while self.eat(T::Comma) {
            names.push(self.yul_plain_name()?);
        }
        Ok(names)
    }

    /// Parses a name to be declared and whatever dots follow it.
    fn yul_dotted(&mut self) -> P<(Ident, bool)> {
        let name = self.yul_name()?;
        let mut dotted = false;
        while self.eat(T::Dot) {
            dotted = true;
            if self.is_yul_word() {
                self.yul_name()?;
            }
        }
        Ok((name, dotted))
    }

    /// Parses a name to be declared; it has no dots.
    fn yul_plain_name(&mut self) -> P<Ident> {
        let (name, dotted) = self.yul_dotted()?;
        if dotted {
            let whole = self.since(name.span);
            self.refuse_dots(whole);
        }
        Ok(name)
    }

    fn refuse_dots(&mut self, span: Span) {
        let message = "a name declared in assembly has no dots";
        self.diags.push(Diagnostic::error(codes::ASM_DECLARED.solc(3927), span, message));
    }

    /// yul-let: "let" names [ ":=" yul-expression ]
    fn yul_let(&mut self) -> P<YulStmtKind> {
        self.bump();
        let names = self.yul_names()?;
        self.refuse_yul_type()?;
        let value = if self.eat(T::ColonEq) { Some(self.yul_expression()?) } else { None };
        Ok(YulStmtKind::Let { names, value })
    }

    /// Reports `let x : type`, as old assembly had it.
    fn refuse_yul_type(&mut self) -> P<()> {
        if !self.eat(T::Colon) {
            return Ok(());
        }
        let name = self.yul_name()?;
        let message = "assembly has no types";
        self.error(
            Diagnostic::error(codes::UNEXPECTED_TOKEN.solc(5473), name.span, message).help("remove it"),
        )
    }

    /// yul-if: "if" yul-expression yul-block
    fn yul_if(&mut self) -> P<YulStmtKind> {
        self.bump();
        let cond = self.yul_expression()?;
        Ok(YulStmtKind::If { cond, body: self.yul_block()? })
    }

    /// yul-switch: "switch" yul-expression { "case" literal yul-block } [ "default" yul-block ]
    fn yul_switch(&mut self) -> P<YulStmtKind> {
        self.bump();
        let value = self.yul_expression()?;
        let mut cases = Vec::new();
        while self.word_at(0) == "case" {
            let start = self.span();
            self.bump();
            if self.is_yul_word() {
                self.bump();
                return Err(self.unexpected_as(4805, "a literal in front of this"));
            }
            let value = self.yul_literal()?;
            let body = self.yul_block()?;
            cases.push(YulCase { value, body, span: self.since(start) });
        }
        let mut default = None;
        if self.word_at(0) == "default" {
            self.bump();
            default = Some(self.yul_block()?);
        }
        match self.word_at(0) {
            "case" => return Err(self.unexpected_as(4904, "no case behind the default")),
            "default" => return Err(self.unexpected_as(6931, "one default")),
            _ => {}
        }
        if cases.is_empty() && default.is_none() {
            return self.error(Diagnostic::error(
                codes::ASM_SWITCH.solc(2418),
                self.span(),
                "a switch needs a case or a default",
            ));
        }
        Ok(YulStmtKind::Switch { value, cases, default })
    }

    /// yul-for: "for" yul-block yul-expression yul-block yul-block
    fn yul_for(&mut self) -> P<YulStmtKind> {
        self.bump();
        let init = self.yul_block()?;
        self.refuse_functions(&init);
        let cond = self.yul_expression()?;
        let post = self.yul_block()?;
        Ok(YulStmtKind::For { init, cond, post, body: self.yul_block()? })
    }

    /// A function in the head of a loop would be seen by its body only.
    fn refuse_functions(&mut self, block: &YulBlock) {
        for stmt in &block.stmts {
            if let YulStmtKind::Function { .. } = stmt.kind {
                let word = Span { end: stmt.span.start + "function".len() as u32, ..stmt.span };
                let message = "no function is defined in the head of a loop";
                self.diags.push(
                    Diagnostic::error(codes::ASM_CONTROL.solc(3441), word, message)
                        .help("define it before the loop"),
                );
            }
        }
    }

    fn yul_assignment_or_call(&mut self) -> P<YulStmtKind> {
        if !self.is_yul_word() {
            self.yul_literal()?;
            let number = if self.at(T::LParen) { 9980 } else { 6913 };
            let what = "a call or an assignment instead of a literal in front of this";
            return Err(self.unexpected_as(number, what));
        }
        if self.is_yul_call() {
            return Ok(YulStmtKind::Expr(self.yul_expression()?));
        }
        let mut targets = vec![self.yul_path()?];
        while self.eat(T::Comma) {
            targets.push(self.yul_path()?);
        }
        if !self.at(T::ColonEq) {
            return Err(self.unexpected_as(6913, "`:=` or a call"));
        }
        self.bump();
        let value = self.yul_expression()?;
        Ok(YulStmtKind::Assign { targets, value })
    }

    /// Any word is a name in Yul but the words of its own grammar.
    fn is_yul_word(&self) -> bool {
        let word = self.word_at(0);
        matches!(self.peek(), T::Ident | T::Keyword(_) | T::Elementary | T::Reserved)
            && !matches!(
                word,
                "let"
                    | "function"
                    | "if"
                    | "for"
                    | "switch"
                    | "case"
                    | "default"
                    | "break"
                    | "continue"
                    | "leave"
                    | "true"
                    | "false"
                    | "hex"
            )
    }

    fn yul_name(&mut self) -> P<Ident> {
        if !self.is_yul_word() {
            return Err(self.unexpected("a name"));
        }
        let first = self.any_word();
        if !self.dotted || !self.at(T::Dot) {
            return Ok(first);
        }
        let mut name = first.name.to_string();
        while self.eat(T::Dot) {
            name.push('.');
            name.push_str(&self.any_word().name);
        }
        Ok(Ident { name: name.as_str().into(), span: self.since(first.span) })
    }

    /// Is true at a name, with its dots where these are part of names, that stands before `(`.
    fn is_yul_call(&self) -> bool {
        let mut ahead = 1;
        while self.dotted && self.peek_at(ahead) == T::Dot {
            ahead += 2;
        }
        self.is_yul_word() && self.peek_at(ahead) == T::LParen
    }

    /// yul-path: name { "." name }
    fn yul_path(&mut self) -> P<YulPath> {
        let start = self.span();
        let mut segments = vec![self.yul_name()?];
        while self.eat(T::Dot) {
            segments.push(self.yul_name()?);
        }
        Ok(YulPath { segments, span: self.since(start) })
    }

    /// yul-expression: literal | name args | yul-path
    fn yul_expression(&mut self) -> P<YulExpr> {
        self.deeper(|p| {
            let (start, id) = (p.span(), p.id());
            let kind = if !p.is_yul_word() {
                YulExprKind::Literal(p.yul_literal()?)
            } else if p.is_yul_call() {
                let name = p.yul_name()?;
                let (args, _) = p.comma_list(T::LParen, T::RParen, Self::yul_expression)?;
                YulExprKind::Call { name, args }
            } else {
                YulExprKind::Path(p.yul_path()?)
            };
            Ok(YulExpr { id, kind, span: p.since(start) })
        })
    }

    /// Is true for plain digits; reports leading zeros.
    fn refuse_octal(&mut self, text: &str, span: Span) -> P<bool> {
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(false);
        }
        match decimal_fault(text) {
            Some((_, length, message)) => {
                let place = Span { end: length.map_or(span.end, |n| span.start + n), ..span };
                self.error(Diagnostic::error(codes::BAD_YUL_LITERAL.solc(1465), place, message))
            }
            None => Ok(true),
        }
    }

    fn yul_literal(&mut self) -> P<YulLiteral> {
        let span = self.span();
        let text = self.word_at(0);
        let kind = match self.peek() {
            T::Number if self.refuse_octal(text, span)? => YulLiteralKind::Number(text.into()),
            T::HexNumber if text.len() > 2 && !text.contains('_') => YulLiteralKind::HexNumber(text.into()),
            T::Number | T::HexNumber => {
                return self.error(
                    Diagnostic::error(
                        codes::BAD_YUL_LITERAL.solc(4828),
                        span,
                        "assembly takes whole decimal or hex numbers only",
                    )
                    .help("write the digits without `_`, `.` or an exponent"),
                );
            }
            T::Keyword(Kw::True) => YulLiteralKind::Bool(true),
            T::Keyword(Kw::False) => YulLiteralKind::Bool(false),
            T::Str => return Ok(YulLiteral { kind: YulLiteralKind::Str(self.yul_string()), span }),
            T::HexStr => {
                let token = self.bump();
                return Ok(YulLiteral { kind: YulLiteralKind::HexStr(self.hex_string(token, 1465)), span });
            }
            _ => return Err(self.unexpected_as(1856, "an expression")),
        };
        self.bump();
        Ok(YulLiteral { kind, span })
    }
}
