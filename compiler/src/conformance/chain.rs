//! Is the chain of the corpus: one message per block, an origin that is not the sender, gas for nothing.

use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256, address, b256};
use revm::bytecode::opcode::{BLOBHASH, GASLIMIT, ORIGIN};
use revm::context::result::{ExecutionResult, HaltReason};
use revm::context::{BlockEnv, CfgEnv, Context, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::database::{CacheDB, DatabaseRef};
use revm::handler::{ExecuteCommitEvm, MainBuilder};
use revm::interpreter::interpreter_types::StackTr;
use revm::interpreter::{
    Host, Instruction, InstructionContext, InstructionExecResult, InstructionResult, InterpreterTypes,
};
use revm::primitives::hardfork::SpecId;
use revm::state::{AccountInfo, Bytecode};
use revm::{Database, MainContext};
use std::convert::Infallible;

const GAS: u64 = 100_000_000;
const PRICE: u64 = 3_000_000_000;
const BASE_FEE: u64 = 7;
const ORIGIN_ADDRESS: Address = address!("9292929292929292929292929292929292929292");
const COINBASE: Address = address!("7878787878787878787878787878787878787878");
const RANDOM: B256 = b256!("a86c2e601b6c44eb4848f7d23d9df3113fbcac42041c49cbed5000cb4f118777");
const FIRST_ACCOUNT: Address = address!("1212121212121212121212121212120000000012");

/// Answers for what is not in the cache: empty accounts and the corpus' block hashes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Blank;

impl DatabaseRef for Blank {
    type Error = Infallible;
    fn basic_ref(&self, _: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(None)
    }
    fn code_by_hash_ref(&self, _: B256) -> Result<Bytecode, Infallible> {
        Ok(Bytecode::default())
    }
    fn storage_ref(&self, _: Address, _: U256) -> Result<U256, Infallible> {
        Ok(U256::ZERO)
    }
    fn block_hash_ref(&self, number: u64) -> Result<B256, Infallible> {
        let base = U256::from_be_bytes([0x37; 32]);
        Ok(B256::from(base.wrapping_add(U256::from(number))))
    }
}

/// Is what a message did.
pub(super) struct Receipt {
    /// "ok", "revert" or "halt".
    pub(super) status: &'static str,
    pub(super) output: Bytes,
    pub(super) created: Option<Address>,
    pub(super) logs: Vec<Log>,
    /// Gas after refunds, without what every message costs.
    pub(super) gas: u64,
}

/// Is the chain.
pub(super) struct Chain {
    db: CacheDB<Blank>,
    pub(super) sender: Address,
    block: u64,
}

impl Chain {
    pub(super) fn new() -> Self {
        let mut db = CacheDB::new(Blank);
        for precompile in 1..=8_u64 {
            let address = Address::from_word(B256::from(U256::from(precompile)));
            db.insert_account_info(address, AccountInfo::from_balance(U256::from(1)));
        }
        let first = U256::from_be_bytes(FIRST_ACCOUNT.into_word().0);
        for i in 0..10_u64 {
            let address = Address::from_word(B256::from(first + U256::from(i * 0x1000)));
            let rich = AccountInfo { balance: U256::from(1) << 100, nonce: 1, ..AccountInfo::default() };
            db.insert_account_info(address, rich);
        }
        Self { db, sender: FIRST_ACCOUNT, block: 0 }
    }

    pub(super) fn balance(&mut self, who: Address) -> U256 {
        self.db.basic(who).ok().flatten().map_or(U256::ZERO, |a| a.balance)
    }

    pub(super) fn code_bytes(&self, who: Address) -> u64 {
        let account = self.db.cache.accounts.get(&who);
        let code = account.and_then(|a| self.db.cache.contracts.get(&a.info.code_hash));
        code.map_or(0, |code| code.original_bytes().len() as u64)
    }

    pub(super) fn storage_empty(&self, who: Address) -> bool {
        self.db.cache.accounts.get(&who).is_none_or(|a| a.storage.values().all(|v| v.is_zero()))
    }

    /// Sends a message in a block of its own; `None` creates a contract.
    pub(super) fn send(
        &mut self,
        to: Option<Address>,
        data: Vec<u8>,
        value: U256,
    ) -> Result<Receipt, String> {
        self.block += 1;
        let mut cfg = CfgEnv::new_with_spec(SpecId::CANCUN).with_chain_id(1);
        cfg.disable_nonce_check = true;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        cfg.limit_contract_code_size = Some(usize::MAX);
        cfg.limit_contract_initcode_size = Some(usize::MAX);
        let fixed = fixed_gas(to.is_none(), &data);
        let tx = TxEnv {
            caller: self.sender,
            gas_limit: GAS,
            gas_price: u128::from(PRICE),
            kind: to.map_or(TxKind::Create, TxKind::Call),
            value,
            data: data.into(),
            chain_id: Some(1),
            ..TxEnv::default()
        };
        self.lend(self.sender, U256::from(PRICE) * U256::from(GAS));
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_cfg(cfg)
            .with_block(block(self.block))
            .build_mainnet();
        evm.instruction.insert_instruction(ORIGIN, Instruction::new(origin), 2);
        evm.instruction.insert_instruction(BLOBHASH, Instruction::new(blob_hash), 3);
        evm.instruction.insert_instruction(GASLIMIT, Instruction::new(gas_limit), 2);
        let result: ExecutionResult<HaltReason> = evm.transact_commit(tx).map_err(|e| format!("{e:?}"))?;
        let used = result.tx_gas_used();
        self.take_back(self.sender, U256::from(PRICE) * U256::from(GAS - used));
        self.take_back(COINBASE, U256::from(PRICE - BASE_FEE) * U256::from(used));
        Ok(receipt(result, fixed))
    }

    /// Gives an account the coins that gas costs, for gas is for nothing here.
    fn lend(&mut self, who: Address, amount: U256) {
        let mut info = self.db.basic(who).ok().flatten().unwrap_or_default();
        info.balance = info.balance.saturating_add(amount);
        self.db.insert_account_info(who, info);
    }

    fn take_back(&mut self, who: Address, amount: U256) {
        let mut info = self.db.basic(who).ok().flatten().unwrap_or_default();
        info.balance = info.balance.saturating_sub(amount);
        self.db.insert_account_info(who, info);
    }
}

fn receipt(result: ExecutionResult<HaltReason>, fixed: u64) -> Receipt {
    let gas = result.tx_gas_used().saturating_sub(fixed);
    let logs = result.logs().to_vec();
    match result {
        ExecutionResult::Success { output, .. } => {
            let created = output.address().copied();
            Receipt { status: "ok", output: output.into_data(), created, logs, gas }
        }
        ExecutionResult::Revert { output, .. } => {
            Receipt { status: "revert", output, created: None, logs: Vec::new(), gas }
        }
        ExecutionResult::Halt { .. } => {
            Receipt { status: "halt", output: Bytes::new(), created: None, logs: Vec::new(), gas }
        }
    }
}

/// Returns what a message costs before it runs.
fn fixed_gas(creates: bool, data: &[u8]) -> u64 {
    let zeros = data.iter().filter(|b| **b == 0).count() as u64;
    let bytes = data.len() as u64;
    let plain = 21_000 + 4 * zeros + 16 * (bytes - zeros);
    if creates { plain + 32_000 + 2 * bytes.div_ceil(32) } else { plain }
}

fn block(number: u64) -> BlockEnv {
    BlockEnv {
        number: U256::from(number),
        beneficiary: COINBASE,
        timestamp: U256::from(15 * number),
        gas_limit: u64::MAX,
        basefee: BASE_FEE,
        difficulty: U256::ZERO,
        prevrandao: Some(RANDOM),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice { excess_blob_gas: 0, blob_gasprice: 1 }),
        ..BlockEnv::default()
    }
}

fn push<H: ?Sized, W: InterpreterTypes>(
    context: InstructionContext<'_, H, W>,
    v: U256,
) -> InstructionExecResult {
    if context.interpreter.stack.push(v) { Ok(()) } else { Err(InstructionResult::StackOverflow) }
}

fn origin<H: Host + ?Sized, W: InterpreterTypes>(
    context: InstructionContext<'_, H, W>,
) -> InstructionExecResult {
    push(context, U256::from_be_bytes(ORIGIN_ADDRESS.into_word().0))
}

/// The block's limit as contracts see it; messages may use more.
fn gas_limit<H: Host + ?Sized, W: InterpreterTypes>(
    context: InstructionContext<'_, H, W>,
) -> InstructionExecResult {
    push(context, U256::from(20_000_000))
}

fn blob_hash<H: Host + ?Sized, W: InterpreterTypes>(
    context: InstructionContext<'_, H, W>,
) -> InstructionExecResult {
    let Some(index) = context.interpreter.stack.pop() else { return Err(InstructionResult::StackUnderflow) };
    let hash = match index.try_into() {
        Ok(n @ 0..=1_u64) => (U256::from(1) << 248) + U256::from(n + 1),
        _ => U256::ZERO,
    };
    push(context, hash)
}
