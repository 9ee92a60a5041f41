//! Writes inline assembly over variables of full width, scratch memory, storage and transient storage.

use super::body::{Body, Home, Var};
use super::types::{Loc, Ty};

const UNARY: [&str; 3] = ["not", "iszero", "not"];
const BINARY: [&str; 20] = [
    "add",
    "sub",
    "mul",
    "div",
    "sdiv",
    "mod",
    "smod",
    "and",
    "or",
    "xor",
    "lt",
    "gt",
    "slt",
    "sgt",
    "eq",
    "byte",
    "shl",
    "shr",
    "sar",
    "signextend",
];

impl Body<'_> {
    /// Writes a block of inline assembly.
    pub fn assembly(&mut self) {
        let is_word =
            |v: &&Var| v.loc == Loc::Stack && matches!(v.ty, Ty::Uint(256) | Ty::Int(256) | Ty::Fixed(32));
        let words: Vec<Var> = self.vars.iter().filter(is_word).cloned().collect();
        let mut readable: Vec<String> = words.iter().map(|v| v.name.clone()).collect();
        let mut writable: Vec<String> = words.iter().filter(|v| v.writable).map(|v| v.name.clone()).collect();
        if writable.is_empty() {
            let name = self.fresh("v");
            self.line(format!("uint256 {name};"));
            self.local(&name, Ty::Uint(256), Loc::Stack);
            writable.push(name.clone());
            readable.push(name);
        }
        self.line("assembly (\"memory-safe\") {");
        self.indent += 1;
        let let_name = self.fresh("t");
        let value = self.yul(&readable, 3);
        self.line(format!("let {let_name} := {value}"));
        readable.push(let_name.clone());
        writable.push(let_name);
        for _ in 0..self.dice.within(1, 4) {
            self.yul_statement(&readable, &writable);
        }
        self.indent -= 1;
        self.line("}");
    }

    fn yul_statement(&mut self, readable: &[String], writable: &[String]) {
        let target = self.dice.pick(writable).clone();
        match self.dice.below(12) {
            0 => {
                let (condition, value) = (self.yul(readable, 2), self.yul(readable, 2));
                self.line(format!("if {condition} {{ {target} := {value} }}"));
            }
            1 => {
                let i = self.fresh("t");
                let mut inner = readable.to_vec();
                inner.push(i.clone());
                let (n, value) = (self.dice.within(1, 4), self.yul(&inner, 2));
                self.line(format!(
                    "for {{ let {i} := 0 }} lt({i}, {n}) {{ {i} := add({i}, 1) }} {{ {target} := {value} }}"
                ));
            }
            2 => {
                let on = self.yul(readable, 2);
                let (a, b) = (self.yul(readable, 1), self.yul(readable, 1));
                self.line(format!(
                    "switch and({on}, 3) case 0 {{ {target} := {a} }} case 2 {{ }} default {{ {target} := {b} }}"
                ));
            }
            3 => {
                let name = self.fresh("f");
                let value = self.yul(&["a".into(), "b".into()], 2);
                self.line(format!(
                    "function {name}(a, b) -> r {{ r := {value} if gt(r, a) {{ leave }} r := add(r, 1) }}"
                ));
                let (a, b) = (self.yul(readable, 1), self.yul(readable, 1));
                self.line(format!("{target} := {name}({a}, {b})"));
            }
            4 => {
                let (a, b) = (self.yul(readable, 1), self.yul(readable, 1));
                self.line(format!("mstore(0, {a}) mstore(0x20, {b}) {target} := keccak256(0, 0x40)"));
            }
            5 => {
                let a = self.yul(readable, 1);
                let at = self.dice.below(32);
                self.line(format!("mstore8({at}, {a}) mstore(0x20, 1) {target} := byte({at}, mload(0))"));
            }
            6 if self.may_write() => self.yul_storage(readable),
            7 if self.may_write() => {
                let value = self.yul(readable, 1);
                let slot = self.dice.within(1000, 1003);
                self.write();
                self.line(format!("tstore({slot}, {value}) {target} := tload({slot})"));
            }
            8 if self.home == Home::Contract => {
                let at = self.dice.below(80);
                self.line(format!("{target} := xor(calldataload({at}), calldatasize())"));
            }
            _ => {
                let value = self.yul(readable, 3);
                self.line(format!("{target} := {value}"));
            }
        }
    }

    /// Writes to the slot of a state variable that fills it.
    fn yul_storage(&mut self, readable: &[String]) {
        let fills = |v: &&Var| v.loc == Loc::State && matches!(v.ty, Ty::Uint(256) | Ty::Fixed(32));
        let slots: Vec<String> = self.vars.iter().filter(fills).map(|v| v.name.clone()).collect();
        if slots.is_empty() {
            return;
        }
        let name = self.dice.pick(&slots).clone();
        let value = self.yul(readable, 2);
        self.write();
        self.line(format!("sstore({name}.slot, xor(sload({name}.slot), {value}))"));
    }

    /// Writes an expression of the assembly language.
    fn yul(&mut self, readable: &[String], depth: usize) -> String {
        if depth == 0 || self.dice.chance(25) {
            return if self.dice.chance(65) {
                self.dice.pick(readable).clone()
            } else {
                (*self.dice.pick(&["0", "1", "2", "31", "0xff", "256", "not(0)", "shl(255, 1)", "7"])).into()
            };
        }
        match self.dice.below(12) {
            0 => {
                let name = *self.dice.pick(&UNARY);
                format!("{name}({})", self.yul(readable, depth - 1))
            }
            1 => {
                let name = *self.dice.pick(&["addmod", "mulmod"]);
                let args: Vec<String> = (0..3).map(|_| self.yul(readable, depth - 1)).collect();
                format!("{name}({})", args.join(", "))
            }
            2 => format!("exp({}, {})", self.yul(readable, depth - 1), self.dice.below(5)),
            3 => format!("clz({})", self.yul(readable, depth - 1)),
            _ => {
                let name = *self.dice.pick(&BINARY);
                let (a, b) = (self.yul(readable, depth - 1), self.yul(readable, depth - 1));
                format!("{name}({a}, {b})")
            }
        }
    }
}
