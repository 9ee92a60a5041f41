//! Runs every example from source to its last payment, as a user would.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, Ran, fusor, fusor_in, root};

/// Runs an example and returns its timeline and its plot.
#[track_caller]
fn play(name: &str) -> (String, String) {
    let folder = Folder::new();
    let svg = folder.path().join("plot.svg");
    let Ran { code, out, err } = fusor(&["run", &format!("examples/{name}"), "--svg", svg.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}\n{err}");
    (out, std::fs::read_to_string(svg).unwrap())
}

/// Checks that a line holds all of `parts`, in their order.
#[track_caller]
fn has_line(text: &str, parts: &[&str]) {
    let fits = |line: &str| {
        let mut rest = line;
        parts.iter().all(|part| match rest.split_once(part) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    };
    assert!(text.lines().any(fits), "no line with {parts:?} in\n{text}");
}

#[test]
fn a_bond_runs_from_source_to_its_last_coupon() {
    let (out, svg) = play("bond");
    assert!(out.starts_with("A city's five-year bond"));
    has_line(&out, &["release by city", "bond", "executed"]);
    has_line(&out, &["call by bob", "bond.subscribe", "reverted: TooManyUnits"]);
    // The issue at 99, ten coupons on business days, the last one with the principal.
    has_line(&out, &["990000 USD", "bond -> city"]);
    let coupons = out.lines().filter(|line| line.contains("time") && line.contains("bond.processEvents"));
    let dates: Vec<_> = coupons.map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(dates.len(), 11, "{out}");
    assert_eq!((dates.first(), dates.last()), (Some(&"2026-02-27"), Some(&"2031-02-28")));
    assert_eq!(dates.get(9), Some(&"2030-08-30"), "31 August 2030 is a Saturday");
    has_line(&out, &["600000 USD", "bond -> alice"]);
    has_line(&out, &["bond.Payment(eventType 20", "payoff 1000000e18", "notional 0"]);
    has_line(&out, &["11 firings"]);
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert!(svg.contains("<title>2031-02-28  alice  613,350 USD</title>"), "{svg}");
    assert!(svg.contains("date (UTC)") && svg.contains("payoff of bond.Payment"));
}

#[test]
fn an_issuer_pays_late_and_then_defaults() {
    let (out, _) = play("bond-default");
    // Carol has the use of 200 of Alice's 600 units, so a fifth of the coupon is hers.
    has_line(&out, &["10 USD", "bond -> carol"]);
    has_line(&out, &["bond.Missed(eventType 6, date 2027-02-01, due 50e18)"]);
    has_line(&out, &["bond.Payment(eventType 6, date 2027-02-01, payoff 50e18"]);
    has_line(&out, &["bond.Defaulted(date 2027-08-01, due 50e18, recovered 30e18)"]);
    has_line(&out, &["call by mill", "bond.deposit", "reverted: WrongStatus(4)"]);
}

#[test]
fn the_same_scenario_gives_the_same_bytes() {
    let run = || {
        let folder = Folder::new();
        let example = root().join("examples/bond");
        let out = fusor_in(folder.path(), &["run", example.to_str().unwrap()]).succeeds();
        (out, std::fs::read_to_string(folder.path().join("out/bond.svg")).unwrap())
    };
    let (first, again) = (run(), run());
    assert!(first == again, "{}\n{}", first.0, again.0);
}

#[test]
fn a_bond_pays_late_and_then_defaults() {
    let (out, _) = play("bond-default");
    // Coupons follow the right of use: carol has bought the use of a third of alice's units.
    has_line(&out, &["10 USD", "bond -> carol"]);
    has_line(&out, &["2027-02-03", "time", "bond.processEvents", "executed"]);
    has_line(&out, &["bond.Defaulted(date 2027-08-01", "recovered 30e18"]);
    has_line(&out, &["usufruct.Offered", "grantor alice", "user carol", "id $MILL"]);
    has_line(&out, &["bond.deposit", "reverted: WrongStatus(4)"]);
}

#[test]
fn assets_are_combined_and_taken_apart() {
    let (out, _) = play("multi-asset");
    has_line(&out, &["basket.wrap", "reverted: WrongProportion"]);
    has_line(&out, &["5 BASKET", "issued to alice"]);
    has_line(&out, &["2 BASKET", "burnt by basket"]);
    has_line(&out, &["160 XAG", "basket -> alice"]);
}

#[test]
fn a_right_of_use_returns_by_itself() {
    let (out, _) = play("usufruct");
    has_line(&out, &["2026-02-01", "call by tenant", "flat.open", "executed"]);
    has_line(&out, &["2026-02-01", "call by owner", "flat.open", "reverted: DoorStaysShut(owner)"]);
    has_line(&out, &["2027-02-01", "call by owner", "flat.open", "executed"]);
}

#[test]
fn the_network_pays_a_wage_on_time() {
    let (out, svg) = play("time-trigger");
    let wages = out.lines().filter(|line| line.contains("3000 EUR  salary -> worker")).count();
    assert_eq!(wages, 12, "{out}");
    assert!(svg.contains("worker  3,000 EUR"));
}

#[test]
fn an_event_starts_a_sale_in_the_next_block() {
    let (out, _) = play("event-trigger");
    has_line(&out, &["2026-01-02 00:00:24", "event due 2026-01-02 00:00:12", "stop.sell", "executed"]);
    has_line(&out, &["5800 USD", "stop -> owner"]);
}

#[test]
fn a_nested_call_waits_and_has_a_way_out() {
    let (out, _) = play("nested-call");
    has_line(&out, &["condition", "first.settle", "executed"]);
    has_line(&out, &["80 USD", "first -> seller"]);
    has_line(&out, &["deadline", "second.else of settle", "expired"]);
    has_line(&out, &["50 USD", "second -> buyer"]);
}

#[test]
fn a_pledge_is_redeemed_or_forfeited_by_itself() {
    let (out, svg) = play("custody");
    has_line(&out, &["kept.fund", "reverted: NotNow(0)"]);
    has_line(&out, &["51 LTC", "borrower -> kept"]);
    has_line(&out, &["kept.collectOutside", "reverted: NotThisCoin"]);
    has_line(&out, &["51 LTC", "kept -> lender"]);
    has_line(&out, &["2026-07-01", "time", "lost.mature", "executed"]);
    has_line(&out, &["1 ETH", "lost -> lender"]);
    has_line(&out, &["3 ETH", "idle -> borrower"]);
    assert!(svg.contains("lender"), "{svg}");
}

#[test]
fn every_example_is_run_by_a_test() {
    // The lottery draws by a block's seed, which a chain of one node has not: `compiler/tests/consensus_example.rs`.
    let tested = [
        "bond",
        "bond-default",
        "custody",
        "event-trigger",
        "lottery",
        "multi-asset",
        "nested-call",
        "time-trigger",
        "usufruct",
    ];
    let mut found: Vec<_> = std::fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, tested);
}

#[test]
fn the_plot_goes_to_out_by_default() {
    let folder = Folder::new();
    let example = root().join("examples/multi-asset");
    let out = fusor_in(folder.path(), &["run", example.to_str().unwrap()]).succeeds();
    assert!(out.contains("cash flow drawn to out/multi-asset.svg"));
    assert_eq!(folder.files(), ["out/multi-asset.svg"]);
}

#[test]
fn a_calendar_shows_firings_and_costs_before_release() {
    let out = fusor(&["calendar", "examples/bond"]).succeeds();
    assert!(out.contains("assuming the calls of the scenario"));
    has_line(&out, &["2026-08-31", "time", "bond.processEvents", "4000000"]);
    has_line(&out, &["11 firings", "ether in all"]);
    has_line(&out, &["nothing stays booked"]);
    has_line(&out, &["bond: on at nextEventTime() do processEvents()"]);
    // Nobody subscribes: the bond is withdrawn at the issue and nothing else is due.
    let alone = fusor(&["calendar", "examples/bond", "--alone"]).succeeds();
    assert!(alone.contains("without any call after the release"));
    has_line(&alone, &["1 firings"]);
}

#[test]
fn the_calendars_total_is_the_sum_of_its_rows() {
    let out = fusor(&["calendar", "examples/time-trigger", "--until", "2026-07-01"]).succeeds();
    let rows = out.lines().filter(|line| line.contains("salary.pay"));
    let cells: Vec<Vec<u64>> =
        rows.map(|row| row.split_whitespace().filter_map(|cell| cell.parse().ok()).collect()).collect();
    assert_eq!(cells.len(), 6, "{out}");
    let sum: u64 = cells.iter().map(|row| row[row.len() - 2]).sum();
    assert_eq!(cells.last().unwrap().last(), Some(&sum));
    assert!(out.contains("more is booked after the last date shown"));
}

#[test]
fn build_writes_artifacts_that_other_tools_read() {
    let folder = Folder::new();
    let out = folder.path().join("artifacts");
    fusor(&["build", "examples/time-trigger", "--out", out.to_str().unwrap()]).succeeds();
    let text = std::fs::read_to_string(out.join("salary.csc/Salary.json")).unwrap();
    let artifact: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(artifact["bytecode"]["object"].as_str().unwrap().len() > 200);
    let functions = artifact["abi"].as_array().unwrap();
    assert!(functions.iter().any(|one| one["name"] == "firstPayday"));
    assert_eq!(artifact["fusor"]["descriptions"][0]["kind"], "every");
    assert!(fusor(&["check", "examples"]).succeeds().contains("files checked, no errors"));
}
