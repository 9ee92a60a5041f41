// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

// Attached functions overload a contract's own; unsigned values choose the overload for unsigned ones.

interface Adder {
    function add(uint256 a, uint256 b) external returns (uint256);
}

library Adding {
    function add(Adder self, uint256 a) internal returns (uint256) {
        return self.add(a, 1) + 100;
    }
}

using Adding for Adder;

//@ run-call: both(uint256) 5 => 127
//@ run-call: chosen(uint8,int8) 7, -7 => 1, 2, 1
//@ run-call: empty() => 0, 3
//@ run-call: _() => 88
contract AttachedOverloads is Adder {
    bytes private constant NOTHING = new bytes(0);
    bytes private constant ZEROS = new bytes(3);

    function add(uint256 a, uint256 b) public pure returns (uint256) {
        return a * 2 + b;
    }

    function both(uint256 a) public returns (uint256) {
        a %= 1000;
        Adder me = this;
        return me.add(a) + me.add(a, 6);
    }

    function kind(uint256) internal pure returns (uint256) {
        return 1;
    }

    function kind(int256) internal pure returns (uint256) {
        return 2;
    }

    function chosen(uint8 a, int8 b) public pure returns (uint256, uint256, uint256) {
        return (kind(a), kind(b), kind(uint24(a)));
    }

    function empty() public pure returns (uint256, uint256) {
        return (NOTHING.length, ZEROS.length);
    }

    function _() public pure returns (uint256) {
        return 88;
    }
}
