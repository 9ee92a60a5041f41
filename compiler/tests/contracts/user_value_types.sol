// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: add(uint256,uint256) 3, 4 => 7
//@ run-call: less(uint256,uint256) 3, 4 => true
//@ run-call: wrapped(uint256) 9 => 9
//@ run-call: stored(uint64) 77 => 77
//@ run-call: free_(uint256) 4 => 8
//@ run-call: operators(uint256,uint256) 9, 4 => 13, false, true
type Price is uint256;
type Stamp is uint64;
using Prices for Price global;
using {addPrice as +, samePrice as ==} for Price global;
library Prices {
    function plus(Price a, Price b) internal pure returns (Price) { return Price.wrap(Price.unwrap(a) + Price.unwrap(b)); }
    function less(Price a, Price b) internal pure returns (bool) { return Price.unwrap(a) < Price.unwrap(b); }
}
function addPrice(Price a, Price b) pure returns (Price) { return Price.wrap(Price.unwrap(a) + Price.unwrap(b)); }
function samePrice(Price a, Price b) pure returns (bool) { return Price.unwrap(a) == Price.unwrap(b); }
function twice(uint256 x) pure returns (uint256) { return x * 2; }
contract UserValueTypes {
    Stamp internal stamp;
    mapping(Price => uint256) internal byPrice;
    function add(Price a, Price b) external pure returns (Price) { return a.plus(b); }
    function less(Price a, Price b) external pure returns (bool) { return a.less(b); }
    function wrapped(uint256 x) external returns (uint256) {
        byPrice[Price.wrap(x)] = x;
        return byPrice[Price.wrap(x)];
    }
    function stored(Stamp s) external returns (Stamp) {
        stamp = s;
        return stamp;
    }
    function free_(uint256 x) external pure returns (uint256) { return twice(x); }
    function operators(Price a, Price b) external pure returns (Price, bool, bool) { return (a + b, a == b, b == b); }
}
