//! Signs binding plans with the other members: attempts follow each other in time, each with one member that calls a set
//! together, until a set has signed all hashes of the plan.

use super::{
    shards::{Letter, ShardError, Shards},
    wire::Wire,
};
use alloy_primitives::{B256, keccak256};
use fusor_custody::{
    Fault, Message, Session, Signature, Step, Transport,
    choose::{History, Report, choose},
    store::{Files, Scheme, StoreError},
};
use fusor_vm::dcrm::bit;
use std::collections::BTreeMap;

/// Milliseconds of an attempt.
const ATTEMPT_MS: u64 = 4_000;
/// Messages that are kept for a session that has not begun here.
const EARLY_MAX: usize = 2_048;

/// Attempts that told something after which all is forgiven but bans.
const FORGIVE_AFTER: usize = 12;
/// Attempts of which reports are kept.
const REPORTS_MAX: usize = 4_096;

/// Is one hash to be signed, with the tweak of its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) tweak: [u8; 32],
    pub(super) hash: [u8; 32],
    pub(super) scheme: Scheme,
}

/// Tells who is there.
pub(super) struct Presence<'a> {
    /// Members that were heard lately, this one included.
    pub(super) present: &'a [u16],
    /// With whom each member is paired, as bits; matters to ECDSA alone.
    pub(super) paired: &'a BTreeMap<u16, u64>,
}

/// Is one attempt.
struct Attempt {
    number: u32,
    set: Vec<u16>,
    sessions: Vec<Session>,
    done: Vec<Option<[u8; 64]>>,
}

/// Signs one plan.
pub(super) struct Signing {
    plan: B256,
    items: Vec<Item>,
    started: u64,
    attempt: Option<Attempt>,
    /// The last attempt that this member called or gave up.
    closed: Option<u32>,
    /// What members told of each attempt, with the set that was to sign.
    reports: BTreeMap<u32, (Vec<u16>, BTreeMap<u16, Report>)>,
    early: Vec<(u16, u32, u16, Message)>,
}

impl Signing {
    pub(super) fn new(plan: B256, items: Vec<Item>, now: u64) -> Self {
        Self {
            plan,
            items,
            started: now,
            attempt: None,
            closed: None,
            reports: BTreeMap::new(),
            early: Vec::new(),
        }
    }

    /// Returns the attempt that is on; members need not agree to the millisecond.
    fn number(&self, now: u64) -> u32 {
        u32::try_from(now.saturating_sub(self.started) / ATTEMPT_MS).unwrap_or(u32::MAX)
    }

    /// Goes on in time: gives up an attempt whose time is over, and calls the next if it is this member's turn.
    pub(super) fn step<F: Files>(
        &mut self,
        shards: &mut Shards<F>,
        presence: &Presence<'_>,
        now: u64,
    ) -> Result<Vec<Letter>, ShardError> {
        let number = self.number(now);
        let mut out = self.give_up(shards, number);
        let Some((me, members, threshold)) =
            shards.holding().map(|held| (held.me(), held.terms().members(), held.terms().threshold()))
        else {
            return Ok(out);
        };
        let late = self.closed.is_some_and(|closed| closed >= number) || self.attempt.is_some();
        if late || self.caller(number, members) != Some(me) {
            return Ok(out);
        }
        self.closed = Some(number);
        let history = self.history(presence, members);
        let Some(set) = choose(presence.present, threshold, &history, number, self.plan.0) else {
            return Ok(out);
        };
        out.extend(self.invite(&set, number));
        // The caller need not sign.
        if set.contains(&me) {
            out.extend(self.join(shards, number, set)?);
        }
        Ok(out)
    }

    /// Returns who calls an attempt together: all members in turn, in an order that the plan draws.
    fn caller(&self, attempt: u32, members: u16) -> Option<u16> {
        let mut order: Vec<u16> = (1..=members).collect();
        order.sort_by_key(|member| keccak256([self.plan.as_slice(), &member.to_be_bytes()].concat()));
        order.get((attempt as usize).checked_rem(order.len())?).copied()
    }

    fn history(&self, presence: &Presence<'_>, members: u16) -> History {
        let mut history = History::default();
        for (set, reports) in self.reports.values() {
            let reports: Vec<_> = reports.iter().map(|(by, report)| (*by, report.clone())).collect();
            history.settle(set, &reports);
        }
        // After so many attempts messages were lost among honest members.
        if self.reports.len().checked_rem(FORGIVE_AFTER) == Some(0) {
            history.forgive();
        }
        if self.items.iter().any(|item| item.scheme == Scheme::Ecdsa) {
            for (one, with) in presence.paired {
                for other in (1..=members).filter(|other| with & bit(*other) == 0) {
                    history.ban(*one, other);
                }
            }
        }
        history
    }

    fn invite(&self, set: &[u16], attempt: u32) -> Vec<Letter> {
        let mask = set.iter().fold(0, |mask, member| mask | bit(*member));
        let invite = |member: &u16| (*member, Wire::Invite { plan: self.plan, attempt, set: mask });
        set.iter().map(invite).collect()
    }

    /// Takes an invitation.
    pub(super) fn hear_invite<F: Files>(
        &mut self,
        shards: &mut Shards<F>,
        from: u16,
        (attempt, set): (u32, u64),
    ) -> Result<Vec<Letter>, ShardError> {
        let Some((me, members)) = shards.holding().map(|held| (held.me(), held.terms().members())) else {
            return Ok(Vec::new());
        };
        let newer = self.attempt.as_ref().is_none_or(|running| running.number < attempt);
        if self.caller(attempt, members) != Some(from) || set & bit(me) == 0 || !newer {
            return Ok(Vec::new());
        }
        let set: Vec<u16> = (1..=members).filter(|member| set & bit(*member) != 0).collect();
        self.join(shards, attempt, set)
    }

    fn join<F: Files>(
        &mut self,
        shards: &mut Shards<F>,
        number: u32,
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
        self.attempt = Some(Attempt { number, set, sessions, done });
        out.extend(self.hear_early(shards)?);
        Ok(out)
    }

    fn letter(&self, attempt: u32, input: u16, message: Message) -> Letter {
        let Message { to, round, bytes, .. } = message;
        (to, Wire::Sign { plan: self.plan, attempt, input, round, bytes })
    }

    fn hear_early<F: Files>(&mut self, shards: &mut Shards<F>) -> Result<Vec<Letter>, ShardError> {
        let mut out = Vec::new();
        for (from, attempt, input, message) in std::mem::take(&mut self.early) {
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
            if self.early.len() < EARLY_MAX {
                self.early.push((from, number, input, message));
            }
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
        self.closed = Some(self.closed.unwrap_or_default().max(attempt.number));
        Ok(self.tell(shards, &attempt, Report::from(fault)))
    }

    /// Gives up an attempt whose time is over; who was silent is named.
    fn give_up<F: Files>(&mut self, shards: &Shards<F>, number: u32) -> Vec<Letter> {
        let over = self.attempt.as_ref().is_some_and(|attempt| attempt.number < number);
        let Some(attempt) = self.attempt.take_if(|_| over) else { return Vec::new() };
        let mut silent: Vec<u16> = attempt.sessions.iter().flat_map(Session::awaited).collect();
        silent.sort_unstable();
        silent.dedup();
        self.tell(shards, &attempt, Report::Silent(silent))
    }

    /// Notes a report of one's own and tells it to all.
    fn tell<F: Files>(&mut self, shards: &Shards<F>, attempt: &Attempt, report: Report) -> Vec<Letter> {
        let Some(holding) = shards.holding() else { return Vec::new() };
        let mask = |members: &[u16]| members.iter().fold(0, |mask, member| mask | bit(*member));
        let (kind, named) = match &report {
            Report::Accuse(accused) => (1, bit(*accused)),
            Report::Failed => (2, 0),
            Report::Silent(silent) => (3, mask(silent)),
        };
        let word =
            Wire::Report { plan: self.plan, attempt: attempt.number, set: mask(&attempt.set), kind, named };
        self.note(holding.me(), attempt.number, attempt.set.clone(), report);
        let others = (1..=holding.terms().members()).filter(|member| *member != holding.me());
        others.map(|member| (member, word.clone())).collect()
    }

    fn note(&mut self, by: u16, attempt: u32, set: Vec<u16>, report: Report) {
        let (_, reports) = self.reports.entry(attempt).or_insert_with(|| (set, BTreeMap::new()));
        reports.entry(by).or_insert(report);
    }

    /// Takes another member's report: accuser and accused both leave the retry, neither is believed.
    pub(super) fn hear_report(&mut self, by: u16, attempt: u32, set: u64, (kind, named): (u8, u64)) {
        let members = |mask: u64| (1..=64u16).filter(|member| mask & bit(*member) != 0).collect::<Vec<_>>();
        let report = match (kind, members(named)) {
            (1, named) => named.first().map_or(Report::Failed, |accused| Report::Accuse(*accused)),
            (3, named) => Report::Silent(named),
            _ => Report::Failed,
        };
        if self.reports.len() < REPORTS_MAX {
            self.note(by, attempt, members(set), report);
        }
    }

    /// Returns the signatures of all hashes, once they are made.
    pub(super) fn signatures(&self) -> Option<Vec<[u8; 64]>> {
        self.attempt.as_ref()?.done.iter().copied().collect()
    }
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
