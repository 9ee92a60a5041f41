//! Is what goes wrong: crashes, torn writes, partitions, failing outer nodes, reorganisations of the outer chain.

use super::{
    outer::{CONFIRMATIONS, Health},
    world::{Event, Run},
};
use fusor_custody::store::Loss;
use rand::RngExt;

/// Milliseconds between faults on average.
const PAUSE_MS: u64 = 6_000;

impl Run {
    /// Has something go wrong, and again later.
    pub(super) fn suffer(&mut self) {
        if !self.setting.faults || self.healing {
            return;
        }
        self.outcome.faults = self.outcome.faults.saturating_add(1);
        let index = self.rng.random_range(0..self.lives.len().max(1));
        match self.rng.random_range(0..8) {
            0 | 1 => self.crash(index),
            2 => self.jam(index),
            3 => self.cut(),
            4 => self.ail(index),
            5 => self.fall_behind(index),
            6 => self.reorganise(1, (CONFIRMATIONS - 1) as usize),
            _ => self.reorganise(CONFIRMATIONS as usize, 2 * CONFIRMATIONS as usize),
        }
        let pause = self.rng.random_range(PAUSE_MS / 2..PAUSE_MS * 3 / 2);
        self.after(pause, Event::Fault);
    }

    fn crash(&mut self, index: usize) {
        let loss = match self.rng.random_bool(0.5) {
            true => Loss::Unsynced,
            false => Loss::Nothing,
        };
        if let Some(life) = self.lives.get_mut(index) {
            life.crash(loss);
        }
        let pause = self.rng.random_range(200..12_000);
        self.after(pause, Event::Boot(index));
    }

    /// Lets the disk fail in the middle of something, then restarts the custodian.
    fn jam(&mut self, index: usize) {
        let (after, torn) = (self.rng.random_range(0..8), self.rng.random_bool(0.5));
        if let Some(life) = self.lives.get_mut(index) {
            life.jam(after, torn);
        }
        let pause = self.rng.random_range(1_000..8_000);
        self.after(pause, Event::Restart(index));
    }

    /// Cuts some custodians off from the others, and from the chain's pool.
    fn cut(&mut self) {
        self.cut = (0..self.lives.len()).filter(|_| self.rng.random_bool(0.3)).collect();
        let pause = self.rng.random_range(2_000..12_000);
        self.after(pause, Event::Mend);
    }

    fn ail(&mut self, index: usize) {
        let health = if self.rng.random_bool(0.5) { Health::Down } else { Health::Slow };
        if let Some(life) = self.lives.get(index) {
            life.set_health(health);
        }
        let pause = self.rng.random_range(2_000..15_000);
        self.after(pause, Event::Recover(index));
    }

    fn fall_behind(&mut self, index: usize) {
        if let Some(life) = self.lives.get_mut(index) {
            life.synced = false;
        }
        let pause = self.rng.random_range(2_000..8_000);
        self.after(pause, Event::Recover(index));
    }

    /// Replaces the last blocks of the outer chain by more others. Payments in blocks that did not count yet may be
    /// gone for good; what counted is in the new blocks again.
    fn reorganise(&mut self, least: usize, most: usize) {
        let depth = self.rng.random_range(least..=most);
        let shallow = (depth as u64) < CONFIRMATIONS;
        let Self { rng, outer, outcome, .. } = self;
        let mut net = outer.net();
        if net.tip() <= depth as u64 {
            return;
        }
        outcome.reorgs = outcome.reorgs.saturating_add(1);
        net.take_back(depth, |_| !shallow || rng.random_bool(0.7));
        match shallow {
            true => (0..=depth).for_each(|_| net.mine(|_| rng.random_bool(0.5))),
            // Transactions that spend each other's outputs need a block each.
            false => net.mine_all(depth.saturating_add(1)),
        }
        drop(net);
        self.look_outside();
    }

    /// Ends all that went wrong.
    pub(super) fn heal(&mut self) {
        self.healing = true;
        self.cut.clear();
        for index in 0..self.lives.len() {
            self.recover(index);
            self.restart(index);
        }
    }

    pub(super) fn recover(&mut self, index: usize) {
        if let Some(life) = self.lives.get_mut(index) {
            life.set_health(Health::Well);
            life.synced = true;
        }
    }

    /// Ends a custodian's process, if it runs, and starts it again.
    pub(super) fn restart(&mut self, index: usize) {
        if let Some(life) = self.lives.get_mut(index) {
            life.crash(Loss::Unsynced);
        }
        self.boot(index);
    }
}
