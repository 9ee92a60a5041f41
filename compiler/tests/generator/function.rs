//! Writes one function by its plan.

use super::body::{Body, Home, Var};
use super::contract::Modifier;
use super::dice::Dice;
use super::types::{self, Loc, Ty};
use super::world::{Fun, Mutability, Way, World};

/// Is the plan of one function.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) params: Vec<(Ty, Loc)>,
    pub(super) returns: Vec<(Ty, Loc)>,
    pub(super) way: Way,
    pub(super) home: Home,
    pub(super) limit: Mutability,
    pub(super) visibility: &'static str,
    /// What stands after the visibility: `virtual`, `override`.
    pub(super) suffix: String,
    /// True to declare the limit as mutability, whatever the body does.
    pub(super) fixed: bool,
    pub(super) modifiers: Vec<Modifier>,
    pub(super) size: usize,
}

pub(super) fn location(ty: &Ty, loc: Loc) -> Loc {
    if ty.is_value() { Loc::Stack } else { loc }
}

/// Is parameters or results with their locations.
type Passed = Vec<(Ty, Loc)>;

pub(super) fn signature(world: &World, dice: &mut Dice, loc: Loc, results: usize) -> (Passed, Passed) {
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

pub(super) fn limit(dice: &mut Dice) -> Mutability {
    dice.weighted(&[(2, Mutability::Pure), (2, Mutability::View), (6, Mutability::Writes)])
}

/// Writes a function by its plan.
pub(super) fn function(
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
