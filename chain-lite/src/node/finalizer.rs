//! Takes final blocks in order: executes what is missing, settles, hands over to the store, tidies pool and book.

use super::{observer::Reason, shared::Node};
use crate::hhcm::Offer;
use commonware_actor::Feedback;
use commonware_consensus::{Reporter, marshal::Update};
use commonware_cryptography::Digested;
use commonware_utils::{Acknowledgement, acknowledgement::Exact, channel::mpsc};

/// Is a final block to process and whom to tell that it is.
pub(super) type Delivered = (Digested<Offer>, Exact);

/// Takes final blocks from consensus.
#[derive(Clone)]
pub(super) struct Inbox {
    pub(super) node: Node,
    pub(super) blocks: mpsc::UnboundedSender<Delivered>,
}

impl Reporter for Inbox {
    type Activity = Update<Offer>;

    fn report(&mut self, update: Update<Offer>) -> Feedback {
        match update {
            Update::Tip(_, height, _) => {
                self.node.hear_final(height.get());
                Feedback::Ok
            }
            Update::Block(block, ack) => match self.blocks.send((block, ack)) {
                Ok(()) => Feedback::Ok,
                Err(_) => Feedback::Closed,
            },
        }
    }
}

/// Processes final blocks until the node ends or cannot go on.
pub(super) async fn run(node: Node, mut inbox: mpsc::UnboundedReceiver<Delivered>) {
    while let Some((block, ack)) = inbox.recv().await {
        if let Err(reason) = node.process(block.inner()).await {
            node.stop(reason);
            // Not acknowledged: the block is delivered again after a restart.
            return;
        }
        ack.acknowledge();
    }
}

impl Node {
    /// Makes a block final that follows the last final one; one that is final already is left alone.
    async fn process(&self, offer: &Offer) -> Result<(), Reason> {
        let (height, hash) = (offer.number(), offer.hash());
        if height <= self.ledger(|ledger| ledger.height()) {
            return Ok(());
        }
        let invalid = |error| Reason::InvalidFinal { height, hash, error: Box::new(error) };
        self.execute(offer).await.map_err(invalid)?;
        let last = self.ledger(|ledger| ledger.settle(hash)).map_err(invalid)?;
        self.observer().finalized(&last)?;
        self.ledger(|ledger| {
            let senders = last.block.transactions.iter().map(|tx| tx.sender());
            self.pool(|pool| pool.advance(ledger.chain(), senders));
        });
        self.book(|book| book.settle(height));
        self.observer().settled(height);
        self.retell();
        self.forget_evidence();
        self.notify();
        Ok(())
    }
}
