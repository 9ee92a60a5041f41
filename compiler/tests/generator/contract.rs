//! Writes the file: declarations, free functions, a library, a helper and a small hierarchy that ends in `Main`.

use super::body::{Home, Var};
use super::declarations::declarations;
use super::dice::Dice;
use super::function::{Plan, function, limit, signature};
use super::literal;
use super::special::{constructor, maker, modifier, recursion, specials, stubs};
use super::types::{self, Loc, Ty};
use super::world::{Fun, Mutability, Way, World};

/// Is what a contract of the hierarchy passes on.
#[derive(Clone, Default)]
pub(super) struct Level {
    pub(super) name: String,
    pub(super) vars: Vec<Var>,
    pub(super) funs: Vec<Fun>,
    pub(super) modifiers: Vec<Modifier>,
    pub(super) virtuals: Vec<Virtual>,
    /// Constructor parameters.
    pub(super) params: Vec<Ty>,
    /// Constructors above that still want arguments: contract and parameters.
    pub(super) owed: Vec<(String, Vec<Ty>)>,
}

#[derive(Clone)]
pub(super) struct Modifier {
    pub(super) name: String,
    pub(super) params: Vec<Ty>,
    pub(super) used: Mutability,
    pub(super) cost: usize,
}

/// Is a virtual function with what its overrides may call.
#[derive(Clone)]
pub(super) struct Virtual {
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
