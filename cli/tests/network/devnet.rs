//! Runs `fusor devnet`.

use crate::{client, common::fusor};
use std::{
    io::{BufRead, BufReader, Lines},
    net::{SocketAddr, TcpListener},
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

/// Is a network, which ends with it.
pub struct Devnet {
    child: Child,
    pub rpc: SocketAddr,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it printed before the first block.
    introduction: String,
}

impl Devnet {
    /// Starts a network of four nodes and waits for its first block.
    pub fn start(options: &[&str]) -> Self {
        Self::of(4, options)
    }

    /// Starts a network of some nodes and waits for its first block.
    pub fn of(nodes: u16, options: &[&str]) -> Self {
        let rpc = free_row(nodes);
        let mut child = Command::new(env!("CARGO_BIN_EXE_fusor"))
            .args(["devnet", "--nodes", &nodes.to_string(), "--rpc", &rpc.to_string()])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let before = lines.by_ref().map_while(Result::ok).take_while(|line| !line.starts_with("block 1:"));
        let introduction = before.collect::<Vec<_>>().join("\n");
        Self { child, rpc, lines, introduction }
    }
}

/// Returns the first of `count` ports in a row that are free. No row is given twice, for tests run side by side, and all
/// are below those that connections take.
fn free_row(count: u16) -> SocketAddr {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let first = (std::process::id() % 15_000) as u16 + 10_000;
    let row = || first + GIVEN.fetch_add(count, Ordering::Relaxed);
    let mut rows = std::iter::repeat_with(row).take_while(|first| *first < 32_000);
    let port = rows.find(|first| (*first..first + count).all(free)).unwrap();
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Drop for Devnet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn four_nodes_make_blocks_and_show_their_status() {
    let mut devnet = Devnet::start(&[]);
    let text = &devnet.introduction;
    assert!(text.contains("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 (10000 coins) 0xac0974"), "{text}");
    assert!(text.contains(&format!("node-0 http://{}", devnet.rpc)), "{text}");
    let mut user = client::Client::default();
    assert!(user.send(devnet.rpc));
    let mut lines = devnet.lines.by_ref().map_while(Result::ok);
    assert!(lines.any(|line| line.contains(": 1 transactions, final after")));
    // Peers are counted once a second.
    let mut status = String::new();
    for _ in 0..40 {
        status = fusor(&["status", "--rpc", &format!("http://{}", devnet.rpc)]).succeeds();
        if status.contains("peers     3") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    assert!(status.contains("peers     3"), "{status}");
    assert!(status.contains("representative"), "{status}");
    Command::new("kill").args(["-INT", &devnet.child.id().to_string()]).status().unwrap();
    assert!(devnet.child.wait().unwrap().success());
    assert_eq!(lines.last().as_deref(), Some("network ended"));
}
