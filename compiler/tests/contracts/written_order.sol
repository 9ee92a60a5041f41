// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

// Named arguments and call options are evaluated in the order in which they are written, whatever the order of the
// parameters; `.selector` of a call's result still makes the call.

library Pair {
    function join(uint256 a, uint256 b) internal pure returns (uint256) {
        return a * 10 + b;
    }

    function joinOutside(uint256 a, uint256 b) external pure returns (uint256) {
        return a * 10 + b;
    }
}

contract Made {
    uint256 public joined;

    constructor(uint256 a, uint256 b) payable {
        joined = a * 10 + b;
    }
}

//@ contract: WrittenOrder
//@ run-call: internalCall() => 231
//@ run-call: libraryCall() => 21
//@ run-call: delegated() => 21
//@ run-call: structure() => (2, 1, "x")
//@ run-call: event_()
//@ reverts: error_() => Wrong(uint256,uint256) 2, 1
//@ reverts: requirement() => Wrong(uint256,uint256) 3, 2
//@ run-call: externalCall() => 21
//@ run-call: creation() => 21
//@ run-call: tried() => 21
//@ run-call: options() => [1, 2, 3, 4, 5, 6]
//@ run-call: selectorOfCall() => 0x744f15d9, 1
//@ run-call: addressOfCall() => 1
contract WrittenOrder {
    using Pair for uint256;

    struct Fields {
        uint256 a;
        uint256 b;
        string text;
    }

    event Happened(uint256 indexed a, uint256 b);
    error Wrong(uint256 a, uint256 b);

    uint256 private count;
    uint256[] private order;

    function next() internal returns (uint256) {
        return ++count;
    }

    function note(uint256 n) internal returns (uint256) {
        order.push(n);
        return n;
    }

    function three(uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        return a * 100 + b * 10 + c;
    }

    function two(uint256 a, uint256 b) public payable returns (uint256) {
        return a * 10 + b;
    }

    function internalCall() public returns (uint256) {
        count = 0;
        return three({c: next(), a: next(), b: next()});
    }

    function libraryCall() public returns (uint256) {
        count = 0;
        return Pair.join({b: next(), a: next()});
    }

    function delegated() public returns (uint256) {
        count = 0;
        return Pair.joinOutside({b: next(), a: next()});
    }

    function structure() public returns (Fields memory) {
        count = 0;
        return Fields({text: "x", b: next(), a: next()});
    }

    function event_() public {
        count = 0;
        emit Happened({b: next(), a: next()});
    }

    function error_() public {
        count = 0;
        revert Wrong({b: next(), a: next()});
    }

    function requirement() public {
        count = 0;
        require(next() > 1, Wrong({b: next(), a: next()}));
    }

    function externalCall() public returns (uint256) {
        count = 0;
        return this.two({b: next(), a: next()});
    }

    function creation() public returns (uint256) {
        count = 0;
        return new Made({b: next(), a: next()}).joined();
    }

    function tried() public returns (uint256) {
        count = 0;
        try this.two({b: next(), a: next()}) returns (uint256 joined) {
            return joined;
        } catch {
            return 0;
        }
    }

    function options() public returns (uint256[] memory) {
        delete order;
        this.two{gas: note(1) * 100_000, value: note(2) * 0}(note(3), 0);
        new Made{salt: bytes32(note(4)), value: note(5) * 0}(note(6), 0);
        return order;
    }

    function self() internal returns (WrittenOrder) {
        count++;
        return this;
    }

    function selectorOfCall() public returns (bytes4, uint256) {
        count = 0;
        bytes4 found = self().two.selector;
        return (found, count);
    }

    function addressOfCall() public returns (uint256) {
        count = 0;
        address found = self().two.address;
        return found == address(this) ? count : 0;
    }
}
