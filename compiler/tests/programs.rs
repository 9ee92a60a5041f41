//! Compiles every source of the standard library and every example to code.

use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::{Options, compile};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn library() -> BTreeMap<String, String> {
    fusor_stdlib::files().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn build(files: BTreeMap<String, String>, main: &str) -> Result<usize, String> {
    let mut program = Compilation::new(files);
    program.add_file(main);
    let artifacts = compile(&mut program, &Options::default())
        .map_err(|d| format!("{main}\n{}", d.render(program.source_map(), false)))?;
    Ok(artifacts.iter().map(|a| a.runtime.bytes.len()).sum())
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "sol" || e == "csc") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_standard_library_compiles() {
    let failures: Vec<String> = library().keys().filter_map(|name| build(library(), name).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_examples_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut failures = Vec::new();
    for path in sources(&folder) {
        let name = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        let mut files = library();
        files.insert(name.clone(), std::fs::read_to_string(&path).unwrap_or_default());
        match build(files, &name) {
            Ok(bytes) => assert!(bytes > 0, "{name} gives no code"),
            Err(e) => failures.push(e),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
