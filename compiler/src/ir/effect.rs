//! Says which address spaces an operation reads and writes.

use std::ops::BitOr;

/// Is a set of address spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spaces(u8);

impl Spaces {
    /// No space.
    pub const NONE: Self = Self(0);
    /// The contract's storage.
    pub const STORAGE: Self = Self(1);
    /// The contract's transient storage.
    pub const TRANSIENT: Self = Self(2);
    /// The frame's memory.
    pub const MEMORY: Self = Self(4);
    /// The data returned by the last external call.
    pub const RETURNDATA: Self = Self(8);
    /// Everything outside the frame: balances, other accounts, logs, the ledger, gas.
    pub const WORLD: Self = Self(16);
    /// The frame's control: an operation that writes it may not return.
    pub const CONTROL: Self = Self(32);
    /// Every space.
    pub const ALL: Self = Self(63);

    /// Is true when no space is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Is true when the sets share a space.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
    /// Is true when every space of `other` is in the set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// Joins two sets.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Returns the set without the spaces of `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Spaces {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

/// Says what an operation reads and writes. Calldata and code never change, so reading them is no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effects {
    /// The spaces whose contents the results (or the writes) depend on.
    pub reads: Spaces,
    /// The spaces whose contents change.
    pub writes: Spaces,
}

impl Effects {
    /// The effects of a pure operation.
    pub const PURE: Self = Self { reads: Spaces::NONE, writes: Spaces::NONE };
    /// The effects of an operation about which nothing is known.
    pub const ANY: Self = Self { reads: Spaces::ALL, writes: Spaces::ALL };

    /// Makes an operation's effects.
    pub const fn new(reads: Spaces, writes: Spaces) -> Self {
        Self { reads, writes }
    }
    /// Is true when the operation depends on its operands only and changes nothing.
    pub const fn is_pure(self) -> bool {
        self.reads.is_empty() && self.writes.is_empty()
    }
    /// Is true when the operation may be dropped if its results are not used.
    pub const fn is_removable(self) -> bool {
        self.writes.is_empty()
    }
    /// Is true when the two operations may change places.
    pub const fn commutes_with(self, other: Self) -> bool {
        let stops = self.writes.intersects(Spaces::CONTROL) && !other.writes.is_empty()
            || other.writes.intersects(Spaces::CONTROL) && !self.writes.is_empty();
        !stops
            && !self.writes.intersects(other.writes)
            && !self.writes.intersects(other.reads)
            && !self.reads.intersects(other.writes)
    }
    /// Joins the effects of two operations.
    pub const fn union(self, other: Self) -> Self {
        Self { reads: self.reads.union(other.reads), writes: self.writes.union(other.writes) }
    }
}
