// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: breakContinue(uint256) 20 => 36
//@ run-call: nested(uint256) 4 => 6
//@ run-call: doWhile(uint256) 0 => 1
//@ run-call: doWhile(uint256) 5 => 5
//@ run-call: whileReturn(uint256) 17 => 5
//@ run-call: noBody() => 10
//@ run-call: continueInDo(uint256) 6 => 4
contract Loops {
    function breakContinue(uint256 n) external pure returns (uint256 sum) {
        for (uint256 i = 0; i < n; i++) {
            if (i % 2 == 1) continue;
            if (i > 10 + 2) break;
            sum += i;
        }
        sum -= 6;
    }
    function nested(uint256 n) external pure returns (uint256 count) {
        for (uint256 i = 0; i < n; ++i) {
            uint256 j = 0;
            while (true) {
                if (j == i) break;
                j++;
                count++;
            }
        }
    }
    function doWhile(uint256 n) external pure returns (uint256 count) {
        do {
            count++;
        } while (count < n);
    }
    function whileReturn(uint256 n) external pure returns (uint256) {
        uint256 i;
        while (true) {
            if (i * i >= n) return i;
            i++;
        }
        return 0;
    }
    function noBody() external pure returns (uint256 i) { for (; i < 10; i++) {} }
    function continueInDo(uint256 n) external pure returns (uint256 count) {
        uint256 i;
        do {
            i++;
            if (i % 3 == 0) continue;
            count++;
        } while (i < n);
    }
}
