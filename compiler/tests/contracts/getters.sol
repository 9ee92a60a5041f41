// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: fill()
//@ run-call: number() => 5
//@ run-call: text() => "hello"
//@ run-call: list(uint256) 1 => 20
//@ reverts: list(uint256) 2 => empty
//@ run-call: table(address,uint256) 0x09, 3 => 33
//@ run-call: item() => 1, "inner", 0x0a
//@ run-call: items(uint256) 0 => 1, "inner", 0x0a
//@ run-call: grid(uint256,uint256) 1, 2 => 6
//@ run-call: CONSTANT() => 99
//@ run-call: flags(bytes4) 0x01020304 => true
contract Getters {
    struct Item { uint256 id; string name; uint256[] hidden; mapping(uint256 => bool) alsoHidden; address who; }
    uint256 public number = 5;
    string public text;
    uint256[] public list;
    mapping(address => mapping(uint256 => uint256)) public table;
    Item public item;
    Item[] public items;
    uint256[3][2] public grid;
    uint256 public constant CONSTANT = 99;
    mapping(bytes4 selector => bool on) public flags;

    function fill() external {
        text = "hello";
        list.push(10);
        list.push(20);
        table[address(9)][3] = 33;
        item.id = 1;
        item.name = "inner";
        item.who = address(10);
        Item storage first = items.push();
        first.id = 1;
        first.name = "inner";
        first.who = address(10);
        grid[1][2] = 6;
        flags[0x01020304] = true;
    }
}
