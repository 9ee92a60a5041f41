//! Keeps custody of outer coins: who holds the shares of which keys, what the vaults hold outside, and what circulates
//! of it here (distributed control rights management, whitepaper 3; design 11).
//!
//! Everything is storage of [`crate::account::DCRM`]. No network and no secret is in it: custodians watch the outer
//! chains and sign outside, and what they find comes back as transactions that are judged here. Proofs judge key
//! generation and re-sharing; a quorum of t of a vault's group judges what only the outer chain shows.
//!
//! - *Invariant:* of each coin the vaults' `circulating` sums up to the supply of its mapping.
//! - *Invariant:* the account's native balance is at least [`Purse::sum`].
//! - *Invariant:* an active vault's `circulating - in_flight` is at most its `custody`; else it is halted.
//!
//! ```text
//! Table::DcrmGlobal [0]        rules ([`Rules`])     [1] counts ([`Counts`])    [2] purse ([`Purse`])
//! Table::DcrmCustodian [operator]
//!   0 node key   1 encryption key's x
//!   2 its first byte 8 | standing 8 | place 32 | since 64 | groups 32
//!   3 owner   4 provider   5 region   6 bond 128 | rewards 128   7 release
//! Table::DcrmList [0, place] operator     [1, place] coin     [2, node key] operator     [3, encryption key's x] operator
//! Table::DcrmChain [name]      0 family 8 | chain id 64 | confirmations 32 | 1 8   1 address prefix   2 proof target   3 first block
//! Table::DcrmCoin [id]         0 chain   1 token 160 | decimals 8   2 least deposit   3 fee in   4 largest fee out   5 least out
//! Table::DcrmVault [number]
//!   0 chain   1 scheme 8 | state 8 | t 16 | m 16 | group 64 | next 64 | epoch 32
//!   2 key's x   3 its first byte 8 | sequence 64 | renewed 64
//! Table::DcrmBooks [vault, coin]  0 custody   1 circulating   2 in flight   3 cap
//! Table::DcrmObserved [vault, coin, operator]  0 what it saw to be lacking
//! Table::DcrmGroup [number]
//!   0 vault 64 | previous 64 | started 64 | state 8 | t 16 | m 8 | phase 32
//!   1 dealt 64 | bad 64 | extracted 64 | unfit 64   2 ready 64 | qualified 64   3 key's x   4 its first byte
//!   5 public shares with odd y, as bits   8..72 members   80..144 public shares' x
//! Table::DcrmDealing [group, dealer]  0 hash of dealing or handover   1 hash of extraction   2 holders that revealed
//! Table::DcrmRequest [number]
//!   0 status 8 | vault 64 | height 64 | length of destination 16   1 owner   2 beneficiary   3 coin   4 amount
//!   5 largest fee   6 wei in escrow   7 outer transaction   8..12 destination
//! Table::DcrmDeposit [id]      0 1 credited, 2 held 8 | vault 64 | request 64   1 coin   2 amount
//!   3 hash of what a quorum said   4 hash of what is proved
//! Table::DcrmBallot [group, topic]    0 members that said it, as bits
//! Table::DcrmSaid [deposit, operator] 0 hash of what it said
//! Table::DcrmJob [vault, request, upkeep]        0 plans 32 | settled 1   1 hash of the last plan
//! Table::DcrmJob [vault, request, upkeep, plan]  0 version 32 | sequence 64
//! ```

mod address;
mod audit;
mod coin;
mod custodian;
mod deposit;
mod event;
mod generate;
mod group;
mod handover;
mod headers;
mod held;
mod job;
mod justice;
mod lot;
mod out;
mod prove;
mod rails;
mod request;
mod roll;
mod row;
mod rules;
mod turn;
mod vault;
mod vote;
mod watch;

pub use audit::{Unsound, audit};
pub use coin::{Chain, Coin, Family, coins, genesis, set_chain, set_coin, set_genesis};
pub use custodian::{Custodian, Profile, Standing, claim, leave, register, withdraw_bond};
pub use deposit::{Deposit, Given, Kept, address_of, attest_deposit, context, derived_key, request_address};
pub use event::{
    AddressGiven, Approved, Attested, ChainListed, CoinListed, Covered, Dismissed, GroupFailed, GroupMade,
    GroupStarted, Halted, Held, Left, Minted, Observed, OutAsked, OutReturned, Posted, Proposed, Ready,
    Registered, Resumed, Retired, Settled, Struck, TookOver, VaultOpened,
};
pub use generate::{Handed, complain, deal, exposed, extract, finish, object, reveal};
pub use group::{Group, GroupState, bit};
pub use handover::{complain_handover, finish_handover, hand_over};
pub use headers::{OutputPaid, Proof, ProofError, target};
pub use held::credit_held;
pub use job::{Job, JobId, Move, Outcome, PLAN_MAX, approve, is_approved, propose, settle, settle_move};
pub use justice::Offence;
pub use out::{Wish, cancel, lock_out};
pub use prove::{deposit_id, prove_deposit};
pub use rails::{cover, dismiss, halt_vault, may_shift, resume, retire, shift};
pub use request::{DESTINATION_MAX, Request, Status};
pub use roll::operators;
pub use row::{Point, name, text};
pub use rules::{Counts, Purse, Rules, found, founded, fund_pool};
pub use turn::{bereft, give_up, ready, regroup};
pub use vault::{Books, Opening, Scheme, State, Vault, open_vault, set_cap, set_size, vault_coins};
pub use watch::{close, observe, reported, shortfall};

/// Gas for a multiplication of a point of secp256k1, about as ECRECOVER charges.
pub const POINT_GAS: u64 = 3_000;
/// What the account answers when it is asked about something that is not there.
pub const NONE_BY_NAME: &str = "there is none by this name";
/// Custodians on the list.
pub const CUSTODIANS_MAX: u32 = 1_024;
/// Coins on the list.
pub const COINS_MAX: u32 = 256;
/// Vaults ever.
pub const VAULTS_MAX: u64 = 256;
/// Members of a group.
pub const MEMBERS_MAX: usize = 64;
