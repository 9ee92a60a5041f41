// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/time/Calendar.sol";

/// @notice Which days are business days: all (NC), or Monday to Friday (MF).
enum BusinessCalendar {
    NC,
    MF
}

/// @notice The business day conventions that ACTUS names. S.. shifts before it calculates, C.. calculates on the
/// unshifted date and shifts the payment only; F following, MF modified following (not past the month's end),
/// P preceding, MP modified preceding.
enum BusinessDayConvention {
    NOS,
    SCF,
    SCMF,
    CSF,
    CSMF,
    SCP,
    SCMP,
    CSP,
    CSMP
}

/// @title BusinessDay
/// @notice Moves dates that are no business days.
library BusinessDay {
    /// @notice Says whether a day is a business day.
    function isBusinessDay(BusinessCalendar calendar, uint256 day) internal pure returns (bool) {
        return calendar == BusinessCalendar.NC || Calendar.isWeekday(day);
    }

    /// @notice Returns the day on which something scheduled for `day` happens.
    function shift(BusinessDayConvention convention, BusinessCalendar calendar, uint256 day)
        internal
        pure
        returns (uint256)
    {
        if (convention == BusinessDayConvention.NOS || isBusinessDay(calendar, day)) return day;
        if (isFollowing(convention)) {
            uint256 later = following(calendar, day);
            return isModified(convention) && !sameMonth(later, day) ? preceding(calendar, day) : later;
        }
        uint256 earlier = preceding(calendar, day);
        return isModified(convention) && !sameMonth(earlier, day) ? following(calendar, day) : earlier;
    }

    /// @notice Returns the day from which and to which interest for `day` is calculated.
    function calculationDay(BusinessDayConvention convention, BusinessCalendar calendar, uint256 day)
        internal
        pure
        returns (uint256)
    {
        return isCalculateFirst(convention) ? day : shift(convention, calendar, day);
    }

    /// @notice Returns the first business day after `day`.
    function following(BusinessCalendar calendar, uint256 day) internal pure returns (uint256) {
        do {
            day++;
        } while (!isBusinessDay(calendar, day));
        return day;
    }

    /// @notice Returns the last business day before `day`.
    function preceding(BusinessCalendar calendar, uint256 day) internal pure returns (uint256) {
        do {
            day--;
        } while (!isBusinessDay(calendar, day));
        return day;
    }

    /// @notice Says whether a convention moves forward.
    function isFollowing(BusinessDayConvention c) internal pure returns (bool) {
        return c >= BusinessDayConvention.SCF && c <= BusinessDayConvention.CSMF;
    }

    /// @notice Says whether a convention stays within the month.
    function isModified(BusinessDayConvention c) internal pure returns (bool) {
        return c == BusinessDayConvention.SCMF || c == BusinessDayConvention.CSMF || c == BusinessDayConvention.SCMP
            || c == BusinessDayConvention.CSMP;
    }

    /// @notice Says whether a convention calculates on the unshifted date.
    function isCalculateFirst(BusinessDayConvention c) internal pure returns (bool) {
        return c == BusinessDayConvention.CSF || c == BusinessDayConvention.CSMF || c == BusinessDayConvention.CSP
            || c == BusinessDayConvention.CSMP;
    }

    function sameMonth(uint256 a, uint256 b) private pure returns (bool) {
        (uint256 y1, uint256 m1,) = Calendar.split(a);
        (uint256 y2, uint256 m2,) = Calendar.split(b);
        return y1 == y2 && m1 == m2;
    }
}
