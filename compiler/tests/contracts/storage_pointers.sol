// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: edit() => 5, 9
//@ run-call: through(uint256) 1 => 70
//@ run-call: choose(bool) true => 1, 0
//@ run-call: choose(bool) false => 1, 1
//@ run-call: list() => [1, 2, 3]
//@ run-call: returned() => 8
contract StoragePointers {
    struct Node { uint256 value; Link[] links; }
    struct Link { uint64 weight; uint64 to; }
    mapping(uint256 => Node) internal nodes;
    uint256[] internal left;
    uint256[] internal right;

    function edit() external returns (uint256, uint64) {
        Node storage n = nodes[1];
        n.value = 5;
        n.links.push(Link(7, 2));
        Link storage l = n.links[0];
        l.weight += 2;
        return (nodes[1].value, nodes[1].links[0].weight);
    }
    function scale(Link storage l, uint64 by) internal { l.weight = by * 10; }
    function through(uint256 id) external returns (uint256) {
        scale(nodes[id].links[0], 7);
        return nodes[id].links[0].weight;
    }
    function choose(bool first) external returns (uint256, uint256) {
        uint256[] storage list_ = first ? left : right;
        list_.push(1);
        return (left.length, right.length);
    }
    function fill(uint256[] storage list_, uint256 n) internal {
        for (uint256 i = list_.length; i < n; i++) list_.push(i + 1);
    }
    function list() external returns (uint256[] memory) {
        fill(left, 3);
        return left;
    }
    function pick(uint256 id) internal view returns (Node storage n) { n = nodes[id]; }
    function returned() external returns (uint256) {
        pick(2).value = 8;
        return nodes[2].value;
    }
}
