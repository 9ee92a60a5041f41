//! Compares the interfaces that the standard library ships with those that the precompiles answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_sol_types::SolInterface;
use fusor_vm::precompile::{IConsensus, ICustody, IERC20View, ILedger, INested, ITriggers, IUsufruct};
use std::collections::BTreeSet;

mod shipped {
    #![allow(unreachable_pub, missing_docs, clippy::too_many_arguments)]
    alloy_sol_types::sol!("../stdlib/contracts/interfaces/ILedger.sol");
    alloy_sol_types::sol!("../stdlib/contracts/interfaces/IUsufruct.sol");
    alloy_sol_types::sol!("../stdlib/contracts/interfaces/ITriggers.sol");
    alloy_sol_types::sol!("../stdlib/contracts/interfaces/INested.sol");
    alloy_sol_types::sol!("../stdlib/contracts/interfaces/IERC20View.sol");
    alloy_sol_types::sol!("../stdlib/contracts/interfaces/IConsensus.sol");
    alloy_sol_types::sol!("../stdlib/contracts/interfaces/ICustody.sol");
}

/// Lists selectors with names.
fn functions<I: SolInterface>(signature: fn([u8; 4]) -> Option<&'static str>) -> BTreeSet<&'static str> {
    I::selectors().map(|selector| signature(selector).unwrap()).collect()
}

#[test]
fn the_standard_library_ships_what_the_precompiles_answer() {
    macro_rules! compare {
        ($($name:ident $calls:ident),*) => {$(
            assert_eq!(
                functions::<shipped::$name::$calls>(shipped::$name::$calls::signature_by_selector),
                functions::<$name::$calls>($name::$calls::signature_by_selector),
                stringify!($name)
            );
        )*};
    }
    compare!(
        ILedger ILedgerCalls, IUsufruct IUsufructCalls, ITriggers ITriggersCalls, INested INestedCalls,
        IERC20View IERC20ViewCalls, IConsensus IConsensusCalls, ICustody ICustodyCalls
    );
}
