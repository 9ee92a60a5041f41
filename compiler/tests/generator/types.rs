//! Describes the types of a program.

use super::dice::Dice;
use super::world::World;

/// Is a type; structs, enums and wrapped types by their number in the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    Bool,
    Uint(usize),
    Int(usize),
    Address,
    Payable,
    Fixed(usize),
    Enum(usize),
    Wrapped(usize),
    Bytes,
    Str,
    Struct(usize),
    Array(Box<Ty>, Option<usize>),
    Map(Box<Ty>, Box<Ty>),
    /// An internal function pointer of a signature of the world.
    Pointer(usize),
}

/// Is where a value of reference type lives, or how a variable may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loc {
    /// A value on the stack, or nothing to say.
    Stack,
    /// A state variable.
    State,
    /// A local pointer into storage.
    Storage,
    Memory,
    Calldata,
    Transient,
    /// A constant: reading is pure.
    Constant,
    /// An immutable: reading is a read of state.
    Immutable,
}

impl Ty {
    pub fn is_value(&self) -> bool {
        !matches!(self, Ty::Bytes | Ty::Str | Ty::Struct(_) | Ty::Array(..) | Ty::Map(..))
    }

    pub fn is_int(&self) -> bool {
        matches!(self, Ty::Uint(_) | Ty::Int(_))
    }

    pub fn array(elem: Ty, len: Option<usize>) -> Ty {
        Ty::Array(Box::new(elem), len)
    }

    /// Writes the type with the location that a declaration of it needs.
    pub fn declared(&self, world: &World, loc: Loc) -> String {
        let place = match loc {
            Loc::Storage => " storage",
            Loc::Memory => " memory",
            Loc::Calldata => " calldata",
            _ => "",
        };
        format!("{}{}", self.name(world), if self.is_value() { "" } else { place })
    }

    pub fn name(&self, world: &World) -> String {
        match self {
            Ty::Bool => "bool".into(),
            Ty::Uint(bits) => format!("uint{bits}"),
            Ty::Int(bits) => format!("int{bits}"),
            Ty::Address => "address".into(),
            Ty::Payable => "address payable".into(),
            Ty::Fixed(n) => format!("bytes{n}"),
            Ty::Enum(i) => world.enums[*i].0.clone(),
            Ty::Wrapped(i) => world.wrapped[*i].name.clone(),
            Ty::Bytes => "bytes".into(),
            Ty::Str => "string".into(),
            Ty::Struct(i) => world.structs[*i].0.clone(),
            Ty::Array(elem, None) => format!("{}[]", elem.name(world)),
            Ty::Array(elem, Some(n)) => format!("{}[{n}]", elem.name(world)),
            Ty::Map(key, value) => format!("mapping({} => {})", key.name(world), value.name(world)),
            Ty::Pointer(i) => world.pointers[*i].type_name(world),
        }
    }

    /// Is true when the type holds a mapping or a pointer, which only storage or code can hold.
    pub fn is_storage_only(&self, world: &World) -> bool {
        match self {
            Ty::Map(..) => true,
            Ty::Array(elem, _) => elem.is_storage_only(world),
            Ty::Struct(i) => world.structs[*i].1.iter().any(|(_, ty)| ty.is_storage_only(world)),
            _ => false,
        }
    }

    /// Is true when a value of `target` can be reached inside a value of this type.
    pub fn reaches(&self, target: &Ty, world: &World) -> bool {
        self == target
            || match self {
                Ty::Array(elem, _) => elem.reaches(target, world),
                Ty::Map(_, value) => value.reaches(target, world),
                Ty::Bytes => *target == Ty::Fixed(1),
                Ty::Struct(i) => world.structs[*i].1.iter().any(|(_, ty)| ty.reaches(target, world)),
                _ => false,
            }
    }
}

const WIDTHS: [usize; 12] = [8, 8, 16, 24, 32, 64, 96, 128, 160, 248, 256, 256];

/// Draws an integer type; 256 bits are frequent.
pub fn integer(dice: &mut Dice) -> Ty {
    let bits = if dice.chance(10) { 8 * dice.within(1, 32) } else { *dice.pick(&WIDTHS) };
    let bits = if dice.chance(35) { 256 } else { bits };
    if dice.chance(60) { Ty::Uint(bits) } else { Ty::Int(bits) }
}

/// Draws a value type without pointers.
pub fn value(world: &World, dice: &mut Dice) -> Ty {
    match dice.below(20) {
        0..=9 => integer(dice),
        10 | 11 => Ty::Bool,
        12 => Ty::Address,
        13 => {
            if dice.chance(30) {
                Ty::Payable
            } else {
                Ty::Address
            }
        }
        14 | 15 => Ty::Fixed(*dice.pick(&[1, 2, 3, 4, 8, 16, 20, 31, 32, 32])),
        16 | 17 if !world.enums.is_empty() => Ty::Enum(dice.below(world.enums.len())),
        18 | 19 if !world.wrapped.is_empty() => Ty::Wrapped(dice.below(world.wrapped.len())),
        _ => Ty::Uint(256),
    }
}

/// Draws a key of a mapping.
fn key(world: &World, dice: &mut Dice) -> Ty {
    match dice.below(10) {
        0 => Ty::Bytes,
        1 => Ty::Str,
        _ => match value(world, dice) {
            Ty::Payable => Ty::Address,
            other => other,
        },
    }
}

/// Draws a reference type that memory can hold.
pub fn reference(world: &World, dice: &mut Dice, depth: usize) -> Ty {
    let inner = |dice: &mut Dice| {
        if depth > 0 && dice.chance(35) { reference(world, dice, depth - 1) } else { value(world, dice) }
    };
    let flat: Vec<usize> =
        (0..world.structs.len()).filter(|i| !Ty::Struct(*i).is_storage_only(world)).collect();
    match dice.below(10) {
        0 | 1 => Ty::Bytes,
        2 => Ty::Str,
        3..=5 if !flat.is_empty() => Ty::Struct(*dice.pick(&flat)),
        6 | 7 => Ty::array(inner(dice), Some(dice.within(1, 4))),
        _ => Ty::array(inner(dice), None),
    }
}

/// Draws a type that a function can take or return.
pub fn passed(world: &World, dice: &mut Dice) -> Ty {
    if dice.chance(70) { value(world, dice) } else { reference(world, dice, 2) }
}

/// Draws the type of a state variable.
pub fn state(world: &World, dice: &mut Dice, depth: usize) -> Ty {
    match dice.below(20) {
        0..=9 => value(world, dice),
        10..=13 => reference(world, dice, 2),
        14 | 15 if !world.structs.is_empty() => Ty::Struct(dice.below(world.structs.len())),
        _ => {
            let inner = if depth > 0 { state(world, dice, depth - 1) } else { value(world, dice) };
            Ty::Map(Box::new(key(world, dice)), Box::new(inner))
        }
    }
}
