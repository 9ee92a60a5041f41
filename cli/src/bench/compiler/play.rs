//! Runs the same transactions on the code of both compilers and compares what they return, log and cost.

use super::{
    Codes, CompareError,
    cases::{Arg, SCRIPTS, Step},
};
use alloy_primitives::{Address, Bytes, TxKind, U256, address, keccak256};
use revm::{
    Context, ExecuteCommitEvm, MainBuilder, MainContext,
    context::{CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::AccountInfo,
};

const SENDER: Address = address!("00000000000000000000000000000000000a11ce");
const RECEIVER: Address = address!("0000000000000000000000000000000000000b0b");
const GAS_LIMIT: u64 = 16_000_000;

/// Is what a call cost: the gas that execution used, without the 21,000 and the call data.
#[derive(Debug)]
pub(crate) struct Spent {
    pub(crate) script: &'static str,
    pub(crate) call: String,
    pub(crate) ours: u64,
    pub(crate) theirs: u64,
}

/// Runs every script whose contracts are there.
pub(crate) fn play(ours: &Codes, theirs: &Codes) -> Result<Vec<Spent>, CompareError> {
    let mut spent = Vec::new();
    for (script, steps) in SCRIPTS {
        let there = |step: &Step| !matches!(step, Step::Create(name, _) if !ours.contains_key(*name));
        if !steps.iter().all(there) {
            continue;
        }
        let (mine, peers) = (run("fusor", ours, steps)?, run("solc", theirs, steps)?);
        for (mine, peer) in mine.into_iter().zip(peers) {
            if mine.seen != peer.seen {
                return Err(CompareError::Differs {
                    case: script,
                    step: mine.call,
                    ours: mine.seen,
                    theirs: peer.seen,
                });
            }
            spent.push(Spent { script, call: mine.call, ours: mine.gas, theirs: peer.gas });
        }
    }
    Ok(spent)
}

/// Is what a call did: its gas, and all that can be seen of it from outside.
struct Done {
    call: String,
    gas: u64,
    seen: String,
}

fn run(compiler: &'static str, codes: &Codes, steps: &[Step]) -> Result<Vec<Done>, CompareError> {
    let mut db = CacheDB::new(EmptyDB::default());
    db.insert_account_info(SENDER, AccountInfo::from_balance(U256::MAX >> 8));
    let cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
    let mut evm = Context::mainnet().with_db(db).with_cfg(cfg).build_mainnet();
    let mut created: Vec<Address> = Vec::new();
    let mut done = Vec::new();
    for (nonce, step) in (0..).zip(steps) {
        let (kind, data, name) = match step {
            Step::Create(name, args) => {
                let (creation, _) = codes
                    .get(*name)
                    .filter(|(creation, _)| !creation.is_empty())
                    .ok_or_else(|| CompareError::NoCode { compiler, contract: (*name).to_string() })?;
                (TxKind::Create, [creation.clone(), words(args, &created)].concat(), *name)
            }
            Step::Call(contract, signature, args) => {
                let selector = keccak256(signature.as_bytes());
                let data = [selector.get(..4).unwrap_or_default().to_vec(), words(args, &created)].concat();
                let to = created.get(*contract).copied().unwrap_or_default();
                (TxKind::Call(to), data, *signature)
            }
        };
        let floor = intrinsic(&data);
        let tx = TxEnv {
            caller: SENDER,
            kind,
            data: Bytes::from(data),
            nonce,
            gas_limit: GAS_LIMIT,
            chain_id: Some(1),
            ..TxEnv::default()
        };
        let fail = |reason| CompareError::Run { compiler, contract: name.to_string(), reason };
        let result = evm.transact_commit(tx).map_err(|error| fail(error.to_string()))?;
        if !result.is_success() {
            return Err(fail(format!("{result:?}")));
        }
        match step {
            Step::Create(..) => created.extend(result.created_address()),
            Step::Call(..) => done.push(Done {
                call: name.to_string(),
                gas: spent(&result).saturating_sub(floor),
                seen: format!("{:?} {:?}", result.output(), result.logs()),
            }),
        }
    }
    Ok(done)
}

/// Returns the gas of a call before refunds.
fn spent(result: &ExecutionResult) -> u64 {
    result.gas().total_gas_spent()
}

/// Returns what a call costs before its first instruction.
fn intrinsic(data: &[u8]) -> u64 {
    data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>() + 21_000
}

fn words(args: &[Arg], created: &[Address]) -> Vec<u8> {
    let word = |arg: &Arg| match arg {
        Arg::Number(number) => U256::from(*number),
        Arg::Negative(number) => U256::from(*number).wrapping_neg(),
        Arg::Contract(place) => created.get(*place).copied().unwrap_or_default().into_word().into(),
        Arg::Sender => SENDER.into_word().into(),
        Arg::Receiver => RECEIVER.into_word().into(),
    };
    args.iter().flat_map(|arg| word(arg).to_be_bytes::<32>()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use fusor_compiler::driver::{Options, compile_source};

    fn pair(text: &str) -> Codes {
        let artifacts = compile_source("Pair.sol", text, &Options::default()).unwrap();
        artifacts.into_iter().map(|one| (one.name, (one.creation.bytes, one.runtime.bytes))).collect()
    }

    #[test]
    fn equal_code_costs_the_same_and_other_results_are_found() {
        let text = include_str!("contracts/Pair.sol");
        let codes = pair(text);
        let spent = play(&codes, &codes).unwrap();
        assert_eq!(spent.len(), 11);
        assert!(spent.iter().all(|one| one.ours == one.theirs && one.ours > 0));
        let other = pair(&text.replace("amount0In * 3;", "amount0In * 2;"));
        assert!(play(&codes, &other).is_ok(), "a lower fee changes no result of these swaps");
        let other = pair(&text.replace("emit Sync(reserve0, reserve1)", "emit Sync(reserve1, reserve0)"));
        assert!(matches!(play(&codes, &other), Err(CompareError::Differs { .. })));
    }
}
