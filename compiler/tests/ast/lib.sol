pragma solidity >=0.8.0;
struct X { uint a; }
function free(uint a) pure returns (uint) { return a; }
