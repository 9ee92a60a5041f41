//! Runs calls on the head's state without changing it.

use super::{
    backend::{ChainView, Unread},
    error::RpcError,
};
use crate::{block::env_of, state::Head};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use fusor_vm::evm::{FusorEvm, Rules};
use revm::{
    Database,
    bytecode::Bytecode,
    context::{
        BlockEnv, TxEnv,
        either::Either,
        result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction},
    },
    primitives::eip7825::TX_GAS_LIMIT_CAP,
    state::AccountInfo,
};

/// Calls a contract, or runs init code, on the head's state; nothing is kept. Without a price per gas the base fee
/// counts as zero. Errors: the call reverts, halts or cannot begin.
pub fn call(chain: &dyn ChainView, request: &TransactionRequest) -> Result<Bytes, RpcError> {
    let simulation = Simulation::new(chain, request)?;
    let most = simulation.block.gas_limit;
    match simulation.run(request.gas.map_or(most, |gas| gas.min(most))) {
        Ok(ExecutionResult::Success { output, .. }) => Ok(output.into_data()),
        Ok(ExecutionResult::Revert { output, .. }) => Err(RpcError::Reverted(output)),
        Ok(ExecutionResult::Halt { reason, .. }) => Err(RpcError::refused(halt_message(&reason))),
        Err(error) => Err(RpcError::refused(invalid_message(&error))),
    }
}

/// Returns the least gas limit with which the transaction succeeds on the head's state, found by halving. Errors:
/// it fails with all the gas that it may have.
pub fn estimate_gas(chain: &dyn ChainView, request: &TransactionRequest) -> Result<u64, RpcError> {
    let simulation = Simulation::new(chain, request)?;
    let most = simulation.gas_affordable(request.gas)?;
    let gas = match simulation.run(most) {
        Ok(ExecutionResult::Success { gas, .. }) => gas,
        Ok(ExecutionResult::Revert { output, .. }) => return Err(RpcError::Reverted(output)),
        Ok(ExecutionResult::Halt { reason: HaltReason::OutOfGas(_), .. })
        | Err(
            InvalidTransaction::CallGasCostMoreThanGasLimit { .. }
            | InvalidTransaction::GasFloorMoreThanGasLimit { .. },
        ) => return Err(RpcError::Refused(format!("gas required exceeds allowance ({most})"))),
        Ok(ExecutionResult::Halt { reason, .. }) => return Err(RpcError::refused(halt_message(&reason))),
        Err(error) => return Err(RpcError::refused(invalid_message(&error))),
    };
    // What all went well with is mostly the least, and with refunds and a sixty-fourth more it is mostly enough. Only
    // trials tell: a call may use whatever it is given.
    let enough = (gas.total_gas_spent().saturating_mul(64) / 63).saturating_add(CALL_STIPEND);
    let mut guesses = [gas.tx_gas_used().saturating_sub(1), enough].into_iter();
    let (mut fails, mut succeeds) = (TRANSFER_GAS - 1, most);
    while fails + 1 < succeeds {
        let middle = fails + (succeeds - fails) / 2;
        let trial = guesses.next().filter(|guess| (fails + 1..succeeds).contains(guess)).unwrap_or(middle);
        match simulation.run(trial) {
            Ok(ExecutionResult::Success { .. }) => succeeds = trial,
            _ => fails = trial,
        }
    }
    Ok(succeeds)
}

/// Gas that a call with value passes on top of what it is given.
const CALL_STIPEND: u64 = 2_300;

/// Gas below which no transaction can be.
const TRANSFER_GAS: u64 = 21_000;

struct Simulation<'a> {
    chain: &'a dyn ChainView,
    block: BlockEnv,
    tx: TxEnv,
}

impl<'a> Simulation<'a> {
    fn new(chain: &'a dyn ChainView, request: &TransactionRequest) -> Result<Self, RpcError> {
        let mut block = head_env(chain)?;
        let tx = tx_env(chain, request)?;
        if tx.gas_price == 0 {
            block.basefee = 0;
        }
        Ok(Self { chain, block, tx })
    }

    fn run(&self, gas_limit: u64) -> Result<ExecutionResult, InvalidTransaction> {
        let rules = Rules::fusor(self.chain.genesis().chain_id);
        let mut evm = FusorEvm::new(AtHead(self.chain), rules, self.block.clone());
        let cfg = evm.cfg_mut();
        // Contracts may be asked what they would do (EIP-3607), with more gas than a transaction has (EIP-7825).
        cfg.disable_eip3607 = true;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        match evm.transact(TxEnv { gas_limit, ..self.tx.clone() }) {
            Ok(outcome) => Ok(outcome.result),
            Err(EVMError::Transaction(error)) => Err(error),
            Err(other) => Err(InvalidTransaction::Str(other.to_string().into())),
        }
    }

    /// Returns the most gas that the transaction may ask for and its sender can pay.
    fn gas_affordable(&self, asked: Option<u64>) -> Result<u64, RpcError> {
        let most = self.block.gas_limit.min(TX_GAS_LIMIT_CAP);
        let most = asked.map_or(most, |gas| gas.min(most));
        let balance = self.chain.account(self.tx.caller)?.unwrap_or_default().balance;
        let left = balance.saturating_sub(self.tx.value);
        Ok(match left.checked_div(U256::from(self.tx.gas_price)) {
            Some(affordable) => most.min(affordable.saturating_to()),
            None => most,
        })
    }
}

/// Shows the EVM the state at the head; a call writes nothing to it.
struct AtHead<'a>(&'a dyn ChainView);

impl Database for AtHead<'_> {
    type Error = Unread;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Unread> {
        let head = self.0.account(address)?;
        Ok(head.map(|Head { balance, nonce, code_hash }| AccountInfo {
            balance,
            nonce,
            code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Unread> {
        self.0.code(hash)
    }

    fn storage(&mut self, address: Address, key: U256) -> Result<U256, Unread> {
        self.0.word(address, key)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Unread> {
        self.0.block_hash(number)
    }
}

fn head_env(chain: &dyn ChainView) -> Result<BlockEnv, RpcError> {
    let header = chain.header(chain.height()).ok_or(RpcError::UnknownBlock)?;
    Ok(env_of(&header))
}

fn tx_env(chain: &dyn ChainView, request: &TransactionRequest) -> Result<TxEnv, RpcError> {
    let expected = chain.genesis().chain_id;
    if let Some(other) = request.chain_id.filter(|id| *id != expected) {
        return Err(RpcError::Params(format!("chainId: expected {expected}, not {other}")));
    }
    if request.blob_versioned_hashes.is_some() || request.sidecar.is_some() {
        return Err(RpcError::Params("blob transactions (EIP-4844) are not supported".into()));
    }
    let capped = request.max_fee_per_gas.or(request.max_priority_fee_per_gas).is_some();
    if capped && request.gas_price.is_some() {
        return Err(RpcError::Params(
            "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) given".into(),
        ));
    }
    let caller = request.from.unwrap_or_default();
    let authorizations = request.authorization_list.clone().unwrap_or_default();
    let tx_type = match (!authorizations.is_empty(), capped, request.access_list.is_some()) {
        (true, _, _) => 4,
        (_, true, _) => 2,
        (_, _, true) => 1,
        _ => 0,
    };
    Ok(TxEnv {
        tx_type,
        caller,
        gas_price: request.gas_price.or(request.max_fee_per_gas).unwrap_or_default(),
        gas_priority_fee: (tx_type == 2 || tx_type == 4)
            .then(|| request.max_priority_fee_per_gas.unwrap_or_default()),
        kind: request.to.unwrap_or(TxKind::Create),
        value: request.value.unwrap_or_default(),
        data: input_of(request)?,
        nonce: chain.account(caller)?.unwrap_or_default().nonce,
        chain_id: Some(expected),
        access_list: request.access_list.clone().unwrap_or_default(),
        authorization_list: authorizations.into_iter().map(Either::Left).collect(),
        ..TxEnv::default()
    })
}

fn input_of(request: &TransactionRequest) -> Result<Bytes, RpcError> {
    match (&request.input.input, &request.input.data) {
        (Some(input), Some(data)) if input != data => {
            Err(RpcError::Params("input and data differ; give one of them".into()))
        }
        (input, data) => Ok(input.clone().or_else(|| data.clone()).unwrap_or_default()),
    }
}

fn halt_message(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => "out of gas".into(),
        HaltReason::OpcodeNotFound | HaltReason::NotActivated => "invalid opcode".into(),
        HaltReason::InvalidFEOpcode => "invalid opcode: INVALID".into(),
        other => other.to_string(),
    }
}

/// Says why a call cannot begin, in the words that tools know where there are any.
fn invalid_message(error: &InvalidTransaction) -> String {
    match error {
        InvalidTransaction::LackOfFundForMaxFee { fee, balance } => {
            format!("insufficient funds for gas * price + value: have {balance} want {fee}")
        }
        InvalidTransaction::GasPriceLessThanBasefee => "max fee per gas less than block base fee".into(),
        InvalidTransaction::CallGasCostMoreThanGasLimit { gas_limit, initial_gas } => {
            format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
        }
        other => other.to_string(),
    }
}
