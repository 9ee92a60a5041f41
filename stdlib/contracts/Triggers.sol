// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/interfaces/ITriggers.sol";

/// @notice Names a trigger on the calling list.
type TriggerId is uint256;

/// @notice Says what happens to a missed, failed or late occurrence, packed as the opcodes take it.
type Policy is uint256;

using Triggers for TriggerId global;
using Policies for Policy global;

/// @notice Says where a trigger stands.
enum TriggerState {
    None,
    Waiting,
    Paused,
    Done,
    Cancelled,
    Unfunded
}

/// @notice A trigger as the calling list records it; `escrow` in wei, `next` in Unix seconds.
struct TriggerInfo {
    TriggerState state;
    uint64 next;
    uint64 fired;
    uint256 escrow;
}

/// @notice Constrains a topic (index 0 is the event's signature) or a word of a log's data.
struct Bound {
    uint256 index;
    uint256 comparison;
    uint256 operand;
}

/// @notice Selects logs of one emitter that pass all bounds.
struct Filter {
    address emitter;
    Bound[] topics;
    Bound[] data;
}

/// @title Compare
/// @notice Codes of comparisons in filters and guards; operands are unsigned unless the name says otherwise.
library Compare {
    uint256 internal constant EQ = 0;
    uint256 internal constant NE = 1;
    uint256 internal constant LT = 2;
    uint256 internal constant LE = 3;
    uint256 internal constant GT = 4;
    uint256 internal constant GE = 5;
    uint256 internal constant SIGNED_LT = 10;
    uint256 internal constant SIGNED_LE = 11;
    uint256 internal constant SIGNED_GT = 12;
    uint256 internal constant SIGNED_GE = 13;
}

/// @title Policies
/// @notice Builds policies step by step: `Policies.skip().retry(3, 1 hours).lateAfter(600, this.tooLate.selector)`.
library Policies {
    /// @notice A value does not fit its field.
    error PolicyRange(uint256 value);

    /// @notice Missed occurrences are skipped, a failed one is dropped; the default.
    function skip() internal pure returns (Policy) {
        return Policy.wrap(0);
    }

    /// @notice Of missed occurrences one runs.
    function missedOnce(Policy p) internal pure returns (Policy) {
        return _set(p, 0, 8, 1);
    }

    /// @notice Missed occurrences all run, at most `max`.
    function missedAll(Policy p, uint256 max) internal pure returns (Policy) {
        return _set(_set(p, 0, 8, 2), 8, 8, max);
    }

    /// @notice A failed occurrence is tried again up to `times`, waiting `backoff` seconds before each.
    function retry(Policy p, uint256 times, uint256 backoff) internal pure returns (Policy) {
        return _set(_set(_set(p, 16, 8, 1), 24, 8, times), 32, 32, backoff);
    }

    /// @notice A failed occurrence pauses the trigger.
    function pauseOnFailure(Policy p) internal pure returns (Policy) {
        return _set(p, 16, 8, 2);
    }

    /// @notice More than `bound` seconds late, `lateSelector` is called instead (0: nothing is).
    function lateAfter(Policy p, uint256 bound, bytes4 lateSelector) internal pure returns (Policy) {
        return _set(_set(p, 64, 32, bound), 128, 32, uint256(uint32(lateSelector)));
    }

    /// @notice Conditions are polled every `interval` seconds.
    function pollEvery(Policy p, uint256 interval) internal pure returns (Policy) {
        return _set(p, 96, 32, interval);
    }

    /// @notice A booking is refused above `weiPerGas`.
    function capPrice(Policy p, uint256 weiPerGas) internal pure returns (Policy) {
        return _set(p, 160, 64, weiPerGas);
    }

    function _set(Policy p, uint256 shift, uint256 bits, uint256 value) private pure returns (Policy) {
        uint256 mask = (1 << bits) - 1;
        if (value > mask) revert PolicyRange(value);
        return Policy.wrap((Policy.unwrap(p) & ~(mask << shift)) | (value << shift));
    }
}

/// @title Triggers
/// @notice Typed access to the calling list: the network itself calls this contract at a time, at intervals, or when
/// an event passes a filter. The called functions must check `msg.sender == Triggers.SCHEDULER` (see `onlyScheduler`).
library Triggers {
    /// @notice The escrow is short, or that moment is full.
    error BookingFailed(bytes4 selector);
    /// @notice A filter holds more than 4 topics or 8 bounds on data.
    error FilterTooLarge();
    /// @notice The caller is not the network.
    error NotScheduler(address caller);

    /// @notice The sender of every call that a trigger makes; no key exists for it.
    address internal constant SCHEDULER = 0xF0500000000000000000000000000000000000fe;
    /// @notice The system precompile behind `fund`, `withdraw` and `firing`.
    ITriggers internal constant SYSTEM = ITriggers(0xf050000000000000000000000000000000000003);

    /// @notice Reverts unless the network itself is calling.
    function onlyScheduler() internal view {
        if (msg.sender != SCHEDULER) revert NotScheduler(msg.sender);
    }

    /// @notice Books one call of `selector` with ABI-encoded `args` at time `t`.
    function at(uint64 t, bytes4 selector, bytes memory args, uint64 gasLimit, Policy policy)
        internal
        returns (TriggerId tid)
    {
        assembly ("memory-safe") {
            tid := tat(t, shr(224, selector), add(args, 32), mload(args), gasLimit, policy)
        }
        if (TriggerId.unwrap(tid) == 0) revert BookingFailed(selector);
    }

    /// @notice Books one call without arguments at time `t`.
    function at(uint64 t, bytes4 selector, uint64 gasLimit, Policy policy) internal returns (TriggerId) {
        return at(t, selector, new bytes(0), gasLimit, policy);
    }

    /// @notice Books calls at `start + k * period` for k below `count`; a count of 0 runs until cancelled or unfunded.
    function every(
        uint64 start,
        uint64 period,
        uint64 count,
        bytes4 selector,
        bytes memory args,
        uint64 gasLimit,
        Policy policy
    ) internal returns (TriggerId tid) {
        assembly ("memory-safe") {
            tid := tevery(start, period, count, shr(224, selector), add(args, 32), mload(args), gasLimit, policy)
        }
        if (TriggerId.unwrap(tid) == 0) revert BookingFailed(selector);
    }

    /// @notice Books a call for every log that passes `filter`, at most `max` times (0: no limit). The call data is
    /// the selector, then topics 1 and on as words, then the log's data.
    function onEvent(Filter memory filter, bytes4 selector, uint64 gasLimit, uint64 max, Policy policy)
        internal
        returns (TriggerId tid)
    {
        uint256[] memory words = _encode(filter);
        assembly ("memory-safe") {
            tid := tevent(add(words, 32), shr(224, selector), gasLimit, max, policy)
        }
        if (TriggerId.unwrap(tid) == 0) revert BookingFailed(selector);
    }

    /// @notice Starts a filter for events of `emitter` with this signature hash.
    function eventsOf(address emitter, bytes32 signature) internal pure returns (Filter memory filter) {
        filter.emitter = emitter;
        filter.topics = new Bound[](1);
        filter.topics[0] = Bound(0, Compare.EQ, uint256(signature));
    }

    /// @notice Adds a bound on topic `index` (1 to 3: the event's indexed parameters in order).
    function whereTopic(Filter memory filter, uint256 index, uint256 comparison, uint256 operand)
        internal
        pure
        returns (Filter memory)
    {
        filter.topics = _append(filter.topics, Bound(index, comparison, operand), 4);
        return filter;
    }

    /// @notice Adds a bound on the 32-byte word `index` of the event's data.
    function whereData(Filter memory filter, uint256 index, uint256 comparison, uint256 operand)
        internal
        pure
        returns (Filter memory)
    {
        filter.data = _append(filter.data, Bound(index, comparison, operand), 8);
        return filter;
    }

    /// @notice Cancels a trigger of this contract; its escrow returns to the pot.
    /// @return refund The amount returned, in wei.
    function cancel(TriggerId tid) internal returns (uint256 refund) {
        assembly ("memory-safe") {
            refund := tcancel(tid)
        }
    }

    /// @notice Describes a trigger.
    function info(TriggerId tid) internal view returns (TriggerInfo memory result) {
        uint256 state;
        uint64 next;
        uint64 fired;
        uint256 escrow;
        assembly ("memory-safe") {
            let s, n, f, e := tinfo(tid)
            state := s
            next := n
            fired := f
            escrow := e
        }
        result = TriggerInfo(TriggerState(state), next, fired, escrow);
    }

    /// @notice Returns the price in wei of `gasLimit` at time `t`; 0 when that moment is full.
    function quote(uint64 t, uint64 gasLimit) internal view returns (uint256 price) {
        assembly ("memory-safe") {
            price := tquote(t, gasLimit)
        }
    }

    /// @notice Moves `amount` wei of this contract into its pot, from which bookings reserve gas and rent.
    function fund(uint256 amount) internal {
        SYSTEM.fund{value: amount}(address(this));
    }

    /// @notice Takes `amount` wei of the unreserved pot back.
    function withdraw(uint256 amount) internal {
        SYSTEM.withdraw(amount);
    }

    /// @notice Returns the occurrence that is running now: its trigger, when it was due, which attempt this is.
    function firing() internal view returns (TriggerId tid, uint64 due, uint64 attempt) {
        uint256 raw;
        (raw, due, attempt) = SYSTEM.firing();
        tid = TriggerId.wrap(raw);
    }

    function _append(Bound[] memory list, Bound memory bound, uint256 max) private pure returns (Bound[] memory longer) {
        uint256 length = list.length;
        if (length >= max) revert FilterTooLarge();
        longer = new Bound[](length + 1);
        for (uint256 i = 0; i < length; i++) {
            longer[i] = list[i];
        }
        longer[length] = bound;
    }

    function _encode(Filter memory filter) private pure returns (uint256[] memory words) {
        uint256 topics = filter.topics.length;
        uint256 data = filter.data.length;
        if (topics > 4 || data > 8) revert FilterTooLarge();
        words = new uint256[](3 + 3 * (topics + data));
        words[0] = uint256(uint160(filter.emitter));
        words[1] = topics;
        words[2] = data;
        _encodeBounds(words, 3, filter.topics);
        _encodeBounds(words, 3 + 3 * topics, filter.data);
    }

    function _encodeBounds(uint256[] memory words, uint256 place, Bound[] memory bounds) private pure {
        for (uint256 i = 0; i < bounds.length; i++) {
            words[place + 3 * i] = bounds[i].index;
            words[place + 3 * i + 1] = bounds[i].comparison;
            words[place + 3 * i + 2] = bounds[i].operand;
        }
    }
}
