//! Runs any bytes as creation code on the extended EVM.
#![no_main]

use alloy_primitives::{Address, Bytes, U256};
use fusor_chain_lite::{Chain, Genesis};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|code: &[u8]| {
    let Ok(mut chain) = Chain::new(Genesis::default()) else { return };
    let _ = chain.deploy(Address::repeat_byte(1), Bytes::copy_from_slice(code), U256::ZERO);
    assert!(chain.seal().is_ok());
});
