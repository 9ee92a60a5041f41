contract C {
    uint256 stored;
    uint256 constant LIMIT = 5;
    uint256 immutable fixedAt = 1;

    function f(uint256 a, bytes calldata data) public view returns (uint256 r) {
        uint256[] storage list;
        assembly {
            r := add(a, LIMIT)
            r := stored //~ ERROR E0704
            r := sload(stored.slot)
            r := fixedAt //~ ERROR E0704
            r := data //~ ERROR E0704
            r := add(data.offset, data.length)
            r := unknown(1) //~ ERROR E0701
            r := add(1) //~ ERROR E0702
            let x, y := add(1, 2) //~ ERROR E0703
            add(1, 2) //~ ERROR E0703
            sstore(0, 1) //~ ERROR E0602
            let add := 1 //~ ERROR E0705
            function g(p) -> q { q := a } //~ ERROR E0704
            function h() -> s, t { s := 1 t := 2 leave }
            let u, v := h()
            break //~ ERROR E0706
            leave //~ ERROR E0706
            switch r case 1 {} case 1 {} //~ ERROR E0707
            r := "this text is longer than thirty-two bytes" //~ ERROR E0207
            list.slot := 0
            let owner, flags, decimals := ainfo(0)
            r := afree(0, address())
        }
        list;
    }

    function mint(uint256 amount) public returns (uint256 id) {
        assembly ("memory-safe") {
            id := amint(1, caller(), amount)
            let ok := asend(id, caller(), amount)
            if iszero(ok) { revert(0, 0) }
        }
    }
}
