//! Tells a custodian what its operator decides about a lock-out.

use crate::{
    error::{CliError, Outcome},
    network::{client::Client, wallet::number},
};
use alloy_primitives::hex;
use fusor_chain_lite::custody::{CustodyKeys, Decision};
use serde_json::json;

/// Signs a decision and sends it to the node beside which the custodian of these keys runs. Errors: it asks about no such
/// lock-out, or another custodian runs there.
pub(crate) fn decide(client: &Client, keys: &CustodyKeys, decision: Decision) -> Outcome {
    let chain = number(&client.ask("eth_chainId", &json!([]))?).unwrap_or_default().saturating_to();
    let signature = decision.sign(chain, keys).map_err(|error| CliError::Usage(error.to_string()))?;
    let word = if decision.agrees { "agree" } else { "refuse" };
    let signature = hex::encode_prefixed(signature.as_bytes());
    let request = format!("{:#x}", decision.request);
    client.ask("fusor_dcrmDecide", &json!([request, word, signature])).map(drop)
}
