//! Checks expressions.

use super::body::{Body, Kind};
use super::rational;
use super::scope::Decl;
use super::value::{Candidate, Fun, Magic, Reach, Val, ValKind, expr};
use crate::ast::{self, ExprKind as Ast, Literal};
use crate::diag::{Diagnostic, codes};
use crate::hir::*;
use crate::source::Span;
use alloy_primitives::U256;
use num_traits::ToPrimitive;

impl Body<'_> {
    /// Checks an expression; none when it has an error, which is reported.
    pub(crate) fn value(&mut self, e: &ast::Expr) -> Option<Val> {
        let span = e.span;
        match &e.kind {
            Ast::Ident(name) => self.identifier(name, span),
            Ast::Literal(literal) => self.literal(literal, span),
            Ast::Type(ty) => self.type_value(ty),
            Ast::Tuple(list) => self.tuple(list, span),
            Ast::Array(list) => self.array_literal(list, span).map(Val::expr),
            Ast::Member { base, name } => self.member(base, name, span),
            Ast::Index { base, index } => self.index(base, index.as_deref(), span),
            Ast::Slice { base, start, end } => self.slice(base, start.as_deref(), end.as_deref(), span),
            Ast::Call { callee, args } => self.call(callee, args, span),
            Ast::Options { callee, options } => self.options(callee, options, span),
            Ast::New(ty) => self.new_value(ty, span),
            Ast::TypeOf(ty) => {
                let ty = self.meta_type(ty)?;
                Some(Val { kind: ValKind::Meta(ty), span })
            }
            Ast::Unary { op, operand } => self.unary(*op, operand, span),
            Ast::Binary { op, left, right, .. } => self.binary(*op, left, right, span),
            Ast::Assign { op, left, right } => self.assign(*op, left, right, span).map(Val::expr),
            Ast::Ternary { cond, then, otherwise } => self.ternary(cond, then, otherwise, span),
            Ast::Error => None,
        }
    }

    /// Checks an expression and converts it to a type.
    pub(crate) fn expect(&mut self, e: &ast::Expr, ty: &Ty) -> Option<Expr> {
        let val = self.value(e)?;
        self.convert(val, ty)
    }

    fn type_value(&mut self, ty: &ast::Type) -> Option<Val> {
        let resolved = self.c.resolve_type(self.scope, ty, Loc::Memory)?;
        Some(Val { kind: ValKind::Type(resolved), span: ty.span })
    }

    /// Resolves the argument of `type(...)`, which may be a library as well.
    fn meta_type(&mut self, ty: &ast::Type) -> Option<Ty> {
        if let ast::TypeKind::Path(path) = &ty.kind {
            let first = path.segments.first()?;
            let local = self.scopes.iter().any(|s| s.contains_key(&first.name));
            match self.c.lookup_path_quietly(self.scope, path) {
                Some(Decl::Contract(id)) if !local => return Some(Ty::Contract(id)),
                Some(Decl::Enum(_) | Decl::Udvt(_)) if !local => {}
                None if !local => return self.undeclared(first),
                _ => return self.no_meta_type(ty.span),
            }
        }
        let resolved = self.c.resolve_type(self.scope, ty, Loc::Memory)?;
        match resolved {
            Ty::Int { .. } | Ty::Enum(_) | Ty::Contract(_) => Some(resolved),
            _ => self.no_meta_type(ty.span),
        }
    }

    pub(super) fn no_meta_type<X>(&mut self, span: Span) -> Option<X> {
        let message = "`type(...)` takes a contract, an enum or an integer type";
        self.c.fail(codes::BAD_TYPE_HERE.solc(4259), span, message)
    }

    fn identifier(&mut self, name: &ast::Name, span: Span) -> Option<Val> {
        if let Some(id) = self.scopes.iter().rev().find_map(|s| s.get(name)).copied() {
            let ty = self.locals.get(id.index())?.ty.clone();
            if super::ty::is_poison(&ty) {
                return None;
            }
            return Some(Val::expr(expr(ExprKind::Local(id), ty, span)));
        }
        let found = self.c.lookup_plain(self.scope, name);
        if !found.is_empty() {
            return self.declared(&found, span);
        }
        if let Some(kind) = self.global(name, span) {
            return Some(Val { kind, span });
        }
        // an external function: the complaint says how it is reached
        let hidden = self.c.lookup(self.scope, name);
        if !hidden.is_empty() {
            return self.declared(&hidden, span);
        }
        if let Some((number, now)) = abolished(name) {
            let message = format!("`{name}` is no part of the language any more");
            let finding = codes::UNDECLARED.solc(number);
            return self.c.fail_help(finding, span, message, format!("write `{now}`"));
        }
        let ident = ast::Ident { name: name.clone(), span };
        self.undeclared(&ident)
    }

    fn undeclared<X>(&mut self, ident: &ast::Ident) -> Option<X> {
        let near = self
            .scopes
            .iter()
            .flat_map(|s| s.keys())
            .filter(|n| super::scope::distance(n, &ident.name) <= 1 && ident.name.len() > 2)
            .min()
            .cloned();
        match near {
            Some(near) => self.c.fail_help(
                codes::UNDECLARED.solc(7576),
                ident.span,
                format!("`{}` is not declared", ident.name),
                format!("did you mean `{near}`?"),
            ),
            None => self.c.undeclared(self.scope, ident),
        }
    }

    /// Turns declarations found for a name in scope into a value.
    pub(super) fn declared(&mut self, found: &[Decl], span: Span) -> Option<Val> {
        let kind = match found.first()? {
            Decl::Var(id) => return self.variable(*id, span).map(Val::expr),
            Decl::Function(_) => {
                let list =
                    found.iter().filter_map(|d| if let Decl::Function(f) = d { Some(*f) } else { None });
                let candidates = list.filter_map(|f| self.internal_candidate(f)).collect();
                ValKind::Functions(candidates)
            }
            Decl::Contract(id) => ValKind::Type(Ty::Contract(*id)),
            Decl::Struct(id) => ValKind::Type(Ty::Struct(*id, Loc::Memory)),
            Decl::Enum(id) => ValKind::Type(Ty::Enum(*id)),
            Decl::Udvt(id) => ValKind::Type(Ty::Udvt(*id)),
            Decl::Event(_) => ValKind::Events(
                found.iter().filter_map(|d| if let Decl::Event(e) = d { Some(*e) } else { None }).collect(),
            ),
            Decl::Error(id) => ValKind::Error(*id),
            Decl::Module(file) => ValKind::Module(*file),
            Decl::Modifier(_) => {
                return self.c.fail(codes::BAD_MODIFIER_USE.solc(3112), span, "a modifier is not a value");
            }
        };
        Some(Val { kind, span })
    }

    /// Reads a state variable or constant.
    pub(super) fn variable(&mut self, id: VarId, span: Span) -> Option<Expr> {
        let var = self.c.hir.vars.get(id.index())?.clone();
        if super::ty::is_poison(&var.ty) {
            return None;
        }
        match var.kind {
            VarKind::Immutable => self.note_immutable(id),
            VarKind::Constant => {}
            VarKind::Storage | VarKind::Transient => self.needs(Mutability::View, span),
        }
        Some(expr(ExprKind::StateVar(id), var.ty, span))
    }

    /// Describes a function as its name in scope reaches it.
    pub(super) fn internal_candidate(&self, id: FunctionId) -> Option<Candidate> {
        let f = self.c.function(id)?;
        let virtual_call = f.is_virtual && f.contract.is_some_and(|c| !self.c.is_library(c));
        let callee = if virtual_call { Callee::Virtual(id) } else { Callee::Exact(id) };
        if f.visibility == Visibility::External {
            return Some(self.candidate(id, Reach::Declared(f.selector.unwrap_or_default())));
        }
        Some(self.candidate(id, Reach::Internal(callee)))
    }

    pub(super) fn candidate(&self, id: FunctionId, reach: Reach) -> Candidate {
        let f = self.c.function(id);
        let names = f.map_or(Vec::new(), |f| {
            f.params.iter().filter_map(|p| f.locals.get(p.index())).map(|l| l.name.clone()).collect()
        });
        Candidate {
            reach,
            params: self.c.param_types(id),
            names,
            returns: self.c.return_types(id),
            mutability: f.map_or(Mutability::NonPayable, |f| f.mutability),
            bound: None,
            function: Some(id),
        }
    }

    /// Finds a global that is not declared anywhere.
    fn global(&mut self, name: &str, span: Span) -> Option<ValKind> {
        let plain = |b: Builtin| Some(ValKind::Builtin(Fun::Plain(b), None));
        match name {
            "msg" => Some(ValKind::Magic(Magic::Msg)),
            "block" => Some(ValKind::Magic(Magic::Block)),
            "tx" => Some(ValKind::Magic(Magic::Tx)),
            "abi" => Some(ValKind::Magic(Magic::Abi)),
            "this" => self.this(span),
            "super" => self.scope.contract.map(|_| ValKind::Super),
            "require" => Some(ValKind::Builtin(Fun::Require, None)),
            "revert" => Some(ValKind::Builtin(Fun::Revert, None)),
            "assert" => plain(Builtin::Assert),
            "keccak256" => plain(Builtin::Keccak256),
            "sha256" => plain(Builtin::Sha256),
            "erc7201" => plain(Builtin::Erc7201),
            "ripemd160" => plain(Builtin::Ripemd160),
            "ecrecover" => plain(Builtin::EcRecover),
            "addmod" => plain(Builtin::AddMod),
            "mulmod" => plain(Builtin::MulMod),
            "gasleft" => plain(Builtin::GasLeft),
            "blockhash" => plain(Builtin::BlockHash),
            "blobhash" if self.c.evm_version.has_blobs() => plain(Builtin::BlobHash),
            "selfdestruct" => {
                self.note_builtin(&Builtin::SelfDestruct, span);
                plain(Builtin::SelfDestruct)
            }
            _ => None,
        }
    }

    fn this(&mut self, span: Span) -> Option<ValKind> {
        let contract = self.scope.contract?;
        self.needs(Mutability::View, span);
        let kind = ExprKind::Builtin { builtin: Builtin::This, args: Vec::new() };
        Some(ValKind::Expr(expr(kind, Ty::Contract(contract), span)))
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> Option<Val> {
        let kind = match literal {
            Literal::Bool(b) => ValKind::Expr(expr(ExprKind::Bool(*b), Ty::Bool, span)),
            Literal::Number { text, unit } => {
                if *unit == Some(ast::Unit::Years) {
                    return self.c.fail_help(
                        codes::BAD_NUMBER.solc(4820),
                        span,
                        "`years` is no unit any more",
                        "write `365 days`",
                    );
                }
                match rational::parse_decimal(text, *unit) {
                    Some(n) => ValKind::Number(n),
                    None => {
                        return self.c.fail(
                            codes::LITERAL_OUT_OF_RANGE.solc(2826),
                            span,
                            "this number is out of every range",
                        );
                    }
                }
            }
            Literal::HexNumber { text, unit } => return self.hex_literal(text, *unit, span),
            Literal::Str(bytes) | Literal::HexStr(bytes) | Literal::UnicodeStr(bytes) => {
                ValKind::Text(bytes.clone())
            }
        };
        Some(Val { kind, span })
    }

    /// Checks a hex literal; one of 40 digits is an address and must carry its checksum.
    fn hex_literal(&mut self, text: &str, unit: Option<ast::Unit>, span: Span) -> Option<Val> {
        if unit.is_some() {
            return self.c.fail(codes::BAD_NUMBER.solc(5145), span, "a hex number takes no unit");
        }
        let Some(n) = rational::parse_hex(text, None) else {
            return self.c.fail(
                codes::LITERAL_OUT_OF_RANGE.solc(2826),
                span,
                "this number is out of every range",
            );
        };
        // As in solc, 39 to 41 digits without leading zeros are taken for an address with a slip.
        if matches!(text.len(), 41 | 43) && !text.contains('_') {
            let message = "this looks like an address but has not 40 digits";
            let help = "for a number, write leading zeros or break the digits with `_`";
            return self.c.fail_help(codes::BAD_CHECKSUM.solc(9429), span, message, help);
        }
        if !rational::is_address(text) {
            return Some(Val { kind: ValKind::Number(n), span });
        }
        let Ok(address) = text.parse::<alloy_primitives::Address>() else {
            return Some(Val { kind: ValKind::Number(n), span });
        };
        let checksummed = address.to_checksum(None);
        if checksummed != text {
            let message = "this looks like an address but its checksum is wrong";
            return self.c.fail_help(
                codes::BAD_CHECKSUM.solc(9429),
                span,
                message,
                format!("write `{checksummed}`"),
            );
        }
        let word = U256::from_be_slice(address.as_slice());
        Some(Val::expr(expr(ExprKind::Number(word), Ty::Address { payable: false }, span)))
    }

    fn tuple(&mut self, list: &[Option<ast::Expr>], span: Span) -> Option<Val> {
        if list.iter().any(Option::is_none) {
            return self.c.fail(codes::BAD_TUPLE.solc(8381), span, "a tuple's component is missing");
        }
        let mut out = Vec::new();
        for item in list.iter().flatten() {
            out.push(self.value(item).and_then(|val| self.component(val, list.len())));
        }
        if let ([_], [Some(_)]) = (list, out.as_slice()) {
            let val = out.pop().flatten()?;
            return Some(Val { span, ..val });
        }
        out.iter().all(Option::is_some).then_some(Val { kind: ValKind::Tuple(out), span })
    }

    /// Refuses components of a tuple of `count` that are no values: nothing, or a number of no type.
    fn component(&mut self, val: Val, count: usize) -> Option<Val> {
        let empty = match &val.kind {
            ValKind::Tuple(list) => list.is_empty(),
            _ => val.ty() == Some(&Ty::unit()),
        };
        if empty {
            return self.c.fail(codes::BAD_TUPLE.solc(6473), val.span, "a tuple's component has no value");
        }
        if count > 1 && matches!(val.kind, ValKind::Number(_)) && self.quiet_type(&val).is_none() {
            let finding = codes::LITERAL_OUT_OF_RANGE.solc(3390);
            return self.c.fail(finding, val.span, "no type holds this number");
        }
        Some(val)
    }

    fn array_literal(&mut self, list: &[ast::Expr], span: Span) -> Option<Expr> {
        let values: Vec<Option<Val>> = list.iter().map(|e| self.value(e)).collect();
        let values: Vec<Val> = values.into_iter().collect::<Option<_>>()?;
        let Some(first) = values.first() else {
            return self.c.fail(codes::BAD_TYPE_HERE.solc(6378), span, "an array literal needs an element");
        };
        let mut elem = match self.quiet_type(first) {
            Some(ty) => {
                if ty.loc().is_some() {
                    ty.with_loc(Loc::Memory)
                } else {
                    ty
                }
            }
            None => return self.mobile(first.clone()).and(None),
        };
        if let Ty::Tuple(_) = elem {
            let finding = codes::BAD_TYPE_HERE.solc(9656);
            return self.c.fail(finding, span, "an array's elements are no tuples");
        }
        for value in values.iter().skip(1) {
            let Some(ty) = self.quiet_type(value) else { return self.mobile(value.clone()).and(None) };
            if self.can_convert(value, &elem) {
                continue;
            }
            if self.c.converts_implicitly(&elem, &ty) {
                elem = ty;
            } else {
                let message =
                    format!("`{}` and `{}` have no common type", self.c.name_of(&elem), self.c.name_of(&ty));
                self.c.diags.push(
                    Diagnostic::error(codes::TYPE_MISMATCH.solc(6378), span, message)
                        .at(value.span, "this element")
                        .help("convert the first element to the type of all"),
                );
                return None;
            }
        }
        let count = values.len();
        let elements: Option<Vec<Expr>> = values.into_iter().map(|v| self.convert(v, &elem)).collect();
        let ty = Ty::Array { elem: Box::new(elem), len: Some(U256::from(count)), loc: Loc::Memory };
        Some(expr(ExprKind::ArrayLiteral(elements?), ty, span))
    }

    fn index(&mut self, base: &ast::Expr, index: Option<&ast::Expr>, span: Span) -> Option<Val> {
        let base = self.value(base)?;
        if let ValKind::Type(ty) = &base.kind {
            return self.array_type(ty.clone(), index, span);
        }
        let Some(index) = index else {
            let number = match base.ty() {
                Some(Ty::Mapping { .. }) => 1267,
                Some(Ty::FixedBytes(_)) => 8830,
                _ => 9689,
            };
            let indexable = matches!(
                base.ty(),
                Some(Ty::Mapping { .. } | Ty::Array { .. } | Ty::Bytes(_) | Ty::FixedBytes(_))
            );
            let (number, place) = if indexable { (number, span) } else { (2614, base.span) };
            return self.c.fail(codes::BAD_INDEX.solc(number), place, "the index is missing");
        };
        if self.quiet_type(&base).is_none() {
            let message = format!("{} cannot be indexed", self.describe(&base));
            return self.c.fail(codes::BAD_INDEX.solc(2614), base.span, message);
        }
        let base = self.mobile(base)?;
        let (key, elem) = match &base.ty {
            Ty::Mapping { key, value } => ((**key).clone(), (**value).clone()),
            Ty::Array { elem, .. } => (Ty::UINT, (**elem).clone()),
            Ty::Bytes(_) | Ty::FixedBytes(_) => (Ty::UINT, Ty::FixedBytes(1)),
            other => {
                let message = format!("`{}` cannot be indexed", self.c.name_of(other));
                let text = matches!(other, Ty::String(_));
                let (number, place) = if text { (9961, span) } else { (2614, base.span) };
                return self.c.fail(codes::BAD_INDEX.solc(number), place, message);
            }
        };
        let index = self.value(index)?;
        let is_literal = matches!(index.kind, ValKind::Number(_));
        let index = self.convert(index, &key)?;
        if is_literal {
            // any other index is judged when it is used, as a constant in code that never runs does no harm
            self.check_bounds(&base.ty, &index, span)?;
        }
        if let Some(Loc::Storage | Loc::Transient) = base.ty.loc() {
            self.needs(Mutability::View, span);
        }
        Some(Val::expr(expr(ExprKind::Index { base: Box::new(base), index: Box::new(index) }, elem, span)))
    }

    fn check_bounds(&mut self, base: &Ty, index: &Expr, at: Span) -> Option<()> {
        let len = match base {
            Ty::Array { len: Some(len), .. } => *len,
            Ty::FixedBytes(n) => U256::from(*n),
            _ => return Some(()),
        };
        if let ExprKind::Number(n) = &index.kind
            && *n >= len
        {
            let number = if matches!(base, Ty::FixedBytes(_)) { 1859 } else { 3383 };
            return self.c.fail(
                codes::BAD_INDEX.solc(number),
                at,
                format!("the index is beyond the length {len}"),
            );
        }
        Some(())
    }

    /// `T[]` and `T[n]` in an expression.
    fn array_type(&mut self, elem: Ty, index: Option<&ast::Expr>, span: Span) -> Option<Val> {
        if matches!(elem, Ty::Contract(id) if self.c.is_library(id)) {
            return self.c.fail(codes::BAD_INDEX.solc(2876), span, "a library has no arrays");
        }
        let len = match index {
            None => None,
            Some(index) => Some(self.literal_length(index)?),
        };
        let ty = Ty::Array { elem: Box::new(elem), len, loc: Loc::Memory };
        Some(Val { kind: ValKind::Type(ty), span })
    }

    /// Reads the length of `T[n]` in an expression, which is written as a number; 0 is a type without values.
    fn literal_length(&mut self, index: &ast::Expr) -> Option<U256> {
        let val = self.value(index)?;
        let ValKind::Number(n) = &val.kind else {
            let message = "an array's length is written as a number here";
            return self.c.fail(codes::BAD_ARRAY_LENGTH.solc(3940), index.span, message);
        };
        match n.integer().and_then(|n| n.to_u64()) {
            Some(len) => Some(U256::from(len)),
            None => {
                let message = "an array's length is a whole number";
                self.c.fail(codes::BAD_ARRAY_LENGTH.solc(7407), index.span, message)
            }
        }
    }

    fn slice(
        &mut self,
        base: &ast::Expr,
        start: Option<&ast::Expr>,
        end: Option<&ast::Expr>,
        span: Span,
    ) -> Option<Val> {
        let base = self.value(base);
        let start = start.map(|e| self.expect(e, &Ty::UINT));
        let end = end.map(|e| self.expect(e, &Ty::UINT));
        let base = base?;
        if let ValKind::Type(_) = &base.kind {
            self.c.fail::<()>(codes::BAD_INDEX.solc(1760), span, "a type cannot be sliced");
            return Some(Val { span, ..base });
        }
        let literal = matches!(base.kind, ValKind::Text(_));
        let base = self.mobile(base)?;
        let ok = matches!(
            &base.ty,
            Ty::Bytes(Loc::Calldata)
                | Ty::String(Loc::Calldata)
                | Ty::Array { len: None, loc: Loc::Calldata, .. }
        );
        if !ok {
            let message = format!("`{}` cannot be sliced", self.c.name_of(&base.ty));
            let fixed = !literal && matches!(&base.ty, Ty::Array { .. } | Ty::Bytes(_) | Ty::String(_));
            return self.c.fail_help(
                codes::BAD_INDEX.solc(if fixed { 1227 } else { 4781 }),
                span,
                message,
                "only dynamic calldata arrays, bytes and strings are sliced",
            );
        }
        if let Ty::Array { elem, .. } = &base.ty
            && self.c.any_part(elem, &mut Vec::new(), &is_dynamic)
        {
            let message = "arrays whose elements are of dynamic size cannot be sliced";
            return self.c.fail(codes::BAD_INDEX.solc(2148), span, message);
        }
        let boxed = |e: Option<Option<Expr>>| -> Option<Option<Box<Expr>>> {
            match e {
                Some(e) => Some(Some(Box::new(e?))),
                None => Some(None),
            }
        };
        let ty = base.ty.clone();
        let kind = ExprKind::Slice { base: Box::new(base), start: boxed(start)?, end: boxed(end)? };
        Some(Val::expr(expr(kind, ty, span)))
    }

    fn ternary(
        &mut self,
        cond: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        span: Span,
    ) -> Option<Val> {
        let cond = self.expect(cond, &Ty::Bool);
        let (a, b) = (self.value(then), self.value(otherwise));
        let (cond, a, b) = (Box::new(cond?), a?, b?);
        self.require_mobile(9717, &a);
        self.require_mobile(3703, &b);
        if self.quiet_type(&a).is_none() || self.quiet_type(&b).is_none() {
            return None;
        }
        let ty = match (self.quiet_type(&a), self.quiet_type(&b)) {
            (Some(x), Some(y)) => self.common_branch(&x, &y),
            _ => None,
        };
        let Some(ty) = ty else {
            let message = format!("{} and {} have no common type", self.describe(&a), self.describe(&b));
            return self.c.fail(codes::TYPE_MISMATCH.solc(1080), span, message);
        };
        let then = Box::new(self.convert(a, &ty)?);
        let otherwise = Box::new(self.convert(b, &ty)?);
        Some(Val::expr(expr(ExprKind::Conditional { cond, then, otherwise }, ty, span)))
    }

    /// Reports a branch that has no type of its own.
    fn require_mobile(&mut self, number: u16, val: &Val) {
        if self.quiet_type(val).is_none() {
            let message = format!("{} is no value that a branch can give", self.describe(val));
            self.c.fail::<()>(codes::TYPE_MISMATCH.solc(number), val.span, message);
        }
    }

    fn common_branch(&self, x: &Ty, y: &Ty) -> Option<Ty> {
        if let (Ty::Tuple(a), Ty::Tuple(b)) = (x, y) {
            if a.len() != b.len() {
                return None;
            }
            return a
                .iter()
                .zip(b)
                .map(|(p, q)| self.common_branch(p, q))
                .collect::<Option<Vec<_>>>()
                .map(Ty::Tuple);
        }
        // Of two locations, memory is where both can be.
        let (x, y) = match (x.loc(), y.loc()) {
            (Some(a), Some(b)) if a != b => (x.with_loc(Loc::Memory), y.with_loc(Loc::Memory)),
            _ => (x.clone(), y.clone()),
        };
        if self.c.converts_implicitly(&y, &x) {
            return Some(x);
        }
        self.c.converts_implicitly(&x, &y).then_some(y)
    }

    fn new_value(&mut self, ty: &ast::Type, span: Span) -> Option<Val> {
        let resolved = self.c.resolve_type(self.scope, ty, Loc::Memory)?;
        match &resolved {
            Ty::Contract(id) => self.check_creatable(*id, span)?,
            Ty::Array { len: None, .. } | Ty::Bytes(_) | Ty::String(_) => {
                if self.c.contains_mapping(&resolved) {
                    return self.c.fail(
                        codes::BAD_TYPE_HERE.solc(1164),
                        ty.span,
                        "a type with a mapping lives in storage only",
                    );
                }
            }
            other => {
                let message = format!("`new` does not make a `{}`", self.c.bare_name_of(other));
                let (number, place) = match other {
                    Ty::Array { .. } => (3904, ty.span),
                    Ty::Struct(..) | Ty::Enum(_) | Ty::Udvt(_) => (5540, span),
                    _ => (8807, span),
                };
                return self.c.fail(codes::NOT_CALLABLE.solc(number), place, message);
            }
        }
        Some(Val { kind: ValKind::New(resolved), span })
    }

    fn check_creatable(&mut self, id: ContractId, span: Span) -> Option<()> {
        let kind = self.c.contract(id)?.kind;
        if kind != ContractKind::Contract {
            let number = if kind == ContractKind::Interface { 2971 } else { 4614 };
            return self.c.fail(
                codes::INSTANTIATE_ABSTRACT.solc(number),
                span,
                "an abstract contract or interface cannot be created",
            );
        }
        self.note_creation(id, span);
        Some(())
    }

    /// Checks an expression that is assigned to or changed.
    pub(super) fn place(&mut self, e: &ast::Expr) -> Option<Expr> {
        let not_assignable = match &e.kind {
            Ast::Array(_) => Some((3025, "an array literal cannot be assigned to")),
            Ast::Ternary { .. } => Some((2212, "a conditional expression cannot be assigned to")),
            _ => None,
        };
        if let Some((number, message)) = not_assignable {
            return self.c.fail(codes::NOT_ASSIGNABLE.solc(number), e.span, message);
        }
        let val = self.value(e)?;
        let span = val.span;
        let ValKind::Expr(place) = val.kind else {
            let found = self.describe(&val);
            return self.c.fail(
                codes::NOT_ASSIGNABLE.solc(4247),
                span,
                format!("{found} cannot be assigned to"),
            );
        };
        self.check_place(&place)?;
        Some(place)
    }

    fn check_place(&mut self, place: &Expr) -> Option<()> {
        let span = place.span;
        match &place.kind {
            ExprKind::Local(id) if self.params.contains(id) && self.c.contains_mapping(&place.ty) => {
                let message = "a parameter of a type with a mapping cannot be assigned to";
                self.c.fail(codes::NOT_ASSIGNABLE.solc(9214), span, message)
            }
            ExprKind::Local(_) => Some(()),
            ExprKind::StateVar(id) => self.check_variable_place(*id, span),
            ExprKind::Index { base, .. } => {
                if let Ty::FixedBytes(_) = base.ty {
                    return self.c.fail(
                        codes::NOT_ASSIGNABLE.solc(4360),
                        span,
                        "a byte of fixed bytes cannot be changed alone",
                    );
                }
                self.check_part(base, 6182, span)
            }
            ExprKind::Field { base, .. } => self.check_part(base, 4156, span),
            ExprKind::Builtin { builtin: Builtin::ArrayPush, .. } => {
                self.needs(Mutability::NonPayable, span);
                Some(())
            }
            ExprKind::Length(_) => self.c.fail_help(
                codes::NOT_ASSIGNABLE.solc(7567),
                span,
                "a length cannot be assigned to",
                "use `push` and `pop`",
            ),
            _ => self.c.fail(codes::NOT_ASSIGNABLE.solc(4247), span, "this cannot be assigned to"),
        }
    }

    /// Checks that a part of a value can be changed; `number` is solc's for one in calldata.
    fn check_part(&mut self, base: &Expr, number: u16, span: Span) -> Option<()> {
        match base.ty.loc() {
            Some(Loc::Memory) => Some(()),
            Some(Loc::Storage | Loc::Transient) => {
                self.needs(Mutability::NonPayable, span);
                Some(())
            }
            Some(Loc::Calldata) => self.c.fail_help(
                codes::NOT_ASSIGNABLE.solc(number),
                span,
                "calldata cannot be changed",
                "copy it to memory",
            ),
            None => self.c.fail(codes::NOT_ASSIGNABLE.solc(4247), span, "this cannot be assigned to"),
        }
    }

    fn check_variable_place(&mut self, id: VarId, span: Span) -> Option<()> {
        let var = self.c.hir.vars.get(id.index())?.clone();
        match var.kind {
            VarKind::Constant => {
                self.c.fail(codes::CONSTANT_USE.solc(6520), span, "a constant cannot be changed")
            }
            VarKind::Immutable => {
                if !matches!(self.kind, Kind::Constructor | Kind::Initialiser) {
                    let message =
                        "an immutable is assigned during construction only, outside functions and modifiers";
                    return self.c.fail(codes::IMMUTABLE_USE.solc(1581), span, message);
                }
                Some(())
            }
            VarKind::Storage | VarKind::Transient => {
                self.needs(Mutability::NonPayable, span);
                if let Ty::Mapping { .. } = var.ty {
                    return self.c.fail(
                        codes::NOT_ASSIGNABLE.solc(9214),
                        span,
                        "a mapping cannot be assigned to",
                    );
                }
                Some(())
            }
        }
    }
}

fn is_dynamic(ty: &Ty) -> bool {
    matches!(ty, Ty::Array { len: None, .. } | Ty::Bytes(_) | Ty::String(_))
}

/// Returns solc's number for a global of older versions, and what is written today.
fn abolished(name: &str) -> Option<(u16, &'static str)> {
    Some(match name {
        "sha3" => (3557, "keccak256"),
        "suicide" => (8050, "selfdestruct"),
        "now" => (7359, "block.timestamp"),
        _ => return None,
    })
}
