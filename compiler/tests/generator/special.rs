//! Writes functions of a fixed form: constructors, modifiers, recursion, creation of contracts, `receive`.

use super::body::{Body, Home, Var};
use super::contract::{Level, Modifier};
use super::dice::Dice;
use super::function::{Plan, function, limit, location};
use super::types::{self, Loc, Ty};
use super::world::{Fun, Mutability, Way, World};

/// Writes the functions that pointers point to.
pub(super) fn stubs(world: &World, dice: &mut Dice, level: &Level, out: &mut Vec<String>) {
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

pub(super) fn constructor(
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

pub(super) fn modifier(world: &World, dice: &mut Dice, level: &mut Level, i: usize, out: &mut Vec<String>) {
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

/// Writes a function that calls itself a few times, and its door.
pub(super) fn recursion(world: &World, dice: &mut Dice, level: &mut Level, out: &mut Vec<String>) {
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
pub(super) fn maker(world: &World, dice: &mut Dice, level: &Level, helper: &Level, out: &mut Vec<String>) {
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
pub(super) fn specials(world: &World, dice: &mut Dice, level: &Level, out: &mut Vec<String>) {
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
