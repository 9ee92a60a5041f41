//! Answers at the account of distributed control rights management.

mod act;
mod ask;
mod protocol;

use super::{Answer, Message, Refusal, decode, nothing, wei};
use crate::{dcrm, store::Store};
use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::{SolCall, sol};

sol! {
    /// Is the interface to custody of outer coins. Names are left-aligned texts, heights count blocks, amounts of coins
    /// are in their smallest units, fees of requests and bonds are wei.
    #[derive(Debug, PartialEq, Eq)]
    #[allow(missing_docs)]
    interface ICustody {
        struct Outflow {
            bytes32 coin;
            uint256 amount;
        }
        struct Cap {
            bytes32 coin;
            uint256 cap;
        }
        struct Part {
            bytes message;
            bytes[] reveals;
        }
        struct Job {
            uint64 vault;
            uint64 request;
            bytes32 upkeep;
        }
        function rules() external view returns (address steward, uint256 minBond, uint256 requestFee, uint32 mature, uint32 phase, uint32 renew, uint32 cancelWait, uint64 leaveWait);
        function coins() external view returns (bytes32[] ids);
        function coin(bytes32 id) external view returns (uint256 asset, bytes32 chain, address token, uint8 decimals, uint256 minDeposit, uint256 inFee, uint256 maxFee, uint256 minOut);
        function chain(bytes32 name) external view returns (uint8 family, uint64 chainId, bytes32 prefix, uint32 confirmations, uint256 proofTarget);
        function genesis(bytes32 chain) external view returns (bytes32 hash);
        function vaults() external view returns (uint64 count);
        function vault(uint64 number) external view returns (bytes32 chain, uint8 scheme, uint8 state, uint16 threshold, uint16 size, uint64 group, uint64 next, uint32 epoch, bytes key, uint64 sequence, uint64 renewed);
        function books(uint64 vault, bytes32 coin) external view returns (uint256 custody, uint256 circulating, uint256 inFlight, uint256 cap);
        function vaultAddress(uint64 vault, uint64 request) external view returns (bytes key, string outer);
        function shortfall(uint64 vault) external view returns (bytes32 coin, uint256 amount);
        function group(uint64 number) external view returns (uint64 vault, uint64 previous, uint64 started, uint8 state, uint16 threshold, uint64 phase, address[] members, bytes key);
        function groupMarks(uint64 number) external view returns (uint64 dealt, uint64 bad, uint64 extracted, uint64 unfit, uint64 ready, uint64 qualified);
        function publicShares(uint64 group) external view returns (bytes[] shares);
        function custodians() external view returns (address[] operators);
        function custodian(address operator) external view returns (bytes32 node, bytes encryption, bytes32 owner, bytes32 provider, bytes32 region, uint8 standing, uint64 since, uint64 release, uint32 groups, uint256 bond, uint256 rewards);
        function requests() external view returns (uint64 count);
        function request(uint64 number) external view returns (uint8 status, uint64 vault, uint64 height, address owner, address beneficiary, bytes32 coin, uint256 amount, uint256 maxFee, uint256 fee, string destination, bytes32 transaction);
        function deposit(bytes32 id) external view returns (uint8 state, uint64 vault, uint64 request, bytes32 coin, uint256 amount);
        function job(Job id) external view returns (uint32 version, bool settled, bytes32 plan);
        function approved(Job id, bytes32 plan) external view returns (bool approved_);
        function requestAddress(bytes32 coin, address beneficiary, uint64 vault) external payable returns (uint64 request, string outer);
        function lockOut(bytes32 coin, uint256 amount, string destination, uint256 maxFee, uint64 vault) external payable returns (uint64 request);
        function cancel(uint64 request) external;
        function creditHeld(bytes32 deposit) external;
        function fundPool() external payable;
        function register(bytes32 node, bytes encryption, bytes32 owner, bytes32 provider, bytes32 region) external payable;
        function leave() external;
        function withdrawBond() external returns (uint256 amount);
        function claim() external returns (uint256 amount);
        function setChain(bytes32 name, uint8 family, uint64 chainId, bytes32 prefix, uint32 confirmations, uint256 proofTarget) external;
        function setCoin(bytes32 id, bytes32 chain, address token, uint8 decimals, uint256 minDeposit, uint256 inFee, uint256 maxFee, uint256 minOut, string title) external;
        function setGenesis(bytes32 chain, bytes32 hash) external;
        function openVault(bytes32 chain, uint8 scheme, uint16 threshold, uint16 size, Cap[] caps) external returns (uint64 vault);
        function setCap(uint64 vault, bytes32 coin, uint256 cap) external;
        function setSize(uint64 vault, uint16 threshold, uint16 size) external;
        function halt(uint64 vault) external;
        function resume(uint64 vault) external;
        function retire(uint64 vault) external;
        function dismiss(uint64 vault) external;
        function shift(uint64 from, uint64 to, bytes32 coin) external returns (uint256 moved);
        function cover(uint64 vault, bytes32 coin, uint256 amount) external;
        function regroup(uint64 vault) external;
        function giveUp(uint64 group) external;
        function deal(uint64 group, bytes message) external;
        function complain(uint64 group, bytes message, bytes dealing) external;
        function extract(uint64 group, bytes message) external;
        function object(uint64 group, bytes message, bytes dealing, bytes extraction) external;
        function reveal(uint64 group, bytes message) external;
        function finish(uint64 group, Part[] parts) external;
        function handOver(uint64 group, bytes message) external;
        function complainHandover(uint64 group, bytes message, bytes handover) external;
        function finishHandover(uint64 group, bytes[] handovers) external;
        function ready(uint64 group) external;
        function attestDeposit(bytes32 id, uint64 vault, uint64 request, bytes32 coin, uint256 amount) external;
        function proveDeposit(bytes32 id, uint64 vault, uint64 request, bytes32 coin, uint256 amount, bytes proof) external;
        function propose(Job id, uint64 sequence, bytes plan) external;
        function approve(Job id, uint64 sequence, bytes32 plan) external;
        function settle(Job id, bytes32 plan, bytes32 transaction, bool success, Outflow[] outflows) external;
        function settleMove(Job id, bytes32 plan, bytes32 transaction, Outflow[] fees, Outflow[] moved, uint64 to) external;
        function observe(uint64 vault, bytes32 coin, uint256 amount) external;
    }
}

use ICustody::*;

const PAYABLE: [[u8; 4]; 4] =
    [requestAddressCall::SELECTOR, lockOutCall::SELECTOR, registerCall::SELECTOR, fundPoolCall::SELECTOR];

/// Says whether a call was answered, or is for the next to answer.
enum Step {
    Done(Vec<u8>),
    Other(Box<ICustodyCalls>),
}

pub(super) fn handle(store: &mut dyn Store, message: Message, data: &[u8]) -> Answer {
    let call = decode(data, message, &PAYABLE)?;
    if !dcrm::founded(store)? {
        return Err(Refusal::text("this chain has no custody"));
    }
    let call = match act::answer(store, message, call)? {
        Step::Done(output) => return Ok(output),
        Step::Other(call) => call,
    };
    match protocol::answer(store, message, *call)? {
        Step::Done(output) => Ok(output),
        Step::Other(call) => ask::answer(store, *call),
    }
}

fn point(bytes: &Bytes) -> Result<dcrm::Point, Refusal> {
    bytes.as_ref().try_into().map_err(|_| Refusal::text("a compressed point has 33 bytes"))
}

fn job(id: &Job) -> dcrm::JobId {
    dcrm::JobId { vault: id.vault, request: id.request, upkeep: id.upkeep }
}

fn family(number: u8) -> Result<dcrm::Family, Refusal> {
    match number {
        1 => Ok(dcrm::Family::Bitcoin),
        2 => Ok(dcrm::Family::Ethereum),
        _ => Err(Refusal::text("family is 1 for Bitcoin's, 2 for Ethereum's")),
    }
}

fn scheme(number: u8) -> Result<dcrm::Scheme, Refusal> {
    match number {
        1 => Ok(dcrm::Scheme::Ecdsa),
        2 => Ok(dcrm::Scheme::Schnorr),
        _ => Err(Refusal::text("scheme is 1 for ECDSA, 2 for Schnorr")),
    }
}

fn caps(caps: &[Cap]) -> Vec<(B256, U256)> {
    caps.iter().map(|cap| (cap.coin, cap.cap)).collect()
}
