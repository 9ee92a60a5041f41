//! Measures setup and signing among members in one process, for the benchmark command.
//!
//! The key is dealt from one place here, which no vault ever does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use k256_14::elliptic_curve::{Generate, PrimeField};
use k256_14::{NonZeroScalar, ProjectivePoint, Scalar};
use thiserror::Error;

use crate::ecdsa::{Setup, SetupStep};
use crate::holding::Holding;
use crate::keys::{KeyError, Terms, compress};
use crate::message::{Fault, Message, Signature, Step};
use crate::session::{Session, Transport};
use crate::store::{Memory, Scheme, Store, StoreError};

/// Why a measurement failed.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The threshold and member count do not fit, or a dealt key was refused.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A session failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The store in memory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A session ended without a signature.
    #[error("no signature was made")]
    Unfinished,
}

/// What one protocol costs one party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Processor time of one party, the mean over parties.
    pub cpu: Duration,
    /// Bytes one party sends, the mean over parties.
    pub bytes: u64,
    /// Rounds of messages.
    pub rounds: u8,
}

/// The costs of a committee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// The one-time setup of transfers with all others.
    pub setup: Cost,
    /// One ECDSA signature with the setup done.
    pub ecdsa: Cost,
    /// One Schnorr signature.
    pub schnorr: Cost,
}

/// Deals a throw-away key to `members`, for measurements and tests only: here, and nowhere else, the key exists whole.
///
/// # Errors
/// Threshold and member count do not fit.
pub fn deal(vault: [u8; 32], epoch: u64, threshold: u16, members: u16) -> Result<Vec<Holding>, KeyError> {
    let coefficients: Vec<Scalar> = (0..threshold).map(|_| *NonZeroScalar::generate()).collect();
    let value = |at: u16| {
        let at = Scalar::from(u32::from(at));
        coefficients.iter().rev().fold(Scalar::ZERO, |sum, coefficient| sum * at + coefficient)
    };
    let public = |secret: Scalar| compress(&(ProjectivePoint::GENERATOR * secret));
    let points = (1..=members).map(|member| public(value(member))).collect();
    let terms = Arc::new(Terms::new(vault, epoch, threshold, public(value(0)), points)?);
    let take = |member| Holding::new(Arc::clone(&terms), member, value(member).to_repr().into());
    (1..=members).map(take).collect()
}

/// Runs the setup of all pairs among `holdings`.
///
/// # Errors
/// A fault of any member.
pub fn set_up(holdings: &mut [Holding]) -> Result<Cost, MeasureError> {
    let all: Vec<u16> = holdings.iter().map(Holding::me).collect();
    let clock = Clock::start();
    let mut setups = BTreeMap::new();
    let mut queue = Vec::new();
    for holding in holdings.iter() {
        let setup = Setup::new(holding.terms(), holding.me(), &all)?;
        queue.extend(setup.start());
        setups.insert(holding.me(), setup);
    }
    let mut cost = Cost::default();
    while let Some(message) = pop(&mut queue) {
        count(&mut cost, &message);
        let to = message.to;
        let Some(setup) = setups.get_mut(&to) else { continue };
        match setup.receive(message)? {
            SetupStep::Wait => {}
            SetupStep::Send(more) => queue.extend(more),
            SetupStep::Paired(pair, more) => {
                queue.extend(more);
                if let Some(holding) = holdings.iter_mut().find(|holding| holding.me() == to) {
                    holding.add_pair(*pair);
                }
            }
        }
    }
    Ok(share(cost, clock.elapsed(), holdings.len()))
}

/// Makes one signature by the first `t` of `holdings` and returns it with its cost.
///
/// # Errors
/// A fault of any member, or a missing setup.
pub fn sign(holdings: &[Holding], scheme: Scheme, hash: [u8; 32]) -> Result<(Signature, Cost), MeasureError> {
    let threshold = holdings.first().map_or(0, |holding| holding.terms().threshold());
    let signers = holdings.iter().take(threshold.into());
    let members: Vec<u16> = signers.clone().map(Holding::me).collect();
    let mut admissions = Vec::new();
    for holding in signers.clone() {
        let mut store = Store::open(Memory::default(), &[1; 32], holding.terms().vault())?;
        admissions.push(store.admit(hash, 0, scheme, [0; 32], hash)?);
    }
    let clock = Clock::start();
    let mut sessions = BTreeMap::new();
    let mut queue = Vec::new();
    for (holding, admission) in signers.zip(admissions) {
        let session = Session::open(holding, &members, admission, Transport::Authenticated)?;
        queue.extend(session.start());
        sessions.insert(holding.me(), session);
    }
    let mut cost = Cost::default();
    let mut made = None;
    while let Some(message) = pop(&mut queue) {
        count(&mut cost, &message);
        let Some(session) = sessions.get_mut(&message.to) else { continue };
        match session.receive(message)? {
            Step::Wait => {}
            Step::Send(more) => queue.extend(more),
            Step::Done { signature, send } => {
                queue.extend(send);
                made = Some(signature);
            }
        }
    }
    let signature = made.ok_or(MeasureError::Unfinished)?;
    Ok((signature, share(cost, clock.elapsed(), members.len())))
}

/// Measures setup and both kinds of signature for `threshold` of `members`. Signing is the mean of several runs.
///
/// # Errors
/// The numbers do not fit.
pub fn measure(threshold: u16, members: u16) -> Result<Costs, MeasureError> {
    let mut holdings = deal([7; 32], 1, threshold, members)?;
    let setup = set_up(&mut holdings)?;
    Ok(Costs { setup, ecdsa: mean(&holdings, Scheme::Ecdsa)?, schnorr: mean(&holdings, Scheme::Schnorr)? })
}

/// Counts the processor time of this thread where the system tells it (Linux), else the time that passes.
struct Clock {
    thread: Option<Duration>,
    wall: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { thread: thread_time(), wall: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        match (self.thread, thread_time()) {
            (Some(start), Some(now)) => now.saturating_sub(start),
            _ => self.wall.elapsed(),
        }
    }
}

/// The first number of `schedstat`: nanoseconds on a processor.
fn thread_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// How many signatures are averaged.
const RUNS: u8 = 10;

fn mean(holdings: &[Holding], scheme: Scheme) -> Result<Cost, MeasureError> {
    let mut cost = Cost::default();
    let mut cpu = Duration::ZERO;
    for run in 0..RUNS {
        cost = sign(holdings, scheme, [run; 32])?.1;
        cpu += cost.cpu;
    }
    cost.cpu = cpu / u32::from(RUNS);
    Ok(cost)
}

/// First in, first out.
fn pop(queue: &mut Vec<Message>) -> Option<Message> {
    if queue.is_empty() { None } else { Some(queue.remove(0)) }
}

fn count(cost: &mut Cost, message: &Message) {
    cost.bytes += message.bytes.len() as u64;
    cost.rounds = cost.rounds.max(message.round);
}

/// Divides what all parties did by their number.
fn share(mut cost: Cost, elapsed: Duration, parties: usize) -> Cost {
    let parties = u32::try_from(parties).unwrap_or(1).max(1);
    cost.cpu = elapsed / parties;
    cost.bytes /= u64::from(parties);
    cost
}
