// A library's ABI leaves out what writes or takes storage and names enums and contracts; errors and events of code
// that cannot run, and of functions whose value is taken but never called, belong to the interface.
pragma solidity ^0.8.30;
enum E0 { A, B }
struct S0 { uint256 a; E0 e; }
struct S1 { E0[] e; S0[2] s; }
struct S2 { mapping(uint256 => uint256) m; }
type W0 is uint8;
contract K {}
interface I {}
error Er(E0 e);
event Ev(E0 e, S0 s);
library L {
    event Ev2(E0 e, S0 s, K k);
    error Er2(E0 e, S0 s, K k);
    enum Inner { X, Y }
    function a(uint256 x) public returns (uint256) { return x; }
    function b(uint256[] storage x) public view returns (uint256) { return x.length; }
    function c(E0 e, E0[] memory, E0[2][] calldata) public pure returns (E0) { return e; }
    function d(S0 memory s, S1 memory) public pure returns (S0 memory) { never(); return s; }
    function never() internal pure { if (false) revert Er2(E0.A, S0(1, E0.B), K(address(0))); }
    function e(S2 storage s) public {}
    function f(K k, I, W0 w, address payable) public pure returns (K, W0) { return (k, w); }
    function g(mapping(uint256 => E0) storage) external returns (uint256) { return 1; }
    function h() external pure returns (S1 memory r, E0[] memory) {}
    function i(function(E0) external x) external pure {}
    function j() public { emit Ev(E0.A, S0(1, E0.A)); revert Er(E0.B); }
    function k() public view returns (uint256[] storage r) { assembly { r.slot := 0 } }
    function l(Inner x) public view returns (Inner[] memory) {}
}
contract Main {
    function dead() internal returns (uint256) { emit Ev(E0.A, S0(1, E0.A)); return 1; }
    function dead2(uint256) internal returns (uint256) { revert Er(E0.A); }
    function q(function(uint256) internal returns (uint256) f) internal {}
    function z() public returns (uint256) {
        function() internal returns (uint256) x = dead;
        return 1;
        emit L.Ev2(E0.A, S0(1, E0.A), K(address(0)));
    }
    function zz() public returns (uint256) {
        if (false) revert L.Er2(E0.A, S0(1, E0.A), K(address(0)));
        return 1;
        q(dead2);
    }
}
