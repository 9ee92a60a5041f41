//! Is the high-level IR: resolved and typed, with every implicit conversion made explicit, inheritance
//! linearised, overloads chosen and literals evaluated. Names are gone: things are ids into [`Hir`].
//!
//! Guarantees to the lowering (a violation is a bug of the front end, not of the user):
//! - operands of a binary operator have one common type, which is the operator's operand type; the shift
//!   amount and the exponent keep their own unsigned type;
//! - the right side of an assignment, arguments, returned values and initialisers have exactly the type of
//!   their target up to data location; a change of type is a [`ExprKind::Convert`], a change of location
//!   from storage or calldata to memory too;
//! - number literals are already converted: [`ExprKind::Number`] holds the 256-bit two's complement of a
//!   value that fits its type;
//! - a program with any error never reaches the lowering.

pub mod yul;

use crate::source::Span;
use alloy_primitives::U256;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// Returns the index into the table of [`Hir`] (or of the function, for locals).
            pub fn index(self) -> usize { self.0 as usize }
        }
    )* };
}
ids! {
    /// Names a contract, interface or library.
    ContractId
    /// Names a function of any kind, free functions, constructors and synthesised ones included.
    FunctionId
    /// Names a modifier.
    ModifierId
    /// Names a state variable or a file-level constant.
    VarId
    /// Names a struct.
    StructId
    /// Names an enum.
    EnumId
    /// Names a user-defined value type.
    UdvtId
    /// Names an event.
    EventId
    /// Names a custom error.
    ErrorId
    /// Names a local variable, parameter or return variable of one function or modifier.
    LocalId
}

/// Holds every definition of a compilation.
#[derive(Debug, Clone, Default)]
pub struct Hir {
    /// Contracts, interfaces and libraries.
    pub contracts: Vec<Contract>,
    /// Functions of every contract, and free functions.
    pub functions: Vec<Function>,
    /// Modifiers.
    pub modifiers: Vec<Modifier>,
    /// State variables and file-level constants.
    pub vars: Vec<Var>,
    /// Structs.
    pub structs: Vec<Struct>,
    /// Enums.
    pub enums: Vec<Enum>,
    /// User-defined value types.
    pub udvts: Vec<Udvt>,
    /// Events.
    pub events: Vec<Event>,
    /// Custom errors.
    pub errors: Vec<ErrorDef>,
    /// The first use of a fixed-point type, for which no code is made.
    pub fixed_point: Option<Span>,
}

/// Says what kind of contract a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContractKind {
    /// A contract that can be deployed.
    #[default]
    Contract,
    /// An abstract contract.
    Abstract,
    /// An interface.
    Interface,
    /// A library.
    Library,
}

/// Describes a contract, interface or library.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Its name.
    pub name: String,
    /// Its file, as imported.
    pub file: String,
    /// The place of its name.
    pub span: Span,
    /// What kind it is.
    pub kind: ContractKind,
    /// Itself and its bases, most derived first (C3).
    pub linearisation: Vec<ContractId>,
    /// Its own constructor.
    pub constructor: Option<FunctionId>,
    /// Constructor arguments given to bases in this contract's own inheritance list or constructor header.
    pub base_args: Vec<(ContractId, Vec<Expr>)>,
    /// Its own functions, in source order, without the constructor; receive and fallback included.
    pub functions: Vec<FunctionId>,
    /// Its own modifiers.
    pub modifiers: Vec<ModifierId>,
    /// Its own state variables, in source order, constants and immutables included.
    pub vars: Vec<VarId>,
    /// Its own and inherited events, for the ABI.
    pub events: Vec<EventId>,
    /// Its own and inherited errors, for the ABI; lowering adds those that the code reverts with.
    pub errors: Vec<ErrorId>,
    /// External interface of the most derived contract: selector, function (overrides resolved) or getter.
    /// Sorted by selector.
    pub interface: Vec<(Selector, InterfaceEntry)>,
    /// The receive function in force.
    pub receive: Option<FunctionId>,
    /// The fallback function in force.
    pub fallback: Option<FunctionId>,
    /// First storage slot (`layout at`), 0 by default.
    pub layout_base: U256,
    /// Functions to call at the end of construction, after all constructor bodies (trigger registrations of
    /// description sections), in order.
    pub post_construction: Vec<FunctionId>,
    /// Description sections' records, for the artifact.
    pub descriptions: Vec<DescriptionRecord>,
    /// Contracts that this one creates with `new` or mentions with `type(C).creationCode` and `runtimeCode`.
    pub creates: Vec<ContractId>,
    /// The text of its documentation comment.
    pub doc: String,
}

/// Is the first four bytes of the hash of a signature.
pub type Selector = [u8; 4];

/// Says what answers a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceEntry {
    /// A public or external function.
    Function(FunctionId),
    /// The getter of a public state variable.
    Getter(VarId),
}

/// Summarises one trigger of a description section for the artifact and the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescriptionRecord {
    /// The description's name.
    pub description: String,
    /// The trigger's kind: `at`, `every`, `cron`, `event`, `call`, `nested`.
    pub kind: String,
    /// The handler as written.
    pub handler: String,
    /// The trigger's source text.
    pub text: String,
    /// The selector that the scheduler calls; none for `on call`.
    pub selector: Option<Selector>,
    /// Gas bought for each firing.
    pub gas: u64,
    /// Escrow in wei from the description's policy.
    pub escrow: U256,
    /// Where it stands.
    pub span: Span,
}

/// Says what kind of function a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    /// A named function of a contract or library.
    Function,
    /// A function outside contracts.
    Free,
    /// A constructor.
    Constructor,
    /// `receive()`.
    Receive,
    /// `fallback`, with or without data parameters.
    Fallback,
}

/// Says who may call a function or read a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Visibility {
    External,
    Public,
    Internal,
    Private,
}

/// Says what a function may do to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Mutability {
    Pure,
    View,
    NonPayable,
    Payable,
}

/// Describes a function. Its `body` is absent for abstract and interface functions.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name; empty for constructor, receive and fallback.
    pub name: String,
    /// The contract that defines it.
    pub contract: Option<ContractId>,
    /// What kind it is.
    pub kind: FunctionKind,
    /// Who may call it.
    pub visibility: Visibility,
    /// What it may do to state.
    pub mutability: Mutability,
    /// True when derived contracts may override it (interface functions too).
    pub is_virtual: bool,
    /// Parameters, in order; their types are in `locals`.
    pub params: Vec<LocalId>,
    /// Return variables, named or not, in order.
    pub returns: Vec<LocalId>,
    /// Every local: parameters, returns, then variables of the body.
    pub locals: Vec<Local>,
    /// Modifier invocations in order, base constructor calls left out (see [`Contract::base_args`]).
    pub modifiers: Vec<ModifierCall>,
    /// The body.
    pub body: Option<Block>,
    /// The selector, for public and external functions of contracts and libraries.
    pub selector: Option<Selector>,
    /// The canonical signature, for example `f(uint256,(bool,address)[])`.
    pub signature: String,
    /// Functions of bases that this one overrides directly (transitive closure not needed).
    pub overrides: Vec<FunctionId>,
    /// The text of its documentation comment.
    pub doc: String,
    /// The base whose documentation it takes over (`@inheritdoc`).
    pub inherits_doc: Option<ContractId>,
    /// The place of its name.
    pub span: Span,
}

/// Describes a local variable.
#[derive(Debug, Clone)]
pub struct Local {
    /// Its name; may be empty.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// Where it is declared.
    pub span: Span,
}

/// Describes a modifier.
#[derive(Debug, Clone)]
pub struct Modifier {
    /// Its name.
    pub name: String,
    /// The contract that defines it.
    pub contract: ContractId,
    /// True when derived contracts may override it.
    pub is_virtual: bool,
    /// Parameters.
    pub params: Vec<LocalId>,
    /// Every local of the modifier.
    pub locals: Vec<Local>,
    /// The body with [`StmtKind::Placeholder`] for `_`.
    pub body: Option<Block>,
    /// Modifiers of bases that this one overrides directly.
    pub overrides: Vec<ModifierId>,
    /// The place of its name.
    pub span: Span,
}

/// Invokes a modifier in a function header. Arguments are evaluated in the scope of the function.
#[derive(Debug, Clone)]
pub struct ModifierCall {
    /// The modifier as named; resolved along the most derived contract's linearisation unless `exact`.
    pub modifier: ModifierId,
    /// True when named as `Base.m`: no virtual look-up.
    pub exact: bool,
    /// Arguments, converted to the parameters' types.
    pub args: Vec<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// Says how a state variable may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VarKind {
    /// In storage.
    Storage,
    /// In transient storage (EIP-1153).
    Transient,
    /// A compile-time expression, inlined where used.
    Constant,
    /// Written during construction, part of the runtime code.
    Immutable,
}

/// Describes a state variable or file-level constant.
#[derive(Debug, Clone)]
pub struct Var {
    /// Its name.
    pub name: String,
    /// The contract that defines it; none for file-level constants.
    pub contract: Option<ContractId>,
    /// Its type (storage location for reference types, except constants: memory).
    pub ty: Ty,
    /// Where it lives.
    pub kind: VarKind,
    /// Who may read it; public ones have a getter.
    pub visibility: Visibility,
    /// Its initialiser, converted to `ty`.
    pub init: Option<Expr>,
    /// Names of the keys of its mappings, outermost first, then of the innermost value; empty where there is none.
    pub key_names: Vec<String>,
    /// The getter's selector, for public variables.
    pub selector: Option<Selector>,
    /// Functions of bases that its getter overrides.
    pub overrides: Vec<FunctionId>,
    /// The text of its documentation comment.
    pub doc: String,
    /// The base whose documentation it takes over (`@inheritdoc`).
    pub inherits_doc: Option<ContractId>,
    /// The place of its name.
    pub span: Span,
}

/// Describes a struct. Field types carry the location [`Loc::Storage`]; use [`Ty::with_loc`].
#[derive(Debug, Clone)]
pub struct Struct {
    /// Its name, qualified by its contract, for example `C.S`.
    pub name: String,
    /// Field names and types.
    pub fields: Vec<(String, Ty)>,
    /// The place of its name.
    pub span: Span,
}

/// Describes an enum.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name, qualified by its contract.
    pub name: String,
    /// Its members in order, at most 256.
    pub members: Vec<String>,
    /// The place of its name.
    pub span: Span,
}

/// Describes a user-defined value type.
#[derive(Debug, Clone)]
pub struct Udvt {
    /// Its name, qualified by its contract.
    pub name: String,
    /// The elementary type below.
    pub underlying: Ty,
    /// The place of its name.
    pub span: Span,
}

/// Describes an event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// The canonical signature.
    pub signature: String,
    /// Parameters: name, type (memory location), indexed.
    pub params: Vec<(String, Ty, bool)>,
    /// True when no topic 0 is emitted.
    pub anonymous: bool,
    /// The text of its documentation comment.
    pub doc: String,
    /// The place of its name.
    pub span: Span,
}

/// Describes a custom error.
#[derive(Debug, Clone)]
pub struct ErrorDef {
    /// Its name.
    pub name: String,
    /// The canonical signature.
    pub signature: String,
    /// Its selector.
    pub selector: Selector,
    /// Parameters: name, type (memory location).
    pub params: Vec<(String, Ty)>,
    /// The text of its documentation comment.
    pub doc: String,
    /// The place of its name.
    pub span: Span,
}

/// Says where a value of reference type lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Loc {
    Storage,
    Transient,
    Memory,
    Calldata,
}

/// Is a type. Elements of arrays and mappings' values carry the location of their container.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ty {
    /// `bool`.
    Bool,
    /// `uintN` and `intN`.
    Int {
        /// True for `intN`.
        signed: bool,
        /// 8, 16, ..., 256.
        bits: u16,
    },
    /// `fixedMxN` and `ufixedMxN`: checked, but never part of a program that is lowered.
    Fixed {
        /// True for `fixedMxN`.
        signed: bool,
        /// 8, 16, ..., 256.
        bits: u16,
        /// Digits behind the point, 80 at most.
        decimals: u8,
    },
    /// `address` and `address payable`.
    Address {
        /// True for `address payable`.
        payable: bool,
    },
    /// `bytes1` to `bytes32`, left-aligned in the word.
    FixedBytes(u8),
    /// `bytes`.
    Bytes(Loc),
    /// `string`.
    String(Loc),
    /// `T[]` and `T[n]`.
    Array {
        /// Element type.
        elem: Box<Ty>,
        /// The length of a static array.
        len: Option<U256>,
        /// Where it lives.
        loc: Loc,
    },
    /// `mapping(K => V)`, storage only.
    Mapping {
        /// Key type; strings and bytes as memory.
        key: Box<Ty>,
        /// Value type.
        value: Box<Ty>,
    },
    /// A struct.
    Struct(StructId, Loc),
    /// An enum.
    Enum(EnumId),
    /// A user-defined value type.
    Udvt(UdvtId),
    /// A contract or interface.
    Contract(ContractId),
    /// A function type.
    Function(Box<FnTy>),
    /// Several values or none; expressions only.
    Tuple(Vec<Ty>),
}

/// Is a function type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FnTy {
    /// Parameter types (external: memory location).
    pub params: Vec<Ty>,
    /// Return types.
    pub returns: Vec<Ty>,
    /// What it may do.
    pub mutability: Mutability,
    /// True for `external`: a value is address (20 bytes) and selector (4 bytes), carried as two words
    /// (address, selector) by the lowering.
    pub external: bool,
}

impl Ty {
    /// Is the type `uint256`.
    pub const UINT: Self = Self::Int { signed: false, bits: 256 };

    /// Returns the unit type, that of a call without results.
    pub fn unit() -> Self {
        Self::Tuple(Vec::new())
    }

    /// Returns the data location of a reference type.
    pub fn loc(&self) -> Option<Loc> {
        match self {
            Self::Bytes(loc) | Self::String(loc) | Self::Struct(_, loc) | Self::Array { loc, .. } => {
                Some(*loc)
            }
            Self::Mapping { .. } => Some(Loc::Storage),
            _ => None,
        }
    }

    /// Returns the same type at another data location, through arrays to their elements.
    pub fn with_loc(&self, loc: Loc) -> Self {
        match self {
            Self::Bytes(_) => Self::Bytes(loc),
            Self::String(_) => Self::String(loc),
            Self::Struct(id, _) => Self::Struct(*id, loc),
            Self::Array { elem, len, .. } => {
                Self::Array { elem: Box::new(elem.with_loc(loc)), len: *len, loc }
            }
            other => other.clone(),
        }
    }

    /// Is true for types held in one word by value.
    pub fn is_value(&self) -> bool {
        match self {
            Self::Function(f) => !f.external,
            Self::Tuple(_) => false,
            other => other.loc().is_none(),
        }
    }
}

/// Is a sequence of statements with one scope.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Statements in order.
    pub stmts: Vec<Stmt>,
    /// True inside `unchecked { ... }`.
    pub unchecked: bool,
}

/// Is a statement.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// Where it stands.
    pub span: Span,
}

/// Says what a statement does.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// A nested block.
    Block(Block),
    /// Evaluates an expression for its effects.
    Expr(Expr),
    /// Declares variables: one entry per component, `None` where a tuple leaves it out. Without initialiser
    /// each gets its zero value (memory references: a fresh zero object).
    Let {
        /// Declared locals.
        vars: Vec<Option<LocalId>>,
        /// The initialiser; of tuple type when `vars` has several entries.
        init: Option<Expr>,
    },
    /// `if`.
    If {
        /// Condition.
        cond: Expr,
        /// Taken when true.
        then: Box<Stmt>,
        /// Taken when false.
        otherwise: Option<Box<Stmt>>,
    },
    /// `while`.
    While {
        /// Condition.
        cond: Expr,
        /// Body.
        body: Box<Stmt>,
    },
    /// `do ... while`.
    DoWhile {
        /// Body.
        body: Box<Stmt>,
        /// Condition.
        cond: Expr,
    },
    /// `for`; its initialiser is in the same scope.
    For {
        /// Initialiser.
        init: Option<Box<Stmt>>,
        /// Condition; absent means true.
        cond: Option<Expr>,
        /// Step.
        step: Option<Expr>,
        /// Body.
        body: Box<Stmt>,
    },
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `return`: absent, or the values, one per return variable (a single expression of tuple type when a call
    /// returns them all).
    Return(Option<Expr>),
    /// `emit`.
    Emit {
        /// The event.
        event: EventId,
        /// Arguments in declaration order, converted.
        args: Vec<Expr>,
    },
    /// `revert E(...)`.
    RevertError {
        /// The error.
        error: ErrorId,
        /// Arguments in declaration order, converted.
        args: Vec<Expr>,
    },
    /// `_;` in a modifier.
    Placeholder,
    /// `assembly { ... }`.
    Assembly(yul::Assembly),
    /// `try call returns (...) { } catch ... { }`.
    Try {
        /// An external call or a creation.
        call: Expr,
        /// Locals that receive the results.
        returns: Vec<LocalId>,
        /// The success block.
        success: Block,
        /// The catch clauses.
        catches: Vec<Catch>,
    },
}

/// Is a catch clause.
#[derive(Debug, Clone)]
pub struct Catch {
    /// Which failures it takes.
    pub kind: CatchKind,
    /// The local that receives the reason, code or data.
    pub param: Option<LocalId>,
    /// Its block.
    pub body: Block,
}

/// Says which failures a catch clause takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CatchKind {
    Error,
    Panic,
    Any,
}

/// Is an expression with its type.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Ty,
    /// Where it stands.
    pub span: Span,
}

/// Says what an expression computes. Places (things that can be assigned) are `Local`, `StateVar`, `Index`,
/// `Field` and `Tuple` of places.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A truth value.
    Bool(bool),
    /// A number, enum member or address: the word, two's complement. For fixed bytes, left-aligned.
    Number(U256),
    /// A string or bytes literal of memory type, or an argument of hashing and packing builtins.
    Literal(Vec<u8>),
    /// A local variable.
    Local(LocalId),
    /// A state variable, constant or immutable, by its definition.
    StateVar(VarId),
    /// An element: mapping, array, `bytes` or fixed bytes. Index is `uint256`, or the mapping's key type.
    Index {
        /// What is indexed.
        base: Box<Expr>,
        /// The index.
        index: Box<Expr>,
    },
    /// A slice of a calldata array, `bytes` or `string`.
    Slice {
        /// What is sliced.
        base: Box<Expr>,
        /// First element, 0 by default.
        start: Option<Box<Expr>>,
        /// One past the last element, length by default.
        end: Option<Box<Expr>>,
    },
    /// A field of a struct.
    Field {
        /// The struct value or place.
        base: Box<Expr>,
        /// Index of the field.
        field: u32,
    },
    /// `.length` of an array or `bytes` (fixed bytes and static arrays are already numbers).
    Length(Box<Expr>),
    /// An operator with one operand.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand, of the expression's type.
        expr: Box<Expr>,
        /// True outside `unchecked`.
        checked: bool,
    },
    /// An operator with two operands (see the module's guarantees). Comparisons have type bool.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        lhs: Box<Expr>,
        /// Right operand.
        rhs: Box<Expr>,
        /// True outside `unchecked`.
        checked: bool,
    },
    /// `a && b`, evaluated lazily.
    And(Box<Expr>, Box<Expr>),
    /// `a || b`, evaluated lazily.
    Or(Box<Expr>, Box<Expr>),
    /// `c ? a : b`.
    Conditional {
        /// Condition.
        cond: Box<Expr>,
        /// Value when true, of the expression's type.
        then: Box<Expr>,
        /// Value when false, of the expression's type.
        otherwise: Box<Expr>,
    },
    /// `place = value`; evaluates the value first, then the place; copies between locations by the types (memory to
    /// storage copies deeply, storage pointer locals and memory references alias). The result is the place.
    Assign {
        /// The place; for a tuple, components may be absent.
        place: Box<Expr>,
        /// The value.
        value: Box<Expr>,
    },
    /// `place op= value`; the value is converted to the place's type (shift and exponent: own type).
    AssignOp {
        /// The operator.
        op: BinaryOp,
        /// The place.
        place: Box<Expr>,
        /// The value.
        value: Box<Expr>,
        /// True outside `unchecked`.
        checked: bool,
    },
    /// `++` and `--`.
    IncDec {
        /// The place.
        place: Box<Expr>,
        /// True for `++`.
        increment: bool,
        /// True when the result is the new value.
        prefix: bool,
        /// True outside `unchecked`.
        checked: bool,
    },
    /// `delete place`.
    Delete(Box<Expr>),
    /// `(a, , b)`: components may be absent on the left of an assignment only. An expression `(a)` is just `a`.
    Tuple(Vec<Option<Expr>>),
    /// `[a, b, c]` in memory; elements have the element type.
    ArrayLiteral(Vec<Expr>),
    /// Converts to the expression's type, explicitly or implicitly, by Solidity's rules; also between data
    /// locations, contract and address, enum and integer, UDVT wrap and unwrap, bytes and string.
    Convert(Box<Expr>),
    /// Builds a struct in memory; arguments in field order, converted.
    NewStruct {
        /// The struct.
        id: StructId,
        /// One argument per field.
        args: Vec<Expr>,
    },
    /// `new T[](n)`, `new bytes(n)`, `new string(n)`: zeroed memory.
    NewArray(Box<Expr>),
    /// `new C{value, salt}(args)`.
    NewContract {
        /// The contract.
        contract: ContractId,
        /// Call options.
        options: CallOptions,
        /// Constructor arguments.
        args: Vec<Expr>,
    },
    /// A named argument or call option that is not written at its declared place: arguments stand in the order of the
    /// parameters and are evaluated in the order of `position`. Either all of a list are of this kind or none is.
    Written {
        /// Its place among the arguments as written.
        position: u32,
        /// The argument.
        value: Box<Expr>,
    },
    /// Calls a function by its definition.
    InternalCall {
        /// Which function.
        callee: Callee,
        /// Arguments, converted; for a bound function (`using for`) the receiver comes first.
        args: Vec<Expr>,
    },
    /// Calls a value of internal function type.
    PointerCall {
        /// The pointer.
        callee: Box<Expr>,
        /// Arguments.
        args: Vec<Expr>,
    },
    /// Calls another contract (or this one through `this`): a value of external function type.
    ExternalCall {
        /// The callee, of external function type.
        callee: Box<Expr>,
        /// Call options.
        options: CallOptions,
        /// Arguments, converted to the parameter types (memory or calldata or storage for library pointers).
        args: Vec<Expr>,
        /// True for public and external library functions, reached by DELEGATECALL.
        delegate: bool,
    },
    /// A function used as an internal pointer.
    FunctionPointer(Callee),
    /// `address.f` used as a value of external function type; `base` is of address type.
    ExternalFunction {
        /// The contract's address.
        base: Box<Expr>,
        /// The selector.
        selector: Selector,
    },
    /// `f.selector` or `f.address` of an external function value.
    ExternalPart {
        /// The external function value.
        base: Box<Expr>,
        /// True for `.selector` (bytes4), false for `.address`.
        selector: bool,
    },
    /// The address at which a library with external functions is linked.
    LibraryAddress(ContractId),
    /// A builtin function or global.
    Builtin {
        /// Which one.
        builtin: Builtin,
        /// Arguments in order, converted where the builtin has parameter types.
        args: Vec<Expr>,
    },
    /// `addr.call{...}(data)`, `delegatecall`, `staticcall`: result is (bool, bytes memory).
    LowLevelCall {
        /// Which kind.
        kind: LowLevelKind,
        /// The address.
        address: Box<Expr>,
        /// The call data, bytes in memory or calldata.
        data: Box<Expr>,
        /// Call options.
        options: CallOptions,
    },
}

/// Says which function a call by definition reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Callee {
    /// Exactly this one: free and library functions, private ones, `Base.f`.
    Exact(FunctionId),
    /// The override in force in the most derived contract.
    Virtual(FunctionId),
    /// `super.f` written in `from`: the next after `from` in the most derived contract's linearisation.
    Super {
        /// The contract that says `super`.
        from: ContractId,
        /// The function that `super` showed when `from` was checked.
        function: FunctionId,
    },
}

/// Holds the options of an external call.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// `{gas: ...}`.
    pub gas: Option<Box<Expr>>,
    /// `{value: ...}`.
    pub value: Option<Box<Expr>>,
    /// `{salt: ...}`.
    pub salt: Option<Box<Expr>>,
}

/// Says which low-level call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LowLevelKind {
    Call,
    DelegateCall,
    StaticCall,
}

/// Names an operator with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `~`
    BitNot,
    /// `-`
    Neg,
}

/// Names an operator with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Exp,
    Shl,
    Shr,
    BitAnd,
    BitOr,
    BitXor,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Names a builtin function or global of Solidity.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Builtin {
    // block, msg, tx
    BlockNumber,
    BlockTimestamp,
    BlockCoinbase,
    BlockChainId,
    BlockBaseFee,
    BlockBlobBaseFee,
    BlockPrevRandao,
    BlockGasLimit,
    BlockHash,
    BlobHash,
    GasLeft,
    MsgSender,
    MsgValue,
    MsgData,
    MsgSig,
    TxOrigin,
    TxGasPrice,
    /// `this`, of contract type.
    This,
    // address members
    AddressBalance,
    AddressCode,
    AddressCodeHash,
    /// (address, amount): reverts on failure.
    AddressTransfer,
    /// (address, amount) -> bool.
    AddressSend,
    // hashing and arithmetic
    Keccak256,
    Sha256,
    Ripemd160,
    /// (string): the first slot of a namespace by ERC-7201.
    Erc7201,
    EcRecover,
    AddMod,
    MulMod,
    // control
    /// (cond).
    Assert,
    /// (cond).
    Require,
    /// (cond, string memory or literal).
    RequireMessage,
    /// (cond, error args...): evaluates the arguments only as solc does (before the check), reverts with the error.
    RequireError(ErrorId),
    /// ().
    Revert,
    /// (string).
    RevertMessage,
    /// (address payable).
    SelfDestruct,
    // arrays
    /// (array place) -> new element place; or (array place, value) -> ().
    ArrayPush,
    /// (array place).
    ArrayPop,
    /// `bytes.concat(...)`.
    BytesConcat,
    /// `string.concat(...)`.
    StringConcat,
    // abi
    AbiEncode,
    AbiEncodePacked,
    /// (bytes4, args...).
    AbiEncodeWithSelector,
    /// (string signature, args...); the signature may be dynamic.
    AbiEncodeWithSignature,
    /// (external function value, args...), args converted.
    AbiEncodeCall,
    /// (bytes); the result types are the expression's type (a tuple, or one type).
    AbiDecode,
    // type(X)
    /// `type(C).creationCode`.
    CreationCode(ContractId),
    /// `type(C).runtimeCode`.
    RuntimeCode(ContractId),
    /// A chain-specific read whose opcode takes no operand and gives one word, by EVM byte.
    Word(u8),
}
