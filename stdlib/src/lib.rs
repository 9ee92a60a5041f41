//! Embeds Fusor's Solidity standard library: the prelude over the extension's opcodes, financial mathematics, time
//! conventions and contract templates. The compiler resolves imports that begin with `fusor/` here.

/// Lists every source by its import path.
const FILES: &[(&str, &str)] = &[
    ("fusor/Assets.sol", include_str!("../contracts/Assets.sol")),
    ("fusor/Consensus.sol", include_str!("../contracts/Consensus.sol")),
    ("fusor/Custody.sol", include_str!("../contracts/Custody.sol")),
    ("fusor/Nested.sol", include_str!("../contracts/Nested.sol")),
    ("fusor/Triggers.sol", include_str!("../contracts/Triggers.sol")),
    ("fusor/Usufruct.sol", include_str!("../contracts/Usufruct.sol")),
    ("fusor/finance/Actus.sol", include_str!("../contracts/finance/Actus.sol")),
    ("fusor/finance/Bond.csc", include_str!("../contracts/finance/Bond.csc")),
    ("fusor/finance/BondCore.sol", include_str!("../contracts/finance/BondCore.sol")),
    ("fusor/finance/MarketSeries.sol", include_str!("../contracts/finance/MarketSeries.sol")),
    ("fusor/finance/PAM.sol", include_str!("../contracts/finance/PAM.sol")),
    ("fusor/finance/PamEngine.sol", include_str!("../contracts/finance/PamEngine.sol")),
    ("fusor/interfaces/IConsensus.sol", include_str!("../contracts/interfaces/IConsensus.sol")),
    ("fusor/interfaces/ICustody.sol", include_str!("../contracts/interfaces/ICustody.sol")),
    ("fusor/interfaces/IERC20View.sol", include_str!("../contracts/interfaces/IERC20View.sol")),
    ("fusor/interfaces/ILedger.sol", include_str!("../contracts/interfaces/ILedger.sol")),
    ("fusor/interfaces/INested.sol", include_str!("../contracts/interfaces/INested.sol")),
    ("fusor/interfaces/ITriggers.sol", include_str!("../contracts/interfaces/ITriggers.sol")),
    ("fusor/interfaces/IUsufruct.sol", include_str!("../contracts/interfaces/IUsufruct.sol")),
    ("fusor/math/Fixed.sol", include_str!("../contracts/math/Fixed.sol")),
    ("fusor/time/BusinessDay.sol", include_str!("../contracts/time/BusinessDay.sol")),
    ("fusor/time/Calendar.sol", include_str!("../contracts/time/Calendar.sol")),
    ("fusor/time/Cycle.sol", include_str!("../contracts/time/Cycle.sol")),
    ("fusor/time/DayCount.sol", include_str!("../contracts/time/DayCount.sol")),
];

/// Lists every source as (import path, text), ordered by path.
pub fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// Finds a source by its import path, for example `fusor/Assets.sol`.
pub fn find(path: &str) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every source on disk is embedded, and the list is ordered so that a missing one is seen.
    #[test]
    fn every_source_is_listed() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("readable").map(|e| e.expect("entry").path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|e| e == "sol" || e == "csc") {
                    let tail = entry.strip_prefix(&root).expect("below root");
                    found.push(format!("fusor/{}", tail.to_string_lossy().replace('\\', "/")));
                }
            }
        }
        found.sort();
        let listed: Vec<String> = files().iter().map(|(path, _)| (*path).to_string()).collect();
        assert_eq!(listed, found);
    }

    /// Imports between sources lead to sources that are embedded too.
    #[test]
    fn imports_resolve() {
        for (path, text) in files() {
            for line in text.lines().filter(|l| l.trim_start().starts_with("import ")) {
                let target = line.split('"').nth(1).expect("a quoted path");
                assert!(find(target).is_some(), "{path} imports {target}, which is not embedded");
            }
        }
    }
}
