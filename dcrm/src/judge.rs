//! Judges complaints and objections from public bytes alone: whoever is named has provably lied.

use thiserror::Error;

use crate::complaint::Complaint;
use crate::dealing::Dealing;
use crate::extraction::{Extraction, Objection};
use crate::terms::Terms;

/// Names the guilty one of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The dealer dealt or extracted wrongly.
    Dealer,
    /// The accuser accused a dealer that did right.
    Accuser,
}

/// Says why there is no verdict: the accusation is refused, and nobody is guilty by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoVerdict {
    /// The shared point is not proved to be the accuser's, or another dealing is meant.
    #[error("the complaint does not prove that it opens this dealing")]
    Unproved,
    /// The dealing does not commit to the pair shown, or another dealing is meant.
    #[error("the dealing does not commit to the pair shown")]
    NotCommitted,
}

/// Judges a complaint (whitepaper 3.5.2, steps 1.d.ii and 1.d.iii at once): opens the sealed pair and holds it against
/// equation (5). A pair that does not open, is not canonical or does not satisfy the equation is the dealer's fault.
///
/// Costs [`crate::cost::complaint`] beyond decoding.
pub fn complaint(terms: &Terms, dealing: &Dealing, complaint: &Complaint) -> Result<Verdict, NoVerdict> {
    if !complaint.opens(&dealing.0, terms) {
        return Err(NoVerdict::Unproved);
    }
    let accuser = complaint.accuser();
    let pair = dealing.open_shared(accuser, &complaint.shared);
    let right = pair.is_some_and(|pair| dealing.commits_to(accuser, &pair));
    Ok(if right { Verdict::Accuser } else { Verdict::Dealer })
}

/// Judges an objection (GJKR 4.b): a pair that satisfies equation (5) must agree with the extraction too.
///
/// Costs [`crate::cost::objection`] beyond decoding.
pub fn objection(
    dealing: &Dealing,
    extraction: &Extraction,
    objection: &Objection,
) -> Result<Verdict, NoVerdict> {
    let accuser = objection.accuser();
    let same = [dealing.dealer(), extraction.dealer()] == [objection.dealer(); 2];
    if !same || !dealing.commits_to(accuser, objection.pair()) {
        return Err(NoVerdict::NotCommitted);
    }
    let right = extraction.agrees_with(accuser, objection.pair());
    Ok(if right { Verdict::Accuser } else { Verdict::Dealer })
}
