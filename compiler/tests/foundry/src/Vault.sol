// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

/// A vault with a limit on what one account deposits.
contract Vault is ERC4626, ReentrancyGuard {
    uint256 public immutable limit;
    mapping(address account => uint256 assets) public deposited;

    error OverLimit(address account, uint256 assets, uint256 limit);

    constructor(IERC20 asset_, uint256 limit_) ERC4626(asset_) ERC20("Vault share", "vSHR") {
        limit = limit_;
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares)
        internal
        override
        nonReentrant
    {
        uint256 sum = deposited[receiver] += assets;
        require(sum <= limit, OverLimit(receiver, sum, limit));
        super._deposit(caller, receiver, assets, shares);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return 3;
    }
}
