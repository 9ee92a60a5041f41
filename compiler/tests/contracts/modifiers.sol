// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: guarded(uint256) 5 => 15
//@ run-call: log() => [1, 2, 3, 4]
//@ reverts: guarded(uint256) 0 => Error "low"
//@ run-call: early(bool) true => 0
//@ run-call: early(bool) false => 9
//@ run-call: twice() => 2
//@ reverts: owner() => Error "not owner"
//@ run-call {from: 0x42}: owner() => true
//@ run-call: locked() => true
//@ run-call: overridden() => 20
abstract contract ModifierBase {
    uint256 internal trace;
    modifier tagged() virtual { trace = 1; _; }
    function overridden() external tagged returns (uint256) { return trace; }
}
contract Modifiers is ModifierBase {
    uint256[] internal steps;
    uint256 internal count;
    bool internal entered;

    modifier atLeast(uint256 value, uint256 min) {
        require(value >= min, "low");
        steps.push(1);
        _;
        steps.push(4);
    }
    modifier around() {
        steps.push(2);
        _;
        steps.push(3);
    }
    modifier unless(bool skip) { if (!skip) _; }
    modifier repeated() { _; _; }
    modifier only(address who) { require(msg.sender == who, "not owner"); _; }
    modifier once() {
        require(!entered, "reentered");
        entered = true;
        _;
        entered = false;
    }
    modifier tagged() override { trace = 20; _; trace = 99; }

    function guarded(uint256 value) external atLeast(value, 1) around returns (uint256) {
        delete trace;
        return value + 10;
    }
    function log() external view returns (uint256[] memory) { return steps; }
    function early(bool skip) external unless(skip) returns (uint256 result) { result = 9; }
    function twice() external repeated returns (uint256) { return ++count; }
    function owner() external view only(address(0x42)) returns (bool) { return true; }
    function locked() external once returns (bool) { return entered; }
    function bump() internal tagged returns (uint256) { return ++trace; }
}
