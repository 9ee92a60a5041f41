//! `fusor solc`: solc's command line, for tools that call solc.

mod args;
mod files;
mod print;

pub(crate) use files::Files;

use crate::{error::CliError, output};
use args::{ArgError, Args, Mode};
use fusor_compiler::standard_json::{self, VERSION};
use serde_json::{Map, Value, json};
use std::{
    ffi::OsString,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};
use thiserror::Error;

/// Takes solc's options; `fusor solc --help` lists them.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct SolcArgs {
    /// solc's options and files.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,
}

#[derive(Debug, Error)]
enum SolcError {
    #[error(transparent)]
    Args(#[from] ArgError),
    #[error(transparent)]
    Cli(#[from] CliError),
    #[error("\"{0}\" is not found.")]
    NoFile(String),
    #[error("\"{0}\" is not a valid file.")]
    NotFile(String),
    #[error("{name} cannot be read: {source}")]
    Read { name: String, source: std::io::Error },
    #[error("{0} is not UTF-8")]
    Encoding(String),
    #[error("the argument {0:?} is not UTF-8")]
    Word(OsString),
    #[error("Refusing to overwrite existing file \"{}\" (use --overwrite to force).", .0.display())]
    Exists(PathBuf),
    /// What is wrong has been printed.
    #[error("")]
    Told,
}

/// Tells whether the program was called as solc, by its name or by its first option.
pub(crate) fn is_meant(words: &[OsString]) -> bool {
    let name = words.first().map(|word| Path::new(word).file_stem().unwrap_or_default().to_string_lossy());
    let by_name = name.is_some_and(|name| name.starts_with("solc") || name == "fusor-solc");
    let first = words.get(1).map(|word| word.to_string_lossy());
    by_name || first.is_some_and(|word| word.starts_with("--") && word != "--help" && word != "--version")
}

/// Carries out `fusor solc`.
pub(crate) fn run(args: SolcArgs) -> ExitCode {
    run_words(args.words)
}

/// Carries out solc's command line, without the program's name.
pub(crate) fn run_words(words: Vec<OsString>) -> ExitCode {
    let read = |word: OsString| word.into_string().map_err(SolcError::Word);
    let words: Result<Vec<String>, SolcError> = words.into_iter().map(read).collect();
    match words.and_then(|words| serve(&args::parse(&words)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(SolcError::Cli(CliError::Print(error))) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(SolcError::Told) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &Args) -> Result<(), SolcError> {
    match args.mode {
        Mode::Version => output::print(&format!("{}\nVersion: {VERSION}\n", about()))?,
        Mode::License => output::print("Fusor is licensed under MIT or Apache-2.0, at your choice.\n")?,
        Mode::Help => output::print(&help())?,
        Mode::StandardJson => answer_request(args)?,
        Mode::Compile => compile(args)?,
    }
    Ok(())
}

fn about() -> String {
    format!(
        "fusor {}, a Solidity compiler with solc {}'s command line",
        env!("CARGO_PKG_VERSION"),
        standard_json::LANGUAGE_VERSION
    )
}

fn help() -> String {
    let outputs = args::OUTPUTS.map(|output| format!("  --{output}\n")).concat();
    format!(
        "{}\n\nUsage: fusor solc [options] [files] [context:prefix=target ...]\n\n\
         Input:\n  --standard-json [file]  --base-path DIR  -i, --include-path DIR  --allow-paths DIR,...\n  \
         --stop-after parsing\n\n\
         Settings:\n  --optimize  --optimize-runs N  --via-ir  --evm-version NAME  --revert-strings MODE\n  \
         --metadata-hash HASH  --no-cbor-metadata  --metadata-literal  --libraries FILE:NAME=ADDRESS,...\n\n\
         Outputs:\n{outputs}  --combined-json LIST\n\n\
         Form:\n  -o, --output-dir DIR  --overwrite  --pretty-json  --json-indent N  --error-codes\n\n\
         Other:\n  --version  --license  --help\n",
        about()
    )
}

fn answer_request(args: &Args) -> Result<(), SolcError> {
    let request = match args.inputs.first().map(String::as_str) {
        None | Some("-") => standard_input()?,
        Some(path) => read_text(path)?,
    };
    let files = files_of(args);
    let answer = standard_json::run(&request, &|name| files.read(name));
    output::print(&format!("{answer}\n"))?;
    Ok(())
}

fn files_of(args: &Args) -> Files {
    let mut files = Files::new(args.base_path.as_deref(), &args.include_paths);
    args.allow_paths.iter().for_each(|path| files.allow(path));
    for text in &args.remappings {
        let target = text.split_once('=').map_or("", |(_, target)| target);
        let base = args.base_path.as_deref().unwrap_or(Path::new(""));
        if !target.is_empty() {
            files.allow(&base.join(target));
        }
    }
    for input in args.inputs.iter().filter(|input| *input != "-") {
        files.allow(Path::new(input));
    }
    files
}

fn standard_input() -> Result<String, SolcError> {
    let mut bytes = Vec::new();
    let name = "standard input".to_owned();
    match std::io::stdin().read_to_end(&mut bytes) {
        Ok(_) => String::from_utf8(bytes).map_err(|_| SolcError::Encoding(name)),
        Err(source) => Err(SolcError::Read { name, source }),
    }
}

fn read_text(path: &str) -> Result<String, SolcError> {
    let meta = fs::metadata(path).map_err(|_| SolcError::NoFile(path.to_owned()))?;
    if meta.is_dir() {
        return Err(SolcError::NotFile(path.to_owned()));
    }
    let bytes = fs::read(path).map_err(|source| SolcError::Read { name: path.to_owned(), source })?;
    String::from_utf8(bytes).map_err(|_| SolcError::Encoding(path.to_owned()))
}

fn compile(args: &Args) -> Result<(), SolcError> {
    let files = files_of(args);
    let mut sources = Map::new();
    for input in &args.inputs {
        let (name, text) = match input.as_str() {
            "-" => ("<stdin>".to_owned(), standard_input()?),
            path => (files.name_of(Path::new(path)), read_text(path)?),
        };
        sources.insert(name, json!({ "content": text }));
    }
    let request =
        json!({ "language": "Solidity", "sources": sources, "settings": settings(args) }).to_string();
    let answer = standard_json::run(&request, &|name| files.read(name));
    let answer: Value = serde_json::from_str(&answer).unwrap_or(Value::Null);
    report(&answer, args.error_codes)?;
    deliver(args, &answer)
}

fn settings(args: &Args) -> Value {
    let s = &args.settings;
    let mut libraries = Map::new();
    for (file, name, address) in &s.libraries {
        if let Some(list) = libraries.entry(file.clone()).or_insert_with(|| json!({})).as_object_mut() {
            list.insert(name.clone(), json!(address));
        }
    }
    let mut out = json!({
        "remappings": args.remappings,
        "libraries": libraries,
        "viaIR": s.via_ir,
        "optimizer": { "enabled": s.optimize },
        "metadata": { "appendCBOR": !s.no_cbor, "useLiteralContent": s.literal },
        "outputSelection": selection(args),
    });
    let mut put = |path: &[&str], value: Option<Value>| {
        let (Some((last, path)), Some(value)) = (path.split_last(), value) else { return };
        let place = path.iter().fold(&mut out, |place, key| &mut place[*key]);
        place[*last] = value;
    };
    put(&["optimizer", "runs"], s.runs.map(|runs| json!(runs)));
    put(&["evmVersion"], s.evm_version.as_ref().map(|name| json!(name)));
    put(&["metadata", "bytecodeHash"], s.metadata_hash.as_ref().map(|hash| json!(hash)));
    put(&["debug"], s.revert_strings.as_ref().map(|mode| json!({ "revertStrings": mode })));
    put(&["stopAfter"], s.stop_after.as_ref().map(|stage| json!(stage)));
    out
}

/// Returns what the options ask of every file and contract.
fn selection(args: &Args) -> Value {
    let plain = print::KINDS.iter().filter(|(option, ..)| args.outputs.iter().any(|o| o == option));
    let combined = args.combined.iter().flatten();
    let mut paths: Vec<&str> = plain.map(|(_, path, ..)| *path).collect();
    paths.extend(
        combined.clone().filter_map(|key| print::COMBINED.iter().find(|(k, _)| k == key)).map(|(_, p)| *p),
    );
    let tree = args.outputs.iter().any(|o| o == "ast-compact-json") || combined.clone().any(|c| c == "ast");
    let tree: &[&str] = if tree { &["ast"] } else { &[] };
    json!({ "*": { "*": paths, "": tree } })
}

/// Prints what was found to standard error.
fn report(answer: &Value, codes: bool) -> Result<(), SolcError> {
    let mut failed = answer.is_null();
    for error in answer.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
        failed |= text("severity") == "error";
        match error.get("errorCode").and_then(Value::as_str) {
            Some(code) if codes => eprint!("({code}) {}", text("formattedMessage")),
            _ => eprint!("{}", text("formattedMessage")),
        }
    }
    if failed { Err(SolcError::Told) } else { Ok(()) }
}

fn deliver(args: &Args, answer: &Value) -> Result<(), SolcError> {
    let combined = args.combined.as_ref().map(|wanted| print::combined(answer, wanted));
    let combined = combined.map(|v| if args.pretty { format!("{v:#}") } else { v.to_string() });
    let Some(folder) = &args.output_dir else {
        if let Some(text) = &combined {
            output::print(&format!("{text}\n"))?;
        }
        if !args.outputs.is_empty() {
            print::contracts(answer, &args.outputs, args.pretty)?;
        } else if combined.is_none() {
            eprintln!("Compiler run successful. No output generated.");
        }
        return Ok(());
    };
    let mut files = print::files(answer, &args.outputs, args.pretty, folder);
    files.extend(combined.map(|text| (folder.join("combined.json"), text)));
    if let Some((path, _)) = files.iter().find(|(path, _)| !args.overwrite && path.exists()) {
        return Err(SolcError::Exists(path.clone()));
    }
    for (path, text) in &files {
        output::write_whole(path, text.as_bytes())?;
    }
    eprintln!("Compiler run successful. Artifact(s) can be found in directory \"{}\".", folder.display());
    Ok(())
}
