// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Custody.sol";

/// @title Pawn
/// @notice Lends one coin in custody against a pledge of another. Units are sent here first: holding is authority, and
/// the contract books what it holds beyond what it owes.
contract Pawn {
    struct Loan {
        address borrower;
        address lender;
        uint256 pledge;
        uint256 amount;
    }

    AssetId public immutable pledged;
    AssetId public immutable lent;
    mapping(uint256 => Loan) public loans;
    uint256 public count;
    uint256 private booked;

    error Missing(uint256 expected, uint256 found);
    error NotOpen();

    constructor(bytes32 pledgedCoin, bytes32 lentCoin) {
        pledged = Custody.asset(Coin.wrap(pledgedCoin));
        lent = Custody.asset(Coin.wrap(lentCoin));
    }

    /// @notice Opens a loan: the caller has sent `pledge` units of the pledged coin here and wants `amount` of the other.
    function open(uint256 pledge, uint256 amount) external {
        uint256 fresh = pledged.balanceOf(address(this)) - booked;
        if (fresh < pledge) revert Missing(pledge, fresh);
        booked += pledge;
        loans[++count] = Loan(msg.sender, address(0), pledge, amount);
    }

    /// @notice Lends: the caller has sent the amount here, and it goes to the borrower.
    function fund(uint256 pawn) external {
        Loan storage loan = loans[pawn];
        if (loan.borrower == address(0) || loan.lender != address(0)) revert NotOpen();
        loan.lender = msg.sender;
        lent.send(loan.borrower, loan.amount);
    }

    /// @notice Pays back: the borrower has sent the amount here; it goes to the lender, the pledge goes back.
    function redeem(uint256 pawn) external {
        Loan memory loan = loans[pawn];
        if (loan.borrower != msg.sender || loan.lender == address(0)) revert NotOpen();
        delete loans[pawn];
        booked -= loan.pledge;
        lent.send(loan.lender, loan.amount);
        pledged.send(loan.borrower, loan.pledge);
    }
}
