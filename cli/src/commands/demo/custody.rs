//! `fusor demo custody`: five nodes, a Litecoin node and an Ethereum node. Coins of both are locked in, one is lent
//! against another by a contract, and all are locked out again.

use super::{
    outer::{CHAIN_ID, Ethereum, Litecoin, USER},
    peers::{Program, free},
};
use crate::{
    compile::Sources,
    error::{CliError, Outcome},
    network::{
        client::Client,
        wallet::{Wallet, number, read_key},
    },
    output,
};
use alloy_primitives::{Address, B256, TxKind, U256};
use alloy_sol_types::{SolCall, SolConstructor, SolEvent, SolValue, sol};
use fusor_vm::{
    account::{DCRM, erc20_address},
    dcrm::{self, AddressGiven, OutAsked},
    ledger::asset_id,
    precompile::{ICustody, IERC20View},
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Longest time for anything that is waited for.
const WAIT_MAX: Duration = Duration::from_secs(240);
/// The contract that lends one coin against another.
const PAWN: &str = include_str!("Pawn.sol");
/// The token on the Ethereum side.
const TOKEN: &str = include_str!("../../bench/Token.sol");

sol! {
    interface Pawn {
        constructor(bytes32 pledged, bytes32 lent);
        function open(uint256 pledge, uint256 loan) external;
        function fund(uint256 pawn) external;
        function redeem(uint256 pawn) external;
    }
    interface Erc20 {
        function transfer(address to, uint256 value) external returns (bool);
        function balanceOf(address who) external view returns (uint256);
    }
}

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
    client: Client,
    /// The steward.
    steward: Wallet,
    /// Alice, who has coins of Litecoin.
    alice: Wallet,
    /// Bob, who has coin and tokens of Ethereum.
    bob: Wallet,
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
        let token = address(&receipt, "/contractAddress", &outer)?;
        let text = chains(&litecoin.url, &ethereum.url, token).to_string();
        std::fs::write(&file, text).map_err(|source| CliError::Write { path: file.clone(), source })?;
        let rpc = free(16)?.into_iter().map(|address| address.port()).max().unwrap_or(18_545);
        let rpc = format!("127.0.0.1:{}", rpc.min(65_000));
        let fusor = std::env::current_exe().map_err(|error| CliError::Usage(error.to_string()))?;
        let (data, custody) = (folder.join("chain").display().to_string(), file.display().to_string());
        let args =
            ["devnet", "--nodes", "5", "--quiet", "--rpc", &rpc, "--datadir", &data, "--custody", &custody];
        let mut network = Program::start("fusor devnet", &fusor, &args, &folder.join("devnet.log"))?;
        let client = Client::new(&format!("http://{rpc}"))?;
        let height = || client.ask("eth_blockNumber", &json!([])).ok().and_then(|h| number(&h));
        network.wait(|| height().is_some_and(|height| height > U256::ZERO))?;
        tell(start, "5 nodes with a custodian each make blocks")?;
        let wallet = |key: &str, client: &Client| Wallet::new(client.clone(), read_key(key)?);
        Ok(Self {
            steward: wallet("dev:0", &client)?,
            alice: wallet("dev:1", &client)?,
            bob: wallet("dev:2", &client)?,
            outer_bob,
            token,
            litecoin,
            ethereum,
            _network: network,
            start,
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
        let token = self.token;
        self.list_ethereum()?;
        self.lock_in_litecoin("0.5", 50_000_000)?;
        self.lock_in_ether()?;
        self.lock_in_token(token)?;
        self.lend()?;
        self.rotate()?;
        self.lock_out_litecoin(48_000_000)?;
        self.lock_out_ether()?;
        self.lock_out_token(token)?;
        self.books()
    }

    fn act(&self, wallet: &Wallet, value: U256, call: &impl SolCall) -> Outcome<Value> {
        wallet.send(TxKind::Call(DCRM), value, &call.abi_encode())
    }

    fn fee(&self) -> Outcome<U256> {
        let data = ICustody::rulesCall {}.abi_encode();
        let output = self.steward.view(DCRM, &data)?;
        let rules = ICustody::rulesCall::abi_decode_returns(&output);
        Ok(rules.map_err(|error| self.client.refuse(error.to_string()))?.requestFee)
    }

    /// Lists Litecoin and opens its vault.
    fn list_litecoin(&self) -> Outcome {
        self.tell("the steward lists Litecoin and opens a vault: taproot, 3 of 5")?;
        let chain = ICustody::setChainCall {
            name: dcrm::name("litecoin"),
            family: 1,
            chainId: 0,
            prefix: dcrm::name("rltc"),
            confirmations: 2,
            proofTarget: U256::ZERO,
        };
        self.act(&self.steward, U256::ZERO, &chain)?;
        self.coin("LTC", "litecoin", Address::ZERO, 8, [20_000, 10_000, 200_000, 1_000_000])?;
        self.open("litecoin", 2, &["LTC"])
    }

    /// Lists Ethereum, its coin and a token, and opens its vault.
    fn list_ethereum(&self) -> Outcome {
        let token = self.token;
        self.tell(&format!(
            "the steward lists Ethereum, ETH and the token {token}, and opens a vault: ECDSA, 3 of 5"
        ))?;
        let chain = ICustody::setChainCall {
            name: dcrm::name("ethereum"),
            family: 2,
            chainId: CHAIN_ID,
            prefix: B256::ZERO,
            confirmations: 2,
            proofTarget: U256::ZERO,
        };
        self.act(&self.steward, U256::ZERO, &chain)?;
        let finney = 1_000_000_000_000_000u64;
        self.coin(
            "ETH",
            "ethereum",
            Address::ZERO,
            18,
            [20 * finney, 10 * finney, 20 * finney, 30 * finney],
        )?;
        self.coin("USDX", "ethereum", token, 18, [2 * finney, finney, 20 * finney, finney])?;
        self.open("ethereum", 1, &["ETH", "USDX"])
    }

    fn coin(&self, id: &str, chain: &str, token: Address, decimals: u8, limits: [u64; 4]) -> Outcome {
        let [min_deposit, in_fee, max_fee, min_out] = limits.map(U256::from);
        let call = ICustody::setCoinCall {
            id: dcrm::name(id),
            chain: dcrm::name(chain),
            token,
            decimals,
            minDeposit: min_deposit,
            inFee: in_fee,
            maxFee: max_fee,
            minOut: min_out,
            title: format!("{id} in custody"),
        };
        self.act(&self.steward, U256::ZERO, &call).map(drop)
    }

    fn open(&self, chain: &str, scheme: u8, coins: &[&str]) -> Outcome {
        let caps = coins.iter().map(|coin| ICustody::Cap { coin: dcrm::name(coin), cap: U256::MAX >> 1 });
        let (threshold, size) = (3, 5);
        let call = ICustody::openVaultCall {
            chain: dcrm::name(chain),
            scheme,
            threshold,
            size,
            caps: caps.collect(),
        };
        self.wait("five custodians are registered", || {
            Ok(self
                .client
                .ask("fusor_dcrmCustodians", &json!([]))?
                .as_array()
                .is_some_and(|all| all.len() == 5))
        })?;
        self.act(&self.steward, U256::ZERO, &call)?;
        let active = |vault: &Value| vault.pointer("/state") == Some(&json!("active"));
        let ours = |vault: &Value| vault.pointer("/chain") == Some(&json!(chain)) && active(vault);
        self.wait("its key is generated, held by nobody", || {
            Ok(self
                .client
                .ask("fusor_dcrmVaults", &json!([]))?
                .as_array()
                .is_some_and(|all| all.iter().any(ours)))
        })
    }

    /// Waits until something holds, and tells it.
    fn wait(&self, what: &str, mut holds: impl FnMut() -> Outcome<bool>) -> Outcome {
        let start = Instant::now();
        while !holds()? {
            if start.elapsed() > WAIT_MAX {
                return Err(self.client.refuse(format!("after {} s not: {what}", WAIT_MAX.as_secs())));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        self.tell(what)
    }

    /// Asks for an address to lock `coin` in to `wallet`.
    fn address(&self, wallet: &Wallet, coin: &str) -> Outcome<String> {
        let call =
            ICustody::requestAddressCall { coin: dcrm::name(coin), beneficiary: wallet.address(), vault: 0 };
        let receipt = self.act(wallet, self.fee()?, &call)?;
        let given: AddressGiven = event(&receipt, &self.client)?;
        self.tell(&format!("{coin}: address {} for request {}", given.outer, given.request))?;
        Ok(given.outer)
    }

    /// Returns what `wallet` holds of a mapping.
    fn held(&self, wallet: &Wallet, coin: &str) -> Outcome<U256> {
        let asset = asset_id(DCRM, dcrm::name(coin).into());
        let data = IERC20View::balanceOfCall { account: wallet.address() }.abi_encode();
        let output = wallet.view(erc20_address(asset), &data)?;
        if output.is_empty() {
            // Nothing of it was minted ever.
            return Ok(U256::ZERO);
        }
        U256::abi_decode(&output).map_err(|error| self.client.refuse(error.to_string()))
    }

    fn lock_in_litecoin(&self, coins: &str, units: u64) -> Outcome {
        let address = self.address(&self.alice, "LTC")?;
        self.litecoin.pay(&address, coins)?;
        self.tell(&format!("alice pays {coins} LTC to it"))?;
        let due = U256::from(units.saturating_sub(10_000));
        self.wait("alice holds the mapping of LTC, less the fee of the lock-in", || {
            self.litecoin.mine(1)?;
            std::thread::sleep(Duration::from_millis(800));
            Ok(self.held(&self.alice, "LTC")? >= due)
        })
    }

    fn lock_in_ether(&self) -> Outcome {
        let address = self.address(&self.bob, "ETH")?;
        let to: Address = address.parse().map_err(|_| self.client.refuse("not an address"))?;
        let wei = U256::from(3_000_000_000_000_000_000u64);
        self.outer_bob.send(TxKind::Call(to), wei, &[])?;
        self.tell("bob pays 3 ETH to it")?;
        self.wait("bob holds the mapping of ETH", || Ok(!self.held(&self.bob, "ETH")?.is_zero()))
    }

    fn lock_in_token(&self, token: Address) -> Outcome {
        let address = self.address(&self.bob, "USDX")?;
        let to: Address = address.parse().map_err(|_| self.client.refuse("not an address"))?;
        let value = U256::from(1_000_000_000_000_000_000_000u128);
        let call = Erc20::transferCall { to, value };
        self.outer_bob.send(TxKind::Call(token), U256::ZERO, &call.abi_encode())?;
        self.tell("bob pays 1000 USDX to it")?;
        self.wait("bob holds the mapping of USDX", || Ok(!self.held(&self.bob, "USDX")?.is_zero()))
    }

    /// Lends USDX of bob to alice against LTC of hers; she pays back.
    fn lend(&self) -> Outcome {
        let mut code = creation(PAWN, "Pawn")?;
        let (pledged, lent) = (dcrm::name("LTC"), dcrm::name("USDX"));
        code.extend(Pawn::constructorCall { pledged, lent }.abi_encode());
        let receipt = self.steward.send(TxKind::Create, U256::ZERO, &code)?;
        let pawn = address(&receipt, "/contractAddress", &self.client)?;
        let (pledge, loan) = (U256::from(40_000_000), U256::from(200_000_000_000_000_000_000u128));
        self.give(&self.alice, "LTC", pawn, pledge)?;
        let call = Pawn::openCall { pledge, loan }.abi_encode();
        self.alice.send(TxKind::Call(pawn), U256::ZERO, &call)?;
        self.give(&self.bob, "USDX", pawn, loan)?;
        self.bob.send(TxKind::Call(pawn), U256::ZERO, &Pawn::fundCall { pawn: U256::ONE }.abi_encode())?;
        self.tell("alice pledges 0.4 LTC at a contract, bob lends her 200 USDX against it")?;
        self.give(&self.alice, "USDX", pawn, loan)?;
        let call = Pawn::redeemCall { pawn: U256::ONE }.abi_encode();
        self.alice.send(TxKind::Call(pawn), U256::ZERO, &call)?;
        self.tell("alice pays back and has her LTC again")
    }

    /// Moves Litecoin to a vault with a key of its own, as on suspicion of the first key.
    fn rotate(&self) -> Outcome {
        self.tell("the steward suspects the key of the Litecoin vault and opens another one")?;
        let vaults = || self.client.ask("fusor_dcrmVaults", &json!([]));
        let field =
            |vault: &Value, name: &str| vault.pointer(name).and_then(Value::as_str).map(str::to_owned);
        let active = |vault: &&Value| {
            field(vault, "/chain").as_deref() == Some("litecoin")
                && field(vault, "/state").as_deref() == Some("active")
        };
        let caps = vec![ICustody::Cap { coin: dcrm::name("LTC"), cap: U256::MAX >> 1 }];
        let call =
            ICustody::openVaultCall { chain: dcrm::name("litecoin"), scheme: 2, threshold: 3, size: 5, caps };
        self.act(&self.steward, U256::ZERO, &call)?;
        self.wait("a second key is generated", || {
            Ok(vaults()?.as_array().is_some_and(|all| all.iter().filter(active).count() == 2))
        })?;
        self.act(&self.steward, U256::ZERO, &ICustody::retireCall { vault: 1 })?;
        self.wait("all LTC moved to the second key, and what circulates with it", || {
            std::thread::sleep(Duration::from_millis(800));
            self.litecoin.mine(1)?;
            let all = vaults()?;
            let first = all.as_array().and_then(|all| all.first());
            Ok(first.and_then(|vault| vault.pointer("/books/0/custody")).and_then(number) == Some(U256::ZERO))
        })
    }

    fn give(&self, from: &Wallet, coin: &str, to: Address, amount: U256) -> Outcome {
        let asset = asset_id(DCRM, dcrm::name(coin).into());
        let call = IERC20View::transferCall { to, value: amount }.abi_encode();
        from.send(TxKind::Call(erc20_address(asset)), U256::ZERO, &call).map(drop)
    }

    /// Asks to lock out, and waits until it is paid; `mine` makes the outer chain go on.
    fn lock_out(
        &self,
        wallet: &Wallet,
        coin: &str,
        amount: U256,
        (destination, max_fee): (&str, U256),
        mut mine: impl FnMut() -> Outcome,
    ) -> Outcome {
        let call = ICustody::lockOutCall {
            coin: dcrm::name(coin),
            amount,
            destination: destination.to_owned(),
            maxFee: max_fee,
            vault: 0,
        };
        let receipt = self.act(wallet, self.fee()?, &call)?;
        let asked: OutAsked = event(&receipt, &self.client)?;
        self.tell(&format!("{coin}: lock-out {} to {destination}", asked.request))?;
        let mut last = String::new();
        self.wait(&format!("{coin}: paid outside, its mapping is destroyed"), || {
            mine()?;
            let request = self.client.ask("fusor_dcrmRequest", &json!([U256::from(asked.request)]))?;
            let waits = request.pointer("/waitsFor").and_then(Value::as_str).unwrap_or_default();
            if !waits.is_empty() && waits != last {
                self.tell(&format!("{coin}: waits for {waits}"))?;
                waits.clone_into(&mut last);
            }
            match request.pointer("/status").and_then(Value::as_str) {
                Some("paid") => Ok(true),
                Some("returned") => Err(self.client.refuse("the lock-out was returned")),
                _ => Ok(false),
            }
        })
    }

    fn lock_out_litecoin(&self, units: u64) -> Outcome {
        let to = self.litecoin.address()?;
        let mine = || {
            std::thread::sleep(Duration::from_millis(800));
            self.litecoin.mine(1)
        };
        self.lock_out(&self.alice, "LTC", U256::from(units), (&to, U256::from(100_000)), mine)?;
        let received = self.litecoin.received(&to, 1)?;
        self.tell(&format!("litecoind: {to} received {received} LTC"))
    }

    fn lock_out_ether(&self) -> Outcome {
        let to = Address::repeat_byte(0xb0);
        let (amount, fee) = (U256::from(2_000_000_000_000_000_000u64), U256::from(20_000_000_000_000_000u64));
        self.lock_out(&self.bob, "ETH", amount, (&to.to_checksum(None), fee), || Ok(()))?;
        let outer = Client::new(&self.ethereum.url)?;
        let balance = number(&outer.ask("eth_getBalance", &json!([to, "latest"]))?).unwrap_or_default();
        self.tell(&format!("anvil: {to} has {balance} wei"))
    }

    fn lock_out_token(&self, token: Address) -> Outcome {
        let to = Address::repeat_byte(0xb1);
        let (amount, fee) = (self.held(&self.bob, "USDX")?, U256::from(20_000_000_000_000_000u64));
        self.lock_out(&self.bob, "USDX", amount, (&to.to_checksum(None), fee), || Ok(()))?;
        let output = self.outer_bob.view(token, &Erc20::balanceOfCall { who: to }.abi_encode())?;
        let balance = U256::abi_decode(&output).unwrap_or_default();
        self.tell(&format!("anvil: {to} has {balance} units of USDX"))
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

fn address(receipt: &Value, field: &str, client: &Client) -> Outcome<Address> {
    let found = receipt.pointer(field).and_then(Value::as_str).and_then(|text| text.parse().ok());
    found.ok_or_else(|| client.refuse("the receipt names no contract"))
}

/// Reads an event from a receipt.
fn event<E: SolEvent>(receipt: &Value, client: &Client) -> Outcome<E> {
    let logs = receipt.pointer("/logs").and_then(Value::as_array).into_iter().flatten();
    let read = |log: &Value| {
        let topics = log.pointer("/topics")?.as_array()?.iter();
        let topics: Option<Vec<B256>> = topics.map(|topic| topic.as_str()?.parse().ok()).collect();
        let data: alloy_primitives::Bytes = log.pointer("/data")?.as_str()?.parse().ok()?;
        E::decode_raw_log(topics?, &data).ok()
    };
    logs.into_iter().find_map(read).ok_or_else(|| client.refuse("the receipt holds no such event"))
}
