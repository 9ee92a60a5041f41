//! Lock-ins, lock-outs, and what keeps vaults solvent.

use crate::world::*;
use alloy_primitives::{Address, B256, U256, keccak256};
use fusor_vm::{
    dcrm::{self, Deposit, Job, JobId, Kept, Outcome, Purse, Standing, State, Status, Wish, name},
    fault::Fault,
    testing::MemStore,
};

fn world() -> World {
    let mut world = World::new(9);
    assert_eq!(world.vault_of("litecoin", 2, 3), 1);
    world
}

fn job(vault: u64, request: u64) -> JobId {
    JobId { vault, request, upkeep: B256::ZERO }
}

fn paid(plan: B256, amount: u64) -> Outcome {
    let outflows = vec![(ltc(), u(amount))];
    Outcome { plan, transaction: keccak256([9]), success: true, outflows }
}

impl World {
    /// Has the first two members of a vault approve a plan.
    fn approve(&mut self, id: &JobId, plan: B256) -> Result<(), Fault> {
        let sequence = self.vault(id.vault).sequence;
        for operator in self.members(id.vault).into_iter().take(2) {
            self.run(|store| dcrm::approve(store, operator, id, sequence, plan))?;
        }
        Ok(())
    }

    fn settle(&mut self, id: &JobId, outcome: &Outcome) -> Result<(), Fault> {
        for operator in self.members(id.vault).into_iter().take(2) {
            self.run(|store| dcrm::settle(store, operator, id, outcome))?;
        }
        Ok(())
    }
}

#[test]
fn a_lock_in_is_minted_once_by_a_quorum() {
    let mut world = world();
    let request = world.address(ALICE, ltc(), 0).unwrap();
    let deposit = Deposit { id: keccak256([1]), vault: 1, request, coin: ltc(), amount: u(1_000) };
    let members = world.members(1);
    misuse(world.run(|store| dcrm::attest_deposit(store, ALICE, &deposit)), "not a member");
    world.attest(&deposit, 1).unwrap();
    misuse(world.attest(&deposit, 1), "said so already");
    assert_eq!(world.held(ltc(), ALICE), U256::ZERO);
    assert!(Kept::load(&mut world.store, deposit.id).unwrap().is_none());
    world.run(|store| dcrm::attest_deposit(store, members[1], &deposit)).unwrap();
    assert_eq!(world.held(ltc(), ALICE), u(990));
    let books = world.books(1, ltc());
    assert_eq!((books.custody, books.circulating, books.in_flight), (u(1_000), u(990), u(0)));
    assert_eq!(world.custodian(members[0]).rewards, 5 + FEE / 2);
    assert_eq!((world.request(request).fee, world.request(request).amount), (0, u(990)));
    // The same output again, by anyone, changes nothing.
    for operator in &members {
        misuse(world.run(|store| dcrm::attest_deposit(store, *operator, &deposit)), "credited already");
    }
    assert!(members.iter().all(|one| world.custodian(*one).standing == Standing::Active));
    // Less than the least stays with the vault.
    let dust = Deposit { id: keccak256([2]), amount: u(99), ..deposit };
    world.attest(&dust, 2).unwrap();
    assert_eq!((world.held(ltc(), ALICE), world.books(1, ltc()).custody), (u(990), u(1_099)));
}

#[test]
fn a_false_attestation_is_struck_and_an_honest_one_never() {
    let mut world = world();
    let request = world.address(ALICE, ltc(), 1).unwrap();
    let members = world.members(1);
    let truth = Deposit { id: keccak256([1]), vault: 1, request, coin: ltc(), amount: u(1_000) };
    let lie = Deposit { amount: u(90_000), ..truth };
    world.run(|store| dcrm::attest_deposit(store, members[0], &lie)).unwrap();
    misuse(world.run(|store| dcrm::attest_deposit(store, members[0], &truth)), "something else");
    world.run(|store| dcrm::attest_deposit(store, members[1], &truth)).unwrap();
    world.run(|store| dcrm::attest_deposit(store, members[2], &truth)).unwrap();
    assert_eq!(world.held(ltc(), ALICE), u(990));
    let guilty = world.custodian(members[0]);
    assert_eq!((guilty.standing, guilty.bond), (Standing::Struck, BOND / 2));
    assert!(members[1..].iter().all(|one| world.custodian(*one).bond == BOND));
    assert_eq!(Purse::load(&mut world.store).unwrap().pool, 500 - 15 + BOND / 2);
    misuse(world.run(|store| dcrm::attest_deposit(store, members[0], &lie)), "no voice");
    // A lie that comes after the quorum is struck too.
    let next = Deposit { id: keccak256([2]), ..truth };
    for operator in &members[1..] {
        world.run(|store| dcrm::attest_deposit(store, *operator, &next)).unwrap();
    }
    let mut late = world.clone();
    let lie = Deposit { id: keccak256([3]), ..lie };
    late.run(|store| dcrm::attest_deposit(store, members[1], &lie)).unwrap();
    // One voice of a struck member is none: the lie never gets a quorum by it.
    misuse(late.run(|store| dcrm::attest_deposit(store, members[0], &lie)), "no voice");
    assert_eq!(late.held(ltc(), ALICE), u(1_980));
}

#[test]
fn a_voice_that_denies_the_quorum_is_struck_late() {
    let mut world = world();
    let request = world.address(ALICE, ltc(), 1).unwrap();
    let truth = Deposit { id: keccak256([1]), vault: 1, request, coin: ltc(), amount: u(1_000) };
    world.attest(&truth, 2).unwrap();
    let last = world.members(1)[2];
    let lie = Deposit { amount: u(1), ..truth };
    world.run(|store| dcrm::attest_deposit(store, last, &lie)).unwrap();
    assert_eq!(world.custodian(last).standing, Standing::Struck);
    assert_eq!(world.held(ltc(), ALICE), u(990));
}

#[test]
fn what_cannot_be_is_not_attested() {
    let mut world = world();
    world.vault_of("litecoin", 2, 3);
    let request = world.address(ALICE, ltc(), 1).unwrap();
    let good = Deposit { id: keccak256([1]), vault: 1, request, coin: ltc(), amount: u(1_000) };
    let cases = [
        (Deposit { coin: name("ETH"), ..good }, "not of the vault's chain"),
        (Deposit { coin: name("none"), ..good }, "not listed"),
        (Deposit { amount: U256::ZERO, ..good }, "not an amount"),
        (Deposit { amount: U256::MAX, ..good }, "not an amount"),
        (Deposit { request: 99, ..good }, "no such request"),
        (Deposit { vault: 2, ..good }, "no address of the vault"),
    ];
    for (deposit, text) in cases {
        misuse(world.attest(&deposit, 1), text);
    }
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let out = world.lock_out(ALICE, ltc(), 1, 100).unwrap();
    misuse(world.attest(&Deposit { request: out, ..good }, 1), "no address of the vault");
    let operator = world.members(1)[0];
    let nowhere = Deposit { vault: 9, ..good };
    misuse(world.run(|store| dcrm::attest_deposit(store, operator, &nowhere)), "no such vault");
    // What the vault pays to itself raises what it holds, and mints nothing.
    world.attest(&Deposit { request: 0, ..good }, 2).unwrap();
    assert_eq!(world.books(1, ltc()).custody, u(2_000));
}

#[test]
fn a_deposit_half_attested_before_a_change_of_group_is_completed_after() {
    let mut world = world();
    let request = world.address(ALICE, ltc(), 1).unwrap();
    let truth = Deposit { id: keccak256([1]), vault: 1, request, coin: ltc(), amount: u(1_000) };
    let before = world.members(1);
    let lie = Deposit { amount: u(2_000), ..truth };
    world.run(|store| dcrm::attest_deposit(store, before[0], &truth)).unwrap();
    world.run(|store| dcrm::attest_deposit(store, before[2], &lie)).unwrap();
    world.run(|store| dcrm::leave(store, before[2])).unwrap();
    world.run(|store| dcrm::regroup(store, op(1), 1)).unwrap();
    let mut handing = Handing::join(&mut world, 2);
    handing.play(&mut world, &[]);
    handing.finish(&mut world).unwrap();
    world.all_ready(2);
    misuse(world.run(|store| dcrm::attest_deposit(store, before[2], &truth)), "not a member");
    world.attest(&truth, 2).unwrap();
    assert_eq!(world.held(ltc(), ALICE), u(990));
    // The liar is struck though it left the group meanwhile.
    assert_eq!(world.custodian(before[2]).standing, Standing::Struck);
    assert_eq!(world.custodian(before[0]).standing, Standing::Active);
}

#[test]
fn a_deposit_to_a_halted_vault_waits_until_it_goes_on() {
    let mut world = world();
    let request = world.address(ALICE, ltc(), 1).unwrap();
    misuse(world.run(|store| dcrm::halt_vault(store, ALICE, 1)), "steward");
    world.run(|store| dcrm::halt_vault(store, STEWARD, 1)).unwrap();
    misuse(world.address(ALICE, ltc(), 1), "halted");
    misuse(world.address(ALICE, ltc(), 0), "no active vault");
    let deposit = Deposit { id: keccak256([1]), vault: 1, request, coin: ltc(), amount: u(1_000) };
    world.attest(&deposit, 2).unwrap();
    assert!(Kept::load(&mut world.store, deposit.id).unwrap().unwrap().held);
    assert_eq!(world.held(ltc(), ALICE), U256::ZERO);
    misuse(world.run(|store| dcrm::credit_held(store, deposit.id)), "halted");
    misuse(world.run(|store| dcrm::resume(store, ALICE, 1)), "steward");
    world.run(|store| dcrm::resume(store, STEWARD, 1)).unwrap();
    misuse(world.run(|store| dcrm::resume(store, STEWARD, 1)), "not halted");
    world.run(|store| dcrm::credit_held(store, deposit.id)).unwrap();
    misuse(world.run(|store| dcrm::credit_held(store, deposit.id)), "no deposit is held");
    assert_eq!(world.held(ltc(), ALICE), u(990));
}

#[test]
fn a_retiring_vault_pays_nothing_and_what_came_late_is_credited_after_the_sweep() {
    let mut world = world();
    let request = world.address(ALICE, ltc(), 1).unwrap();
    world.lock_in(BOB, ltc(), 1, 2_000);
    let open = world.lock_out(BOB, ltc(), 1, 500).unwrap();
    misuse(world.run(|store| dcrm::retire(store, ALICE, 1)), "steward");
    world.run(|store| dcrm::retire(store, STEWARD, 1)).unwrap();
    misuse(world.run(|store| dcrm::retire(store, STEWARD, 1)), "not in use");
    misuse(world.address(ALICE, ltc(), 1), "retiring");
    misuse(world.lock_out(BOB, ltc(), 1, 100), "retiring");
    misuse(world.approve(&job(1, open), keccak256([1])), "plans nothing like that");
    let late = Deposit { id: keccak256([7]), vault: 1, request, coin: ltc(), amount: u(1_000) };
    world.attest(&late, 2).unwrap();
    misuse(world.run(|store| dcrm::credit_held(store, late.id)), "has not moved");
    world.pass(20);
    world.run(|store| dcrm::cancel(store, BOB, open)).unwrap();
    // The sweep: out of the one, into the other's own address.
    assert_eq!(world.vault_of("litecoin", 2, 3), 2);
    let sweep = JobId { vault: 1, request: 0, upkeep: name("sweep") };
    world.approve(&sweep, keccak256([2])).unwrap();
    world.settle(&sweep, &paid(keccak256([2]), 3_000)).unwrap();
    assert_eq!((world.books(1, ltc()).custody, world.vault(1).state), (u(0), State::Retiring));
    let arrival = Deposit { id: keccak256([8]), vault: 2, request: 0, coin: ltc(), amount: u(2_990) };
    world.attest(&arrival, 2).unwrap();
    misuse(world.run(|store| dcrm::may_shift(store, ALICE, 1)), "not a member");
    world.run(|store| dcrm::may_shift(store, STEWARD, 1)).unwrap();
    misuse(world.run(|store| dcrm::dismiss(store, STEWARD, 1)), "still circulates");
    misuse(world.run(|store| dcrm::shift(store, 2, 1, ltc())), "is retiring");
    assert_eq!(world.run(|store| dcrm::shift(store, 1, 2, ltc())).unwrap(), u(1_990));
    world.run(|store| dcrm::credit_held(store, late.id)).unwrap();
    assert_eq!((world.held(ltc(), ALICE), world.held(ltc(), BOB)), (u(990), u(1_990)));
    assert_eq!((world.books(2, ltc()).circulating, world.books(1, ltc()).circulating), (u(2_980), u(0)));
    // Its members are free.
    let member = world.members(1)[0];
    let groups = world.custodian(member).groups;
    misuse(world.run(|store| dcrm::dismiss(store, ALICE, 1)), "steward");
    misuse(world.run(|store| dcrm::dismiss(store, STEWARD, 2)), "only a retiring");
    world.run(|store| dcrm::dismiss(store, STEWARD, 1)).unwrap();
    assert_eq!(world.custodian(member).groups, groups - 1);
    misuse(world.run(|store| dcrm::regroup(store, STEWARD, 1)), "not due");
    misuse(world.run(|store| dcrm::dismiss(store, STEWARD, 1)), "only a retiring");
}

#[test]
fn units_are_locked_out_once_and_destroyed_when_paid() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 1_000);
    misuse(world.lock_out(ALICE, ltc(), 1, 991), "owe as much");
    world.lock_in(BOB, ltc(), 1, 1_000);
    misuse(world.lock_out(ALICE, ltc(), 1, 991), "held and free");
    let request = world.lock_out(ALICE, ltc(), 0, 700).unwrap();
    misuse(world.lock_out(ALICE, ltc(), 0, 700), "held and free");
    assert_eq!(world.books(1, ltc()).in_flight, u(700));
    let id = job(1, request);
    let plan = keccak256([1]);
    world.approve(&id, plan).unwrap();
    assert_eq!(world.request(request).status, Status::Planned);
    misuse(world.run(|store| dcrm::cancel(store, ALICE, request)), "nobody has planned");
    world.settle(&id, &paid(plan, 700)).unwrap();
    let books = world.books(1, ltc());
    assert_eq!((books.custody, books.circulating, books.in_flight), (u(1_300), u(1_280), u(0)));
    let done = world.request(request);
    assert_eq!((done.status, done.fee, done.transaction), (Status::Paid, 0, keccak256([9])));
    misuse(world.settle(&id, &paid(plan, 700)), "waits to be settled");
    misuse(world.approve(&id, keccak256([2])), "not a lock-out of this vault that waits");
    assert_eq!((world.held(ltc(), ALICE), world.vault(1).state), (u(290), State::Active));
    let member = world.members(1)[0];
    let earned = world.custodian(member).rewards;
    let before = world.balance(member);
    assert_eq!(world.run(|store| dcrm::claim(store, member)).unwrap(), earned);
    assert_eq!(world.balance(member) - before, U256::from(earned));
    assert_eq!(world.run(|store| dcrm::claim(store, member)).unwrap(), 0);
    misuse(world.run(|store| dcrm::claim(store, ALICE)), "not a custodian");
}

#[test]
fn a_plan_binds_with_a_quorum_at_its_sequence() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 2_000);
    let (first, second) =
        (world.lock_out(ALICE, ltc(), 1, 100).unwrap(), world.lock_out(ALICE, ltc(), 1, 200).unwrap());
    let members = world.members(1);
    let (one, two) = (job(1, first), job(1, second));
    let plan = keccak256([1]);
    world.run(|store| dcrm::approve(store, members[0], &one, 0, plan)).unwrap();
    misuse(world.run(|store| dcrm::approve(store, members[0], &one, 0, plan)), "said so already");
    misuse(world.run(|store| dcrm::approve(store, ALICE, &one, 0, plan)), "not a member");
    assert!(!dcrm::is_approved(&mut world.store, &one, plan).unwrap());
    misuse(world.settle(&one, &paid(plan, 100)), "waits to be settled");
    world.run(|store| dcrm::approve(store, members[0], &two, 0, plan)).unwrap();
    world.run(|store| dcrm::approve(store, members[1], &two, 0, plan)).unwrap();
    // What was half approved before another plan of the vault must be approved anew.
    misuse(world.run(|store| dcrm::approve(store, members[1], &one, 0, plan)), "meanwhile");
    assert_eq!(world.vault(1).sequence, 1);
    world.approve(&one, plan).unwrap();
    // A later plan of the same job; the earlier one is what confirms.
    let later = keccak256([2]);
    world.approve(&one, later).unwrap();
    misuse(world.approve(&one, later), "is approved");
    let kept = Job::load(&mut world.store, &one).unwrap();
    assert_eq!((kept.version, kept.plan, kept.settled), (2, later, false));
    misuse(world.settle(&one, &paid(keccak256([3]), 100)), "waits to be settled");
    let doubled = Outcome { outflows: vec![(ltc(), u(1)), (ltc(), u(1))], ..paid(plan, 1) };
    misuse(world.settle(&one, &doubled), "each coin once");
    world.settle(&one, &paid(plan, 100)).unwrap();
    misuse(world.settle(&one, &paid(later, 100)), "waits to be settled");
    assert_eq!(world.books(1, ltc()).custody, u(1_900));
    let wrong = [
        JobId { upkeep: name("x"), ..two },
        JobId { vault: 1, request: 0, upkeep: B256::ZERO },
        JobId { vault: 1, request: 1, upkeep: B256::ZERO },
        JobId { vault: 1, request: 99, upkeep: B256::ZERO },
    ];
    for id in wrong {
        assert!(matches!(world.approve(&id, plan), Err(Fault::Misuse(_))), "{id:?}");
    }
    for size in [0, dcrm::PLAN_MAX + 1] {
        let plan = vec![1; size].into();
        misuse(world.run(|store| dcrm::propose(store, members[0], &two, 2, &plan)), "16384 bytes");
    }
    world.run(|store| dcrm::propose(store, members[0], &two, 3, &vec![1; 9].into())).unwrap();
}

#[test]
fn a_failed_outer_transaction_returns_the_units_and_its_cost_is_booked() {
    let mut world = World::new(9);
    world.vault_of("ethereum", 2, 3);
    let (eth, usd) = (name("ETH"), name("USD"));
    world.lock_in(ALICE, eth, 1, 1_000);
    world.lock_in(ALICE, usd, 1, 1_000);
    let request = world.lock_out(ALICE, usd, 1, 300).unwrap();
    let id = job(1, request);
    world.approve(&id, keccak256([1])).unwrap();
    let outcome = Outcome { success: false, outflows: vec![(eth, u(7))], ..paid(keccak256([1]), 0) };
    world.settle(&id, &outcome).unwrap();
    assert_eq!((world.held(usd, ALICE), world.request(request).status), (u(990), Status::Returned));
    assert_eq!((world.books(1, usd).in_flight, world.books(1, eth).custody), (u(0), u(993)));
    // More than the reserve: the vault lacks coin and halts at once.
    let request = world.lock_out(ALICE, usd, 1, 300).unwrap();
    let id = job(1, request);
    world.approve(&id, keccak256([2])).unwrap();
    let outcome = Outcome { success: false, outflows: vec![(eth, u(4))], ..paid(keccak256([2]), 0) };
    world.settle(&id, &outcome).unwrap();
    assert_eq!(world.vault(1).state, State::Halted);
    misuse(world.run(|store| dcrm::resume(store, STEWARD, 1)), "still lacks");
    let foreign = Outcome { outflows: vec![(ltc(), u(1))], ..outcome };
    misuse(world.settle(&id, &foreign), "waits to be settled");
    // Someone makes good what is lacking.
    let gift = Deposit { id: keccak256([5]), vault: 1, request: 0, coin: eth, amount: u(1) };
    world.attest(&gift, 2).unwrap();
    world.run(|store| dcrm::resume(store, STEWARD, 1)).unwrap();
}

#[test]
fn a_lock_out_in_flight_is_settled_though_its_vault_is_halted_meanwhile() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let planned = world.lock_out(ALICE, ltc(), 1, 300).unwrap();
    let asked = world.lock_out(ALICE, ltc(), 1, 200).unwrap();
    world.approve(&job(1, planned), keccak256([1])).unwrap();
    world.run(|store| dcrm::halt_vault(store, STEWARD, 1)).unwrap();
    misuse(world.approve(&job(1, asked), keccak256([2])), "plans nothing");
    misuse(world.approve(&job(1, planned), keccak256([3])), "plans nothing");
    world.settle(&job(1, planned), &paid(keccak256([1]), 300)).unwrap();
    world.run(|store| dcrm::resume(store, STEWARD, 1)).unwrap();
    world.approve(&job(1, asked), keccak256([2])).unwrap();
    world.settle(&job(1, asked), &paid(keccak256([2]), 200)).unwrap();
    assert_eq!(world.books(1, ltc()).circulating, u(490));
}

#[test]
fn a_quorum_that_sees_less_halts_the_vault_in_the_same_block() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let members = world.members(1);
    let observe = |world: &mut World, who: Address, amount| {
        world.run(|store| dcrm::observe(store, who, 1, ltc(), u(amount)))
    };
    misuse(observe(&mut world, ALICE, 0), "not a member");
    misuse(
        world.run(|store| dcrm::observe(store, members[0], 1, name("ETH"), u(0))),
        "not of the vault's chain",
    );
    observe(&mut world, members[0], 900).unwrap();
    observe(&mut world, members[0], 0).unwrap();
    assert_eq!(world.vault(1).state, State::Active);
    observe(&mut world, members[1], 950).unwrap();
    assert_eq!(world.vault(1).state, State::Halted);
    assert_eq!(dcrm::shortfall(&mut world.store.clone(), &world.vault(1)).unwrap(), Some((ltc(), u(40))));
    misuse(world.run(|store| dcrm::resume(store, STEWARD, 1)), "still lacks");
    assert_eq!(dcrm::reported(&mut world.store, 1, ltc(), members[1]), Ok(u(40)));
    observe(&mut world, members[1], 990).unwrap();
    assert_eq!(dcrm::reported(&mut world.store, 1, ltc(), members[1]), Ok(u(0)));
    world.run(|store| dcrm::resume(store, STEWARD, 1)).unwrap();
    // What they saw stays right when more comes in later.
    observe(&mut world, members[0], 1_000).unwrap();
    world.lock_in(BOB, ltc(), 1, 5_000);
    world.pass(1);
    assert_eq!(world.vault(1).state, State::Active);
}

#[test]
fn requests_carry_their_fee_and_keep_to_the_limits() {
    let mut world = world();
    let least = |store: &mut MemStore| dcrm::request_address(store, ALICE, ltc(), ALICE, 0, FEE - 1);
    misuse(world.paid(ALICE, FEE - 1, least), "carries the fee");
    for beneficiary in [Address::ZERO, fusor_vm::account::DCRM] {
        let ask = |store: &mut MemStore| dcrm::request_address(store, ALICE, ltc(), beneficiary, 0, FEE);
        misuse(world.paid(ALICE, FEE, ask), "cannot own");
    }
    misuse(world.address(ALICE, name("none"), 0), "not listed");
    misuse(world.address(ALICE, name("ETH"), 1), "no room for this coin");
    misuse(world.address(ALICE, name("ETH"), 0), "no active vault");
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let wish = Wish {
        coin: ltc(),
        amount: u(100),
        destination: "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2".into(),
        max_fee: u(50),
        vault: 1,
    };
    let bad = [
        (Wish { amount: u(59), ..wish.clone() }, FEE, "least lock-out"),
        (Wish { max_fee: u(51), ..wish.clone() }, FEE, "max_fee above"),
        (Wish { max_fee: u(0), ..wish.clone() }, FEE, "costs something"),
        (Wish { destination: "nowhere".into(), ..wish.clone() }, FEE, "not an address"),
        (Wish { vault: 9, ..wish.clone() }, FEE, "no such vault"),
        (Wish { coin: name("none"), ..wish.clone() }, FEE, "not listed"),
        (wish.clone(), FEE - 1, "carries the fee"),
    ];
    for (wish, fee, text) in bad {
        misuse(world.paid(ALICE, fee, |store| dcrm::lock_out(store, ALICE, &wish, fee)), text);
    }
    misuse(world.run(|store| dcrm::set_cap(store, ALICE, 1, ltc(), u(1))), "steward");
    misuse(world.run(|store| dcrm::set_cap(store, STEWARD, 1, name("ETH"), u(1))), "own chain");
    world.run(|store| dcrm::set_cap(store, STEWARD, 1, ltc(), u(1_000))).unwrap();
    misuse(world.address(ALICE, ltc(), 1), "no room");
    misuse(world.address(ALICE, ltc(), 0), "no active vault has room");
}

#[test]
fn a_lock_out_that_nobody_plans_comes_back_with_its_fee() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let before = world.balance(ALICE);
    let request = world.lock_out(ALICE, ltc(), 1, 500).unwrap();
    misuse(world.run(|store| dcrm::cancel(store, ALICE, request)), "wait");
    world.pass(20);
    misuse(world.run(|store| dcrm::cancel(store, BOB, request)), "owner");
    world.run(|store| dcrm::cancel(store, ALICE, request)).unwrap();
    misuse(world.run(|store| dcrm::cancel(store, ALICE, request)), "nobody has planned");
    assert_eq!((world.balance(ALICE), world.held(ltc(), ALICE)), (before, u(990)));
    misuse(world.approve(&job(1, request), keccak256([1])), "that waits");
    misuse(world.run(|store| dcrm::cancel(store, ALICE, 1)), "nobody has planned");
}

#[test]
fn a_lock_out_half_settled_before_a_change_of_group_is_settled_by_the_new_one() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let request = world.lock_out(ALICE, ltc(), 1, 300).unwrap();
    let (id, plan) = (job(1, request), keccak256([1]));
    world.approve(&id, plan).unwrap();
    let before = world.members(1);
    world.run(|store| dcrm::settle(store, before[0], &id, &paid(plan, 300))).unwrap();
    world.run(|store| dcrm::set_size(store, STEWARD, 1, 3, 5)).unwrap();
    world.run(|store| dcrm::regroup(store, STEWARD, 1)).unwrap();
    let mut handing = Handing::join(&mut world, 2);
    handing.play(&mut world, &[]);
    handing.finish(&mut world).unwrap();
    world.all_ready(2);
    // One old voice and two new ones are no quorum of three.
    world.settle(&id, &paid(plan, 300)).unwrap();
    assert_eq!(world.request(request).status, Status::Planned);
    let third = world.members(1)[2];
    world.run(|store| dcrm::settle(store, third, &id, &paid(plan, 300))).unwrap();
    assert_eq!((world.request(request).status, world.books(1, ltc()).custody), (Status::Paid, u(700)));
}

#[test]
fn voices_for_different_outcomes_do_not_add_up() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let request = world.lock_out(ALICE, ltc(), 1, 300).unwrap();
    let (id, plan) = (job(1, request), keccak256([1]));
    world.approve(&id, plan).unwrap();
    let members = world.members(1);
    let outcomes = [
        paid(plan, 300),
        Outcome { success: false, ..paid(plan, 300) },
        Outcome { transaction: keccak256([8]), ..paid(plan, 300) },
    ];
    for (operator, outcome) in members.iter().zip(&outcomes) {
        world.run(|store| dcrm::settle(store, *operator, &id, outcome)).unwrap();
    }
    assert_eq!(world.request(request).status, Status::Planned);
    world.run(|store| dcrm::settle(store, members[1], &id, &outcomes[0])).unwrap();
    assert_eq!(world.request(request).status, Status::Paid);
}

#[test]
fn a_lock_out_that_comes_back_where_the_coin_is_gone_halts_the_vault() {
    let mut world = world();
    world.lock_in(ALICE, ltc(), 1, 1_000);
    let paid_out = world.lock_out(ALICE, ltc(), 1, 300).unwrap();
    let waiting = world.lock_out(ALICE, ltc(), 1, 690).unwrap();
    world.approve(&job(1, paid_out), keccak256([1])).unwrap();
    // More left the vault than it held: nothing is owed beside what is in flight.
    world.settle(&job(1, paid_out), &paid(keccak256([1]), 1_001)).unwrap();
    assert_eq!(world.vault(1).state, State::Halted);
    world.run(|store| dcrm::resume(store, STEWARD, 1)).unwrap();
    world.pass(20);
    world.run(|store| dcrm::cancel(store, ALICE, waiting)).unwrap();
    assert_eq!((world.vault(1).state, world.held(ltc(), ALICE)), (State::Halted, u(690)));
    misuse(world.run(|store| dcrm::resume(store, STEWARD, 1)), "still lacks");
}

#[test]
fn what_a_retiring_vault_holds_moves_in_one_step_with_what_circulates() {
    let mut world = world();
    world.lock_in(BOB, ltc(), 1, 2_000);
    let moving = dcrm::Move { to: 2, moved: vec![(ltc(), u(1_995))] };
    let sweep = JobId { vault: 1, request: 0, upkeep: name("move") };
    let fees = paid(keccak256([2]), 5);
    assert_eq!(world.vault_of("litecoin", 2, 3), 2);
    world.approve(&sweep, keccak256([2])).unwrap();
    let members = world.members(1);
    let settle = |world: &mut World, member: usize, moving: &dcrm::Move| {
        world.run(|store| dcrm::settle_move(store, members[member], &sweep, &fees, moving))
    };
    misuse(settle(&mut world, 0, &moving), "only a retiring");
    world.run(|store| dcrm::retire(store, STEWARD, 1)).unwrap();
    misuse(settle(&mut world, 0, &dcrm::Move { to: 1, ..moving.clone() }), "is retiring");
    settle(&mut world, 0, &moving).unwrap();
    // Another amount is another topic: voices do not add up.
    settle(&mut world, 1, &dcrm::Move { moved: vec![(ltc(), u(1_994))], ..moving.clone() }).unwrap();
    assert_eq!(world.books(1, ltc()).custody, u(2_000));
    settle(&mut world, 1, &moving).unwrap();
    let (from, to) = (world.books(1, ltc()), world.books(2, ltc()));
    assert_eq!((from.custody, from.circulating), (u(0), u(0)));
    assert_eq!((to.custody, to.circulating), (u(1_995), u(1_990)));
    misuse(settle(&mut world, 2, &moving), "not a plan that waits");
}

#[test]
fn whoever_covers_a_shortfall_gives_units_up_for_it() {
    let mut world = world();
    world.lock_in(BOB, ltc(), 1, 2_000);
    misuse(world.run(|store| dcrm::cover(store, BOB, 1, ltc(), u(1_991))), "owes less");
    misuse(world.run(|store| dcrm::cover(store, BOB, 1, ltc(), u(0))), "owes less");
    misuse(world.run(|store| dcrm::cover(store, ALICE, 1, ltc(), u(1))), "is held and free");
    misuse(world.run(|store| dcrm::cover(store, BOB, 9, ltc(), u(1))), "no such vault");
    world.run(|store| dcrm::cover(store, BOB, 1, ltc(), u(100))).unwrap();
    let books = world.books(1, ltc());
    assert_eq!((books.custody, books.circulating, world.held(ltc(), BOB)), (u(2_000), u(1_890), u(1_890)));
}
