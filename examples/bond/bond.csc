// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/finance/BondCore.sol";
import "fusor/finance/PamEngine.sol";

/// @title BridgeBond
/// @notice A city builds a bridge: one million for five years at 4.5 % a year, paid each half-year, issued at 99.
contract BridgeBond is BondCore {
    /// @param issuer The city.
    /// @param cash The asset in which it borrows, with 18 decimals.
    constructor(address issuer, AssetId cash)
        payable
        BondCore(new PamEngine(bridgeTerms()), bridgeParties(issuer, cash))
    {
        Assets.describe(UNIT, "Bridge bond 2031", "BRIDGE", 18);
    }

    function bridgeTerms() private pure returns (PamTerms memory t) {
        t = PAM.blank();
        t.role = ContractRole.RPA;
        t.statusDate = Calendar.at(2026, 1, 1);
        t.initialExchangeDate = Calendar.at(2026, 2, 27);
        t.maturityDate = Calendar.at(2031, 2, 28);
        t.notionalPrincipal = 1_000_000e18;
        t.premiumDiscountAtIED = -10_000e18;
        t.nominalInterestRate = 0.045e18;
        t.interestAnchor = Calendar.at(2026, 8, 31);
        t.interestCycle = Cycle({count: 6, unit: CycleUnit.Month, longStub: true});
        t.endOfMonth = EndOfMonth.EndOfMonth;
        t.dayCount = DayCountConvention.E30360;
        t.businessDay = BusinessDayConvention.SCMF;
        t.calendar = BusinessCalendar.MF;
    }

    function bridgeParties(address issuer, AssetId cash) private pure returns (BondParties memory p) {
        p.issuer = issuer;
        p.cash = cash;
        p.gracePeriod = 30 days;
    }
}

description BridgeBond {
    on at nextEventTime() do processEvents() retry 3 every 1h;
    policy { gas 4_000_000; escrow 0.2 ether; }
}
