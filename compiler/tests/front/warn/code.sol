// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
pragma abicoder v1; //~ WARN W0203 9511

contract Code { //~ WARN W0112 3628
    uint256 immutable late;
    uint256 immutable early = 1;
    uint256 public stored;

    constructor() {
        late = 2;
        this.stored(); //~ WARN W0113 5805
    }

    function dead(uint256 x) public pure returns (uint256) {
        if (x == 1) {
            return 1;
            x = 2; //~ WARN W0102 5740
        }
        fails();
        return x; //~ WARN W0102 5740
    }

    function fails() internal pure {
        revert();
    }

    function open(bool yes) public pure returns (uint256) { //~ WARN W0109 6321
        if (yes) return 1;
    }

    function tight() public view returns (uint256) { //~ WARN W0111 2018
        return early;
    }

    function needed() public view returns (uint256) {
        return late;
    }

    function writes() public {
        stored = 1;
        1 + 1; //~ WARN W0110 6133
    }

    function calls(address payable to) public {
        to.call(""); //~ WARN W0101 9302
        to.transfer(1); //~ WARN W0207 9207
        to.send(1); //~ WARN W0101 5878 W0207 9207
        selfdestruct(to); //~ WARN W0207 5159
    }

    function compares(Code a, Code b, uint8 x) public pure returns (bool, uint8) {
        return (a == b, x ** uint16(2)); //~ WARN W0207 9170 W0120 3149
    }

    function assembled() public {
        /// @solidity memory-safe-assembly
        assembly { tstore(0, 1) } //~ WARN W0208 2424 W0116 2394
        assembly ("fast") { } //~ WARN W0209 4430
        assembly { switch 1 default { } } //~ WARN W0110 9592
    }

    fallback() external payable {}
}
