//! Feeds random operands and call data to the opcodes and the system precompiles: nothing panics, and both ways
//! to the same operation change the same state. Debug builds check the conservation of units after each call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, SolInterface};
use common::{call, evm, who};
use fusor_vm::{
    account, asm,
    evm::{FusorEvm, SystemCall, bytecode},
    fault::Fault,
    hhcm, ledger,
    opcode::TABLE,
    precompile::{IConsensus, IERC20View, ILedger, INested, ITriggers, IUsufruct},
    statetest::World,
    store::Store,
    triggers::Params,
};
use proptest::{collection::vec, prelude::*, sample::select};

const ACTORS: [&str; 3] = ["alice", "bob", "carol"];
const PARAMS: Params = Params {
    block_gas_limit: 30_000_000,
    block_time: 10,
    base_price: 1,
    origin: 0,
    rent: 5,
    fanout_max: 16,
    depth_max: 4,
    listeners_max: 4,
};

fn prepared() -> FusorEvm<World> {
    let mut evm = evm(&[]);
    evm.store_commit(|store| PARAMS.save(store)).unwrap();
    evm.store_commit(found_stake).unwrap();
    for name in ACTORS {
        evm.db_mut().accounts.entry(who(name)).or_default().info.balance = U256::from(10u64.pow(18));
        evm.store_commit(|s| ledger::mint(s, who(name), U256::ZERO, who(name), U256::from(1000))).unwrap();
    }
    evm
}

/// Founds stake of one validator, so that the account of consensus answers.
fn found_stake(store: &mut dyn Store) -> Result<(), Fault> {
    let (key, owner) = (U256::from(7).into(), who("alice"));
    let params = hhcm::Params { min_stake: 10, unit: 1, ticket_size: 1, ..hhcm::Params::default() };
    let founder = hhcm::Founder { key, beacon: [7; 48], owner, payout: owner, stake: U256::from(1000) };
    hhcm::found(store, &params, &[founder], U256::ZERO)?;
    hhcm::open(store, &hhcm::Opening { seed: key, height: 1 })
}

fn install(evm: &mut FusorEvm<World>, name: &str, text: &str) {
    let code = bytecode(asm::assemble(text).unwrap().into());
    let info = &mut evm.db_mut().accounts.entry(who(name)).or_default().info;
    (info.code_hash, info.code, info.nonce) = (code.hash_slow(), Some(code), 1);
}

fn id(issuer: &str) -> U256 {
    ledger::asset_id(who(issuer), U256::ZERO)
}

/// Yields words that operands are likely to be.
fn word() -> impl Strategy<Value = U256> {
    let known: Vec<U256> = ACTORS
        .iter()
        .flat_map(|name| [id(name), U256::from_be_slice(who(name).as_slice())])
        .chain([U256::MAX, U256::from(1) << 255, U256::from(u64::MAX), U256::from(1) << 64])
        .collect();
    prop_oneof![
        4 => (0u64..12).prop_map(U256::from),
        2 => (900u64..1300).prop_map(U256::from),
        3 => select(known),
        1 => any::<[u8; 32]>().prop_map(U256::from_be_bytes),
    ]
}

/// Yields a program: words in memory, then opcodes of the extension with operands before each.
fn program() -> impl Strategy<Value = String> {
    let memory = vec(word(), 0..12);
    let steps = vec((0..TABLE.len(), vec(word(), 8)), 1..6);
    (memory, steps).prop_map(|(memory, steps)| {
        let mut text = String::new();
        for (place, value) in memory.into_iter().enumerate() {
            text += &format!("PUSH {value:#x} PUSH {} MSTORE\n", place * 32);
        }
        for (op, operands) in steps {
            let op = &TABLE[op];
            operands.iter().take(op.inputs.len()).for_each(|value| text += &format!("PUSH {value:#x} "));
            text += &format!("{}\n", op.name);
        }
        text + "STOP"
    })
}

/// Yields call data with a selector that some system interface knows, or with any.
fn call_data() -> impl Strategy<Value = Vec<u8>> {
    let selectors: Vec<[u8; 4]> = ILedger::ILedgerCalls::selectors()
        .chain(IUsufruct::IUsufructCalls::selectors())
        .chain(ITriggers::ITriggersCalls::selectors())
        .chain(INested::INestedCalls::selectors())
        .chain(IConsensus::IConsensusCalls::selectors())
        .chain(IERC20View::IERC20ViewCalls::selectors())
        .collect();
    let known = (select(selectors), vec(word(), 0..14)).prop_map(|(selector, words)| {
        let mut data = selector.to_vec();
        words.iter().for_each(|word| data.extend(word.to_be_bytes::<32>()));
        data
    });
    prop_oneof![8 => known, 1 => vec(any::<u8>(), 0..100)]
}

fn target() -> impl Strategy<Value = Address> {
    select(account::SYSTEM.into_iter().chain([account::erc20_address(id("alice"))]).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn random_operands_never_panic(programs in vec((select(&ACTORS[..]), program()), 1..5)) {
        let mut evm = prepared();
        for (name, text) in &programs {
            install(&mut evm, name, text);
        }
        for (name, _) in &programs {
            call(&mut evm, who("user"), who(name), Bytes::new());
        }
    }

    #[test]
    fn random_call_data_never_panics_nor_writes_under_staticcall(
        to in target(),
        data in call_data(),
        gas in select(vec![0u64, 150, 3_000, 30_000, 3_000_000]),
    ) {
        let mut evm = prepared();
        let message = |gas| SystemCall { caller: who("alice"), to, data: data.clone().into(), gas, value: U256::ZERO };
        let before = evm.db_mut().clone();
        let outcome = evm.static_call(message(gas)).unwrap();
        prop_assert!(outcome.result.logs().is_empty());
        revm::DatabaseCommit::commit(evm.db_mut(), outcome.state);
        prop_assert_eq!(before, evm.db_mut().clone());
        let result = evm.system_call_commit(message(gas)).unwrap();
        prop_assert!(result.tx_gas_used() <= gas);
    }

    #[test]
    fn opcodes_and_precompiles_change_the_same(steps in vec(step(), 1..12)) {
        let (mut by_opcode, mut by_call) = (prepared(), prepared());
        for step in steps {
            install(&mut by_opcode, step.actor, &step.program);
            let opcode = call(&mut by_opcode, who("user"), who(step.actor), Bytes::new());
            let precompile = call(&mut by_call, who(step.actor), step.to, step.data.clone());
            prop_assert_eq!(opcode.is_success(), precompile.is_success(), "{}", step.program);
            if opcode.is_success() {
                let (a, b) = (opcode.output().unwrap(), precompile.output().unwrap());
                prop_assert_eq!(&a[..32], &b[..32], "{}", step.program);
                prop_assert_eq!(opcode.logs(), precompile.logs());
            }
            for system in [account::LEDGER, account::USUFRUCT, account::TRIGGERS] {
                let (a, b) = (&by_opcode.db_mut().accounts[&system], &by_call.db_mut().accounts[&system]);
                prop_assert_eq!(&a.storage, &b.storage, "{}", step.program);
                prop_assert_eq!(a.info.balance, b.info.balance, "{}", step.program);
            }
        }
    }
}

/// Is one operation, as a program of the actor and as a call by the actor.
#[derive(Debug, Clone)]
struct Step {
    actor: &'static str,
    program: String,
    to: Address,
    data: Vec<u8>,
}

/// Makes a step of an opcode whose operands are the precompile's arguments, a word each.
fn plain(actor: &'static str, name: &str, to: Address, selector: [u8; 4], args: &[U256]) -> Step {
    let mut program = String::new();
    args.iter().rev().for_each(|word| program += &format!("PUSH {word:#x} "));
    program += &format!("{name} PUSH0 MSTORE PUSH 32 PUSH0 RETURN");
    let mut data = selector.to_vec();
    args.iter().for_each(|word| data.extend(word.to_be_bytes::<32>()));
    Step { actor, program, to, data }
}

fn booking(actor: &'static str, t: u64, gas: u64, policy: u64) -> Step {
    let program = format!("PUSH {policy} PUSH {gas} PUSH 0 PUSH 0 PUSH 0x01020304 PUSH {t} TAT");
    let (selector, args, policy) = ([1, 2, 3, 4].into(), Bytes::new(), U256::from(policy));
    let data = ITriggers::tatCall { t, selector, args, gas_: gas, policy }.abi_encode();
    Step { actor, program: program + " PUSH0 MSTORE PUSH 32 PUSH0 RETURN", to: account::TRIGGERS, data }
}

/// Yields the id of a grant that the sequence may have made: the actor's first or second.
fn grant_id() -> impl Strategy<Value = U256> {
    (select(&ACTORS[..]), 0u64..2).prop_map(|(name, nonce)| {
        let mut bytes = who(name).into_word().to_vec();
        bytes.extend(U256::from(nonce).to_be_bytes::<32>());
        alloy_primitives::keccak256(bytes).into()
    })
}

fn step() -> impl Strategy<Value = Step> {
    let actor = || select(&ACTORS[..]);
    let asset = || select(&ACTORS[..]).prop_map(id);
    let person = || select(&ACTORS[..]).prop_map(|name| U256::from_be_slice(who(name).as_slice()));
    let amount = || select(vec![0u64, 1, 7, 400, 1000, 1001]).prop_map(U256::from);
    let (ledger, usufruct) = (account::LEDGER, account::USUFRUCT);
    prop_oneof![
        (actor(), 0u64..3, person(), amount()).prop_map(move |(a, sub, to, n)| plain(
            a,
            "AMINT",
            ledger,
            ILedger::amintCall::SELECTOR,
            &[U256::from(sub), to, n]
        )),
        (actor(), asset(), amount()).prop_map(move |(a, id, n)| plain(
            a,
            "ABURN",
            ledger,
            ILedger::aburnCall::SELECTOR,
            &[id, n]
        )),
        (actor(), asset(), person(), amount()).prop_map(move |(a, id, to, n)| plain(
            a,
            "ASEND",
            ledger,
            ILedger::asendCall::SELECTOR,
            &[id, to, n]
        )),
        (actor(), asset(), person()).prop_map(move |(a, id, p)| plain(
            a,
            "ABAL",
            ledger,
            ILedger::abalCall::SELECTOR,
            &[id, p]
        )),
        (actor(), asset(), person()).prop_map(move |(a, id, p)| plain(
            a,
            "AFREE",
            ledger,
            ILedger::afreeCall::SELECTOR,
            &[id, p]
        )),
        (actor(), asset()).prop_map(move |(a, id)| plain(
            a,
            "ASUPPLY",
            ledger,
            ILedger::asupplyCall::SELECTOR,
            &[id]
        )),
        (actor(), asset(), person(), amount(), 900u64..1100, 1000u64..1200, 0u64..5).prop_map(
            move |(a, id, p, n, start, end, flags)| plain(
                a,
                "UGRANT",
                usufruct,
                IUsufruct::ugrantCall::SELECTOR,
                &[id, p, n, U256::from(start), U256::from(end), U256::from(flags)]
            )
        ),
        (actor(), grant_id(), person(), amount(), 900u64..1100, 1000u64..1200, 0u64..4).prop_map(
            move |(a, gid, p, n, start, end, flags)| plain(
                a,
                "USUB",
                usufruct,
                IUsufruct::usubCall::SELECTOR,
                &[gid, p, n, U256::from(start), U256::from(end), U256::from(flags)]
            )
        ),
        (actor(), grant_id(), 0u64..8).prop_map(move |(a, gid, action)| plain(
            a,
            "USET",
            usufruct,
            IUsufruct::usetCall::SELECTOR,
            &[gid, U256::from(action)]
        )),
        (actor(), grant_id(), person()).prop_map(move |(a, gid, p)| plain(
            a,
            "UMOVE",
            usufruct,
            IUsufruct::umoveCall::SELECTOR,
            &[gid, p]
        )),
        (actor(), asset(), person(), 900u64..1200).prop_map(move |(a, id, p, t)| plain(
            a,
            "UBAL",
            usufruct,
            IUsufruct::ubalCall::SELECTOR,
            &[id, p, U256::from(t)]
        )),
        (actor(), 900u64..1200, select(vec![0u64, 50_000, 10_000_000]), select(vec![0u64, 1, 3]))
            .prop_map(|(a, t, gas, policy)| booking(a, t, gas, policy)),
        (actor(), 900u64..1200, 0u64..100_000).prop_map(|(a, t, gas)| plain(
            a,
            "TQUOTE",
            account::TRIGGERS,
            ITriggers::tquoteCall::SELECTOR,
            &[U256::from(t), U256::from(gas)]
        )),
        (actor(), actor(), 1u64..3).prop_map(|(a, owner, number)| plain(
            a,
            "TCANCEL",
            account::TRIGGERS,
            ITriggers::tcancelCall::SELECTOR,
            &[fusor_vm::triggers::tid_of(who(owner), number)]
        )),
    ]
}
