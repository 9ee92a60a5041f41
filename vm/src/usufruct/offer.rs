//! Offers rights of use, out of ownership or out of another right.

use super::{
    end,
    event::{Offered, emit},
    grant::{DEPTH_MAX, Flags, Grant, Head, State, next_gid},
};
use crate::{
    fault::Fault,
    ledger::{self, guard_write},
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Is what a grantor offers, as it comes from the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Who would use the units.
    pub user: Address,
    /// Units of the asset, not zero.
    pub amount: U256,
    /// First second of the window, since 1970; may lie in the past or in the future.
    pub start: U256,
    /// First second after the window.
    pub end: U256,
    /// Bit 0 revocable, bit 1 sublettable.
    pub flags: U256,
}

impl Terms {
    /// Reads the window and the flags.
    fn head(&self) -> Result<Head, Fault> {
        let too_late = |_| Fault::Misuse("grant time beyond 64 bits");
        let head = Head {
            start: self.start.try_into().map_err(too_late)?,
            end: self.end.try_into().map_err(too_late)?,
            state: State::Offered,
            flags: Flags::try_from(self.flags)?,
            ..Head::default()
        };
        if head.start >= head.end {
            return Err(Fault::Misuse("empty grant window"));
        }
        if self.amount.is_zero() {
            return Err(Fault::Misuse("grant of nothing"));
        }
        Ok(head)
    }
}

/// Offers `terms.user` the use of `owner`'s units of `id` and returns the grant's id; 0 when the window is
/// over, the user is the owner or the zero address, the asset does not exist, or the owner cannot pay the
/// deposit. Nothing is encumbered until the user accepts.
///
/// # Errors
/// [`Fault::Misuse`] for an empty window, an amount of zero, a time beyond 64 bits or an unknown flag.
pub fn grant(store: &mut dyn Store, owner: Address, id: U256, terms: &Terms) -> Result<U256, Fault> {
    guard_write(store)?;
    let head = terms.head()?;
    if !is_offerable(store, owner, terms.user, &head) || !ledger::exists(store, id)? {
        return Ok(U256::ZERO);
    }
    let Terms { user, amount, .. } = *terms;
    record(store, Grant { head, grantor: owner, user, amount, id, parent: U256::ZERO })
}

/// Offers `terms.user` part of the right `gid`, whose user is `actor`, and returns the sub-grant's id; 0 when
/// `actor` is not its user, the right is not in force or not sublettable, the terms exceed its window or
/// amount, it is [`DEPTH_MAX`] deep, or as for [`grant`].
///
/// # Errors
/// As for [`grant`].
pub fn sub_grant(store: &mut dyn Store, actor: Address, gid: U256, terms: &Terms) -> Result<U256, Fault> {
    guard_write(store)?;
    let head = terms.head()?;
    let parent = Grant::read(store, gid)?;
    let now = store.now();
    let sublettable = parent.head.is_live(now)
        && parent.user == actor
        && parent.head.flags.contains(Flags::SUBLETTABLE)
        && parent.head.depth < DEPTH_MAX;
    let within =
        head.start >= parent.head.start && head.end <= parent.head.end && terms.amount <= parent.amount;
    if !sublettable || !within || !is_offerable(store, actor, terms.user, &head) {
        return Ok(U256::ZERO);
    }
    let Terms { user, amount, .. } = *terms;
    let head = Head { depth: parent.head.depth + 1, ..head };
    record(store, Grant { head, grantor: actor, user, amount, id: parent.id, parent: gid })
}

fn is_offerable(store: &dyn Store, grantor: Address, user: Address, head: &Head) -> bool {
    !user.is_zero() && user != grantor && store.now() < head.end
}

/// Takes the deposit and writes the record.
fn record(store: &mut dyn Store, grant: Grant) -> Result<U256, Fault> {
    let Some(deposit) = end::take_deposit(store, grant.grantor)? else { return Ok(U256::ZERO) };
    let gid = next_gid(store, grant.grantor)?;
    grant.create(store, gid, deposit)?;
    let event = Offered {
        gid: gid.into(),
        grantor: grant.grantor,
        user: grant.user,
        id: grant.id,
        amount: grant.amount,
        start: grant.head.start,
        end: grant.head.end,
        flags: grant.head.flags.bits(),
        parent: grant.parent.into(),
    };
    emit(store, &event)?;
    Ok(gid)
}
