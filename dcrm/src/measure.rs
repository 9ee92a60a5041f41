//! Measures what an honest run costs one party.

use k256::Scalar;
use thiserror::Error;

use crate::dealing::Dealer;
use crate::hash::expand;
use crate::member::{Member, MemberError};
use crate::outcome::Outcome;
use crate::phase::Refusal;
use crate::reshare::{Giver, Holders, HoldersError, Receiver, Succession};
use crate::secret::{DecryptionKey, NotASecret, Share};
use crate::terms::{Terms, TermsError};

/// Says why nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MeasureError {
    /// The sizes are none of a group.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// An honest run failed.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// An honest message was refused.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// A key, seed or share is zero.
    #[error(transparent)]
    Secret(#[from] NotASecret),
    /// The generated group is none.
    #[error(transparent)]
    Holders(#[from] HoldersError),
    /// A coefficient is zero.
    #[error("a dealer drew a zero")]
    Zero,
}

/// Says what an honest run costs each party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartyCost {
    /// Phases in which a party posts, if nobody cheats.
    pub rounds: u32,
    /// Bytes that a party posts.
    pub bytes: usize,
    /// Time that a party computes, in the unit of the clock.
    pub time: u64,
}

/// Says what a group of one size costs each party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Key generation among m, for t of them to sign.
    pub generation: PartyCost,
    /// Re-sharing from t of m to t of m new ones, for a party that gives and receives.
    pub resharing: PartyCost,
}

/// Runs a generation and a re-sharing for t of m, and measures party 1 by the caller's clock.
///
/// The keys are fixed numbers: what comes out of it must hold nothing.
pub fn measure(threshold: u16, members: u16, clock: &dyn Fn() -> u64) -> Result<Timings, MeasureError> {
    let terms = group(threshold, members)?;
    let dealers = terms.indices().map(|index| Dealer::from_seed(&terms, index, &seed(index)));
    let dealers = dealers.collect::<Option<Vec<_>>>().ok_or(MeasureError::Zero)?;
    let (generation, outcome) = generation(&terms, &dealers, clock)?;
    let shares = terms.indices().map(|index| joint(&dealers, index));
    let shares = shares.collect::<Result<Vec<Share>, _>>()?;
    Ok(Timings { generation, resharing: resharing(&terms, &outcome, &shares, clock)? })
}

fn generation(
    terms: &Terms,
    dealers: &[Dealer<'_>],
    clock: &dyn Fn() -> u64,
) -> Result<(PartyCost, Outcome), MeasureError> {
    let others = || (1u16..).zip(dealers).skip(1);
    let deal = |(index, dealer): (u16, &Dealer<'_>)| Some((index, dealer.deal()?.encode()));
    let dealings = others().map(deal).collect::<Option<Vec<_>>>().ok_or(MeasureError::Zero)?;
    let show = |(index, dealer): (u16, &Dealer<'_>)| Some((index, dealer.extract()?.encode()));
    let extractions = others().map(show).collect::<Option<Vec<_>>>().ok_or(MeasureError::Zero)?;
    let key = key(1)?;

    let start = clock();
    let mut member = Member::new(terms.clone(), 1, key, seed(1))?;
    let mut bytes = 0;
    for posted in [&dealings, &Vec::new(), &extractions, &Vec::new(), &Vec::new()] {
        for own in member.due() {
            bytes += own.len();
            member.post(1, &own)?;
        }
        for (sender, message) in posted {
            member.post(*sender, message)?;
        }
        member.end_phase();
    }
    let (outcome, _) = member.finish()?;
    Ok((PartyCost { rounds: 2, bytes, time: clock() - start }, outcome))
}

fn resharing(
    terms: &Terms,
    outcome: &Outcome,
    shares: &[Share],
    clock: &dyn Fn() -> u64,
) -> Result<PartyCost, MeasureError> {
    let succession = Succession::new(Holders::of(terms, outcome)?, terms.clone());
    let hand_over = |share: &Share| {
        let giver = Giver::from_seed(&succession, share, &seed(share.index())).ok()?;
        Some((share.index(), giver.hand_over()?.encode()))
    };
    let others =
        shares.iter().skip(1).map(hand_over).collect::<Option<Vec<_>>>().ok_or(MeasureError::Zero)?;
    let key = key(1)?;

    let start = clock();
    let mut receiver = Receiver::new(succession.clone(), 1, key)?;
    let (_, own) = shares.first().and_then(hand_over).ok_or(MeasureError::Zero)?;
    receiver.post(1, &own)?;
    for (sender, message) in &others {
        receiver.post(*sender, message)?;
    }
    receiver.end_phase();
    let complaints = receiver.due().iter().map(Vec::len).sum::<usize>();
    receiver.end_phase();
    receiver.finish()?;
    Ok(PartyCost { rounds: 1, bytes: own.len() + complaints, time: clock() - start })
}

fn group(threshold: u16, members: u16) -> Result<Terms, MeasureError> {
    let keys = (1..=members).map(|index| key(index)?.public().ok_or(NotASecret));
    Ok(Terms::new([0; 32], threshold, keys.collect::<Result<Vec<_>, _>>()?)?)
}

fn key(index: u16) -> Result<DecryptionKey, NotASecret> {
    let scalar = expand("fusor/dcrm/measure/key", &[0; 32], &[&index.to_be_bytes()]);
    DecryptionKey::from_bytes(&scalar.to_bytes().into())
}

fn seed(index: u16) -> [u8; 32] {
    expand("fusor/dcrm/measure/seed", &[0; 32], &[&index.to_be_bytes()]).to_bytes().into()
}

/// Sums what all dealers hand to one member.
fn joint(dealers: &[Dealer<'_>], index: u16) -> Result<Share, NotASecret> {
    let sum = dealers.iter().fold(Scalar::ZERO, |sum, dealer| sum + dealer.pair(index).share);
    Share::new(index, sum)
}
