//! Looks at what a run left: one chain that replays, every transaction once, and nobody punished who is honest.

use super::{World, ground};
use crate::{
    block::Block,
    chain::Chain,
    genesis::Genesis,
    hhcm::{Randomness, Seal, verify_committee},
    sim::{
        clockwork,
        setting::{Made, Outcome},
    },
    state::BlockStore,
    store::{Store, fault::Disk},
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256};
use commonware_runtime::Clock;
use fusor_vm::hhcm::{self, Validator};
use std::collections::BTreeSet;

impl World {
    /// Notes what does not hold; `enough` is the height that all have to reach.
    pub(super) fn judge(&mut self, enough: u64) {
        let lowest = self.lowest();
        // With a third or more of them hostile, nodes may stop; they may never disagree.
        if self.setting.hostile * 3 < self.setting.nodes {
            if lowest < enough {
                self.fail(format!("a node is at height {lowest}, not {enough}, long after all was healed"));
            }
            self.judge_traffic();
        }
        self.judge_replay();
        self.judge_guilt();
    }

    fn judge_traffic(&mut self) {
        let taken: BTreeSet<B256> = self.traffic.taken.iter().copied().collect();
        let wrong: Vec<String> = {
            let witness = self.witness.lock();
            let times = |hash: &B256| witness.included.get(hash).map_or(0, Vec::len);
            let wrong = taken.iter().filter(|hash| times(hash) != 1);
            wrong.map(|hash| format!("transaction {hash} is final {} times", times(hash))).collect()
        };
        wrong.into_iter().for_each(|what| self.fail(what));
    }

    /// Runs the chain of a node again, one transaction after another, and compares roots, receipts and coin.
    fn judge_replay(&mut self) {
        let Some((store, height)) = self.honest_store() else { return };
        match replay(&self.genesis, &store, height, self.clockwork) {
            Ok(ended) => {
                self.judge_punished(&ended.jailed);
                self.changes = ended.changes;
                self.committee_seeds = ended.committee_seeds;
            }
            Err(what) => self.fail(what),
        }
    }

    /// Stake is taken from hostile nodes alone.
    fn judge_punished(&mut self, jailed: &[B256]) {
        for life in &self.lives {
            match (life.mischief, jailed.contains(&life.keys.id())) {
                (None, true) => self.fail(format!("honest node {} lost stake", life.keys.id())),
                (Some(_), true) => self.punished += 1,
                _ => {}
            }
        }
    }

    /// No honest node may be called a cheat.
    fn judge_guilt(&mut self) {
        let honest: BTreeSet<B256> =
            self.lives.iter().filter(|life| life.mischief.is_none()).map(|life| life.keys.id()).collect();
        let called: Vec<_> = self.witness.lock().cheats.iter().cloned().collect();
        for (author, what) in called {
            if honest.contains(&author) {
                self.fail(format!("honest node {author} is called a cheat: {what}"));
            }
        }
    }

    /// Returns what the run gave.
    pub(super) fn outcome(self) -> Outcome {
        let height = self.lowest();
        let witness = self.witness.lock();
        let hostile: BTreeSet<B256> =
            self.lives.iter().filter(|life| life.mischief.is_some()).map(|life| life.keys.id()).collect();
        let made = witness.made.values();
        let blocks: Vec<Made> =
            made.map(|(author, made)| Made { hostile: hostile.contains(author), ..*made }).collect();
        let mut finality_ms = witness.finality_ms.clone();
        finality_ms.sort_unstable();
        let included = self.traffic.taken.iter().filter(|hash| witness.included.contains_key(*hash)).count();
        let time = self.context.current().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Outcome {
            violations: witness.violations.clone(),
            height,
            history: self.context.auditor().state(),
            head: witness.at(height).unwrap_or_default(),
            transactions: (self.traffic.taken.len(), included),
            faults: self.faults,
            hostile_blocks: blocks.iter().filter(|made| made.hostile).count() as u64,
            committee_seeds: self.committee_seeds,
            cheats: witness.cheats.len(),
            changes: self.changes,
            punished: self.punished,
            time_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            blocks,
            sent: self.counts.lock().clone(),
            finality_ms,
        }
    }

    fn honest_store(&self) -> Option<(Store, u64)> {
        let hash = ground::hash(&self.genesis).ok()?;
        let (index, life) = (0u32..).zip(&self.lives).find(|(_, life)| life.mischief.is_none())?;
        let height = self.witness.lock().heights.get(&index).copied()?;
        // A copy of the disk, as the node still runs.
        Some((Store::open_on(Disk::with(life.disk.data()).backend(), hash).ok()?, height))
    }
}

/// Lists the validators that lost stake for a cheat.
fn jailed(chain: &mut Chain) -> Result<Vec<B256>, String> {
    let validators = chain.genesis().consensus.iter().flat_map(|consensus| &consensus.validators);
    let keys: Vec<B256> = validators.map(|founder| founder.key).collect();
    let load = |store: &mut BlockStore<'_>, key| Validator::load(store, key);
    let mut jailed = Vec::new();
    for key in keys {
        let validator = chain.ask(|store| load(store, key)).map_err(|error| error.to_string())?;
        jailed.extend(validator.filter(|validator| validator.jailed).map(|_| key));
    }
    Ok(jailed)
}

/// Counts validators of the first committee that are gone, and those that came.
fn moved(chain: &mut Chain) -> Result<(usize, usize), String> {
    let now = chain.ask(|store| hhcm::committee(store)).map_err(|error| error.to_string())?;
    let now: BTreeSet<B256> = now.iter().map(|member| member.key).collect();
    let first = chain.genesis().consensus.iter().flat_map(|consensus| &consensus.validators);
    let first: BTreeSet<B256> = first.map(|founder| founder.key).collect();
    Ok((first.difference(&now).count(), now.difference(&first).count()))
}

/// Is what a replayed chain says of its validators.
struct Ended {
    jailed: Vec<B256>,
    changes: (usize, usize),
    committee_seeds: u64,
}

/// Checks a block's seed, and that the committee signed it where it has a key; returns the next one's.
fn next_seed(
    genesis: &Genesis,
    block: &Block,
    seed: Option<B256>,
    key: Option<[u8; 48]>,
) -> Result<B256, String> {
    let Header { number, mix_hash, extra_data, .. } = &block.header;
    if seed.is_some_and(|seed| seed != *mix_hash) {
        return Err(format!("replay of block {number}: its seed does not follow from the one before"));
    }
    let seal = Seal::decode(extra_data).map_err(|error| error.to_string())?;
    let signed = |key| verify_committee(&key, genesis.chain_id, *number, *mix_hash, &seal.reveal);
    if !key.is_none_or(signed) {
        return Err(format!("replay of block {number}: the committee has a key and did not sign"));
    }
    let randomness = genesis.consensus.as_ref().map_or(Randomness::Beacon, |consensus| consensus.randomness);
    Ok(randomness.next(*mix_hash, &seal.reveal, block.hash))
}

/// Runs a stored chain again from its genesis, sequentially.
fn replay(
    genesis: &Genesis,
    store: &Store,
    height: u64,
    clockwork: Option<Address>,
) -> Result<Ended, String> {
    let mut chain = Chain::new(genesis.clone()).map_err(|error| error.to_string())?;
    let coin = chain.coin();
    let (mut seed, mut committee_seeds) = (None, 0);
    for number in 1..=height {
        let reading = store.read().map_err(|error| error.to_string())?;
        let block = crate::ledger::kept_block(&reading, number).map_err(|error| error.to_string())?;
        let key = chain.ask(|store| hhcm::Beacon::load(store)).map_err(|error| error.to_string())?.key;
        seed = Some(next_seed(genesis, &block, seed, key)?);
        committee_seeds += u64::from(key.is_some());
        chain.import(&block).map_err(|error| format!("replay of block {number}: {error}"))?;
        let receipts = store.receipts(number).map_err(|error| error.to_string())?;
        if chain.receipts(number) != receipts {
            return Err(format!("replay of block {number} gives other receipts"));
        }
    }
    if let Some(contract) = clockwork {
        clockwork::check(&chain, contract)?;
    }
    let burnt = chain.burnt();
    match chain.coin().checked_add(burnt) == Some(coin) {
        true => Ok(Ended { jailed: jailed(&mut chain)?, changes: moved(&mut chain)?, committee_seeds }),
        false => Err(format!("there are {} wei and {burnt} burnt of {coin}", chain.coin())),
    }
}
