//! Compiles the comparison token with the `solc` of npm: the folder in `FUSOR_SOLC_JS`, or what Node.js finds.

use alloy_primitives::{Bytes, hex};
use std::{
    io::Write,
    process::{Command, Stdio},
};
use thiserror::Error;

const SOURCE: &str = include_str!("Token.sol");

/// Reads a source from standard input and prints solc's version and the creation code.
const SCRIPT: &str = r#"
const solc = require(process.env.FUSOR_SOLC_JS || "solc");
const content = require("fs").readFileSync(0, "utf8");
const input = { language: "Solidity", sources: { "Token.sol": { content } }, settings: {
  optimizer: { enabled: true, runs: 200 }, outputSelection: { "*": { "*": ["evm.bytecode.object"] } } } };
const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const error of output.errors || []) console.error(error.formattedMessage);
console.log(solc.version());
console.log(output.contracts["Token.sol"].Token.evm.bytecode.object);
"#;

/// Says why there is no comparison.
#[derive(Debug, Error)]
pub(crate) enum SolcError {
    #[error("Node.js cannot be started: {0}")]
    NoNode(std::io::Error),
    #[error("npm's solc is missing or failed (npm install solc, FUSOR_SOLC_JS=.../node_modules/solc): {0}")]
    Failed(String),
}

/// Is solc's version and the code that it gave.
pub(crate) struct Compiled {
    pub(crate) version: String,
    pub(crate) creation: Bytes,
}

/// Compiles the token, optimised for 200 runs.
pub(crate) fn token() -> Result<Compiled, SolcError> {
    let mut child = Command::new("node")
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(SolcError::NoNode)?;
    if let Some(mut input) = child.stdin.take() {
        // A script that died early closes the pipe; its message follows below.
        let _ = input.write_all(SOURCE.as_bytes());
    }
    let output = child.wait_with_output().map_err(SolcError::NoNode)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let code = lines.next().zip(lines.next()).filter(|_| output.status.success());
    let failed = || SolcError::Failed(reason(&String::from_utf8_lossy(&output.stderr)));
    let (version, code) = code.ok_or_else(failed)?;
    let creation = hex::decode(code).map_err(|_| SolcError::Failed("its code is not hexadecimal".into()))?;
    Ok(Compiled { version: version.to_string(), creation: creation.into() })
}

/// Takes the line of Node's output that says what happened.
fn reason(stderr: &str) -> String {
    let line = stderr.lines().find(|line| line.contains("Error"));
    line.or_else(|| stderr.lines().next()).unwrap_or("no message").trim().to_string()
}
