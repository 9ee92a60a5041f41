//! Is a chain of one node in memory: takes transactions, seals blocks at once, and runs through simulated
//! time.

mod aside;
mod clock;
mod coin;
mod history;
mod query;
mod send;

pub use query::Call;
pub use send::Deployed;

use crate::{
    bench::Way,
    block::Block,
    error::ChainError,
    executor::{Executed, GroupsRun, Session},
    genesis::Genesis,
    group::{Grouping, Judge, split},
    hhcm::Seal,
    receipt::{FiringReceipt, Receipt},
    schedule::Index,
    state::{BlockStore, Mark, State},
    tx::Transaction,
};
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header, constants::EMPTY_WITHDRAWALS};
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_primitives::{
    B256, keccak256,
    map::{AddressMap, B256Map},
};
use fusor_vm::{evm::Rules, fault::Fault};
use std::time::Duration;

/// Is a chain from its genesis to its head.
#[derive(Debug)]
pub struct Chain {
    genesis: Genesis,
    state: State,
    index: Index,
    /// Height of the first block that is kept.
    first: u64,
    blocks: Vec<Block>,
    receipts: Vec<Vec<Receipt>>,
    marks: Vec<Mark>,
    places: B256Map<(u64, usize)>,
    numbers: B256Map<u64>,
    pool: Vec<Transaction>,
    pooled: AddressMap<u64>,
    grouping: Option<Grouping>,
    judge: Judge,
}

/// Is a transaction that was left out of a block, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Hash of the transaction.
    pub hash: B256,
    /// Why.
    pub reason: crate::error::InvalidTx,
}

/// Is what sealing a block gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Height of the block.
    pub number: u64,
    /// Its time.
    pub time: u64,
    /// Transactions that could not run; they have left the pool.
    pub left_out: Vec<LeftOut>,
}

/// Names a moment to which a chain can return.
#[derive(Debug, Clone)]
pub struct Snapshot {
    height: u64,
    hash: B256,
    pool: Vec<Transaction>,
}

impl Chain {
    /// Starts a chain. Errors: a genesis that no chain can run with.
    pub fn new(genesis: Genesis) -> Result<Self, ChainError> {
        let mut state = genesis.state()?;
        let mark = state.mark();
        let header = Header { state_root: state.root(), ..frame(&genesis, None, genesis.time) };
        let block = Block::new(header, Vec::new());
        state.push_block_hash(block.hash);
        let numbers = [(block.hash, 0)].into_iter().collect();
        let mut chain = Self {
            index: Index::default(),
            state,
            first: 0,
            blocks: vec![block],
            receipts: vec![Vec::new()],
            marks: vec![mark],
            places: B256Map::default(),
            numbers,
            pool: Vec::new(),
            pooled: AddressMap::default(),
            grouping: None,
            judge: Judge::default(),
            genesis,
        };
        chain.reindex()?;
        Ok(chain)
    }

    /// Returns the genesis.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Runs users' transactions in groups from now on, where that is worth it; none runs them one by one in the
    /// order of submission.
    pub fn set_grouping(&mut self, grouping: Option<Grouping>) {
        self.grouping = grouping;
        self.judge = Judge::default();
    }

    /// Puts a transaction into the pool; it runs in the next block.
    pub fn submit(&mut self, tx: Transaction) {
        *self.pooled.entry(tx.sender()).or_default() += 1;
        self.pool.push(tx);
    }

    /// Seals the next block at the rate of the genesis.
    pub fn seal(&mut self) -> Result<Sealed, ChainError> {
        let time = self.next_time()?;
        self.seal_at(time)
    }

    /// Seals the next block at `time`: due triggers run, then the pool in the order of submission. Errors: a
    /// time that is not after the head's or too far from it.
    pub fn seal_at(&mut self, time: u64) -> Result<Sealed, ChainError> {
        self.check_time(time)?;
        let header = self.frame(time);
        let pool = std::mem::take(&mut self.pool);
        self.pooled.clear();
        let (grouping, mut judge) = (self.grouping, self.judge);
        let mut run = GroupsRun::default();
        let executed = self.execute(header, None, |session| {
            session.run_due()?;
            run = match grouping {
                Some(grouping) => session.run_judged(pool, grouping, &mut judge),
                None => session.run_all(pool),
            };
            Ok(())
        })?;
        self.judge = judge;
        let left_out = run.left_out;
        let number = self.append(executed);
        Ok(Sealed { number, time, left_out })
    }

    /// Executes a block from elsewhere and appends it if it is valid. Errors: a block that does not follow the
    /// head, lacks an occurrence that is due, holds one that is not, or differs from its execution.
    pub fn import(&mut self, block: &Block) -> Result<(), ChainError> {
        let header = &block.header;
        if header.parent_hash != self.head().hash {
            return Err(ChainError::Parent { parent: header.parent_hash });
        }
        self.check_time(header.timestamp)?;
        let (expected, seal) = self.expected(header)?;
        let executed = self.execute(expected, seal, |session| {
            session.run_due()?;
            let users = session.receipts().len();
            for (tx, position) in block.transactions.iter().zip(0..).skip(users) {
                match tx {
                    Transaction::System(_) => return Err(ChainError::NotDue { position }),
                    tx => session.run(tx.clone())?,
                };
            }
            Ok(())
        });
        let executed = executed.and_then(|executed| match differs(&executed.block, block) {
            None => Ok(executed),
            Some(error) => {
                self.roll_back(executed.mark)?;
                Err(error)
            }
        })?;
        self.append(executed);
        Ok(())
    }

    /// Runs `transactions` as the next block would, undoes it and returns what `clock` measured of the run alone;
    /// for benchmarks.
    pub(crate) fn rehearse(
        &mut self,
        transactions: Vec<Transaction>,
        way: Way,
        clock: &dyn Fn() -> Duration,
    ) -> Result<(GroupsRun, Duration), ChainError> {
        let header = self.frame(self.next_time()?);
        let (mark, rules, dev) = (self.state.mark(), self.rules(), self.genesis.dev);
        let mut session = Session::open(&mut self.state, &mut self.index, rules, header, dev);
        session.run_due()?;
        let began = clock();
        let run = match way {
            Way::Plain => session.run_all(transactions),
            Way::Groups(Grouping { groups, threads }) => {
                session.run_groups(split(transactions, groups, threads), threads)
            }
            Way::Chosen(grouping) => session.run_judged(transactions, grouping, &mut Judge::default()),
        };
        let elapsed = clock().saturating_sub(began);
        drop(session);
        self.roll_back(mark)?;
        Ok((run, elapsed))
    }

    /// Remembers this moment.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { height: self.height(), hash: self.head().hash, pool: self.pool.clone() }
    }

    /// Returns to a snapshot; later blocks are forgotten. Errors: a snapshot that is not of this chain's past.
    pub fn revert(&mut self, snapshot: &Snapshot) -> Result<(), ChainError> {
        let kept = snapshot.height.checked_sub(self.first).ok_or(ChainError::Unknown { what: "snapshot" })?;
        let len = usize::try_from(kept).unwrap_or(usize::MAX).saturating_add(1);
        let known = self.blocks.get(len - 1).is_some_and(|block| block.hash == snapshot.hash);
        if !known {
            return Err(ChainError::Unknown { what: "snapshot" });
        }
        if let Some(mark) = self.marks.get(len).copied() {
            if !self.state.remembers(mark) {
                return Err(ChainError::Unknown { what: "snapshot" });
            }
            self.state.undo_to(mark);
        }
        self.blocks.truncate(len);
        self.receipts.truncate(len);
        self.marks.truncate(len);
        let hashes = usize::try_from(snapshot.height).unwrap_or(usize::MAX).saturating_add(1);
        self.state.truncate_block_hashes(hashes);
        self.places.retain(|_, (height, _)| *height <= snapshot.height);
        self.numbers.retain(|_, height| *height <= snapshot.height);
        self.pool.clear();
        self.pooled.clear();
        snapshot.pool.iter().cloned().for_each(|tx| self.submit(tx));
        self.reindex()
    }

    /// Returns the last block.
    pub fn head(&self) -> &Block {
        static EMPTY: std::sync::LazyLock<Block> =
            std::sync::LazyLock::new(|| Block::new(Header::default(), Vec::new()));
        self.blocks.last().unwrap_or(&EMPTY)
    }

    /// Returns the height of the last block.
    pub fn height(&self) -> u64 {
        self.head().header.number
    }

    /// Returns the time of the last block in seconds.
    pub fn time(&self) -> u64 {
        self.head().header.timestamp
    }

    /// Returns block `number`.
    pub fn block(&self, number: u64) -> Option<&Block> {
        self.slot_of(number).and_then(|slot| self.blocks.get(slot))
    }

    /// Returns the receipts of block `number`.
    pub fn receipts(&self, number: u64) -> &[Receipt] {
        let receipts = self.slot_of(number).and_then(|slot| self.receipts.get(slot));
        receipts.map(Vec::as_slice).unwrap_or_default()
    }

    /// Finds the receipt of a transaction.
    pub fn receipt(&self, hash: B256) -> Option<&Receipt> {
        let (height, position) = *self.places.get(&hash)?;
        self.receipts(height).get(position)
    }

    /// Returns the height of the block with that hash.
    pub fn number_of(&self, block_hash: B256) -> Option<u64> {
        self.numbers.get(&block_hash).copied()
    }

    /// Returns in which block a transaction stands, and where in it.
    pub fn place_of(&self, tx_hash: B256) -> Option<(u64, usize)> {
        self.places.get(&tx_hash).copied()
    }

    /// Returns the base fee of the next block in wei per gas.
    pub fn next_base_fee(&self) -> u64 {
        self.genesis.base_fee.after(Some(&self.head().header))
    }

    /// Lists all firings of blocks from height `from` on, in order.
    pub fn firings(&self, from: u64) -> impl Iterator<Item = &FiringReceipt> {
        let from = usize::try_from(from.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let blocks = self.receipts.get(from..).unwrap_or_default();
        blocks.iter().flatten().filter_map(|receipt| receipt.firing.as_deref())
    }

    /// Returns the calling list's index; for tests and displays.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Builds the index anew from storage, as a node does when it starts.
    pub fn rebuilt_index(&mut self) -> Result<Index, ChainError> {
        let now = self.time();
        Index::rebuild(&mut self.state, now).map_err(|fault| ChainError::Internal(fault.to_string()))
    }

    /// Returns the state; for queries that this interface lacks.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Changes the state outside of blocks, for benchmarks; only before the first block. The root is brought up
    /// to date, so that no later block pays for the change.
    pub(crate) fn alter(
        &mut self,
        change: impl FnOnce(&mut BlockStore<'_>) -> Result<(), Fault>,
    ) -> Result<(), ChainError> {
        let (now, height) = (self.time(), self.height());
        let mut store = BlockStore::new(&mut self.state, now, height);
        change(&mut store).map_err(|fault| ChainError::Internal(fault.to_string()))?;
        self.state.root();
        self.reindex()
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules::fusor(self.genesis.chain_id)
    }

    fn reindex(&mut self) -> Result<(), ChainError> {
        self.index = self.rebuilt_index()?;
        Ok(())
    }

    /// Returns the next block's header fields that are fixed before execution.
    fn frame(&self, time: u64) -> Header {
        frame(&self.genesis, self.blocks.last().map(|block| (block.hash, &block.header)), time)
    }

    /// Returns the header that a block must have before execution, and its seal on a chain with consensus. Who may
    /// seal is not asked here: a final block is replayed, others go through [`crate::ledger`].
    fn expected(&self, header: &Header) -> Result<(Header, Option<Seal>), ChainError> {
        let frame = self.frame(header.timestamp);
        if self.genesis.consensus.is_none() {
            return Ok((frame, None));
        }
        let seal = Seal::decode(&header.extra_data).map_err(|_| ChainError::Header("extra data"))?;
        let Header { mix_hash, nonce, beneficiary, .. } = *header;
        let extra_data = header.extra_data.clone();
        Ok((Header { mix_hash, nonce, beneficiary, extra_data, ..frame }, Some(seal)))
    }

    fn check_time(&self, time: u64) -> Result<(), ChainError> {
        let parent = self.time();
        if time <= parent {
            return Err(ChainError::Time { time, parent });
        }
        match self.genesis.time_step_max {
            Some(most) if time - parent > most => Err(ChainError::TimeStep { time, most }),
            _ => Ok(()),
        }
    }

    /// Executes a block; on an error the state is as it was before.
    fn execute(
        &mut self,
        header: Header,
        seal: Option<Seal>,
        run: impl FnOnce(&mut Session<'_>) -> Result<(), ChainError>,
    ) -> Result<Executed, ChainError> {
        let (mark, rules, dev) = (self.state.mark(), self.rules(), self.genesis.dev);
        let begins = seal.is_some();
        let session = Session::open(&mut self.state, &mut self.index, rules, header, dev);
        let mut session = session.with_seal(seal);
        let begun = if begins { session.begin() } else { Ok(()) };
        let result = begun.and_then(|()| run(&mut session)).and_then(|()| session.close());
        if result.is_err() {
            self.roll_back(mark)?;
        }
        result
    }

    fn roll_back(&mut self, mark: Mark) -> Result<(), ChainError> {
        self.return_to(mark)
    }

    fn append(&mut self, executed: Executed) -> u64 {
        let number = executed.block.header.number;
        for (receipt, position) in executed.receipts.iter().zip(0..) {
            self.places.insert(receipt.tx_hash, (number, position));
        }
        self.numbers.insert(executed.block.hash, number);
        self.blocks.push(executed.block);
        self.receipts.push(executed.receipts);
        self.marks.push(executed.mark);
        number
    }

    /// Returns the time of the next block at the rate of the genesis.
    fn next_time(&self) -> Result<u64, ChainError> {
        match self.time() {
            u64::MAX => Err(ChainError::ClockExhausted),
            time => Ok(time.saturating_add(self.genesis.block_time)),
        }
    }
}

/// Fills in the header fields that are fixed before execution. PREVRANDAO is the hash of the parent's hash:
/// deterministic, and no secret.
pub(crate) fn frame(genesis: &Genesis, parent: Option<(B256, &Header)>, timestamp: u64) -> Header {
    let base_fee = genesis.base_fee.after(parent.map(|(_, header)| header));
    Header {
        parent_hash: parent.map(|(hash, _)| hash).unwrap_or_default(),
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        number: parent.map_or(0, |(_, header)| header.number.saturating_add(1)),
        timestamp,
        gas_limit: genesis.block_gas_limit,
        beneficiary: genesis.beneficiary,
        base_fee_per_gas: Some(base_fee),
        mix_hash: parent.map(|(hash, _)| keccak256(hash)).unwrap_or_default(),
        withdrawals_root: Some(EMPTY_WITHDRAWALS),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    }
}

/// Says how a block differs from its execution.
fn differs(executed: &Block, block: &Block) -> Option<ChainError> {
    let (ours, theirs) = (&executed.transactions, &block.transactions);
    for (tx, position) in ours.iter().zip(0..) {
        if let Transaction::System(due) = tx
            && theirs.get(position) != Some(tx)
        {
            return Some(ChainError::MissingSystem { tid: due.tid, position });
        }
    }
    let (a, b) = (&executed.header, &block.header);
    let fields = [
        ("transactions", ours == theirs),
        ("state root", a.state_root == b.state_root),
        ("transactions root", a.transactions_root == b.transactions_root),
        ("receipts root", a.receipts_root == b.receipts_root),
        ("logs bloom", a.logs_bloom == b.logs_bloom),
        ("gas used", a.gas_used == b.gas_used),
        ("hash", executed.hash == block.hash),
    ];
    fields.into_iter().find(|(_, same)| !same).map(|(name, _)| ChainError::Header(name))
}
