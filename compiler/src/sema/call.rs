//! Checks calls: overloads, arguments, options, conversions written as calls, creations.

use super::body::Body;
use super::convert::coerce;
use super::scope::Decl;
use super::value::{Candidate, Fun, Reach, Val, ValKind, expr};
use crate::ast::{self, ArgsKind, Ident};
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;

/// Holds the checked arguments of a call.
#[derive(Debug, Clone)]
pub(crate) enum Arguments {
    Positional(Vec<Val>),
    Named(Vec<(Ident, Val)>),
}

impl Arguments {
    fn len(&self) -> usize {
        match self {
            Self::Positional(list) => list.len(),
            Self::Named(list) => list.len(),
        }
    }
}

impl Body<'_> {
    /// Checks every argument; none when one has an error.
    pub(crate) fn arguments(&mut self, args: &ast::Args) -> Option<Arguments> {
        match &args.kind {
            ArgsKind::Positional(list) => {
                let checked: Vec<Option<Val>> = list.iter().map(|e| self.value(e)).collect();
                checked.into_iter().collect::<Option<_>>().map(Arguments::Positional)
            }
            ArgsKind::Named(list) => {
                let checked: Vec<Option<(Ident, Val)>> =
                    list.iter().map(|(n, e)| self.value(e).map(|v| (n.clone(), v))).collect();
                checked.into_iter().collect::<Option<_>>().map(Arguments::Named)
            }
        }
    }

    /// Puts arguments into the order of the parameters; none when names do not match.
    fn ordered(args: &Arguments, names: &[String]) -> Option<Vec<Val>> {
        match args {
            Arguments::Positional(list) => Some(list.clone()),
            Arguments::Named(list) => {
                if list.len() != names.len() {
                    return None;
                }
                names
                    .iter()
                    .map(|n| list.iter().find(|(name, _)| *name.name == **n).map(|(_, v)| v.clone()))
                    .collect()
            }
        }
    }

    /// Is true when the arguments convert to the parameter types.
    pub(crate) fn arguments_fit(&self, args: &Arguments, types: &[Ty], names: &[String]) -> bool {
        args.len() == types.len()
            && Self::ordered(args, names)
                .is_some_and(|list| list.iter().zip(types).all(|(v, t)| self.can_convert(v, t)))
    }

    /// Converts arguments to the parameter types, or reports each that does not fit.
    pub(crate) fn convert_arguments(
        &mut self,
        args: Arguments,
        types: &[Ty],
        names: &[String],
        span: Span,
    ) -> Option<Vec<Expr>> {
        if args.len() != types.len() {
            let message = format!("{} arguments expected, {} given", types.len(), args.len());
            return self.c.fail(codes::WRONG_ARGUMENT_COUNT.solc(self.call_as.0), span, message);
        }
        if let Arguments::Named(list) = &args {
            self.refuse_repeated_names(list)?;
        }
        let Some(list) = Self::ordered(&args, names) else {
            let help = format!("the parameters are {}", names.join(", "));
            return self.c.fail_help(
                codes::NAMED_ARGUMENT.solc(4974),
                span,
                "the names do not match the parameters",
                help,
            );
        };
        let converted: Vec<Option<Expr>> =
            list.into_iter().zip(types).map(|(v, t)| self.convert_as(self.call_as.1, None, v, t)).collect();
        let converted = converted.into_iter().collect::<Option<Vec<Expr>>>()?;
        Some(match args {
            Arguments::Named(written) => in_written_order(converted, &written, names),
            Arguments::Positional(_) => converted,
        })
    }

    fn refuse_repeated_names(&mut self, list: &[(Ident, Val)]) -> Option<()> {
        let mut ok = Some(());
        for (i, (name, value)) in list.iter().enumerate() {
            if let Some((_, first)) = list.iter().take(i).find(|(n, _)| n.name == name.name) {
                let message = format!("`{}` is given twice", name.name);
                let error = Diagnostic::error(codes::NAMED_ARGUMENT.solc(6995), first.span, message);
                self.c.diags.push(error.at(value.span, "the second value"));
                ok = None;
            }
        }
        ok
    }

    /// Checks `callee(args)`.
    pub(super) fn call(&mut self, callee: &ast::Expr, args: &ast::Args, span: Span) -> Option<Val> {
        if let ast::ExprKind::Ident(name) = &callee.kind {
            if &**name == "type" {
                return self.call_of_type(args, span);
            }
            if self.names_modifier(name) {
                let finding = codes::NOT_CALLABLE.solc(5704);
                return self.c.fail(finding, span, "a modifier is not called");
            }
        }
        let target = self.value(callee);
        let (target, options) = match target {
            Some(Val { kind: ValKind::Options(inner, options), span }) => {
                self.options_place = Some(span);
                (Some(*inner), Some(options))
            }
            other => (other, None),
        };
        let place = self.options_place.take().filter(|_| options.is_some());
        let called = self.call_target_with(callee, target, options, args, place, span);
        self.options_place = None;
        called
    }

    fn names_modifier(&self, name: &ast::Name) -> bool {
        let local = self.scopes.iter().any(|s| s.contains_key(name));
        !local && matches!(self.c.lookup(self.scope, name).first(), Some(Decl::Modifier(_)))
    }

    /// Reports `type(...)` of something that is no type.
    fn call_of_type(&mut self, args: &ast::Args, span: Span) -> Option<Val> {
        let given = match &args.kind {
            ArgsKind::Positional(list) => list.iter().collect::<Vec<_>>(),
            ArgsKind::Named(list) => list.iter().map(|(_, e)| e).collect(),
        };
        let [one] = given.as_slice() else {
            let message = format!("`type(...)` takes one type, {} are given", given.len());
            return self.c.fail(codes::WRONG_ARGUMENT_COUNT.solc(8885), span, message);
        };
        self.value(one)?;
        self.no_meta_type(one.span)
    }

    fn call_target_with(
        &mut self,
        callee: &ast::Expr,
        target: Option<Val>,
        options: Option<CallOptions>,
        args: &ast::Args,
        place: Option<Span>,
        span: Span,
    ) -> Option<Val> {
        if let Some(Val { kind: ValKind::Builtin(fun, receiver), .. }) = &target {
            let (fun, receiver) = (fun.clone(), receiver.clone());
            let named = (target.as_ref().map_or(callee.span, |t| t.span), place);
            return self.builtin_call(fun, receiver, options, args, named, span);
        }
        let args = self.arguments(args);
        let (target, args) = (target?, args?);
        self.options_place = place;
        match target.kind {
            ValKind::Functions(list) => {
                let member = matches!(callee.kind, ast::ExprKind::Member { .. });
                self.function_call(list, options, args, target.span, member, span)
            }
            ValKind::Type(ty) => self.type_call(ty, args, span).map(Val::expr),
            ValKind::New(ty) => self.creation(ty, options, args, span).map(Val::expr),
            ValKind::Expr(e) => self.value_call(e, options, args, span).map(Val::expr),
            ValKind::Error(id) => {
                // `require(cond, E(...))` takes the call as a value; elsewhere it is an error.
                self.error_arguments(id, args, span)?;
                let help = "write `revert E(...)`";
                self.c.fail_help::<()>(codes::BAD_REVERT.solc(7757), span, "an error is not called", help);
                Some(Val { kind: ValKind::Error(id), span })
            }
            ValKind::Events(list) => {
                self.event_arguments(&list, args, target.span, span)?;
                let help = "write `emit E(...)`";
                self.c.fail_help::<()>(codes::BAD_EVENT.solc(3132), span, "an event is not called", help);
                Some(Val { kind: ValKind::Tuple(Vec::new()), span })
            }
            ValKind::Super => {
                self.c.fail(codes::BAD_CONVERSION.solc(1744), span, "nothing converts to `super`")
            }
            kind => {
                let found = self.describe(&Val { kind, span: target.span });
                self.c.fail(codes::NOT_CALLABLE.solc(5704), span, format!("{found} cannot be called"))
            }
        }
    }

    fn function_call(
        &mut self,
        list: Vec<Candidate>,
        options: Option<CallOptions>,
        args: Arguments,
        name: Span,
        member: bool,
        span: Span,
    ) -> Option<Val> {
        let chosen = self.choose(list, &args, name, member)?;
        self.call_candidate(chosen, options, args, (name, member), span).map(Val::expr)
    }

    /// Picks the one overload that fits.
    fn choose(
        &mut self,
        list: Vec<Candidate>,
        args: &Arguments,
        name: Span,
        member: bool,
    ) -> Option<Candidate> {
        if list.len() == 1 {
            return list.into_iter().next();
        }
        let fits = |c: &Candidate| {
            let skip = usize::from(c.bound.is_some());
            self.arguments_fit(args, &argument_types(c), c.names.get(skip..).unwrap_or_default())
        };
        let mut fitting: Vec<Candidate> = list.iter().filter(|c| fits(c)).cloned().collect();
        if fitting.len() == 1 {
            return fitting.pop();
        }
        let (code, message) = if fitting.is_empty() {
            let number = if member { 9582 } else { 9322 };
            (codes::NO_MATCHING_OVERLOAD.solc(number), "no overload takes these arguments")
        } else {
            let number = if member { 6675 } else { 4487 };
            (codes::AMBIGUOUS.solc(number), "several overloads take these arguments")
        };
        let mut diagnostic = Diagnostic::error(code, name, message);
        let shown = if fitting.is_empty() { &list } else { &fitting };
        for f in shown.iter().take(4).filter_map(|c| c.function).filter_map(|f| self.c.function(f)) {
            diagnostic = diagnostic.at(f.span, format!("candidate `{}`", f.signature));
        }
        self.c.diags.push(diagnostic);
        None
    }

    fn call_candidate(
        &mut self,
        chosen: Candidate,
        options: Option<CallOptions>,
        args: Arguments,
        (name, member): (Span, bool),
        span: Span,
    ) -> Option<Expr> {
        let skip = usize::from(chosen.bound.is_some());
        let types = argument_types(&chosen);
        let names = chosen.names.get(skip..).unwrap_or_default().to_vec();
        let mut list = self.convert_arguments(args, &types, &names, span)?;
        if let Some(receiver) = &chosen.bound {
            let first = chosen.params.first()?;
            let first =
                if matches!(chosen.reach, Reach::Library(..)) { in_memory(first) } else { first.clone() };
            list.insert(0, coerce((**receiver).clone(), &first));
        }
        if chosen.returns.iter().any(super::ty::is_poison) {
            return None;
        }
        let result = match chosen.reach {
            Reach::Library(..) => result_type(&chosen.returns.iter().map(in_memory).collect::<Vec<_>>()),
            _ => result_type(&chosen.returns),
        };
        match chosen.reach {
            Reach::Internal(callee) => {
                self.refuse_options(options.as_ref(), span)?;
                let needed = if chosen.mutability == Mutability::Payable {
                    Mutability::NonPayable
                } else {
                    chosen.mutability
                };
                self.needs(needed, span);
                self.note_callee(callee);
                Some(expr(ExprKind::InternalCall { callee, args: list }, result, span))
            }
            Reach::External(base, selector) => self.external_call(
                *base,
                selector,
                &chosen.params,
                &chosen.returns,
                chosen.mutability,
                options,
                list,
                span,
            ),
            Reach::Library(library, selector) => {
                self.refuse_value(options.as_ref(), span)?;
                if self.scope.contract == Some(library) {
                    let help = "make the function internal";
                    let message = "a library cannot call its own external functions";
                    return self.c.fail_help(codes::LIBRARY_RULE.solc(6700), span, message, help);
                }
                self.needs(chosen.mutability, span);
                self.require_old_coding(&list, &chosen.params, &chosen.returns, true, span);
                let base = expr(ExprKind::LibraryAddress(library), Ty::Address { payable: false }, span);
                let ty = FnTy {
                    params: chosen.params.iter().map(in_memory).collect(),
                    returns: chosen.returns.iter().map(in_memory).collect(),
                    mutability: chosen.mutability,
                    external: true,
                };
                let callee = ExprKind::ExternalFunction { base: Box::new(base), selector };
                let callee = Box::new(expr(callee, Ty::Function(Box::new(ty)), span));
                let options = options.unwrap_or_default();
                let kind = ExprKind::ExternalCall { callee, options, args: list, delegate: true };
                Some(expr(kind, result, span))
            }
            Reach::Declared(_) => {
                let message = "an external function is called on a contract's address";
                let (number, place) = if member { (3419, span) } else { (7576, name) };
                self.c.fail_help(
                    codes::NOT_CALLABLE.solc(number),
                    place,
                    message,
                    "write `this.f(...)` or `C(address).f(...)`",
                )
            }
            Reach::Unimplemented => {
                self.c.fail(codes::NOT_IMPLEMENTED.solc(7501), span, "the base has no body for this function")
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn external_call(
        &mut self,
        base: Expr,
        selector: Selector,
        params: &[Ty],
        returns: &[Ty],
        mutability: Mutability,
        options: Option<CallOptions>,
        args: Vec<Expr>,
        span: Span,
    ) -> Option<Expr> {
        let memory = |list: &[Ty]| list.iter().map(|t| t.with_loc(Loc::Memory)).collect::<Vec<_>>();
        let (params, returns) = (memory(params), memory(returns));
        let args = args.into_iter().zip(&params).map(|(a, t)| coerce(a, t)).collect();
        let result = result_type(&returns);
        let ty = FnTy { params, returns, mutability, external: true };
        let callee = ExprKind::ExternalFunction { base: Box::new(base), selector };
        let callee = expr(callee, Ty::Function(Box::new(ty)), span);
        self.finish_external(callee, mutability, options, args, result, span)
    }

    fn finish_external(
        &mut self,
        callee: Expr,
        mutability: Mutability,
        options: Option<CallOptions>,
        args: Vec<Expr>,
        result: Ty,
        span: Span,
    ) -> Option<Expr> {
        if let Some(options) = &options {
            if options.value.is_some() && mutability != Mutability::Payable {
                let place = self.options_place.unwrap_or(span);
                let help = "declare the function `payable`";
                let message = "value is sent to payable functions only";
                return self.c.fail_help(codes::BAD_CALL_OPTION.solc(7006), place, message, help);
            }
            if options.salt.is_some() {
                let place = self.options_place.unwrap_or(span);
                return self.c.fail(codes::BAD_CALL_OPTION.solc(2721), place, "a salt is for creations");
            }
        }
        self.needs(mutability.min(Mutability::NonPayable), span);
        if let Ty::Function(f) = &callee.ty {
            self.require_old_coding(&args, &f.params, &f.returns, false, span);
        }
        let kind = ExprKind::ExternalCall {
            callee: Box::new(callee),
            options: options.unwrap_or_default(),
            args,
            delegate: false,
        };
        Some(expr(kind, result, span))
    }

    pub(super) fn refuse_options(&mut self, options: Option<&CallOptions>, span: Span) -> Option<()> {
        match options {
            Some(_) => {
                let place = self.options_place.unwrap_or(span);
                let message = "only external calls and creations take options";
                self.c.fail(codes::BAD_CALL_OPTION.solc(2193), place, message)
            }
            None => Some(()),
        }
    }

    fn refuse_value(&mut self, options: Option<&CallOptions>, span: Span) -> Option<()> {
        match options {
            Some(o) if o.value.is_some() || o.salt.is_some() => {
                let place = self.options_place.unwrap_or(span);
                let message = "a library call takes no value and no salt";
                self.c.fail(codes::BAD_CALL_OPTION.solc(2193), place, message)
            }
            _ => Some(()),
        }
    }

    /// Calls a value of function type.
    fn value_call(
        &mut self,
        callee: Expr,
        options: Option<CallOptions>,
        args: Arguments,
        span: Span,
    ) -> Option<Expr> {
        let Ty::Function(f) = callee.ty.clone() else {
            let message = format!("`{}` cannot be called", self.c.name_of(&callee.ty));
            return self.c.fail(codes::NOT_CALLABLE.solc(5704), span, message);
        };
        let names = vec![String::new(); f.params.len()];
        if let Arguments::Named(_) = args {
            return self.c.fail(
                codes::NAMED_ARGUMENT.solc(4974),
                span,
                "a function value has no parameter names",
            );
        }
        let list = self.convert_arguments(args, &f.params, &names, span)?;
        let result = result_type(&f.returns);
        if f.external {
            return self.finish_external(callee, f.mutability, options, list, result, span);
        }
        self.refuse_options(options.as_ref(), span)?;
        self.needs(f.mutability, span);
        Some(expr(ExprKind::PointerCall { callee: Box::new(callee), args: list }, result, span))
    }

    /// `T(x)`: a conversion, or a struct built from its fields.
    fn type_call(&mut self, ty: Ty, args: Arguments, span: Span) -> Option<Expr> {
        if let Ty::Struct(id, _) = ty {
            return self.struct_call(id, args, span);
        }
        let Arguments::Positional(list) = args else {
            return self.c.fail(
                codes::NAMED_ARGUMENT.solc(5153),
                span,
                "a conversion takes one unnamed value",
            );
        };
        let [_] = list.as_slice() else {
            return self.c.fail(codes::WRONG_ARGUMENT_COUNT.solc(2558), span, "a conversion takes one value");
        };
        let val = list.into_iter().next()?;
        if let Ty::Contract(id) = ty
            && self.c.is_library(id)
        {
            return self.c.fail(codes::NOT_A_TYPE.solc(9640), span, "a library is not a type of values");
        }
        // `address(x)` keeps what `payable` knew.
        let ty = match (&ty, val.ty()) {
            (Ty::Address { payable: false }, Some(Ty::Contract(c))) if self.c.takes_plain_value(*c) => {
                Ty::Address { payable: false }
            }
            _ => ty,
        };
        self.convert_explicitly(val, &ty, span)
    }

    fn struct_call(&mut self, id: StructId, args: Arguments, span: Span) -> Option<Expr> {
        let row = self.c.hir.structs.get(id.index())?.clone();
        let ty = Ty::Struct(id, Loc::Memory);
        if self.c.contains_mapping(&ty) {
            let message = "a struct with a mapping lives in storage only";
            return self.c.fail_help(
                codes::BAD_TYPE_HERE.solc(9515),
                span,
                message,
                "assign its fields one by one",
            );
        }
        let types: Vec<Ty> = row.fields.iter().map(|(_, t)| t.with_loc(Loc::Memory)).collect();
        let names: Vec<String> = row.fields.iter().map(|(n, _)| n.clone()).collect();
        let outer = std::mem::replace(&mut self.call_as, (9755, 9553));
        let args = self.convert_arguments(args, &types, &names, span);
        self.call_as = outer;
        let args = args?;
        Some(expr(ExprKind::NewStruct { id, args }, ty, span))
    }

    fn creation(
        &mut self,
        ty: Ty,
        options: Option<CallOptions>,
        args: Arguments,
        span: Span,
    ) -> Option<Expr> {
        let Ty::Contract(id) = ty else {
            self.refuse_options(options.as_ref(), span)?;
            let mut list = self.convert_arguments(args, &[Ty::UINT], &["length".into()], span)?;
            let len = Box::new(list.pop()?);
            return Some(expr(ExprKind::NewArray(len), ty, span));
        };
        let options = options.unwrap_or_default();
        let constructor = self.c.contract(id)?.constructor;
        let payable =
            constructor.and_then(|f| self.c.function(f)).is_some_and(|f| f.mutability == Mutability::Payable);
        if options.value.is_some() && !payable {
            let place = self.options_place.unwrap_or(span);
            let message = "the constructor is not payable";
            return self.c.fail(codes::BAD_CALL_OPTION.solc(7006), place, message);
        }
        if options.gas.is_some() {
            let place = self.options_place.unwrap_or(span);
            let message = "a creation takes no gas limit";
            return self.c.fail(codes::BAD_CALL_OPTION.solc(9903), place, message);
        }
        let (types, names) = match constructor {
            Some(f) => {
                let c = self.candidate(f, Reach::Unimplemented);
                (c.params.iter().map(|t| t.with_loc(Loc::Memory)).collect::<Vec<_>>(), c.names)
            }
            None => (Vec::new(), Vec::new()),
        };
        let args = self.convert_arguments(args, &types, &names, span)?;
        self.require_old_coding(&args, &types, &[], false, span);
        self.needs(Mutability::NonPayable, span);
        Some(expr(ExprKind::NewContract { contract: id, options, args }, Ty::Contract(id), span))
    }

    /// Checks `callee{value: v, gas: g, salt: s}`.
    pub(super) fn options(
        &mut self,
        callee: &ast::Expr,
        options: &[(Ident, ast::Expr)],
        span: Span,
    ) -> Option<Val> {
        let target = self.value(callee)?;
        let (inner, mut out) = match target.kind {
            ValKind::Options(inner, _) => {
                let _ = inner;
                return self.c.fail(codes::BAD_CALL_OPTION.solc(1645), span, "options are given twice");
            }
            kind => (Val { kind, span: target.span }, CallOptions::default()),
        };
        let callable = match &inner.kind {
            ValKind::Functions(_) | ValKind::New(Ty::Contract(_)) | ValKind::Builtin(Fun::LowLevel(_), _) => {
                true
            }
            ValKind::Expr(e) => matches!(&e.ty, Ty::Function(f) if f.external),
            _ => false,
        };
        if !callable {
            return self.c.fail(
                codes::BAD_CALL_OPTION.solc(2193),
                span,
                "only external calls and creations take options",
            );
        }
        for (position, (name, value)) in options.iter().enumerate() {
            let ty = if &*name.name == "salt" { Ty::FixedBytes(32) } else { Ty::UINT };
            let value = self.expect(value, &ty)?;
            let value = Box::new(if options.len() > 1 { written(value, position) } else { value });
            let slot = match &*name.name {
                "value" => &mut out.value,
                "gas" => &mut out.gas,
                "salt" => &mut out.salt,
                other => {
                    let message = format!("`{other}` is no call option");
                    return self.c.fail_help(
                        codes::BAD_CALL_OPTION.solc(9318),
                        span,
                        message,
                        "known are `value`, `gas` and `salt`",
                    );
                }
            };
            if slot.replace(value).is_some() {
                return self.c.fail(
                    codes::BAD_CALL_OPTION.solc(9886),
                    span,
                    format!("`{}` is given twice", name.name),
                );
            }
        }
        Some(Val { kind: ValKind::Options(Box::new(inner), out), span })
    }
}

/// Marks named arguments with their places as written where these differ from the parameters' order.
fn in_written_order(args: Vec<Expr>, given: &[(Ident, Val)], names: &[String]) -> Vec<Expr> {
    if given.iter().zip(names).all(|((ident, _), name)| *ident.name == **name) {
        return args;
    }
    let place = |name: &String| given.iter().position(|(ident, _)| *ident.name == **name).unwrap_or(0);
    args.into_iter().zip(names).map(|(arg, name)| written(arg, place(name))).collect()
}

/// Marks a value with its place as written.
fn written(value: Expr, position: usize) -> Expr {
    let (ty, span) = (value.ty.clone(), value.span);
    expr(ExprKind::Written { position: position as u32, value: Box::new(value) }, ty, span)
}

fn in_memory(ty: &Ty) -> Ty {
    if ty.loc() == Some(Loc::Calldata) { ty.with_loc(Loc::Memory) } else { ty.clone() }
}

/// Returns the types that arguments are converted to: what crosses a contract's border is passed in memory.
fn argument_types(c: &Candidate) -> Vec<Ty> {
    let skip = usize::from(c.bound.is_some());
    let types = c.params.iter().skip(skip);
    match c.reach {
        Reach::External(..) => types.map(|t| t.with_loc(Loc::Memory)).collect(),
        Reach::Library(..) => types
            .map(|t| if t.loc() == Some(Loc::Calldata) { t.with_loc(Loc::Memory) } else { t.clone() })
            .collect(),
        _ => types.cloned().collect(),
    }
}

/// Returns the type of a call: unit, one type, or a tuple.
pub(super) fn result_type(returns: &[Ty]) -> Ty {
    match returns {
        [one] => one.clone(),
        list => Ty::Tuple(list.to_vec()),
    }
}
