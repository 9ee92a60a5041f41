//! Parses functions, modifiers and their headers.

use super::{P, Parser};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};
use crate::source::Span;

impl Parser<'_> {
    /// Tells `function f(` from a variable of function type.
    pub(super) fn names_function(&self) -> bool {
        self.peek_at(1) != T::LParen
    }

    /// function: ( "function" ident | "constructor" | "receive" | "fallback" ) params { attribute } [ returns ] ( ";" | block )
    pub(super) fn function(&mut self, doc: Option<Doc>) -> P<Function> {
        let (start, id) = (self.span(), self.id());
        let (kind, name) = self.function_name()?;
        let params_start = self.span();
        let params = self.params()?;
        let params_span = self.since(params_start);
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
            params_span,
            returns_span: start,
            span: start,
        };
        while self.function_attribute(&mut f)? {}
        f.returns_span = self.span();
        if self.eat_kw(Kw::Returns) {
            let start = self.span();
            f.returns = self.results()?;
            f.returns_span = self.since(start);
        } else {
            // As in solc, an empty list stands in front of the body.
            f.returns_span.end = f.returns_span.start;
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
            _ => {
                self.refuse_named_constructor()?;
                // `function receive()` is a function of that name, which is warned of.
                let name = if self.at_special_name() { self.any_word() } else { self.ident()? };
                (FunctionKind::Function, Some(name))
            }
        })
    }

    fn refuse_named_constructor(&mut self) -> P<()> {
        if !self.at_kw(Kw::Constructor) {
            return Ok(());
        }
        let place = self.span();
        self.error(
            Diagnostic::error(codes::RESERVED_WORD.solc(3323), place, "no function is called `constructor`")
                .help("remove the word `function` in front of it to make it the constructor"),
        )
    }

    /// body: ";" | block
    fn body(&mut self) -> P<Option<Block>> {
        if self.eat(T::Semi) {
            return Ok(None);
        }
        if self.at_kw(Kw::Unchecked) {
            return Err(self.unexpected_as(5296, "a body, which may hold an `unchecked` block"));
        }
        if !self.at(T::LBrace) {
            return Err(self.unexpected("`{` or `;`"));
        }
        self.block().map(Some)
    }

    fn function_attribute(&mut self, f: &mut Function) -> P<bool> {
        let span = self.span();
        let (twice, number) = match self.peek() {
            T::Keyword(kw) if visibility(kw).is_some() => {
                let twice = f.visibility.is_some();
                f.visibility = visibility(kw).map(|v| (v, span));
                (twice, 9439)
            }
            T::Keyword(kw) if mutability(kw).is_some() => {
                let twice = f.mutability.is_some();
                f.mutability = mutability(kw).map(|m| (m, span));
                (twice, 9680)
            }
            T::Keyword(Kw::Virtual) => (f.is_virtual.replace(span).is_some(), 6879),
            T::Keyword(Kw::Override) => {
                let twice = f.overrides.is_some();
                f.overrides = Some(self.override_specifier()?);
                self.refuse_second(twice, 1827, span, "`override`");
                return Ok(true);
            }
            T::Ident => {
                f.modifiers.push(self.base()?);
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.bump();
        self.refuse_second(twice, number, span, "this attribute");
        Ok(true)
    }

    /// override: "override" [ "(" path { "," path } ")" ]
    pub(super) fn override_specifier(&mut self) -> P<Override> {
        let start = self.span();
        self.bump();
        if self.at(T::LParen) && self.peek_at(1) == T::RParen {
            self.bump();
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
                self.refuse_second(is_virtual.is_some(), 2662, span, "`virtual`");
                is_virtual = Some(span);
            } else if self.at_kw(Kw::Override) {
                self.refuse_second(overrides.is_some(), 9102, span, "`override`");
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
        self.param_list(Self::param)
    }

    /// Parses parameters by `item`; a comma behind the last one is an error of its own.
    pub(super) fn param_list(&mut self, mut item: impl FnMut(&mut Self) -> P<Param>) -> P<Vec<Param>> {
        let checked = |p: &mut Self| {
            let param = item(p)?;
            if p.at(T::Comma) && p.peek_at(1) == T::RParen {
                let place = p.span();
                let message = "a comma stands behind the last parameter";
                return p.error(
                    Diagnostic::error(codes::UNEXPECTED_TOKEN.solc(7591), place, message).help("remove it"),
                );
            }
            Ok(param)
        };
        Ok(self.comma_list(T::LParen, T::RParen, checked)?.0)
    }

    /// results: "returns" params, which are not empty
    pub(super) fn results(&mut self) -> P<Vec<Param>> {
        if self.at(T::LParen) && self.peek_at(1) == T::RParen {
            self.bump();
            return Err(self.unexpected_as(3546, "the type of a result"));
        }
        self.params()
    }

    /// param: type [ location ] [ ident ]
    pub(crate) fn param(&mut self) -> P<Param> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        let (location, strays) = self.param_attributes(true);
        let name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        // A function type reaches over the token behind it.
        let span = self.since(start).to(ty.span);
        self.refuse_strays(&strays, span);
        Ok(Param { id, ty, location, indexed: false, name, span })
    }

    /// Parses a data location; `constant` and `immutable`, which belong to state variables, are put aside.
    pub(super) fn param_attributes(&mut self, located: bool) -> (Option<(Location, Span)>, Vec<Kw>) {
        let (mut location, mut strays) = (None, Vec::new());
        loop {
            match self.peek() {
                T::Keyword(kw @ (Kw::Constant | Kw::Immutable)) => {
                    let span = self.span();
                    self.bump();
                    self.refuse_second(!strays.is_empty(), 3109, span, "this attribute");
                    strays.push(kw);
                }
                T::Keyword(Kw::Storage | Kw::Memory | Kw::Calldata) if located => {
                    let span = self.span();
                    let next = self.data_location();
                    self.refuse_second(location.is_some(), 3548, span, "the data location");
                    location = location.or(next);
                }
                _ => return (location, strays),
            }
        }
    }

    /// Reports attributes that only state variables have.
    pub(super) fn refuse_strays(&mut self, strays: &[Kw], span: Span) {
        let Some(kw) = strays.first() else { return };
        let number = if *kw == Kw::Constant { 1788 } else { 8297 };
        let message = format!("only state variables are `{}`", kw.text());
        self.diags
            .push(Diagnostic::error(codes::CONSTANT_USE.solc(number), span, message).help("remove the word"));
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
