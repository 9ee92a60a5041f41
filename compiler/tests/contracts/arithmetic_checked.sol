// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: add(uint256,uint256) 1, 2 => 3
//@ reverts: add(uint256,uint256) 115792089237316195423570985008687907853269984665640564039457584007913129639935, 1 => Panic 0x11
//@ run-call: sub(uint256,uint256) 5, 3 => 2
//@ reverts: sub(uint256,uint256) 3, 5 => Panic 0x11
//@ run-call: mul(uint256,uint256) 340282366920938463463374607431768211455, 340282366920938463463374607431768211456 => 115792089237316195423570985008687907852929702298719625575994209400481361428480
//@ reverts: mul(uint256,uint256) 340282366920938463463374607431768211456, 340282366920938463463374607431768211456 => Panic 0x11
//@ run-call: div(uint256,uint256) 7, 2 => 3
//@ reverts: div(uint256,uint256) 7, 0 => Panic 0x12
//@ run-call: mod(uint256,uint256) 7, 4 => 3
//@ reverts: mod(uint256,uint256) 7, 0 => Panic 0x12
//@ run-call: add8(uint8,uint8) 200, 55 => 255
//@ reverts: add8(uint8,uint8) 200, 56 => Panic 0x11
//@ run-call: mul64(uint64,uint64) 4294967295, 4294967297 => 18446744073709551615
//@ reverts: mul64(uint64,uint64) 4294967296, 4294967296 => Panic 0x11
//@ run-call: power(uint256,uint256) 2, 255 => 57896044618658097711785492504343953926634992332820282019728792003956564819968
//@ reverts: power(uint256,uint256) 2, 256 => Panic 0x11
//@ run-call: power(uint256,uint256) 0, 0 => 1
//@ run-call: power8(uint8,uint256) 15, 2 => 225
//@ reverts: power8(uint8,uint256) 16, 2 => Panic 0x11
//@ run-call: increment(uint8) 254 => 255
//@ reverts: increment(uint8) 255 => Panic 0x11
//@ reverts: decrement(uint8) 0 => Panic 0x11
//@ run-call: modular(uint256,uint256,uint256) 115792089237316195423570985008687907853269984665640564039457584007913129639935, 2, 10 => 7, 0
contract ArithmeticChecked {
    function add(uint256 a, uint256 b) external pure returns (uint256) { return a + b; }
    function sub(uint256 a, uint256 b) external pure returns (uint256) { return a - b; }
    function mul(uint256 a, uint256 b) external pure returns (uint256) { return a * b; }
    function div(uint256 a, uint256 b) external pure returns (uint256) { return a / b; }
    function mod(uint256 a, uint256 b) external pure returns (uint256) { return a % b; }
    function add8(uint8 a, uint8 b) external pure returns (uint8) { return a + b; }
    function mul64(uint64 a, uint64 b) external pure returns (uint64) { return a * b; }
    function power(uint256 a, uint256 n) external pure returns (uint256) { return a ** n; }
    function power8(uint8 a, uint256 n) external pure returns (uint8) { return a ** n; }
    function increment(uint8 a) external pure returns (uint8) { a++; return a; }
    function decrement(uint8 a) external pure returns (uint8) { return --a; }
    function modular(uint256 a, uint256 b, uint256 m) external pure returns (uint256, uint256) {
        return (addmod(a, b, m), mulmod(a, b, m));
    }
}
