//! Checks `base.name`.

use super::body::Body;
use super::scope::Decl;
use super::value::{Candidate, Fun, Magic, Reach, Val, ValKind, expr};
use crate::ast::{self, Ident};
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;
use alloy_primitives::U256;

impl Body<'_> {
    /// Checks a member access.
    pub(super) fn member(&mut self, base: &ast::Expr, name: &Ident, span: Span) -> Option<Val> {
        if let ast::ExprKind::Ident(word) = &base.kind
            && &**word == "this"
        {
            self.note_this(base.span);
        }
        let outer = self.mute;
        self.mute |= &*name.name == "selector" && is_member_of_this(base);
        let val = self.value(base);
        self.mute = outer;
        let val = val?;
        match val.kind {
            ValKind::Magic(Magic::Msg) if &*name.name == "data" && self.in_receive => {
                self.c.fail(codes::SPECIAL_FUNCTION.solc(7139), span, "`receive` has no call data")
            }
            ValKind::Magic(magic) => self.magic_member(magic, name, span),
            ValKind::Module(file) => {
                let found = self.c.lookup_in_file(file, &name.name);
                if found.is_empty() {
                    return self.no_member("the imported file", name, span);
                }
                self.declared(&found, span)
            }
            ValKind::Type(ty) => self.type_member(&ty, name, span),
            ValKind::Meta(ty) => self.meta_member(&ty, name, span),
            ValKind::Super => self.super_member(name, span),
            ValKind::Functions(list) => {
                if !matches!(&*name.name, "selector" | "address") {
                    let value = self.mobile(Val { kind: ValKind::Functions(list), span: val.span })?;
                    return self.value_member(value, name, span);
                }
                self.function_member(list, name, span)
            }
            ValKind::Options(inner, _) if matches!(&*name.name, "selector" | "address") => match inner.kind {
                ValKind::Functions(list) => self.function_member(list, name, span),
                kind => {
                    let value = self.mobile(Val { kind, span: inner.span })?;
                    self.value_member(value, name, span)
                }
            },
            ValKind::Text(_) => self.text_member(val, name, span),
            ValKind::Events(list) => self.event_member(&list, name, span),
            ValKind::Error(id) => {
                let selector = self.c.hir.errors.get(id.index()).map(|e| e.selector)?;
                if &*name.name == "selector" {
                    return Some(Val::expr(selector_expr(selector, span)));
                }
                self.no_member("an error", name, span)
            }
            ValKind::Builtin(fun, _) => self.builtin_member(&fun, name, span),
            ValKind::New(ty) => self.creation_member(&ty, name, span),
            kind => {
                let value = self.mobile(Val { kind, span: val.span })?;
                self.value_member(value, name, span)
            }
        }
    }

    /// Reports members that functions of the language had once, and others that they never had.
    fn builtin_member(&mut self, fun: &Fun, name: &Ident, span: Span) -> Option<Val> {
        let number = match (fun, &*name.name) {
            (Fun::LowLevel(LowLevelKind::Call), "value") | (Fun::LowLevel(_), "gas") => 1621,
            (Fun::LowLevel(_), "value") => 8477,
            (_, "value") => 8820,
            _ => return self.no_member("a builtin function", name, span),
        };
        self.no_option(number, name, span)
    }

    fn creation_member(&mut self, ty: &Ty, name: &Ident, span: Span) -> Option<Val> {
        let Ty::Contract(id) = ty else { return self.no_member("`new`", name, span) };
        let constructor = self.c.contract(*id)?.constructor.and_then(|f| self.c.function(f));
        let payable = constructor.is_some_and(|f| f.mutability == Mutability::Payable);
        match &*name.name {
            "value" => self.no_option(if payable { 1621 } else { 8827 }, name, span),
            _ => {
                let message = format!("`new` has no member `{}`", name.name);
                self.c.fail(codes::NO_SUCH_MEMBER.solc(6005), span, message)
            }
        }
    }

    fn no_option<X>(&mut self, number: u16, name: &Ident, span: Span) -> Option<X> {
        let message = format!("`.{}(...)` is no way to give a call options", name.name);
        let help = format!("write `{{{}: ...}}` in front of the arguments", name.name);
        self.c.fail_help(codes::NO_SUCH_MEMBER.solc(number), span, message, help)
    }

    fn no_member<X>(&mut self, of: &str, name: &Ident, span: Span) -> Option<X> {
        self.c.fail(codes::NO_SUCH_MEMBER.solc(9582), span, format!("{of} has no member `{}`", name.name))
    }

    fn builtin(&mut self, builtin: Builtin, ty: Ty, needed: Mutability, span: Span) -> Option<Val> {
        self.needs(needed, span);
        Some(Val::expr(expr(ExprKind::Builtin { builtin, args: Vec::new() }, ty, span)))
    }

    fn magic_member(&mut self, magic: Magic, name: &Ident, span: Span) -> Option<Val> {
        use Mutability::{Payable, Pure, View};
        let payable = Ty::Address { payable: true };
        let address = Ty::Address { payable: false };
        let (builtin, ty, needed) = match (magic, &*name.name) {
            (Magic::Block, "number") => (Builtin::BlockNumber, Ty::UINT, View),
            (Magic::Block, "timestamp") => (Builtin::BlockTimestamp, Ty::UINT, View),
            (Magic::Block, "coinbase") => (Builtin::BlockCoinbase, payable, View),
            (Magic::Block, "chainid") => (Builtin::BlockChainId, Ty::UINT, View),
            (Magic::Block, "basefee") => (Builtin::BlockBaseFee, Ty::UINT, View),
            (Magic::Block, "blobbasefee") if !self.c.evm_version.has_blobs() => {
                let message = "`block.blobbasefee` exists since cancun; the target is older";
                self.c.diags.push(Diagnostic::error(codes::NO_SUCH_MEMBER, span, message).solc(1006));
                return None;
            }
            (Magic::Block, "blobbasefee") => (Builtin::BlockBlobBaseFee, Ty::UINT, View),
            (Magic::Block, "prevrandao" | "difficulty") => (Builtin::BlockPrevRandao, Ty::UINT, View),
            (Magic::Block, "gaslimit") => (Builtin::BlockGasLimit, Ty::UINT, View),
            (Magic::Msg, "sender") => (Builtin::MsgSender, address, View),
            (Magic::Msg, "value") => (Builtin::MsgValue, Ty::UINT, Payable),
            (Magic::Msg, "data") => (Builtin::MsgData, Ty::Bytes(Loc::Calldata), Pure),
            (Magic::Msg, "sig") => (Builtin::MsgSig, Ty::FixedBytes(4), Pure),
            (Magic::Tx, "origin") => (Builtin::TxOrigin, address, View),
            (Magic::Tx, "gasprice") => (Builtin::TxGasPrice, Ty::UINT, View),
            (Magic::Abi, _) => return self.abi_member(name, span),
            (Magic::Block, "blockhash") => return self.replaced(8113, "blockhash(...)", span),
            (Magic::Msg, "gas") => return self.replaced(1400, "gasleft()", span),
            (Magic::Block, _) => return self.no_member("`block`", name, span),
            (Magic::Msg, _) => return self.no_member("`msg`", name, span),
            (Magic::Tx, _) => return self.no_member("`tx`", name, span),
        };
        if &*name.name == "difficulty" {
            self.note_builtin(&builtin, span);
        }
        self.builtin(builtin, ty, needed, span)
    }

    /// Reports a member of older versions and what is written today.
    fn replaced<X>(&mut self, number: u16, now: &str, span: Span) -> Option<X> {
        let message = "this is no part of the language any more";
        self.c.fail_help(codes::NO_SUCH_MEMBER.solc(number), span, message, format!("write `{now}`"))
    }

    fn abi_member(&mut self, name: &Ident, span: Span) -> Option<Val> {
        let fun = match &*name.name {
            "encode" => Fun::Plain(Builtin::AbiEncode),
            "encodePacked" => Fun::Plain(Builtin::AbiEncodePacked),
            "encodeWithSelector" => Fun::Plain(Builtin::AbiEncodeWithSelector),
            "encodeWithSignature" => Fun::Plain(Builtin::AbiEncodeWithSignature),
            "encodeCall" => Fun::AbiEncodeCall,
            "decode" => Fun::AbiDecode,
            _ => return self.no_member("`abi`", name, span),
        };
        Some(Val { kind: ValKind::Builtin(fun, None), span })
    }

    fn meta_member(&mut self, ty: &Ty, name: &Ident, span: Span) -> Option<Val> {
        match (ty, &*name.name) {
            (Ty::Int { signed, bits }, "min" | "max") => {
                let word = extreme(*signed, *bits, &*name.name == "max");
                Some(Val::expr(expr(ExprKind::Number(word), ty.clone(), span)))
            }
            (Ty::Enum(id), "min" | "max") => {
                let count = self.c.hir.enums.get(id.index()).map_or(1, |e| e.members.len());
                let word = if &*name.name == "max" { count.saturating_sub(1) } else { 0 };
                Some(Val::expr(expr(ExprKind::Number(U256::from(word)), ty.clone(), span)))
            }
            (Ty::Contract(id), "name") => {
                let text = self.c.contract(*id)?.name.clone().into_bytes();
                Some(Val { kind: ValKind::Text(text), span })
            }
            (Ty::Contract(id), "creationCode" | "runtimeCode") => self.code_member(*id, name, span),
            (Ty::Contract(id), "interfaceId") => self.interface_id(*id, name, span),
            _ => {
                let of = format!("`type({})`", self.c.bare_name_of(ty));
                self.no_member(&of, name, span)
            }
        }
    }

    fn code_member(&mut self, id: ContractId, name: &Ident, span: Span) -> Option<Val> {
        let kind = self.c.contract(id)?.kind;
        if matches!(kind, ContractKind::Abstract | ContractKind::Interface) {
            return self.c.fail(
                codes::INSTANTIATE_ABSTRACT.solc(9582),
                span,
                "an abstract contract or interface has no code",
            );
        }
        self.note_creation(id, span);
        let builtin =
            if &*name.name == "creationCode" { Builtin::CreationCode(id) } else { Builtin::RuntimeCode(id) };
        self.builtin(builtin, Ty::Bytes(Loc::Memory), Mutability::Pure, span)
    }

    fn interface_id(&mut self, id: ContractId, name: &Ident, span: Span) -> Option<Val> {
        let contract = self.c.contract(id)?;
        if contract.kind != ContractKind::Interface {
            return self.no_member("`type` of something that is not an interface", name, span);
        }
        let own = contract.functions.iter().filter_map(|f| self.c.selector_of(*f));
        let id = own.fold([0u8; 4], |mut all, s| {
            all.iter_mut().zip(s).for_each(|(a, b)| *a ^= b);
            all
        });
        Some(Val::expr(selector_expr(id, span)))
    }

    fn super_member(&mut self, name: &Ident, span: Span) -> Option<Val> {
        let from = self.scope.contract?;
        let mut list: Vec<Candidate> = Vec::new();
        for base in self.c.line(from).into_iter().skip(1) {
            for decl in self.c.lookup_in_contract(base, &name.name, false) {
                let Decl::Function(f) = decl else { continue };
                let Some(function) = self.c.function(f) else { continue };
                let usable = function.visibility != Visibility::Private
                    && function.visibility != Visibility::External
                    && self.c.has_body(f);
                let params: Vec<Ty> = self.c.param_types(f).iter().map(|t| t.with_loc(Loc::Memory)).collect();
                let seen = list
                    .iter()
                    .any(|c| c.params.iter().map(|t| t.with_loc(Loc::Memory)).eq(params.iter().cloned()));
                if usable && !seen {
                    let callee = Callee::Super { from, function: f };
                    list.push(self.candidate(f, Reach::Internal(callee)));
                }
            }
        }
        if list.is_empty() {
            return self.no_member("`super`", name, span);
        }
        Some(Val { kind: ValKind::Functions(list), span })
    }

    fn function_member(&mut self, list: Vec<Candidate>, name: &Ident, span: Span) -> Option<Val> {
        let [one] = list.as_slice() else {
            return self.several_functions(span);
        };
        if let Reach::External(base, selector) = &one.reach {
            return match &*name.name {
                "selector" if is_silent(base) => Some(Val::expr(selector_expr(*selector, span))),
                "selector" => {
                    let ty = Ty::Function(Box::new(external_type(one)));
                    let function = ExprKind::ExternalFunction { base: base.clone(), selector: *selector };
                    let base = Box::new(expr(function, ty, span));
                    let kind = ExprKind::ExternalPart { base, selector: true };
                    Some(Val::expr(expr(kind, Ty::FixedBytes(4), span)))
                }
                "address" => Some(Val::expr(Expr { span, ..(**base).clone() })),
                _ => self.no_member("a function", name, span),
            };
        }
        let own = |f: &FunctionId| self.c.function(*f).is_some_and(|f| f.contract == self.scope.contract);
        let inside = matches!(one.reach, Reach::Internal(_)) && one.function.as_ref().is_some_and(own);
        let selector = one.function.filter(|_| !inside).and_then(|f| self.c.selector_of(f));
        match (&*name.name, selector) {
            ("selector", Some(selector)) => Some(Val::expr(selector_expr(selector, span))),
            ("selector", None) => self.c.fail_help(
                codes::NO_SUCH_MEMBER.solc(9582),
                span,
                "only public and external functions have a selector",
                "name one of this contract as `this.f`",
            ),
            _ => self.no_member("a function", name, span),
        }
    }

    fn event_member(&mut self, list: &[EventId], name: &Ident, span: Span) -> Option<Val> {
        let [id] = list else {
            return self.c.fail(codes::AMBIGUOUS.solc(2144), span, "this name means several events");
        };
        let event = self.c.hir.events.get(id.index())?;
        if &*name.name != "selector" || event.anonymous {
            return self.no_member("an event", name, span);
        }
        let hash = alloy_primitives::keccak256(event.signature.as_bytes());
        let word = U256::from_be_bytes(hash.0);
        Some(Val::expr(expr(ExprKind::Number(word), Ty::FixedBytes(32), span)))
    }

    fn type_member(&mut self, ty: &Ty, name: &Ident, span: Span) -> Option<Val> {
        match ty {
            Ty::Enum(id) => {
                let members = &self.c.hir.enums.get(id.index())?.members;
                match members.iter().position(|m| **m == *name.name) {
                    Some(at) => Some(Val::expr(expr(ExprKind::Number(U256::from(at)), ty.clone(), span))),
                    None => {
                        let of = format!("enum `{}`", self.c.bare_name_of(ty));
                        self.no_member(&of, name, span)
                    }
                }
            }
            Ty::Udvt(id) => {
                let fun = match &*name.name {
                    "wrap" => Fun::Wrap(*id),
                    "unwrap" => Fun::Unwrap(*id),
                    _ => return self.no_member("a user-defined type", name, span),
                };
                Some(Val { kind: ValKind::Builtin(fun, None), span })
            }
            Ty::Bytes(_) if &*name.name == "concat" => {
                Some(Val { kind: ValKind::Builtin(Fun::Plain(Builtin::BytesConcat), None), span })
            }
            Ty::String(_) if &*name.name == "concat" => {
                Some(Val { kind: ValKind::Builtin(Fun::Plain(Builtin::StringConcat), None), span })
            }
            Ty::Contract(id) => self.contract_type_member(*id, name, span),
            _ => {
                let of = format!("type `{}`", self.c.bare_name_of(ty));
                self.no_member(&of, name, span)
            }
        }
    }

    /// `C.name` for a contract, base, interface or library.
    fn contract_type_member(&mut self, id: ContractId, name: &Ident, span: Span) -> Option<Val> {
        let own = self.scope.contract;
        let is_base = own.is_some_and(|own| self.c.derives_from(own, id));
        let is_library = self.c.is_library(id);
        let found = self.c.lookup_in_contract(id, &name.name, true);
        let Some(first) = found.first().copied() else {
            let of = format!("`{}`", self.c.bare_name_of(&Ty::Contract(id)));
            return self.no_member(&of, name, span);
        };
        match first {
            Decl::Function(_) => {
                let functions =
                    found.iter().filter_map(|d| if let Decl::Function(f) = d { Some(*f) } else { None });
                let list: Vec<Candidate> =
                    functions.filter_map(|f| self.named_candidate(f, id, is_base, is_library)).collect();
                if list.is_empty() {
                    return self.c.fail(
                        codes::NOT_VISIBLE.solc(9582),
                        span,
                        format!("`{}` is not visible here", name.name),
                    );
                }
                Some(Val { kind: ValKind::Functions(list), span })
            }
            Decl::Var(v) => {
                let var = self.c.hir.vars.get(v.index())?;
                let constant = var.kind == VarKind::Constant;
                let hidden = var.visibility == Visibility::Private && var.contract != own;
                if hidden || !(is_base || (constant && (is_library || var.visibility != Visibility::Private)))
                {
                    return self.c.fail(
                        codes::NOT_VISIBLE.solc(9582),
                        span,
                        format!("`{}` is not visible here", name.name),
                    );
                }
                self.variable(v, span).map(Val::expr)
            }
            Decl::Modifier(_) => {
                let of = format!("`{}`", self.c.bare_name_of(&Ty::Contract(id)));
                self.no_member(&of, name, span)
            }
            _ => self.declared(&found, span),
        }
    }

    fn named_candidate(
        &self,
        f: FunctionId,
        id: ContractId,
        is_base: bool,
        is_library: bool,
    ) -> Option<Candidate> {
        let function = self.c.function(f)?;
        let own = self.scope.contract;
        let public = matches!(function.visibility, Visibility::Public | Visibility::External);
        let selector = function.selector.unwrap_or_default();
        if is_library {
            if function.visibility == Visibility::Private && own != Some(id) {
                return None;
            }
            let internal = !public;
            let reach =
                if internal { Reach::Internal(Callee::Exact(f)) } else { Reach::Library(id, selector) };
            return Some(self.candidate(f, reach));
        }
        if is_base && function.visibility != Visibility::External {
            if function.visibility == Visibility::Private && function.contract != own {
                return None;
            }
            let reach =
                if self.c.has_body(f) { Reach::Internal(Callee::Exact(f)) } else { Reach::Unimplemented };
            return Some(self.candidate(f, reach));
        }
        public.then(|| self.candidate(f, Reach::Declared(selector)))
    }

    fn getter_candidate(&self, v: VarId, base: Expr) -> Option<Candidate> {
        let var = self.c.hir.vars.get(v.index())?;
        let selector = var.selector?;
        let getter = self.c.getter_type(&var.ty)?;
        let names = getter.params.iter().map(|_| String::new()).collect();
        let reach = Reach::External(Box::new(base), selector);
        Some(Candidate {
            reach,
            params: getter.params,
            names,
            returns: getter.returns,
            mutability: Mutability::View,
            bound: None,
            function: None,
        })
    }

    /// `value.name`: the type's own members first, then functions attached by `using`.
    fn value_member(&mut self, value: Expr, name: &Ident, span: Span) -> Option<Val> {
        let attached = self.c.attached(self.scope, &value.ty, &name.name);
        let mut list: Vec<Candidate> =
            attached.into_iter().map(|f| self.bound_candidate(f, &value)).collect();
        match self.own_member(&value, name, span) {
            // Attached functions overload those of a contract.
            Some(Some(Val { kind: ValKind::Functions(own), .. })) => list.splice(0..0, own).for_each(drop),
            Some(Some(Val { kind: ValKind::Expr(_), .. })) if !list.is_empty() => {
                let message = format!("`{}` is a member and an attached function", name.name);
                return self.c.fail(codes::AMBIGUOUS, name.span, message);
            }
            Some(found) => return found,
            None => {}
        }
        if !list.is_empty() {
            return Some(Val { kind: ValKind::Functions(list), span });
        }
        let message = format!("`{}` has no member `{}`", self.c.name_of(&value.ty), name.name);
        let number = missing_member(&value.ty, &name.name);
        let mut diagnostic = Diagnostic::error(codes::NO_SUCH_MEMBER.solc(number), span, message);
        if let Some(near) = self.nearest_member(&value.ty, &name.name) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        if matches!(value.ty, Ty::Contract(_)) && is_address_member(&name.name) {
            diagnostic = diagnostic.help(format!("write `address(...).{}`", name.name));
        }
        if matches!(value.ty, Ty::Address { payable: false }) && matches!(&*name.name, "send" | "transfer") {
            diagnostic = diagnostic.help(format!("write `payable(...).{}`", name.name));
        }
        self.c.diags.push(diagnostic);
        None
    }

    /// Finds a field or function of a value's type whose name is nearly `name`.
    fn nearest_member(&self, ty: &Ty, name: &str) -> Option<String> {
        let known: Vec<String> = match ty {
            Ty::Struct(id, _) => {
                self.c.hir.structs.get(id.index())?.fields.iter().map(|(n, _)| n.clone()).collect()
            }
            Ty::Contract(id) => {
                let functions = self.c.line(*id).into_iter().filter_map(|c| self.c.contract(c));
                let ids = functions.flat_map(|c| c.functions.iter());
                ids.filter_map(|f| self.c.function(*f))
                    .filter(|f| f.selector.is_some())
                    .map(|f| f.name.clone())
                    .collect()
            }
            Ty::Array { .. } | Ty::Bytes(_) => ["length", "push", "pop"].map(String::from).to_vec(),
            Ty::Address { .. } => ["balance", "code", "codehash", "call", "delegatecall", "staticcall"]
                .map(String::from)
                .to_vec(),
            _ => return None,
        };
        let near = known.into_iter().map(|n| (super::scope::distance(&n, name), n));
        near.filter(|(d, _)| *d > 0 && *d <= 1 + name.len() / 5).min().map(|(_, n)| n)
    }

    /// Functions attached to a string literal, which converts to what they take.
    fn text_member(&mut self, val: Val, name: &Ident, span: Span) -> Option<Val> {
        let mut list = Vec::new();
        for ty in [Ty::String(Loc::Memory), Ty::Bytes(Loc::Memory)] {
            if !self.can_convert(&val, &ty) {
                continue;
            }
            let receiver = self.convert(val.clone(), &ty)?;
            for f in self.c.attached(self.scope, &ty, &name.name) {
                list.push(self.bound_candidate(f, &receiver));
            }
        }
        if list.is_empty() {
            return self.no_member("a string literal", name, span);
        }
        Some(Val { kind: ValKind::Functions(list), span })
    }

    fn bound_candidate(&self, f: FunctionId, receiver: &Expr) -> Candidate {
        let function = self.c.function(f);
        let public =
            function.is_some_and(|f| matches!(f.visibility, Visibility::Public | Visibility::External));
        let library = function.and_then(|f| f.contract);
        let reach = match library {
            Some(library) if public => {
                Reach::Library(library, function.and_then(|f| f.selector).unwrap_or_default())
            }
            _ => Reach::Internal(Callee::Exact(f)),
        };
        Candidate { bound: Some(Box::new(receiver.clone())), ..self.candidate(f, reach) }
    }

    /// Finds a member that the type itself has; the outer option says whether there is one.
    fn own_member(&mut self, value: &Expr, name: &Ident, span: Span) -> Option<Option<Val>> {
        let word = &*name.name;
        match &value.ty {
            Ty::Struct(id, loc) => self.field(*id, *loc, value, name, span),
            Ty::Array { len, .. } if word == "length" => Some(Some(self.array_length(value, *len, span))),
            Ty::Bytes(_) if word == "length" => Some(Some(self.array_length(value, None, span))),
            Ty::Array { len: None, loc: Loc::Storage, .. } | Ty::Bytes(Loc::Storage)
                if matches!(word, "push" | "pop") =>
            {
                let fun = if word == "push" { Fun::Push } else { Fun::Plain(Builtin::ArrayPop) };
                Some(Some(Val { kind: ValKind::Builtin(fun, Some(Box::new(value.clone()))), span }))
            }
            Ty::FixedBytes(n) if word == "length" => {
                let ty = Ty::Int { signed: false, bits: 8 };
                Some(Some(Val::expr(expr(ExprKind::Number(U256::from(*n)), ty, span))))
            }
            Ty::Address { payable } => self.address_member(value, *payable, word, span),
            Ty::Contract(id) => self.instance_member(*id, value, name, span),
            Ty::Function(f) if f.external && matches!(word, "selector" | "address") => {
                let selector = word == "selector";
                let ty = if selector { Ty::FixedBytes(4) } else { Ty::Address { payable: false } };
                let kind = ExprKind::ExternalPart { base: Box::new(value.clone()), selector };
                Some(Some(Val::expr(expr(kind, ty, span))))
            }
            _ => None,
        }
    }

    fn field(
        &mut self,
        id: StructId,
        loc: Loc,
        value: &Expr,
        name: &Ident,
        span: Span,
    ) -> Option<Option<Val>> {
        let row = self.c.hir.structs.get(id.index())?;
        let at = row.fields.iter().position(|(n, _)| **n == *name.name)?;
        let ty = row.fields.get(at)?.1.with_loc(loc);
        if super::ty::is_poison(&ty) {
            return Some(None);
        }
        if loc == Loc::Storage {
            self.needs(Mutability::View, span);
        }
        let kind = ExprKind::Field { base: Box::new(value.clone()), field: at as u32 };
        Some(Some(Val::expr(expr(kind, ty, span))))
    }

    fn array_length(&mut self, value: &Expr, len: Option<U256>, span: Span) -> Val {
        if let Some(len) = len {
            return Val::expr(expr(ExprKind::Number(len), Ty::UINT, span));
        }
        if value.ty.loc() == Some(Loc::Storage) {
            self.needs(Mutability::View, span);
        }
        Val::expr(expr(ExprKind::Length(Box::new(value.clone())), Ty::UINT, span))
    }

    fn address_member(&mut self, value: &Expr, payable: bool, word: &str, span: Span) -> Option<Option<Val>> {
        let read = |builtin, ty| (builtin, ty);
        let found = match word {
            "balance" => read(Builtin::AddressBalance, Ty::UINT),
            "code" => read(Builtin::AddressCode, Ty::Bytes(Loc::Memory)),
            "codehash" => read(Builtin::AddressCodeHash, Ty::FixedBytes(32)),
            _ => {
                let fun = match word {
                    "call" => Fun::LowLevel(LowLevelKind::Call),
                    "delegatecall" => Fun::LowLevel(LowLevelKind::DelegateCall),
                    "staticcall" => Fun::LowLevel(LowLevelKind::StaticCall),
                    "transfer" if payable => {
                        self.note_builtin(&Builtin::AddressTransfer, span);
                        Fun::Plain(Builtin::AddressTransfer)
                    }
                    "send" if payable => {
                        self.note_builtin(&Builtin::AddressSend, span);
                        Fun::Plain(Builtin::AddressSend)
                    }
                    _ => return None,
                };
                return Some(Some(Val { kind: ValKind::Builtin(fun, Some(Box::new(value.clone()))), span }));
            }
        };
        self.needs(Mutability::View, span);
        let kind = ExprKind::Builtin { builtin: found.0, args: vec![value.clone()] };
        Some(Some(Val::expr(expr(kind, found.1, span))))
    }

    /// `instance.f`: external functions and getters of a contract or interface.
    fn instance_member(
        &mut self,
        id: ContractId,
        value: &Expr,
        name: &Ident,
        span: Span,
    ) -> Option<Option<Val>> {
        let address = super::convert::coerce(value.clone(), &Ty::Address { payable: false });
        let mut list: Vec<Candidate> = Vec::new();
        for decl in self.c.lookup_in_contract(id, &name.name, true) {
            match decl {
                Decl::Function(f) => {
                    let Some(selector) = self.c.selector_of(f) else { continue };
                    list.push(self.candidate(f, Reach::External(Box::new(address.clone()), selector)));
                }
                Decl::Var(v) => list.extend(self.getter_candidate(v, address.clone())),
                _ => {}
            }
        }
        (!list.is_empty()).then_some(Some(Val { kind: ValKind::Functions(list), span }))
    }
}

/// Returns solc's number for a member that a value does not have.
fn missing_member(ty: &Ty, name: &str) -> u16 {
    match ty {
        Ty::Contract(_) if is_address_member(name) => 3125,
        Ty::Address { payable: false } if matches!(name, "send" | "transfer") => 9862,
        Ty::Array { len: None, loc: Loc::Memory | Loc::Calldata, .. } if matches!(name, "push" | "pop") => {
            4994
        }
        Ty::Bytes(Loc::Memory | Loc::Calldata) if matches!(name, "push" | "pop") => 4994,
        Ty::Function(f) if f.external => match name {
            "value" if f.mutability == Mutability::Payable => 1621,
            "value" => 8820,
            "gas" => 1621,
            _ if returns_members(f) => 6005,
            _ => 9582,
        },
        Ty::Function(_) if name == "value" => 8820,
        Ty::Function(f) if returns_members(f) => 6005,
        Ty::Address { .. } if name == "callcode" => 2256,
        _ => 9582,
    }
}

/// Is true for functions whose one result has members: the call may be what was meant.
fn returns_members(f: &FnTy) -> bool {
    matches!(f.returns.as_slice(), [Ty::Struct(..) | Ty::Contract(_)])
}

/// Is true for `this.f`.
fn is_member_of_this(e: &ast::Expr) -> bool {
    let ast::ExprKind::Member { base, .. } = &e.kind else { return false };
    matches!(&base.kind, ast::ExprKind::Ident(name) if &**name == "this")
}

/// Is true for an expression whose evaluation changes nothing, so that it may be left out.
fn is_silent(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Local(_) | ExprKind::StateVar(_) | ExprKind::Number(_) => true,
        ExprKind::Builtin { builtin: Builtin::This | Builtin::MsgSender, .. } => true,
        ExprKind::Convert(inner) => is_silent(inner),
        ExprKind::Field { base, .. } => is_silent(base),
        _ => false,
    }
}

fn external_type(c: &Candidate) -> FnTy {
    let memory = |list: &[Ty]| list.iter().map(|t| t.with_loc(Loc::Memory)).collect();
    FnTy { params: memory(&c.params), returns: memory(&c.returns), mutability: c.mutability, external: true }
}

fn is_address_member(name: &str) -> bool {
    matches!(
        name,
        "balance"
            | "code"
            | "codehash"
            | "call"
            | "callcode"
            | "delegatecall"
            | "staticcall"
            | "send"
            | "transfer"
    )
}

fn selector_expr(selector: Selector, span: Span) -> Expr {
    let mut word = [0u8; 32];
    word.iter_mut().zip(selector).for_each(|(to, from)| *to = from);
    expr(ExprKind::Number(U256::from_be_bytes(word)), Ty::FixedBytes(4), span)
}

/// Returns the smallest or largest value of an integer type as a word.
fn extreme(signed: bool, bits: u16, max: bool) -> U256 {
    let all = if bits >= 256 { U256::MAX } else { (U256::from(1) << usize::from(bits)) - U256::from(1) };
    let half: U256 = all >> 1usize;
    match (signed, max) {
        (false, true) => all,
        (false, false) => U256::ZERO,
        (true, true) => half,
        (true, false) => !half,
    }
}
