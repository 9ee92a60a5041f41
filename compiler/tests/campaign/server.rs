//! Keeps one node process with solc that answers a line of standard JSON with a line.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Is the name of the only file of a request.
pub const FILE: &str = "random.sol";

/// Requests after which the process is started anew, because its memory only grows.
const REQUESTS_MAX: usize = 150;

const SCRIPT: &str = "const s=require(process.argv[1]);\
    require('readline').createInterface({input:process.stdin}).on('line',l=>\
    process.stdout.write(s.compile(l).replace(/\\n/g,' ')+'\\n'));";

/// Says how solc compiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    ViaIr,
    /// No optimiser, through the IR.
    ViaIrPlain,
    Legacy,
    /// Only checks the program.
    Check,
}

/// Is the process.
pub struct Solc {
    folder: PathBuf,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: usize,
}

fn start(folder: &Path) -> Result<(Child, ChildStdin, BufReader<ChildStdout>), String> {
    let mut child = Command::new("node")
        .args(["--stack-size=4000", "-e", SCRIPT])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("node: {e}"))?;
    let input = child.stdin.take().ok_or("no input")?;
    let output = BufReader::new(child.stdout.take().ok_or("no output")?);
    Ok((child, input, output))
}

impl Solc {
    pub fn start(folder: &Path) -> Result<Self, String> {
        let (child, input, output) = start(folder)?;
        Ok(Self { folder: folder.to_owned(), child, input, output, requests: 0 })
    }

    /// Sends a program; its answer must be taken before the next is sent.
    pub fn send(&mut self, source: &str, mode: Mode) -> Result<(), String> {
        self.requests += 1;
        if self.requests > REQUESTS_MAX {
            self.stop();
            (self.child, self.input, self.output) = start(&self.folder)?;
            self.requests = 1;
        }
        writeln!(self.input, "{}", request(source, mode)).map_err(|e| e.to_string())?;
        self.input.flush().map_err(|e| e.to_string())
    }

    /// Waits for the answer.
    pub fn answer(&mut self) -> Result<Value, String> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|e| e.to_string())?;
        if line.is_empty() {
            // the process died of this program: the next request gets a new one
            self.requests = REQUESTS_MAX;
            return Ok(Value::Null);
        }
        serde_json::from_str(&line).map_err(|e| e.to_string())
    }

    pub fn ask(&mut self, source: &str, mode: Mode) -> Result<Value, String> {
        self.send(source, mode)?;
        self.answer()
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Solc {
    fn drop(&mut self) {
        self.stop();
    }
}

fn request(source: &str, mode: Mode) -> Value {
    let interface = ["abi", "evm.methodIdentifiers", "storageLayout", "transientStorageLayout"];
    let code = ["evm.bytecode.object", "evm.bytecode.linkReferences"];
    let outputs = if mode == Mode::Check {
        json!({ "*": ["abi"] })
    } else {
        // code only of what is released: bases would be compiled again for nothing
        json!({ "*": interface, "Main": code, "L": code })
    };
    json!({
        "language": "Solidity",
        "sources": { FILE: { "content": source } },
        "settings": {
            "evmVersion": "osaka",
            "viaIR": matches!(mode, Mode::ViaIr | Mode::ViaIrPlain),
            "optimizer": { "enabled": mode != Mode::ViaIrPlain, "runs": 200 },
            "metadata": { "appendCBOR": false, "bytecodeHash": "none" },
            "outputSelection": { "*": outputs },
        },
    })
}

/// Returns solc's first error, if it refused the program.
pub fn error(output: &Value) -> Option<String> {
    let mut errors = output["errors"].as_array().into_iter().flatten().filter(|e| e["severity"] == "error");
    Some(errors.next()?["formattedMessage"].as_str().unwrap_or("no message").to_owned())
}
