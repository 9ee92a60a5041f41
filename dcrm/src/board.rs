//! Follows a key generation as everyone sees it: what is posted, who is condemned, what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::complaint::Complaint;
use crate::dealing::Dealing;
use crate::extraction::{Extraction, Objection, Reveal};
use crate::fault::{Fault, FaultKind, Faults};
use crate::judge::{self, Verdict};
use crate::outcome::{FinishError, Outcome, Part, finish};
use crate::phase::{Phase, Refusal, refuse_other};
use crate::terms::Terms;
use crate::wire::{Kind, kind_of};

/// Holds everything public of one key generation, a function of the messages posted in order.
#[derive(Debug, Clone)]
pub struct Board {
    terms: Terms,
    phase: Phase,
    dealings: BTreeMap<u16, Dealing>,
    /// Pairs of accuser and dealer that have been judged.
    complaints: BTreeSet<(u16, u16)>,
    /// Dealers whom a complaint condemned.
    condemned: BTreeSet<u16>,
    extractions: BTreeMap<u16, Extraction>,
    /// Pairs of accuser and dealer that have been judged.
    objections: BTreeSet<(u16, u16)>,
    /// Dealers of QUAL whose part must be reconstructed, with the pairs shown by holders.
    reveals: BTreeMap<u16, Vec<Reveal>>,
    faults: Faults,
}

impl Board {
    /// Opens a session, in the phase of dealings.
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            phase: Phase::Dealing,
            dealings: BTreeMap::new(),
            complaints: BTreeSet::new(),
            condemned: BTreeSet::new(),
            extractions: BTreeMap::new(),
            objections: BTreeSet::new(),
            reveals: BTreeMap::new(),
            faults: Faults::default(),
        }
    }

    /// Takes a message posted by the member of index `sender`, and tells the fault it proves, if any.
    pub fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<Option<Fault>, Refusal> {
        let kind = kind_of(bytes).ok_or(Refusal::UnknownKind)?;
        if !self.phase.takes(kind) {
            return Err(Refusal::NotNow(kind));
        }
        match kind {
            Kind::Dealing => self.on_dealing(sender, Dealing::decode(bytes, &self.terms)?),
            Kind::Complaint => self.on_complaint(sender, Complaint::decode(bytes, &self.terms)?),
            Kind::Extraction => self.on_extraction(sender, Extraction::decode(bytes, &self.terms)?),
            Kind::Objection => self.on_objection(sender, Objection::decode(bytes, &self.terms)?),
            Kind::Reveal => self.on_reveal(sender, Reveal::decode(bytes, &self.terms)?),
            Kind::Handover => Err(Refusal::NotNow(kind)),
        }
    }

    fn on_dealing(&mut self, sender: u16, dealing: Dealing) -> Result<Option<Fault>, Refusal> {
        let dealer = dealing.dealer();
        refuse_other(sender, dealer)?;
        if self.dealings.contains_key(&dealer) {
            return Err(Refusal::Repeated);
        }
        self.dealings.insert(dealer, dealing);
        Ok(None)
    }

    fn on_complaint(&mut self, sender: u16, complaint: Complaint) -> Result<Option<Fault>, Refusal> {
        let (accuser, dealer) = (complaint.accuser(), complaint.dealer());
        refuse_other(sender, accuser)?;
        if self.complaints.contains(&(accuser, dealer)) {
            return Err(Refusal::Repeated);
        }
        let dealing = self.dealings.get(&dealer).ok_or(Refusal::NoSuchDealer(dealer))?;
        let verdict = judge::complaint(&self.terms, dealing, &complaint)?;
        self.complaints.insert((accuser, dealer));
        Ok(Some(match verdict {
            Verdict::Accuser => self.blame(accuser, FaultKind::FalseComplaint, dealer),
            Verdict::Dealer => {
                self.condemned.insert(dealer);
                self.blame(dealer, FaultKind::BadShare, accuser)
            }
        }))
    }

    fn on_extraction(&mut self, sender: u16, extraction: Extraction) -> Result<Option<Fault>, Refusal> {
        let dealer = extraction.dealer();
        refuse_other(sender, dealer)?;
        if self.extractions.contains_key(&dealer) {
            return Err(Refusal::Repeated);
        }
        if !self.stands(dealer) {
            return Err(Refusal::NoSuchDealer(dealer));
        }
        self.extractions.insert(dealer, extraction);
        Ok(None)
    }

    fn on_objection(&mut self, sender: u16, objection: Objection) -> Result<Option<Fault>, Refusal> {
        let (accuser, dealer) = (objection.accuser(), objection.dealer());
        refuse_other(sender, accuser)?;
        if self.objections.contains(&(accuser, dealer)) {
            return Err(Refusal::Repeated);
        }
        let said = self.dealings.get(&dealer).zip(self.extractions.get(&dealer));
        let (dealing, extraction) = said.ok_or(Refusal::NoSuchDealer(dealer))?;
        let verdict = judge::objection(dealing, extraction, &objection)?;
        self.objections.insert((accuser, dealer));
        Ok(Some(match verdict {
            Verdict::Accuser => self.blame(accuser, FaultKind::FalseObjection, dealer),
            Verdict::Dealer => {
                // The pair shown serves the reconstruction too.
                let shown = Reveal::new(&self.terms, accuser, dealer, objection.pair().clone());
                self.reveals.entry(dealer).or_default().push(shown);
                self.blame(dealer, FaultKind::BadExtraction, accuser)
            }
        }))
    }

    fn on_reveal(&mut self, sender: u16, reveal: Reveal) -> Result<Option<Fault>, Refusal> {
        let (holder, dealer) = (reveal.holder(), reveal.dealer());
        refuse_other(sender, holder)?;
        let shown = self.reveals.get_mut(&dealer).ok_or(Refusal::NoSuchDealer(dealer))?;
        if shown.iter().any(|other| other.holder() == holder) {
            return Err(Refusal::Repeated);
        }
        let dealing = self.dealings.get(&dealer).ok_or(Refusal::NoSuchDealer(dealer))?;
        if !reveal.holds(dealing) {
            return Err(Refusal::NotCommitted);
        }
        shown.push(reveal);
        Ok(None)
    }

    fn blame(&mut self, guilty: u16, kind: FaultKind, other: u16) -> Fault {
        let fault = Fault { guilty, kind, other };
        self.faults.add(fault);
        fault
    }

    /// Ends the phase, and blames those who owed a message in it.
    pub fn end_phase(&mut self) -> Phase {
        match self.phase {
            Phase::Dealing => {
                let silent: Vec<u16> =
                    self.terms.indices().filter(|index| !self.dealings.contains_key(index)).collect();
                for dealer in silent {
                    self.blame(dealer, FaultKind::NoDealing, dealer);
                }
            }
            Phase::Extracting => {
                let silent: Vec<u16> = self
                    .qualified()
                    .into_iter()
                    .filter(|index| !self.extractions.contains_key(index))
                    .collect();
                for dealer in silent {
                    self.blame(dealer, FaultKind::NoExtraction, dealer);
                    self.reveals.entry(dealer).or_default();
                }
            }
            Phase::Complaining | Phase::Objecting | Phase::Revealing | Phase::Done => {}
        }
        self.phase = self.phase.next();
        self.phase
    }

    fn stands(&self, dealer: u16) -> bool {
        self.dealings.contains_key(&dealer) && !self.condemned.contains(&dealer)
    }

    /// Lists QUAL, the dealers whose dealing stands (whitepaper 3.5.2, step 1.d.iii). Final after the complaints.
    pub fn qualified(&self) -> Vec<u16> {
        self.dealings.keys().copied().filter(|dealer| self.stands(*dealer)).collect()
    }

    /// Lists the dealers whose part must be reconstructed. Final after the objections.
    pub fn exposed(&self) -> Vec<u16> {
        self.reveals.keys().copied().collect()
    }

    /// Gives the key and the verifying points (whitepaper 3.5.2, step 2.b), once all phases have ended.
    pub fn finish(&self) -> Result<Outcome, FinishError> {
        if self.phase != Phase::Done {
            return Err(FinishError::NotEnded);
        }
        let parts: Vec<Part<'_>> =
            self.qualified().into_iter().filter_map(|dealer| self.part(dealer)).collect();
        finish(&self.terms, &parts)
    }

    fn part(&self, dealer: u16) -> Option<Part<'_>> {
        match self.reveals.get(&dealer) {
            Some(reveals) => Some(Part::Revealed(self.dealings.get(&dealer)?, reveals)),
            None => self.extractions.get(&dealer).map(Part::Extracted),
        }
    }

    /// Gives the terms of the session.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Gives the phase.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Lists the faults found so far.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Gives the dealing of a member.
    pub fn dealing(&self, dealer: u16) -> Option<&Dealing> {
        self.dealings.get(&dealer)
    }

    /// Gives the extraction of a member.
    pub fn extraction(&self, dealer: u16) -> Option<&Extraction> {
        self.extractions.get(&dealer)
    }

    /// Tells whether a holder has shown its pair of a dealer to be reconstructed, or t others have.
    pub(crate) fn is_revealed(&self, dealer: u16, holder: u16) -> bool {
        let enough = usize::from(self.terms.threshold());
        let shown = self.reveals.get(&dealer).map_or(&[][..], Vec::as_slice);
        shown.len() >= enough || shown.iter().any(|reveal| reveal.holder() == holder)
    }

    pub(crate) fn has_complained(&self, accuser: u16, dealer: u16) -> bool {
        self.complaints.contains(&(accuser, dealer))
    }
}
