//! Looks at what stands at the top of a file: licence, version, other pragmas.

use super::warning;
use crate::ast::{Item, Pragma};
use crate::compilation::Unit;
use crate::diag::{Diagnostic, codes};
use crate::source::{SourceMap, Span};

/// Checks the head of one file.
pub(super) fn check(unit: &Unit, map: &SourceMap, found: &mut Vec<Diagnostic>) {
    let file = unit.ast.file;
    let whole = Span::new(file, 0, 0);
    if !map.file(file).is_some_and(|f| has_licence(f.text())) {
        let help = "begin the file with `// SPDX-License-Identifier: <licence>`, `UNLICENSED` if it has none";
        found.push(warning(codes::NO_LICENCE, 1878, whole, "the file does not name its licence", help));
    }
    let pragmas =
        || unit.ast.items.iter().filter_map(|item| if let Item::Pragma(p) = item { Some(p) } else { None });
    if !pragmas().any(|p| &*p.name == "solidity") {
        let help = "write `pragma solidity ^0.8.0;` with the oldest version that the code is meant for";
        found.push(warning(
            codes::NO_VERSION,
            3420,
            whole,
            "the file does not say which Solidity it is",
            help,
        ));
    }
    found.extend(pragmas().filter_map(old_pragma));
}

/// Is true when a comment names the licence; the text is searched as it stands.
fn has_licence(text: &str) -> bool {
    const MARK: &str = "SPDX-License-Identifier:";
    text.match_indices(MARK).any(|(at, _)| {
        let rest = text.get(at + MARK.len()..).unwrap_or("");
        let line = rest.split(['\n', '\r']).next().unwrap_or("");
        let value = line.split("*/").next().unwrap_or("").trim();
        value.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '(')
    })
}

fn old_pragma(pragma: &Pragma) -> Option<Diagnostic> {
    let value = pragma.value.trim().trim_matches(['"', '\'']);
    match (&*pragma.name, value) {
        ("abicoder", "v1") => Some(warning(
            codes::OLD_PRAGMA,
            9511,
            pragma.span,
            "the first ABI coder is deprecated",
            "remove the pragma, the second is the default",
        )),
        ("experimental", "ABIEncoderV2") => Some(warning(
            codes::OLD_PRAGMA,
            8506,
            pragma.span,
            "this pragma is deprecated",
            "remove it, the second ABI coder is the default",
        )),
        ("experimental", "SMTChecker") => {
            Some(warning(codes::OLD_PRAGMA, 5523, pragma.span, "this pragma does nothing", "remove it"))
        }
        _ => None,
    }
}
