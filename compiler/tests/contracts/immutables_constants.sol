// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ constructor {value: 3}: 7, 0x00000000000000000000000000000000000000aa, "text"
//@ run-call: read() => 7, 0xaa, 14, 3
//@ run-call: constants() => 10, 0x1626ba7e, "constant", 1000000000000000000, 86400
//@ run-call: name() => "text"
//@ run-call: derived() => 21
uint256 constant FILE_LEVEL = 5;
abstract contract WithBase {
    uint256 internal immutable tripled;
    constructor(uint256 value) { tripled = value * 3; }
}
contract ImmutablesConstants is WithBase {
    uint256 internal immutable value;
    address public immutable owner;
    uint256 internal immutable twice;
    uint256 internal immutable paid = msg.value;
    string internal title;
    uint256 internal constant TEN = FILE_LEVEL * 2;
    bytes4 internal constant SELECTOR = bytes4(keccak256("isValidSignature(bytes32,bytes)"));
    string internal constant TEXT = "constant";

    constructor(uint256 value_, address owner_, string memory title_) payable WithBase(value_) {
        value = value_;
        owner = owner_;
        twice = value_ * 2;
        title = title_;
    }
    function read() external view returns (uint256, address, uint256, uint256) { return (value, owner, twice, paid); }
    function constants() external pure returns (uint256, bytes4, string memory, uint256, uint256) {
        return (TEN, SELECTOR, TEXT, 1 ether, 1 days);
    }
    function name() external view returns (string memory) { return title; }
    function derived() external view returns (uint256) { return tripled; }
}
