// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";
import "fusor/Usufruct.sol";
import "fusor/Triggers.sol";

/// @notice A precondition over this contract's or others' state, laid out as the opcodes read it.
struct Guard {
    uint256 kind;
    uint256 target;
    uint256 key;
    uint256 aux;
    uint256 comparison;
    uint256 operand;
}

/// @title Nested
/// @notice Typed access to nested calls: a call that happens only when a precondition holds, at once or as soon as it
/// does. Every wait has a deadline and a way out.
library Nested {
    /// @notice The escrow is short.
    error WatchFailed(address to);

    /// @notice What a nested call came to.
    uint256 internal constant FAILED = 0;
    uint256 internal constant DONE = 1;
    uint256 internal constant GUARD_FALSE = 2;

    /// @notice Always holds.
    function always() internal pure returns (Guard memory) {
        return Guard(0, 0, 0, 0, 0, 0);
    }

    /// @notice Holds when this contract's storage word `slot` compares so to `operand`.
    function storageWord(uint256 slot, uint256 comparison, uint256 operand) internal pure returns (Guard memory) {
        return Guard(1, 0, slot, 0, comparison, operand);
    }

    /// @notice Holds when what `who` may send of `id` compares so to `operand`.
    function free(AssetId id, address who, uint256 comparison, uint256 operand) internal pure returns (Guard memory) {
        return Guard(2, AssetId.unwrap(id), uint256(uint160(who)), 0, comparison, operand);
    }

    /// @notice Holds when what `who` owns of `id` compares so to `operand`.
    function owned(AssetId id, address who, uint256 comparison, uint256 operand) internal pure returns (Guard memory) {
        return Guard(3, AssetId.unwrap(id), uint256(uint160(who)), 0, comparison, operand);
    }

    /// @notice Holds when what `who` may use of `id` at time `t` (0: now) compares so to `operand`.
    function usable(AssetId id, address who, uint64 t, uint256 comparison, uint256 operand)
        internal
        pure
        returns (Guard memory)
    {
        return Guard(4, AssetId.unwrap(id), uint256(uint160(who)), t, comparison, operand);
    }

    /// @notice Holds while the grant is in `state`.
    function grantIs(GrantId gid, GrantState state) internal pure returns (Guard memory) {
        return Guard(5, GrantId.unwrap(gid), 0, 0, Compare.EQ, uint256(state));
    }

    /// @notice Holds while the trigger is in `state`.
    function triggerIs(TriggerId tid, TriggerState state) internal pure returns (Guard memory) {
        return Guard(6, TriggerId.unwrap(tid), 0, 0, Compare.EQ, uint256(state));
    }

    /// @notice Holds when the trigger's count of firings compares so to `operand`.
    function firedCount(TriggerId tid, uint256 comparison, uint256 operand) internal pure returns (Guard memory) {
        return Guard(7, TriggerId.unwrap(tid), 0, 0, comparison, operand);
    }

    /// @notice Holds when the first word that `target` returns to a static call of `query` compares so to `operand`.
    /// @dev `query` must stay in memory until the guard is used.
    function answer(address target, bytes memory query, uint256 comparison, uint256 operand)
        internal
        pure
        returns (Guard memory guard)
    {
        uint256 place;
        assembly ("memory-safe") {
            place := add(query, 32)
        }
        guard = Guard(8, uint256(uint160(target)), place, query.length, comparison, operand);
    }

    /// @notice Calls `to` with `data` when the guard holds.
    /// @return result FAILED, DONE or GUARD_FALSE.
    function call(Guard memory guard, address to, bytes memory data, uint256 gasLimit, uint256 value)
        internal
        returns (uint256 result)
    {
        assembly ("memory-safe") {
            result := ncall(guard, to, add(data, 32), mload(data), gasLimit, value)
        }
    }

    /// @notice Keeps the call on the calling list until the guard holds; past `deadline` this contract's function
    /// `elseSelector` runs instead. The callee sees this contract as its caller.
    /// @param pollSeconds Seconds between looks at the guard, each paid from the pot; 0 looks in every block.
    function watch(
        Guard memory guard,
        address to,
        bytes memory data,
        uint64 gasLimit,
        uint64 deadline,
        uint32 pollSeconds,
        bytes4 elseSelector
    ) internal returns (TriggerId tid) {
        uint256 end = uint256(deadline) | (uint256(pollSeconds) << 64);
        assembly ("memory-safe") {
            tid := nwatch(guard, to, add(data, 32), mload(data), gasLimit, end, shr(224, elseSelector))
        }
        if (TriggerId.unwrap(tid) == 0) revert WatchFailed(to);
    }
}
