// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: basics(uint256,uint256) 7, 5 => 12, 2, 35, 1
//@ run-call: loop(uint256) 10 => 45
//@ run-call: choose(uint256) 1 => 10
//@ run-call: choose(uint256) 2 => 20
//@ run-call: choose(uint256) 9 => 99
//@ run-call: functions(uint256) 6 => 720
//@ run-call: memory_() => 0x0102030000000000000000000000000000000000000000000000000000000000
//@ run-call: slots() => 1, 5, 16, 5
//@ run-call: hash(uint256,uint256) 1, 2 => 0xe90b7bceb6e7df5418fb78d8ee546e97c83a08bbccc01a0644d599ccd2a7c2e0
//@ run-call: calldataLoad(bytes) 0xaabb => 2, 0xaabb000000000000000000000000000000000000000000000000000000000000
//@ reverts: fail() => Error "asm"
//@ run-call: sign(int256) -9 => -1
//@ run-call: early(uint256) 3 => 103
//@ run-call: constants_() => 17
contract InlineAssembly {
    uint256 internal first = 1;
    uint128 internal low = 9;
    uint128 internal high = 5;
    uint256 internal constant SEVENTEEN = 17;

    function basics(uint256 a, uint256 b) external pure returns (uint256 s, uint256 d, uint256 p, uint256 q) {
        assembly {
            s := add(a, b)
            d := sub(a, b)
            p := mul(a, b)
            q := div(a, b)
        }
    }
    function loop(uint256 n) external pure returns (uint256 sum) {
        assembly {
            for { let i := 0 } lt(i, n) { i := add(i, 1) } {
                if eq(i, 100) { break }
                if eq(i, 200) { continue }
                sum := add(sum, i)
            }
        }
    }
    function choose(uint256 x) external pure returns (uint256 r) {
        assembly {
            switch x
            case 1 { r := 10 }
            case 2 { r := 20 }
            default { r := 99 }
        }
    }
    function functions(uint256 n) external pure returns (uint256 r) {
        assembly {
            function factorial(x) -> y {
                y := 1
                if gt(x, 1) { y := mul(x, factorial(sub(x, 1))) }
            }
            r := factorial(n)
        }
    }
    function memory_() external pure returns (bytes32 r) {
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, 0)
            mstore8(p, 1)
            mstore8(add(p, 1), 2)
            mstore8(add(p, 2), 3)
            r := mload(p)
        }
    }
    function slots() external view returns (uint256 a, uint256 b, uint256 offset, uint256 value) {
        assembly {
            a := sload(first.slot)
            offset := high.offset
            let word := sload(high.slot)
            b := shr(mul(8, high.offset), word)
        }
        value = high;
    }
    function hash(uint256 a, uint256 b) external pure returns (bytes32 h) {
        assembly {
            mstore(0, a)
            mstore(32, b)
            h := keccak256(0, 64)
        }
    }
    function calldataLoad(bytes calldata data) external pure returns (uint256 length, bytes32 word) {
        assembly {
            length := data.length
            word := calldataload(data.offset)
        }
    }
    function fail() external pure {
        assembly {
            mstore(0, 0x08c379a000000000000000000000000000000000000000000000000000000000)
            mstore(4, 32)
            mstore(36, 3)
            mstore(68, "asm")
            revert(0, 100)
        }
    }
    function sign(int256 a) external pure returns (int256 s) {
        assembly { s := sub(sgt(a, 0), slt(a, 0)) }
    }
    function early(uint256 n) external pure returns (uint256 r) {
        assembly {
            function f(x) -> y {
                y := add(x, 100)
                if lt(x, 50) { leave }
                y := 0
            }
            r := f(n)
        }
    }
    function constants_() external pure returns (uint256 r) {
        assembly { r := SEVENTEEN }
    }
}
