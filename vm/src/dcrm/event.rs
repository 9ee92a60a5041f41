//! Tells wallets, contracts and custodians what happens in custody, as logs of the system account. Contracts may wait
//! for them by event triggers.

use crate::{account::DCRM, fault::Fault, store::Store};
use alloy_sol_types::{SolEvent, sol};

sol! {
    /// Logs a new custodian and who runs it, as it says.
    #[derive(Debug, PartialEq, Eq)]
    event Registered(address indexed operator, bytes32 node, bytes32 owner, bytes32 provider, bytes32 region);
    /// Logs that a custodian is on its way out; its bond is free at `release` (seconds), once it is out of every group.
    #[derive(Debug, PartialEq, Eq)]
    event Left(address indexed operator, uint64 release);
    /// Logs that a fault was proved, and what it cost.
    #[derive(Debug, PartialEq, Eq)]
    event Struck(address indexed operator, bytes32 indexed offence, uint256 amount);
    /// Logs that an outer chain was listed, or changed.
    #[derive(Debug, PartialEq, Eq)]
    event ChainListed(bytes32 indexed chain, uint32 confirmations);
    /// Logs that a coin was listed, or changed.
    #[derive(Debug, PartialEq, Eq)]
    event CoinListed(bytes32 indexed coin, bytes32 indexed chain, uint256 asset);
    /// Logs a new vault.
    #[derive(Debug, PartialEq, Eq)]
    event VaultOpened(uint64 indexed vault, bytes32 indexed chain);
    /// Logs that a vault lacks coin, or was halted by its steward (with zeros).
    #[derive(Debug, PartialEq, Eq)]
    event Halted(uint64 indexed vault, bytes32 indexed coin, uint256 shortfall);
    /// Logs that somebody gave units up to cover what a vault lacks, or for its reserve.
    #[derive(Debug, PartialEq, Eq)]
    event Covered(uint64 indexed vault, bytes32 indexed coin, address indexed by, uint256 amount);
    /// Logs that a halted vault goes on.
    #[derive(Debug, PartialEq, Eq)]
    event Resumed(uint64 indexed vault);
    /// Logs that what a vault holds moves to another one.
    #[derive(Debug, PartialEq, Eq)]
    event Retired(uint64 indexed vault);
    /// Logs that the members of a retired vault were let go.
    #[derive(Debug, PartialEq, Eq)]
    event Dismissed(uint64 indexed vault);
    /// Logs a group in the making; `previous` is the group whose key it takes over, 0 where it generates one.
    #[derive(Debug, PartialEq, Eq)]
    event GroupStarted(uint64 indexed group, uint64 indexed vault, uint64 previous, uint16 threshold, address[] members);
    /// Logs a message of key generation or re-sharing: its kind (1 dealing, 2 complaint, 3 extraction, 4 objection,
    /// 5 reveal, 6 handover, 7 complaint about a handover), its author and its bytes.
    #[derive(Debug, PartialEq, Eq)]
    event Posted(uint64 indexed group, uint8 indexed kind, uint16 indexed member, bytes message);
    /// Logs that a group's key stands.
    #[derive(Debug, PartialEq, Eq)]
    event GroupMade(uint64 indexed group, bytes key, uint64 qualified);
    /// Logs that a member holds its share.
    #[derive(Debug, PartialEq, Eq)]
    event Ready(uint64 indexed group, uint16 indexed member);
    /// Logs that a group holds its vault's shares from now on.
    #[derive(Debug, PartialEq, Eq)]
    event TookOver(uint64 indexed vault, uint64 indexed group, uint32 epoch);
    /// Logs that a group did not come about.
    #[derive(Debug, PartialEq, Eq)]
    event GroupFailed(uint64 indexed group);
    /// Logs an address to lock in by.
    #[derive(Debug, PartialEq, Eq)]
    event AddressGiven(uint64 indexed request, address indexed owner, address indexed beneficiary, uint64 vault, bytes32 coin, string outer);
    /// Logs that a member attested a deposit.
    #[derive(Debug, PartialEq, Eq)]
    event Attested(bytes32 indexed deposit, uint16 indexed member);
    /// Logs that a deposit waits for its vault to be active.
    #[derive(Debug, PartialEq, Eq)]
    event Held(bytes32 indexed deposit, uint64 indexed vault);
    /// Logs that a deposit was credited.
    #[derive(Debug, PartialEq, Eq)]
    event Minted(uint64 indexed request, address indexed beneficiary, bytes32 indexed coin, bytes32 deposit, uint256 amount);
    /// Logs a lock-out.
    #[derive(Debug, PartialEq, Eq)]
    event OutAsked(uint64 indexed request, address indexed owner, uint64 indexed vault, bytes32 coin, uint256 amount, string destination);
    /// Logs that the units of a lock-out went back.
    #[derive(Debug, PartialEq, Eq)]
    event OutReturned(uint64 indexed request, address indexed owner, uint256 amount);
    /// Logs a plan for the members to check.
    #[derive(Debug, PartialEq, Eq)]
    event Proposed(uint64 indexed vault, uint64 indexed request, bytes32 indexed upkeep, uint64 sequence, bytes32 hash, bytes plan);
    /// Logs that a plan is binding.
    #[derive(Debug, PartialEq, Eq)]
    event Approved(uint64 indexed vault, uint64 indexed request, bytes32 indexed upkeep, bytes32 hash, uint32 version, uint64 sequence);
    /// Logs what became of an outer transaction.
    #[derive(Debug, PartialEq, Eq)]
    event Settled(uint64 indexed vault, uint64 indexed request, bytes32 indexed upkeep, bytes32 hash, bytes32 transaction, bool success);
    /// Logs what a member sees confirmed outside.
    #[derive(Debug, PartialEq, Eq)]
    event Observed(uint64 indexed vault, bytes32 indexed coin, uint16 indexed member, uint256 amount);
}

/// Emits an event at the system account.
pub(super) fn emit(store: &mut dyn Store, event: &impl SolEvent) -> Result<(), Fault> {
    let log = event.encode_log_data();
    store.log(DCRM, log.topics(), log.data.clone())
}
