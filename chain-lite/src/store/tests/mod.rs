//! Tests the store as a whole.

mod crash;
mod damage;
mod model;
mod open;
mod packages;
mod snapshot;
