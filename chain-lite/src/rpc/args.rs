//! Reads parameters and says what was expected where they are something else.

use super::error::RpcError;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Names a kind of parameter in messages.
pub(super) mod kind {
    pub(in crate::rpc) const ADDRESS: &str = "an address (0x and 40 hex digits)";
    pub(in crate::rpc) const HASH: &str = "a hash (0x and 64 hex digits)";
    pub(in crate::rpc) const BYTES: &str = "bytes (0x and an even number of hex digits)";
    pub(in crate::rpc) const QUANTITY: &str = "a quantity (0x and hex digits)";
    pub(in crate::rpc) const BLOCK: &str =
        "a block (quantity, hash, latest, earliest, pending, safe, finalized, or an object with blockHash)";
    pub(in crate::rpc) const NUMBER: &str =
        "a block number (quantity, latest, earliest, pending, safe or finalized)";
    pub(in crate::rpc) const CALL: &str = "a call object (from, to, gas, value, input and so on)";
    pub(in crate::rpc) const FILTER: &str = "a filter (fromBlock, toBlock or blockHash, address, topics)";
    pub(in crate::rpc) const BOOL: &str = "true or false";
}

/// Holds the parameters of a request that have not been read.
#[derive(Debug)]
pub(super) struct Args {
    values: std::vec::IntoIter<Value>,
    position: usize,
}

impl Args {
    /// Reads parameters from JSON; nothing counts as none. Errors: they are no list, or longer than `most`.
    pub(super) fn parse(json: Option<&str>, most: usize) -> Result<Self, RpcError> {
        let list = "expected a list of parameters";
        let value = json.map(serde_json::from_str::<Value>).transpose();
        let values = match value.map_err(|error| RpcError::Params(format!("{list}: {error}")))? {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(_) => return Err(RpcError::Params(list.into())),
        };
        match values.len() > most {
            true => Err(RpcError::Params(format!("too many parameters, want at most {most}"))),
            false => Ok(Self { values: values.into_iter(), position: 0 }),
        }
    }

    /// Reads a parameter. Errors: it is missing or not what is expected.
    pub(super) fn required<T: DeserializeOwned>(&mut self, expected: &str) -> Result<T, RpcError> {
        let found = self.optional(expected)?;
        let position = self.position;
        found.ok_or_else(|| RpcError::Params(format!("parameter {position} is missing, expected {expected}")))
    }

    /// Reads a parameter that may be missing or null. Errors: it is not what is expected.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, expected: &str) -> Result<Option<T>, RpcError> {
        self.position += 1;
        let position = self.position;
        match self.values.next() {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value).map(Some).map_err(|error| {
                RpcError::Params(format!("parameter {position}: expected {expected}: {error}"))
            }),
        }
    }
}
