// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/finance/Actus.sol";

/// @title MarketSeries
/// @notice A market observer whose publisher records the values: rates, prices and indices by object and time.
contract MarketSeries is IMarketObserver {
    /// @notice A value and the time from which it holds.
    struct Point {
        uint64 time;
        int192 value;
    }

    /// @notice A value was recorded.
    event Recorded(bytes32 indexed object, uint64 time, int256 value);

    error NotPublisher(address caller);
    error NotLater(uint64 time, uint64 last);
    error ValueRange(int256 value);
    error NothingObserved(bytes32 object, uint64 time);

    /// @notice Who may record values.
    address public immutable publisher;

    mapping(bytes32 => Point[]) private series;

    constructor(address publisher_) {
        publisher = publisher_;
    }

    /// @notice Records that `object` is worth `value` (18 decimals) from `time` on; later than all before.
    function record(bytes32 object, uint64 time, int256 value) external {
        if (msg.sender != publisher) revert NotPublisher(msg.sender);
        Point[] storage points = series[object];
        if (points.length > 0 && points[points.length - 1].time >= time) {
            revert NotLater(time, points[points.length - 1].time);
        }
        if (value < type(int192).min || value > type(int192).max) revert ValueRange(value);
        points.push(Point(time, int192(value)));
        emit Recorded(object, time, value);
    }

    /// @inheritdoc IMarketObserver
    function valueAt(bytes32 object, uint64 t) external view returns (int256 value) {
        Point[] storage points = series[object];
        uint256 low = 0;
        uint256 high = points.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (points[middle].time <= t) low = middle + 1;
            else high = middle;
        }
        if (low == 0) revert NothingObserved(object, t);
        return points[low - 1].value;
    }
}
