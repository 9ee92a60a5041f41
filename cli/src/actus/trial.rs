//! Releases the bond template with a case's terms on a chain of its own and lets the network run it.

use super::{
    bond::{Bond, Field, arrange},
    case::{Case, Series},
    compare::Actual,
};
use crate::{
    abi::{self, AbiError, Contract},
    compile::{Program, ProgramError},
    input::decimal,
    play::{address_of, genesis},
    scenario::Names,
};
use alloy_dyn_abi::{DynSolValue, JsonAbiExt};
use alloy_primitives::{Address, B256, Bytes, I256, U256, keccak256};
use alloy_sol_types::SolCall;
use fusor_chain_lite::{Chain, ChainError, Receipt};
use fusor_vm::{account, ledger, precompile::ILedger};
use thiserror::Error;

/// Lists ACTUS's event types by the codes of `ActusEvent`.
const KINDS: [&str; 24] = [
    "None", "IED", "PR", "PI", "PP", "PY", "IP", "IPFX", "IPFL", "IPCI", "FP", "DV", "MR", "RRF", "RR",
    "PRF", "SC", "IPCB", "PRD", "TD", "MD", "XD", "STD", "CE",
];
/// The files and names of the template and of the observer for its market data.
pub(crate) const TEMPLATE: (&str, &str) = ("fusor/finance/Bond.csc", "Bond");
pub(crate) const OBSERVER: (&str, &str) = ("fusor/finance/MarketSeries.sol", "MarketSeries");
/// The sub id of the cash asset.
const CASH: U256 = U256::ONE;
/// Blocks after which a case is given up; no case of the reference needs a thousandth of them.
const BLOCKS_MAX: u64 = 200_000;

/// Says why a case could not be run to its end.
#[derive(Debug, Error)]
pub(crate) enum TrialError {
    #[error(transparent)]
    Program(#[from] ProgramError),
    #[error(transparent)]
    Abi(#[from] AbiError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("the template's constructor and the table of its fields differ at `{0}`")]
    Fields(String),
    #[error("{what} failed: {reason}")]
    Failed { what: &'static str, reason: String },
    #[error("no series for {0} in dataObserved")]
    NoSeries(String),
    #[error("an event of the template lacks `{0}`")]
    Event(&'static str),
    #[error("a payment of {0} was not made by a trigger")]
    NotByTrigger(String),
    #[error("the holder's cash changed by {moved}, the events tell {told}")]
    Cash { moved: String, told: String },
    #[error("still running after {BLOCKS_MAX} blocks")]
    Endless,
}

/// Is a case on its chain.
pub(crate) struct Trial<'p> {
    program: &'p Program,
    chain: Chain,
    bank: Address,
    issuer: Address,
    holder: Address,
    cash: U256,
}

impl<'p> Trial<'p> {
    /// Runs a case from its status date to the last event and returns the template's events.
    pub(crate) fn run(program: &'p Program, case: &Case<'_>, bond: &Bond) -> Result<Vec<Actual>, TrialError> {
        let mut trial = Self::start(program, bond)?;
        let observer = trial.observe(case, bond)?;
        let contract = trial.release(bond, observer)?;
        trial.pay_in(&contract, bond)?;
        let actual = trial.live(&contract)?;
        trial.check_cash(bond, &actual)?;
        Ok(actual)
    }

    /// Checks that the holder's cash changed by the sum of the payoffs, seen from the lender's side.
    fn check_cash(&mut self, bond: &Bond, actual: &[Actual]) -> Result<(), TrialError> {
        let is_liability = bond.field("role") == Some(Field::Code(1));
        let told = actual.iter().fold(I256::ZERO, |sum, event| sum.saturating_add(event.payoff));
        let told = if is_liability { -told } else { told };
        let signed = |amount| I256::try_from(amount).unwrap_or(I256::MAX);
        let holds = self.chain.asset_balance(self.cash, self.holder)?;
        let moved = signed(holds).saturating_sub(signed(plenty()));
        if decimal::agrees(moved, told) {
            return Ok(());
        }
        Err(TrialError::Cash { moved: decimal::show(moved), told: decimal::show(told) })
    }

    /// Starts a chain at the status date with an issuer and a holder who have plenty of cash.
    fn start(program: &'p Program, bond: &Bond) -> Result<Self, TrialError> {
        let Some(Field::Date(status)) = bond.field("statusDate") else {
            return Err(TrialError::Fields("statusDate".into()));
        };
        let [bank, issuer, holder] = ["bank", "issuer", "holder"].map(address_of);
        let wealth = U256::from(1_000u64) * ether();
        let accounts = [bank, issuer, holder];
        let genesis = accounts.into_iter().fold(genesis(status), |all, one| all.with_balance(one, wealth));
        let cash = ledger::asset_id(bank, CASH);
        let mut trial = Self { program, chain: Chain::new(genesis)?, bank, issuer, holder, cash };
        let (name, symbol) = ("Cash".to_string(), "CASH".to_string());
        let describe = ILedger::describeCall { sub: CASH, name, symbol, decimals: 18, flags: 0 };
        trial.send("describing the cash asset", bank, account::LEDGER, describe.abi_encode())?;
        for to in [issuer, holder] {
            let mint = ILedger::amintCall { sub: CASH, to, amount: plenty() };
            trial.send("minting cash", bank, account::LEDGER, mint.abi_encode())?;
        }
        Ok(trial)
    }

    fn send(
        &mut self,
        what: &'static str,
        from: Address,
        to: Address,
        data: Vec<u8>,
    ) -> Result<Bytes, TrialError> {
        let receipt = self.chain.send_from(from, to, U256::ZERO, data.into())?;
        if receipt.success { Ok(receipt.output) } else { Err(failed(what, &receipt)) }
    }

    /// Releases the observer and records the series that the terms name; zero when they name none.
    fn observe(&mut self, case: &Case<'_>, bond: &Bond) -> Result<Address, TrialError> {
        let mut wanted: Vec<&String> = bond.rate_object.iter().chain(&bond.index_object).collect();
        wanted.dedup();
        if wanted.is_empty() || case.series.is_empty() {
            return Ok(Address::ZERO);
        }
        let args = DynSolValue::Address(self.bank).abi_encode();
        let observer = self.deploy(OBSERVER, self.bank, args, U256::ZERO)?;
        for code in wanted {
            let found = case.series.iter().find(|series| series.code == *code);
            self.record(&observer, found.ok_or_else(|| TrialError::NoSeries(code.clone()))?)?;
        }
        Ok(observer.address)
    }

    fn record(&mut self, observer: &Contract, series: &Series) -> Result<(), TrialError> {
        let mut points = series.points.clone();
        points.sort_by_key(|(time, _)| *time);
        for (time, value) in points {
            let args = [
                DynSolValue::FixedBytes(keccak256(&series.code), 32),
                DynSolValue::Uint(U256::from(time), 64),
                DynSolValue::Int(value, 256),
            ];
            let data = encode(observer, "record", &args)?;
            self.send("recording a market value", self.bank, observer.address, data)?;
        }
        Ok(())
    }

    fn release(&mut self, bond: &Bond, observer: Address) -> Result<Contract, TrialError> {
        let artifact = self.program.find(TEMPLATE.0, TEMPLATE.1)?;
        let abi = self.program.parse_abi(artifact)?;
        let inputs =
            abi.constructor.as_ref().map(|constructor| constructor.inputs.as_slice()).unwrap_or_default();
        let [terms, parties] = inputs else { return Err(TrialError::Fields("constructor".into())) };
        let object = |code: &Option<String>| {
            DynSolValue::FixedBytes(code.as_ref().map(keccak256).unwrap_or(B256::ZERO), 32)
        };
        let fields = [
            ("issuer", DynSolValue::Address(self.issuer)),
            ("holder", DynSolValue::Address(self.holder)),
            ("observer", DynSolValue::Address(observer)),
            ("rateObject", object(&bond.rate_object)),
            ("indexObject", object(&bond.index_object)),
            ("cash", DynSolValue::Uint(self.cash, 256)),
            ("gracePeriod", DynSolValue::Uint(U256::ZERO, 64)),
        ];
        let terms = bond.tuple(terms).map_err(TrialError::Fields)?;
        let parties = arrange(parties, &fields).map_err(TrialError::Fields)?;
        let args = DynSolValue::Tuple(vec![terms, parties]).abi_encode_params();
        self.deploy(TEMPLATE, self.issuer, args, U256::from(100u64) * ether())
    }

    fn deploy(
        &mut self,
        (file, name): (&str, &str),
        from: Address,
        args: Vec<u8>,
        value: U256,
    ) -> Result<Contract, TrialError> {
        let artifact = self.program.find(file, name)?;
        let abi = self.program.parse_abi(artifact)?;
        let contract = Contract { name: name.to_string(), address: Address::ZERO, abi };
        let code = [artifact.creation.bytes.as_slice(), &args].concat();
        match self.chain.deploy(from, code.into(), value) {
            Ok(deployed) => Ok(Contract { address: deployed.address, ..contract }),
            Err(ChainError::Release { reason, output }) => {
                let names = Names::default();
                let decoded = (!output.is_empty()).then(|| abi::reason(&output, &[contract], &names).shown);
                Err(TrialError::Failed { what: "the release", reason: decoded.unwrap_or(reason) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Has the issuer deposit what may fall due, and the holder subscribe the whole issue if it is offered.
    fn pay_in(&mut self, contract: &Contract, bond: &Bond) -> Result<(), TrialError> {
        let deposit = encode(contract, "deposit", &[])?;
        self.call_with_cash("the issuer's deposit", self.issuer, contract, deposit)?;
        let status =
            self.chain.call(self.holder, contract.address, encode(contract, "status", &[])?.into())?;
        let offered = U256::try_from_be_slice(&status).is_some_and(|status| status.is_zero());
        let Some(Field::Number(notional)) = bond.field("notionalPrincipal").filter(|_| offered) else {
            return Ok(());
        };
        let units = DynSolValue::Uint(notional.unsigned_abs(), 256);
        let subscribe = encode(contract, "subscribe", &[units])?;
        self.call_with_cash("the holder's subscription", self.holder, contract, subscribe)
    }

    /// Calls with half of the caller's cash attached; what a contract does not need comes back.
    fn call_with_cash(
        &mut self,
        what: &'static str,
        from: Address,
        contract: &Contract,
        data: Vec<u8>,
    ) -> Result<(), TrialError> {
        let (ids, amounts) = (vec![self.cash], vec![plenty() / U256::from(2)]);
        let call = ILedger::acallCall { to: contract.address, ids, amounts, data: data.into() };
        let output = self.send(what, from, account::LEDGER, call.abi_encode())?;
        let inner = ILedger::acallCall::abi_decode_returns(&output);
        match inner {
            Ok(inner) if inner.ok => Ok(()),
            Ok(inner) => {
                let reason = abi::reason(&inner.result, std::slice::from_ref(contract), &Names::default());
                Err(TrialError::Failed { what, reason: reason.shown })
            }
            Err(error) => Err(TrialError::Failed { what, reason: error.to_string() }),
        }
    }

    /// Lets time pass until nothing is booked, and reads the template's events.
    fn live(&mut self, contract: &Contract) -> Result<Vec<Actual>, TrialError> {
        let from = self.chain.height() + 1;
        self.chain.run_until_quiet(BLOCKS_MAX)?;
        if self.chain.next_due().is_some() {
            return Err(TrialError::Endless);
        }
        let mut actual = Vec::new();
        for height in 1..=self.chain.height() {
            for receipt in self.chain.receipts(height) {
                read_events(contract, receipt, height >= from, &mut actual)?;
            }
        }
        Ok(actual)
    }
}

fn read_events(
    contract: &Contract,
    receipt: &Receipt,
    running: bool,
    actual: &mut Vec<Actual>,
) -> Result<(), TrialError> {
    let logs = receipt.logs.iter().filter(|log| log.address == contract.address);
    for event in logs.filter_map(|log| contract.event(log)).filter(|event| event.name == "Payment") {
        let number = |name: &'static str| {
            let value = event.value(name).and_then(DynSolValue::as_int).map(|(value, _)| value);
            value.ok_or(TrialError::Event(name))
        };
        let count = |name: &'static str| {
            let value = event.value(name).and_then(DynSolValue::as_uint).map(|(value, _)| value);
            value.ok_or(TrialError::Event(name))
        };
        let code = usize::try_from(count("eventType")?).unwrap_or(usize::MAX);
        let kind = KINDS.get(code).copied().unwrap_or("?").to_string();
        if receipt.firing.is_none() || !running {
            return Err(TrialError::NotByTrigger(kind));
        }
        let (payoff, time) = (number("payoff")?, u64::try_from(count("date")?).unwrap_or(u64::MAX));
        let (notional, rate, accrued): (I256, I256, I256) =
            (number("notional")?, number("rate")?, number("accrued")?);
        actual.push(Actual {
            time,
            kind,
            payoff,
            notional: Some(notional),
            rate: Some(rate),
            accrued: Some(accrued),
        });
    }
    Ok(())
}

fn encode(contract: &Contract, name: &str, args: &[DynSolValue]) -> Result<Vec<u8>, TrialError> {
    let function = contract.function(name)?;
    let data = function.abi_encode_input(args);
    let what = || function.signature();
    Ok(data.map_err(|error| AbiError::Data { what: what(), reason: error.to_string() })?)
}

fn failed(what: &'static str, receipt: &Receipt) -> TrialError {
    let reason = abi::reason(&receipt.output, &[], &Names::default()).shown;
    TrialError::Failed { what, reason: receipt.halt.clone().unwrap_or(reason) }
}

fn ether() -> U256 {
    U256::from(1_000_000_000_000_000_000u64)
}

/// Is more cash than any case moves: 1e18 units of 18 decimals.
fn plenty() -> U256 {
    ether() * ether()
}
