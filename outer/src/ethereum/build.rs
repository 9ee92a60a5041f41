//! Plans transactions of Ethereum.

use super::{
    Ethereum, account,
    node::{Data, Quantity},
    token,
};
use crate::{
    chain::OuterChain,
    custody::{FeeQuote, Lock, View},
    deposit::Asset,
    error::{AddressError, PlanError},
    plan::EthereumPlan,
    request::{FeeFrom, Request},
    rpc::clip,
};
use alloy_primitives::{Address, U256, hex};
use serde_json::{Value, json};

/// Gas of sending coin to an account without code.
pub(super) const COIN_GAS: u64 = 21_000;

/// Is what a request means here.
pub(super) struct Job {
    pub(super) from: Lock,
    pub(super) asset: Asset,
    /// Who gets it in the end.
    pub(super) to: Address,
    pub(super) amount: Amount,
}

/// Says how much is to be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// Exactly this.
    Exact(U256),
    /// This less the most that the gas may cost.
    LessFee(U256),
    /// All there is.
    All,
}

/// Is what is paid for gas.
#[derive(Clone, Copy)]
pub(super) struct Gas {
    pub(super) limit: u64,
    pub(super) max_fee: u128,
    pub(super) max_priority: u128,
}

impl Gas {
    fn most(&self) -> U256 {
        U256::from(self.limit).saturating_mul(U256::from(self.max_fee))
    }
}

impl Ethereum {
    /// Plans the first transaction for a request.
    pub(super) fn build(&self, request: &Request, view: &View) -> Result<EthereumPlan, PlanError> {
        let job = self.job(request, view)?;
        let FeeQuote::PerGas { max_fee, max_priority } = view.fee else { return Err(PlanError::Foreign) };
        let nonce = view.nonce(&job.from.path).ok_or(PlanError::UnknownLock)?;
        let rough = self.compose(&job, view, nonce, Gas { limit: COIN_GAS, max_fee, max_priority })?;
        let limit = self.gas_limit(&job, &rough)?;
        let plan = self.compose(&job, view, nonce, Gas { limit, max_fee, max_priority })?;
        self.afford(&job, &plan, view)?;
        Ok(plan)
    }

    /// Plans the same with the same nonce and an eighth more for gas: nodes ask for a tenth.
    pub(super) fn rebuild(
        &self,
        earlier: &EthereumPlan,
        request: &Request,
        view: &View,
        wished: Option<u128>,
    ) -> Result<EthereumPlan, PlanError> {
        let job = self.job(request, view)?;
        let FeeQuote::PerGas { max_fee, max_priority } = view.fee else { return Err(PlanError::Foreign) };
        if job.from != earlier.from {
            return Err(PlanError::Foreign);
        }
        let (least, tip) = (outbid(earlier.max_fee), outbid(earlier.max_priority));
        let fee = wished.unwrap_or(max_fee.max(least));
        if fee < least {
            return Err(PlanError::NotHigher { fee: U256::from(fee), least: U256::from(least) });
        }
        let cap = u128::from(self.config.max_fee_cap);
        if fee > cap {
            return Err(PlanError::FeeCap { fee: U256::from(fee), cap: U256::from(cap) });
        }
        let gas =
            Gas { limit: earlier.gas_limit, max_fee: fee, max_priority: max_priority.max(tip).min(fee) };
        let plan = self.compose(&job, view, earlier.nonce, gas)?;
        self.afford(&job, &plan, view)?;
        Ok(plan)
    }

    /// Reads a request.
    pub(super) fn job(&self, request: &Request, view: &View) -> Result<Job, PlanError> {
        if view.chain != self.identity() {
            return Err(PlanError::Foreign);
        }
        let lock = |path| view.vault.lock(path).ok_or(PlanError::UnknownLock);
        let main = view.vault.main;
        match request {
            Request::LockOut { asset, to, amount, fee_from } => {
                let to = Address::from_slice(&self.parse_destination(to)?.script);
                let amount = match (fee_from, asset) {
                    (FeeFrom::Vault, _) => Amount::Exact(*amount),
                    (FeeFrom::Amount, Asset::Native) => Amount::LessFee(*amount),
                    (FeeFrom::Amount, Asset::Token(_)) => return Err(PlanError::TokenFee),
                };
                self.known(*asset, to)?;
                Ok(Job { from: main, asset: *asset, to, amount })
            }
            Request::Sweep { asset, from } => {
                let to = account(&main)?;
                self.known(*asset, to)?;
                Ok(Job { from: lock(from)?, asset: *asset, to, amount: Amount::All })
            }
            Request::Fund { to, amount } => match *amount <= U256::from(self.config.fund_max) {
                true => Ok(Job {
                    from: main,
                    asset: Asset::Native,
                    to: account(&lock(to)?)?,
                    amount: Amount::Exact(*amount),
                }),
                false => Err(PlanError::FeeCap { fee: *amount, cap: U256::from(self.config.fund_max) }),
            },
        }
    }

    fn known(&self, asset: Asset, to: Address) -> Result<(), PlanError> {
        match asset {
            Asset::Token(token) if token == to => {
                Err(AddressError::WrongType("tokens sent to their own contract are lost").into())
            }
            asset if self.assets().any(|(known, _)| known == asset) => Ok(()),
            _ => Err(PlanError::UnknownAsset),
        }
    }

    fn compose(&self, job: &Job, view: &View, nonce: u64, gas: Gas) -> Result<EthereumPlan, PlanError> {
        let amount = amount(job, view, &gas)?;
        let (to, value, data) = match job.asset {
            Asset::Native => (job.to, amount, Vec::new()),
            Asset::Token(contract) => (contract, U256::ZERO, token::transfer(job.to, amount)),
        };
        Ok(EthereumPlan {
            chain_id: self.config.chain_id,
            from: job.from,
            nonce,
            to,
            value,
            data,
            gas_limit: gas.limit,
            max_fee: gas.max_fee,
            max_priority: gas.max_priority,
        })
    }

    /// Asks the node what a transaction would use and return.
    fn gas_limit(&self, job: &Job, plan: &EthereumPlan) -> Result<u64, PlanError> {
        let call = json!({
            "from": account(&plan.from)?.to_checksum(None),
            "to": plan.to.to_checksum(None),
            "value": format!("{:#x}", plan.value),
            "data": hex::encode_prefixed(&plan.data),
        });
        if let Asset::Token(_) = job.asset {
            let Data(returned) = self.run("eth_call", json!([call, "latest"]))?;
            if !token::means_success(&returned) {
                return Err(PlanError::WouldFail("the token's transfer returns false".to_string()));
            }
        }
        let used: Quantity = self.run("eth_estimateGas", json!([call]))?;
        let most = self.gas_max(job.asset);
        let limit = match used.low() {
            used if used <= COIN_GAS => COIN_GAS,
            used => used.saturating_add(used / 4),
        };
        match limit <= most {
            true => Ok(limit),
            false => Err(PlanError::WouldFail(format!("it needs {limit} gas, and {most} are allowed"))),
        }
    }

    fn run<T: serde::de::DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, PlanError> {
        self.rpc.attempt(method, params)?.map_err(|fault| PlanError::WouldFail(clip(&fault.message)))
    }

    /// Returns the most gas for sending an asset.
    pub(super) fn gas_max(&self, asset: Asset) -> u64 {
        match asset {
            Asset::Native => self.config.coin_gas_max,
            Asset::Token(_) => self.config.token_gas_max,
        }
    }

    fn afford(&self, job: &Job, plan: &EthereumPlan, view: &View) -> Result<(), PlanError> {
        let (path, need) = (job.from.path, plan.value.saturating_add(plan.fee_max()));
        let have = view.held(&path, Asset::Native);
        match job.asset {
            _ if have >= need => Ok(()),
            Asset::Native => Err(PlanError::Short { have, need }),
            Asset::Token(_) => Err(PlanError::NeedsGas { path, missing: need.saturating_sub(have) }),
        }
    }
}

fn amount(job: &Job, view: &View, gas: &Gas) -> Result<U256, PlanError> {
    let held = view.held(&job.from.path, job.asset);
    let fee = match job.asset {
        Asset::Native => gas.most(),
        Asset::Token(_) => U256::ZERO,
    };
    let amount = match job.amount {
        Amount::Exact(amount) => amount,
        Amount::LessFee(amount) => amount.saturating_sub(fee),
        Amount::All => held.saturating_sub(fee),
    };
    match amount {
        U256::ZERO => Err(PlanError::Short { have: held, need: fee.saturating_add(U256::from(1)) }),
        amount if amount > held => Err(PlanError::Short { have: held, need: amount }),
        amount => Ok(amount),
    }
}

/// Returns an eighth more, rounded up.
pub(super) fn outbid(fee: u128) -> u128 {
    fee.saturating_add(fee.div_ceil(8)).max(fee.saturating_add(1))
}
