//! Keeps what this node must not forget in a crash: users' transactions that it said it took, and packages that it
//! signed, as a second one for the same place would be taken for a cheat, and what dealers sent it for the committee's key.

use super::{
    Store, StoreError,
    table::{DEALT, OWN, SIGNED},
};
use alloy_primitives::B256;
use redb::{ReadableDatabase, ReadableTable};

impl Store {
    /// Keeps a raw transaction; it is on disk when this returns.
    pub fn put_own(&self, hash: B256, raw: &[u8]) -> Result<(), StoreError> {
        let tx = self.begin_write()?;
        tx.open_table(OWN)?.insert(hash.as_slice(), raw)?;
        Ok(tx.commit()?)
    }

    /// Forgets transactions.
    pub fn remove_own(&self, hashes: &[B256]) -> Result<(), StoreError> {
        let tx = self.begin_write()?;
        {
            let mut table = tx.open_table(OWN)?;
            for hash in hashes {
                table.remove(hash.as_slice())?;
            }
        }
        Ok(tx.commit()?)
    }

    /// Keeps a package that this node is about to send; it is on disk when this returns. Those of heights below
    /// `from` are forgotten.
    pub fn put_signed(
        &self,
        (height, parent, group): (u64, B256, u32),
        package: &[u8],
        from: u64,
    ) -> Result<(), StoreError> {
        let tx = self.begin_write()?;
        {
            let mut table = tx.open_table(SIGNED)?;
            table.retain_in(..from.to_be_bytes().as_slice(), |_, _| false)?;
            table.insert(place(height, parent, group).as_slice(), package)?;
        }
        Ok(tx.commit()?)
    }

    /// Returns the package that this node signed for a place.
    pub fn signed(&self, (height, parent, group): (u64, B256, u32)) -> Result<Option<Vec<u8>>, StoreError> {
        let tx = self.db.begin_read()?;
        let found = tx.open_table(SIGNED)?.get(place(height, parent, group).as_slice())?;
        Ok(found.map(|package| package.value().to_vec()))
    }

    /// Keeps what a dealer sent for an epoch's key; it is on disk when this returns. Other epochs' are forgotten.
    pub fn put_dealt(&self, epoch: u64, dealer: B256, bytes: &[u8]) -> Result<(), StoreError> {
        let tx = self.begin_write()?;
        {
            let mut table = tx.open_table(DEALT)?;
            let of_epoch = epoch.to_be_bytes();
            table.retain(|key, _| key.starts_with(&of_epoch))?;
            table.insert([of_epoch.as_slice(), dealer.as_slice()].concat().as_slice(), bytes)?;
        }
        Ok(tx.commit()?)
    }

    /// Lists what dealers sent for an epoch's key.
    pub fn dealt(&self, epoch: u64) -> Result<Vec<(B256, Vec<u8>)>, StoreError> {
        let tx = self.db.begin_read()?;
        let table = tx.open_table(DEALT)?;
        let mut dealt = Vec::new();
        for entry in table.range(epoch.to_be_bytes().as_slice()..)? {
            let (key, bytes) = entry?;
            let Some((of, dealer)) = key.value().split_first_chunk::<8>() else { continue };
            if u64::from_be_bytes(*of) != epoch {
                break;
            }
            dealt.extend(B256::try_from(dealer).ok().map(|dealer| (dealer, bytes.value().to_vec())));
        }
        Ok(dealt)
    }

    /// Lists the transactions that are kept.
    pub fn own(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let tx = self.db.begin_read()?;
        let table = tx.open_table(OWN)?;
        table.iter()?.map(|entry| Ok(entry?.1.value().to_vec())).collect()
    }
}

fn place(height: u64, parent: B256, group: u32) -> Vec<u8> {
    [height.to_be_bytes().as_slice(), parent.as_slice(), &group.to_be_bytes()].concat()
}
