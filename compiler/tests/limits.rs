//! Compiles programs that are large or deep in one respect; each must end soon, with code or with a coded error.
#![allow(clippy::unwrap_used, reason = "tests")]

use fusor_compiler::driver::{Options, compile_source, compile_yul};
use std::time::{Duration, Instant};

/// What a debug build may take on a busy machine for the slowest of these programs.
const PATIENCE: Duration = Duration::from_secs(60);

fn repeat(n: usize, f: impl Fn(usize) -> String) -> String {
    (0..n).map(f).collect()
}

fn list(n: usize, f: impl Fn(usize) -> String) -> String {
    (0..n).map(f).collect::<Vec<_>>().join(", ")
}

/// Compiles and returns the code of the first error, or nothing.
fn outcome(source: &str) -> String {
    let start = Instant::now();
    let options = Options { enforce_limits: false, ..Options::default() };
    let text = compile_source("a.sol", source, &options).err().unwrap_or_default();
    assert!(start.elapsed() < PATIENCE, "{:?} for {}", start.elapsed(), source.get(..80).unwrap_or(source));
    println!("{:?} {} {}", start.elapsed(), source.get(..60).unwrap_or(""), text.get(..200).unwrap_or(&text));
    text.get(1..6).unwrap_or_default().to_owned()
}

fn body(statements: &str) -> String {
    format!(
        "contract C {{ uint s; function g(uint a) internal pure returns (uint) {{ return a; }} function f(uint x) public returns (uint) {{ {statements} return x; }} }}"
    )
}

fn accepted(source: &str) {
    assert_eq!(outcome(source), "", "{}", source.get(..200).unwrap_or(source));
}

fn refused(source: &str) {
    let code = outcome(source);
    assert!(code.starts_with('E') && code != "E0912", "{code} {}", source.get(..200).unwrap_or(source));
}

#[test]
fn many_values_fit() {
    accepted(&format!(
        "contract C {{ function f({}) public pure returns ({}) {{ {} }} }}",
        list(60, |i| format!("uint a{i}")),
        list(60, |i| format!("uint r{i}")),
        repeat(60, |i| format!("r{i} = a{} + a{i};", 59 - i))
    ));
    accepted(&format!(
        "contract C {{ function g({}) internal pure returns ({}) {{ {} }} function f(uint x) public pure returns (uint) {{ ({}) = g({}); return {}; }} }}",
        list(40, |i| format!("uint a{i}")),
        list(40, |i| format!("uint r{i}")),
        repeat(40, |i| format!("r{i} = a{} * a{i};", 39 - i)),
        list(40, |i| format!("uint v{i}")),
        list(40, |i| format!("x + {i}")),
        (0..40).map(|i| format!("v{i}")).collect::<Vec<_>>().join(" + "),
    ));
    accepted(&format!(
        "contract C {{ struct S {{ {} }} function f(S memory s) public pure returns (S memory t) {{ t = S({}); }} function g(S calldata s) public {{ st = s; }} S st; }}",
        repeat(80, |i| format!("uint{} f{i};", 8 * (1 + i % 32))),
        list(80, |i| format!("s.f{i}"))
    ));
    accepted(&format!(
        "contract C {{ function a(uint n) internal pure returns ({0}) {{ if (n == 0) return ({1}); ({2}) = a(n - 1); return ({3}); }} function f(uint n) public pure returns (uint) {{ ({2}) = a(n); return v0 + v29; }} }}",
        list(30, |_| "uint".into()),
        list(30, |i| i.to_string()),
        list(30, |i| format!("uint v{i}")),
        list(30, |i| format!("v{} + n", 29 - i)),
    ));
}

#[test]
fn long_programs_end() {
    accepted(&body(&repeat(2_000, |_| "s += x; ".into())));
    accepted(&body(&repeat(1_000, |i| format!("if (x == {i}) s = g({i}); "))));
    accepted(&body(&format!(
        "uint[300] memory m = [uint({}), {}]; x = m[x];",
        7,
        list(299, |i| i.to_string())
    )));
    accepted(&format!(
        "contract C {{ {} }}",
        repeat(1_000, |i| format!("function f{i}() public pure returns (uint) {{ return {i}; }} "))
    ));
    accepted(&format!(
        "contract C {{ {} }}",
        repeat(500, |i| format!("uint{} public v{i}; ", 8 * (1 + i % 32)))
    ));
    accepted(&format!("contract C {{ string public s = \"{}\"; }}", "a".repeat(60_000)));
    accepted(&format!(
        "contract C {{ bytes constant s = hex\"{}\"; function f() public pure returns (bytes memory) {{ return s; }} }}",
        "ab".repeat(20_000)
    ));
    accepted(&format!(
        "contract C {{ function f() public pure returns (uint) {{ return {}; }} }}",
        (0..1_000).map(|i| i.to_string()).collect::<Vec<_>>().join(" + ")
    ));
    accepted(&format!(
        "contract C {{ function f(uint x) public pure returns (uint) {{ unchecked {{ return {}; }} }} }}",
        (0..900).map(|_| "x").collect::<Vec<_>>().join(" + ")
    ));
    accepted(&format!(
        "{} contract C is {} {{ }}",
        repeat(100, |i| format!("contract A{i} {{ uint a{i}; modifier m{i}() {{ _; }} }} ")),
        list(100, |i| format!("A{i}"))
    ));
    accepted(&format!(
        "contract A0 {{ function f() public virtual returns (uint) {{ return 1; }} }} {}",
        repeat(40, |i| format!(
            "contract A{} is A{i} {{ function f() public virtual override returns (uint) {{ return super.f() + 1; }} }} ",
            i + 1
        ))
    ));
    accepted(&format!("contract C {{ enum E {{ {} }} E public e; }}", list(256, |i| format!("e{i}"))));
}

#[test]
fn deep_programs_end() {
    for n in [250, 20_000] {
        outcome(&body(&format!("x = {}x{};", "(".repeat(n), ")".repeat(n))));
        outcome(&body(&format!("{}x++;{}", "{".repeat(n), "}".repeat(n))));
        outcome(&body(&format!("{}x++;", "if (x > 1) ".repeat(n))));
        outcome(&body(&format!("{}x++;", "for (uint i = 0; i < x; i++) ".repeat(n))));
        outcome(&body(&format!("x = {}x{};", "g(".repeat(n), ")".repeat(n))));
        outcome(&body(&format!("x = {}x;", "~".repeat(n))));
        outcome(&body(&format!("x = {}1{};", "x > 1 ? 2 : (".repeat(n), ")".repeat(n))));
        outcome(&body(&format!("x = {}1;", "x > 1 ? 2 : ".repeat(n))));
        outcome(&body(&format!("x = {}1;", "x ** ".repeat(n))));
        outcome(&body(&format!("{}x;", "s = ".repeat(n))));
        outcome(&body(&format!("assembly {{ {}x := 1{} }}", "{".repeat(n), "}".repeat(n))));
        outcome(&body(&format!("assembly {{ x := {}x{} }}", "add(1, ".repeat(n), ")".repeat(n))));
        outcome(&format!(
            "contract C {{ uint{} a; function f() public view returns (uint) {{ return a.length; }} }}",
            "[]".repeat(n)
        ));
        outcome(&format!("contract C {{ uint{} a; }}", "[2]".repeat(n)));
        outcome(&format!("contract C {{ {}uint{} a; }}", "mapping(uint => ".repeat(n), ")".repeat(n)));
        outcome(&format!("contract C {{ {} uint{} f; }}", "function(".repeat(n), ") external".repeat(n)));
    }
    refused(&format!("contract C {{ function f(uint{} memory a) public {{ }} }}", "[]".repeat(300)));
    refused(&body(&"(".repeat(100_000)));
    refused(&body(&"{".repeat(100_000)));
    refused(&"contract C {".repeat(50_000));
    refused(&format!("contract C {{ uint x = {}; }}", "9".repeat(70_000)));
    refused(&format!("contract C {{ uint x = 1e{}; }}", "9".repeat(1_000)));
    refused("contract C { uint x = 2 ** 99999999; }");
    refused("contract C { uint x = (2 ** 4000) ** 4000; }");
    refused("contract C { uint x = 1 << 99999999; }");
}

#[test]
fn cycles_are_refused() {
    refused("struct A { B b; } struct B { C[2] c; } struct C { A a; } contract X { A a; }");
    refused("contract A is B {} contract B is C {} contract C is A {}");
    refused(
        "contract A { function f() public { new B(); } } contract B { function f() public { new A(); } }",
    );
    refused("uint constant a = b; uint constant b = c + 1; uint constant c = a; contract C { uint x = a; }");
    refused("contract C { struct S { S[] s; } function f(S memory s) public {} }");
    accepted(
        "contract C { struct S { S[] s; mapping(uint => S) m; uint v; } S st; function f() public { st.s.push(); st.s[0].v = 1; st.m[1].m[2].v = 3; } }",
    );
}

#[test]
fn yul_is_bounded() {
    let ends = |text: String| {
        let start = Instant::now();
        let program = compile_yul("a.yul", &text, &Options { enforce_limits: false, ..Options::default() });
        assert!(start.elapsed() < PATIENCE);
        assert_eq!(program.artifact.is_none(), program.diagnostics.has_errors());
    };
    for n in [200, 300, 30_000] {
        ends(format!("{{ {}pop(1){} }}", "{".repeat(n), "}".repeat(n)));
        ends(format!("{{ sstore(0, {}1{}) }}", "add(1, ".repeat(n), ")".repeat(n)));
        ends(format!("{}{}", "object \"a\" { code {} ".repeat(n), "}".repeat(n)));
        ends(format!(
            "{{ {} }}",
            repeat(n.min(400), |i| format!(
                "function f{i}(a) -> b {{ b := add(a, f{}(a)) }} ",
                (i + 1) % n.min(400)
            ))
        ));
    }
    ends("object".into());
    ends("object \"a\" { code {} data \"b\" ".into());
    ends("{ let a.b.c := 1 let x. := 2 }".into());
}
