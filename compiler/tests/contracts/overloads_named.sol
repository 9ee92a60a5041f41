// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: f(uint256) 1 => "uint256"
//@ run-call: f(uint256,uint256) 1, 2 => "two"
//@ run-call: f(string) "x" => "string"
//@ run-call: internal_() => "uint8", "bool"
//@ run-call: namedArgs() => 123
//@ run-call: this_() => 9
contract OverloadsNamed {
    function f(uint256) external pure returns (string memory) { return "uint256"; }
    function f(uint256, uint256) external pure returns (string memory) { return "two"; }
    function f(string calldata) external pure returns (string memory) { return "string"; }
    function g(uint8) internal pure returns (string memory) { return "uint8"; }
    function g(bool) internal pure returns (string memory) { return "bool"; }
    function internal_() external pure returns (string memory, string memory) { return (g(uint8(1)), g(true)); }
    function digits(uint256 hundreds, uint256 tens, uint256 ones) internal pure returns (uint256) {
        return hundreds * 100 + tens * 10 + ones;
    }
    function namedArgs() external pure returns (uint256) { return digits({ones: 3, hundreds: 1, tens: 2}); }
    function nine() external pure returns (uint256) { return 9; }
    function this_() external view returns (uint256) { return this.nine(); }
}
