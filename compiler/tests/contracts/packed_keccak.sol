// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: packed(uint8,address,string) 1, 0x02, "ab" => 0x0100000000000000000000000000000000000000026162
//@ run-call: arrays(uint8[]) [1, 2] => 0x00000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000002
//@ run-call: mixed(int16,bool,bytes3) -2, true, 0xaabbcc => 0xfffe01aabbcc
//@ run-call: hashes() => 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470, 0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45
//@ run-call: sha(bytes) 0x616263 => 0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
//@ run-call: collision() => true
contract PackedKeccak {
    function packed(uint8 a, address b, string memory c) external pure returns (bytes memory) {
        return abi.encodePacked(a, b, c);
    }
    function arrays(uint8[] memory a) external pure returns (bytes memory) { return abi.encodePacked(a); }
    function mixed(int16 a, bool b, bytes3 c) external pure returns (bytes memory) { return abi.encodePacked(a, b, c); }
    function hashes() external pure returns (bytes32, bytes32) { return (keccak256(""), keccak256("abc")); }
    function sha(bytes calldata data) external pure returns (bytes32) { return sha256(data); }
    function collision() external pure returns (bool) {
        return keccak256(abi.encodePacked("ab", "c")) == keccak256(abi.encodePacked("a", "bc"));
    }
}
