//! Makes what tools read beside code and ABI.

pub mod ast;
pub mod gas_estimates;
pub mod metadata;
pub mod natspec;
pub mod opcodes;

use serde_json::Value;

/// Orders the keys of every object, as solc writes them.
pub(crate) fn sorted(mut value: Value) -> Value {
    value.sort_all_objects();
    value
}
