//! Is an outer chain of the Bitcoin family: a pool, blocks, and reorganisations.

use alloy_primitives::{B256, keccak256};
use fusor_outer::{
    OutPoint, Plan, Signed,
    bitcoin::{double_sha256, merkle_root, proof},
};
use std::collections::{BTreeMap, BTreeSet};

/// The target of regression test networks, as headers have it.
const BITS: u32 = 0x207f_ffff;
/// The place of an output that belongs to somebody else; it is there whenever it is not spent.
const FOREIGN: u32 = u32::MAX;

/// Is a transaction.
#[derive(Debug, Clone)]
pub(super) struct Tx {
    pub(super) txid: [u8; 32],
    pub(super) inputs: Vec<OutPoint>,
    /// Scripts and amounts.
    pub(super) outputs: Vec<(Vec<u8>, u64)>,
    fee: u64,
    /// Its bytes without witness.
    bytes: Vec<u8>,
}

/// Writes a transaction of version 2 without witness; the id is the hash of it.
fn write(inputs: &[OutPoint], sequence: u32, outputs: &[(Vec<u8>, u64)], lock_time: u32) -> Vec<u8> {
    let count = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
    let mut out = vec![2, 0, 0, 0, count(inputs.len())];
    for OutPoint { txid, vout } in inputs {
        out.extend(txid);
        out.extend(vout.to_le_bytes());
        out.push(0);
        out.extend(sequence.to_le_bytes());
    }
    out.push(count(outputs.len()));
    for (script, amount) in outputs {
        out.extend(amount.to_le_bytes());
        out.push(count(script.len()));
        out.extend(script);
    }
    out.extend(lock_time.to_le_bytes());
    out
}

/// Searches a header of the easiest work, a hash below half of all.
fn work(parent: [u8; 32], root: [u8; 32], time: u32) -> [u8; 80] {
    let mut header = [0; 80];
    for nonce in 0..u32::MAX {
        let numbers = [time, BITS, nonce].map(u32::to_le_bytes);
        let fields = [&[2, 0, 0, 0][..], &parent, &root, numbers.as_flattened()].concat();
        header = fields.try_into().unwrap_or(header);
        if double_sha256(&header).last().is_some_and(|most| *most < 0x7f) {
            break;
        }
    }
    header
}

/// Is a block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) hash: [u8; 32],
    pub(super) parent: [u8; 32],
    pub(super) txs: Vec<Tx>,
    header: [u8; 80],
}

/// Is an output that is not spent.
#[derive(Debug, Clone)]
pub(super) struct Unspent {
    pub(super) script: Vec<u8>,
    pub(super) amount: u64,
    pub(super) height: u64,
}

/// Says how the pool took a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    New,
    Known,
    Conflicts,
    TooCheap,
}

/// Is the main chain, a block's height being its place, and the pool.
#[derive(Debug)]
pub(super) struct Net {
    pub(super) blocks: Vec<Block>,
    pool: BTreeMap<[u8; 32], Tx>,
    made: u64,
    pub(super) unspent: BTreeMap<OutPoint, Unspent>,
    pub(super) places: BTreeMap<[u8; 32], u64>,
    pub(super) spent: BTreeMap<OutPoint, [u8; 32]>,
}

impl Net {
    /// Starts with the block of that hash.
    pub(super) fn new(genesis: [u8; 32]) -> Self {
        let first = Block { hash: genesis, parent: [0; 32], txs: Vec::new(), header: [0; 80] };
        Self {
            blocks: vec![first],
            pool: BTreeMap::new(),
            made: 0,
            unspent: BTreeMap::new(),
            places: BTreeMap::new(),
            spent: BTreeMap::new(),
        }
    }

    pub(super) fn tip(&self) -> u64 {
        (self.blocks.len() as u64).saturating_sub(1)
    }

    pub(super) fn block(&self, height: u64) -> Option<&Block> {
        self.blocks.get(usize::try_from(height).ok()?)
    }

    pub(super) fn hash(&self) -> B256 {
        self.blocks.last().map(|block| block.hash.into()).unwrap_or_default()
    }

    /// Returns blocks from a transaction's to the tip, both counted; 0 if it is in none.
    pub(super) fn confirmations(&self, txid: &[u8; 32]) -> u64 {
        let depth = |height: &u64| self.tip().saturating_add(1).saturating_sub(*height);
        self.places.get(txid).map_or(0, depth)
    }

    pub(super) fn waits(&self, txid: &[u8; 32]) -> bool {
        self.pool.contains_key(txid)
    }

    /// Says whether nothing waits for a block.
    pub(super) fn idle(&self) -> bool {
        self.pool.is_empty()
    }

    fn name(&mut self, what: &[u8]) -> [u8; 32] {
        self.made = self.made.saturating_add(1);
        keccak256([what, &self.made.to_be_bytes()].concat()).0
    }

    /// Pays from somebody else's coin.
    pub(super) fn pay(&mut self, outputs: Vec<(Vec<u8>, u64)>) {
        let inputs = vec![OutPoint { txid: self.name(b"coin"), vout: FOREIGN }];
        let bytes = write(&inputs, u32::MAX, &outputs, 0);
        let txid = double_sha256(&bytes);
        self.pool.insert(txid, Tx { txid, inputs, outputs, fee: 1_000, bytes });
    }

    /// Takes a transaction of custodians into the pool.
    pub(super) fn send(&mut self, signed: &Signed) -> Taken {
        let Plan::Bitcoin(plan) = &signed.plan else { return Taken::Conflicts };
        if self.waits(&signed.txid) || self.places.contains_key(&signed.txid) {
            return Taken::Known;
        }
        let inputs: Vec<OutPoint> = plan.inputs.iter().map(|input| input.outpoint).collect();
        if inputs.iter().any(|input| !self.unspent.contains_key(input)) {
            return Taken::Conflicts;
        }
        let fee = plan.fee().unwrap_or_default();
        let rivals: Vec<&Tx> =
            self.pool.values().filter(|tx| tx.inputs.iter().any(|input| inputs.contains(input))).collect();
        if rivals.iter().any(|rival| rival.fee >= fee) {
            return Taken::TooCheap;
        }
        let beaten: Vec<[u8; 32]> = rivals.iter().map(|rival| rival.txid).collect();
        self.pool.retain(|txid, _| !beaten.contains(txid));
        let outputs: Vec<_> =
            plan.outputs.iter().map(|output| (output.script.clone(), output.amount)).collect();
        let bytes = write(&inputs, plan.sequence, &outputs, plan.lock_time);
        self.pool.insert(signed.txid, Tx { txid: signed.txid, inputs, outputs, fee, bytes });
        Taken::New
    }

    /// Mines a block of those that wait and are `wanted`.
    pub(super) fn mine(&mut self, mut wanted: impl FnMut(&Tx) -> bool) {
        let mut txs = Vec::new();
        let mut spent = BTreeSet::new();
        for tx in self.pool.values() {
            let there = |input: &OutPoint| match input.vout {
                FOREIGN => !self.spent.contains_key(input),
                _ => self.unspent.contains_key(input),
            };
            let free = tx.inputs.iter().all(|input| there(input) && !spent.contains(input));
            if free && wanted(tx) {
                spent.extend(tx.inputs.iter().copied());
                txs.push(tx.clone());
            }
        }
        self.made = self.made.saturating_add(1);
        let parent = self.blocks.last().map(|block| block.hash).unwrap_or_default();
        let root = merkle_root(txs.iter().map(|tx| tx.txid).collect());
        let header = work(parent, root, u32::try_from(self.made).unwrap_or(u32::MAX));
        let block = Block { hash: double_sha256(&header), parent, txs, header };
        self.apply(&block);
        self.blocks.push(block);
        let (places, spent) = (&self.places, &self.spent);
        self.pool.retain(|txid, tx| {
            !places.contains_key(txid) && !tx.inputs.iter().any(|input| spent.contains_key(input))
        });
    }

    /// Makes the proof of an output in the block at a height, as a node would.
    pub(super) fn proof(&self, outpoint: &OutPoint, height: u64, confirmations: u32) -> Option<Vec<u8>> {
        let from = usize::try_from(height).ok()?;
        let above = self.blocks.get(from..from.checked_add(usize::try_from(confirmations).ok()?)?)?;
        let txs = &above.first()?.txs;
        let tx = txs.iter().find(|tx| tx.txid == outpoint.txid)?;
        let headers: Vec<[u8; 80]> = above.iter().map(|block| block.header).collect();
        proof(&tx.bytes, outpoint.vout, txs.iter().map(|tx| tx.txid).collect(), &headers)
    }

    fn apply(&mut self, block: &Block) {
        let height = self.blocks.len() as u64;
        for tx in &block.txs {
            for input in &tx.inputs {
                self.unspent.remove(input);
                self.spent.insert(*input, tx.txid);
            }
            for ((script, amount), vout) in tx.outputs.iter().zip(0u32..) {
                let unspent = Unspent { script: script.clone(), amount: *amount, height };
                self.unspent.insert(OutPoint { txid: tx.txid, vout }, unspent);
            }
            self.places.insert(tx.txid, height);
        }
    }

    /// Takes the last `depth` blocks back; their transactions that are `kept` wait again, the others never were.
    pub(super) fn take_back(&mut self, depth: usize, mut kept: impl FnMut(&Tx) -> bool) {
        let keep = self.blocks.len().saturating_sub(depth).max(1);
        let gone = self.blocks.split_off(keep);
        let blocks = std::mem::take(&mut self.blocks);
        self.unspent.clear();
        self.places.clear();
        self.spent.clear();
        for block in blocks {
            self.apply(&block);
            self.blocks.push(block);
        }
        for tx in gone.into_iter().flat_map(|block| block.txs) {
            let foreign = tx.inputs.iter().all(|input| input.vout == FOREIGN);
            if !foreign || kept(&tx) {
                self.pool.insert(tx.txid, tx);
            }
        }
    }

    /// Mines block after block until those that depend on each other are all in.
    pub(super) fn mine_all(&mut self, blocks: usize) {
        for _ in 0..blocks {
            self.mine(|_| true);
        }
    }

    /// Lists all transactions of the main chain with their heights.
    pub(super) fn txs(&self) -> impl Iterator<Item = (u64, &Tx)> {
        (0u64..).zip(&self.blocks).flat_map(|(height, block)| block.txs.iter().map(move |tx| (height, tx)))
    }
}
