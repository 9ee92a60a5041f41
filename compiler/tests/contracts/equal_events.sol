// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

// Events and errors of other contracts that equal the contract's own are listed in its interface too.

interface Elsewhere {
    event Moved(address indexed by);
    event Moved(uint256 indexed by);

    error Refused(uint256 why);
}

//@ run-call: all()
//@ reverts: own() => Refused(uint256) 1
//@ reverts: foreign() => Refused(uint256) 2
contract EqualEvents {
    event Moved(uint256 indexed by);

    error Refused(uint256 why);

    function all() public {
        emit Moved(1);
        emit Elsewhere.Moved(uint256(2));
        emit Elsewhere.Moved(msg.sender);
    }

    function own() public pure {
        revert Refused(1);
    }

    function foreign() public pure {
        revert Elsewhere.Refused(2);
    }
}
