//! Calls the system precompiles and the ERC-20 view as contracts of stock solc would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{Revert, SolCall, SolError, SolValue};
use common::{call, evm, who};
use fusor_vm::{
    account,
    evm::{FusorEvm, SystemCall},
    ledger,
    precompile::{IConsensus, ICustody, IERC20View, ILedger, INested, ITriggers, IUsufruct},
    statetest::World,
    triggers::Params,
};
use revm::context::result::ExecutionResult;

/// Calls the address in the first word of its call data with the rest and hands on what comes back.
const PROXY: &str = "
    PUSH 32 CALLDATASIZE SUB PUSH 32 PUSH0 CALLDATACOPY
    PUSH0 PUSH0 PUSH 32 CALLDATASIZE SUB PUSH0 PUSH0 PUSH0 CALLDATALOAD GAS CALL
    RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY
    PUSH @ok JUMPI RETURNDATASIZE PUSH0 REVERT
ok: JUMPDEST RETURNDATASIZE PUSH0 RETURN";

fn via_proxy(evm: &mut FusorEvm<World>, target: Address, data: Vec<u8>) -> ExecutionResult {
    let mut input = target.into_word().to_vec();
    input.extend(data);
    call(evm, who("user"), who("proxy"), input)
}

fn answer<C: SolCall>(result: &ExecutionResult) -> C::Return {
    assert!(result.is_success(), "{result:?} {}", reason(result));
    C::abi_decode_returns(result.output().unwrap()).unwrap()
}

fn reason(result: &ExecutionResult) -> String {
    let output = result.output().cloned().unwrap_or_default();
    Revert::abi_decode(&output).map(|revert| revert.reason).unwrap_or_default()
}

fn mint(evm: &mut FusorEvm<World>, to: Address, amount: u64) -> U256 {
    let data = ILedger::amintCall { sub: U256::from(1), to, amount: U256::from(amount) }.abi_encode();
    answer::<ILedger::amintCall>(&call(evm, who("issuer"), account::LEDGER, data))
}

fn free(evm: &mut FusorEvm<World>, id: U256, who: Address) -> u64 {
    let data = ILedger::afreeCall { id, who }.abi_encode();
    answer::<ILedger::afreeCall>(&call(evm, Address::ZERO, account::LEDGER, data)).to()
}

#[test]
fn the_ledger_mints_sends_burns_and_answers() {
    let mut evm = evm(&[]);
    let id = mint(&mut evm, who("a"), 100);
    assert_eq!(id, ledger::asset_id(who("issuer"), U256::from(1)));
    let data = ILedger::asendCall { id, to: who("b"), amount: U256::from(30) }.abi_encode();
    assert!(answer::<ILedger::asendCall>(&call(&mut evm, who("a"), account::LEDGER, data.clone())));
    assert!(!answer::<ILedger::asendCall>(&call(&mut evm, who("stranger"), account::LEDGER, data)));
    let data = ILedger::aburnCall { id, amount: U256::from(5) }.abi_encode();
    assert!(answer::<ILedger::aburnCall>(&call(&mut evm, who("b"), account::LEDGER, data)));
    assert_eq!((free(&mut evm, id, who("a")), free(&mut evm, id, who("b"))), (70, 25));
    let data = ILedger::ainfoCall { id }.abi_encode();
    let info = answer::<ILedger::ainfoCall>(&call(&mut evm, who("a"), account::LEDGER, data));
    assert_eq!((info.issuer, info.decimals), (who("issuer"), 18));
}

#[test]
fn metadata_is_fixed_by_the_first_mint() {
    let mut evm = evm(&[]);
    let describe = |decimals| {
        ILedger::describeCall {
            sub: U256::from(1),
            name: "Gold".into(),
            symbol: "XAU".into(),
            decimals,
            flags: 3,
        }
        .abi_encode()
    };
    let refused = call(&mut evm, who("issuer"), account::LEDGER, describe(19));
    assert_eq!(reason(&refused), "more than 18 decimals");
    let set = call(&mut evm, who("issuer"), account::LEDGER, describe(3));
    let id = answer::<ILedger::describeCall>(&set);
    assert_eq!(mint(&mut evm, who("a"), 1), id);
    let late = call(&mut evm, who("issuer"), account::LEDGER, describe(4));
    assert_eq!(reason(&late), "asset is minted already: its metadata is fixed");
    let view = account::erc20_address(id);
    let name = call(&mut evm, who("a"), view, IERC20View::nameCall {}.abi_encode());
    assert_eq!(answer::<IERC20View::nameCall>(&name), "Gold");
    let decimals = call(&mut evm, who("a"), view, IERC20View::decimalsCall {}.abi_encode());
    assert_eq!(answer::<IERC20View::decimalsCall>(&decimals), 3);
}

#[test]
fn nonsense_reverts_with_a_reason() {
    let mut evm = evm(&[]);
    let mut refuse = |to: Address, data: &[u8], text: &str| {
        let result = call(&mut evm, who("a"), to, Bytes::copy_from_slice(data));
        assert!(!result.is_success() && !result.is_halt(), "{result:?}");
        assert!(reason(&result).contains(text), "{} lacks {text}", reason(&result));
    };
    refuse(account::LEDGER, &[], "shorter than a selector");
    refuse(account::LEDGER, &[1, 2, 3, 4], "unknown function");
    refuse(account::TRIGGERS, &[0xff; 40], "unknown function");
    refuse(account::HHCM, &[1, 2, 3, 4], "unknown function");
    refuse(account::HHCM, &IConsensus::epochCall {}.abi_encode(), "no stake");
    refuse(account::DCRM, &[1, 2, 3, 4], "unknown function");
    refuse(account::DCRM, &ICustody::vaultsCall {}.abi_encode(), "no custody");
    refuse(account::DATA, &[], "reserved");
    let selector = ILedger::amintCall::SELECTOR;
    refuse(account::LEDGER, &selector, "bad ABI encoding");
    let mut dirty = ILedger::abalCall { id: U256::ZERO, who: who("a") }.abi_encode();
    dirty[36] = 1;
    refuse(account::LEDGER, &dirty, "bad ABI encoding");
    let mut endless = ILedger::acallCall::SELECTOR.to_vec();
    endless.extend((Address::ZERO, U256::from(64), U256::MAX, U256::MAX, U256::MAX).abi_encode_params());
    refuse(account::LEDGER, &endless, "bad ABI encoding");
}

#[test]
fn value_is_refused_but_for_funding() {
    let mut evm = evm(&[]);
    evm.db_mut().accounts.entry(who("a")).or_default().info.balance = U256::from(1000);
    let pay = |to, data: Vec<u8>| SystemCall {
        caller: who("a"),
        to,
        data: data.into(),
        gas: 1_000_000,
        value: U256::from(10),
    };
    let data = ILedger::asupplyCall { id: U256::ZERO }.abi_encode();
    let refused = evm.system_call_commit(pay(account::LEDGER, data)).unwrap();
    assert_eq!(reason(&refused), "function takes no value");
    let data = ITriggers::fundCall { who: who("b") }.abi_encode();
    assert!(evm.system_call_commit(pay(account::TRIGGERS, data)).unwrap().is_success());
    let data = ITriggers::withdrawCall { amount: U256::from(4) }.abi_encode();
    assert!(call(&mut evm, who("b"), account::TRIGGERS, data.clone()).is_success());
    assert_eq!(evm.db_mut().accounts[&who("b")].info.balance, U256::from(4));
    let data = ITriggers::potOfCall { who: who("b") }.abi_encode();
    let pot = answer::<ITriggers::potOfCall>(&call(&mut evm, who("c"), account::TRIGGERS, data));
    assert_eq!(pot, U256::from(6));
    let data = ITriggers::withdrawCall { amount: U256::from(7) }.abi_encode();
    assert_eq!(reason(&call(&mut evm, who("b"), account::TRIGGERS, data)), "pot holds less than the amount");
}

#[test]
fn delegatecall_to_a_system_precompile_is_refused() {
    let text = format!(
        "PUSH0 PUSH0 PUSH0 PUSH0 PUSH {} GAS DELEGATECALL PUSH0 MSTORE RETURNDATASIZE PUSH0 PUSH 32 RETURNDATACOPY
         RETURNDATASIZE PUSH 32 ADD PUSH0 RETURN",
        account::LEDGER
    );
    let mut evm = evm(&[(who("main"), &text)]);
    let output = call(&mut evm, who("a"), who("main"), Bytes::new()).output().cloned().unwrap();
    assert!(output[..32].iter().all(|byte| *byte == 0));
    assert_eq!(
        Revert::abi_decode(&output[32..]).unwrap().reason,
        "system precompile called by DELEGATECALL or CALLCODE"
    );
}

#[test]
fn a_write_through_a_precompile_halts_under_staticcall() {
    let mut evm = evm(&[]);
    let data: Bytes =
        ILedger::amintCall { sub: U256::ZERO, to: who("a"), amount: U256::from(1) }.abi_encode().into();
    let acall = ILedger::acallCall { to: who("a"), ids: vec![], amounts: vec![], data: Bytes::new() };
    for data in [data, acall.abi_encode().into()] {
        let call = SystemCall::scheduled(account::LEDGER, data, 1_000_000);
        assert!(evm.static_call(call).unwrap().result.is_halt());
    }
}

#[test]
fn acall_through_the_precompile_carries_assets() {
    let reader = "ACOUNT PUSH0 MSTORE CALLER PUSH 32 MSTORE CALLVALUE PUSH 64 MSTORE PUSH 96 PUSH0 RETURN";
    let mut evm = evm(&[(who("proxy"), PROXY), (who("reader"), reader), (who("trap"), "PUSH0 PUSH0 REVERT")]);
    let id = mint(&mut evm, who("proxy"), 100);
    evm.db_mut().accounts.get_mut(&who("proxy")).unwrap().info.balance = U256::from(9);
    let acall = |to, amount: u64| {
        ILedger::acallCall {
            to,
            ids: vec![id, U256::ZERO],
            amounts: vec![U256::from(amount), U256::from(2)],
            data: Bytes::new(),
        }
        .abi_encode()
    };
    let done = answer::<ILedger::acallCall>(&via_proxy(&mut evm, account::LEDGER, acall(who("reader"), 40)));
    assert!(done.ok);
    let (count, caller, value) = <(U256, Address, U256)>::abi_decode_params(&done.result).unwrap();
    assert_eq!((count, caller, value), (U256::from(1), who("proxy"), U256::from(2)));
    assert_eq!(free(&mut evm, id, who("reader")), 40);
    let failed = answer::<ILedger::acallCall>(&via_proxy(&mut evm, account::LEDGER, acall(who("trap"), 40)));
    assert!(!failed.ok);
    assert_eq!((free(&mut evm, id, who("proxy")), free(&mut evm, id, who("trap"))), (60, 0));
    let short = answer::<ILedger::acallCall>(&via_proxy(&mut evm, account::LEDGER, acall(who("reader"), 61)));
    assert!(!short.ok);
    assert_eq!(free(&mut evm, id, who("proxy")), 60);
}

#[test]
fn ncall_through_the_precompile_follows_its_guard() {
    let oracle = "PUSH0 CALLDATALOAD PUSH0 MSTORE PUSH 32 PUSH0 RETURN";
    let target = "CALLER PUSH0 SSTORE PUSH 77 PUSH0 MSTORE PUSH 32 PUSH0 RETURN";
    let mut evm = evm(&[(who("proxy"), PROXY), (who("oracle"), oracle), (who("target"), target)]);
    let ncall = |kind: u64, operand: u64| {
        let guard = INested::Guard {
            kind: U256::from(kind),
            target: who("oracle").into_word().into(),
            key: U256::ZERO,
            aux: U256::ZERO,
            comparison: U256::ZERO,
            operand: U256::from(operand),
            callData: U256::from(5).abi_encode().into(),
        };
        INested::ncallCall { guard, to: who("target"), data: Bytes::new(), gas_: 100_000, value: U256::ZERO }
            .abi_encode()
    };
    for (kind, operand, expected) in [(8, 5, 1u64), (8, 6, 2), (0, 0, 1), (1, 0, 1), (1, 3, 2)] {
        let result = via_proxy(&mut evm, account::NESTED, ncall(kind, operand));
        let answer = answer::<INested::ncallCall>(&result);
        assert_eq!(answer.result, U256::from(expected), "kind {kind} operand {operand}");
        assert_eq!(answer.output.len(), if expected == 1 { 32 } else { 0 });
    }
    let caller = evm.db_mut().accounts[&who("target")].storage[&U256::ZERO];
    assert_eq!(caller, U256::from_be_slice(who("proxy").as_slice()));
    let bad = via_proxy(&mut evm, account::NESTED, ncall(9, 0));
    assert_eq!(reason(&bad), "unknown kind of guard");
    // An account without code may be the top of a transaction as well.
    let direct = call(&mut evm, who("user"), account::NESTED, ncall(8, 5));
    assert_eq!(answer::<INested::ncallCall>(&direct).result, U256::from(1));
}

#[test]
fn erc20_view_moves_free_units() {
    let mut evm = evm(&[]);
    let id = mint(&mut evm, who("a"), 100);
    let view = account::erc20_address(id);
    let size = evm.db_mut().accounts[&view].info.code.as_ref().map_or(0, |code| code.len());
    assert!(size > 0, "old contracts look at EXTCODESIZE");
    let balance = |evm: &mut FusorEvm<World>, account| {
        let data = IERC20View::balanceOfCall { account }.abi_encode();
        answer::<IERC20View::balanceOfCall>(&call(evm, who("x"), view, data)).to::<u64>()
    };
    let data = IERC20View::transferCall { to: who("b"), value: U256::from(40) }.abi_encode();
    let sent = call(&mut evm, who("a"), view, data);
    assert!(answer::<IERC20View::transferCall>(&sent));
    assert_eq!((sent.logs().len(), sent.logs()[0].address), (1, view));
    assert_eq!((balance(&mut evm, who("a")), balance(&mut evm, who("b"))), (60, 40));
    let data = IERC20View::transferCall { to: who("b"), value: U256::from(61) }.abi_encode();
    let failed = call(&mut evm, who("a"), view, data);
    let error = IERC20View::ERC20InsufficientBalance::abi_decode(failed.output().unwrap()).unwrap();
    assert_eq!((error.balance, error.needed), (U256::from(60), U256::from(61)));
    let data = IERC20View::approveCall { spender: who("s"), value: U256::from(10) }.abi_encode();
    assert!(answer::<IERC20View::approveCall>(&call(&mut evm, who("a"), view, data)));
    let take = |value: u64| {
        IERC20View::transferFromCall { from: who("a"), to: who("s"), value: U256::from(value) }.abi_encode()
    };
    assert!(answer::<IERC20View::transferFromCall>(&call(&mut evm, who("s"), view, take(7))));
    let failed = call(&mut evm, who("s"), view, take(4));
    let error = IERC20View::ERC20InsufficientAllowance::abi_decode(failed.output().unwrap()).unwrap();
    assert_eq!(error.allowance, U256::from(3));
    let data = IERC20View::totalSupplyCall {}.abi_encode();
    assert_eq!(answer::<IERC20View::totalSupplyCall>(&call(&mut evm, who("x"), view, data)), U256::from(100));
}

#[test]
fn an_unregistered_view_address_is_an_ordinary_account() {
    let address = account::erc20_address(U256::from(12345));
    let mut evm = evm(&[(address, "PUSH 7 PUSH0 MSTORE PUSH 32 PUSH0 RETURN")]);
    let result = call(&mut evm, who("a"), address, IERC20View::nameCall {}.abi_encode());
    assert_eq!(result.output().unwrap()[31], 7);
}

#[test]
fn rights_and_triggers_answer_through_their_precompiles() {
    let mut evm = evm(&[]);
    let params = Params {
        block_gas_limit: 30_000_000,
        block_time: 10,
        base_price: 1,
        listeners_max: 4,
        ..Params::default()
    };
    evm.store_commit(|store| params.save(store)).unwrap();
    for name in ["a", "b"] {
        evm.db_mut().accounts.entry(who(name)).or_default().info.balance = U256::from(10u64.pow(18));
    }
    let id = mint(&mut evm, who("a"), 100);
    let (start, end, flags) = (900, 2000, U256::from(1));
    let data =
        IUsufruct::ugrantCall { id, user: who("b"), amount: U256::from(40), start, end, flags }.abi_encode();
    let gid = answer::<IUsufruct::ugrantCall>(&call(&mut evm, who("a"), account::USUFRUCT, data));
    let data = IUsufruct::usetCall { gid, action: U256::from(1) }.abi_encode();
    assert!(answer::<IUsufruct::usetCall>(&call(&mut evm, who("b"), account::USUFRUCT, data)));
    let data = IUsufruct::uinfoCall { gid }.abi_encode();
    let info = answer::<IUsufruct::uinfoCall>(&call(&mut evm, who("x"), account::USUFRUCT, data));
    assert_eq!((info.owner, info.user, info.state), (who("a"), who("b"), U256::from(2)));
    assert_eq!(free(&mut evm, id, who("a")), 60);
    let data = IUsufruct::usetCall { gid, action: U256::from(9) }.abi_encode();
    assert_eq!(reason(&call(&mut evm, who("b"), account::USUFRUCT, data)), "unknown usufruct action");

    let (selector, args, policy) = ([1, 2, 3, 4].into(), Bytes::new(), U256::ZERO);
    let data = ITriggers::tatCall { t: 5000, selector, args, gas_: 50_000, policy }.abi_encode();
    let tid = answer::<ITriggers::tatCall>(&call(&mut evm, who("a"), account::TRIGGERS, data));
    let data = ITriggers::tinfoCall { tid }.abi_encode();
    let info = answer::<ITriggers::tinfoCall>(&call(&mut evm, who("x"), account::TRIGGERS, data));
    assert_eq!((info.state, info.next), (U256::from(1), 5000));
    let data = ITriggers::tcancelCall { tid }.abi_encode();
    let refund = answer::<ITriggers::tcancelCall>(&call(&mut evm, who("a"), account::TRIGGERS, data));
    assert_eq!(refund, U256::from(71_000));
}

#[test]
fn ncall_as_opcode_reaches_acall_and_acall_refuses_itself() {
    let reader = "ACOUNT PUSH0 SSTORE STOP";
    let mut world = evm(&[(who("reader"), reader)]);
    let id = mint(&mut world, who("main"), 100);
    let acall = |to, data: Vec<u8>| {
        ILedger::acallCall { to, ids: vec![id], amounts: vec![U256::from(1)], data: data.into() }.abi_encode()
    };
    // Memory: guard of kind 8 on the oracle, then the call data for the ledger from 192 on.
    let data = acall(who("reader"), vec![]);
    let mut text = format!("PUSH 8 PUSH0 MSTORE PUSH {} PUSH 32 MSTORE\n", who("oracle"));
    for (place, chunk) in data.chunks(32).enumerate() {
        let mut word = [0u8; 32];
        word[..chunk.len()].copy_from_slice(chunk);
        text += &format!("PUSH {:#x} PUSH {} MSTORE\n", U256::from_be_bytes(word), 192 + 32 * place);
    }
    text += &format!(
        "PUSH 0 PUSH 500000 PUSH {} PUSH 192 PUSH {} PUSH 0 NCALL PUSH0 MSTORE PUSH 32 PUSH0 RETURN",
        data.len(),
        account::LEDGER
    );
    let oracle = "PUSH 32 PUSH0 RETURN";
    let mut evm = evm(&[(who("reader"), reader), (who("oracle"), oracle), (who("main"), &text)]);
    assert_eq!(mint(&mut evm, who("main"), 100), id);
    let result = call(&mut evm, who("user"), who("main"), Bytes::new());
    assert_eq!(U256::from_be_slice(result.output().unwrap()), U256::from(1));
    assert_eq!(evm.db_mut().accounts[&who("reader")].storage[&U256::ZERO], U256::from(1));
    assert_eq!(free(&mut evm, id, who("reader")), 1);
    // acall to the ledger's own acall.
    let nested = acall(account::LEDGER, acall(who("reader"), vec![]));
    let outcome = answer::<ILedger::acallCall>(&call(&mut evm, who("main"), account::LEDGER, nested));
    assert!(!outcome.ok);
    assert!(Revert::abi_decode(&outcome.result).unwrap().reason.contains("by each other"));
    assert_eq!(free(&mut evm, id, who("main")), 99);
}
