//! Deposits that are proved by headers, of blocks mined at the easiest target.

use crate::world::*;
use alloy_primitives::{B256, U256, hex};
use fusor_vm::{
    dcrm::{self, Chain, Deposit, Kept, deposit_id},
    fault::Fault,
};
use sha2::{Digest as _, Sha256};

/// The target of regression test networks, 0x207fffff.
const BITS: u32 = 0x207f_ffff;

fn twice(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

fn limit() -> U256 {
    U256::from(0x7f_ffffu64) << (8 * 29)
}

fn mine(parent: [u8; 32], root: [u8; 32], bits: u32) -> [u8; 80] {
    let mut header = [0u8; 80];
    header[4..36].copy_from_slice(&parent);
    header[36..68].copy_from_slice(&root);
    header[72..76].copy_from_slice(&bits.to_le_bytes());
    while twice(&header)[31] > 0x7e {
        header[76] += 1;
    }
    header
}

/// Writes a transaction without witness that pays `amount` to `script` by its second output.
fn transaction(script: &[u8], amount: u64) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 1];
    bytes.extend([7; 32]);
    bytes.extend([0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 2]);
    for (value, script) in [(5u64, &[0x51][..]), (amount, script)] {
        bytes.extend(value.to_le_bytes());
        bytes.push(script.len() as u8);
        bytes.extend(script);
    }
    bytes.extend([0; 4]);
    bytes
}

fn proof(transaction: &[u8], sibling: [u8; 32], headers: &[[u8; 80]]) -> Vec<u8> {
    let mut bytes = (transaction.len() as u32).to_be_bytes().to_vec();
    bytes.extend(transaction);
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 1, 1]);
    bytes.extend(sibling);
    bytes.extend(headers.as_flattened());
    bytes
}

struct Case {
    world: World,
    deposit: Deposit,
    transaction: Vec<u8>,
    headers: Vec<[u8; 80]>,
}

const SIBLING: [u8; 32] = [3; 32];
const FIRST: B256 = B256::repeat_byte(0x6f);

impl Case {
    fn new() -> Self {
        let mut world = World::new(5);
        world.vault_of("litecoin", 2, 3);
        let request = world.address(ALICE, ltc(), 1).unwrap();
        let chain = Chain { proof_target: limit(), ..litecoin() };
        world.run(|store| dcrm::set_chain(store, STEWARD, &chain)).unwrap();
        let vault = world.vault(1);
        let address = dcrm::address_of(&mut world.store, &vault, request).unwrap().address;
        let (_, version, program) = bech32::segwit::decode(&address).unwrap();
        assert_eq!((version.to_u8(), program.len()), (1, 32));
        let transaction = transaction(&[&[0x51, 32][..], &program].concat(), 1_000);
        let txid = twice(&transaction);
        let block = mine([9; 32], twice(&[SIBLING, txid].concat()), BITS);
        let next = mine(twice(&block), [1; 32], BITS);
        let id = deposit_id(FIRST, txid.into(), 1);
        let deposit = Deposit { id, vault: 1, request, coin: ltc(), amount: u(1_000) };
        Self { world, deposit, transaction, headers: vec![block, next] }
    }

    fn bytes(&self) -> Vec<u8> {
        proof(&self.transaction, SIBLING, &self.headers)
    }

    fn prove(&mut self, deposit: &Deposit, bytes: &[u8]) -> Result<(), Fault> {
        self.world.run(|store| dcrm::prove_deposit(store, deposit, bytes))
    }
}

#[test]
fn a_deposit_needs_a_quorum_and_a_proof_and_is_minted_once() {
    let mut case = Case::new();
    let (deposit, bytes) = (case.deposit, case.bytes());
    misuse(case.prove(&deposit, &bytes), "first block was not named");
    misuse(case.world.run(|store| dcrm::set_genesis(store, ALICE, litecoin().name, FIRST)), "steward");
    case.world.run(|store| dcrm::set_genesis(store, STEWARD, litecoin().name, FIRST)).unwrap();
    let other = B256::repeat_byte(1);
    misuse(case.world.run(|store| dcrm::set_genesis(store, STEWARD, litecoin().name, other)), "named once");
    let ethereum = dcrm::name("ethereum");
    misuse(case.world.run(|store| dcrm::set_genesis(store, STEWARD, ethereum, other)), "Bitcoin family");
    // A proof alone mints nothing, whatever work it shows; nor does a quorum alone.
    let mut quorum = case.world.clone();
    quorum.attest(&deposit, 2).unwrap();
    assert_eq!(quorum.held(ltc(), ALICE), U256::ZERO);
    quorum.run(|store| dcrm::prove_deposit(store, &deposit, &bytes)).unwrap();
    assert_eq!(quorum.held(ltc(), ALICE), u(990));
    case.prove(&deposit, &bytes).unwrap();
    assert_eq!(case.world.held(ltc(), ALICE), U256::ZERO);
    case.world.attest(&deposit, 2).unwrap();
    assert_eq!(case.world.held(ltc(), ALICE), u(990));
    misuse(case.prove(&deposit, &bytes), "credited already");
    // Change to the vault's own address is still for the quorum to say.
    let own = Deposit { id: B256::repeat_byte(5), request: 0, ..deposit };
    misuse(case.prove(&own, &bytes), "attested by quorum");
    case.world.attest(&own, 2).unwrap();
}

#[test]
fn wrong_proofs_mint_nothing() {
    let mut case = Case::new();
    case.world.run(|store| dcrm::set_genesis(store, STEWARD, litecoin().name, FIRST)).unwrap();
    let (good, bytes) = (case.deposit, case.bytes());
    let elsewhere = case.world.address(ALICE, ltc(), 1).unwrap();
    let deposits = [
        (Deposit { amount: u(1_001), ..good }, "another amount"),
        (Deposit { request: elsewhere, ..good }, "another address"),
        (Deposit { id: B256::repeat_byte(1), ..good }, "another name"),
        (Deposit { vault: 9, ..good }, "no such vault"),
        (Deposit { coin: dcrm::name("ETH"), ..good }, "not of the vault's chain"),
    ];
    for (deposit, text) in deposits {
        misuse(case.prove(&deposit, &bytes), text);
    }
    let (tx, headers) = (case.transaction.clone(), case.headers.clone());
    let unlinked = mine([8; 32], [1; 32], BITS);
    let easy = mine(twice(&headers[0]), [1; 32], 0x2100_ffff);
    let mut idle = mine(twice(&headers[0]), [1; 32], BITS);
    while twice(&idle)[31] < 0x80 {
        idle[77] += 1;
    }
    let mut forged = tx.clone();
    *forged.last_mut().unwrap() = 1;
    let proofs = [
        (proof(&tx, SIBLING, &headers[..1]), "as many headers"),
        (proof(&tx, SIBLING, &[headers[0], headers[1], headers[1]]), "as many headers"),
        (proof(&tx, SIBLING, &[headers[0], unlinked]), "does not follow"),
        (proof(&tx, SIBLING, &[headers[0], easy]), "easier"),
        (proof(&tx, SIBLING, &[headers[0], idle]), "exceeds its target"),
        (proof(&tx, [4; 32], &headers), "header's root"),
        (proof(&forged, SIBLING, &headers), "header's root"),
        (bytes[..bytes.len() - 1].to_vec(), "too early"),
        (Vec::new(), "too early"),
    ];
    for (bytes, text) in proofs {
        misuse(case.prove(&good, &bytes), text);
    }
    assert!(Kept::load(&mut case.world.store, good.id).unwrap().is_none());
    // Gas pays for every hash before it is made.
    let mut poor = case.world.store.clone().with_gas(9_000);
    assert_eq!(dcrm::prove_deposit(&mut poor, &good, &bytes), Err(Fault::OutOfGas));
    case.prove(&good, &bytes).unwrap();
}

#[test]
fn a_proof_to_a_halted_vault_is_held_and_without_a_target_refused() {
    let mut case = Case::new();
    case.world.run(|store| dcrm::set_genesis(store, STEWARD, litecoin().name, FIRST)).unwrap();
    case.world.run(|store| dcrm::halt_vault(store, STEWARD, 1)).unwrap();
    let (deposit, bytes) = (case.deposit, case.bytes());
    let mut plain = case.world.clone();
    plain.run(|store| dcrm::set_chain(store, STEWARD, &litecoin())).unwrap();
    misuse(plain.run(|store| dcrm::prove_deposit(store, &deposit, &bytes)), "attested by quorum");
    case.prove(&deposit, &bytes).unwrap();
    case.world.attest(&deposit, 2).unwrap();
    assert_eq!(case.world.held(ltc(), ALICE), U256::ZERO);
    case.world.run(|store| dcrm::resume(store, STEWARD, 1)).unwrap();
    case.world.run(|store| dcrm::credit_held(store, deposit.id)).unwrap();
    assert_eq!(case.world.held(ltc(), ALICE), u(990));
}

#[test]
fn deposits_are_named_as_those_who_watch_name_them() {
    // sha256("fusor deposit of an output" | first block | transaction | output, 4 bytes big endian).
    let plain = [&b"fusor deposit of an output"[..], &[0x11; 32], &[0x22; 32], &hex!("00000003")].concat();
    let expected = B256::from_slice(&Sha256::digest(plain));
    assert_eq!(deposit_id(B256::repeat_byte(0x11), B256::repeat_byte(0x22), 3), expected);
}
