//! Tells how a node stands: the round it works on, who is in which group, and what it has heard.

use super::shared::Node;
use crate::ledger::LedgerError;
use alloy_primitives::{Address, B256};
use fusor_vm::hhcm;

/// Is how a node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Height of the last final block here.
    pub height: u64,
    /// Hash of that block.
    pub head: B256,
    /// Height of the highest final block that the node knows of.
    pub highest: u64,
    /// Epoch of the next block.
    pub epoch: u64,
    /// Blocks of an epoch.
    pub epoch_length: u64,
    /// Number of groups, X.
    pub groups: u32,
    /// Seed of the next block.
    pub seed: B256,
    /// How far the committee's key is by which seeds are signed.
    pub beacon: hhcm::Beacon,
    /// How many dealings make the key, and how many members' parts a signature.
    pub quorum: usize,
    /// Whether this node has a share of the key.
    pub share: bool,
    /// Time of the next block in seconds.
    pub time: u64,
    /// This node's key.
    pub me: B256,
    /// This node's group; none for one that is not of the committee.
    pub group: Option<u32>,
    /// Offers heard for the next block.
    pub offers: usize,
    /// Transactions of the pool that can run, and that wait for others.
    pub pool: (usize, usize),
}

/// Is a group in the round of the next block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupStatus {
    /// Its number.
    pub group: u32,
    /// Who represents it; none where nobody was elected.
    pub representative: Option<B256>,
    /// Members of the committee in it.
    pub members: Vec<B256>,
    /// Transactions of its package; none if that was not heard yet.
    pub package: Option<usize>,
}

/// Is a member of the committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    /// The node's key.
    pub key: B256,
    /// Who bonded the stake.
    pub owner: Address,
    /// Who is paid.
    pub payout: Address,
    /// Wei bonded and delegated, as it stands now.
    pub stake: u128,
    /// Units of weight in the epoch's elections.
    pub weight: u64,
    /// The group it represents in the round of the next block.
    pub represents: Option<u32>,
}

impl Node {
    /// Tells how the node stands. Errors: a state that contradicts itself.
    pub fn status(&self) -> Result<Status, LedgerError> {
        let me = self.keys().id();
        let mut status = self.ledger(|ledger| {
            let (head, height) = (ledger.head(), ledger.height());
            let round = ledger.round(head)?;
            let guerrilla = ledger.ask(|store| hhcm::guerrilla_for(store, round.height))?;
            let epoch_length = ledger.consensus().params.epoch_length.max(2);
            let group = round
                .member(me)
                .map(|member| hhcm::group_of_member(member.key, round.seed, round.x, guerrilla));
            Ok::<_, LedgerError>(Status {
                height,
                head,
                highest: self.highest().max(height),
                epoch: round.height / epoch_length,
                epoch_length,
                groups: round.x,
                seed: round.seed,
                beacon: round.beacon,
                quorum: ledger.ceremony(&round).map_or(0, |ceremony| ceremony.quorum()),
                share: false,
                time: round.time,
                me,
                group,
                offers: 0,
                pool: (0, 0),
            })
        })?;
        status.share = self.holds_share(&status.beacon);
        status.offers = self.book(|book| book.offers(status.height.saturating_add(1), status.head).len());
        status.pool = self.pool(|pool| pool.status());
        Ok(status)
    }

    /// Lists the groups of the next block's round. Errors: a state that contradicts itself.
    pub fn groups(&self) -> Result<Vec<GroupStatus>, LedgerError> {
        let (round, guerrilla) = self.ledger(|ledger| {
            let round = ledger.round(ledger.head())?;
            let guerrilla = ledger.ask(|store| hhcm::guerrilla_for(store, round.height))?;
            Ok::<_, LedgerError>((round, guerrilla))
        })?;
        let packages = self.packages_at_hand(&round);
        let rows = (0..round.x).zip(packages).map(|(group, package)| {
            let of = |key| hhcm::group_of_member(key, round.seed, round.x, guerrilla);
            GroupStatus {
                group,
                representative: round.representative(group).map(|member| member.key),
                members: round.members.iter().map(|m| m.key).filter(|key| of(*key) == group).collect(),
                package: package.map(|package| package.transactions.len()),
            }
        });
        Ok(rows.collect())
    }

    /// Lists the committee of the next block's epoch. Errors: a state that contradicts itself.
    pub fn validators(&self) -> Result<Vec<Validator>, LedgerError> {
        self.ledger(|ledger| {
            let round = ledger.round(ledger.head())?;
            let stakes = ledger.ask(|store| {
                let of = |member: &hhcm::Member| hhcm::Validator::load(store, member.key);
                round.members.iter().map(of).collect::<Result<Vec<_>, _>>()
            })?;
            let rows = round.members.iter().zip(stakes).map(|(member, stake)| Validator {
                key: member.key,
                owner: member.owner,
                payout: member.payout,
                stake: stake.map_or(0, |validator| validator.stake),
                weight: member.weight,
                represents: round.represents(member.key),
            });
            Ok(rows.collect())
        })
    }
}
