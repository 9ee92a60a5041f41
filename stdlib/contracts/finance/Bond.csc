// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/finance/BondCore.sol";
import "fusor/finance/PamEngine.sol";

/// @title Bond
/// @notice The bond template as it stands: released with terms and parties, started by the network at each event of
/// its schedule, from issue to last coupon. See Bond.md for the terms.
contract Bond is BondCore {
    /// @notice The value sent pays for the triggers: at least the escrow below.
    constructor(PamTerms memory t, BondParties memory p) payable BondCore(new PamEngine(t), p) {}
}

description Bond {
    on at nextEventTime() do processEvents() retry 3 every 1h;
    policy { gas 4_000_000; escrow 0.2 ether; }
}
