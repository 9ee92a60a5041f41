//! Runs a small chain in memory: executes blocks, keeps the state with its roots, and starts triggers by
//! simulated time.
//!
//! ```text
//! chain      Chain: transactions in, blocks out, the simulated clock, queries, snapshots
//! executor   one block: due triggers first, then users' transactions
//! founding   genesis files, keys in files, and the economics they must add up to
//! hhcm       packages, offers and rounds of hierarchical hybrid consensus
//! ledger     the final chain and what is executed above it
//! node       a node of the network: gossip, rounds, consensus
//! net        nodes on real sockets, disks and clocks
//! sim        whole nodes in simulated networks, with faults and hostile nodes
//! group      transactions in groups, in parallel, with a sequential block's result
//! rpc        Ethereum's JSON-RPC over HTTP and WebSocket
//! schedule   the index of pending triggers and the choice of what a block runs
//! state      accounts, storage, Merkle tries, undo
//! pool       transactions that wait, bounded and in order
//! store      chain and state on disk, snapshots
//! json       JSON whose values remember where they stood
//! tx, receipt, block, genesis, error
//! bench      what the scheduler and the state root cost
//! ```

pub mod bench;
pub mod block;
pub mod chain;
pub mod custody;
pub mod error;
pub mod executor;
pub mod founding;
pub mod genesis;
pub mod group;
pub mod hhcm;
pub mod json;
pub mod ledger;
pub mod net;
pub mod node;
pub mod pool;
pub mod receipt;
pub mod rpc;
pub mod schedule;
pub mod sim;
pub mod state;
pub mod store;
pub mod tx;

pub use block::Block;
pub use chain::{Call, Chain, Deployed, LeftOut, Sealed, Snapshot};
pub use error::{ChainError, InvalidTx};
pub use genesis::{Account, BaseFee, Genesis};
pub use receipt::{FiringReceipt, Receipt};
pub use tx::{DevTx, SystemTx, Transaction};
