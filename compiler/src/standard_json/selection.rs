//! Decides which outputs a request asks for.

use super::request::{RequestError, object, texts};
use serde_json::Value;
use std::collections::BTreeMap;

/// Names the outputs that `*` leaves out.
const ONLY_BY_NAME: [&str; 4] = ["ir", "irOptimized", "irAst", "irOptimizedAst"];

/// Names the outputs that are made from code.
const OF_CODE: [&str; 6] =
    ["evm.assembly", "evm.legacyAssembly", "evm.bytecode", "evm.deployedBytecode", "evm.gasEstimates", "ir"];

/// Is what is wanted of each file and contract: outputs by contract (`*` any, empty the file itself) by file (`*` any).
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    files: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Selection {
    /// Reads `settings.outputSelection`.
    pub(super) fn parse(value: Option<&Value>) -> Result<Self, RequestError> {
        let Some(value) = value else { return Ok(Self::default()) };
        let mut files = BTreeMap::new();
        for (file, contracts) in object(value, "settings.outputSelection")? {
            let key = format!("settings.outputSelection.{file}");
            let mut wanted = BTreeMap::new();
            for (contract, outputs) in object(contracts, &key)? {
                wanted.insert(contract.clone(), texts(outputs, &format!("{key}.{contract}"))?);
            }
            files.insert(file.clone(), wanted);
        }
        Ok(Self { files })
    }

    /// Is true when the output is wanted of a contract; an empty name stands for the file itself.
    pub(super) fn wants(&self, file: &str, contract: &str, output: &str) -> bool {
        self.outputs(file, contract).any(|wanted| covers(wanted, output))
    }

    /// Is true when something that begins with `group` is wanted of a contract.
    pub(super) fn wants_some(&self, file: &str, contract: &str, group: &str) -> bool {
        let inside = |wanted: &str| wanted.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'));
        self.outputs(file, contract).any(|wanted| covers(wanted, group) || inside(wanted))
    }

    /// Is true when an output of the contract is made from its code.
    pub(super) fn wants_code(&self, file: &str, contract: &str) -> bool {
        OF_CODE.iter().any(|output| self.wants_some(file, contract, output))
            || self.wants(file, contract, "irOptimized")
    }

    /// Is true when any output of the contract is wanted.
    pub(super) fn wants_any(&self, file: &str, contract: &str) -> bool {
        self.outputs(file, contract).next().is_some()
    }

    /// Is true when parsing alone cannot give what is wanted.
    pub(super) fn needs_more_than_parsing(&self) -> bool {
        let all = self.files.values().flat_map(|contracts| contracts.values().flatten());
        all.into_iter().any(|output| output != "ast")
    }

    fn outputs<'a>(&'a self, file: &'a str, contract: &'a str) -> impl Iterator<Item = &'a str> {
        let files = [file, "*"].into_iter().take(if file == "*" { 1 } else { 2 });
        // What is asked of any contract does not concern the file itself.
        let contracts = [contract, "*"].into_iter().take(if contract.is_empty() { 1 } else { 2 });
        files
            .filter_map(|file| self.files.get(file))
            .flat_map(move |wanted| contracts.clone().filter_map(|contract| wanted.get(contract)))
            .flatten()
            .map(String::as_str)
    }
}

/// Is true when what was asked for is the output, all of a group that it is in, or everything.
fn covers(wanted: &str, output: &str) -> bool {
    match wanted {
        "*" => !ONLY_BY_NAME.contains(&output),
        _ => output.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn selection(value: &Value) -> Selection {
        Selection::parse(Some(value)).unwrap()
    }

    #[test]
    fn names_groups_and_wildcards_select() {
        let s = selection(&json!({ "a.sol": { "C": ["evm.bytecode"], "": ["ast"] }, "*": { "*": ["abi"] } }));
        assert!(s.wants("a.sol", "C", "abi") && s.wants("b.sol", "D", "abi"));
        assert!(
            s.wants("a.sol", "C", "evm.bytecode.object") && !s.wants("a.sol", "D", "evm.bytecode.object")
        );
        assert!(!s.wants("a.sol", "C", "evm.deployedBytecode.object"));
        assert!(s.wants("a.sol", "", "ast") && !s.wants("b.sol", "", "ast"));
        assert!(s.wants_code("a.sol", "C") && !s.wants_code("b.sol", "D"));
    }

    #[test]
    fn a_star_leaves_out_what_must_be_named() {
        let s = selection(&json!({ "*": { "*": ["*"] } }));
        assert!(s.wants("a", "C", "evm.bytecode.object") && s.wants("a", "C", "metadata"));
        assert!(!s.wants("a", "C", "ir") && !s.wants("a", "", "ast"));
        let s = selection(&json!({ "*": { "*": ["evm.bytecode.object"] } }));
        assert!(s.wants("a", "C", "evm.bytecode.object") && !s.wants("a", "C", "evm.bytecode.opcodes"));
        assert!(s.wants_code("a", "C") && s.needs_more_than_parsing());
    }
}
