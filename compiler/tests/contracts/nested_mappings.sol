// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: set(address,uint256,uint256) 0x01, 7, 100
//@ run-call: set(address,uint256,uint256) 0x02, 7, 200
//@ run-call: get(address,uint256) 0x01, 7 => 100
//@ run-call: get(address,uint256) 0x02, 7 => 200
//@ run-call: get(address,uint256) 0x01, 8 => 0
//@ run-call: add(address,uint256,uint256) 0x01, 7, 5 => 105
//@ run-call: name(string,uint256) "key", 3
//@ run-call: named(string) "key" => 3
//@ run-call: named(string) "kex" => 0
//@ run-call: account(address) 0x05 => 0, 0
//@ run-call: credit(address,uint128) 0x05, 9
//@ run-call: account(address) 0x05 => 9, 1
//@ run-call: many(uint8,uint256) 3, 4 => 12
//@ run-call: remove(address,uint256) 0x01, 7 => 0
contract NestedMappings {
    struct Account { uint128 balance; uint64 count; mapping(bytes4 => bool) marks; }
    mapping(address => mapping(uint256 => uint256)) internal table;
    mapping(string => uint256) internal names;
    mapping(address owner => Account) internal accounts;
    mapping(uint8 => uint256[]) internal lists;

    function set(address who, uint256 key, uint256 value) external { table[who][key] = value; }
    function get(address who, uint256 key) external view returns (uint256) { return table[who][key]; }
    function add(address who, uint256 key, uint256 more) external returns (uint256) { return table[who][key] += more; }
    function name(string calldata key, uint256 value) external { names[key] = value; }
    function named(string memory key) external view returns (uint256) { return names[key]; }
    function credit(address who, uint128 amount) external {
        Account storage account_ = accounts[who];
        account_.balance += amount;
        account_.count++;
        account_.marks[0x11223344] = true;
        require(accounts[who].marks[0x11223344] && !accounts[who].marks[0x11223345]);
    }
    function account(address who) external view returns (uint128, uint64) {
        return (accounts[who].balance, accounts[who].count);
    }
    function many(uint8 key, uint256 n) external returns (uint256 sum) {
        for (uint256 i = 0; i < n; i++) lists[key].push(key);
        for (uint256 i = 0; i < lists[key].length; i++) sum += lists[key][i];
    }
    function remove(address who, uint256 key) external returns (uint256) {
        delete table[who][key];
        return table[who][key];
    }
}
