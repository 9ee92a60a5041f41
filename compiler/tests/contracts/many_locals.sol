// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: deep(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256) 1, 2, 3, 4, 5, 6, 7, 8 => 36, 204, 120
//@ run-call: fibonacci(uint256) 15 => 610
//@ run-call: mutual(uint256) 9 => false
//@ run-call: ackermann(uint256,uint256) 2, 3 => 9
//@ run-call: longExpression(uint256) 2 => 1050
contract ManyLocals {
    function deep(uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f, uint256 g, uint256 h)
        external
        pure
        returns (uint256 sum, uint256 squares, uint256 products)
    {
        uint256 a2 = a * a;
        uint256 b2 = b * b;
        uint256 c2 = c * c;
        uint256 d2 = d * d;
        uint256 e2 = e * e;
        uint256 f2 = f * f;
        uint256 g2 = g * g;
        uint256 h2 = h * h;
        uint256 ah = a * h;
        uint256 bg = b * g;
        uint256 cf = c * f;
        uint256 de = d * e;
        for (uint256 i = 0; i < 2; i++) {
            products += ah + bg + cf + de;
        }
        sum = a + b + c + d + e + f + g + h;
        squares = a2 + b2 + c2 + d2 + e2 + f2 + g2 + h2;
    }
    function fib(uint256 n) internal pure returns (uint256) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    function fibonacci(uint256 n) external pure returns (uint256) { return fib(n); }
    function even(uint256 n) internal pure returns (bool) { return n == 0 || odd(n - 1); }
    function odd(uint256 n) internal pure returns (bool) { return n != 0 && even(n - 1); }
    function mutual(uint256 n) external pure returns (bool) { return even(n); }
    function ack(uint256 m, uint256 n) internal pure returns (uint256) {
        if (m == 0) return n + 1;
        if (n == 0) return ack(m - 1, 1);
        return ack(m - 1, ack(m, n - 1));
    }
    function ackermann(uint256 m, uint256 n) external pure returns (uint256) { return ack(m, n); }
    function longExpression(uint256 x) external pure returns (uint256) {
        return ((x + 1) * (x + 2) + (x + 3) * (x + 4) + (x + 5) * ((x + 6) + (x + 7) * (x + 8)))
            + (((x + 9) * ((x + 10) + (x + 11) * 2)) - (x * ((x + 1) * ((x + 2) * ((x + 3) - 1)))));
    }
}
