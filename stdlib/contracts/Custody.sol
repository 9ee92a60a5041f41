// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";
import "fusor/interfaces/ICustody.sol";

/// @notice Names a coin of an outer chain by its symbol, for example `Coin.wrap("LTC")`.
type Coin is bytes32;

using Custody for Coin global;

/// @title Custody
/// @notice Locks coins of outer chains in and out: `Coin.wrap("LTC").requestAddress(msg.sender)` gives an address whose
/// deposits are minted to the sender, `Coin.wrap("LTC").lockOut(amount, "ltc1...", maxFee)` pays outside what this
/// contract holds. A deposit is minted in a later block, when a quorum of custodians attests it; to act on it, wait for
/// the system account's `Minted` event by an event trigger, or look at the holding.
library Custody {
    /// @notice The contract cannot pay the fee of a request.
    error RequestFeeMissing(uint256 fee, uint256 balance);

    /// @notice The system precompile.
    ICustody internal constant SYSTEM = ICustody(0xf050000000000000000000000000000000000011);

    /// @notice Statuses of a request.
    uint8 internal constant ADDRESS = 1;
    uint8 internal constant ASKED = 2;
    uint8 internal constant PLANNED = 3;
    uint8 internal constant PAID = 4;
    uint8 internal constant RETURNED = 5;

    /// @notice Returns the asset that is the mapping of `coin`.
    function asset(Coin coin) internal pure returns (AssetId) {
        return Assets.idOf(address(SYSTEM), uint256(Coin.unwrap(coin)));
    }

    /// @notice Returns the wei that a request costs.
    function requestFee() internal view returns (uint256 fee) {
        (,, fee,,,,,) = SYSTEM.rules();
    }

    /// @notice Asks for an address of its own whose deposits are minted to `beneficiary`; this contract pays the fee.
    function requestAddress(Coin coin, address beneficiary) internal returns (uint64 request, string memory outer) {
        return SYSTEM.requestAddress{value: payableFee()}(Coin.unwrap(coin), beneficiary, 0);
    }

    /// @notice Gives up `amount` of this contract's units and has a vault pay them to `destination`, an address of the
    /// outer chain. The outer transaction costs `maxFee` at most; this contract pays the fee of the request.
    function lockOut(Coin coin, uint256 amount, string memory destination, uint256 maxFee)
        internal
        returns (uint64 request)
    {
        return SYSTEM.lockOut{value: payableFee()}(Coin.unwrap(coin), amount, destination, maxFee, 0);
    }

    /// @notice Returns how far a request is, and its units: credited so far of a lock-in, given up of a lock-out.
    function statusOf(uint64 request) internal view returns (uint8 status, uint256 amount) {
        (status,,,,,, amount,,,,) = SYSTEM.request(request);
    }

    function payableFee() private view returns (uint256 fee) {
        fee = requestFee();
        if (address(this).balance < fee) revert RequestFeeMissing(fee, address(this).balance);
    }
}
