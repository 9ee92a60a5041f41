//! Is the syntax tree: what the text says, nothing resolved. Every node carries its span; expressions,
//! statements and declarations carry an id that is unique within their file.
#![allow(missing_docs)]

pub mod yul;

use crate::source::{FileId, Span};
use std::sync::Arc;

/// Is an identifier's text, shared.
pub type Name = Arc<str>;

/// Names a node within its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// Is a name with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    pub name: Name,
    pub span: Span,
}

/// Is a dotted name such as `A.B`; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<Ident>,
    pub span: Span,
}

/// Is a whole file.
#[derive(Debug, Clone)]
pub struct SourceUnit {
    pub file: FileId,
    pub items: Vec<Item>,
    /// One more than the largest [`NodeId`] of the file.
    pub node_count: u32,
}

#[derive(Debug, Clone)]
pub enum Item {
    Pragma(Pragma),
    Import(Import),
    Contract(Arc<Contract>),
    Struct(Arc<Struct>),
    Enum(Arc<Enum>),
    Udvt(Arc<Udvt>),
    Event(Arc<Event>),
    Error(Arc<ErrorDef>),
    Function(Arc<Function>),
    Variable(Arc<Variable>),
    Using(Arc<Using>),
}

impl Item {
    pub fn span(&self) -> Span {
        match self {
            Item::Pragma(x) => x.span,
            Item::Import(x) => x.span,
            Item::Contract(x) => x.span,
            Item::Struct(x) => x.span,
            Item::Enum(x) => x.span,
            Item::Udvt(x) => x.span,
            Item::Event(x) => x.span,
            Item::Error(x) => x.span,
            Item::Function(x) => x.span,
            Item::Variable(x) => x.span,
            Item::Using(x) => x.span,
        }
    }
}

/// Is `pragma name value;` with the value as written.
#[derive(Debug, Clone)]
pub struct Pragma {
    pub name: Name,
    pub value: String,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Import {
    /// The path, unescaped.
    pub path: String,
    pub path_span: Span,
    pub kind: ImportKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum ImportKind {
    /// `import "p";`
    All,
    /// `import "p" as m;` or `import * as m from "p";`
    Module(Ident),
    /// `import {a, b as c} from "p";`
    Names(Vec<(Ident, Option<Ident>)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContractKind {
    Contract,
    Interface,
    Library,
}

#[derive(Debug, Clone)]
pub struct Contract {
    pub id: NodeId,
    pub kind: ContractKind,
    pub is_abstract: bool,
    pub name: Ident,
    pub bases: Vec<Base>,
    /// `layout at expr`.
    pub layout: Option<Expr>,
    pub members: Vec<Member>,
    pub doc: Option<Doc>,
    pub span: Span,
}

/// Is a base of a contract, or a use of a modifier or base constructor on a function.
#[derive(Debug, Clone)]
pub struct Base {
    pub path: Path,
    pub args: Option<Args>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Member {
    Struct(Arc<Struct>),
    Enum(Arc<Enum>),
    Udvt(Arc<Udvt>),
    Event(Arc<Event>),
    Error(Arc<ErrorDef>),
    Function(Arc<Function>),
    Modifier(Arc<Modifier>),
    Variable(Arc<Variable>),
    Using(Arc<Using>),
}

/// Is a NatSpec comment with its markers.
#[derive(Debug, Clone)]
pub struct Doc {
    pub spans: Vec<Span>,
}

#[derive(Debug, Clone)]
pub struct Struct {
    pub id: NodeId,
    pub name: Ident,
    pub fields: Vec<Param>,
    pub doc: Option<Doc>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Enum {
    pub id: NodeId,
    pub name: Ident,
    pub values: Vec<Ident>,
    pub doc: Option<Doc>,
    pub span: Span,
}

/// Is `type Name is underlying;`.
#[derive(Debug, Clone)]
pub struct Udvt {
    pub id: NodeId,
    pub name: Ident,
    pub underlying: Type,
    pub doc: Option<Doc>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Event {
    pub id: NodeId,
    pub name: Ident,
    pub params: Vec<Param>,
    pub anonymous: bool,
    pub doc: Option<Doc>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct ErrorDef {
    pub id: NodeId,
    pub name: Ident,
    pub params: Vec<Param>,
    pub doc: Option<Doc>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    Function,
    Constructor,
    Receive,
    Fallback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Visibility {
    External,
    Public,
    Internal,
    Private,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mutability {
    Pure,
    View,
    NonPayable,
    Payable,
}

#[derive(Debug, Clone)]
pub struct Function {
    pub id: NodeId,
    pub kind: FunctionKind,
    /// Absent for constructor, receive and fallback.
    pub name: Option<Ident>,
    pub params: Vec<Param>,
    pub returns: Vec<Param>,
    pub visibility: Option<(Visibility, Span)>,
    pub mutability: Option<(Mutability, Span)>,
    pub is_virtual: Option<Span>,
    pub overrides: Option<Override>,
    pub modifiers: Vec<Base>,
    pub body: Option<Block>,
    pub doc: Option<Doc>,
    /// From the keyword to the end of the return parameters.
    pub header: Span,
    /// The parameters with their parentheses.
    pub params_span: Span,
    /// The results with their parentheses; without them the empty place where they would stand.
    pub returns_span: Span,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Override {
    pub paths: Vec<Path>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Modifier {
    pub id: NodeId,
    pub name: Ident,
    pub params: Vec<Param>,
    pub is_virtual: Option<Span>,
    pub overrides: Option<Override>,
    pub body: Option<Block>,
    pub doc: Option<Doc>,
    pub span: Span,
}

/// Is a state variable or a file-level constant.
#[derive(Debug, Clone)]
pub struct Variable {
    pub id: NodeId,
    pub ty: Type,
    pub name: Ident,
    pub visibility: Option<(Visibility, Span)>,
    pub constant: Option<Span>,
    pub immutable: Option<Span>,
    pub transient: Option<Span>,
    pub overrides: Option<Override>,
    pub value: Option<Expr>,
    pub doc: Option<Doc>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Using {
    pub functions: UsingFunctions,
    /// Absent for `*`.
    pub target: Option<Type>,
    pub global: Option<Span>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum UsingFunctions {
    Library(Path),
    List(Vec<(Path, Option<(Operator, Span)>)>),
}

/// Is an operator that `using {f as op}` can define.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    Binary(BinaryOp),
    /// `~`; unary minus shares [`BinaryOp::Sub`] and is told apart by the parameters.
    BitNot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    Storage,
    Memory,
    Calldata,
}

/// Is a parameter, a return value, a struct field, an event or error parameter, or a declared local.
#[derive(Debug, Clone)]
pub struct Param {
    pub id: NodeId,
    pub ty: Type,
    pub location: Option<(Location, Span)>,
    pub indexed: bool,
    pub name: Option<Ident>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Type {
    pub kind: TypeKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum TypeKind {
    Bool,
    Address {
        payable: bool,
    },
    String,
    Bytes,
    /// `uintN`.
    Uint(u16),
    /// `intN`.
    Int(u16),
    /// `bytesN`.
    FixedBytes(u8),
    /// `fixedMxN` and `ufixedMxN`: they can be named and checked, but no compiler makes code for them.
    Fixed {
        signed: bool,
        bits: u16,
        decimals: u8,
    },
    Path(Path),
    Array(Box<Type>, Option<Box<Expr>>),
    Mapping {
        key: Box<Type>,
        key_name: Option<Ident>,
        value: Box<Type>,
        value_name: Option<Ident>,
    },
    Function(Box<FunctionType>),
    /// Stands where no type could be parsed; already reported.
    Error,
}

#[derive(Debug, Clone)]
pub struct FunctionType {
    pub params: Vec<Param>,
    pub returns: Vec<Param>,
    pub visibility: Option<(Visibility, Span)>,
    pub mutability: Option<(Mutability, Span)>,
}

#[derive(Debug, Clone)]
pub struct Block {
    pub stmts: Vec<Stmt>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Stmt {
    pub id: NodeId,
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum StmtKind {
    Block(Block),
    Unchecked(Block),
    If {
        cond: Expr,
        then: Box<Stmt>,
        otherwise: Option<Box<Stmt>>,
    },
    While {
        cond: Expr,
        body: Box<Stmt>,
    },
    DoWhile {
        body: Box<Stmt>,
        cond: Expr,
    },
    For {
        init: Option<Box<Stmt>>,
        cond: Option<Expr>,
        post: Option<Box<Expr>>,
        body: Box<Stmt>,
    },
    Continue,
    Break,
    Return(Option<Expr>),
    Expr(Expr),
    /// `T x = e;` or `(T x, , U y) = e;`; `tuple` tells them apart.
    Declare {
        vars: Vec<Option<Param>>,
        tuple: bool,
        value: Option<Expr>,
    },
    Emit {
        path: Path,
        args: Args,
    },
    Revert {
        path: Path,
        args: Args,
    },
    Try(Box<Try>),
    Assembly(Box<yul::Assembly>),
    /// `_;`
    Placeholder,
    /// Stands where no statement could be parsed; already reported.
    Error,
}

#[derive(Debug, Clone)]
pub struct Try {
    pub call: Expr,
    pub returns: Vec<Param>,
    /// The word `returns`, or what stands in its place.
    pub returns_span: Span,
    pub body: Block,
    pub catches: Vec<Catch>,
}

#[derive(Debug, Clone)]
pub struct Catch {
    /// `Error`, `Panic` or nothing.
    pub name: Option<Ident>,
    pub params: Vec<Param>,
    pub body: Block,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub id: NodeId,
    pub kind: ExprKind,
    pub span: Span,
    /// The number of levels below and including this node; bounded by the parser.
    pub height: u16,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    Ident(Name),
    Literal(Literal),
    /// A type in an expression: `uint256`, `address`, `bytes`.
    Type(Type),
    /// `(a, , b)`; one component without a comma is a parenthesis.
    Tuple(Vec<Option<Expr>>),
    /// `[a, b]`.
    Array(Vec<Expr>),
    Member {
        base: Box<Expr>,
        name: Ident,
    },
    /// `a[i]`; `a[]` names an array type.
    Index {
        base: Box<Expr>,
        index: Option<Box<Expr>>,
    },
    Slice {
        base: Box<Expr>,
        start: Option<Box<Expr>>,
        end: Option<Box<Expr>>,
    },
    Call {
        callee: Box<Expr>,
        args: Args,
    },
    /// `f{value: 1}`.
    Options {
        callee: Box<Expr>,
        options: Vec<(Ident, Expr)>,
    },
    New(Type),
    /// `type(T)`.
    TypeOf(Type),
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
        op_span: Span,
    },
    /// `a = b`, or `a op= b`.
    Assign {
        op: Option<BinaryOp>,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Ternary {
        cond: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// Stands where no expression could be parsed; already reported.
    Error,
}

#[derive(Debug, Clone)]
pub struct Args {
    pub kind: ArgsKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum ArgsKind {
    Positional(Vec<Expr>),
    Named(Vec<(Ident, Expr)>),
}

impl Args {
    pub fn len(&self) -> usize {
        match &self.kind {
            ArgsKind::Positional(list) => list.len(),
            ArgsKind::Named(list) => list.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    Bool(bool),
    /// Digits as written, underscores included, and the unit.
    Number {
        text: Name,
        unit: Option<Unit>,
    },
    HexNumber {
        text: Name,
        unit: Option<Unit>,
    },
    /// The bytes after escapes; adjacent literals are joined.
    Str(Vec<u8>),
    HexStr(Vec<u8>),
    UnicodeStr(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Wei,
    Gwei,
    Ether,
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Years,
    /// Hundredths of a percent; descriptions only.
    BasisPoints,
    /// Hundredths; descriptions only.
    Percent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Not,
    BitNot,
    Neg,
    Delete,
    PreInc,
    PreDec,
    PostInc,
    PostDec,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Exp,
    Shl,
    Shr,
    /// `>>>`, which Solidity parses and refuses.
    Sar,
    BitAnd,
    BitOr,
    BitXor,
    And,
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl BinaryOp {
    pub fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Exp => "**",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::Sar => ">>>",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::And => "&&",
            Self::Or => "||",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}
