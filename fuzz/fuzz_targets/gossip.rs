//! Reads any bytes as what nodes gossip, and as the parts of it; what reads is written the same.
#![no_main]

use fusor_chain_lite::{
    hhcm::{Ceremony, Evidence, Offer, Received, Seal},
    node::{Message, NodeKeys},
};
use fusor_vm::hhcm::Member;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static CEREMONY: LazyLock<Option<Ceremony>> = LazyLock::new(|| {
    let member = |seed| Member {
        key: NodeKeys::from_seed(seed).id(),
        beacon: [0; 48],
        weight: 1,
        owner: Default::default(),
        payout: Default::default(),
    };
    let mut members: Vec<Member> = (0..4).map(member).collect();
    members.sort_by_key(|member| member.key);
    Ceremony::new(1_337, 0, &members)
});

fuzz_target!(|raw: &[u8]| {
    if let Ok(message) = Message::decoded(1_337, raw, &|_| None) {
        assert_eq!(message.encoded(), raw);
    }
    if let Ok(offer) = Offer::decoded(raw) {
        assert_eq!(offer.encoded(), raw);
        let _ = offer.verify(1_337);
    }
    if let Ok(seal) = Seal::decode(raw) {
        assert_eq!(seal.encode(), raw);
    }
    if let Ok(proof) = Evidence::decode(raw) {
        assert_eq!(proof.encode(), raw);
    }
    if let Some(ceremony) = CEREMONY.as_ref() {
        let _ = ceremony.check(raw);
        let _ = Received::decode(ceremony, raw);
    }
});
