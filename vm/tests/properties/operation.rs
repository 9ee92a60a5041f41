//! Turns random numbers into operations that make sense often enough to reach deep states.

use crate::model::{COIN, Life, Model, Outcome, Terms, asset};
use alloy_primitives::{Address, U256};

/// Is the accounts that act: the first two also issue.
pub const ACTORS: [Address; 5] = [
    Address::repeat_byte(0xa1),
    Address::repeat_byte(0xb2),
    Address::repeat_byte(0xc3),
    Address::repeat_byte(0xd4),
    Address::repeat_byte(0xe5),
];
/// Is the assets that exist or may come to exist, as (issuer, sub id).
pub const ISSUES: [(Address, u64); 3] = [(ACTORS[0], 0), (ACTORS[0], 1), (ACTORS[1], 0)];

/// Returns the ids of all assets, the native coin first.
pub fn assets() -> Vec<U256> {
    std::iter::once(COIN).chain(ISSUES.map(|(issuer, sub)| asset(issuer, sub))).collect()
}

/// Is an operation; grants are named by their place in the model's list.
#[derive(Debug, Clone)]
pub enum Operation {
    Mint { issuer: Address, sub: u64, to: Address, amount: U256 },
    Burn { who: Address, id: U256, amount: U256 },
    Send { from: Address, id: U256, to: Address, amount: U256 },
    SendPairs { from: Address, to: Address, pairs: Vec<(U256, U256)> },
    Approve { id: U256, owner: Address, spender: Address, amount: U256 },
    TransferFrom { id: U256, spender: Address, from: Address, to: Address, amount: U256 },
    Grant { owner: Address, id: U256, terms: Terms },
    SubGrant { actor: Address, grant: Option<usize>, terms: Terms },
    Set { actor: Address, grant: Option<usize>, action: u8 },
    Move { actor: Address, grant: Option<usize>, to: Address },
    Release { who: Address },
    Clean { actor: Address, grant: Option<usize> },
}

impl Operation {
    /// Does it on the model.
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match self.clone() {
            Self::Mint { issuer, sub, to, amount } => model.mint(issuer, sub, to, amount),
            Self::Burn { who, id, amount } => model.burn(who, id, amount),
            Self::Send { from, id, to, amount } => model.send(from, id, to, amount),
            Self::SendPairs { from, to, pairs } => model.send_pairs(from, to, &pairs),
            Self::Approve { id, owner, spender, amount } => model.approve(id, owner, spender, amount),
            Self::TransferFrom { id, spender, from, to, amount } => {
                model.transfer_from(id, spender, from, to, amount)
            }
            Self::Grant { owner, id, terms } => model.grant(owner, id, &terms),
            Self::SubGrant { actor, grant, terms } => model.sub_grant(actor, grant, &terms),
            Self::Release { who } => {
                model.touch(who);
                Outcome::Done
            }
            Self::Move { grant: None, .. }
            | Self::Clean { grant: None, .. }
            | Self::Set { grant: None, .. } => Outcome::Refused,
            Self::Move { actor, grant: Some(grant), to } => model.move_ownership(actor, grant, to),
            Self::Clean { actor, grant: Some(grant) } => model.clean(actor, grant),
            Self::Set { actor, grant: Some(grant), action } => match action {
                1 => model.accept(actor, grant),
                2 => model.decline(actor, grant),
                3 => model.give_back(actor, grant),
                4 => model.revoke(actor, grant),
                5 => model.accept_ownership(actor, grant),
                _ => model.decline_ownership(actor, grant),
            },
        }
    }

    /// Says who does it.
    pub fn actor(&self) -> Address {
        match *self {
            Self::Mint { issuer: who, .. }
            | Self::Burn { who, .. }
            | Self::Send { from: who, .. }
            | Self::SendPairs { from: who, .. }
            | Self::Approve { owner: who, .. }
            | Self::TransferFrom { spender: who, .. }
            | Self::Grant { owner: who, .. }
            | Self::SubGrant { actor: who, .. }
            | Self::Set { actor: who, .. }
            | Self::Move { actor: who, .. }
            | Self::Clean { actor: who, .. }
            | Self::Release { who } => who,
        }
    }

    /// Lets `me` do it instead; anyone may release for anyone.
    pub fn by(mut self, me: Address) -> Self {
        match &mut self {
            Self::Mint { issuer: who, .. }
            | Self::Burn { who, .. }
            | Self::Send { from: who, .. }
            | Self::SendPairs { from: who, .. }
            | Self::Approve { owner: who, .. }
            | Self::TransferFrom { spender: who, .. }
            | Self::Grant { owner: who, .. }
            | Self::SubGrant { actor: who, .. }
            | Self::Set { actor: who, .. }
            | Self::Move { actor: who, .. }
            | Self::Clean { actor: who, .. } => *who = me,
            Self::Release { .. } => {}
        }
        self
    }

    /// Names what would be done, for counting.
    pub fn name(&self, model: &Model) -> &'static str {
        match self {
            Self::Mint { .. } => "mint",
            Self::Burn { .. } => "burn",
            Self::Send { id: COIN, .. } => "send native",
            Self::Send { .. } => "send",
            Self::SendPairs { .. } => "pairs",
            Self::Approve { .. } => "approve",
            Self::TransferFrom { .. } => "transfer from",
            Self::Grant { id: COIN, .. } => "grant native",
            Self::Grant { .. } => "grant",
            Self::SubGrant { .. } => "sub-grant",
            Self::Set { grant, action, .. } => name_of_action(model, *grant, *action),
            Self::Move { .. } => "move",
            Self::Release { .. } => "release",
            Self::Clean { .. } => "clean",
        }
    }
}

fn name_of_action(model: &Model, grant: Option<usize>, action: u8) -> &'static str {
    let Some(index) = grant else { return "none" };
    let grant = &model.grants[index];
    let native = grant.id == COIN;
    match action {
        1 if grant.parent.is_some() => "accept sub-grant",
        1 if native => "accept native",
        1 => "accept",
        2 => "decline",
        3 => "give back",
        4 if !model.children(index).is_empty() => "revoke with descendants",
        4 => "revoke",
        5 if native => "accept ownership native",
        5 => "accept ownership",
        _ => "decline ownership",
    }
}

/// Is a step of a sequence.
#[derive(Debug, Clone)]
pub enum Step {
    /// Runs an operation.
    Run(Operation),
    /// Runs an operation where writes are forbidden.
    RunStatic(Operation),
    /// Runs an operation in a frame that reverts.
    RunReverted(Operation),
    /// Moves time on by some seconds, or to the next border of a window.
    Wait(u64),
    /// Opens a snapshot.
    Snapshot,
    /// Returns to one of the open snapshots.
    Revert(usize),
    /// Keeps everything since one of the open snapshots.
    Commit(usize),
}

/// Hands out the random numbers of one step.
pub struct Dice<'a>(std::slice::Iter<'a, u16>);

impl<'a> Dice<'a> {
    /// Rolls from `numbers`; zero when they are used up.
    pub fn new(numbers: &'a [u16]) -> Self {
        Self(numbers.iter())
    }

    fn roll(&mut self) -> u64 {
        self.0.next().copied().unwrap_or_default().into()
    }

    /// Rolls a number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    /// Picks an actor.
    pub fn actor(&mut self) -> Address {
        ACTORS[self.below(ACTORS.len())]
    }

    fn target(&mut self) -> Address {
        match self.below(24) {
            0 => Address::ZERO,
            1 => crate::model::LEDGER,
            n => ACTORS[n % ACTORS.len()],
        }
    }

    /// Picks an asset, sometimes one that does not exist.
    pub fn asset(&mut self) -> U256 {
        match self.below(24) {
            0 => U256::from(77),
            n => assets()[n % 4],
        }
    }

    fn amount(&mut self) -> U256 {
        let roll = self.roll();
        match roll % 32 {
            0 => U256::ZERO,
            1 => U256::MAX,
            2 => U256::ONE << 255,
            3 => U256::MAX >> 1,
            _ => U256::from(roll % 41),
        }
    }

    /// Picks an amount up to what is free, or one more, or something odd.
    fn amount_of(&mut self, free: U256) -> U256 {
        let few = free.min(U256::from(50));
        match self.below(8) {
            0 => self.amount(),
            1 => free + U256::ONE,
            2 => free,
            _ => U256::from(self.roll()) % (few + U256::ONE),
        }
    }

    /// Picks a grant, mostly one whose record still exists; sometimes none.
    pub fn grant(&mut self, model: &Model) -> Option<usize> {
        let all = 0..model.grants.len();
        let kept: Vec<usize> = all.filter(|index| model.grants[*index].life != Life::Gone).collect();
        match self.below(32) {
            0 => None,
            1 if !model.grants.is_empty() => Some(self.below(model.grants.len())),
            _ => kept.get(self.below(kept.len())).copied(),
        }
    }

    /// Picks who acts: 0 the user, 1 the grantor, 2 the buyer, else anyone. System accounts never act.
    fn party(&mut self, model: &Model, grant: Option<usize>, role: u64) -> Address {
        let anyone = self.actor();
        let Some(grant) = grant.map(|index| &model.grants[index]) else { return anyone };
        let picked = match role {
            0 => grant.user,
            1 => grant.grantor,
            2 => grant.buyer.unwrap_or(grant.user),
            _ => anyone,
        };
        if ACTORS.contains(&picked) { picked } else { anyone }
    }

    fn terms(&mut self, model: &Model, within: Option<(u64, u64)>, bound: U256) -> Terms {
        let bound = bound.min(U256::from(150));
        let (low, high) = within.unwrap_or((model.now.saturating_sub(5), model.now + 60));
        let start = low + self.roll() % (high - low).clamp(1, 30);
        let end = match self.below(8) {
            0 => start + 1 + self.roll() % 60,
            1..=4 => high.max(start + 1),
            _ => start + 1 + self.roll() % (high.saturating_sub(start)).clamp(1, 60),
        };
        let roll = self.roll();
        let amount = match roll % 40 {
            0 => U256::ZERO,
            1 => U256::MAX,
            _ => U256::from(roll) % (bound + U256::ONE) + U256::from(bound.is_zero()),
        };
        let odd = self.below(64);
        Terms {
            user: self.target(),
            amount,
            start: U256::from(start),
            end: if odd == 0 { U256::MAX } else { U256::from(end) },
            flags: U256::from(if odd == 1 { 4 } else { (self.roll() % 4) | (2 * (odd as u64 % 2)) }),
        }
    }

    /// Picks what to do about a grant; mostly something that its state allows, by who may do it.
    fn on_grant(&mut self, model: &Model) -> Operation {
        let grant = self.grant(model);
        let Some(known) = grant.map(|index| &model.grants[index]) else {
            return Operation::Set { actor: self.actor(), grant, action: 1 + self.below(6) as u8 };
        };
        let choice = self.below(20);
        let may_revoke = known.flags & 1 != 0 && grant.is_some_and(|index| !model.children(index).is_empty());
        let sensible = match model.state(known) {
            1 => [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 5, 7][choice],
            2 if !may_revoke => [3, 3, 4, 4, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1][choice],
            2 if may_revoke => [3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 7, 7, 7, 7, 8, 8, 5, 6][choice],
            5 => [5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 3, 4, 8, 8, 7, 7, 7, 7, 2][choice],
            _ => [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 5, 7, 7, 8, 6][choice],
        };
        let stray = self.below(10) == 0;
        let role = match sensible {
            _ if stray => 3,
            4 | 8 => 1,
            5 | 6 => 2,
            9 => self.roll() % 4,
            _ => 0,
        };
        let actor = self.party(model, grant, role);
        match sensible {
            7 => {
                let window = (known.start.max(model.now.min(known.end - 1)), known.end);
                Operation::SubGrant { actor, grant, terms: self.terms(model, Some(window), known.amount) }
            }
            8 => Operation::Move { actor, grant, to: self.target() },
            9 => Operation::Clean { actor, grant },
            action => Operation::Set { actor, grant, action },
        }
    }

    fn transfer_from(&mut self, model: &Model) -> Operation {
        let to = self.target();
        let known: Vec<_> = model.allowed.keys().copied().collect();
        match known.get(self.below(known.len() + 1)) {
            Some((id, from, spender)) => {
                let amount = U256::from(self.roll() % 30);
                Operation::TransferFrom { id: *id, spender: *spender, from: *from, to, amount }
            }
            None => {
                let (spender, from) = (self.actor(), self.actor());
                Operation::TransferFrom { id: self.asset(), spender, from, to, amount: self.amount() }
            }
        }
    }

    fn pairs(&mut self) -> Vec<(U256, U256)> {
        let count = self.below(4);
        (0..count).map(|_| (self.asset(), U256::from(self.roll() % 20))).collect()
    }

    /// Picks an operation.
    pub fn operation(&mut self, model: &Model) -> Operation {
        match self.below(40) {
            0 => {
                let (issuer, sub) = ISSUES[self.below(3)];
                Operation::Mint { issuer, sub, to: self.target(), amount: self.amount() }
            }
            1 => {
                let (who, id) = (self.actor(), self.asset());
                Operation::Burn { who, id, amount: self.amount_of(model.free(id, who)) }
            }
            2..=4 => {
                let (from, id) = (self.actor(), self.asset());
                Operation::Send { from, id, to: self.target(), amount: self.amount_of(model.free(id, from)) }
            }
            5 => Operation::SendPairs { from: self.actor(), to: self.target(), pairs: self.pairs() },
            6 => Operation::Approve {
                id: self.asset(),
                owner: self.actor(),
                spender: self.target(),
                amount: self.amount(),
            },
            7 => self.transfer_from(model),
            8..=13 => {
                let (owner, id) = (self.actor(), self.asset());
                let owned = model.owned(id, owner);
                let bound = if self.below(8) == 0 { owned + owned / U256::from(2) } else { owned };
                Operation::Grant { owner, id, terms: self.terms(model, None, bound) }
            }
            14 => Operation::Release { who: self.actor() },
            _ => self.on_grant(model),
        }
    }

    /// Picks a step, with `open` snapshots.
    pub fn step(&mut self, model: &Model, open: usize) -> Step {
        match self.below(40) {
            0 => Step::RunStatic(self.operation(model)),
            1 => Step::RunReverted(self.operation(model)),
            2..=4 => Step::Wait(self.wait(model)),
            5 => Step::Snapshot,
            6 if open > 0 => Step::Revert(self.below(open)),
            7 if open > 0 => Step::Commit(self.below(open)),
            _ => Step::Run(self.operation(model)),
        }
    }

    /// Picks how long to wait: often exactly to a border of a window, or one second short of it.
    pub fn wait(&mut self, model: &Model) -> u64 {
        let grant = self.grant(model).map(|index| &model.grants[index]);
        let border = match (self.below(8), grant) {
            (0 | 1, Some(grant)) => grant.start,
            (2, Some(grant)) => grant.end,
            (3, Some(grant)) => grant.end.saturating_sub(1),
            _ => model.now + self.roll() % 6,
        };
        border.saturating_sub(model.now).min(1_000)
    }
}
