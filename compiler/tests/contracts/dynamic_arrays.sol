// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: push(uint256) 5
//@ run-call: push(uint256) 6
//@ run-call: push(uint256) 7
//@ run-call: all() => [5, 6, 7]
//@ run-call: at(uint256) 1 => 6
//@ reverts: at(uint256) 3 => Panic 0x32
//@ run-call: pop()
//@ run-call: all() => [5, 6]
//@ run-call: swap(uint256,uint256) 0, 1
//@ run-call: all() => [6, 5]
//@ run-call: packed(uint8) 40 => 40, 780
//@ run-call: shrink(uint256) 33 => 7
//@ run-call: empty() => 0
//@ reverts: pop() => Panic 0x31
//@ run-call: fixedArray(uint256) 2 => 30, [10, 20, 30]
//@ reverts: fixedArray(uint256) 3 => Panic 0x32
//@ run-call: matrix(uint256,uint256) 2, 3 => [[0, 1, 2], [1, 2, 3]]
//@ run-call: pushEmpty() => 1, 0
//@ run-call: structs() => [(1, "one"), (2, "a text that is longer than thirty-one bytes, to be sure")]
contract DynamicArrays {
    struct Entry { uint256 id; string text; }
    uint256[] internal list;
    uint8[] internal small;
    uint256[3] internal three;
    uint256[][] internal grid;
    Entry[] internal entries;

    function push(uint256 value) external { list.push(value); }
    function pop() external { list.pop(); }
    function all() external view returns (uint256[] memory) { return list; }
    function at(uint256 i) external view returns (uint256) { return list[i]; }
    function swap(uint256 i, uint256 j) external { (list[i], list[j]) = (list[j], list[i]); }
    function packed(uint8 n) external returns (uint256 length, uint256 sum) {
        for (uint8 i = 0; i < n; i++) small.push(i);
        length = small.length;
        for (uint256 i = 0; i < length; i++) sum += small[i];
    }
    function shrink(uint256 n) external returns (uint256) {
        while (n > 0) {
            small.pop();
            n--;
        }
        return small.length;
    }
    function empty() external returns (uint256) {
        delete list;
        return list.length;
    }
    function fixedArray(uint256 i) external returns (uint256, uint256[3] memory) {
        three = [uint256(10), 20, 30];
        return (three[i], three);
    }
    function matrix(uint256 rows, uint256 columns) external returns (uint256[][] memory) {
        delete grid;
        for (uint256 r = 0; r < rows; r++) {
            grid.push();
            for (uint256 c = 0; c < columns; c++) grid[r].push(r + c);
        }
        return grid;
    }
    function pushEmpty() external returns (uint256, uint256) {
        uint256 place = list.length;
        list.push() = 0;
        return (list.length, list[place]);
    }
    function structs() external returns (Entry[] memory) {
        entries.push(Entry(1, "one"));
        entries.push(Entry({id: 2, text: "a text that is longer than thirty-one bytes, to be sure"}));
        return entries;
    }
}
