// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title ILedger
/// @notice The multi-asset ledger as a system precompile at 0xf050000000000000000000000000000000000001.
/// Contracts compiled by stock solc reach every ledger opcode here; functions bear the opcodes' names.
/// @dev Movements are logged by the asset's ERC-20 view (IERC20View). An asset's id is
/// keccak256(abi.encode(issuer, sub)); id 0 is the native coin. The acting account is the caller.
interface ILedger {
    /// @notice Sets metadata of the caller's asset `sub`. Only before its first mint, fixed after it (reverts).
    /// @param decimals At most 18.
    /// @param flags The issuer's own; below 2^32.
    function describe(uint256 sub, string calldata name, string calldata symbol, uint8 decimals, uint64 flags)
        external
        returns (uint256 id);

    /// @notice Mints `amount` of the caller's asset `sub` to `to`.
    /// @return id The asset's id; 0 when the supply would overflow.
    function amint(uint256 sub, address to, uint256 amount) external returns (uint256 id);

    /// @notice Destroys `amount` of the caller's free units.
    function aburn(uint256 id, uint256 amount) external returns (bool ok);

    /// @notice Sends free units to `to`; no code of the receiver runs.
    function asend(uint256 id, address to, uint256 amount) external returns (bool ok);

    /// @notice Returns what `who` owns, units under grants included.
    function abal(uint256 id, address who) external view returns (uint256 amount);

    /// @notice Returns what `who` may send now.
    function afree(uint256 id, address who) external view returns (uint256 amount);

    /// @notice Returns the units in existence; 0 for the native coin.
    function asupply(uint256 id) external view returns (uint256 amount);

    /// @notice Returns an asset's issuer and metadata words.
    function ainfo(uint256 id) external view returns (address issuer, uint64 flags, uint8 decimals);

    /// @notice Calls `to` with up to 8 (id, amount) pairs of the caller's free units attached.
    /// @return ok False when the call failed; nothing moved then.
    /// @return result What the callee returned, or its revert data.
    function acall(address to, uint256[] calldata ids, uint256[] calldata amounts, bytes calldata data)
        external
        returns (bool ok, bytes memory result);

    /// @notice Returns the id of `issuer`'s asset `sub`.
    function idOf(address issuer, uint256 sub) external pure returns (uint256 id);

    /// @notice Returns an asset's name; empty without metadata.
    function nameOf(uint256 id) external view returns (string memory);

    /// @notice Returns an asset's symbol; empty without metadata.
    function symbolOf(uint256 id) external view returns (string memory);

    /// @notice Returns the address at which the asset answers ERC-20.
    function erc20Of(uint256 id) external pure returns (address view_);
}
