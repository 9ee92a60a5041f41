//! Reads version pragmas and compares them with the language version that is compiled.

use super::Checker;
use crate::ast::Pragma;
use crate::diag::codes;

/// Is the newest version of Solidity whose language is compiled.
pub(super) const LANGUAGE: [u32; 3] = [0, 8, 37];

impl Checker {
    /// Checks a pragma.
    pub(super) fn check_pragma(&mut self, pragma: &Pragma) {
        let value = pragma.value.trim();
        let number = match &*pragma.name {
            "solidity" => return self.check_version(pragma),
            "abicoder" => self.abicoder_fault(value),
            "experimental" => self.experimental_fault(value),
            _ => Some(4936),
        };
        if let Some(number) = number {
            let message = format!("`pragma {} {value}` is unknown or given twice", pragma.name);
            self.fail::<()>(codes::VERSION_PRAGMA.solc(number), pragma.span, message);
        }
    }

    /// Returns solc's number for a coder that does not exist, or a second choice of one.
    fn abicoder_fault(&mut self, value: &str) -> Option<u16> {
        let version = value.trim_matches(['"', '\'']);
        if !matches!(version, "v1" | "v2") {
            return Some(2745);
        }
        let info = self.files.last_mut()?;
        let second = info.pragmas.iter().any(|p| p.starts_with("abicoder") || p == "ABIEncoderV2");
        info.pragmas.push(format!("abicoder {version}"));
        second.then_some(3845)
    }

    /// Returns solc's number for an experimental feature that does not exist or stands for a second time.
    fn experimental_fault(&mut self, value: &str) -> Option<u16> {
        let name = value.trim_matches(['"', '\'']);
        if value.is_empty() || name.is_empty() {
            return Some(if value.is_empty() { 9679 } else { 3250 });
        }
        if value.split_whitespace().nth(1).is_some() {
            return Some(6022);
        }
        if !matches!(name, "ABIEncoderV2" | "SMTChecker" | "solidity" | "__test" | "__testOnlyAnalysis") {
            return Some(8491);
        }
        let info = self.files.last_mut()?;
        let fault = match () {
            () if info.pragmas.iter().any(|p| p == name) => Some(1231),
            () if name == "ABIEncoderV2" && info.pragmas.iter().any(|p| p == "abicoder v1") => Some(8273),
            () => None,
        };
        info.pragmas.push(name.to_owned());
        fault
    }

    fn check_version(&mut self, pragma: &Pragma) {
        let [major, minor, patch] = LANGUAGE;
        match admits_a_version(&pragma.value) {
            Some(true) => {}
            Some(false) => {
                let message = format!(
                    "the language compiled is {major}.{minor} up to {major}.{minor}.{patch}, which `{}` excludes",
                    pragma.value
                );
                let help = format!("write `pragma solidity ^{major}.{minor}.0;`");
                self.fail_help::<()>(codes::VERSION_PRAGMA.solc(5333), pragma.span, message, help);
            }
            None => {
                let message = format!("`{}` is not a version range", pragma.value);
                self.fail::<()>(codes::VERSION_PRAGMA.solc(1684), pragma.span, message);
            }
        }
    }
}

/// Says whether a range holds any version of the language that is compiled: sources written for one release of 0.8
/// alone are common, and the language has only grown since. None when the range is malformed.
fn admits_a_version(range: &str) -> Option<bool> {
    let [major, minor, newest] = LANGUAGE;
    let mut any = false;
    for patch in 0..=newest {
        any |= matches_version(range, [major, minor, patch])?;
    }
    Some(any)
}

/// Says whether a range such as `>=0.8.0 <0.9.0 || ^0.7.1` holds `version`; none when it is malformed.
fn matches_version(range: &str, version: [u32; 3]) -> Option<bool> {
    let mut any = false;
    for part in range.split("||") {
        any |= matches_part(part.trim(), version)?;
    }
    Some(any)
}

fn matches_part(part: &str, version: [u32; 3]) -> Option<bool> {
    let part = part.replace(['"', '\''], "");
    if let Some((low, high)) = part.split_once(" - ") {
        if low.trim().contains(' ') || high.trim().contains(' ') {
            return None;
        }
        return Some(
            compare(&format!(">={}", low.trim()), version)?
                & compare(&format!("<={}", high.trim()), version)?,
        );
    }
    let mut terms: Vec<String> = Vec::new();
    for word in spaced(&part).split_whitespace() {
        match terms.last_mut() {
            // `>= 0.8.0` may be written with a space.
            Some(last) if last.chars().all(|c| "<>=^~".contains(c)) => last.push_str(word),
            _ => terms.push(word.to_owned()),
        }
    }
    if terms.is_empty() {
        return None;
    }
    let mut all = true;
    for term in terms {
        all &= compare(&term, version)?;
    }
    Some(all)
}

/// Puts a space in front of each operator that follows a version: `>=0.8.0<0.9.0` is two terms.
fn spaced(part: &str) -> String {
    let mut out = String::new();
    let mut behind_version = false;
    for c in part.chars() {
        let operator = "<>=^~".contains(c);
        if operator && behind_version {
            out.push(' ');
        }
        behind_version = !operator;
        out.push(c);
    }
    out
}

/// Compares a version with one term such as `^0.8.0`, `<0.9` or `0.8.x`.
fn compare(term: &str, version: [u32; 3]) -> Option<bool> {
    let at = term.find(|c: char| !"<>=^~".contains(c))?;
    let (op, text) = term.split_at(at);
    let mut wanted = [0u32; 3];
    let mut given = 0;
    for (i, word) in text.split('.').enumerate() {
        if matches!(word, "x" | "X" | "*") {
            break;
        }
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *wanted.get_mut(i)? = word.parse().ok()?;
        given = i + 1;
    }
    let order = version.iter().take(given).cmp(wanted.iter().take(given));
    Some(match op {
        "" | "=" => order.is_eq(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        "~" => {
            version >= wanted
                && version.iter().take(given.clamp(1, 2)).eq(wanted.iter().take(given.clamp(1, 2)))
        }
        "^" => {
            version >= wanted && {
                // The leftmost part that is not 0 stays.
                let fixed = wanted.iter().position(|n| *n != 0).map_or(given, |i| i + 1).min(given.max(1));
                version.iter().take(fixed).eq(wanted.iter().take(fixed))
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_npm() {
        let v = [0, 8, 37];
        for yes in [
            "^0.8.0",
            ">=0.8.0 <0.9.0",
            ">= 0.8.20",
            "0.8.37",
            "^0.7.0 || ^0.8.1",
            "0.8.x",
            "*",
            ">0.4.0",
            "~0.8.2",
            "0.8.1 - 0.8.40",
            ">=0.8.0<0.9.0",
            "^0.8",
        ] {
            assert_eq!(matches_version(yes, v), Some(true), "{yes}");
        }
        for no in ["^0.7.0", "^0^1", "<0.8.0", "0.8.36", "^0.9.0", "=0.4.0", "~0.7.1", "0.8.38", "^1.0.0"] {
            assert_eq!(matches_version(no, v), Some(false), "{no}");
        }
        for yes in ["0.8.26", "=0.8.4", "<=0.8.0", "0.8.38 || 0.8.1"] {
            assert_eq!(admits_a_version(yes), Some(true), "{yes}");
        }
        for no in ["^0.7.0", "<0.8.0", "0.8.38", "^1.0.0"] {
            assert_eq!(admits_a_version(no), Some(false), "{no}");
        }
        for bad in ["", "v0.8.0", "_0.8", "^", "99999999999.0.0", "0.8.0 - 0.8.9 - 1.0.0"] {
            assert_eq!(matches_version(bad, v), None, "{bad}");
        }
    }
}
