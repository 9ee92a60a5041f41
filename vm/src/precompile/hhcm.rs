//! Answers at the account of hierarchical hybrid consensus.

mod act;
mod ask;

use super::{Answer, Message, Refusal, decode};
use crate::{fault::Fault, hhcm, store::Store};
use alloy_primitives::{B256, Bytes};
use alloy_sol_types::{SolCall, sol};

sol! {
    /// Is the interface to stake, elections and blocks. Amounts are wei, times are seconds, heights count blocks.
    #[derive(Debug, PartialEq, Eq)]
    #[allow(missing_docs)]
    interface IConsensus {
        struct Package {
            uint64 height;
            bytes32 parent;
            uint32 group;
            uint32 x;
            bytes32 author;
            bytes32 transactionsRoot;
            bytes32 touchedRoot;
            bytes32 outcomeRoot;
            uint64 gas_;
            uint64 count;
        }
        function seed(uint64 height) external view returns (bytes32 seed_);
        function beaconKey() external view returns (bytes key);
        function epoch() external view returns (uint64 number);
        function groups() external view returns (uint32 x);
        function groupOfSender(address sender) external view returns (uint32 group);
        function groupOfNode(bytes32 key, uint64 height) external view returns (uint32 group);
        function representatives() external view returns (bytes32[] keys);
        function blockAt(uint64 height) external view returns (bytes32 author, bool worked, uint32 x, bool guerrilla, uint32 guerrillaGroup);
        function packageAt(uint64 height, uint32 group) external view returns (bytes32 digest);
        function members() external view returns (bytes32[] keys);
        function member(bytes32 key) external view returns (bool is_, uint32 place, uint64 weight, address owner, address payout, bytes beacon);
        function validator(bytes32 key) external view returns (address owner, address payout, uint256 stake, uint256 leaving, uint32 commissionBps, bool jailed, bool listed);
        function stakeOf(bytes32 key, address holder) external view returns (uint256 stake, uint256 rewards);
        function waiting(bytes32 key, address holder) external view returns (uint256[] amounts, uint64[] release);
        function pool() external view returns (uint256 amount);
        function stakeRules() external view returns (uint256 minStake, uint256 unit, uint64 unbondWait, uint64 epochLength, uint256 ticketSize, uint64 ticketTime);
        function registrationBytes(address owner, bytes beacon) external view returns (bytes message);
        function packageDigest(Package package_) external view returns (bytes32 digest);
        function packageValid(Package package_, bytes signature) external view returns (bool valid);
        function work(bytes32 parent, bytes32 packagesRoot, bytes32 key, uint64 nonce) external view returns (bytes32 hash, bool valid);
        function ticket(uint256 id) external view returns (address owner, bytes32 key, uint64 bought, uint256 stake, uint256 rewards);
        function register(bytes32 key, bytes beacon, address payout, uint32 commissionBps, bytes proof) external payable;
        function bond(bytes32 key) external payable;
        function unbond(bytes32 key, uint256 amount) external;
        function withdraw(bytes32 key) external returns (uint256 amount);
        function claim(bytes32 key) external returns (uint256 amount);
        function setPayout(bytes32 key, address payout) external;
        function setCommission(bytes32 key, uint32 bps) external;
        function buyTicket(bytes32 key) external payable returns (uint256 id);
        function returnTicket(uint256 id) external;
        function collectTicket(uint256 id) external returns (uint256 amount);
        function reportVotes(bytes32 key, bytes first, bytes firstSignature, bytes second, bytes secondSignature) external returns (uint256 reward);
        function reportPackages(Package first, bytes firstSignature, Package second, bytes secondSignature) external returns (uint256 reward);
    }
}

use IConsensus::*;

const PAYABLE: [[u8; 4]; 3] = [registerCall::SELECTOR, bondCall::SELECTOR, buyTicketCall::SELECTOR];

pub(super) fn handle(store: &mut dyn Store, message: Message, data: &[u8]) -> Answer {
    let call = decode(data, message, &PAYABLE)?;
    if !hhcm::founded(store)? {
        return Err(Refusal::text("this chain has no stake"));
    }
    match act::answer(store, message, call)? {
        act::Acted::Done(output) => Ok(output),
        act::Acted::Question(call) => ask::answer(store, *call),
    }
}

/// Reads a signature.
fn signature(bytes: &Bytes) -> Result<[u8; 64], Refusal> {
    bytes.as_ref().try_into().map_err(|_| Refusal::text("a signature has 64 bytes"))
}

/// Reads a beacon key.
fn beacon(bytes: &Bytes) -> Result<[u8; 48], Refusal> {
    bytes.as_ref().try_into().map_err(|_| Refusal::text("a beacon key has 48 bytes"))
}

fn header(package: &Package) -> hhcm::PackageHeader {
    hhcm::PackageHeader {
        height: package.height,
        parent: package.parent,
        group: package.group,
        x: package.x,
        author: package.author,
        transactions_root: package.transactionsRoot,
        touched_root: package.touchedRoot,
        outcome_root: package.outcomeRoot,
        gas: package.gas_,
        count: package.count,
    }
}

/// Reads what is remembered of a block.
fn remembered(store: &mut dyn Store, height: u64) -> Result<hhcm::Remembered, Refusal> {
    hhcm::Remembered::load(store, height)?.ok_or(Refusal::text("only the last 256 blocks are remembered"))
}

/// Charges for hashing `bytes` bytes, as EVM's KECCAK256.
fn charge_hash(store: &mut dyn Store, bytes: u64) -> Result<(), Fault> {
    store.charge(30 + 6 * bytes.div_ceil(32))
}

/// Lists the keys of the current committee.
fn keys(store: &mut dyn Store) -> Result<Vec<B256>, Fault> {
    Ok(hhcm::committee(store)?.into_iter().map(|member| member.key).collect())
}
