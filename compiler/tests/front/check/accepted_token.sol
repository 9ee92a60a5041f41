// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC20 {
    event Transfer(address indexed from, address indexed to, uint256 value);
    function totalSupply() external view returns (uint256);
    function balanceOf(address who) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
}

abstract contract Context {
    function _msgSender() internal view virtual returns (address) {
        return msg.sender;
    }
}

contract Token is Context, IERC20 {
    error Insufficient(address who, uint256 has, uint256 needs);

    mapping(address account => uint256) private _balances;
    uint256 private _total;
    string public name;
    uint8 public constant decimals = 18;
    address public immutable owner;

    modifier onlyOwner() {
        require(_msgSender() == owner, "not owner");
        _;
    }

    constructor(string memory name_) {
        name = name_;
        owner = msg.sender;
        _mint(msg.sender, 1000 * 10 ** decimals);
    }

    function totalSupply() public view returns (uint256) {
        return _total;
    }

    function balanceOf(address who) public view virtual returns (uint256) {
        return _balances[who];
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _update(_msgSender(), to, value);
        return true;
    }

    function mint(address to, uint256 value) external onlyOwner {
        _mint(to, value);
    }

    function _mint(address to, uint256 value) internal {
        _update(address(0), to, value);
    }

    function _update(address from, address to, uint256 value) internal virtual {
        if (from == address(0)) {
            _total += value;
        } else {
            uint256 has = _balances[from];
            if (has < value) revert Insufficient(from, has, value);
            unchecked {
                _balances[from] = has - value;
            }
        }
        _balances[to] += value;
        emit Transfer(from, to, value);
    }
}
