// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Consensus.sol";

/// @title Lottery
/// @notice Sells tickets and draws the winner by the seed of a block that is still to come when the sale ends. Nobody
/// knows that seed before, so nobody can choose it; anybody may have the draw made.
contract Lottery {
    /// @notice Somebody bought a ticket.
    event Bought(address indexed buyer, uint256 number);
    /// @notice The winner was drawn.
    event Drawn(address indexed winner, uint256 number, uint256 prize);

    /// @notice The sale is over, or not yet.
    error WrongTime();
    /// @notice Not the price of a ticket.
    error WrongPrice();

    /// @notice Price of a ticket in wei.
    uint256 public immutable price;
    /// @notice The last height at which tickets are sold.
    uint64 public immutable lastSale;
    /// @notice The block whose seed decides.
    uint64 public immutable drawHeight;

    /// @notice The buyers, by ticket number.
    address[] public buyers;
    /// @notice Who won; 0 before the draw.
    address public winner;

    /// @param price_ Price of a ticket in wei.
    /// @param blocks How many blocks the sale lasts; the draw is by the second block after it.
    constructor(uint256 price_, uint64 blocks) {
        price = price_;
        lastSale = uint64(block.number) + blocks;
        drawHeight = lastSale + 2;
    }

    /// @notice Buys a ticket.
    function buy() external payable {
        if (block.number > lastSale) revert WrongTime();
        if (msg.value != price) revert WrongPrice();
        emit Bought(msg.sender, buyers.length);
        buyers.push(msg.sender);
    }

    /// @notice Draws the winner and pays out; at most 256 blocks after the draw's block.
    function draw() external {
        if (block.number <= lastSale || winner != address(0)) revert WrongTime();
        uint256 number = Consensus.draw(drawHeight, 0, buyers.length);
        winner = buyers[number];
        uint256 prize = address(this).balance;
        emit Drawn(winner, number, prize);
        (bool paid,) = winner.call{value: prize}("");
        require(paid, "the winner takes no coin");
    }

    /// @notice Returns how many tickets were sold.
    function sold() external view returns (uint256) {
        return buyers.length;
    }
}
