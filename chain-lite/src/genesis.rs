//! Describes a chain before its first block.

use crate::{
    error::ChainError,
    hhcm::Randomness,
    state::{BlockStore, Head, State},
};
use alloy_consensus::Header;
use alloy_eips::eip1559::{BaseFeeParams, calc_next_block_base_fee};
use alloy_primitives::{Address, Bytes, KECCAK256_EMPTY, U256};
use fusor_vm::{
    account::HHCM,
    dcrm,
    genesis::genesis_accounts,
    hhcm::{self, Founder},
    triggers::Params,
};
use revm::bytecode::Bytecode;
use std::collections::BTreeMap;

/// Says how the base fee moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseFee {
    /// It stays at so many wei per gas; zero is allowed.
    Fixed(u64),
    /// It starts there and follows EIP-1559.
    Market(u64),
}

impl BaseFee {
    /// Returns the base fee of the block after `parent`, or of block 0, in wei per gas.
    pub fn after(self, parent: Option<&Header>) -> u64 {
        match (self, parent) {
            (Self::Fixed(fee), _) | (Self::Market(fee), None) => fee,
            (Self::Market(fee), Some(parent)) => calc_next_block_base_fee(
                parent.gas_used,
                parent.gas_limit,
                parent.base_fee_per_gas.unwrap_or(fee),
                BaseFeeParams::ethereum(),
            ),
        }
    }
}

/// Is an account that exists from the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Wei.
    pub balance: U256,
    /// Nonce.
    pub nonce: u64,
    /// Code; empty for none.
    pub code: Bytes,
    /// Storage words.
    pub storage: BTreeMap<U256, U256>,
}

/// Describes a chain. The default is a chain for simulations: it starts at time 0 and asks no base fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// The chain's id.
    pub chain_id: u64,
    /// Timestamp of block 0 in seconds.
    pub time: u64,
    /// Gas limit of every block; triggers use at most a quarter.
    pub block_gas_limit: u64,
    /// Seconds between blocks.
    pub block_time: u64,
    /// Most seconds between a block and its parent; none for a simulated clock that may leap.
    pub time_step_max: Option<u64>,
    /// How the base fee moves.
    pub base_fee: BaseFee,
    /// Who earns fees.
    pub beneficiary: Address,
    /// Accounts that exist from the start, system accounts left out.
    pub accounts: BTreeMap<Address, Account>,
    /// Whether unsigned transactions are taken.
    pub dev: bool,
    /// Wei per gas of a trigger in an empty slot; not 0.
    pub trigger_price: u64,
    /// Rent of an occurrence on the calling list in wei.
    pub trigger_rent: u64,
    /// Most occurrences that the logs of one block start.
    pub fanout_max: u32,
    /// Most event triggers that start each other in a row.
    pub depth_max: u32,
    /// Most event triggers registered for one emitter. It bounds the work that a log causes: every filter for
    /// its emitter is looked at, and nobody pays for filters that do not match.
    pub listeners_max: u32,
    /// Who makes blocks; none for a chain of one node.
    pub consensus: Option<Consensus>,
    /// The rules of custody of outer coins; none for a chain without. The chain's id in it does not count.
    pub custody: Option<dcrm::Rules>,
}

/// Describes who makes blocks, and by which rules (whitepaper 5 and 6.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consensus {
    /// The rules of stake, groups, work and rewards.
    pub params: hhcm::Params,
    /// Where seeds come from.
    pub randomness: Randomness,
    /// The validators of the first epoch.
    pub validators: Vec<Founder>,
    /// Wei from which block rewards are paid.
    pub pool: U256,
}

impl Default for Genesis {
    fn default() -> Self {
        Self {
            chain_id: 1_337,
            time: 0,
            block_gas_limit: 60_000_000,
            block_time: 12,
            time_step_max: None,
            base_fee: BaseFee::Fixed(0),
            beneficiary: Address::with_last_byte(0xc0),
            accounts: BTreeMap::new(),
            dev: true,
            trigger_price: 1,
            trigger_rent: 1_000,
            fanout_max: 1_024,
            depth_max: 8,
            listeners_max: 256,
            consensus: None,
            custody: None,
        }
    }
}

impl Genesis {
    /// Adds an account with `balance` wei.
    pub fn with_balance(mut self, address: Address, balance: U256) -> Self {
        self.accounts.entry(address).or_default().balance = balance;
        self
    }

    /// Returns what the calling list needs to know of the chain.
    pub fn params(&self) -> Params {
        Params {
            block_gas_limit: self.block_gas_limit,
            block_time: self.block_time,
            base_price: self.trigger_price,
            origin: self.time,
            rent: self.trigger_rent,
            fanout_max: self.fanout_max,
            depth_max: self.depth_max,
            listeners_max: self.listeners_max,
        }
    }

    /// Builds the state of block 0. Errors: a parameter that no chain can run with.
    pub fn state(&self) -> Result<State, ChainError> {
        self.check()?;
        let mut state = State::default();
        for account in genesis_accounts() {
            let code = Account { nonce: account.nonce, code: account.code, ..Account::default() };
            put(&mut state, account.address, &code);
        }
        for (address, account) in &self.accounts {
            put(&mut state, *address, account);
        }
        let mut store = BlockStore::new(&mut state, self.time, 0);
        self.params().save(&mut store).map_err(|fault| ChainError::Internal(fault.to_string()))?;
        if let Some(consensus) = &self.consensus {
            consensus.found(&mut state, self.time)?;
        }
        if let Some(rules) = &self.custody {
            let rules = dcrm::Rules { chain_id: self.chain_id, ..*rules };
            dcrm::found(&mut BlockStore::new(&mut state, self.time, 0), &rules, 0)
                .map_err(|fault| ChainError::Custody(fault.to_string()))?;
        }
        Ok(state)
    }

    fn check(&self) -> Result<(), ChainError> {
        let refuse = |broken, message| if broken { Err(ChainError::Genesis(message)) } else { Ok(()) };
        refuse(self.block_time == 0, "block time is zero")?;
        refuse(self.trigger_price == 0, "price of trigger gas is zero")?;
        refuse(self.block_gas_limit < 200_000, "block gas limit is below 200000")?;
        let system = fusor_vm::account::SYSTEM;
        refuse(system.iter().any(|address| self.accounts.contains_key(address)), "account is reserved")
    }
}

impl Consensus {
    /// Writes the registry of validators and the first committee, and funds what they stake and the reward pool.
    fn found(&self, state: &mut State, time: u64) -> Result<(), ChainError> {
        self.params.check().map_err(|broken| {
            ChainError::Consensus(broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        let staked =
            self.validators.iter().try_fold(self.pool, |sum, founder| sum.checked_add(founder.stake));
        let balance = staked.ok_or_else(|| ChainError::Consensus("stakes and pool overflow".into()))?;
        let head = state.head(HHCM).unwrap_or_default();
        state.set_head(HHCM, Head { balance, ..head });
        let mut store = BlockStore::new(state, time, 0);
        hhcm::found(&mut store, &self.params, &self.validators, self.pool)
            .map_err(|error| ChainError::Consensus(error.to_string()))
    }
}

fn put(state: &mut State, address: Address, account: &Account) {
    let code_hash = match account.code.is_empty() {
        true => KECCAK256_EMPTY,
        false => state.add_code(Bytecode::new_legacy(account.code.clone())),
    };
    state.set_head(address, Head { balance: account.balance, nonce: account.nonce, code_hash });
    for (key, value) in &account.storage {
        state.set_word(address, *key, *value);
    }
}
