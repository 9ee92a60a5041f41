// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ contract: Circle
//@ constructor: 3
//@ run-call: area() => 27
//@ run-call: describe() => "circle", 27
//@ run-call: supportsInterface(bytes4) 0x01ffc9a7 => true
//@ run-call: supportsInterface(bytes4) 0xffffffff => false
//@ run-call: ids() => 0x01ffc9a7, 0x57900dd0
interface IERC165 {
    function supportsInterface(bytes4 id) external view returns (bool);
}
interface IShape {
    function area() external view returns (uint256);
    function describe() external view returns (string memory, uint256);
}
abstract contract Shape is IShape, IERC165 {
    function area() public view virtual returns (uint256);
    function name() internal pure virtual returns (string memory);
    function describe() external view virtual override returns (string memory, uint256) { return (name(), area()); }
    function supportsInterface(bytes4 id) public pure virtual returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IShape).interfaceId;
    }
}
contract Circle is Shape {
    uint256 internal immutable radius;
    constructor(uint256 r) { radius = r; }
    function area() public view override(Shape) returns (uint256) { return 3 * radius * radius; }
    function name() internal pure override returns (string memory) { return "circle"; }
    function ids() external pure returns (bytes4, bytes4) {
        return (type(IERC165).interfaceId, type(IShape).interfaceId);
    }
}
