//! Takes bytes as a method's name, its parameters and a raw transaction; every answer can be printed.
#![no_main]

use alloy_primitives::hex;
use fusor_chain_lite::{
    Chain, Genesis,
    rpc::{Context, METHODS, Single, answer},
};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|input: &[u8]| {
    let Ok(chain) = Chain::new(Genesis::default()) else { return };
    let context = Context::new(Arc::new(Single::new(chain)));
    let Some((choice, rest)) = input.split_first() else { return };
    let ask = |name: &str, parameters: &str| {
        let _ = answer(&context, name, Some(parameters)).map(|value| value.to_string());
    };
    let method = METHODS.get(usize::from(*choice) % METHODS.len()).map_or("", |method| method.name);
    ask(method, &String::from_utf8_lossy(rest));
    ask("eth_sendRawTransaction", &format!("[\"{}\"]", hex::encode_prefixed(rest)));
    ask("eth_blockNumber", "[]");
});
