//! Parses functions, modifiers and their headers.

use super::{P, Parser};
use crate::ast::*;
use crate::lexer::{Kw, T};

impl Parser<'_> {
    /// Tells `function f(` from a variable of function type.
    pub(super) fn names_function(&self) -> bool {
        self.peek_at(1) != T::LParen
    }

    /// function: ( "function" ident | "constructor" | "receive" | "fallback" ) params { attribute } [ returns ] ( ";" | block )
    pub(super) fn function(&mut self, doc: Option<Doc>) -> P<Function> {
        let (start, id) = (self.span(), self.id());
        let (kind, name) = self.function_name()?;
        let params = self.params()?;
        let mut f = Function {
            id,
            kind,
            name,
            params,
            returns: Vec::new(),
            visibility: None,
            mutability: None,
            is_virtual: None,
            overrides: None,
            modifiers: Vec::new(),
            body: None,
            doc,
            header: start,
            span: start,
        };
        while self.function_attribute(&mut f)? {}
        if self.eat_kw(Kw::Returns) {
            f.returns = self.params()?;
        }
        f.header = self.since(start);
        f.body = self.body()?;
        f.span = self.since(start);
        Ok(f)
    }

    fn function_name(&mut self) -> P<(FunctionKind, Option<Ident>)> {
        let word = self.word_at(0);
        self.bump();
        Ok(match word {
            "constructor" => (FunctionKind::Constructor, None),
            "receive" => (FunctionKind::Receive, None),
            "fallback" => (FunctionKind::Fallback, None),
            _ => (FunctionKind::Function, Some(self.ident()?)),
        })
    }

    /// body: ";" | block
    fn body(&mut self) -> P<Option<Block>> {
        if self.eat(T::Semi) {
            return Ok(None);
        }
        if !self.at(T::LBrace) {
            return Err(self.unexpected("`{` or `;`"));
        }
        self.block().map(Some)
    }

    fn function_attribute(&mut self, f: &mut Function) -> P<bool> {
        let span = self.span();
        let twice = match self.peek() {
            T::Keyword(kw) if visibility(kw).is_some() => {
                let twice = f.visibility.is_some();
                f.visibility = visibility(kw).map(|v| (v, span));
                twice
            }
            T::Keyword(kw) if mutability(kw).is_some() => {
                let twice = f.mutability.is_some();
                f.mutability = mutability(kw).map(|m| (m, span));
                twice
            }
            T::Keyword(Kw::Virtual) => f.is_virtual.replace(span).is_some(),
            T::Keyword(Kw::Override) => {
                let twice = f.overrides.is_some();
                f.overrides = Some(self.override_specifier()?);
                self.refuse_second(twice, span, "`override`");
                return Ok(true);
            }
            T::Ident => {
                f.modifiers.push(self.base()?);
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.bump();
        self.refuse_second(twice, span, "this attribute");
        Ok(true)
    }

    /// override: "override" [ "(" path { "," path } ")" ]
    pub(super) fn override_specifier(&mut self) -> P<Override> {
        let start = self.span();
        self.bump();
        if self.at(T::LParen) && self.peek_at(1) == T::RParen {
            return Err(self.unexpected("a list of bases, or nothing behind `override`"));
        }
        let paths = if self.at(T::LParen) {
            self.comma_list(T::LParen, T::RParen, Self::path)?.0
        } else {
            Vec::new()
        };
        Ok(Override { paths, span: self.since(start) })
    }

    /// modifier: "modifier" ident [ params ] { "virtual" | override } ( ";" | block )
    pub(super) fn modifier(&mut self, doc: Option<Doc>) -> P<Modifier> {
        let (start, id) = (self.span(), self.id());
        self.bump();
        let name = self.ident()?;
        let params = if self.at(T::LParen) { self.params()? } else { Vec::new() };
        let (mut is_virtual, mut overrides) = (None, None);
        loop {
            let span = self.span();
            if self.eat_kw(Kw::Virtual) {
                self.refuse_second(is_virtual.is_some(), span, "`virtual`");
                is_virtual = Some(span);
            } else if self.at_kw(Kw::Override) {
                self.refuse_second(overrides.is_some(), span, "`override`");
                overrides = Some(self.override_specifier()?);
            } else {
                break;
            }
        }
        let body = self.body()?;
        Ok(Modifier { id, name, params, is_virtual, overrides, body, doc, span: self.since(start) })
    }

    /// params: "(" [ param { "," param } ] ")"
    pub(crate) fn params(&mut self) -> P<Vec<Param>> {
        Ok(self.comma_list(T::LParen, T::RParen, Self::param)?.0)
    }

    /// param: type [ location ] [ ident ]
    pub(crate) fn param(&mut self) -> P<Param> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        let location = self.data_location();
        let name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        Ok(Param { id, ty, location, indexed: false, name, span: self.since(start) })
    }
}

pub(super) fn visibility(kw: Kw) -> Option<Visibility> {
    Some(match kw {
        Kw::External => Visibility::External,
        Kw::Public => Visibility::Public,
        Kw::Internal => Visibility::Internal,
        Kw::Private => Visibility::Private,
        _ => return None,
    })
}

pub(super) fn mutability(kw: Kw) -> Option<Mutability> {
    Some(match kw {
        Kw::Pure => Mutability::Pure,
        Kw::View => Mutability::View,
        Kw::Payable => Mutability::Payable,
        _ => return None,
    })
}
