//! Lexes, splits and parses any text; nothing may panic or overflow the stack.
#![no_main]

use fusor_compiler::{lexer, parse, split};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (tokens, _) = lexer::lex(0, text);
    let (parts, _) = split::split(0, text, &tokens);
    let _ = parse::parse(0, text, &parts.solidity);
});
