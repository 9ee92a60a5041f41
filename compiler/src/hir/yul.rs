//! Is inline assembly after name resolution.

use super::{LocalId, VarId};
use crate::source::Span;
use alloy_primitives::U256;

/// Is an `assembly { ... }` block. Variables are numbered within the whole block, functions too.
#[derive(Debug, Clone)]
pub struct Assembly {
    /// The statements.
    pub body: Vec<YulStmt>,
    /// Functions defined anywhere in the block (scopes are resolved, names are gone).
    pub functions: Vec<YulFunction>,
    /// How many variables the block declares, function parameters and results included.
    pub var_count: u32,
    /// True with the flag or comment "memory-safe".
    pub memory_safe: bool,
}

/// Numbers a variable of one assembly block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct YulVar(pub u32);

/// Is a function of an assembly block.
#[derive(Debug, Clone)]
pub struct YulFunction {
    /// Its name, for diagnostics and listings.
    pub name: String,
    /// Parameters.
    pub params: Vec<YulVar>,
    /// Results.
    pub returns: Vec<YulVar>,
    /// Body.
    pub body: Vec<YulStmt>,
    /// Where it stands.
    pub span: Span,
}

/// Is a statement of assembly.
#[derive(Debug, Clone)]
pub struct YulStmt {
    /// What it does.
    pub kind: YulStmtKind,
    /// Where it stands.
    pub span: Span,
}

/// Says what a statement of assembly does.
#[derive(Debug, Clone)]
pub enum YulStmtKind {
    /// A block.
    Block(Vec<YulStmt>),
    /// `let a, b := e`; zero without initialiser.
    Let(Vec<YulVar>, Option<YulExpr>),
    /// `a, b := e`.
    Assign(Vec<YulPlace>, YulExpr),
    /// A call for its effects.
    Expr(YulExpr),
    /// `if`.
    If(YulExpr, Vec<YulStmt>),
    /// `switch`; cases with their literal, and the default.
    Switch(YulExpr, Vec<(U256, Vec<YulStmt>)>, Option<Vec<YulStmt>>),
    /// `for`.
    For {
        /// Initialiser.
        init: Vec<YulStmt>,
        /// Condition.
        cond: YulExpr,
        /// Step.
        step: Vec<YulStmt>,
        /// Body.
        body: Vec<YulStmt>,
    },
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `leave`.
    Leave,
}

/// Is something that assembly can assign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum YulPlace {
    /// A variable of the block.
    Var(YulVar),
    /// A Solidity local: its word (value types, memory references, storage pointers' `.slot`).
    Local(LocalId),
    /// `x.slot` of a storage pointer local, `x.offset`, `x.length` of a calldata array, `f.selector`, `f.address`.
    LocalPart(LocalId, YulPart),
}

/// Names a part of a Solidity variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum YulPart {
    Slot,
    Offset,
    Length,
    Selector,
    Address,
}

/// Is an expression of assembly.
#[derive(Debug, Clone)]
pub struct YulExpr {
    /// What it computes.
    pub kind: YulExprKind,
    /// Where it stands.
    pub span: Span,
}

/// Says what an expression of assembly computes.
#[derive(Debug, Clone)]
pub enum YulExprKind {
    /// A literal as a word (strings left-aligned).
    Literal(U256),
    /// A variable or Solidity local.
    Place(YulPlace),
    /// `x.slot` or `x.offset` of a state variable.
    StatePart(VarId, YulPart),
    /// A constant of value type, as a word.
    Constant(VarId),
    /// A builtin by its Yul name (EVM opcode in lower case, an extension opcode, or an object builtin such as
    /// `datasize`, `linkersymbol`, `memoryguard`, `verbatim_*` with `name` as its literal argument).
    Builtin {
        /// The Yul name.
        name: String,
        /// A literal argument of object builtins.
        literal: Option<String>,
        /// Arguments, in source order.
        args: Vec<YulExpr>,
    },
    /// A call of function number `.0` of the block.
    Call(u32, Vec<YulExpr>),
}

/// Is an object of standalone Yul.
#[derive(Debug, Clone)]
pub struct Object {
    /// The names of the objects around it and its own, joined by dots.
    pub path: String,
    /// Its own name.
    pub name: String,
    /// Its code; it refers to no Solidity variable.
    pub code: Assembly,
    /// The objects in it.
    pub objects: Vec<Object>,
    /// Named data.
    pub data: Vec<(String, Vec<u8>)>,
    /// Its place.
    pub span: Span,
}

impl Object {
    /// Returns the object that the code deploys: the one named so, or the only one there is.
    pub fn deployed(&self) -> Option<&Self> {
        let name = format!("{}_deployed", self.name);
        let named = self.objects.iter().find(|o| o.name == name);
        named.or(match self.objects.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }
}
