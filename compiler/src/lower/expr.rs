//! Lowers expressions to words.

use super::cx::{Res, broken, words};
use super::fault::Fault;
use super::fx::{Fx, Val, Vals};
use crate::abi::head_bytes;
use crate::hir::{BinaryOp, Builtin, Callee, Expr, ExprKind, Loc, StructId, Ty, UnaryOp};
use alloy_primitives::U256;

impl<'h> Fx<'_, 'h, '_> {
    /// Evaluates an expression of one word.
    pub(crate) fn expr1(&mut self, e: &'h Expr) -> Res<Val> {
        let vals = self.expr(e)?;
        Ok(self.first(&vals))
    }

    /// Evaluates an expression and brings it to the data location of a type.
    pub(crate) fn expr_as(&mut self, e: &'h Expr, ty: &Ty) -> Res<Vals> {
        let vals = self.expr(e)?;
        self.coerce(vals, &e.ty, ty)
    }

    /// Brings a value to the data location of a type; only memory needs a copy.
    pub(crate) fn coerce(&mut self, vals: Vals, from: &Ty, to: &Ty) -> Res<Vals> {
        if let (Ty::Tuple(sources), Ty::Tuple(targets)) = (from, to) {
            let mut all = Vec::new();
            for ((from, vals), to) in self.split(sources, &vals).into_iter().zip(targets) {
                all.extend(self.coerce(vals, &from, to)?);
            }
            return Ok(all);
        }
        match (from.loc(), to.loc()) {
            (Some(Loc::Storage | Loc::Calldata), Some(Loc::Memory)) => Ok(vec![self.to_memory(from, &vals)]),
            _ => Ok(vals),
        }
    }

    /// Evaluates an expression.
    pub(crate) fn expr(&mut self, e: &'h Expr) -> Res<Vals> {
        self.set_span(e.span);
        match &e.kind {
            ExprKind::Bool(b) => Ok(vec![self.int(u64::from(*b))]),
            ExprKind::Number(n) => Ok(vec![self.big(*n)]),
            ExprKind::Literal(bytes) => Ok(self.literal(bytes, &e.ty)),
            ExprKind::Local(id) => self.read_local(*id, &e.ty),
            ExprKind::StateVar(_) | ExprKind::Index { .. } | ExprKind::Field { .. } => {
                let place = self.place(e)?;
                self.load(&place, &e.ty)
            }
            ExprKind::Slice { base, start, end } => self.slice(base, start.as_deref(), end.as_deref()),
            ExprKind::Length(base) if is_code_of(base).is_some() => {
                let Some(address) = is_code_of(base) else { return Err(broken("address of code")) };
                let address = self.expr1(address)?;
                Ok(vec![self.evm(crate::ir::Evm::Extcodesize, &[address])])
            }
            ExprKind::Length(base) => {
                let object = self.expr(base)?;
                Ok(vec![self.length(&base.ty, &object)?])
            }
            ExprKind::Unary { op, expr, checked } => {
                let v = self.expr1(expr)?;
                self.set_span(e.span);
                Ok(vec![self.unary(*op, v, &e.ty, *checked)])
            }
            ExprKind::Binary { op, lhs, rhs, checked } => self.binary_expr(e, *op, lhs, rhs, *checked),
            ExprKind::And(a, b) => {
                let cond = self.expr1(a)?;
                self.choose(cond, 1, |fx| fx.expr(b), |fx| Ok(vec![fx.int(0)]))
            }
            ExprKind::Or(a, b) => {
                let cond = self.expr1(a)?;
                self.choose(cond, 1, |fx| Ok(vec![fx.int(1)]), |fx| fx.expr(b))
            }
            ExprKind::Conditional { cond, then, otherwise } => {
                let cond = self.expr1(cond)?;
                let n = words(&e.ty);
                self.choose(cond, n, |fx| fx.expr_as(then, &e.ty), |fx| fx.expr_as(otherwise, &e.ty))
            }
            ExprKind::Assign { place, value } => self.assign(place, value),
            ExprKind::AssignOp { op, place, value, checked } => {
                self.assign_op(e, *op, place, value, *checked)
            }
            ExprKind::IncDec { place, increment, prefix, checked } => {
                self.inc_dec(e, place, *increment, *prefix, *checked)
            }
            ExprKind::Delete(inner) => {
                let place = self.place(inner)?;
                self.delete(&place, &inner.ty)?;
                Ok(Vec::new())
            }
            ExprKind::Tuple(items) => {
                let mut all = Vec::new();
                for item in items.iter().flatten() {
                    all.extend(self.expr(item)?);
                }
                Ok(all)
            }
            ExprKind::ArrayLiteral(items) => match &e.ty {
                Ty::Array { elem, .. } => self.array_literal(items, elem),
                _ => Err(broken("array type of a literal")),
            },
            ExprKind::Convert(inner) => self.convert_expr(inner, &e.ty),
            ExprKind::NewStruct { id, args } => self.new_struct(*id, args),
            ExprKind::NewArray(len) => {
                let len = self.expr1(len)?;
                Ok(self.util(super::util::Util::NewArray(e.ty.clone()), &[len], 1))
            }
            ExprKind::NewContract { contract, options, args } => {
                let address = self.create(*contract, options, args)?;
                self.bubble_unless(address);
                Ok(vec![address])
            }
            ExprKind::Written { value, .. } => self.expr(value),
            ExprKind::InternalCall { callee, args } => self.clean_call(*callee, args, &e.ty),
            ExprKind::PointerCall { callee, args } => {
                let vals = self.pointer_call(callee, args)?;
                Ok(self.clean_all(vals, &e.ty))
            }
            ExprKind::ExternalCall { callee, options, args, delegate } => {
                let call = self.external_call(callee, options, args, *delegate)?;
                self.bubble_unless(call.success);
                self.results(&call)
            }
            ExprKind::FunctionPointer(callee) => self.function_pointer(*callee),
            ExprKind::ExternalFunction { base, selector } => {
                let address = self.expr1(base)?;
                let selector = self.int(u64::from(u32::from_be_bytes(*selector)));
                Ok(vec![address, selector])
            }
            ExprKind::ExternalPart { base, selector } => {
                let vals = self.expr(base)?;
                let (address, number) = (self.at(&vals, 0), self.at(&vals, 1));
                Ok(vec![if *selector { self.shl(224, number) } else { address }])
            }
            ExprKind::LibraryAddress(id) => {
                let def = self.cx.contract(*id)?;
                let library = self.cx.module.library(&format!("{}:{}", def.file, def.name));
                Ok(vec![self.b.linker_symbol(library)])
            }
            ExprKind::Builtin { builtin, args } => self.builtin(builtin, args, e),
            ExprKind::LowLevelCall { kind, address, data, options } => {
                self.low_level_call(*kind, address, data, options)
            }
        }
    }

    fn slice(&mut self, base: &'h Expr, start: Option<&'h Expr>, end: Option<&'h Expr>) -> Res<Vals> {
        let object = self.expr(base)?;
        let (at, len) = (self.at(&object, 0), self.at(&object, 1));
        let start = match start {
            Some(e) => self.expr1(e)?,
            None => self.int(0),
        };
        let end = match end {
            Some(e) => self.expr1(e)?,
            None => len,
        };
        let reversed = self.gt(start, end);
        self.refuse_if(reversed, Fault::SliceReversed);
        let beyond = self.gt(end, len);
        self.refuse_if(beyond, Fault::SliceBeyond);
        let stride = match &base.ty {
            Ty::Array { elem, .. } => head_bytes(self.cx.hir, elem),
            _ => U256::from(1),
        };
        let offset = self.scale(start, stride);
        Ok(vec![self.add(at, offset), self.sub(end, start)])
    }

    fn binary_expr(
        &mut self,
        e: &'h Expr,
        op: BinaryOp,
        lhs: &'h Expr,
        rhs: &'h Expr,
        checked: bool,
    ) -> Res<Vals> {
        let a = self.expr(lhs)?;
        let b = self.expr(rhs)?;
        self.set_span(e.span);
        if let (Ty::Function(f), BinaryOp::Eq | BinaryOp::Ne) = (&lhs.ty, op)
            && f.external
        {
            let (a, b) = (self.join_function(&a), self.join_function(&b));
            let same = self.eq(a, b);
            return Ok(vec![if op == BinaryOp::Eq { same } else { self.iszero(same) }]);
        }
        let (a, b) = (self.first(&a), self.first(&b));
        Ok(vec![self.binary(op, a, b, &lhs.ty, checked)])
    }

    fn assign(&mut self, place: &'h Expr, value: &'h Expr) -> Res<Vals> {
        let (vals, from) = self.assigned_value(value)?;
        let target = self.place(place)?;
        self.set_span(place.span);
        self.store(&target, &place.ty, &vals, &from)?;
        Ok(self.assigned(&target, &place.ty, vals))
    }

    fn assign_op(
        &mut self,
        e: &'h Expr,
        op: BinaryOp,
        place: &'h Expr,
        value: &'h Expr,
        checked: bool,
    ) -> Res<Vals> {
        let b = self.expr1(value)?;
        let target = self.place(place)?;
        let old = self.load(&target, &place.ty)?;
        let a = self.first(&old);
        self.set_span(e.span);
        let new = self.binary(op, a, b, &place.ty, checked);
        self.store(&target, &place.ty, &[new], &place.ty)?;
        Ok(vec![new])
    }

    fn inc_dec(&mut self, e: &'h Expr, place: &'h Expr, up: bool, prefix: bool, checked: bool) -> Res<Vals> {
        let target = self.place(place)?;
        let old = self.load(&target, &place.ty)?;
        let old = self.first(&old);
        self.set_span(e.span);
        let one = self.int(1);
        let op = if up { BinaryOp::Add } else { BinaryOp::Sub };
        let new = self.binary(op, old, one, &place.ty, checked);
        self.store(&target, &place.ty, &[new], &place.ty)?;
        Ok(vec![if prefix { new } else { old }])
    }

    fn new_struct(&mut self, id: StructId, args: &'h [Expr]) -> Res<Vals> {
        let fields = self.cx.fields(&Ty::Struct(id, Loc::Memory))?;
        let members = self.each_argument(args, |fx, i, arg| {
            let ty = fields.get(i).ok_or_else(|| broken("field"))?;
            let vals = fx.expr_as(arg, ty)?;
            Ok(fx.to_word(&vals, ty))
        })?;
        let ptr = self.alloc_fixed(U256::from(32 * fields.len()));
        for (i, word) in members.into_iter().enumerate() {
            let at = self.add_int(ptr, 32 * i as u64);
            self.mstore(at, word);
        }
        Ok(vec![ptr])
    }

    /// Places a literal in fresh memory; for fixed bytes it is the word itself.
    pub(crate) fn literal(&mut self, bytes: &[u8], ty: &Ty) -> Vals {
        if matches!(self.base_ty(ty), Ty::FixedBytes(_)) {
            return vec![self.big(left_aligned(bytes))];
        }
        if bytes.is_empty() {
            return vec![self.int(0x60)];
        }
        let size = 32 + bytes.len().div_ceil(32) * 32;
        let ptr = self.alloc_fixed(U256::from(size));
        let len = self.int(bytes.len() as u64);
        self.mstore(ptr, len);
        let data = self.add_int(ptr, 32);
        self.write_literal(bytes, data);
        vec![ptr]
    }

    /// Writes a literal's bytes to memory, zeros up to a whole word behind.
    pub(crate) fn write_literal(&mut self, bytes: &[u8], to: Val) {
        if bytes.len() > 96 {
            let symbol = self.cx.data(&padded(bytes));
            let (offset, size) = (self.b.data_offset(symbol), self.b.data_size(symbol));
            self.effect(crate::ir::Evm::Codecopy, &[to, offset, size]);
            return;
        }
        for (i, chunk) in bytes.chunks(32).enumerate() {
            let at = self.add_int(to, 32 * i as u64);
            let word = self.big(left_aligned(chunk));
            self.mstore(at, word);
        }
    }

    fn unary(&mut self, op: UnaryOp, v: Val, ty: &Ty, checked: bool) -> Val {
        match op {
            UnaryOp::Not => self.iszero(v),
            UnaryOp::BitNot => {
                let not = self.not(v);
                self.clean(not, ty)
            }
            UnaryOp::Neg => {
                let zero = self.int(0);
                self.binary(BinaryOp::Sub, zero, v, ty, checked)
            }
        }
    }

    /// Calls an internal function; arguments and results keep dirty bits where it contains assembly.
    pub(crate) fn internal_call(&mut self, callee: Callee, args: &'h [Expr]) -> Res<Vals> {
        let id = self.cx.resolve(callee)?;
        let f = self.cx.hir_function(id)?;
        let raw = self.cx.is_raw(id);
        let values = self
            .each_argument(args, |fx, i, arg| {
                let local = f.params.get(i).and_then(|param| f.locals.get(param.index()));
                let ty = local.map(|l| &l.ty).ok_or_else(|| broken("parameter"))?;
                let vals = if raw { fx.raw_expr(arg)? } else { fx.expr(arg)? };
                fx.coerce(vals, &arg.ty, ty)
            })?
            .concat();
        let returns = f.returns.iter().filter_map(|r| f.locals.get(r.index())).map(|l| words(&l.ty)).sum();
        let target = self.cx.user(id)?;
        Ok(self.call(target, &values, returns))
    }

    fn function_pointer(&mut self, callee: Callee) -> Res<Vals> {
        let id = self.cx.resolve(callee)?;
        let number = self.cx.pointer(id);
        Ok(vec![self.int(number)])
    }

    fn pointer_call(&mut self, callee: &'h Expr, args: &'h [Expr]) -> Res<Vals> {
        let Ty::Function(f) = &callee.ty else { return Err(broken("function type")) };
        let mut values = self.expr(callee)?;
        for (arg, ty) in args.iter().zip(&f.params) {
            values.extend(self.expr_as(arg, ty)?);
        }
        let ins = f.params.iter().map(words).sum::<usize>();
        let outs = f.returns.iter().map(words).sum();
        self.cx.shapes.insert((ins, outs));
        let id = self.cx.function(super::cx::Key::Pointers(ins, outs), "pointers", ins + 1, outs);
        Ok(self.call(id, &values, outs))
    }
}

/// Returns the address whose code an expression is.
fn is_code_of(e: &Expr) -> Option<&Expr> {
    match &e.kind {
        ExprKind::Builtin { builtin: Builtin::AddressCode, args } => args.first(),
        _ => None,
    }
}

/// Returns up to 32 bytes as the high bytes of a word.
pub(crate) fn left_aligned(bytes: &[u8]) -> U256 {
    let mut word = [0; 32];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    U256::from_be_bytes(word)
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    all.resize(bytes.len().div_ceil(32) * 32, 0);
    all
}
