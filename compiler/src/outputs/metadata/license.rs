//! Finds the licence that a file names in a comment.

use crate::source::Span;

const MARK: &str = "SPDX-License-Identifier:";

/// Says what a file tells about its licence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum License {
    /// It names none.
    #[default]
    None,
    /// It names one.
    One(String),
    /// It names several.
    Several,
    /// What it names cannot be a licence.
    Invalid,
}

/// Finds the licence in a file's comments outside of its items.
pub fn license(text: &str, items: &[Span]) -> License {
    let within = |at: usize| items.iter().any(|s| (s.start as usize..s.end as usize).contains(&at));
    let named = text.match_indices(MARK).filter(|(at, _)| !within(*at)).filter_map(|(at, _)| {
        let rest = text.get(at + MARK.len()..)?;
        let end = rest.find(['\n', '\r']).into_iter().chain(rest.find("*/")).min()?;
        let name = rest.get(..end)?.trim_matches([' ', '\t']);
        (!name.is_empty() || rest.get(end..)?.starts_with('*')).then_some(name)
    });
    let mut named: Vec<&str> = named.collect();
    match (named.pop(), named.is_empty()) {
        (None, _) => License::None,
        (Some(_), false) => License::Several,
        (Some(name), true) if is_expression(name) => License::One(name.to_owned()),
        _ => License::Invalid,
    }
}

fn is_expression(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || " ()+.-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_found_as_by_solc() {
        let one = |name: &str| License::One(name.into());
        let check = |text: &str, expected: License| {
            let start = text.find("contract").unwrap_or(text.len()) as u32;
            let end = text.find('}').map_or(start, |at| at as u32 + 1);
            assert_eq!(license(text, &[Span::new(0, start, end)]), expected, "{text}");
        };
        check("/* SPDX-License-Identifier: MIT OR Apache-2.0 */contract B{}", one("MIT OR Apache-2.0"));
        check("//SPDX-License-Identifier:MIT\r\ncontract B{}", one("MIT"));
        check("contract B{ // SPDX-License-Identifier: X\n}", License::None);
        check("// SPDX-License-Identifier:\ncontract B{}", License::None);
        check("contract B{}\n// SPDX-License-Identifier: MIT", License::None);
        check("// SPDX-License-Identifier: A\n// SPDX-License-Identifier: B\n", License::Several);
        check("// SPDX-License-Identifier: M_IT\n", License::Invalid);
        check("/* SPDX-License-Identifier: */", License::Invalid);
    }
}
