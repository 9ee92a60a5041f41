// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";
import "fusor/Nested.sol";

/// @title Carrier
/// @notice Keeps track of parcels; it knows nothing of who waits for them.
contract Carrier {
    /// @notice The parcels that have arrived.
    mapping(uint256 => bool) public delivered;

    /// @notice Records an arrival.
    function deliver(uint256 parcel) external {
        delivered[parcel] = true;
    }
}

/// @title Escrow
/// @notice Holds a buyer's money until the carrier's contract says that the parcel has arrived, then pays the seller;
/// past the deadline the buyer gets it back. The network looks, at the declared interval.
contract Escrow {
    /// @notice The money went out: to the seller, or back to the buyer.
    event Settled(address indexed to, uint256 amount);

    /// @notice Only this contract's own nested call may release the money.
    error NotSelf(address caller);
    /// @notice The money is out already.
    error AlreadySettled();
    /// @notice There is no money to wait with.
    error NothingReceived();

    Carrier internal immutable carrier;
    AssetId internal immutable money;
    address internal immutable seller;
    address internal immutable buyer;

    /// @notice The nested call that waits.
    TriggerId public waiting;
    /// @notice Whether the money is out.
    bool public settled;

    constructor(Carrier carrier_, AssetId money_, address seller_, address buyer_) payable {
        carrier = carrier_;
        money = money_;
        seller = seller_;
        buyer = buyer_;
        Triggers.fund(msg.value);
    }

    /// @notice Takes the price that came with the call and waits up to `patience` seconds for `parcel`.
    function pay(uint256 parcel, uint64 patience) external {
        if (Assets.received(money) == 0) revert NothingReceived();
        if (settled || TriggerId.unwrap(waiting) != 0) revert AlreadySettled();
        Guard memory arrived = Nested.answer(
            address(carrier), abi.encodeCall(carrier.delivered, (parcel)), Compare.EQ, 1
        );
        waiting = Nested.watch(
            arrived,
            address(this),
            abi.encodeCall(Escrow.release, ()),
            200_000,
            uint64(block.timestamp) + patience,
            1 hours,
            this.refund.selector
        );
    }

    /// @notice Pays the seller; called by this contract itself when the guard holds.
    function release() external {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        _settle(seller);
    }

    /// @notice Pays the buyer back; called by the network past the deadline.
    function refund() external {
        Triggers.onlyScheduler();
        _settle(buyer);
    }

    function _settle(address to) private {
        if (settled) revert AlreadySettled();
        settled = true;
        uint256 amount = money.freeOf(address(this));
        money.send(to, amount);
        emit Settled(to, amount);
    }
}
