contract Open { //~ ERROR E0508
    function later() public virtual;
}

contract Cycle is Cycle {} //~ ERROR E0501

contract X {}
contract Y is X {}
contract Z is Y, X {} //~ ERROR E0502

contract Base {
    function f() public virtual returns (uint256) {}
    function g() public returns (uint256) {} //~ ERROR E0505
    function h() public view virtual {}
    event Seen(uint256 x);
    uint256 shared;
}

contract Derived is Base {
    function f() public returns (uint256) {} //~ ERROR E0503
    function g() public override returns (uint256) {}
    function h() public override {} //~ ERROR E0506
    function k() public override {} //~ ERROR E0504
    uint256 shared; //~ ERROR E0516
}

contract Left is Base { function f() public virtual override returns (uint256) {} }
contract Right is Base { function f() public virtual override returns (uint256) {} }
contract Both is Left, Right {} //~ ERROR E0503
contract Named is Left, Right {
    function f() public override(Left) returns (uint256) {} //~ ERROR E0507
}
contract Fine is Left, Right {
    function f() public override(Left, Right) returns (uint256) { return super.f(); }
}

interface I {
    function ok() external;
    function inner() public; //~ ERROR E0514
    function body() external {} //~ ERROR E0514
    uint256 state; //~ ERROR E0514
}

library L {
    uint256 state; //~ ERROR E0515
    constructor() {} //~ ERROR E0515
    function pay() public payable {} //~ ERROR E0515
}

contract Arguments { constructor(uint256 x) {} }
contract Missing is Arguments {} //~ ERROR E0511

contract Functions {
    function f() {} //~ ERROR E0517
    function collate_propagate_storage(bytes16) public {}
    function burn(uint256) public {} //~ ERROR E0512
    receive() external {} //~ ERROR E0513
    function hidden() internal payable {} //~ ERROR E0518
    function g() public nothing {} //~ ERROR E0303
    modifier empty() {} //~ ERROR E0425
    event Four(uint indexed a, uint indexed b, uint indexed c, uint indexed d); //~ ERROR E0520
}

contract Effects {
    uint256 x;
    uint256 immutable set;
    uint256 constant NOW = block.timestamp; //~ ERROR E0413
    constructor() { set = 1; }
    function reads() public pure returns (uint256) { return x; } //~ ERROR E0601
    function writes() public view { x = 1; } //~ ERROR E0602
    function calls() public view { payable(msg.sender).transfer(1); } //~ ERROR E0602
    function value() public view returns (uint256) { return msg.value; } //~ ERROR E0603
    function changes() public { set = 2; } //~ ERROR E0604
    function selectors() public pure returns (bytes4) { return this.reads.selector; }
}
