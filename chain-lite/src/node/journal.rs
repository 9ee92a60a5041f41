//! Removes the engine's journals of epochs that are over. The last block of such an epoch is final and in the store, so
//! the node never votes in it again, also after a crash; peers that are still in it get its blocks with their
//! certificates.

use commonware_runtime::{Error, Storage};

/// Names the files of an epoch's engine.
pub(super) fn name(partition: &str, epoch: u64) -> String {
    format!("{partition}-engine-{epoch}")
}

/// Removes the journals of epochs before `epoch`, down to the first that is not there: a crash left them.
pub(super) async fn forget(storage: &impl Storage, partition: &str, mut epoch: u64) {
    while let Some(before) = epoch.checked_sub(1) {
        if !remove(storage, partition, before).await {
            return;
        }
        epoch = before;
    }
}

/// Removes the journal of an epoch; false if there is none.
pub(super) async fn remove(storage: &impl Storage, partition: &str, epoch: u64) -> bool {
    match storage.remove(&name(partition, epoch), None).await {
        Ok(()) => true,
        Err(Error::PartitionMissing(_)) => false,
        Err(error) => {
            tracing::warn!(epoch, %error, "the journal of an epoch that is over stays");
            false
        }
    }
}
