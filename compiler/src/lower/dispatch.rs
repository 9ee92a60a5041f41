//! Builds the entry of runtime code: selects the function, decodes its arguments, encodes its results.

use super::abi_encode::Typed;
use super::cx::{Res, broken};
use super::fault::Fault;
use super::fx::{Fx, Val, Vals};
use super::util::Source;
use crate::hir::{
    ContractKind, Function, FunctionId, InterfaceEntry, Loc, LocalId, Mutability, Selector, Ty,
};
use crate::ir::{BlockId, Evm, Terminator};
use alloy_primitives::U256;

/// The name of the word of runtime code that holds a library's own address.
pub(crate) const LIBRARY_ADDRESS: &str = "library_deploy_address";

impl<'h> Fx<'_, 'h, '_> {
    /// Builds the entry function of runtime code.
    pub(crate) fn build_runtime_entry(&mut self) -> Res<()> {
        let start = self.b.mem_start();
        self.set_free_pointer(start);
        let this = self.cx.this()?;
        // a shared check would speak before it is known that a function has the selector
        let shared = this.kind != ContractKind::Library && !self.speaks() && self.nothing_payable()?;
        if shared {
            self.refuse_value();
        }
        let none = self.block();
        if !this.interface.is_empty() {
            self.dispatch(&this.interface, none, shared)?;
        } else {
            self.jump(none);
        }
        self.enter(none);
        self.no_selector(shared)
    }

    fn nothing_payable(&self) -> Res<bool> {
        let this = self.cx.this()?;
        let functions = this.interface.iter().filter_map(|(_, entry)| match entry {
            InterfaceEntry::Function(id) => Some(*id),
            InterfaceEntry::Getter(_) => None,
        });
        for id in functions.chain(this.receive).chain(this.fallback) {
            if self.cx.hir_function(id)?.mutability == Mutability::Payable {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn refuse_value(&mut self) {
        let value = self.evm(Evm::Callvalue, &[]);
        self.refuse_if(value, Fault::Value);
    }

    fn dispatch(
        &mut self,
        interface: &'h [(Selector, InterfaceEntry)],
        none: BlockId,
        shared: bool,
    ) -> Res<()> {
        let size = self.evm(Evm::Calldatasize, &[]);
        let four = self.int(4);
        let short = self.lt(size, four);
        let select = self.block();
        self.b.branch(short, none, select);
        self.enter(select);
        let zero = self.int(0);
        let word = self.evm(Evm::Calldataload, &[zero]);
        let selector = self.shr(224, word);
        let targets: Vec<(U256, BlockId)> = interface
            .iter()
            .map(|(selector, _)| (U256::from(u32::from_be_bytes(*selector)), self.b.create_block()))
            .collect();
        self.b.switch(selector, &targets, none);
        for ((_, entry), (_, block)) in interface.iter().zip(&targets) {
            self.enter(*block);
            match entry {
                InterfaceEntry::Function(id) => self.external_entry(*id, shared)?,
                InterfaceEntry::Getter(id) => {
                    if !shared {
                        self.refuse_value();
                    }
                    self.getter(*id)?;
                }
            }
        }
        Ok(())
    }

    fn external_entry(&mut self, id: FunctionId, shared: bool) -> Res<()> {
        let f = self.cx.hir_function(id)?;
        self.set_span(f.span);
        let library = self.cx.this()?.kind == ContractKind::Library;
        if library && matches!(f.mutability, Mutability::NonPayable | Mutability::Payable) {
            self.require_delegatecall();
        }
        if !library && !shared && f.mutability != Mutability::Payable {
            self.refuse_value();
        }
        let types = types_of(f, &f.params)?;
        let (start, end) = (self.int(4), self.evm(Evm::Calldatasize, &[]));
        let args = self.decode_to(&types, start, end, Source::Calldata)?;
        let args: Vals = args.into_iter().flatten().collect();
        let results = types_of(f, &f.returns)?;
        let words = results.iter().map(super::cx::words).sum();
        let target = self.cx.user(id)?;
        let vals = self.call(target, &args, words);
        let vals = if self.cx.is_raw(id) { self.clean_all(vals, &Ty::Tuple(results.clone())) } else { vals };
        self.set_span(f.span);
        let typed = self.split(&results, &vals);
        self.return_values(&typed)
    }

    /// Reverts when a library's code is called at its own address.
    fn require_delegatecall(&mut self) {
        let immutable = self.cx.module.immutable(LIBRARY_ADDRESS);
        let own = self.b.load_immutable(immutable);
        let here = self.evm(Evm::Address, &[]);
        let direct = self.eq(own, here);
        self.refuse_if(direct, Fault::NotDelegated);
    }

    /// Ends the frame with encoded results.
    pub(crate) fn return_values(&mut self, values: &[Typed]) -> Res<()> {
        if values.is_empty() {
            self.b.terminate(Terminator::Stop);
            return Ok(());
        }
        let typed: Vec<Typed> = values
            .iter()
            .map(|(ty, vals)| {
                (if ty.loc() == Some(Loc::Storage) { Ty::UINT } else { ty.clone() }, vals.clone())
            })
            .collect();
        self.return_encoded(&typed)
    }

    /// Ends the frame with encoded values, references in storage by their contents.
    pub(crate) fn return_encoded(&mut self, typed: &[Typed]) -> Res<()> {
        let (start, len) = self.encode_scratch(None, typed)?;
        self.b.terminate(Terminator::Return(start, len));
        Ok(())
    }

    /// Builds what runs when no function has the selector.
    fn no_selector(&mut self, shared: bool) -> Res<()> {
        let this = self.cx.this()?;
        if let Some(id) = this.receive {
            let size = self.evm(Evm::Calldatasize, &[]);
            let (with_data, plain) = (self.block(), self.block());
            self.b.branch(size, with_data, plain);
            self.enter(plain);
            let target = self.cx.user(id)?;
            self.call(target, &[], 0);
            self.b.terminate(Terminator::Stop);
            self.enter(with_data);
        }
        match this.fallback {
            Some(id) => self.fallback(id, shared),
            None => {
                self.refuse_now(if this.receive.is_some() {
                    Fault::UnknownSelector
                } else {
                    Fault::NoFallback
                });
                Ok(())
            }
        }
    }

    fn fallback(&mut self, id: FunctionId, shared: bool) -> Res<()> {
        let f = self.cx.hir_function(id)?;
        if !shared && f.mutability != Mutability::Payable {
            self.refuse_value();
        }
        let target = self.cx.user(id)?;
        let mut args = Vals::new();
        if let Some(ty) = types_of(f, &f.params)?.first() {
            let data = vec![self.int(0), self.evm(Evm::Calldatasize, &[])];
            let all = Ty::Bytes(Loc::Calldata);
            args = self.coerce(data, &all, ty)?;
        }
        let results = types_of(f, &f.returns)?;
        let vals = self.call(target, &args, results.iter().map(super::cx::words).sum());
        match results.first() {
            None => self.b.terminate(Terminator::Stop),
            Some(ty) => {
                let vals = self.coerce(vals, ty, &Ty::Bytes(Loc::Memory))?;
                let (start, len) = self.raw_bytes(ty, &vals)?;
                self.b.terminate(Terminator::Return(start, len));
            }
        }
        Ok(())
    }

    fn raw_bytes(&mut self, ty: &Ty, vals: &[Val]) -> Res<(Val, Val)> {
        if ty.loc() != Some(Loc::Memory) && ty.loc() != Some(Loc::Calldata) {
            return Err(broken("result of fallback"));
        }
        let ptr = self.first(vals);
        Ok((self.add_int(ptr, 32), self.mload(ptr)))
    }
}

/// Returns the types of parameters or results.
pub(crate) fn types_of(f: &Function, ids: &[LocalId]) -> Res<Vec<Ty>> {
    ids.iter()
        .map(|id| f.locals.get(id.index()).map(|l| l.ty.clone()).ok_or_else(|| broken("local")))
        .collect()
}
