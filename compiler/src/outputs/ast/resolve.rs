//! Gives declarations and type names their types.

use super::builtin::{BUILTINS, builtin_type};
use super::declare::{DeclId, Kind, Role, Scope, World};
use super::types::{Fun, FunKind, Loc, Mut, Shape, T};
use crate::ast::{self, ExprKind, FunctionType, Literal, Location, Param, Type, TypeKind, UnaryOp};
use crate::sema::rational;
use alloy_primitives::U256;
use num_rational::BigRational;
use std::rc::Rc;

impl<'a> World<'a> {
    /// Returns the type that a type name stands for; reference types are storage pointers.
    pub(super) fn type_name(&self, scope: Scope, ty: &Type) -> Option<T> {
        Some(match &ty.kind {
            TypeKind::Bool => T::Bool,
            TypeKind::Address { payable } => T::Address { payable: *payable },
            TypeKind::String => T::text(Shape::String, Loc::Storage, true),
            TypeKind::Bytes => T::text(Shape::Bytes, Loc::Storage, true),
            TypeKind::Uint(bits) => T::Int { signed: false, bits: *bits },
            TypeKind::Int(bits) => T::Int { signed: true, bits: *bits },
            TypeKind::FixedBytes(n) => T::FixedBytes(*n),
            TypeKind::Path(path) => match self.decl_type(self.path(scope, path)?)? {
                T::Type(inner) => (*inner).clone(),
                _ => return None,
            },
            TypeKind::Array(elem, len) => {
                let len = match len {
                    Some(len) => Some(self.length(scope, len)?),
                    None => None,
                };
                T::array(&self.type_name(scope, elem)?, len, Loc::Storage, true)
            }
            TypeKind::Mapping { key, value, .. } => {
                let key = self.type_name(scope, key)?.with_loc(Loc::Memory, true);
                let value = self.type_name(scope, value)?.inside(Loc::Storage);
                T::Mapping(Rc::new((key, value)))
            }
            TypeKind::Function(f) => self.function_type_name(scope, f)?,
            TypeKind::Fixed { .. } | TypeKind::Error => return None,
        })
    }

    fn function_type_name(&self, scope: Scope, f: &FunctionType) -> Option<T> {
        let external = matches!(f.visibility, Some((ast::Visibility::External, _)));
        let kind = if external { FunKind::External } else { FunKind::Internal };
        let types = |list: &[Param]| -> Option<Vec<T>> {
            list.iter().map(|p| self.param_type(scope, p, Role::Param)).collect()
        };
        let fun = Fun::new(kind, mutability(f.mutability), types(&f.params)?, types(&f.returns)?);
        Some(T::Function(Rc::new(fun)))
    }

    /// Returns the type of a parameter, field or local variable.
    pub(super) fn param_type(&self, scope: Scope, p: &Param, role: Role) -> Option<T> {
        let (loc, ptr) = match (&p.location, role) {
            (Some((Location::Memory, _)), _) => (Loc::Memory, true),
            (Some((Location::Calldata, _)), _) => (Loc::Calldata, true),
            (None, Role::Event | Role::Error) => (Loc::Memory, true),
            (Some((Location::Storage, _)), _) | (None, _) => (Loc::Storage, true),
        };
        Some(self.type_name(scope, &p.ty)?.with_loc(loc, ptr))
    }

    fn length(&self, scope: Scope, expr: &ast::Expr) -> Option<U256> {
        let value = self.evaluate(scope, expr)?;
        value.is_integer().then(|| rational::to_word(&value.to_integer()))
    }

    /// Evaluates a constant number.
    pub(super) fn evaluate(&self, scope: Scope, expr: &ast::Expr) -> Option<BigRational> {
        match &expr.kind {
            ExprKind::Literal(Literal::Number { text, unit }) => {
                Some(rational::parse_decimal(text, *unit)?.value)
            }
            ExprKind::Literal(Literal::HexNumber { text, unit }) => {
                Some(rational::parse_hex(text, *unit)?.value)
            }
            ExprKind::Tuple(list) => match list.as_slice() {
                [Some(inner)] => self.evaluate(scope, inner),
                _ => None,
            },
            ExprKind::Unary { op: UnaryOp::Neg, operand } => Some(-self.evaluate(scope, operand)?),
            ExprKind::Unary { op: UnaryOp::BitNot, operand } => {
                rational::bit_not(&self.evaluate(scope, operand)?).ok()
            }
            ExprKind::Binary { op, left, right, .. } => {
                let (a, b) = (self.evaluate(scope, left)?, self.evaluate(scope, right)?);
                let value = rational::binary(*op, &a, &b).ok()?;
                let typed = names_variable(left) || names_variable(right);
                Some(if *op == ast::BinaryOp::Div && typed { value.trunc() } else { value })
            }
            ExprKind::Ident(name) => self.evaluate_constant(*self.lookup(scope, name).first()?),
            ExprKind::Member { base, name } => {
                let ExprKind::Ident(first) = &base.kind else { return None };
                let base = *self.lookup(scope, first).first()?;
                self.evaluate_constant(*self.within(base, &name.name).first()?)
            }
            _ => None,
        }
    }

    fn evaluate_constant(&self, id: DeclId) -> Option<BigRational> {
        let value = self.constant_value(id)?;
        if !self.evaluating.borrow_mut().insert(id) {
            return None;
        }
        let result = self.evaluate(self.scope_of(id), value);
        self.evaluating.borrow_mut().remove(&id);
        result
    }

    /// Returns the type of what is declared as its name has it; kept once known.
    pub(super) fn decl_type(&self, id: DeclId) -> Option<T> {
        if let Some(known) = self.types.borrow().get(&id) {
            return known.clone();
        }
        let ty = self.fresh_type(id);
        self.types.borrow_mut().insert(id, ty.clone());
        ty
    }

    fn fresh_type(&self, id: DeclId) -> Option<T> {
        let named = |t: T| Some(T::Type(Rc::new(t)));
        match self.kind(id)? {
            Kind::Contract(_) => named(T::Contract(id)),
            Kind::Struct(_) => named(T::Struct(id, Loc::Storage, true)),
            Kind::Enum(_) => named(T::Enum(id)),
            Kind::Udvt(_) => named(T::Udvt(id)),
            Kind::EnumValue(owner) => Some(T::Enum(owner)),
            Kind::Module(file) => Some(T::Module(file)),
            Kind::Function(f) => self.function_type(id, f),
            Kind::Modifier(m) => {
                let scope = self.scope_of(id);
                let types = m.params.iter().map(|p| self.param_type(scope, p, Role::Param));
                Some(T::Modifier(Rc::new(types.collect::<Option<_>>()?)))
            }
            Kind::Variable(v) => self.variable_type(id, v),
            Kind::Param(p, role) => self.param_type(self.scope_around(id), p, role),
            Kind::Event(e) => self.notice_type(id, &e.params, FunKind::Event, Role::Event),
            Kind::Error(e) => self.notice_type(id, &e.params, FunKind::Error, Role::Error),
            Kind::Builtin(i) => builtin_type(BUILTINS.get(i)?),
        }
    }

    /// Returns the scope of a parameter or field: that of the contract whose text it stands in.
    pub(super) fn scope_around(&self, id: DeclId) -> Scope {
        let file = self.file(id);
        let Some(row) = self.rows.get(id.0 as usize) else { return Scope { file, contract: None } };
        let items = self.sources.get(file as usize).map_or(&[][..], |s| s.ast.items.as_slice());
        let at = items.partition_point(|i| i.span().start <= row.span.start);
        let contract = match at.checked_sub(1).and_then(|i| items.get(i)) {
            Some(ast::Item::Contract(c)) => self.at(c.span),
            _ => None,
        };
        Scope { file, contract }
    }

    fn function_type(&self, id: DeclId, f: &ast::Function) -> Option<T> {
        let scope = self.scope_of(id);
        let types = |list: &[Param]| -> Option<Vec<T>> {
            list.iter().map(|p| self.param_type(scope, p, Role::Param)).collect()
        };
        // A jump carries no value, so a payable function is like others from inside.
        let inside = match mutability(f.mutability) {
            Mut::Payable => Mut::NonPayable,
            other => other,
        };
        let mut fun = Fun::new(FunKind::Internal, inside, types(&f.params)?, types(&f.returns)?);
        fun.names = names(&f.params);
        fun.decl = Some(id);
        Some(T::Function(Rc::new(fun)))
    }

    fn notice_type(&self, id: DeclId, params: &[Param], kind: FunKind, role: Role) -> Option<T> {
        let scope = self.scope_of(id);
        let types: Option<Vec<T>> = params.iter().map(|p| self.param_type(scope, p, role)).collect();
        let (mutability, returns) = match kind {
            FunKind::Error => (Mut::Pure, vec![T::Error]),
            _ => (Mut::NonPayable, Vec::new()),
        };
        let mut fun = Fun::new(kind, mutability, types?, returns);
        fun.names = names(params);
        fun.decl = Some(id);
        Some(T::Function(Rc::new(fun)))
    }

    fn variable_type(&self, id: DeclId, v: &ast::Variable) -> Option<T> {
        let ty = self.type_name(self.scope_of(id), &v.ty)?;
        Some(if v.constant.is_some() || v.immutable.is_some() {
            ty.with_loc(Loc::Memory, true)
        } else if v.transient.is_some() {
            ty.with_loc(Loc::Transient, false)
        } else {
            ty.with_loc(Loc::Storage, false)
        })
    }

    /// Returns a function as other contracts call it: nothing lies in calldata for them.
    pub(super) fn called_from_outside(&self, fun: &Fun, kind: FunKind) -> Fun {
        let plain = |t: &T| {
            if t.loc() == Some(Loc::Calldata) { t.with_loc(Loc::Memory, true) } else { t.clone() }
        };
        Fun {
            kind,
            mutability: self.stated_mutability(fun),
            params: fun.params.iter().map(plain).collect(),
            returns: fun.returns.iter().map(plain).collect(),
            ..fun.clone()
        }
    }

    /// Returns the mutability that the declaration of a function states.
    pub(super) fn stated_mutability(&self, fun: &Fun) -> Mut {
        match fun.decl.and_then(|id| self.kind(id)) {
            Some(Kind::Function(f)) => mutability(f.mutability),
            _ => fun.mutability,
        }
    }

    /// Returns the type of the getter of a public state variable.
    pub(super) fn getter(&self, id: DeclId) -> Option<Fun> {
        let Kind::Variable(v) = self.kind(id)? else { return None };
        let mut ty = self.decl_type(id)?;
        let mut params = Vec::new();
        loop {
            ty = match &ty {
                T::Mapping(pair) => {
                    params.push(pair.0.clone());
                    pair.1.clone()
                }
                T::Array(a) if a.shape == Shape::Ordinary => {
                    params.push(T::UINT);
                    a.elem.clone()
                }
                _ => break,
            };
        }
        let returns = self.getter_results(&ty)?;
        let mutability = if v.constant.is_some() { Mut::Pure } else { Mut::View };
        let mut fun = Fun::new(FunKind::External, mutability, params, returns);
        fun.decl = Some(id);
        Some(fun)
    }

    fn getter_results(&self, ty: &T) -> Option<Vec<T>> {
        let T::Struct(id, ..) = ty else { return Some(vec![ty.with_loc(Loc::Memory, true)]) };
        let mut out = Vec::new();
        for (_, field) in self.fields(*id)? {
            let dropped = matches!(&field, T::Mapping(_))
                || matches!(&field, T::Array(a) if a.shape == Shape::Ordinary);
            if !dropped {
                out.push(field.with_loc(Loc::Memory, true));
            }
        }
        Some(out)
    }

    /// Lists a struct's fields with their types as storage pointers.
    pub(super) fn fields(&self, id: DeclId) -> Option<Vec<(DeclId, T)>> {
        let Kind::Struct(s) = self.kind(id)? else { return None };
        s.fields
            .iter()
            .map(|p| {
                let field = self.at(p.span)?;
                Some((field, self.decl_type(field)?))
            })
            .collect()
    }

    /// Returns the type below a user-defined value type.
    pub(super) fn underlying(&self, id: DeclId) -> Option<T> {
        let Kind::Udvt(u) = self.kind(id)? else { return None };
        self.type_name(self.scope_of(id), &u.underlying)
    }
}

pub(super) fn names(params: &[Param]) -> Vec<Rc<str>> {
    params.iter().map(|p| p.name.as_ref().map_or("", |n| &n.name).into()).collect()
}

pub(super) fn mutability(given: Option<(ast::Mutability, crate::source::Span)>) -> Mut {
    match given {
        Some((ast::Mutability::Pure, _)) => Mut::Pure,
        Some((ast::Mutability::View, _)) => Mut::View,
        Some((ast::Mutability::Payable, _)) => Mut::Payable,
        Some((ast::Mutability::NonPayable, _)) | None => Mut::NonPayable,
    }
}

fn names_variable(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Ident(_) | ExprKind::Member { .. } => true,
        ExprKind::Tuple(list) => list.iter().flatten().any(names_variable),
        ExprKind::Binary { left, right, .. } => names_variable(left) || names_variable(right),
        ExprKind::Unary { operand, .. } => names_variable(operand),
        _ => false,
    }
}
