// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: plain(uint256,address) 1, 0x02
//@ run-call: dynamic(string,bytes) "name", 0x0102
//@ run-call: structs()
//@ run-call: nothing()
//@ run-call: fourTopics(uint256,int256,bytes32) 1, -2, 0x00000000000000000000000000000000000000000000000000000000000000ff
//@ run-call: fromLibrary(uint256) 9
contract EventsBase {
    event Inherited(uint8 indexed small, bool flag);
}
library EventLibrary {
    event FromLibrary(uint256 indexed value);
    function fire(uint256 value) internal { emit FromLibrary(value); }
}
contract Events is EventsBase {
    struct Point { uint256 x; int8 y; }
    event Plain(uint256 indexed a, address b, uint256 c);
    event Dynamic(string indexed name, bytes indexed data, string copy, uint256[] list);
    event Structs(Point indexed hashed, Point plain, Point[] many);
    event Nothing();
    event Bare(uint256 indexed a, int256 indexed b, bytes32 indexed c, bytes4 indexed d) anonymous;

    function plain(uint256 a, address b) external {
        emit Plain(a, b, a + 1);
        emit Inherited({flag: true, small: 3});
    }
    function dynamic(string calldata name, bytes calldata data) external {
        uint256[] memory list = new uint256[](2);
        list[1] = 7;
        emit Dynamic(name, data, name, list);
    }
    function structs() external {
        Point[] memory many = new Point[](1);
        many[0] = Point(3, -4);
        emit Structs(Point(1, -1), Point(2, -2), many);
    }
    function nothing() external { emit Nothing(); }
    function fourTopics(uint256 a, int256 b, bytes32 c) external { emit Bare(a, b, c, 0x01020304); }
    function fromLibrary(uint256 value) external { EventLibrary.fire(value); }
}
