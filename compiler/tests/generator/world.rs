//! Draws the types that a program declares, and describes what can be called.

use super::dice::Dice;
use super::types::{self, Loc, Ty};

/// Is everything that is declared outside contracts.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// How large functions are: from 1 to 3.
    pub scale: usize,
    /// Name and members.
    pub enums: Vec<(String, Vec<String>)>,
    /// Name and fields; a struct holds only structs before it.
    pub structs: Vec<(String, Vec<(String, Ty)>)>,
    pub wrapped: Vec<Wrapped>,
    pub pointers: Vec<Pointer>,
    /// Custom errors and events: name and parameters, with `indexed` for events.
    pub errors: Vec<(String, Vec<Ty>)>,
    pub events: Vec<Event>,
}

/// Is a user-defined value type.
#[derive(Debug, Clone)]
pub struct Wrapped {
    pub name: String,
    pub inner: Ty,
    pub has_operators: bool,
}

/// Is an event.
#[derive(Debug, Clone)]
pub struct Event {
    pub name: String,
    pub params: Vec<(Ty, bool)>,
    pub anonymous: bool,
}

/// Is the signature of an internal function pointer.
#[derive(Debug, Clone)]
pub struct Pointer {
    pub is_pure: bool,
    pub params: Vec<Ty>,
    pub result: Ty,
}

impl Pointer {
    pub fn type_name(&self, world: &World) -> String {
        let params: Vec<String> = self.params.iter().map(|t| t.declared(world, Loc::Memory)).collect();
        format!(
            "function({}) internal{} returns ({})",
            params.join(", "),
            if self.is_pure { " pure" } else { "" },
            self.result.declared(world, Loc::Memory)
        )
    }
}

/// Says what a function does to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutability {
    Pure,
    View,
    Writes,
}

/// Says how a function is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By its name.
    Plain,
    /// By its name or through `this`.
    Public,
    /// Through `this` only.
    External,
    /// Qualified by a library, or as a member of its first argument.
    Library(String),
}

/// Is a function that bodies can call.
#[derive(Debug, Clone)]
pub struct Fun {
    pub name: String,
    pub params: Vec<(Ty, Loc)>,
    pub returns: Vec<(Ty, Loc)>,
    pub mutability: Mutability,
    pub way: Way,
    pub cost: usize,
}

/// Draws the declarations.
pub fn draw(dice: &mut Dice) -> World {
    let scale = dice.weighted(&[(60, 1), (30, 2), (10, 3)]);
    let mut world = World { scale, ..World::default() };
    for i in 0..dice.below(3) {
        let few = dice.within(2, 6);
        let count = dice.weighted(&[(6, few), (1, 1), (1, 40)]);
        let members = (0..count).map(|m| format!("E{i}M{m}")).collect();
        world.enums.push((format!("E{i}"), members));
    }
    for i in 0..dice.below(3) {
        let inner = match dice.below(4) {
            0 => Ty::Fixed(dice.within(1, 32)),
            1 => Ty::Address,
            _ => types::integer(dice),
        };
        let has_operators = inner.is_int() && dice.chance(60);
        world.wrapped.push(Wrapped { name: format!("W{i}"), inner, has_operators });
    }
    for i in 0..dice.within(1, 4) {
        let fields = (0..dice.within(1, 6)).map(|f| (format!("f{f}"), field(&world, dice))).collect();
        world.structs.push((format!("S{i}"), fields));
    }
    for _ in 0..dice.below(3) {
        let params = (0..dice.below(4)).map(|_| types::value(&world, dice)).collect();
        let result = types::value(&world, dice);
        world.pointers.push(Pointer { is_pure: dice.chance(50), params, result });
    }
    for i in 0..dice.within(1, 3) {
        let params = (0..dice.below(5)).map(|_| types::passed(&world, dice)).collect();
        world.errors.push((format!("Err{i}"), params));
    }
    for i in 0..dice.within(1, 3) {
        world.events.push(event(&world, dice, i));
    }
    world
}

fn field(world: &World, dice: &mut Dice) -> Ty {
    match dice.below(12) {
        0..=7 => types::value(world, dice),
        8..=10 => types::reference(world, dice, 1),
        _ => types::state(world, dice, 1),
    }
}

fn event(world: &World, dice: &mut Dice, i: usize) -> Event {
    let anonymous = dice.chance(20);
    let mut indexed = 0;
    let params = (0..dice.below(6))
        .map(|_| {
            let index = dice.chance(35) && indexed < 3;
            indexed += usize::from(index);
            (types::passed(world, dice), index)
        })
        .collect();
    Event { name: format!("Ev{i}"), params, anonymous }
}
