//! Runs transactions on Fusor's EVM over a database in memory.

use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256, address};
use fusor_vm::evm::{FusorEvm, Rules};
use revm::context::{BlockEnv, TxEnv, result::ExecutionResult};
use revm::database::InMemoryDB;
use revm::state::AccountInfo;
use std::collections::BTreeMap;

/// The sender of calls that name none.
pub const SENDER: Address = address!("0000000000000000000000000000000000001000");
/// The account that releases contracts.
pub const DEPLOYER: Address = address!("00000000000000000000000000000000000d0000");

/// Is what a transaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// "ok", "revert" or "halt".
    pub status: &'static str,
    pub output: Bytes,
    pub logs: Vec<Log>,
    pub created: Option<Address>,
    pub gas: u64,
}

/// Is a chain whose clock stands still.
pub struct Chain {
    evm: FusorEvm<InMemoryDB>,
}

impl Chain {
    pub fn new() -> Self {
        Self::with_rules(Rules::fusor(1))
    }

    /// Starts a chain under other rules.
    pub fn with_rules(rules: Rules) -> Self {
        let mut db = InMemoryDB::default();
        for who in [DEPLOYER, SENDER] {
            let rich = AccountInfo { balance: U256::from(1) << 128, nonce: 1, ..AccountInfo::default() };
            db.insert_account_info(who, rich);
        }
        let block = BlockEnv {
            number: U256::from(1000),
            timestamp: U256::from(1_700_000_000_u64),
            gas_limit: u64::MAX,
            prevrandao: Some(B256::repeat_byte(7)),
            ..BlockEnv::default()
        };
        let mut evm = FusorEvm::new(db, rules, block);
        let cfg = evm.cfg_mut();
        cfg.disable_nonce_check = true;
        cfg.limit_contract_code_size = Some(usize::MAX);
        cfg.limit_contract_initcode_size = Some(usize::MAX);
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        Self { evm }
    }

    /// Makes sure that an account can pay.
    pub fn fund(&mut self, who: Address) {
        let db = self.evm.db_mut();
        let known = db.cache.accounts.get(&who).is_some_and(|a| !a.info.balance.is_zero());
        if !known {
            let rich = AccountInfo { balance: U256::from(1) << 128, nonce: 1, ..AccountInfo::default() };
            db.insert_account_info(who, rich);
        }
    }

    /// Sends a transaction; `None` creates a contract.
    pub fn send(&mut self, from: Address, to: Option<Address>, data: Bytes, value: U256) -> Receipt {
        self.fund(from);
        let nonce = self.evm.db_mut().cache.accounts.get(&from).map_or(0, |a| a.info.nonce);
        let tx = TxEnv {
            caller: from,
            kind: to.map_or(TxKind::Create, TxKind::Call),
            data,
            value,
            gas_limit: 30_000_000,
            chain_id: Some(1),
            nonce,
            ..TxEnv::default()
        };
        let result = self.evm.transact_commit(tx).expect("a transaction that can run");
        let gas = result.tx_gas_used();
        let logs = result.logs().to_vec();
        match result {
            ExecutionResult::Success { output, .. } => {
                let created = output.address().copied();
                Receipt { status: "ok", output: output.into_data(), logs, created, gas }
            }
            ExecutionResult::Revert { output, .. } => {
                Receipt { status: "revert", output, logs: Vec::new(), created: None, gas }
            }
            ExecutionResult::Halt { .. } => {
                Receipt { status: "halt", output: Bytes::new(), logs: Vec::new(), created: None, gas }
            }
        }
    }

    /// Returns the slots of a contract that are not zero.
    pub fn storage(&mut self, of: Address) -> BTreeMap<U256, U256> {
        let account = self.evm.db_mut().cache.accounts.get(&of);
        let slots = account.map(|a| a.storage.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>());
        slots.unwrap_or_default().into_iter().filter(|(_, v)| !v.is_zero()).collect()
    }

    /// Returns address, nonce, balance and the slots that are not zero of every account.
    pub fn accounts(&mut self) -> Vec<(Address, u64, U256, BTreeMap<U256, U256>)> {
        let known = &self.evm.db_mut().cache.accounts;
        let slots = |storage: &mut dyn Iterator<Item = (U256, U256)>| {
            storage.filter(|(_, v)| !v.is_zero()).collect::<BTreeMap<_, _>>()
        };
        let mut all: Vec<_> = known
            .iter()
            .map(|(who, a)| {
                let storage = slots(&mut a.storage.iter().map(|(k, v)| (*k, *v)));
                (*who, a.info.nonce, a.info.balance, storage)
            })
            .collect();
        all.sort();
        all
    }
}
