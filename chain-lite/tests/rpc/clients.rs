//! Has `cast` and `viem` submit and read.
//!
//! FUSOR_NODE_MODULES names a folder `node_modules` with `@foundry-rs/cast-linux-amd64` and `viem`.

use crate::{
    common::{GAS, call, init_code, probe_code},
    rig::{KEY, PROBE, REFUSER, Rig, address, number},
    server::Served,
};
use alloy_primitives::{U256, hex};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns a file of the packages, or says what is missing and that the test is skipped.
fn package(file: &str) -> Option<PathBuf> {
    let modules =
        std::env::var("FUSOR_NODE_MODULES").map_err(|_| "FUSOR_NODE_MODULES names no folder".into());
    let found = modules.map(|modules| Path::new(&modules).join(file)).and_then(|path| match path.exists() {
        true => Ok(path),
        false => Err(format!("there is no {}", path.display())),
    });
    match found {
        Ok(path) => Some(path),
        Err(reason) if std::env::var("FUSOR_REQUIRE").is_ok_and(|v| v == "1") => panic!("{reason}"),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

/// A chain on which a trigger has fired, so that tools meet its transaction and receipt.
fn served() -> Served {
    let rig = Rig::new();
    let at = rig.single.read().time() + 30;
    rig.probe(call::AT, &[U256::from(at), U256::from(call::TICK), U256::from(GAS), U256::ZERO]);
    while rig.single.read().time() < at {
        rig.single.seal().unwrap();
    }
    Served::new(rig, Default::default())
}

struct Cast {
    binary: PathBuf,
    url: String,
}

impl Cast {
    fn run(&self, args: &[&str]) -> Result<String, String> {
        let home = env!("CARGO_TARGET_TMPDIR");
        let done = Command::new(&self.binary)
            .arg(args[0])
            .args(["--rpc-url", &self.url])
            .args(&args[1..])
            .env("HOME", home)
            .env("NO_COLOR", "1")
            .current_dir(home)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match done.status.success() {
            true => Ok(text(&done.stdout)),
            false => Err(text(&done.stderr)),
        }
    }

    fn ask(&self, args: &[&str]) -> String {
        self.run(args).unwrap_or_else(|error| panic!("cast {args:?}: {error}"))
    }

    fn json(&self, args: &[&str]) -> Value {
        let text = self.ask(&[&args[..1], &["--json"], &args[1..]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("cast {args:?}: {error} in {text}"))
    }
}

#[test]
fn cast_submits_and_reads() {
    let Some(binary) = package("@foundry-rs/cast-linux-amd64/bin/cast") else { return };
    let served = served();
    for scheme in ["http", "ws"] {
        read_and_send(&Cast {
            binary: binary.clone(),
            url: format!("{scheme}://{}", served.server.address()),
        });
    }
}

fn read_and_send(cast: &Cast) {
    let (who, key) = (address().to_string(), hex::encode_prefixed(KEY));
    let probe = PROBE.to_string();
    assert_eq!(cast.ask(&["chain-id"]), "1337");
    assert!(cast.ask(&["client"]).starts_with("fusor/"));
    let before: u64 = cast.ask(&["block-number"]).parse().unwrap();
    let firing = (0..=before)
        .flat_map(|number| {
            cast.json(&["block", &number.to_string(), "--full"])["transactions"].as_array().unwrap().clone()
        })
        .find(|tx| tx["type"] == "0x46")
        .expect("a system transaction");
    let hash = firing["hash"].as_str().unwrap();
    assert_eq!(cast.json(&["tx", hash])["hash"], firing["hash"]);
    assert_eq!(cast.json(&["receipt", hash])["firing"]["outcome"], "executed");
    let nonce: u64 = cast.ask(&["nonce", &who]).parse().unwrap();
    let sign = ["--private-key", &key];
    let to = "0x0000000000000000000000000000000000005555";
    let balance: u128 = cast.ask(&["balance", to]).parse().unwrap();
    let sent = cast.json(&[&["send", to, "--value", "1ether"], &sign[..]].concat());
    assert_eq!((&sent["status"], number(&sent["blockNumber"])), (&Value::from("0x1"), before + 1));
    assert_eq!(cast.ask(&["balance", to]), (balance + 1_000_000_000_000_000_000).to_string());
    let code = hex::encode_prefixed(init_code("", &probe_code()));
    let made = cast.json(&[&["send"], &sign[..], &["--create", &code]].concat());
    let contract = made["contractAddress"].as_str().unwrap();
    assert_eq!(cast.ask(&["code", contract]), hex::encode_prefixed(probe_code()));
    let set = format!("{:#010x}{:064x}{:064x}", call::SET, 5, 77);
    cast.json(&[&["send", contract, &set], &sign[..]].concat());
    assert_eq!(cast.ask(&["storage", contract, "5"]), format!("0x{:064x}", 77));
    let emit = format!("{:#010x}{:064x}{:064x}", call::EMIT, 3, 4);
    cast.json(&[&["send", contract, &emit], &sign[..]].concat());
    let logs = cast.json(&["logs", "--from-block", "0", "--address", contract]);
    assert_eq!(logs[0]["topics"][0], format!("0x{:064x}", 3));
    assert!(cast.ask(&["estimate", contract, &set]).parse::<u64>().unwrap() > 21_000);
    assert!(cast.ask(&["call", &probe, &format!("{:#010x}", call::TICK)]).starts_with("0x"));
    let reverted = cast.run(&["call", &REFUSER.to_string(), "0x"]).unwrap_err();
    assert!(reverted.contains("execution reverted: no"), "{reverted}");
    assert!(cast.ask(&["gas-price"]).parse::<u128>().unwrap() > 0);
    let history = cast.json(&["rpc", "eth_feeHistory", "0x2", "latest", "[50]"]);
    assert_eq!(history["gasUsedRatio"].as_array().unwrap().len(), 2);
    assert_eq!(cast.ask(&["nonce", &who]).parse::<u64>().unwrap(), nonce + 4);
}

#[test]
fn viem_submits_reads_and_subscribes() {
    let Some(viem) = package("viem") else { return };
    let served = served();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("viem");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(viem.parent().unwrap(), folder.join("node_modules")).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rpc/viem.mjs");
    std::fs::copy(script, folder.join("viem.mjs")).unwrap();
    let done = Command::new("node")
        .arg(folder.join("viem.mjs"))
        .arg(served.server.address().to_string())
        .arg(hex::encode_prefixed(KEY))
        .args([PROBE.to_string(), REFUSER.to_string()])
        .arg(hex::encode_prefixed(init_code("", &probe_code())))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    assert!(text(&done.stdout).trim().ends_with("all done"), "{}", text(&done.stdout));
}
