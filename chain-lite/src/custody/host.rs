//! Runs a custodian beside a node: a thread of its own, which may wait for outer nodes, and a task that carries its
//! messages over the network.

use super::{
    agent::{Custodian, Parts, Post},
    board::Board,
    chain::{Chain, ChainError, State},
    config::{ConfigError, CustodyConfig},
    error::CustodyError,
    keys::CustodyKeys,
    notes::{DiskNotes, NotesError},
};
use crate::{
    rpc::{Backend, ChainView, estimate_gas},
    tx::Transaction,
};
use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use fusor_custody::store::Disk;
use fusor_vm::account::DCRM;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use thiserror::Error;

/// How often a custodian looks what is due.
const STEP: Duration = Duration::from_millis(200);
/// Wei per gas that a custodian offers beyond the base fee.
const TIP: u128 = 1_000_000_000;

/// Is what a node is told of the custodian beside it.
#[derive(Debug, Clone)]
pub struct CustodyNode {
    /// What its file says.
    pub config: CustodyConfig,
    /// Its secret.
    pub keys: CustodyKeys,
    /// Where shards and notes are kept.
    pub folder: PathBuf,
}

/// Says why a custodian does not start.
#[derive(Debug, Error)]
pub enum HostError {
    /// Its folder cannot be made.
    #[error("{path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its notes cannot be opened.
    #[error(transparent)]
    Notes(#[from] NotesError),
    /// What it is told cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

fn failed(error: impl std::fmt::Display) -> ChainError {
    ChainError(error.to_string())
}

impl State for &(dyn ChainView + '_) {
    fn height(&self) -> Result<u64, ChainError> {
        Ok(ChainView::height(*self))
    }

    fn time(&self) -> Result<u64, ChainError> {
        let header = self.header(ChainView::height(*self));
        header.map(|header| header.timestamp).ok_or_else(|| failed("no head"))
    }

    fn account(&self, who: Address) -> Result<(u64, U256), ChainError> {
        let head = ChainView::account(*self, who).map_err(failed)?.unwrap_or_default();
        Ok((head.nonce, head.balance))
    }

    fn word(&self, account: Address, key: U256) -> Result<U256, ChainError> {
        ChainView::word(*self, account, key).map_err(failed)
    }
}

/// Is the chain of a custodian's own node: one final state, from which a whole step reads.
struct Served<'a> {
    backend: &'a dyn Backend,
    view: Box<dyn ChainView + 'a>,
}

impl<'a> Served<'a> {
    fn new(backend: &'a dyn Backend) -> Result<Self, ChainError> {
        Ok(Self { backend, view: backend.chain().map_err(failed)? })
    }
}

impl State for Served<'_> {
    fn height(&self) -> Result<u64, ChainError> {
        State::height(&self.view.as_ref())
    }

    fn time(&self) -> Result<u64, ChainError> {
        State::time(&self.view.as_ref())
    }

    fn account(&self, who: Address) -> Result<(u64, U256), ChainError> {
        State::account(&self.view.as_ref(), who)
    }

    fn word(&self, account: Address, key: U256) -> Result<U256, ChainError> {
        State::word(&self.view.as_ref(), account, key)
    }
}

impl Chain for Served<'_> {
    fn synced(&self) -> bool {
        self.backend.syncing().is_none()
    }

    fn logs(&self, height: u64) -> Result<Vec<Log>, ChainError> {
        let receipts = self.view.receipts(height);
        let logs = receipts.iter().flat_map(|receipt| &receipt.logs);
        Ok(logs.filter(|log| log.address == DCRM).cloned().collect())
    }

    fn estimate(&self, from: Address, value: U256, data: &Bytes) -> Result<u64, ChainError> {
        let request = TransactionRequest {
            from: Some(from),
            to: Some(TxKind::Call(DCRM)),
            value: Some(value),
            input: data.clone().into(),
            ..TransactionRequest::default()
        };
        estimate_gas(self.view.as_ref(), &request).map_err(failed)
    }

    fn gas_price(&self) -> Result<u128, ChainError> {
        let head = self.view.header(self.view.height()).ok_or_else(|| failed("no head"))?;
        Ok(u128::from(head.base_fee_per_gas.unwrap_or_default()).saturating_add(TIP))
    }

    fn id(&self) -> u64 {
        self.view.genesis().chain_id
    }

    fn submit(&self, raw: &[u8]) -> Result<B256, ChainError> {
        let tx = Transaction::decode_signed(raw).map_err(failed)?;
        self.backend.submit(tx).map_err(failed)
    }
}

/// Is a custodian ready to run.
pub struct Hosted {
    custodian: Custodian<Disk>,
    backend: Arc<dyn Backend>,
    board: Arc<Board>,
    heard: Receiver<(B256, Vec<u8>)>,
}

impl std::fmt::Debug for Hosted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosted").field("custodian", &self.custodian).finish_non_exhaustive()
    }
}

/// Is how messages of peers reach a custodian.
pub type Inlet = Sender<(B256, Vec<u8>)>;

/// Opens a custodian's folder and outer chains; nothing runs yet.
pub fn host(
    custody: &CustodyNode,
    node: B256,
    backend: Arc<dyn Backend>,
) -> Result<(Hosted, Inlet, Arc<Board>), HostError> {
    let folder = custody.folder.clone();
    make_folder(&folder).map_err(|source| HostError::Folder { path: folder.clone(), source })?;
    let notes = DiskNotes::open(&folder.join("notes.redb"))?;
    let boot = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    let shards = folder.clone();
    let parts = Parts {
        keys: custody.keys.clone(),
        node,
        config: custody.config.clone(),
        notes: Box::new(notes),
        open: Box::new(move |vault| Disk::open(&shards.join(format!("vault-{vault}")))),
        boot,
    };
    let custodian = Custodian::new(parts)?;
    let board = Arc::new(Board::default());
    board.lock().operator = custodian.operator();
    let (inlet, heard) = channel();
    Ok((Hosted { custodian, backend, board: board.clone(), heard }, inlet, board))
}

/// Makes a folder that its owner alone may enter.
fn make_folder(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

impl Hosted {
    /// Runs until the inlet is closed; `send` carries a message to a node. It blocks.
    pub fn run(mut self, send: impl Fn(B256, Vec<u8>)) {
        let start = Instant::now();
        // Time counts from 1970, so that members agree roughly on which attempt is on.
        let base = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = || u64::try_from((base + start.elapsed()).as_millis()).unwrap_or(u64::MAX);
        let mut next = Instant::now();
        loop {
            match self.heard.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok((from, bytes)) => self.hear(from, &bytes, now(), &send),
                Err(RecvTimeoutError::Timeout) => {
                    self.step(now(), &send);
                    next = Instant::now() + STEP;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn hear(&mut self, from: B256, bytes: &[u8], now: u64, send: &impl Fn(B256, Vec<u8>)) {
        let chain = Served::new(self.backend.as_ref());
        deliver(
            chain.map_err(Into::into).and_then(|chain| self.custodian.hear(&chain, from, bytes, now)),
            send,
        );
    }

    fn step(&mut self, now: u64, send: &impl Fn(B256, Vec<u8>)) {
        if let Err(error) = self.decide() {
            tracing::error!(%error, "a decision of the operator is not kept");
        }
        let chain = match Served::new(self.backend.as_ref()) {
            Ok(chain) => chain,
            Err(error) => return tracing::warn!(%error, "custodian"),
        };
        deliver(self.custodian.step(&chain, now), send);
        deliver(self.custodian.hear_early(&chain, now), send);
        let mut board = self.board.lock();
        board.waits = self.custodian.waits();
        board.troubles = self.custodian.troubles();
        // What came meanwhile is taken up in the next step.
        if board.decisions.is_empty() {
            board.asks = self.custodian.asks();
        }
    }

    /// Keeps what the operator decided.
    fn decide(&mut self) -> Result<(), NotesError> {
        let decisions = std::mem::take(&mut self.board.lock().decisions);
        decisions.into_iter().try_for_each(|decision| self.custodian.decide(decision))
    }
}

fn deliver(posts: Result<Vec<Post>, CustodyError>, send: &impl Fn(B256, Vec<u8>)) {
    match posts {
        Ok(posts) => posts.into_iter().for_each(|(node, bytes)| send(node, bytes)),
        Err(error) => tracing::warn!(%error, "custodian"),
    }
}
