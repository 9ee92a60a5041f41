// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ contract: Caller
//@ run-call: setUp()
//@ run-call: ask(uint256) 20 => 42
//@ run-call: throughInterface(uint256) 5 => 12
//@ reverts: failing() => Broken(uint256) 9
//@ run-call: lowLevel() => true, 42
//@ run-call: lowLevelFailure() => false, 36
//@ run-call: staticWrite() => false
//@ run-call: delegate(uint256) 8 => 8
//@ run-call {value: 10}: pay() => 10, 10
//@ run-call: toNobody() => true, 0
//@ reverts: typedToNobody() => empty
//@ run-call: created(uint256) 4 => 4
//@ run-call: gasLimited() => true
//@ run-call: salted() => true
interface ITarget {
    function double(uint256 x) external returns (uint256);
    function store(uint256 x) external;
    function stored() external view returns (uint256);
    function fail() external;
    function take() external payable returns (uint256);
}
contract Target is ITarget {
    error Broken(uint256 code);
    uint256 public stored;
    constructor(uint256 start) payable { stored = start; }
    function double(uint256 x) external view returns (uint256) { return x * 2 + stored; }
    function store(uint256 x) external { stored = x; }
    function fail() external pure { revert Broken(9); }
    function take() external payable returns (uint256) { return msg.value; }
}
contract Caller {
    uint256 internal own;
    Target internal target;

    function setUp() external { target = new Target(2); }
    function ask(uint256 x) external view returns (uint256) { return target.double(x); }
    function throughInterface(uint256 x) external returns (uint256) {
        ITarget it = ITarget(address(target));
        it.store(x - 3);
        uint256 r = it.double(x);
        it.store(2);
        return r;
    }
    function failing() external { ITarget(address(target)).fail(); }
    function lowLevel() external returns (bool ok, uint256 value) {
        bytes memory data;
        (ok, data) = address(target).call(abi.encodeWithSignature("double(uint256)", 20));
        value = abi.decode(data, (uint256));
    }
    function lowLevelFailure() external returns (bool ok, uint256 length) {
        bytes memory data;
        (ok, data) = address(target).call(abi.encodeCall(ITarget.fail, ()));
        length = data.length;
    }
    function staticWrite() external view returns (bool ok) {
        (ok,) = address(target).staticcall(abi.encodeCall(ITarget.store, (1)));
    }
    function delegate(uint256 x) external returns (uint256) {
        (bool ok,) = address(target).delegatecall(abi.encodeCall(ITarget.store, (x)));
        require(ok);
        return own;
    }
    function pay() external payable returns (uint256, uint256) {
        uint256 got = ITarget(address(target)).take{value: msg.value}();
        return (got, address(target).balance);
    }
    function toNobody() external returns (bool ok, uint256 length) {
        bytes memory data;
        (ok, data) = address(0x1234567890).call("");
        length = data.length;
    }
    function typedToNobody() external returns (uint256) { return ITarget(address(0x1234567890)).double(1); }
    function created(uint256 start) external returns (uint256) { return new Target(start).stored(); }
    function gasLimited() external returns (bool ok) {
        (ok,) = address(target).call{gas: 50_000}(abi.encodeCall(ITarget.double, (1)));
    }
    function salted() external returns (bool) {
        Target made = new Target{salt: bytes32(uint256(1)), value: 0}(6);
        bytes32 hash = keccak256(abi.encodePacked(type(Target).creationCode, abi.encode(6)));
        bytes32 raw = keccak256(abi.encodePacked(bytes1(0xff), address(this), bytes32(uint256(1)), hash));
        return address(made) == address(uint160(uint256(raw)));
    }
}
