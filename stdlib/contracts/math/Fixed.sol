// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title Fixed
/// @notice Signed fixed-point arithmetic with 18 decimals: 1.0 is 1e18. Results are rounded to nearest, ties to even,
/// unless the name says otherwise; products are formed in 512 bits, so only the result can overflow.
library Fixed {
    /// @notice The exact result does not fit.
    error FixedOverflow();
    /// @notice Division by zero.
    error FixedDivisionByZero();

    /// @notice 1.0.
    int256 internal constant ONE = 1e18;

    /// @notice Returns a * b.
    function mul(int256 a, int256 b) internal pure returns (int256) {
        return mulDiv(a, b, ONE);
    }

    /// @notice Returns a / b.
    function div(int256 a, int256 b) internal pure returns (int256) {
        return mulDiv(a, ONE, b);
    }

    /// @notice Returns a whole number as fixed point.
    function fromInt(int256 a) internal pure returns (int256) {
        return a * ONE;
    }

    /// @notice Returns the quotient of two whole numbers as fixed point.
    function ratio(int256 numerator, int256 denominator) internal pure returns (int256) {
        return mulDiv(numerator, ONE, denominator);
    }

    /// @notice Returns a * b / c of plain signed integers, rounded to nearest, ties to even.
    function mulDiv(int256 a, int256 b, int256 c) internal pure returns (int256) {
        (uint256 quotient, uint256 remainder, uint256 divisor) = mulDivRem(abs(a), abs(b), abs(c));
        // rest > divisor - rest compares twice the rest with the divisor without overflow.
        uint256 gap = divisor - remainder;
        if (remainder > gap || (remainder == gap && quotient & 1 == 1)) quotient += 1;
        return signed(quotient, (a < 0) != (b < 0) != (c < 0));
    }

    /// @notice Returns a * b / c of unsigned integers, rounded down.
    function mulDivDown(uint256 a, uint256 b, uint256 c) internal pure returns (uint256 quotient) {
        (quotient,,) = mulDivRem(a, b, c);
    }

    /// @notice Returns a * b / c of unsigned integers, rounded up.
    function mulDivUp(uint256 a, uint256 b, uint256 c) internal pure returns (uint256 quotient) {
        uint256 remainder;
        (quotient, remainder,) = mulDivRem(a, b, c);
        if (remainder > 0) quotient += 1;
    }

    /// @notice Returns quotient and remainder of the 512-bit product a * b by c, and c itself.
    function mulDivRem(uint256 a, uint256 b, uint256 c)
        internal
        pure
        returns (uint256 quotient, uint256 remainder, uint256 divisor)
    {
        if (c == 0) revert FixedDivisionByZero();
        divisor = c;
        remainder = mulmod(a, b, c);
        (uint256 high, uint256 low) = fullMul(a, b);
        if (high == 0) return (low / c, remainder, divisor);
        if (high >= c) revert FixedOverflow();
        quotient = exactQuotient(high, low, remainder, c);
    }

    /// @notice Returns the 512-bit product a * b as two words.
    function fullMul(uint256 a, uint256 b) internal pure returns (uint256 high, uint256 low) {
        unchecked {
            uint256 folded = mulmod(a, b, type(uint256).max);
            low = a * b;
            high = folded - low - (folded < low ? 1 : 0);
        }
    }

    /// @notice Returns (high * 2^256 + low - remainder) / c, which must be whole and below 2^256.
    /// @dev Takes the power of two out of c, then multiplies by the inverse of its odd part modulo 2^256, found by
    /// Newton's iteration, which doubles the correct bits in each step from 4.
    function exactQuotient(uint256 high, uint256 low, uint256 remainder, uint256 c) internal pure returns (uint256) {
        unchecked {
            if (remainder > low) high -= 1;
            low -= remainder;
            uint256 power = c & (~c + 1);
            uint256 odd = c / power;
            low /= power;
            if (power > 1) low |= high * (type(uint256).max / power + 1);
            uint256 inverse = (3 * odd) ^ 2;
            for (uint256 i = 0; i < 6; i++) {
                inverse *= 2 - odd * inverse;
            }
            return low * inverse;
        }
    }

    /// @notice Returns the absolute value; that of the least integer is 2^255.
    function abs(int256 a) internal pure returns (uint256) {
        unchecked {
            return a < 0 ? uint256(0) - uint256(a) : uint256(a);
        }
    }

    /// @notice Returns a magnitude with a sign.
    function signed(uint256 magnitude, bool negative) internal pure returns (int256) {
        uint256 limit = uint256(1) << 255;
        if (magnitude > limit || (magnitude == limit && !negative)) revert FixedOverflow();
        unchecked {
            return negative ? int256(uint256(0) - magnitude) : int256(magnitude);
        }
    }

    /// @notice Returns the smaller of two values.
    function min(int256 a, int256 b) internal pure returns (int256) {
        return a < b ? a : b;
    }

    /// @notice Returns the larger of two values.
    function max(int256 a, int256 b) internal pure returns (int256) {
        return a > b ? a : b;
    }

    /// @notice Returns base to a whole power, rounded at each step.
    function powInt(int256 base, uint256 exponent) internal pure returns (int256 result) {
        result = ONE;
        while (exponent > 0) {
            if (exponent & 1 == 1) result = mul(result, base);
            exponent >>= 1;
            if (exponent > 0) base = mul(base, base);
        }
    }

    /// @notice Returns the square root of a non-negative value, rounded down.
    function sqrt(int256 a) internal pure returns (int256) {
        if (a < 0) revert FixedOverflow();
        (uint256 high, uint256 low) = fullMul(uint256(a), uint256(ONE));
        if (high != 0) revert FixedOverflow();
        return int256(sqrtDown(low));
    }

    /// @notice Returns the integer square root, rounded down.
    function sqrtDown(uint256 a) internal pure returns (uint256 root) {
        if (a == 0) return 0;
        root = 1;
        uint256 rest = a;
        for (uint256 bits = 128; bits >= 2; bits >>= 1) {
            if (rest >> bits != 0) {
                rest >>= bits;
                root <<= bits >> 1;
            }
        }
        // Seven steps of Newton's iteration double the correct bits from 1 to more than 128.
        root = (root * 3) >> 1;
        for (uint256 i = 0; i < 7; i++) {
            root = (root + a / root) >> 1;
        }
        if (root > a / root) root -= 1;
    }
}
