// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: convert(uint256) 2 => 2
//@ reverts: convert(uint256) 3 => Panic 0x21
//@ run-call: next(uint8) 0 => 1
//@ reverts: next(uint8) 2 => Panic 0x21
//@ reverts: next(uint8) 3 => empty
//@ run-call: limits() => 0, 2
//@ run-call: store(uint8) 1 => true, false
//@ run-call: stored() => 1
//@ run-call: compare() => true, true
//@ run-call: name(uint8) 2 => "Blue"
//@ run-call: clear() => 0
contract Enums {
    enum Colour { Red, Green, Blue }
    Colour internal colour;
    mapping(Colour => uint256) internal count;

    function convert(uint256 n) external pure returns (Colour) { return Colour(n); }
    function next(Colour c) external pure returns (Colour) { return Colour(uint8(c) + 1); }
    function limits() external pure returns (Colour, Colour) { return (type(Colour).min, type(Colour).max); }
    function store(Colour c) external returns (bool, bool) {
        colour = c;
        count[c]++;
        return (colour == Colour.Green, count[Colour.Red] > 0);
    }
    function stored() external view returns (Colour) { return colour; }
    function compare() external pure returns (bool, bool) {
        return (Colour.Red < Colour.Blue, Colour.Green != Colour.Red);
    }
    function name(Colour c) external pure returns (string memory) {
        if (c == Colour.Red) return "Red";
        return c == Colour.Green ? "Green" : "Blue";
    }
    function clear() external returns (Colour) {
        delete colour;
        return colour;
    }
}
