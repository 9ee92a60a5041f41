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

#[cfg(test)]
mod tests {
    use k256::Scalar;
    use zeroize::Zeroizing;

    use super::*;
    use crate::dealing::Dealer;
    use crate::seal::Bundle;
    use crate::secret::DecryptionKey;

    fn key(index: u8) -> DecryptionKey {
        DecryptionKey::from_bytes(&[index; 32]).unwrap()
    }

    fn terms() -> Terms {
        Terms::new([9; 32], 2, (1..=3).map(|index| key(index).public().unwrap()).collect()).unwrap()
    }

    /// Judges member 2's complaint about a dealing, after a journey as bytes.
    fn judged(terms: &Terms, dealing: &Dealing) -> Result<Verdict, NoVerdict> {
        let dealing = Dealing::decode(&dealing.encode(), terms).unwrap();
        assert!(dealing.open(2, &key(2)).is_none_or(|pair| dealing.commits_to(2, &pair)));
        let accusation = Complaint::new(terms, 2, &key(2), &dealing).unwrap();
        complaint(terms, &dealing, &accusation)
    }

    #[test]
    fn a_sealed_text_that_does_not_open_condemns_the_dealer() {
        let terms = terms();
        let ephemeral = Scalar::from(77u64);
        let dealer = Dealer::from_seed(&terms, 1, &[1; 32]).unwrap();
        let pairs: Vec<_> = terms.indices().map(|receiver| dealer.pair(receiver)).collect();
        let commitments = dealer.commitments().unwrap();
        let mut dealing = Dealing::assemble(&terms, 1, commitments, &ephemeral, &pairs).unwrap();
        assert_eq!(judged(&terms, &dealing), Ok(Verdict::Accuser));
        dealing.0.spoil(&ephemeral, 3, [7; 80]);
        assert_eq!(judged(&terms, &dealing), Ok(Verdict::Accuser));
        dealing.0.spoil(&ephemeral, 2, [7; 80]);
        assert_eq!(judged(&terms, &dealing), Ok(Verdict::Dealer));
    }

    #[test]
    fn a_sealed_pair_that_is_not_canonical_condemns_the_dealer() {
        let terms = terms();
        let dealer = Dealer::from_seed(&terms, 1, &[1; 32]).unwrap();
        let honest = dealer.deal().unwrap();
        let texts = vec![Zeroizing::new(vec![0xff; 64]); 3];
        let bundle = Bundle::assemble(
            honest.0.header,
            honest.commitments().to_vec(),
            &Scalar::from(77u64),
            &terms,
            &texts,
        );
        assert_eq!(judged(&terms, &Dealing(bundle.unwrap())), Ok(Verdict::Dealer));
    }

    #[test]
    fn a_complaint_about_one_dealing_says_nothing_of_another() {
        let terms = terms();
        let deal = |seed| Dealer::from_seed(&terms, 1, &[seed; 32]).unwrap().deal().unwrap();
        let (first, second) = (deal(1), deal(2));
        let accusation = Complaint::new(&terms, 2, &key(2), &first).unwrap();
        assert_eq!(complaint(&terms, &second, &accusation), Err(NoVerdict::Unproved));
    }

    #[test]
    fn a_complaint_that_names_another_dealer_than_the_dealing_has_is_refused() {
        let terms = terms();
        let dealing = Dealer::from_seed(&terms, 1, &[1; 32]).unwrap().deal().unwrap();
        let mut bytes = Complaint::new(&terms, 2, &key(2), &dealing).unwrap().encode();
        bytes[36] = 3;
        let renamed = Complaint::decode(&bytes, &terms).unwrap();
        assert_eq!(renamed.dealer(), 3);
        assert_eq!(complaint(&terms, &dealing, &renamed), Err(NoVerdict::Unproved));
    }

    #[test]
    fn an_objection_speaks_of_one_dealers_dealing_and_extraction() {
        let terms = terms();
        let (first, second) =
            (Dealer::from_seed(&terms, 1, &[1; 32]), Dealer::from_seed(&terms, 2, &[2; 32]));
        let (first, second) = (first.unwrap(), second.unwrap());
        let dealing = first.deal().unwrap();
        let said = |dealer| Objection::new(&terms, 3, dealer, first.pair(3));
        let (own, foreign) = (first.extract().unwrap(), second.extract().unwrap());
        assert_eq!(objection(&dealing, &own, &said(1)), Ok(Verdict::Accuser));
        assert_eq!(objection(&dealing, &foreign, &said(1)), Err(NoVerdict::NotCommitted));
        assert_eq!(objection(&dealing, &own, &said(2)), Err(NoVerdict::NotCommitted));
    }
}
