//! Moves what deposit addresses hold to the vault's own address, where an account pays (Ethereum).

use super::{
    carry::LOOK_MS,
    chain::Reader,
    jobs::{Open, Working},
    link::asset_of,
    record::RecordError,
};
use alloy_primitives::{B256, U256, keccak256};
use fusor_outer::{Asset, Plan, PlanError, Request as OuterRequest, View};
use fusor_vm::dcrm::{self, Books, JobId, State};

/// Returns what tells a sweep, or the gas for it, apart: the lock, the asset, and the nonce of its next transaction.
pub(super) fn upkeep(kind: &[u8], path: &[u8; 32], asset: Asset, nonce: u64) -> B256 {
    let token = match asset {
        Asset::Native => [0; 20],
        Asset::Token(token) => token.0.0,
    };
    keccak256([b"fusor upkeep ", kind, path.as_slice(), &token, &nonce.to_be_bytes()].concat())
}

impl Working<'_> {
    /// Moves what deposit addresses hold to the vault's own address, where an account pays (Ethereum), one at a time.
    pub(super) fn tidy(&mut self, open: &[Open]) -> Result<(), RecordError> {
        let busy = open.iter().any(|job| job.id.request == 0);
        if self.vault.state == State::Retiring && !busy {
            self.evacuate(open)?;
        }
        let listed = dcrm::Chain::load(&mut Reader::new(self.chain)?, self.vault.chain)?;
        let account = listed.is_some_and(|chain| chain.family == dcrm::Family::Ethereum);
        if !account || busy || self.now.saturating_sub(self.desk.swept) < 2 * LOOK_MS || self.is_proposed()? {
            return Ok(());
        }
        self.desk.swept = self.now;
        if !self.my_turn(0)? {
            return Ok(());
        }
        let nobody = JobId { vault: self.vault.number, request: 0, upkeep: B256::ZERO };
        let Some(view) = self.view(open, &nobody, None)? else { return Ok(()) };
        let main = view.vault.main.path;
        for held in view.holdings.clone().iter().filter(|held| held.path != main) {
            let Some(coin) = self.coins.iter().find(|coin| asset_of(coin) == held.asset) else { continue };
            if held.amount < coin.min_deposit || !self.is_booked(coin.id, held.amount)? {
                continue;
            }
            if self.sweep(&view, held.path, held.asset)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Proposes upkeep if the reserve covers it; says whether it did.
    pub(super) fn propose_covered(&mut self, id: &JobId, plan: &Plan) -> Result<bool, RecordError> {
        let covered = self.is_covered(id, plan)?;
        if covered {
            self.propose(id, plan)?;
        }
        Ok(covered)
    }

    /// Says whether the chain knows of so much of a coin. What is not credited yet is not moved: its fee would be booked
    /// before it.
    pub(super) fn is_booked(&self, coin: B256, amount: U256) -> Result<bool, RecordError> {
        let books = Books::load(&mut Reader::new(self.chain)?, self.vault.number, coin)?;
        Ok(books.custody >= amount)
    }

    pub(super) fn sweep(&mut self, view: &View, path: [u8; 32], asset: Asset) -> Result<bool, RecordError> {
        let Some(nonce) = view.nonce(&path) else { return Ok(false) };
        let name = upkeep(b"sweep", &path, asset, nonce);
        let id = JobId { vault: self.vault.number, request: 0, upkeep: name };
        match self.link.outer.plan(&OuterRequest::Sweep { asset, from: path }, view) {
            Ok(plan) => self.propose_covered(&id, &plan),
            Err(PlanError::NeedsGas { path, missing }) => self.fund(view, path, asset, missing),
            Err(reason) => {
                tracing::debug!(%reason, "nothing to sweep");
                Ok(false)
            }
        }
    }

    pub(super) fn fund(
        &mut self,
        view: &View,
        to: [u8; 32],
        asset: Asset,
        amount: U256,
    ) -> Result<bool, RecordError> {
        let Some(nonce) = view.nonce(&view.vault.main.path) else { return Ok(false) };
        let id = JobId { vault: self.vault.number, request: 0, upkeep: upkeep(b"fund", &to, asset, nonce) };
        match self.link.outer.plan(&OuterRequest::Fund { to, amount }, view) {
            Ok(plan) => self.propose_covered(&id, &plan),
            Err(reason) => {
                tracing::info!(%reason, "no coin to pay for moving a token");
                Ok(false)
            }
        }
    }
}
