//! Reads any bytes as what custodians send, post and keep; what reads is written the same.
#![no_main]

use fusor_chain_lite::custody::{CustodyConfig, Wire};
use fusor_dcrm::{Complaint, Dealing, Extraction, Objection, Point, Reveal, Terms};
use fusor_outer::{Cursor, Plan};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Is a session of one, whose key is the generator.
static TERMS: LazyLock<Option<Terms>> = LazyLock::new(|| {
    let mut key = [0u8; 33];
    key[0] = 2;
    let x = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    for (place, digits) in key[1..].iter_mut().zip(x.as_bytes().chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Terms::new([7; 32], 1, vec![Point::from_bytes(&key).ok()?]).ok()
});

fuzz_target!(|raw: &[u8]| {
    if let Ok(message) = Wire::decode(raw) {
        assert_eq!(message.encode(), raw);
    }
    if let Ok(plan) = Plan::decode(raw) {
        assert_eq!(plan.encode(), raw);
    }
    if let Ok(cursor) = Cursor::decode(raw) {
        assert_eq!(cursor.encode(), raw);
    }
    if let Ok(text) = std::str::from_utf8(raw) {
        let _ = CustodyConfig::read(text);
    }
    let Some(terms) = TERMS.as_ref() else { return };
    if let Ok(message) = Dealing::decode(raw, terms) {
        assert_eq!(message.encode(), raw);
    }
    if let Ok(message) = Complaint::decode(raw, terms) {
        assert_eq!(message.encode(), raw);
    }
    if let Ok(message) = Extraction::decode(raw, terms) {
        assert_eq!(message.encode(), raw);
    }
    if let Ok(message) = Objection::decode(raw, terms) {
        assert_eq!(message.encode(), raw);
    }
    if let Ok(message) = Reveal::decode(raw, terms) {
        assert_eq!(message.encode(), raw);
    }
});
