//! Serves a chain of one node that seals a block after each transaction.

use super::backend::{Backend, ChainView, Change, SubmitError, Unread};
use crate::{
    chain::{Chain, Sealed},
    error::{ChainError, InvalidTx},
    pool::{Choice, Limits, Pool, PoolRules},
    tx::Transaction,
};
use alloy_primitives::B256;
use commonware_utils::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::broadcast;

/// Changes that a slow subscriber may fall behind before it has to catch up by height.
const CHANGES_KEPT: usize = 1_024;
/// Most transactions of one block.
const TRANSACTIONS_MAX: usize = 10_000;

/// Is a chain and a pool behind locks. Reads share the chain; a block under execution excludes them.
#[derive(Debug)]
pub struct Single {
    /// Held from the pool to the block, so that each submission learns what became of it.
    submission: Mutex<()>,
    chain: RwLock<Chain>,
    pool: Mutex<Pool>,
    changes: broadcast::Sender<Change>,
}

impl Single {
    /// Serves `chain`.
    pub fn new(chain: Chain) -> Self {
        let genesis = chain.genesis();
        let rules = PoolRules {
            chain_id: genesis.chain_id,
            block_gas_limit: genesis.block_gas_limit,
            dev: genesis.dev,
        };
        let pool = Mutex::new(Pool::new(rules, Limits::default()));
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        Self { submission: Mutex::new(()), chain: RwLock::new(chain), pool, changes }
    }

    /// Locks the chain for reading.
    pub fn read(&self) -> RwLockReadGuard<'_, Chain> {
        self.chain.read()
    }

    /// Seals a block of what can run. Errors: as [`Chain::seal`].
    pub fn seal(&self) -> Result<Sealed, ChainError> {
        let mut chain = self.write();
        let mut pool = self.pool();
        let choice = Choice {
            gas: chain.genesis().block_gas_limit,
            base_fee: chain.next_base_fee(),
            count: TRANSACTIONS_MAX,
        };
        let chosen = pool.ready(choice);
        let senders: Vec<_> = chosen.iter().map(Transaction::sender).collect();
        chosen.into_iter().for_each(|tx| chain.submit(tx));
        let sealed = chain.seal()?;
        for left in &sealed.left_out {
            // What did not fit beside the triggers fits later.
            if !matches!(left.reason, InvalidTx::BlockGas { .. }) {
                pool.remove(&left.hash);
            }
        }
        pool.advance(&*chain, senders);
        drop((pool, chain));
        let _ = self.changes.send(Change::Block(sealed.number));
        Ok(sealed)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Chain> {
        self.chain.write()
    }
}

impl Backend for Single {
    fn chain(&self) -> Result<Box<dyn ChainView + '_>, Unread> {
        Ok(Box::new(self.read()))
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock()
    }

    fn submit(&self, tx: Transaction) -> Result<B256, SubmitError> {
        let _alone = self.submission.lock();
        let added = {
            let chain = self.read();
            self.pool().add(tx, &*chain, chain.next_base_fee())?
        };
        let _ = self.changes.send(Change::Pending(added.hash));
        let sealed = self.seal().map_err(|error| SubmitError::Unavailable(error.to_string()))?;
        match sealed.left_out.into_iter().find(|left| left.hash == added.hash) {
            Some(left) if !matches!(left.reason, InvalidTx::BlockGas { .. }) => Err(left.reason.into()),
            _ => Ok(added.hash),
        }
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}
