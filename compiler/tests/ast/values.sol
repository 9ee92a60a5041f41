contract Values { 
 error E1(); event Ev(uint a);
 enum EE {X, Y} struct SS {uint a;} type UU is uint;
 string constant sc = "x"; uint constant c1 = 3; uint[c1 + 1] arr2; string st;
 bytes32 immutable im;
 modifier m() { _; }
 constructor() { im = 0; }
 function f(bytes memory bm, uint[] memory um, string calldata cs) public m returns (uint8 x) {
  blobhash(1); erc7201("x"); 
  sc; Values.c1; Values.EE.X; Values.SS; Values.E1; Values.UU; Values.sc;
  1 < 2; 1 + 2 == 3; 1/uint(2); 1/2; -1; 2**200; 1 << 200; -(1); ~1; 0x00ff; 10**50; -10**50; 1e-2;
  x = 1 + x; x << 2; 1 << x; (-2) ** x; true && false; bytes1(0x01) | bytes1(0x02); bytes1(0x01)[0]; "abc" ; bytes32("abc");
  bytes(st); string(bm); bytes(cs); bytes(st)[0]; bytes(cs)[1:]; um[0]; um.length; bm[0] = 0x01; 
  type(uint).max; this.f.selector; this.f.address; address(this).call; 
  (uint a, , bool b) = (1, 2, true); (a, ) = (1, 2); (, b) = (1, b); (a, (b)) = (2, false);
  b ? a : x; b ? 1 : 300; b ? -1 : int8(2); [[1,2],[3,4]]; b ? (1, 2) : (a, a);
  new string(2); new uint[][](3); abi.decode(bm, (uint[], string)); abi.decode(bm, (Values)); abi.decode(bm, (uint8[2][]));
  function (uint, string memory) internal pure returns (bytes memory) ff; function (uint[] memory) external view gg; 
  gg = this.ext; ff; gg; uint(a); uint160(address(this)); Values(address(1)); payable(address(2)); payable(0);
  block.chainid; block.coinbase; block.basefee; block.prevrandao; block.number; block.gaslimit; block.blobbasefee; tx.gasprice;
  SS[] memory sm; sm[0].a = 1; delete sm[0].a; 1 wei; 1 gwei; "a" "b"; hex"00"; unicode"x"; 1_000; 0x12_34; 3 hours; .5 ether;
  if (b) revert E1(); emit Ev(1); assert(1 == 1); x++; ++x; -int(a); 
  keccak256(abi.encode(1)); keccak256(bytes("abc")); keccak256("a") == keccak256(bm); a == 1 ? Values.EE.X : EE.Y; EE(1) == EE.X; im;
 
 }
 function ext(uint[] calldata q) external view {}
}
