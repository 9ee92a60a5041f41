// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title INested
/// @notice Nested calls as a system precompile at 0xf050000000000000000000000000000000000004.
/// Functions bear the opcodes' names; the acting account is the caller.
interface INested {
    /// @notice A precondition over state.
    /// @dev kind: 0 always; 1 own storage word (key); 2 ledger free (target id, key account); 3 ledger owned;
    /// 4 usable (target id, key account, aux time or 0 for now); 5 grant state (target); 6 trigger state (target);
    /// 7 trigger fired count; 8 first word that a STATICCALL of `callData` to `target` returns.
    /// comparison: 0 ==, 1 !=, 2 <, 3 <=, 4 >, 5 >= unsigned; 8 more for signed.
    struct Guard {
        uint256 kind;
        uint256 target;
        uint256 key;
        uint256 aux;
        uint256 comparison;
        uint256 operand;
        bytes callData;
    }

    /// @notice Calls `to` when the guard holds.
    /// @dev Takes no value: `value` moves from the caller's own balance.
    /// @return result 0 failed, 1 done, 2 guard false.
    /// @return output What the callee returned, or its revert data.
    function ncall(Guard calldata guard, address to, bytes calldata data, uint64 gas_, uint256 value)
        external
        returns (uint256 result, bytes memory output);

    /// @notice Keeps the call on the calling list until the guard holds; past `deadline` the caller's function
    /// `elseSelector` runs instead.
    /// @param deadline Unix seconds in bits 0 to 63; bits 64 to 95 hold the seconds between polls, 0 polls every block.
    /// @return tid The trigger's id; 0 when the escrow is short.
    function nwatch(
        Guard calldata guard,
        address to,
        bytes calldata data,
        uint64 gas_,
        uint256 deadline,
        bytes4 elseSelector
    ) external returns (uint256 tid);
}
