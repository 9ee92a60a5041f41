// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ contract: ConstructorLast
//@ constructor: 5, [1, 2, 3]
//@ run-call: order() => [1, 2, 3, 4]
//@ run-call: values() => 5, 6, 10, 6
//@ run-call: early() => 42
abstract contract ConstructorFirst {
    uint256[] internal trace;
    uint256 internal a;
    constructor(uint256 x) {
        trace.push(1);
        a = x;
    }
}
abstract contract ConstructorSecond is ConstructorFirst {
    uint256 internal b = 2;
    constructor(uint256 y) {
        trace.push(2);
        b = y;
    }
}
abstract contract ConstructorThird is ConstructorFirst {
    uint256 internal c = forty() / 4;
    constructor() { trace.push(3); }
    function forty() internal pure virtual returns (uint256) { return 40; }
}
contract ConstructorLast is ConstructorSecond, ConstructorThird {
    uint256 internal total;
    uint256 internal set = forty() + 2;
    constructor(uint256 x, uint256[] memory list) ConstructorFirst(x) ConstructorSecond(x + 1) {
        trace.push(4);
        for (uint256 i = 0; i < list.length; i++) total += list[i];
    }
    function order() external view returns (uint256[] memory) { return trace; }
    function values() external view returns (uint256, uint256, uint256, uint256) { return (a, b, c, total); }
    function early() external view returns (uint256) { return set; }
}
