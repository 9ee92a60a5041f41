//! Searches every byte that custodians sent or kept for shares and for the key.

use super::world::Run;
use alloy_primitives::hex;
use fusor_dcrm::{Point, Scalar};
use fusor_vm::dcrm::Group;
use k256::elliptic_curve::PrimeField;
use std::collections::BTreeMap;

/// Bytes by which a secret is recognised first.
const HEAD: usize = 8;

impl Run {
    /// Searches for the shares of the group that holds the vault's key, and for the key that they make.
    pub(super) fn search(&mut self) {
        if !self.setting.secrets {
            return;
        }
        let shares = self.shares();
        let Some(vault) = self.vault() else { return };
        let Ok(Some(group)) = self.ground.ask(|store| Group::load(store, vault.group)) else { return };
        let enough: Vec<_> = shares.iter().take(group.threshold.into()).map(|(i, s)| (*i, *s)).collect();
        let key = interpolate(&enough);
        let stands =
            key.is_some_and(|key| Point::of_secret(&key).is_some_and(|point| point.to_bytes() == vault.key));
        if !stands {
            return self.witness.fail("the shares in the stores do not make the vault's key".into());
        }
        let mut secrets: Vec<[u8; 32]> = shares.values().copied().collect();
        secrets.extend(key.map(|key| <[u8; 32]>::from(key.to_repr())));
        let mut places = std::mem::take(&mut self.sent);
        places.extend(self.lives.iter().flat_map(|life| life.bytes()));
        self.outcome.searched = (places.iter().map(Vec::len).sum(), secrets.len());
        if let Some(found) = find(&secrets, &places) {
            self.witness.fail(format!("a secret stands open, among {found} bytes"));
        }
    }

    fn shares(&self) -> BTreeMap<u16, [u8; 32]> {
        let mut shares = BTreeMap::new();
        let Some(vault) = self.vault() else { return shares };
        let Ok(Some(group)) = self.ground.ask(|store| Group::load(store, vault.group)) else { return shares };
        let shown = self.shown();
        let Ok(terms) = crate::custody::shards::terms(&shown, &group) else { return shares };
        for life in &self.lives {
            let held = life.store(1).and_then(|store| store.load(group.number, terms.digest()).ok());
            shares.extend(held.map(|held| (held.me(), **held.share())));
        }
        shares
    }
}

fn scalar(bytes: &[u8; 32]) -> Option<Scalar> {
    Option::from(Scalar::from_repr((*bytes).into()))
}

/// Computes the key from t shares by Lagrange's interpolation at 0.
fn interpolate(shares: &[(u16, [u8; 32])]) -> Option<Scalar> {
    let mut sum = Scalar::ZERO;
    for (i, share) in shares {
        let mut term = scalar(share)?;
        for (j, _) in shares.iter().filter(|(j, _)| j != i) {
            let (i, j) = (Scalar::from(u64::from(*i)), Scalar::from(u64::from(*j)));
            let inverse: Option<Scalar> = (j - i).invert().into();
            term *= j * inverse?;
        }
        sum += term;
    }
    Some(sum)
}

/// Finds a secret, as bytes or in hexadecimal; returns the length of what it stands in.
fn find(secrets: &[[u8; 32]], places: &[Vec<u8>]) -> Option<usize> {
    let mut needles: Vec<Vec<u8>> = secrets.iter().map(|secret| secret.to_vec()).collect();
    needles.extend(secrets.iter().map(|secret| hex::encode(secret).into_bytes()));
    needles.extend(secrets.iter().map(|secret| secret.iter().rev().copied().collect()));
    let mut heads: BTreeMap<u64, Vec<&[u8]>> = BTreeMap::new();
    for needle in &needles {
        heads.entry(head(needle)).or_default().push(needle);
    }
    let holds = |place: &[u8]| {
        place.windows(HEAD).enumerate().any(|(at, window)| {
            let rest = place.get(at..).unwrap_or_default();
            heads.get(&head(window)).is_some_and(|found| found.iter().any(|needle| rest.starts_with(needle)))
        })
    };
    places.iter().find(|place| holds(place)).map(Vec::len)
}

fn head(bytes: &[u8]) -> u64 {
    bytes.first_chunk::<HEAD>().map_or(0, |head| u64::from_be_bytes(*head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_each_form() {
        let secret = std::array::from_fn(|place| place as u8 + 1);
        let hidden = |form: &[u8]| vec![[&[9; 50], form, &[1, 2, 3]].concat()];
        let backwards: Vec<u8> = secret.iter().rev().copied().collect();
        for form in [&secret[..], hex::encode(secret).as_bytes(), &backwards] {
            assert_eq!(find(&[secret], &hidden(form)), Some(form.len() + 53));
        }
        assert_eq!(find(&[secret], &hidden(&secret[..31])), None);
    }
}
