// A contract of two objects: construction stores a number and sets an immutable, the deployed code counts.
//@ raw-call: 0x01 => 0x0000000000000000000000000000000000000000000000000000000000000007
//@ raw-call: 0x01 => 0x0000000000000000000000000000000000000000000000000000000000000008
//@ raw-call: 0x02 => 0x000000000000000000000000000000000000000000000000000000000000002a
//@ raw-call: 0x03 => 0x48656c6c6f
//@ raw-call: 0x04 => 0x0000000000000000000000000000000000000000000000000000000000000e10
//@ raw-call: 0x05 => 0x0000000000000000000000000000000000000000000000000000000000000009
object "Counter" {
    code {
        sstore(0, 7)
        let size := datasize("Counter_deployed")
        datacopy(0x80, dataoffset("Counter_deployed"), size)
        setimmutable(0x80, "answer", 42)
        return(0x80, size)
    }
    object "Counter_deployed" {
        code {
            function word(value) {
                mstore(0, value)
                return(0, 32)
            }
            function fact(n) -> result {
                result := 1
                for { let i := 2 } lt(i, add(n, 1)) { i := add(i, 1) } {
                    if eq(i, 7) { leave }
                    result := mul(result, i)
                }
            }
            switch shr(248, calldataload(0))
            case 1 {
                let now_ := sload(0)
                sstore(0, add(now_, 1))
                word(now_)
            }
            case 2 { word(loadimmutable("answer")) }
            case 3 {
                let size := datasize("greeting")
                datacopy(0, dataoffset("greeting"), size)
                return(0, size)
            }
            case 4 { word(add(mul(fact(9), 4), add(fact(6), hex"00"))) }
            default {
                let a.b, c := pair.of(4)
                word(add(a.b, c))
            }
            function pair.of(n) -> first, second {
                first := n
                second := add(n, 1)
            }
        }
        data "greeting" "Hello"
        data ".metadata" hex"a264"
    }
}
