// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: swap(uint256,uint256) 1, 2 => 2, 1
//@ run-call: partialTuple() => 1, 3
//@ run-call: named() => 7, "seven"
//@ run-call: mixed(uint256) 4 => 4, 16
//@ run-call: rotate(uint256,uint256,uint256) 1, 2, 3 => 3, 1, 2
//@ run-call: order() => 1, 2, 12
//@ run-call: many(uint256) 1 => 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
//@ run-call: implicit(bool) false => 0
contract TuplesReturns {
    uint256 internal trace;
    function swap(uint256 a, uint256 b) external pure returns (uint256, uint256) {
        (a, b) = (b, a);
        return (a, b);
    }
    function three() internal pure returns (uint256, uint256, uint256) { return (1, 2, 3); }
    function partialTuple() external pure returns (uint256, uint256) {
        (uint256 a,, uint256 c) = three();
        return (a, c);
    }
    function named() external pure returns (uint256 n, string memory s) {
        n = 7;
        s = "seven";
    }
    function mixed(uint256 x) external pure returns (uint256 a, uint256) {
        a = x;
        return (a, x * x);
    }
    function rotate(uint256 a, uint256 b, uint256 c) external pure returns (uint256, uint256, uint256) {
        (a, b, c) = (c, a, b);
        return (a, b, c);
    }
    function step(uint256 digit) internal returns (uint256) {
        trace = trace * 10 + digit;
        return digit;
    }
    function order() external returns (uint256 a, uint256 b, uint256 t) {
        trace = 0;
        (a, b) = (step(1), step(2));
        t = trace;
    }
    function many(uint256 x)
        external
        pure
        returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256)
    {
        return (x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8, x + 9, x + 10);
    }
    function implicit(bool c) external pure returns (uint256 r) { if (c) r = 5; }
}
