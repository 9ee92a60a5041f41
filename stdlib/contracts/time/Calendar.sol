// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @notice A day of the Gregorian calendar.
struct Civil {
    uint256 year;
    uint256 month;
    uint256 day;
}

/// @title Calendar
/// @notice Dates in UTC. An instant is Unix seconds; a day is the count of days since 1970-01-01. Years up to 9999.
library Calendar {
    /// @notice The date does not exist or lies outside 1970 to 9999.
    error BadDate(uint256 year, uint256 month, uint256 day);
    /// @notice The instant lies after 9999.
    error BadInstant(uint256 t);
    /// @notice No date passes the masks.
    error NeverFires();
    /// @notice A cron mask has no bit, or one outside its range.
    error BadCron();

    uint256 internal constant DAY = 86400;
    /// @notice The day after 9999-12-31.
    uint256 internal constant END_OF_DAYS = 2932897;

    /// @notice Returns the day of a civil date.
    /// @dev Counts from 0000-03-01, so that the leap day ends the year: 365 days a year, a day more every 4 years,
    /// none every 100, one every 400, and months of 153 days per five.
    function dayOf(uint256 year, uint256 month, uint256 day) internal pure returns (uint256) {
        if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
            revert BadDate(year, month, day);
        }
        unchecked {
            uint256 y = month > 2 ? year : year - 1;
            uint256 m = month > 2 ? month - 3 : month + 9;
            return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
        }
    }

    /// @notice Returns the civil date of a day.
    function civilOf(uint256 day) internal pure returns (Civil memory) {
        (uint256 year, uint256 month, uint256 dayOfMonth) = split(day);
        return Civil(year, month, dayOfMonth);
    }

    /// @notice Returns year, month and day of month of a day.
    function split(uint256 day) internal pure returns (uint256 year, uint256 month, uint256 dayOfMonth) {
        if (day >= END_OF_DAYS) revert BadInstant(day);
        unchecked {
            uint256 z = day + 719468;
            uint256 era = z / 146097;
            uint256 dayOfEra = z - era * 146097;
            uint256 yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
            uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
            uint256 m = (5 * dayOfYear + 2) / 153;
            dayOfMonth = dayOfYear - (153 * m + 2) / 5 + 1;
            month = m < 10 ? m + 3 : m - 9;
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        }
    }

    /// @notice Returns the instant at which a civil date begins.
    function at(uint256 year, uint256 month, uint256 day) internal pure returns (uint64) {
        return uint64(dayOf(year, month, day) * DAY);
    }

    /// @notice Returns the day of an instant.
    function dayOfInstant(uint64 t) internal pure returns (uint256) {
        return t / DAY;
    }

    /// @notice Returns the weekday, 1 Monday to 7 Sunday (ISO 8601).
    function weekday(uint256 day) internal pure returns (uint256) {
        return (day + 3) % 7 + 1;
    }

    /// @notice Says whether a day is Monday to Friday.
    function isWeekday(uint256 day) internal pure returns (bool) {
        return (day + 3) % 7 < 5;
    }

    /// @notice Says whether a year has 366 days.
    function isLeap(uint256 year) internal pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    /// @notice Returns 365 or 366.
    function daysInYear(uint256 year) internal pure returns (uint256) {
        return isLeap(year) ? 366 : 365;
    }

    /// @notice Returns the number of days of a month.
    function daysInMonth(uint256 year, uint256 month) internal pure returns (uint256) {
        if (month == 2) return isLeap(year) ? 29 : 28;
        if (month == 4 || month == 6 || month == 9 || month == 11) return 30;
        return 31;
    }

    /// @notice Says whether a day is the last of its month.
    function isMonthEnd(uint256 day) internal pure returns (bool) {
        (uint256 year, uint256 month, uint256 dayOfMonth) = split(day);
        return dayOfMonth == daysInMonth(year, month);
    }

    /// @notice Returns the last day of the month in which a day lies.
    function monthEnd(uint256 day) internal pure returns (uint256) {
        (uint256 year, uint256 month, uint256 dayOfMonth) = split(day);
        return day + daysInMonth(year, month) - dayOfMonth;
    }

    /// @notice Adds months; a day that the target month lacks becomes its last day (31 January + 1 is 28 February).
    function addMonths(uint256 day, uint256 months) internal pure returns (uint256) {
        (uint256 year, uint256 month, uint256 dayOfMonth) = split(day);
        uint256 index = month - 1 + months;
        year += index / 12;
        month = index % 12 + 1;
        uint256 last = daysInMonth(year, month);
        return dayOf(year, month, dayOfMonth < last ? dayOfMonth : last);
    }

    /// @notice Returns the first instant after `t` that passes a cron expression of five fields in UTC.
    /// @dev As in cron, when both day fields are restricted a day passes if either does.
    /// @param minutesMask Bits 0 to 59.
    /// @param hoursMask Bits 0 to 23.
    /// @param daysMask Bits 1 to 31, days of the month.
    /// @param monthsMask Bits 1 to 12.
    /// @param weekdaysMask Bits 0 to 6, Sunday is 0.
    function nextCron(
        uint64 t,
        uint256 minutesMask,
        uint256 hoursMask,
        uint256 daysMask,
        uint256 monthsMask,
        uint256 weekdaysMask
    ) internal pure returns (uint64) {
        checkMask(minutesMask, 0, 59);
        checkMask(hoursMask, 0, 23);
        checkMask(daysMask, 1, 31);
        checkMask(monthsMask, 1, 12);
        checkMask(weekdaysMask, 0, 6);
        uint256 minute = uint256(t) / 60 + 1;
        uint256 day = minute / 1440;
        uint256 inDay = cronMinute(minute % 1440, minutesMask, hoursMask);
        if (inDay == 1440 || !cronDay(day, daysMask, monthsMask, weekdaysMask)) {
            day = cronNextDay(day + 1, daysMask, monthsMask, weekdaysMask);
            inDay = cronMinute(0, minutesMask, hoursMask);
        }
        return uint64(day * DAY + inDay * 60);
    }

    /// @notice Reverts unless a mask has a bit, and none outside `low` to `high`.
    function checkMask(uint256 mask, uint256 low, uint256 high) internal pure {
        uint256 allowed = (1 << (high + 1)) - (1 << low);
        if (mask == 0 || mask & ~allowed != 0) revert BadCron();
    }

    /// @notice Returns the first minute of a day at or after `from` that passes; 1440 if none does.
    function cronMinute(uint256 from, uint256 minutesMask, uint256 hoursMask) internal pure returns (uint256) {
        uint256 hour = from / 60;
        if (hoursMask >> hour & 1 == 1) {
            uint256 rest = minutesMask >> (from % 60);
            if (rest != 0) return from + lowestBit(rest);
        }
        uint256 later = hoursMask >> (hour + 1);
        if (later == 0) return 1440;
        return (hour + 1 + lowestBit(later)) * 60 + lowestBit(minutesMask);
    }

    /// @notice Says whether a day passes.
    function cronDay(uint256 day, uint256 daysMask, uint256 monthsMask, uint256 weekdaysMask)
        internal
        pure
        returns (bool)
    {
        (, uint256 month, uint256 dayOfMonth) = split(day);
        if (monthsMask >> month & 1 == 0) return false;
        bool byDay = daysMask >> dayOfMonth & 1 == 1;
        bool byWeekday = weekdaysMask >> (weekday(day) % 7) & 1 == 1;
        if (daysMask == 0xfffffffe) return byWeekday;
        if (weekdaysMask == 0x7f) return byDay;
        return byDay || byWeekday;
    }

    /// @notice Returns the first day from `day` on that passes. Months that are out are skipped whole.
    /// @dev 29 February can be 8 years away (2096 to 2104): at most 8 years of months are walked.
    function cronNextDay(uint256 day, uint256 daysMask, uint256 monthsMask, uint256 weekdaysMask)
        internal
        pure
        returns (uint256)
    {
        for (uint256 months = 0; months < 100; months++) {
            uint256 last = monthEnd(day);
            (, uint256 month,) = split(day);
            if (monthsMask >> month & 1 == 1) {
                for (; day <= last; day++) {
                    if (cronDay(day, daysMask, monthsMask, weekdaysMask)) return day;
                }
            }
            day = last + 1;
        }
        revert NeverFires();
    }

    /// @notice Returns the index of the lowest bit set; the value must not be 0.
    function lowestBit(uint256 value) internal pure returns (uint256 index) {
        if (value == 0) revert BadCron();
        while (value & 1 == 0) {
            value >>= 1;
            index++;
        }
    }
}
