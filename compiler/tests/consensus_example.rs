//! Plays the lottery of `examples/lottery` from its source on, with the blocks of a chain that has stake.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::{Options, compile};
use fusor_vm::account::HHCM;
use fusor_vm::evm::{FusorEvm, Rules};
use fusor_vm::genesis::genesis_accounts;
use fusor_vm::hhcm::{self, Closing, Founder, Opening, Params, founding_balance};
use revm::bytecode::Bytecode;
use revm::context::{BlockEnv, TxEnv, result::ExecutionResult};
use revm::database::InMemoryDB;
use revm::state::AccountInfo;
use std::collections::BTreeMap;

const PRICE: u64 = 1_000;

struct Chain {
    evm: FusorEvm<InMemoryDB>,
    height: u64,
}

fn player(n: u8) -> Address {
    Address::repeat_byte(n)
}

impl Chain {
    fn start() -> Self {
        let mut db = InMemoryDB::default();
        let founder = Founder {
            key: B256::repeat_byte(1),
            beacon: [1; 48],
            owner: player(1),
            payout: player(1),
            stake: U256::from(Params::default().min_stake),
        };
        for system in genesis_accounts() {
            let code = Bytecode::new_legacy(system.code);
            let mut info = AccountInfo::from_bytecode(code).with_nonce(system.nonce);
            if system.address == HHCM {
                info.balance = founding_balance(&[founder], U256::ZERO);
            }
            db.insert_account_info(system.address, info);
        }
        for n in 1..20 {
            let info = AccountInfo { balance: U256::from(1_000_000), ..AccountInfo::default() };
            db.insert_account_info(player(n), info);
        }
        let block = BlockEnv { gas_limit: 30_000_000, ..BlockEnv::default() };
        let mut evm = FusorEvm::new(db, Rules::fusor(1), block);
        evm.cfg_mut().disable_nonce_check = true;
        evm.store_commit(|store| hhcm::found(store, &Params::default(), &[founder], U256::ZERO)).unwrap();
        let mut chain = Self { evm, height: 0 };
        chain.next();
        chain
    }

    fn seed(height: u64) -> B256 {
        keccak256(height.to_be_bytes())
    }

    /// Closes the block and opens the next one.
    fn next(&mut self) {
        if self.height > 0 {
            let closing = Closing { gas_limit: 30_000_000, ..Closing::default() };
            self.evm.store_commit(|store| hhcm::close(store, &closing)).unwrap();
        }
        self.height += 1;
        let height = self.height;
        self.evm.block_mut().number = U256::from(height);
        let opening = Opening { seed: Self::seed(height), height };
        self.evm.store_commit(|store| hhcm::open(store, &opening)).unwrap();
    }

    fn send(&mut self, from: u8, to: Option<Address>, data: Vec<u8>, value: u64) -> ExecutionResult {
        let tx = TxEnv {
            caller: player(from),
            kind: to.map_or(TxKind::Create, TxKind::Call),
            data: data.into(),
            value: U256::from(value),
            gas_limit: 5_000_000,
            chain_id: Some(1),
            ..TxEnv::default()
        };
        self.evm.transact_commit(tx).unwrap()
    }

    fn balance(&mut self, who: Address) -> U256 {
        self.evm.db_mut().cache.accounts[&who].info.balance
    }
}

fn lottery() -> Bytes {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lottery/lottery.csc");
    let mut files: BTreeMap<String, String> =
        fusor_stdlib::files().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    files.insert("lottery.csc".into(), std::fs::read_to_string(path).unwrap());
    let mut program = Compilation::new(files);
    program.add_file("lottery.csc");
    let artifacts = compile(&mut program, &Options::default())
        .unwrap_or_else(|d| panic!("{}", d.render(program.source_map(), false)));
    artifacts.iter().find(|artifact| artifact.name == "Lottery").unwrap().creation.bytes.clone().into()
}

fn call(name: &str) -> Vec<u8> {
    keccak256(name)[..4].to_vec()
}

fn failed_with(result: &ExecutionResult, error: &str) -> bool {
    !result.is_success() && result.output().is_some_and(|output| output.starts_with(&keccak256(error)[..4]))
}

#[test]
fn a_lottery_draws_by_a_seed_that_was_yet_to_come() {
    let mut chain = Chain::start();
    let mut data = lottery().to_vec();
    data.extend(U256::from(PRICE).to_be_bytes::<32>());
    data.extend(U256::from(2).to_be_bytes::<32>());
    let ExecutionResult::Success { output, .. } = chain.send(1, None, data, 0) else {
        panic!("not released")
    };
    let at = *output.address().unwrap();
    let buy = |chain: &mut Chain, n: u8, value| chain.send(n, Some(at), call("buy()"), value);
    let draw = |chain: &mut Chain| chain.send(19, Some(at), call("draw()"), 0);
    for n in 2..12 {
        assert!(buy(&mut chain, n, PRICE).is_success());
    }
    assert!(failed_with(&buy(&mut chain, 12, PRICE - 1), "WrongPrice()"));
    assert!(failed_with(&draw(&mut chain), "WrongTime()"));
    chain.next();
    chain.next();
    assert!(buy(&mut chain, 12, PRICE).is_success());
    chain.next();
    assert!(failed_with(&buy(&mut chain, 13, PRICE), "WrongTime()"));
    assert!(failed_with(&draw(&mut chain), "DrawTooEarly(uint64)"));
    chain.next();
    // The sale ended with block 3, so block 5 decides; eleven tickets were sold.
    let mut input = Chain::seed(5).to_vec();
    input.extend(at.into_word());
    input.extend([0; 32]);
    let number: u64 = (U256::from_be_bytes(keccak256(input).0) % U256::from(11)).to();
    let winner = player(2 + number as u8);
    let before = chain.balance(winner);
    assert!(draw(&mut chain).is_success());
    assert_eq!(chain.balance(winner) - before, U256::from(11 * PRICE));
    assert!(failed_with(&draw(&mut chain), "WrongTime()"));
}

#[test]
fn a_draw_comes_too_late_when_its_seed_is_forgotten() {
    let mut chain = Chain::start();
    let mut data = lottery().to_vec();
    data.extend([U256::from(PRICE), U256::ZERO].map(|word| word.to_be_bytes::<32>()).concat());
    let ExecutionResult::Success { output, .. } = chain.send(1, None, data, 0) else {
        panic!("not released")
    };
    let at = *output.address().unwrap();
    assert!(chain.send(2, Some(at), call("buy()"), PRICE).is_success());
    // The draw is by block 3.
    while chain.height < 3 + 256 {
        chain.next();
    }
    assert!(failed_with(&chain.send(2, Some(at), call("draw()"), 0), "DrawTooLate(uint64)"));
}
