// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: logic(uint256,uint256) 12, 10 => 8, 14, 6
//@ run-call: invert(uint8) 5 => 250
//@ run-call: shifts(uint256,uint256) 3, 4 => 48, 0
//@ run-call: shifts(uint256,uint256) 1, 256 => 0, 0
//@ run-call: shift8(uint8,uint8) 129, 1 => 2, 64
//@ run-call: bytesOps(bytes4,bytes4) 0xff00ff00, 0x0ff00ff0 => 0x0f000f00, 0xfff0fff0, 0x00ff00ff
//@ run-call: pick(bytes32,uint256) 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f, 5 => 0x05
//@ reverts: pick(bytes32,uint256) 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f, 32 => Panic 0x32
//@ run-call: shiftBytes(bytes4,uint256) 0x12345678, 8 => 0x34567800, 0x00123456
//@ run-call: assign(uint256) 255 => 60
contract BitOperations {
    function logic(uint256 a, uint256 b) external pure returns (uint256, uint256, uint256) {
        return (a & b, a | b, a ^ b);
    }
    function invert(uint8 a) external pure returns (uint8) { return ~a; }
    function shifts(uint256 a, uint256 n) external pure returns (uint256, uint256) { return (a << n, a >> n); }
    function shift8(uint8 a, uint8 n) external pure returns (uint8, uint8) { return (a << n, a >> n); }
    function bytesOps(bytes4 a, bytes4 b) external pure returns (bytes4, bytes4, bytes4) { return (a & b, a | b, ~a); }
    function pick(bytes32 a, uint256 i) external pure returns (bytes1) { return a[i]; }
    function shiftBytes(bytes4 a, uint256 n) external pure returns (bytes4, bytes4) { return (a << n, a >> n); }
    function assign(uint256 a) external pure returns (uint256) {
        a &= 0xf0;
        a >>= 2;
        a |= 3;
        a ^= 3;
        a <<= 1;
        a /= 2;
        return a;
    }
}
