// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: dayOf(uint256,uint256,uint256) 1970, 1, 1 => 0
//@ run-call: split(uint256) 0 => 1970, 1, 1, 4
//@ run-call: dayOf(uint256,uint256,uint256) 2000, 2, 29 => 11016
//@ run-call: split(uint256) 11016 => 2000, 2, 29, 2
//@ run-call: dayOf(uint256,uint256,uint256) 1999, 12, 31 => 10956
//@ run-call: split(uint256) 10956 => 1999, 12, 31, 5
//@ run-call: dayOf(uint256,uint256,uint256) 2100, 2, 28 => 47540
//@ run-call: split(uint256) 47540 => 2100, 2, 28, 7
//@ run-call: dayOf(uint256,uint256,uint256) 2100, 3, 1 => 47541
//@ run-call: split(uint256) 47541 => 2100, 3, 1, 1
//@ run-call: dayOf(uint256,uint256,uint256) 2026, 7, 31 => 20665
//@ run-call: split(uint256) 20665 => 2026, 7, 31, 5
//@ run-call: dayOf(uint256,uint256,uint256) 9999, 12, 31 => 2932896
//@ run-call: split(uint256) 2932896 => 9999, 12, 31, 5
//@ reverts: dayOf(uint256,uint256,uint256) 2100, 2, 29 => BadDate(uint256,uint256,uint256) 2100, 2, 29
//@ reverts: dayOf(uint256,uint256,uint256) 2026, 13, 1 => BadDate(uint256,uint256,uint256) 2026, 13, 1
//@ reverts: dayOf(uint256,uint256,uint256) 2026, 0, 1 => BadDate(uint256,uint256,uint256) 2026, 0, 1
//@ reverts: dayOf(uint256,uint256,uint256) 2026, 4, 31 => BadDate(uint256,uint256,uint256) 2026, 4, 31
//@ reverts: dayOf(uint256,uint256,uint256) 1969, 12, 31 => BadDate(uint256,uint256,uint256) 1969, 12, 31
//@ reverts: dayOf(uint256,uint256,uint256) 10000, 1, 1 => BadDate(uint256,uint256,uint256) 10000, 1, 1
//@ reverts: split(uint256) 2932897 => BadInstant(uint256) 2932897
//@ run-call: addMonths(uint256,uint256) 20484, 1 => 20512
//@ run-call: addMonths(uint256,uint256) 19753, 1 => 19782
//@ run-call: addMonths(uint256,uint256) 20757, 4 => 20877
//@ run-call: addMonths(uint256,uint256) 20512, 12 => 20877
//@ run-call: addMonths(uint256,uint256) 19782, 48 => 21243
//@ run-call: monthEnd(uint256) 19756 => 19782
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 1767225600, 1, 1, 2, 8190, 127 => 1769904000
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 1767225599, 1, 1, 2, 8190, 127 => 1767225600
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 1767344430, 1073741824, 512, 4294967294, 8190, 127 => 1767346200
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 1767346200, 1073741824, 512, 4294967294, 8190, 2 => 1767605400
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 1772323200, 1, 1, 536870912, 4, 127 => 1835395200
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 3981398400, 1, 1, 536870912, 4, 127 => 4233686400
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 1767225600, 1, 1, 8192, 8190, 32 => 1767312000
//@ run-call: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 1798761599, 1152921504606846975, 16777215, 4294967294, 8190, 127 => 1798761600
//@ reverts: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 0, 1, 1, 1073741824, 4, 127 => NeverFires()
//@ reverts: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 0, 0, 1, 2, 2, 127 => BadCron()
//@ reverts: nextCron(uint64,uint256,uint256,uint256,uint256,uint256) 0, 1, 1, 1, 2, 127 => BadCron()
import "fusor/time/Calendar.sol";

contract CalendarFixture {
    function dayOf(uint256 y, uint256 m, uint256 d) external pure returns (uint256) { return Calendar.dayOf(y, m, d); }
    function split(uint256 day) external pure returns (uint256 y, uint256 m, uint256 d, uint256 weekday) {
        (y, m, d) = Calendar.split(day);
        weekday = Calendar.weekday(day);
        Civil memory civil = Calendar.civilOf(day);
        require(civil.year == y && civil.month == m && civil.day == d);
    }
    function addMonths(uint256 day, uint256 n) external pure returns (uint256) { return Calendar.addMonths(day, n); }
    function monthEnd(uint256 day) external pure returns (uint256) { return Calendar.monthEnd(day); }
    function nextCron(uint64 t, uint256 m, uint256 h, uint256 d, uint256 mo, uint256 w) external pure returns (uint64) {
        return Calendar.nextCron(t, m, h, d, mo, w);
    }
}
