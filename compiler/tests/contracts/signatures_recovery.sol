// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: recover(bytes32,uint8,bytes32,bytes32) 0x456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3, 28, 0x9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608, 0x4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada => 0x7156526fbd7a3c72969b54f64e42c10fbb768c8a
//@ run-call: recover(bytes32,uint8,bytes32,bytes32) 0x456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3, 0, 0x9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608, 0x4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada => 0x00
//@ run-call: ripemd(bytes) 0x => 0x9c1185a5c5e9fc54612808977ee8f548b2258d31
contract SignaturesRecovery {
    function recover(bytes32 hash, uint8 v, bytes32 r, bytes32 s) external pure returns (address) {
        return ecrecover(hash, v, r, s);
    }
    function ripemd(bytes calldata data) external pure returns (bytes20) { return ripemd160(data); }
}
