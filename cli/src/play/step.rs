//! Carries out one step: a transaction, a stretch of time, a check of a result or of a holding.

use super::{PlayError, Player, Until, address_of};
use crate::{
    abi::AbiError,
    compile::ProgramError,
    input::decimal,
    scenario::{Call, Check, Step, StepKind, Target, show_value},
};
use alloy_dyn_abi::DynSolValue;
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use fusor_chain_lite::{ChainError, Receipt};
use fusor_vm::{account, precompile::ILedger};
use thiserror::Error;

/// Says why a step failed.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Abi(#[from] AbiError),
    #[error(transparent)]
    Program(#[from] ProgramError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("`{0}` is not released")]
    NotReleased(String),
    #[error("reverted: {0}")]
    Reverted(String),
    #[error("ought to revert with {0:?} and did not")]
    DidNotRevert(String),
    #[error("ought to revert with {expected:?} and did with {found}")]
    RevertedOtherwise { expected: String, found: String },
    #[error("{function} returned {found}, not {expected}")]
    Returned { function: String, expected: String, found: String },
    #[error("{function} returned nothing that could be kept")]
    NothingToKeep { function: String },
    #[error("{who} holds {found} {symbol}, not {expected}")]
    Holds { who: String, symbol: String, expected: String, found: String },
    #[error("nothing is booked, so nothing can run next")]
    NothingBooked,
    #[error("{0} is no known asset")]
    NoAsset(String),
}

/// Is how a transaction ended: what it returned, or why it reverted (empty data with a halt).
enum Ended {
    Returned(Bytes),
    Reverted { data: Bytes, halt: Option<String> },
}

impl Player {
    /// Carries out a step; an error names its place.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), PlayError> {
        self.carry_out(&step.kind).map_err(|error| PlayError::Step {
            place: step.place,
            path: step.path.clone(),
            error: Box::new(error),
        })
    }

    fn carry_out(&mut self, kind: &StepKind) -> Result<(), StepError> {
        match kind {
            StepKind::Call(call) => self.call(call),
            StepKind::Run(run) => self.run(Until::from(run)),
            StepKind::Check(check) => self.check(check),
            StepKind::Holds { who, asset, amount } => self.holds(who, asset.as_deref(), *amount),
        }
    }

    fn call(&mut self, call: &Call) -> Result<(), StepError> {
        let contract = self.contract(&call.target.release)?;
        let (to, data) =
            (contract.address, contract.call(&call.target.function, &call.args, &self.book.names)?);
        let from = address_of(&call.from);
        let ended = match call.assets.is_empty() {
            true => ended(&self.chain.send_from(from, to, call.value, data)?),
            false => self.call_with_assets(call, from, to, data)?,
        };
        self.record_new_blocks();
        self.judge(call, ended)
    }

    /// Sends through the ledger, so that assets travel with the call.
    fn call_with_assets(
        &mut self,
        call: &Call,
        from: Address,
        to: Address,
        data: Bytes,
    ) -> Result<Ended, StepError> {
        let mut pairs = Vec::new();
        for (name, amount) in &call.assets {
            pairs.push((self.asset(name)?, *amount));
        }
        if !call.value.is_zero() {
            pairs.push((U256::ZERO, call.value));
        }
        let (ids, amounts) = pairs.into_iter().unzip();
        let input = ILedger::acallCall { to, ids, amounts, data }.abi_encode();
        let receipt = self.chain.send_from(from, account::LEDGER, U256::ZERO, input.into())?;
        let outer = ended(&receipt);
        let Ended::Returned(output) = &outer else { return Ok(outer) };
        match ILedger::acallCall::abi_decode_returns(output) {
            Ok(inner) if inner.ok => Ok(Ended::Returned(inner.result)),
            Ok(inner) => Ok(Ended::Reverted { data: inner.result, halt: None }),
            Err(error) => {
                let what = "ledger.acall".to_string();
                Err(AbiError::Data { what, reason: error.to_string() }.into())
            }
        }
    }

    fn asset(&self, name: &str) -> Result<U256, StepError> {
        self.book.names.asset(name).ok_or_else(|| StepError::NoAsset(name.to_string()))
    }

    fn judge(&mut self, call: &Call, ended: Ended) -> Result<(), StepError> {
        match (ended, &call.reverts) {
            (Ended::Returned(output), None) => match &call.keep {
                Some(name) => self.keep(&call.target, &output, name),
                None => Ok(()),
            },
            (Ended::Returned(_), Some(expected)) => Err(StepError::DidNotRevert(expected.clone())),
            (Ended::Reverted { data, halt }, expected) => {
                let reason = match halt {
                    Some(halt) => crate::abi::Reason { key: halt.clone(), shown: halt },
                    None => self.reason(&data),
                };
                match expected {
                    None => Err(StepError::Reverted(reason.shown)),
                    Some(expected) if expected == "*" || *expected == reason.key => Ok(()),
                    Some(expected) => {
                        let (expected, found) = (expected.clone(), reason.shown);
                        Err(StepError::RevertedOtherwise { expected, found })
                    }
                }
            }
        }
    }

    fn keep(&mut self, target: &Target, output: &[u8], name: &str) -> Result<(), StepError> {
        let values = self.contract(&target.release)?.returned(&target.function, output)?;
        self.keep_first(target, values, name)
    }

    fn keep_first(&mut self, target: &Target, values: Vec<DynSolValue>, name: &str) -> Result<(), StepError> {
        let nothing = || StepError::NothingToKeep { function: target.function.clone() };
        self.book.names.keep(name, values.into_iter().next().ok_or_else(nothing)?);
        Ok(())
    }

    fn check(&mut self, check: &Check) -> Result<(), StepError> {
        let target = &check.target;
        let contract = self.contract(&target.release)?.clone();
        let data = contract.call(&target.function, &check.args, &self.book.names)?;
        let output = match self.chain.call(Address::ZERO, contract.address, data) {
            Ok(output) => output,
            Err(ChainError::Call { output, .. }) => {
                return Err(StepError::Reverted(self.reason(&output).shown));
            }
            Err(error) => return Err(error.into()),
        };
        let found = contract.returned(&target.function, &output)?;
        if let Some(returns) = &check.returns {
            let expected = contract.expected(&target.function, returns, &self.book.names)?;
            if expected != found {
                let function = format!("{}.{}", target.release, target.function);
                let (expected, found) = (self.show_all(&expected), self.show_all(&found));
                return Err(StepError::Returned { function, expected, found });
            }
        }
        match &check.keep {
            Some(name) => self.keep_first(target, found, name),
            None => Ok(()),
        }
    }

    fn show_all(&self, values: &[DynSolValue]) -> String {
        let shown: Vec<_> = values.iter().map(|value| show_value(value, &self.book.names)).collect();
        shown.join(", ")
    }

    fn holds(&mut self, who: &str, asset: Option<&str>, expected: U256) -> Result<(), StepError> {
        let address = self.book.names.address(who).ok_or_else(|| StepError::NotReleased(who.to_string()))?;
        let id = asset.map(|name| self.asset(name)).transpose()?;
        let found = match id {
            None => self.chain.balance(address),
            Some(id) => self.chain.asset_balance(id, address)?,
        };
        if found == expected {
            return Ok(());
        }
        let (symbol, decimals) = self.book.unit(id.map(account::erc20_address));
        let show = |amount| decimal::show_units(amount, decimals);
        Err(StepError::Holds { who: who.to_string(), symbol, expected: show(expected), found: show(found) })
    }
}

fn ended(receipt: &Receipt) -> Ended {
    match receipt.success {
        true => Ended::Returned(receipt.output.clone()),
        false => Ended::Reverted { data: receipt.output.clone(), halt: receipt.halt.clone() },
    }
}
