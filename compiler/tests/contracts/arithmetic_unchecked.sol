// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: add(uint256,uint256) 115792089237316195423570985008687907853269984665640564039457584007913129639935, 2 => 1
//@ run-call: sub(uint256,uint256) 0, 1 => 115792089237316195423570985008687907853269984665640564039457584007913129639935
//@ run-call: add8(uint8,uint8) 200, 100 => 44
//@ run-call: neg(int8) -128 => -128
//@ reverts: div(uint256,uint256) 1, 0 => Panic 0x12
//@ run-call: mixed(uint8) 255 => 0, 254
//@ reverts: after_(uint8) 255 => Panic 0x11
contract ArithmeticUnchecked {
    function add(uint256 a, uint256 b) external pure returns (uint256) { unchecked { return a + b; } }
    function sub(uint256 a, uint256 b) external pure returns (uint256) { unchecked { return a - b; } }
    function add8(uint8 a, uint8 b) external pure returns (uint8 c) { unchecked { c = a + b; } }
    function neg(int8 a) external pure returns (int8) { unchecked { return -a; } }
    function div(uint256 a, uint256 b) external pure returns (uint256) { unchecked { return a / b; } }
    function mixed(uint8 a) external pure returns (uint8 up, uint8 down) {
        unchecked { up = a + 1; }
        down = a - 1;
    }
    function after_(uint8 a) external pure returns (uint8 b) {
        unchecked { b = a + 1; }
        b = checked_(a);
    }
    function checked_(uint8 a) internal pure returns (uint8) { return a + 1; }
}
