// SPDX-License-Identifier: MIT
pragma solidity ^0.8.35;

// `layout at` with expressions of constants, and the builtin that finds the first slot of an ERC-7201 namespace.

string constant NAME = "example.main";
uint256 constant BASE = erc7201(NAME);
uint256 constant STEP = 3;

contract Plain {
    uint256 public first = 1;
    uint8 public small = 2;
}

//@ contract: Namespaces
//@ run-call: known() => 10958655983261152271848436692291137275443024275653522991983264966744321209600
//@ run-call: ofCalldata(string) "example.main" => 10958655983261152271848436692291137275443024275653522991983264966744321209600
//@ run-call: ofStorage() => true
//@ run-call: slots() => 6, 7, 7
//@ run-call: first() => 1
//@ run-call: small() => 2
contract Namespaces is Plain layout at BASE + 2 * STEP {
    uint8 private beside = 5;
    string private text = "example.main";
    uint256[2] private filler;

    function known() public pure returns (uint256) {
        return erc7201("example.main");
    }

    function ofCalldata(string calldata name) public pure returns (uint256) {
        return erc7201(name);
    }

    function ofStorage() public view returns (bool) {
        return erc7201(text) == BASE && erc7201(NAME) == BASE;
    }

    function slots() public pure returns (uint256 a, uint256 b, uint256 c) {
        uint256 base = BASE;
        assembly {
            a := sub(first.slot, base)
            b := sub(small.slot, base)
            c := sub(beside.slot, base)
        }
    }
}
