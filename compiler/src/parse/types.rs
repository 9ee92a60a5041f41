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
                T::Keyword(Kw::Function) => {
                    let kind = p.function_type()?;
                    // As in solc, the node reaches over the token behind the type.
                    let span = start.to(p.span());
                    return p.array_suffixes(Type { kind, span });
                }
                _ => {
                    let kind = p.elementary()?;
                    p.refuse_mutability(&kind, start);
                    kind
                }
            };
            let base = Type { kind, span: p.since(start) };
            p.array_suffixes(base)
        })
    }

    /// Reports `uint payable`, `address view` and their kin, and goes on behind them.
    fn refuse_mutability(&mut self, kind: &TypeKind, start: Span) {
        if !matches!(self.peek(), T::Keyword(Kw::Payable | Kw::View | Kw::Pure)) {
            return;
        }
        let (number, place) = match kind {
            TypeKind::Address { payable: true } => return,
            TypeKind::Address { .. } => (2311, start.to(self.span())),
            _ => (9106, self.span()),
        };
        self.bump();
        let message = "only an address has such an attribute, and only `payable`";
        self.diags.push(
            Diagnostic::error(codes::UNEXPECTED_TOKEN.solc(number), place, message).help("remove the word"),
        );
    }

    pub(super) fn array_suffixes(&mut self, mut ty: Type) -> P<Type> {
        let mut count = 0;
        while self.at(T::LBracket) {
            count += 1;
            if count > super::NESTING_MAX {
                return self.error(Diagnostic::error(
                    codes::NESTED_TOO_DEEPLY.solc(7319),
                    self.span(),
                    "too many array dimensions",
                ));
            }
            self.bump();
            let len = if self.at(T::RBracket) { None } else { Some(Box::new(self.expression()?)) };
            self.refuse_range(ty.span)?;
            self.expect(T::RBracket, "`]`")?;
            let span = self.since(ty.span);
            ty = Type { kind: TypeKind::Array(Box::new(ty), len), span };
        }
        Ok(ty)
    }

    /// Reports `uint[1:2] x` among statements, where it looks like a slice.
    fn refuse_range(&mut self, start: Span) -> P<()> {
        if self.blocks == 0 || !self.at(T::Colon) {
            return Ok(());
        }
        while !matches!(self.peek(), T::RBracket | T::Semi | T::RBrace | T::Eof) {
            self.bump();
        }
        let place = start.to(self.span());
        self.error(
            Diagnostic::error(
                codes::UNEXPECTED_TOKEN.solc(5464),
                place,
                "an array type has a length, not a range",
            )
            .help("write one number between the brackets"),
        )
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
            _ => return Err(self.unexpected_as(3546, "a type")),
        };
        self.bump();
        Ok(kind)
    }

    /// mapping: "mapping" "(" type [ ident ] "=>" type [ ident ] ")"
    fn mapping(&mut self) -> P<TypeKind> {
        self.bump();
        self.expect(T::LParen, "`(`")?;
        let key = Box::new(self.mapping_key()?);
        let key_name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        self.expect(T::FatArrow, "`=>`")?;
        let value = Box::new(self.type_name()?);
        let value_name = if self.at(T::Ident) { Some(self.ident()?) } else { None };
        self.expect(T::RParen, "`)`")?;
        Ok(TypeKind::Mapping { key, key_name, value, value_name })
    }

    /// mapping-key: elementary | path
    fn mapping_key(&mut self) -> P<Type> {
        let start = self.span();
        let kind = match self.peek() {
            T::Ident => TypeKind::Path(self.path()?),
            T::Keyword(Kw::Address) => {
                self.bump();
                TypeKind::Address { payable: false }
            }
            T::Elementary | T::Keyword(Kw::Bool | Kw::String | Kw::Bytes) => self.elementary()?,
            _ => return Err(self.unexpected_as(1005, "an elementary type or a name")),
        };
        Ok(Type { kind, span: self.since(start) })
    }

    /// function-type: "function" params { visibility | mutability } [ "returns" params ]
    fn function_type(&mut self) -> P<TypeKind> {
        let start = self.span();
        self.bump();
        let mut ty =
            FunctionType { params: self.params()?, returns: Vec::new(), visibility: None, mutability: None };
        while let T::Keyword(kw) = self.peek() {
            let span = self.span();
            // Behind the type, `public`, `private` and a second `internal` belong to the variable.
            if let Some(v) = function::visibility(kw) {
                match ty.visibility {
                    Some((Visibility::Internal | Visibility::External, _)) => break,
                    Some(_) => self.refuse_second(true, 9439, span, "the visibility"),
                    None => ty.visibility = Some((v, span)),
                }
            } else if let Some(m) = function::mutability(kw) {
                self.refuse_second(ty.mutability.is_some(), 9680, span, "the mutability");
                ty.mutability = Some((m, span));
            } else {
                break;
            }
            self.bump();
        }
        if self.eat_kw(Kw::Returns) {
            ty.returns = self.results()?;
        }
        if let Some((Visibility::Public | Visibility::Private, _)) = ty.visibility {
            let place = start.to(self.span());
            let message = "a function type is `internal` or `external`";
            self.diags.push(Diagnostic::error(codes::BAD_FUNCTION_MODIFIER.solc(6012), place, message));
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
    fixed(word).unwrap_or(TypeKind::Error)
}

/// Reads `fixed` (128 bits, 18 decimals), `ufixed` and those with sizes.
fn fixed(word: &str) -> Option<TypeKind> {
    let signed = !word.starts_with('u');
    let sizes = word.trim_start_matches('u').strip_prefix("fixed")?;
    if sizes.is_empty() {
        return Some(TypeKind::Fixed { signed, bits: 128, decimals: 18 });
    }
    let (bits, decimals) = sizes.split_once('x')?;
    Some(TypeKind::Fixed { signed, bits: bits.parse().ok()?, decimals: decimals.parse().ok()? })
}

fn width(bits: &str) -> Option<u16> {
    if bits.is_empty() { Some(256) } else { bits.parse().ok() }
}
