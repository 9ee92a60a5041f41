//! Measures timing triggers that are all due in the same second, until every one has run.

use super::BenchError;
use alloy_primitives::{Address, Bytes, U256};
use fusor_chain_lite::{Chain, Genesis};
use fusor_vm::asm::{AsmError, assemble};
use std::time::{Duration, Instant};

const OWNER: Address = Address::repeat_byte(0x11);
/// Registrations in one transaction, below what a transaction's gas allows.
const BATCH: u64 = 40;
/// Gas of a handler: it counts in a storage slot.
const HANDLER_GAS: u64 = 50_000;
/// Blocks after which a run counts as stuck.
const BLOCKS_MAX: u64 = 1_000_000;

/// Is one measurement.
pub(crate) struct Burst {
    pub(crate) triggers: u64,
    /// Time for booking all of them.
    pub(crate) booking: Duration,
    /// Time from the due second until all have run, block sealing and state roots included.
    pub(crate) running: Duration,
    /// Blocks over which the quarter rule spread them.
    pub(crate) blocks: u64,
    /// Gas limit of a block.
    pub(crate) block_gas_limit: u64,
    /// Gas that the last one used.
    pub(crate) gas: u64,
}

/// Books `triggers` calls for one second and runs them all.
pub(crate) fn burst(triggers: u64) -> Result<Burst, BenchError> {
    let genesis = Genesis::default().with_balance(OWNER, U256::MAX >> 1);
    let mut chain = Chain::new(genesis)?;
    let contract = chain.deploy(OWNER, init_code()?, U256::MAX >> 2)?.address;
    let due = chain.time() + (triggers / BATCH + 2) * chain.genesis().block_time * 2;
    let start = Instant::now();
    book(&mut chain, contract, triggers, due)?;
    let booking = start.elapsed();
    let height = chain.height();
    let start = Instant::now();
    let fired = chain.run_until_quiet(BLOCKS_MAX)?;
    let running = start.elapsed();
    let ran = chain.storage(contract, U256::ZERO);
    if ran != U256::from(triggers) || fired.iter().any(|firing| !firing.success || firing.due != due) {
        return Err(BenchError::Incomplete { wanted: triggers, ran });
    }
    let (blocks, block_gas_limit) = (chain.height() - height, chain.genesis().block_gas_limit);
    let gas = fired.last().map_or(0, |firing| firing.gas_used);
    Ok(Burst { triggers, booking, running, blocks, block_gas_limit, gas })
}

fn book(chain: &mut Chain, contract: Address, triggers: u64, due: u64) -> Result<(), BenchError> {
    let mut left = triggers;
    while left > 0 {
        let count = left.min(BATCH);
        let input = [U256::from(count), U256::from(due)].map(|word| word.to_be_bytes::<32>()).concat();
        let receipt = chain.send_from(OWNER, contract, U256::ZERO, input.into())?;
        if !receipt.success {
            return Err(BenchError::Transaction(format!("booking was refused: {receipt:?}")));
        }
        left -= count;
    }
    Ok(())
}

/// Assembles a contract that books (count, time) calls of itself when called with two words, and counts when
/// the network calls it.
fn init_code() -> Result<Bytes, AsmError> {
    let text = format!(
        "PUSH 4 CALLDATASIZE GT PUSH @book JUMPI
         PUSH0 SLOAD PUSH 1 ADD PUSH0 SSTORE STOP
         book: JUMPDEST PUSH0 CALLDATALOAD
         next: JUMPDEST PUSH0 PUSH {HANDLER_GAS} PUSH0 PUSH0 PUSH 1 PUSH 32 CALLDATALOAD TAT
         ISZERO PUSH @bad JUMPI PUSH 1 SWAP1 SUB DUP1 PUSH @next JUMPI STOP
         bad: JUMPDEST PUSH0 PUSH0 REVERT"
    );
    let runtime = assemble(&text)?;
    let head = |from: usize| {
        let len = runtime.len();
        assemble(&format!("PUSH2 {len} PUSH2 {from} PUSH0 CODECOPY PUSH2 {len} PUSH0 RETURN"))
    };
    let from = head(0)?.len();
    Ok([head(from)?, runtime.clone()].concat().into())
}
