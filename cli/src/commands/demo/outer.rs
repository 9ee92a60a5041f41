//! Runs a Litecoin node in regtest and an Ethereum node, and acts on them as a user would.

use super::peers::{Program, find, free};
use crate::{
    error::{CliError, Outcome},
    network::client::Client,
};
use serde_json::{Value, json};
use std::path::Path;

/// Is a Litecoin node with a wallet.
pub(super) struct Litecoin {
    _program: Program,
    client: Client,
    pub(super) url: String,
}

/// Is the user and the password of its RPC.
pub(super) const USER: &str = "demo";
const LITECOIND: &str = "install the Debian package litecoind";
const ANVIL: &str = "install Foundry";

impl Litecoin {
    /// Starts a node in a folder and mines coins to its wallet.
    pub(super) fn start(folder: &Path) -> Outcome<Self> {
        let path = find("litecoind", "FUSOR_LITECOIND", None, LITECOIND)?;
        let data = folder.join("litecoin");
        std::fs::create_dir_all(&data).map_err(|source| CliError::Write { path: data.clone(), source })?;
        let [rpc, p2p] = free(2)?.try_into().map_err(|_| CliError::Usage("no free port".into()))?;
        let args = [
            "-regtest".into(),
            "-server".into(),
            "-listen=0".into(),
            "-fallbackfee=0.0002".into(),
            format!("-datadir={}", data.display()),
            format!("-rpcport={}", rpc.port()),
            format!("-port={}", p2p.port()),
            format!("-rpcuser={USER}"),
            format!("-rpcpassword={USER}"),
        ];
        let mut program = Program::start("litecoind", &path, &args, &folder.join("litecoind.log"))?;
        let url = format!("http://{rpc}");
        let client = Client::new(&url)?.with_basic(USER, USER);
        program.wait(|| client.ask("getblockcount", &json!([])).is_ok())?;
        client.ask("createwallet", &json!(["demo"]))?;
        let node = Self { _program: program, client, url };
        node.mine(110)?;
        Ok(node)
    }

    fn ask(&self, method: &str, params: &Value) -> Outcome<Value> {
        self.client.ask(method, params)
    }

    fn text(&self, method: &str, params: &Value) -> Outcome<String> {
        let answer = self.ask(method, params)?;
        answer.as_str().map(str::to_owned).ok_or_else(|| self.client.refuse(format!("{method} gave no text")))
    }

    /// Makes an address of the wallet.
    pub(super) fn address(&self) -> Outcome<String> {
        self.text("getnewaddress", &json!([]))
    }

    /// Mines blocks.
    pub(super) fn mine(&self, blocks: u32) -> Outcome {
        let to = self.address()?;
        self.ask("generatetoaddress", &json!([blocks, to])).map(drop)
    }

    /// Pays from the wallet, in coins.
    pub(super) fn pay(&self, to: &str, amount: &str) -> Outcome<String> {
        self.text("sendtoaddress", &json!([to, amount]))
    }

    /// Returns what an address of the wallet has received with `confirmations`, in coins.
    pub(super) fn received(&self, address: &str, confirmations: u32) -> Outcome<String> {
        Ok(self.ask("getreceivedbyaddress", &json!([address, confirmations]))?.to_string())
    }
}

/// Is an Ethereum node.
pub(super) struct Ethereum {
    _program: Program,
    pub(super) url: String,
}

/// Is its chain id.
pub(super) const CHAIN_ID: u64 = 31_337;

impl Ethereum {
    /// Starts a node that makes a block a second.
    pub(super) fn start(folder: &Path) -> Outcome<Self> {
        let package = "@foundry-rs/anvil-linux-amd64/bin/anvil";
        let path = find("anvil", "FUSOR_ANVIL", Some(package), ANVIL)?;
        let [rpc] = free(1)?.try_into().map_err(|_| CliError::Usage("no free port".into()))?;
        let args = ["--port".into(), rpc.port().to_string(), "--block-time".into(), "1".to_owned()];
        let mut program = Program::start("anvil", &path, &args, &folder.join("anvil.log"))?;
        let url = format!("http://{rpc}");
        let client = Client::new(&url)?;
        program.wait(|| client.ask("eth_chainId", &json!([])).is_ok())?;
        Ok(Self { _program: program, url })
    }
}
