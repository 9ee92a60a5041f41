//! Builds, checks and runs financial contracts from the command line.

mod abi;
mod actus;
mod bench;
mod commands;
mod compile;
mod custody;
mod error;
mod input;
mod network;
mod output;
mod play;
mod plot;
mod progress;
mod project;
mod record;
mod scenario;
mod table;
mod timeline;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Is our version, and below it the one that tools which call a Solidity compiler look for.
const VERSIONS: &str =
    concat!(env!("CARGO_PKG_VERSION"), "\nVersion: 0.8.37+fusor.", env!("CARGO_PKG_VERSION"));

/// Builds, checks and runs financial contracts on an extended EVM.
#[derive(Debug, Parser)]
#[command(name = "fusor", version = VERSIONS, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Report every error of a file or folder.
    Check(commands::build::CheckArgs),
    /// Compile and write artifacts.
    Build(commands::build::BuildArgs),
    /// Compile as solc does, for tools that call solc.
    Solc(commands::solc::SolcArgs),
    /// Play a scenario and show what was paid when.
    Run(commands::run::Args),
    /// Show every future firing and its cost before release.
    Calendar(commands::calendar::Args),
    /// Compare templates with ACTUS reference cases.
    Actus(commands::actus::Args),
    /// Assemble mnemonics to bytecode.
    Asm(commands::asm::Args),
    /// Disassemble bytecode to mnemonics.
    Disasm(commands::asm::Args),
    /// Run a corpus of Solidity programs with known behaviour or errors.
    Conformance(commands::conformance::Args),
    /// Run Ethereum's state tests with the extensions off and on.
    Statetest(commands::statetest::Args),
    /// Simulate networks of nodes with faults and hostile nodes.
    Sim(commands::sim::Args),
    /// Run a node of a network.
    Node(Box<commands::node::Args>),
    /// Show a feature end to end, with the real programs that it works with.
    #[command(subcommand)]
    Demo(commands::demo::Demo),
    /// Run a network of several nodes in one process, for development.
    Devnet(commands::devnet::Args),
    /// Write the state of a stopped node into a file for new nodes, and check such files.
    #[command(subcommand)]
    Snapshot(commands::snapshot::Snapshot),
    /// Show what a node and its network do.
    Status(commands::status::Args),
    /// Lock coins of another chain in: get the address to send them to.
    LockIn(commands::lock_in::Args),
    /// Lock coins of another chain out: have them paid there.
    LockOut(commands::lock_out::Args),
    /// Show what vaults hold and owe, and who holds their keys' shares.
    Vaults(commands::vaults::Args),
    /// Show how far a lock-in or lock-out is, and what it waits for.
    Request(commands::request::Args),
    /// Show the lock-ins and lock-outs of an account.
    Requests(commands::request::ListArgs),
    /// Run custody: keys of custodians, and the steward's chains, coins and vaults.
    #[command(subcommand)]
    Custody(commands::custody::Custody),
    /// Measure transfers, triggers and state roots.
    Bench(commands::bench::Args),
    /// Explain a diagnostic code such as E0401.
    Explain(commands::explain::Args),
    /// Make node keys and genesis files, and check that every coin adds up.
    #[command(subcommand)]
    Genesis(commands::genesis::Genesis),
    /// Print the table of the extension's opcodes.
    Opcodes(commands::opcodes::Args),
}

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    if commands::solc::is_meant(&words) {
        return commands::solc::run_words(words.into_iter().skip(1).collect());
    }
    let outcome = match Cli::parse().command {
        Command::Check(args) => commands::build::check(&args),
        Command::Solc(args) => return commands::solc::run(args),
        Command::Build(args) => commands::build::build(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Calendar(args) => commands::calendar::run(&args),
        Command::Actus(args) => commands::actus::run(&args),
        Command::Asm(args) => commands::asm::assemble(&args),
        Command::Disasm(args) => commands::asm::disassemble(&args),
        Command::Conformance(args) => commands::conformance::run(&args),
        Command::Statetest(args) => commands::statetest::run(&args),
        Command::Sim(args) => commands::sim::run(&args),
        Command::Node(args) => commands::node::run(&args),
        Command::Demo(demo) => commands::demo::run(&demo),
        Command::Devnet(args) => commands::devnet::run(&args),
        Command::Snapshot(command) => commands::snapshot::run(&command),
        Command::Status(args) => commands::status::run(&args),
        Command::LockIn(args) => commands::lock_in::run(&args),
        Command::LockOut(args) => commands::lock_out::run(&args),
        Command::Vaults(args) => commands::vaults::run(&args),
        Command::Request(args) => commands::request::one(&args),
        Command::Requests(args) => commands::request::list(&args),
        Command::Custody(command) => commands::custody::run(&command),
        Command::Bench(args) => commands::bench::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Genesis(command) => commands::genesis::run(&command),
        Command::Opcodes(args) => commands::opcodes::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has read enough.
        Err(error::CliError::Print(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
