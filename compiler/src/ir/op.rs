//! Is the one table of the IR's operations: mnemonic, byte, operands, results and effects.

use super::effect::{Effects, Spaces};
use super::id::{FuncId, ImmutableId, LibraryId, SymbolId, VerbatimId};
use fusor_vm::opcode::{self, Effect};

/// Names an operation. Operands are in the EVM's order, top of stack first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// An instruction of the EVM.
    Evm(Evm),
    /// An instruction of Fusor's extension, by its byte in [`fusor_vm::opcode::TABLE`].
    Ext(u8),
    /// Calls an internal function with its parameters as operands.
    Call(FuncId),
    /// Calls the internal function whose address is the first operand; the number of results is fixed by
    /// the results of the instruction.
    CallIndirect,
    /// Returns the address of an internal function; never 0, and valid in this module only.
    FuncAddr(FuncId),
    /// Returns the offset of a data segment or of another module's code within the running code.
    DataOffset(SymbolId),
    /// Returns the length in bytes of a data segment or of another module's code.
    DataSize(SymbolId),
    /// Returns the value of an immutable (runtime code only).
    LoadImmutable(ImmutableId),
    /// Writes an immutable's value (second operand) into the runtime code that was copied to memory at the
    /// first operand (creation code only).
    SetImmutable(ImmutableId),
    /// Returns the address of a library, filled in by the linker.
    LinkerSymbol(LibraryId),
    /// Runs raw code that takes the operands from the stack and leaves the results; anything may happen in it.
    Verbatim(VerbatimId),
    /// Returns the first byte of memory that the program may allocate: 0x80 plus the spill frames.
    MemStart,
}

/// Describes an operation of the EVM.
#[derive(Debug, Clone, Copy)]
pub struct EvmInfo {
    /// The instruction.
    pub op: Evm,
    /// The byte in bytecode.
    pub byte: u8,
    /// The mnemonic, as in Yul.
    pub name: &'static str,
    /// The number of operands.
    pub inputs: u8,
    /// The number of results.
    pub outputs: u8,
    /// What the instruction reads and writes.
    pub effects: Effects,
}

const fn spaces(letters: &str) -> Spaces {
    let bytes = letters.as_bytes();
    let mut set = Spaces::NONE;
    let mut rest: &[u8] = bytes;
    while let [letter, tail @ ..] = rest {
        set = set.union(match letter {
            b's' => Spaces::STORAGE,
            b't' => Spaces::TRANSIENT,
            b'm' => Spaces::MEMORY,
            b'r' => Spaces::RETURNDATA,
            b'w' => Spaces::WORLD,
            b'c' => Spaces::CONTROL,
            _ => Spaces::ALL,
        });
        rest = tail;
    }
    set
}

macro_rules! evm {
    ($($byte:literal $variant:ident $name:literal $in:literal $out:literal $reads:literal $writes:literal;)*) => {
        /// Names an instruction of the EVM that an IR instruction can be.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Evm { $(#[doc = $name] $variant = $byte,)* }
        /// Lists every instruction of the EVM that the IR knows.
        pub const EVM: &[EvmInfo] = &[$(EvmInfo {
            op: Evm::$variant, byte: $byte, name: $name, inputs: $in, outputs: $out,
            effects: Effects::new(spaces($reads), spaces($writes)),
        },)*];
        impl Evm {
            /// Describes the instruction.
            pub const fn info(self) -> EvmInfo {
                match self { $(Evm::$variant => EvmInfo {
                    op: Evm::$variant, byte: $byte, name: $name, inputs: $in, outputs: $out,
                    effects: Effects::new(spaces($reads), spaces($writes)),
                },)* }
            }
        }
    };
}

// byte, variant, mnemonic, operands, results, reads, writes
// (s storage, t transient, m memory, r return data, w world, c control)
evm! {
    0x01 Add "add" 2 1 "" "";
    0x02 Mul "mul" 2 1 "" "";
    0x03 Sub "sub" 2 1 "" "";
    0x04 Div "div" 2 1 "" "";
    0x05 Sdiv "sdiv" 2 1 "" "";
    0x06 Mod "mod" 2 1 "" "";
    0x07 Smod "smod" 2 1 "" "";
    0x08 Addmod "addmod" 3 1 "" "";
    0x09 Mulmod "mulmod" 3 1 "" "";
    0x0a Exp "exp" 2 1 "" "";
    0x0b Signextend "signextend" 2 1 "" "";
    0x10 Lt "lt" 2 1 "" "";
    0x11 Gt "gt" 2 1 "" "";
    0x12 Slt "slt" 2 1 "" "";
    0x13 Sgt "sgt" 2 1 "" "";
    0x14 Eq "eq" 2 1 "" "";
    0x15 Iszero "iszero" 1 1 "" "";
    0x16 And "and" 2 1 "" "";
    0x17 Or "or" 2 1 "" "";
    0x18 Xor "xor" 2 1 "" "";
    0x19 Not "not" 1 1 "" "";
    0x1a Byte "byte" 2 1 "" "";
    0x1b Shl "shl" 2 1 "" "";
    0x1c Shr "shr" 2 1 "" "";
    0x1d Sar "sar" 2 1 "" "";
    0x1e Clz "clz" 1 1 "" "";
    0x20 Keccak256 "keccak256" 2 1 "m" "";
    0x30 Address "address" 0 1 "" "";
    0x31 Balance "balance" 1 1 "w" "";
    0x32 Origin "origin" 0 1 "" "";
    0x33 Caller "caller" 0 1 "" "";
    0x34 Callvalue "callvalue" 0 1 "" "";
    0x35 Calldataload "calldataload" 1 1 "" "";
    0x36 Calldatasize "calldatasize" 0 1 "" "";
    0x37 Calldatacopy "calldatacopy" 3 0 "" "m";
    0x38 Codesize "codesize" 0 1 "" "";
    0x39 Codecopy "codecopy" 3 0 "" "m";
    0x3a Gasprice "gasprice" 0 1 "" "";
    0x3b Extcodesize "extcodesize" 1 1 "w" "";
    0x3c Extcodecopy "extcodecopy" 4 0 "w" "m";
    0x3d Returndatasize "returndatasize" 0 1 "r" "";
    0x3e Returndatacopy "returndatacopy" 3 0 "r" "mc";
    0x3f Extcodehash "extcodehash" 1 1 "w" "";
    0x40 Blockhash "blockhash" 1 1 "" "";
    0x41 Coinbase "coinbase" 0 1 "" "";
    0x42 Timestamp "timestamp" 0 1 "" "";
    0x43 Number "number" 0 1 "" "";
    0x44 Prevrandao "prevrandao" 0 1 "" "";
    0x45 Gaslimit "gaslimit" 0 1 "" "";
    0x46 Chainid "chainid" 0 1 "" "";
    0x47 Selfbalance "selfbalance" 0 1 "w" "";
    0x48 Basefee "basefee" 0 1 "" "";
    0x49 Blobhash "blobhash" 1 1 "" "";
    0x4a Blobbasefee "blobbasefee" 0 1 "" "";
    0x51 Mload "mload" 1 1 "m" "";
    0x52 Mstore "mstore" 2 0 "" "m";
    0x53 Mstore8 "mstore8" 2 0 "" "m";
    0x54 Sload "sload" 1 1 "s" "";
    0x55 Sstore "sstore" 2 0 "" "s";
    0x59 Msize "msize" 0 1 "m" "m";
    0x5a Gas "gas" 0 1 "w" "w";
    0x5c Tload "tload" 1 1 "t" "";
    0x5d Tstore "tstore" 2 0 "" "t";
    0x5e Mcopy "mcopy" 3 0 "m" "m";
    0xa0 Log0 "log0" 2 0 "m" "w";
    0xa1 Log1 "log1" 3 0 "m" "w";
    0xa2 Log2 "log2" 4 0 "m" "w";
    0xa3 Log3 "log3" 5 0 "m" "w";
    0xa4 Log4 "log4" 6 0 "m" "w";
    0xf0 Create "create" 3 1 "*" "strwc";
    0xf1 Call "call" 7 1 "*" "*";
    0xf2 Callcode "callcode" 7 1 "*" "*";
    0xf4 Delegatecall "delegatecall" 6 1 "*" "*";
    0xf5 Create2 "create2" 4 1 "*" "strwc";
    0xfa Staticcall "staticcall" 6 1 "*" "mr";
}

impl Evm {
    /// Finds an instruction by its mnemonic.
    pub fn by_name(name: &str) -> Option<Self> {
        EVM.iter().find(|info| info.name == name).map(|info| info.op)
    }
    /// Is true when the two operands may change places.
    pub const fn is_commutative(self) -> bool {
        matches!(self, Self::Add | Self::Mul | Self::Eq | Self::And | Self::Or | Self::Xor)
    }
    /// Returns the operation that gives the same result with its two operands exchanged.
    pub const fn exchanged(self) -> Option<Self> {
        match self {
            Self::Lt => Some(Self::Gt),
            Self::Gt => Some(Self::Lt),
            Self::Slt => Some(Self::Sgt),
            Self::Sgt => Some(Self::Slt),
            op if op.is_commutative() => Some(op),
            _ => None,
        }
    }
    /// Is true for reads of the frame's environment that cost 2 gas and never change while it runs.
    pub const fn is_cheap_constant(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::Origin
                | Self::Caller
                | Self::Callvalue
                | Self::Calldatasize
                | Self::Codesize
                | Self::Gasprice
                | Self::Coinbase
                | Self::Timestamp
                | Self::Number
                | Self::Prevrandao
                | Self::Gaslimit
                | Self::Chainid
                | Self::Basefee
                | Self::Blobbasefee
        )
    }
}

/// Returns what an operation of the extension reads and writes. Misuse halts, so all of them write control.
fn ext_effects(byte: u8) -> Effects {
    match opcode::by_byte(byte).map(|op| op.effect) {
        Some(Effect::Read) => Effects::new(Spaces::WORLD, Spaces::CONTROL),
        Some(Effect::Write) => Effects::new(Spaces::WORLD | Spaces::MEMORY, Spaces::WORLD | Spaces::CONTROL),
        Some(Effect::Call) | None => Effects::ANY,
    }
}

impl Op {
    /// Returns what the operation reads and writes. An internal call counts as anything; see
    /// [`crate::opt`] for summaries of functions.
    pub fn effects(self) -> Effects {
        match self {
            Self::Evm(op) => op.info().effects,
            Self::Ext(byte) => ext_effects(byte),
            Self::Call(_) | Self::CallIndirect | Self::Verbatim(_) => Effects::ANY,
            Self::SetImmutable(_) => Effects::new(Spaces::NONE, Spaces::MEMORY),
            Self::FuncAddr(_)
            | Self::DataOffset(_)
            | Self::DataSize(_)
            | Self::LoadImmutable(_)
            | Self::LinkerSymbol(_)
            | Self::MemStart => Effects::PURE,
        }
    }
    /// Returns the number of operands and results where the operation fixes them; internal calls do not.
    pub fn arity(self) -> Option<(usize, usize)> {
        match self {
            Self::Evm(op) => {
                let info = op.info();
                Some((info.inputs as usize, info.outputs as usize))
            }
            Self::Ext(byte) => opcode::by_byte(byte).map(|op| (op.inputs.len(), op.outputs.len())),
            Self::Call(_) | Self::CallIndirect | Self::Verbatim(_) => None,
            Self::SetImmutable(_) => Some((2, 0)),
            Self::FuncAddr(_)
            | Self::DataOffset(_)
            | Self::DataSize(_)
            | Self::LoadImmutable(_)
            | Self::LinkerSymbol(_)
            | Self::MemStart => Some((0, 1)),
        }
    }
    /// Finds an EVM or extension operation by its Yul name.
    pub fn by_name(name: &str) -> Option<Self> {
        Evm::by_name(name).map(Self::Evm).or_else(|| opcode::by_name(name).map(|op| Self::Ext(op.byte)))
    }
}

impl From<Evm> for Op {
    fn from(op: Evm) -> Self {
        Self::Evm(op)
    }
}
