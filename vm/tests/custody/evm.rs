//! Calls custody through the EVM, as wallets and contracts do.

use crate::{common, world::*};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{Revert, SolCall, SolError, SolInterface};
use fusor_vm::{
    account::DCRM,
    dcrm::{self, name},
    evm::{FusorEvm, SystemCall},
    precompile::ICustody::{self, *},
    statetest,
};
use proptest::prelude::*;
use revm::context::result::ExecutionResult;

/// Calls custody with its own call data and value, and hands on what comes back.
const WALLET: &str = "
    CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY
    PUSH0 PUSH0 CALLDATASIZE PUSH0 CALLVALUE PUSH 0xf050000000000000000000000000000000000011 GAS CALL
    RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY
    PUSH @ok JUMPI RETURNDATASIZE PUSH0 REVERT
ok: JUMPDEST RETURNDATASIZE PUSH0 RETURN";

struct Evm(FusorEvm<statetest::World>);

impl Evm {
    /// Takes over a world with an active vault.
    fn new(mut world: World) -> Self {
        let wallet = common::who("wallet");
        world.store.set_balance(common::who("user"), U256::from(1_000_000));
        let mut evm = common::evm(&[(wallet, WALLET)]);
        let accounts = &mut evm.db_mut().accounts;
        for ((account, key), value) in &world.store.state.words {
            accounts.entry(*account).or_default().storage.insert(*key, *value);
        }
        for (account, balance) in &world.store.state.balances {
            accounts.entry(*account).or_default().info.balance = *balance;
        }
        evm.block_mut().number = U256::from(world.store.height);
        evm.block_mut().timestamp = U256::from(world.store.now);
        Self(evm)
    }

    fn send(&mut self, from: Address, to: Address, value: u128, data: Vec<u8>) -> ExecutionResult {
        let value = U256::from(value);
        let call = SystemCall { caller: from, to, data: data.into(), gas: 5_000_000, value };
        let result = self.0.system_call_commit(call).unwrap();
        self.0
            .store_commit(|store| {
                dcrm::audit(store).unwrap();
                Ok(())
            })
            .unwrap();
        result
    }

    #[track_caller]
    fn done<C: SolCall>(&mut self, from: Address, value: u128, call: C) -> (C::Return, u64) {
        let result = self.send(from, DCRM, value, call.abi_encode());
        assert!(result.is_success(), "{} {result:?}", reason(&result));
        (C::abi_decode_returns(result.output().unwrap()).unwrap(), result.tx_gas_used())
    }

    #[track_caller]
    fn refused(&mut self, from: Address, value: u128, call: impl SolCall, text: &str) {
        let before = self.0.db_mut().accounts[&DCRM].clone();
        let result = self.send(from, DCRM, value, call.abi_encode());
        assert!(matches!(result, ExecutionResult::Revert { .. }), "{result:?}");
        assert!(reason(&result).contains(text), "{} lacks {text}", reason(&result));
        assert_eq!(before, self.0.db_mut().accounts[&DCRM]);
    }

    #[track_caller]
    fn wallet<C: SolCall>(&mut self, value: u128, call: C) -> C::Return {
        let result = self.send(common::who("user"), common::who("wallet"), value, call.abi_encode());
        assert!(result.is_success(), "{} {result:?}", reason(&result));
        C::abi_decode_returns(result.output().unwrap()).unwrap()
    }
}

fn reason(result: &ExecutionResult) -> String {
    let output = result.output().cloned().unwrap_or_default();
    Revert::abi_decode(&output).map(|revert| revert.reason).unwrap_or_default()
}

fn world() -> (World, Vec<Address>) {
    let mut world = World::new(5);
    world.vault_of("litecoin", 2, 3);
    let members = world.members(1);
    (world, members)
}

#[test]
fn a_contract_locks_in_and_out_itself() {
    let (world, members) = world();
    let mut evm = Evm::new(world);
    let wallet = common::who("wallet");
    let asked = requestAddressCall { coin: ltc(), beneficiary: wallet, vault: 0 };
    let given = evm.wallet(FEE, asked);
    assert!(given.outer.starts_with("rltc1p"), "{}", given.outer);
    let (shown, _) = evm.done(ALICE, 0, vaultAddressCall { vault: 1, request: given.request });
    assert_eq!(shown.outer, given.outer);
    let deposit = attestDepositCall {
        id: keccak256([1]),
        vault: 1,
        request: given.request,
        coin: ltc(),
        amount: u(5_000),
    };
    evm.refused(ALICE, 0, deposit.clone(), "not a member");
    for operator in &members[..2] {
        evm.done(*operator, 0, deposit.clone());
    }
    assert_eq!(evm.done(ALICE, 0, depositCall { id: keccak256([1]) }).0.state, 1);
    let destination = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2".to_string();
    let out = lockOutCall { coin: ltc(), amount: u(4_990), destination, maxFee: u(50), vault: 0 };
    evm.refused(ALICE, FEE, out.clone(), "held and free");
    let request = evm.wallet(FEE, out);
    let id = Job { vault: 1, request, upkeep: B256::ZERO };
    let plan = Bytes::from(vec![1, 2, 3]);
    evm.done(members[0], 0, proposeCall { id: id.clone(), sequence: 0, plan: plan.clone() });
    evm.refused(
        members[0],
        0,
        approveCall { id: id.clone(), sequence: 0, plan: keccak256(&plan) },
        "already",
    );
    evm.done(members[1], 0, approveCall { id: id.clone(), sequence: 0, plan: keccak256(&plan) });
    assert!(evm.done(ALICE, 0, approvedCall { id: id.clone(), plan: keccak256(&plan) }).0);
    let settled = settleCall {
        id,
        plan: keccak256(&plan),
        transaction: keccak256([7]),
        success: true,
        outflows: vec![Outflow { coin: ltc(), amount: u(4_990) }],
    };
    for operator in &members[..2] {
        evm.done(*operator, 0, settled.clone());
    }
    assert_eq!(evm.done(ALICE, 0, requestCall { number: request }).0.status, 4);
    let (books, _) = evm.done(ALICE, 0, booksCall { vault: 1, coin: ltc() });
    assert_eq!((books.custody, books.circulating, books.inFlight), (u(10), u(0), u(0)));
}

#[test]
fn value_goes_to_payable_functions_alone_and_static_calls_write_nothing() {
    let (world, members) = world();
    let mut evm = Evm::new(world);
    evm.refused(members[0], 1, claimCall {}, "takes no value");
    evm.refused(ALICE, 1, vaultsCall {}, "takes no value");
    evm.refused(
        ALICE,
        FEE - 1,
        requestAddressCall { coin: ltc(), beneficiary: ALICE, vault: 0 },
        "carries the fee",
    );
    evm.done(ALICE, 7, fundPoolCall {});
    let writes = [
        claimCall {}.abi_encode(),
        leaveCall {}.abi_encode(),
        observeCall { vault: 1, coin: ltc(), amount: u(1) }.abi_encode(),
        regroupCall { vault: 1 }.abi_encode(),
    ];
    for data in writes {
        let call = SystemCall { caller: members[0], ..SystemCall::scheduled(DCRM, data.into(), 1_000_000) };
        assert!(!evm.0.static_call(call).unwrap().result.is_success());
    }
    let call = SystemCall::scheduled(DCRM, vaultsCall {}.abi_encode().into(), 1_000_000);
    assert!(evm.0.static_call(call).unwrap().result.is_success());
}

#[test]
fn the_steward_and_the_custodians_act_by_abi() {
    let (world, members) = world();
    let mut evm = Evm::new(world);
    let chain = setChainCall {
        name: name("bitcoin"),
        family: 1,
        chainId: 0,
        prefix: name("bc"),
        confirmations: 6,
        proofTarget: U256::ZERO,
    };
    evm.refused(ALICE, 0, chain.clone(), "steward");
    evm.refused(STEWARD, 0, setChainCall { family: 3, ..chain.clone() }, "family is 1");
    evm.done(STEWARD, 0, chain);
    evm.done(STEWARD, 0, setGenesisCall { chain: name("bitcoin"), hash: keccak256([1]) });
    assert_eq!(evm.done(ALICE, 0, genesisCall { chain: name("bitcoin") }).0, keccak256([1]));
    let empty = openVaultCall { chain: name("bitcoin"), scheme: 1, threshold: 2, size: 3, caps: vec![] };
    evm.refused(STEWARD, 0, empty, "one coin at least");
    let shares = evm.done(ALICE, 0, publicSharesCall { group: 1 }).0;
    assert_eq!(shares.len(), 3);
    let one = evm.done(ALICE, 0, custodianCall { operator: members[0] }).0;
    assert_eq!((one.standing, one.bond, one.groups), (1, U256::from(BOND), 1));
    assert_eq!(evm.done(members[0], 0, claimCall {}).0, u(5));
    evm.done(STEWARD, 0, haltCall { vault: 1 });
    evm.done(STEWARD, 0, resumeCall { vault: 1 });
    evm.done(STEWARD, 0, retireCall { vault: 1 });
    evm.refused(ALICE, 0, shiftCall { from: 1, to: 1, coin: ltc() }, "not a member");
    evm.done(STEWARD, 0, dismissCall { vault: 1 });
    let profile = profile(40);
    let wish = registerCall {
        node: profile.node,
        encryption: profile.encryption.to_vec().into(),
        owner: profile.owner,
        provider: profile.provider,
        region: profile.region,
    };
    evm.refused(op(40), BOND, registerCall { encryption: vec![2; 32].into(), ..wish.clone() }, "33 bytes");
    let (_, gas) = evm.done(op(40), BOND, wish);
    assert!(gas < 600_000, "{gas}");
}

#[test]
fn gas_of_a_request_is_bounded() {
    let (world, members) = world();
    let mut evm = Evm::new(world);
    let (given, gas) = evm.done(ALICE, FEE, requestAddressCall { coin: ltc(), beneficiary: ALICE, vault: 1 });
    assert!((30_000..600_000).contains(&gas), "{gas}");
    let deposit = attestDepositCall {
        id: keccak256([1]),
        vault: 1,
        request: given.request,
        coin: ltc(),
        amount: u(5_000),
    };
    let (_, first) = evm.done(members[0], 0, deposit.clone());
    let (_, second) = evm.done(members[1], 0, deposit);
    assert!(first < 300_000 && second < 800_000, "{first} {second}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    /// Whatever is called with whatever data: an answer or a refusal, never a panic, never a broken database.
    #[test]
    fn arbitrary_calls_are_answered_or_refused(
        function in any::<prop::sample::Index>(),
        words in prop::collection::vec(prop_oneof![0u64..4, 0u64..400, any::<u64>()], 0..24),
        tail in prop::collection::vec(any::<u8>(), 0..40),
        who in 0u8..7,
        value in prop_oneof![Just(0u128), Just(FEE), Just(BOND)],
    ) {
        thread_local! {
            static START: (World, Vec<Address>) = world();
        }
        let (world, members) = START.with(Clone::clone);
        let mut evm = Evm::new(world);
        let caller = match who { 0 => STEWARD, 1 => ALICE, 2 => op(1), n => members[usize::from(n) % 3] };
        let selectors: Vec<[u8; 4]> = ICustody::ICustodyCalls::selectors().collect();
        let mut data = function.get(&selectors).to_vec();
        for word in words {
            data.extend(U256::from(word).to_be_bytes::<32>());
        }
        data.extend(tail);
        evm.send(caller, DCRM, value, data);
    }
}
