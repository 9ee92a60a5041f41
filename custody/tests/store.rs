//! The store survives a crash after every single operation, and refuses what is not its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use fusor_custody::measure::{deal, set_up};
use fusor_custody::store::{Disk, Files, Loss, Memory, Store, StoreError};
use fusor_custody::{Holding, Scheme};
use proptest::prelude::{any, prop_assert, proptest};

const VAULT: [u8; 32] = [3; 32];
const SECRET: [u8; 32] = [8; 32];
const LOSSES: [Loss; 3] = [Loss::Nothing, Loss::Unsynced, Loss::Torn];

fn holding(epoch: u64) -> Holding {
    deal(VAULT, epoch, 2, 3).unwrap().remove(0)
}

fn open(files: Memory) -> Store<Memory> {
    Store::open(files, &SECRET, VAULT).unwrap()
}

/// Runs `work` with a stop after each operation in turn, every kind of loss, and hands over the restarted store.
fn crash_everywhere(
    before: &Memory,
    work: impl Fn(&mut Store<Memory>) -> Result<(), StoreError>,
    check: impl Fn(Store<Memory>, bool),
) {
    let mut stop = 0;
    loop {
        let mut finished = false;
        for loss in LOSSES {
            let mut store = open(before.clone());
            store.files_mut().stop_after(stop, loss == Loss::Torn);
            finished = work(&mut store).is_ok();
            let after = store.files().crash(loss);
            check(open(after), finished);
        }
        if finished {
            assert!(stop > 1, "the work did nothing");
            return;
        }
        stop += 1;
    }
}

#[test]
fn a_crash_while_an_epoch_changes_leaves_exactly_the_chains_epoch_usable() {
    let (old, new) = (holding(1), holding(2));
    let mut store = open(Memory::default());
    store.put_pending(&old).unwrap();
    store.activate(1, old.terms().digest()).unwrap();
    let base = store.files().crash(Loss::Nothing);
    let usable = |store: &Store<Memory>| -> Vec<u64> {
        let loads =
            |holding: &&Holding| store.load(holding.terms().epoch(), holding.terms().digest()).is_ok();
        [&old, &new].into_iter().filter(loads).map(|holding| holding.terms().epoch()).collect()
    };

    // Before the chain decides: the old epoch stays usable, whatever happens to the pending one.
    crash_everywhere(
        &base,
        |store| store.put_pending(&new),
        |mut store, finished| {
            store.activate(1, old.terms().digest()).unwrap();
            assert_eq!(usable(&store), [1]);
            if finished {
                store.activate(2, new.terms().digest()).unwrap();
            } else {
                store.put_pending(&new).unwrap();
            }
        },
    );

    // After the chain has decided: the start activates the chain's epoch, and it alone is usable.
    let mut store = open(base);
    store.put_pending(&new).unwrap();
    let base = store.files().crash(Loss::Unsynced);
    let change = |store: &mut Store<Memory>| {
        store.activate(2, new.terms().digest())?;
        store.erase_before(2)
    };
    crash_everywhere(&base, change, |mut store, _| {
        assert_eq!(usable(&store).len(), 1);
        store.activate(2, new.terms().digest()).unwrap();
        assert_eq!(usable(&store), [2]);
        store.erase_before(2).unwrap();
        assert_eq!(usable(&store), [2]);
        assert!(!store.files().list().unwrap().iter().any(|name| name == "1.shard"));
        assert!(matches!(store.activate(1, old.terms().digest()), Err(StoreError::NotActive(1))));
    });
}

#[test]
fn an_erased_shard_is_overwritten() {
    let (old, new) = (holding(1), holding(2));
    let mut store = open(Memory::default());
    store.put_pending(&old).unwrap();
    store.activate(1, old.terms().digest()).unwrap();
    let sealed = store.files().read("1.shard").unwrap().unwrap();
    store.put_pending(&new).unwrap();
    store.activate(2, new.terms().digest()).unwrap();
    assert!(matches!(store.erase_before(3), Err(StoreError::NotActive(3))));
    store.erase_before(2).unwrap();
    let part = &sealed[sealed.len() - 64..];
    assert!(!store.files().all_bytes().any(|bytes| bytes.windows(64).any(|window| window == part)));
}

#[test]
fn a_crash_while_signing_is_admitted_never_allows_two_messages() {
    let admit = |store: &mut Store<Memory>, attempt, hash| {
        store.admit([1; 32], attempt, Scheme::Ecdsa, [0; 32], hash).map(|_| ())
    };
    crash_everywhere(
        &Memory::default(),
        |store| admit(store, 0, [2; 32]),
        |mut store, admitted| {
            match admit(&mut store, 1, [9; 32]) {
                Err(StoreError::OtherMessage) => admit(&mut store, 1, [2; 32]).unwrap(),
                // Not admitted, and not on the disk: nothing was sent.
                Ok(()) => assert!(!admitted),
                Err(other) => panic!("{other}"),
            }
        },
    );
}

#[test]
fn a_request_is_bound_to_hash_tweak_and_scheme() {
    let mut store = open(Memory::default());
    store.admit([1; 32], 4, Scheme::Ecdsa, [0; 32], [2; 32]).unwrap();
    for (scheme, tweak, hash) in [
        (Scheme::Schnorr, [0; 32], [2; 32]),
        (Scheme::Ecdsa, [1; 32], [2; 32]),
        (Scheme::Ecdsa, [0; 32], [3; 32]),
    ] {
        let refused = store.admit([1; 32], 5, scheme, tweak, hash).unwrap_err();
        assert!(matches!(refused, StoreError::OtherMessage));
    }
    for used in 0..=4 {
        let refused = store.admit([1; 32], used, Scheme::Ecdsa, [0; 32], [2; 32]).unwrap_err();
        assert!(matches!(refused, StoreError::UsedAttempt));
    }
    store.admit([1; 32], 5, Scheme::Ecdsa, [0; 32], [2; 32]).unwrap();
}

#[test]
fn a_crash_while_a_member_is_banned_leaves_it_banned_or_as_it_was() {
    let mut holdings = deal(VAULT, 1, 2, 2).unwrap();
    set_up(&mut holdings).unwrap();
    let mut store = open(Memory::default());
    store.put_pending(&holdings[0]).unwrap();
    store.activate(1, holdings[0].terms().digest()).unwrap();
    let base = store.files().crash(Loss::Nothing);
    let digest = holdings[0].terms().digest();
    let ban = |store: &mut Store<Memory>| store.ban(&mut holdings[0].clone(), 2);
    crash_everywhere(&base, ban, |store, finished| {
        let banned = store.banned(1).any(|member| member == 2);
        let paired = store.load(1, digest).unwrap().paired().any(|member| member == 2);
        assert_ne!(banned, paired);
        assert!(banned || !finished);
    });
}

#[test]
fn after_a_failed_write_nothing_more_is_written() {
    let mut store = open(Memory::default());
    store.files_mut().stop_after(0, true);
    let refused = store.admit([1; 32], 0, Scheme::Ecdsa, [0; 32], [2; 32]).unwrap_err();
    assert!(matches!(refused, StoreError::Io(_)));
    store.files_mut().stop_after(1000, false);
    let refused = store.admit([1; 32], 0, Scheme::Ecdsa, [0; 32], [3; 32]).unwrap_err();
    assert!(matches!(refused, StoreError::Broken));
}

/// A store with one active shard, and the shard.
fn filled() -> (Store<Memory>, Holding) {
    let holding = holding(1);
    let mut store = open(Memory::default());
    store.put_pending(&holding).unwrap();
    store.activate(1, holding.terms().digest()).unwrap();
    (store, holding)
}

fn put(files: &mut Memory, name: &str, bytes: &[u8]) {
    files.write(name, bytes).unwrap();
}

#[test]
fn files_of_others_are_refused_with_the_reason() {
    let (store, holding) = filled();
    let digest = holding.terms().digest();
    let files = store.files().crash(Loss::Nothing);
    assert!(matches!(Store::open(files.clone(), &[1; 32], VAULT), Err(StoreError::WrongKey)));
    assert!(matches!(Store::open(files.clone(), &SECRET, [1; 32]), Err(StoreError::OtherVault)));

    // The shard of another key, vault, epoch and version under this one's name.
    let seal = |secret: &[u8; 32], vault: [u8; 32], epoch: u64| {
        let mut store = Store::open(Memory::default(), secret, vault).unwrap();
        store.put_pending(&deal(vault, epoch, 2, 3).unwrap()[0]).unwrap();
        store.files().read(&format!("{epoch}.shard")).unwrap().unwrap()
    };
    let load = |bytes: &[u8]| {
        let mut files = files.clone();
        put(&mut files, "1.shard", bytes);
        open(files).load(1, digest).unwrap_err()
    };
    assert!(matches!(load(&seal(&[1; 32], VAULT, 1)), StoreError::WrongKey));
    assert!(matches!(load(&seal(&SECRET, [1; 32], 1)), StoreError::OtherVault));
    assert!(matches!(load(&seal(&SECRET, VAULT, 2)), StoreError::OtherEpoch { found: 2 }));
    // Same place, other terms.
    assert!(matches!(load(&seal(&SECRET, VAULT, 1)), StoreError::OtherTerms));
    let mut future = files.read("1.shard").unwrap().unwrap();
    future[9] = 2;
    assert!(matches!(load(&future), StoreError::FutureVersion(2)));
    let mut journal = files.read("journal").unwrap().unwrap();
    journal[9] = 7;
    let mut later = files.clone();
    put(&mut later, "journal", &journal);
    assert!(matches!(Store::open(later, &SECRET, VAULT), Err(StoreError::FutureVersion(7))));
    // Another store's holding does not go in.
    let mut store = open(files);
    let foreign = deal([1; 32], 2, 2, 3).unwrap().remove(0);
    assert!(matches!(store.put_pending(&foreign), Err(StoreError::OtherVault)));
    let other = deal(VAULT, 1, 2, 3).unwrap().remove(0);
    assert!(matches!(store.update(&other), Err(StoreError::OtherTerms)));
    assert!(matches!(store.put_pending(&other), Err(StoreError::NotActive(1))));
    assert!(matches!(store.activate(2, digest), Err(StoreError::Missing(2))));
    assert!(matches!(store.load(2, digest), Err(StoreError::NotActive(2))));
}

#[test]
fn every_changed_or_missing_byte_of_a_shard_is_noticed() {
    let (store, holding) = filled();
    let files = store.files().crash(Loss::Nothing);
    let good = files.read("1.shard").unwrap().unwrap();
    let digest = holding.terms().digest();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        let mut files = files.clone();
        put(&mut files, "1.shard", &bad);
        let store = open(files.clone());
        assert!(store.load(1, digest).is_err(), "byte {at}");
        put(&mut files, "1.shard", &good[..at]);
        assert!(matches!(open(files).load(1, digest), Err(StoreError::Damaged)), "cut at {at}");
    }
}

#[test]
fn every_changed_byte_of_the_journal_is_noticed_or_is_a_torn_end() {
    let (mut store, _) = filled();
    store.admit([1; 32], 0, Scheme::Ecdsa, [0; 32], [2; 32]).unwrap();
    let whole = store.files().read("journal").unwrap().unwrap().len();
    store.admit([5; 32], 0, Scheme::Ecdsa, [0; 32], [2; 32]).unwrap();
    let files = store.files().crash(Loss::Nothing);
    let good = files.read("journal").unwrap().unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 4;
        let mut files = files.clone();
        put(&mut files, "journal", &bad);
        match Store::open(files, &SECRET, VAULT) {
            Err(_) => assert!(at < whole),
            Ok(mut store) => {
                assert!(at >= whole, "byte {at}");
                // What was whole still binds.
                let refused = store.admit([1; 32], 1, Scheme::Ecdsa, [0; 32], [3; 32]);
                assert!(matches!(refused, Err(StoreError::OtherMessage)));
            }
        }
    }
}

#[test]
fn a_disk_keeps_what_memory_keeps_under_owners_rights_only() {
    let folder = std::env::temp_dir().join(format!("fusor-custody-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let (old, new) = (holding(1), holding(2));
    let mut store = Store::open(Disk::open(&folder).unwrap(), &SECRET, VAULT).unwrap();
    assert!(Disk::open(&folder).is_err(), "locked");
    store.put_pending(&old).unwrap();
    store.activate(1, old.terms().digest()).unwrap();
    store.admit([1; 32], 0, Scheme::Ecdsa, [0; 32], [2; 32]).unwrap();
    drop(store);
    std::fs::write(folder.join("2.shard.new"), b"half a file").unwrap();
    let mut store = Store::open(Disk::open(&folder).unwrap(), &SECRET, VAULT).unwrap();
    let loaded = store.load(1, old.terms().digest()).unwrap();
    assert_eq!(loaded.share(), old.share());
    let refused = store.admit([1; 32], 1, Scheme::Ecdsa, [0; 32], [3; 32]);
    assert!(matches!(refused, Err(StoreError::OtherMessage)));
    store.put_pending(&new).unwrap();
    store.activate(2, new.terms().digest()).unwrap();
    store.erase_before(2).unwrap();
    assert_eq!(store.files().list().unwrap(), ["2.shard", "journal"]);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.clone()), 0o700);
    for name in ["2.shard", "journal", "lock"] {
        assert_eq!(mode(folder.join(name)), 0o600, "{name}");
    }
    drop(store);
    std::fs::remove_dir_all(&folder).unwrap();
}

proptest! {
    /// Whatever the order of requests, attempts, hashes and crashes: one request, one hash; an attempt once.
    #[test]
    fn one_request_signs_one_hash(
        steps in proptest::collection::vec((0u8..3, 0u32..4, 0u8..2, any::<bool>(), 0u64..6), 1..40),
    ) {
        let mut store = open(Memory::default());
        let mut model: BTreeMap<u8, (u8, u32)> = BTreeMap::new();
        for (request, attempt, hash, crash, stop) in steps {
            if crash {
                store.files_mut().stop_after(stop, stop % 2 == 0);
            }
            let admitted = store.admit([request; 32], attempt, Scheme::Ecdsa, [0; 32], [hash; 32]).is_ok();
            if admitted {
                let before = model.insert(request, (hash, attempt));
                prop_assert!(before.is_none_or(|(used, last)| used == hash && last < attempt));
            }
            if crash {
                store = open(store.files().crash(if stop % 3 == 0 { Loss::Unsynced } else { Loss::Torn }));
            }
        }
    }

    /// No bytes in place of a file make the store panic.
    #[test]
    fn no_file_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), keep in 0usize..130) {
        let (store, holding) = filled();
        for name in ["1.shard", "journal"] {
            let mut files = store.files().crash(Loss::Nothing);
            let good = files.read(name).unwrap().unwrap();
            let bad = [&good[..keep.min(good.len())], &bytes].concat();
            put(&mut files, name, &bad);
            if let Ok(store) = Store::open(files, &SECRET, VAULT) {
                let loaded = store.load(1, holding.terms().digest());
                prop_assert!(loaded.is_err() || name == "journal");
            }
        }
    }
}
