//! Names who did wrong, and by what evidence.

/// Tells the kinds of evidence apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// Dealt nothing before the phase ended: seen by all, though the cause may be a broken line.
    NoDealing,
    /// Sealed a pair that does not open or does not satisfy equation (5): proved by a complaint.
    BadShare,
    /// Accused a dealer of a pair that satisfies equation (5): proved by the same complaint.
    FalseComplaint,
    /// Did not show its part of the public key before the phase ended.
    NoExtraction,
    /// Showed another part of the public key than it had dealt: proved by an objection.
    BadExtraction,
    /// Objected to an extraction that was right: proved by the same objection.
    FalseObjection,
}

impl FaultKind {
    /// Tells whether the guilty one's own bytes prove the fault, rather than their absence.
    pub fn is_proved(self) -> bool {
        !matches!(self, Self::NoDealing | Self::NoExtraction)
    }
}

/// Names one fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The guilty one's index: of the old group for a dealer in re-sharing, of the group itself otherwise.
    pub guilty: u16,
    /// The evidence.
    pub kind: FaultKind,
    /// The other party of the accusation; the guilty one itself where something is absent.
    pub other: u16,
}

/// Lists all faults of a session in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Lists the faults.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Lists the guilty, each once, in ascending order.
    pub fn guilty(&self) -> Vec<u16> {
        let mut guilty: Vec<u16> = self.0.iter().map(|fault| fault.guilty).collect();
        guilty.sort_unstable();
        guilty.dedup();
        guilty
    }

    /// Tells whether a fault of this kind is laid to this index.
    pub fn names(&self, guilty: u16, kind: FaultKind) -> bool {
        self.0.iter().any(|fault| fault.guilty == guilty && fault.kind == kind)
    }
}
