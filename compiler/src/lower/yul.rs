//! Lowers inline assembly.

use super::LowerError;
use super::cx::{Key, Phase, Res, broken};
use super::fx::{Fx, Val, Vals};
use super::place::Place;
use crate::hir::yul::{
    Assembly, YulExpr, YulExprKind, YulFunction, YulPart, YulPlace, YulStmt, YulStmtKind, YulVar,
};
use crate::hir::{LocalId, VarKind};
use crate::ir::{Evm, FuncId, Op, Terminator};
use crate::source::Span;
use alloy_primitives::U256;

impl<'h> Fx<'_, 'h, '_> {
    /// Lowers an assembly block of a function.
    pub(crate) fn assembly(&mut self, assembly: &'h Assembly) -> Res<()> {
        let outer = std::mem::take(&mut self.yul_vars);
        let loops = std::mem::take(&mut self.loops);
        self.yul_vars = (0..assembly.var_count).map(|_| self.b.declare_var()).collect();
        let functions = self.declare_functions(assembly)?;
        let mut yul = Yul { functions, locals: true };
        self.yul_stmts(&mut yul, &assembly.body)?;
        self.yul_vars = outer;
        self.loops = loops;
        Ok(())
    }

    fn declare_functions(&mut self, assembly: &'h Assembly) -> Res<Vec<(FuncId, usize)>> {
        let mut ids = Vec::new();
        let list = assembly.functions.as_slice();
        for f in list {
            let address = std::ptr::from_ref(f) as usize;
            self.cx.yul.insert(address, (f, assembly));
            let id = self.cx.function(Key::Yul(address), &f.name, f.params.len(), f.returns.len());
            ids.push((id, f.returns.len()));
        }
        Ok(ids)
    }

    /// Builds the body of a function of an assembly block.
    pub(crate) fn build_yul(&mut self, f: &'h YulFunction, assembly: &'h Assembly) -> Res<()> {
        self.yul_vars = (0..assembly.var_count).map(|_| self.b.declare_var()).collect();
        for (i, var) in f.params.iter().enumerate() {
            let v = self.param(i);
            self.set_yul(*var, v)?;
        }
        for var in &f.returns {
            let zero = self.int(0);
            self.set_yul(*var, zero)?;
        }
        let leave = self.block();
        self.leave = Some(leave);
        let functions = self.declare_functions(assembly)?;
        let mut yul = Yul { functions, locals: false };
        self.yul_stmts(&mut yul, &f.body)?;
        self.jump(leave);
        self.enter(leave);
        let mut results = Vec::new();
        for var in &f.returns {
            results.push(self.get_yul(*var)?);
        }
        self.b.ret(&results);
        Ok(())
    }

    fn get_yul(&mut self, var: YulVar) -> Res<Val> {
        let var = *self.yul_vars.get(var.0 as usize).ok_or_else(|| broken("assembly variable"))?;
        Ok(self.b.use_var(var))
    }
    fn set_yul(&mut self, var: YulVar, v: Val) -> Res<()> {
        let var = *self.yul_vars.get(var.0 as usize).ok_or_else(|| broken("assembly variable"))?;
        self.b.def_var(var, v);
        Ok(())
    }

    fn yul_stmts(&mut self, yul: &mut Yul, stmts: &'h [YulStmt]) -> Res<()> {
        for stmt in stmts {
            self.yul_stmt(yul, stmt)?;
        }
        Ok(())
    }

    fn yul_stmt(&mut self, yul: &mut Yul, stmt: &'h YulStmt) -> Res<()> {
        self.set_span(stmt.span);
        match &stmt.kind {
            YulStmtKind::Block(body) => self.yul_stmts(yul, body),
            YulStmtKind::Let(vars, init) => {
                let vals = match init {
                    Some(e) => self.yul_expr(yul, e)?,
                    None => vec![self.int(0); vars.len()],
                };
                for (var, v) in vars.iter().zip(vals) {
                    self.set_yul(*var, v)?;
                }
                Ok(())
            }
            YulStmtKind::Assign(places, e) => {
                let vals = self.yul_expr(yul, e)?;
                for (place, v) in places.iter().zip(vals) {
                    self.yul_assign(place, v, stmt.span)?;
                }
                Ok(())
            }
            YulStmtKind::Expr(e) => self.yul_expr(yul, e).map(drop),
            YulStmtKind::If(cond, body) => {
                let cond = self.yul_word(yul, cond)?;
                self.when(cond, |fx| fx.yul_stmts(yul, body))
            }
            YulStmtKind::Switch(e, cases, default) => self.yul_switch(yul, e, cases, default.as_deref()),
            YulStmtKind::For { init, cond, step, body } => self.yul_for(yul, init, cond, step, body),
            YulStmtKind::Break => self.yul_leave_loop(stmt.span, false),
            YulStmtKind::Continue => self.yul_leave_loop(stmt.span, true),
            YulStmtKind::Leave => {
                let leave = self.leave.ok_or_else(|| broken("function of leave"))?;
                self.jump(leave);
                Ok(())
            }
        }
    }

    fn yul_leave_loop(&mut self, span: Span, again: bool) -> Res<()> {
        let Some((next, end)) = self.loops.last().copied() else {
            return Err(LowerError::unsupported("leaving a loop from outside one", span));
        };
        self.jump(if again { next } else { end });
        Ok(())
    }

    fn yul_switch(
        &mut self,
        yul: &mut Yul,
        e: &'h YulExpr,
        cases: &'h [(U256, Vec<YulStmt>)],
        default: Option<&'h [YulStmt]>,
    ) -> Res<()> {
        let v = self.yul_word(yul, e)?;
        let end = self.block();
        let other = self.block();
        let targets: Vec<_> = cases.iter().map(|(constant, _)| (*constant, self.block())).collect();
        self.b.switch(v, &targets, other);
        for ((_, body), (_, block)) in cases.iter().zip(&targets) {
            self.enter(*block);
            self.yul_stmts(yul, body)?;
            self.jump(end);
        }
        self.enter(other);
        if let Some(body) = default {
            self.yul_stmts(yul, body)?;
        }
        self.jump(end);
        self.enter(end);
        Ok(())
    }

    fn yul_for(
        &mut self,
        yul: &mut Yul,
        init: &'h [YulStmt],
        cond: &'h YulExpr,
        step: &'h [YulStmt],
        body: &'h [YulStmt],
    ) -> Res<()> {
        self.yul_stmts(yul, init)?;
        let (head, inside, next, end) = (self.block(), self.block(), self.block(), self.block());
        self.jump(head);
        self.b.switch_to(head);
        let cond = self.yul_word(yul, cond)?;
        self.b.branch(cond, inside, end);
        self.enter(inside);
        self.loops.push((next, end));
        self.yul_stmts(yul, body)?;
        self.loops.pop();
        self.jump(next);
        self.enter(next);
        self.yul_stmts(yul, step)?;
        self.jump(head);
        self.b.seal_block(head);
        self.enter(end);
        Ok(())
    }

    fn yul_assign(&mut self, place: &YulPlace, v: Val, span: Span) -> Res<()> {
        match place {
            YulPlace::Var(var) => self.set_yul(*var, v),
            YulPlace::Local(id) => self.set_part(*id, 0, v, span),
            YulPlace::LocalPart(id, part) => match part {
                YulPart::Slot | YulPart::Address => self.set_part(*id, 0, v, span),
                YulPart::Offset if self.local_ty(*id)?.loc() == Some(crate::hir::Loc::Storage) => Ok(()),
                YulPart::Offset => self.set_part(*id, 0, v, span),
                YulPart::Length | YulPart::Selector => self.set_part(*id, 1, v, span),
            },
        }
    }

    fn set_part(&mut self, id: LocalId, part: usize, v: Val, span: Span) -> Res<()> {
        let vars = self.local_vars(id)?;
        let Some(var) = vars.get(part) else {
            return Err(LowerError::unsupported("assignment to this part of a variable", span));
        };
        self.b.def_var(*var, v);
        Ok(())
    }

    fn yul_word(&mut self, yul: &mut Yul, e: &'h YulExpr) -> Res<Val> {
        let vals = self.yul_expr(yul, e)?;
        Ok(self.first(&vals))
    }

    fn yul_args(&mut self, yul: &mut Yul, args: &'h [YulExpr]) -> Res<Vals> {
        // assembly evaluates arguments from right to left
        let mut vals = Vec::new();
        for arg in args.iter().rev() {
            vals.push(self.yul_word(yul, arg)?);
        }
        vals.reverse();
        Ok(vals)
    }

    fn yul_expr(&mut self, yul: &mut Yul, e: &'h YulExpr) -> Res<Vals> {
        match &e.kind {
            YulExprKind::Literal(word) => Ok(vec![self.big(*word)]),
            YulExprKind::Place(place) => Ok(vec![self.yul_read(yul, place, e.span)?]),
            YulExprKind::StatePart(id, part) => {
                let at = self.cx.position(*id)?;
                Ok(vec![match part {
                    YulPart::Slot => self.big(at.slot),
                    YulPart::Offset => self.int(u64::from(at.byte)),
                    _ => return Err(LowerError::unsupported("this part of a state variable", e.span)),
                }])
            }
            YulExprKind::Constant(id) => self.yul_constant(*id),
            YulExprKind::Builtin { name, literal, args } => {
                let vals = self.yul_args(yul, args)?;
                self.set_span(e.span);
                match literal {
                    Some(literal) => self.object_builtin(name, literal, &vals, e.span),
                    None => self.yul_builtin(name, &vals, e.span),
                }
            }
            YulExprKind::Call(index, args) => {
                let vals = self.yul_args(yul, args)?;
                self.set_span(e.span);
                let (id, returns) =
                    *yul.functions.get(*index as usize).ok_or_else(|| broken("assembly function"))?;
                Ok(self.call(id, &vals, returns))
            }
        }
    }

    fn yul_constant(&mut self, id: crate::hir::VarId) -> Res<Vals> {
        let var = self.cx.var(id)?;
        match var.kind {
            VarKind::Constant => {
                let init = var.init.as_ref().ok_or_else(|| broken("value of a constant"))?;
                self.expr(init)
            }
            VarKind::Immutable if self.cx.phase == Phase::Runtime => {
                self.load(&Place::Immutable(id), &var.ty)
            }
            _ => Err(LowerError::unsupported("this state variable in assembly", var.span)),
        }
    }

    fn yul_read(&mut self, yul: &Yul, place: &YulPlace, span: Span) -> Res<Val> {
        match place {
            YulPlace::Var(var) => self.get_yul(*var),
            _ if !yul.locals => {
                Err(LowerError::unsupported("a Solidity variable in an assembly function", span))
            }
            YulPlace::Local(id) => {
                let vals = self.get_local(*id)?;
                Ok(self.first(&vals))
            }
            YulPlace::LocalPart(id, part) => {
                let vals = self.get_local(*id)?;
                let storage = self.local_ty(*id)?.loc() == Some(crate::hir::Loc::Storage);
                Ok(match part {
                    YulPart::Offset if storage => self.int(0),
                    YulPart::Slot | YulPart::Offset | YulPart::Address => self.first(&vals),
                    YulPart::Length | YulPart::Selector => self.at(&vals, 1),
                })
            }
        }
    }

    fn yul_builtin(&mut self, name: &str, args: &[Val], span: Span) -> Res<Vals> {
        let (a, b) = (self.at(args, 0), self.at(args, 1));
        match name {
            "stop" => self.b.terminate(Terminator::Stop),
            "return" => self.b.terminate(Terminator::Return(a, b)),
            "revert" => self.b.terminate(Terminator::Revert(a, b)),
            "invalid" => self.b.terminate(Terminator::Invalid),
            "selfdestruct" => self.b.terminate(Terminator::SelfDestruct(a)),
            "pop" => {}
            "datacopy" => {
                let size = self.at(args, 2);
                self.effect(Evm::Codecopy, &[a, b, size]);
            }
            "difficulty" => return Ok(vec![self.evm(Evm::Prevrandao, &[])]),
            _ => {
                let Some(op) = Op::by_name(name) else {
                    return Err(LowerError::unsupported(format!("the assembly builtin `{name}`"), span));
                };
                let (inputs, outputs) = op.arity().unwrap_or((args.len(), 0));
                if inputs != args.len() {
                    return Err(broken("argument of an assembly builtin"));
                }
                return Ok(self.b.inst(op, args, outputs).to_vec());
            }
        }
        Ok(Vec::new())
    }
}

/// Is the state of lowering one assembly block or function.
struct Yul {
    functions: Vec<(FuncId, usize)>,
    /// Whether Solidity locals are in reach.
    locals: bool,
}
