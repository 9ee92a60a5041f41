//! Carries jobs with a binding plan on: sends what is signed, looks what became of it, settles or replaces it.

use super::{
    chain::Reader,
    jobs::{Open, Working, abi, most, signatures},
    link::coin_of,
    record::{Binding, RecordError},
};
use alloy_primitives::{B256, U256, keccak256};
use fusor_outer::{Signed, Status as OuterStatus};
use fusor_vm::{
    dcrm::{self, JobId},
    precompile::ICustody,
};

/// Blocks after which a transaction that is not mined is replaced by one that pays more.
const STUCK_BLOCKS: u64 = 60;
/// Milliseconds between looks at a transaction.
pub(super) const LOOK_MS: u64 = 1_000;

/// Says what a look at a transaction showed.
pub(super) enum Look {
    /// It is in a block: settled, or waiting for confirmations.
    Settled,
    /// It is not in a block.
    Waiting,
    /// Another one took its place.
    Gone,
}

fn job_name(id: &JobId) -> B256 {
    keccak256([&id.vault.to_be_bytes()[..], &id.request.to_be_bytes(), id.upkeep.as_slice()].concat())
}

impl Working<'_> {
    /// Carries a job with a binding plan on: sends what is signed, looks what became of it, settles or replaces it.
    pub(super) fn carry(&mut self, job: &Open, open: &[Open]) -> Result<(), RecordError> {
        if !self.is_due(job_name(&job.id)) {
            return Ok(());
        }
        let mut waiting = false;
        for binding in &job.bindings {
            let Some(signed) = self.signed(binding.plan)? else { continue };
            match self.look(&job.id, binding, &signed)? {
                Look::Settled => return Ok(()),
                Look::Waiting => waiting = true,
                Look::Gone => {}
            }
        }
        match waiting {
            false => Ok(()),
            true => self.replace(job, open),
        }
    }

    /// Says whether the outer node may be asked about something again, and notes that it is.
    pub(super) fn is_due(&mut self, name: B256) -> bool {
        let looked = self.desk.looked.get(&name).copied().unwrap_or_default();
        let due = self.now.saturating_sub(looked) >= LOOK_MS;
        if due {
            self.desk.looked.insert(name, self.now);
        }
        due
    }

    /// Assembles a plan's transaction from the signatures that are kept.
    pub(super) fn signed(&self, plan: B256) -> Result<Option<Signed>, RecordError> {
        let (Some(signatures), Some(plan)) = (signatures(self.notes, plan)?, self.plan_of(plan)?) else {
            return Ok(None);
        };
        Ok(self.link.outer.assemble(&plan, &signatures).ok())
    }

    pub(super) fn look(
        &mut self,
        id: &JobId,
        binding: &Binding,
        signed: &Signed,
    ) -> Result<Look, RecordError> {
        let status = self.link.ask(self.now, |outer| outer.status(&signed.txid, &signed.plan));
        match status {
            None => {
                let trouble = self.link.trouble.clone().unwrap_or_default();
                self.wait(id, format!("the node of the outer chain: {trouble}"));
                Ok(Look::Waiting)
            }
            Some(OuterStatus::Unknown) => {
                let sent = self.link.ask(self.now, |outer| outer.broadcast(signed));
                tracing::info!(?sent, request = id.request, "outer transaction sent");
                self.wait(id, "the outer network to mine it");
                Ok(Look::Waiting)
            }
            Some(OuterStatus::Mempool) => {
                self.wait(id, "the outer network to mine it");
                Ok(Look::Waiting)
            }
            Some(OuterStatus::Included { confirmations, .. }) => {
                self.settle(id, binding, signed, confirmations, true)
            }
            Some(OuterStatus::Failed { confirmations, .. }) => {
                self.settle(id, binding, signed, confirmations, false)
            }
            Some(OuterStatus::Replaced { .. }) => Ok(Look::Gone),
        }
    }

    pub(super) fn settle(
        &mut self,
        id: &JobId,
        binding: &Binding,
        signed: &Signed,
        confirmations: u64,
        success: bool,
    ) -> Result<Look, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let listed = dcrm::Chain::load(&mut reader, self.vault.chain)?;
        let needed = listed.map_or(u64::MAX, |chain| chain.confirmations.into());
        if confirmations < needed {
            self.wait(id, format!("confirmation {confirmations} of {needed}"));
            return Ok(Look::Settled);
        }
        let Some(vault) = self.locks.outer() else { return Ok(Look::Waiting) };
        let flows = self.link.ask(self.now, |outer| outer.outflow(&signed.txid, &signed.plan, &vault));
        let Some(Some(flows)) = flows else { return Ok(Look::Waiting) };
        let mut outflows = Vec::new();
        for (asset, amount) in flows.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            match coin_of(self.coins, asset) {
                Some(coin) => outflows.push(ICustody::Outflow { coin, amount }),
                None => tracing::warn!(?asset, "outflow of a coin that is not listed"),
            }
        }
        self.wait(id, "a quorum of custodians to see it confirmed");
        if success && self.settle_move(id, binding, signed, &outflows)? {
            return Ok(Look::Settled);
        }
        let (plan, transaction) = (binding.plan, B256::from(signed.txid));
        let call = ICustody::settleCall { id: abi(id), plan, transaction, success, outflows };
        self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
        Ok(Look::Settled)
    }

    /// Proposes a plan that outbids a transaction which is not mined.
    pub(super) fn replace(&mut self, job: &Open, open: &[Open]) -> Result<(), RecordError> {
        let Some(last) = job.bindings.last() else { return Ok(()) };
        let stuck = self.height()?.saturating_sub(last.height) >= STUCK_BLOCKS;
        if !stuck || self.is_proposed()? || !self.my_turn(job.id.request)? {
            return Ok(());
        }
        let Some(earlier) = self.plan_of(last.plan)? else { return Ok(()) };
        let Some(view) = self.view(open, &job.id, Some(&earlier))? else { return Ok(()) };
        let Some((request, max_fee)) = self.request_of(&job.id, &earlier)? else { return Ok(()) };
        match self.link.outer.replace(&earlier, &request, &view, None) {
            Ok(plan) if most(&plan) <= max_fee => self.propose(&job.id, &plan),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::info!(%error, "a stuck transaction is not replaced");
                Ok(())
            }
        }
    }
}
