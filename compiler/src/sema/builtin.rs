//! Checks calls of builtin functions.

use super::body::Body;
use super::call::{Arguments, result_type};
use super::convert::coerce;
use super::value::{Candidate, Fun, Reach, Val, ValKind, expr};
use crate::ast::{self, ArgsKind};
use crate::diag::codes;
use crate::hir::*;
use crate::source::Span;

impl Body<'_> {
    /// Checks a call of a builtin, `receiver` being what it is a member of.
    pub(super) fn builtin_call(
        &mut self,
        fun: Fun,
        receiver: Option<Box<Expr>>,
        options: Option<CallOptions>,
        args: &ast::Args,
        (name, place): (Span, Option<Span>),
        span: Span,
    ) -> Option<Val> {
        self.options_place = place;
        if !matches!(fun, Fun::LowLevel(_)) {
            self.refuse_options(options.as_ref(), span)?;
        }
        let ArgsKind::Positional(list) = &args.kind else {
            let open = matches!(
                fun,
                Fun::Plain(Builtin::AbiEncode | Builtin::AbiEncodePacked | Builtin::AbiEncodeWithSelector)
                    | Fun::Plain(Builtin::AbiEncodeWithSignature | Builtin::BytesConcat)
            );
            let finding = codes::NAMED_ARGUMENT.solc(if open { 2627 } else { 4974 });
            return self.c.fail(finding, span, "a builtin function takes unnamed arguments");
        };
        let checked = match fun {
            Fun::Require => self.require(list, name, span),
            Fun::Revert => self.revert_call(list, name, span),
            Fun::AbiDecode => self.abi_decode(list, span),
            Fun::AbiEncodeCall => self.abi_encode_call(list, span),
            Fun::LowLevel(kind) => self.low_level(kind, *receiver?, options, list, place, span),
            Fun::Push => self.push(*receiver?, list, name, span),
            Fun::Wrap(id) => self.wrap(id, true, list, span),
            Fun::Unwrap(id) => self.wrap(id, false, list, span),
            Fun::Plain(builtin) => self.plain(builtin, receiver, list, span),
        };
        checked.map(Val::expr)
    }

    fn values(&mut self, list: &[ast::Expr]) -> Option<Vec<Val>> {
        let checked: Vec<Option<Val>> = list.iter().map(|e| self.value(e)).collect();
        checked.into_iter().collect()
    }

    fn expect_all(&mut self, list: &[ast::Expr], types: &[Ty], span: Span) -> Option<Vec<Expr>> {
        let values = self.values(list)?;
        let names = vec![String::new(); types.len()];
        self.convert_arguments(Arguments::Positional(values), types, &names, span)
    }

    fn plain(
        &mut self,
        b: Builtin,
        receiver: Option<Box<Expr>>,
        list: &[ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        use Mutability::{NonPayable, Pure, View};
        let bytes = Ty::Bytes(Loc::Memory);
        let hash = Ty::FixedBytes(32);
        let (types, ty, needed): (Vec<Ty>, Ty, Mutability) = match &b {
            Builtin::Assert => (vec![Ty::Bool], Ty::unit(), Pure),
            Builtin::Keccak256 => return self.hash(b, hash, list, Pure, span),
            Builtin::Sha256 => return self.hash(b, hash, list, Pure, span),
            Builtin::Ripemd160 => return self.hash(b, Ty::FixedBytes(20), list, Pure, span),
            Builtin::Erc7201 => return self.namespace(list, span),
            Builtin::EcRecover => {
                let v = Ty::Int { signed: false, bits: 8 };
                (vec![hash.clone(), v, hash.clone(), hash], Ty::Address { payable: false }, Pure)
            }
            Builtin::AddMod | Builtin::MulMod => (vec![Ty::UINT; 3], Ty::UINT, Pure),
            Builtin::GasLeft => (Vec::new(), Ty::UINT, View),
            Builtin::BlockHash | Builtin::BlobHash => (vec![Ty::UINT], hash, View),
            Builtin::SelfDestruct => (vec![Ty::Address { payable: true }], Ty::unit(), NonPayable),
            Builtin::AddressTransfer => (vec![Ty::UINT], Ty::unit(), NonPayable),
            Builtin::AddressSend => (vec![Ty::UINT], Ty::Bool, NonPayable),
            Builtin::ArrayPop => (Vec::new(), Ty::unit(), NonPayable),
            Builtin::BytesConcat => return self.concat(b, bytes, list, span),
            Builtin::StringConcat => return self.concat(b, Ty::String(Loc::Memory), list, span),
            Builtin::AbiEncode | Builtin::AbiEncodePacked => {
                return self.abi_encode(b, Vec::new(), list, span);
            }
            Builtin::AbiEncodeWithSelector => return self.abi_encode(b, vec![Ty::FixedBytes(4)], list, span),
            Builtin::AbiEncodeWithSignature => {
                return self.abi_encode(b, vec![Ty::String(Loc::Memory)], list, span);
            }
            _ => return self.c.fail(codes::NOT_CALLABLE.solc(5704), span, "this cannot be called"),
        };
        let mut args = self.expect_all(list, &types, span)?;
        self.needs(needed, span);
        args.splice(0..0, receiver.map(|r| *r));
        Some(expr(ExprKind::Builtin { builtin: b, args }, ty, span))
    }

    /// Hashes bytes in memory or calldata; string literals stay literals.
    fn hash(
        &mut self,
        b: Builtin,
        ty: Ty,
        list: &[ast::Expr],
        needed: Mutability,
        span: Span,
    ) -> Option<Expr> {
        let [one] = list else {
            return self.c.fail_help(
                codes::WRONG_ARGUMENT_COUNT.solc(4323),
                span,
                "one argument expected",
                "join several with `abi.encodePacked(...)`",
            );
        };
        let val = self.value(one)?;
        self.needs(needed, span);
        let arg = match val.ty() {
            Some(Ty::Bytes(Loc::Calldata)) => self.mobile(val)?,
            _ => self.convert_as(7556, None, val, &Ty::Bytes(Loc::Memory))?,
        };
        Some(expr(ExprKind::Builtin { builtin: b, args: vec![arg] }, ty, span))
    }

    /// `erc7201(id)`: a literal's slot is a number already.
    fn namespace(&mut self, list: &[ast::Expr], span: Span) -> Option<Expr> {
        let [id] = list else {
            return self.c.fail(codes::WRONG_ARGUMENT_COUNT, span, "one string expected");
        };
        let val = self.value(id)?;
        let arg = match val.ty() {
            Some(Ty::String(Loc::Calldata)) => self.mobile(val)?,
            _ => self.convert(val, &Ty::String(Loc::Memory))?,
        };
        let kind = match &arg.kind {
            ExprKind::Literal(bytes) => ExprKind::Number(super::constant::erc7201(bytes)),
            _ => ExprKind::Builtin { builtin: Builtin::Erc7201, args: vec![arg] },
        };
        Some(expr(kind, Ty::UINT, span))
    }

    fn concat(&mut self, b: Builtin, ty: Ty, list: &[ast::Expr], span: Span) -> Option<Expr> {
        let mut args = Vec::new();
        for val in self.values(list)? {
            let fixed = ty == Ty::Bytes(Loc::Memory) && matches!(val.ty(), Some(Ty::FixedBytes(_)));
            let same = val.ty().is_some_and(|t| super::ty::same_but_location(t, &ty));
            let number = if ty == Ty::Bytes(Loc::Memory) { 8015 } else { 9977 };
            args.push(if fixed || same {
                self.mobile(val)?
            } else {
                self.convert_as(number, None, val, &ty)?
            });
        }
        Some(expr(ExprKind::Builtin { builtin: b, args }, ty, span))
    }

    fn abi_encode(&mut self, b: Builtin, first: Vec<Ty>, list: &[ast::Expr], span: Span) -> Option<Expr> {
        let values = self.values(list)?;
        let fixed = first.len();
        if values.len() < fixed {
            return self.c.fail(
                codes::WRONG_ARGUMENT_COUNT.solc(9308),
                span,
                "the first argument is missing",
            );
        }
        let mut args = Vec::new();
        for (i, val) in values.into_iter().enumerate() {
            if let Some(ty) = first.get(i) {
                args.push(self.convert_as(9553, None, val, ty));
                continue;
            }
            args.push(self.encodable(val, b == Builtin::AbiEncodePacked));
        }
        let args = args.into_iter().collect::<Option<Vec<Expr>>>()?;
        Some(expr(ExprKind::Builtin { builtin: b, args }, Ty::Bytes(Loc::Memory), span))
    }

    fn encodable(&mut self, val: Val, packed: bool) -> Option<Expr> {
        let span = val.span;
        if let ValKind::Number(n) = &val.kind {
            let number = match n.integer() {
                None => Some(6090),
                Some(i) if super::rational::smallest_type(&i).is_none() => Some(8009),
                Some(_) => None,
            };
            if let Some(number) = number {
                let message = "no type holds this number";
                return self.c.fail(codes::LITERAL_OUT_OF_RANGE.solc(number), span, message);
            }
        }
        if self.quiet_type(&val).is_none() {
            let message = format!("{} cannot be encoded", self.describe(&val));
            return self.c.fail(codes::BAD_TYPE_HERE.solc(2056), span, message);
        }
        if packed && matches!(val.kind, ValKind::Number(_)) {
            let help = "convert it: `uint256(...)`";
            return self.c.fail_help(
                codes::BAD_TYPE_HERE.solc(7279),
                span,
                "a number literal has no size to be packed",
                help,
            );
        }
        // `abi.encode(1)` encodes in 32 bytes whatever the literal's own type is.
        let e = self.mobile(val)?;
        let nested = match &e.ty {
            Ty::Struct(..) => true,
            Ty::Array { elem, .. } => {
                matches!(**elem, Ty::Struct(..) | Ty::Array { .. } | Ty::Bytes(_) | Ty::String(_))
            }
            _ => false,
        };
        let old = self.c.is_old_coded(self.scope.file) && !self.c.is_old_type(&e.ty, false);
        if !self.c.is_abi_type(&e.ty) || (packed && nested) || old {
            let message = format!("`{}` cannot be encoded", self.c.name_of(&e.ty));
            let number = if packed && nested { 9578 } else { 2056 };
            return self.c.fail(codes::BAD_TYPE_HERE.solc(number), span, message);
        }
        Some(e)
    }

    fn abi_encode_call(&mut self, list: &[ast::Expr], span: Span) -> Option<Expr> {
        let [function, args] = list else {
            return self.c.fail(
                codes::WRONG_ARGUMENT_COUNT.solc(6219),
                span,
                "a function and a tuple of arguments expected",
            );
        };
        let callee = self.value(function)?;
        let (callee, params) = self.call_target(callee)?;
        let args = self.call_components(args, &params, span)?;
        let args = std::iter::once(callee).chain(args).collect();
        Some(expr(ExprKind::Builtin { builtin: Builtin::AbiEncodeCall, args }, Ty::Bytes(Loc::Memory), span))
    }

    /// Checks the arguments of `abi.encodeCall`: a tuple that is written out, or one value.
    fn call_components(&mut self, args: &ast::Expr, params: &[Ty], span: Span) -> Option<Vec<Expr>> {
        let written = match &args.kind {
            ast::ExprKind::Tuple(items) => items.iter().flatten().collect::<Vec<_>>(),
            _ => vec![args],
        };
        let (whole, tuple) = match &args.kind {
            ast::ExprKind::Tuple(items) if items.len() != 1 => (self.value(args)?, true),
            _ => {
                let whole = self.value(args)?;
                let tuple =
                    matches!(whole.kind, ValKind::Tuple(_)) || matches!(whole.ty(), Some(Ty::Tuple(_)));
                (whole, tuple)
            }
        };
        if tuple && !matches!(args.kind, ast::ExprKind::Tuple(_)) {
            let message = "the arguments are written out as a tuple";
            return self.c.fail(codes::WRONG_ARGUMENT_COUNT.solc(9062), args.span, message);
        }
        let values: Vec<Val> = match whole.kind {
            ValKind::Tuple(list) if written.len() != 1 => list.into_iter().flatten().collect(),
            kind => {
                let place = written.first().filter(|_| tuple).map_or(args.span, |e| e.span);
                vec![Val { kind, span: place }]
            }
        };
        let fits = values.len() == params.len();
        if !fits {
            let finding = codes::WRONG_ARGUMENT_COUNT.solc(if tuple { 7788 } else { 7515 });
            let message = format!("{} arguments expected, {} given", params.len(), values.len());
            self.c.fail::<()>(finding, span, message);
        }
        let converted: Vec<Option<Expr>> =
            values.into_iter().zip(params).map(|(v, t)| self.convert_as(5407, None, v, t)).collect();
        converted.into_iter().collect::<Option<Vec<Expr>>>().filter(|_| fits)
    }

    /// Returns an external function value and its parameter types for `abi.encodeCall`.
    fn call_target(&mut self, val: Val) -> Option<(Expr, Vec<Ty>)> {
        let span = val.span;
        match val.kind {
            ValKind::Functions(list) => {
                let [one] = list.as_slice() else {
                    return self.several_functions(span);
                };
                self.declared_target(one, span)
            }
            ValKind::Expr(e) => match e.ty.clone() {
                Ty::Function(f) if f.external => Some((e, f.params)),
                Ty::Function(_) => self.no_external_function(3509, span),
                _ => self.no_external_function(5511, span),
            },
            ValKind::Builtin(..) | ValKind::Events(_) | ValKind::Error(_) => {
                self.no_external_function(3509, span)
            }
            _ => self.no_external_function(5511, span),
        }
    }

    fn no_external_function<X>(&mut self, number: u16, span: Span) -> Option<X> {
        let message = "an external function is expected";
        self.c.fail(codes::TYPE_MISMATCH.solc(number), span, message)
    }

    fn declared_target(&mut self, c: &Candidate, span: Span) -> Option<(Expr, Vec<Ty>)> {
        let memory = |list: &[Ty]| list.iter().map(|t| t.with_loc(Loc::Memory)).collect::<Vec<_>>();
        let (base, selector) = match &c.reach {
            Reach::External(base, selector) => ((**base).clone(), *selector),
            Reach::Declared(selector) => (zero_address(span), *selector),
            Reach::Library(..) => {
                let message = "a library's function is called otherwise";
                return self.c.fail(codes::TYPE_MISMATCH.solc(3509), span, message);
            }
            Reach::Internal(_) | Reach::Unimplemented => {
                let help = "write `this.f` for a function of this contract";
                let message = "an external function is expected";
                return self.c.fail_help(codes::TYPE_MISMATCH.solc(3509), span, message, help);
            }
        };
        let params = memory(&c.params);
        let ty = FnTy {
            params: params.clone(),
            returns: memory(&c.returns),
            mutability: c.mutability,
            external: true,
        };
        let kind = ExprKind::ExternalFunction { base: Box::new(base), selector };
        Some((expr(kind, Ty::Function(Box::new(ty)), span), params))
    }

    fn abi_decode(&mut self, list: &[ast::Expr], span: Span) -> Option<Expr> {
        let [data, types] = list else {
            return self.c.fail(
                codes::WRONG_ARGUMENT_COUNT.solc(5782),
                span,
                "data and a tuple of types expected",
            );
        };
        let data = self.value(data).and_then(|data| match data.ty() {
            Some(Ty::Bytes(Loc::Calldata)) => self.mobile(data),
            _ => self.convert_as(1956, None, data, &Ty::Bytes(Loc::Memory)),
        });
        let (types, data) = (self.decoded_types(types)?, data?);
        let ty = result_type(&types);
        Some(expr(ExprKind::Builtin { builtin: Builtin::AbiDecode, args: vec![data] }, ty, span))
    }

    fn decoded_types(&mut self, types: &ast::Expr) -> Option<Vec<Ty>> {
        let ast::ExprKind::Tuple(items) = &types.kind else {
            return self.c.fail_help(
                codes::NOT_A_TYPE.solc(6444),
                types.span,
                "a tuple of types is expected",
                "write `(T)`",
            );
        };
        let mut out = Vec::new();
        for item in items {
            let Some(item) = item else {
                return self.c.fail(codes::NOT_A_TYPE.solc(8381), types.span, "a type is missing");
            };
            let val = self.value(item)?;
            let ValKind::Type(ty) = val.kind else {
                return self.c.fail(codes::NOT_A_TYPE.solc(1039), item.span, "this is not a type");
            };
            let old = self.c.is_old_coded(self.scope.file) && !self.c.is_old_type(&ty, false);
            if !self.c.is_abi_type(&ty) || old {
                let message = format!("`{}` cannot be decoded", self.c.bare_name_of(&ty));
                return self.c.fail(codes::BAD_TYPE_HERE.solc(9611), item.span, message);
            }
            out.push(match ty {
                Ty::Address { .. } => Ty::Address { payable: true },
                other => other.with_loc(Loc::Memory),
            });
        }
        Some(out)
    }

    fn require(&mut self, list: &[ast::Expr], name: Span, span: Span) -> Option<Expr> {
        let (cond, reason) = match list {
            [cond] => (cond, None),
            [cond, reason] => (cond, Some(reason)),
            _ => {
                return self.c.fail(
                    codes::WRONG_ARGUMENT_COUNT.solc(9322),
                    name,
                    "`require` takes a condition and a reason",
                );
            }
        };
        let cond = self.value(cond).and_then(|v| self.convert_as(9322, Some(name), v, &Ty::Bool));
        let Some(reason) = reason else {
            return Some(unit_builtin(Builtin::Require, vec![cond?], span));
        };
        if let Some((error, args)) = self.custom_error(reason) {
            let args = args?;
            let args = std::iter::once(cond?).chain(args).collect();
            return Some(unit_builtin(Builtin::RequireError(error), args, span));
        }
        let text = Ty::String(Loc::Memory);
        let reason = self.value(reason).and_then(|v| self.convert_as(9322, Some(name), v, &text));
        Some(unit_builtin(Builtin::RequireMessage, vec![cond?, reason?], span))
    }

    /// Reads `E(...)` as the reason of `require`; the outer option says whether it is one.
    fn custom_error(&mut self, reason: &ast::Expr) -> Option<(ErrorId, Option<Vec<Expr>>)> {
        let ast::ExprKind::Call { callee, args } = &reason.kind else { return None };
        if !matches!(callee.kind, ast::ExprKind::Ident(_) | ast::ExprKind::Member { .. }) {
            return None;
        }
        let path = as_path(callee)?;
        let local =
            path.segments.first().is_some_and(|s| self.scopes.iter().any(|m| m.contains_key(&s.name)));
        if local {
            return None;
        }
        let super::scope::Decl::Error(error) = self.c.lookup_path_quietly(self.scope, &path)? else {
            return None;
        };
        let args = self.arguments(args).and_then(|a| self.error_arguments(error, a, reason.span));
        Some((error, args))
    }

    fn revert_call(&mut self, list: &[ast::Expr], name: Span, span: Span) -> Option<Expr> {
        match list {
            [] => Some(unit_builtin(Builtin::Revert, Vec::new(), span)),
            [reason] => {
                let reason = self.value(reason)?;
                let reason = self.convert_as(9322, Some(name), reason, &Ty::String(Loc::Memory))?;
                Some(unit_builtin(Builtin::RevertMessage, vec![reason], span))
            }
            _ => {
                self.c.fail(codes::WRONG_ARGUMENT_COUNT.solc(9322), name, "`revert` takes one string at most")
            }
        }
    }

    fn low_level(
        &mut self,
        kind: LowLevelKind,
        address: Expr,
        options: Option<CallOptions>,
        list: &[ast::Expr],
        place: Option<Span>,
        span: Span,
    ) -> Option<Expr> {
        let [data] = list else {
            return self.c.fail_help(
                codes::WRONG_ARGUMENT_COUNT.solc(if list.is_empty() { 6138 } else { 8922 }),
                span,
                "one argument of type `bytes` expected",
                "write `\"\"` for none",
            );
        };
        let data = self.value(data)?;
        let data = match data.ty() {
            Some(Ty::Bytes(Loc::Calldata)) => self.mobile(data)?,
            _ => self.convert_as(8051, None, data, &Ty::Bytes(Loc::Memory))?,
        };
        let options = options.unwrap_or_default();
        if (options.value.is_some() && kind != LowLevelKind::Call) || options.salt.is_some() {
            let number = match kind {
                _ if options.salt.is_some() => 2721,
                LowLevelKind::StaticCall => 2842,
                _ => 6189,
            };
            let finding = codes::BAD_CALL_OPTION.solc(number);
            return self.c.fail(finding, place.unwrap_or(span), "this call takes no such option");
        }
        self.needs(
            if kind == LowLevelKind::StaticCall { Mutability::View } else { Mutability::NonPayable },
            span,
        );
        let ty = Ty::Tuple(vec![Ty::Bool, Ty::Bytes(Loc::Memory)]);
        let kind = ExprKind::LowLevelCall { kind, address: Box::new(address), data: Box::new(data), options };
        Some(expr(kind, ty, span))
    }

    fn push(&mut self, array: Expr, list: &[ast::Expr], name: Span, span: Span) -> Option<Expr> {
        self.needs(Mutability::NonPayable, span);
        let elem = match &array.ty {
            Ty::Array { elem, .. } => (**elem).clone(),
            _ => Ty::FixedBytes(1),
        };
        let builtin = Builtin::ArrayPush;
        match list {
            [] => Some(expr(ExprKind::Builtin { builtin, args: vec![array] }, elem, span)),
            [_] if self.c.contains_mapping(&elem) => {
                let finding = codes::NOT_ASSIGNABLE.solc(8871);
                let message = "an element with a mapping is pushed without a value";
                self.c.fail_help(finding, name, message, "write `push()` and assign its fields")
            }
            [value] => {
                let value = self.value(value)?;
                let place = expr(
                    ExprKind::Index { base: Box::new(array.clone()), index: Box::new(zero(span)) },
                    elem,
                    span,
                );
                let outer = std::mem::replace(&mut self.mismatch_as, (9582, Some(name)));
                let value = self.convert_for_place(value, &place);
                self.mismatch_as = outer;
                let value = value?;
                Some(expr(ExprKind::Builtin { builtin, args: vec![array, value] }, Ty::unit(), span))
            }
            _ => self.c.fail(codes::WRONG_ARGUMENT_COUNT.solc(9582), name, "`push` takes one value at most"),
        }
    }

    fn wrap(&mut self, id: UdvtId, wrap: bool, list: &[ast::Expr], span: Span) -> Option<Expr> {
        let underlying = self.c.hir.udvts.get(id.index())?.underlying.clone();
        let (from, to) = if wrap { (underlying, Ty::Udvt(id)) } else { (Ty::Udvt(id), underlying) };
        let mut args = self.expect_all(list, &[from], span)?;
        Some(Expr { span, ..coerce(args.pop()?, &to) })
    }
}

/// Reads an expression of names and dots as a path.
pub(super) fn as_path(e: &ast::Expr) -> Option<ast::Path> {
    match &e.kind {
        ast::ExprKind::Ident(name) => {
            let segment = ast::Ident { name: name.clone(), span: e.span };
            Some(ast::Path { segments: vec![segment], span: e.span })
        }
        ast::ExprKind::Member { base, name } => {
            let mut path = as_path(base)?;
            path.segments.push(name.clone());
            path.span = path.span.to(name.span);
            Some(path)
        }
        _ => None,
    }
}

fn unit_builtin(builtin: Builtin, args: Vec<Expr>, span: Span) -> Expr {
    expr(ExprKind::Builtin { builtin, args }, Ty::unit(), span)
}

fn zero(span: Span) -> Expr {
    expr(ExprKind::Number(alloy_primitives::U256::ZERO), Ty::UINT, span)
}

fn zero_address(span: Span) -> Expr {
    expr(ExprKind::Number(alloy_primitives::U256::ZERO), Ty::Address { payable: false }, span)
}
