// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";

/// @notice Names a grant of the right of use.
type GrantId is uint256;

using Usufruct for GrantId global;

/// @notice Says where a grant stands.
enum GrantState {
    None,
    Offered,
    Accepted,
    Declined,
    Ended,
    Moving
}

/// @notice A grant as the chain records it.
struct Grant {
    address owner;
    address user;
    uint256 amount;
    uint64 start;
    uint64 end;
    GrantState state;
}

/// @title Usufruct
/// @notice Typed access to the opcodes that keep ownership and right of use apart. During a grant's window its user,
/// and nobody else, uses the units; the owner still owns them and may sell the bare ownership. Expiry is computed,
/// nothing needs to be called.
library Usufruct {
    /// @notice The window is over, there is no such asset, or this contract cannot pay the record's deposit (0.001 coin).
    error GrantFailed(AssetId id, address user, uint256 amount);
    /// @notice The right does not cover the sub-grant, or this contract cannot pay the record's deposit (0.001 coin).
    error SubGrantFailed(GrantId gid, address user, uint256 amount);
    /// @notice The grant is not in a state that allows the action, or this contract is not the party to it.
    error ActionFailed(GrantId gid, uint256 action);

    /// @notice The owner may end the grant before its window does.
    uint256 internal constant REVOCABLE = 1;
    /// @notice The user may sublet.
    uint256 internal constant SUBLETTABLE = 2;

    /// @notice Offers `user` the use of `amount` of this contract's units of `id` from `start` until `end`.
    /// @param flags Sum of REVOCABLE and SUBLETTABLE.
    function grant(AssetId id, address user, uint256 amount, uint64 start, uint64 end, uint256 flags)
        internal
        returns (GrantId gid)
    {
        assembly ("memory-safe") {
            gid := ugrant(id, user, amount, start, end, flags)
        }
        if (GrantId.unwrap(gid) == 0) revert GrantFailed(id, user, amount);
    }

    /// @notice Sublets part of this contract's right within its window.
    function sublet(GrantId gid, address user, uint256 amount, uint64 start, uint64 end, uint256 flags)
        internal
        returns (GrantId subGid)
    {
        assembly ("memory-safe") {
            subGid := usub(gid, user, amount, start, end, flags)
        }
        if (GrantId.unwrap(subGid) == 0) revert SubGrantFailed(gid, user, amount);
    }

    /// @notice Accepts a grant offered to this contract.
    function accept(GrantId gid) internal {
        _act(gid, 1);
    }

    /// @notice Declines a grant offered to this contract.
    function decline(GrantId gid) internal {
        _act(gid, 2);
    }

    /// @notice Gives this contract's right back before its end.
    function giveBack(GrantId gid) internal {
        _act(gid, 3);
    }

    /// @notice Ends a revocable grant of this contract.
    function revoke(GrantId gid) internal {
        _act(gid, 4);
    }

    /// @notice Accepts bare ownership offered to this contract.
    function acceptOwnership(GrantId gid) internal {
        _act(gid, 5);
    }

    /// @notice Declines bare ownership offered to this contract.
    function declineOwnership(GrantId gid) internal {
        _act(gid, 6);
    }

    /// @notice Offers the bare ownership under this contract's grant to `owner`.
    function moveOwnership(GrantId gid, address owner) internal {
        bool ok;
        assembly ("memory-safe") {
            ok := umove(gid, owner)
        }
        if (!ok) revert ActionFailed(gid, 7);
    }

    /// @notice Returns what `who` may use of `id` at time `t` (Unix seconds).
    function usableAt(AssetId id, address who, uint64 t) internal view returns (uint256 amount) {
        assembly ("memory-safe") {
            amount := ubal(id, who, t)
        }
    }

    /// @notice Returns what `who` may use of `id` now.
    function usable(AssetId id, address who) internal view returns (uint256) {
        return usableAt(id, who, uint64(block.timestamp));
    }

    /// @notice Describes a grant.
    function info(GrantId gid) internal view returns (Grant memory g) {
        address owner;
        address user;
        uint256 amount;
        uint64 start;
        uint64 end;
        uint256 state;
        assembly ("memory-safe") {
            let o, u, a, s, e, st := uinfo(gid)
            owner := o
            user := u
            amount := a
            start := s
            end := e
            state := st
        }
        g = Grant(owner, user, amount, start, end, GrantState(state));
    }

    function _act(GrantId gid, uint256 action) private {
        bool ok;
        assembly ("memory-safe") {
            ok := uset(gid, action)
        }
        if (!ok) revert ActionFailed(gid, action);
    }
}
