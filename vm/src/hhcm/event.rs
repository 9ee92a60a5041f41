//! Tells wallets and watchers what becomes of stake, as logs of the system account.

use crate::{account::HHCM, fault::Fault, store::Store};
use alloy_sol_types::{SolEvent, sol};

sol! {
    /// Logs that a validator was registered; it enters the committee at the next epoch.
    #[derive(Debug, PartialEq, Eq)]
    event Registered(bytes32 indexed key, address indexed owner);
    /// Logs that stake came to a validator.
    #[derive(Debug, PartialEq, Eq)]
    event Bonded(bytes32 indexed key, address indexed holder, uint256 amount);
    /// Logs that stake is on its way out, free at `release` (seconds).
    #[derive(Debug, PartialEq, Eq)]
    event Unbonded(bytes32 indexed key, address indexed holder, uint256 amount, uint64 release);
    /// Logs that stake or rewards were paid out.
    #[derive(Debug, PartialEq, Eq)]
    event Paid(bytes32 indexed key, address indexed holder, address indexed to, uint256 amount);
    /// Logs that an offence was proved: `amount` was slashed, `reward` of it paid to the reporter.
    #[derive(Debug, PartialEq, Eq)]
    event Slashed(bytes32 indexed key, bytes32 indexed offence, address indexed reporter, uint256 amount, uint256 reward);
}

/// Emits an event at the system account.
pub(super) fn emit(store: &mut dyn Store, event: &impl SolEvent) -> Result<(), Fault> {
    let log = event.encode_log_data();
    store.log(HHCM, log.topics(), log.data.clone())
}
