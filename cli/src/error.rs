//! Lists everything that makes a command fail; each prints as one message and leads to exit code 1.

use crate::input::{json::SyntaxError, view::ViewError};
use std::path::PathBuf;
use thiserror::Error;

/// Says why a command failed.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot write to the terminal: {0}")]
    Print(std::io::Error),
    #[error("{}:{line}: {message}", path.display())]
    Project { path: PathBuf, line: usize, message: String },
    #[error("{}:{source}", path.display())]
    Json { path: PathBuf, source: SyntaxError },
    #[error("{}:{source}", path.display())]
    View { path: PathBuf, source: ViewError },
    #[error(transparent)]
    Bench(#[from] crate::bench::BenchError),
    #[error(transparent)]
    Archive(#[from] fusor_vm::statetest::ArchiveError),
    #[error("{}: {source}", path.display())]
    Corpus { path: PathBuf, source: fusor_compiler::conformance::CorpusError },
    #[error("no state test in {}", .0.display())]
    NoStateTests(PathBuf),
    #[error(transparent)]
    Asm(#[from] fusor_vm::asm::AsmError),
    #[error("expected bytecode in hexadecimal")]
    NoBytecode,
    #[error("{}", lines.join("\nerror: "))]
    Views { lines: Vec<String> },
    #[error("no case {id}; the file has {known}")]
    NoCase { id: String, known: String },
    #[error("cases failed: {0}")]
    Cases(u64),
    /// The diagnostics have been printed.
    #[error("{errors} {} found; nothing was made", if *errors == 1 { "error" } else { "errors" })]
    Compile { errors: usize },
    #[error("{} has no scenario.json beside it; say when it is released with --start DATE", .0.display())]
    NoStart(PathBuf),
    #[error("no contract of {} has a description", .0.display())]
    NothingDescribed(PathBuf),
    #[error("no .sol or .csc file in {}", .0.display())]
    NoSources(PathBuf),
    #[error("{first} and {second} would both be written to {}", path.display())]
    SamePlace { path: PathBuf, first: String, second: String },
    #[error(transparent)]
    Net(#[from] fusor_chain_lite::net::NetError),
    #[error(transparent)]
    Keys(#[from] fusor_chain_lite::founding::keys::KeyError),
    #[error(transparent)]
    Snapshot(#[from] fusor_chain_lite::store::StoreError),
    #[error("{option}: {message}")]
    Option { option: &'static str, message: String },
    #[error("{url}: {message}")]
    Rpc { url: String, message: String },
    #[error("{}:{error}", path.display())]
    Play { path: PathBuf, error: Box<crate::play::PlayError> },
    #[error("{0}")]
    Usage(String),
    #[error("{}: {source}", path.display())]
    PublicKey { path: PathBuf, source: fusor_chain_lite::founding::keys::PublicKeyError },
    #[error("{} exists already; --force replaces it", .0.display())]
    Exists(PathBuf),
    #[error("{}: {source}", path.display())]
    Genesis { path: PathBuf, source: fusor_chain_lite::ChainError },
    #[error("no opcode of the extension is called {0}; `fusor opcodes` lists them")]
    UnknownOpcode(String),
    #[error("no diagnostic has the code {0}; docs/errors/README.md lists them")]
    UnknownCode(String),
}

/// Is what a command returns.
pub(crate) type Outcome<T = ()> = Result<T, CliError>;
