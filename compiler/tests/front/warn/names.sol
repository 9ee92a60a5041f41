// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

contract Names {
    uint256 total;
    uint256 transient; //~ WARN W0204 6335
    function sha256() public {} //~ WARN W0105 2319

    function hides(uint256 total) public pure returns (uint256) { //~ WARN W0103 2519
        uint256 unused; //~ WARN W0107 2072
        {
            uint256 msg = total; //~ WARN W0105 2319
            return msg;
        }
    }

    function outside() external {}

    function same(uint256 a, uint256 left) public pure returns (uint256) { //~ WARN W0108 5667
        uint256 outside = a; //~ WARN W0106 8760
        return outside;
    }

    function hook(uint256 amount) internal virtual {}
    function fallback() public {} //~ WARN W0117 3445
    function typed(function(uint256 n) external f) external {} //~ WARN W0206 6162
    modifier checked() virtual { _; } //~ WARN W0205 8429
}

interface Seen {
    function look() external virtual; //~ WARN W0118 5815
}
