//! Lists the globals of the language with the numbers that solc's trees name them by.

use super::types::{Fun, FunKind, Magic, Mut, T};
use std::rc::Rc;

/// Is a global.
pub(super) struct Builtin {
    pub name: &'static str,
    pub id: i64,
    pub shape: Shape,
}

/// Says what a global is.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Abi,
    Block,
    Message,
    Transaction,
    Super,
    This,
    MetaType,
    /// Parameters and results, each a letter: b bool, s string, m bytes, w bytes32, u uint256, 8 uint8,
    /// a address, p address payable, e error.
    Function(&'static str, &'static str, Mut),
}

const fn function(
    name: &'static str,
    id: i64,
    params: &'static str,
    returns: &'static str,
    m: Mut,
) -> Builtin {
    Builtin { name, id, shape: Shape::Function(params, returns, m) }
}

const fn object(name: &'static str, id: i64, shape: Shape) -> Builtin {
    Builtin { name, id, shape }
}

pub(super) const BUILTINS: [Builtin; 24] = [
    object("abi", -1, Shape::Abi),
    function("addmod", -2, "uuu", "u", Mut::Pure),
    function("assert", -3, "b", "", Mut::Pure),
    object("block", -4, Shape::Block),
    function("blockhash", -5, "u", "w", Mut::View),
    function("ecrecover", -6, "w8ww", "a", Mut::Pure),
    function("gasleft", -7, "", "u", Mut::View),
    function("keccak256", -8, "m", "w", Mut::Pure),
    object("msg", -15, Shape::Message),
    function("mulmod", -16, "uuu", "u", Mut::Pure),
    function("require", -18, "b", "", Mut::Pure),
    function("require", -18, "bs", "", Mut::Pure),
    function("require", -18, "be", "", Mut::Pure),
    function("revert", -19, "", "", Mut::Pure),
    function("revert", -19, "s", "", Mut::Pure),
    function("ripemd160", -20, "m", "h", Mut::Pure),
    function("selfdestruct", -21, "p", "", Mut::NonPayable),
    function("sha256", -22, "m", "w", Mut::Pure),
    object("super", -25, Shape::Super),
    object("tx", -26, Shape::Transaction),
    object("type", -27, Shape::MetaType),
    object("this", -28, Shape::This),
    function("blobhash", -29, "u", "w", Mut::View),
    function("erc7201", -30, "s", "u", Mut::Pure),
];

/// Returns the type of a global that means the same everywhere.
pub(super) fn builtin_type(builtin: &Builtin) -> Option<T> {
    Some(match builtin.shape {
        Shape::Abi => T::Magic(Magic::Abi),
        Shape::Block => T::Magic(Magic::Block),
        Shape::Message => T::Magic(Magic::Message),
        Shape::Transaction => T::Magic(Magic::Transaction),
        Shape::MetaType => {
            let mut fun = Fun::new(FunKind::MetaType, Mut::Pure, Vec::new(), Vec::new());
            fun.arbitrary = true;
            T::Function(Rc::new(fun))
        }
        Shape::Function(params, returns, m) => {
            let kind = FunKind::Builtin(builtin.name);
            T::Function(Rc::new(Fun::new(kind, m, letters(params), letters(returns))))
        }
        Shape::Super | Shape::This => return None,
    })
}

fn letters(list: &str) -> Vec<T> {
    list.chars()
        .map(|c| match c {
            'b' => T::Bool,
            's' => T::string_memory(),
            'm' => T::bytes_memory(),
            'w' => T::FixedBytes(32),
            'h' => T::FixedBytes(20),
            '8' => T::Int { signed: false, bits: 8 },
            'a' => T::Address { payable: false },
            'p' => T::Address { payable: true },
            'e' => T::Error,
            _ => T::UINT,
        })
        .collect()
}
