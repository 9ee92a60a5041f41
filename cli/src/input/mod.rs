//! Reads what users write: JSON with exact places, decimals without rounding, dates without a wall clock.

pub(crate) mod date;
pub(crate) mod decimal;
#[cfg(test)]
pub(crate) mod mutate;
pub(crate) mod view;

pub(crate) use fusor_chain_lite::json;
