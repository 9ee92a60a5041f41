//! Runs nodes in network namespaces of their own, and cuts, slows and kills them. It needs root and `ip`; with
//! FUSOR_REQUIRE=1 it is an error if a namespace can be made and the rest cannot.

use crate::{
    bond,
    client::Client,
    nodes::{Nodes, Place},
};
use std::{
    process::Command,
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

/// Runs a command line; true if it succeeds.
fn run(line: &str) -> bool {
    let mut words = line.split(' ');
    let done = Command::new(words.next().unwrap()).args(words).output();
    done.is_ok_and(|done| done.status.success())
}

/// Is a bridge for each side of a cut, and a namespace for each node, behind a pair of virtual interfaces.
struct Lab {
    nodes: usize,
    /// Third number of its addresses, which no other lab of this process has.
    subnet: u8,
    /// What its names begin with, behind two letters for their kind.
    tag: String,
}

impl Lab {
    /// Makes the lab; none where namespaces cannot be made.
    fn new(nodes: usize) -> Option<Self> {
        static MADE: AtomicU8 = AtomicU8::new(0);
        let subnet = MADE.fetch_add(1, Ordering::Relaxed);
        let lab = Self { nodes, subnet, tag: format!("{}-{subnet}", std::process::id() % 10_000) };
        if !run(&format!("ip netns add {}", lab.namespace(0))) {
            println!("skipped: no network namespaces can be made here");
            return None;
        }
        let made = lab.make();
        if !made {
            assert!(std::env::var("FUSOR_REQUIRE").is_err(), "namespaces can be made, links cannot");
            println!("skipped: namespaces can be made here, links between them cannot");
            return None;
        }
        Some(lab)
    }

    fn make(&self) -> bool {
        let bridges = [self.bridge(0), self.bridge(1)];
        let bridges_up = bridges.iter().all(|bridge| {
            run(&format!("ip link add {bridge} type bridge")) && run(&format!("ip link set {bridge} up"))
        });
        bridges_up
            && run(&format!("ip addr add {}/24 dev {}", self.ip(253), self.bridge(0)))
            && (0..self.nodes).all(|index| self.make_node(index))
    }

    fn places(&self) -> Vec<Place> {
        let place = |index| Place {
            peers: format!("{}:7337", self.ip(index)).parse().unwrap(),
            rpc: format!("{}:8545", self.ip(index)).parse().unwrap(),
            namespace: Some(self.namespace(index)),
        };
        (0..self.nodes).map(place).collect()
    }

    fn make_node(&self, index: usize) -> bool {
        let (namespace, port) = (self.namespace(index), self.port(index));
        (index == 0 || run(&format!("ip netns add {namespace}")))
            && run(&format!("ip link add {port} type veth peer name eth0 netns {namespace}"))
            && run(&format!("ip link set {port} master {} up", self.bridge(0)))
            && run(&format!("ip -n {namespace} addr add {}/24 dev eth0", self.ip(index)))
            && run(&format!("ip -n {namespace} link set eth0 up"))
            && run(&format!("ip -n {namespace} link set lo up"))
    }

    fn namespace(&self, index: usize) -> String {
        format!("fusor{}-{index}", self.tag)
    }

    fn port(&self, index: usize) -> String {
        format!("fp{}-{index}", self.tag)
    }

    fn bridge(&self, side: usize) -> String {
        format!("fb{}-{side}", self.tag)
    }

    fn ip(&self, index: usize) -> String {
        format!("10.77.{}.{}", self.subnet, index + 1)
    }

    /// Puts a node on a side; sides do not hear each other.
    fn put(&self, index: usize, side: usize) {
        assert!(run(&format!("ip link set {} master {}", self.port(index), self.bridge(side))));
    }

    /// Delays what reaches a node; false where the kernel cannot.
    fn slow(&self, index: usize) -> bool {
        run(&format!("tc qdisc add dev {} root netem delay 120ms 40ms loss 2%", self.port(index)))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for index in 0..self.nodes {
            run(&format!("ip link del {}", self.port(index)));
            run(&format!("ip netns del {}", self.namespace(index)));
        }
        for side in 0..2 {
            run(&format!("ip link del {}", self.bridge(side)));
        }
    }
}

#[test]
fn the_bond_runs_to_its_end_on_four_machines() {
    let Some(lab) = Lab::new(4) else { return };
    let mut nodes = Nodes::beginning(lab.places(), bond::STATUS_DATE);
    let all = [0, 1, 2, 3];
    all.iter().for_each(|index| nodes.start_with(*index, &["--time-warp"]));
    nodes.reach(&all, 1, 60);
    bond::runs_to_its_end(nodes.rpc(0));
    nodes.agree(&Client::default(), 60);
}

#[test]
fn seven_nodes_survive_cuts_kills_restarts_slow_links_and_an_empty_disk() {
    const NODES: usize = 7;
    let Some(lab) = Lab::new(NODES) else { return };
    let mut nodes = Nodes::new(lab.places());
    let mut client = Client::default();
    let all: Vec<usize> = (0..NODES).collect();
    all.iter().for_each(|index| nodes.start(*index));
    nodes.reach(&all, 1, 60);
    nodes.submit(&mut client, &all, Duration::from_secs(2));

    // Neither side has the five votes of seven that a block needs. Blocks on their way become final at once or not
    // until the cut is healed.
    println!("cut 3 from 4");
    (4..NODES).for_each(|index| lab.put(index, 1));
    nodes.submit(&mut client, &all, Duration::from_secs(4));
    let stalled = nodes.highest();
    nodes.submit(&mut client, &all, Duration::from_secs(4));
    assert_eq!(nodes.highest(), stalled, "a side of a cut makes blocks alone");
    (4..NODES).for_each(|index| lab.put(index, 0));
    nodes.reach(&all, stalled + 3, 60);
    println!("healed: from height {stalled} on");
    nodes.submit(&mut client, &all, Duration::from_secs(2));

    nodes.kill(6);
    nodes.wipe(6);
    println!("an empty disk joins, over a slow link: {}", lab.slow(6));
    nodes.start(6);
    for _ in 0..2 {
        nodes.submit(&mut client, &[0, 1, 2, 5], Duration::from_secs(1));
        nodes.kill(5);
        nodes.submit(&mut client, &[0, 1, 2], Duration::from_secs(1));
        nodes.start(5);
    }
    println!("rolling restart");
    for index in 0..3 {
        nodes.end(index);
        nodes.start(index);
        nodes.submit(&mut client, &[3, 4], Duration::from_millis(1_500));
    }
    assert!(client.taken.len() > 30, "{}", client.taken.len());
    nodes.agree(&client, 60);
}
