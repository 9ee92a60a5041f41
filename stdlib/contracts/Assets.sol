// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/interfaces/ILedger.sol";

/// @notice Names an asset of the ledger: keccak256(abi.encode(issuer, subId)); 0 is the native coin.
type AssetId is uint256;

using Assets for AssetId global;

/// @notice An amount of one asset, in its smallest units.
struct Amount {
    AssetId id;
    uint256 amount;
}

/// @title Assets
/// @notice Typed access to the ledger's opcodes. Holding is authority: there are no approvals, and a send runs no
/// code of the receiver.
/// @dev Functions revert with the errors below where the opcode pushes 0; the `try` variants return the flag instead.
library Assets {
    /// @notice The supply of the asset would overflow.
    error MintFailed(uint256 subId, uint256 amount);
    /// @notice The contract's free units do not cover the amount to destroy.
    error BurnFailed(AssetId id, uint256 amount);
    /// @notice The contract's free units do not cover the amount to send.
    error SendFailed(AssetId id, address to, uint256 amount);
    /// @notice More than 8 assets were attached to one call.
    error TooManyAssets(uint256 count);

    /// @notice The native coin.
    AssetId internal constant NATIVE = AssetId.wrap(0);
    /// @notice The system precompile that keeps names, symbols and decimals.
    ILedger internal constant LEDGER = ILedger(0xf050000000000000000000000000000000000001);
    /// @notice The most assets that may travel with one call.
    uint256 internal constant MAX_ATTACHED = 8;

    /// @notice Returns the id of `issuer`'s asset `subId`.
    function idOf(address issuer, uint256 subId) internal pure returns (AssetId) {
        return AssetId.wrap(uint256(keccak256(abi.encode(issuer, subId))));
    }

    /// @notice Sets name, symbol and decimals (at most 18) of this contract's asset `subId`; only before its first mint.
    function describe(uint256 subId, string memory name, string memory symbol, uint8 decimals)
        internal
        returns (AssetId)
    {
        return AssetId.wrap(LEDGER.describe(subId, name, symbol, decimals, 0));
    }

    /// @notice Mints `amount` of this contract's asset `subId` to `to`.
    function mint(uint256 subId, address to, uint256 amount) internal returns (AssetId id) {
        assembly ("memory-safe") {
            id := amint(subId, to, amount)
        }
        if (AssetId.unwrap(id) == 0) revert MintFailed(subId, amount);
    }

    /// @notice Destroys `amount` of this contract's free units.
    function burn(AssetId id, uint256 amount) internal {
        if (!tryBurn(id, amount)) revert BurnFailed(id, amount);
    }

    /// @notice Destroys free units; false when they do not cover `amount`.
    function tryBurn(AssetId id, uint256 amount) internal returns (bool ok) {
        assembly ("memory-safe") {
            ok := aburn(id, amount)
        }
    }

    /// @notice Sends `amount` of this contract's free units to `to`; no code runs.
    function send(AssetId id, address to, uint256 amount) internal {
        if (!trySend(id, to, amount)) revert SendFailed(id, to, amount);
    }

    /// @notice Sends free units; false when they do not cover `amount`.
    function trySend(AssetId id, address to, uint256 amount) internal returns (bool ok) {
        assembly ("memory-safe") {
            ok := asend(id, to, amount)
        }
    }

    /// @notice Returns what `who` owns, units under grants included.
    function balanceOf(AssetId id, address who) internal view returns (uint256 amount) {
        assembly ("memory-safe") {
            amount := abal(id, who)
        }
    }

    /// @notice Returns what `who` may send now.
    function freeOf(AssetId id, address who) internal view returns (uint256 amount) {
        assembly ("memory-safe") {
            amount := afree(id, who)
        }
    }

    /// @notice Returns the units in existence; 0 for the native coin, whose supply the chain accounts for.
    function supply(AssetId id) internal view returns (uint256 amount) {
        assembly ("memory-safe") {
            amount := asupply(id)
        }
    }

    /// @notice Returns the issuer, the issuer's flags and the decimals of an asset.
    function info(AssetId id) internal view returns (address issuer, uint64 flags, uint8 decimals) {
        assembly ("memory-safe") {
            let i, f, d := ainfo(id)
            issuer := i
            flags := f
            decimals := d
        }
    }

    /// @notice Returns how many assets came with the current call.
    function receivedCount() internal view returns (uint256 count) {
        assembly ("memory-safe") {
            count := acount()
        }
    }

    /// @notice Returns the `i`th asset that came with the current call.
    function receivedAt(uint256 i) internal view returns (AssetId id, uint256 amount) {
        assembly ("memory-safe") {
            let a, n := ain(i)
            id := a
            amount := n
        }
    }

    /// @notice Returns how much of `id` came with the current call, over all its entries. For the native coin only
    /// what was attached by ACALL counts; CALLVALUE is `msg.value`.
    function received(AssetId id) internal view returns (uint256 total) {
        uint256 count = receivedCount();
        for (uint256 i = 0; i < count; i++) {
            (AssetId each, uint256 amount) = receivedAt(i);
            if (AssetId.unwrap(each) == AssetId.unwrap(id)) total += amount;
        }
    }

    /// @notice Returns all that came with the current call.
    function receivedAll() internal view returns (Amount[] memory amounts) {
        uint256 count = receivedCount();
        amounts = new Amount[](count);
        for (uint256 i = 0; i < count; i++) {
            (AssetId id, uint256 amount) = receivedAt(i);
            amounts[i] = Amount(id, amount);
        }
    }

    /// @notice Calls `to` with one asset attached and all remaining gas.
    /// @return ok False when the callee reverted or the free units were short; nothing moved then.
    /// @return result What the callee returned, or its revert data.
    function callWith(AssetId id, address to, uint256 amount, bytes memory data)
        internal
        returns (bool ok, bytes memory result)
    {
        Amount[] memory attached = new Amount[](1);
        attached[0] = Amount(id, amount);
        return call(to, attached, data, gasleft());
    }

    /// @notice Calls `to` with assets attached and at most `gasLimit`.
    /// @param attached At most 8 amounts; amounts of equal assets add up, only the native coin is CALLVALUE.
    /// @return ok False when the callee reverted or the free units were short; nothing moved then.
    /// @return result What the callee returned, or its revert data.
    function call(address to, Amount[] memory attached, bytes memory data, uint256 gasLimit)
        internal
        returns (bool ok, bytes memory result)
    {
        uint256 count = attached.length;
        if (count > MAX_ATTACHED) revert TooManyAssets(count);
        uint256[] memory pairs = new uint256[](2 * count);
        for (uint256 i = 0; i < count; i++) {
            pairs[2 * i] = AssetId.unwrap(attached[i].id);
            pairs[2 * i + 1] = attached[i].amount;
        }
        assembly ("memory-safe") {
            ok := acall(gasLimit, to, add(pairs, 32), count, add(data, 32), mload(data), 0, 0)
            let size := returndatasize()
            result := mload(0x40)
            mstore(0x40, add(result, and(add(size, 63), not(31))))
            mstore(result, size)
            returndatacopy(add(result, 32), 0, size)
        }
    }
}
