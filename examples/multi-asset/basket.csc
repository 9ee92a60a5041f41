// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";

/// @title Basket
/// @notice Combines two assets into a third and takes them apart again. Both come with one call, no approvals are
/// needed, and what leaves the contract is exactly what came in.
contract Basket {
    /// @notice The two metals did not come in the basket's proportion.
    error WrongProportion(uint256 gold, uint256 silver);
    /// @notice No basket units came with the call.
    error NothingReceived();

    /// @notice Units of silver for each unit of gold.
    uint256 public constant SILVER_PER_GOLD = 80;
    uint256 internal constant UNIT = 1;

    /// @notice The asset gold.
    AssetId public immutable gold;
    /// @notice The asset silver.
    AssetId public immutable silver;

    constructor(AssetId gold_, AssetId silver_) {
        gold = gold_;
        silver = silver_;
        Assets.describe(UNIT, "Gold and silver", "BASKET", 18);
    }

    /// @notice The asset of the basket's units.
    function units() public view returns (AssetId) {
        return Assets.idOf(address(this), UNIT);
    }

    /// @notice Turns the gold and silver that came with the call into basket units, one for each unit of gold.
    function wrap() external returns (uint256 amount) {
        amount = Assets.received(gold);
        uint256 other = Assets.received(silver);
        if (amount == 0 || other != amount * SILVER_PER_GOLD) revert WrongProportion(amount, other);
        Assets.mint(UNIT, msg.sender, amount);
    }

    /// @notice Turns the basket units that came with the call back into gold and silver.
    function unwrap() external {
        uint256 amount = Assets.received(units());
        if (amount == 0) revert NothingReceived();
        units().burn(amount);
        gold.send(msg.sender, amount);
        silver.send(msg.sender, amount * SILVER_PER_GOLD);
    }

    /// @notice Returns how many basket units there are.
    function supply() external view returns (uint256) {
        return units().supply();
    }
}
