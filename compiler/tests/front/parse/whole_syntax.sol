// SPDX-License-Identifier: MIT
pragma solidity >=0.8.0 <0.9.0;
pragma abicoder v2;
import "./a.sol";
import "./a.sol" as a;
import * as b from "./b.sol";
import {X, Y as Z} from "./c.sol";

type Price is uint128;
using {add as +, sub as -, neg as -, inv as ~, eq as ==} for Price global;
using L for *;
uint256 constant TEN = 10;
error Failed(uint256 code, string);
event Moved(address indexed from, uint256) anonymous;
function free(uint256 x) pure returns (uint256 y) { y = x ** 2 ** 3 - -x; }

interface I { function f(uint256) external returns (bool); }
library L { function first(uint256[] storage self) internal view returns (uint256) { return self[0]; } }

/// @title T
abstract contract T is I, b.Base(1, "x") layout at 2 ** 128 - 1 {
    using {L.first} for uint256[];
    enum Kind { One, Two }
    struct Pair { uint256 left; mapping(address who => uint256[2][] amounts) right; function(uint256) external pure returns (bool) test; }
    uint256 public constant override SIZE = 0x10_00;
    address payable immutable owner;
    uint256 transient lock;
    uint256 transient;
    bytes32[] internal list;
    function(uint256, bytes memory) internal view returns (uint256) private hook;
    modifier only(address who) virtual { require(msg.sender == who, unicode"kein Zugriff ☹"); _; }
    modifier plain { _; }
    constructor(uint256 x) payable b.Base(x, "y") only(msg.sender) { owner = payable(msg.sender); }
    receive() external payable {}
    fallback(bytes calldata input) external payable returns (bytes memory) { return input[4:]; }
    function f(uint256 error) external override(I, b.Base) virtual plain returns (bool from) {
        Pair storage p;
        uint256[] memory xs = new uint256[](3);
        (uint256 q, , bytes memory r) = abi.decode(msg.data[:4], (uint256, address[], bytes));
        (q, ) = (1, 2);
        address payable who = payable(address(0));
        function(uint256) external returns (bool) g = this.f{gas: 5};
        xs[0] += 1 ether + 2 gwei + 3 days + 1.5e3 + .5e1 + 1_000;
        delete xs[1];
        xs[0]++; --xs[1];
        bool ok = !(q > 1 && q <= 2 || q != 3) ? true : false;
        q = q << 1 >> 2 & 3 | 4 ^ 5 % ~6;
        q <<= 1; q >>= 2; q |= 3; q &= 4; q ^= 5; q %= 6; q *= 7; q /= 8; q -= 9;
        for (uint256 i = 0; i < 3; i++) { if (i == 1) continue; else break; }
        for (;;) { break; }
        while (ok) ok = false;
        do { ok = true; } while (!ok);
        unchecked { q--; }
        { uint8[3] memory small = [1, 2, 3]; small; }
        emit Moved(who, q);
        emit a.Other({x: 1, y: 2});
        if (q == 9) revert Failed({code: 1, string_: "x"});
        if (q == 8) revert a.Other();
        if (q == 7) revert("plain");
        try new T{salt: bytes32(0), value: 1}(2) returns (T t) { t; } catch Error(string memory reason) { reason; }
        catch Panic(uint256 code) { code; } catch (bytes memory data) { data; } catch {}
        type(T).creationCode; type(uint256).max; type(I).interfaceId;
        hex"00_ff" hex"11"; 'single' "joined\n\x41\u00fc";
        assembly "evmasm" ("memory-safe") {
            let x, y := pair(1, 0xff)
            let z
            p.slot := x
            x, y := pair(calldataload(0), "abc")
            function pair(u, v) -> s, t { s := u t := add(v, hex"00") leave }
            function none() { return(0, 0) }
            if lt(x, y) { revert(0, 0) }
            switch x case 0 { none() } case "a" { } default { pop(byte(0, x)) }
            for { let i := 0 } lt(i, 10) { i := add(i, 1) } { if i { break } continue }
            { mstore(0, list.slot) }
        }
        return ok;
    }
    function g() public pure virtual returns (uint256);
}
