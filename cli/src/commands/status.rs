//! `fusor status`: shows what a node and its network do.

use crate::{
    error::Outcome,
    network::client::Client,
    output,
    table::{Side, Table},
};
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};

/// Clears a terminal and goes to its first line.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Asks a node for its height, its groups with their representatives and packages, and how long finality took.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The node.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8545")]
    rpc: String,
    /// Show it again every second.
    #[arg(long)]
    watch: bool,
}

/// Shows the status, once or until the process is ended.
pub(crate) fn run(args: &Args) -> Outcome {
    let client = Client::new(&args.rpc)?;
    if !args.watch {
        return output::print(&view(&client)?);
    }
    loop {
        let text = match view(&client) {
            Ok(text) => text,
            // A node that restarts answers again.
            Err(error) => format!("{error}\n"),
        };
        output::print(&format!("{CLEAR}{text}"))?;
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn view(client: &Client) -> Outcome<String> {
    let status = client.ask("fusor_status", &json!([]))?;
    let groups = client.ask("fusor_groups", &json!([]))?;
    Ok(format!("{}\n{}", head(&status), table(&status, &groups)))
}

fn head(status: &Value) -> String {
    let at = |path: &str| number(status.pointer(path));
    let text = |path: &str| status.pointer(path).and_then(Value::as_str).unwrap_or("none").to_owned();
    let (height, highest) = (at("/height"), at("/highest"));
    let behind = highest.saturating_sub(height);
    let group = status.get("group").filter(|group| !group.is_null());
    let group = group.map_or("none".to_owned(), |group| number(Some(group)).to_string());
    let rows = [
        ("node", text("/node")),
        ("height", if behind > 0 { format!("{height}, {behind} behind") } else { height.to_string() }),
        ("epoch", format!("{} of {} blocks", at("/epoch"), at("/epochLength"))),
        ("seed", text("/seed")),
        ("beacon", beacon(status)),
        ("group", group),
        ("finality", format!("{} ms", at("/finalityMilliseconds"))),
        ("last work", format!("{} us", at("/workMicroseconds"))),
        ("heard", format!("{} packages, {} offers", at("/packagesHeard"), at("/offersHeard"))),
        ("peers", at("/peers").to_string()),
        ("pool", format!("{} pending, {} queued", at("/pool/pending"), at("/pool/queued"))),
        ("cheats", at("/cheats").to_string()),
    ];
    rows.iter().fold(String::new(), |mut out, (name, value)| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{name:<10}{value}");
        out
    })
}

/// Says who signs seeds.
fn beacon(status: &Value) -> String {
    let at = |path: &str| number(status.pointer(path));
    let made = status.pointer("/beacon/key").is_some_and(|key| !key.is_null());
    let share = status.pointer("/beacon/share").and_then(Value::as_bool).unwrap_or_default();
    match (made, share) {
        (true, true) => format!("the committee, any {} of it; this node has a share", at("/beacon/quorum")),
        (true, false) => format!("the committee, any {} of it", at("/beacon/quorum")),
        (false, _) => {
            format!(
                "authors; {} of {} dealings for the committee's key",
                at("/beacon/dealings"),
                at("/beacon/quorum")
            )
        }
    }
}

fn table(status: &Value, groups: &Value) -> String {
    let mut table = Table::new(&[
        ("group", Side::Right),
        ("nodes", Side::Right),
        ("representative", Side::Left),
        ("package", Side::Left),
    ]);
    for group in groups.as_array().into_iter().flatten() {
        let members = group.get("members").and_then(Value::as_array).map_or(0, Vec::len);
        let representative = group.get("representative").and_then(Value::as_str).unwrap_or("nobody");
        let package = match group.get("package").filter(|package| !package.is_null()) {
            Some(package) => format!("{} transactions", number(Some(package))),
            None => "not heard yet".to_owned(),
        };
        table.row([
            number(group.get("group")).to_string(),
            members.to_string(),
            representative.to_owned(),
            package,
        ]);
    }
    let offers = number(status.get("offers"));
    table.note(format!("{offers} offers for block {}", number(status.get("height")).saturating_add(1)));
    table.text()
}

/// Reads a quantity; 0 if there is none.
fn number(value: Option<&Value>) -> u64 {
    let digits = value.and_then(Value::as_str).and_then(|text| text.strip_prefix("0x"));
    digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_groups_and_what_is_missing() {
        let status = json!({ "height": "0xa", "highest": "0xc", "group": null, "offers": "0x2", "epoch": "0x1",
            "epochLength": "0x40", "node": "0x01",
            "beacon": { "key": null, "dealings": "0x2", "quorum": "0x3", "share": false }, "pool": { "pending": "0x3", "queued": "0x0" } });
        let groups = json!([
            { "group": "0x0", "members": ["0x01"], "representative": "0x01", "package": "0x7" },
            { "group": "0x1", "members": [], "representative": null, "package": null },
        ]);
        let head = head(&status);
        assert!(head.contains("height    10, 2 behind\n"), "{head}");
        assert!(head.contains("group     none\n"), "{head}");
        assert!(head.contains("beacon    authors; 2 of 3 dealings for the committee's key\n"), "{head}");
        let table = table(&status, &groups);
        assert!(table.contains("    0      1  0x01            7 transactions\n"), "{table}");
        assert!(table.contains("    1      0  nobody          not heard yet\n"), "{table}");
        assert!(table.contains("2 offers for block 11\n"), "{table}");
    }
}
