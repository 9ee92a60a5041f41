//! Writes the file: declarations, free functions, a library, a helper and a small hierarchy that ends in `Main`.

use super::body::{Body, Home, Var};
use super::dice::Dice;
use super::literal;
use super::types::{self, Loc, Ty};
use super::world::{Fun, Mutability, Way, World};

/// Is what a contract of the hierarchy passes on.
#[derive(Clone, Default)]
struct Level {
    name: String,
    vars: Vec<Var>,
    funs: Vec<Fun>,
    modifiers: Vec<Modifier>,
    virtuals: Vec<Virtual>,
    /// Constructor parameters.
    params: Vec<Ty>,
    /// Constructors above that still want arguments: contract and parameters.
    owed: Vec<(String, Vec<Ty>)>,
}

#[derive(Clone)]
struct Modifier {
    name: String,
    params: Vec<Ty>,
    used: Mutability,
    cost: usize,
}

/// Is a virtual function with what its overrides may call.
#[derive(Clone)]
struct Virtual {
    fun: Fun,
    before: Vec<Fun>,
    /// Contracts whose version an override must name.
    owners: Vec<String>,
}

/// Says where a contract stands in the hierarchy.
#[derive(Clone, Copy)]
enum Shape<'l> {
    Plain,
    /// One of two bases of a diamond: it leaves the arguments of the shared base to the last contract.
    Side,
    /// The last contract, with the helper that it creates.
    Last(Option<&'l Level>),
}

/// Is the plan of one function.
struct Plan {
    name: String,
    params: Vec<(Ty, Loc)>,
    returns: Vec<(Ty, Loc)>,
    way: Way,
    home: Home,
    limit: Mutability,
    visibility: &'static str,
    /// What stands after the visibility: `virtual`, `override`.
    suffix: String,
    /// True to declare the limit as mutability, whatever the body does.
    fixed: bool,
    modifiers: Vec<Modifier>,
    size: usize,
}

/// Writes the whole file.
pub fn write(world: &World, dice: &mut Dice) -> String {
    let mut out = vec!["// SPDX-License-Identifier: MIT".into(), "pragma solidity ^0.8.30;".into()];
    declarations(world, &mut out, dice);
    let mut funs = Vec::new();
    for i in 0..dice.below(3) {
        free_function(world, dice, i, &mut funs, &mut out);
    }
    if dice.chance(60) {
        library(world, dice, &mut funs, &mut out);
    }
    let helper = dice.chance(40).then(|| helper(world, dice, &funs, &mut out));
    let root = Level { funs: funs.clone(), ..Level::default() };
    let a = contract(world, dice, "A", &[&root], Shape::Plain, &mut out);
    let last = if dice.chance(35) {
        let b = contract(world, dice, "B", &[&a], Shape::Side, &mut out);
        let c = contract(world, dice, "C", &[&a], Shape::Side, &mut out);
        vec![b, c]
    } else if dice.chance(50) {
        vec![contract(world, dice, "B", &[&a], Shape::Plain, &mut out)]
    } else {
        vec![a]
    };
    let shape = Shape::Last(helper.as_ref());
    contract(world, dice, "Main", &last.iter().collect::<Vec<_>>(), shape, &mut out);
    out.join("\n") + "\n"
}

fn declarations(world: &World, out: &mut Vec<String>, dice: &mut Dice) {
    for (name, members) in &world.enums {
        out.push(format!("enum {name} {{ {} }}", members.join(", ")));
    }
    for (i, wrapped) in world.wrapped.iter().enumerate() {
        out.push(format!("type {} is {};", wrapped.name, wrapped.inner.name(world)));
        if wrapped.has_operators {
            operators(&wrapped.name, i, out, dice);
        }
    }
    for (name, fields) in &world.structs {
        let fields: Vec<String> = fields.iter().map(|(f, ty)| format!("{} {f};", ty.name(world))).collect();
        out.push(format!("struct {name} {{ {} }}", fields.join(" ")));
    }
    for (name, params) in &world.errors {
        let params: Vec<String> =
            params.iter().enumerate().map(|(i, ty)| format!("{} a{i}", ty.name(world))).collect();
        out.push(format!("error {name}({});", params.join(", ")));
    }
    for event in &world.events {
        let params: Vec<String> = event
            .params
            .iter()
            .enumerate()
            .map(|(i, (ty, indexed))| {
                format!("{}{} a{i}", ty.name(world), if *indexed { " indexed" } else { "" })
            })
            .collect();
        let anonymous = if event.anonymous { " anonymous" } else { "" };
        out.push(format!("event {}({}){anonymous};", event.name, params.join(", ")));
    }
}

fn operators(name: &str, i: usize, out: &mut Vec<String>, dice: &mut Dice) {
    for (word, sign) in [("add", "+"), ("sub", "-"), ("mul", "*")] {
        let value = format!("{name}.wrap({name}.unwrap(a) {sign} {name}.unwrap(b))");
        let body = if dice.chance(40) {
            format!("unchecked {{ return {value}; }}")
        } else {
            format!("return {value};")
        };
        out.push(format!("function {word}{i}({name} a, {name} b) pure returns ({name}) {{ {body} }}"));
    }
    out.push(format!("using {{add{i} as +, sub{i} as -, mul{i} as *}} for {name} global;"));
}

fn location(ty: &Ty, loc: Loc) -> Loc {
    if ty.is_value() { Loc::Stack } else { loc }
}

fn signature(world: &World, dice: &mut Dice, loc: Loc, results: usize) -> (Vec<(Ty, Loc)>, Vec<(Ty, Loc)>) {
    let count = if dice.chance(5) { dice.within(8, 16) } else { dice.below(5) };
    let params = (0..count)
        .map(|_| {
            let ty = if count > 7 { types::value(world, dice) } else { types::passed(world, dice) };
            let loc = if loc == Loc::Calldata && dice.chance(35) { Loc::Memory } else { loc };
            (ty.clone(), location(&ty, loc))
        })
        .collect();
    let returns = (0..results)
        .map(|_| {
            let ty = types::passed(world, dice);
            (ty.clone(), location(&ty, Loc::Memory))
        })
        .collect();
    (params, returns)
}

fn limit(dice: &mut Dice) -> Mutability {
    dice.weighted(&[(2, Mutability::Pure), (2, Mutability::View), (6, Mutability::Writes)])
}

fn free_function(world: &World, dice: &mut Dice, i: usize, funs: &mut Vec<Fun>, out: &mut Vec<String>) {
    let results = dice.weighted(&[(8, 1), (2, 2)]);
    let (params, returns) = signature(world, dice, Loc::Memory, results);
    let plan = Plan {
        name: format!("free{i}"),
        params,
        returns,
        way: Way::Plain,
        home: Home::Free,
        limit: Mutability::Pure,
        visibility: "",
        suffix: String::new(),
        fixed: false,
        modifiers: Vec::new(),
        size: 3,
    };
    let fun = function(world, dice, funs, &[], plan, 0, out);
    funs.push(fun);
}

fn library(world: &World, dice: &mut Dice, funs: &mut Vec<Fun>, out: &mut Vec<String>) {
    out.push("library L {".into());
    let mut outside = Vec::new();
    for i in 0..dice.within(1, 3) {
        let results = dice.weighted(&[(1, 0), (8, 1), (2, 2)]);
        let (mut params, returns) = signature(world, dice, Loc::Memory, results);
        if dice.chance(40) {
            let ty = types::reference(world, dice, 1);
            params.insert(0, (ty, Loc::Storage));
        }
        let touches = params.iter().any(|(_, loc)| *loc == Loc::Storage);
        let plan = Plan {
            name: format!("lib{i}"),
            params,
            returns,
            way: Way::Library("L".into()),
            home: if touches { Home::Constructor } else { Home::Free },
            limit: if touches { limit(dice) } else { Mutability::Pure },
            visibility: if dice.chance(70) { "internal" } else { "public" },
            suffix: String::new(),
            fixed: false,
            modifiers: Vec::new(),
            size: 3,
        };
        let is_public = plan.visibility == "public";
        // the functions that pointers point to are in contracts
        let world = &World { pointers: Vec::new(), ..world.clone() };
        let fun = function(world, dice, funs, &[], plan, 1, out);
        if is_public { outside.push(fun) } else { funs.push(fun) }
    }
    // a library cannot call its own public functions
    funs.append(&mut outside);
    out.push("}".into());
}

/// Writes a contract that `Main` creates; returns it with its external functions.
fn helper(world: &World, dice: &mut Dice, funs: &[Fun], out: &mut Vec<String>) -> Level {
    let root = Level { funs: funs.to_vec(), ..Level::default() };
    let mut level = contract(world, dice, "H", &[&root], Shape::Plain, out);
    // its address depends on its code, so that it shows nothing of itself
    out.push("contract K {".into());
    out.push("    uint256 x;".into());
    out.push("    constructor(uint256 a) { x = a / 2 + 7; }".into());
    out.push("    function get() external view returns (uint256) { return x * 3; }".into());
    out.push("}".into());
    level.funs.retain(|f| matches!(f.way, Way::Public | Way::External) && !f.name.starts_with("super."));
    level
}

fn contract(
    world: &World,
    dice: &mut Dice,
    name: &str,
    bases: &[&Level],
    shape: Shape<'_>,
    out: &mut Vec<String>,
) -> Level {
    let is_root = bases.iter().all(|b| b.name.is_empty());
    let mut level = merge(bases);
    level.name = name.into();
    level.owed = owed(bases);
    let leaves = matches!(shape, Shape::Side) && !level.owed.is_empty();
    let abstract_ =
        if leaves || matches!(name, "A" | "B" | "C") && dice.chance(50) { "abstract " } else { "" };
    let names: Vec<&str> = bases.iter().map(|b| b.name.as_str()).filter(|n| !n.is_empty()).collect();
    let is = if names.is_empty() { String::new() } else { format!(" is {}", names.join(", ")) };
    let layout = if name == "Main" && dice.chance(6) { " layout at 0x1234" } else { "" };
    out.push(format!("{abstract_}contract {name}{is}{layout} {{"));
    if funs_have_library(&level.funs) {
        out.push("    using L for *;".into());
    }
    let immutables = state(world, dice, &mut level, out);
    if is_root {
        stubs(world, dice, &level, out);
    }
    let calls = if leaves { Vec::new() } else { std::mem::take(&mut level.owed) };
    constructor(world, dice, &mut level, &calls, &immutables, out);
    for i in 0..dice.below(2) {
        modifier(world, dice, &mut level, i, out);
    }
    overrides(world, dice, &mut level, bases, out);
    if is_root {
        for i in 0..dice.below(3) {
            new_virtual(world, dice, &mut level, i, out);
        }
    }
    functions(world, dice, &mut level, out);
    if let Shape::Last(Some(helper)) = shape {
        maker(world, dice, &level, helper, out);
    }
    if name == "Main" {
        specials(world, dice, &level, out);
    }
    out.push("}".into());
    level
}

fn funs_have_library(funs: &[Fun]) -> bool {
    funs.iter().any(|f| matches!(f.way, Way::Library(_)))
}

/// Lists the constructors whose arguments nobody gives yet.
fn owed(bases: &[&Level]) -> Vec<(String, Vec<Ty>)> {
    let mut owed: Vec<(String, Vec<Ty>)> = Vec::new();
    for base in bases {
        let own = (base.name.clone(), base.params.clone());
        for entry in base.owed.iter().cloned().chain([own]) {
            if !entry.1.is_empty() && !owed.contains(&entry) {
                owed.push(entry);
            }
        }
    }
    owed
}

/// Joins what the bases pass on; a diamond's shared part is taken once.
fn merge(bases: &[&Level]) -> Level {
    let mut level = Level::default();
    for base in bases {
        for var in &base.vars {
            if !level.vars.iter().any(|v| v.name == var.name) {
                level.vars.push(var.clone());
            }
        }
        for fun in &base.funs {
            if !level.funs.iter().any(|f| f.name == fun.name) && !fun.name.starts_with("super.") {
                level.funs.push(fun.clone());
            }
        }
        for modifier in &base.modifiers {
            if !level.modifiers.iter().any(|m| m.name == modifier.name) {
                level.modifiers.push(modifier.clone());
            }
        }
        for entry in &base.virtuals {
            match level.virtuals.iter_mut().find(|v| v.fun.name == entry.fun.name) {
                Some(known) => {
                    for owner in &entry.owners {
                        if !known.owners.contains(owner) {
                            known.owners.push(owner.clone());
                        }
                    }
                }
                None => level.virtuals.push(entry.clone()),
            }
        }
    }
    level
}

/// Declares state variables; returns the immutables that the constructor must set.
fn state(world: &World, dice: &mut Dice, level: &mut Level, out: &mut Vec<String>) -> Vec<Var> {
    let prefix = level.name.to_lowercase();
    let mut immutables = Vec::new();
    for i in 0..dice.within(1, 2 + world.scale) {
        let name = format!("{prefix}s{i}");
        let roll = dice.below(20);
        let (ty, loc) = match roll {
            0 | 1 => (types::value(world, dice), Loc::Constant),
            2 | 3 => (types::value(world, dice), Loc::Immutable),
            4 | 5 => (types::value(world, dice), Loc::Transient),
            6 if !world.pointers.is_empty() => (Ty::Pointer(dice.below(world.pointers.len())), Loc::State),
            _ => (types::state(world, dice, 2), Loc::State),
        };
        let public =
            if dice.chance(30) && has_getter(world, &ty) && loc != Loc::Transient { " public" } else { "" };
        let declared = ty.name(world);
        let text = match (&ty, loc) {
            (Ty::Pointer(p), _) => format!("{declared} {name} = stub{p}a;"),
            (_, Loc::Constant) => {
                format!("{declared}{public} constant {name} = {};", literal::value(world, dice, &ty))
            }
            (_, Loc::Immutable) => format!("{declared}{public} immutable {name};"),
            (_, Loc::Transient) => format!("{declared} transient {name};"),
            (Ty::Str, _) if dice.chance(50) => {
                format!("{declared}{public} {name} = {};", literal::text(dice))
            }
            (ty, _) if ty.is_value() && dice.chance(60) => {
                format!("{declared}{public} {name} = {};", literal::value(world, dice, ty))
            }
            _ => format!("{declared}{public} {name};"),
        };
        out.push(format!("    {text}"));
        let var = Var { name, ty, loc, writable: matches!(loc, Loc::State | Loc::Transient) };
        if loc == Loc::Immutable {
            immutables.push(var.clone());
        }
        level.vars.push(var);
    }
    immutables
}

/// Is true when solc gives a public variable of the type a getter.
fn has_getter(world: &World, ty: &Ty) -> bool {
    match ty {
        Ty::Map(_, value) => has_getter(world, value),
        Ty::Array(elem, _) => has_getter(world, elem),
        Ty::Struct(i) => {
            world.structs[*i].1.iter().any(|(_, t)| !matches!(t, Ty::Array(..) | Ty::Map(..))) && {
                let inner = |t: &Ty| matches!(t, Ty::Struct(_)) && t.is_storage_only(world);
                !world.structs[*i].1.iter().any(|(_, t)| inner(t))
            }
        }
        Ty::Pointer(_) => false,
        _ => true,
    }
}

/// Writes the functions that pointers point to.
fn stubs(world: &World, dice: &mut Dice, level: &Level, out: &mut Vec<String>) {
    for (i, pointer) in world.pointers.iter().enumerate() {
        for version in ["a", "b"] {
            let plan = Plan {
                name: format!("stub{i}{version}"),
                params: pointer.params.iter().map(|ty| (ty.clone(), location(ty, Loc::Memory))).collect(),
                returns: vec![(pointer.result.clone(), Loc::Stack)],
                way: Way::Plain,
                home: if pointer.is_pure { Home::Free } else { Home::Constructor },
                limit: if pointer.is_pure { Mutability::Pure } else { Mutability::Writes },
                visibility: "internal",
                suffix: String::new(),
                fixed: true,
                modifiers: Vec::new(),
                size: 1,
            };
            // pointers of other stubs would make calls go in circles
            let vars: Vec<Var> =
                level.vars.iter().filter(|v| !matches!(v.ty, Ty::Pointer(_))).cloned().collect();
            let plain = World { pointers: Vec::new(), ..world.clone() };
            function(&plain, dice, &[], &vars, plan, 1, out);
        }
    }
}

fn constructor(
    world: &World,
    dice: &mut Dice,
    level: &mut Level,
    bases: &[(String, Vec<Ty>)],
    immutables: &[Var],
    out: &mut Vec<String>,
) {
    level.params = (0..dice.below(3)).map(|_| types::passed(world, dice)).collect();
    let mut body = Body::new(world, dice, &[], Home::Constructor, Mutability::Writes);
    let mut params = Vec::new();
    for ty in &level.params {
        let name = body.fresh("c");
        params.push(format!("{} {name}", ty.declared(world, Loc::Memory)));
        body.local(&name, ty.clone(), location(ty, Loc::Memory));
    }
    let mut calls = String::new();
    for (name, params) in bases {
        let args: Vec<String> = params.iter().map(|ty| body.any(ty, 1)).collect();
        calls.push_str(&format!(" {name}({})", args.join(", ")));
    }
    for var in immutables {
        let value = body.value(&var.ty, 0);
        body.line(format!("{} = {value};", var.name));
    }
    let shown: Vec<Var> =
        level.vars.iter().filter(|v| v.loc != Loc::Immutable || body.dice.chance(30)).cloned().collect();
    body.vars.extend(shown);
    body.unchecked = true;
    body.line("unchecked {");
    let count = body.dice.below(4);
    for _ in 0..count {
        body.statement(1);
    }
    body.line("}");
    let lines = std::mem::take(&mut body.lines);
    if level.params.is_empty() && immutables.is_empty() && calls.is_empty() && dice.chance(50) {
        return;
    }
    let payable = if dice.chance(30) { " payable" } else { "" };
    out.push(format!("    constructor({}){calls}{payable} {{", params.join(", ")));
    out.extend(lines);
    out.push("    }".into());
}

fn modifier(world: &World, dice: &mut Dice, level: &mut Level, i: usize, out: &mut Vec<String>) {
    let name = format!("{}m{i}", level.name.to_lowercase());
    let most = limit(dice);
    let params: Vec<Ty> = (0..dice.below(3)).map(|_| types::passed(world, dice)).collect();
    let mut body = Body::new(world, dice, &[], Home::Contract, most);
    body.vars = level.vars.clone();
    let mut declared = Vec::new();
    for ty in &params {
        let name = body.fresh("q");
        declared.push(format!("{} {name}", ty.declared(world, Loc::Memory)));
        body.local(&name, ty.clone(), location(ty, Loc::Memory));
    }
    let scope = body.vars.len();
    for count in [body.dice.below(2), 0] {
        (0..count).for_each(|_| body.statement(1));
        if body.dice.chance(15) {
            let condition = body.value(&Ty::Bool, 1);
            body.line(format!("if ({condition}) {{ _; }}"));
        } else if count > 0 || body.dice.chance(90) {
            body.line("_;");
        }
    }
    if !body.lines.iter().any(|l| l.contains("_;")) {
        body.line("_;");
    }
    let count = body.dice.below(2);
    (0..count).for_each(|_| body.statement(1));
    body.vars.truncate(scope);
    let (used, cost) = (body.used, body.cost);
    out.push(format!("    modifier {name}({}) {{", declared.join(", ")));
    out.append(&mut body.lines);
    out.push("    }".into());
    level.modifiers.push(Modifier { name, params, used, cost });
}

fn new_virtual(world: &World, dice: &mut Dice, level: &mut Level, i: usize, out: &mut Vec<String>) {
    let results = dice.weighted(&[(1, 0), (6, 1), (2, 2)]);
    let (params, returns) = signature(world, dice, Loc::Memory, results);
    let plan = Plan {
        name: format!("virt{}{i}", level.name),
        params,
        returns,
        way: Way::Public,
        home: Home::Contract,
        limit: dice.weighted(&[(1, Mutability::View), (3, Mutability::Writes)]),
        visibility: "public",
        suffix: " virtual".into(),
        fixed: true,
        modifiers: Vec::new(),
        size: 2,
    };
    let before = level.funs.clone();
    let mut fun = function(world, dice, &before, &level.vars, plan, 1, out);
    fun.cost *= 3;
    let owners = vec![level.name.clone()];
    level.virtuals.push(Virtual { fun: fun.clone(), before, owners });
    level.funs.push(fun);
}

/// Overrides what the bases declare virtual: always where two bases have their own version.
fn overrides(world: &World, dice: &mut Dice, level: &mut Level, bases: &[&Level], out: &mut Vec<String>) {
    let mut virtuals = std::mem::take(&mut level.virtuals);
    for entry in &mut virtuals {
        // two bases that only inherit one version need no override
        let versions: Vec<&Virtual> =
            bases.iter().flat_map(|b| b.virtuals.iter().filter(|v| v.fun.name == entry.fun.name)).collect();
        let must =
            versions.iter().map(|v| v.owners.join(",")).collect::<std::collections::BTreeSet<_>>().len() > 1;
        if !must && !dice.chance(60) {
            continue;
        }
        let mut owners: Vec<String> = versions.iter().flat_map(|v| v.owners.clone()).collect();
        owners.sort();
        owners.dedup();
        let suffix = if owners.len() > 1 {
            format!(" virtual override({})", owners.join(", "))
        } else {
            " virtual override".into()
        };
        let fun = &entry.fun;
        let mut before = entry.before.clone();
        let above = Fun { name: format!("super.{}", fun.name), way: Way::Plain, ..fun.clone() };
        before.extend(vec![above; 3]);
        let plan = Plan {
            name: fun.name.clone(),
            params: fun.params.clone(),
            returns: fun.returns.clone(),
            way: Way::Public,
            home: Home::Contract,
            limit: fun.mutability,
            visibility: "public",
            suffix,
            fixed: true,
            modifiers: Vec::new(),
            size: 2,
        };
        function(world, dice, &before, &level.vars, plan, 1, out);
        entry.owners = vec![level.name.clone()];
    }
    level.virtuals = virtuals;
}

fn functions(world: &World, dice: &mut Dice, level: &mut Level, out: &mut Vec<String>) {
    let count =
        if level.name == "Main" { dice.within(1, 2 + world.scale) } else { dice.below(world.scale + 1) };
    for i in 0..count {
        let (way, visibility) = match dice.below(if level.name == "Main" { 6 } else { 4 }) {
            0 => (Way::Plain, "internal"),
            1 | 4 => (Way::Public, "public"),
            _ => (Way::External, "external"),
        };
        let loc = if way == Way::External { Loc::Calldata } else { Loc::Memory };
        let results = dice.weighted(&[(2, 0), (8, 1), (3, 2), (1, 4)]);
        let (mut params, returns) = signature(world, dice, loc, results);
        if way == Way::Plain && dice.chance(30) {
            let ty = types::reference(world, dice, 1);
            params.push((ty, Loc::Storage));
        }
        let modifiers = if !level.modifiers.is_empty() && dice.chance(30) {
            vec![dice.pick(&level.modifiers).clone()]
        } else {
            Vec::new()
        };
        let plan = Plan {
            name: format!("{}F{i}", level.name.to_lowercase()),
            params,
            returns,
            way,
            home: Home::Contract,
            limit: limit(dice),
            visibility,
            suffix: String::new(),
            fixed: false,
            modifiers,
            size: 4,
        };
        let fun = function(world, dice, &level.funs, &level.vars, plan, 1, out);
        level.funs.push(fun);
    }
    if dice.chance(30) {
        recursion(world, dice, level, out);
    }
}

/// Writes a function that calls itself a few times, and its door.
fn recursion(world: &World, dice: &mut Dice, level: &mut Level, out: &mut Vec<String>) {
    let ty = types::passed(world, dice);
    let (name, loc) = (format!("{}R", level.name.to_lowercase()), location(&ty, Loc::Memory));
    let declared = ty.declared(world, Loc::Memory);
    let mut body = Body::new(world, dice, &level.funs, Home::Contract, Mutability::Writes);
    body.vars = level.vars.clone();
    body.factor = 4;
    body.local("x", ty.clone(), loc);
    body.vars.push(Var { name: "n".into(), ty: Ty::Uint(256), loc: Loc::Stack, writable: false });
    body.returns = vec![(ty.clone(), loc)];
    let end = body.any(&ty, 2);
    body.line(format!("if (n == 0) {{ return {end}; }}"));
    body.statement(1);
    let argument = body.any(&ty, 2);
    body.line(format!("{declared} y = {name}(n - 1, {argument});"));
    body.local("y", ty.clone(), loc);
    body.statement(1);
    let result = body.any(&ty, 2);
    body.line(format!("return {result};"));
    let cost = body.cost;
    let lines = std::mem::take(&mut body.lines);
    out.push(format!("    function {name}(uint256 n, {declared} x) internal returns ({declared}) {{"));
    out.extend(lines);
    out.push("    }".into());
    out.push(format!("    function {name}w(uint256 n, {declared} x) public returns ({declared}) {{"));
    out.push(format!("        return {name}(n % 4, x);"));
    out.push("    }".into());
    level.funs.push(Fun {
        name: format!("{name}w"),
        params: vec![(Ty::Uint(256), Loc::Stack), (ty.clone(), loc)],
        returns: vec![(ty, loc)],
        mutability: Mutability::Writes,
        way: Way::Public,
        cost,
    });
}

/// Writes a function that creates the helper and calls it.
fn maker(world: &World, dice: &mut Dice, level: &Level, helper: &Level, out: &mut Vec<String>) {
    out.push("    uint256 saltCounter;".into());
    let params: Vec<String> = helper
        .params
        .iter()
        .enumerate()
        .map(|(i, ty)| format!(", {} x{i}", ty.declared(world, Loc::Memory)))
        .collect();
    out.push(format!("    function make(bool salted{}) public returns (uint256 r) {{", params.concat()));
    let args = (0..params.len()).map(|i| format!("x{i}")).collect::<Vec<_>>().join(", ");
    let mut body = Body::new(world, dice, &[], Home::Contract, Mutability::Writes);
    body.vars = level.vars.clone();
    body.local("r", Ty::Uint(256), Loc::Stack);
    body.line(format!("H h = new H({args});"));
    body.line("if (salted) { r = new K{salt: bytes32(saltCounter++)}(r).get(); }");
    for _ in 0..body.dice.below(3) {
        if helper.funs.is_empty() {
            break;
        }
        let fun = body.dice.pick(&helper.funs).clone();
        let args: Option<Vec<String>> =
            fun.params.iter().map(|(ty, loc)| body.argument(ty, *loc, true, 1)).collect();
        let Some(args) = args else { continue };
        let call = format!("h.{}({})", fun.name, args.join(", "));
        if body.dice.chance(50) {
            body.line(format!("try {call} {{ r += 1; }} catch (bytes memory e) {{ r += e.length; }}"));
        } else {
            body.line(format!("{call};"));
        }
    }
    out.append(&mut body.lines);
    out.push("    }".into());
}

/// Writes `receive` and `fallback`.
fn specials(world: &World, dice: &mut Dice, level: &Level, out: &mut Vec<String>) {
    if dice.chance(30) {
        let mut body = Body::new(world, dice, &[], Home::Contract, Mutability::Writes);
        body.vars = level.vars.clone();
        body.bare = true;
        body.statement(1);
        out.push("    receive() external payable {".into());
        out.append(&mut body.lines);
        out.push("    }".into());
    }
    if dice.chance(30) {
        let mut body = Body::new(world, dice, &[], Home::Contract, Mutability::Writes);
        body.vars = level.vars.clone();
        body.local("d", Ty::Bytes, Loc::Calldata);
        body.returns = vec![(Ty::Bytes, Loc::Memory)];
        body.statement(1);
        let result = body.memory(&Ty::Bytes, 2);
        body.line(format!("return {result};"));
        let payable = if body.dice.chance(50) { " payable" } else { "" };
        out.push(format!("    fallback(bytes calldata d) external{payable} returns (bytes memory) {{"));
        out.append(&mut body.lines);
        out.push("    }".into());
    }
}

/// Writes a function by its plan.
fn function(
    world: &World,
    dice: &mut Dice,
    funs: &[Fun],
    vars: &[Var],
    plan: Plan,
    indent: usize,
    out: &mut Vec<String>,
) -> Fun {
    let mut body = Body::new(world, dice, funs, plan.home, plan.limit);
    body.vars = vars.to_vec();
    body.indent = indent + 1;
    let params = declare_params(&mut body, &plan);
    let mut suffix = plan.suffix.clone();
    for modifier in plan.modifiers.iter().filter(|m| m.used <= plan.limit) {
        let args: Vec<String> = body.quietly(|b| modifier.params.iter().map(|ty| b.any(ty, 1)).collect());
        suffix.push_str(&format!(" {}({})", modifier.name, args.join(", ")));
        body.used = body.used.max(modifier.used);
        body.cost += modifier.cost;
        body.factor = 2;
    }
    let returns = declare_returns(&mut body, &plan);
    let most = (plan.size * world.scale).div_ceil(2);
    let count = body.dice.within(1, most);
    for _ in 0..count {
        body.statement(2);
    }
    if let Some(values) = body.results().filter(|v| !v.is_empty()) {
        body.line(format!("return{values};"));
    }
    let used = if plan.fixed { plan.limit } else { body.used };
    let is_open = matches!(plan.visibility, "public" | "external") && !matches!(plan.way, Way::Library(_));
    let mutability = match used {
        Mutability::Pure => " pure",
        Mutability::View => " view",
        Mutability::Writes if plan.suffix.is_empty() && is_open && body.dice.chance(12) => " payable",
        Mutability::Writes => "",
    };
    let cost = body.cost;
    let lines = std::mem::take(&mut body.lines);
    let gap = if plan.visibility.is_empty() { "" } else { " " };
    let pad = "    ".repeat(indent);
    let results =
        if returns.is_empty() { String::new() } else { format!(" returns ({})", returns.join(", ")) };
    out.push(format!(
        "{pad}function {}({}){gap}{}{mutability}{suffix}{results} {{",
        plan.name,
        params.join(", "),
        plan.visibility,
    ));
    out.extend(lines);
    out.push(format!("{pad}}}"));
    Fun { name: plan.name, params: plan.params, returns: plan.returns, mutability: used, way: plan.way, cost }
}

fn declare_params(body: &mut Body<'_>, plan: &Plan) -> Vec<String> {
    let mut params = Vec::new();
    for (ty, loc) in &plan.params {
        let name = body.fresh("a");
        params.push(format!("{} {name}", ty.declared(body.world, *loc)));
        body.local(&name, ty.clone(), *loc);
    }
    params
}

fn declare_returns(body: &mut Body<'_>, plan: &Plan) -> Vec<String> {
    let named = body.dice.chance(50);
    let mut returns = Vec::new();
    for (ty, loc) in &plan.returns {
        let declared = ty.declared(body.world, *loc);
        if !named {
            returns.push(declared);
            continue;
        }
        let name = body.fresh("r");
        returns.push(format!("{declared} {name}"));
        body.local(&name, ty.clone(), *loc);
    }
    body.returns = plan.returns.clone();
    returns
}
