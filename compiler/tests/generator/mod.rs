//! Writes random Solidity programs that are well typed, from a seed and nothing else.
//!
//! The generator is directed by types: it asks for an expression of a type at a place where it is needed and picks
//! among everything that gives one. Programs stay within what is the same for every compiler: no gas left, no code
//! hashes, no addresses of `create2`, no raw memory pointers. Loops are bounded and calls form no cycle.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses its part")]
#![allow(clippy::indexing_slicing, reason = "indices are drawn below the length")]

mod assembly;
mod body;
mod contract;
mod declarations;
pub mod dice;
mod expr;
mod function;
mod literal;
mod places;
mod refs;
mod special;
mod stmt;
mod types;
mod world;

use dice::Dice;

/// Writes the program of a seed; its last contract is `Main`.
pub fn program(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let world = world::draw(&mut dice);
    contract::write(&world, &mut dice)
}
