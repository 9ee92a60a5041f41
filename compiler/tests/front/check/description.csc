pragma solidity ^0.8.20;

interface Oracle {
    event NavSet(address indexed by, uint256 nav);
    function open() external view returns (bool);
}

contract Fund {
    Oracle oracle;
    uint256 maturity;
    uint256 count;
    constructor() payable {}
    function strike(uint256 nav) internal { count += nav; }
    function pay() internal { count++; }
    function next() internal view returns (uint256) { return maturity; }
    function bump() internal returns (uint256) { return ++count; }
    function ready() internal returns (bool) { count++; return true; }
}

description Fund {
    on at next() do pay();
    on every 8h from maturity until maturity + 1 weeks do pay() missed once;
    on event oracle.NavSet(address by, uint256 nav) where nav > 10 do strike(nav);
    on at bump() do pay(); //~ ERROR D0204
    on at next() if ready() do pay(); //~ ERROR D0204
    on at next() if count do pay(); //~ ERROR E0401
    on at true do pay(); //~ ERROR E0401
    on at next() do pay(1); //~ ERROR E0403
    on at next() do missing(); //~ ERROR D0201
    on at nowhere do pay(); //~ ERROR E0303
    on event oracle.Other(uint256 x) do strike(x); //~ ERROR D0205
    on event oracle.NavSet(address by, uint256 nav) do strike(by); //~ ERROR E0401
    on at 0 do pay(); //~ ERROR D0301
    on cron "0 0 30 2 *" do pay(); //~ ERROR D0301
    source price: uint256 { http "https://a.example/p" json "$.price"; scale 18; } //~ ERROR D0104
    policy { gas 300_000; escrow 2 ether; }
}

description Nothing { //~ ERROR D0102
    on at 1 do pay();
}
