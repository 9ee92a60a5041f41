// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: echo((uint256,string,bytes[])) (7, "name", [0x01, 0x0203]) => (7, "name", [0x01, 0x0203])
//@ run-call: lists(uint256[][],string[]) [[1, 2], [], [3]], ["a", "bb"] => 3, 2, "bb"
//@ run-call: fixedOfDynamic(string[2]) ["x", "yy"] => ["yy", "x"]
//@ run-call: deep(((uint8,bool)[2],(address,bytes4)[])) ([(1, true), (2, false)], [(0x05, 0x01020304)]) => 3, 0x05, 0x01020304
//@ run-call: roundTrip(uint256,string,uint256[]) 5, "hello", [9, 8] => 5, "hello", [9, 8]
//@ run-call: encoded(uint16,bytes) 258, 0xff => 0x000000000000000000000000000000000000000000000000000000000000010200000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000000000000000000000000000000000001ff00000000000000000000000000000000000000000000000000000000000000
//@ run-call: withSelector(uint256) 1 => 0x112233440000000000000000000000000000000000000000000000000000000000000001
//@ run-call: call_(uint256) 2 => 0xb3de648b0000000000000000000000000000000000000000000000000000000000000002
//@ reverts: decodeShort(bytes) 0x01 => empty
//@ raw-call: 0x8ea237210000000000000000000000000000000000000000000000000000000000000001 => 0x0000000000000000000000000000000000000000000000000000000000000001
contract AbiNested {
    struct Record { uint256 id; string name; bytes[] parts; }
    struct Flag { uint8 n; bool on; }
    struct Link { address to; bytes4 selector; }
    struct Deep { Flag[2] flags; Link[] links; }

    function echo(Record calldata r) external pure returns (Record memory) { return r; }
    function lists(uint256[][] memory a, string[] memory b) external pure returns (uint256, uint256, string memory) {
        return (a.length, a[0].length, b[1]);
    }
    function fixedOfDynamic(string[2] calldata s) external pure returns (string[2] memory r) {
        r[0] = s[1];
        r[1] = s[0];
    }
    function deep(Deep memory d) external pure returns (uint256, address, bytes4) {
        return (d.flags[0].n + d.flags[1].n, d.links[0].to, d.links[0].selector);
    }
    function roundTrip(uint256 a, string memory b, uint256[] memory c)
        external
        pure
        returns (uint256, string memory, uint256[] memory)
    {
        return abi.decode(abi.encode(a, b, c), (uint256, string, uint256[]));
    }
    function encoded(uint16 a, bytes memory b) external pure returns (bytes memory) { return abi.encode(a, b); }
    function withSelector(uint256 a) external pure returns (bytes memory) {
        return abi.encodeWithSelector(0x11223344, a);
    }
    function call_(uint256 a) external view returns (bytes memory) { return abi.encodeCall(this.f, (a)); }
    function f(uint256 a) external pure returns (uint256) { return a; }
    function decodeShort(bytes memory data) external pure returns (uint256) { return abi.decode(data, (uint256)); }
    function small(uint8 a) external pure returns (uint256) { return a; }
}
