//! Executes one block, synchronously and without I/O: due triggers first, then users' transactions.
//!
//! Building and importing take the same path, so that a block that was built can be replayed.

mod ending;
mod keep;
mod record;

pub(crate) use ending::Ending;
use keep::{Rest, keep};
use record::Record;

use crate::{
    LeftOut,
    block::{Block, bloom_of, env_of, roots_of},
    error::{ChainError, InvalidTx},
    group::{self, Attempts, BlockRules, Flags, Ground, Grouping, Judge, PROBE},
    hhcm::{Evidence, Seal, record},
    receipt::{FiringReceipt, Receipt},
    schedule::{Index, Plan},
    state::{BlockStore, Head, Mark, State},
    tx::{SystemTx, Transaction},
};
use alloy_consensus::Header;
use alloy_primitives::{Address, Bytes, U256};
use fusor_vm::{
    account::COLLECTOR,
    dcrm,
    evm::{FusorEvm, Rules, SystemCall},
    fault::Fault,
    hhcm::{self, Closing, Opening},
    triggers::{self, Action, Begun, Occurrence, Params, Ran, Settled},
};
use revm::context::result::EVMError;

/// Is a block under execution.
#[derive(Debug)]
pub struct Session<'a> {
    evm: FusorEvm<&'a mut State>,
    index: &'a mut Index,
    header: Header,
    mark: Mark,
    dev: bool,
    record: Record,
    /// Fees of transactions that ran in groups, in wei.
    fees: U256,
    /// What the header says of groups and its author, where the chain has consensus.
    seal: Option<Seal>,
}

/// Is what running users' transactions gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupsRun {
    /// Transactions kept as their groups ran them.
    pub clean: usize,
    /// Transactions that ran one by one, in groups' tails for the second time.
    pub tail: usize,
    /// Transactions that could not run.
    pub left_out: Vec<LeftOut>,
}

impl GroupsRun {
    /// Adds what ran afterwards.
    fn and(mut self, next: Self) -> Self {
        self.left_out.extend(next.left_out);
        Self { clean: self.clean + next.clean, tail: self.tail + next.tail, ..self }
    }
}

/// Is a block that has been executed.
#[derive(Debug)]
pub struct Executed {
    /// The block.
    pub block: Block,
    /// Its receipts.
    pub receipts: Vec<Receipt>,
    /// The state before it.
    pub mark: Mark,
}

impl<'a> Session<'a> {
    /// Opens a block. Of `header`, the parent's hash, number, time, gas limit, base fee, beneficiary and extra
    /// data are taken; execution fills in the rest.
    pub fn open(state: &'a mut State, index: &'a mut Index, rules: Rules, header: Header, dev: bool) -> Self {
        let (mark, record) = (state.mark(), Record::new(header.number));
        let mut evm = FusorEvm::new(state, rules, env_of(&header));
        evm.defer_fees();
        Self { evm, index, header, mark, dev, record, fees: U256::ZERO, seal: None }
    }

    /// Says what the header's seal says: whom to pay and what to record when the block closes.
    pub(crate) fn with_seal(self, seal: Option<Seal>) -> Self {
        Self { seal, ..self }
    }

    /// Records the block's seed, groups and representatives for contracts to ask.
    pub(crate) fn begin(&mut self) -> Result<(), ChainError> {
        let opening = Opening { seed: self.header.mix_hash, height: self.header.number };
        hhcm::open(&mut self.store(), &opening).map_err(internal)
    }

    /// Runs what is due.
    pub fn run_due(&mut self) -> Result<(), ChainError> {
        let (now, capacity) = (self.header.timestamp, self.header.gas_limit / 4);
        let (mut store, index) = self.parts();
        let plan = Plan::make(index, &mut store, now, capacity).map_err(internal)?;
        for tid in plan.runs {
            self.fire(tid)?;
        }
        Ok(())
    }

    /// Runs a user's transaction; returns its position in the block. On an error nothing has changed.
    pub fn run(&mut self, tx: Transaction) -> Result<usize, InvalidTx> {
        let left = self.gas_left();
        if tx.gas() > left {
            return Err(InvalidTx::BlockGas { wanted: tx.gas(), left });
        }
        let env = self.rules_of_block().env(&tx)?;
        let result = self.evm.transact_commit(env).map_err(refusal)?;
        let (hash, gas_used) = (tx.hash(), result.tx_gas_used());
        self.record.user(tx, hash, Ending::of(result), gas_used);
        Ok(self.record.receipts.len() - 1)
    }

    /// Runs users' transactions in groups, in parallel on at most `threads` threads: what is independent of
    /// other groups is kept, the rest runs afterwards, one by one. The block that comes of it is the ordinary
    /// one of the transactions in its order. Returns those that could not run, and why.
    pub fn run_groups(&mut self, groups: Vec<Vec<Transaction>>, threads: usize) -> GroupsRun {
        let attempts = self.attempt(groups, threads);
        let flags = group::merge(&attempts, self.gas_left(), threads);
        self.keep(attempts, &flags, threads)
    }

    /// Runs users' transactions in groups or one by one, as the judge has it, who learns from it. Where nothing is
    /// known of such blocks, the first few decide for the rest.
    pub(crate) fn run_judged(
        &mut self,
        mut transactions: Vec<Transaction>,
        grouping: Grouping,
        judge: &mut Judge,
    ) -> GroupsRun {
        match judge.plan(grouping, transactions.len()) {
            group::Plan::Plain => {
                judge.pass();
                self.run_all(transactions)
            }
            group::Plan::Groups => self.run_learning(transactions, grouping, grouping.threads, judge),
            group::Plan::Probe => {
                let rest = transactions.split_off(PROBE.min(transactions.len()));
                // So few take less time than a thread takes to start.
                let head = self.run_learning(transactions, grouping, 1, judge);
                match judge.pays(grouping) {
                    true => head.and(self.run_learning(rest, grouping, grouping.threads, judge)),
                    false => head.and(self.run_all(rest)),
                }
            }
        }
    }

    fn run_learning(
        &mut self,
        transactions: Vec<Transaction>,
        grouping: Grouping,
        threads: usize,
        judge: &mut Judge,
    ) -> GroupsRun {
        let groups = group::split(transactions, grouping.groups, threads);
        let run = self.run_groups(groups, threads);
        judge.learn(grouping, &run);
        run
    }

    /// Runs groups on the state as it is, in parallel; nothing is kept.
    pub(crate) fn attempt(&mut self, groups: Vec<Vec<Transaction>>, threads: usize) -> Vec<Attempts> {
        let ground = Ground { rules: self.rules_of_block(), gas: self.gas_left() };
        group::run(self.evm.db_mut(), &ground, groups, threads)
    }

    /// Keeps what stands of groups' runs and runs the rest one by one.
    pub(crate) fn keep(&mut self, attempts: Vec<Attempts>, flags: &Flags, threads: usize) -> GroupsRun {
        let state = self.evm.db_mut();
        let Rest { kept, tail, fees } = keep(state, &mut self.record, attempts, flags, threads);
        self.fees = self.fees.saturating_add(fees);
        GroupsRun { clean: kept, ..self.run_all(tail) }
    }

    /// Runs users' transactions one by one.
    pub fn run_all(&mut self, transactions: Vec<Transaction>) -> GroupsRun {
        let mut run = GroupsRun::default();
        for tx in transactions {
            let hash = tx.hash();
            match self.run(tx) {
                Ok(_) => run.tail += 1,
                Err(reason) => run.left_out.push(LeftOut { hash, reason }),
            }
        }
        run
    }

    /// Returns the receipts so far.
    pub fn receipts(&self) -> &[Receipt] {
        &self.record.receipts
    }

    /// Closes the block: queues the occurrences that its logs start, halts vaults that lack coin, pays its author,
    /// computes roots and completes the header.
    pub fn close(mut self) -> Result<Executed, ChainError> {
        self.queue_events().map_err(internal)?;
        dcrm::close(&mut self.store()).map_err(internal)?;
        match self.seal.take() {
            None => self.pay_author(),
            Some(seal) => self.pay_by_seal(seal)?,
        }
        let Self { evm, index, mut header, mark, record, .. } = self;
        let Record { gas_used, transactions, receipts, .. } = record;
        let state = evm.into_db();
        index.follow(state, mark).map_err(internal)?;
        header.state_root = state.root();
        header.gas_used = gas_used;
        header.logs_bloom = bloom_of(&receipts);
        (header.transactions_root, header.receipts_root) = roots_of(&transactions, &receipts);
        let block = Block::new(header, transactions);
        state.push_block_hash(block.hash);
        Ok(Executed { block, receipts, mark })
    }

    pub(crate) fn gas_left(&self) -> u64 {
        self.header.gas_limit.saturating_sub(self.record.gas_used)
    }

    fn rules_of_block(&mut self) -> BlockRules {
        BlockRules { rules: self.evm.rules(), block: self.evm.block_mut().clone(), dev: self.dev }
    }

    /// Pays the fees of the block, and whatever else its transactions left at COINBASE, to the author.
    fn pay_author(&mut self) {
        let fees = self.evm.take_fees().saturating_add(self.fees);
        let state = self.evm.db_mut();
        let collected = state.head(COLLECTOR).unwrap_or_default().balance.saturating_add(fees);
        state.remove(COLLECTOR);
        if !collected.is_zero() {
            let author = self.header.beneficiary;
            let head = state.head(author).unwrap_or_default();
            state.set_head(author, Head { balance: head.balance.saturating_add(collected), ..head });
        }
    }

    /// Pays the author named by the seal, and records what consensus needs of the block.
    fn pay_by_seal(&mut self, seal: Seal) -> Result<(), ChainError> {
        let fees = self.evm.take_fees().saturating_add(self.fees);
        let state = self.evm.db_mut();
        let head = state.head(COLLECTOR).unwrap_or_default();
        let fees = head.balance.saturating_add(fees);
        if !fees.is_zero() {
            state.set_head(COLLECTOR, Head { balance: fees, ..head });
        }
        self.punish(&seal)?;
        record(&mut self.store(), &seal.dealings).map_err(internal)?.map_err(ChainError::Dealing)?;
        let closing = Closing {
            author: Some(seal.author),
            worked: seal.worked,
            guerrilla: seal.guerrilla,
            packages: seal.packages,
            fees,
            gas_used: self.record.gas_used,
            gas_limit: self.header.gas_limit,
        };
        hhcm::close(&mut self.store(), &closing).map_err(internal)?;
        self.evm.db_mut().remove(COLLECTOR);
        Ok(())
    }

    /// Punishes the cheats that the seal proves; its author is their reporter.
    fn punish(&mut self, seal: &Seal) -> Result<(), ChainError> {
        let reporter = self.header.beneficiary;
        for proof in &seal.evidence {
            let proof = Evidence::decode(proof).map_err(|error| ChainError::Evidence(error.to_string()))?;
            match proof.punish(&mut self.store(), reporter) {
                Ok(_) => {}
                Err(Fault::Misuse(reason)) => return Err(ChainError::Evidence(reason.to_owned())),
                Err(fault) => return Err(internal(fault)),
            }
        }
        Ok(())
    }

    fn parts(&mut self) -> (BlockStore<'_>, &mut Index) {
        let (now, height) = (self.header.timestamp, self.header.number);
        (BlockStore::new(self.evm.db_mut(), now, height), self.index)
    }

    fn store(&mut self) -> BlockStore<'_> {
        self.parts().0
    }

    /// Fires one trigger unless something that ran before it in this block has ended it.
    fn fire(&mut self, tid: U256) -> Result<(), ChainError> {
        let Some(mut begun) = triggers::begin(&mut self.store(), tid).map_err(internal)? else {
            return Ok(());
        };
        let (settled, ending) = match self.poll(&mut begun)? {
            Some(settled) => (settled, Ending::nothing()),
            None => self.act(&begun)?,
        };
        let tx = Transaction::System(SystemTx::new(&begun));
        let firing = FiringReceipt::new(&begun, &settled, ending.success, self.header.timestamp);
        self.record.firing(tx, ending, firing, begun.depth);
        Ok(())
    }

    /// Evaluates the guard of a watch; the firing is over if it does not hold.
    fn poll(&mut self, begun: &mut Begun) -> Result<Option<Settled>, ChainError> {
        let Action::Poll(guard) = &begun.action else { return Ok(None) };
        let probe = self.evm.guard(begun.contract, guard).map_err(|error| internal_text(&error))?;
        let ran = Ran { success: true, gas_used: probe.gas_used };
        triggers::poll(&mut self.store(), begun, ran, probe.holds, COLLECTOR).map_err(internal)
    }

    fn act(&mut self, begun: &Begun) -> Result<(Settled, Ending), ChainError> {
        let (ran, ending) = match &begun.action {
            Action::Call { from, to, input, gas } => self.call(*from, *to, input.clone(), *gas)?,
            Action::Poll(_) | Action::None => (Ran { success: true, gas_used: 0 }, Ending::nothing()),
        };
        let settled = triggers::finish(&mut self.store(), begun, ran, COLLECTOR).map_err(internal)?;
        Ok((settled, ending))
    }

    fn call(
        &mut self,
        caller: Address,
        to: Address,
        data: Bytes,
        gas: u64,
    ) -> Result<(Ran, Ending), ChainError> {
        // A call to an account without code would succeed and do nothing.
        if self.evm.db_mut().code(to).is_empty() {
            return Ok((Ran { success: false, gas_used: 0 }, Ending::no_code()));
        }
        let call = SystemCall { caller, to, data, gas, value: U256::ZERO };
        let result = self.evm.system_call_commit(call).map_err(|error| internal_text(&error))?;
        let ran = Ran { success: result.is_success(), gas_used: result.tx_gas_used() };
        Ok((ran, Ending::of(result)))
    }

    /// Queues the occurrences that this block's logs start; they run in the next block. Bounds on cascades
    /// and fan-out turn what is beyond them into skipped occurrences.
    fn queue_events(&mut self) -> Result<(), Fault> {
        let params = Params::load(&mut self.store())?;
        let mut queued = 0;
        for (tid, occurrence) in self.started() {
            let admit = occurrence.depth <= params.depth_max && queued < params.fanout_max;
            queued += u32::from(triggers::enqueue(&mut self.store(), tid, &occurrence, admit)?);
        }
        Ok(())
    }

    /// Lists what this block's logs start, in the order of logs and then of contract and number.
    fn started(&self) -> Vec<(U256, Occurrence)> {
        let (due, block) = (self.header.timestamp, self.header.number);
        let depths = self.record.receipts.iter().zip(&self.record.depths);
        let logs = depths.flat_map(|(receipt, depth)| receipt.logs.iter().map(move |log| (log, depth + 1)));
        let mut started = Vec::new();
        for ((log, depth), index) in logs.zip(0..) {
            let payload = || Occurrence::payload(log.topics(), &log.data.data);
            for tid in self.index.listeners.matching(log) {
                started.push((tid, Occurrence { due, depth, block, log: index, payload: payload() }));
            }
        }
        started
    }
}

pub(crate) fn refusal<E: std::fmt::Display>(error: EVMError<E>) -> InvalidTx {
    match error {
        EVMError::Transaction(reason) => InvalidTx::Rules(reason.to_string()),
        other => InvalidTx::Rules(other.to_string()),
    }
}

fn internal(fault: Fault) -> ChainError {
    ChainError::Internal(fault.to_string())
}

fn internal_text(error: &impl std::fmt::Display) -> ChainError {
    ChainError::Internal(error.to_string())
}
