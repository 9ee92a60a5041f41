// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/math/Fixed.sol";
import "fusor/time/BusinessDay.sol";
import "fusor/time/Calendar.sol";
import "fusor/time/Cycle.sol";
import "fusor/time/DayCount.sol";
import "fusor/finance/Actus.sol";

/// @notice The terms of an ACTUS principal-at-maturity contract. Instants are Unix seconds, 0 is absent; amounts and
/// rates have 18 decimals. Bond.md maps each ACTUS term to its field.
struct PamTerms {
    uint64 statusDate;
    uint64 initialExchangeDate;
    uint64 maturityDate;
    uint64 capitalizationEndDate;
    uint64 purchaseDate;
    uint64 terminationDate;
    uint64 interestAnchor;
    uint64 resetAnchor;
    uint64 feeAnchor;
    uint64 scalingAnchor;
    ContractRole role;
    DayCountConvention dayCount;
    BusinessDayConvention businessDay;
    BusinessCalendar calendar;
    EndOfMonth endOfMonth;
    FeeBasis feeBasis;
    bool scalesInterest;
    bool scalesNotional;
    bool hasNextResetRate;
    Cycle interestCycle;
    Cycle resetCycle;
    Cycle feeCycle;
    Cycle scalingCycle;
    int256 notionalPrincipal;
    int256 premiumDiscountAtIED;
    int256 nominalInterestRate;
    int256 accruedInterest;
    int256 priceAtPurchaseDate;
    int256 priceAtTerminationDate;
    int256 rateSpread;
    int256 rateMultiplier;
    int256 lifeCap;
    int256 lifeFloor;
    int256 periodCap;
    int256 periodFloor;
    int256 nextResetRate;
    int256 feeRate;
    int256 feeAccrued;
    int256 scalingIndexAtDealDate;
    int256 interestScaling;
    int256 notionalScaling;
}

/// @notice The state of the contract after its last event; signs as the role sees them.
struct PamState {
    int256 notional;
    int256 rate;
    int256 accrued;
    int256 feeAccrued;
    int256 interestScaling;
    int256 notionalScaling;
    uint64 statusDate;
}

/// @notice How far the schedules have been worked off.
struct PamProgress {
    uint32 interests;
    uint32 resets;
    uint32 fees;
    uint32 scalings;
    bool exchanged;
    bool purchased;
    bool capitalized;
    bool reset;
    bool finished;
}

/// @notice An event of the schedule: what, when it happens, and for which unshifted date it is calculated.
struct PamEvent {
    ActusEvent kind;
    uint64 time;
    uint64 scheduled;
}

/// @title PAM
/// @notice Schedule, payoffs and state transitions of ACTUS principal at maturity. Nothing is stored and no schedule is
/// laid out: the next event is computed from the terms and four counters.
library PAM {
    /// @notice The terms contradict themselves; `field` names the first one found.
    error BadTerms(bytes32 field);

    /// @notice More periods than a business day shift can cross.
    uint256 private constant MARGIN_PERIODS = 9;

    /// @notice Returns terms with everything neutral: no caps and floors, multipliers of one, no fee.
    function blank() internal pure returns (PamTerms memory t) {
        t.feeBasis = FeeBasis.N;
        t.rateMultiplier = Fixed.ONE;
        t.lifeCap = type(int256).max;
        t.lifeFloor = type(int256).min;
        t.periodCap = type(int256).max;
        t.periodFloor = type(int256).min;
        t.interestScaling = Fixed.ONE;
        t.notionalScaling = Fixed.ONE;
    }

    /// @notice Checks the terms and fills in the anchors that ACTUS derives: a cycle without anchor starts at the
    /// initial exchange.
    function complete(PamTerms memory t) internal pure returns (PamTerms memory) {
        check(t.maturityDate > t.initialExchangeDate, "maturityDate");
        check(t.statusDate > 0 && t.statusDate < t.maturityDate, "statusDate");
        check(t.notionalPrincipal > 0, "notionalPrincipal");
        check(t.lifeFloor <= t.lifeCap, "lifeFloor");
        check(t.periodFloor <= t.periodCap, "periodFloor");
        bool scales = t.scalesInterest || t.scalesNotional;
        check(!scales || t.scalingIndexAtDealDate > 0, "scalingIndexAtDealDate");
        uint64 start = t.initialExchangeDate;
        t.interestAnchor = anchorOf(t.interestAnchor, t.interestCycle, start);
        t.resetAnchor = anchorOf(t.resetAnchor, t.resetCycle, start);
        t.feeAnchor = anchorOf(t.feeAnchor, t.feeCycle, start);
        t.scalingAnchor = anchorOf(t.scalingAnchor, t.scalingCycle, start);
        return t;
    }

    function check(bool ok, bytes32 field) private pure {
        if (!ok) revert BadTerms(field);
    }

    function anchorOf(uint64 anchor, Cycle memory cycle, uint64 start) private pure returns (uint64) {
        return anchor == 0 && Cycles.exists(cycle) ? start : anchor;
    }

    /// @notice Returns the state at the status date.
    function initialState(PamTerms memory t) internal pure returns (PamState memory s) {
        s.statusDate = t.statusDate;
        s.interestScaling = t.interestScaling;
        s.notionalScaling = t.notionalScaling;
        if (t.initialExchangeDate > t.statusDate) return s;
        s.notional = signOf(t.role) * t.notionalPrincipal;
        s.rate = t.nominalInterestRate;
        s.accrued = signOf(t.role) * t.accruedInterest;
        s.feeAccrued = signOf(t.role) * t.feeAccrued;
    }

    /// @notice Returns the progress at the status date: events until then are history.
    function initialProgress(PamTerms memory t) internal pure returns (PamProgress memory p) {
        p.exchanged = t.initialExchangeDate <= t.statusDate;
        p.purchased = t.purchaseDate <= t.statusDate;
        p.capitalized = t.capitalizationEndDate == 0 || shiftTime(t, t.capitalizationEndDate) <= t.statusDate;
        p.reset = !t.hasNextResetRate;
        p.interests = firstAfter(t, t.interestAnchor, t.interestCycle, true);
        p.resets = firstAfter(t, t.resetAnchor, t.resetCycle, false);
        p.fees = firstAfter(t, t.feeAnchor, t.feeCycle, true);
        p.scalings = firstAfter(t, t.scalingAnchor, t.scalingCycle, false);
    }

    /// @notice Returns the next event; its kind is None when the contract is finished.
    function next(PamTerms memory t, PamProgress memory p) internal pure returns (PamEvent memory e) {
        if (p.finished) return e;
        e = PamEvent(ActusEvent.MD, shiftTime(t, t.maturityDate), t.maturityDate);
        if (!p.exchanged) offer(e, ActusEvent.IED, t.initialExchangeDate, t.initialExchangeDate);
        if (!p.purchased) offer(e, ActusEvent.PRD, t.purchaseDate, t.purchaseDate);
        if (t.terminationDate > t.statusDate) offer(e, ActusEvent.TD, t.terminationDate, t.terminationDate);
        offerInterest(e, t, p);
        if (!p.capitalized) offerCyclic(e, t, ActusEvent.IPCI, t.capitalizationEndDate);
        offerCyclic(e, t, p.reset ? ActusEvent.RR : ActusEvent.RRF, resetAt(t, p.resets));
        offerCyclic(e, t, ActusEvent.FP, feeAt(t, p.fees));
        if (t.scalesInterest || t.scalesNotional) offerCyclic(e, t, ActusEvent.SC, scalingAt(t, p.scalings));
    }

    /// @notice Returns the progress after an event.
    function advance(PamTerms memory t, PamProgress memory p, PamEvent memory e)
        internal
        pure
        returns (PamProgress memory)
    {
        if (e.kind == ActusEvent.IED) p.exchanged = true;
        else if (e.kind == ActusEvent.PRD) p.purchased = true;
        else if (e.kind == ActusEvent.IP) p.interests++;
        else if (e.kind == ActusEvent.IPCI) advanceCapitalization(t, p, e.time);
        else if (e.kind == ActusEvent.FP) p.fees++;
        else if (e.kind == ActusEvent.SC) p.scalings++;
        else if (e.kind == ActusEvent.RR) p.resets++;
        else if (e.kind == ActusEvent.RRF) (p.resets, p.reset) = (p.resets + 1, true);
        else p.finished = true;
        return p;
    }

    /// @notice Says whether an event needs a value from outside.
    function isFixing(ActusEvent kind) internal pure returns (bool) {
        return kind == ActusEvent.RR || kind == ActusEvent.SC;
    }

    /// @notice Returns the payoff of an event as the role sees it, in the contract's currency.
    function payoff(PamTerms memory t, PamState memory s, PamEvent memory e) internal pure returns (int256) {
        int256 sign = signOf(t.role);
        if (e.kind == ActusEvent.IED) return -sign * (t.notionalPrincipal + t.premiumDiscountAtIED);
        if (e.kind == ActusEvent.IP) return Fixed.mul(s.interestScaling, s.accrued + accrual(t, s, e));
        if (e.kind == ActusEvent.FP) return t.feeBasis == FeeBasis.A ? sign * t.feeRate : s.feeAccrued + fee(t, s, e);
        if (e.kind == ActusEvent.PRD) return -sign * (t.priceAtPurchaseDate + s.accrued + accrual(t, s, e));
        if (e.kind == ActusEvent.TD) return sign * (t.priceAtTerminationDate + s.accrued + accrual(t, s, e));
        if (e.kind == ActusEvent.MD) {
            return Fixed.mul(s.notionalScaling, s.notional) + Fixed.mul(s.interestScaling, s.accrued) + s.feeAccrued;
        }
        return 0;
    }

    /// @notice Returns the state after an event.
    /// @param observed The rate (RR) or index (SC) fixed for the event's scheduled date; unused otherwise.
    function transition(PamTerms memory t, PamState memory s, PamEvent memory e, int256 observed)
        internal
        pure
        returns (PamState memory n)
    {
        n = PamState(s.notional, s.rate, s.accrued, s.feeAccrued, s.interestScaling, s.notionalScaling, e.scheduled);
        if (e.kind == ActusEvent.IED) return exchange(t, n, e);
        if (e.kind == ActusEvent.MD || e.kind == ActusEvent.TD) return close(n);
        int256 interest = accrual(t, s, e);
        n.feeAccrued += e.kind == ActusEvent.FP ? -s.feeAccrued : fee(t, s, e);
        n.accrued += interest;
        if (e.kind == ActusEvent.IPCI) n.notional += n.accrued;
        if (e.kind == ActusEvent.IP || e.kind == ActusEvent.IPCI) n.accrued = 0;
        if (e.kind == ActusEvent.RRF) n.rate = t.nextResetRate;
        if (e.kind == ActusEvent.RR) n.rate = resetRate(t, s.rate, observed);
        if (e.kind == ActusEvent.SC) rescale(t, n, observed);
    }

    /// @notice Returns 1 for the lender's view, -1 for the borrower's.
    function signOf(ContractRole role) internal pure returns (int256) {
        return role == ContractRole.RPA ? int256(1) : int256(-1);
    }

    /// @notice Returns the rate after a reset: spread and multiplier, then the cap and floor of the step, then of the
    /// life.
    function resetRate(PamTerms memory t, int256 current, int256 observed) internal pure returns (int256) {
        int256 step = Fixed.mul(observed, t.rateMultiplier) + t.rateSpread - current;
        step = Fixed.min(Fixed.max(step, t.periodFloor), t.periodCap);
        return Fixed.min(Fixed.max(current + step, t.lifeFloor), t.lifeCap);
    }

    /// @notice Returns the interest on the notional from the last event to this one.
    function accrual(PamTerms memory t, PamState memory s, PamEvent memory e) internal pure returns (int256) {
        return overPeriod(t, Fixed.mul(s.notional, s.rate), s.statusDate, e.scheduled);
    }

    /// @notice Returns the fee on the notional from the last event to this one; 0 when the fee is an amount.
    function fee(PamTerms memory t, PamState memory s, PamEvent memory e) internal pure returns (int256) {
        if (t.feeBasis == FeeBasis.A) return 0;
        return overPeriod(t, Fixed.mul(s.notional, t.feeRate), s.statusDate, e.scheduled);
    }

    /// @notice Returns the part of a yearly amount that falls to the time between two unshifted dates.
    function overPeriod(PamTerms memory t, int256 perYear, uint64 from, uint64 to) internal pure returns (int256) {
        uint256 maturity = t.maturityDate / 86400;
        return DayCount.accrue(t.dayCount, perYear, calculationDay(t, from), calculationDay(t, to), maturity);
    }

    /// @notice Returns the day that counts for an instant: shifted as the convention says; one second before midnight
    /// is the next day.
    function calculationDay(PamTerms memory t, uint64 instant) internal pure returns (uint256 day) {
        day = BusinessDay.calculationDay(t.businessDay, t.calendar, instant / 86400);
        if (instant % 86400 == 86399) day++;
    }

    /// @notice Returns when something scheduled for an instant happens.
    function shiftTime(PamTerms memory t, uint64 instant) internal pure returns (uint64) {
        uint256 day = BusinessDay.shift(t.businessDay, t.calendar, instant / 86400);
        return uint64(day * 86400 + instant % 86400);
    }

    function exchange(PamTerms memory t, PamState memory n, PamEvent memory e) private pure returns (PamState memory) {
        int256 sign = signOf(t.role);
        n.notional = sign * t.notionalPrincipal;
        n.rate = t.nominalInterestRate;
        n.accrued = sign * t.accruedInterest;
        if (t.accruedInterest == 0 && t.interestAnchor != 0 && t.interestAnchor < e.scheduled) {
            n.accrued = overPeriod(t, Fixed.mul(n.notional, n.rate), t.interestAnchor, e.scheduled);
        }
        return n;
    }

    function close(PamState memory n) private pure returns (PamState memory) {
        n.notional = 0;
        n.accrued = 0;
        n.feeAccrued = 0;
        return n;
    }

    function rescale(PamTerms memory t, PamState memory n, int256 observed) private pure {
        int256 scaling = Fixed.div(observed, t.scalingIndexAtDealDate);
        if (t.scalesInterest) n.interestScaling = scaling;
        if (t.scalesNotional) n.notionalScaling = scaling;
    }

    /// @dev Interest dates before the end of capitalisation capitalise; one that falls on it gives way to it.
    function offerInterest(PamEvent memory e, PamTerms memory t, PamProgress memory p) private pure {
        uint64 date = interestAt(t, p.interests);
        if (date == 0) return;
        uint64 time = shiftTime(t, date);
        if (p.capitalized) return offer(e, ActusEvent.IP, time, date);
        if (time < shiftTime(t, t.capitalizationEndDate)) offer(e, ActusEvent.IPCI, time, date);
    }

    /// @dev Works off the interest date that an IPCI stands for, and the end of capitalisation when it is reached.
    function advanceCapitalization(PamTerms memory t, PamProgress memory p, uint64 time) private pure {
        uint64 date = interestAt(t, p.interests);
        if (date != 0 && shiftTime(t, date) == time) p.interests++;
        if (time == shiftTime(t, t.capitalizationEndDate)) p.capitalized = true;
    }

    function offerCyclic(PamEvent memory e, PamTerms memory t, ActusEvent kind, uint64 date) private pure {
        if (date != 0) offer(e, kind, shiftTime(t, date), date);
    }

    /// @dev Keeps the earlier event; of one instant the one whose type comes first.
    function offer(PamEvent memory e, ActusEvent kind, uint64 time, uint64 scheduled) private pure {
        if (time > e.time || (time == e.time && kind > e.kind)) return;
        e.kind = kind;
        e.time = time;
        e.scheduled = scheduled;
    }

    function interestAt(PamTerms memory t, uint256 k) private pure returns (uint64) {
        return Cycles.scheduleAt(t.interestAnchor, t.interestCycle, t.endOfMonth, t.maturityDate, true, k);
    }

    function resetAt(PamTerms memory t, uint256 k) private pure returns (uint64) {
        return Cycles.scheduleAt(t.resetAnchor, t.resetCycle, t.endOfMonth, t.maturityDate, false, k);
    }

    function feeAt(PamTerms memory t, uint256 k) private pure returns (uint64) {
        if (!Cycles.exists(t.feeCycle)) return 0;
        return Cycles.scheduleAt(t.feeAnchor, t.feeCycle, t.endOfMonth, t.maturityDate, true, k);
    }

    function scalingAt(PamTerms memory t, uint256 k) private pure returns (uint64) {
        return Cycles.scheduleAt(t.scalingAnchor, t.scalingCycle, t.endOfMonth, t.maturityDate, false, k);
    }

    /// @dev Counts the dates of a schedule that happen until the status date. Starts below by the longest a period can
    /// be, so that few dates are walked.
    function firstAfter(PamTerms memory t, uint64 anchor, Cycle memory cycle, bool closed)
        private
        pure
        returns (uint32)
    {
        if (anchor == 0) return 0;
        uint256 k = Cycles.exists(cycle) && t.statusDate > anchor ? (t.statusDate - anchor) / longestPeriod(cycle) : 0;
        k = k > MARGIN_PERIODS ? k - MARGIN_PERIODS : 0;
        uint64 date = Cycles.scheduleAt(anchor, cycle, t.endOfMonth, t.maturityDate, closed, k);
        while (date != 0 && shiftTime(t, date) <= t.statusDate) {
            k++;
            date = Cycles.scheduleAt(anchor, cycle, t.endOfMonth, t.maturityDate, closed, k);
        }
        return uint32(k);
    }

    function longestPeriod(Cycle memory cycle) private pure returns (uint256) {
        uint256 months = Cycles.monthsPerUnit(cycle.unit);
        uint256 daysPerUnit = months == 0 ? (cycle.unit == CycleUnit.Week ? 7 : 1) : months * 31;
        return uint256(cycle.count) * daysPerUnit * 86400;
    }
}
