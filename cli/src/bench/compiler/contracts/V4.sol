// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {PoolManager} from "@uniswap/v4-core/src/PoolManager.sol";
import {IUnlockCallback} from "@uniswap/v4-core/src/interfaces/callback/IUnlockCallback.sol";
import {IHooks} from "@uniswap/v4-core/src/interfaces/IHooks.sol";
import {PoolKey} from "@uniswap/v4-core/src/types/PoolKey.sol";
import {Currency} from "@uniswap/v4-core/src/types/Currency.sol";
import {BalanceDelta} from "@uniswap/v4-core/src/types/BalanceDelta.sol";
import {ModifyLiquidityParams, SwapParams} from "@uniswap/v4-core/src/types/PoolOperation.sol";

contract Coin {
    mapping(address holder => uint256) public balanceOf;

    constructor() {
        balanceOf[msg.sender] = 1e36;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        return true;
    }
}

contract Trader is IUnlockCallback {
    PoolManager internal immutable manager;
    Currency internal immutable currency0;
    Currency internal immutable currency1;

    constructor(PoolManager manager_) {
        manager = manager_;
        (address a, address b) = (address(new Coin()), address(new Coin()));
        (currency0, currency1) = a < b ? (Currency.wrap(a), Currency.wrap(b)) : (Currency.wrap(b), Currency.wrap(a));
    }

    function key() internal view returns (PoolKey memory) {
        return PoolKey(currency0, currency1, 3000, 60, IHooks(address(0)));
    }

    function start() external returns (int24) {
        return manager.initialize(key(), 79228162514264337593543950336);
    }

    function provide(int24 low, int24 high, int256 liquidity) external returns (bytes memory) {
        return manager.unlock(abi.encode(true, low, high, liquidity));
    }

    function swap(bool zeroForOne, int256 amount) external returns (bytes memory) {
        return manager.unlock(abi.encode(false, zeroForOne ? int24(1) : int24(0), int24(0), amount));
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        (bool isProviding, int24 a, int24 b, int256 amount) = abi.decode(data, (bool, int24, int24, int256));
        BalanceDelta delta;
        if (isProviding) {
            (delta,) = manager.modifyLiquidity(key(), ModifyLiquidityParams(a, b, amount, 0), "");
        } else {
            bool down = a == 1;
            uint160 limit = down ? 4295128740 : 1461446703485210103287273052203988822378723970341;
            delta = manager.swap(key(), SwapParams(down, amount, limit), "");
        }
        settle(currency0, delta.amount0());
        settle(currency1, delta.amount1());
        return abi.encode(delta);
    }

    function settle(Currency currency, int128 amount) internal {
        if (amount < 0) {
            manager.sync(currency);
            currency.transfer(address(manager), uint128(-amount));
            manager.settle();
        } else if (amount > 0) {
            manager.take(currency, address(this), uint128(amount));
        }
    }
}
