//! Measures the gas of ledger and usufruct operations on the journal, from a cold start each, and holds the
//! worst cases against bounds: lists full, grants sublet to the last descendant.
#![allow(clippy::unwrap_used, missing_docs)]

use alloy_primitives::{Address, U256};
use fusor_vm::{
    evm::{FusorEvm, Rules},
    fault::Fault,
    genesis::genesis_accounts,
    ledger::{self, NATIVE},
    store::Store,
    usufruct::{self, DESCENDANTS_MAX, GRANT_DEPOSIT, LIST_MAX, Terms},
};
use revm::{
    context::BlockEnv,
    database::InMemoryDB,
    state::{AccountInfo, Bytecode},
};

const ISSUER: Address = Address::repeat_byte(0x11);
const OWNER: Address = Address::repeat_byte(0x22);
const USER: Address = Address::repeat_byte(0x33);
const THIRD: Address = Address::repeat_byte(0x44);
const NOW: u64 = 1_000;

struct Bench(FusorEvm<InMemoryDB>);

impl Bench {
    fn new() -> Self {
        let mut db = InMemoryDB::default();
        for account in genesis_accounts() {
            let code = Bytecode::new_raw(account.code);
            db.insert_account_info(
                account.address,
                AccountInfo::from_bytecode(code).with_nonce(account.nonce),
            );
        }
        for who in [ISSUER, OWNER, USER, THIRD] {
            db.insert_account_info(who, AccountInfo::from_balance(GRANT_DEPOSIT * U256::from(1_000)));
        }
        let block = BlockEnv { timestamp: U256::from(NOW), ..BlockEnv::default() };
        Self(FusorEvm::new(db, Rules::fusor(1), block))
    }

    /// Runs an operation cold, prints and returns its value and gas before refunds.
    fn run<T: std::fmt::Debug>(
        &mut self,
        name: &str,
        operation: impl FnOnce(&mut dyn Store) -> Result<T, Fault>,
    ) -> (T, u64) {
        let change = self.0.store_commit(operation).unwrap();
        println!("{name:40} {:>9} gas", change.gas_used);
        (change.value, change.gas_used)
    }

    fn done(&mut self, name: &str, operation: impl FnOnce(&mut dyn Store) -> Result<bool, Fault>) -> u64 {
        let (done, gas) = self.run(name, operation);
        assert!(done, "{name}");
        gas
    }

    fn wait(&mut self, until: u64) {
        self.0.block_mut().timestamp = U256::from(until);
    }
}

fn terms(user: Address, amount: u64, end: u64) -> Terms {
    let n = U256::from;
    Terms { user, amount: n(amount), start: n(NOW), end: n(end), flags: n(3) }
}

fn minted(bench: &mut Bench) -> U256 {
    bench.run("mint, first", |s| ledger::mint(s, ISSUER, U256::ZERO, OWNER, U256::from(10_000))).0
}

fn granted(bench: &mut Bench, id: U256, terms: &Terms) -> U256 {
    let gid = bench.0.store_commit(|s| usufruct::grant(s, OWNER, id, terms)).unwrap().value;
    assert!(bench.0.store_commit(|s| usufruct::accept(s, terms.user, gid)).unwrap().value);
    gid
}

fn sublet(bench: &mut Bench, parent: U256, terms: &Terms) -> U256 {
    let gid = bench.0.store_commit(|s| usufruct::sub_grant(s, USER, parent, terms)).unwrap().value;
    assert!(bench.0.store_commit(|s| usufruct::accept(s, terms.user, gid)).unwrap().value);
    gid
}

#[test]
fn common_operations_cost_what_their_storage_costs() {
    let bench = &mut Bench::new();
    let id = minted(bench);
    let ten = U256::from(10);
    bench.run("mint, again", |s| ledger::mint(s, ISSUER, U256::ZERO, OWNER, ten));
    let first = bench.done("send to a new holder", |s| ledger::send(s, OWNER, id, USER, ten));
    let again = bench.done("send to a holder", |s| ledger::send(s, OWNER, id, USER, ten));
    // Two cold words read and written, and a log of three topics and a word: ERC-20's minimum.
    assert!(first < 29_000 && again < 13_000, "{first} {again}");
    bench.done("burn", |s| ledger::burn(s, OWNER, id, ten));
    let (gid, offer) = bench.run("grant", |s| usufruct::grant(s, OWNER, id, &terms(USER, 10, 2_000)));
    let accept = bench.done("accept", |s| usufruct::accept(s, USER, gid));
    assert!(offer < 210_000 && accept < 130_000, "{offer} {accept}");
    bench.done("send beside one grant", |s| ledger::send(s, OWNER, id, USER, ten));
    let (sub, _) = bench.run("sub-grant", |s| usufruct::sub_grant(s, USER, gid, &terms(THIRD, 5, 2_000)));
    bench.done("accept a sub-grant", |s| usufruct::accept(s, THIRD, sub));
    bench.run("usable", |s| usufruct::usable(s, id, USER, U256::ZERO));
    bench.run("free", |s| ledger::free(s, id, OWNER));
    bench.done("offer ownership", |s| usufruct::move_ownership(s, OWNER, gid, THIRD));
    bench.done("accept ownership", |s| usufruct::accept_ownership(s, THIRD, gid));
    bench.done("give back a sub-grant", |s| usufruct::give_back(s, THIRD, sub));
    bench.done("revoke", |s| usufruct::revoke(s, THIRD, gid));
    bench.done("clean", |s| usufruct::clean(s, THIRD, gid));
    let native = granted(bench, NATIVE, &terms(USER, 10, 2_000));
    bench.done("revoke native coin", |s| usufruct::revoke(s, OWNER, native));
}

#[test]
fn full_lists_stay_affordable() {
    let bench = &mut Bench::new();
    let id = minted(bench);
    for _ in 0..LIST_MAX {
        granted(bench, id, &terms(USER, 1, 2_000));
    }
    let send = bench.done("send beside 64 grants", |s| ledger::send(s, OWNER, id, USER, U256::ONE));
    let (_, usable) = bench.run("usable of 64 grants", |s| usufruct::usable(s, id, USER, U256::ZERO));
    bench.wait(2_000);
    let settle = bench.done("send past 64 grants", |s| ledger::send(s, OWNER, id, USER, U256::ONE));
    let after = bench.done("send after that", |s| ledger::send(s, OWNER, id, USER, U256::ONE));
    assert!(send < 500_000 && usable < 500_000 && settle < 700_000, "{send} {usable} {settle}");
    assert!(after < 13_000, "{after}");
}

#[test]
fn a_revocation_is_bounded_by_the_descendants() {
    let bench = &mut Bench::new();
    let id = minted(bench);
    let root = granted(bench, id, &terms(USER, 1_000, 2_000));
    let sub = granted_last(bench, root);
    let revoke = bench.done("revoke with 64 descendants", |s| usufruct::revoke(s, OWNER, root));
    assert!(revoke < 2_000_000, "{revoke}");
    bench.done("clean one of 64 descendants", |s| usufruct::clean(s, USER, sub));
    let clean = bench.done("clean their root", |s| usufruct::clean(s, OWNER, root));
    assert!(clean < 1_000_000, "{clean}");
}

/// Sublets up to the bound and returns the last sub-grant.
fn granted_last(bench: &mut Bench, root: U256) -> U256 {
    let mut last = U256::ZERO;
    for _ in 0..DESCENDANTS_MAX {
        last = sublet(bench, root, &terms(THIRD, 1, 2_000));
    }
    let (more, _) =
        bench.run("sub-grant, 65th", |s| usufruct::sub_grant(s, USER, root, &terms(THIRD, 1, 2_000)));
    let (taken, gas) = bench.run("accept, 65th", |s| usufruct::accept(s, THIRD, more));
    assert!(!taken && gas < 2_500_000);
    last
}
