type Price is uint128;
struct S { uint256 a; mapping(uint256 => uint256) m; }
struct Loop { Loop next; } //~ ERROR E0309
enum E { A, B }

contract C {
    uint8 small = 256; //~ ERROR E0414
    uint256 negative = -1; //~ ERROR E0414
    uint256 half = 1 / 2; //~ ERROR E0414
    uint256 whole = 1 / 2 * 4;
    bytes4 fine = 0x12345678;
    bytes4 wrong = 0x1234; //~ ERROR E0401
    address bad = 0x52908400098527886E0F7030069857D2E4169Ee7; //~ ERROR E0426
    uint256 huge = 2 ** 256; //~ ERROR E0414
    uint256[0] none; //~ ERROR E0410
    mapping(S => uint256) m; //~ ERROR E0411
    S s;

    function conversions(uint256 a, int256 b, bytes32 c, address d) public pure {
        uint128 e = a; //~ ERROR E0401
        int256 f = a; //~ ERROR E0401
        uint160(d);
        uint256(d); //~ ERROR E0405
        address(a); //~ ERROR E0405
        uint256(c);
        uint128(c); //~ ERROR E0405
        a + b; //~ ERROR E0404
        E(2); //~ ERROR E0414
        Price p = Price.wrap(uint128(a));
        p + p; //~ ERROR E0404
        e; f;
    }

    function statements(bool ok, uint256[] memory xs, string memory text) public {
        if (xs.length) {} //~ ERROR E0401
        while (ok) { break; }
        break; //~ ERROR E0424
        xs[ok]; //~ ERROR E0401
        text[0]; //~ ERROR E0407
        xs.length = 5; //~ ERROR E0406
        (uint256 a, uint256 b) = (1, 2, 3); //~ ERROR E0417
        a = b;
        ok++; //~ ERROR E0404
        5 = a; //~ ERROR E0406
        S memory copy = s; //~ ERROR E0411
        uint256[] x = xs; //~ ERROR E0408
        1 / 0; //~ ERROR E0415
        _; //~ ERROR E0425
        emit E(1); //~ ERROR E0422
        revert E(1); //~ ERROR E0423
        xs.push(1); //~ ERROR E0308
    }

    function returns_one() public pure returns (uint256) {
        return (1, 2); //~ ERROR E0416
    }

    function returns_none() public pure {
        return 1; //~ ERROR E0416
    }

    function calls() public {
        returns_one(1); //~ ERROR E0403
        returns_one{value: 1}(); //~ ERROR E0419
        this.calls{value: 1}(); //~ ERROR E0419
        this.calls{fee: 1}(); //~ ERROR E0419
        whole(); //~ ERROR E0402
        named({b: 1, a: 2});
        named({b: 1, c: 2}); //~ ERROR E0412
        new Abstract(); //~ ERROR E0510
    }

    function named(uint256 a, uint256 b) internal {}

    function pointers() internal view returns (uint256) {
        S storage p;
        return p.a; //~ ERROR E0421
    }
}

abstract contract Abstract {}
