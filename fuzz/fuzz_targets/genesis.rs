//! Reads any text as a genesis file; one that is taken starts a chain and is written as it was read.
#![no_main]

use fusor_chain_lite::founding::{GenesisFile, block_zero, keys::PublicKeys};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let _ = PublicKeys::from_json(input);
    let _ = GenesisFile::read_draft(input);
    let Ok(file) = GenesisFile::read(input) else { return };
    assert_eq!(GenesisFile::read(&file.write()).as_ref(), Ok(&file));
    let Ok(genesis) = file.into_genesis() else { panic!("a file that was read breaks a rule") };
    assert!(block_zero(&genesis).is_ok());
});
