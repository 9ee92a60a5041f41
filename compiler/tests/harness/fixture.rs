//! Reads the `//@` directives of a fixture (see `tests/contracts/README.md`).

use alloy_primitives::{Address, U256};

/// Is what a fixture asks for, in order.
#[derive(Debug, Clone, Default)]
pub struct Fixture {
    pub contract: Option<String>,
    pub constructor: Call,
    pub steps: Vec<Step>,
}

/// Is a call's sender, value and arguments as written.
#[derive(Debug, Clone, Default)]
pub struct Call {
    pub from: Option<Address>,
    pub value: U256,
    /// The signature, `name(types)`; empty for constructors.
    pub signature: String,
    pub args: String,
}

/// Is one directive that runs.
#[derive(Debug, Clone)]
pub struct Step {
    pub line: usize,
    pub call: Call,
    pub kind: Kind,
}

/// Says what a step expects.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Success with these results.
    Returns(String),
    /// A revert with this data.
    Reverts(String),
    /// Raw call data, and the raw result.
    Raw(String),
}

/// Reads all directives; panics with the line where one is malformed.
pub fn parse(source: &str) -> Fixture {
    let mut fixture = Fixture::default();
    for (i, line) in source.lines().enumerate() {
        let Some(directive) = line.trim_start().strip_prefix("//@ ") else { continue };
        read_directive(&mut fixture, i + 1, directive);
    }
    fixture
}

fn read_directive(fixture: &mut Fixture, line: usize, text: &str) {
    let end = text.find([':', ' ', '{']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let (options, rest) = options(rest);
    let rest = rest.trim_start().strip_prefix(':').unwrap_or(rest).trim();
    let mut call = Call { from: options.0, value: options.1, ..Call::default() };
    match name {
        "contract" => fixture.contract = Some(rest.to_owned()),
        "constructor" => {
            call.args = rest.to_owned();
            fixture.constructor = call;
        }
        "run-call" | "reverts" | "raw-call" => {
            let (left, right) = match rest.split_once("=>") {
                Some((left, right)) => (left.trim(), right.trim().to_owned()),
                None => (rest, String::new()),
            };
            let kind = match name {
                "run-call" => Kind::Returns(right),
                "reverts" => Kind::Reverts(right),
                _ => Kind::Raw(right),
            };
            (call.signature, call.args) =
                if name == "raw-call" { (String::new(), left.to_owned()) } else { split_signature(left) };
            fixture.steps.push(Step { line, call, kind });
        }
        other => panic!("line {line}: unknown directive {other}"),
    }
}

fn options(text: &str) -> ((Option<Address>, U256), &str) {
    let text = text.trim_start();
    let Some(inner) = text.strip_prefix('{') else { return ((None, U256::ZERO), text) };
    let (inner, rest) = inner.split_once('}').expect("options end with a brace");
    let mut from = None;
    let mut value = U256::ZERO;
    for option in inner.split(',') {
        let (key, literal) = option.split_once(':').expect("an option has a value");
        match key.trim() {
            "from" => {
                let number: U256 = literal.trim().parse().expect("a sender");
                from = Some(Address::from_word(number.into()));
            }
            "value" => value = literal.trim().parse().expect("a value"),
            other => panic!("unknown option {other}"),
        }
    }
    ((from, value), rest)
}

/// Splits `name(types) args` behind the parenthesis that closes the types.
pub fn split_signature(text: &str) -> (String, String) {
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    let (signature, args) = text.split_at(i + 1);
                    return (signature.trim().to_owned(), args.trim().to_owned());
                }
            }
            _ => {}
        }
    }
    (text.trim().to_owned(), String::new())
}
