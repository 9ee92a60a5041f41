//! States who takes part in a session, and how many shares sign.

use thiserror::Error;

use crate::hash::tagged;
use crate::point::Point;

/// Bounds the members of a group.
pub const MEMBERS_MAX: usize = 64;

/// Says why terms are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TermsError {
    /// No share would sign.
    #[error("a threshold of zero")]
    NoThreshold,
    /// Cheats could outvote the honest: t-1 must be below m/2.
    #[error("threshold {threshold} with {members} members: t-1 must be below m/2")]
    TooFewMembers {
        /// t, the number of shares that sign.
        threshold: u16,
        /// m, the number of members.
        members: usize,
    },
    /// More members than [`MEMBERS_MAX`].
    #[error("{0} members, at most {MEMBERS_MAX}")]
    TooManyMembers(usize),
    /// Two members name the same encryption key.
    #[error("members {0} and {1} name the same key")]
    DoubledKey(u16, u16),
}

/// States one session: its name, the threshold t, and the members' encryption keys in the order of their indices.
///
/// The member at position p has index p+1; index 0 is nobody's, since a polynomial's value there is the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    session: [u8; 32],
    threshold: u16,
    members: Vec<Point>,
    digest: [u8; 32],
}

impl Terms {
    /// Takes terms with 1 <= t, t-1 < m/2, m <= [`MEMBERS_MAX`], and no key twice.
    pub fn new(session: [u8; 32], threshold: u16, members: Vec<Point>) -> Result<Self, TermsError> {
        if threshold == 0 {
            return Err(TermsError::NoThreshold);
        }
        if members.len() > MEMBERS_MAX {
            return Err(TermsError::TooManyMembers(members.len()));
        }
        if 2 * (usize::from(threshold) - 1) >= members.len() {
            return Err(TermsError::TooFewMembers { threshold, members: members.len() });
        }
        refuse_doubled(&members)?;
        let digest = digest(&session, threshold, &members);
        Ok(Self { session, threshold, members, digest })
    }

    /// Names the session; the chain never gives a name twice.
    pub fn session(&self) -> &[u8; 32] {
        &self.session
    }

    /// Gives t, the number of shares that sign.
    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    /// Gives m, the number of members.
    pub fn size(&self) -> u16 {
        u16::try_from(self.members.len()).unwrap_or(u16::MAX)
    }

    /// Gives the members' encryption keys in the order of their indices.
    pub fn members(&self) -> &[Point] {
        &self.members
    }

    /// Lists the members' indices.
    pub fn indices(&self) -> impl DoubleEndedIterator<Item = u16> + use<> {
        1..=self.size()
    }

    /// Gives a member's encryption key.
    pub fn member(&self, index: u16) -> Option<&Point> {
        self.members.get(usize::from(index.checked_sub(1)?))
    }

    /// Binds everything said in the session: the hash of session, threshold and members.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

fn refuse_doubled(members: &[Point]) -> Result<(), TermsError> {
    for (late, key) in (1u16..).zip(members) {
        if let Some((early, _)) = (1..late).zip(members).find(|(_, other)| *other == key) {
            return Err(TermsError::DoubledKey(early, late));
        }
    }
    Ok(())
}

fn digest(session: &[u8; 32], threshold: u16, members: &[Point]) -> [u8; 32] {
    let threshold = threshold.to_be_bytes();
    let members: Vec<[u8; Point::SIZE]> = members.iter().map(Point::to_bytes).collect();
    tagged("fusor/dcrm/terms", &[session, &threshold, members.as_flattened()])
}

#[cfg(test)]
mod tests {
    use k256::Scalar;

    use super::*;

    fn keys(count: u64) -> Vec<Point> {
        (1..=count).map(|k| Point::of_secret(&Scalar::from(k)).unwrap()).collect()
    }

    #[test]
    fn cheats_must_be_fewer_than_half() {
        let refused = |threshold, members| Terms::new([0; 32], threshold, keys(members)).unwrap_err();
        assert_eq!(refused(0, 3), TermsError::NoThreshold);
        assert_eq!(refused(2, 2), TermsError::TooFewMembers { threshold: 2, members: 2 });
        assert_eq!(refused(1, 0), TermsError::TooFewMembers { threshold: 1, members: 0 });
        assert_eq!(refused(u16::MAX, 64), TermsError::TooFewMembers { threshold: u16::MAX, members: 64 });
        assert_eq!(refused(2, 65), TermsError::TooManyMembers(65));
        for (t, m) in [(1, 1), (2, 3), (3, 5), (5, 9), (11, 21), (32, 64)] {
            assert_eq!(Terms::new([0; 32], t, keys(m)).map(|terms| terms.size()), Ok(m as u16));
        }
    }

    #[test]
    fn index_zero_is_nobody_and_keys_are_not_doubled() {
        let terms = Terms::new([0; 32], 2, keys(3)).unwrap();
        assert_eq!(terms.member(0), None);
        assert_eq!(terms.member(4), None);
        let mut doubled = keys(4);
        doubled[3] = doubled[1];
        assert_eq!(Terms::new([0; 32], 2, doubled), Err(TermsError::DoubledKey(2, 4)));
    }

    #[test]
    fn everything_is_bound_by_the_digest() {
        let digest = |session, t, m| *Terms::new([session; 32], t, keys(m)).unwrap().digest();
        let all = [digest(0, 2, 5), digest(1, 2, 5), digest(0, 3, 5), digest(0, 2, 4)];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one));
        }
    }
}
