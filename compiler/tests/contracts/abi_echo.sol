// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ contract: Echo
//@ run-call: words(int8,bytes3,bool,uint8) -5, 0x010203, true, 2 => -5, 0x010203, true, 2
//@ reverts: words(int8,bytes3,bool,uint8) 1, 0x010203, true, 3 => empty
//@ run-call: pushByte(bytes1) 0x41
//@ run-call: blobLength() => 1
//@ run-call: pick(uint8[],uint256) [7, 8, 9], 1 => 8
//@ reverts: pick(uint8[],uint256) [7], 1 => Panic 0x32
contract Echo {
    enum Kind { A, B, C }
    struct P { uint8 a; bytes b; uint16[] c; bool d; Kind kind; }
    struct Q { P[2] ps; string s; int64[3] xs; address who; bytes5 tag; }
    struct Flat { uint8 a; int16 b; bytes4 c; bool d; address e; uint256 f; }
    event Indexed(P indexed p, uint16[] indexed list, string indexed text, Flat flat);
    event Plain(P p, uint8[][] nested, bytes data);
    error Bad(P p, int64[3] xs);
    Q internal q;
    P[] internal list;
    Flat[] internal flats;
    mapping(string => P) internal named;
    uint8[][3][] internal nested;
    bytes internal blob;
    int24[7] internal small;
    bool[] internal flags;
    Kind[] internal kinds;
    function() external[] internal targets;

    function words(int8 a, bytes3 b, bool c, Kind d) external pure returns (int8, bytes3, bool, Kind) {
        return (a, b, c, d);
    }
    function echoP(P calldata p) external pure returns (P memory) { return p; }
    function echoPMemory(P memory p) external pure returns (P memory) { p.a ^= 1; return p; }
    function echoQ(Q memory x) external pure returns (Q memory) { return x; }
    function echoFlat(Flat calldata x, Flat memory y) external pure returns (Flat memory, Flat memory) { return (y, x); }
    function echoNested(uint8[][3][] calldata x) external pure returns (uint8[][3][] memory) { return x; }
    function echoFixed(int24[2][3] calldata x, bytes2[4] memory y) external pure returns (bytes2[4] memory, int24[2][3] memory) {
        return (y, x);
    }
    function part(P[] calldata ps, uint256 i) external pure returns (uint8, bytes memory, uint16, bool) {
        return (ps[i].a, ps[i].b, ps[i].c[0], ps[i].d);
    }
    function slice(uint16[] calldata x, uint256 from, uint256 to) external pure returns (uint16[] memory) { return x[from:to]; }
    function sliceBytes(bytes calldata x, uint256 from) external pure returns (bytes memory, bytes4, bytes32) {
        return (x[from:], bytes4(x[from:]), keccak256(x[from:]));
    }
    function pick(uint8[] memory x, uint256 i) external pure returns (uint8) { return x[i]; }
    function storeQ(Q calldata x) external { q = x; }
    function storeQMemory(Q memory x) external { q = x; }
    function loadQ() external view returns (Q memory) { return q; }
    function storeList(P[] memory ps) external { list = ps; }
    function loadList() external view returns (P[] memory) { return list; }
    function pushP(P memory p) external { list.push(p); }
    function popP() external { list.pop(); }
    function swap(uint256 i, uint256 j) external { P memory t = list[i]; list[i] = list[j]; list[j] = t; }
    function deleteP(uint256 i) external { delete list[i]; }
    function storeFlats(Flat[] calldata x) external { flats = x; }
    function loadFlats() external view returns (Flat[] memory) { return flats; }
    function setFlat(uint256 i, int16 b, bytes4 c) external { flats[i].b = b; flats[i].c = c; }
    function setNamed(string calldata key, P calldata p) external { named[key] = p; }
    function getNamed(string memory key) external view returns (P memory) { return named[key]; }
    function storeNested(uint8[][3][] memory x) external { nested = x; }
    function loadNested() external view returns (uint8[][3][] memory) { return nested; }
    function growNested(uint256 i, uint8 v) external { nested.push(); nested[nested.length - 1][i % 3].push(v); }
    function storeSmall(int24[7] calldata x) external { small = x; }
    function storeShort(int8[3] memory x) external { small = [int24(1), 2, 3, 4, 5, 6, 7]; small[0] = x[1]; }
    function loadSmall() external view returns (int24[7] memory) { return small; }
    function addSmall(uint256 i, int24 v) external returns (int24) { return small[i] += v; }
    function storeFlags(bool[] calldata x) external { flags = x; }
    function pushFlag(bool x) external { flags.push(x); }
    function popFlag() external { flags.pop(); }
    function loadFlags() external view returns (bool[] memory) { return flags; }
    function storeKinds(Kind[] memory x) external { kinds = x; }
    function loadKinds() external view returns (Kind[] memory) { return kinds; }
    function setBlob(bytes calldata x) external { blob = x; }
    function setBlobMemory(bytes memory x) external { blob = x; }
    function pushByte(bytes1 x) external { blob.push(x); }
    function pushZero() external { blob.push(); }
    function popByte() external { blob.pop(); }
    function setByte(uint256 i, bytes1 x) external { blob[i] = x; }
    function getByte(uint256 i) external view returns (bytes1) { return blob[i]; }
    function loadBlob() external view returns (bytes memory) { return blob; }
    function blobLength() external view returns (uint256) { return blob.length; }
    function growBlob(uint8 n) external { for (uint256 i = 0; i < n; i++) blob.push(bytes1(uint8(i))); }
    function shrinkBlob(uint8 n) external { for (uint256 i = 0; i < n; i++) blob.pop(); }
    function clearAll() external { delete q; delete list; delete nested; delete blob; delete small; delete flags; delete flats; }
    function pushTarget() external { targets.push(this.clearAll); }
    function targetOf(uint256 i) external view returns (address, bytes4) { return (targets[i].address, targets[i].selector); }
    function raiseIndexed(P memory p, uint16[] calldata l, string memory t, Flat calldata f) external { emit Indexed(p, l, t, f); }
    function raisePlain(P calldata p, uint8[][] memory n, bytes calldata d) external { emit Plain(p, n, d); }
    function raiseStored(uint256 i) external { emit Indexed(list[i], list[i].c, q.s, flats[i]); }
    function fail(P calldata p, int64[3] memory xs) external pure { revert Bad(p, xs); }
    function failStored() external view { revert Bad(q.ps[1], q.xs); }
    function hash(P memory p, uint16[] memory x, bytes3 y) external view returns (bytes32, bytes32, bytes memory) {
        return (keccak256(abi.encode(p, x, q)), keccak256(abi.encodePacked(x, y, blob)), abi.encodePacked(y, x, p.b, p.d));
    }
    function decode(bytes calldata x) external pure returns (P memory, uint8[][] memory) { return abi.decode(x, (P, uint8[][])); }
    function decodeMemory(bytes memory x) external pure returns (int8, bytes2, string memory) { return abi.decode(x, (int8, bytes2, string)); }
    function roundTrip(P memory p, uint8[][] memory n) external pure returns (P memory a, uint8[][] memory b) {
        (a, b) = abi.decode(abi.encode(p, n), (P, uint8[][]));
    }
    function call(Q memory x) external view returns (Q memory) { return this.echoQ(x); }
    function tryCall(P memory p, uint256 i) external view returns (uint8, bytes memory, uint256) {
        P[] memory ps = new P[](1);
        ps[0] = p;
        try this.part(ps, i) returns (uint8 a, bytes memory b, uint16, bool) { return (a, b, 0); }
        catch Panic(uint256 code) { return (0, "", code); }
        catch (bytes memory data) { return (1, data, 1); }
    }
}
