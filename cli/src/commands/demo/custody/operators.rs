//! Is what the custodians' operators do: they decide by hand about large lock-outs.

use super::{NODES, Stage};
use crate::{
    custody::{decide::decide, request::Request},
    error::{CliError, Outcome},
    network::client::Client,
};
use alloy_primitives::U256;
use fusor_chain_lite::{custody::Decision, founding::custodian};

/// Operators that agree; the others refuse.
const AGREE: u16 = NODES - 1;

impl Stage {
    /// Has each operator decide about a lock-out once its custodian asks.
    pub(super) fn operators_decide(&self, request: u64) -> Outcome {
        for index in 0..NODES {
            let client = Client::new(&self.node(index))?;
            let keys = custodian(index.into())
                .ok_or_else(|| CliError::Usage(format!("node {index} has no custodian")))?;
            let asks = |asked: &Request| asked.number("request") == U256::from(request);
            self.until("a custodian asks its operator", || {
                Ok(Request::for_operator(&client)?.iter().any(asks))
            })?;
            decide(&client, &keys, Decision { request, agrees: index < AGREE })?;
        }
        self.tell(&format!("{AGREE} of {NODES} operators agree to it by hand"))
    }
}
