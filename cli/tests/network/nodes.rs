//! Is a network of `fusor node` processes, each with its folder, keys and addresses.

use crate::{
    client::{Client, height, history},
    common::Folder,
};
use fusor_chain_lite::founding::{
    Dev, GenesisFile, dev,
    keys::{self, Existing, PublicKeys},
};
use std::{
    fs::File,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Is where a node runs.
#[derive(Clone)]
pub struct Place {
    pub peers: SocketAddr,
    pub rpc: SocketAddr,
    /// Network namespace, if it has one of its own.
    pub namespace: Option<String>,
}

/// Is a network of processes, which end with it.
pub struct Nodes {
    pub folder: Folder,
    pub places: Vec<Place>,
    made: Dev,
    children: Vec<Option<Child>>,
}

impl Nodes {
    /// Writes genesis and keys for a node at each place; nothing runs yet.
    pub fn new(places: Vec<Place>) -> Self {
        let made = dev(places.len() as u32, 1);
        Self::of(places, made)
    }

    /// Writes genesis and keys for a node at each place, of a chain that begins at `time`, in seconds since 1970.
    pub fn beginning(places: Vec<Place>, time: u64) -> Self {
        let mut made = dev(places.len() as u32, 1);
        made.genesis.time = time;
        Self::of(places, made)
    }

    fn of(places: Vec<Place>, made: Dev) -> Self {
        let folder = Folder::new();
        let public: Vec<PublicKeys> = made.keys.iter().map(PublicKeys::of).collect();
        folder.write("genesis.json", &GenesisFile::from_genesis(&made.genesis, &public).unwrap().write());
        for (index, keys) in made.keys.iter().enumerate() {
            keys::write(&folder.path().join(format!("keys-{index}")), keys, Existing::Refuse).unwrap();
        }
        let children = places.iter().map(|_| None).collect();
        Self { folder, places, made, children }
    }

    pub fn rpc(&self, index: usize) -> SocketAddr {
        self.places[index].rpc
    }

    pub fn datadir(&self, index: usize) -> PathBuf {
        self.folder.path().join(format!("data-{index}"))
    }

    /// Starts a node. Its output goes to a file.
    pub fn start(&mut self, index: usize) {
        self.start_with(index, &[]);
    }

    /// Starts a node with more options.
    pub fn start_with(&mut self, index: usize, options: &[&str]) {
        let place = &self.places[index];
        let fusor = env!("CARGO_BIN_EXE_fusor");
        let mut command = match &place.namespace {
            None => Command::new(fusor),
            Some(name) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", name, fusor]);
                command
            }
        };
        command.arg("node").arg("--datadir").arg(self.datadir(index));
        command.arg("--genesis").arg(self.folder.path().join("genesis.json"));
        command.arg("--keys").arg(self.folder.path().join(format!("keys-{index}")));
        command.args(["--listen", &place.peers.to_string(), "--rpc", &place.rpc.to_string()]);
        command.args(options);
        for (keys, place) in self.made.keys.iter().zip(&self.places) {
            let key = format!("{}@{}", keys.id(), place.peers);
            command.args(["--bootstrap", &key]);
        }
        let log = self.folder.path().join(format!("log-{index}"));
        let log = File::options().create(true).append(true).open(log).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log).stdin(Stdio::null());
        self.children[index] = Some(command.spawn().unwrap());
    }

    /// Kills a node as `kill -9` does.
    pub fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.children[index].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Tells a node to end and waits until it has.
    pub fn end(&mut self, index: usize) {
        let Some(mut child) = self.children[index].take() else { return };
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(child.wait().unwrap().success(), "{}", self.log(index));
    }

    /// Removes what a node that does not run has on disk.
    pub fn wipe(&self, index: usize) {
        std::fs::remove_dir_all(self.datadir(index)).unwrap();
    }

    /// Returns the highest block of all nodes that answer.
    #[track_caller]
    pub fn highest(&self) -> u64 {
        self.places.iter().filter_map(|place| height(place.rpc)).max().unwrap()
    }

    pub fn log(&self, index: usize) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("log-{index}"))).unwrap_or_default()
    }

    /// Lets a client submit to `to` for a while.
    pub fn submit(&self, client: &mut Client, to: &[usize], time: Duration) {
        let over = Instant::now() + time;
        let mut next = 0;
        while Instant::now() < over {
            let rpc = self.rpc(to[next % to.len()]);
            if !client.send(rpc) {
                client.learn(rpc);
            }
            next += 1;
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    /// Waits until all of `which` have reached a height.
    #[track_caller]
    pub fn reach(&self, which: &[usize], goal: u64, seconds: u64) {
        let over = Instant::now() + Duration::from_secs(seconds);
        loop {
            let heights: Vec<_> = which.iter().map(|index| height(self.rpc(*index))).collect();
            if heights.iter().all(|height| height.is_some_and(|height| height >= goal)) {
                return;
            }
            if Instant::now() > over {
                let logs: String = which.iter().map(|index| tail(&self.log(*index))).collect();
                panic!("heights {heights:?}, not {goal} after {seconds} s\n{logs}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Checks that all nodes have the same blocks, and every transaction that was taken is final exactly once.
    #[track_caller]
    pub fn agree(&self, client: &Client, seconds: u64) {
        let all: Vec<usize> = (0..self.places.len()).collect();
        let over = Instant::now() + Duration::from_secs(seconds);
        loop {
            let goal = self.highest();
            self.reach(&all, goal, seconds);
            let (hashes, times) = history(self.rpc(0), goal);
            let missing = client.taken.iter().filter(|hash| !times.contains_key(*hash)).count();
            if missing == 0 || Instant::now() > over {
                assert_eq!(missing, 0, "of {} transactions after {seconds} s", client.taken.len());
                assert!(times.values().all(|times| *times == 1));
                for index in all {
                    assert_eq!(history(self.rpc(index), goal).0, hashes, "node {index}");
                }
                println!("{} transactions in {goal} blocks, each exactly once", client.taken.len());
                return;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for index in 0..self.children.len() {
            if let Some(mut child) = self.children[index].take() {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n") + "\n--\n"
}
