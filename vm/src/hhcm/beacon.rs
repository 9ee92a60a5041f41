//! Keeps the key by which an epoch's committee signs seeds together, and the dealings that it is made of (design 10).
//! Whether a dealing is good, and what key comes of several, is decided by whoever closes blocks: nothing here knows
//! pairings.

use super::{
    committee::{beacon_of, beacon_words},
    state::{Chain, Global, global},
};
use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::{at, small},
};
use alloy_primitives::U256;

/// Most bytes of a dealing; one for the largest committee has fewer.
pub const DEALING_LEN_MAX: usize = 72 * 1024;
/// Words of a record.
const WORDS: usize = 256;

/// Says how far the committee's beacon key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Beacon {
    /// The epoch whose committee makes the key.
    pub epoch: u64,
    /// Members whose dealing is kept.
    pub dealings: u32,
    /// The committee's compressed BLS12-381 G1 public key, once it is made.
    pub key: Option<[u8; 48]>,
}

impl Beacon {
    /// Reads what is there of the current epoch.
    pub fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let (record, epoch) = (global(Global::Beacon), Chain::load(store)?.epoch);
        let head = store.get(HHCM, record.word(0))?;
        if small(head, 0, 64) != epoch {
            return Ok(Self { epoch, ..Self::default() });
        }
        let key = match small(head, 96, 8) {
            0 => None,
            _ => Some(beacon_of(store.get(HHCM, record.word(1))?, store.get(HHCM, record.word(2))?)),
        };
        Ok(Self { epoch, dealings: small(head, 64, 32) as u32, key })
    }

    fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let record = global(Global::Beacon);
        let made = u64::from(self.key.is_some());
        store.set(HHCM, record.word(0), at(self.epoch, 0) | at(self.dealings.into(), 64) | at(made, 96))?;
        let Some(key) = &self.key else { return Ok(()) };
        let [left, right] = beacon_words(key);
        store.set(HHCM, record.word(1), left)?;
        store.set(HHCM, record.word(2), right)
    }
}

/// Returns the dealing of the member at a place of the committee in the current epoch; none if it is not kept yet.
pub fn dealing(store: &mut dyn Store, place: u32) -> Result<Option<Vec<u8>>, Fault> {
    let head = store.get(HHCM, slot(place, 0))?;
    let len = small(head, 64, 32) as usize;
    if len == 0 || small(head, 0, 64) != Chain::load(store)?.epoch {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(len.next_multiple_of(32));
    for word in 1..=len.div_ceil(32) {
        bytes.extend(store.get(HHCM, slot(place, word))?.to_be_bytes::<32>());
    }
    bytes.truncate(len);
    Ok(Some(bytes))
}

/// Keeps the dealing of the member at a place. Errors: a dealing of that member is kept, the key is made, no such
/// place, no bytes or too many.
pub fn keep_dealing(store: &mut dyn Store, place: u32, bytes: &[u8]) -> Result<Beacon, Fault> {
    let beacon = Beacon::load(store)?;
    if beacon.key.is_some() {
        return Err(Fault::Misuse("the committee's key is made"));
    }
    if place >= Chain::load(store)?.members {
        return Err(Fault::Misuse("the dealer is not of the committee"));
    }
    if dealing(store, place)?.is_some() {
        return Err(Fault::Misuse("the dealer has dealt"));
    }
    let len = match bytes.len() {
        0 => return Err(Fault::Misuse("dealing is empty")),
        len if len > DEALING_LEN_MAX => return Err(Fault::Misuse("dealing is too long")),
        len => len as u64,
    };
    store.set(HHCM, slot(place, 0), at(beacon.epoch, 0) | at(len, 64))?;
    for (chunk, word) in bytes.chunks(32).zip(1..) {
        let mut padded = [0; 32];
        padded.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        store.set(HHCM, slot(place, word), U256::from_be_bytes(padded))?;
    }
    let beacon = Beacon { dealings: beacon.dealings.saturating_add(1), ..beacon };
    beacon.save(store)?;
    Ok(beacon)
}

/// Keeps the key that came of the dealings. Errors: it is made already.
pub fn keep_beacon_key(store: &mut dyn Store, key: [u8; 48]) -> Result<(), Fault> {
    let beacon = Beacon::load(store)?;
    match beacon.key {
        Some(_) => Err(Fault::Misuse("the committee's key is made")),
        None => Beacon { key: Some(key), ..beacon }.save(store),
    }
}

/// Returns the slot of a word of a dealing.
fn slot(place: u32, word: usize) -> U256 {
    let part = U256::from(word / WORDS);
    let record = Record::new(Table::HhcmDealing, &[U256::from(place), part]);
    record.word(u8::try_from(word % WORDS).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::HHCM,
        hhcm::{Closing, Founder, Opening, Params, close, found, founding_balance, open},
        testing::MemStore,
    };
    use alloy_primitives::{Address, B256};

    fn world(epoch_length: u64) -> MemStore {
        let mut store = MemStore::at(1_000);
        let founder = |n: u8| Founder {
            key: B256::repeat_byte(n),
            beacon: [n; 48],
            owner: Address::repeat_byte(n),
            payout: Address::repeat_byte(n),
            stake: U256::from(10u64).pow(U256::from(22)),
        };
        let founders = [founder(1), founder(2)];
        store.set_balance(HHCM, founding_balance(&founders, U256::ZERO));
        let params = Params { epoch_length, ..Params::default() };
        found(&mut store, &params, &founders, U256::ZERO).unwrap();
        store
    }

    #[test]
    fn dealings_of_any_length_are_kept_as_they_are() {
        let mut store = world(64);
        let long: Vec<u8> = (0..DEALING_LEN_MAX).map(|n| (n % 251) as u8 + 1).collect();
        assert_eq!(dealing(&mut store, 0).unwrap(), None);
        assert_eq!(keep_dealing(&mut store, 0, &long).unwrap().dealings, 1);
        assert_eq!(keep_dealing(&mut store, 1, &[7; 33]).unwrap().dealings, 2);
        assert_eq!(dealing(&mut store, 0).unwrap(), Some(long));
        assert_eq!(dealing(&mut store, 1).unwrap(), Some(vec![7; 33]));
    }

    #[test]
    fn what_is_no_dealing_is_refused_and_nothing_changes() {
        let mut store = world(64);
        keep_dealing(&mut store, 0, &[1]).unwrap();
        for (place, bytes) in [(0, vec![2]), (2, vec![1]), (1, vec![]), (1, vec![1; DEALING_LEN_MAX + 1])] {
            assert!(keep_dealing(&mut store, place, &bytes).is_err(), "{place}");
        }
        assert_eq!(Beacon::load(&mut store).unwrap().dealings, 1);
        keep_beacon_key(&mut store, [5; 48]).unwrap();
        assert!(keep_beacon_key(&mut store, [6; 48]).is_err());
        assert!(keep_dealing(&mut store, 1, &[1]).is_err(), "the key is made");
        assert_eq!(Beacon::load(&mut store).unwrap(), Beacon { epoch: 0, dealings: 1, key: Some([5; 48]) });
    }

    #[test]
    fn an_epoch_ends_with_its_key() {
        let mut store = world(2);
        keep_dealing(&mut store, 0, &[1]).unwrap();
        keep_beacon_key(&mut store, [5; 48]).unwrap();
        store.height = 1;
        open(&mut store, &Opening { seed: B256::ZERO, height: 1 }).unwrap();
        close(&mut store, &Closing::default()).unwrap();
        assert_eq!(Beacon::load(&mut store).unwrap(), Beacon { epoch: 1, dealings: 0, key: None });
        assert_eq!(dealing(&mut store, 0).unwrap(), None);
        keep_dealing(&mut store, 0, &[2, 3]).unwrap();
        assert_eq!(dealing(&mut store, 0).unwrap(), Some(vec![2, 3]));
    }
}
