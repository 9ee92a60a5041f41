// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: twice() => 1, 1
//@ run-call: locked() => true
//@ reverts: reenter() => Error "locked"
//@ run-call: slot(uint256) 9 => 9
contract TransientStorage {
    modifier nonReentrant() {
        assembly {
            if tload(0) {
                mstore(0, 0x08c379a000000000000000000000000000000000000000000000000000000000)
                mstore(4, 32)
                mstore(36, 6)
                mstore(68, "locked")
                revert(0, 100)
            }
            tstore(0, 1)
        }
        _;
        assembly { tstore(0, 0) }
    }
    function twice() external returns (uint256 a, uint256 b) {
        a = guarded();
        b = guarded();
    }
    function guarded() internal nonReentrant returns (uint256) { return 1; }
    function locked() external nonReentrant returns (bool on) {
        assembly { on := tload(0) }
    }
    function reenter() external nonReentrant { guarded(); }
    function slot(uint256 value) external returns (uint256 read) {
        assembly {
            tstore(7, value)
            read := tload(7)
        }
    }
}
