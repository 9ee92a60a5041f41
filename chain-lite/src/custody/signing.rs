//! Signs binding plans with the other members: attempts follow each other in time, each with one member that calls a set
//! together, until a set has signed all hashes of the plan.

use super::{
    early::Early,
    reports::{Draw, Presence, Reports, mask_of, members_of},
    shards::{Letter, ShardError, Shards},
    wire::Wire,
};
use alloy_primitives::{B256, keccak256};
use fusor_custody::{
    Fault, Message, Session, Signature, Step, Transport,
    choose::Report,
    store::{Files, Scheme, StoreError},
};
use fusor_vm::dcrm::bit;
use std::collections::BTreeMap;

/// Milliseconds of an attempt.
pub(super) const ATTEMPT_MS: u64 = 4_000;
/// Attempts by which the clocks of honest members may differ.
const SKEW: u32 = 1;

/// Is one hash to be signed, with the tweak of its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) tweak: [u8; 32],
    pub(super) hash: [u8; 32],
    pub(super) scheme: Scheme,
}

/// Is one attempt.
struct Attempt {
    number: u32,
    /// When it began here, in milliseconds.
    began: u64,
    set: Vec<u16>,
    sessions: Vec<Session>,
    done: Vec<Option<[u8; 64]>>,
}

/// Signs one plan.
pub(super) struct Signing {
    plan: B256,
    items: Vec<Item>,
    attempt: Option<Attempt>,
    /// The last attempt that this member called.
    called: Option<u32>,
    /// When each member's call was followed last, in milliseconds.
    followed: BTreeMap<u16, u64>,
    pub(super) reports: Reports,
    /// Steps of attempts that have not begun here: attempt, input and message.
    early: Early<u16, (u32, u16, Message)>,
}

impl Signing {
    pub(super) fn new(plan: B256, items: Vec<Item>) -> Self {
        Self {
            plan,
            items,
            attempt: None,
            called: None,
            followed: BTreeMap::new(),
            reports: Reports::default(),
            early: Early::default(),
        }
    }

    /// Goes on in time: gives up an attempt whose time is over, and calls the next if it is this member's turn.
    pub(super) fn step<F: Files>(
        &mut self,
        shards: &mut Shards<F>,
        presence: &Presence<'_>,
        now: u64,
    ) -> Result<Vec<Letter>, ShardError> {
        let number = number(now);
        let mut out = self.give_up(shards, now);
        let Some((me, members, threshold)) =
            shards.holding().map(|held| (held.me(), held.terms().members(), held.terms().threshold()))
        else {
            return Ok(out);
        };
        let late = self.called.is_some_and(|called| called >= number) || self.attempt.is_some();
        if late || self.caller(number, members) != Some(me) {
            return Ok(out);
        }
        self.called = Some(number);
        let pairs = self.items.iter().any(|item| item.scheme == Scheme::Ecdsa);
        let draw = Draw { plan: self.plan, attempt: number, threshold, members, pairs };
        let Some(set) = self.reports.choose(presence, draw) else { return Ok(out) };
        out.extend(self.invite(&set, number));
        // The caller need not sign.
        if set.contains(&me) {
            out.extend(self.join(shards, (number, now), set)?);
        }
        Ok(out)
    }

    /// Returns who calls an attempt together: all members in turn, in an order that the plan draws.
    fn caller(&self, attempt: u32, members: u16) -> Option<u16> {
        let mut order: Vec<u16> = (1..=members).collect();
        order.sort_by_key(|member| keccak256([self.plan.as_slice(), &member.to_be_bytes()].concat()));
        order.get((attempt as usize).checked_rem(order.len())?).copied()
    }

    fn invite(&self, set: &[u16], attempt: u32) -> Vec<Letter> {
        let invite = |member: &u16| (*member, Wire::Invite { plan: self.plan, attempt, set: mask_of(set) });
        set.iter().map(invite).collect()
    }

    /// Takes an invitation. A member that calls more often than its turn comes would keep the others' attempts from
    /// their end, and one that calls an attempt of the future would use up all before it: neither is followed.
    pub(super) fn hear_invite<F: Files>(
        &mut self,
        shards: &mut Shards<F>,
        from: u16,
        (attempt, set): (u32, u64),
        now: u64,
    ) -> Result<Vec<Letter>, ShardError> {
        let Some((me, terms)) = shards.holding().map(|held| (held.me(), held.terms())) else {
            return Ok(Vec::new());
        };
        let (members, set) = (terms.members(), members_of(set));
        let newer = self.attempt.as_ref().is_none_or(|running| running.number < attempt);
        let near = attempt.abs_diff(number(now)) <= SKEW;
        let right =
            terms.is_signer_set(&set) && set.contains(&me) && self.caller(attempt, members) == Some(from);
        let turn = u64::from(members).saturating_mul(ATTEMPT_MS);
        let again = self.followed.get(&from).is_some_and(|at| now.saturating_sub(*at) < turn / 2);
        if !newer || !near || !right || again {
            return Ok(Vec::new());
        }
        self.followed.insert(from, now);
        self.join(shards, (attempt, now), set)
    }

    fn join<F: Files>(
        &mut self,
        shards: &mut Shards<F>,
        (number, now): (u32, u64),
        set: Vec<u16>,
    ) -> Result<Vec<Letter>, ShardError> {
        let mut sessions = Vec::with_capacity(self.items.len());
        let mut out = Vec::new();
        for (input, item) in self.items.clone().into_iter().enumerate() {
            let input = u16::try_from(input).unwrap_or(u16::MAX);
            let request = keccak256([self.plan.as_slice(), &input.to_be_bytes()].concat());
            let Item { tweak, hash, scheme } = item;
            let admission = match shards.store().admit(request.0, number, scheme, tweak, hash) {
                Ok(admission) => admission,
                Err(StoreError::UsedAttempt) => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            };
            let Some(holding) = shards.holding() else { return Ok(Vec::new()) };
            match Session::open(holding, &set, admission, Transport::Authenticated) {
                Ok(session) => {
                    let first = session.start();
                    out.extend(first.into_iter().map(|message| self.letter(number, input, message)));
                    sessions.push(session);
                }
                Err(fault) => {
                    tracing::info!(%fault, "no session in this attempt");
                    return Ok(Vec::new());
                }
            }
        }
        let done = vec![None; sessions.len()];
        self.attempt = Some(Attempt { number, began: now, set, sessions, done });
        out.extend(self.hear_early(shards)?);
        Ok(out)
    }

    fn letter(&self, attempt: u32, input: u16, message: Message) -> Letter {
        let Message { to, round, bytes, .. } = message;
        (to, Wire::Sign { plan: self.plan, attempt, input, round, bytes })
    }

    fn hear_early<F: Files>(&mut self, shards: &mut Shards<F>) -> Result<Vec<Letter>, ShardError> {
        let mut out = Vec::new();
        for (from, (attempt, input, message)) in self.early.take() {
            out.extend(self.hear(shards, from, (attempt, input), message)?);
        }
        Ok(out)
    }

    /// Takes a step of a signature.
    pub(super) fn hear<F: Files>(
        &mut self,
        shards: &mut Shards<F>,
        from: u16,
        (number, input): (u32, u16),
        message: Message,
    ) -> Result<Vec<Letter>, ShardError> {
        let running = self.attempt.as_ref().map(|attempt| attempt.number);
        if running.is_none_or(|running| running < number) {
            self.early.push(from, message.bytes.len(), (number, input, message));
            return Ok(Vec::new());
        }
        let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.number == number) else {
            return Ok(Vec::new());
        };
        let Some(session) = attempt.sessions.get_mut(usize::from(input)) else { return Ok(Vec::new()) };
        match session.receive(message) {
            Ok(Step::Wait) => Ok(Vec::new()),
            Ok(Step::Send(messages)) => {
                Ok(messages.into_iter().map(|message| self.letter(number, input, message)).collect())
            }
            Ok(Step::Done { signature, send }) => {
                if let Some(done) = attempt.done.get_mut(usize::from(input)) {
                    *done = Some(bytes_of(&signature));
                }
                Ok(send.into_iter().map(|message| self.letter(number, input, message)).collect())
            }
            Err(fault) if fault.kind.is_refusal() => Ok(Vec::new()),
            Err(fault) => self.spoilt(shards, fault),
        }
    }

    /// Ends an attempt that a member spoilt. A ban is written down before anything else is said.
    fn spoilt<F: Files>(&mut self, shards: &mut Shards<F>, fault: Fault) -> Result<Vec<Letter>, ShardError> {
        tracing::warn!(%fault, "an attempt to sign failed");
        if let Some(accused) = fault.accused.filter(|_| fault.kind.is_ban()) {
            shards.ban(accused)?;
        }
        let Some(attempt) = self.attempt.take() else { return Ok(Vec::new()) };
        Ok(self.tell(shards, &attempt, Report::from(fault)))
    }

    /// Gives up an attempt whose time is over; who was silent is named.
    fn give_up<F: Files>(&mut self, shards: &Shards<F>, now: u64) -> Vec<Letter> {
        let over = |attempt: &mut Attempt| now.saturating_sub(attempt.began) >= ATTEMPT_MS;
        let Some(attempt) = self.attempt.take_if(over) else { return Vec::new() };
        let mut silent: Vec<u16> = attempt.sessions.iter().flat_map(Session::awaited).collect();
        silent.sort_unstable();
        silent.dedup();
        self.tell(shards, &attempt, Report::Silent(silent))
    }

    /// Notes a report of one's own and tells it to all.
    fn tell<F: Files>(&mut self, shards: &Shards<F>, attempt: &Attempt, report: Report) -> Vec<Letter> {
        let Some(holding) = shards.holding() else { return Vec::new() };
        let (kind, named) = match &report {
            Report::Accuse(accused) => (1, bit(*accused)),
            Report::Failed => (2, 0),
            Report::Silent(silent) => (3, mask_of(silent)),
        };
        let (number, set) = (attempt.number, mask_of(&attempt.set));
        let word = Wire::Report { plan: self.plan, attempt: number, set, kind, named };
        self.reports.note(holding.me(), (number, set), report);
        let others = (1..=holding.terms().members()).filter(|member| *member != holding.me());
        others.map(|member| (member, word.clone())).collect()
    }

    /// Returns the signatures of all hashes, once they are made.
    pub(super) fn signatures(&self) -> Option<Vec<[u8; 64]>> {
        self.attempt.as_ref()?.done.iter().copied().collect()
    }
}

/// Returns the attempt that is on. Time counts from 1970 for all members, and restarts do not change it.
fn number(now: u64) -> u32 {
    u32::try_from(now / ATTEMPT_MS).unwrap_or(u32::MAX)
}

fn bytes_of(signature: &Signature) -> [u8; 64] {
    match signature {
        Signature::Ecdsa { r, s, .. } => {
            let mut bytes = [0; 64];
            let (left, right) = bytes.split_at_mut(32);
            left.copy_from_slice(r);
            right.copy_from_slice(s);
            bytes
        }
        Signature::Schnorr(bytes) => *bytes,
    }
}
