//! Plays one honest member of a key generation.

use std::collections::BTreeMap;

use k256::Scalar;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::board::Board;
use crate::complaint::Complaint;
use crate::dealing::Dealer;
use crate::extraction::{Objection, Reveal};
use crate::fault::Fault;
use crate::outcome::{FinishError, Outcome};
use crate::phase::{Phase, Refusal};
use crate::secret::{DecryptionKey, Pair, Share};
use crate::terms::Terms;

/// Says why a member cannot play or has no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MemberError {
    /// Nobody has this index.
    #[error("no member has index {0}")]
    NoSuchMember(u16),
    /// The terms name another encryption key for this index.
    #[error("the key is not the one that the terms name for member {0}")]
    OtherKey(u16),
    /// The session gives no key.
    #[error(transparent)]
    Finish(#[from] FinishError),
    /// A standing dealer's pair for this member is missing or wrong: the member was away when it had to complain.
    #[error("dealer {0} stands but gave this member no right pair")]
    NoPair(u16),
    /// The share is not the one that the verifying point demands.
    #[error("the share does not belong to the verifying point")]
    NotVerified,
}

/// Plays one member: follows the board, and says what the member owes it.
///
/// Everything it says follows from the terms, its key, its seed and the board. To resume after a crash, make it anew
/// and post to it what the chain holds; nothing else need be stored.
pub struct Member {
    board: Board,
    index: u16,
    key: DecryptionKey,
    seed: [u8; 32],
    /// What each dealer sealed to this member, if it opens and satisfies equation (5).
    pairs: BTreeMap<u16, Pair>,
}

impl Drop for Member {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl Member {
    /// Joins a session as the member of this index. The seed must be drawn for this session alone and be kept secret.
    pub fn new(terms: Terms, index: u16, key: DecryptionKey, seed: [u8; 32]) -> Result<Self, MemberError> {
        let named = terms.member(index).ok_or(MemberError::NoSuchMember(index))?;
        if key.public().as_ref() != Some(named) {
            return Err(MemberError::OtherKey(index));
        }
        Ok(Self { board: Board::new(terms), index, key, seed, pairs: BTreeMap::new() })
    }

    /// Takes a message that the chain shows, posted by the member of index `sender`.
    pub fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<Option<Fault>, Refusal> {
        let fault = self.board.post(sender, bytes)?;
        if self.board.phase() == Phase::Dealing {
            self.open(sender);
        }
        Ok(fault)
    }

    /// Opens a dealing and checks equation (5) (whitepaper 3.5.2, step 1.d.i).
    fn open(&mut self, dealer: u16) {
        let Some(dealing) = self.board.dealing(dealer) else { return };
        let pair = dealing.open(self.index, &self.key);
        if let Some(pair) = pair.filter(|pair| dealing.commits_to(self.index, pair)) {
            self.pairs.insert(dealer, pair);
        }
    }

    /// Ends the phase, as the chain does.
    pub fn end_phase(&mut self) -> Phase {
        self.board.end_phase()
    }

    /// Lists the messages that this member owes the board in this phase and that the board does not show yet.
    pub fn due(&self) -> Vec<Vec<u8>> {
        match self.board.phase() {
            Phase::Dealing => self.due_dealing(),
            Phase::Complaining => self.due_complaints(),
            Phase::Extracting => self.due_extraction(),
            Phase::Objecting => self.due_objections(),
            Phase::Revealing => self.due_reveals(),
            Phase::Done => Vec::new(),
        }
    }

    fn dealer(&self) -> Option<Dealer<'_>> {
        Dealer::from_seed(self.board.terms(), self.index, &self.seed)
    }

    fn due_dealing(&self) -> Vec<Vec<u8>> {
        if self.board.dealing(self.index).is_some() {
            return Vec::new();
        }
        self.dealer().and_then(|dealer| dealer.deal()).map(|dealing| dealing.encode()).into_iter().collect()
    }

    fn due_complaints(&self) -> Vec<Vec<u8>> {
        let open = |dealer: &u16| {
            !self.pairs.contains_key(dealer) && !self.board.has_complained(self.index, *dealer)
        };
        let wrong = self.board.terms().indices().filter(open).filter_map(|dealer| self.board.dealing(dealer));
        wrong
            .filter_map(|dealing| Complaint::new(self.board.terms(), self.index, &self.key, dealing))
            .map(|complaint| complaint.encode())
            .collect()
    }

    fn due_extraction(&self) -> Vec<Vec<u8>> {
        let due = self.board.qualified().contains(&self.index) && self.board.extraction(self.index).is_none();
        let dealer = self.dealer().filter(|_| due);
        dealer.and_then(|dealer| dealer.extract()).map(|shown| shown.encode()).into_iter().collect()
    }

    fn due_objections(&self) -> Vec<Vec<u8>> {
        let exposed = self.board.exposed();
        let standing = self.pairs.iter().filter(|(dealer, _)| !exposed.contains(dealer));
        let wrong = standing.filter(|(dealer, pair)| {
            let extraction = self.board.extraction(**dealer);
            extraction.is_some_and(|extraction| !extraction.agrees_with(self.index, pair))
        });
        let terms = self.board.terms();
        wrong
            .map(|(dealer, pair)| Objection::new(terms, self.index, *dealer, pair.clone()).encode())
            .collect()
    }

    fn due_reveals(&self) -> Vec<Vec<u8>> {
        let terms = self.board.terms();
        let exposed = self.board.exposed().into_iter();
        let owed = exposed.filter(|dealer| !self.board.is_revealed(*dealer, self.index));
        owed.filter_map(|dealer| {
            let pair = self.pairs.get(&dealer)?;
            Some(Reveal::new(terms, self.index, dealer, pair.clone()).encode())
        })
        .collect()
    }

    /// Gives what everyone knows, and this member's share: the sum of s_ij over QUAL (whitepaper 3.5.2, step 1.d.iii),
    /// checked against its verifying point.
    pub fn finish(&self) -> Result<(Outcome, Share), MemberError> {
        let outcome = self.board.finish()?;
        let mut sum = Zeroizing::new(Scalar::ZERO);
        for dealer in &outcome.dealers {
            *sum += self.pairs.get(dealer).ok_or(MemberError::NoPair(*dealer))?.share;
        }
        let share = Share::new(self.index, *sum).map_err(|_| MemberError::NotVerified)?;
        if share.verifying().as_ref() != outcome.verifying(self.index) {
            return Err(MemberError::NotVerified);
        }
        Ok((outcome, share))
    }

    /// Gives the board as this member sees it.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Gives this member's index.
    pub fn index(&self) -> u16 {
        self.index
    }
}
