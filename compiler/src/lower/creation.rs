//! Builds the entry of creation code: constructors, initialisers, immutables, and the runtime code's delivery.

use super::cx::{Res, broken, words};
use super::dispatch::{LIBRARY_ADDRESS, types_of};
use super::fx::{Fx, Vals};
use super::place::Place;
use super::util::Source;
use crate::hir::{ContractId, ContractKind, Function, FunctionId, Mutability, VarKind};
use crate::ir::{Evm, Symbol, Terminator};
use std::collections::BTreeMap;

impl<'h> Fx<'_, 'h, '_> {
    /// Builds the entry function of creation code.
    pub(crate) fn build_creation_entry(&mut self) -> Res<()> {
        let this = self.cx.this()?;
        let reserved: u64 = {
            let mut total = 0;
            for id in self.cx.immutables.keys() {
                total += words(&self.cx.var(*id)?.ty) as u64;
            }
            total
        };
        let start = self.b.mem_start();
        let free = self.add_int(start, 32 * reserved);
        self.set_free_pointer(free);
        if reserved > 0 {
            let bytes = self.int(32 * reserved);
            self.zero_memory(start, bytes);
        }
        let constructor = this.constructor.map(|id| self.cx.hir_function(id)).transpose()?;
        if constructor.is_none_or(|f| f.mutability != Mutability::Payable) {
            self.refuse_value();
        }
        let args = match constructor {
            Some(f) => self.constructor_args(f)?,
            None => Vec::new(),
        };
        let mut pending = BTreeMap::from([(self.cx.contract, args)]);
        if matches!(this.kind, ContractKind::Contract | ContractKind::Abstract) {
            self.construct(&this.linearisation, &mut pending)?;
        }
        for id in &this.post_construction {
            self.call_plain(*id)?;
        }
        self.deliver()
    }

    fn call_plain(&mut self, id: FunctionId) -> Res<()> {
        let target = self.cx.user(id)?;
        self.call(target, &[], 0);
        Ok(())
    }

    /// Decodes the arguments that stand behind the creation code.
    fn constructor_args(&mut self, f: &'h Function) -> Res<Vec<Vals>> {
        if f.params.is_empty() {
            return Ok(Vec::new());
        }
        let myself = self.cx.module.symbol(Symbol::Myself);
        let code = self.b.data_size(myself);
        let all = self.evm(Evm::Codesize, &[]);
        let size = self.sub(all, code);
        let ptr = self.free_pointer();
        self.effect(Evm::Codecopy, &[ptr, code, size]);
        self.finish_alloc(ptr, size);
        let end = self.add(ptr, size);
        let types = types_of(f, &f.params)?;
        self.decode_to(&types, ptr, end, Source::Memory)
    }

    /// Runs constructors of `line`, most derived first: evaluates what its first contract gives to bases, then
    /// constructs the rest, then initialises its variables and runs its body.
    fn construct(
        &mut self,
        line: &'h [ContractId],
        pending: &mut BTreeMap<ContractId, Vec<Vals>>,
    ) -> Res<()> {
        let Some((first, rest)) = line.split_first() else { return Ok(()) };
        let contract = self.cx.contract(*first)?;
        let constructor = contract.constructor.map(|id| self.cx.hir_function(id)).transpose()?;
        let args = pending.remove(first).unwrap_or_default();
        let outer = self.scope;
        let (locals, returns) =
            constructor.map_or((&[][..], &[][..]), |f| (f.locals.as_slice(), f.returns.as_slice()));
        self.scope = self.push_frame(locals, returns);
        let scope = self.scope;
        if let Some(f) = constructor {
            for (id, vals) in f.params.iter().zip(&args) {
                self.set_local(*id, vals)?;
            }
        }
        self.base_args(contract, pending)?;
        self.construct(rest, pending)?;
        self.scope = scope;
        self.init_variables(*first)?;
        if let Some(f) = constructor.filter(|f| f.body.is_some()) {
            // parameters that the arguments of bases assigned keep their values
            let mut args = Vec::new();
            for id in &f.params {
                args.push(self.get_local(*id)?);
            }
            self.run_function(f, args)?;
        }
        self.frames.pop();
        self.scope = outer;
        Ok(())
    }

    fn base_args(
        &mut self,
        contract: &'h crate::hir::Contract,
        pending: &mut BTreeMap<ContractId, Vec<Vals>>,
    ) -> Res<()> {
        for base in &contract.linearisation {
            let Some((_, args)) = contract.base_args.iter().find(|(id, _)| id == base) else { continue };
            let constructor = self.cx.contract(*base)?.constructor;
            let Some(id) = constructor else { continue };
            let types = types_of(self.cx.hir_function(id)?, &self.cx.hir_function(id)?.params)?;
            let mut vals = Vec::new();
            for (arg, ty) in args.iter().zip(&types) {
                vals.push(self.expr_as(arg, ty)?);
            }
            pending.insert(*base, vals);
        }
        Ok(())
    }

    fn init_variables(&mut self, contract: ContractId) -> Res<()> {
        for id in &self.cx.contract(contract)?.vars {
            let var = self.cx.var(*id)?;
            let (Some(init), true) = (&var.init, var.kind != VarKind::Constant) else { continue };
            self.set_span(var.span);
            let (vals, from) = self.assigned_value(init)?;
            let place = match var.kind {
                VarKind::Immutable => Place::Immutable(*id),
                _ => self.state_place(*id)?,
            };
            self.store(&place, &var.ty, &vals, &from)?;
        }
        Ok(())
    }

    fn state_place(&mut self, id: crate::hir::VarId) -> Res<Place> {
        let var = self.cx.var(id)?;
        let at = self.cx.position(id)?;
        let slot = self.big(at.slot);
        let byte = super::place::Byte::Const(at.byte);
        Ok(Place::Storage { slot, byte, transient: var.kind == VarKind::Transient })
    }

    /// Copies the runtime code to memory, writes immutables into it and returns it.
    fn deliver(&mut self) -> Res<()> {
        let name = self.cx.module.runtime.clone().ok_or_else(|| broken("runtime module"))?;
        let symbol = self.cx.module.object(name);
        let (offset, size) = (self.b.data_offset(symbol), self.b.data_size(symbol));
        let ptr = self.free_pointer();
        self.effect(Evm::Codecopy, &[ptr, offset, size]);
        for id in self.cx.immutables.keys().copied().collect::<Vec<_>>() {
            for part in 0..words(&self.cx.var(id)?.ty) {
                let at = self.immutable_slot(id, part)?;
                let v = self.mload(at);
                let immutable = self.cx.immutable(id, part)?;
                self.b.set_immutable(immutable, ptr, v);
            }
        }
        if self.cx.this()?.kind == ContractKind::Library {
            let immutable = self.cx.module.immutable(LIBRARY_ADDRESS);
            let own = self.evm(Evm::Address, &[]);
            self.b.set_immutable(immutable, ptr, own);
        }
        self.b.terminate(Terminator::Return(ptr, size));
        Ok(())
    }
}
