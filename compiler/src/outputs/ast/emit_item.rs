//! Writes files, contracts and what they declare.

use super::declare::Source;
use super::emit::{Emitter, Fields, Part};
use super::resolve::mutability;
use crate::ast::{
    self, Base, Contract, ContractKind, FunctionKind, Import, ImportKind, Item, Location, Member, Operator,
    Override, Param, Pragma, Using, UsingFunctions, Visibility,
};
use crate::outputs::metadata::{License, license};
use crate::source::{FileId, Span};
use serde_json::{Map, Value, json};

impl<'a> Emitter<'_, 'a> {
    /// Writes a file.
    pub(super) fn unit(&mut self, file: FileId) -> Value {
        let Some(source) = self.w.sources.get(file as usize).copied() else { return Value::Null };
        self.open(file);
        let outer = std::mem::replace(&mut self.scope, self.w.unit_id(file));
        let mut imports = source.imports.iter();
        let mut nodes = Vec::new();
        for item in &source.ast.items {
            let target = matches!(item, Item::Import(_)).then(|| imports.next().copied().flatten()).flatten();
            nodes.push(self.item(item, target));
        }
        self.scope = outer;
        let start = self.token_from(0).start;
        let span = Span::new(file, start, source.text.len() as u32);
        let exported = self.known.is_some().then(|| self.exported(file));
        let fields = vec![
            ("absolutePath", source.name.into()),
            ("exportedSymbols", exported.unwrap_or(Value::Null)),
            ("license", stated_license(&source)),
            ("nodes", nodes.into()),
        ];
        let (id, value) = self.numbered("SourceUnit", span, fields);
        if let Some(row) = self.units.get_mut(file as usize) {
            *row = id;
        }
        value
    }

    fn exported(&self, file: FileId) -> Value {
        let names = self.w.exports(file);
        Value::Object(names.into_iter().map(|(n, list)| (n.to_owned(), self.ids(list))).collect())
    }

    fn item(&mut self, item: &'a Item, target: Option<FileId>) -> Value {
        match item {
            Item::Pragma(p) => self.pragma(p),
            Item::Import(i) => self.import(i, target),
            Item::Contract(c) => self.contract(c),
            Item::Struct(x) => self.structure(x),
            Item::Enum(x) => self.enumeration(x),
            Item::Udvt(x) => self.udvt(x),
            Item::Event(x) => self.event(x),
            Item::Error(x) => self.error(x),
            Item::Function(x) => self.function(x, true),
            Item::Variable(x) => self.variable(x, false),
            Item::Using(x) => self.using(x),
        }
    }

    fn pragma(&mut self, p: &Pragma) -> Value {
        let mut literals = vec![p.name.to_string()];
        literals.extend(words(&p.value));
        self.node("PragmaDirective", p.span, vec![("literals", literals.into())])
    }

    fn import(&mut self, i: &Import, target: Option<FileId>) -> Value {
        let mut aliases = Vec::new();
        let (mut unit_alias, mut place) = ("", None);
        match &i.kind {
            ImportKind::All => {}
            ImportKind::Module(name) => (unit_alias, place) = (&name.name, Some(name)),
            ImportKind::Names(list) => {
                for (name, alias) in list {
                    aliases.push(self.alias(name, alias.as_ref(), target));
                }
            }
        }
        let path = target.map_or(Value::Null, |t| self.w.file_name(t).into());
        let unit = target.filter(|_| self.known.is_some()).map_or(Value::Null, |t| self.w.unit_id(t).into());
        let fields = vec![
            ("absolutePath", path),
            ("file", i.path.as_str().into()),
            ("nameLocation", self.place(place)),
            ("scope", self.scope.into()),
            ("sourceUnit", unit),
            ("symbolAliases", aliases.into()),
            ("unitAlias", unit_alias.into()),
        ];
        self.declaration("ImportDirective", i.span, i.span, fields)
    }

    fn alias(&mut self, name: &ast::Ident, alias: Option<&ast::Ident>, target: Option<FileId>) -> Value {
        let found = target.and_then(|t| self.w.in_file(t, &name.name).first().copied());
        let reference =
            found.filter(|_| self.known.is_some()).map_or(Value::Null, |id| self.w.json_id(id).into());
        let fields = vec![
            ("name", name.name.as_ref().into()),
            ("overloadedDeclarations", json!([])),
            ("referencedDeclaration", reference),
            ("typeDescriptions", json!({})),
        ];
        let foreign = self.node("Identifier", name.span, fields);
        let mut out = Map::new();
        out.insert("foreign".into(), foreign);
        out.insert("nameLocation".into(), self.place(alias.filter(|_| false)));
        if let Some(alias) = alias {
            out.insert("local".into(), alias.name.as_ref().into());
        }
        Value::Object(out)
    }

    fn contract(&mut self, c: &'a Contract) -> Value {
        let documentation = self.documentation(c.span.start);
        let number = self.decl_number(c.span);
        let outer = self.scope;
        let bases: Vec<Value> = c.bases.iter().map(|b| self.inheritance(b)).collect();
        let layout = c.layout.as_ref().map(|e| self.layout(c, e));
        let nodes: Vec<Value> = self.within(number, |s| c.members.iter().map(|m| s.member(m)).collect());
        let kind = match c.kind {
            ContractKind::Contract => "contract",
            ContractKind::Interface => "interface",
            ContractKind::Library => "library",
        };
        let mut fields = vec![
            ("abstract", c.is_abstract.into()),
            ("baseContracts", bases.into()),
            ("canonicalName", Value::Null),
            ("contractDependencies", json!([])),
            ("contractKind", kind.into()),
            ("documentation", documentation),
            ("name", c.name.name.as_ref().into()),
            ("nameLocation", self.src(c.name.span).into()),
            ("nodes", nodes.into()),
            ("scope", outer.into()),
            ("storageLayout", layout.unwrap_or(Value::Null)),
        ];
        self.contract_facts(c, &mut fields);
        self.declaration("ContractDefinition", c.span, c.span, fields)
    }

    fn contract_facts(&self, c: &Contract, fields: &mut Fields) {
        let (Some(known), Some(id)) = (&self.known, self.w.at(c.span)) else { return };
        fields.retain(|(key, _)| *key != "contractDependencies");
        fields.push(("canonicalName", c.name.name.as_ref().into()));
        fields.push(("linearizedBaseContracts", self.ids(self.w.line(id))));
        let Some(facts) = known.facts.contracts.get(&id) else { return };
        fields.push(("contractDependencies", self.sorted(&facts.code)));
        fields.push(("fullyImplemented", facts.implemented.into()));
        fields.push(("usedErrors", self.sorted(&facts.errors)));
        fields.push(("usedEvents", self.sorted(&facts.events)));
        if !facts.pointers.is_empty() {
            let ids = facts.pointers.iter().zip(1..).map(|(f, n)| (self.w.json_id(*f).to_string(), json!(n)));
            fields.push(("internalFunctionIDs", Value::Object(ids.collect())));
        }
    }

    /// Writes numbers in rising order.
    pub(super) fn sorted(&self, list: &[super::declare::DeclId]) -> Value {
        let mut ids: Vec<i64> = list.iter().map(|id| self.w.json_id(*id)).collect();
        ids.sort_unstable();
        ids.into()
    }

    fn inheritance(&mut self, base: &'a Base) -> Value {
        let name = self.identifier_path(&base.path);
        let arguments = base.args.as_ref().map_or(Value::Null, |a| self.arguments(a));
        let fields = vec![("arguments", arguments), ("baseName", name)];
        self.node("InheritanceSpecifier", base.span, fields)
    }

    fn layout(&mut self, c: &Contract, base: &'a ast::Expr) -> Value {
        let value = self.expr(base);
        let mut start = base.span.start;
        while start > c.name.span.end && self.text(self.token_from(start)) != "layout" {
            start = self.token_before(start).start;
        }
        let span = Span { start, ..base.span };
        self.node("StorageLayoutSpecifier", span, vec![("baseSlotExpression", value)])
    }

    fn member(&mut self, member: &'a Member) -> Value {
        match member {
            Member::Struct(x) => self.structure(x),
            Member::Enum(x) => self.enumeration(x),
            Member::Udvt(x) => self.udvt(x),
            Member::Event(x) => self.event(x),
            Member::Error(x) => self.error(x),
            Member::Function(x) => self.function(x, false),
            Member::Modifier(x) => self.modifier(x),
            Member::Variable(x) => self.variable(x, true),
            Member::Using(x) => self.using(x),
        }
    }

    fn canonical(&self, span: Span) -> Value {
        if self.known.is_none() {
            return Value::Null;
        }
        self.w.at(span).map_or(Value::Null, |id| self.w.canonical(id).into())
    }

    fn structure(&mut self, x: &'a ast::Struct) -> Value {
        let documentation = self.documentation(x.span.start);
        let number = self.decl_number(x.span);
        let members: Vec<Value> =
            self.within(number, |s| x.fields.iter().map(|p| s.param(p, false)).collect());
        let fields = vec![
            ("canonicalName", self.canonical(x.span)),
            ("documentation", documentation),
            ("members", members.into()),
            ("name", x.name.name.as_ref().into()),
            ("nameLocation", self.src(x.name.span).into()),
            ("scope", self.scope.into()),
            ("visibility", "public".into()),
        ];
        self.declaration("StructDefinition", x.span, x.span, fields)
    }

    fn enumeration(&mut self, x: &'a ast::Enum) -> Value {
        let documentation = self.documentation(x.span.start);
        let members: Vec<Value> = x.values.iter().map(|v| self.enum_value(v)).collect();
        let fields = vec![
            ("canonicalName", self.canonical(x.span)),
            ("documentation", documentation),
            ("members", members.into()),
            ("name", x.name.name.as_ref().into()),
            ("nameLocation", self.src(x.name.span).into()),
        ];
        self.declaration("EnumDefinition", x.span, x.span, fields)
    }

    fn enum_value(&mut self, v: &ast::Ident) -> Value {
        let documentation = self.documentation(v.span.start);
        let fields = vec![
            ("documentation", documentation),
            ("name", v.name.as_ref().into()),
            ("nameLocation", self.src(v.span).into()),
        ];
        self.declaration("EnumValue", v.span, v.span, fields)
    }

    fn udvt(&mut self, x: &'a ast::Udvt) -> Value {
        let underlying = self.type_name(&x.underlying);
        let fields = vec![
            ("canonicalName", self.canonical(x.span)),
            ("name", x.name.name.as_ref().into()),
            ("nameLocation", self.src(x.name.span).into()),
            ("underlyingType", underlying),
        ];
        self.declaration("UserDefinedValueTypeDefinition", x.span, x.span, fields)
    }

    fn event(&mut self, x: &'a ast::Event) -> Value {
        let documentation = self.documentation(x.span.start);
        let number = self.decl_number(x.span);
        let parameters = self.within(number, |s| s.param_list(&x.params, x.name.span.end, true));
        let fields = vec![
            ("anonymous", x.anonymous.into()),
            ("documentation", documentation),
            ("eventSelector", self.selector(x.name.span)),
            ("name", x.name.name.as_ref().into()),
            ("nameLocation", self.src(x.name.span).into()),
            ("parameters", parameters),
        ];
        self.declaration("EventDefinition", x.span, x.span, fields)
    }

    fn error(&mut self, x: &'a ast::ErrorDef) -> Value {
        let documentation = self.documentation(x.span.start);
        let number = self.decl_number(x.span);
        let parameters = self.within(number, |s| s.param_list(&x.params, x.name.span.end, false));
        let fields = vec![
            ("documentation", documentation),
            ("errorSelector", self.selector(x.name.span)),
            ("name", x.name.name.as_ref().into()),
            ("nameLocation", self.src(x.name.span).into()),
            ("parameters", parameters),
        ];
        self.declaration("ErrorDefinition", x.span, x.span, fields)
    }

    /// Returns the selector of what is named at a place.
    fn selector(&self, name: Span) -> Value {
        let found = self.known.as_ref().and_then(|k| k.facts.selectors.get(&name));
        found.map_or(Value::Null, |s| s.as_str().into())
    }

    /// Writes what a declaration overrides, by the place of its name.
    fn base_functions(&self, name: Span) -> Value {
        let found = self.known.as_ref().and_then(|k| k.facts.overrides.get(&name));
        let Some(list) = found.filter(|l| !l.is_empty()) else { return Value::Null };
        let mut ids: Vec<u32> = list.iter().filter_map(|span| self.named_number(*span)).collect();
        ids.sort_unstable();
        ids.into()
    }

    fn named_number(&self, name: Span) -> Option<u32> {
        let facts = self.known.as_ref()?.facts;
        let id = facts.by_name.get(&name)?;
        u32::try_from(self.w.json_id(*id)).ok()
    }

    fn function(&mut self, f: &'a ast::Function, free: bool) -> Value {
        let documentation = self.documentation(f.span.start);
        let number = self.decl_number(f.span);
        let kind = match f.kind {
            FunctionKind::Function if free => "freeFunction",
            FunctionKind::Function => "function",
            FunctionKind::Constructor => "constructor",
            FunctionKind::Receive => "receive",
            FunctionKind::Fallback => "fallback",
        };
        let name_end = f.name.as_ref().map_or(self.token_from(f.span.start).end, |n| n.span.end);
        let outer = self.scope;
        let (parameters, heads, returns, body) = self.within(number, |s| s.function_parts(f, name_end));
        let visibility = self.w.at(f.span).map_or(Visibility::Internal, |id| self.w.function_visibility(id));
        let selector = match (&f.name, visibility) {
            (Some(name), Visibility::Public | Visibility::External) if !free => self.selector(name.span),
            _ => Value::Null,
        };
        let place = if f.kind == FunctionKind::Function { f.name.as_ref() } else { None };
        let key = f.name.as_ref().map_or(f.header, |n| n.span);
        let stated = match f.kind {
            FunctionKind::Receive => "payable",
            _ => mutability(f.mutability).text(),
        };
        let fields = vec![
            ("baseFunctions", self.base_functions(key)),
            ("body", body),
            ("documentation", documentation),
            ("functionSelector", selector),
            ("implemented", f.body.is_some().into()),
            ("kind", kind.into()),
            ("modifiers", heads.modifiers.into()),
            ("name", f.name.as_ref().map_or("", |n| &n.name).into()),
            ("nameLocation", self.place(place)),
            ("overrides", heads.overrides),
            ("parameters", parameters),
            ("returnParameters", returns),
            ("scope", outer.into()),
            ("stateMutability", stated.into()),
            ("virtual", self.is_virtual(f).into()),
            ("visibility", visibility_text(visibility).into()),
        ];
        self.declaration("FunctionDefinition", f.span, f.span, fields)
    }

    fn is_virtual(&self, f: &ast::Function) -> bool {
        f.is_virtual.is_some()
    }

    fn function_parts(&mut self, f: &'a ast::Function, name_end: u32) -> (Value, Heads, Value, Value) {
        let parameters = self.param_list(&f.params, name_end, false);
        let heads = self.heads(f.overrides.as_ref(), &f.modifiers);
        let after = self.token_from(f.header.end);
        let span = match (f.returns.first(), f.returns.last()) {
            (Some(first), Some(_)) => {
                Span { start: self.token_before(first.span.start).start, end: f.header.end, ..f.header }
            }
            _ => Span { end: after.start, ..after },
        };
        let list: Vec<Value> = f.returns.iter().map(|p| self.param(p, false)).collect();
        let returns =
            self.part(Part::Returns, f.span, "ParameterList", span, vec![("parameters", list.into())]);
        self.returns = Some(self.scope_id(Part::Returns, f.span));
        let body = f.body.as_ref().map_or(Value::Null, |b| self.block(b));
        self.returns = None;
        (parameters, heads, returns, body)
    }

    /// Writes `override` and modifiers in the order in which they are written.
    fn heads(&mut self, overrides: Option<&'a Override>, modifiers: &'a [Base]) -> Heads {
        let mut heads = Heads { overrides: Value::Null, modifiers: Vec::new() };
        let mut pending = overrides;
        for m in modifiers {
            if let Some(given) = pending.filter(|o| o.span.start < m.span.start) {
                heads.overrides = self.override_specifier(given);
                pending = None;
            }
            heads.modifiers.push(self.invocation(m));
        }
        if let Some(given) = pending {
            heads.overrides = self.override_specifier(given);
        }
        heads
    }

    fn override_specifier(&mut self, given: &Override) -> Value {
        let paths: Vec<Value> = given.paths.iter().map(|p| self.identifier_path(p)).collect();
        self.node("OverrideSpecifier", given.span, vec![("overrides", paths.into())])
    }

    fn invocation(&mut self, m: &'a Base) -> Value {
        let name = self.identifier_path(&m.path);
        let arguments = m.args.as_ref().map_or(Value::Null, |a| self.arguments(a));
        let found = self.known.as_ref().and_then(|k| k.typer.paths.get(&m.path.span)).and_then(|p| p.last());
        let kind = match found.and_then(|id| self.w.kind(*id)) {
            Some(super::declare::Kind::Modifier(_)) => "modifierInvocation".into(),
            Some(super::declare::Kind::Contract(_)) => "baseConstructorSpecifier".into(),
            _ => Value::Null,
        };
        let fields = vec![("arguments", arguments), ("kind", kind), ("modifierName", name)];
        self.node("ModifierInvocation", m.span, fields)
    }

    fn modifier(&mut self, m: &'a ast::Modifier) -> Value {
        let documentation = self.documentation(m.span.start);
        let number = self.decl_number(m.span);
        let (parameters, overrides, body) = self.within(number, |s| {
            let parameters = s.modifier_params(m);
            let overrides = m.overrides.as_ref().map_or(Value::Null, |o| s.override_specifier(o));
            let body = m.body.as_ref().map_or(Value::Null, |b| s.block(b));
            (parameters, overrides, body)
        });
        let fields = vec![
            ("baseModifiers", self.base_functions(m.name.span)),
            ("body", body),
            ("documentation", documentation),
            ("name", m.name.name.as_ref().into()),
            ("nameLocation", self.src(m.name.span).into()),
            ("overrides", overrides),
            ("parameters", parameters),
            ("virtual", m.is_virtual.is_some().into()),
            ("visibility", "internal".into()),
        ];
        self.declaration("ModifierDefinition", m.span, m.span, fields)
    }

    fn modifier_params(&mut self, m: &'a ast::Modifier) -> Value {
        let next = self.token_from(m.name.span.end);
        if self.text(next) == "(" {
            return self.param_list(&m.params, m.name.span.end, false);
        }
        let span = Span { end: next.start, ..next };
        self.node("ParameterList", span, vec![("parameters", json!([]))])
    }

    /// Writes parameters with their parentheses; `before` is a place before the opening one.
    pub(super) fn param_list(&mut self, list: &'a [Param], before: u32, event: bool) -> Value {
        let open = self.token_from(before);
        let values: Vec<Value> = list.iter().map(|p| self.param(p, event)).collect();
        let end = list.last().map_or(open.end, |p| p.span.end);
        let span = open.to(self.token_from(end));
        self.node("ParameterList", span, vec![("parameters", values.into())])
    }

    /// Writes a parameter, field or local variable.
    pub(super) fn param(&mut self, p: &'a Param, event: bool) -> Value {
        // A comment here is a node too, which the tree does not show.
        self.documentation(p.span.start);
        let type_name = self.type_name(&p.ty);
        let location = match p.location {
            Some((Location::Storage, _)) => "storage",
            Some((Location::Memory, _)) => "memory",
            Some((Location::Calldata, _)) => "calldata",
            None => "default",
        };
        let ty = self.declared_type(p.span);
        let fields = vec![
            ("constant", false.into()),
            ("indexed", if event { p.indexed.into() } else { Value::Null }),
            ("mutability", "mutable".into()),
            ("name", p.name.as_ref().map_or("", |n| &n.name).into()),
            ("nameLocation", self.place(p.name.as_ref())),
            ("scope", self.scope.into()),
            ("stateVariable", false.into()),
            ("storageLocation", location.into()),
            ("typeDescriptions", ty),
            ("typeName", type_name),
            ("visibility", "internal".into()),
        ];
        self.declaration("VariableDeclaration", p.span, p.span, fields)
    }

    fn declared_type(&self, span: Span) -> Value {
        let ty = self.w.at(span).filter(|_| self.known.is_some()).and_then(|id| self.w.decl_type(id));
        self.describe(ty.as_ref(), true)
    }

    fn variable(&mut self, v: &'a ast::Variable, state: bool) -> Value {
        // Comments of other variables are nodes too, which the tree does not show.
        let written = self.documentation(v.span.start);
        let documentation = if state { written } else { Value::Null };
        let type_name = self.type_name(&v.ty);
        let overrides = v.overrides.as_ref().map_or(Value::Null, |o| self.override_specifier(o));
        let value = v.value.as_ref().map_or(Value::Null, |e| self.expr(e));
        let mutability = match (v.constant, v.immutable) {
            (Some(_), _) => "constant",
            (_, Some(_)) => "immutable",
            _ => "mutable",
        };
        let visibility = v.visibility.map_or(Visibility::Internal, |(v, _)| v);
        let public = visibility == Visibility::Public && state;
        let fields = vec![
            ("baseFunctions", self.base_functions(v.name.span)),
            ("constant", v.constant.is_some().into()),
            ("documentation", documentation),
            ("functionSelector", if public { self.selector(v.name.span) } else { Value::Null }),
            ("mutability", mutability.into()),
            ("name", v.name.name.as_ref().into()),
            ("nameLocation", self.src(v.name.span).into()),
            ("overrides", overrides),
            ("scope", self.scope.into()),
            ("stateVariable", state.into()),
            ("storageLocation", if v.transient.is_some() { "transient" } else { "default" }.into()),
            ("typeDescriptions", self.declared_type(v.span)),
            ("typeName", type_name),
            ("value", value),
            ("visibility", visibility_text(visibility).into()),
        ];
        let span = self.without_semicolon(v.span);
        self.declaration("VariableDeclaration", v.span, span, fields)
    }

    fn using(&mut self, x: &'a Using) -> Value {
        let (mut library, mut list) = (Value::Null, Value::Null);
        match &x.functions {
            UsingFunctions::Library(path) => library = self.identifier_path(path),
            UsingFunctions::List(items) => {
                let each = items.iter().map(|(path, operator)| {
                    let path = self.identifier_path(path);
                    match operator {
                        Some((op, _)) => json!({ "definition": path, "operator": operator_text(*op) }),
                        None => json!({ "function": path }),
                    }
                });
                list = each.collect::<Vec<_>>().into();
            }
        }
        let target = x.target.as_ref().map_or(Value::Null, |t| self.type_name(t));
        let fields = vec![
            ("functionList", list),
            ("global", x.global.is_some().into()),
            ("libraryName", library),
            ("typeName", target),
        ];
        self.node("UsingForDirective", x.span, fields)
    }
}

/// Is what stands in a function's head besides its parameters.
struct Heads {
    overrides: Value,
    modifiers: Vec<Value>,
}

fn operator_text(op: Operator) -> &'static str {
    match op {
        Operator::Binary(op) => op.text(),
        Operator::BitNot => "~",
    }
}

pub(super) fn visibility_text(v: Visibility) -> &'static str {
    match v {
        Visibility::External => "external",
        Visibility::Public => "public",
        Visibility::Internal => "internal",
        Visibility::Private => "private",
    }
}

/// Finds the licence that a comment outside of the items states.
fn stated_license(source: &Source<'_>) -> Value {
    let items: Vec<Span> = source.ast.items.iter().map(Item::span).collect();
    match license(source.text, &items) {
        License::One(name) => name.into(),
        _ => Value::Null,
    }
}

/// Cuts a pragma's value as the scanner does: numbers end before a second dot.
fn words(value: &str) -> Vec<String> {
    let chars: Vec<char> = value.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let start = at;
        let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
        let wordy =
            |i: usize| chars.get(i).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'));
        at += 1;
        if c.is_whitespace() {
            continue;
        } else if c.is_ascii_digit() || c == '.' && digit(at) {
            while digit(at) {
                at += 1;
            }
            if c != '.' && chars.get(at) == Some(&'.') && digit(at + 1) {
                at += 1;
                while digit(at) {
                    at += 1;
                }
            }
        } else if c.is_ascii_alphabetic() || matches!(c, '_' | '$') {
            while wordy(at) {
                at += 1;
            }
        } else if c == '"' || c == '\'' {
            while chars.get(at).is_some_and(|x| *x != c) {
                at += 1;
            }
            out.push(chars.get(start + 1..at).unwrap_or_default().iter().collect());
            at += 1;
            continue;
        } else if matches!(
            (c, chars.get(at)),
            ('>' | '<' | '=' | '!', Some('=')) | ('|', Some('|')) | ('&', Some('&'))
        ) {
            at += 1;
        }
        out.push(chars.get(start..at).unwrap_or_default().iter().collect());
    }
    out
}
