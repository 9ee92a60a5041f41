//! Compares what the template did with what the reference says, event by event.

use super::case::Expected;
use crate::input::{date, decimal};
use alloy_primitives::I256;

/// Is one event as the contract told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actual {
    pub(crate) time: u64,
    pub(crate) kind: String,
    pub(crate) payoff: I256,
    pub(crate) notional: Option<I256>,
    pub(crate) rate: Option<I256>,
    pub(crate) accrued: Option<I256>,
}

/// Is a pair of events, either of which may be missing, with what differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) expected: Option<Expected>,
    pub(crate) actual: Option<Actual>,
    /// What differs; empty when the two agree.
    pub(crate) differences: Vec<String>,
}

/// Pairs events by date and type and compares their numbers. `to` drops everything after it.
pub(crate) fn compare(expected: &[Expected], actual: &[Actual], to: Option<u64>) -> Vec<Row> {
    let inside = |time: u64| to.is_none_or(|to| time <= to);
    let mut left: Vec<&Actual> = actual.iter().filter(|event| inside(event.time)).collect();
    let mut rows = Vec::new();
    for event in expected.iter().filter(|event| inside(event.time)) {
        let found = left.iter().position(|a| a.time == event.time && a.kind == event.kind);
        rows.push(pair(event, found.map(|at| left.remove(at))));
    }
    rows.extend(left.into_iter().map(surplus));
    rows.sort_by_key(|row| row.expected.as_ref().map(|e| e.time).or(row.actual.as_ref().map(|a| a.time)));
    rows
}

fn surplus(actual: &Actual) -> Row {
    Row { expected: None, actual: Some(actual.clone()), differences: vec!["not in the reference".into()] }
}

fn pair(expected: &Expected, actual: Option<&Actual>) -> Row {
    let differences = match actual {
        None => vec![format!("no {} on {}", expected.kind, date::show(expected.time))],
        Some(actual) => differences(expected, actual),
    };
    Row { expected: Some(expected.clone()), actual: actual.cloned(), differences }
}

fn differences(expected: &Expected, actual: &Actual) -> Vec<String> {
    let numbers = [
        ("payoff", Some(expected.payoff), Some(actual.payoff)),
        ("notionalPrincipal", expected.notional, actual.notional),
        ("nominalInterestRate", expected.rate, actual.rate),
        ("accruedInterest", expected.accrued, actual.accrued),
    ];
    numbers.into_iter().filter_map(|(name, expected, actual)| differs(name, expected?, actual?)).collect()
}

fn differs(name: &str, expected: I256, actual: I256) -> Option<String> {
    let text = || format!("{name} {} instead of {}", decimal::show(actual), decimal::show(expected));
    (!decimal::agrees(actual, expected)).then(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> I256 {
        decimal::parse(text, decimal::Excess::Refuse).unwrap()
    }

    fn expected(time: u64, kind: &str, payoff: &str) -> Expected {
        let (kind, payoff) = (kind.to_string(), number(payoff));
        Expected { time, kind, payoff, notional: Some(number("3000")), rate: None, accrued: None }
    }

    fn actual(time: u64, kind: &str, payoff: &str) -> Actual {
        let (kind, payoff) = (kind.to_string(), number(payoff));
        Actual { time, kind, payoff, notional: Some(number("3000")), rate: None, accrued: None }
    }

    fn wrong(rows: &[Row]) -> Vec<String> {
        rows.iter().flat_map(|row| row.differences.clone()).collect()
    }

    #[test]
    fn agrees_whatever_the_order_within_a_date() {
        let reference = [expected(5, "IP", "1.00000001"), expected(5, "MD", "3000")];
        let rows = compare(&reference, &[actual(5, "MD", "3000.00003"), actual(5, "IP", "1")], None);
        assert_eq!(wrong(&rows), Vec::<String>::new());
    }

    #[test]
    fn notices_wrong_numbers_missing_and_surplus_events() {
        let reference = [expected(5, "IP", "1"), expected(6, "IP", "1")];
        let rows = compare(&reference, &[actual(5, "IP", "1.0000001"), actual(7, "IP", "1")], None);
        assert_eq!(
            wrong(&rows),
            ["payoff 1.0000001 instead of 1", "no IP on 1970-01-01 00:00:06", "not in the reference"]
        );
        let state = Actual { notional: Some(number("2999")), ..actual(5, "IP", "1") };
        assert_eq!(
            wrong(&compare(&reference[..1], &[state], None)),
            ["notionalPrincipal 2999 instead of 3000"]
        );
    }

    #[test]
    fn ends_early() {
        let reference = [expected(5, "IP", "1"), expected(9, "MD", "1")];
        let rows = compare(&reference, &[actual(5, "IP", "1"), actual(9, "MD", "2")], Some(5));
        assert_eq!((rows.len(), wrong(&rows)), (1, Vec::<String>::new()));
    }
}
