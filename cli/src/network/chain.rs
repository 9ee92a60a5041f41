//! Reads a chain's genesis and a node's keys from files.

use crate::{
    error::{CliError, Outcome},
    output,
};
use fusor_chain_lite::{Genesis, founding::GenesisFile};
use std::path::Path;

/// Reads a genesis file. Errors: all that is wrong with it.
pub(crate) fn genesis(path: &Path) -> Outcome<Genesis> {
    let text = output::read_text(path)?;
    let place = |line: String| format!("{}:{line}", path.display());
    let file = GenesisFile::read(&text).map_err(|problems| CliError::Views {
        lines: problems.iter().map(|problem| place(problem.to_string())).collect(),
    })?;
    file.into_genesis().map_err(|broken| CliError::Views {
        lines: broken.iter().map(|broken| place(format!(" {broken}"))).collect(),
    })
}
