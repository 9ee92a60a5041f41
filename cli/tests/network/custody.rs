//! Runs the commands about custody against a development network whose custodians reach no outer node: keys are made and
//! addresses are given all the same.

use crate::{
    client,
    common::{Folder, fusor},
    devnet::Devnet,
};
use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolCall;
use fusor_vm::{account::DCRM, dcrm, precompile::ICustody};
use serde_json::json;
use std::time::{Duration, Instant};

/// Names an outer chain whose node does not answer: nothing listens on port 1.
const CHAINS: &str = r#"{
  "owner": "owner", "provider": "provider", "region": "here",
  "chains": {
    "litecoin": {
      "kind": "bitcoin", "network": "litecoin-regtest", "node": { "url": "http://127.0.0.1:1", "timeout_ms": 200 },
      "confirmations": 2, "fee_rate_min": 1000, "fee_rate_max": 100000, "fee_max": 1000000, "deposit_min": 10000
    }
  }
}"#;

/// Is an address of the test vector of BIP-173, as written on litecoin's regtest.
const OUTSIDE: &str = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3";

/// Runs commands at a node.
struct At(String);

impl At {
    fn run(&self, line: &str) -> crate::common::Ran {
        let words: Vec<_> = line.split_whitespace().chain(["--rpc", &self.0]).collect();
        fusor(&words)
    }

    /// Returns confirmations and proof target of litecoin as they are listed.
    fn listed(&self) -> (u32, U256) {
        let rpc = self.0.strip_prefix("http://").unwrap().parse().unwrap();
        let data = ICustody::chainCall { name: dcrm::name("litecoin") }.abi_encode();
        let call = json!([{ "to": DCRM, "data": Bytes::from(data) }, "latest"]);
        let output: Bytes = client::ask(rpc, "eth_call", &call).unwrap().as_str().unwrap().parse().unwrap();
        let chain = ICustody::chainCall::abi_decode_returns(&output).unwrap();
        (chain.confirmations, chain.proofTarget)
    }

    /// Runs a line until its output holds `wanted`, for two minutes.
    fn until(&self, line: &str, wanted: &str) -> String {
        let start = Instant::now();
        loop {
            let out = self.run(line).succeeds();
            if out.contains(wanted) {
                return out;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "no {wanted} in\n{out}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

/// Lists litecoin and opens a vault of all three custodians, once they have registered.
fn open_a_vault(at: &At) {
    let error = at.run("lock-in ltc 1 --from dev:1").fails(1);
    assert!(error.contains("no coin ltc; this chain lists none"), "{error}");
    let chain = "custody chain litecoin --bitcoin rltc --confirmations 2 --from";
    let error = at.run(&format!("{chain} dev:1")).fails(1);
    assert!(error.contains("only the steward of custody may do that"), "{error}");
    at.run(&format!("{chain} dev:0")).succeeds();
    let coin = "custody coin LTC --chain litecoin --decimals 8 --min-deposit 0.01 --in-fee 0.001 --max-fee 0.01 \
                --min-out 0.02 --title Litecoin --from dev:0";
    at.run(coin).succeeds();
    let error = at.run("lock-in LTC 1 --from dev:1").fails(1);
    assert!(error.contains("no active vault has room for this coin"), "{error}");
    at.until("vaults", "owner-2");
    let open = "custody open-vault litecoin --cap LTC=100 --threshold 2 --size";
    let error = at.run(&format!("{open} 4 --from dev:0")).fails(1);
    assert!(error.contains("not enough independent custodians"), "{error}");
    let out = at.run(&format!("{open} 3 --from dev:0")).succeeds();
    assert!(out.contains("vault 1 of litecoin is opened"), "{out}");
}

fn lock_in(at: &At) {
    let error = at.run("lock-in ltc 0.123456789 --from dev:1").fails(1);
    assert!(error.contains("LTC: `0.123456789` has more than 8 decimals"), "{error}");
    let error = at.run("lock-in ltc 0.001 --from dev:1").fails(1);
    assert!(error.contains("0.001 LTC is too little: less than 0.01 LTC is not credited"), "{error}");
    let error = at.run("lock-in doge 1 --from dev:1").fails(1);
    assert!(error.contains("no coin doge; this chain lists LTC"), "{error}");
    let out = at.run("lock-in ltc 0.5 --from dev:1").succeeds();
    assert!(out.contains("request     1\naddress     rltc1q"), "{out}");
    assert!(
        out.contains("send        0.5 LTC on litecoin to this address\nwaits for   2 confirmations\n"),
        "{out}"
    );
    assert!(
        out.contains(
            "fee         0.001 LTC\ncredits     0.499 LTC to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
        ),
        "{out}"
    );
    let shown = at.run("request 1").succeeds();
    assert!(
        shown.contains("status      address given\nwaits for   a deposit, and its confirmations\n"),
        "{shown}"
    );
    let address = out.lines().find_map(|line| line.strip_prefix("address")).unwrap().trim();
    assert!(shown.contains(address), "{shown}");
    let listed = at.run("requests 0x70997970C51812dc3A010C7d01b50e0d17dc79C8").succeeds();
    let cells: Vec<_> = listed.lines().nth(1).unwrap().split_whitespace().take(6).collect();
    assert_eq!(cells, ["1", "lock-in", "0", "LTC", "address", "given"]);
    assert!(at.run("request 2").fails(1).contains("there is no request 2"));
}

fn lock_out(at: &At) {
    let error = at.run(&format!("lock-out ltc 0.5 {OUTSIDE} --from dev:1")).fails(1);
    assert!(error.contains("holds 0 LTC that it may send, less than 0.5 LTC"), "{error}");
    let error = at.run(&format!("lock-out ltc 0.001 {OUTSIDE} --from dev:1")).fails(1);
    assert!(error.contains("0.001 LTC is too little: the least lock-out is 0.02 LTC"), "{error}");
    assert_eq!(at.run("custody approvals").succeeds(), "nothing waits for the operator\n");
    let error = at.run("custody approve 1 --key dev:0").fails(1);
    assert!(error.contains("no decision about request 1 is waited for"), "{error}");
    let error = at.run("custody approve 1 --refuse --key dev:1").fails(1);
    assert!(error.contains("the signature is not that of the operator"), "{error}");
    let error = at.run("custody cancel 1 --from dev:1").fails(1);
    assert!(error.contains("only a lock-out that nobody has planned can be taken back"), "{error}");
}

/// Changes what is listed of the chain; a rule that is not named stays.
fn change_chain(at: &At) {
    let chain =
        |options: &str| at.run(&format!("custody chain litecoin --bitcoin rltc {options} --from dev:0"));
    let first = "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9";
    let error = chain("--confirmations 2 --proof-target 0x1d00ffff").fails(2);
    assert!(error.contains("--genesis"), "{error}");
    let error = chain(&format!("--confirmations 2 --proof-target 7 --genesis 0x{first}")).fails(2);
    assert!(error.contains("expected a compact target"), "{error}");
    assert_eq!(at.listed(), (2, U256::ZERO));
    chain(&format!("--confirmations 3 --proof-target 0x1d00ffff --genesis 0x{first}")).succeeds();
    let target = U256::from(0xffff) << 208;
    assert_eq!(at.listed(), (3, target));
    chain("--confirmations 4").succeeds();
    assert_eq!(at.listed(), (4, target));
    chain(&format!("--confirmations 4 --genesis 0x{}", "11".repeat(32))).fails(1);
    chain("--confirmations 2 --no-proofs").succeeds();
    assert_eq!(at.listed(), (2, U256::ZERO));
}

/// Lets the steward and an operator do the rest of what they can.
fn steer(at: &At) {
    assert!(
        at.run("custody set-cap 1 ltc 7.5 --from dev:0").succeeds().contains("vault 1 holds 7.5 LTC at most")
    );
    at.run("custody set-size 1 --threshold 1 --size 2 --from dev:0").succeeds();
    let error = at.run("custody set-size 1 --threshold 2 --size 2 --from dev:0").fails(1);
    assert!(error.contains("t of m must have"), "{error}");
    at.run("custody halt 1 --from dev:0").succeeds();
    let table = at.run("vaults").succeeds();
    assert!(table.contains("halted") && table.contains("7.5"), "{table}");
    assert!(at.run("lock-in ltc 1 --from dev:1").fails(1).contains("no active vault"));
    at.run("custody resume 1 --from dev:0").succeeds();
    let error = at.run(&format!("custody credit 0x{} --from dev:1", "11".repeat(32))).fails(1);
    assert!(error.contains("no deposit is held by this name"), "{error}");
    assert!(at.run("custody leave --key dev:9").fails(1).contains("not a custodian"));
    at.run("custody claim --key dev:1").succeeds();
    assert!(at.run("custody leave --key dev:1").succeeds().contains("leaves"));
    assert!(at.run("custody withdraw --key dev:1").fails(1).contains("bond is not free"));
    assert!(at.run("vaults").succeeds().contains("leaving"));
}

#[test]
fn a_vault_opens_gives_addresses_and_pays_nobody_who_holds_nothing() {
    let folder = Folder::new();
    let chains = folder.write("chains.json", CHAINS);
    let devnet = Devnet::of(3, &["--custody", chains.to_str().unwrap()]);
    let at = At(format!("http://{}", devnet.rpc));
    open_a_vault(&at);
    let table = at.until("vaults", "active  2 of 3");
    assert!(table.contains("1  litecoin  active  2 of 3"), "{table}");
    assert!(!table.contains("warning"), "each of them is of its own: {table}");
    lock_in(&at);
    lock_out(&at);
    change_chain(&at);
    steer(&at);
}

#[test]
fn a_custodians_key_is_made_once_and_for_its_owner_alone() {
    let folder = Folder::new();
    let path = folder.path().join("custodian.key");
    let file = path.to_str().unwrap();
    let made = fusor(&["custody", "key", "new", file]).succeeds();
    assert!(made.starts_with("operator    0x") && made.contains("\nencryption  0x0"), "{made}");
    assert_eq!(fusor(&["custody", "key", "show", file]).succeeds(), made);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.trim().len() == 66 && !made.contains(text.trim()));
    assert!(fusor(&["custody", "key", "new", file]).fails(1).contains("exists already"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(
            fusor(&["custody", "key", "show", file]).fails(1).contains("can be read or written by others")
        );
    }
}

#[test]
fn a_node_takes_a_custodian_only_where_there_is_custody() {
    let folder = Folder::new();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (with, without, key) = (place("with"), place("without"), place("custodian.key"));
    let steward = "0x1111111111111111111111111111111111111111";
    let new = |out: &str, more: &[&str]| {
        let words = ["genesis", "new", "--validators", "1", "--out", out];
        fusor(&[words.as_slice(), more].concat()).succeeds()
    };
    new(&without, &[]);
    assert!(new(&with, &["--custody-steward", steward]).contains(&format!("custody, steward {steward}")));
    assert!(std::fs::read_to_string(folder.path().join("with/genesis.json")).unwrap().contains(steward));
    fusor(&["custody", "key", "new", &key]).succeeds();
    let file = folder.write("custody.json", r#"{ "owner": "acme", "provider": "", "region": "eu" }"#);
    let node = |network: &str, more: &[&str]| {
        let (data, genesis, keys) =
            (place("data"), format!("{network}/genesis.json"), format!("{network}/node-1"));
        let words =
            ["node", "--datadir", &data, "--genesis", &genesis, "--keys", &keys, "--listen", "127.0.0.1:0"];
        fusor(&[words.as_slice(), more].concat())
    };
    let told = ["--custody", file.to_str().unwrap(), "--custody-key", &key];
    assert!(node(&without, &told).fails(1).contains("this chain has no custody"));
    let error = node(&with, &told).fails(1);
    assert!(error.contains("custody file, provider: expected a name of 1 to 31 bytes, found ``"), "{error}");
    folder.write("custody.json", r#"{ "owner": "acme", "provider": "cloud", "region": "eu" }"#);
    let error = node(&with, &["--custody", told[1], "--custody-key", &format!("{key}.none")]).fails(1);
    assert!(error.contains("cannot read"), "{error}");
    assert!(node(&with, &["--custody", told[1]]).fails(2).contains("--custody-key"));
    assert!(!folder.path().join("data").exists(), "nothing was written");
}
