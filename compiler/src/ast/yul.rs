//! Is the syntax tree of inline assembly.
#![allow(missing_docs)]

use super::{Ident, NodeId, Span};

#[derive(Debug, Clone)]
pub struct Assembly {
    /// `"evmasm"` where written.
    pub dialect: Option<Vec<u8>>,
    /// `("memory-safe")` and other flags.
    pub flags: Vec<Vec<u8>>,
    pub body: YulBlock,
}

#[derive(Debug, Clone)]
pub struct YulBlock {
    pub stmts: Vec<YulStmt>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct YulStmt {
    pub kind: YulStmtKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum YulStmtKind {
    Block(YulBlock),
    Function {
        name: Ident,
        params: Vec<Ident>,
        returns: Vec<Ident>,
        body: YulBlock,
    },
    Let {
        names: Vec<Ident>,
        value: Option<YulExpr>,
    },
    Assign {
        targets: Vec<YulPath>,
        value: YulExpr,
    },
    If {
        cond: YulExpr,
        body: YulBlock,
    },
    Switch {
        value: YulExpr,
        cases: Vec<YulCase>,
        default: Option<YulBlock>,
    },
    For {
        init: YulBlock,
        cond: YulExpr,
        post: YulBlock,
        body: YulBlock,
    },
    Break,
    Continue,
    Leave,
    Expr(YulExpr),
    /// Stands where no statement could be parsed; already reported.
    Error,
}

#[derive(Debug, Clone)]
pub struct YulCase {
    pub value: YulLiteral,
    pub body: YulBlock,
    pub span: Span,
}

/// Is `x` or `x.slot`.
#[derive(Debug, Clone)]
pub struct YulPath {
    pub segments: Vec<Ident>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct YulExpr {
    pub id: NodeId,
    pub kind: YulExprKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum YulExprKind {
    Path(YulPath),
    Literal(YulLiteral),
    Call {
        name: Ident,
        args: Vec<YulExpr>,
    },
    /// Stands where no expression could be parsed; already reported.
    Error,
}

#[derive(Debug, Clone)]
pub struct YulLiteral {
    pub kind: YulLiteralKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum YulLiteralKind {
    /// Digits as written.
    Number(super::Name),
    HexNumber(super::Name),
    Bool(bool),
    Str(Vec<u8>),
    HexStr(Vec<u8>),
}

/// Is an object of standalone Yul: code with the objects and the data that it may refer to.
#[derive(Debug, Clone)]
pub struct YulObject {
    pub name: String,
    pub name_span: Span,
    pub code: YulBlock,
    pub objects: Vec<YulObject>,
    pub data: Vec<YulData>,
    pub span: Span,
}

/// Is a named piece of data.
#[derive(Debug, Clone)]
pub struct YulData {
    pub name: String,
    pub name_span: Span,
    pub bytes: Vec<u8>,
}
