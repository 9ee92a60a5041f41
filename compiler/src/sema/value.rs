//! Describes what an expression turned out to be: a typed value, a literal, a type, a set of functions, ...

use super::rational::Rational;
use crate::hir::*;
use crate::source::{FileId, Span};

/// Is a checked expression.
#[derive(Debug, Clone)]
pub(crate) struct Val {
    pub(crate) kind: ValKind,
    pub(crate) span: Span,
}

/// Says what a checked expression is.
#[derive(Debug, Clone)]
pub(crate) enum ValKind {
    /// A value with its type.
    Expr(Expr),
    /// A number literal, exact.
    Number(Rational),
    /// A string, hex or unicode literal.
    Text(Vec<u8>),
    /// The name of a type, contract or library.
    Type(Ty),
    Module(FileId),
    Super,
    Magic(Magic),
    /// `type(T)`.
    Meta(Ty),
    /// One function or an overloaded name.
    Functions(Vec<Candidate>),
    Events(Vec<EventId>),
    Error(ErrorId),
    /// A builtin function, with the value it is a member of.
    Builtin(Fun, Option<Box<Expr>>),
    Tuple(Vec<Option<Val>>),
    /// `f{value: 1}`.
    Options(Box<Val>, CallOptions),
    /// `new T`.
    New(Ty),
}

/// Is a global with members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Magic {
    Block,
    Msg,
    Tx,
    Abi,
}

/// Is a builtin function by name; its arguments are checked one by one in `builtin.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fun {
    Plain(Builtin),
    Require,
    Revert,
    AbiDecode,
    AbiEncodeCall,
    LowLevel(LowLevelKind),
    Push,
    Wrap(UdvtId),
    Unwrap(UdvtId),
}

/// Is one function that a name may mean.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) reach: Reach,
    pub(crate) params: Vec<Ty>,
    pub(crate) names: Vec<String>,
    pub(crate) returns: Vec<Ty>,
    pub(crate) mutability: Mutability,
    /// The receiver of a function attached by `using`.
    pub(crate) bound: Option<Box<Expr>>,
    /// The definition; none for getters.
    pub(crate) function: Option<FunctionId>,
}

/// Says how a function is reached.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    Internal(Callee),
    /// On another contract's address.
    External(Box<Expr>, Selector),
    /// A public library function, by DELEGATECALL.
    Library(ContractId, Selector),
    /// `C.f` of a contract that is not a base: only its selector can be used.
    Declared(Selector),
    /// `C.f` of a base where `f` has no body.
    Unimplemented,
}

impl Val {
    pub(crate) fn expr(expr: Expr) -> Self {
        Self { span: expr.span, kind: ValKind::Expr(expr) }
    }

    /// Returns the type, when it is a typed value.
    pub(crate) fn ty(&self) -> Option<&Ty> {
        match &self.kind {
            ValKind::Expr(e) => Some(&e.ty),
            _ => None,
        }
    }
}

/// Makes an expression.
pub(crate) fn expr(kind: ExprKind, ty: Ty, span: Span) -> Expr {
    Expr { kind, ty, span }
}
