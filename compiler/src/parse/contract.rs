//! Parses contracts and the definitions inside them.

use super::{P, Parser};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};
use crate::source::Span;
use std::sync::Arc;

impl Parser<'_> {
    /// contract: [ "abstract" ] ( "contract" | "interface" | "library" ) ident { "is" bases | layout } "{" members "}"
    pub(super) fn contract(&mut self, doc: Option<Doc>) -> P<Contract> {
        let start = self.span();
        let id = self.id();
        let is_abstract = self.eat_kw(Kw::Abstract);
        let kind = match self.peek() {
            T::Keyword(Kw::Contract) => ContractKind::Contract,
            T::Keyword(Kw::Interface) => ContractKind::Interface,
            T::Keyword(Kw::Library) => ContractKind::Library,
            _ => return Err(self.unexpected_as(3515, "`contract`")),
        };
        self.bump();
        let name = self.ident()?;
        let (bases, layout) = self.contract_heads()?;
        self.expect(T::LBrace, "`{`")?;
        let members = self.members();
        if !self.eat(T::RBrace) {
            self.unexpected_as(9182, "`}` to close the contract");
        }
        let span = self.since(start);
        self.refuse_abstract(is_abstract, kind, span);
        let is_abstract = is_abstract && kind == ContractKind::Contract;
        Ok(Contract { id, kind, is_abstract, name, bases, layout, members, doc, span })
    }

    fn refuse_abstract(&mut self, is_abstract: bool, kind: ContractKind, span: Span) {
        let finding = match kind {
            ContractKind::Interface => codes::INTERFACE_RULE.solc(9348),
            ContractKind::Library => codes::LIBRARY_RULE.solc(9571),
            ContractKind::Contract => return,
        };
        if is_abstract {
            let message = "only contracts are `abstract`";
            self.diags.push(Diagnostic::error(finding, span, message).help("remove the word"));
        }
    }

    fn contract_heads(&mut self) -> P<(Vec<Base>, Option<Expr>)> {
        let (mut bases, mut layout, mut has_bases) = (Vec::new(), None, false);
        loop {
            let span = self.span();
            if self.at_kw(Kw::Is) {
                self.bump();
                self.refuse_second(has_bases, 6668, span, "`is`");
                has_bases = true;
                bases.push(self.base()?);
                while self.eat(T::Comma) {
                    bases.push(self.base()?);
                }
            } else if self.at_word("layout") {
                self.bump();
                if !self.eat_word("at") {
                    return Err(self.unexpected_as(1994, "`at`"));
                }
                self.refuse_second(layout.is_some(), 8714, span, "`layout at`");
                layout = Some(self.expression()?);
            } else {
                return Ok((bases, layout));
            }
        }
    }

    pub(super) fn refuse_second(&mut self, given: bool, number: u16, span: Span, what: &str) {
        if given {
            self.diags.push(
                Diagnostic::error(
                    codes::DUPLICATE_MODIFIER.solc(number),
                    span,
                    format!("{what} is given twice"),
                )
                .help("remove one"),
            );
        }
    }

    /// base: path [ args ]
    pub(super) fn base(&mut self) -> P<Base> {
        let path = self.path()?;
        let start = path.span;
        let args = if self.at(T::LParen) { Some(self.args()?) } else { None };
        Ok(Base { path, args, span: self.since(start) })
    }

    fn members(&mut self) -> Vec<Member> {
        let mut members = Vec::new();
        while !matches!(self.peek(), T::RBrace | T::Eof) {
            match self.member() {
                Ok(member) => members.push(member),
                Err(_) => self.skip_statement(),
            }
        }
        members
    }

    /// member: function | constructor | receive | fallback | modifier | variable | struct | enum | udvt | event | error | using
    pub(crate) fn member(&mut self) -> P<Member> {
        let doc = self.doc();
        Ok(match self.peek() {
            T::Keyword(Kw::Function) if self.names_function() => {
                Member::Function(Arc::new(self.function(doc)?))
            }
            T::Keyword(Kw::Constructor) => Member::Function(Arc::new(self.function(doc)?)),
            T::Ident if self.at_special_function() => Member::Function(Arc::new(self.function(doc)?)),
            T::Keyword(Kw::Modifier) => Member::Modifier(Arc::new(self.modifier(doc)?)),
            T::Keyword(Kw::Struct) => Member::Struct(Arc::new(self.struct_definition(doc)?)),
            T::Keyword(Kw::Enum) => Member::Enum(Arc::new(self.enum_definition(doc)?)),
            T::Keyword(Kw::Type) => Member::Udvt(Arc::new(self.udvt(doc)?)),
            T::Keyword(Kw::Event) => Member::Event(Arc::new(self.event(doc)?)),
            T::Keyword(Kw::Using) => Member::Using(Arc::new(self.using()?)),
            _ if self.at_error_definition() => Member::Error(Arc::new(self.error_definition(doc)?)),
            _ if self.starts_type() => Member::Variable(Arc::new(self.variable(doc, false)?)),
            _ => return Err(self.unexpected_as(9182, "a function, variable or other member")),
        })
    }

    fn at_special_function(&self) -> bool {
        (self.at_word("receive") || self.at_word("fallback")) && self.peek_at(1) == T::LParen
    }

    /// struct: "struct" ident "{" { type ident ";" } "}"
    pub(super) fn struct_definition(&mut self, doc: Option<Doc>) -> P<Struct> {
        let (start, id) = (self.span(), self.id());
        self.bump();
        let name = self.ident()?;
        self.expect(T::LBrace, "`{`")?;
        let mut fields = Vec::new();
        while !matches!(self.peek(), T::RBrace | T::Eof) {
            match self.struct_field() {
                Ok(field) => fields.push(field),
                Err(_) => self.skip_statement(),
            }
        }
        self.expect(T::RBrace, "`}`")?;
        Ok(Struct { id, name, fields, doc, span: self.since(start) })
    }

    fn struct_field(&mut self) -> P<Param> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        if self.data_location().is_some() {
            let span = self.previous_span();
            self.diags.push(
                Diagnostic::error(
                    codes::BAD_DATA_LOCATION_SYNTAX.solc(2314),
                    span,
                    "a struct field has no data location",
                )
                .help("remove it"),
            );
        }
        let (_, strays) = self.param_attributes(false);
        let name = self.ident()?;
        let span = start.to(name.span);
        self.refuse_strays(&strays, span);
        self.semicolon()?;
        Ok(Param { id, ty, location: None, indexed: false, span, name: Some(name) })
    }

    /// enum: "enum" ident "{" ident { "," ident } "}"
    pub(super) fn enum_definition(&mut self, doc: Option<Doc>) -> P<Enum> {
        let (start, id) = (self.span(), self.id());
        self.bump();
        let name = self.ident()?;
        let (values, _) = self.comma_list(T::LBrace, T::RBrace, Self::enum_value)?;
        Ok(Enum { id, name, values, doc, span: self.since(start) })
    }

    fn enum_value(&mut self) -> P<Ident> {
        if self.at(T::RBrace) {
            return Err(self.unexpected_as(1612, "a name behind the comma"));
        }
        self.ident()
    }

    /// udvt: "type" ident "is" type ";"
    pub(super) fn udvt(&mut self, doc: Option<Doc>) -> P<Udvt> {
        let (start, id) = (self.span(), self.id());
        self.bump();
        let name = self.ident()?;
        self.expect_kw(Kw::Is)?;
        let underlying = self.type_name()?;
        self.semicolon()?;
        Ok(Udvt { id, name, underlying, doc, span: self.since(start) })
    }

    /// event: "event" ident params [ "anonymous" ] ";"
    pub(super) fn event(&mut self, doc: Option<Doc>) -> P<Event> {
        let (start, id) = (self.span(), self.id());
        self.bump();
        let name = self.ident()?;
        let params = self.param_list(Self::event_param)?;
        let anonymous = self.eat_kw(Kw::Anonymous);
        self.semicolon()?;
        Ok(Event { id, name, params, anonymous, doc, span: self.since(start) })
    }

    fn event_param(&mut self) -> P<Param> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        let indexed = self.eat_kw(Kw::Indexed);
        let (_, strays) = self.param_attributes(false);
        let name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        let span = self.since(start);
        self.refuse_strays(&strays, span);
        Ok(Param { id, ty, location: None, indexed, name, span })
    }

    /// error: "error" ident params ";"
    pub(super) fn error_definition(&mut self, doc: Option<Doc>) -> P<ErrorDef> {
        let (start, id) = (self.span(), self.id());
        self.bump();
        let name = self.ident()?;
        let params = self.param_list(Self::error_param)?;
        self.semicolon()?;
        Ok(ErrorDef { id, name, params, doc, span: self.since(start) })
    }

    fn error_param(&mut self) -> P<Param> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        let (_, strays) = self.param_attributes(false);
        let name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        let span = self.since(start);
        self.refuse_strays(&strays, span);
        Ok(Param { id, ty, location: None, indexed: false, name, span })
    }

    /// variable: type { visibility | "constant" | "immutable" | "transient" | override } ident [ "=" expr ] ";"
    pub(super) fn variable(&mut self, doc: Option<Doc>, at_file_level: bool) -> P<Variable> {
        let (start, id) = (self.span(), self.id());
        let ty = self.type_name()?;
        let mut var = Variable {
            id,
            ty,
            name: Ident { name: "".into(), span: start },
            visibility: None,
            constant: None,
            immutable: None,
            transient: None,
            overrides: None,
            value: None,
            doc,
            span: start,
        };
        while self.variable_attribute(&mut var, at_file_level)? {}
        if matches!(var.ty.kind, TypeKind::Function(_)) && self.at(T::LBrace) {
            return Err(self.unexpected_as(2915, "the name of a variable; `function` is followed by a name,"));
        }
        var.name = self.ident()?;
        if self.eat(T::Eq) {
            var.value = Some(self.expression()?);
        }
        var.span = self.since(start);
        self.semicolon()?;
        Ok(var)
    }

    fn variable_attribute(&mut self, var: &mut Variable, at_file_level: bool) -> P<bool> {
        let span = self.span();
        let changeless = var.constant.is_some() || var.immutable.is_some();
        let (twice, number) = match self.peek() {
            T::Keyword(Kw::Public | Kw::Internal | Kw::Private | Kw::Override) if at_file_level => {
                return Ok(false);
            }
            T::Keyword(Kw::Public) => (var.visibility.replace((Visibility::Public, span)).is_some(), 4110),
            T::Keyword(Kw::Internal) => {
                (var.visibility.replace((Visibility::Internal, span)).is_some(), 4110)
            }
            T::Keyword(Kw::Private) => (var.visibility.replace((Visibility::Private, span)).is_some(), 4110),
            T::Keyword(Kw::Constant) => (var.constant.replace(span).is_some() || changeless, 3109),
            T::Keyword(Kw::Immutable) => (var.immutable.replace(span).is_some() || changeless, 3109),
            T::Ident if self.at_word("transient") && self.transient_is_attribute() => {
                (var.transient.replace(span).is_some(), 3548)
            }
            T::Keyword(Kw::Override) => {
                let twice = var.overrides.is_some();
                var.overrides = Some(self.override_specifier()?);
                self.refuse_second(twice, 9125, span, "`override`");
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.bump();
        self.refuse_second(twice, number, span, "this attribute");
        Ok(true)
    }

    /// `transient` is a name when the declaration ends behind it: `uint transient;`.
    fn transient_is_attribute(&self) -> bool {
        !matches!(self.peek_at(1), T::Semi | T::Eq)
    }
}
