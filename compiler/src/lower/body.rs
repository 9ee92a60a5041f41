//! Lowers whole functions: parameters, modifiers as nested layers, results.

use super::cx::{Res, broken};
use super::dirty::has_assembly;
use super::frame::Layer;
use super::fx::{Fx, Vals};
use crate::hir::{ContractKind, Function, LocalId};

impl<'h> Fx<'_, 'h, '_> {
    /// Builds the body of an IR function for a function of the program.
    pub(crate) fn build_user(&mut self, f: &'h Function) -> Res<()> {
        let mut args = Vec::new();
        let mut next = 0;
        for id in &f.params {
            let n = f.locals.get(id.index()).map_or(0, |l| super::cx::words(&l.ty));
            args.push(self.params(next, n));
            next += n;
        }
        let results = self.run_function(f, args)?;
        self.b.ret(&results);
        Ok(())
    }

    /// Lowers a function in place with its arguments; returns the words of its results.
    pub(crate) fn run_function(&mut self, f: &'h Function, args: Vec<Vals>) -> Res<Vals> {
        let (outer_scope, outer_loops) = (self.scope, std::mem::take(&mut self.loops));
        self.scope = self.push_frame(&f.locals, &f.returns);
        for (id, vals) in f.params.iter().zip(&args) {
            self.set_local(*id, vals)?;
        }
        let mut fresh = Vec::new();
        for id in &f.returns {
            self.zero_local(*id)?;
            fresh.push(self.get_local(*id)?);
        }
        let raw = f.body.as_ref().is_some_and(has_assembly);
        let frame = self.frame_mut()?;
        frame.fresh = fresh;
        frame.raw = raw;
        self.layer(Layer { function: f, depth: 0, scope: self.scope })?;
        let mut results = Vec::new();
        for id in &f.returns {
            results.extend(self.get_local(*id)?);
        }
        self.frames.pop();
        self.scope = outer_scope;
        self.loops = outer_loops;
        Ok(results)
    }

    /// Lowers a modifier's body, or the function's own below all modifiers.
    fn layer(&mut self, layer: Layer<'h>) -> Res<()> {
        let f = layer.function;
        let Some(call) = f.modifiers.get(layer.depth) else { return self.function_body(layer) };
        self.scope = layer.scope;
        let id = if call.exact { call.modifier } else { self.cx.modifier_in_force(call.modifier) };
        let modifier = self.cx.modifier(id)?;
        let mut args = Vec::new();
        for (arg, param) in call.args.iter().zip(&modifier.params) {
            let ty = modifier.locals.get(param.index()).map(|l| &l.ty).ok_or_else(|| broken("parameter"))?;
            args.push(self.expr_as(arg, ty)?);
        }
        let body = modifier.body.as_ref().ok_or_else(|| broken("body of a modifier"))?;
        let scope = self.push_frame(&modifier.locals, &[]);
        self.scope = scope;
        for (id, vals) in modifier.params.iter().zip(&args) {
            self.set_local(*id, vals)?;
        }
        let exit = self.block();
        let frame = self.frame_mut()?;
        frame.raw = has_assembly(body);
        frame.exit = Some(exit);
        frame.inner = Some(Layer { depth: layer.depth + 1, ..layer });
        self.stmts(body)?;
        self.jump(exit);
        self.enter(exit);
        self.frames.pop();
        self.scope = layer.scope;
        Ok(())
    }

    /// Lowers `_`.
    pub(crate) fn placeholder(&mut self) -> Res<()> {
        let scope = self.scope;
        let inner = self.frame()?.inner.ok_or_else(|| broken("function of a modifier"))?;
        let loops = std::mem::take(&mut self.loops);
        self.layer(inner)?;
        self.loops = loops;
        self.scope = scope;
        Ok(())
    }

    fn function_body(&mut self, layer: Layer<'h>) -> Res<()> {
        self.scope = layer.scope;
        let f = layer.function;
        let Some(body) = &f.body else { return self.missing_body() };
        // each run of the body starts from the arguments, also after a modifier ran it before
        let params: Vec<(LocalId, Vals)> = self.locals_of(&f.params)?;
        for (id, vals) in f.returns.iter().zip(self.frame()?.fresh.clone()) {
            self.set_local(*id, &vals)?;
        }
        let exit = self.block();
        let outer = self.frame_mut()?.exit.replace(exit);
        self.stmts(body)?;
        self.jump(exit);
        self.enter(exit);
        self.frame_mut()?.exit = outer;
        for (id, vals) in params {
            self.set_local(id, &vals)?;
        }
        Ok(())
    }

    /// Stands for a function that a derived contract will implement; an abstract contract's code is never used.
    fn missing_body(&mut self) -> Res<()> {
        if self.cx.this()?.kind != ContractKind::Abstract {
            return Err(broken("body of a function"));
        }
        self.revert_now();
        Ok(())
    }

    fn locals_of(&mut self, ids: &[LocalId]) -> Res<Vec<(LocalId, Vals)>> {
        ids.iter().map(|id| Ok((*id, self.get_local(*id)?))).collect()
    }
}
