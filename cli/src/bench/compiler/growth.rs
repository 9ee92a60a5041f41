//! Shows how compile time grows with the number of functions.

use super::{CompareError, Places, ours, write};
use std::{fmt::Write, time::Duration};

/// Is the CPU time for a contract of so many functions.
#[derive(Debug)]
pub(crate) struct Growth {
    pub(crate) functions: usize,
    pub(crate) cpu: Duration,
}

/// Functions of the smallest contract; the others have 4 and 16 times as many.
const FUNCTIONS: usize = 500;

/// Compiles contracts of growing size.
pub(crate) fn growth(places: &Places) -> Result<Vec<Growth>, CompareError> {
    [1, 4, 16]
        .into_iter()
        .map(|times| {
            let functions = FUNCTIONS * times;
            let name = format!("Functions{functions}.sol");
            write(&places.scratch.join(&name), &source(functions))?;
            let made = ours(places, &format!("{functions} functions"), &name)?;
            Ok(Growth { functions, cpu: made.cpu })
        })
        .collect()
}

/// Keeps each contract below the limit of EIP-170.
const FUNCTIONS_EACH: usize = 50;

/// Writes a program of functions in contracts of fifty each: state, checks, loops, calls among themselves.
fn source(functions: usize) -> String {
    let mut text = String::from("// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n");
    for contract in 0..functions / FUNCTIONS_EACH {
        let _ = write!(text, "contract C{contract} {{\n  mapping(uint => uint) m; uint128 a; uint64 b;\n");
        for f in 0..FUNCTIONS_EACH {
            let _ = write!(
                text,
                "  function f{f}(uint x, uint y) public returns (uint r) {{
    require(x != {f}, \"argument {f}\");
    for (uint i = x % 8; i < 8; i++) {{ r += m[i + {f}] * y; m[y] = r; }}
    if (r > y) {{ a += uint128(r % 1{f}); b = uint64(x); }} {}
  }}\n",
                if f == 0 { String::new() } else { format!("else r = f{}(y, x);", f - 1) },
            );
        }
        text.push_str("}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use fusor_compiler::driver::{Options, compile_source};

    #[test]
    fn the_program_compiles_to_contracts_within_the_limits() {
        let made = compile_source("f.sol", &super::source(2 * super::FUNCTIONS_EACH), &Options::default());
        assert_eq!(made.map(|artifacts| artifacts.len()), Ok(2));
    }
}
