// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

interface Other {
    function nothing() external;
    function number() external returns (uint256);
    function blob() external returns (bytes memory);
}

library Lib {
    function touch(uint256 x) external { emit Touched(x); }
    event Touched(uint256 x);
}

contract Texts {
    struct Pair { uint256 a; bytes b; }
    struct Flat { uint256 a; uint8 b; }
    enum Kind { One, Two }
    uint256[] public list;
    string stored = "kept";

    function element(uint256[] calldata x, uint256 i) external pure returns (uint256) { return x[i]; }
    function slice(uint256[] calldata x, uint256 from, uint256 to) external pure returns (uint256[] calldata) { return x[from:to]; }
    function inner(uint256[][] calldata x, uint256 i) external pure returns (uint256[] calldata) { return x[i]; }
    function field(Pair calldata p) external pure returns (bytes calldata) { return p.b; }
    function copy(Pair memory p) external pure returns (bytes memory) { return p.b; }
    function paid(bytes memory a, string calldata b) external payable returns (bytes memory, uint256) { return (a, bytes(b).length); }
    function values(uint8 a, bool b, address c, Kind d, bytes4 e) external pure returns (uint8, bool, address, Kind, bytes4) { return (a, b, c, d, e); }
    function nested(Pair[] calldata a, uint8[2][] calldata b, Flat calldata c, bytes[] calldata d) external pure returns (bytes memory) { return abi.encode(a, b, c, d); }
    function fixedOnes(string[2] calldata a, uint256[2][2] memory b, Pair[2] memory c) external pure returns (bytes memory) { return abi.encode(a, b, c); }
    function decode(bytes memory b) external pure returns (uint8, Pair memory, uint16[2][] memory) { return abi.decode(b, (uint8, Pair, uint16[2][])); }
    function words(uint8[] memory a, Flat memory b) external pure returns (uint256) { return a.length + b.a; }
    function callNothing(Other o) external { o.nothing(); }
    function callNumber(Other o) external returns (uint256) { return o.number(); }
    function tryBlob(Other o) external returns (uint256) { try o.blob() returns (bytes memory b) { return b.length; } catch { return 7; } }
    function conditions(uint256 i, string memory s) external {
        require(i != 0, "literal");
        require(i != 1, s);
        require(i != 2, change("made"));
        require(i != 3, stored);
        require(i != 4);
        if (i == 5) revert("thrown");
        if (i == 6) revert(s);
        if (i == 7) revert();
        if (i == 8) revert Own(s);
        require(i != 9, Own("required"));
        assert(i != 10);
        list.push(i);
    }
    error Own(string s);
    function change(string memory s) internal returns (string memory) { stored = s; return s; }
    function out() external view returns (uint256) { return list[3]; }
}

contract Receiving { receive() external payable {} function f() external pure returns (uint256) { return 1; } }
contract Falling { fallback() external {} }
contract Bare { function f() external pure {} }
contract Demanding { constructor(uint8[] memory a, string memory b) { require(a.length + bytes(b).length > 0, "empty"); } }
