//! Parses what stands at the top of a file.

use super::{P, Parser};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};
use std::sync::Arc;

impl Parser<'_> {
    /// source-unit: { item }
    pub(crate) fn source_unit(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while !self.at(T::Eof) {
            match self.item() {
                Ok(item) => items.push(item),
                Err(_) => self.skip_item(),
            }
        }
        items
    }

    fn skip_item(&mut self) {
        self.skip_statement();
        if self.at(T::RBrace) {
            self.bump();
        }
    }

    /// item: pragma | import | using | contract | struct | enum | udvt | event | error | function | constant
    fn item(&mut self) -> P<Item> {
        let doc = self.doc();
        Ok(match self.peek() {
            T::Keyword(Kw::Pragma) => Item::Pragma(self.pragma()?),
            T::Keyword(Kw::Import) => Item::Import(self.import()?),
            T::Keyword(Kw::Using) => Item::Using(Arc::new(self.using()?)),
            T::Keyword(Kw::Abstract | Kw::Contract | Kw::Interface | Kw::Library) => {
                Item::Contract(Arc::new(self.contract(doc)?))
            }
            T::Keyword(Kw::Struct) => Item::Struct(Arc::new(self.struct_definition(doc)?)),
            T::Keyword(Kw::Enum) => Item::Enum(Arc::new(self.enum_definition(doc)?)),
            T::Keyword(Kw::Type) => Item::Udvt(Arc::new(self.udvt(doc)?)),
            T::Keyword(Kw::Event) => Item::Event(Arc::new(self.event(doc)?)),
            T::Keyword(Kw::Function) if self.names_function() => {
                Item::Function(Arc::new(self.function(doc)?))
            }
            _ if self.at_error_definition() => Item::Error(Arc::new(self.error_definition(doc)?)),
            T::Ident if self.peek_at(1) == T::Eof => return Err(self.no_item()),
            _ if self.starts_type() => Item::Variable(Arc::new(self.variable(doc, true)?)),
            T::RBrace => return self.stray_brace(),
            _ => return Err(self.no_item()),
        })
    }

    fn no_item(&mut self) -> super::Reported {
        self.unexpected_as(7858, "a contract, function, type, constant, import or pragma")
    }

    fn stray_brace(&mut self) -> P<Item> {
        let span = self.span();
        self.bump();
        self.diags.push(
            Diagnostic::error(codes::UNEXPECTED_TOKEN.solc(7858), span, "`}` closes nothing")
                .help("remove it, or look for a missing `{`"),
        );
        if self.at(T::Eof) { Err(super::Reported) } else { self.item() }
    }

    /// pragma: "pragma" words ";"
    fn pragma(&mut self) -> P<Pragma> {
        let start = self.span();
        self.bump();
        let name: Name = self.word_at(0).into();
        let named = self.at(T::Ident);
        self.bump();
        let from = self.span().start as usize;
        let mut until = from;
        while !matches!(self.peek(), T::Semi | T::Eof | T::LBrace | T::RBrace) {
            until = self.span().end as usize;
            self.bump();
        }
        let value = self.text.get(from..until).unwrap_or("").to_owned();
        self.semicolon()?;
        let span = self.since(start);
        if !named {
            let message = format!("`{name}` is no pragma");
            return self.error(
                Diagnostic::error(codes::VERSION_PRAGMA.solc(5226), span, message)
                    .help("write one such as `pragma solidity ^0.8.0;`"),
            );
        }
        Ok(Pragma { name, value, span })
    }

    /// import: "import" ( path [ "as" ident ] | "*" "as" ident "from" path | "{" names "}" "from" path ) ";"
    fn import(&mut self) -> P<Import> {
        let start = self.span();
        self.bump();
        let kind_first = match self.peek() {
            T::Star => {
                self.bump();
                self.expect_kw(Kw::As)?;
                Some(ImportKind::Module(self.ident()?))
            }
            T::LBrace => Some(ImportKind::Names(self.comma_list(T::LBrace, T::RBrace, Self::import_name)?.0)),
            _ => None,
        };
        if kind_first.is_some() && !self.eat_word("from") {
            return Err(self.unexpected_as(8208, "`from`"));
        }
        let path_span = self.span();
        let path = self.import_path(kind_first.is_some())?;
        let kind = match kind_first {
            Some(kind) => kind,
            None if self.eat_kw(Kw::As) => ImportKind::Module(self.ident()?),
            None => ImportKind::All,
        };
        self.semicolon()?;
        Ok(Import { path, path_span, kind, span: self.since(start) })
    }

    fn import_name(&mut self) -> P<(Ident, Option<Ident>)> {
        let name = self.ident()?;
        let alias = if self.eat_kw(Kw::As) { Some(self.ident()?) } else { None };
        Ok((name, alias))
    }

    fn import_path(&mut self, behind_from: bool) -> P<String> {
        if !self.at(T::Str) {
            return Err(self.unexpected_as(if behind_from { 6845 } else { 9478 }, "a path in quotes"));
        }
        let span = self.span();
        let token = self.bump();
        let bytes = self.unescape(token, false);
        match String::from_utf8(bytes) {
            Ok(path) if !path.is_empty() => Ok(path),
            _ => self.error(Diagnostic::error(
                codes::UNEXPECTED_TOKEN.solc(6326),
                span,
                "an import path is UTF-8 text and not empty",
            )),
        }
    }

    /// using: "using" ( path | "{" names "}" ) "for" ( "*" | type ) [ "global" ] ";"
    pub(super) fn using(&mut self) -> P<Using> {
        let start = self.span();
        self.bump();
        if self.at(T::LBrace) && self.peek_at(1) == T::RBrace {
            self.bump();
            return Err(self.unexpected("a library, or functions in braces"));
        }
        let functions = if self.at(T::LBrace) {
            UsingFunctions::List(self.comma_list(T::LBrace, T::RBrace, Self::using_function)?.0)
        } else {
            UsingFunctions::Library(self.path()?)
        };
        self.expect_kw(Kw::For)?;
        let target = if self.eat(T::Star) { None } else { Some(self.type_name()?) };
        let global = self.at_word("global").then(|| self.span());
        self.eat_word("global");
        self.semicolon()?;
        Ok(Using { functions, target, global, span: self.since(start) })
    }

    fn using_function(&mut self) -> P<(Path, Option<(Operator, crate::source::Span)>)> {
        let path = self.path()?;
        if !self.eat_kw(Kw::As) {
            return Ok((path, None));
        }
        let span = self.span();
        let operator = user_operator(self.peek())
            .ok_or_else(|| self.unexpected_as(4403, "an operator that can be defined"))?;
        self.bump();
        Ok((path, Some((operator, span))))
    }

    pub(super) fn at_error_definition(&self) -> bool {
        self.at_word("error") && self.peek_at(1) == T::Ident && self.peek_at(2) == T::LParen
    }
}

fn user_operator(kind: T) -> Option<Operator> {
    use BinaryOp::*;
    Some(Operator::Binary(match kind {
        T::Tilde => return Some(Operator::BitNot),
        T::Plus => Add,
        T::Minus => Sub,
        T::Star => Mul,
        T::Slash => Div,
        T::Percent => Mod,
        T::And => BitAnd,
        T::Or => BitOr,
        T::Xor => BitXor,
        T::EqEq => Eq,
        T::NotEq => Ne,
        T::Lt => Lt,
        T::LtEq => Le,
        T::Gt => Gt,
        T::GtEq => Ge,
        _ => return None,
    }))
}
