//! Walks through the ledger and the usufruct algebra by hand-made examples, one rule each.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;
use fusor_vm::{
    account::{LEDGER, USUFRUCT, erc20_address},
    fault::Fault,
    ledger::{self, Metadata, NATIVE, Transfer},
    store::Store,
    testing::MemStore,
    usufruct::{self, Action, GRANT_DEPOSIT, State, Terms},
};

const ISSUER: Address = Address::repeat_byte(0x11);
const OWNER: Address = Address::repeat_byte(0x22);
const USER: Address = Address::repeat_byte(0x33);
const THIRD: Address = Address::repeat_byte(0x44);
const STRANGER: Address = Address::repeat_byte(0x55);
const REVOCABLE: u64 = 1;
const SUBLETTABLE: u64 = 2;

fn n(value: u64) -> U256 {
    U256::from(value)
}

fn terms(user: Address, amount: u64, start: u64, end: u64, flags: u64) -> Terms {
    Terms { user, amount: n(amount), start: n(start), end: n(end), flags: n(flags) }
}

/// Makes a world at second 100 where OWNER holds 100 units and everybody holds a little native coin.
fn world() -> (MemStore, U256) {
    let mut store = MemStore::at(100);
    for who in [ISSUER, OWNER, USER, THIRD, STRANGER] {
        store.set_balance(who, GRANT_DEPOSIT * n(10));
    }
    let id = ledger::mint(&mut store, ISSUER, n(7), OWNER, n(100)).unwrap();
    assert_eq!(id, ledger::asset_id(ISSUER, n(7)));
    (store, id)
}

fn granted(store: &mut MemStore, id: U256, terms: Terms) -> U256 {
    let gid = usufruct::grant(store, OWNER, id, &terms).unwrap();
    assert!(!gid.is_zero());
    assert!(usufruct::accept(store, terms.user, gid).unwrap());
    gid
}

fn state(store: &mut MemStore, gid: U256) -> State {
    usufruct::info(store, gid).unwrap().state
}

fn usable(store: &mut MemStore, id: U256, who: Address, t: u64) -> U256 {
    usufruct::usable(store, id, who, n(t)).unwrap()
}

#[test]
fn the_first_mint_opens_the_view_and_fixes_the_metadata() {
    let mut store = MemStore::at(1);
    let metadata =
        Metadata { name: "Bond 2030 with a name longer than one word", symbol: "B30", decimals: 6, flags: 9 };
    assert!(ledger::set_metadata(&mut store, ISSUER, n(1), &metadata).unwrap());
    let id = ledger::mint(&mut store, ISSUER, n(1), OWNER, n(5)).unwrap();
    assert!(
        !ledger::set_metadata(&mut store, ISSUER, n(1), &Metadata { decimals: 7, ..metadata.clone() })
            .unwrap()
    );
    let info = ledger::info(&mut store, id).unwrap();
    assert_eq!((info.issuer, info.decimals, info.flags), (ISSUER, 6, 9));
    assert_eq!(ledger::name(&mut store, id).unwrap(), metadata.name);
    assert_eq!(ledger::symbol(&mut store, id).unwrap(), "B30");
    assert_eq!(ledger::sub_id(&mut store, id).unwrap(), n(1));
    assert_eq!(ledger::asset_at(&mut store, erc20_address(id)).unwrap(), Some(id));
    assert_eq!(store.state.codes[&erc20_address(id)], ledger::VIEW_CODE);
    let log = store.state.logs.last().unwrap();
    assert_eq!(log.address, erc20_address(id));
    assert_eq!(log.topics[0], Transfer::SIGNATURE_HASH);
}

#[test]
fn metadata_out_of_range_is_misuse() {
    let mut store = MemStore::at(1);
    let good = Metadata { name: "", symbol: "", decimals: 18, flags: 0 };
    let long = "x".repeat(65);
    for bad in [
        Metadata { decimals: 19, ..good.clone() },
        Metadata { name: &long, ..good.clone() },
        Metadata { symbol: &long[..33], ..good.clone() },
    ] {
        let result = ledger::set_metadata(&mut store, ISSUER, n(1), &bad);
        assert!(matches!(result, Err(Fault::Misuse(_))));
    }
}

#[test]
fn a_second_claimant_of_a_view_is_refused() {
    let (mut store, id) = world();
    // Ids that share 16 bytes cannot be found, so the claim is handed to another asset by hand.
    let other = ledger::asset_id(ISSUER, n(8));
    let view = U256::from_be_slice(erc20_address(other).as_slice());
    let key = fusor_vm::slot::Record::new(fusor_vm::slot::Table::Erc20Claim, &[view]).word(0);
    store.set(LEDGER, key, id).unwrap();
    let before = store.state.clone();
    assert_eq!(ledger::mint(&mut store, ISSUER, n(8), OWNER, n(1)).unwrap(), U256::ZERO);
    assert_eq!(store.state, before);
}

#[test]
fn supply_cannot_overflow() {
    let (mut store, id) = world();
    let room = ledger::AMOUNT_MAX - n(100);
    assert_eq!(ledger::mint(&mut store, ISSUER, n(7), USER, U256::MAX).unwrap(), U256::ZERO);
    assert_eq!(ledger::mint(&mut store, ISSUER, n(7), USER, room + n(1)).unwrap(), U256::ZERO);
    assert_eq!(ledger::mint(&mut store, ISSUER, n(7), USER, room).unwrap(), id);
    assert!(ledger::send(&mut store, USER, id, OWNER, room).unwrap());
    assert_eq!(ledger::owned(&mut store, id, OWNER).unwrap(), ledger::AMOUNT_MAX);
    assert_eq!(ledger::free(&mut store, id, OWNER).unwrap(), ledger::AMOUNT_MAX);
}

#[test]
fn nothing_and_self_sends_are_sane() {
    let (mut store, id) = world();
    assert!(ledger::send(&mut store, OWNER, id, OWNER, n(100)).unwrap());
    assert!(!ledger::send(&mut store, OWNER, id, OWNER, n(101)).unwrap());
    assert!(ledger::send(&mut store, STRANGER, id, OWNER, n(0)).unwrap());
    assert!(!ledger::send(&mut store, STRANGER, n(99), OWNER, n(0)).unwrap());
    assert!(!ledger::send(&mut store, OWNER, id, Address::ZERO, n(1)).unwrap());
    assert_eq!(ledger::owned(&mut store, id, OWNER).unwrap(), n(100));
}

#[test]
fn pairs_move_together_or_not_at_all() {
    let (mut store, id) = world();
    let other = ledger::mint(&mut store, ISSUER, n(8), OWNER, n(5)).unwrap();
    let pairs = ledger::merge_pairs(&[(id, n(1)), (other, n(3)), (id, n(2)), (NATIVE, n(9))]).unwrap();
    assert_eq!(pairs, [(id, n(3)), (other, n(3)), (NATIVE, n(9))]);
    assert!(ledger::move_pairs(&mut store, OWNER, USER, &pairs).unwrap());
    let before = store.state.clone();
    assert!(!ledger::move_pairs(&mut store, OWNER, USER, &pairs).unwrap());
    assert_eq!(store.state, before);
    assert_eq!(ledger::merge_pairs(&[(id, U256::MAX), (id, n(1))]), None);
}

#[test]
fn allowances_are_used_up_unless_unlimited() {
    let (mut store, id) = world();
    assert!(ledger::approve(&mut store, id, OWNER, USER, n(10)).unwrap());
    assert!(ledger::transfer_from(&mut store, id, USER, OWNER, THIRD, n(7)).unwrap());
    assert!(!ledger::transfer_from(&mut store, id, USER, OWNER, THIRD, n(4)).unwrap());
    assert_eq!(ledger::allowance(&mut store, id, OWNER, USER).unwrap(), n(3));
    assert!(ledger::approve(&mut store, id, OWNER, USER, U256::MAX).unwrap());
    assert!(ledger::transfer_from(&mut store, id, USER, OWNER, THIRD, n(4)).unwrap());
    assert_eq!(ledger::allowance(&mut store, id, OWNER, USER).unwrap(), U256::MAX);
    assert_eq!(ledger::owned(&mut store, id, THIRD).unwrap(), n(11));
}

#[test]
fn an_offer_encumbers_nothing_and_must_be_backed_when_accepted() {
    let (mut store, id) = world();
    let gid = usufruct::grant(&mut store, OWNER, id, &terms(USER, 60, 200, 300, 0)).unwrap();
    assert_eq!(ledger::free(&mut store, id, OWNER).unwrap(), n(100));
    assert!(ledger::send(&mut store, OWNER, id, THIRD, n(50)).unwrap());
    assert!(!usufruct::accept(&mut store, USER, gid).unwrap());
    assert_eq!(state(&mut store, gid), State::Offered);
    assert!(ledger::send(&mut store, THIRD, id, OWNER, n(20)).unwrap());
    assert!(!usufruct::accept(&mut store, STRANGER, gid).unwrap());
    assert!(usufruct::accept(&mut store, USER, gid).unwrap());
    assert_eq!(ledger::free(&mut store, id, OWNER).unwrap(), n(10));
    assert_eq!(ledger::owned(&mut store, id, OWNER).unwrap(), n(70));
}

#[test]
fn expiry_returns_the_right_by_itself() {
    let (mut store, id) = world();
    let gid = granted(&mut store, id, terms(USER, 60, 200, 300, 0));
    assert_eq!(usable(&mut store, id, USER, 199), n(0));
    assert_eq!(usable(&mut store, id, USER, 200), n(60));
    assert_eq!(usable(&mut store, id, OWNER, 299), n(40));
    assert_eq!(usable(&mut store, id, OWNER, 300), n(100));
    assert!(!ledger::send(&mut store, OWNER, id, THIRD, n(41)).unwrap());
    store.now = 299;
    assert!(!ledger::burn(&mut store, OWNER, id, n(41)).unwrap());
    store.now = 300;
    assert_eq!(state(&mut store, gid), State::Ended);
    assert!(ledger::send(&mut store, OWNER, id, THIRD, n(100)).unwrap());
    assert!(!usufruct::give_back(&mut store, USER, gid).unwrap());
}

#[test]
fn disjoint_windows_share_units_but_a_sale_takes_them_out() {
    let (mut store, id) = world();
    let first = granted(&mut store, id, terms(USER, 60, 200, 300, 0));
    let second = granted(&mut store, id, terms(THIRD, 60, 300, 400, 0));
    assert_eq!(ledger::free(&mut store, id, OWNER).unwrap(), n(40));
    assert!(usufruct::move_ownership(&mut store, OWNER, first, STRANGER).unwrap());
    assert_eq!(state(&mut store, first), State::Moving);
    assert!(!usufruct::accept_ownership(&mut store, STRANGER, first).unwrap(), "40 left cannot back 60");
    store.now = 400;
    assert_eq!(state(&mut store, second), State::Ended);
    assert!(!usufruct::accept_ownership(&mut store, STRANGER, first).unwrap(), "over");
}

#[test]
fn bare_ownership_moves_and_the_right_stays() {
    let (mut store, id) = world();
    let gid = granted(&mut store, id, terms(USER, 60, 50, 300, REVOCABLE));
    assert!(!usufruct::move_ownership(&mut store, STRANGER, gid, THIRD).unwrap());
    assert!(usufruct::move_ownership(&mut store, OWNER, gid, THIRD).unwrap());
    assert!(usufruct::accept_ownership(&mut store, THIRD, gid).unwrap());
    assert_eq!(ledger::owned(&mut store, id, OWNER).unwrap(), n(40));
    assert_eq!(ledger::free(&mut store, id, OWNER).unwrap(), n(40));
    assert_eq!(ledger::owned(&mut store, id, THIRD).unwrap(), n(60));
    assert_eq!(ledger::free(&mut store, id, THIRD).unwrap(), n(0));
    assert_eq!(usable(&mut store, id, USER, 100), n(60));
    assert!(!usufruct::revoke(&mut store, OWNER, gid).unwrap());
    assert!(usufruct::revoke(&mut store, THIRD, gid).unwrap());
    assert_eq!(ledger::free(&mut store, id, THIRD).unwrap(), n(60));
}

#[test]
fn an_offer_of_ownership_can_be_withdrawn_and_declined() {
    let (mut store, id) = world();
    let gid = granted(&mut store, id, terms(USER, 60, 50, 300, 0));
    assert!(!usufruct::move_ownership(&mut store, OWNER, gid, Address::ZERO).unwrap());
    assert!(usufruct::move_ownership(&mut store, OWNER, gid, THIRD).unwrap());
    assert!(usufruct::move_ownership(&mut store, OWNER, gid, Address::ZERO).unwrap());
    assert!(!usufruct::accept_ownership(&mut store, THIRD, gid).unwrap());
    assert!(usufruct::move_ownership(&mut store, OWNER, gid, THIRD).unwrap());
    assert!(usufruct::decline_ownership(&mut store, THIRD, gid).unwrap());
    assert_eq!(state(&mut store, gid), State::Accepted);
}

#[test]
fn sub_grants_stay_within_their_parent() {
    let (mut store, id) = world();
    let gid = granted(&mut store, id, terms(USER, 60, 200, 300, SUBLETTABLE));
    for bad in [terms(THIRD, 61, 200, 300, 0), terms(THIRD, 1, 199, 300, 0), terms(THIRD, 1, 200, 301, 0)] {
        assert_eq!(usufruct::sub_grant(&mut store, USER, gid, &bad).unwrap(), U256::ZERO);
    }
    assert_eq!(
        usufruct::sub_grant(&mut store, OWNER, gid, &terms(THIRD, 1, 200, 300, 0)).unwrap(),
        U256::ZERO
    );
    let sub = usufruct::sub_grant(&mut store, USER, gid, &terms(THIRD, 50, 250, 300, 0)).unwrap();
    let more = usufruct::sub_grant(&mut store, USER, gid, &terms(STRANGER, 11, 200, 251, 0)).unwrap();
    assert!(usufruct::accept(&mut store, THIRD, sub).unwrap());
    assert!(!usufruct::accept(&mut store, STRANGER, more).unwrap(), "61 of 60 in second 250");
    assert_eq!(usable(&mut store, id, USER, 250), n(10));
    assert_eq!(usable(&mut store, id, THIRD, 250), n(50));
    let none = usufruct::sub_grant(&mut store, THIRD, sub, &terms(OWNER, 1, 250, 300, 0)).unwrap();
    assert_eq!(none, U256::ZERO, "not sublettable");
    assert!(!usufruct::give_back(&mut store, USER, gid).unwrap(), "sublet");
    assert!(usufruct::give_back(&mut store, THIRD, sub).unwrap());
    assert!(usufruct::give_back(&mut store, USER, gid).unwrap());
    assert_eq!(ledger::free(&mut store, id, OWNER).unwrap(), n(100));
}

#[test]
fn revocation_takes_all_descendants_and_depth_is_bounded() {
    let (mut store, id) = world();
    let people = [USER, THIRD, STRANGER, OWNER, ISSUER];
    let mut chain = vec![granted(&mut store, id, terms(USER, 60, 50, 300, REVOCABLE | SUBLETTABLE))];
    for pair in people.windows(2) {
        let parent = *chain.last().unwrap();
        let sub = usufruct::sub_grant(&mut store, pair[0], parent, &terms(pair[1], 60, 50, 300, SUBLETTABLE))
            .unwrap();
        assert!(usufruct::accept(&mut store, pair[1], sub).unwrap());
        chain.push(sub);
    }
    assert_eq!(usable(&mut store, id, ISSUER, 100), n(60));
    let deepest = *chain.last().unwrap();
    assert_eq!(
        usufruct::sub_grant(&mut store, ISSUER, deepest, &terms(USER, 1, 50, 300, 0)).unwrap(),
        U256::ZERO
    );
    assert!(usufruct::revoke(&mut store, OWNER, chain[0]).unwrap());
    for gid in chain {
        assert_eq!(state(&mut store, gid), State::Ended);
    }
    assert_eq!(usable(&mut store, id, OWNER, 100), n(100));
    assert_eq!(usable(&mut store, id, ISSUER, 100), n(0));
}

#[test]
fn native_coin_under_a_grant_is_kept_and_comes_back() {
    let (mut store, _) = world();
    let start = store.state.balances[&OWNER];
    let gid = usufruct::grant(&mut store, OWNER, NATIVE, &terms(USER, 1000, 200, 300, 0)).unwrap();
    assert_eq!(store.balance(OWNER).unwrap(), start - GRANT_DEPOSIT);
    assert!(usufruct::accept(&mut store, USER, gid).unwrap());
    assert_eq!(store.balance(OWNER).unwrap(), start - GRANT_DEPOSIT - n(1000));
    assert_eq!(store.balance(LEDGER).unwrap(), n(1000));
    assert_eq!(ledger::owned(&mut store, NATIVE, OWNER).unwrap(), start - GRANT_DEPOSIT);
    assert_eq!(ledger::owned(&mut store, NATIVE, LEDGER).unwrap(), n(0));
    assert_eq!(usable(&mut store, NATIVE, USER, 250), start + n(1000));
    assert_eq!(usufruct::release(&mut store, OWNER).unwrap(), n(0));
    store.now = 300;
    assert_eq!(ledger::free(&mut store, NATIVE, OWNER).unwrap(), start - GRANT_DEPOSIT);
    assert_eq!(usufruct::release(&mut store, OWNER).unwrap(), n(1000));
    assert_eq!(store.balance(LEDGER).unwrap(), n(0));
    assert!(usufruct::clean(&mut store, STRANGER, gid).unwrap());
    assert_eq!(store.balance(OWNER).unwrap(), start);
    assert_eq!(store.balance(USUFRUCT).unwrap(), n(0));
}

#[test]
fn a_sale_of_native_coin_under_shared_windows_tops_up_what_stays() {
    let (mut store, _) = world();
    let first = granted(&mut store, NATIVE, terms(USER, 1000, 200, 300, 0));
    let _second = granted(&mut store, NATIVE, terms(THIRD, 1000, 300, 400, 0));
    assert_eq!(store.balance(LEDGER).unwrap(), n(1000));
    assert!(usufruct::move_ownership(&mut store, OWNER, first, STRANGER).unwrap());
    assert!(usufruct::accept_ownership(&mut store, STRANGER, first).unwrap());
    assert_eq!(store.balance(LEDGER).unwrap(), n(2000));
    assert_eq!(ledger::locked(&mut store, OWNER).unwrap(), n(1000));
    assert_eq!(ledger::locked(&mut store, STRANGER).unwrap(), n(1000));
}

#[test]
fn deposits_are_due_and_strangers_wait_for_the_end_to_clean() {
    let (mut store, id) = world();
    store.set_balance(OWNER, GRANT_DEPOSIT - n(1));
    assert_eq!(usufruct::grant(&mut store, OWNER, id, &terms(USER, 1, 200, 300, 0)).unwrap(), U256::ZERO);
    store.set_balance(OWNER, GRANT_DEPOSIT);
    let gid = usufruct::grant(&mut store, OWNER, id, &terms(USER, 1, 200, 300, 0)).unwrap();
    assert!(!usufruct::clean(&mut store, OWNER, gid).unwrap());
    assert!(usufruct::decline(&mut store, USER, gid).unwrap());
    assert_eq!(state(&mut store, gid), State::Declined);
    assert!(!usufruct::clean(&mut store, STRANGER, gid).unwrap());
    assert!(usufruct::clean(&mut store, OWNER, gid).unwrap());
    assert_eq!(state(&mut store, gid), State::None);
    assert_eq!(store.balance(OWNER).unwrap(), GRANT_DEPOSIT);
}

#[test]
fn cleaning_leaves_no_word_but_the_nonce() {
    let (mut store, id) = world();
    let before = store.state.words.clone();
    let gid = granted(&mut store, id, terms(USER, 60, 50, 300, REVOCABLE | SUBLETTABLE));
    let sub = usufruct::sub_grant(&mut store, USER, gid, &terms(THIRD, 50, 250, 300, 0)).unwrap();
    assert!(usufruct::accept(&mut store, THIRD, sub).unwrap());
    assert!(usufruct::move_ownership(&mut store, OWNER, gid, STRANGER).unwrap());
    assert!(usufruct::revoke(&mut store, OWNER, gid).unwrap());
    assert!(usufruct::clean(&mut store, OWNER, gid).unwrap());
    assert!(usufruct::clean(&mut store, USER, sub).unwrap());
    let nonce = fusor_vm::slot::Table::GrantNonce as u8;
    let left = store.state.words.iter().filter(|((_, key), _)| key.to_be_bytes::<32>()[0] != nonce);
    let left: Vec<_> = left.map(|(key, value)| (*key, *value)).collect();
    assert_eq!(left, before.into_iter().collect::<Vec<_>>());
}

#[test]
fn lists_are_bounded_and_expired_entries_make_room() {
    let (mut store, id) = world();
    store.set_balance(OWNER, GRANT_DEPOSIT * n(1000));
    for step in 0..usufruct::LIST_MAX as u64 {
        let end = if step == 5 { 150 } else { 300 };
        granted(&mut store, id, terms(USER, 1, 100, end, 0));
    }
    let gid = usufruct::grant(&mut store, OWNER, id, &terms(THIRD, 1, 200, 300, 0)).unwrap();
    assert!(!usufruct::accept(&mut store, THIRD, gid).unwrap(), "full");
    store.now = 150;
    assert!(usufruct::accept(&mut store, THIRD, gid).unwrap());
    assert_eq!(ledger::free(&mut store, id, OWNER).unwrap(), n(36));
}

#[test]
fn descendants_are_bounded_and_expired_ones_make_room() {
    let (mut store, id) = world();
    store.set_balance(USER, GRANT_DEPOSIT * n(1000));
    store.set_balance(THIRD, GRANT_DEPOSIT * n(1000));
    let root = granted(&mut store, id, terms(USER, 100, 100, 300, SUBLETTABLE));
    let sub = |store: &mut MemStore, from, parent, to, end| {
        let terms = terms(to, 1, 100, end, SUBLETTABLE);
        let gid = usufruct::sub_grant(store, from, parent, &terms).unwrap();
        assert!(!gid.is_zero());
        (usufruct::accept(store, to, gid).unwrap(), gid)
    };
    let (_, branch) = sub(&mut store, USER, root, THIRD, 300);
    for _ in 0..40 {
        assert!(sub(&mut store, USER, root, STRANGER, 150).0);
    }
    assert!(sub(&mut store, THIRD, branch, STRANGER, 150).0);
    for _ in 0..22 {
        assert!(sub(&mut store, USER, root, ISSUER, 300).0);
    }
    assert!(!sub(&mut store, USER, root, ISSUER, 300).0, "64 descendants");
    store.now = 150;
    assert!(sub(&mut store, USER, root, ISSUER, 300).0);
    assert!(sub(&mut store, THIRD, branch, ISSUER, 300).0);
}

#[test]
fn static_calls_and_bad_operands_halt() {
    let (mut store, id) = world();
    let misuse = [
        terms(USER, 0, 200, 300, 0),
        terms(USER, 1, 300, 300, 0),
        terms(USER, 1, 200, 300, 4),
        Terms { end: U256::MAX, ..terms(USER, 1, 200, 300, 0) },
    ];
    for bad in misuse {
        assert!(matches!(usufruct::grant(&mut store, OWNER, id, &bad), Err(Fault::Misuse(_))));
    }
    assert!(Action::try_from(n(7)).is_err() && Action::try_from(n(0)).is_err());
    assert!(Action::try_from(n(257)).is_err());
    store.is_static = true;
    assert_eq!(ledger::mint(&mut store, STRANGER, n(7), OWNER, n(0)), Err(Fault::StaticWrite));
    assert_eq!(ledger::send(&mut store, OWNER, id, USER, n(1000)), Err(Fault::StaticWrite));
    for code in 1..=6 {
        let action = Action::try_from(n(code)).unwrap();
        assert_eq!(usufruct::set(&mut store, OWNER, n(1), action), Err(Fault::StaticWrite));
    }
    assert!(ledger::free(&mut store, id, OWNER).is_ok());
    assert!(usufruct::usable(&mut store, id, OWNER, n(0)).is_ok());
    assert!(usufruct::info(&mut store, n(1)).is_ok());
}
