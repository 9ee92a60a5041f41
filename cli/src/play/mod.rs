//! Plays a scenario on a chain: setup, releases, then the steps, and keeps what happened.

mod flows;
mod open;
mod record;
mod setup;
mod step;
mod time;

pub(crate) use flows::flows;
pub(crate) use open::{Opened, is_alone, open, open_alone};
pub(crate) use record::{Recorder, Seen};
pub(crate) use setup::{address_of, genesis};
pub(crate) use step::StepError;
pub(crate) use time::Until;

use crate::{
    abi::{Contract, Reason},
    compile::Program,
    input::json::Place,
    scenario::{Plot, Scenario},
    timeline::{Book, Entry},
};
use alloy_primitives::{Address, U256};
use fusor_chain_lite::{Chain, ChainError};
use fusor_compiler::hir::DescriptionRecord;
use std::collections::BTreeMap;
use thiserror::Error;

/// Is a released contract with what its descriptions booked.
#[derive(Debug)]
pub(crate) struct Released {
    pub(crate) contract: Contract,
    pub(crate) records: Vec<DescriptionRecord>,
}

impl Released {
    /// Names what a selector starts: a description's handler, or a function.
    pub(crate) fn handler(&self, selector: &[u8]) -> Option<String> {
        let described = |record: &&DescriptionRecord| record.selector.is_some_and(|own| own == selector);
        let handler = self.records.iter().find(described).map(|record| record.handler.clone());
        handler.or_else(|| Some(self.readable(self.contract.called(selector)?)))
    }

    /// Names the entry that a description made for the end of a wait (`__fusor_<description>_<number>_else`)
    /// after the handler that it stands in for.
    fn readable(&self, function: String) -> String {
        let entry = function.strip_prefix("__fusor_").and_then(|rest| rest.strip_suffix("_else"));
        let Some((description, number)) = entry.and_then(|rest| rest.rsplit_once('_')) else {
            return function;
        };
        let mut own = self.records.iter().filter(|record| record.description == description);
        let record = number.parse().ok().and_then(|number| own.nth(number));
        record.map_or(function.clone(), |record| format!("else of {}", record.handler))
    }
}

/// Is a scenario at play.
pub(crate) struct Player {
    pub(crate) chain: Chain,
    pub(crate) book: Book,
    pub(crate) released: Vec<Released>,
    /// System accounts by their interfaces, for calls only.
    system: Vec<Contract>,
    pub(crate) recorder: Recorder,
    label: String,
}

/// Says where and why a scenario ended.
#[derive(Debug, Error)]
pub(crate) enum PlayError {
    #[error("{place}: {path}: {error}")]
    Step { place: Place, path: String, error: Box<StepError> },
    #[error("{place}: release of `{name}`: {error}")]
    Release { place: Place, name: String, error: Box<StepError> },
    #[error("{place}: plot: {error}")]
    Plot { place: Place, error: Box<StepError> },
    #[error("asset `{asset}`: {error}")]
    Asset { asset: String, error: Box<StepError> },
    #[error("calendar: {0}")]
    Calendar(Box<StepError>),
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Player {
    /// Starts a chain with the scenario's accounts and assets; nothing is released yet.
    pub(crate) fn new(scenario: &Scenario, program: &Program) -> Result<Self, PlayError> {
        setup::start(scenario, program)
    }

    /// Releases all contracts of the scenario in order.
    pub(crate) fn release_all(&mut self, scenario: &Scenario, program: &Program) -> Result<(), PlayError> {
        for release in &scenario.releases {
            let fail = |error| PlayError::Release {
                place: release.place,
                name: release.name.clone(),
                error: Box::new(error),
            };
            self.release(release, program).map_err(fail)?;
        }
        match &scenario.plot {
            Some(plot) => self
                .check_plot(plot)
                .map_err(|error| PlayError::Plot { place: plot.place, error: Box::new(error) }),
            None => Ok(()),
        }
    }

    /// Carries out all steps in order and stops at the first that fails.
    pub(crate) fn steps(&mut self, scenario: &Scenario) -> Result<(), PlayError> {
        for step in &scenario.steps {
            self.step(step)?;
        }
        Ok(())
    }

    fn check_plot(&mut self, plot: &Plot) -> Result<(), StepError> {
        let mut parameters = vec![plot.amount.as_str()];
        parameters.extend(plot.time.as_deref());
        self.contract(&plot.event.release)?.check_event(&plot.event.function, &parameters)?;
        Ok(())
    }

    /// Finds a released contract or a system account by its name.
    pub(crate) fn contract(&self, name: &str) -> Result<&Contract, StepError> {
        let released = self.released.iter().map(|released| &released.contract);
        let found = released.chain(&self.system).find(|contract| contract.name == name);
        found.ok_or_else(|| StepError::NotReleased(name.to_string()))
    }

    /// Lists what happened so far.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.recorder.entries
    }

    /// Decodes revert data by all contracts at hand.
    pub(crate) fn reason(&self, data: &[u8]) -> Reason {
        let released = self.released.iter().map(|released| released.contract.clone());
        let all: Vec<_> = released.chain(self.system.iter().cloned()).collect();
        crate::abi::reason(data, &all, &self.book.names)
    }
}

/// Holds native balances of users' accounts between blocks.
type Balances = BTreeMap<Address, U256>;
