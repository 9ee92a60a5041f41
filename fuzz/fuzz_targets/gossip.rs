//! Reads any bytes as what nodes gossip, and as the parts of it; what reads is written the same.
#![no_main]

use fusor_chain_lite::{
    hhcm::{Evidence, Offer, Seal},
    node::Message,
};
use libfuzzer_sys::fuzz_target;

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
});
