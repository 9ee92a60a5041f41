//! Slashes on proofs that need nothing but signatures: two votes, or two packages, that no honest node signs both.

use super::{
    event::{self, Slashed},
    pack::{minus, plus, share},
    package::PackageHeader,
    params::{BPS, Params},
    sign,
    stake::{give_up_place, pay},
    state::Totals,
    validator::Validator,
    vote::Vote,
};
use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, B256, U256, keccak256};

/// Gas for verifying a signature, beside what reading it costs.
pub const SIGNATURE_GAS: u64 = 5_000;

/// Is a message with its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The bytes that were signed.
    pub message: &'a [u8],
    /// The signature.
    pub signature: [u8; 64],
}

/// Is what a report brought about, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Penalty {
    /// Taken from the offender and its delegators, stake on its way out included.
    pub slashed: u128,
    /// Part of it that was paid to the reporter; the rest is in the pool.
    pub reward: u128,
}

/// Slashes the node `key` for two conflicting votes of a view ([`Vote::conflicts`]), once a view, and pays the
/// reporter. Misuse, with nothing changed, if the bytes prove nothing on this chain.
pub fn report_votes(
    store: &mut dyn Store,
    reporter: Address,
    key: B256,
    votes: [Signed<'_>; 2],
) -> Result<Penalty, Fault> {
    let chain_id = Params::load(store)?.chain_id;
    let [first, second] = votes;
    let read = |signed: Signed<'_>| Vote::decode(signed.message, chain_id);
    let (Some(a), Some(b)) = (read(first), read(second)) else {
        return Err(Fault::Misuse("not two votes on this chain"));
    };
    if !a.conflicts(&b) {
        return Err(Fault::Misuse("these votes do not conflict"));
    }
    for signed in votes {
        verify(store, key, signed.message, &signed.signature)?;
    }
    let offence = [a.epoch.to_be_bytes(), a.view.to_be_bytes()].concat();
    convict(store, reporter, key, &[b"votes", key.as_slice(), &offence])
}

/// Slashes the author of two different packages for one group of one block, once a group and block, and pays the
/// reporter. Misuse, with nothing changed, if they prove nothing on this chain.
pub fn report_packages(
    store: &mut dyn Store,
    reporter: Address,
    packages: [(&PackageHeader, [u8; 64]); 2],
) -> Result<Penalty, Fault> {
    let chain_id = Params::load(store)?.chain_id;
    let [(a, _), (b, _)] = packages;
    let place = |header: &PackageHeader| (header.author, header.height, header.parent, header.group);
    if a == b || place(a) != place(b) {
        return Err(Fault::Misuse("these packages do not conflict"));
    }
    for (header, signature) in packages {
        verify(store, header.author, &header.signing_bytes(chain_id), &signature)?;
    }
    let (height, group) = (a.height.to_be_bytes(), a.group.to_be_bytes());
    convict(
        store,
        reporter,
        a.author,
        &[b"packages", a.author.as_slice(), &height, a.parent.as_slice(), &group],
    )
}

fn verify(store: &mut dyn Store, key: B256, message: &[u8], signature: &[u8; 64]) -> Result<(), Fault> {
    store.charge(SIGNATURE_GAS)?;
    match sign::verify(key, message, signature) {
        true => Ok(()),
        false => Err(Fault::Misuse("signature is not the node's")),
    }
}

/// Slashes for a proved offence, unless it was slashed for before, and bars the node from every later committee.
fn convict(store: &mut dyn Store, reporter: Address, key: B256, offence: &[&[u8]]) -> Result<Penalty, Fault> {
    let params = Params::load(store)?;
    let offence = keccak256(offence.concat());
    let mark = Record::new(Table::HhcmOffence, &[offence.into()]).word(0);
    let mut validator = Validator::load(store, key)?.ok_or(Fault::Misuse("no such validator"))?;
    if !store.get(HHCM, mark)?.is_zero() {
        return Err(Fault::Misuse("this offence was slashed for already"));
    }
    store.set(HHCM, mark, U256::ONE)?;
    let penalty = slash(store, &mut validator, &params)?;
    validator.jailed = true;
    validator.save(store)?;
    if validator.place > 0 {
        give_up_place(store, validator)?;
    }
    pay(store, reporter, penalty.reward)?;
    let (amount, reward) = (U256::from(penalty.slashed), U256::from(penalty.reward));
    event::emit(store, &Slashed { key, offence, reporter, amount, reward })?;
    Ok(penalty)
}

fn slash(store: &mut dyn Store, validator: &mut Validator, params: &Params) -> Result<Penalty, Fault> {
    let cut = |amount: u128| share(amount, params.slash_bps.into(), BPS.into());
    let (stake, leaving) = (cut(validator.stake), cut(validator.leaving));
    validator.stake = minus(validator.stake, stake)?;
    validator.leaving = minus(validator.leaving, leaving)?;
    let slashed = plus(stake, leaving)?;
    let reward = share(slashed, params.reporter_bps.into(), BPS.into());
    let mut totals = Totals::load(store)?;
    totals.staked = minus(totals.staked, stake)?;
    totals.unbonding = minus(totals.unbonding, leaving)?;
    totals.pool = plus(totals.pool, minus(slashed, reward)?)?;
    totals.save(store)?;
    Ok(Penalty { slashed, reward })
}
