//! Carries the letters of custodians over the network.

use super::peers::Letters;
use crate::{
    custody::{Hosted, Inlet},
    hhcm::public_key,
};
use alloy_primitives::B256;
use commonware_codec::Encode;
use commonware_p2p::{Receiver as _, Recipients, Sender as _};
use commonware_runtime::{Spawner, Supervisor, tokio::Context};
use commonware_utils::channel::mpsc;

/// Starts a node's custodian, if it has one, and carries its letters. Without one, letters are dropped.
pub(super) fn carry(context: &Context, letters: Letters, hosted: Option<(Hosted, Inlet)>) {
    let (mut sender, mut receiver) = letters;
    let (outlet, mut outbox) = mpsc::unbounded_channel::<(B256, Vec<u8>)>();
    let inlet = hosted.map(|(hosted, inlet)| {
        std::thread::spawn(move || {
            hosted.run(|node, bytes| {
                // The task ends with the node.
                let _ = outlet.send((node, bytes));
            });
        });
        inlet
    });
    context.child("letters_out").spawn(move |_| async move {
        while let Some((node, bytes)) = outbox.recv().await {
            let Some(peer) = public_key(node) else { continue };
            drop(sender.send(Recipients::One(peer), bytes, false));
        }
    });
    context.child("letters_in").spawn(move |_| async move {
        while let Ok((peer, bytes)) = receiver.recv().await {
            let Some(inlet) = &inlet else { continue };
            let node = B256::from_slice(&peer.encode());
            if inlet.send((node, bytes.as_ref().to_vec())).is_err() {
                return;
            }
        }
    });
}
