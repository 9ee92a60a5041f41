// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ reverts: custom(uint256,address) 5, 0x06 => TooLow(uint256,address) 5, 0x06
//@ reverts: dynamic(string) "why" => Explained(string,bytes) "why", 0x0102
//@ reverts: bare() => Bare()
//@ reverts: withText() => Error "no luck"
//@ reverts: requireText(bool) false => Error "condition"
//@ run-call: requireText(bool) true => 1
//@ reverts: requireBare(bool) false => empty
//@ reverts: asserting(bool) false => Panic 0x01
//@ reverts: built(uint256) 7 => Error "value 7"
//@ reverts: fileLevel() => Outer(int256) -1
//@ run-call: selectors() => 0x8f9da1f4, 0x30cd16ac
error Outer(int256 value);
contract Errors {
    error TooLow(uint256 value, address who);
    error Explained(string reason, bytes data);
    error Bare();

    function custom(uint256 value, address who) external pure { revert TooLow({who: who, value: value}); }
    function dynamic(string calldata why) external pure { revert Explained(why, hex"0102"); }
    function bare() external pure { revert Bare(); }
    function withText() external pure { revert("no luck"); }
    function requireText(bool ok) external pure returns (uint256) {
        require(ok, "condition");
        return 1;
    }
    function requireBare(bool ok) external pure { require(ok); }
    function asserting(bool ok) external pure { assert(ok); }
    function built(uint256 value) external pure {
        bytes memory digit = new bytes(1);
        digit[0] = bytes1(uint8(48 + value));
        revert(string.concat("value ", string(digit)));
    }
    function fileLevel() external pure { revert Outer(-1); }
    function selectors() external pure returns (bytes4, bytes4) { return (TooLow.selector, Outer.selector); }
}
