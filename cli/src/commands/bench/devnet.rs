//! Measures a network of nodes on sockets and disks of this machine: how long finality takes, and what it carries.

use super::tenths;
use crate::{
    commands::devnet::{Temporary, free_addresses, now},
    error::Outcome,
    output,
    table::{Side, Table},
};
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, TxKind, U256, map::B256Map};
use fusor_chain_lite::{
    founding::{Dev, dev},
    net::{self, NodeConfig, Process, Vitals},
    node::Node,
    rpc::Change,
};
use k256::ecdsa::SigningKey;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Transfers, and transfers a second that users send; 0 sends as fast as nodes take them.
const LOADS: [(usize, u32); 3] = [(300, 20), (2_000, 200), (8_000, 0)];
/// How long after the last submission a transfer may become final.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a network for each load.
pub(super) fn run(nodes: u32) -> Outcome {
    let mut table = Table::new(&[
        ("sent (tx/s)", Side::Right),
        ("taken", Side::Right),
        ("final", Side::Right),
        ("final (tx/s)", Side::Right),
        ("blocks", Side::Right),
        ("block final after (ms)", Side::Right),
        ("95 % (ms)", Side::Right),
        ("transfer final after (ms)", Side::Right),
        ("95 % (ms)", Side::Right),
    ]);
    for (count, rate) in LOADS {
        let measured = measure(nodes, count, rate)?;
        let window = measured.window.as_millis().max(1);
        table.row([
            if rate == 0 { "all at once".to_owned() } else { rate.to_string() },
            measured.taken.to_string(),
            measured.transfers.len().to_string(),
            tenths(measured.transfers.len() as u128 * 1_000, window),
            measured.blocks.len().to_string(),
            place(&measured.blocks, 50).to_string(),
            place(&measured.blocks, 95).to_string(),
            place(&measured.transfers, 50).to_string(),
            place(&measured.transfers, 95).to_string(),
        ]);
    }
    table.note(format!("{nodes} nodes in one process, over sockets and disks; blocks of at least 1 s"));
    table.note(
        "a block: from its own time to final at the first node; a transfer: from before a node takes it"
            .into(),
    );
    output::print(&format!("{}\n", table.text()))
}

/// Is what one load gave: milliseconds in ascending order.
#[derive(Default)]
struct Measured {
    taken: usize,
    blocks: Vec<u64>,
    transfers: Vec<u64>,
    /// From the first submission to the last final transfer.
    window: Duration,
}

fn measure(nodes: u32, count: usize, rate: u32) -> Outcome<Measured> {
    let folder = Temporary::new();
    let mut made = dev(nodes, 1);
    made.genesis.time = now();
    let listens = free_addresses(made.keys.len())?;
    let first = made.keys.first().zip(listens.first());
    let known: Vec<_> = first.map(|(keys, listen)| (keys.public(), (*listen).into())).into_iter().collect();
    let configs = made.keys.iter().zip(listens).enumerate().map(|(index, (keys, listen))| {
        let name = format!("node-{index}");
        let datadir = folder.0.join(&name);
        let mut config = NodeConfig::new(name, datadir, keys.clone(), made.genesis.clone(), listen);
        config.bootstrappers = known.clone();
        config
    });
    let nodes = net::prepare(configs.collect())?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from).max(4);
    let process = Process { folder: folder.0.join("consensus"), threads, nodes };
    let sent = transfers(&made, count);
    Ok(net::run_while(process, move |nodes| observe(&nodes, sent, rate))?)
}

/// Signs transfers of all accounts in turn.
fn transfers(made: &Dev, count: usize) -> Vec<Vec<u8>> {
    let keys = made.accounts.iter().filter_map(|(_, key)| SigningKey::from_slice(key).ok());
    let keys: Vec<SigningKey> = keys.collect();
    let signed = (0u64..).flat_map(|nonce| keys.iter().map(move |key| (nonce, key)));
    signed.take(count).filter_map(|(nonce, key)| transfer(made.genesis.chain_id, nonce, key)).collect()
}

fn transfer(chain_id: u64, nonce: u64, key: &SigningKey) -> Option<Vec<u8>> {
    let tx = TxEip1559 {
        chain_id,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 1_000_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(Address::repeat_byte(0x77)),
        value: U256::from(1),
        ..TxEip1559::default()
    };
    let signature = key.sign_prehash_recoverable(tx.signature_hash().as_slice()).ok()?;
    Some(TxEnvelope::from(tx.into_signed(signature.into())).encoded_2718())
}

/// Sends to all nodes, each account to one of them, and watches the first.
fn observe(nodes: &[(Node, Arc<Vitals>)], sent: Vec<Vec<u8>>, rate: u32) -> Measured {
    let Some((first, vitals)) = nodes.first() else { return Measured::default() };
    while first.ledger(|ledger| ledger.height()) < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut changes = vitals.changes();
    let began = Instant::now();
    let mut senders = Vec::new();
    for (index, (node, _)) in nodes.iter().enumerate() {
        // Transfers go round the accounts, so that every so many are of the same.
        let own = sent.iter().enumerate().filter(|(place, _)| place % ACCOUNTS % nodes.len() == index);
        let own: Vec<_> = own.map(|(place, raw)| (place, raw.clone())).collect();
        let node = node.clone();
        senders.push(std::thread::spawn(move || send(&node, own, began, rate)));
    }
    let mut blocks = Vec::new();
    let mut seen: B256Map<Instant> = B256Map::default();
    let (mut taken, mut over): (B256Map<Instant>, Option<Instant>) = (B256Map::default(), None);
    loop {
        while let Ok(change) = changes.try_recv() {
            let Change::Block(height) = change else { continue };
            blocks.push(vitals.latency_ms());
            let at = Instant::now();
            seen.extend(hashes(first, height).into_iter().map(|hash| (hash, at)));
        }
        if over.is_none() && senders.iter().all(std::thread::JoinHandle::is_finished) {
            taken = senders.drain(..).filter_map(|sender| sender.join().ok()).flatten().collect();
            over = Instant::now().checked_add(PATIENCE);
        }
        let done = over.is_some() && taken.keys().all(|hash| seen.contains_key(hash));
        if done || over.is_some_and(|over| Instant::now() > over) {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = |(hash, at): (&B256, &Instant)| Some(millis(seen.get(hash)?.saturating_duration_since(*at)));
    let mut transfers: Vec<u64> = taken.iter().filter_map(took).collect();
    transfers.sort_unstable();
    blocks.sort_unstable();
    let last = taken.keys().filter_map(|hash| seen.get(hash)).max();
    let window = last.map_or(Duration::ZERO, |last| last.saturating_duration_since(began));
    Measured { taken: taken.len(), blocks, transfers, window }
}

/// Accounts that send.
const ACCOUNTS: usize = 10;

/// Sends transfers to a node at their time; returns when it was asked to take those that it took.
fn send(node: &Node, own: Vec<(usize, Vec<u8>)>, began: Instant, rate: u32) -> Vec<(B256, Instant)> {
    let mut taken = Vec::new();
    for (place, raw) in own {
        let due = u64::try_from(place).unwrap_or(u64::MAX).saturating_mul(1_000_000);
        if let Some(due) =
            due.checked_div(rate.into()).and_then(|due| began.checked_add(Duration::from_micros(due)))
        {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let at = Instant::now();
        if let Ok(added) = node.submit_raw(&raw) {
            taken.push((added.hash, at));
        }
    }
    taken
}

fn hashes(node: &Node, height: u64) -> Vec<B256> {
    node.ledger(|ledger| {
        let block = ledger.chain().block(height);
        block.map(|block| block.transactions.iter().map(|tx| tx.hash()).collect()).unwrap_or_default()
    })
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Returns what so many hundredths of sorted values do not exceed.
fn place(sorted: &[u64], hundredths: usize) -> u64 {
    let place = (sorted.len() * hundredths / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}
