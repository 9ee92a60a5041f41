//! Runs a node in a folder of its own.

use crate::common::{Key, free_port, missing, on_path};
use alloy_primitives::U256;
use fusor_outer::{
    ChainConfig, Cursor, Deposit, Observation, OuterChain, Plan, Scheme, Signed, Vault,
    bitcoin::hash_from_hex, connect,
};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const COIN: u64 = 100_000_000;
pub(crate) const CONFIRMATIONS: u64 = 3;

pub(crate) struct Node {
    child: Child,
    folder: PathBuf,
    port: u16,
    pub(crate) chain: Box<dyn OuterChain>,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Node {
    /// Starts a node with a wallet that has mined 120 blocks; none if there is no litecoind.
    pub(crate) fn start() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Some(binary) = on_path("litecoind") else {
            missing("litecoind");
            return None;
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("fusor-litecoin-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = free_port();
        let child = Command::new(binary)
            .args([
                "-regtest",
                "-txindex=0",
                "-listen=0",
                "-fallbackfee=0.0001",
                "-dnsseed=0",
                "-server",
                "-mempoolreplacement=1",
            ])
            .arg(format!("-datadir={}", folder.display()))
            .arg(format!("-rpcport={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cookie = folder.join("regtest/.cookie");
        let config = config(port, &format!(r#""cookie": "{}""#, cookie.display()));
        let node = Self { child, folder, port, chain: connect(config).unwrap() };
        node.wait();
        node.cli(&["createwallet", "w"]);
        node.mine(120);
        Some(node)
    }

    fn wait(&self) {
        for _ in 0..300 {
            if self.chain.check_network().is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("litecoind does not come up: {:?}", self.chain.check_network());
    }

    pub(crate) fn try_cli(&self, args: &[&str]) -> Result<String, String> {
        let out = Command::new("litecoin-cli")
            .arg("-regtest")
            .arg(format!("-datadir={}", self.folder.display()))
            .arg(format!("-rpcport={}", self.port))
            .args(args)
            .output()
            .unwrap();
        match out.status.success() {
            true => Ok(String::from_utf8(out.stdout).unwrap().trim().to_string()),
            false => Err(String::from_utf8_lossy(&out.stderr).into_owned()),
        }
    }

    pub(crate) fn cli(&self, args: &[&str]) -> String {
        self.try_cli(args).unwrap_or_else(|error| panic!("{args:?}: {error}"))
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.cli(args)).unwrap()
    }

    /// Mines blocks to the wallet.
    pub(crate) fn mine(&self, count: u64) {
        let to = self.cli(&["getnewaddress", "", "bech32"]);
        self.mine_to(count, &to);
    }

    pub(crate) fn mine_to(&self, count: u64, to: &str) {
        self.cli(&["generatetoaddress", &count.to_string(), to]);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn cookie(&self) -> String {
        self.folder.join("regtest/.cookie").display().to_string()
    }

    pub(crate) fn tip(&self) -> u64 {
        self.chain.height().unwrap()
    }

    pub(crate) fn address(&self, key: &Key) -> String {
        self.chain.address(&key.lock.key, key.lock.scheme).unwrap()
    }

    /// Has the wallet pay; returns the txid in the order of its bytes.
    pub(crate) fn pay(&self, key: &Key, amount: u64) -> [u8; 32] {
        let coins = format!("{}.{:08}", amount / COIN, amount % COIN);
        hash_from_hex(&self.cli(&["sendtoaddress", &self.address(key), &coins])).unwrap()
    }

    /// Reads on until nothing is left; fails on a reorganisation.
    pub(crate) fn drain(&self, vault: &Vault, cursor: &mut Cursor) -> Vec<Deposit> {
        let mut all = Vec::new();
        loop {
            match self.chain.observe(vault, cursor).unwrap() {
                Observation::Progress { cursor: next, deposits, behind } => {
                    *cursor = Cursor::decode(&next.encode()).unwrap();
                    assert_eq!(*cursor, next);
                    all.extend(deposits);
                    if behind == 0 {
                        return all;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Drops the newest blocks from the main chain.
    pub(crate) fn invalidate(&self, count: u64) {
        let hash = self.cli(&["getblockhash", &(self.tip() + 1 - count).to_string()]);
        self.cli(&["invalidateblock", &hash]);
    }

    /// Signs, and has Bitcoin's own code verify each input.
    pub(crate) fn sign(&self, plan: &Plan, keys: &[Key]) -> Signed {
        let signed = crate::common::sign(self.chain.as_ref(), plan, keys);
        verify(&signed, self.chain.as_ref());
        signed
    }
}

/// Configures the chain as custodians would.
pub(crate) fn config(port: u16, credentials: &str) -> ChainConfig {
    ChainConfig::from_json(&format!(
        r#"{{"kind": "bitcoin", "network": "litecoin-regtest",
            "node": {{"url": "http://127.0.0.1:{port}", {credentials}}},
            "confirmations": {CONFIRMATIONS}, "fee_rate_min": 2000, "fee_rate_max": 200000, "fee_max": 10000000,
            "deposit_min": 10000}}"#
    ))
    .unwrap()
}

/// Makes a vault with a main key and deposit keys of both kinds.
pub(crate) fn keys() -> (Vec<Key>, Vault) {
    let keys = vec![
        Key::new("main", Scheme::Ecdsa),
        Key::new("first", Scheme::Ecdsa),
        Key::new("second", Scheme::Schnorr),
        Key::new("third", Scheme::Schnorr),
    ];
    let deposits = keys[1..].iter().map(|key| key.lock).collect();
    let vault = Vault { main: keys[0].lock, deposits };
    (keys, vault)
}

pub(crate) fn coins(amount: u64) -> U256 {
    U256::from(amount)
}

/// Has `bitcoinconsensus` verify every input with segwit and taproot rules.
pub(crate) fn verify(signed: &Signed, chain: &dyn OuterChain) {
    let Plan::Bitcoin(plan) = &signed.plan else { panic!("a plan of the Bitcoin family") };
    let scripts: Vec<_> = plan
        .inputs
        .iter()
        .map(|input| {
            let address = chain.address(&input.lock.key, input.lock.scheme).unwrap();
            chain.parse_destination(&address).unwrap().script
        })
        .collect();
    let spent: Vec<_> = plan
        .inputs
        .iter()
        .zip(&scripts)
        .map(|(input, script)| bitcoinconsensus::Utxo {
            script_pubkey: script.as_ptr(),
            script_pubkey_len: script.len().try_into().unwrap(),
            value: input.amount.try_into().unwrap(),
        })
        .collect();
    for (place, (input, script)) in plan.inputs.iter().zip(&scripts).enumerate() {
        let verdict = bitcoinconsensus::verify(script, input.amount, &signed.raw, Some(&spent), place);
        assert_eq!(verdict, Ok(()), "input {place}");
        let wrong = bitcoinconsensus::verify(script, input.amount + 1, &signed.raw, Some(&spent), place);
        assert_eq!(
            wrong.is_err(),
            input.lock.scheme == Scheme::Ecdsa,
            "version 0 commits to the amount given"
        );
    }
}
