// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ contract: Coin
//@ constructor: "Test Coin", "TST", 1000
//@ run-call: name() => "Test Coin"
//@ run-call: symbol() => "TST"
//@ run-call: decimals() => 18
//@ run-call: totalSupply() => 1000
//@ run-call: balanceOf(address) 0x1000 => 1000
//@ run-call: transfer(address,uint256) 0x2000, 300 => true
//@ run-call: balanceOf(address) 0x1000 => 700
//@ run-call: balanceOf(address) 0x2000 => 300
//@ reverts: transfer(address,uint256) 0x2000, 701 => ERC20InsufficientBalance(address,uint256,uint256) 0x1000, 700, 701
//@ reverts: transfer(address,uint256) 0x00, 1 => ERC20InvalidReceiver(address) 0x00
//@ run-call: approve(address,uint256) 0x42, 50 => true
//@ run-call: allowance(address,address) 0x1000, 0x42 => 50
//@ run-call {from: 0x42}: transferFrom(address,address,uint256) 0x1000, 0x3000, 20 => true
//@ run-call: allowance(address,address) 0x1000, 0x42 => 30
//@ reverts {from: 0x42}: transferFrom(address,address,uint256) 0x1000, 0x3000, 31 => ERC20InsufficientAllowance(address,uint256,uint256) 0x42, 30, 31
//@ run-call: approve(address,uint256) 0x42, 115792089237316195423570985008687907853269984665640564039457584007913129639935 => true
//@ run-call {from: 0x42}: transferFrom(address,address,uint256) 0x1000, 0x3000, 80 => true
//@ run-call: allowance(address,address) 0x1000, 0x42 => 115792089237316195423570985008687907853269984665640564039457584007913129639935
//@ reverts: approve(address,uint256) 0x00, 1 => ERC20InvalidSpender(address) 0x00
//@ run-call: mint(address,uint256) 0x4000, 5
//@ reverts {from: 0x42}: mint(address,uint256) 0x4000, 5 => OwnableUnauthorizedAccount(address) 0x42
//@ reverts: mint(address,uint256) 0x4000, 115792089237316195423570985008687907853269984665640564039457584007913129639935 => Panic 0x11
//@ run-call {from: 0x4000}: burn(uint256) 2
//@ reverts {from: 0x4000}: burn(uint256) 4 => ERC20InsufficientBalance(address,uint256,uint256) 0x4000, 3, 4
//@ run-call: totalSupply() => 1003
//@ run-call: balanceOf(address) 0x3000 => 100
//@ run-call: transferOwnership(address) 0x42
//@ run-call: owner() => 0x42
interface IERC20 {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function allowance(address owner, address spender) external view returns (uint256);
    function approve(address spender, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}
interface IERC20Metadata is IERC20 {
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
}
interface IERC20Errors {
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InvalidSender(address sender);
    error ERC20InvalidReceiver(address receiver);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InvalidApprover(address approver);
    error ERC20InvalidSpender(address spender);
}
abstract contract Context {
    function _msgSender() internal view virtual returns (address) { return msg.sender; }
}
abstract contract Ownable is Context {
    address private _owner;
    error OwnableUnauthorizedAccount(address account);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    constructor(address initialOwner) { _transferOwnership(initialOwner); }
    modifier onlyOwner() {
        if (owner() != _msgSender()) revert OwnableUnauthorizedAccount(_msgSender());
        _;
    }
    function owner() public view virtual returns (address) { return _owner; }
    function transferOwnership(address newOwner) public virtual onlyOwner { _transferOwnership(newOwner); }
    function _transferOwnership(address newOwner) internal virtual {
        address old = _owner;
        _owner = newOwner;
        emit OwnershipTransferred(old, newOwner);
    }
}
abstract contract ERC20 is Context, IERC20, IERC20Metadata, IERC20Errors {
    mapping(address account => uint256) private _balances;
    mapping(address account => mapping(address spender => uint256)) private _allowances;
    uint256 private _totalSupply;
    string private _name;
    string private _symbol;

    constructor(string memory name_, string memory symbol_) {
        _name = name_;
        _symbol = symbol_;
    }
    function name() public view virtual returns (string memory) { return _name; }
    function symbol() public view virtual returns (string memory) { return _symbol; }
    function decimals() public view virtual returns (uint8) { return 18; }
    function totalSupply() public view virtual returns (uint256) { return _totalSupply; }
    function balanceOf(address account) public view virtual returns (uint256) { return _balances[account]; }
    function transfer(address to, uint256 value) public virtual returns (bool) {
        _transfer(_msgSender(), to, value);
        return true;
    }
    function allowance(address owner, address spender) public view virtual returns (uint256) {
        return _allowances[owner][spender];
    }
    function approve(address spender, uint256 value) public virtual returns (bool) {
        _approve(_msgSender(), spender, value);
        return true;
    }
    function transferFrom(address from, address to, uint256 value) public virtual returns (bool) {
        _spendAllowance(from, _msgSender(), value);
        _transfer(from, to, value);
        return true;
    }
    function _transfer(address from, address to, uint256 value) internal {
        if (from == address(0)) revert ERC20InvalidSender(address(0));
        if (to == address(0)) revert ERC20InvalidReceiver(address(0));
        _update(from, to, value);
    }
    function _update(address from, address to, uint256 value) internal virtual {
        if (from == address(0)) {
            _totalSupply += value;
        } else {
            uint256 fromBalance = _balances[from];
            if (fromBalance < value) revert ERC20InsufficientBalance(from, fromBalance, value);
            unchecked { _balances[from] = fromBalance - value; }
        }
        if (to == address(0)) {
            unchecked { _totalSupply -= value; }
        } else {
            unchecked { _balances[to] += value; }
        }
        emit Transfer(from, to, value);
    }
    function _mint(address account, uint256 value) internal {
        if (account == address(0)) revert ERC20InvalidReceiver(address(0));
        _update(address(0), account, value);
    }
    function _burn(address account, uint256 value) internal {
        if (account == address(0)) revert ERC20InvalidSender(address(0));
        _update(account, address(0), value);
    }
    function _approve(address owner, address spender, uint256 value) internal { _approve(owner, spender, value, true); }
    function _approve(address owner, address spender, uint256 value, bool emitEvent) internal virtual {
        if (owner == address(0)) revert ERC20InvalidApprover(address(0));
        if (spender == address(0)) revert ERC20InvalidSpender(address(0));
        _allowances[owner][spender] = value;
        if (emitEvent) emit Approval(owner, spender, value);
    }
    function _spendAllowance(address owner, address spender, uint256 value) internal virtual {
        uint256 current = allowance(owner, spender);
        if (current != type(uint256).max) {
            if (current < value) revert ERC20InsufficientAllowance(spender, current, value);
            unchecked { _approve(owner, spender, current - value, false); }
        }
    }
}
contract Coin is ERC20, Ownable {
    constructor(string memory name_, string memory symbol_, uint256 supply) ERC20(name_, symbol_) Ownable(msg.sender) {
        _mint(msg.sender, supply);
    }
    function mint(address to, uint256 value) external onlyOwner { _mint(to, value); }
    function burn(uint256 value) external { _burn(_msgSender(), value); }
}
