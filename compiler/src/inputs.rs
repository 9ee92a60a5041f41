//! Tells what a contract's code is made from, so that a later build can leave out what has not changed.

use crate::compilation::{Compilation, FileProvider};
use crate::source::FileId;
use alloy_primitives::{B256, Keccak256, keccak256};
use std::collections::BTreeSet;

/// Is one contract with a hash of the names and texts of its file and of all that this imports, at any depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractInput {
    /// The contract's file as imported.
    pub file: String,
    /// The contract's name.
    pub name: String,
    /// The hash. Equal hashes under equal settings give equal code.
    pub hash: B256,
}

impl<P: FileProvider> Compilation<P> {
    /// Lists the contracts of the last check, in the order of their artifacts; none when the check found an error.
    pub fn contract_inputs(&self) -> Vec<ContractInput> {
        let imports = self.imported_files();
        let texts: Vec<(String, B256)> =
            self.source_map().iter().map(|(_, f)| (f.name().to_owned(), keccak256(f.text()))).collect();
        let hash = |file: &str| {
            let start = self.source_map().by_name(file)?;
            let mut used: Vec<&(String, B256)> =
                closure(start, &imports).into_iter().filter_map(|id| texts.get(id as usize)).collect();
            used.sort();
            let mut all = Keccak256::new();
            for (name, text) in used {
                all.update(keccak256(name));
                all.update(text);
            }
            Some(all.finalize())
        };
        let contracts = self.hir().map(|hir| hir.contracts.as_slice()).unwrap_or_default();
        let input = |c: &crate::hir::Contract| {
            Some(ContractInput { file: c.file.clone(), name: c.name.clone(), hash: hash(&c.file)? })
        };
        contracts.iter().filter_map(input).collect()
    }
}

/// Returns a file and all that it imports.
fn closure(start: FileId, imports: &[Vec<FileId>]) -> BTreeSet<FileId> {
    let mut seen = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        open.extend(imports.get(at as usize).into_iter().flatten().filter(|id| seen.insert(**id)));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn hashes(files: &[(&str, &str)]) -> BTreeMap<String, B256> {
        let texts: BTreeMap<String, String> =
            files.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        let mut program = Compilation::new(texts);
        files.iter().for_each(|(name, _)| {
            program.add_file(name);
        });
        program.check();
        program.contract_inputs().into_iter().map(|i| (i.name, i.hash)).collect()
    }

    #[test]
    fn a_hash_follows_imports_at_any_depth_and_nothing_else() {
        let files = [
            ("a.sol", "import './b.sol'; contract A {}"),
            ("b.sol", "import './c.sol'; contract B {}"),
            ("c.sol", "import './b.sol'; contract C {}"),
            ("d.sol", "contract D {}"),
        ];
        let before = hashes(&files);
        let mut edited = files;
        edited[2].1 = "import './b.sol'; contract C { uint x; }";
        let after = hashes(&edited);
        let changed: Vec<&str> =
            before.keys().filter(|k| before[*k] != after[*k]).map(String::as_str).collect();
        assert_eq!(changed, ["A", "B", "C"]);
        assert_eq!(before.len(), 4);
        assert!(hashes(&[("a.sol", "contract {")]).is_empty());
    }
}
