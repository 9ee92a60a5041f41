//! Holds the generated documentation against its source. `FUSOR_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::{env, fs, path::Path};

#[test]
fn the_page_of_opcodes_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/opcodes.md");
    let expected = fusor_vm::opcode::markdown();
    if env::var_os("FUSOR_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/opcodes.md is stale: run FUSOR_BLESS=1 cargo test -p fusor-vm --test docs"
    );
}
