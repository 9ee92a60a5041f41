// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: middle(bytes,uint256,uint256) 0x0011223344, 1, 3 => 0x1122
//@ reverts: middle(bytes,uint256,uint256) 0x0011223344, 3, 1 => empty
//@ reverts: middle(bytes,uint256,uint256) 0x0011223344, 0, 6 => empty
//@ run-call: tail(uint256[],uint256) [1, 2, 3, 4], 2 => [3, 4], 7
//@ run-call: selector(bytes) 0x11223344556677889900 => 0x11223344, 6
//@ run-call: decode(bytes) 0xaabbccdd0000000000000000000000000000000000000000000000000000000000000005 => 5
//@ run-call: pass(uint256[]) [4, 5, 6] => 15
//@ run-call: msgData(uint256) 1 => 36, 0x737172df
//@ run-call: text(string) "hello" => "ell"
contract CalldataSlices {
    function middle(bytes calldata data, uint256 from, uint256 to) external pure returns (bytes memory) {
        return data[from:to];
    }
    function tail(uint256[] calldata list, uint256 from) external pure returns (uint256[] memory, uint256 sum) {
        uint256[] calldata rest = list[from:];
        for (uint256 i = 0; i < rest.length; i++) sum += rest[i];
        return (rest, sum);
    }
    function selector(bytes calldata data) external pure returns (bytes4, uint256) {
        bytes calldata rest = data[4:];
        return (bytes4(data[:4]), rest.length);
    }
    function decode(bytes calldata data) external pure returns (uint256) { return abi.decode(data[4:], (uint256)); }
    function pass(uint256[] calldata list) external pure returns (uint256) { return sum(list); }
    function sum(uint256[] calldata list) internal pure returns (uint256 s) {
        for (uint256 i = 0; i < list.length; i++) s += list[i];
    }
    function msgData(uint256) external pure returns (uint256, bytes4) { return (msg.data.length, msg.sig); }
    function text(string calldata s) external pure returns (string memory) { return string(bytes(s)[1:4]); }
}
