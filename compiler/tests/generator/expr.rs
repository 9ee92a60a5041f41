//! Writes expressions of value types.

use super::body::{Body, Home};
use super::literal;
use super::types::{self, Loc, Ty};
use super::world::{Fun, Way};

impl Body<'_> {
    /// Writes an expression of a value type.
    pub fn value(&mut self, ty: &Ty, depth: usize) -> String {
        if depth == 0 || self.dice.chance(20) {
            return self.leaf(ty);
        }
        if let Some(text) = self.common(ty, depth - 1) {
            return text;
        }
        let ty = ty.clone();
        match &ty {
            Ty::Bool => self.boolean(depth - 1),
            Ty::Uint(_) | Ty::Int(_) => self.number(&ty, depth - 1),
            Ty::Address => match self.dice.below(3) {
                0 => format!("address({})", self.exact(&Ty::Uint(160), depth - 1)),
                1 => format!("address({})", self.value(&Ty::Fixed(20), depth - 1)),
                _ => self.leaf(&ty),
            },
            Ty::Payable => format!("payable({})", self.value(&Ty::Address, depth - 1)),
            Ty::Fixed(n) => self.fixed(*n, depth - 1),
            Ty::Enum(i) => self.enumeration(*i, depth - 1),
            Ty::Wrapped(i) => self.wrapped(*i, depth - 1),
            _ => self.leaf(&ty),
        }
    }

    /// Writes an expression whose type is this integer type, not only converts to it.
    fn exact(&mut self, ty: &Ty, depth: usize) -> String {
        format!("{}({})", ty.name(self.world), self.value(ty, depth))
    }

    /// Writes what every type has: places, conditionals, assignments, calls, decoding.
    fn common(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        match self.dice.below(100) {
            0..=24 => Some(self.readable(ty, |_| true)?.text),
            25..=30 => {
                let condition = self.value(&Ty::Bool, depth);
                let (a, b) = (self.value(ty, depth), self.value(ty, depth));
                Some(format!("({condition} ? {a} : {b})"))
            }
            31..=34 => {
                let place = self.writable(ty)?;
                Some(format!("({} = {})", place.text, self.value(ty, depth)))
            }
            35..=44 => self.call_for(ty, depth),
            45 if !matches!(ty, Ty::Pointer(_) | Ty::Payable) => {
                let inner = self.value(ty, depth);
                Some(format!("abi.decode(abi.encode({inner}), ({}))", ty.name(self.world)))
            }
            46..=48 => self.pointer_call(ty, depth),
            _ => None,
        }
    }

    fn leaf(&mut self, ty: &Ty) -> String {
        if (self.dice.chance(60) || matches!(ty, Ty::Pointer(_)))
            && let Some(place) = self.readable(ty, |_| true)
        {
            return place.text;
        }
        let context = self.may_read() && self.dice.chance(25);
        match ty {
            Ty::Pointer(i) => self.function_name(*i),
            Ty::Address if context => {
                self.read();
                let own = self.home == Home::Contract && self.dice.chance(50);
                (if own { "address(this)" } else { "msg.sender" }).into()
            }
            Ty::Uint(256) if context => {
                self.read();
                (*self.dice.pick(&["block.timestamp", "block.number", "block.chainid", "tx.gasprice"])).into()
            }
            Ty::Uint(256) | Ty::Uint(8) | Ty::Int(16) if self.dice.chance(25) => {
                let name = ty.name(self.world);
                format!("type({name}).{}", self.dice.pick(&["max", "min"]))
            }
            Ty::Fixed(4) if self.home == Home::Contract && self.dice.chance(25) => "msg.sig".into(),
            _ => literal::value(self.world, self.dice, ty),
        }
    }

    /// Names a function that fits a pointer; `stub` functions of each signature always exist.
    fn function_name(&mut self, i: usize) -> String {
        format!("stub{i}{}", self.dice.pick(&["a", "b"]))
    }

    fn boolean(&mut self, depth: usize) -> String {
        match self.dice.below(12) {
            0 | 1 => format!("({} && {})", self.value(&Ty::Bool, depth), self.value(&Ty::Bool, depth)),
            2 | 3 => format!("({} || {})", self.value(&Ty::Bool, depth), self.value(&Ty::Bool, depth)),
            4 => format!("(!{})", self.value(&Ty::Bool, depth)),
            5 => {
                let ty = types::value(self.world, self.dice);
                if matches!(ty, Ty::Wrapped(_)) {
                    return self.leaf(&Ty::Bool);
                }
                let (a, b) = (self.value(&ty, depth), self.value(&ty, depth));
                format!("({a} {} {b})", self.dice.pick(&["==", "!="]))
            }
            6 => {
                let ty = match self.dice.below(4) {
                    0 => Ty::Address,
                    1 => Ty::Fixed(self.dice.within(1, 32)),
                    2 if !self.world.enums.is_empty() => Ty::Enum(self.dice.below(self.world.enums.len())),
                    _ => Ty::Bool,
                };
                let operator =
                    if ty == Ty::Bool { "!=" } else { *self.dice.pick(&["<", ">", "<=", ">=", "==", "!="]) };
                format!("({} {operator} {})", self.value(&ty, depth), self.value(&ty, depth))
            }
            _ => {
                let ty = types::integer(self.dice);
                let other = if self.dice.chance(30) { narrower(self.dice, &ty) } else { ty.clone() };
                let (a, b) = (self.value(&ty, depth), self.value(&other, depth));
                format!("({a} {} {b})", self.dice.pick(&["<", ">", "<=", ">=", "==", "!="]))
            }
        }
    }

    fn number(&mut self, ty: &Ty, depth: usize) -> String {
        match self.dice.below(20) {
            0..=8 => self.arithmetic(ty, depth),
            9 | 10 => {
                let amount = match self.dice.below(3) {
                    0 => self.dice.below(260).to_string(),
                    1 => format!("({} % 64)", self.value(&Ty::Uint(8), depth)),
                    _ => {
                        let ty = Ty::Uint(*self.dice.pick(&[8, 16, 256]));
                        self.value(&ty, depth)
                    }
                };
                format!("({} {} {amount})", self.value(ty, depth), self.dice.pick(&["<<", ">>"]))
            }
            11 => {
                let exponent = if self.dice.chance(60) {
                    self.dice.below(6).to_string()
                } else {
                    format!("({} % 9)", self.value(&Ty::Uint(8), depth))
                };
                format!("({} ** {exponent})", self.value(ty, depth))
            }
            12 => {
                let signed = matches!(ty, Ty::Int(_)) && self.dice.chance(60);
                format!("({}{})", if signed { "-" } else { "~" }, self.value(ty, depth))
            }
            13 | 14 => match self.writable(ty) {
                Some(place) => self.mutation(ty, &place.text, depth),
                None => self.leaf(ty),
            },
            15 => self.measure(ty, depth),
            _ => self.cast(ty, depth),
        }
    }

    /// Writes an assignment with operator, or a step, as an expression.
    pub fn mutation(&mut self, ty: &Ty, place: &str, depth: usize) -> String {
        let amount = |body: &mut Self| {
            if body.dice.chance(50) { body.dice.within(1, 7).to_string() } else { body.value(ty, depth) }
        };
        match self.dice.below(8) {
            0 | 1 => format!("{place}++"),
            2 => format!("++{place}"),
            3 => format!("{place}--"),
            4 => format!("(--{place})"),
            5 => format!("({place} {} {})", self.dice.pick(&["+=", "-=", "*="]), amount(self)),
            6 => format!("({place} {} {})", self.dice.pick(&["|=", "&=", "^="]), self.value(ty, depth)),
            _ => {
                let operator = *self.dice.pick(&["<<=", ">>=", "/=", "%="]);
                format!("({place} {operator} {})", self.dice.within(1, 9))
            }
        }
    }

    fn arithmetic(&mut self, ty: &Ty, depth: usize) -> String {
        let other = if self.dice.chance(30) { narrower(self.dice, ty) } else { ty.clone() };
        let (left, right) = (self.value(ty, depth), self.value(&other, depth));
        let small = self.dice.within(1, 9);
        match self.dice.below(16) {
            0 | 1 => format!("({left} + {right})"),
            2 => format!("({right} - {left})"),
            3 => format!("({left} * {right})"),
            4 => format!("({left} / {right})"),
            5 => format!("({left} % {right})"),
            6 => format!("({left} / ({right} | 1))"),
            7 => format!("({left} % ({right} | {small}))"),
            8 => format!("({left} & {right})"),
            9 => format!("({left} | {right})"),
            10 => format!("({left} ^ {right})"),
            11 => format!("({left} / {small})"),
            12 => format!("({left} % {small})"),
            13 => format!("({left} >> 1) + ({right} >> 1)").replacen('(', "((", 1) + ")",
            14 => format!("({left} * {small})"),
            _ => format!("({left} + {small})"),
        }
    }

    /// Writes a length or another number about something.
    fn measure(&mut self, ty: &Ty, depth: usize) -> String {
        if *ty != Ty::Uint(256) {
            return self.cast(ty, depth);
        }
        match self.dice.below(6) {
            0 => {
                let name = *self.dice.pick(&["addmod", "mulmod"]);
                let args: Vec<String> = (0..3).map(|_| self.value(ty, depth)).collect();
                format!("{name}({})", args.join(", "))
            }
            1 => format!("uint256(keccak256({}))", self.memory_bytes(depth)),
            2 if self.may_read() && self.home == Home::Contract => {
                self.read();
                "address(this).balance".into()
            }
            3 => format!("uint256(uint160({}))", self.value(&Ty::Address, depth)),
            _ => {
                let ty = types::reference(self.world, self.dice, 1);
                match &ty {
                    Ty::Array(..) | Ty::Bytes => match self.readable(&ty, |_| true) {
                        Some(place) => format!("{}.length", place.text),
                        None => self.leaf(&Ty::Uint(256)),
                    },
                    _ => format!("bytes({}).length", self.memory_text(depth)),
                }
            }
        }
    }

    fn memory_bytes(&mut self, depth: usize) -> String {
        self.memory(&Ty::Bytes, depth)
    }

    fn memory_text(&mut self, depth: usize) -> String {
        self.memory(&Ty::Str, depth)
    }

    /// Writes a conversion to an integer type.
    fn cast(&mut self, ty: &Ty, depth: usize) -> String {
        let name = ty.name(self.world);
        match ty {
            Ty::Uint(bits) => match self.dice.below(8) {
                0 => format!("{name}({})", self.exact(&Ty::Int(*bits), depth)),
                1 => format!("{name}({})", self.value(&Ty::Fixed(bits / 8), depth)),
                2 if !self.world.enums.is_empty() => {
                    let ty = Ty::Enum(self.dice.below(self.world.enums.len()));
                    format!("{name}({})", self.value(&ty, depth))
                }
                3 => self.unwrapped(ty, depth),
                4 if *bits > 8 => {
                    let narrow = narrower(self.dice, ty);
                    self.value(&narrow, depth)
                }
                _ => {
                    let from = types::integer(self.dice);
                    let from = Ty::Uint(match from {
                        Ty::Uint(b) | Ty::Int(b) => b,
                        _ => 256,
                    });
                    format!("{name}({})", self.value(&from, depth))
                }
            },
            Ty::Int(bits) => match self.dice.below(6) {
                0 | 1 => format!("{name}({})", self.exact(&Ty::Uint(*bits), depth)),
                2 => self.unwrapped(ty, depth),
                3 if *bits > 8 => {
                    let narrow = 8 * self.dice.within(1, bits / 8 - 1);
                    format!("{name}(int{narrow}({}))", self.exact(&Ty::Uint(narrow), depth))
                }
                _ => {
                    let from = Ty::Int(8 * self.dice.within(1, 32));
                    format!("{name}({})", self.value(&from, depth))
                }
            },
            _ => self.leaf(ty),
        }
    }

    fn unwrapped(&mut self, ty: &Ty, depth: usize) -> String {
        let fitting: Vec<usize> =
            (0..self.world.wrapped.len()).filter(|i| self.world.wrapped[*i].inner == *ty).collect();
        if fitting.is_empty() {
            return self.leaf(ty);
        }
        let i = *self.dice.pick(&fitting);
        let inner = self.value(&Ty::Wrapped(i), depth);
        format!("{}.unwrap({inner})", self.world.wrapped[i].name)
    }

    fn fixed(&mut self, n: usize, depth: usize) -> String {
        let ty = Ty::Fixed(n);
        match self.dice.below(9) {
            0 => format!("(~{})", self.value(&ty, depth)),
            1 | 2 => {
                let operator = *self.dice.pick(&["&", "|", "^"]);
                format!("({} {operator} {})", self.value(&ty, depth), self.value(&ty, depth))
            }
            3 => {
                let amount = self.value(&Ty::Uint(8), depth);
                format!("({} {} {amount})", self.value(&ty, depth), self.dice.pick(&["<<", ">>"]))
            }
            4 => format!("bytes{n}({})", self.exact(&Ty::Uint(8 * n), depth)),
            5 => {
                let from = Ty::Fixed(self.dice.within(1, 32));
                format!("bytes{n}({})", self.value(&from, depth))
            }
            6 if n == 1 => {
                let from = self.dice.within(1, 32);
                let value = self.value(&Ty::Fixed(from), depth);
                format!("{value}[{}]", self.dice.below(from))
            }
            6 if n == 32 => format!("keccak256({})", self.memory_bytes(depth)),
            7 => match self.readable(&Ty::Bytes, |v| v.loc != Loc::Constant) {
                Some(place) => format!("bytes{n}({})", place.text),
                None => self.leaf(&ty),
            },
            _ => self.leaf(&ty),
        }
    }

    fn enumeration(&mut self, i: usize, depth: usize) -> String {
        let (name, members) = self.world.enums[i].clone();
        let number = self.value(&Ty::Uint(8), depth);
        match self.dice.below(8) {
            0 => format!("{name}({number})"),
            1..=3 => format!("{name}({number} % {})", members.len()),
            4 => format!("type({name}).max"),
            _ => self.leaf(&Ty::Enum(i)),
        }
    }

    fn wrapped(&mut self, i: usize, depth: usize) -> String {
        let wrapped = self.world.wrapped[i].clone();
        let ty = Ty::Wrapped(i);
        if wrapped.has_operators && self.dice.chance(50) {
            let operator = *self.dice.pick(&["+", "-", "*"]);
            return format!("({} {operator} {})", self.value(&ty, depth), self.value(&ty, depth));
        }
        format!("{}.wrap({})", wrapped.name, self.value(&wrapped.inner, depth))
    }

    /// Writes a call of a function with this single result.
    pub fn call_for(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let fits = |f: &Fun| f.returns.len() == 1 && f.returns[0].0 == *ty && f.returns[0].1 != Loc::Storage;
        let funs = self.callable(fits);
        if funs.is_empty() {
            return None;
        }
        let fun = self.dice.pick(&funs).clone();
        self.call(&fun, depth)
    }

    /// Writes a call.
    pub fn call(&mut self, fun: &Fun, depth: usize) -> Option<String> {
        let through_this = match fun.way {
            Way::External => true,
            Way::Public => self.home == Home::Contract && self.dice.chance(30),
            _ => false,
        };
        if through_this && (self.home != Home::Contract || !self.may_read()) {
            return None;
        }
        self.charge(fun);
        if through_this {
            self.read();
        }
        let depth = depth.min(2).saturating_sub(1);
        let mut args = Vec::new();
        for (ty, loc) in &fun.params {
            args.push(self.argument(ty, *loc, through_this, depth)?);
        }
        Some(match &fun.way {
            Way::Library(library) => match args.first() {
                Some(first) if self.bindable(fun, first) && self.dice.chance(50) => {
                    format!("{first}.{}({})", fun.name, args[1..].join(", "))
                }
                _ => format!("{library}.{}({})", fun.name, args.join(", ")),
            },
            // the doors of recursion name their parameters themselves
            _ if !fun.name.ends_with("Rw") && self.dice.chance(15) => {
                let mut named: Vec<String> =
                    args.iter().enumerate().map(|(i, a)| format!("a{}: {a}", i + 1)).collect();
                if self.dice.chance(70) {
                    named.reverse();
                }
                let this = if through_this { "this." } else { "" };
                format!("{this}{}({{{}}})", fun.name, named.join(", "))
            }
            _ if through_this => format!("this.{}({})", fun.name, args.join(", ")),
            _ => format!("{}({})", fun.name, args.join(", ")),
        })
    }

    /// Is true when a library function can be called as a member of the argument: it is a variable's path.
    fn bindable(&self, fun: &Fun, first: &str) -> bool {
        let is_path = first.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        is_path
            && first.starts_with(|c: char| c.is_lowercase())
            && self.vars.iter().any(|v| v.name == *first && v.ty == fun.params[0].0)
    }

    /// Writes a call through a function pointer.
    fn pointer_call(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let fitting: Vec<usize> =
            (0..self.world.pointers.len()).filter(|i| self.world.pointers[*i].result == *ty).collect();
        if fitting.is_empty() || self.home == Home::Free {
            return None;
        }
        let i = *self.dice.pick(&fitting);
        if !self.world.pointers[i].is_pure {
            if !self.may_write() {
                return None;
            }
            self.write();
        }
        let callee = match self.readable(&Ty::Pointer(i), |_| true) {
            Some(place) => place.text,
            None if self.dice.chance(50) => {
                let condition = self.value(&Ty::Bool, 0);
                format!("({condition} ? stub{i}a : stub{i}b)")
            }
            None => self.function_name(i),
        };
        let params = self.world.pointers[i].params.clone();
        let args: Vec<String> = params.iter().map(|p| self.any(p, depth.min(1))).collect();
        Some(format!("{callee}({})", args.join(", ")))
    }
}

/// Draws a type that converts implicitly to an integer type.
fn narrower(dice: &mut super::dice::Dice, ty: &Ty) -> Ty {
    match ty {
        Ty::Uint(bits) => Ty::Uint(8 * dice.within(1, bits / 8)),
        Ty::Int(bits) => Ty::Int(8 * dice.within(1, bits / 8)),
        other => other.clone(),
    }
}
