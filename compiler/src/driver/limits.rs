//! Finds code above the limits of EIP-170 and EIP-3860, and says which functions make it large.

use crate::artifact::{Artifact, Code};
use crate::codegen::{CREATION_LIMIT, RUNTIME_LIMIT};
use crate::diag::{Diagnostic, Severity, codes};
use crate::hir::Hir;
use crate::source::Span;
use std::collections::BTreeMap;

/// The most functions that a finding names.
const NAMED_MAX: usize = 5;
/// The number that solc gives code above the limit of EIP-170.
const RUNTIME_TOO_LARGE: u16 = 5574;
/// The number that solc gives creation code above the limit of EIP-3860.
const CREATION_TOO_LARGE: u16 = 3860;

/// Warns of each contract whose code is above a limit, as solc does, which makes the code all the same.
pub fn size_warnings(hir: &Hir, artifacts: &[Artifact]) -> Vec<Diagnostic> {
    findings(hir, artifacts, Severity::Warning)
}

/// Finds each contract whose code is above a limit.
pub(super) fn findings(hir: &Hir, artifacts: &[Artifact], severity: Severity) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for artifact in artifacts {
        let contract = hir.contracts.iter().find(|c| c.name == artifact.name && c.file == artifact.file);
        let span = contract.map(|c| c.span).unwrap_or_default();
        let parts = [
            ("runtime", "EIP-170", &artifact.runtime, RUNTIME_LIMIT, RUNTIME_TOO_LARGE),
            ("creation", "EIP-3860", &artifact.creation, CREATION_LIMIT, CREATION_TOO_LARGE),
        ];
        for (what, rule, code, limit, number) in parts {
            let size = code.bytes.len();
            let Some(over) = size.checked_sub(limit).filter(|over| *over > 0) else { continue };
            let message = format!(
                "the {what} code of `{}` has {size} bytes, {over} above the limit of {limit} ({rule})",
                artifact.name
            );
            let mut diagnostic = Diagnostic::error(codes::CODE_TOO_LARGE, span, message).solc(number);
            diagnostic.severity = severity;
            found.push(diagnostic.help(advice(hir, code)));
        }
    }
    found
}

fn advice(hir: &Hir, code: &Code) -> String {
    let largest: Vec<String> = largest_functions(hir, code)
        .into_iter()
        .take(NAMED_MAX)
        .map(|(name, bytes)| format!("`{name}` {bytes} bytes"))
        .collect();
    if largest.is_empty() {
        return "move parts to libraries with external functions, or split the contract".to_owned();
    }
    format!(
        "lower the optimiser's runs, or move parts to libraries; the largest functions: {}",
        largest.join(", ")
    )
}

/// Lists functions with the bytes of code that come from their text, inlined copies included, the largest first.
fn largest_functions(hir: &Hir, code: &Code) -> Vec<(String, usize)> {
    let mut by_file: BTreeMap<u32, Vec<(Span, usize)>> = BTreeMap::new();
    for (at, function) in hir.functions.iter().enumerate() {
        // The span of a function is its name; its text ends with its last statement.
        let last = function.body.as_ref().and_then(|body| body.stmts.last()).map_or(0, |stmt| stmt.span.end);
        let text = Span { end: last.max(function.span.end), ..function.span };
        by_file.entry(text.file).or_default().push((text, at));
    }
    by_file.values_mut().for_each(|list| list.sort_by_key(|(span, _)| span.start));
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for (place, bytes) in instructions(code) {
        let Some((file, start)) = place else { continue };
        let list = by_file.get(&file).map(Vec::as_slice).unwrap_or_default();
        let before = list.partition_point(|(span, _)| span.start <= start);
        let function = before.checked_sub(1).and_then(|at| list.get(at)).filter(|(span, _)| start < span.end);
        if let Some((_, at)) = function {
            *sizes.entry(*at).or_default() += bytes;
        }
    }
    let mut named: Vec<(String, usize)> =
        sizes.into_iter().filter_map(|(at, bytes)| Some((name(hir, at)?, bytes))).collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named
}

fn name(hir: &Hir, at: usize) -> Option<String> {
    let function = hir.functions.get(at)?;
    let contract = function.contract.and_then(|id| hir.contracts.get(id.index()));
    let own = if function.name.is_empty() {
        format!("{:?}", function.kind).to_lowercase()
    } else {
        function.name.clone()
    };
    Some(contract.map_or_else(|| own.clone(), |contract| format!("{}.{own}", contract.name)))
}

/// Walks the instructions of code: the place in the sources that each comes from, and its length in bytes.
fn instructions(code: &Code) -> Vec<(Option<(u32, u32)>, usize)> {
    const PUSH1: u8 = 0x60;
    const PUSH32: u8 = 0x7f;
    let mut fields = [String::new(), String::new(), String::new()];
    let mut offset = 0;
    let mut list = Vec::new();
    for entry in code.source_map.split(';') {
        for (field, text) in fields.iter_mut().zip(entry.split(':')) {
            if !text.is_empty() {
                text.clone_into(field);
            }
        }
        let Some(byte) = code.bytes.get(offset).copied() else { break };
        let length = if (PUSH1..=PUSH32).contains(&byte) { usize::from(byte - PUSH1) + 2 } else { 1 };
        let [start, _, file] = &fields;
        list.push((file.parse().ok().zip(start.parse().ok()), length));
        offset += length;
    }
    list
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::compilation::Compilation;
    use crate::driver::{Options, compile, compile_source, size_warnings};
    use std::collections::BTreeMap;

    fn large() -> String {
        let lines: String = (0..900).map(|i| format!("h(keccak256(\"{i}\"));")).collect();
        format!(
            "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\ncontract Large {{ bytes32 s;
            function small(uint x) external pure returns (uint) {{ return x + 1; }}
            function h(bytes32 x) internal {{ s ^= x; }}
            function big() external {{ {lines} }} }}"
        )
    }

    #[test]
    fn code_above_the_limit_is_an_error_by_default() {
        let error = compile_source("L.sol", &large(), &Options::default()).unwrap_err();
        assert!(error.contains("[E0902]") && error.contains("above the limit of 24576 (EIP-170)"), "{error}");
        assert!(error.contains("the largest functions: `Large.h`"), "{error}");
    }

    #[test]
    fn code_above_the_limit_is_made_and_warned_of_on_demand() {
        let mut program = Compilation::new(BTreeMap::new());
        program.add_text("L.sol", &large());
        let options = Options { enforce_limits: false, ..Options::default() };
        let artifacts = compile(&mut program, &options).unwrap();
        let warnings = size_warnings(program.hir().unwrap(), &artifacts);
        let numbers: Vec<_> = warnings.iter().map(|w| w.solc).collect();
        assert_eq!(numbers, [Some(5574)]);
    }
}
