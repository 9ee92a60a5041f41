//! Assembles and disassembles bytecode: every opcode of Osaka and the extension's 24, names from revm's table
//! and from [`crate::opcode::TABLE`].
//!
//! ```text
//! // a comment; `;` starts one too
//! PUSH1 0x2a        an immediate in hex or decimal, of the size that the name says
//! PUSH 300          the shortest PUSH that fits (PUSH0 for 0)
//! loop: JUMPDEST    a label names the position of what follows
//! PUSH @loop JUMP   a label as operand, always PUSH2
//! .bytes 0xfe00     raw bytes
//! ```

use crate::opcode as extension;
use alloy_primitives::{U256, hex};
use revm::bytecode::opcode::OpCode;
use std::{collections::BTreeMap, fmt::Write};
use thiserror::Error;

/// Says what is wrong in an assembly text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {kind}")]
pub struct AsmError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub kind: AsmErrorKind,
}

/// Names the ways in which an assembly text can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AsmErrorKind {
    /// A word is no opcode.
    #[error("unknown opcode `{0}`")]
    UnknownOpcode(String),
    /// A PUSH or `.bytes` stands at the end of the text.
    #[error("`{0}` lacks its operand")]
    MissingOperand(String),
    /// An operand is no number or does not fit.
    #[error("`{0}` is no number that fits")]
    BadNumber(String),
    /// A label is used and not defined.
    #[error("unknown label `{0}`")]
    UnknownLabel(String),
    /// A label is defined twice.
    #[error("label `{0}` is defined twice")]
    DuplicateLabel(String),
    /// The code is too long for the two bytes of a label.
    #[error("label `{0}` lies beyond 65535 bytes")]
    LabelTooFar(String),
}

/// Returns the name of an opcode byte of Osaka or of the extension; `None` for bytes that mean nothing.
pub fn name(byte: u8) -> Option<&'static str> {
    match extension::by_byte(byte) {
        Some(op) => Some(op.name),
        None if is_later_than_osaka(byte) => None,
        None => OpCode::new(byte).map(OpCode::as_str),
    }
}

/// Returns the opcode byte of a name in any case; `SHA3` and `PREVRANDAO` are known too.
pub fn byte(name: &str) -> Option<u8> {
    let upper = name.to_ascii_uppercase();
    match upper.as_str() {
        "SHA3" => Some(0x20),
        "PREVRANDAO" => Some(0x44),
        _ => (0..=u8::MAX).find(|byte| self::name(*byte) == Some(&upper)),
    }
}

/// Tells opcodes that revm knows already for a fork after Osaka: SLOTNUM, DUPN, SWAPN, EXCHANGE.
fn is_later_than_osaka(byte: u8) -> bool {
    matches!(byte, 0x4b | 0xe6..=0xe8)
}

/// Returns the number of immediate bytes after an opcode byte.
pub fn immediate_size(byte: u8) -> usize {
    match byte {
        0x60..=0x7f => usize::from(byte - 0x5f),
        _ => 0,
    }
}

/// Assembles a text.
pub fn assemble(text: &str) -> Result<Vec<u8>, AsmError> {
    let mut assembler = Assembler::default();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default().split(';').next().unwrap_or_default();
        assembler.line = number + 1;
        assembler.read(&mut code.split_whitespace())?;
    }
    assembler.link()
}

#[derive(Default)]
struct Assembler {
    line: usize,
    code: Vec<u8>,
    labels: BTreeMap<String, usize>,
    /// Place of two bytes, label, line.
    uses: Vec<(usize, String, usize)>,
}

impl Assembler {
    fn read<'a>(&mut self, words: &mut impl Iterator<Item = &'a str>) -> Result<(), AsmError> {
        while let Some(word) = words.next() {
            if let Some(label) = word.strip_suffix(':') {
                self.define(label)?;
                continue;
            }
            match word.to_ascii_uppercase().as_str() {
                ".BYTES" => self.raw(operand(words, word).map_err(|kind| self.error(kind))?)?,
                "PUSH" => self.push_shortest(operand(words, word).map_err(|kind| self.error(kind))?)?,
                _ => self.instruction(word, words)?,
            }
        }
        Ok(())
    }

    fn error(&self, kind: AsmErrorKind) -> AsmError {
        AsmError { line: self.line, kind }
    }

    fn define(&mut self, label: &str) -> Result<(), AsmError> {
        match self.labels.insert(label.to_owned(), self.code.len()) {
            None => Ok(()),
            Some(_) => Err(self.error(AsmErrorKind::DuplicateLabel(label.to_owned()))),
        }
    }

    fn raw(&mut self, text: &str) -> Result<(), AsmError> {
        let bytes = hex::decode(text).map_err(|_| self.error(AsmErrorKind::BadNumber(text.to_owned())))?;
        self.code.extend(bytes);
        Ok(())
    }

    fn push_shortest(&mut self, text: &str) -> Result<(), AsmError> {
        if let Some(label) = text.strip_prefix('@') {
            self.code.extend([0x61, 0, 0]);
            self.uses.push((self.code.len() - 2, label.to_owned(), self.line));
            return Ok(());
        }
        let size = self.number(text)?.byte_len();
        self.push_sized(size, text)
    }

    fn push_sized(&mut self, size: usize, text: &str) -> Result<(), AsmError> {
        let value = self.number(text)?;
        if value.byte_len() > size {
            return Err(self.error(AsmErrorKind::BadNumber(text.to_owned())));
        }
        self.code.push(0x5f + size as u8);
        self.code.extend(value.to_be_bytes::<32>().iter().skip(32 - size));
        Ok(())
    }

    fn number(&self, text: &str) -> Result<U256, AsmError> {
        text.parse().map_err(|_| self.error(AsmErrorKind::BadNumber(text.to_owned())))
    }

    fn instruction<'a>(
        &mut self,
        word: &str,
        words: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), AsmError> {
        let Some(code) = byte(word) else {
            return Err(self.error(AsmErrorKind::UnknownOpcode(word.to_owned())));
        };
        match immediate_size(code) {
            0 => {
                self.code.push(code);
                Ok(())
            }
            size => self.push_sized(size, operand(words, word).map_err(|kind| self.error(kind))?),
        }
    }

    fn link(mut self) -> Result<Vec<u8>, AsmError> {
        for (place, label, line) in std::mem::take(&mut self.uses) {
            let error = |kind| AsmError { line, kind };
            let Some(target) = self.labels.get(&label) else {
                return Err(error(AsmErrorKind::UnknownLabel(label)));
            };
            let Ok(target) = u16::try_from(*target) else {
                return Err(error(AsmErrorKind::LabelTooFar(label)));
            };
            for (byte, at) in target.to_be_bytes().into_iter().zip(place..) {
                if let Some(slot) = self.code.get_mut(at) {
                    *slot = byte;
                }
            }
        }
        Ok(self.code)
    }
}

fn operand<'a>(words: &mut impl Iterator<Item = &'a str>, name: &str) -> Result<&'a str, AsmErrorKind> {
    words.next().ok_or_else(|| AsmErrorKind::MissingOperand(name.to_owned()))
}

/// Disassembles bytecode, one instruction a line. Bytes that mean nothing and a PUSH that is cut short become
/// `.bytes`, so that [`assemble`] returns the same code.
pub fn disassemble(code: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = code;
    while let Some((byte, after)) = rest.split_first() {
        let size = immediate_size(*byte);
        rest = match (name(*byte), after.split_at_checked(size)) {
            (Some(name), Some((immediate, after))) => {
                write_line(&mut text, name, immediate);
                after
            }
            (_, None) => {
                write_line(&mut text, ".bytes", rest);
                &[]
            }
            (None, Some(_)) => {
                write_line(&mut text, ".bytes", &[*byte]);
                after
            }
        };
    }
    text
}

fn write_line(text: &mut String, name: &str, immediate: &[u8]) {
    // Writing to a String cannot fail.
    let _ = match immediate.is_empty() {
        true => writeln!(text, "{name}"),
        false => writeln!(text, "{name} {}", hex::encode_prefixed(immediate)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(text: &str) -> AsmErrorKind {
        assemble(text).unwrap_err().kind
    }

    #[test]
    fn names_and_operands_become_bytes() {
        let code =
            assemble("PUSH1 0x2a // answer\nPUSH 300 push 0 aMint ; c\nPUSH2 7 .bytes 0xfe00").unwrap();
        assert_eq!(hex::encode(code), "602a61012c5fc6610007fe00");
    }

    #[test]
    fn labels_are_linked_forwards_and_backwards() {
        let code = assemble("start: JUMPDEST PUSH @end JUMPI PUSH @start JUMP\nend: JUMPDEST STOP").unwrap();
        assert_eq!(hex::encode(code), "5b610009576100005".to_owned() + "65b00");
    }

    #[test]
    fn every_byte_of_the_table_has_a_name_that_leads_back() {
        for op in extension::TABLE {
            assert_eq!((name(op.byte), byte(op.name)), (Some(op.name), Some(op.byte)));
        }
        let named = (0..=u8::MAX).filter(|b| name(*b).is_some()).count();
        // Osaka has 150 opcodes, INVALID included.
        assert_eq!(named, 150 + 24);
        assert!([0x4b, 0xe6, 0xe7, 0xe8, 0x0c, 0xef].iter().all(|b| name(*b).is_none()));
    }

    #[test]
    fn errors_name_the_line() {
        assert_eq!(assemble("STOP\nFOO").unwrap_err().line, 2);
        assert_eq!(kind("PUSH1 256"), AsmErrorKind::BadNumber("256".into()));
        assert_eq!(kind("PUSH1"), AsmErrorKind::MissingOperand("PUSH1".into()));
        assert_eq!(kind("PUSH @x"), AsmErrorKind::UnknownLabel("x".into()));
        assert_eq!(kind("x: x:"), AsmErrorKind::DuplicateLabel("x".into()));
        assert_eq!(kind(".bytes 0xf"), AsmErrorKind::BadNumber("0xf".into()));
    }

    proptest! {
        #[test]
        fn disassembly_assembles_to_the_same_code(code in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(assemble(&disassemble(&code)).unwrap(), code);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = assemble(&text);
        }
    }
}
