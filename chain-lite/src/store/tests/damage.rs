//! Changes bytes of a database: it is refused with a typed error, or nothing of it is lost; it never panics.

use super::model::{GENESIS, Model, content};
use crate::store::{Store, StoreError, fault::Disk};
use proptest::prelude::*;

/// Opens a changed file and loads everything.
fn read_all(data: Vec<u8>, model: &mut Model) -> Result<(), StoreError> {
    let store = Store::open_on(Disk::with(data).backend(), GENESIS)?;
    model.check(&store);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn changed_bytes_are_found_or_of_no_matter(
        contents in prop::collection::vec(content(), 1..5),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        early in any::<bool>(),
    ) {
        let (disk, mut model) = (Disk::new(), Model::default());
        let store = Store::open_on(disk.backend(), GENESIS).unwrap();
        contents.iter().for_each(|content| model.commit(&store, content).unwrap());
        drop(store);
        let good = disk.data();
        for (place, with) in changes {
            let mut data = good.clone();
            // Most of a small file is empty; its first pages are not.
            let place = if early { place.index(data.len().min(1 << 17)) } else { place.index(data.len()) };
            data[place] ^= with;
            if let Err(error) = read_all(data, &mut model) {
                prop_assert!(!matches!(error, StoreError::Internal(_)), "{error}");
            }
        }
        if let Some(cut) = cut {
            let error = read_all(good[..cut.index(good.len())].to_vec(), &mut Model::default());
            prop_assert!(!matches!(error, Err(StoreError::Internal(_))));
        }
    }
}
