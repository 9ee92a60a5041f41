//! Writes statements.

use super::body::{Body, Home, Var};
use super::literal;
use super::types::{self, Loc, Ty};
use super::world::{Fun, Mutability, Way};

impl Body<'_> {
    /// Writes some statements of a block; what they declare goes out of scope.
    pub fn block(&mut self, count: usize, depth: usize) {
        let scope = self.vars.len();
        for _ in 0..count {
            self.statement(depth);
        }
        self.vars.truncate(scope);
    }

    pub fn statement(&mut self, depth: usize) {
        match self.dice.below(100) {
            0..=17 => self.declare(),
            18..=39 => self.assign(),
            40..=44 => self.step(),
            45..=51 => self.stretch(),
            52..=58 if depth > 0 => self.branch(depth),
            59..=66 if depth > 0 => self.repeat(depth),
            67..=69 if depth > 0 => self.unchecked(depth),
            70..=73 => self.check(),
            74..=77 => self.emit(),
            78..=82 => self.tuple(),
            83..=87 => self.call_statement(),
            88..=91 if depth > 0 => self.attempt(depth),
            92..=95 => self.assembly(),
            96 => self.leave(),
            97 => self.low_level(),
            98 => self.swap(),
            _ => self.assign(),
        }
    }

    /// Declares a local of any kind.
    pub fn declare(&mut self) {
        let roll = self.dice.below(10);
        if roll == 0 && self.home != Home::Free && self.storage_pointer() {
            return;
        }
        if roll == 1 && !self.world.pointers.is_empty() && self.home != Home::Free {
            return self.pointer();
        }
        let ty = types::passed(self.world, self.dice);
        let name = self.fresh("v");
        let declared = ty.declared(self.world, Loc::Memory);
        if self.dice.chance(8) && (ty.is_value() || !matches!(ty, Ty::Str)) {
            self.line(format!("{declared} {name};"));
        } else {
            let value = self.drawn(&ty);
            self.line(format!("{declared} {name} = {value};"));
        }
        let loc = if ty.is_value() { Loc::Stack } else { Loc::Memory };
        self.local(&name, ty, loc);
    }

    fn storage_pointer(&mut self) -> bool {
        let fitting: Vec<Var> = self
            .vars
            .iter()
            .filter(|v| v.loc == Loc::State && !v.ty.is_value() && self.may_read())
            .cloned()
            .collect();
        if fitting.is_empty() {
            return false;
        }
        let root = self.dice.pick(&fitting).clone();
        let ty = match &root.ty {
            Ty::Map(_, value) if !value.is_value() => (**value).clone(),
            Ty::Array(elem, _) if !elem.is_value() && self.dice.chance(50) => (**elem).clone(),
            other => other.clone(),
        };
        let Some(place) = self.readable(&ty, |v| v.name == root.name) else { return false };
        let name = self.fresh("p");
        self.line(format!("{} {name} = {};", ty.declared(self.world, Loc::Storage), place.text));
        self.local(&name, ty, Loc::Storage);
        true
    }

    fn pointer(&mut self) {
        let i = self.dice.below(self.world.pointers.len());
        let name = self.fresh("fp");
        let value = self.value(&Ty::Pointer(i), 1);
        self.line(format!("{} {name} = {value};", self.world.pointers[i].type_name(self.world)));
        self.local(&name, Ty::Pointer(i), Loc::Stack);
    }

    /// Picks a type that some writable variable holds.
    fn held_type(&mut self) -> Ty {
        let roots = self.vars.clone();
        if roots.is_empty() || self.dice.chance(10) {
            return types::passed(self.world, self.dice);
        }
        let mut ty = self.dice.pick(&roots).ty.clone();
        loop {
            ty = match &ty {
                Ty::Map(_, value) => (**value).clone(),
                Ty::Array(elem, _) if self.dice.chance(75) => (**elem).clone(),
                Ty::Struct(i) if self.dice.chance(75) || ty.is_storage_only(self.world) => {
                    let world = self.world;
                    self.dice.pick(&world.structs[*i].1).1.clone()
                }
                _ => return ty,
            };
        }
    }

    fn assign(&mut self) {
        let ty = self.held_type();
        if ty.is_storage_only(self.world) {
            return;
        }
        let Some(place) = self.writable(&ty) else { return self.declare() };
        if place.loc == Loc::Transient && !ty.is_value() {
            return;
        }
        let is_pointer = place.loc == Loc::Storage && place.is_root;
        if !is_pointer && !matches!(ty, Ty::Wrapped(_)) && self.dice.chance(7) {
            return self.line(format!("delete {};", place.text));
        }
        let value = if ty.is_value() {
            self.drawn(&ty)
        } else if is_pointer {
            match self.readable(&ty, |v| matches!(v.loc, Loc::State | Loc::Storage)) {
                Some(other) => other.text,
                None => return,
            }
        } else {
            self.memory(&ty, 2)
        };
        self.line(format!("{} = {value};", place.text));
    }

    fn step(&mut self) {
        let ty = types::integer(self.dice);
        let mut wanted = vec![ty];
        for var in &self.vars {
            if var.ty.is_int() && var.writable {
                wanted.push(var.ty.clone());
            }
        }
        let ty = self.dice.pick(&wanted).clone();
        if let Some(place) = self.writable(&ty) {
            let text = self.mutation(&ty, &place.text, 1);
            self.line(format!("{text};"));
        }
    }

    /// Pushes to or pops from an array in storage.
    fn stretch(&mut self) {
        if !self.may_write() {
            return self.assign();
        }
        let mut types: Vec<Ty> = Vec::new();
        for var in self.vars.iter().filter(|v| matches!(v.loc, Loc::State | Loc::Storage)) {
            collect_arrays(&var.ty, self.world, &mut types);
        }
        if types.is_empty() {
            return self.assign();
        }
        let ty = self.dice.pick(&types).clone();
        let found = self.readable(&ty, |v| matches!(v.loc, Loc::State | Loc::Storage));
        let Some(place) = found else { return };
        self.write();
        let elem = match &ty {
            Ty::Array(elem, _) => (**elem).clone(),
            _ => Ty::Fixed(1),
        };
        let text = match self.dice.below(8) {
            0 => format!("{}.pop();", place.text),
            1 => format!("{}.push();", place.text),
            2 if elem.is_value() && !matches!(elem, Ty::Payable) => {
                format!("{}.push() = {};", place.text, self.drawn(&elem))
            }
            _ if elem.is_storage_only(self.world) => format!("{}.push();", place.text),
            _ => format!("{}.push({});", place.text, self.drawn(&elem)),
        };
        self.line(text);
    }

    fn branch(&mut self, depth: usize) {
        let condition = self.drawn(&Ty::Bool);
        self.line(format!("if ({condition}) {{"));
        self.nested(depth);
        if self.dice.chance(50) {
            self.line("} else {");
            self.nested(depth);
        }
        self.line("}");
    }

    fn nested(&mut self, depth: usize) {
        self.indent += 1;
        let count = self.dice.within(1, 2);
        self.block(count, depth - 1);
        if self.in_loop && self.dice.chance(12) {
            let word = *self.dice.pick(&["break;", "continue;"]);
            self.line(word);
        }
        self.indent -= 1;
    }

    fn repeat(&mut self, depth: usize) {
        let rounds = self.dice.within(1, 5);
        if self.cost + self.factor * rounds * 4 > 300 {
            return self.assign();
        }
        let (factor, in_loop) = (self.factor, self.in_loop);
        let i = self.fresh("i");
        let ty = self.dice.pick(&[Ty::Uint(256), Ty::Uint(256), Ty::Uint(8), Ty::Int(16)]).clone();
        let name = ty.name(self.world);
        let scope = self.vars.len();
        let form = self.dice.below(4);
        match form {
            0 | 1 => {
                let update = *self.dice.pick(&["X++", "++X", "X += 1", "X += 2"]);
                self.line(format!("for ({name} {i} = 0; {i} < {rounds}; {}) {{", update.replace('X', &i)));
            }
            2 => {
                self.line(format!("{name} {i} = 0;"));
                self.line(format!("while ({i} < {rounds}) {{"));
            }
            _ => {
                self.line(format!("{name} {i} = 0;"));
                self.line("do {");
            }
        }
        self.vars.push(Var { name: i.clone(), ty, loc: Loc::Stack, writable: false });
        self.factor *= rounds;
        self.in_loop = true;
        if form >= 2 {
            self.indent += 1;
            self.line(format!("{i}++;"));
            self.indent -= 1;
        }
        self.nested(depth);
        if form == 3 {
            self.line(format!("}} while ({i} < {rounds});"))
        } else {
            self.line("}")
        }
        self.vars.truncate(scope);
        (self.factor, self.in_loop) = (factor, in_loop);
    }

    fn unchecked(&mut self, depth: usize) {
        if self.unchecked {
            return self.assign();
        }
        self.unchecked = true;
        self.line("unchecked {");
        self.nested(depth);
        self.line("}");
        self.unchecked = false;
    }

    /// Writes `require`, `assert` or a conditional `revert`; mostly something that holds.
    fn check(&mut self) {
        let condition = self.value(&Ty::Bool, 2);
        let condition = if self.dice.chance(70) { format!("{condition} || true") } else { condition };
        let (error, params) = self.dice.pick(&self.world.errors).clone();
        let args: Vec<String> = params.iter().map(|ty| self.any(ty, 1)).collect();
        let args = args.join(", ");
        let text = match self.dice.below(6) {
            0 => format!("require({condition});"),
            1 => format!("require({condition}, {});", literal::text(self.dice)),
            2 => format!("require({condition}, {error}({args}));"),
            3 => format!("assert({condition});"),
            4 => format!("if (!({condition})) revert {error}({args});"),
            _ => format!("if (!({condition})) revert({});", literal::text(self.dice)),
        };
        self.line(text);
    }

    fn emit(&mut self) {
        if !self.may_write() {
            return self.check();
        }
        let event = self.dice.pick(&self.world.events).clone();
        self.write();
        let args: Vec<String> = event.params.iter().map(|(ty, _)| self.drawn(ty)).collect();
        if self.dice.chance(25) && !args.is_empty() {
            let mut named: Vec<String> = args.iter().enumerate().map(|(i, a)| format!("a{i}: {a}")).collect();
            named.reverse();
            return self.line(format!("emit {}({{{}}});", event.name, named.join(", ")));
        }
        self.line(format!("emit {}({});", event.name, args.join(", ")));
    }

    /// Takes several results apart, or assigns several at once.
    fn tuple(&mut self) {
        let funs = self.callable(|f| f.returns.len() > 1);
        if !funs.is_empty() && self.dice.chance(70) {
            let fun = self.dice.pick(&funs).clone();
            let Some(call) = self.call(&fun, 2) else { return };
            let mut declared = Vec::new();
            let mut fresh = Vec::new();
            for (ty, loc) in &fun.returns {
                if self.dice.chance(25) {
                    declared.push(String::new());
                    continue;
                }
                let name = self.fresh("v");
                declared.push(format!("{} {name}", ty.declared(self.world, *loc)));
                fresh.push((name, ty.clone(), *loc));
            }
            if fresh.is_empty() {
                return self.line(format!("{call};"));
            }
            self.line(format!("({}) = {call};", declared.join(", ")));
            for (name, ty, loc) in fresh {
                self.local(&name, ty, loc);
            }
            return;
        }
        let types: Vec<Ty> = (0..self.dice.within(2, 3)).map(|_| self.held_type()).collect();
        let mut left = Vec::new();
        let mut right = Vec::new();
        for ty in types.iter().filter(|t| t.is_value()) {
            let Some(place) = self.writable(ty) else { continue };
            left.push(place.text);
            right.push(self.drawn(ty));
        }
        if left.len() > 1 {
            self.line(format!("({}) = ({});", left.join(", "), right.join(", ")));
        }
    }

    fn swap(&mut self) {
        let ty = self.held_type();
        if !ty.is_value() {
            return self.assign();
        }
        if let (Some(a), Some(b)) = (self.writable(&ty), self.writable(&ty)) {
            self.line(format!("({}, {}) = ({}, {});", a.text, b.text, b.text, a.text));
        }
    }

    fn call_statement(&mut self) {
        let funs = self.callable(|_| true);
        if funs.is_empty() {
            return self.assign();
        }
        let fun = self.dice.pick(&funs).clone();
        if let Some(call) = self.call(&fun, 2) {
            self.line(format!("{call};"));
        }
    }

    /// Writes `try` with a call of the contract itself.
    fn attempt(&mut self, depth: usize) {
        let funs = self.callable(|f| matches!(f.way, Way::Public | Way::External));
        if funs.is_empty() || self.home != Home::Contract || !self.may_read() {
            return self.assign();
        }
        let fun = self.dice.pick(&funs).clone();
        let Some(call) = self.external_call(&fun) else { return };
        let scope = self.vars.len();
        let mut results = Vec::new();
        for (ty, _) in &fun.returns {
            let name = self.fresh("v");
            results.push(format!("{} {name}", ty.declared(self.world, Loc::Memory)));
            let loc = if ty.is_value() { Loc::Stack } else { Loc::Memory };
            self.local(&name, ty.clone(), loc);
        }
        let named = !results.is_empty() && self.dice.chance(80);
        if !named {
            self.vars.truncate(scope);
        }
        let returns = if named { format!(" returns ({})", results.join(", ")) } else { String::new() };
        self.line(format!("try {call}{returns} {{"));
        self.nested(depth);
        self.vars.truncate(scope);
        self.handlers(depth);
        self.line("}");
    }

    fn handlers(&mut self, depth: usize) {
        let scope = self.vars.len();
        let forms = [
            ("Error(string memory", Ty::Str, 40),
            ("Panic(uint256", Ty::Uint(256), 40),
            ("(bytes memory", Ty::Bytes, 70),
        ];
        let mut caught = false;
        for (head, ty, percent) in forms {
            if !self.dice.chance(percent) {
                continue;
            }
            caught |= ty == Ty::Bytes;
            let name = self.fresh("e");
            self.line(format!("}} catch {head} {name}) {{"));
            let loc = if ty.is_value() { Loc::Stack } else { Loc::Memory };
            self.local(&name, ty, loc);
            self.nested(depth);
            self.vars.truncate(scope);
        }
        if !caught && self.dice.chance(80) {
            self.line("} catch {");
            self.nested(depth);
        } else if !caught {
            self.line("} catch {");
        }
    }

    fn external_call(&mut self, fun: &Fun) -> Option<String> {
        self.charge(fun);
        self.read();
        let mut args = Vec::new();
        for (ty, loc) in &fun.params {
            args.push(self.argument(ty, *loc, true, 1)?);
        }
        Some(format!("this.{}({})", fun.name, args.join(", ")))
    }

    /// Writes a low-level call of the contract itself.
    fn low_level(&mut self) {
        let funs = self.callable(|f| matches!(f.way, Way::Public | Way::External));
        if funs.is_empty() || self.home != Home::Contract || !self.may_write() {
            return self.assign();
        }
        let fun = self.dice.pick(&funs).clone();
        self.charge(&fun);
        self.write();
        let args: Option<Vec<String>> =
            fun.params.iter().map(|(ty, loc)| self.argument(ty, *loc, true, 1)).collect();
        let Some(args) = args else { return };
        let data = format!("abi.encodeCall(this.{}, ({}))", fun.name, args.join(", "));
        let kind = *self.dice.pick(&["call", "call", "staticcall", "delegatecall"]);
        let (ok, result) = (self.fresh("v"), self.fresh("v"));
        self.line(format!("(bool {ok}, bytes memory {result}) = address(this).{kind}({data});"));
        self.local(&ok, Ty::Bool, Loc::Stack);
        self.local(&result, Ty::Bytes, Loc::Memory);
    }

    /// Returns early.
    fn leave(&mut self) {
        let condition = self.value(&Ty::Bool, 2);
        let Some(values) = self.results() else { return };
        self.line(format!("if ({condition}) {{"));
        self.indent += 1;
        self.line(format!("return{values};"));
        self.indent -= 1;
        self.line("}");
    }

    /// Writes what a `return` gives, with a blank before it.
    pub fn results(&mut self) -> Option<String> {
        let returns = self.returns.clone();
        let mut values = Vec::new();
        for (ty, loc) in &returns {
            values.push(match loc {
                Loc::Storage => self.readable(ty, |v| v.loc == Loc::State)?.text,
                _ => self.drawn(ty),
            });
        }
        Some(match values.len() {
            0 => String::new(),
            1 => format!(" {}", values.join("")),
            _ => format!(" ({})", values.join(", ")),
        })
    }

    /// Returns the mutability that the body may be declared with.
    pub fn mutability(&self) -> Mutability {
        self.used
    }
}

/// Collects types of arrays in storage that grow.
fn collect_arrays(ty: &Ty, world: &super::world::World, found: &mut Vec<Ty>) {
    match ty {
        Ty::Bytes => found.push(ty.clone()),
        Ty::Array(elem, len) => {
            if len.is_none() {
                found.push(ty.clone());
            }
            collect_arrays(elem, world, found);
        }
        Ty::Map(_, value) => collect_arrays(value, world, found),
        Ty::Struct(i) => world.structs[*i].1.iter().for_each(|(_, ty)| collect_arrays(ty, world, found)),
        _ => {}
    }
}
