//! `fusor demo custody`: five nodes, a Litecoin node and an Ethereum node. Coins of both are locked in, one is lent
//! against another by a contract, and all are locked out again.

mod lend;
mod operators;
mod steward;
mod users;

use super::{
    outer::{CHAIN_ID, Ethereum, Litecoin, USER},
    peers::{Program, free_row},
};
use crate::{
    compile::Sources,
    custody::account::{Account, event},
    error::{CliError, Outcome},
    network::{
        client::Client,
        wallet::{Wallet, number, read_key},
    },
    output,
};
use alloy_primitives::{Address, TxKind, U256};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use fusor_vm::{
    account::{DCRM, erc20_address},
    dcrm,
    ledger::asset_id,
    precompile::IERC20View,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Longest time for anything that is waited for.
const WAIT_MAX: Duration = Duration::from_secs(240);
const NODES: u16 = 5;
/// About larger lock-outs of Litecoin the operators decide by hand, in smallest units.
const LARGE: u64 = 20_000_000;
/// The token on the Ethereum side.
const TOKEN: &str = include_str!("../../bench/Token.sol");

/// Shows custody of outer coins.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Lock one coin in and out only.
    #[arg(long)]
    short: bool,
    /// Keep the folder with all logs.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Runs the demonstration.
pub(crate) fn run(args: &Args) -> Outcome {
    let temporary = std::env::temp_dir().join(format!("fusor-demo-{}", std::process::id()));
    let folder = args.folder.clone().unwrap_or_else(|| temporary.clone());
    std::fs::create_dir_all(&folder).map_err(|source| CliError::Write { path: folder.clone(), source })?;
    let outcome = Stage::set(&folder).and_then(|stage| stage.play(args.short));
    if args.folder.is_none() {
        // What is left of it harms nobody.
        let _ = std::fs::remove_dir_all(&temporary);
    }
    outcome
}

/// Is everything that runs.
struct Stage {
    litecoin: Litecoin,
    ethereum: Ethereum,
    _network: Program,
    start: Instant,
    /// The port of the first node.
    first: u16,
    client: Client,
    /// The steward.
    steward: Account,
    /// Alice, who has coins of Litecoin.
    alice: Account,
    /// Bob, who has coin and tokens of Ethereum.
    bob: Account,
    /// Bob's account on Ethereum.
    outer_bob: Wallet,
    /// The token on Ethereum.
    token: Address,
}

fn tell(start: Instant, text: &str) -> Outcome {
    output::print(&format!("{:>6.1} s  {text}\n", start.elapsed().as_secs_f64()))
}

impl Stage {
    /// Starts all nodes.
    fn set(folder: &Path) -> Outcome<Self> {
        let start = Instant::now();
        let litecoin = Litecoin::start(folder)?;
        let ethereum = Ethereum::start(folder)?;
        tell(start, "litecoind (regtest) and anvil are there")?;
        let file = folder.join("custody.json");
        let outer = Client::new(&ethereum.url)?;
        let outer_bob = Wallet::new(outer.clone(), read_key("dev:3")?)?;
        let receipt = outer_bob.send(TxKind::Create, U256::ZERO, &creation(TOKEN, "Token")?)?;
        let token = created(&receipt, &outer)?;
        let text = chains(&litecoin.url, &ethereum.url, token).to_string();
        std::fs::write(&file, text).map_err(|source| CliError::Write { path: file.clone(), source })?;
        let first = free_row(NODES)?;
        let rpc = format!("127.0.0.1:{first}");
        let fusor = std::env::current_exe().map_err(|error| CliError::Usage(error.to_string()))?;
        let (data, custody) = (folder.join("chain").display().to_string(), file.display().to_string());
        let nodes = NODES.to_string();
        let args = [
            "devnet",
            "--nodes",
            &nodes,
            "--quiet",
            "--rpc",
            &rpc,
            "--datadir",
            &data,
            "--custody",
            &custody,
        ];
        let mut network = Program::start("fusor devnet", &fusor, &args, &folder.join("devnet.log"))?;
        let client = Client::new(&format!("http://{rpc}"))?;
        let height = || client.ask("eth_blockNumber", &json!([])).ok().and_then(|h| number(&h));
        network.wait(|| height().is_some_and(|height| height > U256::ZERO))?;
        tell(start, &format!("{NODES} nodes with a custodian each make blocks"))?;
        let account = |key: &str| Account::of(client.clone(), read_key(key)?);
        Ok(Self {
            steward: account("dev:0")?,
            alice: account("dev:1")?,
            bob: account("dev:2")?,
            outer_bob,
            token,
            litecoin,
            ethereum,
            _network: network,
            start,
            first,
            client,
        })
    }

    fn tell(&self, text: &str) -> Outcome {
        tell(self.start, text)
    }

    /// Plays the whole, or its first part.
    fn play(&self, short: bool) -> Outcome {
        self.list_litecoin()?;
        if short {
            self.lock_in_litecoin("0.5", 50_000_000)?;
            return self.lock_out_litecoin(30_000_000);
        }
        self.list_ethereum()?;
        self.lock_in_litecoin("0.5", 50_000_000)?;
        self.lock_in_ether()?;
        self.lock_in_token()?;
        self.lend()?;
        self.rotate()?;
        self.lock_out_litecoin(48_000_000)?;
        self.lock_out_ether()?;
        self.lock_out_token()?;
        self.books()
    }

    /// Returns where a node is asked.
    fn node(&self, index: u16) -> String {
        format!("http://127.0.0.1:{}", self.first.saturating_add(index))
    }

    /// Waits until something holds, and tells it.
    fn wait(&self, what: &str, holds: impl FnMut() -> Outcome<bool>) -> Outcome {
        self.until(what, holds)?;
        self.tell(what)
    }

    /// Waits until something holds.
    fn until(&self, what: &str, mut holds: impl FnMut() -> Outcome<bool>) -> Outcome {
        let start = Instant::now();
        while !holds()? {
            if start.elapsed() > WAIT_MAX {
                return Err(self.client.refuse(format!("after {} s not: {what}", WAIT_MAX.as_secs())));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// Reads an event of the custody account.
    fn event<E: SolEvent>(&self, receipt: &Value) -> Outcome<E> {
        event(receipt).ok_or_else(|| self.client.refuse("the receipt holds no such event"))
    }

    /// Returns what an account holds of a mapping.
    fn held(&self, who: &Account, coin: &str) -> Outcome<U256> {
        let asset = asset_id(DCRM, dcrm::name(coin).into());
        let data = IERC20View::balanceOfCall { account: who.address() }.abi_encode();
        let output = who.wallet().view(erc20_address(asset), &data)?;
        if output.is_empty() {
            // Nothing of it was minted ever.
            return Ok(U256::ZERO);
        }
        U256::abi_decode(&output).map_err(|error| self.client.refuse(error.to_string()))
    }

    /// Shows what the vaults hold and owe in the end.
    fn books(&self) -> Outcome {
        for vault in self.client.ask("fusor_dcrmVaults", &json!([]))?.as_array().into_iter().flatten() {
            for book in vault.pointer("/books").and_then(Value::as_array).into_iter().flatten() {
                let field = |name: &str| book.pointer(name).and_then(number).unwrap_or_default();
                let coin = book.pointer("/coin").and_then(Value::as_str).unwrap_or_default();
                let (custody, circulating) = (field("/custody"), field("/circulating"));
                self.tell(&format!("books: {coin} custody {custody}, circulating {circulating}"))?;
                if circulating > custody {
                    return Err(self.client.refuse("more circulates than is held"));
                }
            }
        }
        Ok(())
    }
}

/// Writes how the custodians reach both chains.
fn chains(litecoin: &str, ethereum: &str, token: Address) -> Value {
    json!({
        "owner": "owner", "provider": "provider", "region": "here",
        "by_hand_above": { "LTC": U256::from(LARGE) },
        "chains": {
            "litecoin": {
                "kind": "bitcoin", "network": "litecoin-regtest",
                "node": { "url": litecoin, "user": USER, "password": USER, "timeout_ms": 5000 },
                "confirmations": 2, "fee_rate_min": 10_000, "fee_rate_max": 100_000, "fee_max": 1_000_000,
                "deposit_min": 1_000
            },
            "ethereum": {
                "kind": "ethereum", "chain_id": CHAIN_ID,
                "node": { "url": ethereum, "timeout_ms": 5000 },
                "confirmations": 2, "max_fee_cap": 20_000_000_000u64, "priority_fee": 1_000_000_000,
                "coin_gas_max": 60_000, "token_gas_max": 150_000,
                "fund_max": 10_000_000_000_000_000u64, "deposit_min": 1_000_000,
                "tokens": [{ "address": token.to_checksum(None) }]
            }
        }
    })
}

/// Compiles a contract and returns its creation code.
fn creation(text: &str, contract: &str) -> Outcome<Vec<u8>> {
    let program = Sources::new(&[]).text(&format!("{contract}.sol"), text).only(contract).compile()?;
    let artifact = program.artifacts.into_iter().find(|artifact| artifact.name == contract);
    let artifact = artifact.ok_or_else(|| CliError::Usage(format!("no contract {contract}")))?;
    Ok(artifact.creation.bytes)
}

fn created(receipt: &Value, client: &Client) -> Outcome<Address> {
    let found = receipt.get("contractAddress").and_then(Value::as_str).and_then(|text| text.parse().ok());
    found.ok_or_else(|| client.refuse("the receipt names no contract"))
}
