//! Lowers `try` and `catch`.

use super::LowerError;
use super::cx::{Res, words};
use super::external::Called;
use super::fx::{Fx, Val};
use super::util::{Source, Util};
use crate::hir::{Block, Catch, CatchKind, Expr, ExprKind, Loc, LocalId, Ty};
use crate::ir::{BlockId, Evm};

/// Is what a `try` made: a call, or a creation whose result is the address.
enum Attempt {
    Call(Called),
    Creation(Val),
}

impl<'h> Fx<'_, 'h, '_> {
    pub(crate) fn try_stmt(
        &mut self,
        call: &'h Expr,
        returns: &'h [LocalId],
        success: &'h Block,
        catches: &'h [Catch],
    ) -> Res<()> {
        let attempt = self.attempt(call)?;
        let done = match &attempt {
            Attempt::Call(called) => called.success,
            Attempt::Creation(address) => *address,
        };
        let (good, bad, end) = (self.block(), self.block(), self.block());
        self.b.branch(done, good, bad);
        self.enter(good);
        self.bind_results(&attempt, returns)?;
        self.stmts(success)?;
        self.jump(end);
        self.enter(bad);
        self.catch_all(catches, end)?;
        self.enter(end);
        Ok(())
    }

    fn attempt(&mut self, call: &'h Expr) -> Res<Attempt> {
        match &call.kind {
            ExprKind::ExternalCall { callee, options, args, delegate } => {
                Ok(Attempt::Call(self.external_call(callee, options, args, *delegate)?))
            }
            ExprKind::NewContract { contract, options, args } => {
                Ok(Attempt::Creation(self.create(*contract, options, args)?))
            }
            ExprKind::Convert(inner) => self.attempt(inner),
            _ => Err(LowerError::unsupported("try with this call", call.span)),
        }
    }

    fn bind_results(&mut self, attempt: &Attempt, returns: &'h [LocalId]) -> Res<()> {
        let vals = match attempt {
            Attempt::Call(called) => self.results(called)?,
            Attempt::Creation(address) => vec![*address],
        };
        let mut rest = vals.as_slice();
        for id in returns {
            let n = words(self.local_ty(*id)?).min(rest.len());
            let (mine, others) = rest.split_at(n);
            self.set_local(*id, mine)?;
            rest = others;
        }
        Ok(())
    }

    fn catch_all(&mut self, catches: &'h [Catch], end: BlockId) -> Res<()> {
        let fallback = self.block();
        let has = |kind| catches.iter().any(|c| c.kind == kind);
        if has(CatchKind::Error) || has(CatchKind::Panic) {
            let size = self.evm(Evm::Returndatasize, &[]);
            let three = self.int(3);
            let enough = self.gt(size, three);
            let next = self.block();
            self.b.branch(enough, next, fallback);
            self.enter(next);
            let (zero, four) = (self.int(0), self.int(4));
            self.mstore(zero, zero);
            self.effect(Evm::Returndatacopy, &[zero, zero, four]);
            let word = self.mload(zero);
            let selector = self.shr(224, word);
            for catch in catches {
                self.catch_coded(catch, selector, fallback, end)?;
            }
            self.jump(fallback);
        } else {
            self.jump(fallback);
        }
        self.enter(fallback);
        match catches.iter().find(|c| c.kind == CatchKind::Any) {
            Some(catch) => {
                if let Some(id) = catch.param {
                    let data = self.util1(Util::ReturnData, &[]);
                    self.set_local(id, &[data])?;
                }
                self.stmts(&catch.body)?;
                self.jump(end);
            }
            None => {
                self.util(Util::Bubble, &[], 0);
                self.revert_now();
            }
        }
        Ok(())
    }

    /// Tests for `Error(string)` or `Panic(uint256)`; goes on behind when it is neither.
    fn catch_coded(&mut self, catch: &'h Catch, selector: Val, fallback: BlockId, end: BlockId) -> Res<()> {
        let code = match catch.kind {
            CatchKind::Error => 0x08c3_79a0,
            CatchKind::Panic => 0x4e48_7b71,
            CatchKind::Any => return Ok(()),
        };
        let code = self.int(code);
        let matches = self.eq(selector, code);
        let (mine, next) = (self.block(), self.block());
        self.b.branch(matches, mine, next);
        self.enter(mine);
        let value = match catch.kind {
            CatchKind::Error => self.reason(fallback)?,
            _ => self.panic_code(fallback),
        };
        if let Some(id) = catch.param {
            self.set_local(id, &[value])?;
        }
        self.stmts(&catch.body)?;
        self.jump(end);
        self.enter(next);
        Ok(())
    }

    fn or_else(&mut self, cond: Val, fallback: BlockId) {
        let next = self.block();
        self.b.branch(cond, next, fallback);
        self.enter(next);
    }

    fn panic_code(&mut self, fallback: BlockId) -> Val {
        let size = self.evm(Evm::Returndatasize, &[]);
        let limit = self.int(0x23);
        let enough = self.gt(size, limit);
        self.or_else(enough, fallback);
        let (zero, four, word) = (self.int(0), self.int(4), self.int(32));
        self.effect(Evm::Returndatacopy, &[zero, four, word]);
        self.mload(zero)
    }

    /// Decodes the string of `Error(string)`; malformed data goes to the fallback.
    fn reason(&mut self, fallback: BlockId) -> Res<Val> {
        let size = self.evm(Evm::Returndatasize, &[]);
        let limit = self.int(0x43);
        let enough = self.gt(size, limit);
        self.or_else(enough, fallback);
        let start = self.free_pointer();
        let four = self.int(4);
        let len = self.sub(size, four);
        self.effect(Evm::Returndatacopy, &[start, four, len]);
        let offset = self.mload(start);
        let max = self.int(u64::MAX);
        let near = self.gt(offset, max);
        let near = self.iszero(near);
        let after = self.add_int(offset, 0x24);
        let over = self.gt(after, size);
        let inside = self.iszero(over);
        let fits = self.and(near, inside);
        self.or_else(fits, fallback);
        let text = self.add(start, offset);
        let length = self.mload(text);
        let long = self.gt(length, max);
        let short = self.iszero(long);
        let end = self.add(start, len);
        let data = self.add_int(text, 32);
        let last = self.add(data, length);
        let beyond = self.gt(last, end);
        let held = self.iszero(beyond);
        let fits = self.and(short, held);
        self.or_else(fits, fallback);
        // claims all that was copied, so that the string stays where it is
        self.finish_alloc(start, len);
        Ok(text)
    }

    /// Decodes the arguments of the deployment or of the call in calldata.
    pub(crate) fn decode_to(
        &mut self,
        types: &[Ty],
        start: Val,
        end: Val,
        source: Source,
    ) -> Res<Vec<Vec<Val>>> {
        let types: Vec<Ty> = types
            .iter()
            .map(|ty| if ty.loc() == Some(Loc::Storage) { Ty::UINT } else { ty.clone() })
            .collect();
        self.decode(&types, start, end, source)
    }
}
