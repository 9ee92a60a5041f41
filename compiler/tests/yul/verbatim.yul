// Raw code between other instructions; a mere block is the code of an object.
//@ raw-call: 0x => 0x0000000000000000000000000000000000000000000000000000000000000011
object "Raw" {
    code {
        datacopy(0, dataoffset("inner"), datasize("inner"))
        return(0, datasize("inner"))
    }
    object "inner" {
        code {
            let five := verbatim_0i_1o(hex"6005")
            let a, b := verbatim_2i_2o(hex"90", five, 7)
            verbatim_2i_0o(hex"55", 1, 5)
            mstore(0, add(add(mul(a, 1), sload(1)), b))
            verbatim_0i_0o("")
            return(0, 32)
        }
    }
}
