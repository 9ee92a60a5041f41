//! Compiles fixtures by Fusor's compiler and by solc.

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, hex, keccak256};
use fusor_compiler::artifact::Artifact;
use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::compile;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Is a contract ready to be released, apart from linking.
#[derive(Debug, Clone)]
pub struct Built {
    pub name: String,
    pub is_library: bool,
    pub code: Vec<u8>,
    /// Library name and byte offset.
    pub links: Vec<(String, usize)>,
    pub abi: JsonAbi,
    pub layout: Value,
}

impl Built {
    /// Returns the creation code with libraries in place.
    pub fn linked(&self, libraries: &BTreeMap<String, Address>) -> Option<Vec<u8>> {
        let mut code = self.code.clone();
        for (library, offset) in &self.links {
            let address = libraries.get(library)?;
            code.get_mut(*offset..*offset + 20)?.copy_from_slice(address.as_slice());
        }
        Some(code)
    }
}

/// Compiles one fixture by Fusor's compiler.
pub fn ours(name: &str, source: &str) -> Result<Vec<Built>, String> {
    artifacts(name, source)?.iter().map(from_artifact).collect()
}

/// Compiles one fixture by Fusor's compiler to artifacts.
pub fn artifacts(name: &str, source: &str) -> Result<Vec<Artifact>, String> {
    let mut files: BTreeMap<String, String> =
        fusor_stdlib::files().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    files.insert(name.to_owned(), source.to_owned());
    let mut program = Compilation::new(files);
    program.add_file(name);
    compile(&mut program, &Default::default()).map_err(|d| d.render(program.source_map(), false))
}

/// Takes a contract from Fusor's compiler.
pub fn from_artifact(artifact: &Artifact) -> Result<Built, String> {
    let abi: JsonAbi = serde_json::from_value(artifact.abi.clone()).map_err(|e| format!("the ABI: {e}"))?;
    Ok(Built {
        name: artifact.name.clone(),
        is_library: artifact.kind == fusor_compiler::hir::ContractKind::Library,
        code: artifact.creation.bytes.clone(),
        links: artifact.creation.link_references.iter().map(|r| (r.library.clone(), r.offset)).collect(),
        abi,
        layout: artifact.storage_layout.clone(),
    })
}

/// Finds a folder with the npm package solc: `FUSOR_SOLC_JS`, or one that this installs below the target folder.
pub fn solc_folder() -> Option<PathBuf> {
    if let Ok(folder) = std::env::var("FUSOR_SOLC_JS") {
        return Some(PathBuf::from(folder));
    }
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent()?.join("npm");
    let folder = target.join("node_modules/solc");
    if !folder.join("package.json").exists() {
        let prefix = target.to_str()?;
        let args = ["install", "--no-audit", "--no-fund", "--prefix", prefix, "solc@0.8.37"];
        let done =
            Command::new("npm").args(args).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        done.success().then_some(())?;
    }
    Some(folder)
}

/// Compiles all fixtures in one run of solc; results are kept below the target folder.
pub fn solc(folder: &Path, sources: &[(String, String)]) -> Result<BTreeMap<String, Vec<Built>>, String> {
    let output = solc_output(folder, sources)?;
    let files = output["contracts"].as_object().ok_or("no contracts")?;
    files.keys().map(|file| Ok((file.clone(), built_of(&output, file)?))).collect()
}

fn built_of(output: &Value, file: &str) -> Result<Vec<Built>, String> {
    let kinds = &output["sources"][file]["ast"]["nodes"];
    let contracts = output["contracts"][file].as_object();
    contracts.into_iter().flatten().map(|(name, c)| from_solc(name, c, kinds)).collect()
}

/// Takes one contract of solc's output; `nodes` are those of its file's syntax tree.
pub fn from_solc(name: &str, contract: &Value, nodes: &Value) -> Result<Built, String> {
    let kind = nodes.as_array().into_iter().flatten().find(|n| n["name"] == name);
    let mut hex_code = contract["evm"]["bytecode"]["object"].as_str().unwrap_or_default().to_owned();
    let mut links = Vec::new();
    for libraries in contract["evm"]["bytecode"]["linkReferences"].as_object().into_iter().flatten() {
        for (library, places) in libraries.1.as_object().into_iter().flatten() {
            for place in places.as_array().into_iter().flatten() {
                let start = place["start"].as_u64().unwrap_or_default() as usize;
                links.push((library.clone(), start));
                hex_code.replace_range(start * 2..start * 2 + 40, &"0".repeat(40));
            }
        }
    }
    Ok(Built {
        name: name.to_owned(),
        is_library: kind.is_some_and(|k| k["contractKind"] == "library"),
        code: hex::decode(&hex_code).map_err(|e| e.to_string())?,
        links,
        abi: serde_json::from_value(contract["abi"].clone()).map_err(|e| e.to_string())?,
        layout: contract["storageLayout"].clone(),
    })
}

fn solc_output(folder: &Path, sources: &[(String, String)]) -> Result<Value, String> {
    let library = fusor_stdlib::files().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let plain = library.filter(|(_, text)| is_plain(text));
    let files: serde_json::Map<String, Value> =
        sources.iter().cloned().chain(plain).map(|(name, text)| (name, json!({ "content": text }))).collect();
    let input = solc_input(files.into()).to_string();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("solc-{}.json", keccak256(&input)));
    if let Ok(text) = std::fs::read_to_string(&cache) {
        return serde_json::from_str(&text).map_err(|e| e.to_string());
    }
    let output = run_solc(folder, &input)?;
    let value: Value = serde_json::from_str(&output).map_err(|e| format!("solc's output: {e}"))?;
    let errors = errors_of(&value);
    if !errors.is_empty() {
        return Err(errors);
    }
    std::fs::write(&cache, &output).map_err(|e| e.to_string())?;
    Ok(value)
}

fn solc_input(files: Value) -> Value {
    json!({
        "language": "Solidity",
        "sources": files,
        "settings": {
            "evmVersion": "osaka", "viaIR": true, "optimizer": { "enabled": true, "runs": 200 },
            "metadata": { "appendCBOR": false, "bytecodeHash": "none" },
            "outputSelection": { "*": {
                "*": ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "storageLayout"], "": ["ast"] } },
        },
    })
}

/// Is a contract's intermediate code as solc writes it.
pub struct YulContract {
    pub name: String,
    pub is_library: bool,
    pub abi: JsonAbi,
    pub text: String,
}

/// Is the intermediate code of the contracts of each file.
pub type SolcYul = BTreeMap<String, Vec<YulContract>>;

/// Asks solc for the Yul that it makes of each fixture, before optimisation.
pub fn solc_yul(folder: &Path, sources: &[(String, String)]) -> Result<SolcYul, String> {
    let library = fusor_stdlib::files().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let plain = library.filter(|(_, text)| is_plain(text));
    let files: serde_json::Map<String, Value> =
        sources.iter().cloned().chain(plain).map(|(name, text)| (name, json!({ "content": text }))).collect();
    let mut input = solc_input(files.into());
    input["settings"]["outputSelection"] = json!({ "*": { "*": ["abi", "ir"], "": ["ast"] } });
    let input = input.to_string();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("solc-{}.json", keccak256(&input)));
    let output = match std::fs::read_to_string(&cache) {
        Ok(text) => text,
        Err(_) => {
            let text = run_solc(folder, &input)?;
            std::fs::write(&cache, &text).map_err(|e| e.to_string())?;
            text
        }
    };
    let value: Value = serde_json::from_str(&output).map_err(|e| e.to_string())?;
    let files = value["contracts"].as_object().ok_or_else(|| errors_of(&value))?;
    files.keys().map(|file| Ok((file.clone(), yul_of(&value, file)?))).collect()
}

fn yul_of(output: &Value, file: &str) -> Result<Vec<YulContract>, String> {
    let nodes = &output["sources"][file]["ast"]["nodes"];
    let contracts = output["contracts"][file].as_object().into_iter().flatten();
    let with_code = contracts.filter(|(_, c)| c["ir"].as_str().is_some_and(|text| !text.is_empty()));
    with_code
        .map(|(name, c)| {
            let kind = nodes.as_array().into_iter().flatten().find(|n| n["name"] == name.as_str());
            Ok(YulContract {
                name: name.clone(),
                is_library: kind.is_some_and(|k| k["contractKind"] == "library"),
                abi: serde_json::from_value(c["abi"].clone()).map_err(|e| e.to_string())?,
                text: c["ir"].as_str().unwrap_or_default().to_owned(),
            })
        })
        .collect()
}

fn errors_of(output: &Value) -> String {
    let list = output["errors"].as_array().into_iter().flatten().filter(|e| e["severity"] == "error");
    list.filter_map(|e| e["formattedMessage"].as_str()).collect::<Vec<_>>().join("\n")
}

/// Compiles each source by itself in one process of solc; a refusal holds the errors.
pub fn solc_each(
    folder: &Path,
    sources: &[(String, String)],
) -> Result<BTreeMap<String, Result<Vec<Built>, String>>, String> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let kept = |source: &str| cache.join(format!("probe-{}.json", keccak256(source)));
    let inputs: Vec<Value> = sources
        .iter()
        .filter(|(_, text)| !kept(text).exists())
        .map(|(name, text)| {
            json!({ "path": kept(text), "input": solc_input(json!({ name.as_str(): { "content": text } })).to_string() })
        })
        .collect();
    if !inputs.is_empty() {
        run_script(folder, EACH, &Value::from(inputs).to_string())?;
    }
    let mut all = BTreeMap::new();
    for (name, text) in sources {
        let output = std::fs::read_to_string(kept(text)).map_err(|e| e.to_string())?;
        let value: Value = serde_json::from_str(&output).map_err(|e| e.to_string())?;
        let errors = errors_of(&value);
        let built = if errors.is_empty() {
            Ok(built_of(&value, name)?)
        } else {
            Err(errors.lines().take(8).collect::<Vec<_>>().join("\n"))
        };
        all.insert(name.clone(), built);
    }
    Ok(all)
}

const EACH: &str = "const fs=require('fs');const s=require(process.argv[1]);let t='';\
                    process.stdin.on('data',d=>t+=d);process.stdin.on('end',()=>{for(const x of JSON.parse(t))\
                    fs.writeFileSync(x.path,s.compile(x.input));});";

/// Runs solc on standard JSON.
pub fn run_solc(folder: &Path, input: &str) -> Result<String, String> {
    let script = "const s=require(process.argv[1]);let t='';process.stdin.setEncoding('utf8');process.stdin.on('data',d=>t+=d);\
                  process.stdin.on('end',()=>process.stdout.write(s.compile(t)));";
    run_script(folder, script, input)
}

/// Runs solc on each standard JSON of an array; gives the array of its outputs.
pub fn run_solc_each(folder: &Path, inputs: &str) -> Result<String, String> {
    let script = "const s=require(process.argv[1]);let t='';process.stdin.setEncoding('utf8');process.stdin.on('data',d=>t+=d);\
                  process.stdin.on('end',()=>process.stdout.write('['+JSON.parse(t)\
                  .map(i=>s.compile(JSON.stringify(i))).join()+']'));";
    run_script(folder, script, inputs)
}

fn run_script(folder: &Path, script: &str, input: &str) -> Result<String, String> {
    let mut child = Command::new("node")
        .args(["-e", script])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("node: {e}"))?;
    child.stdin.take().ok_or("no input")?.write_all(input.as_bytes()).map_err(|e| e.to_string())?;
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

/// Is true for sources that stock solc can compile: no description sections, no opcodes of the extension.
pub fn is_plain(text: &str) -> bool {
    let builtin = |op: &fusor_vm::opcode::Opcode| {
        let call = format!("{}(", op.name.to_lowercase());
        let word = |at: usize| {
            text.get(..at).is_some_and(|t| t.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        text.match_indices(&call).any(|(at, _)| !word(at))
    };
    let prelude =
        ["fusor/Assets.sol", "fusor/Nested.sol", "fusor/Triggers.sol", "fusor/Usufruct.sol", "./Assets.sol"];
    !text.contains("\ndescription ")
        && !fusor_vm::opcode::TABLE.iter().any(builtin)
        && !prelude.iter().any(|name| text.contains(name))
}
