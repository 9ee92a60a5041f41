//! Collects the remappings that a project writes down.

use super::settings::wrong;
use crate::error::Outcome;
use fusor_compiler::imports::Remapping;
use std::path::Path;

/// Adds each line of a `remappings.txt`.
pub(super) fn add_lines(list: &mut Vec<Remapping>, path: &Path, text: &str) -> Outcome {
    for (at, line) in text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()) {
        add_text(list, path, at + 1, line)?;
    }
    Ok(())
}

/// Adds a remapping as it is written in a line of a file.
pub(super) fn add_text(list: &mut Vec<Remapping>, path: &Path, line: usize, text: &str) -> Outcome {
    let found = text.parse::<Remapping>().map_err(|error| wrong(path, line, error.to_string()))?;
    add(list, whole_folders(found));
    Ok(())
}

/// Adds a remapping unless there is one for the same names, which then came from a file that counts more.
fn add(list: &mut Vec<Remapping>, found: Remapping) {
    if !list.iter().any(|known| known.context == found.context && known.prefix == found.prefix) {
        list.push(found);
    }
}

/// Makes both sides end in a slash when one does, as Foundry reads them, and the target a name below the project.
fn whole_folders(mut found: Remapping) -> Remapping {
    if let Some(inside) = found.target.strip_prefix("./") {
        found.target = inside.to_owned();
    }
    let (prefix, target) = (found.prefix.ends_with('/'), found.target.ends_with('/'));
    if prefix && !target && !found.target.is_empty() {
        found.target.push('/');
    }
    if target && !prefix {
        found.prefix.push('/');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_counts_and_slashes_are_made_whole() {
        let mut list = Vec::new();
        add_lines(&mut list, Path::new("r"), "a/=./b\n\n c=d/\r\na/=e/\nx:f=g\n").unwrap();
        let texts: Vec<_> = list.iter().map(Remapping::to_string).collect();
        assert_eq!(texts, ["a/=b/", "c/=d/", "x:f=g"]);
        let error = add_lines(&mut list, Path::new("r"), "a=b\n\nz\n").unwrap_err();
        assert_eq!(error.to_string(), "r:3: `z` is not a remapping; write `[context:]prefix=target`");
    }
}
