//! Builds, checks and runs financial contracts from the command line.
mod input;
mod scenario;

fn main() {}
