// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title Bell
/// @notice Rings; others listen.
contract Bell {
    event Rung(address indexed by, int256 tone, string name);

    bool public open;

    function ring(int256 tone, string calldata name) external {
        emit Rung(msg.sender, tone, name);
    }

    function unlock() external {
        open = true;
    }
}

/// @title Clauses
/// @notice Has one clause of each kind, and counts what each did.
contract Clauses {
    Bell public immutable bell;
    uint64 public next;
    uint64 public windowEnd;
    uint64[] public ats;
    uint64[] public months;
    uint256 public ticks;
    int256 public loudest;
    string public lastName;
    address public ringer;
    uint256 public touched;
    uint256 public after_;
    bool public settled;
    bool public gaveUp;
    uint256 public attempts;
    bool public onTime;

    event Told(uint8 what, uint64 time);

    constructor(Bell bell_, uint64 first, uint64 end) payable {
        bell = bell_;
        next = first;
        windowEnd = end;
    }

    function remember() internal {
        ats.push(uint64(block.timestamp));
        next = ats.length < 3 ? next + 10 days : 0;
    }

    function month() internal {
        months.push(uint64(block.timestamp));
    }

    function tick() internal {
        ticks++;
        if (ticks == 2) windowEnd -= 2 days;
    }

    function hear(address by, int256 tone, string memory name) internal {
        ringer = by;
        loudest = tone;
        lastName = name;
    }

    function touch() external {
        touched++;
    }

    function follow() internal {
        after_ += touched;
    }

    function settle() internal {
        settled = true;
    }

    function giveUp() internal {
        gaveUp = true;
    }

    /// @dev Fails until the bell is open, so that retries are seen.
    function insist() internal {
        if (!bell.open()) revert("closed");
        attempts++;
        onTime = true;
    }

    function atCount() external view returns (uint256) {
        return ats.length;
    }

    function monthCount() external view returns (uint256) {
        return months.length;
    }
}

description Clauses {
    on at next do remember();
    on cron "0 0 1 * *" utc adjust following if months.length < 6 do month();
    on every 1d from 1767571200 until windowEnd do tick();
    on event bell.Rung(address by, int256 tone, string name) where tone > -5 && bytes(name).length > 2 do hear(by, tone, name);
    on call touch if touched > 1 do follow();
    nested wait = settle() when bell.open() within 30d poll 1d else giveUp();
    nested never = giveUp() when touched > 1_000_000 within 5d poll 1d else settle();
    on at 1767312000 do insist() retry 5 every 1d gas 150_000;
    policy { gas 400_000; escrow 0.5 ether; }
}
