//! Models the EVM stack at compile time and rearranges it.

use crate::ir::ValueId;

/// Is what one stack item holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Slot {
    /// A value of the function.
    Value(ValueId),
    /// The address to return to.
    Return,
    /// The address that a call being prepared returns to.
    Label,
    /// A constant or another thing that is only needed once, or nothing needed at all.
    Temp,
}

/// Says that an item lies too deep for DUP16 and SWAP16, and which items to keep in memory instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TooDeep(pub Vec<Slot>);

/// Is one step of a rearrangement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Exchanges the top with the item `n` below it (1 to 16).
    Swap(usize),
    /// Copies the `n`th item from the top (1 to 16).
    Dup(usize),
    /// Drops the top.
    Pop,
    /// Pushes something that does not lie on the stack.
    Make(Slot),
}

/// Finds steps that turn `current` into `target` (bottom first). Items of the target that are not on the stack
/// are made. Returns the items to spill if one is out of reach.
pub(super) fn shuffle(current: &[Slot], target: &[Slot]) -> Result<Vec<Step>, TooDeep> {
    let same = current.iter().zip(target).take_while(|(have, want)| have == want).count();
    // The common bottom never has to move unless the target holds one of its items twice.
    let mut work = Shuffle { stack: current.to_vec(), target, steps: Vec::new() };
    let limit = 64 + 8 * (current.len() + target.len());
    while work.stack != target {
        work.step(same)?;
        if work.steps.len() > limit {
            return Err(TooDeep(work.stack));
        }
    }
    Ok(work.steps)
}

struct Shuffle<'t> {
    stack: Vec<Slot>,
    target: &'t [Slot],
    steps: Vec<Step>,
}

impl Shuffle<'_> {
    fn have(&self, slot: Slot) -> usize {
        self.stack.iter().filter(|item| **item == slot).count()
    }
    fn want(&self, slot: Slot) -> usize {
        self.target.iter().filter(|item| **item == slot).count()
    }
    fn is_right(&self, position: usize) -> bool {
        self.stack.get(position).is_some() && self.stack.get(position) == self.target.get(position)
    }

    fn step(&mut self, from: usize) -> Result<(), TooDeep> {
        let Some(&top) = self.stack.last() else {
            return self.push_missing();
        };
        let last = self.stack.len() - 1;
        if self.have(top) > self.want(top) {
            self.stack.pop();
            self.steps.push(Step::Pop);
            return Ok(());
        }
        if let Some(position) = self.place_for(top, from, last) {
            return self.swap(position);
        }
        if self.stack.len() < self.target.len() && self.has_missing() {
            return self.push_missing();
        }
        let wrong = (from..last).find(|&position| !self.is_right(position));
        match wrong {
            Some(position) => self.swap(position),
            None => self.push_missing(),
        }
    }

    /// Finds where the top belongs below itself: best where a superfluous item lies.
    fn place_for(&self, top: Slot, from: usize, last: usize) -> Option<usize> {
        if self.is_right(last) {
            return None;
        }
        let mut open = (from..last).filter(|&at| self.target.get(at) == Some(&top) && !self.is_right(at));
        let first = open.next()?;
        let superfluous =
            |at: &usize| self.stack.get(*at).is_some_and(|&item| self.have(item) > self.want(item));
        Some([first].into_iter().chain(open).find(superfluous).unwrap_or(first))
    }

    fn has_missing(&self) -> bool {
        self.target.iter().any(|&slot| self.have(slot) < self.want(slot))
    }

    fn push_missing(&mut self) -> Result<(), TooDeep> {
        let next = self.target.get(self.stack.len()).copied();
        let is_missing = |slot: &Slot| self.have(*slot) < self.want(*slot);
        let slot = next.filter(is_missing).or_else(|| self.target.iter().copied().find(is_missing));
        let Some(slot) = slot else { return Err(TooDeep(self.stack.clone())) };
        let depth = self.stack.iter().rposition(|item| *item == slot).map(|at| self.stack.len() - at);
        // What is out of reach may still be made anew, or else names itself as too deep then.
        self.steps.push(match depth {
            Some(depth) if depth <= 16 && slot != Slot::Temp => Step::Dup(depth),
            _ => Step::Make(slot),
        });
        self.stack.push(slot);
        Ok(())
    }

    fn swap(&mut self, position: usize) -> Result<(), TooDeep> {
        let last = self.stack.len() - 1;
        let depth = last - position;
        if depth > 16 {
            let deep = self.stack.iter().take(position + 1).chain(self.target.get(position)).copied();
            return Err(TooDeep(deep.collect()));
        }
        self.stack.swap(position, last);
        self.steps.push(Step::Swap(depth));
        Ok(())
    }
}
