//! Writes expressions of reference types.

use super::body::{Body, Home};
use super::literal;
use super::types::{self, Loc, Ty};

impl Body<'_> {
    /// Writes an expression that can be used where a memory value is wanted.
    pub fn memory(&mut self, ty: &Ty, depth: usize) -> String {
        if self.dice.chance(55) || depth == 0 {
            let found = self.readable(ty, |v| v.loc != Loc::Constant || v.ty == *ty);
            if let Some(place) = found {
                return place.text;
            }
        }
        if depth > 0
            && self.dice.chance(15)
            && let Some(call) = self.call_for(ty, depth)
        {
            return call;
        }
        if depth > 0 && self.dice.chance(8) {
            let (a, b) = (self.memory_named(ty, depth - 1), self.memory_named(ty, depth - 1));
            let condition = self.value(&Ty::Bool, 1);
            return format!("({condition} ? {a} : {b})");
        }
        if depth > 0 && self.dice.chance(8) && !is_payable(ty) {
            let inner = self.memory(ty, depth - 1);
            let inner = self.typed(ty, inner);
            return format!("abi.decode(abi.encode({inner}), ({}))", ty.name(self.world));
        }
        self.fresh_memory(ty, depth)
    }

    /// Writes a memory value whose type needs no context: for conditionals both sides must be of one type.
    fn memory_named(&mut self, ty: &Ty, depth: usize) -> String {
        match self.readable(ty, |v| v.loc == Loc::Memory) {
            Some(place) => place.text,
            None => {
                let text = self.fresh_memory(ty, depth);
                self.typed(ty, text)
            }
        }
    }

    /// Gives a bare literal its type.
    fn typed(&mut self, ty: &Ty, text: String) -> String {
        match ty {
            Ty::Bytes if text.starts_with("hex\"") => format!("bytes({text})"),
            Ty::Str if text.starts_with(['"', '\'', 'u']) && text.ends_with(['"', '\'']) => {
                format!("string({text})")
            }
            _ => text,
        }
    }

    fn fresh_memory(&mut self, ty: &Ty, depth: usize) -> String {
        match ty {
            Ty::Bytes => self.fresh_bytes(depth),
            Ty::Str => self.fresh_text(depth),
            Ty::Struct(i) => self.fresh_struct(*i, depth),
            Ty::Array(elem, None) => {
                let n = if self.dice.chance(85) {
                    self.dice.below(4).to_string()
                } else {
                    format!("({} % 5)", self.value(&Ty::Uint(256), 1))
                };
                format!("new {}[]({n})", elem.name(self.world))
            }
            Ty::Array(elem, Some(n)) => self.fresh_array(elem, *n, depth),
            _ => String::new(),
        }
    }

    fn fresh_array(&mut self, elem: &Ty, n: usize, depth: usize) -> String {
        let items: Vec<String> = (0..n)
            .map(|_| {
                if elem.is_value() {
                    let item = self.value(elem, depth.saturating_sub(1).min(1));
                    // the first element's type is the array's
                    match elem {
                        Ty::Pointer(_) | Ty::Bool | Ty::Enum(_) | Ty::Wrapped(_) => item,
                        Ty::Payable => format!("payable({item})"),
                        _ => format!("{}({item})", elem.name(self.world)),
                    }
                } else {
                    let item = self.memory(elem, depth.saturating_sub(1));
                    match self.typed(elem, item) {
                        // a slice of call data is no memory value until it is copied
                        item if item.ends_with(":]") => format!("bytes.concat({item})"),
                        item => item,
                    }
                }
            })
            .collect();
        format!("[{}]", items.join(", "))
    }

    fn fresh_struct(&mut self, i: usize, depth: usize) -> String {
        let (name, fields) = self.world.structs[i].clone();
        let down = depth.saturating_sub(1);
        if self.dice.chance(40) {
            let mut named: Vec<String> =
                fields.iter().map(|(f, ty)| format!("{f}: {}", self.any(ty, down))).collect();
            if self.dice.chance(50) {
                named.reverse();
            }
            return format!("{name}({{{}}})", named.join(", "));
        }
        let args: Vec<String> = fields.iter().map(|(_, ty)| self.any(ty, down)).collect();
        format!("{name}({})", args.join(", "))
    }

    fn fresh_bytes(&mut self, depth: usize) -> String {
        if depth == 0 {
            return literal::bytes(self.dice);
        }
        match self.dice.below(9) {
            0 | 1 => format!("abi.encode({})", self.encoded(depth)),
            2 => format!("abi.encodePacked({})", self.packed(depth)),
            3 => {
                let (a, b) = (self.memory(&Ty::Bytes, depth - 1), self.value(&Ty::Fixed(4), 0));
                format!("bytes.concat({a}, {b})")
            }
            4 => {
                let text = self.memory(&Ty::Str, depth - 1);
                format!("bytes({})", self.typed(&Ty::Str, text))
            }
            5 => match self.readable(&Ty::Bytes, |v| v.loc == Loc::Calldata) {
                Some(place) if place.text.len() < 40 => {
                    let from = self.value(&Ty::Uint(256), 1);
                    format!("{0}[{from} % ({0}.length + 1):]", place.text)
                }
                _ => format!("new bytes({})", self.dice.below(40)),
            },
            6 if self.home == Home::Contract && !self.bare => format!("msg.data[{}:]", self.dice.below(5)),
            7 => {
                let selector = self.value(&Ty::Fixed(4), 1);
                format!("abi.encodeWithSelector({selector}, {})", self.encoded(depth))
            }
            _ => literal::bytes(self.dice),
        }
    }

    fn fresh_text(&mut self, depth: usize) -> String {
        if depth == 0 {
            return literal::text(self.dice);
        }
        match self.dice.below(6) {
            0 => {
                let (a, b) = (self.memory(&Ty::Str, depth - 1), self.memory(&Ty::Str, depth - 1));
                format!("string.concat({a}, {b})")
            }
            1 => {
                let bytes = self.memory(&Ty::Bytes, depth - 1);
                format!("string({})", self.typed(&Ty::Bytes, bytes))
            }
            _ => literal::text(self.dice),
        }
    }

    /// Writes arguments of `abi.encode`.
    fn encoded(&mut self, depth: usize) -> String {
        let args: Vec<String> = (0..self.dice.within(1, 3))
            .map(|_| {
                let ty = types::passed(self.world, self.dice);
                let text = self.any(&ty, depth - 1);
                self.typed(&ty, text)
            })
            .collect();
        args.join(", ")
    }

    /// Writes arguments of `abi.encodePacked`: no structs, no nested arrays.
    pub fn packed(&mut self, depth: usize) -> String {
        let args: Vec<String> = (0..self.dice.within(1, 4))
            .map(|_| {
                let ty = match self.dice.below(8) {
                    0 => Ty::Bytes,
                    1 => Ty::Str,
                    2 => {
                        let elem = types::value(self.world, self.dice);
                        let len = if self.dice.chance(50) { Some(self.dice.within(1, 3)) } else { None };
                        Ty::array(elem, len)
                    }
                    _ => types::value(self.world, self.dice),
                };
                let text = self.any(&ty, depth - 1);
                self.typed(&ty, text)
            })
            .collect();
        args.join(", ")
    }

    /// Writes an expression of any type.
    pub fn any(&mut self, ty: &Ty, depth: usize) -> String {
        if ty.is_value() { self.value(ty, depth) } else { self.memory(ty, depth) }
    }

    /// Writes an argument for a parameter.
    pub fn argument(&mut self, ty: &Ty, loc: Loc, external: bool, depth: usize) -> Option<String> {
        match loc {
            Loc::Storage => Some(self.readable(ty, |v| matches!(v.loc, Loc::State | Loc::Storage))?.text),
            Loc::Calldata if !external => Some(self.readable(ty, |v| v.loc == Loc::Calldata)?.text),
            _ => Some(self.any(ty, depth)),
        }
    }
}

/// Is true for payable addresses and arrays of them, which `abi.decode` cannot name.
fn is_payable(ty: &Ty) -> bool {
    match ty {
        Ty::Payable => true,
        Ty::Array(elem, _) => is_payable(elem),
        _ => false,
    }
}
