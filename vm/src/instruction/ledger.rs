//! Bodies of the ledger's opcodes.

use super::Op;
use crate::{fault::Fault, ledger, nested::to_address};
use alloy_primitives::U256;
use revm::Database;

type Out<const N: usize> = Result<[U256; N], Fault>;

pub(super) fn amint<DB: Database>(op: &mut Op<'_, DB>, [sub, to, amount]: [U256; 3]) -> Out<1> {
    let me = op.me();
    Ok([ledger::mint(&mut op.store(), me, sub, to_address(to), amount)?])
}

pub(super) fn aburn<DB: Database>(op: &mut Op<'_, DB>, [id, amount]: [U256; 2]) -> Out<1> {
    let me = op.me();
    Ok([U256::from(ledger::burn(&mut op.store(), me, id, amount)?)])
}

pub(super) fn asend<DB: Database>(op: &mut Op<'_, DB>, [id, to, amount]: [U256; 3]) -> Out<1> {
    let me = op.me();
    Ok([U256::from(ledger::send(&mut op.store(), me, id, to_address(to), amount)?)])
}

pub(super) fn abal<DB: Database>(op: &mut Op<'_, DB>, [id, who]: [U256; 2]) -> Out<1> {
    Ok([ledger::owned(&mut op.store(), id, to_address(who))?])
}

pub(super) fn afree<DB: Database>(op: &mut Op<'_, DB>, [id, who]: [U256; 2]) -> Out<1> {
    Ok([ledger::free(&mut op.store(), id, to_address(who))?])
}

pub(super) fn asupply<DB: Database>(op: &mut Op<'_, DB>, [id]: [U256; 1]) -> Out<1> {
    Ok([ledger::supply(&mut op.store(), id)?])
}

pub(super) fn ainfo<DB: Database>(op: &mut Op<'_, DB>, [id]: [U256; 1]) -> Out<3> {
    let info = ledger::info(&mut op.store(), id)?;
    Ok([info.issuer.into_word().into(), U256::from(info.flags), U256::from(info.decimals)])
}
