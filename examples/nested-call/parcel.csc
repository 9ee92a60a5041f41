// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";
import "fusor/Nested.sol";

/// @title Carrier
/// @notice Keeps track of parcels; it knows nothing of who waits for them.
contract Carrier {
    /// @notice The parcels that have arrived.
    mapping(uint256 => bool) public delivered;
    /// @notice The parcels that were handed over.
    mapping(uint256 => bool) public handedOver;

    /// @notice Records an arrival.
    function deliver(uint256 parcel) external {
        delivered[parcel] = true;
    }

    /// @notice Records that a parcel was handed over.
    function handOver(uint256 parcel) external {
        handedOver[parcel] = true;
    }
}

/// @title Escrow
/// @notice Holds a buyer's money until the carrier's contract says that the parcel has arrived, then pays the seller;
/// past the deadline the buyer gets it back. The network looks once an hour; nobody has to call.
contract Escrow {
    /// @notice The money went out: to the seller, or back to the buyer.
    event Settled(address indexed to, uint256 amount);
    /// @notice The parcel was asked for: 0 the carrier failed, 1 it was handed over, 2 it is not there yet.
    event Asked(uint256 result);

    /// @notice No money came with the call, or the money is out already.
    error NothingToPay();

    Carrier internal immutable carrier;
    AssetId internal immutable money;
    address internal immutable seller;
    address internal immutable buyer;
    uint256 internal immutable parcel;

    /// @notice What the buyer has paid in.
    uint256 public paid;
    /// @notice Whether the money is out.
    bool public settled;

    constructor(Carrier carrier_, AssetId money_, address seller_, address buyer_, uint256 parcel_) payable {
        carrier = carrier_;
        money = money_;
        seller = seller_;
        buyer = buyer_;
        parcel = parcel_;
    }

    /// @notice Takes the price that came with the call.
    function pay() external {
        uint256 amount = Assets.received(money);
        if (amount == 0 || settled) revert NothingToPay();
        paid += amount;
    }

    /// @notice Says whether the money is here and the parcel has arrived: this contract's state and the carrier's.
    function arrived() public view returns (bool) {
        return paid > 0 && carrier.delivered(parcel);
    }

    /// @notice Asks the carrier to hand the parcel over, if it is there: a nested call with its condition, at once.
    function collect() external {
        Guard memory there =
            Nested.answer(address(carrier), abi.encodeCall(carrier.delivered, (parcel)), Compare.EQ, 1);
        bytes memory request = abi.encodeCall(carrier.handOver, (parcel));
        emit Asked(Nested.call(there, address(carrier), request, 100_000, 0));
    }

    function settle(address to) internal {
        settled = true;
        uint256 amount = paid;
        paid = 0;
        if (amount > 0) money.send(to, amount);
        emit Settled(to, amount);
    }
}

description Escrow {
    nested payment = settle(seller) when arrived() within 10d poll 1h else settle(buyer);
    policy { gas 200_000; escrow 0.1 ether; }
}
