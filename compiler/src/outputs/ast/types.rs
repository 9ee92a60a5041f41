//! Models solc's types as its syntax trees show them, and spells them.

use super::declare::{DeclId, Kind, World};
use alloy_primitives::{U256, hex, keccak256};
use num_rational::BigRational;
use num_traits::{One, Signed};
use std::fmt::Write;
use std::rc::Rc;

/// Says where a value of reference type lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loc {
    Storage,
    Transient,
    Memory,
    Calldata,
}

/// Says what an array is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Ordinary,
    Bytes,
    String,
}

/// Is a type. `ptr` of storage types tells a local pointer from the thing in storage itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum T {
    Bool,
    Int {
        signed: bool,
        bits: u16,
    },
    Address {
        payable: bool,
    },
    FixedBytes(u8),
    /// A number that is known: its value and, for hex literals, how many bytes they spell.
    Rational(Rc<BigRational>, Option<usize>),
    Text(Rc<Vec<u8>>),
    Array(Rc<Array>),
    /// A range of an array.
    Slice(Rc<Array>),
    Mapping(Rc<(T, T)>),
    Struct(DeclId, Loc, bool),
    Enum(DeclId),
    Udvt(DeclId),
    Contract(DeclId),
    /// What `super` names the type of.
    Super(DeclId),
    Function(Rc<Fun>),
    Tuple(Vec<Option<T>>),
    /// The type of a type's name.
    Type(Rc<T>),
    Module(u32),
    Magic(Magic),
    Modifier(Rc<Vec<T>>),
    /// What an error's construction gives.
    Error,
}

/// Describes an array, `bytes` or `string`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub shape: Shape,
    pub elem: T,
    pub len: Option<U256>,
    pub loc: Loc,
    pub ptr: bool,
}

/// Names the objects that the language itself declares.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Magic {
    Block,
    Message,
    Transaction,
    Abi,
    Meta(Rc<T>),
}

/// Says what calling a function does, in solc's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunKind {
    Internal,
    External,
    DelegateCall,
    Declaration,
    Event,
    Error,
    Creation,
    ObjectCreation,
    BareCall,
    BareCallCode,
    BareDelegateCall,
    BareStaticCall,
    ArrayPush,
    ArrayPop,
    MetaType,
    Wrap,
    Unwrap,
    /// A global function, by the name that its identifier has.
    Builtin(&'static str),
}

/// Says what a function may do to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mut {
    Pure,
    View,
    NonPayable,
    Payable,
}

impl Mut {
    /// Spells it as solc does.
    pub(super) fn text(self) -> &'static str {
        match self {
            Mut::Pure => "pure",
            Mut::View => "view",
            Mut::NonPayable => "nonpayable",
            Mut::Payable => "payable",
        }
    }
}

/// Describes a function type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fun {
    pub kind: FunKind,
    pub mutability: Mut,
    /// Every parameter, that of the receiver of an attached function included.
    pub params: Vec<T>,
    pub names: Vec<Rc<str>>,
    pub returns: Vec<T>,
    pub attached: bool,
    /// True when any arguments are taken.
    pub arbitrary: bool,
    pub gas: bool,
    pub value: bool,
    pub salt: bool,
    pub decl: Option<DeclId>,
}

impl Fun {
    /// Makes a function type that nothing in the sources declares.
    pub(super) fn new(kind: FunKind, mutability: Mut, params: Vec<T>, returns: Vec<T>) -> Self {
        let names = Vec::new();
        Self {
            kind,
            mutability,
            params,
            names,
            returns,
            attached: false,
            arbitrary: false,
            gas: false,
            value: false,
            salt: false,
            decl: None,
        }
    }

    /// Returns what is written between the parentheses of a call.
    pub(super) fn written_params(&self) -> &[T] {
        self.params.get(usize::from(self.attached)..).unwrap_or_default()
    }

    /// Is true when calls with known arguments are known.
    pub(super) fn is_pure(&self) -> bool {
        match self.kind {
            FunKind::ObjectCreation | FunKind::MetaType | FunKind::Wrap | FunKind::Unwrap => true,
            FunKind::Builtin(name) => PURE.contains(&name),
            _ => false,
        }
    }

    fn kind_name(&self) -> &str {
        match self.kind {
            FunKind::Internal => "internal",
            FunKind::External => "external",
            FunKind::DelegateCall => "delegatecall",
            FunKind::Declaration => "declaration",
            FunKind::Event => "event",
            FunKind::Error => "error",
            FunKind::Creation => "creation",
            FunKind::ObjectCreation => "objectcreation",
            FunKind::BareCall => "barecall",
            FunKind::BareCallCode => "barecallcode",
            FunKind::BareDelegateCall => "baredelegatecall",
            FunKind::BareStaticCall => "barestaticcall",
            FunKind::ArrayPush => "arraypush",
            FunKind::ArrayPop => "arraypop",
            FunKind::MetaType => "metatype",
            FunKind::Wrap => "wrap",
            FunKind::Unwrap => "unwrap",
            FunKind::Builtin(name) => name,
        }
    }
}

const PURE: [&str; 15] = [
    "keccak256",
    "ecrecover",
    "sha256",
    "ripemd160",
    "addmod",
    "mulmod",
    "abiencode",
    "abiencodepacked",
    "abiencodewithselector",
    "abiencodecall",
    "abiencodewithsignature",
    "abidecode",
    "bytesconcat",
    "stringconcat",
    "erc7201",
];

impl T {
    pub(super) const UINT: T = T::Int { signed: false, bits: 256 };

    /// Returns the type of no value.
    pub(super) fn unit() -> T {
        T::Tuple(Vec::new())
    }

    /// Returns `bytes` or `string` in a location, as a pointer.
    pub(super) fn text(shape: Shape, loc: Loc, ptr: bool) -> T {
        T::Array(Rc::new(Array { shape, elem: T::FixedBytes(1), len: None, loc, ptr }))
    }

    pub(super) fn bytes_memory() -> T {
        T::text(Shape::Bytes, Loc::Memory, true)
    }

    pub(super) fn string_memory() -> T {
        T::text(Shape::String, Loc::Memory, true)
    }

    /// Returns an array of `elem`, which takes the array's location.
    pub(super) fn array(elem: &T, len: Option<U256>, loc: Loc, ptr: bool) -> T {
        let elem = elem.inside(loc);
        T::Array(Rc::new(Array { shape: Shape::Ordinary, elem, len, loc, ptr }))
    }

    /// Returns the type as a part of something in `loc`.
    pub(super) fn inside(&self, loc: Loc) -> T {
        self.with_loc(loc, loc != Loc::Storage && loc != Loc::Transient)
    }

    /// Returns the type of the same thing elsewhere; types of values stay.
    pub(super) fn with_loc(&self, loc: Loc, ptr: bool) -> T {
        match self {
            T::Array(a) if a.shape == Shape::Ordinary => T::array(&a.elem, a.len, loc, ptr),
            T::Array(a) => T::text(a.shape, loc, ptr),
            T::Struct(id, ..) => T::Struct(*id, loc, ptr),
            other => other.clone(),
        }
    }

    /// Returns the location of a reference type.
    pub(super) fn loc(&self) -> Option<Loc> {
        match self {
            T::Array(a) | T::Slice(a) => Some(a.loc),
            T::Struct(_, loc, _) => Some(*loc),
            _ => None,
        }
    }

    /// Returns a whole number's type.
    pub(super) fn rational(value: BigRational) -> T {
        T::Rational(Rc::new(value), None)
    }
}

impl World<'_> {
    /// Spells a type as `typeIdentifier` does.
    pub(super) fn identifier(&self, ty: &T) -> String {
        let mut rich = String::new();
        self.rich(ty, &mut rich);
        escape(&rich)
    }

    fn rich(&self, ty: &T, out: &mut String) {
        let _ = match ty {
            T::Bool => write!(out, "t_bool"),
            T::Int { signed, bits } => write!(out, "t_{}int{bits}", if *signed { "" } else { "u" }),
            T::Address { payable } => write!(out, "t_address{}", if *payable { "_payable" } else { "" }),
            T::FixedBytes(n) => write!(out, "t_bytes{n}"),
            T::Rational(value, _) => rational_identifier(value, out),
            T::Text(bytes) => write!(out, "t_stringliteral_{}", hex::encode(keccak256(&**bytes))),
            T::Array(a) => return self.rich_array(a, out),
            T::Slice(a) => {
                self.rich_array(a, out);
                write!(out, "_slice")
            }
            T::Mapping(pair) => {
                out.push_str("t_mapping");
                return self.rich_list([Some(&pair.0), Some(&pair.1)].into_iter(), out);
            }
            T::Struct(id, loc, ptr) => {
                let _ = self.rich_decl("struct", *id, out);
                write!(out, "_{}", loc_identifier(*loc, *ptr))
            }
            T::Enum(id) => self.rich_decl("enum", *id, out),
            T::Udvt(id) => self.rich_decl("userDefinedValueType", *id, out),
            T::Contract(id) => self.rich_decl("contract", *id, out),
            T::Super(id) => self.rich_decl("super", *id, out),
            T::Function(f) => return self.rich_function(f, out),
            T::Tuple(list) => {
                out.push_str("t_tuple");
                return self.rich_list(list.iter().map(Option::as_ref), out);
            }
            T::Type(inner) => {
                out.push_str("t_type");
                return self.rich_list(std::iter::once(Some(&**inner)), out);
            }
            T::Module(file) => write!(out, "t_module_{}", self.unit_id(*file)),
            T::Magic(magic) => return self.rich_magic(magic, out),
            T::Modifier(list) => {
                out.push_str("t_modifier");
                return self.rich_list(list.iter().map(Some), out);
            }
            T::Error => write!(out, "t_error"),
        };
    }

    fn rich_decl(&self, what: &str, id: DeclId, out: &mut String) -> std::fmt::Result {
        write!(out, "t_{what}({}){}", self.name(id), self.json_id(id))
    }

    fn rich_list<'t>(&self, list: impl Iterator<Item = Option<&'t T>>, out: &mut String) {
        out.push('(');
        for (i, ty) in list.enumerate() {
            if i > 0 {
                out.push(',');
            }
            if let Some(ty) = ty {
                self.rich(ty, out);
            }
        }
        out.push(')');
    }

    fn rich_array(&self, a: &Array, out: &mut String) {
        match a.shape {
            Shape::Bytes => out.push_str("t_bytes"),
            Shape::String => out.push_str("t_string"),
            Shape::Ordinary => {
                out.push_str("t_array(");
                self.rich(&a.elem, out);
                out.push(')');
                out.push_str(&a.len.map_or_else(|| "dyn".into(), |n| n.to_string()));
            }
        }
        out.push('_');
        out.push_str(&loc_identifier(a.loc, a.ptr));
    }

    fn rich_function(&self, f: &Fun, out: &mut String) {
        let _ = write!(out, "t_function_{}_{}", f.kind_name(), f.mutability.text());
        self.rich_list(f.params.iter().map(Some), out);
        out.push_str("returns");
        self.rich_list(f.returns.iter().map(Some), out);
        for (set, word) in [(f.gas, "gas"), (f.value, "value"), (f.salt, "salt")] {
            if set {
                out.push_str(word);
            }
        }
        if f.attached {
            out.push_str("attached_to");
            self.rich_list(f.params.first().into_iter().map(Some), out);
        }
    }

    fn rich_magic(&self, magic: &Magic, out: &mut String) {
        match magic {
            Magic::Block => out.push_str("t_magic_block"),
            Magic::Message => out.push_str("t_magic_message"),
            Magic::Transaction => out.push_str("t_magic_transaction"),
            Magic::Abi => out.push_str("t_magic_abi"),
            Magic::Meta(ty) => {
                out.push_str("t_magic_meta_type_");
                self.rich(ty, out);
            }
        }
    }

    /// Spells a type as `typeString` does; `bare` leaves out data locations.
    pub(super) fn spell(&self, ty: &T, bare: bool) -> String {
        match ty {
            T::Bool => "bool".into(),
            T::Int { signed, bits } => format!("{}int{bits}", if *signed { "" } else { "u" }),
            T::Address { payable } => if *payable { "address payable" } else { "address" }.into(),
            T::FixedBytes(n) => format!("bytes{n}"),
            T::Rational(value, _) => spell_rational(value),
            T::Text(bytes) => spell_text(bytes),
            T::Array(a) => self.spell_array(a, bare),
            T::Slice(a) => format!("{} slice", self.spell_array(a, bare)),
            T::Mapping(pair) => {
                format!("mapping({} => {})", self.spell(&pair.0, bare), self.spell(&pair.1, bare))
            }
            T::Struct(id, loc, ptr) => {
                format!("struct {}{}", self.canonical(*id), spell_loc(*loc, *ptr, bare))
            }
            T::Enum(id) => format!("enum {}", self.canonical(*id)),
            T::Udvt(id) => self.canonical(*id),
            T::Contract(id) => self.spell_contract(*id),
            T::Super(id) => format!("contract super {}", self.name(*id)),
            T::Function(f) => self.spell_function(f, bare),
            T::Tuple(list) => format!("tuple({})", self.spell_list(list.iter().map(Option::as_ref), bare)),
            T::Type(inner) => format!("type({})", self.spell(inner, bare)),
            T::Module(file) => format!("module \"{}\"", self.file_name(*file)),
            T::Magic(Magic::Block) => "block".into(),
            T::Magic(Magic::Message) => "msg".into(),
            T::Magic(Magic::Transaction) => "tx".into(),
            T::Magic(Magic::Abi) => "abi".into(),
            T::Magic(Magic::Meta(ty)) => format!("type({})", self.spell(ty, bare)),
            T::Modifier(list) => format!("modifier ({})", self.spell_list(list.iter().map(Some), bare)),
            T::Error => "error".into(),
        }
    }

    fn spell_contract(&self, id: DeclId) -> String {
        let word = if self.is_library(id) { "library" } else { "contract" };
        format!("{word} {}", self.name(id))
    }

    fn spell_list<'t>(&self, list: impl Iterator<Item = Option<&'t T>>, bare: bool) -> String {
        let parts: Vec<String> = list.map(|t| t.map_or(String::new(), |t| self.spell(t, bare))).collect();
        parts.join(",")
    }

    fn spell_array(&self, a: &Array, bare: bool) -> String {
        let place = spell_loc(a.loc, a.ptr, bare);
        match a.shape {
            Shape::Bytes => format!("bytes{place}"),
            Shape::String => format!("string{place}"),
            Shape::Ordinary => {
                let len = a.len.map_or(String::new(), |n| n.to_string());
                format!("{}[{len}]{place}", self.spell(&a.elem, bare))
            }
        }
    }

    fn spell_function(&self, f: &Fun, bare: bool) -> String {
        let mut out = String::from("function ");
        if f.kind == FunKind::Declaration
            && let Some(id) = f.decl
        {
            if let Some(owner) = self.owner(id) {
                out.push_str(&self.canonical(owner));
                out.push('.');
            }
            out.push_str(self.name(id));
        }
        let _ = write!(out, "({})", self.spell_list(f.params.iter().map(Some), bare));
        if f.mutability != Mut::NonPayable {
            let _ = write!(out, " {}", f.mutability.text());
        }
        if f.kind == FunKind::External {
            out.push_str(" external");
        }
        if !f.returns.is_empty() {
            let _ = write!(out, " returns ({})", self.spell_list(f.returns.iter().map(Some), bare));
        }
        out
    }

    /// Returns the name of a declaration with that of its contract.
    pub(super) fn canonical(&self, id: DeclId) -> String {
        match self.owner(id) {
            Some(owner) if !matches!(self.kind(id), Some(Kind::Contract(_))) => {
                format!("{}.{}", self.name(owner), self.name(id))
            }
            _ => self.name(id).to_owned(),
        }
    }
}

fn escape(rich: &str) -> String {
    let mut out = String::with_capacity(rich.len() + 8);
    for c in rich.chars() {
        match c {
            '$' => out.push_str("$$$"),
            ',' => out.push_str("_$_"),
            '(' => out.push_str("$_"),
            ')' => out.push_str("_$"),
            c => out.push(c),
        }
    }
    out
}

fn loc_identifier(loc: Loc, ptr: bool) -> String {
    let name = match loc {
        Loc::Storage => "storage",
        Loc::Transient => "transient",
        Loc::Memory => "memory",
        Loc::Calldata => "calldata",
    };
    format!("{name}{}", if ptr { "_ptr" } else { "" })
}

fn spell_loc(loc: Loc, ptr: bool, bare: bool) -> &'static str {
    match (loc, ptr) {
        _ if bare => "",
        (Loc::Storage, false) => " storage ref",
        (Loc::Storage, true) => " storage pointer",
        (Loc::Transient, false) => " transient ref",
        (Loc::Transient, true) => " transient pointer",
        (Loc::Memory, _) => " memory",
        (Loc::Calldata, _) => " calldata",
    }
}

fn rational_identifier(value: &BigRational, out: &mut String) -> std::fmt::Result {
    let sign = if value.is_negative() { "minus_" } else { "" };
    write!(out, "t_rational_{sign}{}_by_{}", value.numer().magnitude(), value.denom())
}

fn spell_rational(value: &BigRational) -> String {
    if value.denom().is_one() {
        return format!("int_const {}", shorten(&value.numer().to_string()));
    }
    format!(
        "rational_const {} / {}",
        shorten(&value.numer().to_string()),
        shorten(&value.denom().to_string())
    )
}

/// Leaves out the middle of long numbers.
fn shorten(digits: &str) -> String {
    let len = digits.len();
    match (digits.get(..4), digits.get(len.saturating_sub(4)..)) {
        (Some(head), Some(tail)) if len > 32 => format!("{head}...({} digits omitted)...{tail}", len - 8),
        _ => digits.to_owned(),
    }
}

fn spell_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.iter().all(|b| (0x20..0x7f).contains(b)) => format!("literal_string \"{text}\""),
        _ => format!("literal_string hex\"{}\"", hex::encode(bytes)),
    }
}
