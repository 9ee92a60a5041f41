//! Writes what stands outside contracts: types, errors, events, operators.

use super::dice::Dice;
use super::world::World;

pub(super) fn declarations(world: &World, out: &mut Vec<String>, dice: &mut Dice) {
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
