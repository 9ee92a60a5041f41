//! Lowers calls of other contracts, low-level calls and creation.

use super::args::position;
use super::cx::{Res, broken};
use super::failure::unmoved;
use super::fault::Fault;
use super::fx::{Fx, Val, Vals, panics};
use super::util::{Source, Util};
use crate::abi::{heads_bytes, is_dynamic};
use crate::hir::{CallOptions, ContractId, Expr, Loc, LowLevelKind, Mutability, Ty};
use crate::ir::{Evm, Terminator};

/// Is an external call that was made: whether it succeeded, and where its results are.
pub(crate) struct Called {
    pub(crate) success: Val,
    start: Val,
    types: Vec<Ty>,
}

impl<'h> Fx<'_, 'h, '_> {
    /// Makes an external call; the caller decides about failure, then asks for the results.
    pub(crate) fn external_call(
        &mut self,
        callee: &'h Expr,
        options: &'h CallOptions,
        args: &'h [Expr],
        delegate: bool,
    ) -> Res<Called> {
        let Ty::Function(f) = &callee.ty else { return Err(broken("function type")) };
        let target = self.expr(callee)?;
        let (address, selector) = (self.at(&target, 0), self.at(&target, 1));
        let (value, gas, _) = self.options(options)?;
        let typed = self.each_argument(args, |fx, i, arg| {
            let arg = unmoved(arg);
            let vals = fx.expr(arg)?;
            let by_slot = delegate && f.params.get(i).is_some_and(|p| p.loc() == Some(Loc::Storage));
            Ok((if by_slot { Ty::UINT } else { arg.ty.clone() }, vals))
        })?;
        self.set_span(callee.span);
        if f.returns.is_empty() || self.speaks() {
            self.require_code(address);
        }
        let selector = self.shl(224, selector);
        let (start, len) = self.encode_scratch(Some(selector), &typed)?;
        let dynamic = f.returns.iter().any(|ty| is_dynamic(self.cx.hir, ty));
        let out = if dynamic { self.int(0) } else { self.results_size(&f.returns) };
        let kind = match (delegate, f.mutability) {
            (true, _) => LowLevelKind::DelegateCall,
            (_, Mutability::Pure | Mutability::View) => LowLevelKind::StaticCall,
            _ => LowLevelKind::Call,
        };
        let success = self.raw_call(kind, gas, address, value, (start, len), (start, out));
        Ok(Called { success, start, types: f.returns.clone() })
    }

    fn results_size(&mut self, types: &[Ty]) -> Val {
        let size = heads_bytes(
            self.cx.hir,
            types.iter().map(|ty| match ty.loc() {
                Some(Loc::Storage) => &Ty::UINT,
                _ => ty,
            }),
        );
        self.big(size)
    }

    fn require_code(&mut self, address: Val) {
        let size = self.evm(Evm::Extcodesize, &[address]);
        self.refuse_unless(size, Fault::NoCode);
    }

    /// Evaluates value, gas and salt in the order as written.
    fn options(&mut self, options: &'h CallOptions) -> Res<(Option<Val>, Option<Val>, Option<Val>)> {
        let given = [&options.value, &options.gas, &options.salt].map(Option::as_deref);
        let mut order = [0, 1, 2];
        order.sort_by_key(|i| given.get(*i).copied().flatten().map(|e| position(*i, e)));
        let mut words = [None; 3];
        for i in order {
            if let (Some(Some(e)), Some(word)) = (given.get(i), words.get_mut(i)) {
                *word = Some(self.expr1(e)?);
            }
        }
        let [value, gas, salt] = words;
        Ok((value, gas, salt))
    }

    fn raw_call(
        &mut self,
        kind: LowLevelKind,
        gas: Option<Val>,
        address: Val,
        value: Option<Val>,
        (input, input_len): (Val, Val),
        (output, output_len): (Val, Val),
    ) -> Val {
        let gas = match gas {
            Some(gas) => gas,
            None => self.evm(Evm::Gas, &[]),
        };
        match kind {
            LowLevelKind::Call => {
                let value = match value {
                    Some(value) => value,
                    None => self.int(0),
                };
                self.evm(Evm::Call, &[gas, address, value, input, input_len, output, output_len])
            }
            LowLevelKind::DelegateCall => {
                self.evm(Evm::Delegatecall, &[gas, address, input, input_len, output, output_len])
            }
            LowLevelKind::StaticCall => {
                self.evm(Evm::Staticcall, &[gas, address, input, input_len, output, output_len])
            }
        }
    }

    /// Decodes the results of a call that succeeded.
    pub(crate) fn results(&mut self, call: &Called) -> Res<Vals> {
        if call.types.is_empty() {
            return Ok(Vec::new());
        }
        let returned = self.evm(Evm::Returndatasize, &[]);
        let size = if call.types.iter().any(|ty| is_dynamic(self.cx.hir, ty)) {
            let zero = self.int(0);
            self.effect(Evm::Returndatacopy, &[call.start, zero, returned]);
            returned
        } else {
            let expected = self.results_size(&call.types);
            let fewer = self.gt(expected, returned);
            let size = self.choose(fewer, 1, |_| Ok(vec![returned]), |_| Ok(vec![expected]))?;
            self.first(&size)
        };
        self.finish_alloc(call.start, size);
        let end = self.add(call.start, size);
        let vals = self.decode(&call.types, call.start, end, Source::Memory)?;
        Ok(vals.into_iter().flatten().collect())
    }

    /// Reverts with the callee's data when `success` is 0.
    pub(crate) fn bubble_unless(&mut self, success: Val) {
        let failed = self.iszero(success);
        let (bad, next) = (self.block(), self.block());
        self.b.branch(failed, bad, next);
        self.enter(bad);
        self.util(Util::Bubble, &[], 0);
        self.revert_now();
        self.enter(next);
    }

    /// Builds [`Util::Bubble`].
    pub(crate) fn build_bubble(&mut self) -> Res<()> {
        let ptr = self.free_pointer();
        let (zero, size) = (self.int(0), self.evm(Evm::Returndatasize, &[]));
        self.effect(Evm::Returndatacopy, &[ptr, zero, size]);
        self.b.terminate(Terminator::Revert(ptr, size));
        Ok(())
    }

    /// Builds [`Util::ReturnData`].
    pub(crate) fn build_return_data(&mut self) -> Res<()> {
        let size = self.evm(Evm::Returndatasize, &[]);
        let ptr = self.choose(
            size,
            1,
            |fx| {
                let bytes = fx.add_int(size, 32);
                let ptr = fx.alloc(bytes);
                fx.mstore(ptr, size);
                let (data, zero) = (fx.add_int(ptr, 32), fx.int(0));
                fx.effect(Evm::Returndatacopy, &[data, zero, size]);
                Ok(vec![ptr])
            },
            |fx| Ok(vec![fx.int(0x60)]),
        )?;
        self.b.ret(&ptr);
        Ok(())
    }

    pub(crate) fn low_level_call(
        &mut self,
        kind: LowLevelKind,
        address: &'h Expr,
        data: &'h Expr,
        options: &'h CallOptions,
    ) -> Res<Vals> {
        let address = self.expr1(address)?;
        let (value, gas, _) = self.options(options)?;
        let input = self.bytes_in_memory(data)?;
        let zero = self.int(0);
        let success = self.raw_call(kind, gas, address, value, input, (zero, zero));
        let data = self.util1(Util::ReturnData, &[]);
        Ok(vec![success, data])
    }

    /// Evaluates `bytes` and returns where its contents stand in memory, maybe unclaimed, and how long they are.
    pub(crate) fn bytes_in_memory(&mut self, data: &'h Expr) -> Res<(Val, Val)> {
        let vals = self.expr(data)?;
        if data.ty.loc() == Some(Loc::Memory) {
            let ptr = self.first(&vals);
            let start = self.add_int(ptr, 32);
            return Ok((start, self.mload(ptr)));
        }
        let start = self.free_pointer();
        let end = self.append_bytes(&vals, &data.ty, start)?;
        Ok((start, self.sub(end, start)))
    }

    /// Creates a contract; the result is its address, or 0 when that failed.
    pub(crate) fn create(
        &mut self,
        contract: ContractId,
        options: &'h CallOptions,
        args: &'h [Expr],
    ) -> Res<Val> {
        let (value, _, salt) = self.options(options)?;
        let typed = self.typed_args(args)?;
        let ptr = self.free_pointer();
        let end = self.place_object(super::module_name(self.cx.hir, contract), ptr);
        let end = self.encode(&typed, end)?;
        let len = self.sub(end, ptr);
        let value = match value {
            Some(value) => value,
            None => self.int(0),
        };
        Ok(match salt {
            Some(salt) => self.evm(Evm::Create2, &[value, ptr, len, salt]),
            None => self.evm(Evm::Create, &[value, ptr, len]),
        })
    }

    /// Copies another module's code to memory at `to`; returns its end.
    pub(crate) fn place_object(&mut self, name: String, to: Val) -> Val {
        self.cx.objects.insert(name.clone());
        let symbol = self.cx.module.object(name);
        let (offset, size) = (self.b.data_offset(symbol), self.b.data_size(symbol));
        let end = self.add(to, size);
        let limit = self.int(u64::MAX);
        let far = self.gt(end, limit);
        self.panic_if(far, panics::MEMORY);
        self.effect(Evm::Codecopy, &[to, offset, size]);
        end
    }

    /// Returns the code of another module as `bytes` in memory.
    pub(crate) fn object_bytes(&mut self, name: String) -> Vals {
        let ptr = self.free_pointer();
        let data = self.add_int(ptr, 32);
        let end = self.place_object(name, data);
        let len = self.sub(end, data);
        self.mstore(ptr, len);
        let size = self.sub(end, ptr);
        self.finish_alloc(ptr, size);
        vec![ptr]
    }
}
