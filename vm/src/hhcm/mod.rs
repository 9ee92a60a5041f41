//! Keeps stake, elects by it, and pays for blocks: hierarchical hybrid consensus as contracts see it (whitepaper 5;
//! design 10).
//!
//! Everything is storage of [`crate::account::HHCM`]; its native balance is at least the sum of stake, stake on its
//! way out, the reward pool, and rewards that nobody has claimed ([`Totals::sum`]).
//!
//! ```text
//! Table::HhcmGlobal [0]        parameters ([`Params`])
//! Table::HhcmGlobal [1]        0 pool 128 | unclaimed 128   1 staked 128 | unbonding 128
//! Table::HhcmGlobal [2]        0 epoch 64 | X 32 | listed 32 | members 32   1 gas used 128 | gas allowed 128
//! Table::HhcmGlobal [3]        0 height 64 | groups 32   1.. place of each group's representative + 1, 16 bits each
//! Table::HhcmList [place]      0 key of a validator that may enter the next committee
//! Table::HhcmMember [place]    0 key   1 owner 160 | weight 64   2 payout   3, 4 beacon key
//! Table::HhcmValidator [key]
//!   0 owner 160 | commission in bps 16 | jailed 8 | 8 unused | place on the list + 1 32
//!   1 payout 160 | held since 64        2, 3 beacon key
//!   4 stake 128 | shares 128            5 leaving 128 | shares of it 128
//!   6 rewards of a delegated share ever, in wei * 2^96
//! Table::HhcmPosition [key, holder]
//!   0 shares 128   1 rewards to claim 128 | withdrawals taken 32 | queued 32   2 word 6 as counted
//!   8..24 queue: shares 128 | free at 64
//! Table::HhcmRing [height % 256]
//!   0 height 64 | 1 8 | worked 8 | X 32 | guerrilla's group + 1 32 | packages 32   1 seed   2 author   3.. digests
//! Table::HhcmGlobal [4]        0 tickets sold ever
//! Table::HhcmGlobal [5]        0 epoch 64 | dealings 32 | key 8   1, 2 the committee's beacon key
//! Table::HhcmDealing [place, n] words 256 n.. of a member's dealing: epoch 64 | bytes 32, then the bytes
//! Table::HhcmTicket [number]   0 owner 160 | bought at 64   1 key
//! Table::HhcmOffence [hash]    0 one, once slashed for
//! ```

mod adapt;
mod audit;
mod beacon;
mod block;
mod committee;
mod event;
mod group;
mod pack;
mod package;
mod params;
mod position;
mod registry;
mod report;
mod reward;
mod ring;
mod sign;
mod sortition;
mod stake;
mod state;
#[cfg(test)]
mod tests;
mod ticket;
mod validator;
mod vote;
mod work;

pub use adapt::next_x;
pub use audit::{Unsound, audit};
pub use beacon::{Beacon, DEALING_LEN_MAX, dealing, keep_beacon_key, keep_dealing};
pub use block::{Closed, Closing, Opening, close, elected, guerrilla_for, open};
pub use committee::{Member, committee, member, waiting};
pub use event::{Bonded, Paid, Registered, Slashed, Unbonded};
pub use group::{Guerrilla, bookkeepers, group_of_member, group_of_node, group_of_sender, representatives};
pub use package::{PackageHeader, package_valid};
pub use params::{BPS, Broken, GROUPS_LIMIT, Params, TAU_LIMIT, VALIDATORS_LIMIT};
pub use position::{Position, WAITING_MAX, position};
pub use registry::{
    Founder, REGISTRATION_NAMESPACE, Registration, found, founding_balance, register, registration_bytes,
    registration_message, set_commission, set_payout,
};
pub use report::{Penalty, SIGNATURE_GAS, Signed, report_packages, report_votes};
pub use ring::{REMEMBERED, Remembered};
pub use sign::{is_beacon_key, is_key, verify};
pub use sortition::{WEIGHT_MAX, pick, seats};
pub use stake::{bond, claim, unbond, withdraw};
pub use state::{Totals, epoch, founded, groups};
pub use ticket::{Ticket, buy_ticket, collect_ticket, return_ticket};
pub use validator::Validator;
pub use vote::{Choice, Vote, vote_namespace};
pub use work::{valid, work_hash};
