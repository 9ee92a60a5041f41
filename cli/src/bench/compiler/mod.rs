//! Compares the compiler with solc via IR: CPU time, code size, and the gas of typical transactions.

mod cases;
mod growth;
mod play;
mod process;

pub(crate) use growth::growth;
pub(crate) use play::{Spent, play};

use cases::CASES;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use thiserror::Error;

/// Says why compilers could not be compared.
#[derive(Debug, Error)]
pub(crate) enum CompareError {
    #[error("{} cannot be used: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{0} cannot be started: {1}")]
    Start(&'static str, std::io::Error),
    #[error("{compiler} failed on {case}: {reason}")]
    Failed { compiler: &'static str, case: String, reason: String },
    #[error("{compiler} gave no code for {contract}")]
    NoCode { compiler: &'static str, contract: String },
    #[error("{contract} compiled by {compiler} does not run: {reason}")]
    Run { compiler: &'static str, contract: String, reason: String },
    #[error("{case}: {step} differs: {ours}, solc {theirs}")]
    Differs { case: &'static str, step: String, ours: String, theirs: String },
}

/// Holds the code of contracts by name: creation and runtime.
pub(crate) type Codes = BTreeMap<String, (Vec<u8>, Vec<u8>)>;

/// Is what one compiler made of one case.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// User and system time of the whole process.
    pub(crate) cpu: Duration,
    pub(crate) codes: Codes,
}

/// Is one row of the comparison.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) name: &'static str,
    pub(crate) ours: Made,
    pub(crate) theirs: Made,
    /// The contracts whose sizes count.
    pub(crate) sized: &'static [&'static str],
}

/// Says where things are.
#[derive(Debug)]
pub(crate) struct Places {
    /// The `node_modules` that the contracts import from.
    packages: PathBuf,
    /// A folder of our own for sources and artifacts; removed at the end.
    scratch: PathBuf,
    solc: String,
}

impl Places {
    /// Finds the packages; `None` where there are none.
    pub(crate) fn find(packages: Option<PathBuf>) -> Option<Self> {
        let solc = std::env::var("FUSOR_SOLC_JS").unwrap_or_else(|_| "solc".to_string());
        let beside = || Path::new(&solc).parent().map(Path::to_path_buf);
        let packages = packages.or_else(beside).and_then(|path| path.canonicalize().ok())?;
        packages.join("@openzeppelin/contracts").is_dir().then_some(())?;
        let scratch = std::env::temp_dir().join(format!("fusor-bench-{}", std::process::id()));
        Some(Self { packages, scratch, solc })
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        // What stays in the folder for temporary files harms nobody.
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

/// Compiles every case with both compilers, each in a process of its own. `leave_out` is told which cases are not
/// compared, and why.
pub(crate) fn compare(
    places: &Places,
    mut leave_out: impl FnMut(&'static str, String),
) -> Result<Vec<Compared>, CompareError> {
    let mut rows = Vec::new();
    for case in CASES {
        if !case.needs.iter().all(|folder| places.packages.join(folder).is_dir()) {
            leave_out(case.name, "its packages are missing".to_string());
            continue;
        }
        for folder in case.needs {
            copy(&places.packages.join(folder), &places.scratch.join(folder))?;
        }
        let path = match case.source {
            Some((name, text)) => {
                write(&places.scratch.join(name), text)?;
                name.to_string()
            }
            None => case.folder.to_string(),
        };
        match (ours(places, case.name, &path), theirs(places, case.name, &path)) {
            (Ok(ours), Ok(theirs)) => {
                rows.push(Compared { name: case.name, ours, theirs, sized: case.sized });
            }
            (Err(error), _) | (_, Err(error)) => leave_out(case.name, error.to_string()),
        }
    }
    Ok(rows)
}

/// Copies the sources of a package. A pragma that asks for one version alone is widened, for both compilers.
fn copy(from: &Path, to: &Path) -> Result<(), CompareError> {
    let fail = |source| CompareError::File { path: from.to_path_buf(), source };
    for entry in fs::read_dir(from).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &to)?;
        } else if path.extension().is_some_and(|end| end == "sol") {
            let text = fs::read_to_string(&path).map_err(fail)?;
            write(&to, &text.replace("pragma solidity 0.8", "pragma solidity ^0.8"))?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), CompareError> {
    let fail = |source| CompareError::File { path: path.to_path_buf(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    fs::write(path, text).map_err(fail)
}

/// Runs `fusor build` and reads its artifacts.
fn ours(places: &Places, case: &str, path: &str) -> Result<Made, CompareError> {
    let out = places.scratch.join("artifacts");
    let _ = fs::remove_dir_all(&out);
    let fusor = std::env::current_exe().map_err(|error| CompareError::Start("fusor", error))?;
    let (fusor, folder) = (fusor.to_string_lossy(), out.to_string_lossy());
    let ended = process::run(&places.scratch, &[&fusor, "build", path, "--out", &folder], &[])?;
    if !ended.success {
        let (case, reason) = (case.to_string(), ended.errors);
        return Err(CompareError::Failed { compiler: "fusor", case, reason });
    }
    let mut codes = Codes::new();
    let mut folders = vec![out];
    while let Some(folder) = folders.pop() {
        let fail = |source| CompareError::File { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(fail)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(name) = path.file_stem() {
                let text = fs::read(&path).map_err(fail)?;
                let artifact: Value = serde_json::from_slice(&text).unwrap_or_default();
                let code = |kind: &str| bytes(artifact.get(kind).and_then(|code| code.get("object")));
                let name = name.to_string_lossy().into_owned();
                codes.insert(name, (code("bytecode"), code("deployedBytecode")));
            }
        }
    }
    Ok(Made { cpu: ended.cpu, codes })
}

/// Compiles a file, or all below a folder; prints the code of every contract.
const SCRIPT: &str = r#"
const fs = require("fs"), path = require("path");
const solc = require(process.env.FUSOR_BENCH_SOLC);
const sources = {};
const walk = (at) => {
  if (!fs.statSync(at).isDirectory()) return (sources[at] = { content: fs.readFileSync(at, "utf8") });
  for (const name of fs.readdirSync(at).sort()) walk(path.join(at, name));
};
walk(process.env.FUSOR_BENCH_PATH);
const load = (name) => {
  try { return { contents: fs.readFileSync(name, "utf8") }; }
  catch (error) { return { error: String(error) }; }
};
const input = { language: "Solidity", sources, settings: {
  viaIR: true, optimizer: { enabled: true, runs: 200 }, metadata: { appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "storageLayout", "evm.methodIdentifiers",
    "evm.bytecode.object", "evm.deployedBytecode.object"] } } } };
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: load }));
const wrong = (output.errors || []).filter((error) => error.severity === "error");
for (const error of wrong.slice(0, 3)) console.error(error.formattedMessage);
if (wrong.length) process.exit(1);
const codes = {};
for (const file of Object.values(output.contracts))
  for (const [name, contract] of Object.entries(file))
    codes[name] = [contract.evm.bytecode.object, contract.evm.deployedBytecode.object];
console.log(JSON.stringify(codes));
"#;

/// Runs solc by Node.js.
fn theirs(places: &Places, case: &str, path: &str) -> Result<Made, CompareError> {
    let variables = [("FUSOR_BENCH_SOLC", places.solc.as_str()), ("FUSOR_BENCH_PATH", path)];
    let ended = process::run(&places.scratch, &["node", "-e", SCRIPT], &variables)?;
    if !ended.success {
        let (case, reason) = (case.to_string(), ended.errors);
        return Err(CompareError::Failed { compiler: "solc", case, reason });
    }
    let output: BTreeMap<String, [Value; 2]> = serde_json::from_str(&ended.output).unwrap_or_default();
    let codes = output
        .into_iter()
        .map(|(name, [creation, runtime])| (name, (bytes(Some(&creation)), bytes(Some(&runtime)))))
        .collect();
    Ok(Made { cpu: ended.cpu, codes })
}

/// Reads code in hexadecimal; code that is not linked yet counts with its holes.
fn bytes(code: Option<&Value>) -> Vec<u8> {
    let text = code.and_then(Value::as_str).unwrap_or_default();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: String = text.chars().map(|c| if c.is_ascii_hexdigit() { c } else { '0' }).collect();
    alloy_primitives::hex::decode(digits).unwrap_or_default()
}

impl Made {
    /// Returns the length of a contract's runtime code.
    pub(crate) fn size(&self, contract: &str) -> Option<usize> {
        self.codes.get(contract).map(|(_, runtime)| runtime.len()).filter(|size| *size > 0)
    }
}
