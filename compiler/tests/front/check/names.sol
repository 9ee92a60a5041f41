import "./missing.sol"; //~ ERROR E0301

contract A {
    uint256 balance;
    uint256 balance; //~ ERROR E0304
    function f() public view returns (uint256) {
        return balnce; //~ ERROR E0303
    }
    function g(Unknown x) public {} //~ ERROR E0303
    function h(balance x) public {} //~ ERROR E0306
    function i() public {
        uint256 x;
        uint256 x; //~ ERROR E0304
        { uint256 y; y; }
        y; //~ ERROR E0303
    }
    function j() public pure returns (uint256) { return msg.valu; } //~ ERROR E0308
    function same(uint256) public {} //~ ERROR E0304
    function same(uint256) public {}
    function over(uint8) public {}
    function over(uint256) public {}
    function k() public { over(1); } //~ ERROR E0305
    function l() public { over("a"); } //~ ERROR E0409
    uint256 this; //~ ERROR E0203
}
