// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title IUsufruct
/// @notice Rights of use as a system precompile at 0xf050000000000000000000000000000000000002.
/// Functions bear the opcodes' names; the acting account is the caller.
interface IUsufruct {
    /// @notice A right was offered; `parent` is the grant that is sublet, or 0.
    event Offered(
        bytes32 indexed gid,
        address indexed grantor,
        address indexed user,
        uint256 id,
        uint256 amount,
        uint64 start,
        uint64 end,
        uint8 flags,
        bytes32 parent
    );
    /// @notice The user accepted.
    event Accepted(bytes32 indexed gid, address indexed grantor, address indexed user);
    /// @notice A grant ended before its window did, or was declined.
    event Ended(bytes32 indexed gid, uint8 reason);
    /// @notice Bare ownership was offered.
    event OwnershipOffered(bytes32 indexed gid, address indexed from, address indexed to);
    /// @notice Bare ownership was declined.
    event OwnershipDeclined(bytes32 indexed gid, address indexed to);
    /// @notice Bare ownership moved.
    event OwnershipMoved(bytes32 indexed gid, address indexed from, address indexed to);
    /// @notice The record of an ended grant was removed; its deposit went back to who had paid it.
    event Cleaned(bytes32 indexed gid, address indexed payer, uint256 deposit);
    /// @notice Native coin whose grants have ended went back to its owner.
    event Released(address indexed owner, uint256 amount);

    /// @notice Offers `user` the use of `amount` of the caller's units from `start` until `end` (Unix seconds).
    /// @param flags Bit 0 revocable, bit 1 sublettable.
    /// The caller leaves a deposit of 0.001 coin for the record, which `uclean` returns. The offer encumbers nothing:
    /// the units must be there when `user` accepts.
    /// @return gid The grant's id; 0 when the window is over, there is no such asset, or the deposit cannot be paid.
    function ugrant(uint256 id, address user, uint256 amount, uint64 start, uint64 end, uint256 flags)
        external
        returns (uint256 gid);

    /// @notice Sublets part of the caller's right within its window.
    function usub(uint256 gid, address user, uint256 amount, uint64 start, uint64 end, uint256 flags)
        external
        returns (uint256 subGid);

    /// @notice Acts on a grant.
    /// @param action 1 accept, 2 decline, 3 give back, 4 revoke, 5 accept bare ownership, 6 decline bare ownership.
    function uset(uint256 gid, uint256 action) external returns (bool ok);

    /// @notice Offers the bare ownership under a grant to `owner`; it moves when he accepts.
    function umove(uint256 gid, address owner) external returns (bool ok);

    /// @notice Returns what `who` may use of asset `id` at time `t`.
    function ubal(uint256 id, address who, uint64 t) external view returns (uint256 amount);

    /// @notice Describes a grant.
    /// @return owner The (bare) owner.
    /// @return user The user.
    /// @return amount Units under the grant.
    /// @return start First second of the window.
    /// @return end First second after the window.
    /// @return state 0 none, 1 offered, 2 accepted, 3 declined, 4 ended, 5 accepted with a move of bare ownership pending.
    function uinfo(uint256 gid)
        external
        view
        returns (address owner, address user, uint256 amount, uint64 start, uint64 end, uint256 state);

    /// @notice Removes the record of an ended grant; its deposit goes back to who paid it. Only its parties may until the
    /// window's end, then anyone.
    function uclean(uint256 gid) external returns (bool ok);

    /// @notice Releases native coin of `who` that grants have held and hold no longer.
    function urelease(address who) external returns (uint256 amount);
}
