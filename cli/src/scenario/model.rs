//! Holds a scenario after reading: checked in form, names resolved in what the file itself says.

use crate::input::json::{Place, Value};
use alloy_primitives::U256;

/// Is a whole scenario.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) title: String,
    /// The chain's clock at genesis, seconds since 1970.
    pub(crate) start: u64,
    pub(crate) accounts: Vec<Account>,
    pub(crate) assets: Vec<Asset>,
    pub(crate) releases: Vec<Release>,
    pub(crate) steps: Vec<Step>,
    pub(crate) plot: Option<Plot>,
}

/// Is a user's account and its native coin at genesis, in wei.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) balance: U256,
}

/// Is a native asset and who receives it at first, in base units.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) sub: U256,
    pub(crate) title: String,
    pub(crate) symbol: String,
    pub(crate) decimals: u8,
    pub(crate) mint: Vec<(String, U256)>,
}

/// Is a value as written, to be read once the type of the parameter that it fills is known.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) value: Value,
    pub(crate) path: String,
}

/// Is a contract to release.
#[derive(Debug)]
pub(crate) struct Release {
    pub(crate) name: String,
    /// The source, relative to the scenario's folder.
    pub(crate) file: String,
    pub(crate) contract: String,
    pub(crate) from: String,
    pub(crate) value: U256,
    pub(crate) args: Vec<Written>,
    pub(crate) place: Place,
}

/// Is one step and where it stands.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) place: Place,
    pub(crate) path: String,
    pub(crate) kind: StepKind,
}

/// Is what a step does.
#[derive(Debug)]
pub(crate) enum StepKind {
    /// Sends a transaction.
    Call(Call),
    /// Lets time pass.
    Run(Run),
    /// Compares what a view function returns.
    Check(Check),
    /// Compares a holding; no asset means the native coin.
    Holds { who: String, asset: Option<String>, amount: U256 },
}

/// Is a view call, what it ought to return, and the name under which its first result is kept.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) target: Target,
    pub(crate) args: Vec<Written>,
    /// None compares nothing.
    pub(crate) returns: Option<Vec<Written>>,
    pub(crate) keep: Option<String>,
}

/// Names a function of a release (`bond.subscribe`) or of a system account (`usufruct.uset`).
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) release: String,
    pub(crate) function: String,
}

/// Is a transaction to a release.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) target: Target,
    pub(crate) from: String,
    pub(crate) args: Vec<Written>,
    /// Names of assets (or of kept ids) and amounts that travel with the call.
    pub(crate) assets: Vec<(String, U256)>,
    pub(crate) value: U256,
    /// The reason with which the call must revert.
    pub(crate) reverts: Option<String>,
    /// The name under which the first returned value is kept.
    pub(crate) keep: Option<String>,
}

/// Is a stretch of time.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) until: RunUntil,
    /// The latest point in time to run to.
    pub(crate) limit: Option<u64>,
}

/// Says when a stretch of time ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunUntil {
    Date(u64),
    /// The next due trigger has run.
    Next,
    /// Nothing is booked any more.
    Quiet,
}

/// Says which event carries the cash flow.
#[derive(Debug)]
pub(crate) struct Plot {
    pub(crate) event: Target,
    /// The parameter that holds the date; none means the block's time.
    pub(crate) time: Option<String>,
    pub(crate) amount: String,
    pub(crate) decimals: u8,
    pub(crate) place: Place,
}
