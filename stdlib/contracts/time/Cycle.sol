// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/time/Calendar.sol";

/// @notice The unit of a cycle: day, week, month, quarter, half-year, year. None means that there is no cycle.
enum CycleUnit {
    None,
    Day,
    Week,
    Month,
    Quarter,
    Half,
    Year
}

/// @notice Where dates of a monthly cycle fall: the anchor's day, or the month's end if the anchor is one.
enum EndOfMonth {
    SameDay,
    EndOfMonth
}

/// @notice An ACTUS cycle: P1ML0 is (1, Month, longStub true), P1ML1 is (1, Month, longStub false). A long stub merges
/// a last period that would be short into the one before.
struct Cycle {
    uint16 count;
    CycleUnit unit;
    bool longStub;
}

/// @title Cycles
/// @notice Dates of cyclic schedules, each counted from the anchor, so that nothing drifts. Instants are Unix seconds;
/// the anchor's time of day stays.
library Cycles {
    /// @notice The text is no ACTUS cycle.
    error BadCycle(bytes text);

    /// @notice Says whether there is a cycle.
    function exists(Cycle memory cycle) internal pure returns (bool) {
        return cycle.unit != CycleUnit.None && cycle.count > 0;
    }

    /// @notice Returns the anchor's `k`th successor.
    function dateAt(uint64 anchor, Cycle memory cycle, EndOfMonth convention, uint256 k) internal pure returns (uint64) {
        uint256 steps = k * cycle.count;
        uint256 months = monthsPerUnit(cycle.unit);
        uint256 day = anchor / Calendar.DAY;
        uint256 shifted;
        if (months == 0) {
            shifted = day + steps * (cycle.unit == CycleUnit.Week ? 7 : 1);
            if (shifted >= Calendar.END_OF_DAYS) revert Calendar.BadInstant(shifted);
        } else {
            shifted = Calendar.addMonths(day, steps * months);
            if (convention == EndOfMonth.EndOfMonth && Calendar.isMonthEnd(day)) shifted = Calendar.monthEnd(shifted);
        }
        return uint64(shifted * Calendar.DAY + anchor % Calendar.DAY);
    }

    /// @notice Returns the months of a unit; 0 for days and weeks.
    function monthsPerUnit(CycleUnit unit) internal pure returns (uint256) {
        if (unit == CycleUnit.Month) return 1;
        if (unit == CycleUnit.Quarter) return 3;
        if (unit == CycleUnit.Half) return 6;
        if (unit == CycleUnit.Year) return 12;
        return 0;
    }

    /// @notice Returns the `k`th date of a schedule from `anchor` to `end`, or 0 when there are no more.
    /// @dev Without a cycle the schedule is the anchor (if before the end) and the end. With `closed` the end is the
    /// schedule's last date, without it only earlier dates belong to it. A long stub leaves out the last date before
    /// the end when its period would be cut short by the end.
    function scheduleAt(uint64 anchor, Cycle memory cycle, EndOfMonth convention, uint64 end, bool closed, uint256 k)
        internal
        pure
        returns (uint64)
    {
        if (anchor == 0) return 0;
        uint64 date = regularAt(anchor, cycle, convention, end, closed, k);
        if (date != 0) return date;
        if (!closed) return 0;
        bool isEnd = k == 0 || regularAt(anchor, cycle, convention, end, closed, k - 1) != 0;
        return isEnd ? end : 0;
    }

    /// @notice Returns the `k`th date before the end, stub rule applied; 0 when there are no more.
    function regularAt(uint64 anchor, Cycle memory cycle, EndOfMonth convention, uint64 end, bool closed, uint256 k)
        internal
        pure
        returns (uint64)
    {
        if (!exists(cycle)) return k == 0 && anchor < end ? anchor : 0;
        uint64 date = dateAt(anchor, cycle, convention, k);
        if (date >= end) return 0;
        // The reference merges only schedules of more than two dates, the closing one counted.
        if (!cycle.longStub || k < (closed ? 1 : 2)) return date;
        return dateAt(anchor, cycle, convention, k + 1) > end ? 0 : date;
    }

    /// @notice Parses an ACTUS cycle such as P1ML0.
    function parse(string memory text) internal pure returns (Cycle memory cycle) {
        bytes memory raw = bytes(text);
        uint256 length = raw.length;
        if (length < 3 || raw[0] != "P") revert BadCycle(raw);
        uint256 place = 1;
        uint256 count = 0;
        while (place < length && uint8(raw[place]) >= 48 && uint8(raw[place]) <= 57) {
            count = count * 10 + uint8(raw[place]) - 48;
            if (count > type(uint16).max) revert BadCycle(raw);
            place++;
        }
        if (place == 1 || count == 0 || place == length) revert BadCycle(raw);
        CycleUnit unit = parseUnit(raw[place]);
        bool plain = place + 1 == length;
        if (unit == CycleUnit.None || !(plain || isStub(raw, place + 1))) revert BadCycle(raw);
        return Cycle(uint16(count), unit, !plain && raw[place + 2] == "0");
    }

    function parseUnit(bytes1 letter) private pure returns (CycleUnit) {
        if (letter == "D") return CycleUnit.Day;
        if (letter == "W") return CycleUnit.Week;
        if (letter == "M") return CycleUnit.Month;
        if (letter == "Q") return CycleUnit.Quarter;
        if (letter == "H") return CycleUnit.Half;
        if (letter == "Y") return CycleUnit.Year;
        return CycleUnit.None;
    }

    function isStub(bytes memory raw, uint256 place) private pure returns (bool) {
        return raw.length == place + 2 && raw[place] == "L" && (raw[place + 1] == "0" || raw[place + 1] == "1");
    }
}
