// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: set(string) "short"
//@ run-call: get() => "short"
//@ run-call: set(string) "exactly thirty-one bytes long!!"
//@ run-call: get() => "exactly thirty-one bytes long!!"
//@ run-call: set(string) "now this one is thirty-two bytes"
//@ run-call: get() => "now this one is thirty-two bytes"
//@ run-call: set(string) "back"
//@ run-call: get() => "back"
//@ run-call: set(string) ""
//@ run-call: length() => 0
//@ run-call: concat(string,string) "ab", "cd" => "ab-cd"
//@ run-call: bytesConcat(bytes,bytes2) 0x01, 0x0203 => 0x01020304
//@ run-call: equal(string,string) "x", "x" => true
//@ run-call: equal(string,string) "x", "y" => false
//@ run-call: build(uint256) 12345 => "12345"
//@ run-call: build(uint256) 0 => "0"
//@ run-call: pushBytes(uint256) 40 => 40, 0x27
//@ run-call: popBytes(uint256) 9 => 31, 0x1e
//@ run-call: popBytes(uint256) 31 => 0, 0x00
//@ reverts: popBytes(uint256) 1 => Panic 0x31
//@ run-call: setByte(bytes,uint256) 0x010203, 1 => 0x01ff03
//@ reverts: setByte(bytes,uint256) 0x010203, 3 => Panic 0x32
//@ run-call: literal() => "tab\tquote\"end", 0xdeadbeef
//@ run-call: unicodeText() => "\xe2\x82\xac"
contract StringsBytes {
    string internal text;
    bytes internal blob;

    function set(string calldata value) external { text = value; }
    function get() external view returns (string memory) { return text; }
    function length() external view returns (uint256) { return bytes(text).length; }
    function concat(string memory a, string memory b) external pure returns (string memory) {
        return string.concat(a, "-", b);
    }
    function bytesConcat(bytes memory a, bytes2 b) external pure returns (bytes memory) {
        return bytes.concat(a, b, hex"04");
    }
    function equal(string memory a, string memory b) external pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
    function build(uint256 n) external pure returns (string memory) {
        if (n == 0) return "0";
        uint256 digits;
        for (uint256 rest = n; rest > 0; rest /= 10) digits++;
        bytes memory out = new bytes(digits);
        while (n > 0) {
            out[--digits] = bytes1(uint8(48 + n % 10));
            n /= 10;
        }
        return string(out);
    }
    function pushBytes(uint256 n) external returns (uint256, bytes1) {
        for (uint256 i = 0; i < n; i++) blob.push(bytes1(uint8(i)));
        return (blob.length, blob[n - 1]);
    }
    function popBytes(uint256 n) external returns (uint256, bytes1) {
        for (uint256 i = 0; i < n; i++) blob.pop();
        return (blob.length, blob.length == 0 ? bytes1(0) : blob[blob.length - 1]);
    }
    function setByte(bytes memory data, uint256 i) external pure returns (bytes memory) {
        data[i] = 0xff;
        return data;
    }
    function literal() external pure returns (string memory, bytes memory) {
        return ("tab\tquote\"end", hex"deadbeef");
    }
    function unicodeText() external pure returns (string memory) { return unicode"€"; }
}
