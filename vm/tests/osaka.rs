//! Compares the EVM with stock revm under Osaka's rules on random programs: result, gas, logs and state must be
//! equal with extensions off, and with extensions on unless a program meets one.
//!
//! `FUSOR_OSAKA_PROGRAMS` sets the number of transactions; `FUSOR_OSAKA_SEED` the first seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_primitives::{Address, TxKind, U256, keccak256};
use fusor_vm::{
    evm::{FusorEvm, Rules, bytecode},
    statetest::{Account, World},
};
use revm::{
    Context, DatabaseCommit, ExecuteEvm, MainBuilder, MainContext,
    context::{
        BlockEnv, CfgEnv, TxEnv,
        either::Either,
        result::ExecutionResult,
        transaction::{
            AccessList, AccessListItem, Authorization, RecoveredAuthority, RecoveredAuthorization,
        },
    },
    context_interface::block::BlobExcessGasAndPrice,
    primitives::hardfork::SpecId,
    state::AccountInfo,
};

const DEFAULT_PROGRAMS: u64 = 20_000;
const CONTRACTS: u64 = 5;

/// Is SplitMix64, so that a seed gives the same programs everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

fn contract(n: u64) -> Address {
    Address::from_word(keccak256([n as u8]))
}

fn sender() -> Address {
    Address::repeat_byte(0xee)
}

/// Lists opcodes that take `inputs` words and leave one or none, without side effects of size.
#[rustfmt::skip]
const PLAIN: &[(u8, usize)] = &[
    (0x01, 2), (0x02, 2), (0x03, 2), (0x04, 2), (0x05, 2), (0x06, 2), (0x07, 2), (0x08, 3), (0x09, 3), (0x0a, 2),
    (0x0b, 2), (0x10, 2), (0x11, 2), (0x12, 2), (0x13, 2), (0x14, 2), (0x15, 1), (0x16, 2), (0x17, 2), (0x18, 2),
    (0x19, 1), (0x1a, 2), (0x1b, 2), (0x1c, 2), (0x1d, 2), (0x1e, 1), (0x30, 0), (0x32, 0), (0x33, 0), (0x34, 0),
    (0x36, 0), (0x38, 0), (0x3a, 0), (0x3d, 0), (0x41, 0), (0x42, 0), (0x43, 0), (0x44, 0), (0x45, 0), (0x46, 0),
    (0x47, 0), (0x48, 0), (0x4a, 0), (0x58, 0), (0x59, 0), (0x5a, 0), (0x50, 1), (0x80, 1), (0x90, 2), (0x91, 3),
];

struct Writer<'a> {
    random: &'a mut Random,
    code: Vec<u8>,
}

impl Writer<'_> {
    fn push(&mut self, value: U256) {
        let bytes = value.to_be_bytes_trimmed_vec();
        self.code.push(0x5f + bytes.len() as u8);
        self.code.extend(bytes);
    }

    /// Pushes a word that is interesting: small, near a power of two, or random.
    fn word(&mut self) {
        let value = match self.random.below(6) {
            0 => U256::ZERO,
            1 => U256::from(self.random.below(64)),
            2 => U256::MAX - U256::from(self.random.below(3)),
            3 => U256::from(1) << self.random.below(256),
            4 => U256::from(self.random.next()),
            _ => U256::from_be_bytes(keccak256(self.random.next().to_be_bytes()).0),
        };
        self.push(value);
    }

    fn small(&mut self, bound: u64) {
        let value = self.random.below(bound);
        self.push(U256::from(value));
    }

    fn address(&mut self) {
        let n = self.random.below(CONTRACTS + 20);
        let address = match n {
            n if n < CONTRACTS => contract(n),
            n if n < CONTRACTS + 17 => Address::with_last_byte((n - CONTRACTS + 1) as u8),
            n if n == CONTRACTS + 17 => Address::from_word(U256::from(0x100).into()),
            n if n == CONTRACTS + 18 => sender(),
            _ => Address::repeat_byte(0x99),
        };
        self.push(U256::from_be_slice(address.as_slice()));
    }

    fn step(&mut self) {
        match self.random.below(24) {
            0..=9 => self.plain(),
            10 => self.memory(),
            11 => self.storage(),
            12 | 13 => self.call(),
            14 => self.create(),
            15 => self.log(),
            16 => self.look_at_account(),
            17 => self.copy(),
            18 => self.forward_jump(),
            19 => self.hash(),
            20 => self.code.push(0x5b),
            21 => self.word(),
            22 if self.random.below(6) == 0 => self.end(),
            22 => self.word(),
            _ => self.anything(),
        }
    }

    fn plain(&mut self) {
        let (op, inputs) = self.random.pick(PLAIN);
        (0..inputs).for_each(|_| self.word());
        self.code.push(op);
    }

    fn memory(&mut self) {
        match self.random.below(4) {
            0 => self.small(600),
            1 => {
                (0..3).for_each(|_| self.small(300));
                return self.code.push(0x5e);
            }
            _ => {
                self.word();
                self.small(600);
                let op = self.random.pick(&[0x52, 0x53]);
                return self.code.push(op);
            }
        }
        self.code.push(0x51);
    }

    fn storage(&mut self) {
        let op = self.random.pick(&[0x54, 0x55, 0x55, 0x5c, 0x5d]);
        if matches!(op, 0x55 | 0x5d) {
            self.small(3);
        }
        self.small(4);
        self.code.push(op);
    }

    fn call(&mut self) {
        let op = self.random.pick(&[0xf1, 0xf1, 0xf2, 0xf4, 0xfa]);
        (0..4).for_each(|_| self.small(200));
        if matches!(op, 0xf1 | 0xf2) {
            self.small(3);
        }
        self.address();
        self.small(200_000);
        self.code.push(op);
    }

    fn create(&mut self) {
        let create2 = self.random.below(2) == 0;
        // Init code that returns a few bytes: PUSH1 n PUSH0 RETURN at memory 0.
        let size = self.random.below(40);
        let init = U256::from_be_slice(&[0x60, size as u8, 0x5f, 0xf3]) << 224;
        self.push(init);
        self.push(U256::ZERO);
        self.code.push(0x52);
        if create2 {
            self.small(3);
        }
        self.small(40);
        self.push(U256::ZERO);
        self.small(2);
        self.code.push(if create2 { 0xf5 } else { 0xf0 });
    }

    fn log(&mut self) {
        let topics = self.random.below(5);
        (0..topics).for_each(|_| self.word());
        self.small(100);
        self.small(100);
        self.code.push(0xa0 + topics as u8);
    }

    fn look_at_account(&mut self) {
        let op = self.random.pick(&[0x31, 0x3b, 0x3f]);
        self.address();
        self.code.push(op);
    }

    fn copy(&mut self) {
        let op = self.random.pick(&[0x37, 0x39, 0x3e, 0x3c]);
        (0..3).for_each(|_| self.small(80));
        if op == 0x3c {
            self.address();
        }
        self.code.push(op);
    }

    fn forward_jump(&mut self) {
        let skip = self.random.below(8) as usize;
        let conditional = self.random.below(2) == 0;
        if conditional {
            self.small(2);
        }
        let target = self.code.len() + 4 + skip;
        self.code.extend([0x61, (target >> 8) as u8, target as u8]);
        self.code.push(if conditional { 0x57 } else { 0x56 });
        self.code.extend(std::iter::repeat_n(0x58, skip));
        self.code.push(0x5b);
    }

    fn hash(&mut self) {
        self.small(200);
        self.small(200);
        self.code.push(0x20);
    }

    fn anything(&mut self) {
        if self.random.below(40) != 0 {
            return self.code.push(0x58);
        }
        let byte = self.random.below(256) as u8;
        self.code.push(byte);
    }

    fn end(&mut self) {
        self.small(100);
        self.small(100);
        let op = self.random.pick(&[0xf3, 0xfd, 0x00, 0xff, 0xfe]);
        self.code.push(op);
    }
}

fn program(random: &mut Random) -> Vec<u8> {
    if random.below(12) == 0 {
        return (0..random.below(60)).map(|_| random.below(256) as u8).collect();
    }
    let steps = 5 + random.below(60);
    let mut writer = Writer { random, code: Vec::new() };
    (0..steps).for_each(|_| writer.step());
    writer.code
}

fn world(random: &mut Random) -> World {
    let mut world = World::default();
    let rich = AccountInfo::from_balance(U256::from(10).pow(U256::from(20)));
    world.accounts.insert(sender(), Account { info: rich, ..Account::default() });
    for n in 0..CONTRACTS {
        let code = bytecode(program(random).into());
        let balance = U256::from(random.below(5));
        let info = AccountInfo {
            nonce: 1,
            balance,
            code_hash: code.hash_slow(),
            code: Some(code),
            ..Default::default()
        };
        let storage =
            (0..4).filter(|_| random.below(2) == 0).map(|k| (U256::from(k), U256::from(1))).collect();
        world.accounts.insert(contract(n), Account { info, storage });
    }
    world
}

fn transaction(random: &mut Random) -> TxEnv {
    let tx_type = random.pick(&[0u8, 0, 1, 2, 2, 3, 4]);
    let create = tx_type < 3 && random.below(6) == 0;
    let data =
        if create { program(random) } else { (0..random.below(100)).map(|_| random.next() as u8).collect() };
    let kind = if create { TxKind::Create } else { TxKind::Call(contract(random.below(CONTRACTS))) };
    let access = AccessListItem { address: contract(1), storage_keys: vec![U256::from(1).into()] };
    TxEnv {
        tx_type,
        caller: sender(),
        gas_limit: random.pick(&[30_000, 60_000, 100_000, 300_000, 1_000_000, 5_000_000]),
        gas_price: 10 + u128::from(random.below(3)),
        kind,
        value: U256::from(random.below(4)),
        data: data.into(),
        nonce: u64::from(random.below(50) == 0),
        chain_id: Some(1),
        access_list: if tx_type > 0 && random.below(2) == 0 {
            AccessList(vec![access])
        } else {
            AccessList::default()
        },
        gas_priority_fee: (tx_type >= 2).then(|| u128::from(random.below(3))),
        blob_hashes: if tx_type == 3 { blob_hashes(random) } else { vec![] },
        max_fee_per_blob_gas: if tx_type == 3 { 100 } else { 0 },
        authorization_list: if tx_type == 4 { vec![authorization(random)] } else { vec![] },
    }
}

fn blob_hashes(random: &mut Random) -> Vec<alloy_primitives::B256> {
    let version = random.pick(&[1u8, 1, 1, 2]);
    let hash = |n: u64| {
        let mut hash = keccak256(n.to_be_bytes());
        hash.0[0] = version;
        hash
    };
    (0..random.below(8)).map(hash).collect()
}

fn authorization(
    random: &mut Random,
) -> Either<revm::context::transaction::SignedAuthorization, RecoveredAuthorization> {
    let target = Authorization {
        chain_id: U256::from(random.below(2)),
        address: contract(random.below(CONTRACTS)),
        nonce: random.below(2),
    };
    let authority = random.pick(&[Address::repeat_byte(0x99), contract(0), sender()]);
    Either::Right(RecoveredAuthorization::new_unchecked(target, RecoveredAuthority::Valid(authority)))
}

fn block() -> BlockEnv {
    BlockEnv {
        number: U256::from(1000),
        beneficiary: Address::repeat_byte(0xcb),
        timestamp: U256::from(1_800_000_000u64),
        gas_limit: 36_000_000,
        basefee: 9,
        prevrandao: Some(keccak256("random")),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice::new_with_spec(0, SpecId::OSAKA)),
        ..BlockEnv::default()
    }
}

type Outcome = Result<(ExecutionResult, World), String>;

fn stock(mut world: World, tx: TxEnv) -> Outcome {
    let mut cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
    cfg.set_max_blobs_per_tx(6);
    let ctx = Context::mainnet().with_cfg(cfg).with_block(block()).with_db(world.clone());
    let done = ctx.build_mainnet().transact(tx).map_err(|error| error.to_string())?;
    world.commit(done.state);
    Ok((done.result, world))
}

fn ours(mut world: World, tx: TxEnv, extensions: bool) -> (Outcome, bool) {
    let rules = Rules { spec: SpecId::OSAKA, extensions, chain_id: 1 };
    let mut evm = FusorEvm::new(world.clone(), rules, block());
    match evm.transact(tx) {
        Ok(outcome) => {
            world.commit(outcome.state);
            (Ok((outcome.result, world)), outcome.met_extension)
        }
        Err(error) => (Err(error.to_string()), false),
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[derive(Debug, Default)]
struct Counts {
    succeeded: u64,
    reverted: u64,
    halted: u64,
    invalid: u64,
    met: u64,
}

#[test]
fn random_programs_run_as_on_stock_revm() {
    let (programs, first) =
        (setting("FUSOR_OSAKA_PROGRAMS", DEFAULT_PROGRAMS), setting("FUSOR_OSAKA_SEED", 1));
    let mut counts = Counts::default();
    for seed in first..first + programs {
        let random = &mut Random(seed);
        let (before, tx) = (world(random), transaction(random));
        let expected = stock(before.clone(), tx.clone());
        match &expected {
            Ok((ExecutionResult::Success { .. }, _)) => counts.succeeded += 1,
            Ok((ExecutionResult::Revert { .. }, _)) => counts.reverted += 1,
            Ok((ExecutionResult::Halt { .. }, _)) => counts.halted += 1,
            Err(_) => counts.invalid += 1,
        }
        let (off, met) = ours(before.clone(), tx.clone(), false);
        assert!(!met);
        assert!(off == expected, "seed {seed}, extensions off:\n{off:?}\n{expected:?}");
        let (on, met) = ours(before, tx, true);
        counts.met += u64::from(met);
        assert!(met || on == expected, "seed {seed}, extensions on:\n{on:?}\n{expected:?}");
    }
    println!("{counts:?}");
    // The generator must reach every kind of end, or it proves little.
    let ends = [counts.succeeded, counts.reverted, counts.halted, counts.invalid, counts.met];
    assert!(ends.iter().all(|count| *count > programs / 400), "{counts:?}");
}
