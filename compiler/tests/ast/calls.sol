// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
import "./lib.sol" as M;
import {X as Y, free} from "./lib.sol";
/// @title hello
library L { function ext(uint[] storage a, uint b) external view returns (uint) { return a[b]; } function inn(uint a) internal pure returns (uint) { return a; } event LE(uint a);}
interface I { function f(uint a) external payable returns (uint); }
error Err(uint a, string b);
uint constant K = 5 + 3;
struct S { uint a; uint[] b; mapping(address => uint) m; }
struct P { uint x; string s; }
enum E { A, B }
type U is uint128;
function addU(U a, U b) pure returns (U) { return U.wrap(U.unwrap(a) + U.unwrap(b)); }
using {addU as +, addU} for U global;
abstract contract Base { 
  event Ev(address indexed a, uint b);
  modifier mod(uint z) virtual { require(z > 0, "x"); _; }
  function v(uint q) public virtual returns (uint) { return q; }
  constructor(uint zz) {}
}
contract D { constructor(uint a) payable {} function g() external view returns (address) { return address(this); } }
/** doc C
 * @dev x
 */
contract C is Base(1) {
  using L for uint[]; using L for uint;
  uint[] arr; uint[3] fix; mapping(address who => mapping(uint => S) inner) mm; S s; P public p; bytes bs; string str;
  uint immutable imm = 3; uint public constant kk = 7; uint transient tr;
  function(uint) internal returns (uint) fp; function(uint) external payable returns (uint) fe;
  E en; U uu; address payable ap; I ii;
  mapping(address => P[]) public pub;
  function v(uint q) public override mod(q) returns (uint) { return super.v(q); }
  function over(uint a) internal {} function over(uint8 a, uint b) internal {} function over(string memory s_) internal {}
  function test(uint a, bytes calldata cd, P memory pm) external payable returns (uint r, bool) {
    arr.ext(2); uint(5).inn(); a.inn();
    L.inn(3); L.ext(arr, 1);
    (bool ok, bytes memory ret) = address(this).call{value: 1, gas: 5000}(abi.encodeWithSelector(I.f.selector, 1, a));
    ii.f{value: 2}({a: 3});
    ii.f;
    address(ii).delegatecall(""); address(ii).staticcall(hex"1234");
    ap.transfer(1); ap.send(2); ap.balance; ap.code.length; ap.codehash;
    D d = new D{salt: bytes32(0), value: 3}(4);
    uint[] memory nm = new uint[](3); bytes memory nb = new bytes(2);
    fp = over2; fp(3); fe = this.eee; fe{value: 3}(1); fe.selector; fe.address;
    emit Ev(msg.sender, a); emit L.LE(1);
    if (a > 2) revert Err(a, "s"); 
    require(a > 1, Err(1, "x")); require(ok); require(ok, "msg"); assert(ok); 
    type(uint8).max; type(C).name; type(D).creationCode; type(I).interfaceId; type(E).min; type(int).min;
    abi.encode(1, a); abi.decode(cd, (uint, address, P)); (uint xx,) = abi.decode(ret, (uint, bytes)); abi.encodePacked("a"); abi.encodeCall(I.f, (1));
    keccak256("abc"); sha256(""); block.timestamp; msg.data; msg.value; msg.sig; tx.origin; gasleft(); blockhash(1); ecrecover(0,0,0,0); addmod(1,2,3);
    cd[1:2]; cd[a]; bs[1]; pm.x; pm.s; p.x = 3; mm[msg.sender][3].b.push(3); arr.push() = 4; bs.push(0x01); bytes.concat(bs, cd); string.concat(str, "a");
    U u1 = U.wrap(3); u1 + u1; u1.addU(u1); E.A; E(1); uint(en); 
    [1, 2, 300]; [uint(1), 2]; (a, ok) = (1, true); (a) = 3; a++; --a; -int(a); delete arr; ~a; !ok; a ** 2; 2 ** a; 1 << 3; a << 3; 1.5e3; 2 ether; 0xff; 0x1234567890123456789012345678901234567890 == msg.sender; "str"; unicode"ü"; true; 5 days;
    a > 1 ? 1 : 2; ok ? "a" : "bc"; a += 1; a == 1 && ok; 
    P memory np = P(1, "x"); P({x: 1, s: "y"}); S storage sp = s; sp.a; s; sp.m[msg.sender]; 
    M.X; M.free(1); free(2); Y; M; C; L; Base.v(1); super.v; this; this.v; C.v; Base.v.selector; I.f.selector; this.p(); this.pub(msg.sender, 1); K; kk; imm; Ev.selector; Err.selector; Err; Ev; L.LE;
    over(3); over(3, 4); over("s"); revert(); revert("x"); payable(msg.sender); bytes4(0x12345678); bytes1("a"); selfdestruct(ap); address(0); 
    try this.v(1) returns (uint z) { z; } catch Error(string memory reason) { reason; } catch (bytes memory low) { low; }
    unchecked { a -= 1; } for (uint i = 0; i < 3; i++) { continue; } while (true) break; do { a; } while (false);
    assembly ("memory-safe") { let x := add(a, 1) let y, z := g() function g() -> q, w { leave } sstore(arr.slot, arr.offset) x := calldataload(cd.offset) if x { revert(0,0) } switch x case 0 { } case "abc" {} default { pop(hex"12") } for {} 1 {} { break continue } pop(cd.length) pop(true) }
    uint; uint8[]; P[3]; msg; abi; block; tx;
    return (a, true);
  }
  function over2(uint a) internal returns (uint) {}
  function eee(uint a) external payable returns (uint) {}
}
