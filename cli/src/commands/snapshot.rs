//! `fusor snapshot`: writes the state of a stopped node into a file, and checks such files.

use crate::{
    error::{CliError, Outcome},
    network::chain,
    output,
};
use alloy_primitives::B256;
use fusor_chain_lite::net::{self, SnapshotInfo};
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// Names what is done with snapshots.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Snapshot {
    /// Write the state of a stopped node into a file.
    Export(ExportArgs),
    /// Check a snapshot, and show which block it stands at.
    Info(InfoArgs),
}

/// Says whose state is written where.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// The file to write.
    file: PathBuf,
    /// Data folder of the node, which does not run.
    #[arg(long, value_name = "DIR")]
    datadir: PathBuf,
    /// The genesis file; `DIR/genesis.json` by default.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

/// Says what is checked.
#[derive(Debug, clap::Args)]
pub(crate) struct InfoArgs {
    /// The snapshot.
    file: PathBuf,
    /// The chain's genesis file.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
    /// Hash of the block, known from somebody you trust.
    #[arg(long, value_name = "HASH")]
    trust: Option<B256>,
}

/// Carries the command out.
pub(crate) fn run(command: &Snapshot) -> Outcome {
    match command {
        Snapshot::Export(args) => export(args),
        Snapshot::Info(args) => info(args),
    }
}

fn export(args: &ExportArgs) -> Outcome {
    let genesis = args.genesis.clone().unwrap_or_else(|| args.datadir.join("genesis.json"));
    let genesis = chain::genesis(&genesis)?;
    let mut head = None;
    output::write_with(&args.file, |file| {
        head = Some(net::export(&args.datadir, &genesis, file)?);
        Ok(())
    })?;
    let Some(head) = head else { return Ok(()) };
    output::print(&format!("height {}\nblock {}\nstate root {}\n", head.height, head.hash, head.state_root))
}

fn info(args: &InfoArgs) -> Outcome {
    let genesis = chain::genesis(&args.genesis)?;
    let input = open(&args.file)?;
    let SnapshotInfo { head, epoch, committee, time } = net::inspect(&genesis, input, args.trust)?;
    let trusted = match (args.trust, epoch) {
        (Some(_), _) => "the block is the trusted one",
        (None, 0) => "the certificate is signed by the committee of the genesis",
        (None, _) => {
            "the certificate is signed by the committee that the state names; compare the block's hash"
        }
    };
    output::print(&format!(
        "genesis {}\nheight {}\nepoch {epoch}, committee {committee}\ntime {time}\nblock {}\nstate root {}\n{trusted}\n",
        head.genesis, head.height, head.hash, head.state_root
    ))
}

fn open(path: &Path) -> Outcome<BufReader<File>> {
    let file = File::open(path).map_err(|source| CliError::Read { path: path.to_path_buf(), source })?;
    Ok(BufReader::new(file))
}
