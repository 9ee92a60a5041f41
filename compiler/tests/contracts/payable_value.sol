// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call {value: 100}: deposit() => 100
//@ reverts {value: 1}: notPayable() => empty
//@ run-call: balance() => 100
//@ run-call: send(address,uint256) 0x9999, 40 => 60, 40
//@ reverts: send(address,uint256) 0x9999, 100 => Error "failed"
//@ run-call: transfer_(address,uint256) 0x9999, 10 => 50
//@ run-call {from: 0x77}: sender() => 0x77, 0x77
contract PayableValue {
    mapping(address => uint256) internal credit;
    function deposit() external payable returns (uint256) {
        credit[msg.sender] += msg.value;
        return credit[msg.sender];
    }
    function notPayable() external pure returns (uint256) { return 1; }
    function balance() external view returns (uint256) { return address(this).balance; }
    function send(address payable to, uint256 amount) external returns (uint256, uint256) {
        (bool ok,) = to.call{value: amount}("");
        require(ok, "failed");
        return (address(this).balance, to.balance);
    }
    function transfer_(address payable to, uint256 amount) external returns (uint256) {
        to.transfer(amount);
        return address(this).balance;
    }
    function sender() external view returns (address, address) { return (msg.sender, tx.origin); }
}
