//! Is what a genesis file says: a genesis, and where every coin of it comes from.
//!
//! Each allocation is kept as in double entry: its amount is what its stakes and accounts draw from it plus the rest,
//! and all amounts make the total. So a coin that is changed in one place alone is found.

use super::{
    Broken, CAP, Problem,
    check::{self, Stage},
    keys::PublicKeys,
    read, write,
};
use crate::{
    genesis::{Account, Consensus, Genesis},
    hhcm::Randomness,
};
use alloy_primitives::{Address, B256, U256};
use fusor_vm::hhcm::{self, Founder};
use std::collections::BTreeMap;
use thiserror::Error;

/// Holds what a genesis file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenesisFile {
    /// The chain's settings; its accounts and consensus are empty here and stand below.
    pub(super) chain: Genesis,
    /// Wei of the whole chain.
    pub total: U256,
    /// Who is given how much of the total.
    pub allocations: Vec<Allocation>,
    /// Who makes blocks; none for a chain of one node.
    pub consensus: Option<Founding>,
    /// Accounts with an origin for each balance.
    pub accounts: BTreeMap<Address, Funded>,
}

/// Is a named part of the total.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allocation {
    /// Its name; `team` is bounded to a tenth of the total.
    pub name: String,
    /// All its wei.
    pub amount: U256,
    /// What is left of it when stakes and accounts have drawn from it, in wei.
    pub rest: U256,
    /// Who gets the rest.
    pub to: Target,
}

/// Says who gets the rest of an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Target {
    /// The pool that pays block rewards.
    #[default]
    Pool,
    /// An account.
    Account(Address),
}

/// Describes who makes blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// Where seeds come from.
    pub randomness: Randomness,
    /// The rules of stake, groups, work and rewards; the chain's id in it does not count, the chain's own does.
    pub params: hhcm::Params,
    /// The validators of the first epoch.
    pub validators: Vec<Member>,
}

/// Is a validator of the first epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The node's public keys.
    pub keys: PublicKeys,
    /// Who may unbond the stake.
    pub owner: Address,
    /// Who is paid its rewards.
    pub payout: Address,
    /// Its stake in wei.
    pub stake: U256,
    /// The allocation that the stake comes from.
    pub from: String,
}

/// Is an account that exists from the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Funded {
    /// Its balance, nonce, code and storage.
    pub account: Account,
    /// The allocation that the balance comes from; empty if there is none.
    pub from: String,
}

/// Says why a genesis does not become a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FromGenesisError {
    /// A validator's proof is not known.
    #[error("validator {0} has no proof that its beacon key is held")]
    NoProof(B256),
    /// The sums overflow.
    #[error("the coins of this genesis exceed 2^256 wei")]
    TooLarge,
}

impl Default for Founding {
    fn default() -> Self {
        Self { randomness: Randomness::Beacon, params: hhcm::Params::default(), validators: Vec::new() }
    }
}

impl Default for Member {
    fn default() -> Self {
        Self {
            keys: PublicKeys { node: B256::ZERO, beacon: [0; 48], proof: [0; 96] },
            owner: Address::ZERO,
            payout: Address::ZERO,
            stake: U256::ZERO,
            from: String::new(),
        }
    }
}

impl Default for GenesisFile {
    /// Describes a chain of one node without any coin.
    fn default() -> Self {
        let chain = Genesis { dev: false, time_step_max: Some(3_600), ..Genesis::default() };
        Self { chain, total: U256::ZERO, allocations: Vec::new(), consensus: None, accounts: BTreeMap::new() }
    }
}

impl GenesisFile {
    /// Starts a file with a chain's settings; accounts and consensus of `chain` are dropped.
    pub fn over(chain: Genesis) -> Self {
        let chain = Genesis { accounts: BTreeMap::new(), consensus: None, ..chain };
        Self { chain, ..Self::default() }
    }

    /// Starts a file with the economics of whitepaper 6.3.2: all 81.92 million coins; a tenth for the team, half for
    /// the ecosystem, from which stakes come, and what remains for node rewards.
    pub fn economics(chain: Genesis, team: Address, ecosystem: Address) -> Self {
        let part = |name: &str, tenths: u64, to| {
            let amount = CAP / U256::from(10) * U256::from(tenths);
            Allocation { name: name.into(), amount, rest: amount, to }
        };
        let allocations = vec![
            part("team", 1, Target::Account(team)),
            part("rewards", 4, Target::Pool),
            part("ecosystem", 5, Target::Account(ecosystem)),
        ];
        Self { total: CAP, allocations, consensus: Some(Founding::default()), ..Self::over(chain) }
    }

    /// Returns the chain's settings, without accounts and consensus.
    pub fn chain(&self) -> &Genesis {
        &self.chain
    }

    /// Reads a file. Errors: every problem that it has, with its place.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        read::read(text, Stage::Whole)
    }

    /// Reads a file that may still lack its validators. Errors: every other problem that it has, with its place.
    pub fn read_draft(text: &str) -> Result<Self, Vec<Problem>> {
        read::read(text, Stage::Draft)
    }

    /// Writes the file; equal files are written equally, byte by byte.
    pub fn write(&self) -> String {
        write::write(self)
    }

    /// Checks every rule. Errors: all that are broken.
    pub fn check(&self) -> Result<(), Vec<Broken>> {
        check::check(self, Stage::Whole)
    }

    /// Checks every rule but that there are validators. Errors: all that are broken.
    pub fn check_draft(&self) -> Result<(), Vec<Broken>> {
        check::check(self, Stage::Draft)
    }

    /// Adds a validator whose stake leaves the rest of the allocation `member.from`. Errors: all rules that the file
    /// breaks with it; it is then as before.
    pub fn add(&mut self, member: Member) -> Result<(), Vec<Broken>> {
        self.add_all(vec![member])
    }

    /// Adds validators as [`Self::add`] does, and checks once.
    pub fn add_all(&mut self, members: Vec<Member>) -> Result<(), Vec<Broken>> {
        let mut next = self.clone();
        for member in members {
            next.draw(&member).map_err(|broken| vec![broken])?;
            next.consensus.get_or_insert_default().validators.push(member);
        }
        next.check_draft()?;
        *self = next;
        Ok(())
    }

    /// Takes a stake out of the rest of its allocation.
    fn draw(&mut self, member: &Member) -> Result<(), Broken> {
        match self.allocations.iter_mut().find(|part| part.name == member.from) {
            None => Err(check::unknown_allocation("from", &member.from, &self.allocations)),
            Some(part) => {
                let rest = part.rest.checked_sub(member.stake);
                part.rest = rest.ok_or_else(|| check::overdrawn(member, part))?;
                Ok(())
            }
        }
    }

    /// Returns the genesis. Errors: all rules that the file breaks.
    pub fn into_genesis(self) -> Result<Genesis, Vec<Broken>> {
        self.check()?;
        let pool = self.pool();
        let mut accounts: BTreeMap<Address, Account> = BTreeMap::new();
        accounts.extend(self.accounts.into_iter().map(|(address, funded)| (address, funded.account)));
        for part in &self.allocations {
            if let Target::Account(to) = part.to
                && !part.rest.is_zero()
            {
                let balance = &mut accounts.entry(to).or_default().balance;
                *balance = balance.saturating_add(part.rest);
            }
        }
        let chain_id = self.chain.chain_id;
        let consensus = self.consensus.map(|founding| Consensus {
            params: hhcm::Params { chain_id, ..founding.params },
            randomness: founding.randomness,
            validators: founding.validators.iter().map(Member::founder).collect(),
            pool,
        });
        Ok(Genesis { accounts, consensus, ..self.chain })
    }

    /// Describes a genesis by one allocation, `genesis`, of all its coins. `keys` proves that validators hold their
    /// beacon keys. Errors: a validator without a proof; coins past 256 bits.
    pub fn from_genesis(genesis: &Genesis, keys: &[PublicKeys]) -> Result<Self, FromGenesisError> {
        const NAME: &str = "genesis";
        let fund = |(address, account): (&Address, &Account)| {
            let from = if account.balance.is_zero() { String::new() } else { NAME.to_string() };
            (*address, Funded { account: account.clone(), from })
        };
        let accounts: BTreeMap<_, _> = genesis.accounts.iter().map(fund).collect();
        let consensus = genesis.consensus.as_ref().map(|from| founding(from, keys, NAME)).transpose()?;
        let rest = genesis.consensus.as_ref().map_or(U256::ZERO, |consensus| consensus.pool);
        let stakes = consensus.iter().flat_map(|founding| &founding.validators).map(|member| member.stake);
        let balances = genesis.accounts.values().map(|account| account.balance);
        let total = stakes.chain(balances).try_fold(rest, |sum: U256, wei| sum.checked_add(wei));
        let total = total.ok_or(FromGenesisError::TooLarge)?;
        let all = Allocation { name: NAME.into(), amount: total, rest, to: Target::Pool };
        Ok(Self { total, allocations: vec![all], consensus, accounts, ..Self::over(genesis.clone()) })
    }
}

fn founding(from: &Consensus, keys: &[PublicKeys], name: &str) -> Result<Founding, FromGenesisError> {
    let member = |founder: &Founder| {
        let known = keys.iter().find(|keys| keys.node == founder.key && keys.beacon == founder.beacon);
        let keys = *known.ok_or(FromGenesisError::NoProof(founder.key))?;
        let Founder { owner, payout, stake, .. } = *founder;
        Ok(Member { keys, owner, payout, stake, from: name.to_string() })
    };
    let validators = from.validators.iter().map(member).collect::<Result<_, _>>()?;
    // Written from the chain's own id, so that equal files are equal.
    let params = hhcm::Params { chain_id: hhcm::Params::default().chain_id, ..from.params };
    Ok(Founding { randomness: from.randomness, params, validators })
}

impl Member {
    fn founder(&self) -> Founder {
        let PublicKeys { node: key, beacon, .. } = self.keys;
        Founder { key, beacon, owner: self.owner, payout: self.payout, stake: self.stake }
    }
}
