// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: clamp(uint256,uint256,uint256) 50, 1, 10 => 10
//@ run-call: chained(uint256) 3 => 16
//@ run-call: insert(uint256) 5 => true
//@ run-call: insert(uint256) 5 => false
//@ run-call: insert(uint256) 6 => true
//@ run-call: contains(uint256) 6 => true
//@ run-call: contains(uint256) 7 => false
//@ run-call: values() => [5, 6]
//@ run-call: remove(uint256) 5 => true
//@ run-call: values() => [6]
//@ run-call: total(uint256[]) [1, 2, 3] => 6
//@ run-call: constant_() => 42
library Maths {
    uint256 internal constant ANSWER = 42;
    function clamp(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return x < low ? low : x > high ? high : x;
    }
    function double(uint256 x) internal pure returns (uint256) { return x * 2; }
    function plus(uint256 x, uint256 y) internal pure returns (uint256) { return x + y; }
    function total(uint256[] memory list) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < list.length; i++) sum += list[i];
    }
}
library Sets {
    struct Set { uint256[] list; mapping(uint256 => uint256) place; }
    function insert(Set storage self, uint256 value) internal returns (bool) {
        if (self.place[value] != 0) return false;
        self.list.push(value);
        self.place[value] = self.list.length;
        return true;
    }
    function remove(Set storage self, uint256 value) internal returns (bool) {
        uint256 place = self.place[value];
        if (place == 0) return false;
        uint256 last = self.list[self.list.length - 1];
        self.list[place - 1] = last;
        self.place[last] = place;
        self.list.pop();
        delete self.place[value];
        return true;
    }
    function contains(Set storage self, uint256 value) internal view returns (bool) { return self.place[value] != 0; }
}
contract Libraries {
    using Maths for uint256;
    using Maths for uint256[];
    using Sets for Sets.Set;
    Sets.Set internal set;

    function clamp(uint256 x, uint256 low, uint256 high) external pure returns (uint256) { return x.clamp(low, high); }
    function chained(uint256 x) external pure returns (uint256) { return x.double().plus(2).double(); }
    function insert(uint256 value) external returns (bool) { return set.insert(value); }
    function remove(uint256 value) external returns (bool) { return set.remove(value); }
    function contains(uint256 value) external view returns (bool) { return set.contains(value); }
    function values() external view returns (uint256[] memory) { return set.list; }
    function total(uint256[] memory list) external pure returns (uint256) { return list.total(); }
    function constant_() external pure returns (uint256) { return Maths.ANSWER; }
}
