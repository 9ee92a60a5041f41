//! Describes `value.name`.

use super::declare::{DeclId, Kind};
use super::typer::{Args, Edge, Note, Typer};
use super::types::{Array, Fun, FunKind, Loc, Magic, Mut, Shape, T};
use crate::ast::{self, Expr, ExprKind};
use std::rc::Rc;

type Members = Vec<(T, Option<DeclId>)>;

impl<'a> Typer<'a> {
    /// Describes the member `name` of a value or type; `pure` says whether what stands before the dot is known.
    pub(super) fn member_note(&mut self, base: &T, pure: bool, name: &str, args: Option<&Rc<Args>>) -> Note {
        let mut found = self.members(base, name);
        if !matches!(base, T::Type(_) | T::Module(_) | T::Magic(_)) {
            found.extend(self.attached(base, name));
        }
        let fits = |(ty, _): &&(T, Option<DeclId>)| match (ty, args) {
            (T::Function(f), Some(args)) => self.takes(f, args),
            _ => true,
        };
        let chosen = match found.as_slice() {
            [one] => Some(one.clone()),
            list => list.iter().find(fits).cloned(),
        };
        let Some((ty, reference)) = chosen else { return Note::default() };
        let mut note = Note { reference, ..Note::default() };
        note.pure = self.member_is_pure(base, pure, &ty, reference);
        note.lvalue = self.member_is_lvalue(base, reference);
        note.constant = false;
        note.ty = Some(ty);
        note
    }

    fn member_is_pure(&self, base: &T, _pure: bool, ty: &T, reference: Option<DeclId>) -> bool {
        let is_constant = reference.is_some_and(|id| self.w.constant_value(id).is_some());
        match base {
            T::Module(_) => {
                !matches!(reference.and_then(|id| self.w.kind(id)), Some(Kind::Variable(_))) || is_constant
            }
            T::Magic(Magic::Abi | Magic::Meta(_)) => true,
            T::Type(inner) => match &**inner {
                T::Contract(_) | T::Super(_) => {
                    is_constant || matches!(ty, T::Function(f) if f.kind == FunKind::Declaration)
                }
                _ => true,
            },
            _ => false,
        }
    }

    fn member_is_lvalue(&self, base: &T, reference: Option<DeclId>) -> bool {
        match base {
            T::Struct(_, loc, _) => *loc != Loc::Calldata,
            T::Type(inner) if matches!(**inner, T::Contract(_)) => {
                reference.is_some_and(|id| self.is_assignable(id))
            }
            _ => false,
        }
    }

    /// Is true for `f.selector` where nothing has to run to know `f`.
    pub(super) fn selector_is_known(&self, base: &'a Expr, ty: Option<&T>, name: &str) -> bool {
        let Some(T::Function(f)) = ty else { return false };
        if name != "selector" {
            return false;
        }
        match &base.kind {
            ExprKind::Member { base: parent, .. } => {
                let named = matches!(&parent.kind, ExprKind::Ident(n) if &**n == "this" || &**n == "super");
                named || self.is_pure(parent) || matches!(f.kind, FunKind::Event | FunKind::Error)
            }
            _ => f.decl.is_some(),
        }
    }

    /// Records which code a member reaches.
    pub(super) fn member_edge(&mut self, base: Option<&T>, note: &Note, called: bool) {
        if let (Some(T::Magic(Magic::Meta(ty))), Some(T::Array(a))) = (base, &note.ty)
            && let T::Contract(id) = **ty
            && a.shape == Shape::Bytes
        {
            self.edge(Edge::Code(id));
        }
        let (Some(T::Function(f)), Some(id)) = (&note.ty, note.reference) else { return };
        if f.kind != FunKind::Internal {
            return;
        }
        match (base, called) {
            (Some(T::Type(inner)), true) => match **inner {
                T::Super(contract) => self.edge(Edge::Super(id, contract)),
                _ => self.edge(Edge::Exact(id)),
            },
            (_, true) => self.edge(Edge::Exact(id)),
            (_, false) => self.edge(Edge::Value(id, false)),
        }
    }

    fn members(&self, base: &T, name: &str) -> Members {
        match base {
            T::Struct(id, loc, _) => self.field(*id, *loc, name),
            T::Array(a) => array_member(a, base, name),
            T::Slice(_) if name == "length" => vec![(T::UINT, None)],
            T::FixedBytes(_) if name == "length" => vec![(T::Int { signed: false, bits: 8 }, None)],
            T::Address { payable } => address_member(*payable, name),
            T::Contract(id) => self.interface_member(*id, name),
            T::Function(f) => function_member(f, name),
            T::Type(inner) => self.type_member(inner, name),
            T::Module(file) => self
                .w
                .in_file(*file, name)
                .iter()
                .filter_map(|id| Some((self.w.decl_type(*id)?, Some(*id))))
                .collect(),
            T::Magic(magic) => magic_member(magic, name),
            _ => Vec::new(),
        }
    }

    fn field(&self, id: DeclId, loc: Loc, name: &str) -> Members {
        let fields = self.w.fields(id).unwrap_or_default();
        let found = fields.into_iter().filter(|(field, _)| self.w.name(*field) == name);
        found.map(|(field, ty)| (ty.inside(loc), Some(field))).collect()
    }

    /// Lists what `C(a).name` may call.
    fn interface_member(&self, contract: DeclId, name: &str) -> Members {
        let mut out: Members = Vec::new();
        for base in self.w.line(contract) {
            for id in self.w.own(*base, name) {
                let Some(fun) = self.outside(*id) else { continue };
                let known = out.iter().any(|(t, _)| matches!(t, T::Function(f) if f.params == fun.params));
                if !known {
                    out.push((T::Function(Rc::new(fun)), Some(*id)));
                }
            }
        }
        out
    }

    /// Returns a function or getter as other contracts call it.
    pub(super) fn outside(&self, id: DeclId) -> Option<Fun> {
        match self.w.kind(id)? {
            Kind::Function(f) if f.kind == ast::FunctionKind::Function => {
                if self.w.function_visibility(id) >= ast::Visibility::Internal {
                    return None;
                }
                let T::Function(fun) = self.w.decl_type(id)? else { return None };
                Some(self.w.called_from_outside(&fun, FunKind::External))
            }
            Kind::Variable(v) if matches!(v.visibility, Some((ast::Visibility::Public, _))) => {
                self.w.getter(id)
            }
            _ => None,
        }
    }

    fn type_member(&self, inner: &T, name: &str) -> Members {
        let function = |kind: FunKind, params: Vec<T>, returns: Vec<T>| {
            vec![(T::Function(Rc::new(Fun::new(kind, Mut::Pure, params, returns))), None)]
        };
        match inner {
            T::Contract(id) => self.contract_member(*id, name),
            T::Super(id) => self.super_member(*id, name),
            T::Enum(id) => self.enum_member(*id, name),
            T::Udvt(id) => match (name, self.w.underlying(*id)) {
                ("wrap", Some(u)) => function(FunKind::Wrap, vec![u], vec![inner.clone()]),
                ("unwrap", Some(u)) => function(FunKind::Unwrap, vec![inner.clone()], vec![u]),
                _ => Vec::new(),
            },
            T::Array(a) if name == "concat" && a.shape != Shape::Ordinary => {
                let kind = if a.shape == Shape::Bytes { "bytesconcat" } else { "stringconcat" };
                let made = T::text(a.shape, Loc::Memory, true);
                vec![(arbitrary(kind, vec![made]), None)]
            }
            _ => Vec::new(),
        }
    }

    fn enum_member(&self, id: DeclId, name: &str) -> Members {
        let Some(Kind::Enum(e)) = self.w.kind(id) else { return Vec::new() };
        let value = e.values.iter().find(|v| &*v.name == name);
        value.map(|v| (T::Enum(id), self.w.at(v.span))).into_iter().collect()
    }

    fn super_member(&self, contract: DeclId, name: &str) -> Members {
        let mut out: Members = Vec::new();
        for base in self.w.line(contract).iter().skip(1) {
            for id in self.w.own(*base, name) {
                let Some(Kind::Function(f)) = self.w.kind(*id) else { continue };
                let Some(ty @ T::Function(_)) = self.w.decl_type(*id) else { continue };
                let external = self.w.function_visibility(*id) == ast::Visibility::External;
                if f.body.is_some() && !external && !out.iter().any(|(t, _)| same_params(t, &ty)) {
                    out.push((ty, Some(*id)));
                }
            }
        }
        out
    }

    /// Lists what `C.name` stands for; inside contracts that derive from `C` its functions can be called.
    fn contract_member(&self, contract: DeclId, name: &str) -> Members {
        let derived = self.scope.contract.is_some_and(|c| self.w.derives(c, contract));
        let mut out = Members::new();
        for base in self.w.line(contract) {
            for id in self.w.own(*base, name) {
                if let Some(ty) = self.through_contract(*id, derived) {
                    let overridden = matches!(self.w.kind(*id), Some(Kind::Function(_)))
                        && out.iter().any(|(t, _)| same_params(t, &ty));
                    if !overridden {
                        out.push((ty, Some(*id)));
                    }
                }
            }
            if !out.is_empty() && !matches!(out.first(), Some((T::Function(_), _))) {
                break;
            }
        }
        out
    }

    fn through_contract(&self, id: DeclId, derived: bool) -> Option<T> {
        let ty = self.w.decl_type(id)?;
        let (Kind::Function(_), T::Function(fun)) = (self.w.kind(id)?, &ty) else { return Some(ty) };
        let owner = self.w.owner(id)?;
        if self.w.is_library(owner) {
            let visibility = self.w.function_visibility(id);
            let inside = self.scope.contract == Some(owner) && visibility != ast::Visibility::External;
            if visibility > ast::Visibility::Public || inside {
                return Some(ty);
            }
            let called = self.w.called_from_outside(fun, FunKind::DelegateCall);
            return Some(T::Function(Rc::new(called)));
        }
        if derived && self.w.function_visibility(id) != ast::Visibility::External {
            return Some(ty);
        }
        Some(T::Function(Rc::new(Fun {
            kind: FunKind::Declaration,
            mutability: self.w.stated_mutability(fun),
            ..(**fun).clone()
        })))
    }
}

fn same_params(a: &T, b: &T) -> bool {
    matches!((a, b), (T::Function(a), T::Function(b)) if a.params == b.params)
}

fn arbitrary(name: &'static str, returns: Vec<T>) -> T {
    let mut fun = Fun::new(FunKind::Builtin(name), Mut::Pure, Vec::new(), returns);
    fun.arbitrary = true;
    T::Function(Rc::new(fun))
}

fn array_member(a: &Array, ty: &T, name: &str) -> Members {
    let place = ty.with_loc(a.loc, true);
    let attached = |kind: FunKind, extra: Option<T>, returns: Vec<T>| {
        let params = std::iter::once(place.clone()).chain(extra).collect();
        let fun = Fun { attached: true, ..Fun::new(kind, Mut::NonPayable, params, returns) };
        (T::Function(Rc::new(fun)), None)
    };
    let growing = a.len.is_none() && a.loc == Loc::Storage && a.shape != Shape::String;
    match name {
        "length" if a.shape != Shape::String => vec![(T::UINT, None)],
        "push" if growing => vec![
            attached(FunKind::ArrayPush, None, vec![a.elem.clone()]),
            attached(FunKind::ArrayPush, Some(a.elem.clone()), Vec::new()),
        ],
        "pop" if growing => vec![attached(FunKind::ArrayPop, None, Vec::new())],
        _ => Vec::new(),
    }
}

fn address_member(payable: bool, name: &str) -> Members {
    let call = |kind: FunKind, mutability: Mut| {
        let returns = vec![T::Bool, T::bytes_memory()];
        T::Function(Rc::new(Fun::new(kind, mutability, vec![T::bytes_memory()], returns)))
    };
    let transfer = |name: &'static str, returns: Vec<T>| {
        T::Function(Rc::new(Fun::new(FunKind::Builtin(name), Mut::NonPayable, vec![T::UINT], returns)))
    };
    let ty = match name {
        "balance" => T::UINT,
        "code" => T::bytes_memory(),
        "codehash" => T::FixedBytes(32),
        "call" => call(FunKind::BareCall, Mut::Payable),
        "callcode" => call(FunKind::BareCallCode, Mut::Payable),
        "delegatecall" => call(FunKind::BareDelegateCall, Mut::NonPayable),
        "staticcall" => call(FunKind::BareStaticCall, Mut::View),
        "send" if payable => transfer("send", vec![T::Bool]),
        "transfer" if payable => transfer("transfer", Vec::new()),
        _ => return Vec::new(),
    };
    vec![(ty, None)]
}

fn function_member(f: &Fun, name: &str) -> Members {
    let ty = match (name, f.kind) {
        ("selector", FunKind::Event) => T::FixedBytes(32),
        ("selector", _) => T::FixedBytes(4),
        ("address", FunKind::External) => T::Address { payable: false },
        _ => return Vec::new(),
    };
    vec![(ty, None)]
}

fn magic_member(magic: &Magic, name: &str) -> Members {
    let ty = match (magic, name) {
        (Magic::Block, "coinbase") => T::Address { payable: true },
        (Magic::Block, "blockhash") => {
            let returns = vec![T::FixedBytes(32)];
            let kind = FunKind::Builtin("blockhash");
            T::Function(Rc::new(Fun::new(kind, Mut::View, vec![T::UINT], returns)))
        }
        (Magic::Block, _) | (Magic::Transaction, "gasprice") | (Magic::Message, "value" | "gas") => T::UINT,
        (Magic::Message, "sender") | (Magic::Transaction, "origin") => T::Address { payable: false },
        (Magic::Message, "data") => T::text(Shape::Bytes, Loc::Calldata, true),
        (Magic::Message, "sig") => T::FixedBytes(4),
        (Magic::Abi, _) => return abi_member(name),
        (Magic::Meta(ty), _) => return meta_member(ty, name),
        _ => return Vec::new(),
    };
    vec![(ty, None)]
}

fn abi_member(name: &str) -> Members {
    let bytes = || vec![T::bytes_memory()];
    let with = |name: &'static str, params: Vec<T>| {
        let mut fun = Fun::new(FunKind::Builtin(name), Mut::Pure, params, bytes());
        fun.arbitrary = true;
        T::Function(Rc::new(fun))
    };
    let ty = match name {
        "encode" => arbitrary("abiencode", bytes()),
        "encodePacked" => arbitrary("abiencodepacked", bytes()),
        "encodeWithSelector" => with("abiencodewithselector", vec![T::FixedBytes(4)]),
        "encodeWithSignature" => with("abiencodewithsignature", vec![T::string_memory()]),
        "encodeCall" => arbitrary("abiencodecall", bytes()),
        "encodeError" => arbitrary("abiencodeerror", bytes()),
        "decode" => arbitrary("abidecode", Vec::new()),
        _ => return Vec::new(),
    };
    vec![(ty, None)]
}

fn meta_member(ty: &Rc<T>, name: &str) -> Members {
    let ty = match name {
        "name" => T::string_memory(),
        "creationCode" | "runtimeCode" => T::bytes_memory(),
        "interfaceId" => T::FixedBytes(4),
        "min" | "max" => (**ty).clone(),
        _ => return Vec::new(),
    };
    vec![(ty, None)]
}
