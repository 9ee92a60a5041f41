// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: set(uint64,uint64,bool,address,int16) 1, 18446744073709551615, true, 0x1234, -3
//@ run-call: get() => 1, 18446744073709551615, true, 0x1234, -3
//@ run-call: bump() => 2, 18446744073709551615, false, 0x1234, -4
//@ run-call: word(uint256) 0 => 0x00fc0000000000000000000000000000ffffffffffffffff0000000000000002
//@ run-call: second() => (7, (1, 2), 0xaabb)
//@ run-call: clear()
//@ run-call: get() => 0, 0, false, 0x0, 0
contract StructPacking {
    struct Small { uint64 a; uint64 b; bool c; }
    struct Inner { uint128 x; uint128 y; }
    struct Outer { uint8 tag; Inner inner; bytes2 mark; }
    struct Row { uint64 a; uint64 b; bool c; }

    uint64 internal a;
    uint64 internal b;
    bool internal c;
    uint96 internal gap;
    int16 internal e;
    address internal d;
    Outer internal outer;

    function set(uint64 a_, uint64 b_, bool c_, address d_, int16 e_) external {
        (a, b, c, d, e) = (a_, b_, c_, d_, e_);
        outer = Outer(7, Inner({x: 1, y: 2}), 0xaabb);
    }
    function get() external view returns (uint64, uint64, bool, address, int16) { return (a, b, c, d, e); }
    function bump() external returns (uint64, uint64, bool, address, int16) {
        a += 1;
        c = !c;
        e--;
        return (a, b, c, d, e);
    }
    function word(uint256 slot) external returns (bytes32 value) {
        e = -1024;
        c = false;
        assembly { value := sload(slot) }
    }
    function second() external view returns (Outer memory) { return outer; }
    function clear() external {
        delete a;
        delete b;
        delete c;
        delete d;
        delete e;
        delete outer;
    }
}
