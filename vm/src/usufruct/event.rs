//! Tells wallets what becomes of grants, as logs of the usufruct account. Expiry is computed, so it has no log
//! of its own: `end` stands in [`Offered`].

use crate::{account::USUFRUCT, fault::Fault, store::Store};
use alloy_sol_types::{SolEvent, sol};

sol! {
    /// Logs an offer; `parent` is zero for a root grant.
    #[derive(Debug, PartialEq, Eq)]
    event Offered(bytes32 indexed gid, address indexed grantor, address indexed user, uint256 id, uint256 amount, uint64 start, uint64 end, uint8 flags, bytes32 parent);
    /// Logs that the user accepted.
    #[derive(Debug, PartialEq, Eq)]
    event Accepted(bytes32 indexed gid, address indexed grantor, address indexed user);
    /// Logs the end before the window's end; `reason` is the `USET` action: 2 declined, 3 given back, 4 revoked.
    #[derive(Debug, PartialEq, Eq)]
    event Ended(bytes32 indexed gid, uint8 reason);
    /// Logs that bare ownership is offered; `to` is zero when the offer is withdrawn.
    #[derive(Debug, PartialEq, Eq)]
    event OwnershipOffered(bytes32 indexed gid, address indexed from, address indexed to);
    /// Logs that bare ownership was declined.
    #[derive(Debug, PartialEq, Eq)]
    event OwnershipDeclined(bytes32 indexed gid, address indexed to);
    /// Logs that bare ownership moved.
    #[derive(Debug, PartialEq, Eq)]
    event OwnershipMoved(bytes32 indexed gid, address indexed from, address indexed to);
    /// Logs that the record is gone and the deposit was returned.
    #[derive(Debug, PartialEq, Eq)]
    event Cleaned(bytes32 indexed gid, address indexed payer, uint256 deposit);
    /// Logs that native coin whose grants are over came back to its owner's balance.
    #[derive(Debug, PartialEq, Eq)]
    event Released(address indexed owner, uint256 amount);
}

/// Emits an event at the usufruct account.
pub(super) fn emit(store: &mut dyn Store, event: &impl SolEvent) -> Result<(), Fault> {
    let log = event.encode_log_data();
    store.log(USUFRUCT, log.topics(), log.data.clone())
}
