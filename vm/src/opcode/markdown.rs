//! Writes the documentation page of the opcodes from the table.

use super::{Effect, Opcode, TABLE};
use std::fmt::Write;

const HEAD: &str = "# Opcodes

Generated from `vm/src/opcode.rs`; `FUSOR_BLESS=1 cargo test -p fusor-vm --test docs` writes this page anew.

Fusor adds 24 opcodes to Osaka's, at bytes that no EIP claims. None has an immediate. Operands and results are
listed top of stack first; in assembly blocks the name in lower case is a Yul builtin with the operands in the
same order, and several results are assigned left to right from the top. Addresses lose their upper 12 bytes, as
in CALL.

A failure that a contract can handle pushes 0. Misuse (an operand out of range, an unknown code, somebody else's
trigger) halts the frame and consumes its gas, and so does a write under STATICCALL. Everything that an opcode
changes is undone when its frame reverts.

Gas is the static gas below plus the work done, on EVM's own scale: storage of system accounts as SLOAD and SSTORE
with refunds (EIP-2929, EIP-2200, EIP-3529; the accounts themselves are always warm), logs as LOG, native coin as
a CALL with value less the stipend, new code as code deposit, memory as usual and 3 gas for each word copied from
it. A refund that moving assets earns is credited only if the call that they travel with succeeds.
";

const GROUPS: [(&str, &[u8]); 5] = [
    ("Ledger", &[0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc]),
    ("Calls with assets", &[0xcd, 0xce, 0xcf]),
    ("Rights of use", &[0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9]),
    ("Calling list", &[0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf]),
    ("Nested calls", &[0xb6, 0xb7]),
];

const OPERANDS: &str = "
## Operands in memory

- **Pairs** of ACALL: `n` times (id, amount), a word each, at most 8. Equal ids add up. Id 0 is the native coin: it
  becomes CALLVALUE and is not in the callee's list. DELEGATECALL inherits the list; CALL, CALLCODE, STATICCALL and
  CREATE begin with an empty one.
- **Guard** of NCALL and NWATCH: six words kind, target, key, aux, comparison, operand. Kinds: 0 always; 1 own
  storage word `key`; 2 free units of asset `target` of `key`; 3 owned units; 4 units usable at `aux` (0: now);
  5 state of grant `target`; 6 state of trigger `target`; 7 how often trigger `target` has fired; 8 first word that
  a STATICCALL to `target` returns, with `aux` bytes of call data at `key`. Such a call gets at most 100,000 gas;
  when it fails or returns less than a word the guard is false.
- **Comparisons**: 0 `==`, 1 `!=`, 2 `<`, 3 `<=`, 4 `>`, 5 `>=`; plus 8 for signed.
- **Filter** of TEVENT: emitter, number of topic constraints (at most 4), number of data bounds (at most 8), then
  (index, comparison, operand) for each. The handler's call data is the selector, topics 1 and on as words, then
  the log's data.
- **Selectors** are numbers below 2^32 on the stack (`shr(224, selector)`).

## Codes

- USET: 1 accept, 2 decline, 3 give back, 4 revoke, 5 accept bare ownership, 6 decline bare ownership.
- Grant flags: bit 0 revocable, bit 1 sublettable.
- UINFO state: 0 none, 1 offered, 2 accepted, 3 declined, 4 ended, 5 accepted with a move of bare ownership pending.
- TINFO state: 0 none, 1 waiting, 2 paused, 3 done, 4 cancelled, 5 unfunded.
- NCALL: 0 the call failed, 1 done, 2 the guard is false.
";

/// Returns the page.
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    for (title, bytes) in GROUPS {
        page.push_str(&group(title, bytes));
    }
    page.push_str(OPERANDS);
    page
}

fn group(title: &str, bytes: &[u8]) -> String {
    let mut text = format!(
        "\n## {title}\n\n| Byte | Name | Operands | Results | Gas | Effect | Since | |\n|---|---|---|---|---|---|---|---|\n"
    );
    for op in TABLE.iter().filter(|op| bytes.contains(&op.byte)) {
        text.push_str(&row(op));
    }
    text
}

fn row(op: &Opcode) -> String {
    let effect = match op.effect {
        Effect::Read => "reads",
        Effect::Write => "writes",
        Effect::Call => "calls",
    };
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "| `{:#04x}` | {} | {} | {} | {} | {effect} | {} | {} |",
        op.byte,
        op.name,
        op.inputs.join(", "),
        op.outputs.join(", "),
        op.gas,
        op.since,
        op.summary
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opcode_is_on_the_page_once() {
        let page = markdown();
        for op in TABLE {
            assert_eq!(
                page.matches(&format!("| `{:#04x}` | {} |", op.byte, op.name)).count(),
                1,
                "{}",
                op.name
            );
        }
    }
}
