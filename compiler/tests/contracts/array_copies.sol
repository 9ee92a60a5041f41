// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: fromMemory(uint256) 5 => [0, 1, 4, 9, 16]
//@ run-call: storageToStorage() => [0, 1, 4, 9, 16], [100, 1, 4, 9, 16]
//@ run-call: fromCalldata(uint16[]) [1, 2, 65535] => 3, 65538
//@ run-call: shorter(uint16[]) [9] => [9]
//@ run-call: structCopy() => (1, [7, 8]), (2, [7, 9])
//@ run-call: memoryAliases() => 5, 5
//@ run-call: bytesCopy(bytes) 0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0011 => 0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0011, 34
//@ run-call: bytesCopy(bytes) 0x01 => 0x01, 1
contract ArrayCopies {
    struct Pair { uint256 a; uint256[] list; }
    uint256[] internal left;
    uint256[] internal right;
    uint16[] internal shorts;
    Pair internal one;
    Pair internal two;
    bytes internal blob;

    function fromMemory(uint256 n) external returns (uint256[] memory) {
        uint256[] memory squares = new uint256[](n);
        for (uint256 i = 0; i < n; i++) squares[i] = i * i;
        left = squares;
        return left;
    }
    function storageToStorage() external returns (uint256[] memory, uint256[] memory) {
        right = left;
        right[0] = 100;
        return (left, right);
    }
    function fromCalldata(uint16[] calldata values) external returns (uint256 length, uint256 sum) {
        shorts = values;
        for (uint256 i = 0; i < shorts.length; i++) sum += shorts[i];
        length = shorts.length;
    }
    function shorter(uint16[] calldata values) external returns (uint16[] memory) {
        shorts = values;
        return shorts;
    }
    function structCopy() external returns (Pair memory, Pair memory) {
        one.a = 1;
        one.list.push(7);
        one.list.push(8);
        two = one;
        two.a = 2;
        two.list[1] = 9;
        return (one, two);
    }
    function memoryAliases() external pure returns (uint256, uint256) {
        uint256[] memory a = new uint256[](1);
        uint256[] memory b = a;
        b[0] = 5;
        return (a[0], b[0]);
    }
    function bytesCopy(bytes calldata data) external returns (bytes memory, uint256) {
        blob = data;
        bytes memory copy = blob;
        return (copy, blob.length);
    }
}
