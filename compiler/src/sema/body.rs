//! Checks the bodies of functions and modifiers statement by statement.

use super::convert::coerce;
use super::created::Origin;
use super::scope::{Decl, Scope};
use super::signature::Place;
use super::value::{Fun, Val, ValKind, expr};
use super::{Checker, local_types, rational};
use crate::ast::{self, Name, StmtKind as Ast};
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;
use std::collections::BTreeMap;

/// Says what kind of code is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Function,
    Constructor,
    Modifier,
    /// A variable's initial value, a base's argument.
    Initialiser,
}

/// Checks one body; knows its locals and scopes.
pub(crate) struct Body<'c> {
    pub(crate) c: &'c mut Checker,
    pub(crate) scope: Scope,
    pub(crate) locals: Vec<Local>,
    pub(crate) scopes: Vec<BTreeMap<Name, LocalId>>,
    pub(crate) returns: Vec<LocalId>,
    /// The function's or modifier's parameters.
    pub(crate) params: Vec<LocalId>,
    pub(crate) kind: Kind,
    /// What the body may do to state.
    pub(crate) allowed: Mutability,
    /// True for public and external functions of contracts: `msg.value` needs `payable`.
    pub(crate) entry: bool,
    /// What a modifier's body does, judged where it is applied.
    pub(crate) effects: Vec<(Mutability, Span)>,
    pub(crate) unchecked: bool,
    pub(crate) loops: u32,
    /// True while an expression is looked at for its name only, as in `this.f.selector`.
    pub(crate) mute: bool,
    /// True in `receive`.
    pub(crate) in_receive: bool,
    /// Solc's number and place for a value that does not convert to what its place wants.
    pub(crate) mismatch_as: (u16, Option<Span>),
    /// Solc's numbers for a wrong count of arguments and for an argument that does not convert.
    pub(crate) call_as: (u16, u16),
    /// The place of the options of the call that is checked, as far as there are any.
    pub(crate) options_place: Option<Span>,
    /// Solc's number for an operator that does not apply: compound assignments have their own.
    pub(crate) operator_number: u16,
    /// The function that the code belongs to.
    pub(crate) function: Option<FunctionId>,
    /// The piece of code that is checked.
    pub(crate) origin: Origin,
}

impl<'c> Body<'c> {
    pub(crate) fn new(c: &'c mut Checker, scope: Scope, kind: Kind) -> Self {
        Self {
            c,
            scope,
            locals: Vec::new(),
            scopes: vec![BTreeMap::new()],
            returns: Vec::new(),
            params: Vec::new(),
            kind,
            allowed: Mutability::Payable,
            entry: false,
            effects: Vec::new(),
            unchecked: false,
            loops: 0,
            mute: false,
            in_receive: false,
            mismatch_as: (7407, None),
            call_as: (6160, 9553),
            options_place: None,
            operator_number: 2271,
            function: None,
            origin: scope.contract.map_or(Origin::File, Origin::Contract),
        }
    }

    /// Takes over a function's parameters and results.
    pub(crate) fn enter(&mut self, function: &Function) {
        self.locals = function.locals.clone();
        self.returns = function.returns.clone();
        self.params = function.params.clone();
        self.allowed = function.mutability;
        self.in_receive = function.kind == FunctionKind::Receive;
        let library = function.contract.is_some_and(|c| self.c.is_library(c));
        let public = matches!(function.visibility, Visibility::Public | Visibility::External);
        self.entry = public && !library && function.kind != FunctionKind::Free;
        let ids: Vec<LocalId> = function.params.iter().chain(&function.returns).copied().collect();
        self.bind(&ids);
    }

    pub(crate) fn bind(&mut self, ids: &[LocalId]) {
        for id in ids {
            let Some(local) = self.locals.get(id.index()) else { continue };
            if !local.name.is_empty() {
                let name: Name = local.name.as_str().into();
                if let Some(scope) = self.scopes.last_mut() {
                    scope.insert(name, *id);
                }
            }
        }
    }

    /// Notes that the code needs a state mutability; reports when the function's own is less.
    pub(crate) fn needs(&mut self, needed: Mutability, span: Span) {
        if self.mute {
            return;
        }
        if self.kind == Kind::Modifier {
            self.effects.push((needed, span));
            return;
        }
        let (allowed, entry) = (self.allowed, self.entry);
        if let Some(function) = self.function {
            self.c.note_effect(function, needed);
        }
        self.c.judge_effect(needed, allowed, entry, span);
    }

    fn scoped<X>(&mut self, run: impl FnOnce(&mut Self) -> X) -> X {
        self.scopes.push(BTreeMap::new());
        let result = run(self);
        self.scopes.pop();
        result
    }

    /// Checks a block in its own scope.
    pub(crate) fn block(&mut self, block: &ast::Block) -> Block {
        let stmts = self.scoped(|b| block.stmts.iter().filter_map(|s| b.statement(s)).collect());
        Block { stmts, unchecked: self.unchecked }
    }

    /// Checks one statement; none when it has an error.
    pub(crate) fn statement(&mut self, stmt: &ast::Stmt) -> Option<Stmt> {
        let kind = match &stmt.kind {
            Ast::Block(block) => StmtKind::Block(self.block(block)),
            Ast::Unchecked(block) => self.unchecked_block(block, stmt.span)?,
            Ast::If { cond, then, otherwise } => {
                let cond = self.condition(cond);
                let then = self.branch(then);
                let otherwise = otherwise.as_ref().map(|s| self.branch(s));
                StmtKind::If { cond: cond?, then: Box::new(then), otherwise: otherwise.map(Box::new) }
            }
            Ast::While { cond, body } => {
                let cond = self.condition(cond);
                let body = Box::new(self.looped(body));
                StmtKind::While { cond: cond?, body }
            }
            Ast::DoWhile { body, cond } => {
                let body = Box::new(self.looped(body));
                StmtKind::DoWhile { body, cond: self.condition(cond)? }
            }
            Ast::For { init, cond, post, body } => {
                self.for_loop(init.as_deref(), cond.as_ref(), post.as_deref(), body)?
            }
            Ast::Continue => self.jump(StmtKind::Continue, stmt.span)?,
            Ast::Break => self.jump(StmtKind::Break, stmt.span)?,
            Ast::Return(value) => self.return_statement(value.as_ref(), stmt.span)?,
            Ast::Expr(e) => self.expression_statement(e)?,
            Ast::Declare { vars, tuple, value } => self.declare(vars, *tuple, value.as_ref(), stmt.span)?,
            Ast::Emit { path, args } => self.emit(path, args)?,
            Ast::Revert { path, args } => self.revert(path, args)?,
            Ast::Try(t) => self.try_statement(t)?,
            Ast::Assembly(assembly) => StmtKind::Assembly(self.assembly(assembly, stmt.span)?),
            Ast::Placeholder => self.placeholder(stmt.span)?,
            Ast::Error => return None,
        };
        Some(Stmt { kind, span: stmt.span })
    }

    fn unchecked_block(&mut self, block: &ast::Block, span: Span) -> Option<StmtKind> {
        if self.unchecked {
            return self.c.fail(codes::BAD_OPERATOR.solc(1941), span, "`unchecked` blocks do not nest");
        }
        self.unchecked = true;
        let block = self.block(block);
        self.unchecked = false;
        Some(StmtKind::Block(block))
    }

    /// Checks a branch or loop body, which is a scope of its own; an erroneous one becomes an empty block.
    fn branch(&mut self, stmt: &ast::Stmt) -> Stmt {
        if let Ast::Declare { .. } = stmt.kind {
            let span = Span { end: stmt.span.end.saturating_sub(1), ..stmt.span };
            self.c.fail::<()>(
                codes::BAD_TYPE_HERE.solc(9079),
                span,
                "a declaration alone in a branch has no use",
            );
        }
        let checked = self.scoped(|b| b.statement(stmt));
        checked.unwrap_or(Stmt { kind: StmtKind::Block(Block::default()), span: stmt.span })
    }

    fn looped(&mut self, stmt: &ast::Stmt) -> Stmt {
        self.loops += 1;
        let body = self.branch(stmt);
        self.loops -= 1;
        body
    }

    fn condition(&mut self, cond: &ast::Expr) -> Option<Expr> {
        self.expect(cond, &Ty::Bool)
    }

    fn for_loop(
        &mut self,
        init: Option<&ast::Stmt>,
        cond: Option<&ast::Expr>,
        post: Option<&ast::Expr>,
        body: &ast::Stmt,
    ) -> Option<StmtKind> {
        self.scoped(|b| {
            let init = init.map(|s| b.statement(s));
            let cond = cond.map(|c| b.condition(c));
            let step = post.map(|p| b.effect_expression(p, true));
            let body = Box::new(b.looped(body));
            let init = match init {
                Some(init) => Some(Box::new(init?)),
                None => None,
            };
            let cond = match cond {
                Some(cond) => Some(cond?),
                None => None,
            };
            let step = match step {
                Some(step) => Some(step?),
                None => None,
            };
            Some(StmtKind::For { init, cond, step, body })
        })
    }

    fn jump(&mut self, kind: StmtKind, span: Span) -> Option<StmtKind> {
        if self.loops == 0 {
            let finding = codes::OUTSIDE_LOOP.solc(if matches!(kind, StmtKind::Break) { 6102 } else { 4123 });
            let span = Span { end: span.end.saturating_sub(1), ..span };
            return self.c.fail(finding, span, "`break` and `continue` stand inside a loop");
        }
        Some(kind)
    }

    fn placeholder(&mut self, span: Span) -> Option<StmtKind> {
        if self.kind != Kind::Modifier && !self.c.lookup(self.scope, "_").is_empty() {
            // A function may be named so; naming it does nothing.
            return Some(StmtKind::Expr(expr(ExprKind::Bool(false), Ty::Bool, span)));
        }
        if self.kind != Kind::Modifier {
            let span = Span { end: span.end.saturating_sub(1), ..span };
            return self.c.fail(codes::PLACEHOLDER.solc(7576), span, "`_` stands inside a modifier");
        }
        if self.unchecked {
            let span = Span { end: span.end.saturating_sub(1), ..span };
            return self.c.fail(codes::PLACEHOLDER.solc(2573), span, "`_` does not stand inside `unchecked`");
        }
        Some(StmtKind::Placeholder)
    }

    fn expression_statement(&mut self, e: &ast::Expr) -> Option<StmtKind> {
        self.effect_expression(e, true).map(StmtKind::Expr)
    }

    /// Checks an expression whose value is not used.
    fn effect_expression(&mut self, e: &ast::Expr, statement: bool) -> Option<Expr> {
        let val = self.value(e)?;
        if statement {
            self.note_statement(e, &val);
        }
        match &val.kind {
            ValKind::Number(n) if n.integer().is_some_and(|n| rational::smallest_type(&n).is_none()) => self
                .c
                .fail(codes::LITERAL_OUT_OF_RANGE.solc(3757), val.span, "no integer type holds this number"),
            ValKind::Number(_) | ValKind::Text(_) => {
                // `1;` is legal and does nothing.
                Some(expr(ExprKind::Bool(false), Ty::Bool, val.span))
            }
            ValKind::Functions(list) if list.len() > 1 => self.several_functions(val.span),
            ValKind::Builtin(Fun::Revert | Fun::Require, _) => self.c.fail_help(
                codes::NOT_CALLABLE.solc(2144),
                val.span,
                "this builtin is not called",
                "write `(...)` behind it",
            ),
            ValKind::Type(_)
            | ValKind::Meta(_)
            | ValKind::Magic(_)
            | ValKind::Functions(_)
            | ValKind::Events(_)
            | ValKind::Error(_)
            | ValKind::Module(_)
            | ValKind::Builtin(..)
            | ValKind::Super => Some(expr(ExprKind::Bool(false), Ty::Bool, val.span)),
            ValKind::Tuple(list) if list.iter().any(Option::is_none) => {
                self.c.fail(codes::BAD_TUPLE.solc(8381), val.span, "a tuple's component is missing")
            }
            ValKind::Tuple(list) if list.is_empty() => Some(expr(ExprKind::Bool(false), Ty::Bool, val.span)),
            _ => self.mobile(val),
        }
    }

    fn return_statement(&mut self, value: Option<&ast::Expr>, span: Span) -> Option<StmtKind> {
        if self.kind == Kind::Modifier {
            if value.is_some() {
                return self.c.fail(
                    codes::WRONG_RETURN.solc(7552),
                    before_semicolon(span),
                    "a modifier returns no value",
                );
            }
            return Some(StmtKind::Return(None));
        }
        let types = local_types(&self.locals, &self.returns);
        let Some(value) = value else {
            if types.is_empty() || self.kind == Kind::Constructor {
                return Some(StmtKind::Return(None));
            }
            let message = format!("{} values are to be returned", types.len());
            return self.c.fail(codes::WRONG_RETURN.solc(6777), span, message);
        };
        let val = self.value(value)?;
        let span = before_semicolon(span);
        let count = match &val.kind {
            ValKind::Tuple(list) => list.len(),
            ValKind::Expr(Expr { ty: Ty::Tuple(list), .. }) => list.len(),
            _ => 1,
        };
        let is_tuple = matches!(&val.kind, ValKind::Tuple(_))
            || matches!(&val.kind, ValKind::Expr(Expr { ty: Ty::Tuple(_), .. }));
        let finding = codes::WRONG_RETURN.solc(if is_tuple { 5132 } else { 8863 });
        match types.as_slice() {
            [] => {
                if let ValKind::Tuple(list) = &val.kind
                    && list.is_empty()
                {
                    return Some(StmtKind::Return(None));
                }
                if val.ty() == Some(&Ty::unit()) {
                    // `return f();` of a function without results.
                    let call = Stmt { kind: StmtKind::Expr(self.mobile(val)?), span };
                    let back = Stmt { kind: StmtKind::Return(None), span };
                    return Some(StmtKind::Block(Block {
                        stmts: vec![call, back],
                        unchecked: self.unchecked,
                    }));
                }
                self.c.fail(finding, span, "this function returns nothing")
            }
            [one] => {
                if is_tuple {
                    let message = format!("1 value is to be returned, {count} are given");
                    return self.c.fail(finding, span, message);
                }
                Some(StmtKind::Return(Some(self.convert_as(6359, None, val, one)?)))
            }
            many => {
                if count != many.len() {
                    let message = format!("{} values are to be returned, {count} given", many.len());
                    return self.c.fail(finding, span, message);
                }
                let many = Ty::Tuple(many.to_vec());
                let e = self.convert_as(5992, None, val, &many)?;
                Some(StmtKind::Return(Some(e)))
            }
        }
    }

    /// Adds a local; it is visible from the next statement on.
    pub(crate) fn new_local(&mut self, param: &ast::Param, ty: Ty) -> LocalId {
        let id = LocalId(self.locals.len() as u32);
        if let Some(name) = &param.name {
            self.c.check_reserved(name, param.span);
        }
        let name = param.name.as_ref().map_or(String::new(), |n| n.name.to_string());
        let span = param.name.as_ref().map_or(param.span, |n| n.span);
        if let Some(first) = self.scopes.last().and_then(|s| s.get(name.as_str())).copied() {
            let first = self.locals.get(first.index()).map(|l| l.span).unwrap_or_default();
            self.c.diags.push(
                Diagnostic::error(
                    codes::ALREADY_DECLARED.solc(2333),
                    param.span,
                    format!("`{name}` is declared twice"),
                )
                .at(first, "first declared here"),
            );
        }
        self.locals.push(Local { name, ty, span });
        self.bind(&[id]);
        id
    }

    fn declare(
        &mut self,
        vars: &[Option<ast::Param>],
        tuple: bool,
        value: Option<&ast::Expr>,
        span: Span,
    ) -> Option<StmtKind> {
        let init = value.map(|v| self.value(v));
        let mut types = Vec::new();
        for var in vars {
            types.push(match var {
                Some(p) => Some(self.c.declared_type(self.scope, p, Place::Internal)),
                None => None,
            });
        }
        // Names are declared even when a type or the value is wrong, or each use would be an error too.
        let ids: Vec<Option<LocalId>> = vars
            .iter()
            .zip(&types)
            .map(|(p, t)| Some(self.new_local(p.as_ref()?, t.clone()?.unwrap_or_else(super::ty::poison))))
            .collect();
        if types.iter().any(|t| matches!(t, Some(None))) {
            return None;
        }
        let types: Vec<Option<Ty>> = types.into_iter().map(Option::flatten).collect();
        if let (None, [Some(Ty::Mapping { .. })], [Some(p)]) = (value, types.as_slice(), vars) {
            let message = "a mapping cannot be made; point to one of the contract";
            return self.c.fail(codes::UNASSIGNED_STORAGE_POINTER.solc(4182), p.span, message);
        }
        let init = match init {
            None => None,
            Some(init) => Some(self.initialise(init?, &types, tuple, span)?),
        };
        Some(StmtKind::Let { vars: ids, init })
    }

    fn initialise(&mut self, value: Val, types: &[Option<Ty>], tuple: bool, span: Span) -> Option<Expr> {
        let span = before_semicolon(span);
        let outer = std::mem::replace(&mut self.mismatch_as, (9574, Some(span)));
        let init = self.initialise_by(value, types, tuple, span);
        self.mismatch_as = outer;
        init
    }

    fn initialise_by(&mut self, value: Val, types: &[Option<Ty>], tuple: bool, span: Span) -> Option<Expr> {
        if !tuple {
            let ty = types.first()?.as_ref()?;
            let found = match &value.kind {
                ValKind::Tuple(list) => Some(list.len()),
                ValKind::Expr(Expr { ty: Ty::Tuple(list), .. }) => Some(list.len()),
                _ => None,
            };
            return match found {
                Some(n) if n != 1 => self.tuple_length(1, n, span),
                _ => self.convert(value, ty),
            };
        }
        if types.len() == 1 {
            let ty = types.first()?.as_ref()?;
            return self.convert(value, ty);
        }
        let at = value.span;
        if let ValKind::Tuple(items) = value.kind {
            if items.len() != types.len() {
                return self.tuple_length(types.len(), items.len(), span);
            }
            let (mut out, mut all) = (Vec::new(), Vec::new());
            for (item, ty) in items.into_iter().zip(types) {
                let Some(item) = item else {
                    return self.c.fail(
                        codes::BAD_TUPLE.solc(8381),
                        at,
                        "a component of the right side is missing",
                    );
                };
                let item = match ty {
                    Some(ty) => self.convert(item, ty)?,
                    None => self.mobile(item)?,
                };
                all.push(item.ty.clone());
                out.push(Some(item));
            }
            return Some(expr(ExprKind::Tuple(out), Ty::Tuple(all), at));
        }
        let value = self.mobile(value)?;
        let Ty::Tuple(found) = value.ty.clone() else { return self.tuple_length(types.len(), 1, span) };
        if found.len() != types.len() {
            return self.tuple_length(types.len(), found.len(), span);
        }
        let mut wanted = Vec::new();
        for (from, to) in found.iter().zip(types) {
            let to = to.as_ref().unwrap_or(from);
            if !self.c.converts_implicitly(from, to) {
                let message = format!("expected `{}`, found `{}`", self.c.name_of(to), self.c.name_of(from));
                self.c.diags.push(
                    Diagnostic::error(codes::TYPE_MISMATCH.solc(9574), span, message).at(at, "this value"),
                );
                return None;
            }
            wanted.push(to.clone());
        }
        Some(coerce(value, &Ty::Tuple(wanted)))
    }

    fn emit(&mut self, path: &ast::Path, args: &ast::Args) -> Option<StmtKind> {
        let call = path.span.to(args.span);
        self.needs(Mutability::NonPayable, call);
        let args_checked = self.arguments(args);
        let decls = self.callee_path(path)?;
        let events: Vec<EventId> =
            decls.iter().filter_map(|d| if let Decl::Event(e) = d { Some(*e) } else { None }).collect();
        if events.is_empty() {
            let callable = matches!(decls.first(), Some(Decl::Function(_) | Decl::Error(_)));
            let (number, place) = if callable { (9292, path.span) } else { (5704, call) };
            return self.c.fail(codes::BAD_EVENT.solc(number), place, "this is not an event");
        }
        let (event, args) = self.event_arguments(&events, args_checked?, path.span, call)?;
        Some(StmtKind::Emit { event, args })
    }

    /// Picks the event that the arguments fit and converts them.
    pub(crate) fn event_arguments(
        &mut self,
        events: &[EventId],
        given: super::call::Arguments,
        name: Span,
        call: Span,
    ) -> Option<(EventId, Vec<Expr>)> {
        let rows: Vec<(EventId, Vec<Ty>, Vec<String>)> = events
            .iter()
            .filter_map(|e| self.c.hir.events.get(e.index()).map(|row| (*e, row)))
            .map(|(e, row)| {
                (
                    e,
                    row.params.iter().map(|p| p.1.clone()).collect(),
                    row.params.iter().map(|p| p.0.clone()).collect(),
                )
            })
            .collect();
        let fitting: Vec<_> = if rows.len() == 1 {
            rows
        } else {
            rows.into_iter().filter(|(_, types, names)| self.arguments_fit(&given, types, names)).collect()
        };
        let [(event, types, names)] = fitting.as_slice() else {
            let number = if fitting.is_empty() { 9322 } else { 4487 };
            return self.c.fail(
                codes::NO_MATCHING_OVERLOAD.solc(number),
                name,
                "no single event takes these arguments",
            );
        };
        let args = self.convert_arguments(given, types, names, call)?;
        self.require_old_coding(&args, types, &[], false, call);
        Some((*event, args))
    }

    fn revert(&mut self, path: &ast::Path, args: &ast::Args) -> Option<StmtKind> {
        let (error, args) = self.error_call(path, args)?;
        Some(StmtKind::RevertError { error, args })
    }

    fn error_call(&mut self, path: &ast::Path, args: &ast::Args) -> Option<(ErrorId, Vec<Expr>)> {
        let checked = self.arguments(args);
        let decls = self.callee_path(path)?;
        let Some(Decl::Error(error)) = decls.first().copied() else {
            return self.c.fail(codes::BAD_REVERT.solc(1885), path.span, "this is not an error");
        };
        let args = self.error_arguments(error, checked?, path.span.to(args.span))?;
        Some((error, args))
    }

    /// Resolves the name behind `emit` or `revert`, which solc takes for an expression.
    fn callee_path(&mut self, path: &ast::Path) -> Option<Vec<Decl>> {
        let first = path.segments.first()?;
        if self.scopes.iter().any(|s| s.contains_key(&first.name)) {
            return Some(Vec::new());
        }
        if self.c.lookup(self.scope, &first.name).is_empty() {
            return self.c.undeclared(self.scope, first);
        }
        self.c.resolve_path_as(9582, self.scope, path)
    }

    /// Converts the arguments of an error and notes that the contract uses it.
    pub(crate) fn error_arguments(
        &mut self,
        error: ErrorId,
        args: super::call::Arguments,
        span: Span,
    ) -> Option<Vec<Expr>> {
        let row = self.c.hir.errors.get(error.index())?;
        let types: Vec<Ty> = row.params.iter().map(|p| p.1.clone()).collect();
        let names: Vec<String> = row.params.iter().map(|p| p.0.clone()).collect();
        let args = self.convert_arguments(args, &types, &names, span)?;
        self.require_old_coding(&args, &types, &[], false, span);
        Some(args)
    }

    fn try_statement(&mut self, t: &ast::Try) -> Option<StmtKind> {
        let call = self.value(&t.call).and_then(|v| self.mobile(v));
        let types = match call.as_ref().map(|c| (&c.kind, &c.ty)) {
            Some((ExprKind::ExternalCall { .. }, Ty::Tuple(list))) => list.clone(),
            Some((ExprKind::ExternalCall { .. } | ExprKind::NewContract { .. }, ty)) => vec![ty.clone()],
            Some(_) => {
                let called = matches!(t.call.kind, ast::ExprKind::Call { .. });
                return self.c.fail(
                    codes::NOT_CALLABLE.solc(if called { 2536 } else { 5347 }),
                    t.call.span,
                    "`try` takes an external call or a creation",
                );
            }
            None => Vec::new(),
        };
        let known = call.is_some();
        let (returns, success) = self.scoped(|b| {
            let ids = b.clause_params(&t.returns);
            (ids, b.block(&t.body))
        });
        let mut catches = Vec::new();
        for clause in &t.catches {
            catches.push(self.catch(clause));
        }
        let mut seen = Vec::new();
        for (clause, checked) in t.catches.iter().zip(&catches) {
            let Some(checked) = checked else { continue };
            // `catch {}` and `catch (bytes memory)` are two forms of the same clause.
            if seen.contains(&checked.kind) {
                let number = match checked.kind {
                    CatchKind::Error => 1036,
                    CatchKind::Panic => 6732,
                    CatchKind::Any => 5320,
                };
                let finding = codes::DUPLICATE_MODIFIER.solc(number);
                self.c.fail::<()>(finding, clause.span, "this failure is caught twice");
            }
            seen.push(checked.kind);
        }
        if known && !t.returns.is_empty() {
            let found: Vec<Ty> =
                returns.iter().filter_map(|id| self.locals.get(id.index())).map(|l| l.ty.clone()).collect();
            if found.len() != types.len() {
                let message = format!("the call returns {} values, {} are named", types.len(), found.len());
                let clause = t.returns_span.to(t.body.span);
                return self.c.fail(codes::WRONG_RETURN.solc(2800), clause, message);
            }
            let pairs = types.iter().zip(&found).zip(&t.returns);
            if let Some(((a, b), p)) = pairs.into_iter().find(|((a, b), _)| a != b) {
                let message = format!("expected `{}`, found `{}`", self.c.name_of(a), self.c.name_of(b));
                return self.c.fail(codes::TYPE_MISMATCH.solc(6509), p.span, message);
            }
        }
        let catches: Option<Vec<Catch>> = catches.into_iter().collect();
        Some(StmtKind::Try { call: call?, returns, success, catches: catches? })
    }

    fn clause_params(&mut self, params: &[ast::Param]) -> Vec<LocalId> {
        params
            .iter()
            .map(|p| {
                let ty = self.c.declared_type(self.scope, p, Place::Public).unwrap_or_else(super::ty::poison);
                self.new_local(p, ty)
            })
            .collect()
    }

    fn catch(&mut self, clause: &ast::Catch) -> Option<Catch> {
        self.scoped(|b| {
            let ids = b.clause_params(&clause.params);
            let body = b.block(&clause.body);
            let types = local_types(&b.locals, &ids);
            let kind = match (clause.name.as_ref().map(|n| &*n.name), types.as_slice()) {
                (Some("Error"), [Ty::String(Loc::Memory)]) => CatchKind::Error,
                (Some("Panic"), [Ty::Int { signed: false, bits: 256 }]) => CatchKind::Panic,
                (None, []) | (None, [Ty::Bytes(Loc::Memory)]) => CatchKind::Any,
                _ => {
                    let number = match clause.name.as_ref().map(|n| &*n.name) {
                        Some("Error") => 2943,
                        Some("Panic") => 1271,
                        Some(_) => 3542,
                        None => 6231,
                    };
                    let help = "write `Error(string memory)`, `Panic(uint256)`, `(bytes memory)` or nothing";
                    return b.c.fail_help(
                        codes::BAD_REVERT.solc(number),
                        clause.span,
                        "a catch clause has another form",
                        help,
                    );
                }
            };
            Some(Catch { kind, param: ids.first().copied(), body })
        })
    }
}

impl Checker {
    /// Reports a state access that the function's mutability does not allow.
    pub(crate) fn judge_effect(&mut self, needed: Mutability, allowed: Mutability, entry: bool, span: Span) {
        match (needed, allowed) {
            (Mutability::Pure, _) => {}
            (Mutability::View | Mutability::Payable, Mutability::Pure) => {
                let help = "declare the function `view`";
                self.fail_help::<()>(
                    codes::MUTABILITY_VIEW.solc(2527),
                    span,
                    "this reads state or the environment in a pure function",
                    help,
                );
            }
            (Mutability::NonPayable, Mutability::Pure | Mutability::View) => {
                let help = "remove `view` or `pure`";
                self.fail_help::<()>(
                    codes::MUTABILITY_WRITE.solc(8961),
                    span,
                    "this may change state in a view or pure function",
                    help,
                );
            }
            (Mutability::Payable, a) if entry && a != Mutability::Payable => {
                let help = "declare the function `payable`";
                self.fail_help::<()>(
                    codes::MUTABILITY_VALUE.solc(5887),
                    span,
                    "the call value is read in a function that takes none",
                    help,
                );
            }
            _ => {}
        }
    }

    /// Checks initial values, modifiers, then functions.
    pub(super) fn check_bodies(&mut self) {
        for i in 0..self.vars.len() {
            self.check_initialiser(VarId(i as u32));
        }
        self.check_constant_cycles();
        for i in 0..self.modifiers.len() {
            self.check_modifier(ModifierId(i as u32));
        }
        for i in 0..self.contracts.len() {
            self.check_base_list(ContractId(i as u32));
        }
        for i in 0..self.functions.len() {
            self.check_function(FunctionId(i as u32));
        }
        for i in 0..self.contracts.len() {
            self.check_base_arguments(ContractId(i as u32));
        }
    }

    fn check_initialiser(&mut self, id: VarId) {
        let (Some(owned), Some(var)) =
            (self.vars.get(id.index()).cloned(), self.hir.vars.get(id.index()).cloned())
        else {
            return;
        };
        let Some(value) = &owned.ast.value else { return };
        let mut body = Body::new(self, owned.scope, Kind::Initialiser);
        if var.kind == VarKind::Constant {
            body.allowed = Mutability::View;
        }
        let checked = body.value(value);
        if body.c.contains_mapping(&var.ty) {
            let message = "a type with a mapping cannot be copied";
            let whole = owned.ast.span;
            body.c.fail_help::<()>(
                codes::NOT_ASSIGNABLE.solc(6280),
                whole,
                message,
                "assign its fields one by one",
            );
            return;
        }
        let init = checked.and_then(|val| {
            if var.ty.loc() == Some(Loc::Storage) {
                let place = expr(ExprKind::StateVar(id), var.ty.clone(), var.span);
                return body.convert_for_place(val, &place);
            }
            body.convert(val, &var.ty)
        });
        if let Some(init) = &init
            && var.kind == VarKind::Constant
            && !is_pure(init, &self.hir)
        {
            let help = "use literals, other constants and pure builtin functions";
            self.fail_help::<()>(
                codes::NOT_CONSTANT.solc(8349),
                init.span,
                "a constant's value is known at compile time",
                help,
            );
        }
        if let Some(row) = self.hir.vars.get_mut(id.index()) {
            row.init = init;
        }
    }

    fn check_modifier(&mut self, id: ModifierId) {
        let Some(owned) = self.modifiers.get(id.index()).cloned() else { return };
        let Some(row) = self.hir.modifiers.get(id.index()).cloned() else { return };
        let Some(ast) = &owned.ast.body else { return };
        let mut body = Body::new(self, owned.scope, Kind::Modifier);
        body.locals = row.locals;
        body.origin = Origin::Modifier(id);
        body.bind(&row.params);
        body.params = row.params;
        let block = body.block(ast);
        let (locals, effects) = (body.locals, body.effects);
        self.modifier_effects.insert(id, effects);
        if let Some(row) = self.hir.modifiers.get_mut(id.index()) {
            (row.locals, row.body) = (locals, Some(block));
        }
    }

    fn check_function(&mut self, id: FunctionId) {
        let (Some(owned), Some(function)) =
            (self.functions.get(id.index()).cloned(), self.function(id).cloned())
        else {
            return;
        };
        let kind =
            if function.kind == FunctionKind::Constructor { Kind::Constructor } else { Kind::Function };
        let mut body = Body::new(self, owned.scope, kind);
        body.enter(&function);
        (body.function, body.origin) = (Some(id), Origin::Function(id));
        let modifiers = body.modifier_calls(&owned.ast, &function);
        body.scopes.push(BTreeMap::new());
        let block = owned.ast.body.as_ref().map(|b| {
            let stmts = b.stmts.iter().filter_map(|s| body.statement(s)).collect();
            Block { stmts, unchecked: false }
        });
        let locals = body.locals;
        if let Some(row) = self.hir.functions.get_mut(id.index()) {
            (row.locals, row.body, row.modifiers) = (locals, block, modifiers);
        }
    }

    /// Evaluates arguments given in the inheritance list.
    fn check_base_list(&mut self, id: ContractId) {
        let Some(info) = self.contracts.get(id.index()) else { return };
        let (ast, file) = (info.ast.clone(), info.file);
        for base in &ast.bases {
            let Some(args) = &base.args else { continue };
            let scope = Scope { file, contract: None };
            let Some(Decl::Contract(target)) = self.lookup_path_quietly(scope, &base.path) else { continue };
            let mut body = Body::new(self, Scope { file, contract: Some(id) }, Kind::Initialiser);
            body.call_as = (7927, 9827);
            let checked = body.base_arguments(target, args, base.span);
            if let Some(args) = checked {
                self.add_base_args(id, target, args, base.span, false);
            }
        }
    }

    pub(crate) fn lookup_path_quietly(&self, scope: Scope, path: &ast::Path) -> Option<Decl> {
        let mut segments = path.segments.iter();
        let mut found = *self.lookup(scope, &segments.next()?.name).first()?;
        for segment in segments {
            found = match found {
                Decl::Module(file) => *self.lookup_in_file(file, &segment.name).first()?,
                Decl::Contract(id) => *self.lookup_in_contract(id, &segment.name, true).first()?,
                _ => return None,
            };
        }
        Some(found)
    }

    /// Keeps the arguments for a base; a second call in one constructor's header is an error of its own.
    fn add_base_args(&mut self, id: ContractId, base: ContractId, args: Vec<Expr>, span: Span, header: bool) {
        let Some(row) = self.hir.contracts.get_mut(id.index()) else { return };
        if row.base_args.iter().all(|(b, _)| *b != base) {
            row.base_args.push((base, args));
            return;
        }
        let listed = self
            .contracts
            .get(id.index())
            .is_some_and(|c| c.ast.bases.iter().any(|b| b.args.is_some() && b.span != span));
        if header && !listed {
            let finding = codes::BASE_ARGUMENTS.solc(1697);
            self.fail::<()>(finding, span, "arguments for this base are given twice");
        }
    }

    pub(crate) fn note_base_args(&mut self, id: ContractId, base: ContractId, args: Vec<Expr>, span: Span) {
        self.add_base_args(id, base, args, span, true);
    }
}

impl Body<'_> {
    fn base_arguments(&mut self, base: ContractId, args: &ast::Args, span: Span) -> Option<Vec<Expr>> {
        let constructor = self.c.contract(base).and_then(|c| c.constructor);
        let (types, names) = match constructor.and_then(|f| self.c.function(f)) {
            Some(f) => {
                let names =
                    f.params.iter().filter_map(|p| f.locals.get(p.index())).map(|l| l.name.clone()).collect();
                (local_types(&f.locals, &f.params), names)
            }
            None => (Vec::new(), Vec::new()),
        };
        self.refuse_names(args)?;
        let args = self.arguments(args)?;
        self.convert_arguments(args, &types, &names, span)
    }

    /// Refuses named arguments, which modifiers and base constructors do not take.
    fn refuse_names(&mut self, args: &ast::Args) -> Option<()> {
        match &args.kind {
            ast::ArgsKind::Named(list) => {
                let span = list.first().map(|(name, _)| name.span).unwrap_or_default();
                self.c.fail(codes::NAMED_ARGUMENT, span, "arguments are not named here")
            }
            ast::ArgsKind::Positional(_) => Some(()),
        }
    }

    fn modifier_calls(&mut self, ast: &ast::Function, function: &Function) -> Vec<ModifierCall> {
        let mut out = Vec::new();
        for call in &ast.modifiers {
            if let Some(found) = self.modifier_call(call, function) {
                out.push(found);
            }
        }
        out
    }

    fn modifier_call(&mut self, call: &ast::Base, function: &Function) -> Option<ModifierCall> {
        let word = call.path.segments.first()?;
        if super::scope::is_global(&word.name) && self.c.lookup(self.scope, &word.name).is_empty() {
            let finding = codes::BAD_MODIFIER_USE.solc(4659);
            return self.c.fail(finding, call.span, "this is not a modifier");
        }
        let decls = self.c.resolve_path(self.scope, &call.path)?;
        match decls.first() {
            Some(Decl::Modifier(id)) => self.apply_modifier(*id, call, function),
            Some(Decl::Contract(base)) if function.kind == FunctionKind::Constructor => {
                self.base_call(*base, call);
                None
            }
            _ => {
                let finding = codes::BAD_MODIFIER_USE.solc(4659);
                self.c.fail(finding, call.span, "this is not a modifier")
            }
        }
    }

    fn base_call(&mut self, base: ContractId, call: &ast::Base) -> Option<()> {
        let own = self.scope.contract?;
        if own == base || !self.c.derives_from(own, base) {
            return self.c.fail(
                codes::BASE_ARGUMENTS.solc(4659),
                call.span,
                "this is not a base of the contract",
            );
        }
        let Some(args) = &call.args else {
            return self.c.fail(
                codes::BASE_ARGUMENTS.solc(1563),
                call.span,
                "a base constructor is called with `(...)`",
            );
        };
        let outer = std::mem::replace(&mut self.call_as, (2973, 4649));
        let args = self.base_arguments(base, args, call.span);
        self.call_as = outer;
        let args = args?;
        self.c.note_base_args(own, base, args, call.span);
        Some(())
    }

    fn apply_modifier(
        &mut self,
        id: ModifierId,
        call: &ast::Base,
        function: &Function,
    ) -> Option<ModifierCall> {
        let row = self.c.hir.modifiers.get(id.index())?.clone();
        let own = self.scope.contract;
        if own.is_none_or(|own| !self.c.derives_from(own, row.contract)) {
            return self.c.fail(
                codes::BAD_MODIFIER_USE.solc(9428),
                call.span,
                "this modifier is not of the contract or a base",
            );
        }
        let types = local_types(&row.locals, &row.params);
        let names: Vec<String> =
            row.params.iter().filter_map(|p| row.locals.get(p.index())).map(|l| l.name.clone()).collect();
        let args = match &call.args {
            Some(args) => {
                self.refuse_names(args)?;
                let args = self.arguments(args)?;
                let outer = std::mem::replace(&mut self.call_as, (2973, 4649));
                let args = self.convert_arguments(args, &types, &names, call.span);
                self.call_as = outer;
                args?
            }
            None if types.is_empty() => Vec::new(),
            None => {
                let message = format!("the modifier takes {} arguments", types.len());
                return self.c.fail(codes::WRONG_ARGUMENT_COUNT.solc(2973), call.span, message);
            }
        };
        if let Some(function) = self.function {
            self.c.note_modifier(function, id);
        }
        for (needed, place) in self.c.modifier_effects.get(&id).cloned().unwrap_or_default() {
            let (allowed, entry) = (function.mutability, self.entry);
            let bad = match needed {
                Mutability::NonPayable => allowed < Mutability::NonPayable,
                Mutability::View => allowed < Mutability::View,
                Mutability::Payable => {
                    allowed == Mutability::Pure || (entry && allowed != Mutability::Payable)
                }
                Mutability::Pure => false,
            };
            if bad {
                self.c.judge_effect(needed, allowed, entry, call.span);
                let _ = place;
                break;
            }
        }
        let exact = call.path.segments.len() > 1;
        self.note_applied(id, exact);
        Some(ModifierCall { modifier: id, exact, args, span: call.span })
    }
}

/// Returns the place of a statement without its semicolon, as solc names it.
fn before_semicolon(span: Span) -> Span {
    Span { end: span.end.saturating_sub(1).max(span.start), ..span }
}

/// Is true for an expression that depends on nothing but literals and constants.
pub(super) fn is_pure(e: &Expr, hir: &Hir) -> bool {
    use ExprKind::*;
    let all = |list: &[Expr]| list.iter().all(|e| is_pure(e, hir));
    match &e.kind {
        Bool(_) | Number(_) | Literal(_) => true,
        StateVar(id) => hir.vars.get(id.index()).is_some_and(|v| v.kind == VarKind::Constant),
        Index { base, index } => is_pure(base, hir) && is_pure(index, hir),
        Field { base, .. } | ExternalPart { base, .. } | ExternalFunction { base, .. } => is_pure(base, hir),
        Length(e) | Convert(e) | NewArray(e) | Written { value: e, .. } => is_pure(e, hir),
        Unary { expr, .. } => is_pure(expr, hir),
        Binary { lhs, rhs, .. } | And(lhs, rhs) | Or(lhs, rhs) => is_pure(lhs, hir) && is_pure(rhs, hir),
        Conditional { cond, then, otherwise } => {
            is_pure(cond, hir) && is_pure(then, hir) && is_pure(otherwise, hir)
        }
        Tuple(list) => list.iter().flatten().all(|e| is_pure(e, hir)),
        ArrayLiteral(list) => all(list),
        NewStruct { args, .. } => all(args),
        Builtin { builtin, args } => is_pure_builtin(builtin) && all(args),
        _ => false,
    }
}

fn is_pure_builtin(builtin: &Builtin) -> bool {
    use Builtin::*;
    matches!(
        builtin,
        Keccak256
            | Sha256
            | Ripemd160
            | Erc7201
            | EcRecover
            | AddMod
            | MulMod
            | BytesConcat
            | StringConcat
            | AbiEncode
            | AbiEncodePacked
            | AbiEncodeWithSelector
            | AbiEncodeWithSignature
            | AbiEncodeCall
            | AbiDecode
            | CreationCode(_)
            | RuntimeCode(_)
    )
}
