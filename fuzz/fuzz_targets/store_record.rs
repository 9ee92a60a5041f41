//! Decodes any bytes as a record of every table of the store; what is accepted encodes to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| fusor_chain_lite::store::decode_any(raw));
