// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";

/// @title Salary
/// @notice An employer puts a year's wages in; the network pays the worker every four weeks. Nobody has to call.
contract Salary {
    /// @notice A wage was paid.
    event Paid(uint256 indexed number, uint64 date, uint256 amount);
    /// @notice The money ran out before the payday.
    event Unpaid(uint64 date);

    /// @notice Who works.
    address public immutable worker;
    /// @notice The asset in which he is paid.
    AssetId public immutable money;
    /// @notice What he gets each time.
    uint256 public immutable wage;
    /// @notice The first payday.
    uint64 public immutable firstPayday;
    /// @notice How many wages were paid.
    uint256 public count;

    constructor(address worker_, AssetId money_, uint256 wage_) payable {
        worker = worker_;
        money = money_;
        wage = wage_;
        firstPayday = uint64(block.timestamp) + 28 days;
    }

    /// @notice Takes the money that came with the call.
    function fill() external {}

    /// @notice The end of the contract: twelve paydays come before it.
    function end() public view returns (uint64) {
        return firstPayday + 12 * 28 days;
    }

    function pay() internal {
        if (money.freeOf(address(this)) < wage) {
            emit Unpaid(uint64(block.timestamp));
            return;
        }
        count++;
        money.send(worker, wage);
        emit Paid(count, uint64(block.timestamp), wage);
    }
}

description Salary {
    on every 28d from firstPayday until end() do pay() missed all 3;
    policy { gas 300_000; escrow 0.05 ether; }
}
