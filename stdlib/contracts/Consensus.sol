// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/interfaces/IConsensus.sol";

/// @notice Names a validator by its node's ed25519 key.
type NodeKey is bytes32;

/// @notice Names a staking ticket.
type TicketId is uint256;

using Consensus for NodeKey global;
using Tickets for TicketId global;

/// @title Consensus
/// @notice Typed access to stake and elections: `node.bond(10 ether)` delegates this contract's coin,
/// `Consensus.draw(height, n)` draws a number by the seed of a block that was yet to come when the draw was fixed.
library Consensus {
    /// @notice The draw's block has not been made yet.
    error DrawTooEarly(uint64 height);
    /// @notice The chain remembers the seeds of 256 blocks only.
    error DrawTooLate(uint64 height);
    /// @notice There is nothing to draw from.
    error EmptyDraw();

    /// @notice The system precompile.
    IConsensus internal constant SYSTEM = IConsensus(0xf050000000000000000000000000000000000010);
    /// @notice Seeds are remembered for so many blocks.
    uint64 internal constant REMEMBERED = 256;

    /// @notice Returns the seed of the block at `height`. Whoever relies on it must fix `height` while it is still to
    /// come: until then nobody knows the seed.
    function seedOf(uint64 height) internal view returns (bytes32) {
        if (height > block.number) revert DrawTooEarly(height);
        if (height + REMEMBERED <= block.number) revert DrawTooLate(height);
        return SYSTEM.seed(height);
    }

    /// @notice Draws a number below `n` by the seed of the block at `height`; equally likely to within n / 2^256.
    /// Draws of different contracts, and of one contract under different `salt`, are independent.
    function draw(uint64 height, uint256 salt, uint256 n) internal view returns (uint256) {
        if (n == 0) revert EmptyDraw();
        return uint256(keccak256(abi.encode(seedOf(height), address(this), salt))) % n;
    }

    /// @notice Adds `amount` wei of this contract to its stake at a validator.
    function bond(NodeKey node, uint256 amount) internal {
        SYSTEM.bond{value: amount}(NodeKey.unwrap(node));
    }

    /// @notice Starts the withdrawal of `amount` wei of this contract's stake.
    function unbond(NodeKey node, uint256 amount) internal {
        SYSTEM.unbond(NodeKey.unwrap(node), amount);
    }

    /// @notice Takes what has waited long enough.
    function withdraw(NodeKey node) internal returns (uint256 amount) {
        return SYSTEM.withdraw(NodeKey.unwrap(node));
    }

    /// @notice Takes the rewards of this contract's stake.
    function claim(NodeKey node) internal returns (uint256 amount) {
        return SYSTEM.claim(NodeKey.unwrap(node));
    }

    /// @notice Returns what `holder` has at a validator, in wei.
    function stakeOf(NodeKey node, address holder) internal view returns (uint256 stake, uint256 rewards) {
        return SYSTEM.stakeOf(NodeKey.unwrap(node), holder);
    }

    /// @notice Says whether a node is in the current committee.
    function isMember(NodeKey node) internal view returns (bool is_) {
        (is_,,,,,) = SYSTEM.member(NodeKey.unwrap(node));
    }

    /// @notice Returns the group in which a node counts in the block at `height`.
    function groupAt(NodeKey node, uint64 height) internal view returns (uint32) {
        return SYSTEM.groupOfNode(NodeKey.unwrap(node), height);
    }

    /// @notice Returns the node that made the block at `height`; 0 for none.
    function authorOf(uint64 height) internal view returns (NodeKey) {
        (bytes32 author,,,,) = SYSTEM.blockAt(height);
        return NodeKey.wrap(author);
    }

    /// @notice Buys a staking ticket of this contract at a validator.
    function buyTicket(NodeKey node) internal returns (TicketId) {
        (,,,, uint256 price,) = SYSTEM.stakeRules();
        return TicketId.wrap(SYSTEM.buyTicket{value: price}(NodeKey.unwrap(node)));
    }
}

/// @title Tickets
/// @notice Typed access to staking tickets: `ticket.giveBack()`, `ticket.collect()`.
library Tickets {
    /// @notice Starts the withdrawal of the ticket's stake, after its least time.
    function giveBack(TicketId id) internal {
        Consensus.SYSTEM.returnTicket(TicketId.unwrap(id));
    }

    /// @notice Takes the ticket's rewards, and its stake once that has waited.
    function collect(TicketId id) internal returns (uint256 amount) {
        return Consensus.SYSTEM.collectTicket(TicketId.unwrap(id));
    }

    /// @notice Returns what the ticket is worth and has earned, in wei.
    function value(TicketId id) internal view returns (uint256 stake, uint256 rewards) {
        (,,, stake, rewards) = Consensus.SYSTEM.ticket(TicketId.unwrap(id));
    }
}
