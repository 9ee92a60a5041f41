// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @notice a file's own error
/// @param code what went wrong
error Outer(uint256 code);

/// @notice A book of
/// accounts.
///
/// With three lines.
interface IBook {
    /**
     * @notice Tells the balance.
     * @dev Counts  what is
     *   pending too.
     *
     * - a list
     * @param who whose account
     * @return total the sum
     * @return what is pending
     */
    function balance(address who) external view returns (uint256 total, uint256);

    /// @dev The owner.
    /// @return the owner's address
    function owner() external view returns (address);

    /// @notice Money moved.
    /// @param from payer
    /// @param to payee
    event Moved(address indexed from, address to);
}

library Lib {
    /// @dev of the library
    error Inner();
    /// @notice seen
    event Seen(uint256 at);
    struct S { uint256 a; }

    /// @notice takes a slot
    function store(S storage s, S memory t) external { s.a = t.a; }
    /// @notice nobody reads this
    function hidden() internal {}
}

/**
 * @title The base
 * @author Somebody
 * @custom:security-contact a, b
 */
abstract contract Base is IBook {
    /// @inheritdoc IBook
    address public override owner;
    /// @dev kept to itself
    uint256 internal secret;
    /// @notice limits
    /// @return limit the limit of a user
    mapping(address user => uint256 limit) public limits;
    /// @return a first
    /// @return b second
    Pair public pair;
    struct Pair { uint256 a; uint256[] skipped; uint256 b; }

    /// @notice Builds it.
    /// @author Somebody else
    /// @param owner_ who owns it
    constructor(address owner_) { owner = owner_; }

    function balance(address who) external view virtual override returns (uint256 sum, uint256 open) {
        return (who.balance, 0);
    }

    /// @dev guards
    /// @param i some
    modifier guarded(uint256 i) { require(i > 0); _; }
}

contract Book is Base(address(1)) {
    Lib.S s;

    /// @inheritdoc IBook
    /// @custom:note kept
    /// @custom:note twice
    function balance(address account) external view override returns (uint256, uint256 later) {
        return (account.balance, 1);
    }

    /// Without a tag.
    function plain() external {
        emit Lib.Seen(1);
        Lib.store(s, Lib.S(2));
        if (s.a == 3) revert Lib.Inner();
        revert Outer(s.a);
    }

    /** @notice one line */
    receive() external payable {}
}

contract Heir is Book {
    function more() external {} /// behind
    /// @notice before the blank line

    /// @dev after it
    function last() external {}
}

interface Unnamed {
    /// @return first the first of both
    /// @return Second what follows
    function both() external view returns (uint256, uint256);
}

contract Named is Unnamed {
    /// @inheritdoc Unnamed
    function both() external pure returns (uint256 first, uint256 other) {
        return (first, other);
    }
}
