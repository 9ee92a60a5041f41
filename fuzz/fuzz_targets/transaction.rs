//! Decodes any bytes as a signed transaction and runs it; the chain goes on afterwards.
#![no_main]

use fusor_chain_lite::{Chain, Genesis};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let Ok(mut chain) = Chain::new(Genesis::default()) else { return };
    let _ = chain.transact_raw(raw);
    assert!(chain.seal().is_ok());
});
