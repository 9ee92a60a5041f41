// Choices and names that stand for a second time.
pragma abicoder v2;
pragma abicoder v2; //~ ERROR E0208
pragma experimental nothing_of_the_kind; //~ ERROR E0208

contract Named {
    mapping(address owner => uint256 amount) fine;
    mapping(address one => address one) bad; //~ ERROR E0304
    mapping(address one => mapping(uint256 two => address one) three) nested; //~ ERROR E0304
}

library Own {
    function outside(uint256 x) external pure returns (uint256) {
        return x;
    }

    function inside(uint256 x) internal pure returns (uint256) {
        return Own.outside(x); //~ ERROR E0515
    }
}
