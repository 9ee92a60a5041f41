// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/math/Fixed.sol";
import "fusor/time/Calendar.sol";

/// @notice The day count conventions that ACTUS names.
/// AA: actual/actual ISDA. A360, A365: actual days. E30360ISDA, E30360: 30E/360 with and without the ISDA rule for the
/// end of February. E28336: 28E/336. B252: business days (Monday to Friday) over 252.
enum DayCountConvention {
    AA,
    A360,
    A365,
    E30360ISDA,
    E30360,
    E28336,
    B252
}

/// @title DayCount
/// @notice Year fractions between two days, as 18-decimal fixed point.
library DayCount {
    /// @notice Returns the year fraction from `start` to `end`.
    /// @param maturity The maturity's day, which the ISDA rule treats apart; 0 if there is none.
    function fraction(DayCountConvention convention, uint256 start, uint256 end, uint256 maturity)
        internal
        pure
        returns (int256)
    {
        return accrue(convention, Fixed.ONE, start, end, maturity);
    }

    /// @notice Returns the part of a yearly amount that falls to the days from `start` to `end`, rounded once;
    /// negative when the end lies before the start.
    function accrue(DayCountConvention convention, int256 perYear, uint256 start, uint256 end, uint256 maturity)
        internal
        pure
        returns (int256)
    {
        if (end < start) return -accrue(convention, perYear, end, start, maturity);
        (uint256 count, uint256 basis) = (dayCount(convention, start, end, maturity), yearBasis(convention));
        if (convention == DayCountConvention.AA) (count, basis) = actualActual(start, end);
        return Fixed.mulDiv(perYear, int256(count), int256(basis));
    }

    /// @notice Returns the days that a convention counts from `start` to `end`.
    function dayCount(DayCountConvention convention, uint256 start, uint256 end, uint256 maturity)
        internal
        pure
        returns (uint256)
    {
        if (end <= start) return 0;
        if (convention == DayCountConvention.E30360) return thirtyE(start, end);
        if (convention == DayCountConvention.E30360ISDA) return thirtyEISDA(start, end, maturity);
        if (convention == DayCountConvention.E28336) return twentyEightE(start, end);
        if (convention == DayCountConvention.B252) return weekdays(start, end);
        return end - start;
    }

    /// @notice Returns the days of a convention's year; not for AA, whose years differ.
    function yearBasis(DayCountConvention convention) internal pure returns (uint256) {
        if (convention == DayCountConvention.A365) return 365;
        if (convention == DayCountConvention.E28336) return 336;
        if (convention == DayCountConvention.B252) return 252;
        return 360;
    }

    /// @notice Counts each day over the length of the year in which it lies.
    /// @return count Numerator of the year fraction.
    /// @return basis Its denominator.
    function actualActual(uint256 start, uint256 end) internal pure returns (uint256 count, uint256 basis) {
        (uint256 firstYear,,) = Calendar.split(start);
        (uint256 lastYear,,) = Calendar.split(end);
        uint256 first = Calendar.daysInYear(firstYear);
        if (firstYear == lastYear) return (end - start, first);
        uint256 last = Calendar.daysInYear(lastYear);
        uint256 head = Calendar.dayOf(firstYear + 1, 1, 1) - start;
        uint256 tail = end - Calendar.dayOf(lastYear, 1, 1);
        basis = first * last;
        count = head * last + tail * first + (lastYear - firstYear - 1) * basis;
    }

    /// @notice Counts months of 30 days; a 31st counts as the 30th.
    function thirtyE(uint256 start, uint256 end) internal pure returns (uint256) {
        (uint256 y1, uint256 m1, uint256 d1) = Calendar.split(start);
        (uint256 y2, uint256 m2, uint256 d2) = Calendar.split(end);
        return between(30, 12 * y1 + m1, cap(d1, 30), 12 * y2 + m2, cap(d2, 30));
    }

    /// @notice Counts months of 30 days; the last day of a month counts as the 30th, except that an end which is the
    /// maturity and lies in February keeps its day.
    function thirtyEISDA(uint256 start, uint256 end, uint256 maturity) internal pure returns (uint256) {
        (uint256 y1, uint256 m1, uint256 d1) = Calendar.split(start);
        (uint256 y2, uint256 m2, uint256 d2) = Calendar.split(end);
        if (d1 == Calendar.daysInMonth(y1, m1)) d1 = 30;
        if (d2 == Calendar.daysInMonth(y2, m2) && !(m2 == 2 && end == maturity)) d2 = 30;
        return between(30, 12 * y1 + m1, d1, 12 * y2 + m2, d2);
    }

    /// @notice Counts months of 28 days; days after the 28th count as the 28th.
    function twentyEightE(uint256 start, uint256 end) internal pure returns (uint256) {
        (uint256 y1, uint256 m1, uint256 d1) = Calendar.split(start);
        (uint256 y2, uint256 m2, uint256 d2) = Calendar.split(end);
        return between(28, 12 * y1 + m1, cap(d1, 28), 12 * y2 + m2, cap(d2, 28));
    }

    /// @notice Counts Mondays to Fridays from `start` to the day before `end`.
    function weekdays(uint256 start, uint256 end) internal pure returns (uint256 count) {
        uint256 weeks_ = (end - start) / 7;
        count = weeks_ * 5;
        for (uint256 day = start + weeks_ * 7; day < end; day++) {
            if (Calendar.isWeekday(day)) count++;
        }
    }

    function between(uint256 monthLength, uint256 month1, uint256 d1, uint256 month2, uint256 d2)
        private
        pure
        returns (uint256)
    {
        uint256 from = month1 * monthLength + d1;
        uint256 to = month2 * monthLength + d2;
        return to > from ? to - from : 0;
    }

    function cap(uint256 value, uint256 limit) private pure returns (uint256) {
        return value < limit ? value : limit;
    }
}
