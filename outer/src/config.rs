//! Reads how an outer chain is reached and what is allowed on it.

use serde::Deserialize;
use std::path::PathBuf;

/// Says why the configuration of an outer chain cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The text is not a configuration.
    #[error("the configuration of the outer chain cannot be read: {0}")]
    Json(String),
    /// The scheme is not plain HTTP.
    #[error(
        "{0}: only http:// is served; run the node beside this one, or put a tunnel of your own before it"
    )]
    Url(String),
    /// The network is unknown.
    #[error("the network {0} is unknown; known are {1}")]
    Network(String, String),
    /// A number is out of its range.
    #[error("{name} is {value}, and must be {range}")]
    Range {
        /// The field.
        name: &'static str,
        /// Its value.
        value: u64,
        /// What is allowed.
        range: &'static str,
    },
    /// Credentials are given twice or by half.
    #[error("give `user` with `password`, or `cookie`, or none of them")]
    Credentials,
    /// A token's address is wrong.
    #[error("the token {0} is not an address with a right checksum")]
    Token(String),
}

/// Configures one outer chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ChainConfig {
    /// A chain of the Bitcoin family.
    Bitcoin(BitcoinConfig),
    /// Ethereum or a chain like it.
    Ethereum(EthereumConfig),
}

impl ChainConfig {
    /// Reads JSON; unknown fields are errors.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        serde_json::from_str(text).map_err(|error| ConfigError::Json(error.to_string()))
    }
}

/// Says how a node is reached. Only plain HTTP to nodes of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `http://host:port`.
    pub url: String,
    /// User name for basic authentication.
    #[serde(default)]
    pub user: Option<String>,
    /// Password for basic authentication.
    #[serde(default)]
    pub password: Option<String>,
    /// File with `user:password`, read anew for every call, as Bitcoin's nodes write one at each start.
    #[serde(default)]
    pub cookie: Option<PathBuf>,
    /// Most milliseconds for one call. Scanning the unspent outputs of a large chain takes minutes.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Most bytes of one answer.
    #[serde(default = "response_bytes_max")]
    pub response_bytes_max: u64,
}

/// Configures a chain of the Bitcoin family. Fees are in smallest units, rates per 1,000 virtual bytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BitcoinConfig {
    /// Name of the network: see [`crate::bitcoin::NETWORKS`].
    pub network: String,
    /// The node.
    pub node: Connection,
    /// Blocks from a deposit's to the tip, both counted, before it counts.
    pub confirmations: u64,
    /// Blocks read in one step.
    #[serde(default = "blocks_per_step")]
    pub blocks_per_step: u64,
    /// Blocks within which a transaction should be mined (estimatesmartfee).
    #[serde(default = "fee_target")]
    pub fee_target: u16,
    /// Lowest rate, also taken when the node has no estimate.
    pub fee_rate_min: u64,
    /// Highest rate.
    pub fee_rate_max: u64,
    /// Highest fee of one transaction.
    pub fee_max: u64,
    /// Deposits below this are reported as dust and never spent.
    pub deposit_min: u64,
}

/// Configures Ethereum or a chain like it. Fees are in wei.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EthereumConfig {
    /// Chain id (EIP-155).
    pub chain_id: u64,
    /// The node. It must keep the state of the last `confirmations` blocks, and of all blocks not yet read.
    pub node: Connection,
    /// Blocks from a deposit's to the tip, both counted, before it counts.
    pub confirmations: u64,
    /// Blocks read in one step.
    #[serde(default = "blocks_per_step")]
    pub blocks_per_step: u64,
    /// Highest wei per gas in all.
    pub max_fee_cap: u64,
    /// Wei per gas for the block's author, unless the node asks for more; within the cap.
    pub priority_fee: u64,
    /// Most gas for sending coin.
    pub coin_gas_max: u64,
    /// Most gas for sending a token.
    pub token_gas_max: u64,
    /// Highest amount of one gas funding of a deposit address, in wei.
    pub fund_max: u64,
    /// Deposits of coin below this are reported as dust, in wei.
    pub deposit_min: u64,
    /// The tokens that are taken. A token must be read before it is listed: what it calls a balance is believed.
    #[serde(default)]
    pub tokens: Vec<TokenConfig>,
}

/// Configures a token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// Its contract, with the checksum of EIP-55.
    pub address: String,
    /// Deposits below this are reported as dust, in its smallest unit.
    #[serde(default)]
    pub deposit_min: u64,
}

fn timeout_ms() -> u64 {
    30_000
}

fn response_bytes_max() -> u64 {
    64 * 1024 * 1024
}

fn blocks_per_step() -> u64 {
    16
}

fn fee_target() -> u16 {
    6
}

impl Connection {
    /// Refuses what cannot work.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let host = self.url.strip_prefix("http://").ok_or_else(|| ConfigError::Url(self.url.clone()))?;
        if host.is_empty() || host.contains('@') {
            return Err(ConfigError::Url(self.url.clone()));
        }
        let credentials = (self.user.is_some(), self.password.is_some(), self.cookie.is_some());
        if !matches!(credentials, (false, false, _) | (true, true, false)) {
            return Err(ConfigError::Credentials);
        }
        within("timeout_ms", self.timeout_ms, 1..=3_600_000, "from 1 to 3600000")?;
        let most = 1024..=256 * 1024 * 1024;
        within("response_bytes_max", self.response_bytes_max, most, "from 1024 to 268435456")
    }
}

impl BitcoinConfig {
    /// Refuses what cannot work.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        self.node.validate()?;
        depths(self.confirmations, self.blocks_per_step)?;
        within("fee_target", self.fee_target.into(), 1..=1008, "from 1 to 1008")?;
        within("fee_rate_min", self.fee_rate_min, 1..=self.fee_rate_max, "from 1 to fee_rate_max")?;
        within("fee_rate_max", self.fee_rate_max, 1..=1_000_000_000, "from 1 to 1000000000")?;
        within("fee_max", self.fee_max, 1..=10_000_000_000, "from 1 to 10000000000")
    }
}

impl EthereumConfig {
    /// Refuses what cannot work.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        self.node.validate()?;
        depths(self.confirmations, self.blocks_per_step)?;
        within("priority_fee", self.priority_fee, 1..=self.max_fee_cap, "from 1 to max_fee_cap")?;
        within("coin_gas_max", self.coin_gas_max, 21_000..=1_000_000, "from 21000 to 1000000")?;
        within("token_gas_max", self.token_gas_max, 21_000..=10_000_000, "from 21000 to 10000000")
    }
}

fn depths(confirmations: u64, blocks: u64) -> Result<(), ConfigError> {
    within("confirmations", confirmations, 1..=1000, "from 1 to 1000")?;
    within("blocks_per_step", blocks, 1..=1000, "from 1 to 1000")
}

fn within(
    name: &'static str,
    value: u64,
    allowed: std::ops::RangeInclusive<u64>,
    range: &'static str,
) -> Result<(), ConfigError> {
    match allowed.contains(&value) {
        true => Ok(()),
        false => Err(ConfigError::Range { name, value, range }),
    }
}
