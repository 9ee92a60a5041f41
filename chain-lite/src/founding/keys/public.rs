//! Is the part of a node's keys that others may know.

use crate::{hhcm::verify_held, json, node::NodeKeys};
use alloy_primitives::{B256, hex};
use thiserror::Error;

/// Holds what a genesis file says of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKeys {
    /// The node's ed25519 key, which names it.
    pub node: B256,
    /// Its compressed BLS12-381 key for the beacon.
    pub beacon: [u8; 48],
    /// The beacon key's signature on the node's name.
    pub proof: [u8; 96],
}

/// Says why a text is not the public part of a node's keys.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PublicKeyError {
    /// It is no JSON.
    #[error("{0}")]
    Syntax(#[from] json::SyntaxError),
    /// A key is missing, unknown or of another shape.
    #[error("{place}: {key}: expected {expected}")]
    Field {
        /// Where.
        place: json::Place,
        /// The key.
        key: String,
        /// What could stand there.
        expected: String,
    },
    /// The beacon key did not sign the node's name.
    #[error(
        "the proof does not show that node {0} holds its beacon key; make the file again with `fusor genesis keys`"
    )]
    Proof(B256),
}

impl PublicKeys {
    /// Takes the public part and proves that the beacon key is held.
    pub fn of(keys: &NodeKeys) -> Self {
        let node = keys.id();
        Self { node, beacon: keys.beacon.public(), proof: keys.beacon.prove(node) }
    }

    /// Says whether the node is shown to hold its beacon key.
    pub fn holds(&self) -> bool {
        verify_held(&self.beacon, self.node, &self.proof)
    }

    /// Writes it as a JSON object of three hexadecimal strings.
    pub fn to_json(&self) -> String {
        let (node, beacon, proof) =
            (self.node, hex::encode_prefixed(self.beacon), hex::encode_prefixed(self.proof));
        format!(
            "{{\n  \"node_key\": \"{node}\",\n  \"beacon_key\": \"{beacon}\",\n  \"proof\": \"{proof}\"\n}}\n"
        )
    }

    /// Reads what [`Self::to_json`] writes. Errors: another shape, or a proof that does not hold.
    pub fn from_json(text: &str) -> Result<Self, PublicKeyError> {
        let value = json::parse(text)?;
        let json::Kind::Object(entries) = &value.kind else {
            return Err(wrong(value.place, "the file", "an object"));
        };
        let known = ["node_key", "beacon_key", "proof"];
        if let Some((key, value)) = entries.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            return Err(wrong(value.place, key, "one of the keys node_key, beacon_key, proof"));
        }
        let node = B256::from(bytes::<32>(&value, entries, "node_key")?);
        let keys = Self {
            node,
            beacon: bytes(&value, entries, "beacon_key")?,
            proof: bytes(&value, entries, "proof")?,
        };
        if keys.holds() { Ok(keys) } else { Err(PublicKeyError::Proof(node)) }
    }
}

fn bytes<const N: usize>(
    owner: &json::Value,
    entries: &[(String, json::Value)],
    key: &str,
) -> Result<[u8; N], PublicKeyError> {
    let expected = format!("{} hexadecimal digits after `0x`", N * 2);
    let Some((_, value)) = entries.iter().find(|(name, _)| name == key) else {
        return Err(wrong(owner.place, key, "this key"));
    };
    let json::Kind::String(text) = &value.kind else { return Err(wrong(value.place, key, expected)) };
    let mut out = [0; N];
    match hex::decode_to_slice(text, &mut out) {
        Ok(()) => Ok(out),
        Err(_) => Err(wrong(value.place, key, expected)),
    }
}

fn wrong(place: json::Place, key: &str, expected: impl Into<String>) -> PublicKeyError {
    PublicKeyError::Field { place, key: key.to_string(), expected: expected.into() }
}
