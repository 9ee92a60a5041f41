// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/finance/BondCore.sol";
import "fusor/finance/PamEngine.sol";

/// @title MillBond
/// @notice A mill borrows a thousand for two years at 10 %, paid each half-year, and has five days of grace.
contract MillBond is BondCore {
    /// @param issuer The mill.
    /// @param cash The asset in which it borrows, with 18 decimals.
    constructor(address issuer, AssetId cash)
        payable
        BondCore(new PamEngine(millTerms()), millParties(issuer, cash))
    {
        Assets.describe(UNIT, "Mill bond 2028", "MILL", 18);
    }

    function millTerms() private pure returns (PamTerms memory t) {
        t = PAM.blank();
        t.statusDate = Calendar.at(2026, 1, 1);
        t.initialExchangeDate = Calendar.at(2026, 2, 1);
        t.maturityDate = Calendar.at(2028, 2, 1);
        t.notionalPrincipal = 1_000e18;
        t.nominalInterestRate = 0.1e18;
        t.interestAnchor = Calendar.at(2026, 8, 1);
        t.interestCycle = Cycle({count: 6, unit: CycleUnit.Month, longStub: false});
        t.dayCount = DayCountConvention.E30360;
    }

    function millParties(address issuer, AssetId cash) private pure returns (BondParties memory p) {
        p.issuer = issuer;
        p.cash = cash;
        p.gracePeriod = 5 days;
    }
}

description MillBond {
    on at nextEventTime() do processEvents() retry 3 every 1h;
    policy { gas 4_000_000; escrow 0.2 ether; }
}
