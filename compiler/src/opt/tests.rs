//! Checks each pass by fixtures: a module, and what the pass makes of it.

use super::{DCE, FLOW, GVN, INLINE, MEMORY, Pass, STORES};
use crate::codegen::Options;
use crate::ir::{parse, print, verify};

fn pass_named(name: &str) -> Pass {
    match name {
        "dce" => DCE,
        "flow" => FLOW,
        "gvn" => GVN,
        "inline" => INLINE,
        "memory" => MEMORY,
        "stores" => STORES,
        other => panic!("no pass is called {other}"),
    }
}

/// Each file under `tests/ir-passes` says `; pass NAME ...` first and ends with `; gives` and the expected
/// module as comments. FUSOR_BLESS=1 writes the latter anew.
#[test]
fn passes_give_what_their_fixtures_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ir-passes");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (input, expected) = text.split_once("; gives\n").unwrap_or((&text, ""));
        let names = input.lines().next().and_then(|line| line.strip_prefix("; pass ")).expect("a pass");
        let mut module = parse(input).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        verify(&module).unwrap();
        for name in names.split_whitespace() {
            pass_named(name)(&mut module, &Options::default());
            verify(&module).unwrap();
        }
        let found: String =
            print(&module).lines().map(|line| format!("; {line}").trim_end().to_owned() + "\n").collect();
        if std::env::var("FUSOR_BLESS").is_ok() {
            std::fs::write(&path, format!("{input}; gives\n{found}")).unwrap();
        } else {
            assert_eq!(found, expected, "{}", path.display());
        }
        count += 1;
    }
    assert!(count >= 6, "only {count} fixtures found");
}
