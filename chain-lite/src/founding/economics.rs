//! Adds up where the coins of a genesis file go.

use super::file::{GenesisFile, Target};
use alloy_primitives::U256;

/// Is what is drawn from an allocation, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drawn {
    /// By validators' stakes.
    pub stakes: U256,
    /// By accounts' balances.
    pub accounts: U256,
}

impl Drawn {
    /// Returns both together.
    pub fn all(self) -> U256 {
        self.stakes.saturating_add(self.accounts)
    }
}

impl GenesisFile {
    /// Returns what stakes and accounts draw from the allocation `name`.
    pub fn drawn(&self, name: &str) -> Drawn {
        let members = self.consensus.iter().flat_map(|founding| &founding.validators);
        let accounts = self.accounts.values().filter(|funded| funded.from == name);
        Drawn {
            stakes: sum_of(members.filter(|member| member.from == name).map(|member| member.stake)),
            accounts: sum_of(accounts.map(|funded| funded.account.balance)),
        }
    }

    /// Returns the wei of all stakes.
    pub fn staked(&self) -> U256 {
        sum_of(self.consensus.iter().flat_map(|founding| &founding.validators).map(|member| member.stake))
    }

    /// Returns the wei of the pool that pays block rewards.
    pub fn pool(&self) -> U256 {
        sum_of(self.allocations.iter().filter(|part| part.to == Target::Pool).map(|part| part.rest))
    }
}

/// Adds up; what exceeds 256 bits is far above the cap and stays there.
pub(super) fn sum_of(amounts: impl Iterator<Item = U256>) -> U256 {
    amounts.fold(U256::ZERO, U256::saturating_add)
}
