//! Reads ACTUS reference cases and compares a template's events with them. Schedules and payoffs are the
//! template's: nothing here computes one.

mod bond;
mod case;
mod compare;
mod dictionary;

pub(crate) use bond::{Bond, Field, Refusal, translate};
pub(crate) use case::{Case, Series, Term, read};
pub(crate) use compare::{Actual, Row, compare};
