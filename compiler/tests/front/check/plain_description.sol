contract C { constructor() payable {} function f() internal {} }
description C { //~ ERROR E0206
    on every 1d do f();
    policy { gas 300_000; escrow 1 ether; }
}
