//! Is what custodians do in a run, and how what they say travels.

use super::{
    cheat::Mischief,
    ground::{BOND, Shown},
    life::{Folder, Life},
    world::{Event, Run},
};
use crate::custody::{Custodian, Decision, Post};
use alloy_primitives::B256;
use fusor_vm::precompile::ICustody;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::cell::RefCell;

impl Run {
    /// Has an honest custodian leave the register, or not.
    pub(super) fn change(&mut self) {
        let index = self.rng.random_range(0..self.lives.len().max(1));
        let Some(life) = self.lives.get_mut(index).filter(|life| life.is_honest()) else { return };
        if !self.healing && self.rng.random_bool(0.5) {
            life.left = true;
            let call = ICustody::leaveCall {};
            self.ground.act(life.keys.operator(), 0, &call);
        }
    }

    pub(super) fn boot(&mut self, index: usize) {
        let (outer, chain, sabotage) = (self.outer.clone(), self.chain, self.setting.sabotage);
        if let Some(life) = self.lives.get_mut(index).filter(|life| life.agent.is_none()) {
            life.boot(&outer, chain, BOND, sabotage);
        }
    }

    fn is_silent(&self, index: usize) -> bool {
        let silent = |life: &Life| life.mischief == Some(Mischief::Silent);
        self.lives.get(index).is_some_and(silent) && self.height() > 5 + self.setting.seed % 40
    }

    /// Has an operator decide about what its custodian asks, some time after it asks.
    fn operate(&mut self, index: usize) {
        let agrees = self.setting.by_hand.unwrap_or(true);
        let Some(agent) = self.lives.get_mut(index).and_then(|life| life.agent.as_mut()) else { return };
        let asked = agent.asks().into_iter().find(|(_, said)| said.is_none());
        if let Some((request, _)) = asked.filter(|_| self.rng.random_bool(0.2)) {
            self.outcome.decided += usize::from(agent.decide(Decision { request, agrees }).is_ok());
        }
    }

    pub(super) fn step(&mut self, index: usize) {
        self.operate(index);
        let mut posts = Vec::new();
        let now = self.now;
        self.with(index, |agent, chain| {
            posts.extend(agent.step(chain, now).unwrap_or_default());
            posts.extend(agent.hear_early(chain, now).unwrap_or_default());
        });
        if self.lives.get(index).is_some_and(Life::is_blown) {
            self.outcome.unsent = self.outcome.unsent.saturating_add(1);
            return self.restart(index);
        }
        self.post(index, posts);
    }

    pub(super) fn deliver(&mut self, to: usize, from: B256, bytes: &[u8]) {
        let mut posts = Vec::new();
        let now = self.now;
        self.with(to, |agent, chain| {
            posts.extend(agent.hear(chain, from, bytes, now).unwrap_or_default());
        });
        self.post(to, posts);
    }

    fn with(&mut self, index: usize, act: impl FnOnce(&mut Custodian<Folder>, &Shown<'_>)) {
        if self.is_silent(index) {
            return;
        }
        let mute =
            self.cut.contains(&index) || (self.setting.faults && !self.healing && self.rng.random_bool(0.02));
        let seed = self.rng.random();
        let Self { lives, ground, .. } = self;
        let Some(life) = lives.get_mut(index) else { return };
        let twister = RefCell::new(StdRng::seed_from_u64(seed));
        let mischief = life.mischief;
        let twist =
            |input: &[u8]| mischief.and_then(|mischief| mischief.twist(&mut twister.borrow_mut(), input));
        let twist: &dyn Fn(&[u8]) -> Option<Vec<u8>> = &twist;
        let shown = Shown { ground, synced: life.synced, mute, twist: mischief.map(|_| twist) };
        if let Some(agent) = &mut life.agent {
            act(agent, &shown);
        }
    }

    /// Sends messages: some late, twice or never.
    pub(super) fn post(&mut self, from: usize, posts: Vec<Post>) {
        let Some((sender, mischief)) = self.lives.get(from).map(|life| (life.node, life.mischief)) else {
            return;
        };
        for (node, bytes) in posts {
            let Some(to) = self.lives.iter().position(|life| life.node == node) else { continue };
            if self.setting.secrets {
                self.sent.push(bytes.clone());
            }
            let bytes = match mischief {
                Some(mischief) => mischief.spoil(&mut self.rng, bytes),
                None => bytes,
            };
            let parted = self.cut.contains(&from) != self.cut.contains(&to);
            let rough = self.setting.faults && !self.healing;
            if parted || rough && self.rng.random_bool(0.03) {
                continue;
            }
            let copies = 1 + u32::from(rough && self.rng.random_bool(0.03));
            for _ in 0..copies {
                let slow = if rough && self.rng.random_bool(0.05) { 2_500 } else { 60 };
                let pause = self.rng.random_range(5..slow);
                self.after(pause, Event::Deliver { to, from: sender, bytes: bytes.clone() });
            }
        }
    }
}
