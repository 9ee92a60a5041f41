
// SPDX-License-Identifier: MIT
pragma solidity >=0.8.0 <0.9.0;
pragma abicoder v2;
/// line one
///  line two
///line three
contract A layout at 0x10 {
    /**
     * @dev multi
     *   indented
     * last */
    uint a;
    /// @notice m
    modifier m virtual { 
      /// stmt doc
      uint x = 1; x;
      /** block stmt */
      { _; } 
      // plain
      /// first

      /// second
      /** third */
      unchecked { }
      /// asm doc
      assembly { }
    }
    constructor ( ) payable {}
    function (uint) external returns (uint) public fpub;
    receive() external payable {} fallback(bytes calldata x) external returns (bytes memory) {}
    function f(uint) public returns (uint z /*)*/ ) { function () internal ff; if (z > 1) z = 2; else { } for (;;) {} return z; }
    enum E { /// vdoc
     A1 }
    /// sdoc
    struct S { /// fdoc
     uint a; }
    /// udoc
    type T is uint;
    /** single */
    event Ev(uint);
    /***/
    error Er(uint);
}
