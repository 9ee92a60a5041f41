// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";

/// @title PriceFeed
/// @notice Publishes a price; it knows nothing of who listens.
contract PriceFeed {
    /// @notice A new price, 18 decimals.
    event PriceSet(uint256 price);

    /// @notice The last price.
    uint256 public price;

    /// @notice Publishes a price.
    function set(uint256 price_) external {
        price = price_;
        emit PriceSet(price_);
    }
}

/// @title StopLoss
/// @notice Sells a holding as soon as a price below the limit is published. The network starts it; the feed is not
/// changed and nobody watches.
contract StopLoss {
    /// @notice The holding was sold to the buyer.
    event Sold(uint256 price, uint256 amount, uint256 proceeds);

    /// @notice The feed that is listened to.
    PriceFeed public immutable feed;
    /// @notice The price below which the holding goes.
    uint256 public immutable limit;
    /// @notice What is sold.
    AssetId public immutable asset;
    /// @notice What is paid.
    AssetId public immutable money;
    /// @notice Who put the holding in.
    address public immutable owner;
    /// @notice Who stands ready to buy.
    address public immutable buyer;
    /// @notice Whether the holding was sold.
    bool public sold;

    constructor(PriceFeed feed_, uint256 limit_, AssetId asset_, AssetId money_, address owner_, address buyer_) payable {
        feed = feed_;
        limit = limit_;
        asset = asset_;
        money = money_;
        owner = owner_;
        buyer = buyer_;
    }

    /// @notice Takes what came with the call: the holding from the owner, the money from the buyer.
    function fill() external {}

    function sell(uint256 price) internal {
        if (sold) return;
        uint256 amount = asset.freeOf(address(this));
        uint256 proceeds = amount * price / 1e18;
        if (amount == 0 || money.freeOf(address(this)) < proceeds) return;
        sold = true;
        asset.send(buyer, amount);
        money.send(owner, proceeds);
        emit Sold(price, amount, proceeds);
    }
}

description StopLoss {
    on event feed.PriceSet(uint256 price) where price < limit do sell(price);
    policy { gas 400_000; escrow 0.05 ether; }
}
