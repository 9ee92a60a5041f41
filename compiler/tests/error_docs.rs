//! Holds the pages of `docs/errors` against the compiler: what a page calls refused reports its code, what it
//! calls accepted compiles, what it calls warned is warned of, and every code that can be reported has a page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use fusor_compiler::{
    compilation::{Compilation, DiskProvider},
    diag::{Severity, codes::TABLE, pages::PAGES},
    driver::{Options, compile},
};
use std::collections::BTreeSet;

/// Finds the fenced example after the line `kind:` with its file name.
fn example<'a>(page: &'a str, kind: &str) -> Option<(&'static str, &'a str)> {
    let (_, rest) = page.split_once(&format!("\n{kind}:\n\n```"))?;
    let (language, rest) = rest.split_once('\n')?;
    let (text, _) = rest.split_once("```")?;
    let name = match language {
        "solidity" => "example.sol",
        "fusor" => "example.csc",
        other => panic!("unknown language {other}"),
    };
    Some((name, text))
}

/// Compiles an example; returns the codes of its errors.
fn errors((name, text): (&str, &str)) -> (BTreeSet<&'static str>, String) {
    let provider = DiskProvider { embedded: fusor_stdlib::find, roots: Vec::new(), remappings: Vec::new() };
    let mut program = Compilation::new(provider);
    program.add_text(name, text);
    match compile(&mut program, &Options::default()) {
        Ok(_) => (BTreeSet::new(), String::new()),
        Err(found) => {
            let errors = found.iter().filter(|d| d.severity == Severity::Error);
            (errors.map(|d| d.code.id).collect(), found.render(program.source_map(), false))
        }
    }
}

#[test]
fn refused_examples_report_their_code_and_accepted_ones_compile() {
    let mut wrong = String::new();
    for (id, page) in PAGES.iter().filter(|(id, _)| !id.starts_with('W')) {
        if let Some(refused) = example(page, "Refused") {
            let (codes, text) = errors(refused);
            if !codes.contains(id) {
                wrong += &format!("{id}: the refused example reports {codes:?}\n{text}\n");
            }
            let accepted = example(page, "Accepted").expect("a page shows how to mend it");
            let (codes, text) = errors(accepted);
            if !codes.is_empty() {
                wrong += &format!("{id}: the accepted example reports {codes:?}\n{text}\n");
            }
        } else if !page.contains("\nArises ") {
            wrong += &format!("{id}: neither an example nor a sentence on how it arises\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Checks an example; returns the codes of all that is found.
fn found((name, text): (&str, &str)) -> BTreeSet<&'static str> {
    let mut program = Compilation::new(std::collections::BTreeMap::<String, String>::new());
    program.add_text(name, text);
    program.check().iter().map(|d| d.code.id).collect()
}

#[test]
fn warned_examples_warn_and_better_ones_do_not() {
    for (id, page) in PAGES.iter().filter(|(id, _)| id.starts_with('W')) {
        let warned = found(example(page, "Warned").expect("a page shows what is warned of"));
        assert!(warned.contains(id) && warned.iter().all(|c| c.starts_with('W')), "{id}: {warned:?}");
        let better = found(example(page, "Better").expect("a page shows what is better"));
        assert!(!better.contains(id) && better.iter().all(|c| c.starts_with('W')), "{id}: {better:?}");
    }
}

#[test]
fn every_code_has_a_page_with_its_title() {
    let codes: BTreeSet<_> = TABLE.iter().map(|code| code.id).collect();
    let pages: BTreeSet<_> = PAGES.iter().map(|(id, _)| *id).collect();
    assert_eq!(codes, pages, "list new pages in compiler/src/diag/pages.rs");
    for code in TABLE {
        let page = fusor_compiler::diag::pages::page(code.id).unwrap();
        let head = format!("# {}: {}\n", code.id, code.title);
        assert!(page.starts_with(&head), "the page of {} should begin with {head}", code.id);
    }
}
