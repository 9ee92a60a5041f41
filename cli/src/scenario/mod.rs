//! Reads a scenario: who exists, what is released, and what happens when (see `examples/README.md`).

mod model;
mod read;
mod value;

pub(crate) use model::{
    Account, Asset, Call, Check, Plot, Release, Run, RunUntil, Scenario, Step, StepKind, Target, Written,
};
pub(crate) use read::{SYSTEM, read};
pub(crate) use value::{Names, dyn_value, show_named, show_value};
