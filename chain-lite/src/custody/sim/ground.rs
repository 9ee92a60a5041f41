//! Is the chain that custodians serve: one node that seals a block each simulated second.

use crate::{
    chain::Call,
    custody::chain::{Chain, ChainError, State},
    genesis::{BaseFee, Genesis},
    state::BlockStore,
    tx::Transaction,
};
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_sol_types::SolCall;
use fusor_vm::{account::DCRM, dcrm, fault::Fault};
use std::cell::RefCell;

/// Gas of a call of custody. Blocks hold thousands.
const CALL_GAS: u64 = 10_000_000;
/// Wei that each account has.
pub(super) const RICH: u64 = 1_000_000_000;
/// Wei that a custodian bonds.
pub(super) const BOND: u64 = 1_000;
/// Wei that a request costs.
pub(super) const FEE: u64 = 10;

/// Is the chain.
pub(super) struct Ground(RefCell<crate::Chain>);

fn failed(error: impl std::fmt::Display) -> ChainError {
    ChainError(error.to_string())
}

impl Ground {
    /// Founds a chain with custody whose steward is `steward`, on which all of `rich` have wei.
    pub(super) fn new(steward: Address, rich: &[Address], renew: u32) -> Result<Self, ChainError> {
        let rules = dcrm::Rules {
            steward,
            min_bond: BOND.into(),
            request_fee: FEE.into(),
            ready_reward: 0,
            mature: 0,
            phase: 3,
            renew,
            cancel_wait: 12,
            leave_wait: 20,
            slash_bps: 5_000,
            ..dcrm::Rules::default()
        };
        let mut genesis = Genesis {
            block_time: 1,
            block_gas_limit: 1_000_000 * CALL_GAS,
            base_fee: BaseFee::Fixed(0),
            custody: Some(rules),
            ..Genesis::default()
        };
        for account in rich {
            genesis = genesis.with_balance(*account, U256::from(RICH));
        }
        Ok(Self(RefCell::new(crate::Chain::new(genesis).map_err(failed)?)))
    }

    /// Seals a block.
    pub(super) fn seal(&self) -> Result<(), ChainError> {
        self.0.borrow_mut().seal().map(drop).map_err(failed)
    }

    /// Asks the state at the head.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&mut BlockStore<'_>) -> Result<T, Fault>,
    ) -> Result<T, ChainError> {
        self.0.borrow_mut().ask(question).map_err(failed)
    }

    /// Puts a call of custody by an account of the chain's own into the next block.
    pub(super) fn act(&self, from: Address, value: u64, call: &impl SolCall) {
        let mut chain = self.0.borrow_mut();
        let tx = chain.dev_tx(from, Some(DCRM), U256::from(value), call.abi_encode().into());
        chain.submit(tx);
    }

    /// Returns the hash of the head.
    pub(super) fn head(&self) -> B256 {
        self.0.borrow().head().hash
    }
}

/// Changes what is submitted, or keeps it back.
pub(super) type Twist<'a> = dyn Fn(&[u8]) -> Option<Vec<u8>> + 'a;

/// Is the chain as one custodian's node shows it.
pub(super) struct Shown<'a> {
    pub(super) ground: &'a Ground,
    /// Whether the node has caught up, by its own word.
    pub(super) synced: bool,
    /// Whether what it submits gets lost.
    pub(super) mute: bool,
    /// What a hostile custodian makes of the calls that it sends.
    pub(super) twist: Option<&'a Twist<'a>>,
}

impl State for Shown<'_> {
    fn height(&self) -> Result<u64, ChainError> {
        Ok(self.ground.0.borrow().height())
    }

    fn time(&self) -> Result<u64, ChainError> {
        Ok(self.ground.0.borrow().time())
    }

    fn account(&self, who: Address) -> Result<(u64, U256), ChainError> {
        let chain = self.ground.0.borrow();
        Ok((chain.nonce(who), chain.balance(who)))
    }

    fn word(&self, account: Address, key: U256) -> Result<U256, ChainError> {
        Ok(self.ground.0.borrow().storage(account, key))
    }
}

impl Chain for Shown<'_> {
    fn synced(&self) -> bool {
        self.synced
    }

    fn logs(&self, height: u64) -> Result<Vec<Log>, ChainError> {
        let chain = self.ground.0.borrow();
        let logs = chain.receipts(height).iter().flat_map(|receipt| &receipt.logs);
        Ok(logs.filter(|log| log.address == DCRM).cloned().collect())
    }

    fn estimate(&self, from: Address, value: U256, data: &Bytes) -> Result<u64, ChainError> {
        let call = Call { from, to: DCRM, input: data.clone(), value, gas: CALL_GAS };
        self.ground.0.borrow_mut().simulate(call).map_err(failed)?;
        Ok(CALL_GAS)
    }

    fn gas_price(&self) -> Result<u128, ChainError> {
        Ok(0)
    }

    fn id(&self) -> u64 {
        self.ground.0.borrow().genesis().chain_id
    }

    fn submit(&self, raw: &[u8]) -> Result<B256, ChainError> {
        let tx = Transaction::decode_signed(raw).map_err(failed)?;
        let hash = tx.hash();
        if self.mute {
            return Ok(hash);
        }
        let mut chain = self.ground.0.borrow_mut();
        let tx = match self.twist.and_then(|twist| twist(tx.input())) {
            Some(input) => chain.dev_tx(tx.sender(), Some(DCRM), U256::ZERO, input.into()),
            None => tx,
        };
        chain.submit(tx);
        Ok(hash)
    }
}
