// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title ITriggers
/// @notice The calling list as a system precompile at 0xf050000000000000000000000000000000000003.
/// Functions bear the opcodes' names; the acting account is the caller, and it is the one that gets called.
interface ITriggers {
    /// @notice Constrains a topic or a 32-byte word of a log's data.
    /// @dev comparison: 0 ==, 1 !=, 2 <, 3 <=, 4 >, 5 >= unsigned; 8 more for signed.
    struct Constraint {
        uint256 index;
        uint256 comparison;
        uint256 operand;
    }

    /// @notice Books one call of the caller at time `t` with `selector ++ args` and `gas_`.
    /// @return tid The trigger's id; 0 when the escrow is short or that moment is full.
    function tat(uint64 t, bytes4 selector, bytes calldata args, uint64 gas_, uint256 policy)
        external
        returns (uint256 tid);

    /// @notice Books calls at `start + k * period`; a count of 0 runs until cancelled or unfunded.
    function tevery(
        uint64 start,
        uint64 period,
        uint64 count,
        bytes4 selector,
        bytes calldata args,
        uint64 gas_,
        uint256 policy
    ) external returns (uint256 tid);

    /// @notice Books a call for every log of `emitter` that passes all bounds, at most `max` times (0: no limit).
    function tevent(
        address emitter,
        Constraint[] calldata topics,
        Constraint[] calldata data,
        bytes4 selector,
        uint64 gas_,
        uint64 max,
        uint256 policy
    ) external returns (uint256 tid);

    /// @notice Cancels a trigger of the caller; its escrow returns to the caller's pot.
    /// @return refund The amount returned, in wei.
    function tcancel(uint256 tid) external returns (uint256 refund);

    /// @notice Books the next occurrence of a paused or unfunded trigger of the caller; what passed meanwhile is left out.
    function tresume(uint256 tid) external returns (bool ok);

    /// @notice Describes a trigger.
    /// @return state 0 none, 1 waiting, 2 paused, 3 done, 4 cancelled, 5 unfunded.
    /// @return next When it is due next, in Unix seconds; 0 for an event trigger.
    /// @return fired How many occurrences have run.
    /// @return escrow What is reserved for it, in wei.
    function tinfo(uint256 tid) external view returns (uint256 state, uint64 next, uint64 fired, uint256 escrow);

    /// @notice Returns the price in wei of `gas_` at time `t`; 0 when that moment is full.
    function tquote(uint64 t, uint64 gas_) external view returns (uint256 price);

    /// @notice Adds the sent value to `who`'s pot, from which bookings reserve gas and rent.
    function fund(address who) external payable;

    /// @notice Takes `amount` of the caller's pot back to the caller's balance.
    function withdraw(uint256 amount) external;

    /// @notice Returns the unreserved pot of `who`, in wei.
    function potOf(address who) external view returns (uint256 amount);

    /// @notice Returns the occurrence that is running now; all zero outside one.
    function firing() external view returns (uint256 tid, uint64 due, uint64 attempt);
}
