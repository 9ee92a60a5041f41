pragma solidity ^0.8.0;

type Fixed is int256;
using {add as +, neg as -, less as <, value} for Fixed global;
function add(Fixed a, Fixed b) pure returns (Fixed) { return Fixed.wrap(Fixed.unwrap(a) + Fixed.unwrap(b)); }
function neg(Fixed a) pure returns (Fixed) { return Fixed.wrap(-Fixed.unwrap(a)); }
function less(Fixed a, Fixed b) pure returns (bool) { return Fixed.unwrap(a) < Fixed.unwrap(b); }
function value(Fixed a) pure returns (int256) { return Fixed.unwrap(a); }

error Late(uint256 by);
uint256 constant DAY = 1 days;

library Lists {
    struct List { uint256[] items; }
    function push(List storage self, uint256 x) internal { self.items.push(x); }
    function at(List storage self, uint256 i) external view returns (uint256) { return self.items[i]; }
}

interface Shape { function area() external view returns (uint256); }

contract Square is Shape {
    uint256 public override area;
    constructor(uint256 side) payable { area = side * side; }
}

contract All layout at 0x100 {
    using Lists for Lists.List;
    enum Kind { None, Some }
    struct Pair { uint256 left; Kind kind; bytes data; }
    mapping(address who => mapping(Kind => Pair[])) public pairs;
    Lists.List list;
    uint256 transient lock;
    function(uint256) internal pure returns (uint256) hook = twice;
    uint256[3] fixedList = [1, 2, 3];

    function twice(uint256 x) internal pure returns (uint256) { return x * 2; }

    function math(Fixed a, Fixed b) external pure returns (bool, int256) {
        return (a < -b, (a + b).value());
    }

    function work(bytes calldata input, uint256 n) external payable returns (bytes memory out, bytes32 h) {
        require(n > 0, Late(n));
        require(msg.value >= 1 gwei, "fee");
        list.push(n);
        uint256 first = list.at(0);
        (bool ok, bytes memory back) = address(this).staticcall{gas: 5000}(abi.encodeCall(this.math, (Fixed.wrap(1), Fixed.wrap(2))));
        (uint256 a, address b) = abi.decode(input[4:], (uint256, address));
        Pair memory p = Pair({kind: Kind.Some, left: a + first, data: back});
        pairs[b][Kind.Some].push(p);
        delete pairs[b][Kind.None];
        Square s = new Square{salt: keccak256(input), value: 1}(n);
        try s.area() returns (uint256 area) { n += area; } catch Error(string memory) { n = 0; } catch (bytes memory raw) { out = raw; }
        unchecked { n -= hook(n); }
        for (uint256 i; i < n; ++i) { if (i % 2 == 0) continue; lock += i; }
        h = ok ? keccak256(abi.encodePacked(n, b)) : bytes32(type(uint256).max);
        out = bytes.concat(out, "x", hex"00", input);
        Shape(address(s)).area();
        if (type(Shape).interfaceId == 0x12345678) revert Late({by: DAY});
        return (out, h);
    }

    receive() external payable {}
    fallback(bytes calldata data) external returns (bytes memory) { return data; }
}
