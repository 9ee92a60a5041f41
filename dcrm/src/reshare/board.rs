//! Follows a re-sharing as everyone sees it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Handover, Succession, decode_complaint, finish, judge};
use crate::complaint::Complaint;
use crate::fault::{Fault, FaultKind, Faults};
use crate::judge::Verdict;
use crate::outcome::{FinishError, Outcome};
use crate::phase::{Refusal, refuse_other};
use crate::wire::{Kind, kind_of};

/// Names what may be posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Handovers, by old holders.
    Handing,
    /// Complaints, by new members.
    Complaining,
    /// Nothing: the outcome stands.
    Done,
}

/// Holds everything public of one re-sharing, a function of the messages posted in order.
///
/// In its faults, `NoDealing` and `BadShare` name old holders, `FalseComplaint` names new members.
#[derive(Debug, Clone)]
pub struct Board {
    succession: Succession,
    phase: Phase,
    handovers: BTreeMap<u16, Handover>,
    /// Pairs of accuser and holder that have been judged.
    complaints: BTreeSet<(u16, u16)>,
    condemned: BTreeSet<u16>,
    faults: Faults,
}

impl Board {
    /// Opens a session, in the phase of handovers.
    pub fn new(succession: Succession) -> Self {
        Self {
            succession,
            phase: Phase::Handing,
            handovers: BTreeMap::new(),
            complaints: BTreeSet::new(),
            condemned: BTreeSet::new(),
            faults: Faults::default(),
        }
    }

    /// Takes a message posted by the old holder or the new member of index `sender`, and tells the fault it proves.
    pub fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<Option<Fault>, Refusal> {
        let kind = kind_of(bytes).ok_or(Refusal::UnknownKind)?;
        match (kind, self.phase) {
            (Kind::Handover, Phase::Handing) => {
                self.on_handover(sender, Handover::decode(bytes, &self.succession)?)
            }
            (Kind::Complaint, Phase::Complaining) => {
                self.on_complaint(sender, decode_complaint(bytes, &self.succession)?)
            }
            _ => Err(Refusal::NotNow(kind)),
        }
    }

    fn on_handover(&mut self, sender: u16, handover: Handover) -> Result<Option<Fault>, Refusal> {
        let holder = handover.holder();
        refuse_other(sender, holder)?;
        if self.handovers.contains_key(&holder) {
            return Err(Refusal::Repeated);
        }
        self.handovers.insert(holder, handover);
        Ok(None)
    }

    fn on_complaint(&mut self, sender: u16, complaint: Complaint) -> Result<Option<Fault>, Refusal> {
        let (accuser, holder) = (complaint.accuser(), complaint.dealer());
        refuse_other(sender, accuser)?;
        if self.complaints.contains(&(accuser, holder)) {
            return Err(Refusal::Repeated);
        }
        let handover = self.handovers.get(&holder).ok_or(Refusal::NoSuchDealer(holder))?;
        let verdict = judge(&self.succession, handover, &complaint)?;
        self.complaints.insert((accuser, holder));
        let fault = match verdict {
            Verdict::Accuser => Fault { guilty: accuser, kind: FaultKind::FalseComplaint, other: holder },
            Verdict::Dealer => {
                self.condemned.insert(holder);
                Fault { guilty: holder, kind: FaultKind::BadShare, other: accuser }
            }
        };
        self.faults.add(fault);
        Ok(Some(fault))
    }

    /// Ends the phase, and names the old holders who handed nothing over.
    pub fn end_phase(&mut self) -> Phase {
        self.phase = match self.phase {
            Phase::Handing => {
                let silent =
                    (1..=self.succession.holders().size()).filter(|i| !self.handovers.contains_key(i));
                for holder in silent {
                    self.faults.add(Fault { guilty: holder, kind: FaultKind::NoDealing, other: holder });
                }
                Phase::Complaining
            }
            Phase::Complaining | Phase::Done => Phase::Done,
        };
        self.phase
    }

    /// Gives the new group's public part, once all phases have ended.
    pub fn finish(&self) -> Result<Outcome, FinishError> {
        if self.phase != Phase::Done {
            return Err(FinishError::NotEnded);
        }
        let standing: Vec<&Handover> =
            self.handovers().filter(|handover| !self.condemned.contains(&handover.holder())).collect();
        finish(&self.succession, &standing)
    }

    /// Gives the session.
    pub fn succession(&self) -> &Succession {
        &self.succession
    }

    /// Gives the phase.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Lists the faults found so far.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Gives the handover of an old holder.
    pub fn handover(&self, holder: u16) -> Option<&Handover> {
        self.handovers.get(&holder)
    }

    /// Lists all handovers, by holder.
    pub fn handovers(&self) -> impl Iterator<Item = &Handover> {
        self.handovers.values()
    }

    pub(crate) fn has_complained(&self, accuser: u16, holder: u16) -> bool {
        self.complaints.contains(&(accuser, holder))
    }
}
