//! Describes expressions, one function per kind.

use super::typer::{Args, CallKind, Edge, Note, Typer, Use};
use super::types::{Array, Fun, FunKind, Loc, Magic, Mut, T};
use crate::ast::{self, ArgsKind, Expr, ExprKind as E, Literal};
use crate::sema::rational;
use alloy_primitives::U256;

use std::rc::Rc;

impl<'a> Typer<'a> {
    /// Describes an expression; its parts are noted on the way.
    pub(super) fn note_of(&mut self, e: &'a Expr, usage: Use) -> Note {
        match &e.kind {
            E::Ident(name) => self.identifier(name, usage.args.as_ref()),
            E::Literal(literal) => literal_note(literal),
            E::Type(ty) => {
                let ty = self.w.type_name(self.scope, ty);
                Note { ty: ty.map(|t| T::Type(Rc::new(t))), pure: true, ..Note::default() }
            }
            E::Tuple(list) => self.tuple(list, usage.assigned),
            E::Array(list) => self.inline_array(list),
            E::Member { base, name } => {
                let base_type = self.read(base);
                let base_note = self.noted(base);
                let mut note = match &base_type {
                    Some(ty) => self.member_note(ty, base_note.pure, &name.name, usage.args.as_ref()),
                    None => Note::default(),
                };
                note.pure |= self.selector_is_known(base, base_type.as_ref(), &name.name);
                self.member_edge(base_type.as_ref(), &note, usage.args.is_some());
                note
            }
            E::Index { base, index } => self.index(base, index.as_deref()),
            E::Slice { base, start, end } => self.slice(base, start.as_deref(), end.as_deref()),
            E::Call { callee, args } => self.call(callee, args),
            E::Options { callee, options } => self.options(callee, options, usage.args),
            E::New(ty) => self.creation(ty),
            E::TypeOf(ty) => self.type_of(ty),
            E::Unary { op, operand } => self.unary(*op, operand),
            E::Binary { op, left, right, .. } => self.binary(*op, left, right),
            E::Assign { op, left, right } => self.assign(*op, left, right),
            E::Ternary { cond, then, otherwise } => self.ternary(cond, then, otherwise),
            E::Error => Note::default(),
        }
    }

    fn tuple(&mut self, list: &'a [Option<Expr>], assigned: bool) -> Note {
        let mut types = Vec::new();
        let mut pure = true;
        for item in list {
            let Some(item) = item else {
                types.push(None);
                continue;
            };
            types.push(self.visit(item, Use { args: None, assigned }));
            pure &= self.is_pure(item);
        }
        let ty = match (list, types.as_slice()) {
            ([Some(_)], [one]) => one.clone(),
            _ => Some(T::Tuple(types)),
        };
        Note { ty, pure: pure && !assigned, lvalue: assigned, ..Note::default() }
    }

    fn inline_array(&mut self, list: &'a [Expr]) -> Note {
        let mut elem: Option<T> = None;
        let mut pure = true;
        for item in list {
            let ty = self.read(item);
            pure &= self.is_pure(item);
            elem = match (&elem, &ty) {
                (None, Some(ty)) => self.w.mobile(ty),
                (Some(known), Some(ty)) => self.w.common(known, ty).or(elem.clone()),
                _ => elem,
            };
        }
        let len = U256::from(list.len());
        let ty = elem.map(|t| T::array(&t, Some(len), Loc::Memory, true));
        Note { ty, pure, ..Note::default() }
    }

    fn index(&mut self, base: &'a Expr, index: Option<&'a Expr>) -> Note {
        let base_type = self.read(base);
        if let Some(index) = index {
            self.read(index);
        }
        let pure = self.is_pure(base) && index.is_none_or(|i| self.is_pure(i));
        let assignable = |ty: T, lvalue: bool| Note { ty: Some(ty), pure, lvalue, ..Note::default() };
        match base_type {
            Some(T::Type(inner)) => {
                let len = index.and_then(|i| self.w.evaluate(self.scope, i)).map(|v| v.to_integer());
                let len = len.map(|n| rational::to_word(&n));
                let array = T::array(&inner, len, Loc::Memory, true);
                Note { ty: Some(T::Type(Rc::new(array))), pure, ..Note::default() }
            }
            Some(T::Array(a) | T::Slice(a)) => assignable(element(&a), a.loc != Loc::Calldata),
            Some(T::Mapping(pair)) => Note { ty: Some(pair.1.clone()), lvalue: true, ..Note::default() },
            Some(T::FixedBytes(_)) => assignable(T::FixedBytes(1), false),
            _ => Note::default(),
        }
    }

    fn slice(&mut self, base: &'a Expr, start: Option<&'a Expr>, end: Option<&'a Expr>) -> Note {
        let ty = self.read(base);
        let mut pure = self.is_pure(base);
        for part in [start, end].into_iter().flatten() {
            self.read(part);
            pure &= self.is_pure(part);
        }
        let ty = match ty {
            Some(T::Array(a) | T::Slice(a)) => Some(T::Slice(a)),
            _ => None,
        };
        Note { ty, pure, ..Note::default() }
    }

    /// Notes the arguments of a call.
    pub(super) fn arguments(&mut self, args: &'a ast::Args) -> (Rc<Args>, bool) {
        let mut pure = true;
        let mut out = Args::default();
        match &args.kind {
            ArgsKind::Positional(list) => {
                for e in list {
                    out.types.push(self.read(e));
                    pure &= self.is_pure(e);
                }
            }
            ArgsKind::Named(list) => {
                let mut names = Vec::new();
                for (name, e) in list {
                    out.types.push(self.read(e));
                    names.push(Rc::from(&*name.name));
                    pure &= self.is_pure(e);
                }
                out.names = Some(names);
            }
        }
        (Rc::new(out), pure)
    }

    fn call(&mut self, callee: &'a Expr, args: &'a ast::Args) -> Note {
        let (given, args_pure) = self.arguments(args);
        let ty = self.visit(callee, Use { args: Some(given.clone()), assigned: false });
        match ty {
            Some(T::Type(inner)) => self.type_call(&inner, &given, args_pure),
            Some(T::Function(f)) => {
                self.notice_edge(&f);
                let pure = args_pure && self.is_pure(callee) && f.is_pure();
                let lvalue = f.kind == FunKind::ArrayPush && given.types.is_empty();
                Note { ty: self.call_result(&f, &given), pure, lvalue, ..Note::default() }
            }
            _ => Note::default(),
        }
    }

    fn type_call(&mut self, inner: &T, given: &Args, pure: bool) -> Note {
        if let T::Struct(id, ..) = inner {
            let ty = Some(T::Struct(*id, Loc::Memory, true));
            return Note { ty, pure, call: CallKind::Struct, ..Note::default() };
        }
        let from = given.types.first().cloned().flatten();
        let loc = from.as_ref().and_then(T::loc).unwrap_or(Loc::Memory);
        let ty = Some(inner.with_loc(loc, true));
        Note { ty, pure, call: CallKind::Conversion, ..Note::default() }
    }

    fn call_result(&self, f: &Fun, given: &Args) -> Option<T> {
        if f.kind == FunKind::Builtin("abidecode") {
            return decoded(given.types.get(1)?.as_ref()?);
        }
        if f.kind == FunKind::MetaType {
            return match given.types.first()? {
                Some(T::Type(inner)) => Some(T::Magic(Magic::Meta(inner.clone()))),
                _ => None,
            };
        }
        Some(match f.returns.as_slice() {
            [one] => one.clone(),
            list => T::Tuple(list.iter().cloned().map(Some).collect()),
        })
    }

    fn options(
        &mut self,
        callee: &'a Expr,
        options: &'a [(ast::Ident, Expr)],
        args: Option<Rc<Args>>,
    ) -> Note {
        let ty = self.visit(callee, Use { args, assigned: false });
        for (_, value) in options {
            self.read(value);
        }
        let Some(T::Function(f)) = ty else { return Note::default() };
        let mut f = (*f).clone();
        for (name, _) in options {
            match &*name.name {
                "gas" => f.gas = true,
                "value" => f.value = true,
                "salt" => f.salt = true,
                _ => {}
            }
        }
        Note { ty: Some(T::Function(Rc::new(f))), ..Note::default() }
    }

    fn creation(&mut self, ty: &'a ast::Type) -> Note {
        let (fun, pure) = match self.note_type(ty) {
            Some(T::Contract(id)) => {
                self.edge(Edge::Code(id));
                (self.constructor_type(id), false)
            }
            Some(array) => {
                let made = array.with_loc(Loc::Memory, true);
                (Some(Fun::new(FunKind::ObjectCreation, Mut::Pure, vec![T::UINT], vec![made])), true)
            }
            None => (None, false),
        };
        Note { ty: fun.map(|f| T::Function(Rc::new(f))), pure, ..Note::default() }
    }

    fn constructor_type(&self, id: super::declare::DeclId) -> Option<Fun> {
        let made = vec![T::Contract(id)];
        let Some(constructor) = self.constructor(id) else {
            return Some(Fun::new(FunKind::Creation, Mut::NonPayable, Vec::new(), made));
        };
        let T::Function(f) = self.w.decl_type(constructor)? else { return None };
        let mut fun = Fun::new(FunKind::Creation, self.w.stated_mutability(&f), f.params.clone(), made);
        fun.names.clone_from(&f.names);
        Some(fun)
    }

    fn type_of(&mut self, ty: &'a ast::Type) -> Note {
        let resolved = self.note_type_argument(ty);
        let ty = resolved.map(|t| T::Magic(Magic::Meta(Rc::new(t))));
        Note { ty, pure: true, ..Note::default() }
    }

    /// Notes the argument of `type(..)`, which trees show as an expression.
    fn note_type_argument(&mut self, ty: &'a ast::Type) -> Option<T> {
        if let ast::TypeKind::Path(path) = &ty.kind {
            let mut base: Option<T> = None;
            let mut span = path.segments.first()?.span;
            for segment in &path.segments {
                span = span.to(segment.span);
                let note = match &base {
                    None => self.identifier(&segment.name, None),
                    Some(base) => self.member_note(base, true, &segment.name, None),
                };
                base.clone_from(&note.ty);
                self.notes.insert(span, note);
            }
            return match base {
                Some(T::Type(inner)) => Some((*inner).clone()),
                _ => None,
            };
        }
        let inner = self.w.type_name(self.scope, ty)?;
        let noted = Some(T::Type(Rc::new(inner.clone())));
        self.notes.insert(ty.span, Note { ty: noted, pure: true, ..Note::default() });
        Some(inner)
    }

    fn assign(&mut self, op: Option<ast::BinaryOp>, left: &'a Expr, right: &'a Expr) -> Note {
        let target = self.visit(left, Use { args: None, assigned: true });
        let value = self.read(right);
        let _ = (op, value);
        let ty = match target {
            Some(T::Tuple(_)) => Some(T::unit()),
            other => other,
        };
        Note { ty, ..Note::default() }
    }

    fn ternary(&mut self, cond: &'a Expr, then: &'a Expr, otherwise: &'a Expr) -> Note {
        self.read(cond);
        let (a, b) = (self.read(then), self.read(otherwise));
        let pure = self.is_pure(cond) && self.is_pure(then) && self.is_pure(otherwise);
        let ty = match (a, b) {
            (Some(a), Some(b)) => self.common_of_branches(&a, &b),
            _ => None,
        };
        Note { ty, pure, ..Note::default() }
    }

    fn common_of_branches(&self, a: &T, b: &T) -> Option<T> {
        match (a, b) {
            (T::Tuple(x), T::Tuple(y)) if x.len() == y.len() => {
                let parts = x.iter().zip(y).map(|(x, y)| match (x, y) {
                    (Some(x), Some(y)) => self.common_of_branches(x, y).map(Some),
                    _ => Some(None),
                });
                Some(T::Tuple(parts.collect::<Option<_>>()?))
            }
            _ => self.w.common(&self.w.mobile(a)?, &self.w.mobile(b)?),
        }
    }
}

/// Returns the type of an element as an index gives it.
pub(super) fn element(a: &Array) -> T {
    a.elem.clone()
}

fn decoded(types: &T) -> Option<T> {
    let one = |ty: &T| match ty {
        T::Type(inner) => Some(match &**inner {
            T::Address { .. } => T::Address { payable: true },
            other => other.with_loc(Loc::Memory, true),
        }),
        _ => None,
    };
    match types {
        T::Tuple(list) => {
            let parts: Option<Vec<T>> = list.iter().map(|t| t.as_ref().and_then(one)).collect();
            match parts?.as_slice() {
                [single] => Some(single.clone()),
                list => Some(T::Tuple(list.iter().cloned().map(Some).collect())),
            }
        }
        single => one(single),
    }
}

fn literal_note(literal: &Literal) -> Note {
    let ty = match literal {
        Literal::Bool(_) => Some(T::Bool),
        Literal::Number { text, unit } => {
            rational::parse_decimal(text, *unit).map(|r| T::Rational(Rc::new(r.value), r.hex_bytes))
        }
        Literal::HexNumber { text, unit } if unit.is_none() && text.len() == 42 && !text.contains('_') => {
            Some(T::Address { payable: false })
        }
        Literal::HexNumber { text, unit } => {
            rational::parse_hex(text, *unit).map(|r| T::Rational(Rc::new(r.value), r.hex_bytes))
        }
        Literal::Str(bytes) | Literal::HexStr(bytes) | Literal::UnicodeStr(bytes) => {
            Some(T::Text(Rc::new(bytes.clone())))
        }
    };
    Note { ty, pure: true, ..Note::default() }
}
