contract Memory {
    function f(uint256[2 ** 40] memory x) public {} //~ ERROR E0902
    function g() internal { uint8[70000][70000] memory x; x; } //~ ERROR E0902
    function h() internal { uint8[70000] memory x; x; }
}
contract Storage { //~ ERROR E0902
    uint256[2 ** 255] a;
    uint256[2 ** 255] b;
}
contract Fine {
    uint256[2 ** 255] a;
    uint8[2 ** 255] b;
}
uint8 constant MOST = 255;
uint8 constant OVER = MOST + 1; //~ ERROR E0414
contract Lengths {
    uint256[MOST] a;
    uint256[OVER] b;
    function() external returns (function() internal) c; //~ ERROR E0411
}
