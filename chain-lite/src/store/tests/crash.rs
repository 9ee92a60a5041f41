//! Crashes, kills and fills the disk at every point: each block that was committed is there, whole, and nothing
//! of any other.

use super::model::{Content, GENESIS, Model, Step, content, plain};
use crate::store::{Store, StoreError, fault::Disk};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Event {
    Block(Content),
    /// A block during which the disk begins to fail after so many writes; then power is lost.
    Crash(Content, u64, u64),
    /// A block during which the disk is full after so many writes.
    Full(Content, u64),
    /// Power is lost between blocks.
    PowerLost(u64),
    Kill,
    Restart,
    /// Power is lost while the store is opened after a crash.
    CrashOpening(u64, u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => content().prop_map(Event::Block),
        3 => (content(), 0u64..40, any::<u64>()).prop_map(|(content, n, seed)| Event::Crash(content, n, seed)),
        1 => (content(), 0u64..40).prop_map(|(content, n)| Event::Full(content, n)),
        1 => any::<u64>().prop_map(Event::PowerLost),
        1 => Just(Event::Kill),
        1 => Just(Event::Restart),
        1 => (0u64..30, any::<u64>()).prop_map(|(n, seed)| Event::CrashOpening(n, seed)),
    ]
}

fn open(disk: &Disk) -> Store {
    Store::open_on(disk.backend(), GENESIS).unwrap()
}

/// Lets one event happen; returns the store after it.
fn happen(disk: &Disk, store: Store, model: &mut Model, event: &Event) -> Store {
    match event {
        Event::Block(content) => {
            model.commit(&store, content).unwrap();
            return store;
        }
        Event::Crash(content, n, seed) => {
            disk.fail_after(Some(*n));
            let _ = model.commit(&store, content);
            disk.crash(*seed);
        }
        Event::Full(content, n) => {
            disk.fill_after(Some(*n));
            if let Err(error) = model.commit(&store, content) {
                assert!(matches!(error, StoreError::Full(_)), "{error}");
            }
            drop(store);
            disk.fill_after(None);
            return open(disk);
        }
        Event::PowerLost(seed) => disk.crash(*seed),
        Event::Kill => disk.kill(),
        Event::Restart => {}
        Event::CrashOpening(n, seed) => {
            disk.crash(*seed);
            disk.fail_after(Some(*n));
            let _ = Store::open_on(disk.backend(), GENESIS);
            disk.crash(seed.wrapping_mul(3));
        }
    }
    drop(store);
    open(disk)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn committed_blocks_outlive_everything(events in prop::collection::vec(event(), 1..14)) {
        let (disk, mut model) = (Disk::new(), Model::default());
        let mut store = open(&disk);
        for event in &events {
            store = happen(&disk, store, &mut model, event);
            model.check(&store);
        }
    }
}

fn busy(round: u8) -> Content {
    let words = (0..40).map(|i| Step::Word(i % 6, i.wrapping_mul(round), round % 2 + 1));
    plain(words.chain([Step::Head(1, round.into()), Step::Code(2, round), Step::Remove(3)]).collect())
}

/// Makes a disk with a few blocks on it.
fn grown() -> (Disk, Model) {
    let (disk, mut model) = (Disk::new(), Model::default());
    let store = open(&disk);
    (1..5).for_each(|round| model.commit(&store, &busy(round)).unwrap());
    (disk, model)
}

/// Runs `fail` with 0, 1, 2.. as the write that goes wrong, until a whole commit got through.
fn at_every_write(fail: impl Fn(&Disk, u64)) -> (u64, u64) {
    let (mut points, mut came) = (0, 0);
    loop {
        let (disk, mut model) = grown();
        let store = open(&disk);
        fail(&disk, points);
        let committed = model.commit(&store, &busy(9)).is_ok();
        disk.crash(points.wrapping_mul(0x9e37));
        drop(store);
        came += u64::from(model.check(&open(&disk)));
        if committed {
            return (points, came);
        }
        points += 1;
    }
}

#[test]
fn a_failing_disk_at_every_write_keeps_the_previous_block() {
    let (points, came) = at_every_write(|disk, n| disk.fail_after(Some(n)));
    assert!(points > 5, "{points}");
    // What was written whole before its last sync failed may be there.
    assert!(came <= 2, "{came} of {points}");
}

#[test]
fn a_full_disk_at_every_write_keeps_the_previous_block() {
    let (points, came) = at_every_write(|disk, n| disk.fill_after(Some(n)));
    assert!(points > 5, "{points}");
    assert!(came <= 2, "{came} of {points}");
}

/// The process lives on and makes room; it has to open the store again.
#[test]
fn a_store_goes_on_once_there_is_room() {
    let (mut points, mut came) = (0, 0);
    loop {
        let (disk, mut model) = (Disk::new(), Model::default());
        let store = open(&disk);
        (1..5).for_each(|round| model.commit(&store, &busy(round)).unwrap());
        disk.fill_after(Some(points));
        let Err(error) = model.commit(&store, &busy(9)) else { break };
        assert!(matches!(error, StoreError::Full(_)), "{error}");
        disk.fill_after(None);
        drop(store);
        let store = open(&disk);
        came += u64::from(model.check(&store));
        model.commit(&store, &busy(10)).unwrap();
        model.check(&store);
        points += 1;
    }
    assert!(points > 5, "{points}");
    assert!(came <= 2, "{came} of {points}");
}

#[test]
fn a_crash_at_every_write_of_the_making_can_be_opened() {
    for seed in 0..8 {
        for n in 0.. {
            let disk = Disk::new();
            disk.fail_after(Some(n));
            let made = Store::open_on(disk.backend(), GENESIS).is_ok();
            disk.crash(seed);
            let (store, mut model) = (open(&disk), Model::default());
            model.commit(&store, &busy(1)).unwrap();
            model.check(&store);
            if made {
                break;
            }
        }
    }
}

#[test]
fn a_read_that_fails_is_an_error_and_harms_nothing() {
    let (disk, mut model) = grown();
    for n in 0.. {
        disk.kill();
        disk.fail_read_after(Some(n));
        let store = Store::open_on(disk.backend(), GENESIS);
        let loaded = store.as_ref().map(|store| store.load_state(model.root()).is_ok());
        let whole = matches!(loaded, Ok(true)) && disk.reads() <= n;
        drop(store);
        disk.fail_read_after(None);
        disk.kill();
        model.check(&open(&disk));
        if whole {
            assert!(n > 5, "{n}");
            break;
        }
    }
}
