//! Is what hostile custodians do beside, or instead of, their duty.

use super::world::Run;
use crate::custody::{Wire, signing::ATTEMPT_MS};
use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent};
use fusor_dcrm::{Complaint, Dealing};
use fusor_outer::{Asset, FeeFrom, OuterChain, Plan, Request as OuterRequest};
use fusor_vm::{
    dcrm::{self, Posted, Proposed, Status},
    precompile::ICustody,
};
use rand::{Rng, RngExt, rngs::StdRng};

/// Names what a hostile custodian does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// Says and does nothing, once it is in a group.
    Silent,
    /// Sends garbage instead of messages.
    Garbage,
    /// Spoils its parts of signatures and setups.
    WrongShares,
    /// Calls attempts to sign that are far ahead.
    FarAttempts,
    /// Accuses others of spoiling signatures, and hands over signatures that are none.
    FalseReports,
    /// Spoils its dealings and handovers.
    BadDealings,
    /// Complains about dealings that are right.
    FalseComplaints,
    /// Attests deposits that never came, and other amounts of those that did.
    FalseAttestations,
    /// Proposes plans that pay itself.
    ForeignPlans,
    /// Approves every plan.
    ApproveAll,
    /// Settles lock-outs that are not confirmed.
    FalseSettling,
    /// Sees vaults empty.
    FalseObserving,
}

impl Mischief {
    /// Lists all of them.
    pub const ALL: [Self; 12] = [
        Self::Silent,
        Self::Garbage,
        Self::WrongShares,
        Self::FarAttempts,
        Self::FalseReports,
        Self::BadDealings,
        Self::FalseComplaints,
        Self::FalseAttestations,
        Self::ForeignPlans,
        Self::ApproveAll,
        Self::FalseSettling,
        Self::FalseObserving,
    ];

    /// Makes of a message what is sent instead.
    pub(super) fn spoil(self, rng: &mut StdRng, bytes: Vec<u8>) -> Vec<u8> {
        match (self, Wire::decode(&bytes)) {
            (Self::Garbage, _) => garbage(rng, bytes),
            (Self::WrongShares, Ok(Wire::Sign { plan, attempt, input, round, bytes })) => {
                Wire::Sign { plan, attempt, input, round, bytes: flip(rng, bytes) }.encode()
            }
            (Self::WrongShares, Ok(Wire::Setup { group, boot, round, bytes })) => {
                Wire::Setup { group, boot, round, bytes: flip(rng, bytes) }.encode()
            }
            _ => bytes,
        }
    }

    /// Makes of a call what is sent instead; none leaves it.
    pub(super) fn twist(self, rng: &mut StdRng, input: &[u8]) -> Option<Vec<u8>> {
        if self != Self::BadDealings {
            return None;
        }
        if let Ok(call) = ICustody::dealCall::abi_decode(input) {
            let message = flip_late(rng, call.message.to_vec()).into();
            return Some(ICustody::dealCall { message, ..call }.abi_encode());
        }
        let call = ICustody::handOverCall::abi_decode(input).ok()?;
        let message = flip_late(rng, call.message.to_vec()).into();
        Some(ICustody::handOverCall { message, ..call }.abi_encode())
    }
}

fn garbage(rng: &mut StdRng, bytes: Vec<u8>) -> Vec<u8> {
    match rng.random_range(0..3) {
        0 => flip(rng, bytes),
        1 => bytes.into_iter().take(rng.random_range(0..40)).collect(),
        _ => {
            let mut noise = vec![0; rng.random_range(1..200)];
            rng.fill_bytes(&mut noise);
            noise
        }
    }
}

fn flip(rng: &mut StdRng, mut bytes: Vec<u8>) -> Vec<u8> {
    let place = rng.random_range(0..bytes.len().max(1));
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= 1 << rng.random_range(0..8);
    }
    bytes
}

/// Flips a bit in the second half, where shares are.
fn flip_late(rng: &mut StdRng, bytes: Vec<u8>) -> Vec<u8> {
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    [head, &flip(rng, tail.to_vec())].concat()
}

impl Run {
    /// Has a hostile custodian do what it does beside its duty, once a second.
    pub(super) fn cheat(&mut self, index: usize) {
        let Some(mischief) = self.lives.get(index).and_then(|life| life.mischief) else { return };
        match mischief {
            Mischief::FarAttempts => self.call_far(index),
            Mischief::FalseReports => self.report_falsely(index),
            Mischief::FalseComplaints => self.complain_falsely(index),
            Mischief::FalseAttestations => self.attest_falsely(index),
            Mischief::ForeignPlans => self.propose_foreign(index),
            Mischief::ApproveAll => self.approve_all(index),
            Mischief::FalseSettling => self.settle_falsely(index),
            Mischief::FalseObserving => self.observe_falsely(index),
            _ => {}
        }
    }

    /// Acts as a hostile custodian, unless it would fail.
    fn misbehave(&mut self, index: usize, call: &impl SolCall) {
        let Some(from) = self.lives.get(index).map(|life| life.operator()) else { return };
        if self.would_pass(from, call) {
            self.ground.act(from, 0, call);
        }
    }

    fn report_falsely(&mut self, index: usize) {
        let attempt = u32::try_from(self.now / ATTEMPT_MS).unwrap_or_default();
        let (plan, attempt) = (self.some_plan(), attempt.saturating_sub(self.rng.random_range(0..6)));
        let (set, named) = (self.rng.random_range(0..32), self.rng.random_range(0..32));
        let kind = self.rng.random_range(1..4);
        let forged = vec![[7; 64]];
        for wire in [
            Wire::Report { plan, attempt, set, kind, named },
            Wire::Signed { plan, signatures: forged },
            Wire::Invite { plan, attempt, set },
            Wire::Want { plan },
        ] {
            let nodes: Vec<B256> = self.lives.iter().map(|life| life.node).collect();
            let posts = nodes.into_iter().map(|node| (node, wire.encode())).collect();
            self.post(index, posts);
        }
    }

    /// Calls attempts of the far future; it is its turn in one of them.
    fn call_far(&mut self, index: usize) {
        let plan = self.some_plan();
        let nodes: Vec<B256> = self.lives.iter().map(|life| life.node).collect();
        for attempt in 2_000_000_000..2_000_000_005 {
            for set in [0b00011, 0b00101, 0b00110, 0b00111, 0b01011, 0b11111] {
                let wire = Wire::Invite { plan, attempt, set };
                let posts = nodes.iter().map(|node| (*node, wire.encode())).collect();
                self.post(index, posts);
            }
        }
    }

    fn some_plan(&mut self) -> B256 {
        let jobs = self.open_jobs();
        let chosen = self.rng.random_range(0..jobs.len().max(1));
        jobs.get(chosen).map(|(_, job)| job.plan).unwrap_or_default()
    }

    fn complain_falsely(&mut self, index: usize) {
        let Some(life) = self.lives.get(index) else { return };
        let (me, key) = (life.operator(), life.keys.decryption().clone());
        let mut calls = Vec::new();
        for log in self.last_logs() {
            let Ok(posted) = Posted::decode_log_data(&log.data) else { continue };
            let group = self.ground.ask(|store| dcrm::Group::load(store, posted.group));
            let Some(group) = group.ok().flatten().filter(|_| posted.kind == 1) else { continue };
            let (Ok(terms), Some(me)) = (self.ground.ask(|store| group.terms(store)), group.index_of(me))
            else {
                continue;
            };
            let Ok(dealing) = Dealing::decode(&posted.message, &terms) else { continue };
            let complaint = Complaint::new(&terms, me, &key, &dealing);
            calls.extend(complaint.map(|complaint| ICustody::complainCall {
                group: posted.group,
                message: complaint.encode().into(),
                dealing: posted.message.clone(),
            }));
        }
        self.grudges.extend(calls);
        for call in self.grudges.clone() {
            self.misbehave(index, &call);
        }
    }

    fn attest_falsely(&mut self, index: usize) {
        let addresses: Vec<u64> = self.witness.addresses().collect();
        let chosen = self.rng.random_range(0..addresses.len().max(1));
        let Some(request) = addresses.get(chosen).copied() else { return };
        let amount = U256::from(self.rng.random_range(1..10_000_000_u64));
        let known = self.some_deposit();
        let id = if self.rng.random_bool(0.5) { B256::from(self.rng.random::<[u8; 32]>()) } else { known };
        let call = ICustody::attestDepositCall { id, vault: 1, request, coin: self.coin, amount };
        self.misbehave(index, &call);
    }

    fn some_deposit(&mut self) -> B256 {
        let found = self.witness.arrivals(&self.outer.net());
        let chosen = self.rng.random_range(0..found.len().max(1));
        found.get(chosen).copied().unwrap_or_else(|| keccak256(b"none"))
    }

    fn propose_foreign(&mut self, index: usize) {
        let Some(vault) = self.vault() else { return };
        let Some(to) = self.new_destination() else { return };
        for (id, _) in self.open_jobs() {
            let request = self.ground.ask(|store| dcrm::Request::load(store, id.request)).ok().flatten();
            let Some(request) = request.filter(|request| request.status == Status::Asked) else { continue };
            let Some(view) = self.view(index) else { continue };
            let (asset, amount, fee_from) = (Asset::Native, request.amount, FeeFrom::Amount);
            let own = OuterRequest::LockOut { asset, to: to.clone(), amount, fee_from };
            let Ok(plan) = self.outer.pure.plan(&own, &view) else { continue };
            let plan = self.greedy(plan).encode().into();
            let id = ICustody::Job { vault: 1, request: id.request, upkeep: B256::ZERO };
            let call = ICustody::proposeCall { id, sequence: vault.sequence, plan };
            self.misbehave(index, &call);
        }
    }

    /// Makes a foreign plan worse in one of several ways.
    fn greedy(&mut self, plan: Plan) -> Plan {
        let Plan::Bitcoin(mut plan) = plan else { return plan };
        if self.rng.random_bool(0.3) {
            plan.outputs.truncate(1);
        }
        Plan::Bitcoin(plan)
    }

    fn approve_all(&mut self, index: usize) {
        for log in self.last_logs() {
            let Ok(proposed) = Proposed::decode_log_data(&log.data) else { continue };
            let Proposed { vault, request, upkeep, sequence, hash, .. } = proposed;
            let id = ICustody::Job { vault, request, upkeep };
            self.misbehave(index, &ICustody::approveCall { id, sequence, plan: hash });
        }
    }

    fn settle_falsely(&mut self, index: usize) {
        for (id, job) in self.open_jobs() {
            let call = ICustody::settleCall {
                id: ICustody::Job { vault: id.vault, request: id.request, upkeep: id.upkeep },
                plan: job.plan,
                transaction: B256::repeat_byte(3),
                success: self.rng.random_bool(0.5),
                outflows: Vec::new(),
            };
            self.misbehave(index, &call);
        }
    }

    fn observe_falsely(&mut self, index: usize) {
        let call = ICustody::observeCall { vault: 1, coin: self.coin, amount: U256::ZERO };
        if self.rng.random_bool(0.2) {
            self.misbehave(index, &call);
        }
    }
}
