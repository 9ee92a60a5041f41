// Rules of what must be known at compile time.
uint256 constant NUMBER = 5;
uint256 constant ALIAS = NUMBER;
bytes32 constant HASH = keccak256("x");

library Named {
    uint256 constant INSIDE = 3;
}

interface Called {
    function called(uint256) external;
}

contract Based layout at NUMBER {
    uint256 private first;
}

contract Derived is Based {} //~ ERROR E0521

contract Own layout at OWN { //~ ERROR E0413
    uint256 private constant OWN = 5;
}

contract Full layout at 2 ** 256 - 1 { //~ ERROR E0902
    uint128 private first;
}

contract Nearly layout at 2 ** 256 - 2 {
    uint128 private first;
    uint128 private second;
}

contract Loops {
    struct A { B b; } //~ ERROR E0309
    struct B { A[2] a; } //~ ERROR E0309
    A private a;
    uint256[Named.INSIDE] private lengths; //~ ERROR E0413
    function (uint256) internal pure returns (uint256) constant POINTER = same; //~ ERROR E0413

    function same(uint256 x) internal pure returns (uint256) {
        return x;
    }

    function called(uint256) public {}

    function read() public pure returns (uint256 x, uint256 y, bytes32 z) {
        assembly {
            x := NUMBER
            y := ALIAS
            z := HASH //~ ERROR E0704
        }
    }

    function encoded() public pure returns (bytes memory, bytes memory) {
        return (abi.encodeCall(Called.called, 5), abi.encodeCall(Loops.called, 5)); //~ ERROR E0401
    }

    function flags() public pure {
        assembly ("memory-safe", "memory-safe") {} //~ ERROR E0204
    }

    function signs(uint8 x) public pure returns (int16) {
        return x; //~ ERROR E0401
    }

    function names() public pure {
        assembly {
            let datasize := 1 //~ ERROR E0705
            let memoryguard := 1
            for { function f() {} } 0 {} {} //~ ERROR E0706
        }
    }
}
