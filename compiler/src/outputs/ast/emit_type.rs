//! Writes type names.

use super::emit::{Emitter, Fields, Part};
use super::emit_item::visibility_text;
use super::resolve::mutability;
use super::types::{Loc, T};
use crate::ast::{FunctionType, Ident, Param, Type, TypeKind};
use crate::source::Span;
use serde_json::{Value, json};

impl<'a> Emitter<'_, 'a> {
    /// Writes a type name.
    pub(super) fn type_name(&mut self, ty: &'a Type) -> Value {
        match &ty.kind {
            TypeKind::Path(path) => {
                let node = self.identifier_path(path);
                let fields = vec![
                    ("pathNode", node),
                    ("referencedDeclaration", self.path_reference(path.span)),
                    ("typeDescriptions", self.type_description(ty)),
                ];
                self.node("UserDefinedTypeName", ty.span, fields)
            }
            TypeKind::Array(elem, len) => {
                let base = self.type_name(elem);
                let length = len.as_ref().map_or(Value::Null, |e| self.expr(e));
                let fields = vec![
                    ("baseType", base),
                    ("length", length),
                    ("typeDescriptions", self.type_description(ty)),
                ];
                self.node("ArrayTypeName", ty.span, fields)
            }
            TypeKind::Mapping { key, key_name, value, value_name } => {
                let mut key = self.type_name(key);
                forget_mutability(&mut key);
                let value = self.type_name(value);
                let mut fields = vec![
                    ("keyType", key),
                    ("typeDescriptions", self.type_description(ty)),
                    ("valueType", value),
                ];
                self.mapping_names(key_name.as_ref(), value_name.as_ref(), &mut fields);
                self.node("Mapping", ty.span, fields)
            }
            TypeKind::Function(f) => self.function_type(ty, f),
            _ => self.elementary(ty, true),
        }
    }

    fn mapping_names(&self, key: Option<&Ident>, value: Option<&Ident>, fields: &mut Fields) {
        fields.push(("keyName", key.map_or("", |n| &n.name).into()));
        fields.push(("keyNameLocation", self.place(key)));
        fields.push(("valueName", value.map_or("", |n| &n.name).into()));
        fields.push(("valueNameLocation", self.place(value)));
    }

    /// Writes an elementary type; inside an expression it has no type of its own.
    pub(super) fn elementary(&mut self, ty: &'a Type, described: bool) -> Value {
        let description = if described { self.type_description(ty) } else { json!({}) };
        let word = self.text(self.token_from(ty.span.start));
        let (name, mutability): (&str, Value) = match ty.kind {
            TypeKind::Address { payable: true } => ("address", "payable".into()),
            TypeKind::Address { payable: false } if described => ("address", "nonpayable".into()),
            TypeKind::Address { payable: false } => ("address", Value::Null),
            _ => (word, Value::Null),
        };
        let fields =
            vec![("name", name.into()), ("stateMutability", mutability), ("typeDescriptions", description)];
        let span = self.elementary_span(ty);
        self.node("ElementaryTypeName", span, fields)
    }

    /// `payable` is the type's name in a conversion; solc counts the parenthesis behind it in.
    pub(super) fn elementary_span(&self, ty: &Type) -> Span {
        if self.text(ty.span) == "payable" {
            return ty.span.to(self.token_from(ty.span.end));
        }
        ty.span
    }

    fn function_type(&mut self, ty: &'a Type, f: &'a FunctionType) -> Value {
        let number = self.scope_id(Part::FunctionType, ty.span);
        let (parameters, returns) = self.within(number, |s| s.function_type_lists(ty, f));
        let visibility = f.visibility.map_or("internal", |(v, _)| visibility_text(v));
        let fields = vec![
            ("parameterTypes", parameters),
            ("returnParameterTypes", returns),
            ("stateMutability", mutability(f.mutability).text().into()),
            ("typeDescriptions", self.type_description(ty)),
            ("visibility", visibility.into()),
        ];
        self.part(Part::FunctionType, ty.span, "FunctionTypeName", ty.span, fields)
    }

    fn function_type_lists(&mut self, ty: &'a Type, f: &'a FunctionType) -> (Value, Value) {
        let keyword = self.token_from(ty.span.start);
        let parameters = self.param_list(&f.params, keyword.end, false);
        let Some(first) = f.returns.first() else {
            // The type's place reaches over the token behind it.
            let next = self.token_before(ty.span.end);
            let span = Span { end: next.start, ..next };
            return (parameters, self.node("ParameterList", span, vec![("parameters", json!([]))]));
        };
        let open = self.token_before(first.span.start);
        let returns: &'a [Param] = &f.returns;
        (parameters, self.param_list(returns, open.start, false))
    }

    fn type_description(&self, ty: &Type) -> Value {
        let noted = self.known.as_ref().and_then(|k| k.typer.type_notes.get(&ty.span));
        let shown = noted.map(|t| match t {
            T::Array(_) | T::Struct(..) => t.with_loc(Loc::Storage, true),
            other => other.clone(),
        });
        self.describe(shown.as_ref(), true)
    }
}

/// Drops what an address may do: where a type is read as a single word or as an expression, trees say nothing of it.
pub(super) fn forget_mutability(node: &mut Value) {
    let mut node = node;
    while node.get("baseType").is_some() {
        let Some(inner) = node.get_mut("baseType") else { return };
        node = inner;
    }
    if let Some(map) = node.as_object_mut()
        && map.get("nodeType").is_some_and(|kind| kind == "ElementaryTypeName")
    {
        map.remove("stateMutability");
    }
}
