//! Is what a custodian is told: who runs it, what it bonds, and how it reaches outer chains.

use super::decide::ByHand;
use alloy_primitives::{B256, U256};
use fusor_outer::ChainConfig;
use fusor_vm::dcrm;
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// Is what a custodian is told, as its file says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyConfig {
    /// Who owns it, at most 31 bytes.
    pub owner: String,
    /// Who runs the machine, at most 31 bytes.
    pub provider: String,
    /// Where the machine stands, at most 31 bytes.
    pub region: String,
    /// Wei that it bonds when it registers; 0 leaves registering to the operator.
    #[serde(default)]
    pub bond: U256,
    /// The most of each coin, in smallest units, that a lock-out is paid without asking the operator; coins that are not
    /// named are never asked about.
    #[serde(default)]
    pub by_hand_above: BTreeMap<String, U256>,
    /// Outer chains by the names under which they are listed.
    #[serde(default)]
    pub chains: BTreeMap<String, ChainConfig>,
}

/// Says what is wrong with a custodian's file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// It is no JSON of this form.
    #[error("custody file: {0}")]
    Json(String),
    /// A name is empty or too long.
    #[error("custody file, {key}: expected a name of 1 to 31 bytes, found `{found}`")]
    Name {
        /// Where.
        key: &'static str,
        /// What stands there.
        found: String,
    },
    /// An outer chain's configuration cannot be used.
    #[error("custody file, chains.{chain}: {reason}")]
    Chain {
        /// Its name.
        chain: String,
        /// Why.
        reason: String,
    },
}

impl CustodyConfig {
    /// Reads a custodian's file.
    pub fn read(text: &str) -> Result<Self, ConfigError> {
        let config: Self =
            serde_json::from_str(text).map_err(|error| ConfigError::Json(error.to_string()))?;
        let names = [("owner", &config.owner), ("provider", &config.provider), ("region", &config.region)];
        let chains = config.chains.keys().map(|name| ("chains", name));
        let coins = config.by_hand_above.keys().map(|name| ("by_hand_above", name));
        for (key, name) in names.into_iter().chain(chains).chain(coins) {
            if name.is_empty() || name.len() > 31 {
                return Err(ConfigError::Name { key, found: name.clone() });
            }
        }
        Ok(config)
    }

    /// Returns the most of each coin that is paid without asking the operator, by its listed name.
    pub(super) fn by_hand(&self) -> ByHand {
        self.by_hand_above.iter().map(|(coin, most)| (dcrm::name(coin), *most)).collect()
    }

    /// Returns how each outer chain is reached, by its listed name.
    pub(super) fn chains(&self) -> impl Iterator<Item = (B256, &String, &ChainConfig)> {
        self.chains.iter().map(|(name, chain)| (dcrm::name(name), name, chain))
    }
}
