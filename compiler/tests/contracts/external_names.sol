// A name alone does not reach an external function: it means what stands outside the contract, or an overload.
//@ run-call: twice(uint256) 4 => 9
//@ run-call: pick(uint256) 3 => 10
//@ run-call: pick(uint8,uint256) 3, 5 => 20
//@ run-call: own() => 5
//@ run-call: keccak256(uint256) 0 => 0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563
pragma solidity ^0.8.30;

function twice(uint256 x) pure returns (uint256) { return 2 * x; }

function pick(uint256 x) pure returns (uint256) { return x + 1; }

abstract contract Inner {
    function inner(uint256 x) external pure returns (uint256) { return x; }
    function inner(bytes4 x) internal pure returns (uint256) { return uint32(x); }
}

contract ExternalNames is Inner {
    function twice(uint256 x) external pure returns (uint256) { return twice(x) + 1; }
    function pick(uint256 x) external view returns (uint256) { return this.pick(uint8(x), 1) + pick(x) + 2; }
    function pick(uint8 x, uint256 y) external pure returns (uint256) { return pick(x) * y; }
    function own() external pure returns (uint256) { return inner(bytes4(0x00000005)); }
    function keccak256(uint256 x) external pure returns (bytes32) { return keccak256(abi.encode(x)); }
}
