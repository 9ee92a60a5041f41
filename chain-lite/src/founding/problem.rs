//! Is what is wrong with a genesis file.

use crate::json::Place;
use thiserror::Error;

/// Says which rule a genesis breaks, and how to keep it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {message}\n  help: {help}")]
pub struct Broken {
    /// Path of keys to the value, such as `consensus.validators[2].stake`.
    pub path: String,
    /// What was expected and what was found.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Says what is wrong with a genesis file, where, and how to set it right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{line}:{column}: {}{message}\n  help: {help}", prefix(path))]
pub struct Problem {
    /// Path of keys to the value; empty for the whole file.
    pub path: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What was expected and what was found.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Problem {
    pub(super) fn at(place: Place, broken: Broken) -> Self {
        let Broken { path, message, help } = broken;
        Self { path, line: place.line, column: place.column, message, help }
    }
}

impl Broken {
    pub(super) fn new(path: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), help: help.into() }
    }
}

fn prefix(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}
