//! Checks any text as a file with description sections; nothing may panic, and every finding can be rendered.
#![no_main]

use fusor_compiler::compilation::Compilation;
use std::collections::BTreeMap;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut compilation = Compilation::new(BTreeMap::from([("a.csc".to_owned(), text.to_owned())]));
    compilation.add_file("a.csc");
    let found = compilation.check().clone();
    found.render(compilation.source_map(), false);
});
