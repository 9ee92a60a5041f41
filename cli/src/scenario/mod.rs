//! Reads a scenario: who exists, what is released, and what happens when (see `examples/README.md`).

mod model;
mod read;
mod value;

pub(crate) use model::{
    Account, Asset, Call, Plot, Release, Run, RunUntil, Scenario, Step, StepKind, Target, Written,
};
pub(crate) use read::read;
pub(crate) use value::{Names, ValueError, amount, dyn_value, show_value};
