// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// A pair in the manner of Uniswap v2: packed reserves, price accumulators, a product that no swap lowers.

interface IToken {
    function balanceOf(address holder) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
}

contract PairToken {
    string public constant name = "Pair";
    string public constant symbol = "PAIR";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address holder => uint256) public balanceOf;
    mapping(address holder => mapping(address spender => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function _mint(address to, uint256 value) internal {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function _burn(address from, uint256 value) internal {
        balanceOf[from] -= value;
        totalSupply -= value;
        emit Transfer(from, address(0), value);
    }

    function _move(address from, address to, uint256 value) private {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        if (allowance[from][msg.sender] != type(uint256).max) {
            allowance[from][msg.sender] -= value;
        }
        _move(from, to, value);
        return true;
    }
}

contract PlainToken is PairToken {
    constructor() {
        _mint(msg.sender, 1e30);
    }
}

contract Pair is PairToken {
    uint256 public constant MINIMUM_LIQUIDITY = 1000;
    address public immutable token0;
    address public immutable token1;
    uint112 private reserve0;
    uint112 private reserve1;
    uint32 private changed;
    uint256 public price0CumulativeLast;
    uint256 public price1CumulativeLast;
    uint256 private unlocked = 1;

    event Mint(address indexed sender, uint256 amount0, uint256 amount1);
    event Burn(address indexed sender, uint256 amount0, uint256 amount1, address indexed to);
    event Swap(
        address indexed sender,
        uint256 amount0In,
        uint256 amount1In,
        uint256 amount0Out,
        uint256 amount1Out,
        address indexed to
    );
    event Sync(uint112 reserve0, uint112 reserve1);

    error Locked();
    error Overflow();
    error TransferFailed();

    modifier lock() {
        if (unlocked != 1) revert Locked();
        unlocked = 0;
        _;
        unlocked = 1;
    }

    constructor(address token0_, address token1_) {
        token0 = token0_;
        token1 = token1_;
    }

    function getReserves() public view returns (uint112, uint112, uint32) {
        return (reserve0, reserve1, changed);
    }

    function _send(address token, address to, uint256 value) private {
        (bool success, bytes memory data) = token.call(abi.encodeCall(IToken.transfer, (to, value)));
        if (!success || (data.length != 0 && !abi.decode(data, (bool)))) revert TransferFailed();
    }

    function _update(uint256 balance0, uint256 balance1, uint112 before0, uint112 before1) private {
        if (balance0 > type(uint112).max || balance1 > type(uint112).max) revert Overflow();
        uint32 time = uint32(block.timestamp % 2 ** 32);
        unchecked {
            uint32 elapsed = time - changed;
            if (elapsed > 0 && before0 != 0 && before1 != 0) {
                price0CumulativeLast += uint256((uint224(before1) << 112) / before0) * elapsed;
                price1CumulativeLast += uint256((uint224(before0) << 112) / before1) * elapsed;
            }
        }
        reserve0 = uint112(balance0);
        reserve1 = uint112(balance1);
        changed = time;
        emit Sync(reserve0, reserve1);
    }

    function mint(address to) external lock returns (uint256 liquidity) {
        (uint112 before0, uint112 before1,) = getReserves();
        uint256 balance0 = IToken(token0).balanceOf(address(this));
        uint256 balance1 = IToken(token1).balanceOf(address(this));
        uint256 amount0 = balance0 - before0;
        uint256 amount1 = balance1 - before1;
        uint256 supply = totalSupply;
        if (supply == 0) {
            liquidity = _sqrt(amount0 * amount1) - MINIMUM_LIQUIDITY;
            _mint(address(0), MINIMUM_LIQUIDITY);
        } else {
            liquidity = _min(amount0 * supply / before0, amount1 * supply / before1);
        }
        require(liquidity > 0, "no liquidity minted");
        _mint(to, liquidity);
        _update(balance0, balance1, before0, before1);
        emit Mint(msg.sender, amount0, amount1);
    }

    function burn(address to) external lock returns (uint256 amount0, uint256 amount1) {
        (uint112 before0, uint112 before1,) = getReserves();
        address first = token0;
        address second = token1;
        uint256 balance0 = IToken(first).balanceOf(address(this));
        uint256 balance1 = IToken(second).balanceOf(address(this));
        uint256 liquidity = balanceOf[address(this)];
        uint256 supply = totalSupply;
        amount0 = liquidity * balance0 / supply;
        amount1 = liquidity * balance1 / supply;
        require(amount0 > 0 && amount1 > 0, "no liquidity burned");
        _burn(address(this), liquidity);
        _send(first, to, amount0);
        _send(second, to, amount1);
        balance0 = IToken(first).balanceOf(address(this));
        balance1 = IToken(second).balanceOf(address(this));
        _update(balance0, balance1, before0, before1);
        emit Burn(msg.sender, amount0, amount1, to);
    }

    function swap(uint256 amount0Out, uint256 amount1Out, address to) external lock {
        require(amount0Out > 0 || amount1Out > 0, "nothing asked");
        (uint112 before0, uint112 before1,) = getReserves();
        require(amount0Out < before0 && amount1Out < before1, "not enough liquidity");
        uint256 balance0;
        uint256 balance1;
        {
            address first = token0;
            address second = token1;
            require(to != first && to != second, "bad receiver");
            if (amount0Out > 0) _send(first, to, amount0Out);
            if (amount1Out > 0) _send(second, to, amount1Out);
            balance0 = IToken(first).balanceOf(address(this));
            balance1 = IToken(second).balanceOf(address(this));
        }
        uint256 amount0In = balance0 > before0 - amount0Out ? balance0 - (before0 - amount0Out) : 0;
        uint256 amount1In = balance1 > before1 - amount1Out ? balance1 - (before1 - amount1Out) : 0;
        require(amount0In > 0 || amount1In > 0, "nothing paid");
        {
            uint256 adjusted0 = balance0 * 1000 - amount0In * 3;
            uint256 adjusted1 = balance1 * 1000 - amount1In * 3;
            require(adjusted0 * adjusted1 >= uint256(before0) * before1 * 1000 ** 2, "product fell");
        }
        _update(balance0, balance1, before0, before1);
        emit Swap(msg.sender, amount0In, amount1In, amount0Out, amount1Out, to);
    }

    function skim(address to) external lock {
        _send(token0, to, IToken(token0).balanceOf(address(this)) - reserve0);
        _send(token1, to, IToken(token1).balanceOf(address(this)) - reserve1);
    }

    function sync() external lock {
        uint256 balance0 = IToken(token0).balanceOf(address(this));
        _update(balance0, IToken(token1).balanceOf(address(this)), reserve0, reserve1);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _sqrt(uint256 y) private pure returns (uint256 z) {
        if (y > 3) {
            z = y;
            uint256 x = y / 2 + 1;
            while (x < z) {
                z = x;
                x = (y / x + x) / 2;
            }
        } else if (y != 0) {
            z = 1;
        }
    }
}
