// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: fill()
//@ run-call: lengths() => 3, 40, 2
//@ run-call: wipe()
//@ run-call: lengths() => 0, 0, 0
//@ run-call: raw() => 0, 0, 0
//@ run-call: locals() => 0, false, 0x0, 0
//@ run-call: element() => [1, 0, 3]
contract DeleteValues {
    struct Item { uint256 a; uint256[] list; mapping(uint256 => uint256) kept; }
    uint256[] internal list;
    string internal text;
    Item[] internal items;
    Item internal single;

    function fill() external {
        list = [uint256(1), 2, 3];
        text = "forty bytes of text, which need two slot";
        items.push();
        items.push();
        items[1].list.push(5);
        single.a = 1;
        single.list.push(2);
        single.kept[1] = 9;
    }
    function wipe() external {
        delete list;
        delete text;
        delete items;
        delete single;
        require(single.kept[1] == 9 && single.a == 0 && single.list.length == 0);
    }
    function lengths() external view returns (uint256, uint256, uint256) {
        return (list.length, bytes(text).length, items.length);
    }
    function raw() external view returns (uint256 a, uint256 b, uint256 c) {
        assembly {
            mstore(0, list.slot)
            a := sload(keccak256(0, 32))
            mstore(0, text.slot)
            b := sload(keccak256(0, 32))
            mstore(0, items.slot)
            c := sload(add(keccak256(0, 32), 3))
        }
    }
    function locals() external pure returns (uint256 a, bool b, address c, uint256 d) {
        (a, b, c) = (1, true, address(1));
        uint256[] memory m = new uint256[](4);
        delete a;
        delete b;
        delete c;
        delete m;
        d = m.length;
    }
    function element() external pure returns (uint256[] memory m) {
        m = new uint256[](3);
        (m[0], m[1], m[2]) = (1, 2, 3);
        delete m[1];
    }
}
