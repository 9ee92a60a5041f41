//! Is a contract that a timing trigger starts every few seconds, and a check, independent of the scheduler, that it was
//! started at each moment of its grid, once and in order.

use crate::chain::Chain;
use alloy_primitives::{Address, Bytes, U256, keccak256};
use fusor_vm::{account::TRIGGERS, asm::assemble, triggers::Outcome};

const PERIOD: u64 = 3;
/// Counts its starts in slot 0; slot 1 holds the first moment.
const RUNTIME: &str = "PUSH0 SLOAD PUSH 1 ADD PUSH0 SSTORE STOP";

/// Returns the code that releases the contract: it funds its pot with what it is sent and books itself.
pub(super) fn init_code() -> Option<Bytes> {
    let runtime = assemble(RUNTIME).ok()?;
    let fund = u32::from_be_bytes(*keccak256("fund(address)").first_chunk()?);
    let setup = format!(
        "PUSH {fund} PUSH 224 SHL PUSH0 MSTORE ADDRESS PUSH 4 MSTORE
         PUSH0 PUSH0 PUSH 36 PUSH0 SELFBALANCE PUSH {TRIGGERS} GAS CALL POP
         TIMESTAMP PUSH {PERIOD} ADD DUP1 PUSH 1 SSTORE
         PUSH0 PUSH 100000 PUSH0 PUSH0 PUSH 1 PUSH0 PUSH {PERIOD} PUSH 1 SLOAD TEVERY POP POP"
    );
    let copy = |from: usize| {
        let len = runtime.len();
        assemble(&format!("{setup} PUSH2 {len} PUSH2 {from} PUSH0 CODECOPY PUSH2 {len} PUSH0 RETURN")).ok()
    };
    let head = copy(0)?.len();
    Some([copy(head)?, runtime].concat().into())
}

/// Checks the firings of a chain that was replayed from its genesis. Errors: what is wrong.
pub(super) fn check(chain: &Chain, contract: Address) -> Result<(), String> {
    let word = |key: u64| chain.storage(contract, U256::from(key));
    let mut expected: u64 = word(1).saturating_to();
    if expected == 0 {
        // It is not released yet.
        return Ok(());
    }
    let mut runs = 0u64;
    for firing in chain.firings(0).filter(|firing| firing.contract == contract) {
        if let Some(skipped) = firing.skipped {
            if skipped.first_due != expected {
                return Err(format!("trigger skips from {}, not {expected}", skipped.first_due));
            }
            expected += PERIOD * skipped.count;
        }
        if firing.due != expected || firing.ran_at < firing.due {
            return Err(format!("trigger due {expected} ran as {} at {}", firing.due, firing.ran_at));
        }
        expected += PERIOD;
        runs += u64::from(firing.outcome == Outcome::Executed);
    }
    if expected <= chain.time() {
        return Err(format!("trigger due {expected} did not run by {}", chain.time()));
    }
    match word(0) == U256::from(runs) {
        true => Ok(()),
        false => Err(format!("contract counted {} starts of {runs}", word(0))),
    }
}
