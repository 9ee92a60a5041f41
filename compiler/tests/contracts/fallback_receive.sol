// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ raw-call: 0x
//@ run-call: state() => 0, 1, 0x
//@ raw-call {value: 5}: 0x
//@ run-call: state() => 5, 2, 0x
//@ raw-call: 0xdeadbeef01 => 0xefbeadde
//@ run-call: state() => 5, 12, 0xdeadbeef01
//@ raw-call {value: 2}: 0x1234 => 0xefbeadde
//@ run-call: state() => 7, 22, 0x1234
//@ reverts {value: 1}: state() => empty
contract FallbackReceive {
    uint256 internal paid;
    uint256 internal count;
    bytes internal last;
    receive() external payable {
        paid += msg.value;
        count++;
    }
    fallback(bytes calldata input) external payable returns (bytes memory) {
        paid += msg.value;
        count += 10;
        last = input;
        return hex"efbeadde";
    }
    function state() external view returns (uint256, uint256, bytes memory) { return (paid, count, last); }
}
