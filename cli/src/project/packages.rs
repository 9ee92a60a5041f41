//! Finds the packages below a project's library folders and makes remappings for them, as Foundry does.

use super::remappings;
use fusor_compiler::imports::Remapping;
use std::{fs, path::Path};

/// How many libraries may be within one another; links to folders above must not trap the walk.
const DEPTH_MAX: usize = 4;

/// Adds remappings for the packages in `libs`, folders below `root`. What the project itself or a nearer package has
/// remapped stays.
pub(super) fn add(list: &mut Vec<Remapping>, root: &Path, libs: &[String]) {
    let mut folders: Vec<String> = libs.iter().map(|lib| clean(lib)).collect();
    for _ in 0..DEPTH_MAX {
        let found: Vec<_> = folders.iter().flat_map(|folder| packages(root, folder)).collect();
        let nearer = list.clone();
        for package in &found {
            add_package(list, &nearer, root, package);
        }
        let nearer = list.clone();
        for package in &found {
            add_own(list, &nearer, root, &package.folder);
        }
        folders = found.into_iter().map(|package| format!("{}/lib", package.folder)).collect();
    }
}

/// Is a folder with a library: `lib/x`, or `node_modules/@scope/x`.
struct Package {
    /// The name that imports begin with.
    name: String,
    /// The folder, below the project's.
    folder: String,
}

fn clean(folder: &str) -> String {
    let folder = folder.trim_end_matches('/');
    folder.strip_prefix("./").unwrap_or(folder).to_owned()
}

fn packages(root: &Path, folder: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for name in subfolders(&root.join(folder)) {
        let inner = format!("{folder}/{name}");
        if name.starts_with('@') {
            let scoped = subfolders(&root.join(&inner)).into_iter();
            found.extend(
                scoped.map(|part| Package {
                    name: format!("{name}/{part}"),
                    folder: format!("{inner}/{part}"),
                }),
            );
        } else {
            found.push(Package { name, folder: inner });
        }
    }
    found
}

/// Lists the folders in a folder by name; none where it cannot be read, for then nothing can be imported from it.
fn subfolders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

fn add_package(list: &mut Vec<Remapping>, nearer: &[Remapping], root: &Path, package: &Package) {
    let Package { name, folder } = package;
    let is_dir = |path: &str| root.join(folder).join(path).is_dir();
    let scoped = name.starts_with('@');
    let sources = ["src", "contracts"].into_iter().find(|sources| !scoped && is_dir(sources));
    let Some(sources) = sources else {
        return add_found(list, nearer, format!("{name}/"), format!("{folder}/"));
    };
    add_found(list, nearer, format!("{name}/"), format!("{folder}/{sources}/"));
    // `x/src/A.sol` and `x/A.sol` are the same file, unless there is another below.
    if !is_dir(&format!("{sources}/{sources}")) {
        add_found(list, nearer, format!("{name}/{sources}/"), format!("{folder}/{sources}/"));
    }
}

/// Adds what a package's own `remappings.txt` says, as far as it names what is there.
fn add_own(list: &mut Vec<Remapping>, nearer: &[Remapping], root: &Path, folder: &str) {
    let path = root.join(folder).join("remappings.txt");
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut own = Vec::new();
    for line in text.lines().map(str::trim) {
        // A package's file is not the user's to mend: lines that say nothing are passed over.
        let _ = remappings::add_text(&mut own, Path::new(""), 0, line);
    }
    for found in own.into_iter().filter(|found| found.context.is_empty()) {
        let target = format!("{folder}/{}", found.target);
        if root.join(&target).exists() {
            add_found(list, nearer, found.prefix, target);
        }
    }
}

/// Adds a remapping unless a nearer one covers its names, or another has them.
fn add_found(list: &mut Vec<Remapping>, nearer: &[Remapping], prefix: String, target: String) {
    let covers = |known: &Remapping| {
        let whole = known.prefix.ends_with('/') && prefix.starts_with(&known.prefix);
        known.context.is_empty() && (whole || known.prefix == prefix)
    };
    let taken = list.iter().any(|known| known.context.is_empty() && known.prefix == prefix);
    if !taken && !nearer.iter().any(covers) {
        list.push(Remapping { context: String::new(), prefix, target });
    }
}
