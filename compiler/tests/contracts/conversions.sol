// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: truncate(uint256) 0x1234567890 => 0x90, 0x7890, 0x34567890
//@ run-call: bytesToInt(bytes4) 0x01020304 => 16909060, 1
//@ run-call: widen(uint8,int8) 200, -1 => 200, -1, 0x00000000000000000000000000000000000000000000000000000000000000c8
//@ run-call: addresses(uint160) 5 => 0x05, 5
//@ run-call: bytesNarrow(bytes32) 0x1122334455667788990011223344556677889900112233445566778899001122 => 0x1122, 0x1122334400000000000000000000000000000000000000000000000000000000
//@ run-call: dynamicToFixed(bytes) 0x112233 => 0x11223300
//@ run-call: dynamicToFixed(bytes) 0x1122334455 => 0x11223344
//@ run-call: literals() => 255, 1000000, 500000000000000000, 0x00000000000000000000000000000000DeaDBeef
//@ run-call: dirty(uint8) 7 => 7
//@ reverts: dirty(uint8) 256 => empty
//@ run-call: signs(uint256) 115792089237316195423570985008687907853269984665640564039457584007913129639935 => -1
contract Conversions {
    function truncate(uint256 a) external pure returns (uint8, uint16, uint32) { return (uint8(a), uint16(a), uint32(a)); }
    function bytesToInt(bytes4 b) external pure returns (uint32, uint8) { return (uint32(b), uint8(b[0])); }
    function widen(uint8 a, int8 b) external pure returns (uint256, int256, bytes32) { return (a, b, bytes32(uint256(a))); }
    function addresses(uint160 a) external pure returns (address, uint160) {
        address payable p = payable(address(a));
        return (p, uint160(address(p)));
    }
    function bytesNarrow(bytes32 b) external pure returns (bytes2, bytes32) { return (bytes2(b), bytes32(bytes4(b))); }
    function dynamicToFixed(bytes memory b) external pure returns (bytes4) { return bytes4(b); }
    function literals() external pure returns (uint8, uint256, uint256, address) {
        return (0xff, 1e6, 0.5 ether, 0x00000000000000000000000000000000DeaDBeef);
    }
    function dirty(uint8 a) external pure returns (uint256) { return a; }
    function signs(uint256 a) external pure returns (int256) { return int256(a); }
}
