//! Tests the parser: no input panics, and it agrees with solang-parser up to the listed gaps.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use fusor_compiler::{diag::codes, lexer, parse, split};
use proptest::prelude::*;

/// Parses and returns the codes of the errors.
fn errors(text: &str) -> Vec<&'static str> {
    let (tokens, mut diags) = lexer::lex(0, text);
    let (parts, more) = split::split(0, text, &tokens);
    diags.extend(more);
    diags.extend(parse::parse(0, text, &parts.solidity).1);
    diags.iter().map(|d| d.code.id).collect()
}

const WORDS: &[&str] = &[
    "contract",
    "A",
    "b",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    ".",
    "function",
    "uint",
    "uint8",
    "=",
    "=>",
    "is",
    "1",
    "0x1",
    "\"s\"",
    "hex\"00\"",
    "if",
    "else",
    "for",
    "while",
    "do",
    "return",
    "assembly",
    "let",
    ":=",
    "->",
    "switch",
    "case",
    "default",
    "mapping",
    "struct",
    "enum",
    "event",
    "error",
    "using",
    "for",
    "global",
    "import",
    "from",
    "as",
    "*",
    "**",
    "++",
    "-",
    "!",
    "?",
    ":",
    "new",
    "delete",
    "try",
    "catch",
    "returns",
    "memory",
    "calldata",
    "storage",
    "public",
    "override",
    "virtual",
    "modifier",
    "constructor",
    "receive",
    "fallback",
    "unchecked",
    "emit",
    "revert",
    "type",
    "payable",
    "transient",
    "layout",
    "at",
    "description",
    "on",
    "every",
    "days",
    "ether",
    "_",
    "abstract",
    "library",
    "interface",
    "pragma",
    "solidity",
    "^",
    "0.8.0",
    "/*",
    "//",
    "\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        errors(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_tokens_never_panic(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..200)) {
        errors(&words.join(" "));
    }

    #[test]
    fn a_contract_cut_anywhere_never_panics(cut in 0usize..2000, glue in proptest::sample::select(WORDS)) {
        let mut at = cut.min(SAMPLE.len());
        while !SAMPLE.is_char_boundary(at) {
            at -= 1;
        }
        errors(&format!("{}{glue}{}", &SAMPLE[..at], &SAMPLE[at..]));
        errors(&SAMPLE[..at]);
    }
}

const SAMPLE: &str = include_str!("front/parse/whole_syntax.sol");

#[test]
fn the_whole_syntax_is_accepted() {
    assert_eq!(errors(SAMPLE), Vec::<&str>::new());
}

/// Trees of the deepest nesting that is accepted need more stack than a test thread has without optimisation.
#[test]
fn deep_nesting_is_an_error_and_not_an_overflow() {
    let work = std::thread::Builder::new().stack_size(64 << 20).spawn(deep_nesting).unwrap();
    work.join().unwrap();
}

fn deep_nesting() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("!", ""), ("-", ""), ("2**", ""), ("a?", ":b"), ("f(", ")"), ("a[", "]")]
    {
        let text = format!(
            "contract C {{ function f() public {{ x = {}1{}; }} }}",
            open.repeat(50_000),
            close.repeat(50_000)
        );
        assert!(errors(&text).contains(&codes::NESTED_TOO_DEEPLY.id), "{open}");
    }
    for chain in ["+1", ".a", "[0]", "()", "++", "=1", ".a{b:1}"] {
        let text = format!("contract C {{ function f() public {{ x = a{}; }} }}", chain.repeat(50_000));
        assert!(errors(&text).contains(&codes::NESTED_TOO_DEEPLY.id), "{chain}");
    }
    for (open, close) in [
        ("{", "}"),
        ("if (a) ", ";"),
        ("if (a) {} else ", ";"),
        ("for (;;) ", ";"),
        ("assembly {", "}"),
        ("mapping(uint => ", ")"),
        ("unchecked {", "}"),
        ("function(", ")"),
        ("uint", "[]"),
    ] {
        let text = format!(
            "contract C {{ function f() public {{ {}a{}; }} }}",
            open.repeat(50_000),
            close.repeat(50_000)
        );
        assert!(!errors(&text).is_empty(), "{open}");
    }
    let text = format!(
        "contract C {{ function f() public {{ assembly {{ {}a{} }} }} }}",
        "x(".repeat(50_000),
        ")".repeat(50_000)
    );
    assert!(errors(&text).contains(&codes::NESTED_TOO_DEEPLY.id));
}

#[test]
fn every_broken_function_is_reported_and_healthy_ones_stay() {
    let text = "contract C { function a() public { x = ; y + ; } function b() public {} uint 5; function c() public { return 1 } }";
    let (tokens, _) = lexer::lex(0, text);
    let (unit, diags) = parse::parse(0, text, &tokens);
    assert_eq!(diags.len(), 4, "{diags:?}");
    let fusor_compiler::ast::Item::Contract(c) = &unit.items[0] else { panic!() };
    assert_eq!(c.members.len(), 3);
}

/// Asks solang-parser.
fn solang_accepts(text: &str) -> bool {
    solang_parser::parse(text, 0).is_ok()
}

/// Checks that both parsers say the same of every program.
#[test]
fn agrees_with_solang_parser() {
    for (accepted, text) in PROGRAMS {
        let ours = errors(text).is_empty();
        assert_eq!(ours, *accepted, "{text}: {:?}", errors(text));
        assert_eq!(solang_accepts(text), *accepted, "solang differs: {text}");
    }
}

/// Lists where solang-parser is known to be wrong: (what solc and we say, program).
#[test]
fn known_gaps_of_solang_parser() {
    for (accepted, text) in GAPS {
        assert_eq!(errors(text).is_empty(), *accepted, "{text}: {:?}", errors(text));
        assert_ne!(solang_accepts(text), *accepted, "no longer a gap: {text}");
    }
}

const PROGRAMS: &[(bool, &str)] = &[
    (true, ""),
    (true, "pragma solidity ^0.8.0; contract C {}"),
    (
        true,
        "import \"a.sol\"; import \"a.sol\" as a; import * as b from \"b.sol\"; import {c, d as e} from \"c.sol\";",
    ),
    (
        true,
        "abstract contract C is A, B(1) { constructor() B(2) payable {} receive() external payable {} fallback(bytes calldata) external returns (bytes memory) {} }",
    ),
    (
        true,
        "library L { function f(uint[] storage s) internal view returns (uint a, uint) { return (s.length, 1 ether); } }",
    ),
    (
        true,
        "contract C { mapping(address owner => mapping(uint => S) x) public m; struct S { uint a; bytes32[2][] b; } }",
    ),
    (
        true,
        "contract C { function f() public { for (uint i = 0; i < 10; ++i) { if (i == 2) continue; else break; } while (true) { } do { } while (false); } }",
    ),
    (
        true,
        "contract C { function f() public { (uint a, , bytes memory b) = g(); (a, ) = h(); a = b ? c : d; unchecked { a += 1; } } }",
    ),
    (
        true,
        "contract C { function f() public { try this.g{value: 1, gas: 2}(1) returns (uint v) { } catch Error(string memory r) { } catch (bytes memory) { } } }",
    ),
    (
        true,
        "type U is uint8; using {add as +, f} for U global; function add(U a, U b) pure returns (U) { return a; }",
    ),
    (
        true,
        "error E(uint a); event V(address indexed a, bytes b) anonymous; enum X { A, B } uint constant Z = 1;",
    ),
    (
        true,
        "contract C { function f() public { assembly { let x := add(1, 2) switch x case 0 { } default { } for { let i := 0 } lt(i, 2) { i := add(i, 1) } { break } function g(a) -> b { leave } } } }",
    ),
    (true, "contract C { function() external returns (uint) public f; function (uint) internal pure g; }"),
    (
        true,
        "contract C { function f() public { revert E({a: 1}); emit V(1, 2); revert(); revert(\"x\"); new uint[](3); delete a[1]; a[1:2]; a[:]; } }",
    ),
    (false, "contract {"),
    (false, "contract C { function f( public {} }"),
    (false, "contract C { function f() public { if a {} } }"),
    (false, "contract C { function f() public { x = ; } }"),
    (false, "contract C { uint }"),
    (false, "contract C { function f() public { a[1 } }"),
    (false, "struct S { uint a }"),
    (false, "contract C { string s = \"abc; }"),
    (false, "contract C { function f() public { for (;) {} } }"),
];

const GAPS: &[(bool, &str)] = &[
    (false, "import a;"),
    (true, "contract C { uint transient x; }"),
    (true, "contract C layout at 5 {}"),
    (true, "contract C { function f(uint instance, uint persistent, uint temporary) public {} }"),
];

/// Runs over a corpus of JSON files outside the repository when `FUSOR_CORPUS` names its folder.
#[test]
fn corpus_agrees_with_its_expectations() {
    std::thread::Builder::new().stack_size(64 << 20).spawn(corpus).unwrap().join().unwrap();
}

fn corpus() {
    let Some(dir) = std::env::var_os("FUSOR_CORPUS") else { return };
    let read = |name: &str| -> Vec<serde_json::Value> {
        serde_json::from_slice(&std::fs::read(std::path::Path::new(&dir).join(name)).unwrap()).unwrap()
    };
    let mut wrong = 0;
    for case in read("semantic.json") {
        for (name, text) in case["sources"].as_object().unwrap() {
            let found = errors(text.as_str().unwrap());
            if !found.is_empty() {
                wrong += 1;
                println!("{} {name}: {found:?}", case["name"]);
            }
        }
    }
    for case in read("syntax.json") {
        let expected = case["expected"].to_string().contains("ParserError");
        let found =
            case["sources"].as_object().unwrap().values().any(|t| !errors(t.as_str().unwrap()).is_empty());
        if expected != found {
            wrong += 1;
            println!("{}: expected a syntax error {expected}, found {found}", case["name"]);
        }
    }
    println!("{wrong} differ");
}
