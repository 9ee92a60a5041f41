// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";
import "fusor/Custody.sol";

/// @title Pawn
/// @notice Lends one coin against another: the borrower pledges, a lender funds, and until maturity the pledge is
/// redeemed for what is due. At maturity the network gives an unredeemed pledge to the lender; nobody has to call.
/// @dev Coins that were locked in are assets like all others: `Coin.wrap("LTC").asset()` is litecoin.
contract Pawn {
    /// @notice The call comes too early, too late, or from somebody else.
    error NotNow(Stage stage);
    /// @notice Not exactly this came with the call.
    error WrongAmount(uint256 received, uint256 expected);
    /// @notice The money of this loan is another coin.
    error NotThisCoin(Coin coin);

    /// @notice Money was lent.
    event Funded(address indexed lender, uint256 principal);
    /// @notice The pledge went back to the borrower.
    event Redeemed(uint256 due);
    /// @notice The pledge went to the lender.
    event Forfeited(address indexed lender, uint256 pledge);
    /// @notice What the lender is owed is paid outside by this request.
    event PaidOutside(uint64 request, string destination);

    /// @notice Tells how far the loan is.
    enum Stage {
        Empty,
        Pledged,
        Lent,
        Repaid,
        Closed
    }

    /// @notice The asset that is pledged.
    AssetId public immutable pledgeAsset;
    /// @notice The asset that is lent.
    AssetId public immutable money;
    /// @notice How much is pledged.
    uint256 public immutable pledgeAmount;
    /// @notice How much is lent.
    uint256 public immutable principal;
    /// @notice How much redeems the pledge.
    uint256 public immutable due;
    /// @notice When an unredeemed pledge is forfeited.
    uint64 public immutable maturity;
    /// @notice Who borrows.
    address public immutable borrower;
    /// @notice Who has lent.
    address public lender;
    /// @notice How far the loan is.
    Stage public stage;

    constructor(
        AssetId pledgeAsset_,
        AssetId money_,
        uint256 pledgeAmount_,
        uint256 principal_,
        uint256 due_,
        uint64 maturity_
    ) payable {
        pledgeAsset = pledgeAsset_;
        money = money_;
        pledgeAmount = pledgeAmount_;
        principal = principal_;
        due = due_;
        maturity = maturity_;
        borrower = msg.sender;
    }

    modifier during(Stage wanted) {
        if (stage != wanted) revert NotNow(stage);
        _;
    }

    modifier only(address who) {
        if (msg.sender != who) revert NotNow(stage);
        _;
    }

    /// @notice Takes the pledge, which comes with the call.
    function pledge() external only(borrower) during(Stage.Empty) {
        take(pledgeAsset, pledgeAmount);
        stage = Stage.Pledged;
    }

    /// @notice Takes the pledge back before anyone has lent.
    function withdraw() external only(borrower) during(Stage.Pledged) {
        stage = Stage.Empty;
        pledgeAsset.send(borrower, pledgeAmount);
    }

    /// @notice Lends the money that comes with the call; the borrower has it at once.
    function fund() external during(Stage.Pledged) {
        if (block.timestamp >= maturity) revert NotNow(stage);
        take(money, principal);
        stage = Stage.Lent;
        lender = msg.sender;
        money.send(borrower, principal);
        emit Funded(msg.sender, principal);
    }

    /// @notice Redeems the pledge with what is due, which comes with the call; it is kept for the lender.
    function repay() external during(Stage.Lent) {
        take(money, due);
        stage = Stage.Repaid;
        pledgeAsset.send(borrower, pledgeAmount);
        emit Redeemed(due);
    }

    /// @notice Pays the lender here.
    function collect() external only(lender) during(Stage.Repaid) {
        stage = Stage.Closed;
        money.send(lender, due);
    }

    /// @notice Pays the lender on the coin's own chain: the contract itself locks out. The request's fee comes with the
    /// call, the outer transaction costs `maxFee` at most.
    function collectOutside(Coin coin, string calldata destination, uint256 maxFee)
        external
        payable
        only(lender)
        during(Stage.Repaid)
    {
        if (AssetId.unwrap(coin.asset()) != AssetId.unwrap(money)) revert NotThisCoin(coin);
        stage = Stage.Closed;
        emit PaidOutside(coin.lockOut(due, destination, maxFee), destination);
    }

    /// @notice Ends the loan at maturity: the pledge is the lender's, or the borrower's again if nobody has lent.
    function mature() internal {
        if (stage == Stage.Lent) {
            stage = Stage.Closed;
            pledgeAsset.send(lender, pledgeAmount);
            emit Forfeited(lender, pledgeAmount);
        } else if (stage == Stage.Pledged) {
            stage = Stage.Closed;
            pledgeAsset.send(borrower, pledgeAmount);
        }
    }

    function take(AssetId asset, uint256 amount) private view {
        uint256 received = Assets.received(asset);
        if (received != amount) revert WrongAmount(received, amount);
    }
}

description Pawn {
    on at maturity do mature();
    policy { gas 300_000; escrow 0.05 ether; }
}
