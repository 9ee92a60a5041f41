// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: ternary(bool,uint8,uint256) true, 3, 1000 => 3
//@ run-call: ternary(bool,uint8,uint256) false, 3, 1000 => 1000
//@ run-call: nested(uint256) 5 => "small"
//@ run-call: nested(uint256) 50 => "medium"
//@ run-call: nested(uint256) 500 => "large"
//@ run-call: shortCircuit(bool,bool) false, true => false, true, 1
//@ run-call: shortCircuit(bool,bool) true, false => false, true, 1
//@ run-call: sideEffects(bool) true => 1, 0
//@ run-call: ifElse(uint256) 0 => 1
//@ run-call: ifElse(uint256) 1 => 2
//@ run-call: ifElse(uint256) 7 => 3
//@ run-call: tuple(bool) false => 2, "two"
contract Conditionals {
    uint256 internal calls;
    function ternary(bool c, uint8 a, uint256 b) external pure returns (uint256) { return c ? a : b; }
    function nested(uint256 n) external pure returns (string memory) {
        return n < 10 ? "small" : n < 100 ? "medium" : "large";
    }
    function hit(bool value) internal returns (bool) {
        calls++;
        return value;
    }
    function shortCircuit(bool a, bool b) external returns (bool and_, bool or_, uint256 n) {
        calls = 0;
        and_ = a && hit(b);
        or_ = a || hit(b);
        n = calls;
    }
    function sideEffects(bool c) external pure returns (uint256 a, uint256 b) { c ? a++ : b++; }
    function ifElse(uint256 n) external pure returns (uint256) {
        if (n == 0) return 1;
        else if (n == 1) return 2;
        else return 3;
    }
    function tuple(bool c) external pure returns (uint256, string memory) { return c ? (1, "one") : (2, "two"); }
}
