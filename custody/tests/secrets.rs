//! Nothing that a member stores or sends shows the key or a shard.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::HashSet;

use common::{Group, subsets};
use fusor_custody::Scheme;
use k256_14::Scalar;
use k256_14::elliptic_curve::PrimeField;

fn scalar(bytes: &[u8; 32]) -> Scalar {
    Option::from(Scalar::from_repr((*bytes).into())).unwrap()
}

/// The key itself, which only this test ever computes.
fn key(group: &Group) -> Scalar {
    let (one, two) = (scalar(group.holdings[&1].share()), scalar(group.holdings[&2].share()));
    one + one - two
}

/// A secret as it could lie in memory: big-endian, little-endian, negated, and as text.
fn forms(secret: Scalar) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for value in [secret, -secret] {
        let big: [u8; 32] = value.to_repr().into();
        let little: Vec<u8> = big.iter().rev().copied().collect();
        let text: String = big.iter().map(|byte| format!("{byte:02x}")).collect();
        forms.extend([big.to_vec(), little, text.to_uppercase().into_bytes(), text.into_bytes()]);
    }
    forms
}

#[test]
fn no_byte_stored_sent_or_printed_shows_key_or_shard() {
    let mut group = Group::bare(2, 3);
    group.set_up(&[1, 2, 3]);
    let tweak = [1; 32];
    for set in subsets(2, 3) {
        for scheme in [Scheme::Ecdsa, Scheme::Schnorr] {
            group.sign(&set, scheme, tweak, [5; 32]).unwrap();
        }
    }
    let mut texts: Vec<Vec<u8>> = group.sent.iter().map(|message| message.bytes.clone()).collect();
    for store in group.stores.values() {
        texts.extend(store.files().all_bytes().map(<[u8]>::to_vec));
        texts.push(format!("{store:?}").into_bytes());
    }
    for holding in group.holdings.values() {
        texts.push(format!("{holding:?}").into_bytes());
    }
    let mut secrets = vec![key(&group)];
    secrets.extend(group.holdings.values().map(|holding| scalar(holding.share())));
    let tweaked: Vec<Scalar> = secrets.iter().map(|secret| *secret + scalar(&tweak)).collect();
    secrets.extend(tweaked);
    let forms: HashSet<Vec<u8>> = secrets.into_iter().flat_map(forms).collect();
    let searched: usize = texts.iter().map(Vec::len).sum();
    assert!(searched > 1_000_000, "{searched}");
    for text in &texts {
        for length in [32, 64] {
            assert!(!text.windows(length).any(|window| forms.contains(window)));
        }
    }
    // The search finds what it looks for.
    let planted = [&[0; 7][..], group.holdings[&1].share().as_slice()].concat();
    assert!(planted.windows(32).any(|window| forms.contains(window)));
    // Messages that carry the one-time seeds are all that is secret on the wire; no two runs send the same.
    let large = group.sent.iter().filter(|message| message.bytes.len() > 100);
    let different: HashSet<&Vec<u8>> = large.clone().map(|message| &message.bytes).collect();
    assert_eq!(different.len(), large.count());
}
