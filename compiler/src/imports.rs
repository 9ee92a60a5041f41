//! Resolves the paths of imports to source unit names, by solc's rules.

use std::fmt;
use std::str::FromStr;

/// Replaces the beginning of imported names in some files: `context:prefix=target`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remapping {
    /// Only files whose names begin with this are concerned.
    pub context: String,
    /// What the imported name begins with.
    pub prefix: String,
    /// What takes its place.
    pub target: String,
}

/// Says that a text is no remapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a remapping; write `[context:]prefix=target`")]
pub struct BadRemapping(pub String);

impl FromStr for Remapping {
    type Err = BadRemapping;

    fn from_str(text: &str) -> Result<Self, BadRemapping> {
        let (from, target) = text.split_once('=').ok_or_else(|| BadRemapping(text.to_owned()))?;
        let (context, prefix) = from.split_once(':').unwrap_or(("", from));
        if prefix.is_empty() {
            return Err(BadRemapping(text.to_owned()));
        }
        Ok(Self { context: context.into(), prefix: prefix.into(), target: target.into() })
    }
}

impl fmt::Display for Remapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.context.is_empty() { "" } else { ":" };
        write!(f, "{}{colon}{}={}", self.context, self.prefix, self.target)
    }
}

/// Returns the source unit name that `path`, imported by `importer`, stands for: relative paths are joined with the
/// importer's name, then the remapping with the longest context, among these with the longest prefix, among these the
/// last one, is applied.
pub fn resolve(importer: &str, path: &str, remappings: &[Remapping]) -> String {
    let name = if is_relative(path) { join(importer, path) } else { path.to_owned() };
    let fits = |r: &&Remapping| importer.starts_with(&r.context) && name.starts_with(&r.prefix);
    match remappings.iter().filter(fits).max_by_key(|r| (r.context.len(), r.prefix.len())) {
        Some(r) => format!("{}{}", r.target, name.get(r.prefix.len()..).unwrap_or("")),
        None => name,
    }
}

fn is_relative(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../")
}

/// Joins a relative path to the folder of the importer. Only the path is normalised; the importer's name stays as
/// it is, for it may be an address with `//` in it.
fn join(importer: &str, path: &str) -> String {
    let mut folder = parent(importer);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part != ".." {
            parts.push(part);
        } else if parts.pop().is_none() {
            folder = parent(folder);
        }
    }
    let rest = parts.join("/");
    if folder.is_empty() { rest } else { format!("{folder}/{rest}") }
}

/// Drops the last segment of a name with the slashes before it.
fn parent(name: &str) -> &str {
    name.rfind('/').and_then(|at| name.get(..at)).map_or("", |head| head.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps(list: &[&str]) -> Vec<Remapping> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn relative_paths_are_joined_with_the_importer() {
        for (importer, path, name) in [
            ("a/b/c.sol", "./d.sol", "a/b/d.sol"),
            ("a/b/c.sol", "../d.sol", "a/d.sol"),
            ("lib/src/../c.sol", "./util/./util.sol", "lib/src/../util/util.sol"),
            ("lib/src/../c.sol", "./util//util.sol", "lib/src/../util/util.sol"),
            ("lib/src/../c.sol", "../util/../array/util.sol", "lib/src/array/util.sol"),
            ("lib/src/../c.sol", "../.././../util.sol", "util.sol"),
            ("lib/src/../c.sol", "../../.././../util.sol", "util.sol"),
            ("a/b//c.sol", "./d.sol", "a/b/d.sol"),
            ("/x.sol", "./y.sol", "y.sol"),
            ("https://h/a/b.sol", "../c.sol", "https://h/c.sol"),
        ] {
            assert_eq!(resolve(importer, path, &[]), name, "{path} in {importer}");
        }
        assert_eq!(resolve("a/b.sol", "c//d.sol", &[]), "c//d.sol");
    }

    #[test]
    fn remappings_go_by_context_then_prefix_then_order() {
        let list = maps(&["@oz/=lib/oz/", "@oz/x/=y/", "m:@oz/=other/", "@oz/=last/"]);
        assert_eq!(resolve("c.sol", "@oz/x/a.sol", &list), "y/a.sol");
        assert_eq!(resolve("c.sol", "@oz/a.sol", &list), "last/a.sol");
        assert_eq!(resolve("m/c.sol", "@oz/x/a.sol", &list), "other/x/a.sol");
        assert_eq!(resolve("a/c.sol", "./b.sol", &maps(&["a/=z/"])), "z/b.sol");
    }

    #[test]
    fn remappings_are_read_and_written() {
        assert_eq!(maps(&["c:p=t"])[0].to_string(), "c:p=t");
        assert_eq!(maps(&["p="])[0].to_string(), "p=");
        assert!("x".parse::<Remapping>().is_err() && "a:=b".parse::<Remapping>().is_err());
    }
}
