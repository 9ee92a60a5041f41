// SPDX-License-Identifier: MIT OR Apache-2.0
// What the tests deploy on the outer chain. Compiled once: solc 0.8.37, optimizer on, evmVersion paris.
pragma solidity ^0.8.0;

/// A token that can be told to misbehave.
contract Token {
    event Transfer(address indexed from, address indexed to, uint256 amount);
    mapping(address => uint256) public balanceOf;
    uint256 public feePercent;
    bool public refuses;
    bool public pretends;

    function mint(address to, uint256 amount) external { balanceOf[to] += amount; emit Transfer(address(0), to, amount); }
    function setFee(uint256 percent) external { feePercent = percent; }
    function setRefuses(bool on) external { refuses = on; }
    function setPretends(bool on) external { pretends = on; }

    /// Claims a transfer that never happens.
    function lie(address from, address to, uint256 amount) external { emit Transfer(from, to, amount); }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (refuses) return false;
        emit Transfer(msg.sender, to, amount);
        if (pretends) return true;
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount - amount * feePercent / 100;
        return true;
    }
}

/// A token of the old kind, whose transfer returns nothing.
contract OldToken {
    event Transfer(address indexed from, address indexed to, uint256 amount);
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external { balanceOf[to] += amount; emit Transfer(address(0), to, amount); }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
    }
}

/// Sends on what it gets, so that the receiver sees no transaction of its own.
contract Forwarder {
    function forward(address payable to) external payable { (bool ok,) = to.call{value: msg.value}(""); require(ok); }
}

/// Takes coin only while it is open.
contract Moody {
    bool public closed;
    function setClosed(bool on) external { closed = on; }
    receive() external payable { require(!closed, "closed"); }
}
