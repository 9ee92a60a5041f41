// An index that is a converted constant is no literal: beyond the length it fails when it runs, not before.
//@ run-call: array(bool) false => 7
//@ reverts: array(bool) true => Panic 0x32
//@ run-call: fixedBytes(bool) false => 0x02
//@ reverts: fixedBytes(bool) true => Panic 0x32
//@ run-call: state(bool) false => 9
//@ reverts: state(bool) true => Panic 0x32
pragma solidity ^0.8.30;

contract ConstantIndices {
    uint256 constant FIVE = 5;
    uint16[3] values;

    function array(bool beyond) external pure returns (uint256) {
        uint256[2] memory a;
        if (beyond) a[uint256(2)] = 1;
        a[uint8(1)] = 7;
        return a[FIVE - 4];
    }

    function fixedBytes(bool beyond) external pure returns (bytes1) {
        bytes4 b = 0x01020304;
        return beyond ? b[uint8(4)] : b[uint8(1)];
    }

    function state(bool beyond) external returns (uint16) {
        values[uint256(FIVE % 3)] = 9;
        if (beyond) values[FIVE]++;
        return values[2];
    }
}
