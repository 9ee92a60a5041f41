//! Draws the members of groups by lot among independent custodians.

use super::{
    custodian::{Custodian, custodian},
    roll::operators,
    rules::Rules,
    vault::Vault,
};
use crate::{fault::Fault, hhcm, store::Store};
use alloy_primitives::{Address, B256, keccak256};
use std::collections::BTreeMap;

/// Draws the members of a group by lot, so that nobody, by what custodians say of themselves, owns or hosts `threshold`
/// of them. Misuse if there are not enough.
pub(super) fn draw(
    store: &mut dyn Store,
    rules: &Rules,
    vault: &Vault,
    number: u64,
) -> Result<Vec<Address>, Fault> {
    let seed = seed(store, number)?;
    let height = store.height();
    let mut lots: Vec<(B256, Custodian)> = Vec::new();
    for operator in operators(store)? {
        store.charge(60)?;
        let one = custodian(store, operator)?;
        if one.eligible(rules, height) {
            lots.push((keccak256([seed.as_slice(), operator.as_slice()].concat()), one));
        }
    }
    lots.sort_by_key(|(lot, _)| *lot);
    let limit = usize::from(vault.threshold.saturating_sub(1)).max(usize::from(vault.size == 1));
    let (mut owners, mut providers) = (BTreeMap::new(), BTreeMap::new());
    let mut chosen = Vec::new();
    for (_, one) in lots {
        let owned: &mut usize = owners.entry(one.owner).or_default();
        let hosted: &mut usize = providers.entry(one.provider).or_default();
        if *owned < limit && *hosted < limit && chosen.len() < usize::from(vault.size) {
            (*owned, *hosted) = (*owned + 1, *hosted + 1);
            chosen.push(one.operator);
        }
    }
    match chosen.len() == usize::from(vault.size) {
        true => Ok(chosen),
        false => Err(Fault::Misuse(
            "not enough independent custodians: an owner or a provider may not hold t shares",
        )),
    }
}

fn seed(store: &mut dyn Store, number: u64) -> Result<B256, Fault> {
    let height = store.height();
    let beacon = match hhcm::founded(store)? {
        true => hhcm::Remembered::load(store, height)?.map(|block| block.seed),
        false => None,
    };
    let parts = [number.to_be_bytes(), height.to_be_bytes()].concat();
    Ok(keccak256([beacon.unwrap_or_default().as_slice(), &parts].concat()))
}
