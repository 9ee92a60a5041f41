//! Answers one custodian as its outer node would.

use super::{
    net::Taken,
    outer::{CONFIRMATIONS, Fuse, Node},
    setting::Sabotage,
};
use alloy_primitives::U256;
use fusor_outer::{
    AddressError, Asset, Broadcast, Cursor, Destination, Observation, OutPoint, OuterChain, OuterError, Plan,
    PlanError, Refusal, Request, Scheme, Sighash, SignError, Signature, Signed, Status, Vault, View,
    scan::{self, Bounds, Watched},
};
use std::sync::PoisonError;

impl OuterChain for Node {
    fn identity(&self) -> [u8; 32] {
        self.world.pure.identity()
    }

    fn check_network(&self) -> Result<(), OuterError> {
        self.stand().map(drop)
    }

    fn address(&self, key: &[u8; 33], scheme: Scheme) -> Result<String, AddressError> {
        Ok(self.world.place(key, scheme)?.0)
    }

    fn parse_destination(&self, text: &str) -> Result<Destination, AddressError> {
        self.world.pure.parse_destination(text)
    }

    fn begin(&self, height: u64) -> Cursor {
        self.world.pure.begin(height)
    }

    fn height(&self) -> Result<u64, OuterError> {
        Ok(self.stand()?.1.tip())
    }

    fn observe(&self, vault: &Vault, cursor: &Cursor) -> Result<Observation, OuterError> {
        let bounds = Bounds { chain: self.identity(), confirmations: CONFIRMATIONS, blocks: 16 };
        let watched = Watched::new(vault, |lock| self.address(&lock.key, lock.scheme))?;
        scan::observe(&self.stand()?, watched, cursor, &bounds)
    }

    fn view(&self, vault: &Vault) -> Result<View, OuterError> {
        self.view_of(vault, None)
    }

    fn view_for(&self, vault: &Vault, plan: &Plan) -> Result<View, OuterError> {
        self.view_of(vault, Some(plan))
    }

    fn plan(&self, request: &Request, view: &View) -> Result<Plan, PlanError> {
        self.world.pure.plan(request, view)
    }

    fn replace(
        &self,
        earlier: &Plan,
        request: &Request,
        view: &View,
        fee: Option<u128>,
    ) -> Result<Plan, PlanError> {
        self.world.pure.replace(earlier, request, view, fee)
    }

    fn check(&self, plan: &Plan, request: &Request, view: &View, approved: &[Plan]) -> Result<(), Refusal> {
        match self.sabotage {
            Some(Sabotage::ApproveUnchecked) => Ok(()),
            _ => self.world.pure.check(plan, request, view, approved),
        }
    }

    fn sighashes(&self, plan: &Plan) -> Result<Vec<Sighash>, SignError> {
        self.world.pure.sighashes(plan)
    }

    fn assemble(&self, plan: &Plan, signatures: &[Signature]) -> Result<Signed, SignError> {
        self.world.pure.assemble(plan, signatures)
    }

    fn broadcast(&self, signed: &Signed) -> Result<Broadcast, OuterError> {
        let mut fuse = self.fuse.lock().unwrap_or_else(PoisonError::into_inner);
        if *fuse != Fuse::None {
            *fuse = Fuse::Blown;
            return Err(OuterError::Down {
                url: "the simulated node".into(),
                reason: "the process ends".into(),
            });
        }
        Ok(match self.stand()?.1.send(signed) {
            Taken::New => Broadcast::Accepted,
            Taken::Known => Broadcast::AlreadyKnown,
            Taken::Conflicts => Broadcast::Conflicting,
            Taken::TooCheap => Broadcast::FeeTooLow("insufficient fee".into()),
        })
    }

    fn status(&self, txid: &[u8; 32], plan: &Plan) -> Result<Status, OuterError> {
        let stand = self.stand()?;
        let net = &stand.1;
        if let Some(height) = net.places.get(txid) {
            return Ok(Status::Included { height: *height, confirmations: net.confirmations(txid) });
        }
        if net.waits(txid) {
            return Ok(match self.sabotage {
                Some(Sabotage::SettleUnconfirmed) => {
                    Status::Included { height: net.tip(), confirmations: CONFIRMATIONS }
                }
                _ => Status::Mempool,
            });
        }
        let Plan::Bitcoin(plan) = plan else { return Err(OuterError::Foreign) };
        let rival = plan.inputs.iter().find_map(|input| net.spent.get(&input.outpoint));
        Ok(rival.map_or(Status::Unknown, |by| Status::Replaced { by: Some(*by) }))
    }

    fn prove(
        &self,
        outpoint: &OutPoint,
        height: u64,
        confirmations: u32,
    ) -> Result<Option<Vec<u8>>, OuterError> {
        Ok(self.stand()?.1.proof(outpoint, height, confirmations))
    }

    fn outflow(
        &self,
        txid: &[u8; 32],
        plan: &Plan,
        vault: &Vault,
    ) -> Result<Option<Vec<(Asset, U256)>>, OuterError> {
        self.stand()?;
        self.world.pure.outflow(txid, plan, vault)
    }
}
