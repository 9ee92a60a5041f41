// More values than the stack reaches: they go to the memory that `memoryguard` sets aside, and the program's own
// memory begins above.
//@ raw-call: 0x0000000000000000000000000000000000000000000000000000000000000003 => 0x00000000000000000000000000000000000000000000000000000000000004a4
object "Many" {
    code {
        datacopy(0, dataoffset("inner"), datasize("inner"))
        return(0, datasize("inner"))
    }
    object "inner" {
        code {
            let free := memoryguard(0x80)
            mstore(free, 1)
            let x := calldataload(0)
            let a1 := add(x, mload(0x00)) let a2 := add(a1, x) let a3 := add(a2, x) let a4 := add(a3, x)
            let a5 := add(a4, x) let a6 := add(a5, x) let a7 := add(a6, x) let a8 := add(a7, x)
            let b1 := add(a8, x) let b2 := add(b1, x) let b3 := add(b2, x) let b4 := add(b3, x)
            let b5 := add(b4, x) let b6 := add(b5, x) let b7 := add(b6, x) let b8 := add(b7, x)
            let c1 := add(b8, x) let c2 := add(c1, x) let c3 := add(c2, x) let c4 := add(c3, x)
            sstore(0, a1) sstore(1, c4)
            let sum := add(add(add(a1, a2), add(a3, a4)), add(add(a5, a6), add(a7, a8)))
            sum := add(sum, add(add(add(b1, b2), add(b3, b4)), add(add(b5, b6), add(b7, b8))))
            sum := add(sum, add(add(c1, c2), add(c3, c4)))
            mstore(0, add(sum, add(sub(mload(free), 1), mul(a1, sub(c4, sub(c4, 0x0))))))
            if sub(sload(0), a1) { revert(0, 0) }
            if sub(sload(1), c4) { revert(0, 0) }
            mstore(0, add(sum, add(mul(a1, 0x1a), mul(c4, 8))))
            return(0, 32)
        }
    }
}
