//! Shows who holds shares, and who holds too many.

use super::{quantity, rows, text};
use crate::table::{Side, Table};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write};

/// Shows the custodians, who runs them where, and the vaults whose shares they hold.
pub(super) fn table(custodians: &Value, vaults: &Value) -> String {
    let left =
        ["custodian", "owner", "provider", "region", "standing", "vaults"].map(|name| (name, Side::Left));
    let mut table = Table::new(&left);
    for one in custodians.as_array().into_iter().flatten() {
        let operator = text(one, "operator");
        let held: Vec<_> =
            vaults.as_array().into_iter().flatten().filter(|vault| holds(vault, operator)).collect();
        let held: Vec<_> = held.into_iter().map(|vault| quantity(vault, "vault").to_string()).collect();
        let named = ["owner", "provider", "region", "standing"].map(|key| text(one, key).to_owned());
        let [owner, provider, region, standing] = named;
        table.row([operator.to_owned(), owner, provider, region, standing, held.join(" ")]);
    }
    if custodians.as_array().is_none_or(Vec::is_empty) {
        table.note("no custodians yet".into());
    }
    table.text()
}

fn holds(vault: &Value, operator: &str) -> bool {
    vault
        .get("group")
        .into_iter()
        .flat_map(|group| rows(group, "members"))
        .any(|one| text(one, "operator") == operator)
}

/// Warns of everyone who owns or hosts more than one share of a vault, and lacks one at most to sign alone.
pub(super) fn warnings(vaults: &Value) -> String {
    let mut out = String::new();
    for vault in vaults.as_array().into_iter().flatten() {
        for group in ["group", "next"].into_iter().filter_map(|key| vault.get(key)) {
            for role in ["owner", "provider"] {
                warn(&mut out, vault, group, role);
            }
        }
    }
    out
}

fn warn(out: &mut String, vault: &Value, group: &Value, role: &str) {
    let threshold = group.get("threshold").and_then(Value::as_u64).unwrap_or_default();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for member in rows(group, "members") {
        *counts.entry(text(member, role)).or_default() += 1;
    }
    for (name, count) in counts {
        let near = count > 1 && count.saturating_add(1) >= threshold;
        if near || count >= threshold {
            let number = quantity(vault, "vault");
            let shares = if count == 1 { "1 share".to_owned() } else { format!("{count} shares") };
            // Writing to a string does not fail.
            let _ = writeln!(
                out,
                "warning: vault {number}: {role} {name} has {shares} in group {}; {threshold} sign",
                quantity(group, "group")
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn vault(threshold: u64, owners: &[&str]) -> Value {
        let member =
            |owner: &&str| json!({ "operator": owner, "owner": owner, "provider": format!("host-{owner}") });
        let members: Vec<_> = owners.iter().map(member).collect();
        let group = json!({ "group": "0x1", "threshold": threshold, "members": members });
        json!([{ "vault": "0x1", "group": group, "next": null }])
    }

    #[test]
    fn warns_of_whoever_nearly_signs_alone() {
        assert_eq!(warnings(&vault(3, &["a", "b", "c", "d", "e"])), "");
        assert_eq!(warnings(&vault(2, &["a", "b", "c"])), "");
        let text = warnings(&vault(3, &["a", "a", "c", "d", "e"]));
        assert!(text.contains("warning: vault 1: owner a has 2 shares in group 1; 3 sign\n"), "{text}");
        assert!(text.contains("provider host-a has 2 shares"), "{text}");
        assert!(warnings(&vault(1, &["a"])).contains("owner a has 1 share in group 1; 1 sign"));
    }

    #[test]
    fn shows_custodians_with_their_vaults() {
        let one = json!({ "operator": "a", "owner": "acme", "provider": "cloud", "region": "eu", "standing": "active" });
        let custodians = json!([one]);
        let text = table(&custodians, &vault(1, &["a"]));
        let row = text.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>();
        assert_eq!(row, ["a", "acme", "cloud", "eu", "active", "1"]);
        assert!(table(&json!([]), &json!([])).ends_with("no custodians yet\n"));
    }
}
