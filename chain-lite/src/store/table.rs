//! Draws the database byte by byte. It is one redb file, `chain.redb`; every key and value is a byte string.
//! Numbers are big-endian, so that keys sort by height; `‖` joins.
//!
//! ```text
//! table            key                         value
//! meta             "format"                    u32: 2
//!                  "genesis"                   hash of the genesis, 32 bytes
//!                  "packages"                  height u64 from which on packages are kept; absent if all are
//!                  "head"                      height u64 ‖ block hash 32 ‖ state root 32; absent before block 0
//! blocks           height u64                  the caller's encoding of the block
//! hashes           height u64                  block hash, 32 bytes
//! heights          block hash, 32 bytes        height u64
//! transactions     height u64 ‖ index u32      sender, 20 bytes ‖ EIP-2718 encoding
//! receipts         height u64 ‖ index u32      RLP, drawn at `receipt/stored.rs`
//! places           transaction hash, 32 bytes  height u64 ‖ index u32; of its last inclusion
//! accounts         address, 20 bytes           balance 32 ‖ nonce u64 ‖ code hash 32
//! words            address 20 ‖ key 32         1 to 32 bytes, the first not 0; a word of 0 is absent
//! codes            code hash, 32 bytes         kind, 1 byte (0 code, 1 delegation of EIP-7702) ‖ code
//! certificates     height u64                  the caller's encoding of the finality certificate
//! packages         digest, 32 bytes            the caller's encoding of the package
//! engine_blocks    height u64                  digest length u8 ‖ digest ‖ the engine's encoding of the block
//! engine_heights   digest                      height u64 of an engine's block
//! final_certs      height u64                  digest length u8 ‖ digest ‖ the engine's finalization
//! final_heights    digest                      height u64 of an engine's finalization
//! own              transaction hash, 32 bytes  EIP-2718 encoding of a transaction that users handed to this node
//! signed           height u64 ‖ parent 32 ‖    the package that this node signed for that place
//!                  group u32
//! dealt            epoch u64 ‖ dealer 32       what the dealer sent this node for its share of the epoch's key
//! ```
//!
//! `accounts`, `words` and `codes` are the state after the head. `codes` only grows: code that no account has
//! any more stays. After an imported snapshot, `blocks` begins at the head and `hashes` up to 255 blocks before.

use redb::TableDefinition;

/// Is a table of byte strings.
pub(super) type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Newest format of the tables.
pub(super) const FORMAT: u32 = 2;

pub(super) const META: Table = TableDefinition::new("meta");
pub(super) const BLOCKS: Table = TableDefinition::new("blocks");
pub(super) const HASHES: Table = TableDefinition::new("hashes");
pub(super) const HEIGHTS: Table = TableDefinition::new("heights");
pub(super) const TRANSACTIONS: Table = TableDefinition::new("transactions");
pub(super) const RECEIPTS: Table = TableDefinition::new("receipts");
pub(super) const PLACES: Table = TableDefinition::new("places");
pub(super) const ACCOUNTS: Table = TableDefinition::new("accounts");
pub(super) const WORDS: Table = TableDefinition::new("words");
pub(super) const CODES: Table = TableDefinition::new("codes");
pub(super) const CERTIFICATES: Table = TableDefinition::new("certificates");
pub(super) const PACKAGES: Table = TableDefinition::new("packages");
pub(super) const ENGINE_BLOCKS: Table = TableDefinition::new("engine_blocks");
pub(super) const ENGINE_HEIGHTS: Table = TableDefinition::new("engine_heights");
pub(super) const FINAL_CERTS: Table = TableDefinition::new("final_certs");
pub(super) const FINAL_HEIGHTS: Table = TableDefinition::new("final_heights");
pub(super) const OWN: Table = TableDefinition::new("own");
pub(super) const SIGNED: Table = TableDefinition::new("signed");
pub(super) const DEALT: Table = TableDefinition::new("dealt");

/// Lists all tables.
pub(super) const ALL: [Table; 19] = [
    META,
    BLOCKS,
    HASHES,
    HEIGHTS,
    TRANSACTIONS,
    RECEIPTS,
    PLACES,
    ACCOUNTS,
    WORDS,
    CODES,
    CERTIFICATES,
    PACKAGES,
    ENGINE_BLOCKS,
    ENGINE_HEIGHTS,
    FINAL_CERTS,
    FINAL_HEIGHTS,
    OWN,
    SIGNED,
    DEALT,
];

pub(super) const FORMAT_KEY: &[u8] = b"format";
pub(super) const GENESIS_KEY: &[u8] = b"genesis";
pub(super) const PACKAGES_KEY: &[u8] = b"packages";
pub(super) const HEAD_KEY: &[u8] = b"head";
