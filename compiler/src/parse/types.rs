//! Parses type names.

use super::{P, Parser, function};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::lexer::{Kw, T};
use crate::source::Span;

impl Parser<'_> {
    /// Is true where a type name can start.
    pub(super) fn starts_type(&self) -> bool {
        use Kw::*;
        matches!(
            self.peek(),
            T::Ident | T::Elementary | T::Keyword(Address | Bool | Bytes | String | Mapping | Function)
        )
    }

    /// type: ( elementary | path | mapping | function-type ) { "[" [ expr ] "]" }
    pub(crate) fn type_name(&mut self) -> P<Type> {
        self.deeper(|p| {
            let start = p.span();
            let kind = match p.peek() {
                T::Ident => TypeKind::Path(p.path()?),
                T::Keyword(Kw::Mapping) => p.mapping()?,
                T::Keyword(Kw::Function) => p.function_type()?,
                _ => p.elementary()?,
            };
            let base = Type { kind, span: p.since(start) };
            p.array_suffixes(base)
        })
    }

    pub(super) fn array_suffixes(&mut self, mut ty: Type) -> P<Type> {
        let mut count = 0;
        while self.at(T::LBracket) {
            count += 1;
            if count > super::NESTING_MAX {
                return self.error(Diagnostic::error(
                    codes::NESTED_TOO_DEEPLY,
                    self.span(),
                    "too many array dimensions",
                ));
            }
            self.bump();
            let len = if self.at(T::RBracket) { None } else { Some(Box::new(self.expression()?)) };
            self.expect(T::RBracket, "`]`")?;
            let span = self.since(ty.span);
            ty = Type { kind: TypeKind::Array(Box::new(ty), len), span };
        }
        Ok(ty)
    }

    /// elementary: "bool" | "address" [ "payable" ] | "string" | "bytes" | intN | uintN | bytesN | fixed
    pub(super) fn elementary(&mut self) -> P<TypeKind> {
        let kind = match self.peek() {
            T::Keyword(Kw::Bool) => TypeKind::Bool,
            T::Keyword(Kw::String) => TypeKind::String,
            T::Keyword(Kw::Bytes) => TypeKind::Bytes,
            T::Keyword(Kw::Address) => {
                self.bump();
                return Ok(TypeKind::Address { payable: self.eat_kw(Kw::Payable) });
            }
            T::Elementary => sized(self.word_at(0)),
            _ => return Err(self.unexpected("a type")),
        };
        self.bump();
        Ok(kind)
    }

    /// mapping: "mapping" "(" type [ ident ] "=>" type [ ident ] ")"
    fn mapping(&mut self) -> P<TypeKind> {
        self.bump();
        self.expect(T::LParen, "`(`")?;
        let key = Box::new(self.type_name()?);
        let key_name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        self.expect(T::FatArrow, "`=>`")?;
        let value = Box::new(self.type_name()?);
        let value_name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        self.expect(T::RParen, "`)`")?;
        Ok(TypeKind::Mapping { key, key_name, value, value_name })
    }

    /// function-type: "function" params { visibility | mutability } [ "returns" params ]
    fn function_type(&mut self) -> P<TypeKind> {
        self.bump();
        let mut ty =
            FunctionType { params: self.params()?, returns: Vec::new(), visibility: None, mutability: None };
        while let T::Keyword(kw) = self.peek() {
            let span = self.span();
            // Behind the type, `public`, `private` and a second `internal` belong to the variable.
            if let Some(v @ (Visibility::External | Visibility::Internal)) = function::visibility(kw) {
                if ty.visibility.is_some() {
                    break;
                }
                ty.visibility = Some((v, span));
            } else if let Some(m) = function::mutability(kw) {
                self.refuse_second(ty.mutability.is_some(), span, "the mutability");
                ty.mutability = Some((m, span));
            } else {
                break;
            }
            self.bump();
        }
        if self.eat_kw(Kw::Returns) {
            ty.returns = self.params()?;
        }
        Ok(TypeKind::Function(Box::new(ty)))
    }

    /// location: "storage" | "memory" | "calldata"
    pub(super) fn data_location(&mut self) -> Option<(Location, Span)> {
        let location = match self.peek() {
            T::Keyword(Kw::Storage) => Location::Storage,
            T::Keyword(Kw::Memory) => Location::Memory,
            T::Keyword(Kw::Calldata) => Location::Calldata,
            _ => return None,
        };
        let span = self.span();
        self.bump();
        if matches!(self.peek(), T::Keyword(Kw::Storage | Kw::Memory | Kw::Calldata)) {
            let second = self.span();
            self.bump();
            self.refuse_second(true, second, "the data location");
        }
        Some((location, span))
    }
}

/// Reads the size out of a word that the lexer classed as elementary.
fn sized(word: &str) -> TypeKind {
    if let Some(n) = word.strip_prefix("bytes") {
        return n.parse().map_or(TypeKind::Error, TypeKind::FixedBytes);
    }
    if let Some(bits) = word.strip_prefix("uint") {
        return width(bits).map_or(TypeKind::Error, TypeKind::Uint);
    }
    if let Some(bits) = word.strip_prefix("int") {
        return width(bits).map_or(TypeKind::Error, TypeKind::Int);
    }
    TypeKind::Fixed
}

fn width(bits: &str) -> Option<u16> {
    if bits.is_empty() { Some(256) } else { bits.parse().ok() }
}
