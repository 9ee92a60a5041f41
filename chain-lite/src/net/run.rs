//! Runs a process with one or more nodes, until one of them stops or the process is told to.

use super::{
    NetError, Prepared, Vitals,
    launch::{Running, launch},
};
use crate::node::Node;
use commonware_macros::select;
use commonware_runtime::{Runner as _, tokio};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
};

/// Is what a process is told.
#[derive(Debug)]
pub struct Process {
    /// Folder of the consensus engine's files.
    pub folder: PathBuf,
    /// Threads of the runtime.
    pub threads: usize,
    /// Its nodes.
    pub nodes: Vec<Prepared>,
}

/// Runs a process; `ready` is told when all nodes are at work. It returns when the process is told to end, by
/// SIGINT or SIGTERM. Errors: a node does not start, or stops.
pub fn run(process: Process, ready: impl FnOnce(&[Running])) -> Result<(), NetError> {
    drive(process, |running| {
        ready(running);
        told_to_end()
    })
}

/// Runs a process while `act` works with its nodes, on a thread of its own. Errors: a node does not start, or stops.
pub fn run_while<T: Send + 'static>(
    process: Process,
    act: impl FnOnce(Vec<(Node, Arc<Vitals>)>) -> T + Send + 'static,
) -> Result<T, NetError> {
    drive(process, |running| {
        let nodes = running.iter().map(|running| (running.node.clone(), running.vitals.clone())).collect();
        let done = ::tokio::task::spawn_blocking(move || act(nodes));
        async { done.await.map_err(|error| NetError::Task(error.to_string())) }
    })
}

/// Starts the nodes of a process and runs them until what `begin` returns ends.
fn drive<T, F: Future<Output = Result<T, NetError>>>(
    process: Process,
    begin: impl FnOnce(&[Running]) -> F,
) -> Result<T, NetError> {
    let Process { folder, threads, nodes } = process;
    fs::create_dir_all(&folder).map_err(|source| NetError::Folder { path: folder.clone(), source })?;
    let config = tokio::Config::new().with_worker_threads(threads.max(2)).with_storage_directory(folder);
    let work = || {
        tokio::Runner::new(config).start(|context| async move {
            let mut running = Vec::new();
            for node in nodes {
                running.push(launch(&context, node).await?);
            }
            let work = begin(&running);
            select! {
                result = work => { result },
                stopped = first_stopped(&running) => { Err(stopped) },
            }
        })
    };
    // Tasks of the engine end the process by a panic if their files cannot be written.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(NetError::Task(words(&*panic))))
}

async fn first_stopped(running: &[Running]) -> NetError {
    let mut stopped: FuturesUnordered<_> = running
        .iter()
        .map(|running| running.vitals.stopped().map(|reason| (running.name.clone(), reason)))
        .collect();
    match stopped.next().await {
        Some((name, reason)) => NetError::Stopped { name, reason },
        None => std::future::pending().await,
    }
}

#[cfg(unix)]
async fn told_to_end() -> Result<(), NetError> {
    use ::tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(NetError::Signal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(NetError::Signal)?;
    select! {
        _ = terminate.recv() => {},
        _ = interrupt.recv() => {},
    }
    Ok(())
}

#[cfg(not(unix))]
async fn told_to_end() -> Result<(), NetError> {
    ::tokio::signal::ctrl_c().await.map_err(NetError::Signal)
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given").to_owned()
}
