// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: div(int256,int256) -7, 2 => -3
//@ run-call: mod(int256,int256) -7, 2 => -1
//@ run-call: mod(int256,int256) 7, -2 => 1
//@ reverts: div(int256,int256) -57896044618658097711785492504343953926634992332820282019728792003956564819968, -1 => Panic 0x11
//@ reverts: neg(int256) -57896044618658097711785492504343953926634992332820282019728792003956564819968 => Panic 0x11
//@ run-call: neg(int256) -5 => 5
//@ run-call: add8(int8,int8) -100, -28 => -128
//@ reverts: add8(int8,int8) -100, -29 => Panic 0x11
//@ reverts: mul8(int8,int8) -128, -1 => Panic 0x11
//@ run-call: mul8(int8,int8) -16, 8 => -128
//@ reverts: mul(int256,int256) -1, -57896044618658097711785492504343953926634992332820282019728792003956564819968 => Panic 0x11
//@ reverts: sub(int256,int256) -57896044618658097711785492504343953926634992332820282019728792003956564819968, 1 => Panic 0x11
//@ run-call: shift(int256,uint256) -5, 1 => -10, -3
//@ run-call: shift(int256,uint256) -5, 300 => 0, -1
//@ run-call: compare(int256,int256) -1, 1 => true, false, true, false
//@ run-call: power(int256,uint256) -2, 255 => -57896044618658097711785492504343953926634992332820282019728792003956564819968
//@ reverts: power(int256,uint256) -2, 256 => Panic 0x11
//@ run-call: narrow(int256) 200 => -56, 200
//@ run-call: limits() => -128, 127, 255
contract ArithmeticSigned {
    function div(int256 a, int256 b) external pure returns (int256) { return a / b; }
    function mod(int256 a, int256 b) external pure returns (int256) { return a % b; }
    function neg(int256 a) external pure returns (int256) { return -a; }
    function add8(int8 a, int8 b) external pure returns (int8) { return a + b; }
    function mul8(int8 a, int8 b) external pure returns (int8) { return a * b; }
    function mul(int256 a, int256 b) external pure returns (int256) { return a * b; }
    function sub(int256 a, int256 b) external pure returns (int256) { return a - b; }
    function shift(int256 a, uint256 n) external pure returns (int256, int256) { return (a << n, a >> n); }
    function compare(int256 a, int256 b) external pure returns (bool, bool, bool, bool) {
        return (a < b, a > b, a <= b, a >= b);
    }
    function power(int256 a, uint256 n) external pure returns (int256) { return a ** n; }
    function narrow(int256 a) external pure returns (int8, uint8) { return (int8(a), uint8(uint256(a))); }
    function limits() external pure returns (int8, int8, uint8) {
        return (type(int8).min, type(int8).max, type(uint8).max);
    }
}
