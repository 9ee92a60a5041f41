//! Is the one table of the extension's opcodes. The interpreter, assembler, disassembler, compiler builtins,
//! documentation and tests are generated from it or checked against it.

mod markdown;

pub use markdown::markdown;

/// Describes one opcode of the extension. Operands and results are listed top of stack first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opcode {
    /// The byte in bytecode.
    pub byte: u8,
    /// The mnemonic in upper case; the Yul builtin is the same in lower case.
    pub name: &'static str,
    /// Operands, top of stack first.
    pub inputs: &'static [&'static str],
    /// Results, top of stack first (the first result of the Yul builtin is the top).
    pub outputs: &'static [&'static str],
    /// Static gas charged before operands are looked at; storage, logs and calls are charged on top.
    pub gas: u64,
    /// What the opcode may do.
    pub effect: Effect,
    /// The version of Fusor that introduced it.
    pub since: &'static str,
    /// One sentence for the documentation page.
    pub summary: &'static str,
}

/// Says what an opcode may touch, for static analysis and for STATICCALL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads state only; allowed under STATICCALL.
    Read,
    /// Writes state; halts under STATICCALL.
    Write,
    /// Runs other code; writes state.
    Call,
}

macro_rules! table {
    ($($byte:literal $name:ident ($($i:ident),*) -> ($($o:ident),*) gas $gas:literal $effect:ident since $since:literal $summary:literal;)*) => {
        $(#[doc = $summary] pub const $name: u8 = $byte;)*
        /// Lists every opcode of the extension in byte order of the design's table.
        pub const TABLE: &[Opcode] = &[$(Opcode {
            byte: $byte, name: stringify!($name), inputs: &[$(stringify!($i)),*], outputs: &[$(stringify!($o)),*],
            gas: $gas, effect: Effect::$effect, since: $since, summary: $summary,
        }),*];
    };
}

table! {
    0xc6 AMINT (sub, to, amount) -> (id) gas 100 Write since "0.1.0" "Mints `amount` of the executing address's asset `sub` to `to`; 0 when the supply would overflow.";
    0xc7 ABURN (id, amount) -> (ok) gas 100 Write since "0.1.0" "Destroys `amount` of the executing address's free units.";
    0xc8 ASEND (id, to, amount) -> (ok) gas 100 Write since "0.1.0" "Sends free units to `to`; no code runs. Id 0 is the native coin.";
    0xc9 ABAL (id, who) -> (amount) gas 100 Read since "0.1.0" "Returns what `who` owns, units under grants included.";
    0xca AFREE (id, who) -> (amount) gas 100 Read since "0.1.0" "Returns what `who` may send now.";
    0xcb ASUPPLY (id) -> (amount) gas 100 Read since "0.1.0" "Returns the units in existence; 0 for the native coin, whose supply the chain accounts for.";
    0xcc AINFO (id) -> (issuer, flags, decimals) gas 100 Read since "0.1.0" "Returns an asset's issuer and metadata.";
    0xcd ACALL (gas, to, list_ptr, n, in_ptr, in_len, out_ptr, out_len) -> (ok) gas 100 Call since "0.1.0" "Calls `to` with up to 8 (id, amount) pairs from memory attached.";
    0xce ACOUNT () -> (n) gas 2 Read since "0.1.0" "Returns how many assets came with this call.";
    0xcf AIN (i) -> (id, amount) gas 3 Read since "0.1.0" "Returns the `i`th asset that came with this call.";
    0xd4 UGRANT (id, user, amount, start, end, flags) -> (gid) gas 100 Write since "0.1.0" "Offers `user` the use of own units within a window; takes effect when accepted.";
    0xd5 USUB (gid, user, amount, start, end, flags) -> (gid) gas 100 Write since "0.1.0" "Sublets part of a right of use within its window.";
    0xd6 USET (gid, action) -> (ok) gas 100 Write since "0.1.0" "Accepts (1), declines (2), gives back (3) or revokes (4) a grant, or accepts (5) or declines (6) bare ownership.";
    0xd7 UMOVE (gid, owner) -> (ok) gas 100 Write since "0.1.0" "Offers the bare ownership under a grant to a new owner.";
    0xd8 UBAL (id, who, t) -> (amount) gas 100 Read since "0.1.0" "Returns what `who` may use at time `t`.";
    0xd9 UINFO (gid) -> (owner, user, amount, start, end, state) gas 100 Read since "0.1.0" "Describes a grant.";
    0xda TAT (t, selector, args_ptr, args_len, gas, policy) -> (tid) gas 100 Write since "0.1.0" "Books one call of the executing contract at time `t`.";
    0xdb TEVERY (start, period, count, selector, args_ptr, args_len, gas, policy) -> (tid) gas 100 Write since "0.1.0" "Books calls at `start + k * period`; a count of 0 runs until cancelled or unfunded.";
    0xdc TEVENT (filter_ptr, selector, gas, max, policy) -> (tid) gas 100 Write since "0.1.0" "Books a call for every log that passes the filter in memory, at most `max` times.";
    0xdd TCANCEL (tid) -> (refund) gas 100 Write since "0.1.0" "Cancels a trigger of the executing contract and returns its escrow.";
    0xde TINFO (tid) -> (state, next, fired, escrow) gas 100 Read since "0.1.0" "Describes a trigger.";
    0xdf TQUOTE (t, gas) -> (price) gas 100 Read since "0.1.0" "Returns the price in wei of `gas` at time `t`; 0 when that moment is full.";
    0xb6 NCALL (guard_ptr, to, in_ptr, in_len, gas, value) -> (result) gas 100 Call since "0.1.0" "Calls `to` if the guard holds: 0 failed, 1 done, 2 guard false.";
    0xb7 NWATCH (guard_ptr, to, in_ptr, in_len, gas, deadline, else_selector) -> (tid) gas 100 Write since "0.1.0" "Keeps a nested call on the calling list until its guard holds; past the deadline the else action runs.";
}

/// Finds an opcode of the extension by its byte.
pub fn by_byte(byte: u8) -> Option<&'static Opcode> {
    TABLE.iter().find(|op| op.byte == byte)
}

/// Finds an opcode of the extension by its name, in any case.
pub fn by_name(name: &str) -> Option<&'static Opcode> {
    TABLE.iter().find(|op| op.name.eq_ignore_ascii_case(name))
}

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn names_are_sound() {
    assert!(TABLE.len() == 24);
    let mut i = 0;
    while i < TABLE.len() {
        let byte = TABLE[i].byte;
        assert!(matches!(byte, 0xb6..=0xb7 | 0xc6..=0xcf | 0xd4..=0xdf));
        let mut j = i + 1;
        while j < TABLE.len() {
            assert!(byte != TABLE[j].byte);
            j += 1;
        }
        i += 1;
    }
}
const _: () = names_are_sound();
