// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: build(uint256) 3 => (3, 9, [3, 4])
//@ run-call: nestedEdit() => 5, 5, 1
//@ run-call: array(uint256) 3 => [(0, 0), (1, 10), (2, 20)]
//@ run-call: defaults() => 0, 0, 0
//@ run-call: passed() => 11
//@ run-call: fixedArrays() => [1, 2, 3], 6
//@ run-call: copyFromStorage() => 1, 2
contract MemoryStructs {
    struct Pair { uint256 a; uint256 b; }
    struct Data { uint256 id; uint256 square; uint256[2] next; }
    struct Outer { Pair pair; Pair[] pairs; }
    Pair internal stored;

    function build(uint256 n) external pure returns (Data memory d) {
        d.id = n;
        d.square = n * n;
        d.next = [n, n + 1];
    }
    function nestedEdit() external pure returns (uint256, uint256, uint256) {
        Outer memory o;
        Pair memory p = Pair(1, 2);
        o.pair = p;
        p.a = 5;
        o.pairs = new Pair[](1);
        o.pairs[0] = Pair({b: 2, a: 1});
        return (o.pair.a, p.a, o.pairs[0].a);
    }
    function array(uint256 n) external pure returns (Pair[] memory list) {
        list = new Pair[](n);
        for (uint256 i = 0; i < n; i++) list[i] = Pair(i, i * 10);
    }
    function defaults() external pure returns (uint256, uint256, uint256) {
        Outer memory o;
        Data memory d;
        return (o.pair.a, o.pairs.length, d.next[1]);
    }
    function edit(Pair memory p) internal pure { p.a += 10; }
    function passed() external pure returns (uint256) {
        Pair memory p = Pair(1, 1);
        edit(p);
        return p.a;
    }
    function fixedArrays() external pure returns (uint8[3] memory a, uint256 sum) {
        a = [1, 2, 3];
        for (uint256 i = 0; i < a.length; i++) sum += a[i];
    }
    function copyFromStorage() external returns (uint256, uint256) {
        stored = Pair(1, 1);
        Pair memory copy = stored;
        stored.a = 2;
        return (copy.a, stored.a);
    }
}
