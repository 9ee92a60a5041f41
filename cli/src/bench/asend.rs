//! Measures a transfer of a native asset against an ERC-20 transfer compiled by solc on plain revm.

use super::{BenchError, solc};
use alloy_primitives::{Address, Bytes, TxKind, U256, address};
use alloy_sol_types::{SolCall, sol};
use fusor_vm::{
    account,
    evm::{FusorEvm, Rules},
    ledger, opcode,
};
use revm::{
    Context, ExecuteCommitEvm, MainBuilder, MainContext,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::AccountInfo,
};
use std::time::{Duration, Instant};

sol! {
    function asend(uint256 id, address to, uint256 amount) external returns (bool ok);
    function transfer(address to, uint256 value) external returns (bool ok);
}

const CHAIN: u64 = 1;
const GAS_LIMIT: u64 = 5_000_000;
const ROUNDS: usize = 5;
const SENDER: Address = address!("00000000000000000000000000000000000a11ce");
const RECEIVER: Address = address!("0000000000000000000000000000000000000b0b");
const FORWARDER: Address = address!("00000000000000000000000000000000f0f0f0f0");

/// Is what one way of sending costs.
pub(crate) struct Cost {
    pub(crate) name: String,
    /// Gas of a transaction in the steady state: both holdings exist before and after.
    pub(crate) gas: u64,
    /// The time of a transaction in the fastest round.
    pub(crate) time: Duration,
}

/// Is the outcome: the ways of sending an asset, and the ERC-20 transfer unless solc is missing.
pub(crate) struct Comparison {
    pub(crate) asset: Vec<Cost>,
    pub(crate) token: Result<Cost, solc::SolcError>,
}

/// Sends `count` transactions of each kind per round, the kinds in turn, and keeps the fastest round.
pub(crate) fn compare(count: u64) -> Result<Comparison, BenchError> {
    let mut ledger = Runner::asset("transaction to the ledger (asend)", account::LEDGER)?;
    let mut opcode = Runner::asset("transaction to a contract that runs ASEND", FORWARDER)?;
    let mut token = solc::token().map(Runner::token);
    for _ in 0..ROUNDS {
        ledger.round(count)?;
        opcode.round(count)?;
        if let Ok(Ok(token)) = &mut token {
            token.round(count)?;
        }
    }
    let token = match token {
        Ok(runner) => Ok(runner?.cost()),
        Err(missing) => Err(missing),
    };
    Ok(Comparison { asset: vec![ledger.cost(), opcode.cost()], token })
}

/// Runs one transaction and returns what happened.
type Run = Box<dyn FnMut(TxEnv) -> Result<ExecutionResult, String>>;

struct Runner {
    name: String,
    run: Run,
    to: Address,
    data: Bytes,
    nonce: u64,
    gas: u64,
    best: Duration,
}

impl Runner {
    fn asset(name: &str, to: Address) -> Result<Self, BenchError> {
        let mut evm = FusorEvm::new(database(), Rules::fusor(CHAIN), BlockEnv::default());
        let amount = U256::from(10).pow(U256::from(30));
        let mint = |holder| {
            move |store: &mut dyn fusor_vm::store::Store| {
                ledger::mint(store, SENDER, U256::ONE, holder, amount)
            }
        };
        let id = evm.store_commit(mint(SENDER))?.value;
        evm.store_commit(mint(FORWARDER))?;
        let data = asendCall { id, to: RECEIVER, amount: U256::ONE }.abi_encode();
        let run = move |tx| evm.transact_commit(tx).map_err(|error| error.to_string());
        Self::start(name.to_string(), Box::new(run), to, data.into(), 0)
    }

    fn token(compiled: solc::Compiled) -> Result<Self, BenchError> {
        let mut cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
        cfg.chain_id = CHAIN;
        let mut evm = Context::mainnet().with_db(database()).with_cfg(cfg).build_mainnet();
        let creation = TxEnv { kind: TxKind::Create, ..transaction(Address::ZERO, compiled.creation, 0) };
        let created =
            evm.transact_commit(creation).map_err(|error| BenchError::Transaction(error.to_string()))?;
        let token =
            created.created_address().ok_or_else(|| BenchError::Transaction(format!("{created:?}")))?;
        let data = transferCall { to: RECEIVER, value: U256::ONE }.abi_encode();
        let run = move |tx| evm.transact_commit(tx).map_err(|error| error.to_string());
        let name = format!(
            "ERC-20 by solc {} on plain revm",
            compiled.version.split('+').next().unwrap_or_default()
        );
        Self::start(name, Box::new(run), token, data.into(), 1)
    }

    /// Sends once, so that the receiver's holding exists, and once more for the gas of the steady state.
    fn start(name: String, run: Run, to: Address, data: Bytes, nonce: u64) -> Result<Self, BenchError> {
        let mut runner = Self { name, run, to, data, nonce, gas: 0, best: Duration::MAX };
        runner.send()?;
        runner.gas = runner.send()?;
        Ok(runner)
    }

    fn send(&mut self) -> Result<u64, BenchError> {
        let tx = transaction(self.to, self.data.clone(), self.nonce);
        self.nonce += 1;
        match (self.run)(tx) {
            Ok(result) if succeeded(&result) => Ok(result.tx_gas_used()),
            Ok(result) => Err(BenchError::Transaction(format!("{result:?}"))),
            Err(error) => Err(BenchError::Transaction(error)),
        }
    }

    fn round(&mut self, count: u64) -> Result<(), BenchError> {
        let start = Instant::now();
        for _ in 0..count {
            self.send()?;
        }
        let each = start.elapsed() / u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        self.best = self.best.min(each);
        Ok(())
    }

    fn cost(self) -> Cost {
        Cost { name: self.name, gas: self.gas, time: self.best }
    }
}

/// Both kinds of transfer answer with the word 1.
fn succeeded(result: &ExecutionResult) -> bool {
    let output = result.output().map(|output| U256::try_from_be_slice(output));
    result.is_success() && output == Some(Some(U256::ONE))
}

fn transaction(to: Address, data: Bytes, nonce: u64) -> TxEnv {
    let kind = TxKind::Call(to);
    TxEnv {
        caller: SENDER,
        kind,
        data,
        nonce,
        gas_limit: GAS_LIMIT,
        chain_id: Some(CHAIN),
        ..TxEnv::default()
    }
}

/// Makes a state with the system accounts, the sender and the contract that runs ASEND.
fn database() -> CacheDB<EmptyDB> {
    let mut db = CacheDB::new(EmptyDB::default());
    for system in account::SYSTEM {
        let code = revm::bytecode::Bytecode::new_raw(Bytes::from_static(&[0xfe]));
        db.insert_account_info(system, AccountInfo { nonce: 1, ..AccountInfo::from_bytecode(code) });
    }
    db.insert_account_info(SENDER, AccountInfo::from_balance(U256::MAX >> 8));
    let code = revm::bytecode::Bytecode::new_raw(forwarder());
    db.insert_account_info(FORWARDER, AccountInfo::from_bytecode(code));
    db
}

/// Assembles a contract that runs ASEND on the arguments of its call data and returns the result.
fn forwarder() -> Bytes {
    const CALLDATALOAD: u8 = 0x35;
    let load = |offset: u8| [0x60, offset, CALLDATALOAD];
    let mut code = Vec::new();
    for offset in [68, 36, 4] {
        code.extend(load(offset));
    }
    code.push(opcode::ASEND);
    // MSTORE(0, ok) RETURN(0, 32)
    code.extend([0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
    code.into()
}
