object "Refused" {
    code {
        let a := datasize("nowhere") //~ ERROR E0701
        let b := datasize(a) //~ ERROR E0702
        let memoryguard := 1 //~ ERROR E0705
        let verbatim_x := 1 //~ ERROR E0705
        let c := verbatim_1i_1o(hex"00") //~ ERROR E0702
        let d := verbatim_01i_1o(hex"00", 1) //~ ERROR E0701
        let e := loadimmutable(5) //~ ERROR E0702
        let f := e.slot //~ ERROR E0701
        let g := undeclared //~ ERROR E0701
        let h, i := add(1, 2) //~ ERROR E0703
        pop(memoryguard("x")) //~ ERROR E0702
        let j := dataoffset(".metadata") //~ ERROR E0701
    }
    data ".metadata" hex"00"
    data "x" "1"
    data "x" "2" //~ ERROR E0705
}
