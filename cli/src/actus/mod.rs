//! Reads ACTUS reference cases and compares a template's events with them. Schedules and payoffs are the
//! template's: nothing here computes one.

mod bond;
mod case;
mod compare;
mod dictionary;
mod trial;

pub(crate) use bond::{Bond, Refusal, translate};
pub(crate) use case::{Case, read};
pub(crate) use compare::{Actual, Row, compare};
pub(crate) use trial::{OBSERVER, TEMPLATE, Trial, TrialError};
