//! Asks and acts at the account of consensus as contracts do, in the EVM.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use alloy_primitives::{B256, U256, hex, keccak256};
use alloy_sol_types::{Revert, SolCall, SolError};
use common::{evm, who};
use ed25519_zebra::{SigningKey, VerificationKey};
use fusor_vm::{
    account::{COLLECTOR, HHCM},
    evm::{FusorEvm, SystemCall},
    hhcm::{
        self, Closing, Founder, Opening, PackageHeader, Params, Totals, audit, found, founding_balance,
        group_of_node, group_of_sender, vote_namespace, work_hash,
    },
    precompile::IConsensus::*,
    statetest::World,
};
use revm::context::result::ExecutionResult;

const COIN: u128 = 1_000_000_000_000_000_000;
/// The generator of G1.
const BEACON: [u8; 48] =
    hex!("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb");

fn signer(node: u8) -> SigningKey {
    SigningKey::from([node; 32])
}

fn key(node: u8) -> B256 {
    B256::new(VerificationKey::from(&signer(node)).into())
}

fn coins(amount: u128) -> U256 {
    U256::from(amount * COIN)
}

struct Chain {
    evm: FusorEvm<World>,
    params: Params,
}

impl Chain {
    fn start() -> Self {
        let params = Params { epoch_length: 8, x_start: 4, ticket_size: 100 * COIN, ..Params::default() };
        let mut evm = evm(&[]);
        let founder = |n: u8| Founder {
            key: key(n),
            beacon: [n; 48],
            owner: who("house"),
            payout: who("payout"),
            stake: coins(2_000),
        };
        let founders: Vec<Founder> = (1..4).map(founder).collect();
        evm.db_mut().accounts.get_mut(&HHCM).unwrap().info.balance = founding_balance(&founders, coins(50));
        evm.store_commit(|store| found(store, &params, &founders, coins(50))).unwrap();
        for name in ["alice", "bob", "house"] {
            evm.db_mut().accounts.entry(who(name)).or_default().info.balance = coins(10_000);
        }
        let mut chain = Self { evm, params };
        chain.open(1);
        chain
    }

    fn open(&mut self, height: u64) {
        self.evm.block_mut().number = U256::from(height);
        let opening = Opening { seed: keccak256(height.to_be_bytes()), height };
        self.evm.store_commit(|store| hhcm::open(store, &opening)).unwrap();
    }

    fn close(&mut self, author: u8, fees: u128) {
        let fees = coins(fees);
        self.evm.db_mut().accounts.entry(COLLECTOR).or_default().info.balance += fees;
        let packages = vec![None, Some(keccak256([1]))];
        let author = Some(key(author));
        let closing =
            Closing { author, worked: true, guerrilla: Some(3), packages, fees, ..Closing::default() };
        self.evm.store_commit(|store| hhcm::close(store, &closing)).unwrap();
    }

    fn send(&mut self, from: &str, value: u128, call: impl SolCall) -> ExecutionResult {
        let call = SystemCall {
            caller: who(from),
            to: HHCM,
            data: call.abi_encode().into(),
            gas: 2_000_000,
            value: U256::from(value),
        };
        self.evm.system_call_commit(call).unwrap()
    }

    #[track_caller]
    fn done<C: SolCall>(&mut self, from: &str, value: u128, call: C) -> C::Return {
        let result = self.send(from, value, call);
        assert!(result.is_success(), "{} {result:?}", reason(&result));
        self.audit();
        C::abi_decode_returns(result.output().unwrap()).unwrap()
    }

    #[track_caller]
    fn refused(&mut self, from: &str, value: u128, call: impl SolCall, text: &str) {
        let before = self.evm.db_mut().accounts[&HHCM].clone();
        let result = self.send(from, value, call);
        assert!(matches!(result, ExecutionResult::Revert { .. }), "{result:?}");
        assert!(reason(&result).contains(text), "{} lacks {text}", reason(&result));
        assert_eq!(before, self.evm.db_mut().accounts[&HHCM]);
    }

    fn ask<C: SolCall>(&mut self, call: C) -> C::Return {
        self.done("stranger", 0, call)
    }

    fn balance(&mut self, name: &str) -> U256 {
        self.evm.db_mut().accounts.get(&who(name)).map(|a| a.info.balance).unwrap_or_default()
    }

    fn audit(&mut self) {
        let keys: Vec<B256> = (1..10).map(key).collect();
        let sum = self.evm.store_commit(|store| {
            audit(store, &keys).unwrap();
            Totals::load(store)
        });
        assert_eq!(sum.unwrap().value.sum(), self.evm.db_mut().accounts[&HHCM].info.balance);
    }
}

fn reason(result: &ExecutionResult) -> String {
    let output = result.output().cloned().unwrap_or_default();
    Revert::abi_decode(&output).map(|revert| revert.reason).unwrap_or_default()
}

fn registration(chain: &Chain, node: u8, owner: &str) -> registerCall {
    let beacon = BEACON;
    let message = hhcm::registration_bytes(chain.params.chain_id, who(owner), &beacon);
    let proof: [u8; 64] = signer(node).sign(&message).into();
    registerCall {
        key: key(node),
        beacon: beacon.to_vec().into(),
        payout: who(owner),
        commissionBps: 1_000,
        proof: proof.to_vec().into(),
    }
}

#[test]
fn a_contract_sees_seed_groups_and_committee() {
    let mut chain = Chain::start();
    let seed = keccak256(1u64.to_be_bytes());
    assert_eq!(chain.ask(seedCall { height: 1 }), seed);
    chain.refused("alice", 0, seedCall { height: 2 }, "remembered");
    assert_eq!((chain.ask(epochCall {}), chain.ask(groupsCall {})), (0, 4));
    assert!(chain.ask(beaconKeyCall {}).is_empty());
    chain.evm.store_commit(|store| hhcm::keep_beacon_key(store, [9; 48])).unwrap();
    assert_eq!(chain.ask(beaconKeyCall {}).to_vec(), [9; 48]);
    let sender = who("alice");
    assert_eq!(chain.ask(groupOfSenderCall { sender }), group_of_sender(sender, 4));
    assert_eq!(chain.ask(groupOfNodeCall { key: key(2), height: 1 }), group_of_node(seed, key(2), 4));
    let mut keys: Vec<B256> = (1..4).map(key).collect();
    keys.sort();
    assert_eq!(chain.ask(membersCall {}), keys);
    let member = chain.ask(memberCall { key: key(2) });
    assert_eq!((member.is_, member.weight, member.beacon.to_vec()), (true, 20, vec![2; 48]));
    assert!(!chain.ask(memberCall { key: key(9) }).is_);
    let representatives = chain.ask(representativesCall {});
    assert_eq!(representatives.len(), 4);
    for (chosen, group) in representatives.iter().zip(0u32..).filter(|(chosen, _)| !chosen.is_zero()) {
        assert_eq!(group_of_node(seed, *chosen, 4), group);
    }
    chain.close(2, 10);
    let block = chain.ask(blockAtCall { height: 1 });
    assert_eq!(
        (block.author, block.worked, block.x, block.guerrilla, block.guerrillaGroup),
        (key(2), true, 4, true, 3)
    );
    assert_eq!(chain.ask(packageAtCall { height: 1, group: 1 }), keccak256([1]));
    assert_eq!(chain.ask(packageAtCall { height: 1, group: 0 }), B256::ZERO);
    assert_eq!(chain.ask(poolCall {}), coins(50));
    // A guerrilla's choice counts two heights later.
    chain.open(2);
    let second = keccak256(2u64.to_be_bytes());
    assert_eq!(chain.ask(groupOfNodeCall { key: key(2), height: 2 }), group_of_node(second, key(2), 4));
    chain.close(1, 0);
    chain.open(3);
    assert_eq!(chain.ask(groupOfNodeCall { key: key(2), height: 3 }), 3);
    assert_eq!(chain.ask(stakeRulesCall {}).epochLength, 8);
    let parent = keccak256([2]);
    let work = chain.ask(workCall { parent, packagesRoot: parent, key: key(1), nonce: 4_096 });
    assert_eq!((work.hash, work.valid), (work_hash(parent, parent, key(1), 4_096), false));
}

#[test]
fn a_validator_joins_earns_and_leaves() {
    let mut chain = Chain::start();
    let wish = registration(&chain, 7, "alice");
    chain.refused("bob", 2_000 * COIN, wish.clone(), "did not sign");
    chain.refused("alice", 999 * COIN, wish.clone(), "least stake");
    chain.refused(
        "alice",
        2_000 * COIN,
        registerCall { proof: vec![0; 63].into(), ..wish.clone() },
        "64 bytes",
    );
    chain.refused("alice", 2_000 * COIN, registerCall { payout: HHCM, ..wish.clone() }, "payout");
    for beacon in [vec![0; 48], vec![0x97; 48], [&[0xc0][..], &[0; 47]].concat()] {
        chain.refused(
            "alice",
            2_000 * COIN,
            registerCall { beacon: beacon.into(), ..wish.clone() },
            "not in G1",
        );
    }
    chain.done("alice", 2_000 * COIN, wish.clone());
    chain.refused("alice", 2_000 * COIN, wish, "already");
    assert!(!chain.ask(memberCall { key: key(7) }).is_);
    for height in 1..8 {
        chain.close(1, 0);
        chain.open(height + 1);
    }
    assert!(chain.ask(memberCall { key: key(7) }).is_);
    assert_eq!(chain.ask(epochCall {}), 1);
    chain.done("bob", 2_000 * COIN, bondCall { key: key(7) });
    let before = chain.balance("alice");
    chain.close(7, 10);
    // 2 and 8 coins: a tenth is commission, half of the rest is Bob's.
    assert_eq!(chain.balance("alice") - before, U256::from(55 * COIN / 10));
    // A wei is rounded away.
    let earned = U256::from(45 * COIN / 10 - 1);
    assert_eq!(chain.ask(stakeOfCall { key: key(7), holder: who("bob") }).rewards, earned);
    let before = chain.balance("bob");
    assert_eq!(chain.done("bob", 0, claimCall { key: key(7) }), earned);
    assert_eq!(chain.balance("bob") - before, earned);
    chain.refused("bob", 0, unbondCall { key: key(7), amount: coins(2_001) }, "less than that");
    chain.done("bob", 0, unbondCall { key: key(7), amount: coins(500) });
    assert_eq!(chain.done("bob", 0, withdrawCall { key: key(7) }), U256::ZERO);
    let waiting = chain.ask(waitingCall { key: key(7), holder: who("bob") });
    assert_eq!(
        (waiting.amounts, waiting.release),
        (vec![coins(500)], vec![1_000 + chain.params.unbond_wait])
    );
    chain.evm.block_mut().timestamp += U256::from(chain.params.unbond_wait);
    assert_eq!(chain.done("bob", 0, withdrawCall { key: key(7) }), coins(500));
    chain.refused("bob", 0, setCommissionCall { key: key(7), bps: 1 }, "owner");
    chain.refused("alice", 0, setCommissionCall { key: key(7), bps: 5_001 }, "largest");
    chain.done("alice", 0, setCommissionCall { key: key(7), bps: 0 });
    chain.done("alice", 0, setPayoutCall { key: key(7), payout: who("vault") });
    let validator = chain.ask(validatorCall { key: key(7) });
    assert_eq!((validator.payout, validator.stake, validator.listed), (who("vault"), coins(3_500), true));
}

#[test]
fn a_full_list_makes_way_for_a_larger_stake() {
    let mut chain = Chain::start();
    let params = Params { validators_max: 3, ..chain.params };
    chain.evm.store_commit(|store| params.save(store)).unwrap();
    let wish = registration(&chain, 8, "alice");
    chain.refused("alice", 2_000 * COIN, wish.clone(), "list is full");
    chain.done("alice", 2_001 * COIN, wish);
    let listed = |chain: &mut Chain, n| chain.ask(validatorCall { key: key(n) }).listed;
    let last = (1..4).max_by_key(|n| key(*n)).unwrap();
    assert_eq!((listed(&mut chain, 8), listed(&mut chain, last)), (true, false));
    // The one that gave way comes back with more.
    chain.done("house", 2 * COIN, bondCall { key: key(last) });
    assert!(listed(&mut chain, last));
}

#[test]
fn a_ticket_is_held_for_its_time() {
    let mut chain = Chain::start();
    chain.refused("alice", 99 * COIN, buyTicketCall { key: key(1) }, "price");
    chain.refused("alice", 100 * COIN, buyTicketCall { key: key(9) }, "no such validator");
    let id = chain.done("alice", 100 * COIN, buyTicketCall { key: key(1) });
    chain.close(1, 0);
    let ticket = chain.ask(ticketCall { id });
    assert_eq!(
        (ticket.owner, ticket.key, ticket.bought, ticket.stake),
        (who("alice"), key(1), 1_000, coins(100))
    );
    assert!(ticket.rewards > U256::ZERO);
    chain.refused("alice", 0, returnTicketCall { id }, "long enough");
    chain.refused("bob", 0, collectTicketCall { id }, "of the caller");
    assert_eq!(chain.done("alice", 0, collectTicketCall { id }), ticket.rewards);
    chain.evm.block_mut().timestamp += U256::from(chain.params.ticket_time_min);
    chain.done("alice", 0, returnTicketCall { id });
    chain.evm.block_mut().timestamp += U256::from(chain.params.unbond_wait);
    assert_eq!(chain.done("alice", 0, collectTicketCall { id }), coins(100));
    chain.refused("alice", 0, ticketCall { id: U256::MAX }, "no such ticket");
}

fn package(author: u8, chain: &mut Chain) -> Package {
    let group = chain.ask(groupOfNodeCall { key: key(author), height: 1 });
    let root = keccak256([3]);
    Package {
        height: 1,
        parent: root,
        group,
        x: 4,
        author: key(author),
        transactionsRoot: root,
        touchedRoot: root,
        outcomeRoot: root,
        gas_: 21_000,
        count: 1,
    }
}

fn signed(author: u8, package: &Package, chain_id: u64) -> alloy_primitives::Bytes {
    let Package {
        height,
        parent,
        group,
        x,
        author: by,
        transactionsRoot,
        touchedRoot,
        outcomeRoot,
        gas_,
        count,
    } = package.clone();
    let header = PackageHeader {
        height,
        parent,
        group,
        x,
        author: by,
        transactions_root: transactionsRoot,
        touched_root: touchedRoot,
        outcome_root: outcomeRoot,
        gas: gas_,
        count,
    };
    let signature: [u8; 64] = signer(author).sign(&header.signing_bytes(chain_id)).into();
    signature.to_vec().into()
}

#[test]
fn a_package_counts_in_its_group_alone() {
    let mut chain = Chain::start();
    let id = chain.params.chain_id;
    let package_ = package(2, &mut chain);
    let mut valid =
        |package_: &Package, signature| chain.ask(packageValidCall { package_: package_.clone(), signature });
    assert!(valid(&package_, signed(2, &package_, id)));
    assert!(!valid(&package_, signed(3, &package_, id)));
    assert!(!valid(&package_, signed(2, &package_, id + 1)));
    let wrong = [
        Package { group: (package_.group + 1) % 4, ..package_.clone() },
        Package { x: 5, ..package_.clone() },
        Package { height: 2, ..package_.clone() },
        Package { author: key(9), ..package_.clone() },
    ];
    for package_ in wrong {
        let by = if package_.author == key(9) { 9 } else { 2 };
        assert!(!valid(&package_, signed(by, &package_, id)));
    }
}

#[test]
fn anybody_reports_a_fault_and_earns() {
    let mut chain = Chain::start();
    let id = chain.params.chain_id;
    let vote = |payload: u8| {
        let namespace = [vote_namespace(id).as_slice(), b"_NOTARIZE"].concat();
        let message = [&[namespace.len() as u8][..], &namespace, &[0, 5, 4], &[payload; 32]].concat();
        let signature: [u8; 64] = signer(1).sign(&message).into();
        (message.into(), signature.to_vec().into())
    };
    let (a, b) = (vote(1), vote(2));
    let report =
        reportVotesCall { key: key(1), first: a.0, firstSignature: a.1, second: b.0, secondSignature: b.1 };
    assert_eq!(chain.done("bob", 0, report.clone()), coins(10));
    assert_eq!(chain.balance("bob"), coins(10_010));
    chain.refused("bob", 0, report.clone(), "already");
    chain.refused("bob", 0, reportVotesCall { key: key(2), ..report }, "not the node's");
    let first = package(2, &mut chain);
    let second = Package { gas_: 1, ..first.clone() };
    let report = reportPackagesCall {
        firstSignature: signed(2, &first, id),
        secondSignature: signed(2, &second, id),
        first,
        second,
    };
    assert_eq!(chain.done("bob", 0, report), coins(10));
    assert!(chain.ask(validatorCall { key: key(2) }).jailed);
    chain.refused("alice", COIN, bondCall { key: key(2) }, "takes no stake");
    // The owner and the delegators may take the rest after the usual wait.
    chain.done("house", 0, unbondCall { key: key(2), amount: coins(1_800) });
}

#[test]
fn checking_signatures_is_paid_for() {
    let mut chain = Chain::start();
    let package_ = package(2, &mut chain);
    let signature = signed(2, &package_, chain.params.chain_id);
    let call = packageValidCall { package_, signature };
    let gas = chain.send("bob", 0, call).tx_gas_used();
    assert!(gas > hhcm::SIGNATURE_GAS && gas < 100_000, "{gas}");
}
