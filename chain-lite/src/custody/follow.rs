//! Does what each new block of the chain asks of a custodian: registering, key generation and re-sharing.

use super::{
    agent::Custodian,
    chain::{Chain, Reader},
    error::CustodyError,
    protocol::Play,
    sender::is_turn,
    shards::ShardError,
};
use alloy_primitives::{Address, U256};
use fusor_custody::store::{Files, StoreError};
use fusor_vm::{
    dcrm::{self, Group, GroupState, State, Vault},
    precompile::ICustody,
};
use std::collections::BTreeMap;

impl<F: Files> Custodian<F> {
    /// Does what a new block asks for beside vaults.
    pub(super) fn follow(&mut self, chain: &dyn Chain) -> Result<(), CustodyError> {
        self.sender.follow(chain, &self.keys)?;
        self.register(chain)?;
        self.learn_nodes(chain)
    }

    /// Registers the custodian once its account holds the bond.
    fn register(&mut self, chain: &dyn Chain) -> Result<(), CustodyError> {
        let me = self.keys.operator();
        let known = dcrm::Custodian::load(&mut Reader::new(chain)?, me)?.is_some();
        let (_, balance) = chain.account(me)?;
        let Some(encryption) = self.keys.encryption() else { return Ok(()) };
        if known || self.config.bond.is_zero() || balance <= self.config.bond {
            return Ok(());
        }
        let call = ICustody::registerCall {
            node: self.node,
            encryption: encryption.to_vec().into(),
            owner: dcrm::name(&self.config.owner),
            provider: dcrm::name(&self.config.provider),
            region: dcrm::name(&self.config.region),
        };
        self.sender.call(chain, &self.keys, self.config.bond, &call)?;
        Ok(())
    }

    fn learn_nodes(&mut self, chain: &dyn Chain) -> Result<(), CustodyError> {
        let mut reader = Reader::new(chain)?;
        let mut nodes = BTreeMap::new();
        for operator in dcrm::operators(&mut reader)? {
            if let Some(one) = dcrm::Custodian::load(&mut reader, operator)? {
                nodes.insert(operator, one.node);
            }
        }
        self.nodes = nodes;
        Ok(())
    }

    /// Does what a new block asks for a vault; `group` holds its key, if this custodian is a member.
    pub(super) fn follow_vault(
        &mut self,
        chain: &dyn Chain,
        vault: &Vault,
        group: Option<&Group>,
    ) -> Result<(), CustodyError> {
        if let Some(group) = group {
            self.hold(chain, vault, group)?;
        } else if let Some(seat) = self.seats.get_mut(&vault.number) {
            seat.shards.leave();
        }
        if !vault.keyed() && vault.next == 0 {
            self.begin_anew(chain, vault)?;
        }
        if let Some(next) = Group::load(&mut Reader::new(chain)?, vault.next)? {
            self.make(chain, vault, &next)?;
        }
        if let Some(group) = group {
            self.say_ready(chain, vault, group)?;
            self.renew(chain, vault, group)?;
        }
        Ok(())
    }

    fn play<'a>(&'a mut self, chain: &'a dyn Chain, group: &'a Group) -> Play<'a> {
        Play { chain, notes: self.notes.as_ref(), keys: &self.keys, sender: &mut self.sender, group }
    }

    /// Uses the shard of the group that holds a vault. A member that was away when the group took over makes its share
    /// now, from what was posted.
    fn hold(&mut self, chain: &dyn Chain, vault: &Vault, group: &Group) -> Result<(), CustodyError> {
        match self.seat(vault.number)?.shards.follow(chain, group) {
            Err(ShardError::Store(StoreError::Missing(_))) => {}
            followed => return Ok(followed?),
        }
        if self.make_share(chain, vault, group)? {
            self.seat(vault.number)?.shards.follow(chain, group)?;
        }
        Ok(())
    }

    /// Makes and stores this member's share of a finished group from what was posted; says whether it could.
    fn make_share(&mut self, chain: &dyn Chain, vault: &Vault, group: &Group) -> Result<bool, CustodyError> {
        let Some(share) = self.play(chain, group).share()? else {
            tracing::warn!(group = group.number, "no share of this group can be made");
            return Ok(false);
        };
        self.seat(vault.number)?.shards.put(chain, group, &share)?;
        Ok(true)
    }

    /// Plays the making of a group's key.
    fn make(&mut self, chain: &dyn Chain, vault: &Vault, next: &Group) -> Result<(), CustodyError> {
        let share = self.seats.get(&vault.number).and_then(|seat| seat.shards.share());
        match (next.state, next.previous) {
            (GroupState::Making, 0) => self.play(chain, next).generate()?,
            (GroupState::Making, _) => self.play(chain, next).take_over(share.as_ref())?,
            (GroupState::Made, _) => self.say_ready(chain, vault, next)?,
            _ => {}
        }
        Ok(())
    }

    /// Says that this member holds its share of a finished group, once it does.
    fn say_ready(&mut self, chain: &dyn Chain, vault: &Vault, group: &Group) -> Result<(), CustodyError> {
        if !self.play(chain, group).owes_ready() {
            return Ok(());
        }
        let held = match group.number == vault.group {
            true => self.seats.get(&vault.number).is_some_and(|seat| seat.shards.holds(group.number)),
            false => self.make_share(chain, vault, group)?,
        };
        if held {
            let call = ICustody::readyCall { group: group.number };
            self.sender.call(chain, &self.keys, U256::ZERO, &call)?;
        }
        Ok(())
    }

    /// Asks for another group where a vault's first one did not come about, each custodian in turn.
    fn begin_anew(&mut self, chain: &dyn Chain, vault: &Vault) -> Result<(), CustodyError> {
        let operators = dcrm::operators(&mut Reader::new(chain)?)?;
        self.regroup(chain, vault, &operators)
    }

    /// Asks for new shares when they are due, each member in turn.
    fn renew(&mut self, chain: &dyn Chain, vault: &Vault, group: &Group) -> Result<(), CustodyError> {
        let mut reader = Reader::new(chain)?;
        let rules = dcrm::Rules::load(&mut reader)?;
        let due = chain.height()?.saturating_sub(vault.renewed) >= u64::from(rules.renew);
        let free = vault.next == 0 && vault.state != State::Retiring;
        match free && (due || dcrm::bereft(&mut reader, vault)?) {
            true => self.regroup(chain, vault, &group.members),
            false => Ok(()),
        }
    }

    /// Asks for another group if it is this custodian's turn among some.
    fn regroup(&mut self, chain: &dyn Chain, vault: &Vault, some: &[Address]) -> Result<(), CustodyError> {
        if is_turn(some, self.keys.operator(), chain.height()? / 2) {
            let call = ICustody::regroupCall { vault: vault.number };
            self.sender.call(chain, &self.keys, U256::ZERO, &call)?;
        }
        Ok(())
    }
}
