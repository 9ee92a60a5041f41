// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: insert(uint64) 5
//@ run-call: insert(uint64) 1
//@ run-call: insert(uint64) 9
//@ run-call: insert(uint64) 7
//@ reverts: insert(uint64) 7 => Present(uint64) 7
//@ run-call: all() => [1, 5, 7, 9]
//@ run-call: remove(uint64) 5
//@ reverts: remove(uint64) 5 => Missing(uint64) 5
//@ run-call: all() => [1, 7, 9]
//@ run-call: ends() => 1, 9, 3
contract LinkedList {
    struct Links { uint64 before; uint64 after_; bool here; }
    error Present(uint64 value);
    error Missing(uint64 value);
    mapping(uint64 => Links) internal links;
    uint64 internal count;

    function insert(uint64 value) external {
        if (links[value].here || value == 0) revert Present(value);
        uint64 left = 0;
        while (links[left].after_ != 0 && links[left].after_ < value) left = links[left].after_;
        uint64 right = links[left].after_;
        links[value] = Links({before: left, after_: right, here: true});
        links[left].after_ = value;
        links[right].before = value;
        count++;
    }
    function remove(uint64 value) external {
        Links memory l = links[value];
        if (!l.here) revert Missing(value);
        links[l.before].after_ = l.after_;
        links[l.after_].before = l.before;
        delete links[value];
        count--;
    }
    function all() external view returns (uint64[] memory list) {
        list = new uint64[](count);
        uint64 at = links[0].after_;
        for (uint256 i = 0; at != 0; i++) {
            list[i] = at;
            at = links[at].after_;
        }
    }
    function ends() external view returns (uint64, uint64, uint64) { return (links[0].after_, links[0].before, count); }
}
