//! Bodies of the opcodes for rights of use.

use super::Op;
use crate::{
    fault::Fault,
    nested::to_address,
    usufruct::{self, Action, Terms},
};
use alloy_primitives::U256;
use revm::Database;

type Out<const N: usize> = Result<[U256; N], Fault>;

pub(super) fn ugrant<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 6]) -> Out<1> {
    let [id, user, amount, start, end, flags] = inputs;
    let me = op.me();
    let terms = Terms { user: to_address(user), amount, start, end, flags };
    Ok([usufruct::grant(&mut op.store(), me, id, &terms)?])
}

pub(super) fn usub<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 6]) -> Out<1> {
    let [gid, user, amount, start, end, flags] = inputs;
    let me = op.me();
    let terms = Terms { user: to_address(user), amount, start, end, flags };
    Ok([usufruct::sub_grant(&mut op.store(), me, gid, &terms)?])
}

pub(super) fn uset<DB: Database>(op: &mut Op<'_, DB>, [gid, action]: [U256; 2]) -> Out<1> {
    let me = op.me();
    let action = Action::try_from(action)?;
    Ok([U256::from(usufruct::set(&mut op.store(), me, gid, action)?)])
}

pub(super) fn umove<DB: Database>(op: &mut Op<'_, DB>, [gid, owner]: [U256; 2]) -> Out<1> {
    let me = op.me();
    Ok([U256::from(usufruct::move_ownership(&mut op.store(), me, gid, to_address(owner))?)])
}

pub(super) fn ubal<DB: Database>(op: &mut Op<'_, DB>, [id, who, t]: [U256; 3]) -> Out<1> {
    Ok([usufruct::usable(&mut op.store(), id, to_address(who), t)?])
}

pub(super) fn uinfo<DB: Database>(op: &mut Op<'_, DB>, [gid]: [U256; 1]) -> Out<6> {
    let info = usufruct::info(&mut op.store(), gid)?;
    Ok([
        info.owner.into_word().into(),
        info.user.into_word().into(),
        info.amount,
        U256::from(info.start),
        U256::from(info.end),
        U256::from(info.state as u8),
    ])
}
