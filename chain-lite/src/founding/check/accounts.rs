//! Checks the accounts that exist from the start.

use super::{reserved, unknown_allocation};
use crate::founding::{Broken, Funded, GenesisFile};
use alloy_primitives::Address;

/// Is the longest code of an account in bytes (EIP-170).
const CODE_MAX: usize = 24_576;

pub(super) fn check(file: &GenesisFile) -> Vec<Broken> {
    file.accounts.iter().flat_map(|(address, funded)| account(file, *address, funded)).collect()
}

fn account(file: &GenesisFile, address: Address, funded: &Funded) -> Vec<Broken> {
    let path = |key: &str| format!("accounts.{address}.{key}");
    let mut broken = Vec::new();
    if reserved(address) {
        let help = "leave it out; the chain makes its system accounts itself";
        broken.push(Broken::new(
            format!("accounts.{address}"),
            "expected an address that is not reserved",
            help,
        ));
    }
    let known = file.allocations.iter().any(|part| part.name == funded.from);
    if !known && (!funded.from.is_empty() || !funded.account.balance.is_zero()) {
        broken.push(unknown_allocation(&path("from"), &funded.from, &file.allocations));
    }
    let code = &funded.account.code;
    if code.first() == Some(&0xef) || code.len() > CODE_MAX {
        let message = format!("expected code of at most {CODE_MAX} bytes that does not start with `ef`");
        broken.push(Broken::new(path("code"), message, "use the runtime code that the compiler wrote"));
    }
    broken
}
