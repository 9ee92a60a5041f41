//! Parses statements.

use super::{P, Parser};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};

impl Parser<'_> {
    /// block: "{" { statement } "}"
    pub(crate) fn block(&mut self) -> P<Block> {
        self.deeper(|p| {
            let start = p.expect(T::LBrace, "`{`")?;
            let mut stmts = Vec::new();
            p.blocks += 1;
            while !matches!(p.peek(), T::RBrace | T::Eof) {
                stmts.push(p.statement_or_error());
            }
            p.blocks -= 1;
            if p.at(T::Eof) {
                return Err(p.unexpected_as(6933, "`}` to close the block"));
            }
            p.bump();
            Ok(Block { stmts, span: p.since(start) })
        })
    }

    fn statement_or_error(&mut self) -> Stmt {
        let (start, position) = (self.span(), self.position());
        match self.statement() {
            Ok(stmt) => stmt,
            Err(_) => {
                self.skip_from(position);
                Stmt { id: self.id(), kind: StmtKind::Error, span: self.since(start) }
            }
        }
    }

    /// statement: block | unchecked | if | while | do | for | continue | break | return | try | assembly | emit | revert | declaration | expression
    fn statement(&mut self) -> P<Stmt> {
        self.deeper(|p| {
            let (start, id) = (p.span(), p.id());
            let kind = p.statement_kind()?;
            Ok(Stmt { id, kind, span: p.since(start) })
        })
    }

    fn statement_kind(&mut self) -> P<StmtKind> {
        match self.peek() {
            T::LBrace => Ok(StmtKind::Block(self.block()?)),
            T::Keyword(Kw::Unchecked) => {
                self.bump();
                Ok(StmtKind::Unchecked(self.block()?))
            }
            T::Keyword(Kw::If) => self.if_statement(),
            T::Keyword(Kw::While) => self.while_statement(),
            T::Keyword(Kw::Do) => self.do_statement(),
            T::Keyword(Kw::For) => self.for_statement(),
            T::Keyword(Kw::Continue) => self.word_statement(StmtKind::Continue),
            T::Keyword(Kw::Break) => self.word_statement(StmtKind::Break),
            T::Keyword(Kw::Return) => self.return_statement(),
            T::Keyword(Kw::Try) => self.try_statement(),
            T::Keyword(Kw::Assembly) => self.assembly_statement(),
            T::Keyword(Kw::Emit) => self.emit_statement(),
            T::Ident if self.at_word("revert") && self.peek_at(1) == T::Ident => self.revert_statement(),
            T::Ident if self.at_word("_") && self.peek_at(1) == T::Semi => {
                self.word_statement(StmtKind::Placeholder)
            }
            _ => self.simple_statement(),
        }
    }

    /// Parses the body of a branch or loop, where `unchecked` does not stand.
    fn branch(&mut self) -> P<Stmt> {
        if self.at_kw(Kw::Unchecked) {
            let place = self.span();
            let message = "`unchecked` stands directly in a block";
            self.diags.push(
                Diagnostic::error(codes::UNEXPECTED_TOKEN.solc(5296), place, message)
                    .help("write `{ unchecked { ... } }`"),
            );
        }
        self.statement()
    }

    fn word_statement(&mut self, kind: StmtKind) -> P<StmtKind> {
        self.bump();
        self.semicolon()?;
        Ok(kind)
    }

    /// if: "if" "(" expression ")" statement [ "else" statement ]
    fn if_statement(&mut self) -> P<StmtKind> {
        self.bump();
        let cond = self.condition()?;
        let then = Box::new(self.branch()?);
        let otherwise = if self.eat_kw(Kw::Else) { Some(Box::new(self.branch()?)) } else { None };
        Ok(StmtKind::If { cond, then, otherwise })
    }

    fn condition(&mut self) -> P<Expr> {
        self.expect(T::LParen, "`(`")?;
        let cond = self.expression()?;
        self.expect(T::RParen, "`)`")?;
        Ok(cond)
    }

    /// while: "while" "(" expression ")" statement
    fn while_statement(&mut self) -> P<StmtKind> {
        self.bump();
        let cond = self.condition()?;
        Ok(StmtKind::While { cond, body: Box::new(self.branch()?) })
    }

    /// do: "do" statement "while" "(" expression ")" ";"
    fn do_statement(&mut self) -> P<StmtKind> {
        self.bump();
        let body = Box::new(self.branch()?);
        self.expect_kw(Kw::While)?;
        let cond = self.condition()?;
        self.semicolon()?;
        Ok(StmtKind::DoWhile { body, cond })
    }

    /// for: "for" "(" ( simple | ";" ) [ expression ] ";" [ expression ] ")" statement
    fn for_statement(&mut self) -> P<StmtKind> {
        self.bump();
        self.expect(T::LParen, "`(`")?;
        let init = if self.eat(T::Semi) { None } else { Some(Box::new(self.for_init()?)) };
        let cond = if self.at(T::Semi) { None } else { Some(self.expression()?) };
        self.expect(T::Semi, "`;`")?;
        let post = if self.at(T::RParen) { None } else { Some(Box::new(self.expression()?)) };
        self.expect(T::RParen, "`)`")?;
        let body = Box::new(self.branch()?);
        Ok(StmtKind::For { init, cond, post, body })
    }

    fn for_init(&mut self) -> P<Stmt> {
        let (start, id) = (self.span(), self.id());
        let kind = self.simple_statement()?;
        Ok(Stmt { id, kind, span: self.since(start) })
    }

    /// return: "return" [ expression ] ";"
    fn return_statement(&mut self) -> P<StmtKind> {
        self.bump();
        let value = if self.at(T::Semi) { None } else { Some(self.expression()?) };
        self.semicolon()?;
        Ok(StmtKind::Return(value))
    }

    /// emit: "emit" path args ";"
    fn emit_statement(&mut self) -> P<StmtKind> {
        self.bump();
        if !self.at(T::Ident) {
            return Err(self.unexpected_as(5620, "the name of an event"));
        }
        let path = self.path()?;
        let args = self.args()?;
        self.semicolon()?;
        Ok(StmtKind::Emit { path, args })
    }

    /// revert: "revert" path args ";"
    fn revert_statement(&mut self) -> P<StmtKind> {
        self.bump();
        let path = self.path()?;
        let args = self.args()?;
        self.semicolon()?;
        Ok(StmtKind::Revert { path, args })
    }

    /// try: "try" expression [ "returns" params ] block catch { catch }
    fn try_statement(&mut self) -> P<StmtKind> {
        self.bump();
        let call = self.expression()?;
        let returns_span = self.span();
        let returns = if self.eat_kw(Kw::Returns) { self.results()? } else { Vec::new() };
        let body = self.block()?;
        if !self.at_kw(Kw::Catch) {
            return Err(self.unexpected("`catch`"));
        }
        let mut catches = Vec::new();
        while self.at_kw(Kw::Catch) {
            catches.push(self.catch()?);
        }
        Ok(StmtKind::Try(Box::new(Try { call, returns, returns_span, body, catches })))
    }

    /// catch: "catch" [ [ ident ] params ] block
    fn catch(&mut self) -> P<Catch> {
        let start = self.span();
        self.bump();
        let name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        if name.is_none() && self.at(T::LParen) && self.peek_at(1) == T::RParen {
            self.bump();
            return Err(self.unexpected_as(3546, "a parameter, or no parentheses"));
        }
        let params = if name.is_some() || self.at(T::LParen) { self.params()? } else { Vec::new() };
        let body = self.block()?;
        Ok(Catch { name, params, body, span: self.since(start) })
    }

    /// simple: ( declaration | tuple-declaration | expression ) ";"
    fn simple_statement(&mut self) -> P<StmtKind> {
        let kind = if self.at_declaration(0) {
            self.declaration()?
        } else if self.at(T::LParen) && self.at_tuple_declaration() {
            self.tuple_declaration()?
        } else if self.at(T::LParen) && self.peek_at(1) == T::RParen {
            // an empty tuple may be an argument, but no statement begins with it
            self.bump();
            return Err(self.unexpected_as(6933, "an expression"));
        } else {
            StmtKind::Expr(self.expression()?)
        };
        self.semicolon()?;
        Ok(kind)
    }

    /// declaration: type [ location ] ident [ "=" expression ]
    fn declaration(&mut self) -> P<StmtKind> {
        let var = self.declared_component()?;
        let value = if self.eat(T::Eq) { Some(self.expression()?) } else { None };
        Ok(StmtKind::Declare { vars: vec![Some(var)], tuple: false, value })
    }

    /// tuple-declaration: "(" [ param ] { "," [ param ] } ")" "=" expression
    fn tuple_declaration(&mut self) -> P<StmtKind> {
        self.bump();
        let mut vars = Vec::new();
        loop {
            let present = !matches!(self.peek(), T::Comma | T::RParen);
            vars.push(if present { Some(self.declared_component()?) } else { None });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RParen, "`,` or `)`")?;
        self.expect(T::Eq, "`=`")?;
        let value = Some(self.expression()?);
        Ok(StmtKind::Declare { vars, tuple: true, value })
    }

    fn declared_component(&mut self) -> P<Param> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        let (location, strays) = self.param_attributes(true);
        let name = Some(self.ident()?);
        let span = self.since(start);
        self.refuse_strays(&strays, span);
        Ok(Param { id, ty, location, indexed: false, name, span })
    }

    fn at_tuple_declaration(&self) -> bool {
        let mut ahead = 1;
        while self.peek_at(ahead) == T::Comma {
            ahead += 1;
        }
        self.at_declaration(ahead)
    }

    /// Looks ahead for `type [location] name`: a type is a path or elementary word with index brackets.
    fn at_declaration(&self, mut ahead: usize) -> bool {
        match self.peek_at(ahead) {
            T::Keyword(Kw::Mapping) => return true,
            T::Keyword(Kw::Function) => return true,
            T::Elementary | T::Keyword(Kw::Bool | Kw::String | Kw::Bytes | Kw::Address)
                if matches!(self.peek_at(ahead + 1), T::Keyword(Kw::Payable | Kw::View | Kw::Pure)) =>
            {
                return true;
            }
            T::Elementary | T::Keyword(Kw::Bool | Kw::String | Kw::Bytes | Kw::Address) => ahead += 1,
            T::Ident => {
                ahead += 1;
                while self.peek_at(ahead) == T::Dot && self.peek_at(ahead + 1) == T::Ident {
                    ahead += 2;
                }
            }
            _ => return false,
        }
        while self.peek_at(ahead) == T::LBracket {
            match self.behind_brackets(ahead) {
                Some(next) => ahead = next,
                None => return false,
            }
        }
        matches!(
            self.peek_at(ahead),
            T::Ident | T::Reserved | T::Keyword(Kw::Storage | Kw::Memory | Kw::Calldata)
        )
    }

    /// Returns the position behind the bracket group at `ahead`; none when it is not closed in this statement.
    fn behind_brackets(&self, mut ahead: usize) -> Option<usize> {
        let mut level = 0usize;
        loop {
            match self.peek_at(ahead) {
                T::LBracket => level += 1,
                T::RBracket => level -= 1,
                T::Semi | T::LBrace | T::RBrace | T::Eof => return None,
                _ => {}
            }
            ahead += 1;
            if level == 0 {
                return Some(ahead);
            }
        }
    }
}
