//! Names the reserved accounts of the extended EVM.
//!
//! Each exists from genesis with nonce 1 and code `fe`, or EIP-161 would delete it when touched. Calls to
//! them are answered by the system precompiles.

use alloy_primitives::{Address, U256, address};

/// Holds the multi-asset ledger (design 3, whitepaper 3.3 and 4.1).
pub const LEDGER: Address = address!("f050000000000000000000000000000000000001");
/// Holds usufruct grants (design 3, whitepaper 3.3.1).
pub const USUFRUCT: Address = address!("f050000000000000000000000000000000000002");
/// Holds the calling list: registered triggers and their escrow (design 5, whitepaper 4.4.1).
pub const TRIGGERS: Address = address!("f050000000000000000000000000000000000003");
/// Answers nested calls (design 4, whitepaper 4.3).
pub const NESTED: Address = address!("f050000000000000000000000000000000000004");
/// Holds the stake, and what hierarchical hybrid consensus elects by it (design 10, whitepaper 5).
pub const HHCM: Address = address!("f050000000000000000000000000000000000010");
/// Holds custody of outer coins: distributed control rights management (design 11, whitepaper 3).
pub const DCRM: Address = address!("f050000000000000000000000000000000000011");
/// Reserved for agreed off-chain data (design 12, whitepaper 4.2.2).
pub const DATA: Address = address!("f050000000000000000000000000000000000012");
/// Is what COINBASE returns, and gathers the fees of the block under execution. The author, who may not be known
/// before, is paid from it when the block closes; between blocks it is empty (design 10).
pub const COLLECTOR: Address = address!("f0500000000000000000000000000000000000fd");
/// Is the sender of every system transaction; no key exists for it.
pub const SCHEDULER: Address = address!("f0500000000000000000000000000000000000fe");

/// Lists every system account that genesis creates with nonce 1 and code `fe`.
pub const SYSTEM: [Address; 7] = [LEDGER, USUFRUCT, TRIGGERS, NESTED, HHCM, DCRM, DATA];

/// Starts the address of every ERC-20 view; the first 16 bytes of the asset id follow.
pub const ERC20_PREFIX: [u8; 4] = [0xf0, 0x5a, 0x55, 0xe7];

/// Returns the address at which asset `id` answers ERC-20 calls. It is a shortened id, so the ledger
/// registers it at the first mint and refuses a second claimant.
pub fn erc20_address(id: U256) -> Address {
    let mut bytes = [0u8; 20];
    let word = id.to_be_bytes::<32>();
    bytes[..4].copy_from_slice(&ERC20_PREFIX);
    bytes[4..].copy_from_slice(&word[..16]);
    Address::from(bytes)
}
