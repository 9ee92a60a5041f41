// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: fraction(uint8,uint256,uint256,uint256) 0, 15704, 15714, 0 => 27382289093495022
//@ run-call: fraction(uint8,uint256,uint256,uint256) 0, 15706, 15887, 0 => 495890410958904110
//@ run-call: fraction(uint8,uint256,uint256,uint256) 0, 15156, 16861, 0 => 4668044015270604087
//@ run-call: fraction(uint8,uint256,uint256,uint256) 0, 15706, 15706, 0 => 0
//@ run-call: fraction(uint8,uint256,uint256,uint256) 1, 15704, 15714, 0 => 27777777777777778
//@ run-call: fraction(uint8,uint256,uint256,uint256) 2, 15340, 15706, 0 => 1002739726027397260
//@ run-call: fraction(uint8,uint256,uint256,uint256) 4, 15736, 15764, 0 => 77777777777777778
//@ run-call: fraction(uint8,uint256,uint256,uint256) 4, 15764, 15795, 0 => 88888888888888889
//@ run-call: fraction(uint8,uint256,uint256,uint256) 4, 15735, 15736, 0 => 0
//@ run-call: fraction(uint8,uint256,uint256,uint256) 3, 15736, 15764, 0 => 83333333333333333
//@ run-call: fraction(uint8,uint256,uint256,uint256) 3, 15736, 15764, 15764 => 77777777777777778
//@ run-call: fraction(uint8,uint256,uint256,uint256) 3, 15217, 15399, 0 => 500000000000000000
//@ run-call: fraction(uint8,uint256,uint256,uint256) 3, 15217, 15399, 15399 => 497222222222222222
//@ run-call: fraction(uint8,uint256,uint256,uint256) 5, 17956, 17986, 0 => 80357142857142857
//@ run-call: fraction(uint8,uint256,uint256,uint256) 5, 17956, 18016, 0 => 163690476190476190
//@ run-call: fraction(uint8,uint256,uint256,uint256) 6, 20455, 20465, 0 => 23809523809523810
//@ run-call: fraction(uint8,uint256,uint256,uint256) 1, 15714, 15704, 0 => -27777777777777778
//@ run-call: fraction(uint8,uint256,uint256,uint256) 0, 15714, 15704, 0 => -27382289093495022
//@ run-call: shift(uint8,uint8,uint256) 0, 1, 15795 => 15795, 15795
//@ run-call: shift(uint8,uint8,uint256) 1, 1, 15795 => 15796, 15796
//@ run-call: shift(uint8,uint8,uint256) 2, 1, 15795 => 15793, 15793
//@ run-call: shift(uint8,uint8,uint256) 3, 1, 15795 => 15796, 15795
//@ run-call: shift(uint8,uint8,uint256) 4, 1, 15795 => 15793, 15795
//@ run-call: shift(uint8,uint8,uint256) 5, 1, 15857 => 15856, 15856
//@ run-call: shift(uint8,uint8,uint256) 6, 1, 15857 => 15859, 15859
//@ run-call: shift(uint8,uint8,uint256) 7, 1, 15857 => 15856, 15857
//@ run-call: shift(uint8,uint8,uint256) 8, 1, 15857 => 15859, 15857
//@ run-call: shift(uint8,uint8,uint256) 2, 1, 15857 => 15859, 15859
//@ run-call: shift(uint8,uint8,uint256) 1, 1, 15860 => 15860, 15860
//@ run-call: shift(uint8,uint8,uint256) 1, 0, 15795 => 15795, 15795
import "fusor/time/BusinessDay.sol";
import "fusor/time/DayCount.sol";

contract ConventionsFixture {
    function fraction(DayCountConvention c, uint256 from, uint256 to, uint256 maturity) external pure returns (int256) {
        return DayCount.fraction(c, from, to, maturity);
    }
    function shift(BusinessDayConvention c, BusinessCalendar k, uint256 day) external pure returns (uint256, uint256) {
        return (BusinessDay.shift(c, k, day), BusinessDay.calculationDay(c, k, day));
    }
}
