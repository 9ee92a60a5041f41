//! Keeps the locals of a function or modifier as IR variables.

use super::cx::{Res, broken, words};
use super::fx::{Fx, Vals};
use crate::hir::{Local, LocalId, Ty};
use crate::ir::{BlockId, Variable};

/// Is one scope of locals.
pub(crate) struct Frame<'h> {
    locals: &'h [Local],
    vars: Vec<Vec<Variable>>,
    /// Where `return` goes.
    pub(crate) exit: Option<BlockId>,
    /// Return variables, for `return` with values.
    pub(crate) returns: &'h [LocalId],
    /// What return variables start from, each time the body runs.
    pub(crate) fresh: Vec<Vals>,
    /// What `_` runs: the rest of the layers.
    pub(crate) inner: Option<Layer<'h>>,
    /// True when assembly may leave dirty bits in locals, so that reading one cleans it.
    pub(crate) raw: bool,
}

/// Is what a modifier's `_` stands for.
#[derive(Clone, Copy)]
pub(crate) struct Layer<'h> {
    pub(crate) function: &'h crate::hir::Function,
    pub(crate) depth: usize,
    /// The function's scope.
    pub(crate) scope: usize,
}

impl<'h> Fx<'_, 'h, '_> {
    /// Opens a scope with every local declared.
    pub(crate) fn push_frame(&mut self, locals: &'h [Local], returns: &'h [LocalId]) -> usize {
        let vars = locals.iter().map(|l| (0..words(&l.ty)).map(|_| self.b.declare_var()).collect()).collect();
        self.frames.push(Frame {
            locals,
            vars,
            exit: None,
            returns,
            fresh: Vec::new(),
            inner: None,
            raw: false,
        });
        self.frames.len() - 1
    }

    pub(crate) fn frame(&self) -> Res<&Frame<'h>> {
        self.frames.get(self.scope).ok_or_else(|| broken("scope"))
    }
    pub(crate) fn frame_mut(&mut self) -> Res<&mut Frame<'h>> {
        self.frames.get_mut(self.scope).ok_or_else(|| broken("scope"))
    }
    pub(crate) fn local_ty(&self, id: LocalId) -> Res<&'h Ty> {
        let locals = self.frame()?.locals;
        locals.get(id.index()).map(|l| &l.ty).ok_or_else(|| broken("local"))
    }
    pub(crate) fn local_vars(&self, id: LocalId) -> Res<Vec<Variable>> {
        self.frame()?.vars.get(id.index()).cloned().ok_or_else(|| broken("local"))
    }
    pub(crate) fn get_local(&mut self, id: LocalId) -> Res<Vals> {
        let vars = self.local_vars(id)?;
        Ok(vars.iter().map(|v| self.b.use_var(*v)).collect())
    }
    pub(crate) fn set_local(&mut self, id: LocalId, values: &[crate::ir::ValueId]) -> Res<()> {
        let vars = self.local_vars(id)?;
        self.set_all(&vars, values);
        Ok(())
    }
    /// Gives a local its zero value.
    pub(crate) fn zero_local(&mut self, id: LocalId) -> Res<()> {
        let ty = self.local_ty(id)?;
        let zero = self.default_value(ty)?;
        self.set_local(id, &zero)
    }
}
