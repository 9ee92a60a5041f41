//! Finds names that a later version of the language will take for itself.

use super::{walk, warning};
use crate::ast::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;

const FUTURE: [&str; 5] = ["transient", "layout", "at", "error", "leave"];

/// Checks every declaration of a file.
pub(super) fn check(ast: &SourceUnit, found: &mut Vec<Diagnostic>) {
    for item in &ast.items {
        item_names(item, found);
    }
}

fn name(name: &Ident, span: Span, found: &mut Vec<Diagnostic>) {
    if FUTURE.contains(&&*name.name) {
        let message = format!("`{}` will become a keyword", name.name);
        found.push(warning(codes::FUTURE_KEYWORD, 6335, span, message, "choose another name"));
    }
}

fn item_names(item: &Item, found: &mut Vec<Diagnostic>) {
    match item {
        Item::Pragma(_) | Item::Using(_) => {}
        Item::Import(import) => import_names(import, found),
        Item::Contract(contract) => {
            name(&contract.name, contract.span, found);
            contract.members.iter().for_each(|m| member(m, found));
        }
        Item::Struct(s) => structure(s, found),
        Item::Enum(e) => enumeration(e, found),
        Item::Udvt(u) => name(&u.name, u.span, found),
        Item::Event(e) => event(e, found),
        Item::Error(e) => error(e, found),
        Item::Function(f) => function(f, found),
        Item::Variable(v) => variable(v, found),
    }
}

fn import_names(import: &Import, found: &mut Vec<Diagnostic>) {
    if let ImportKind::Module(alias) = &import.kind {
        name(alias, import.span, found);
    }
}

fn member(member: &Member, found: &mut Vec<Diagnostic>) {
    match member {
        Member::Struct(s) => structure(s, found),
        Member::Enum(e) => enumeration(e, found),
        Member::Udvt(u) => name(&u.name, u.span, found),
        Member::Event(e) => event(e, found),
        Member::Error(e) => error(e, found),
        Member::Function(f) => function(f, found),
        Member::Modifier(m) => {
            name(&m.name, m.span, found);
            m.params.iter().for_each(|p| param(p, found));
            m.body.iter().for_each(|b| block(b, found));
        }
        Member::Variable(v) => variable(v, found),
        Member::Using(_) => {}
    }
}

fn structure(s: &Struct, found: &mut Vec<Diagnostic>) {
    name(&s.name, s.span, found);
    s.fields.iter().for_each(|p| param(p, found));
}

fn enumeration(e: &Enum, found: &mut Vec<Diagnostic>) {
    name(&e.name, e.span, found);
    e.values.iter().for_each(|v| name(v, v.span, found));
}

fn event(e: &Event, found: &mut Vec<Diagnostic>) {
    name(&e.name, e.span, found);
    e.params.iter().for_each(|p| param(p, found));
}

fn error(e: &ErrorDef, found: &mut Vec<Diagnostic>) {
    name(&e.name, e.span, found);
    e.params.iter().for_each(|p| param(p, found));
}

fn function(f: &Function, found: &mut Vec<Diagnostic>) {
    f.name.iter().for_each(|n| name(n, f.span, found));
    f.params.iter().chain(&f.returns).for_each(|p| param(p, found));
    f.body.iter().for_each(|b| block(b, found));
}

fn variable(v: &Variable, found: &mut Vec<Diagnostic>) {
    name(&v.name, walk::variable_span(v), found);
    of_type(&v.ty, found);
}

fn param(p: &Param, found: &mut Vec<Diagnostic>) {
    p.name.iter().for_each(|n| name(n, p.span, found));
    of_type(&p.ty, found);
}

fn of_type(ty: &Type, found: &mut Vec<Diagnostic>) {
    match &ty.kind {
        TypeKind::Array(elem, _) => of_type(elem, found),
        TypeKind::Mapping { key, key_name, value, value_name } => {
            of_type(key, found);
            of_type(value, found);
            for (ty, ident) in [(key, key_name), (value, value_name)] {
                ident.iter().for_each(|n| name(n, ty.span.to(n.span), found));
            }
        }
        TypeKind::Function(f) => {
            for p in &f.params {
                param(p, found);
                if p.name.is_some() {
                    let message = "parameters of a function type need no name";
                    let help = "remove the name";
                    found.push(warning(codes::NAMED_TYPE_PARAMETER, 6162, p.span, message, help));
                }
            }
        }
        _ => {}
    }
}

fn block(b: &Block, found: &mut Vec<Diagnostic>) {
    walk::statements(b, &mut |stmt| match &stmt.kind {
        StmtKind::Declare { vars, .. } => vars.iter().flatten().for_each(|p| param(p, found)),
        StmtKind::Try(t) => {
            t.returns.iter().chain(t.catches.iter().flat_map(|c| &c.params)).for_each(|p| param(p, found));
        }
        _ => {}
    });
}
