//! Checks descriptions up to the tree; what the added members do is tested with the whole compiler.

use super::{Unit, attach};
use crate::ast::{Item, Member};
use crate::lexer::lex;
use crate::parse::parse;
use crate::split::split;

const CONTRACT: &str = "
    interface Oracle { event NavSet(address indexed by, uint256 nav); function open() external view returns (bool); }
    contract Fund {
        Oracle oracle;
        uint256 maturity;
        function strike(uint256 nav) internal {}
        function pay() internal {}
        function redeem() external {}
    }
";

/// Attaches a description to `Fund` and compares the codes of all diagnostics, in order of place.
fn check(description: &str, codes: &[&str]) -> Vec<String> {
    let text = format!("{CONTRACT} description Fund {{ {description} }}");
    let (tokens, faults) = lex(0, &text);
    assert!(faults.is_empty(), "{faults:?}");
    let (cut, faults) = split(0, &text, &tokens);
    assert!(faults.is_empty(), "{faults:?}");
    let (mut unit, faults) = parse(0, &text, &cut.solidity);
    assert!(faults.is_empty(), "{faults:?}");
    let units = &mut [Unit {
        file: 0,
        text: &text,
        unit: &mut unit,
        sections: &cut.descriptions,
        imports: Vec::new(),
    }];
    let mut outcome = attach(units);
    outcome.diagnostics.sort_by_key(|d| d.span);
    let found: Vec<&str> = outcome.diagnostics.iter().map(|d| d.code.id).collect();
    assert_eq!(found, codes, "{:#?}", outcome.diagnostics);
    names(&unit)
}

fn names(unit: &crate::ast::SourceUnit) -> Vec<String> {
    let mut names = Vec::new();
    for item in &unit.items {
        let Item::Contract(contract) = item else { continue };
        for member in &contract.members {
            match member {
                Member::Function(f) => names.extend(f.name.as_ref().map(|n| n.name.to_string())),
                Member::Modifier(m) => names.push(m.name.name.to_string()),
                _ => {}
            }
        }
    }
    names
}

const POLICY: &str = "policy { gas 300_000; escrow 1 ether; }";

fn ok(clauses: &str) -> Vec<String> {
    check(&format!("{clauses} {POLICY}"), &[])
}

fn faulty(clauses: &str, codes: &[&str]) {
    check(&format!("{clauses} {POLICY}"), codes);
}

#[test]
fn every_clause_becomes_members() {
    let names = ok("on at maturity if maturity > 0 do pay() retry 3 every 1h;
        on every 8h from maturity until maturity + 1 weeks do pay() missed all 3;
        on cron \"0 0 1 * *\" utc adjust modified following do pay();
        on event oracle.NavSet(address by, uint256 nav) where nav > 10 && by != address(this) do strike(nav);
        on call redeem if maturity == 0 do pay();
        nested wait = pay() when oracle.open() within 1d poll 1h else pay();
        on at maturity do pay() late 10m then pay();");
    for name in [
        "__fusor_register_Fund",
        "__fusor_rebook_Fund",
        "__fusor_Fund_0",
        "__fusor_Fund_0_if",
        "__fusor_Fund_1_until",
        "__fusor_Fund_2_time",
        "__fusor_Fund_3_where",
        "__fusor_Fund_4_after",
        "__fusor_Fund_5_else",
        "__fusor_Fund_6_late",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} is missing from {names:?}");
    }
}

#[test]
fn unknown_functions_and_events_are_named() {
    faulty("on at maturity do nothing();", &["D0201"]);
    faulty("on call nothing do pay();", &["D0201"]);
    faulty("on event oracle.Other(uint256 nav) do strike(nav);", &["D0205"]);
    faulty("on event oracle.NavSet(uint256 nav) do strike(nav);", &["D0205"]);
    faulty("on event nobody.NavSet(address by, uint256 nav) do strike(nav);", &["D0205"]);
    faulty("on at maturity do maturity;", &["D0202"]);
}

#[test]
fn triggers_that_never_fire_are_refused() {
    faulty("on at 0 do pay();", &["D0301"]);
    faulty("on every 0s do pay();", &["D0301"]);
    faulty("on every 1d from 2000 until 1000 do pay();", &["D0301"]);
    faulty("on cron \"0 0 30 2 *\" do pay();", &["D0301"]);
    faulty("on cron \"0 0 30 *\" do pay();", &["D0302"]);
    faulty("on at maturity if 1 > 2 && maturity > 0 do pay();", &["D0301"]);
    faulty("on event oracle.NavSet(address by, uint256 nav) do strike(nav) max 0;", &["D0301"]);
    faulty("nested wait = pay() when oracle.open() else pay();", &["D0303"]);
    faulty("nested wait = pay() when oracle.open() within 1d;", &["D0303"]);
}

#[test]
fn unfunded_descriptions_are_refused() {
    check("on at maturity do pay();", &["D0304"]);
    check("on at maturity do pay(); policy { gas 300_000; }", &["D0304"]);
    check("on at maturity do pay(); policy { gas 300_000; escrow 0; }", &["D0304"]);
    check("on at maturity do pay(); policy { gas 0; escrow 1 ether; }", &["D0304"]);
    check(
        "on every 1d from 86400 until 864000 do pay(); policy { gas 979_000; escrow 9008999 gwei; }",
        &["D0304"],
    );
    check("on every 1d from 86400 until 864000 do pay(); policy { gas 979_000; escrow 9009000 gwei; }", &[]);
}

#[test]
fn every_fault_of_a_section_is_reported() {
    faulty(
        "on at do pay(); on sometimes do pay(); source price: uint256 { http \"x\"; } on at 0 do pay();",
        &["E0201", "D0101", "D0104", "D0301"],
    );
    check("policy { gas 1; gas 2; escrow 1 ether; }", &["D0103"]);
}
