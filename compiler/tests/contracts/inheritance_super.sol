// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ contract: Bottom
//@ run-call: chain() => "Bottom Right Left Top"
//@ run-call: name() => "Bottom"
//@ run-call: callLeft() => "Left Top"
//@ run-call: sum(uint256) 5 => 111
//@ run-call: origin() => 4, 3, 2, 1
//@ run-call: onlyTop() => 77
contract Top {
    uint256 internal top = 1;
    function chain() public virtual returns (string memory) { return "Top"; }
    function name() external pure virtual returns (string memory) { return "Top"; }
    function sum(uint256 n) public virtual returns (uint256) { return n > 0 ? 1 : 0; }
    function onlyTop() external pure returns (uint256) { return secret(); }
    function secret() private pure returns (uint256) { return 77; }
}
contract Left is Top {
    uint256 internal left = top + 1;
    function chain() public virtual override returns (string memory) { return string.concat("Left ", super.chain()); }
    function sum(uint256 n) public virtual override returns (uint256) { return 10 + super.sum(n); }
}
contract Right is Top {
    uint256 internal right = top + 2;
    function chain() public virtual override returns (string memory) { return string.concat("Right ", super.chain()); }
    function sum(uint256 n) public virtual override returns (uint256) { return 100 + super.sum(n); }
}
contract Bottom is Left, Right {
    uint256 internal bottom = right + 1;
    function chain() public override(Left, Right) returns (string memory) {
        return string.concat("Bottom ", super.chain());
    }
    function name() external pure override returns (string memory) { return "Bottom"; }
    function callLeft() external returns (string memory) { return Left.chain(); }
    function sum(uint256 n) public override(Right, Left) returns (uint256) { return super.sum(n); }
    function origin() external view returns (uint256, uint256, uint256, uint256) { return (bottom, right, left, top); }
}
