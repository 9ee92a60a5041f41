//! Runs sessions among members in one place, and checks them against plain arithmetic.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests; each file uses a part"
)]

use fusor_dcrm::*;
use num_bigint::BigUint;

/// The order of secp256k1's group (SEC 2, 2.4.1).
const ORDER: &[u8] = b"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/// Makes the decryption key of a member of a group.
pub fn key(group: u8, index: u16) -> DecryptionKey {
    let mut bytes = [group; 32];
    bytes[30..].copy_from_slice(&index.to_be_bytes());
    DecryptionKey::from_bytes(&bytes).unwrap()
}

/// Makes the seed of a member in a session.
pub fn seed(session: u8, index: u16) -> [u8; 32] {
    let mut bytes = [session ^ 0xa5; 32];
    bytes[..2].copy_from_slice(&index.to_be_bytes());
    bytes
}

/// States a session of t of m among a group.
pub fn terms_of(session: u8, group: u8, t: u16, m: u16) -> Terms {
    let members = (1..=m).map(|index| key(group, index).public().unwrap()).collect();
    Terms::new([session; 32], t, members).unwrap()
}

/// States a session of t of m among group 1.
pub fn terms(session: u8, t: u16, m: u16) -> Terms {
    terms_of(session, 1, t, m)
}

/// Makes a pair of small numbers.
pub fn pair(share: u64, blind: u64) -> Pair {
    Pair { share: Scalar::from(share), blind: Scalar::from(blind) }
}

/// A key generation: the public board, every member, and all that was posted.
pub struct Run {
    pub board: Board,
    pub members: Vec<Member>,
    pub log: Vec<Vec<u8>>,
    pub session: u8,
}

impl Run {
    pub fn new(session: u8, t: u16, m: u16) -> Self {
        let terms = terms(session, t, m);
        let join = |index| Member::new(terms.clone(), index, key(1, index), seed(session, index)).unwrap();
        Self {
            board: Board::new(terms.clone()),
            members: terms.indices().map(join).collect(),
            log: Vec::new(),
            session,
        }
    }

    pub fn terms(&self) -> Terms {
        self.board.terms().clone()
    }

    /// Plays a member's dealer, for cheats that begin honestly.
    pub fn with_dealer<T>(&self, index: u16, then: impl FnOnce(&Dealer<'_>) -> T) -> T {
        then(&Dealer::from_seed(self.board.terms(), index, &seed(self.session, index)).unwrap())
    }

    pub fn member(&self, index: u16) -> &Member {
        &self.members[usize::from(index) - 1]
    }

    /// Posts to the board and to every member, who must all see the same.
    pub fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<Option<Fault>, Refusal> {
        let seen = self.board.post(sender, bytes);
        for member in &mut self.members {
            assert_eq!(member.post(sender, bytes), seen);
        }
        if seen.is_ok() {
            self.log.push(bytes.to_vec());
        }
        seen
    }

    /// Lets all but `cheats` say what they owe; objections that come second are refused and do no harm.
    pub fn speak(&mut self, cheats: &[u16]) {
        let honest: Vec<u16> = self.terms().indices().filter(|index| !cheats.contains(index)).collect();
        for index in honest {
            for message in self.member(index).due() {
                self.post(index, &message).unwrap();
            }
        }
    }

    pub fn end_phase(&mut self) -> Phase {
        let phase = self.board.end_phase();
        for member in &mut self.members {
            assert_eq!(member.end_phase(), phase);
        }
        phase
    }

    /// Plays on to the end, with `cheats` silent.
    pub fn play(&mut self, cheats: &[u16]) {
        while self.board.phase() != Phase::Done {
            self.speak(cheats);
            self.end_phase();
        }
    }

    /// Finishes for all but `cheats`, who must agree; gives the outcome and their shares.
    pub fn finish(&self, cheats: &[u16]) -> (Outcome, Vec<Share>) {
        let outcome = self.board.finish().unwrap();
        let honest = self.members.iter().filter(|member| !cheats.contains(&member.index()));
        let shares = honest.map(|member| {
            let (seen, share) = member.finish().unwrap();
            assert_eq!(seen, outcome);
            share
        });
        let shares: Vec<Share> = shares.collect();
        check(self.board.terms().threshold(), &outcome, &shares);
        (outcome, shares)
    }

    /// Names the faults as (guilty, kind), sorted, each once.
    pub fn faults(&self) -> Vec<(u16, FaultKind)> {
        faults(self.board.faults())
    }
}

/// Names faults as (guilty, kind), sorted, each once.
pub fn faults(faults: &Faults) -> Vec<(u16, FaultKind)> {
    let mut all: Vec<_> = faults.iter().map(|fault| (fault.guilty, fault.kind)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Checks that any t shares give the secret of the key, and each share its verifying point.
pub fn check(t: u16, outcome: &Outcome, shares: &[Share]) {
    assert!(shares.len() >= usize::from(t));
    for some in shares.windows(usize::from(t)) {
        assert_eq!(Point::of_secret(&secret(some)), Some(outcome.key));
    }
    for share in shares {
        assert_eq!(share.verifying().as_ref(), outcome.verifying(share.index()));
    }
}

/// Interpolates shares at 0 by plain numbers, apart from the code under test.
pub fn secret(shares: &[Share]) -> Scalar {
    let order = order();
    let points: Vec<(BigUint, BigUint)> = shares
        .iter()
        .map(|share| (BigUint::from(share.index()), BigUint::from_bytes_be(&*share.to_bytes())))
        .collect();
    let mut sum = BigUint::ZERO;
    for (x, y) in &points {
        let others = || points.iter().map(|(other, _)| other).filter(|other| *other != x);
        let above = others().fold(BigUint::from(1u8), |product, other| product * other % &order);
        let below =
            others().fold(BigUint::from(1u8), |product, other| product * ((other + &order) - x) % &order);
        sum = (sum + y * above % &order * below.modinv(&order).unwrap()) % &order;
    }
    to_scalar(&sum)
}

pub fn order() -> BigUint {
    BigUint::parse_bytes(ORDER, 16).unwrap()
}

/// Reads a number below the order as a scalar, bit by bit.
pub fn to_scalar(number: &BigUint) -> Scalar {
    let bits = (0..number.bits()).rev();
    bits.fold(Scalar::ZERO, |sum, bit| sum + sum + Scalar::from(u32::from(number.bit(bit))))
}
