// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";
import "fusor/Usufruct.sol";

/// @title Flat
/// @notice A flat is an asset of one unit. Its owner may let it: for the time of the grant the door opens for the
/// tenant and not for the owner, who can still sell the flat meanwhile. The right returns by itself.
contract Flat {
    /// @notice The door opened for its user.
    event Opened(address indexed who, uint64 time);

    /// @notice The caller has no right to use the flat now.
    error DoorStaysShut(address caller);

    uint256 internal constant UNIT = 1;

    constructor(address owner) {
        Assets.describe(UNIT, "Flat 12, Mill Lane", "FLAT", 0);
        Assets.mint(UNIT, owner, 1);
    }

    /// @notice The asset that is the flat.
    function flat() public view returns (AssetId) {
        return Assets.idOf(address(this), UNIT);
    }

    /// @notice Says whether `who` may use the flat now.
    function mayUse(address who) public view returns (bool) {
        return Usufruct.usable(flat(), who) > 0;
    }

    /// @notice Says whether `who` owns the flat, let or not.
    function owns(address who) external view returns (bool) {
        return flat().balanceOf(who) > 0;
    }

    /// @notice Opens the door for whoever has the use of the flat.
    function open() external {
        if (!mayUse(msg.sender)) revert DoorStaysShut(msg.sender);
        emit Opened(msg.sender, uint64(block.timestamp));
    }
}
